"""validate: its tables; every landed record in exactly one of settlement_list and rejected_list."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from intake_frames import judge, land
from intake_messages import (
    ADDRESS,
    CERTNO,
    HOSPITAL,
    NAME,
    PHONE,
    Message,
    diagnosis,
    message,
    procedure,
)

from drg.contracts import contract, discrepancies
from drg.errors import ContractError
from drg.validate.checks import CHECKS
from drg.validate.intake import assert_partition, counts
from drg.validate.outputs import list_flag, rejected_list, settlement_list
from drg.validate.quality import list_quality

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, Row, SparkSession


CHINA = ZoneInfo("Asia/Shanghai")


def icu(setl_id: str, *stays: tuple[str, str], duration: str = "0/10/0") -> Message:
    """Stays in intensive care as (entry, exit) in January 2025, each with the duration that the list states."""
    rows = [
        {
            "scs_cutd_ward_type": "4",
            "scs_cutd_inpool_time": f"2025-01-{entry}",
            "scs_cutd_exit_time": f"2025-01-{exit_}",
            "scs_cutd_sum_dura": duration,
        }
        for entry, exit_ in stays
    ]
    return {**message(setl_id=setl_id), "icuinfo": rows}


SAME_DAY = message(
    setl_id="D", psn_no="PA", mdtrt_id="MA", adm_time="2025-01-05 08:00:00", act_ipt_days="1", insu_admdvs="510399"
)
OPERATED: Message = {
    **message(setl_id="O", oprn_oprt_code_cnt="3", diag_code_cnt="4", medfee_sumamt="1000.50", cash_payamt="250.00"),
    "diseinfo": [
        diagnosis("I10.X00X002"),
        diagnosis("k80.101", main="1"),
        diagnosis("I10.x00x002"),
        diagnosis("张三丰"),
    ],
    "oprninfo": [procedure("00.6600x008"), procedure("51.2300", main="1"), procedure("张三丰")],
    "icuinfo": icu("O", ("01 08:00:00", "01 18:00:00"), ("02 08:00:00", "02 18:00:00"))["icuinfo"],
}

NEWBORN = {
    **icu("N", ("01 08:00:00", "01 18:00:00")),
    "setlinfo": message(
        setl_id="N", age="0", age_days="3", brdy="2024-12-27", nwb_bir_wt="3100", nwb_adm_wt="3.255", insutype="310"
    )["setlinfo"],
}
MESSAGES: list[Message] = [
    message(setl_id="A"),
    message(setl_id="A", dcla_time="2025-01-09 08:00:00", med_type="24"),
    NEWBORN,
    SAME_DAY,
    OPERATED,
    message(setl_id="X", gend="9", dscg_way="7", fixmedins_code=CERTNO),
    message(setl_id="R", init_setl_id="D2", refd_setl_flag="1"),
    icu("I1", ("01 08:00:00", "01 18:30:59")),
    icu("I2", ("03 08:00:00", "03 18:00:30"), ("01 08:00:00", "01 18:00:30")),
    icu("I3", ("01 08:00:00", "01 18:00:00"), ("01 08:00:00", "01 18:00:00"), ("01 17:00:00", "01 20:00:00")),
    icu("I4", ("01 18:00:00", "01 08:00:00"), ("02 08:00:00", "02 09:00:00")),
    message(setl_id="C", gend="9", dscg_way="7"),
    message(setl_id="C", dcla_time="2025-01-19 08:00:00"),
]


@pytest.fixture(scope="module")
def landed(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DataFrame]:
    frame = land(spark, tmp_path_factory.mktemp("tables"), MESSAGES).cache()
    yield frame
    frame.unpersist()


@pytest.fixture(scope="module")
def lists(spark: SparkSession, landed: DataFrame) -> Iterator[DataFrame]:
    frame = judge(spark, landed).cache()
    yield frame
    frame.unpersist()


@pytest.fixture(scope="module")
def fit(lists: DataFrame) -> dict[str, Row]:
    return {row["setl_id"]: row for row in settlement_list(lists).collect()}


@pytest.fixture(scope="module")
def refused(lists: DataFrame) -> dict[tuple[str, int], Row]:
    return {(row["setl_id"], row["line_number"]): row for row in rejected_list(lists, CHECKS).collect()}


def sorted_rows(frame: DataFrame) -> list[Any]:
    return sorted((tuple(row) for row in frame.select(*sorted(frame.columns)).collect()), key=repr)


def test_the_tables_are_as_their_contracts_say(lists: DataFrame) -> None:
    for name, frame in (
        ("settlement_list", settlement_list(lists)),
        ("rejected_list", rejected_list(lists, CHECKS)),
        ("list_flag", list_flag(lists, CHECKS)),
        ("list_quality", list_quality(lists, "v1", "0a1b2c3d")),
    ):
        assert discrepancies(frame.schema, contract(name)) == []


def test_fit_and_refused_are_all_and_never_both(
    fit: dict[str, Row], refused: dict[tuple[str, int], Row], landed: DataFrame
) -> None:
    places = [row["line_number"] for row in fit.values()] + [row["line_number"] for row in refused.values()]
    assert sorted(places) == list(range(1, len(MESSAGES) + 1))


def test_the_amounts_of_a_sound_list(fit: dict[str, Row]) -> None:
    row = fit["A"]
    assert row["med_type"] == "24"  # of the version declared last
    assert row["total_cost"] == Decimal("1000.00")
    assert (row["bed_fee"], row["western_drug_fee"], row["other_fee"]) == (300, 450, 250)
    assert row["surgery_fee"] == 0
    assert row["basic_fund_payment"] == Decimal("560.00")
    assert row["major_illness_payment"] == Decimal("0.00") + Decimal("20.00")  # hifmi + hifob
    assert row["other_fund_payment"] == Decimal("10.00")  # cvlserv, the others are 0
    assert row["assistance_payment"] == Decimal("10.00")
    assert row["fund_payment_total"] == 560 + 20 + 10 + 10
    assert row["patient_payment"] == 150 + 250
    assert row["total_cost"] == row["fund_payment_total"] + row["patient_payment"]


def test_a_tolerated_difference_goes_to_the_patients_part_so_that_the_sum_holds(fit: dict[str, Row]) -> None:
    row = fit["O"]  # stated: 600.00 + 150.00 + 250.00 of 1000.50
    assert row["patient_payment"] == Decimal("1000.50") - Decimal("600.00")


def test_the_stay(fit: dict[str, Row]) -> None:
    assert (fit["A"]["admission_date"], fit["A"]["discharge_date"]) == (date(2024, 12, 30), date(2025, 1, 5))
    assert fit["A"]["los_days"] == 6
    assert fit["D"]["los_days"] == 1  # admitted and discharged on one day
    assert fit["A"]["hospital_level"] == "2"  # the register's level on the day of discharge, not of admission
    assert (fit["A"]["insured_region_code"], fit["D"]["insured_region_code"]) == ("510100", "510300")


@pytest.mark.parametrize(
    ("setl_id", "minutes"),
    [
        ("A", 0),  # no intensive care
        ("N", 10 * 60),
        ("O", 20 * 60),
        ("I1", 10 * 60 + 30),  # whole minutes; the duration of the list says 10 hours
        ("I2", 2 * 10 * 60 + 1),  # two stays add up, seconds included
        ("I3", 12 * 60),  # one stay sent twice, a third that overlaps: from 8 to 20
        ("I4", 60),  # an exit before the entry counts for nothing
    ],
)
def test_minutes_of_intensive_care(fit: dict[str, Row], setl_id: str, minutes: int) -> None:
    assert fit[setl_id]["icu_minutes"] == minutes


def test_a_newborns_weight_in_kilograms_becomes_grams(fit: dict[str, Row]) -> None:
    assert fit["N"]["newborn_weight_g"] == 3255
    assert (fit["N"]["age_years"], fit["N"]["age_days"]) == (0, 3)
    assert (fit["A"]["age_days"], fit["A"]["newborn_weight_g"]) == (None, None)


def test_codes_stand_by_their_part_in_order_once_and_written_right(fit: dict[str, Row]) -> None:
    row = fit["O"]
    assert row["principal_diagnosis"] == "K80.101"
    assert row["other_diagnoses"] == ["I10.x00x002"]
    assert row["principal_procedure"] == "51.2300"
    assert row["other_procedures"] == ["00.6600x008"]
    assert (fit["A"]["principal_procedure"], fit["A"]["other_procedures"]) == (None, [])


def test_a_refusal_names_the_first_check_and_all_of_them(refused: dict[tuple[str, int], Row]) -> None:
    row = refused[("X", 6)]
    assert (row["reason_kind"], row["check_id"], row["field"]) == ("failed_check", "ID06", "fixmedins_code")
    assert row["failed_checks"] == ["ID06", "ID09", "ID10"]
    assert row["hospital_code"] is None  # what stood there does not look like a hospital's code


def test_what_is_not_live_says_why(refused: dict[tuple[str, int], Row]) -> None:
    old = refused[("A", 1)]
    assert (old["reason_kind"], old["check_id"], old["failed_checks"]) == ("superseded", "ID04", ["ID04"])
    orphan = refused[("R", 7)]
    assert (orphan["reason_kind"], orphan["check_id"]) == ("failed_check", "XL07")
    assert "找不到同月的原结算清单" in orphan["message"]


def test_a_version_that_was_refused_says_why_and_when_the_one_that_stands_was_declared(
    refused: dict[tuple[str, int], Row],
) -> None:
    sound, wrong = refused[("A", 1)], refused[("C", 12)]
    assert (sound["returned_for"], sound["replaced_at"].astimezone(CHINA)) == (
        [],
        datetime(2025, 1, 9, 8, tzinfo=CHINA),
    )
    assert (wrong["returned_for"], wrong["replaced_at"].astimezone(CHINA)) == (
        ["ID09", "ID10"],
        datetime(2025, 1, 19, 8, tzinfo=CHINA),
    )
    assert (refused[("X", 6)]["returned_for"], refused[("X", 6)]["replaced_at"]) == (None, None)


def test_the_quality_of_a_hospital_counts_each_record_once(lists: DataFrame) -> None:
    """13 records; X names no hospital. Of the other 12, 10 are live lists, all but the later A and C first versions;
    earlier ones are A, which passes, and C, which does not. R is a reversal without its settlement.
    """
    found = {row["hospital_code"]: row for row in list_quality(lists, "v1", "0a1b2c3d").collect()}
    own, unknown = found[HOSPITAL], found["unknown"]
    names = ("received", "accepted", "returned", "replaced_versions", "duplicates", "taken_back")
    assert [own[name] for name in names] == [12, 9, 1, 2, 0, 0]
    assert [unknown[name] for name in names] == [1, 0, 1, 0, 0, 0]
    assert (own["first_versions"], own["first_passed"]) == (9, 8)
    assert (unknown["first_versions"], unknown["first_passed"], unknown["first_pass_rate"]) == (1, 0, 0)
    # Of O: one code in capitals, one in small letters.
    assert (own["repaired_codes"], unknown["repaired_codes"]) == (2, 0)


def test_findings_of_live_records(lists: DataFrame) -> None:
    found = {(r["setl_id"], r["check_id"]): (r["severity"], r["field"]) for r in list_flag(lists, CHECKS).collect()}
    assert found[("A", "ID04")] == ("W", "dcla_time")
    assert found[("N", "NB03")] == ("W", "nwb_adm_wt")
    assert found[("X", "ID09")] == ("R", "gend")
    assert {check for one, check in found if one == "O"} == {
        "DX03", "DX05", "DX06", "DX08", "OP01", "OP12", "MN02", "MN06", "MN11",
    }  # fmt: skip
    assert [sorted(check for one, check in found if one == name) for name in ("I1", "I2", "I3", "I4")] == [
        [],
        [],
        ["IC03", "IC04"],
        ["IC01", "IC04"],
    ]
    assert all(one != "R" for one, _ in found)  # not live: no findings


def test_no_name_number_or_address_passes(lists: DataFrame) -> None:
    planted = (NAME, CERTNO, PHONE, ADDRESS, "P0001", "M0001")
    for frame in (settlement_list(lists), rejected_list(lists, CHECKS), list_flag(lists, CHECKS)):
        text = repr(frame.collect())
        assert [value for value in planted if value in text] == []


def test_the_key_of_the_hash_is_in_no_plan(spark: SparkSession, landed: DataFrame) -> None:
    secret = b"a-secret-of-its-own"
    plan = judge(spark, landed, secret)._jdf.queryExecution().toString()
    assert secret.decode() not in plan
    assert secret.hex() not in plan


def test_person_and_visit_have_different_keys_and_the_same_person_one(fit: dict[str, Row]) -> None:
    assert fit["A"]["person_key"] == fit["D"]["person_key"] != fit["A"]["mdtrt_key"]
    assert len(fit["A"]["person_key"]) == 64


def test_order_and_partitioning_of_the_input_change_nothing(
    spark: SparkSession, landed: DataFrame, lists: DataFrame
) -> None:
    again = judge(spark, landed.orderBy("row_hash").repartition(3)).cache()
    assert sorted_rows(settlement_list(again)) == sorted_rows(settlement_list(lists))
    assert sorted_rows(rejected_list(again, CHECKS)) == sorted_rows(rejected_list(lists, CHECKS))
    assert sorted_rows(list_flag(again, CHECKS)) == sorted_rows(list_flag(lists, CHECKS))
    again.unpersist()


def test_a_lost_record_stops_the_step(landed: DataFrame, lists: DataFrame) -> None:
    assert_partition(counts(landed), list_quality(lists, "v1", "0a1b2c3d"))
    with pytest.raises(ContractError, match=r"region 510100, month 2025-01: 9 accepted \+ 3 rejected are not the 13"):
        assert_partition(counts(landed), list_quality(lists.where("line_number <> 1"), "v1", "0a1b2c3d"))


def test_the_three_formats_give_the_same_list(
    spark: SparkSession, tmp_path_factory: pytest.TempPathFactory, fit: dict[str, Row]
) -> None:
    root = tmp_path_factory.mktemp("formats")
    records = [
        land(spark, root, [one], kind=kind, name=kind) for kind, one in (("csv", NEWBORN), ("parquet", OPERATED))
    ]
    found = settlement_list(judge(spark, records[0].unionByName(records[1]))).collect()
    place = {"file_name", "line_number", "row_hash"}
    for row in found:
        expected = fit[row["setl_id"]].asDict()
        assert {k: v for k, v in row.asDict().items() if k not in place} == {
            k: v for k, v in expected.items() if k not in place
        }
    assert sorted(row["setl_id"] for row in found) == ["N", "O"]
