"""validate: every check has a list that just passes and one that just fails; all judged in one run."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import pytest
from intake_frames import judge, land
from intake_messages import Message, diagnosis, item, message, procedure

from drg.validate.checks import CHECKS

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

R, W, OK = "R", "W", ""
Case = tuple[str, str, Message]


def head(**values: str) -> Message:
    return message(**values)


def dx(*rows: dict[str, str], **values: str) -> Message:
    return {**message(**values), "diseinfo": list(rows)}


def op(*rows: dict[str, str], **values: str) -> Message:
    return {**message(**values), "oprninfo": list(rows)}


def icu(*stays: tuple[str, str, str], ward: str = "4") -> Message:
    """Rows of icuinfo as (entry, exit, duration); the stay lasts from 30 December to 5 January."""
    names = ("scs_cutd_inpool_time", "scs_cutd_exit_time", "scs_cutd_sum_dura")
    rows = [{"scs_cutd_ward_type": ward, **dict(zip(names, stay, strict=True))} for stay in stays]
    return {**message(), "icuinfo": rows}


def fees(*rows: dict[str, str], **values: str) -> Message:
    return {**message(**values), "iteminfo": list(rows)}


def paid(*rows: tuple[str, str], **values: str) -> Message:
    return {**message(**values), "payinfo": [{"fund_pay_type": kind, "fund_payamt": amount} for kind, amount in rows]}


def infant(days: str, **values: str) -> Message:
    born = {"0": "2024-12-30", "28": "2024-12-02", "29": "2024-12-01", "365": "2023-12-31"}.get(days, "2024-12-30")
    return message(**{"age": "0", "age_days": days, "brdy": born, "nwb_bir_wt": "3200", "nwb_adm_wt": "3200", **values})


K80, I10 = diagnosis("K80.101", main="1"), diagnosis("I10.x00x002")
SHARE = ("310100", "560.00"), ("330100", "20.00"), ("320100", "10.00"), ("610100", "10.00")

CASES: list[Case] = [
    ("ID01", OK, head(setl_id="A" * 30)),
    ("ID01", R, head(setl_id="A" * 31)),
    ("ID01", R, head(setl_id="A B")),
    ("ID01", R, head(setl_id="")),
    ("ID05", R, head(mdtrt_id=" ")),
    ("ID05", R, head(psn_no="")),
    ("ID06", R, head(fixmedins_code="H5101000001")),
    ("ID06", R, head(fixmedins_code="H51010000009")),
    ("ID06", R, head(fixmedins_code="H51010000002")),
    ("ID07", OK, head()),
    ("ID07", W, head(fixmedins_code="H51030000003")),
    ("ID08", OK, head(insu_admdvs="510399")),
    ("ID08", OK, head(insu_admdvs="519900")),
    ("ID08", R, head(insu_admdvs="500112")),
    ("ID08", R, head(insu_admdvs="5101")),
    ("ID09", OK, dx(K80, I10, gend="2")),
    ("ID09", R, head(gend="9")),
    ("ID09", R, head(gend="0")),
    ("ID10", OK, head(dscg_way="9")),
    ("ID10", R, head(dscg_way="6")),
    ("ID11", OK, paid(("390100", "600.00"), insutype="390")),
    ("ID11", R, head(insutype="340")),
    ("ID12", OK, head(med_type="52")),
    ("ID12", R, head(med_type="11")),
    ("ID22", R, head(vali_flag="0")),
    ("ID22", R, head(stas_type="0")),
    ("ID22", OK, head(stas_type="")),
    ("ID25", W, head(diag_code_cnt="3")),
    ("ID25", W, head(oprn_oprt_code_cnt="1")),
    ("DT01", R, head(adm_time="")),
    ("DT01", R, head(dscg_time="2025-01-32 10:00:00")),
    ("DT01", OK, head(adm_time="2024-12-30")),
    ("DT02", OK, head(adm_time="2025-01-05 10:00:00", act_ipt_days="1")),
    ("DT02", R, head(adm_time="2025-01-05 10:00:01", act_ipt_days="1")),
    ("DT03", R, head(brdy="1900-01-01")),
    ("DT03", OK, head(brdy="1970-01-01", age="54")),
    ("DT03", R, head(adm_time="1970-01-01 00:00:00")),
    ("DT04", OK, head(dcla_time="2025-01-29 08:00:00")),
    ("DT04", R, head(dcla_time="2025-01-29 08:00:01")),
    ("DT05", OK, head(act_ipt_days="6")),
    ("DT05", W, head(act_ipt_days="7")),
    ("DT05", R, head(act_ipt_days="8")),
    ("DT05", W, head(act_ipt_days="")),
    ("DT05", OK, head(adm_time="2025-01-05 09:00:00", act_ipt_days="1")),
    ("DT09", R, head(setl_time="")),
    ("DT09", R, head(setl_time="2025-02-01 00:00:00")),
    ("DT09", W, head(setl_time="2025-01-04 23:59:59")),
    ("DT10", R, head(dcla_time="")),
    ("DT10", OK, head(dcla_time="2025-01-05 11:00:00")),
    ("DT10", W, head(dcla_time="2025-01-05 10:59:59")),
    ("DT11", OK, infant("0")),
    ("DT11", R, head(brdy="2024-12-31")),
    ("DT11", W, head(brdy="")),
    ("DT12", OK, head(age="45")),
    ("DT12", W, head(age="46")),
    ("DT13", OK, infant("365")),
    ("DT13", R, infant("366")),
    ("DT13", R, infant("")),
    ("DT13", R, head(age="")),
    ("DT13", R, head(age="5天")),
    ("DT13", OK, infant("0", age="")),
    ("DT14", OK, infant("1")),
    ("DT14", W, infant("2")),
    ("DT15", OK, head(age="120")),
    ("DT15", R, head(age="121")),
    ("DX01", R, dx()),
    ("DX01", R, dx(diagnosis("K80.101", main="1", kind="2"))),
    ("DX02", OK, dx(K80, {**I10, "maindiag_flag": "O"})),
    ("DX02", R, dx(K80, {**I10, "maindiag_flag": "1"})),
    ("DX02", R, dx(I10)),
    ("DX05", OK, dx(K80)),
    ("DX05", W, dx(diagnosis("k80.101 ", main="1"))),
    ("DX05", W, dx(K80, diagnosis("I10.X00X002"))),
    ("DX05", R, dx(diagnosis("肺炎", main="1"))),
    ("DX05", R, dx(diagnosis("", main="1"))),
    ("DX06", R, dx(diagnosis("K80.199", main="1"))),
    ("DX06", W, dx(K80, diagnosis("K80.199"))),
    ("DX06", W, dx(K80, diagnosis("肺炎"))),
    ("DX08", OK, dx(K80, I10)),
    ("DX08", W, dx(K80, I10, I10)),
    ("DX08", W, dx(K80, diagnosis("K80.101"))),
    ("DX09", W, dx(diagnosis("R52.900", main="1"))),
    ("DX09", OK, dx(K80, diagnosis("R52.900"))),
    ("DX10", W, dx(diagnosis("K80.101", main="1", condition="4"))),
    ("DX10", OK, dx(K80, diagnosis("I10.x00x002", condition="4"))),
    ("DX11", R, dx(diagnosis("W19.x00", main="1"))),
    ("DX11", OK, dx(K80, diagnosis("W19.x00"))),
    ("DX13", R, dx(diagnosis("N80.100", main="1"))),
    ("DX13", OK, dx(diagnosis("N40.x00", main="1"))),
    ("DX13", R, dx(diagnosis("N40.x00", main="1"), gend="2")),
    ("DX13", W, dx(K80, diagnosis("N80.100"))),
    ("DX14", OK, {**infant("28"), "diseinfo": [diagnosis("P07.100", main="1")]}),
    ("DX14", W, {**infant("29"), "diseinfo": [diagnosis("P07.100", main="1")]}),
    ("DX21", R, head(icd_version="clinical-2.0")),
    ("DX21", R, head(icd_version="")),
    ("NB01", R, infant("28", nwb_adm_wt="")),
    ("NB01", OK, infant("29", nwb_adm_wt="")),
    ("NB01", W, infant("28", nwb_bir_wt="")),
    ("NB02", OK, infant("28", nwb_adm_wt="200")),
    ("NB02", R, infant("28", nwb_adm_wt="199")),
    ("NB02", OK, infant("28", nwb_adm_wt="20000")),
    ("NB02", R, infant("28", nwb_adm_wt="20001")),
    ("NB02", R, infant("28", nwb_adm_wt="三千")),
    ("NB02", OK, infant("29", nwb_adm_wt="199")),
    ("NB03", OK, infant("28", nwb_adm_wt="200")),
    ("NB03", W, infant("28", nwb_adm_wt="3.25")),
    ("OP01", OK, op(procedure("51.2300", main="1"))),
    ("OP01", R, op(procedure("51.2399", main="1"))),
    ("OP01", R, op(procedure("", main="1"))),
    ("OP01", W, op(procedure("51.2300", main="1"), procedure("51.2399"))),
    ("OP01", W, op(procedure("00.6600X008", main="1"))),
    ("OP02", OK, op(procedure("51.2300", main="1"), procedure("00.6600x008"))),
    ("OP02", R, op(procedure("51.2300"))),
    ("OP02", R, op(procedure("51.2300", main="1"), procedure("00.6600x008", main="1"))),
    ("OP03", OK, op(procedure("51.2300", main="1", day="2024-12-30"))),
    ("OP03", W, op(procedure("51.2300", main="1", day="2024-12-29"))),
    ("OP03", R, op(procedure("51.2300", main="1", day="2024-12-28"))),
    ("OP03", OK, op(procedure("51.2300", main="1", day="2025-01-05"))),
    ("OP03", W, op(procedure("51.2300", main="1", day="2025-01-06"))),
    ("OP03", R, op(procedure("51.2300", main="1", day="2025-01-07"))),
    ("OP03", W, op(procedure("51.2300", main="1", day=""))),
    ("OP10", R, op(procedure("68.4100", main="1"))),
    ("OP10", OK, op(procedure("60.2900", main="1"))),
    ("OP10", R, op(procedure("60.2900", main="1"), gend="2")),
    ("OP10", W, op(procedure("51.2300", main="1"), procedure("68.4100"))),
    ("IC01", OK, icu(("2025-01-01 08:00:00", "2025-01-01 08:00:00", "0/0/0"))),
    ("IC01", W, icu(("2025-01-01 08:00:01", "2025-01-01 08:00:00", "0/0/0"))),
    ("IC01", W, icu(("", "2025-01-01 08:00:00", "0/1/0"))),
    ("IC01", W, icu(("2025-01-01 08:00:00", "2025-01-32 08:00:00", "0/1/0"))),
    ("IC01", OK, icu(("", "", ""), ward="*")),
    ("IC01", OK, icu(("2025-01-01 08:00:00", "2025-01-01 08:00:00", "0/0/0"), ward="-")),
    ("IC01", W, icu(("", "", ""), ward="7")),
    ("IC02", OK, icu(("2024-12-30 00:00:00", "2025-01-05 23:59:00", "6/23/59"))),
    ("IC02", W, icu(("2024-12-29 23:59:00", "2024-12-30 10:00:00", "0/10/1"))),
    ("IC02", W, icu(("2025-01-05 09:00:00", "2025-01-06 09:00:00", "1/0/0"))),
    ("IC02", R, icu(("2024-12-28 23:59:00", "2024-12-30 10:00:00", "1/10/1"))),
    ("IC02", R, icu(("2025-01-05 09:00:00", "2025-01-07 00:00:00", "1/15/0"))),
    (
        "IC03",
        OK,
        icu(
            ("2025-01-01 08:00:00", "2025-01-01 09:00:00", "0/1/0"),
            ("2025-01-01 09:00:00", "2025-01-01 10:00:00", "0/1/0"),
        ),
    ),
    (
        "IC03",
        W,
        icu(
            ("2025-01-01 08:00:00", "2025-01-01 09:00:01", "0/1/0"),
            ("2025-01-01 09:00:00", "2025-01-01 10:00:00", "0/1/0"),
        ),
    ),
    ("IC04", OK, icu(("2025-01-01 08:00:00", "2025-01-02 08:00:00", "0/23/0"))),
    ("IC04", W, icu(("2025-01-01 08:00:00", "2025-01-02 08:00:00", "0/22/59"))),
    ("IC04", OK, icu(("2025-01-01 08:00:00", "2025-01-02 08:00:00", "1/1/0"))),
    ("IC04", W, icu(("2025-01-01 08:00:00", "2025-01-02 08:00:00", "1/1/1"))),
    ("IC06", OK, icu(("2025-01-01 08:00:00", "2025-01-02 08:00:00", "0/24/00"))),
    ("IC06", W, icu(("2025-01-01 08:00:00", "2025-01-02 09:00:00", "0/25/0"))),
    ("IC06", OK, icu(("2025-01-01 08:00:00", "2025-01-02 09:00:00", "0/24/60"))),
    ("IC06", W, icu(("2025-01-01 08:00:00", "2025-01-02 09:00:00", "0/24/61"))),
    ("IC06", W, icu(("2025-01-01 08:00:00", "2025-01-02 09:00:00", "25小时"))),
    ("IC06", W, icu(("2025-01-01 08:00:00", "2025-01-02 09:00:00", ""))),
    ("MN01", R, head(medfee_sumamt="0.00")),
    ("MN01", R, head(medfee_sumamt="")),
    ("MN02", OK, fees(item("01", "1000.05"))),
    ("MN02", W, fees(item("01", "1000.06"))),
    ("MN02", W, fees(item("01", "1001.00"))),
    ("MN02", R, fees(item("01", "1001.01"))),
    ("MN02", OK, fees(item("01", "1000.00"), item("15", "1000.00"))),
    ("MN04", R, fees(item("01", "500.00"), item("01", "500.00"))),
    ("MN04", R, fees(item("0801", "1000.00"))),
    ("MN05", R, head(acct_payamt="-1.00", cash_payamt="401.00")),
    ("MN05", R, fees(item("01", "1001.00"), item("02", "-1.00"))),
    ("MN06", OK, head(cash_payamt="250.05")),
    ("MN06", W, head(cash_payamt="250.06")),
    ("MN06", W, head(cash_payamt="251.00")),
    ("MN06", R, head(cash_payamt="251.01")),
    ("MN06", R, head(ownpay_hosp_part="10.00", cash_payamt="240.00")),
    ("MN07", W, head(hifmi_pay="1.00")),
    ("MN07", R, head(hifmi_pay="1.01")),
    ("MN08", OK, paid(*SHARE, ("999996", "5.00"))),
    ("MN08", W, paid(*SHARE, ("999997", "5.00"))),
    ("MN10", OK, head(hifp_pay="960.00", fund_pay_sumamt="1000.00", acct_payamt="0", cash_payamt="0")),
    ("MN10", R, head(hifp_pay="960.01", fund_pay_sumamt="1000.01", acct_payamt="0", cash_payamt="0")),
    ("MN11", OK, head(inscp_amt="900.05")),
    ("MN11", W, head(inscp_amt="900.06")),
    ("MN12", OK, head(inscp_amt="560.00")),
    ("MN12", W, head(inscp_amt="559.99")),
    ("MN20", OK, head(medfee_sumamt="5.00")),
    ("MN20", R, head(medfee_sumamt="4.99")),
    ("MN21", R, paid(*SHARE, ("310105", "0.00"))),
    ("MN22", W, paid(*SHARE, ("390100", "0.00"))),
    ("MN23", R, head(hifp_pay="五百")),
    ("MN23", R, head(hifp_pay="5.6E2")),
    ("MN23", R, head(hifp_pay="560.00|1")),
    ("MN23", OK, head(othfund_pay="")),
    ("MN23", R, fees(item("01", ""))),
    ("MN23", OK, head(hifp_pay="560.000")),
    ("MN23", W, head(hifp_pay="560.001")),
    ("MN24", OK, head(medfee_sumamt="10000000.00")),
    ("MN24", R, head(medfee_sumamt="10000000.01")),
]


def numbered() -> list[Message]:
    """The messages of the cases, each a settlement of its own unless its id is what the case is about."""
    messages = []
    for number, (check, _, one) in enumerate(CASES):
        header = dict(one["setlinfo"])
        if check != "ID01":
            header["setl_id"] = f"S{number:04d}"
        if check != "ID25":  # the counts follow what the case draws
            header["diag_code_cnt"] = str(sum(row["diag_type"] == "1" for row in one["diseinfo"]))
            header["oprn_oprt_code_cnt"] = str(len(one["oprninfo"]))
        messages.append({**one, "setlinfo": header})
    return messages


@pytest.fixture(scope="module")
def findings(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    """What each case fails: check id to severity."""
    lists = judge(spark, land(spark, tmp_path_factory.mktemp("checks"), numbered()))
    rows = lists.select("line_number", "findings").collect()
    found = {row["line_number"]: {one[2:]: one[0] for one in row["findings"].split()} for row in rows}
    return [found[number + 1] for number in range(len(CASES))]


@pytest.mark.parametrize("number", range(len(CASES)), ids=[f"{c[0]}-{c[1] or 'ok'}-{i}" for i, c in enumerate(CASES)])
def test_case(findings: list[dict[str, str]], number: int) -> None:
    check, severity, _ = CASES[number]
    assert findings[number].get(check, OK) == severity


def test_a_sound_list_fails_nothing(findings: list[dict[str, str]]) -> None:
    number = next(i for i, (check, severity, _) in enumerate(CASES) if (check, severity) == ("ID07", OK))
    assert findings[number] == {}


def test_every_degree_of_every_check_is_drawn() -> None:
    drawn = defaultdict(set)
    for check, severity, _ in CASES:
        drawn[check].add(severity)
    for check in CHECKS:
        if check.id != "ID04":  # several versions: drawn in test_live and test_tables
            assert (check.reject is None) == (R not in drawn[check.id]), check.id
            assert (check.warn is None) == (W not in drawn[check.id]), check.id


def test_messages_say_what_is_wrong_and_what_to_do() -> None:
    assert len({check.id for check in CHECKS}) == len(CHECKS)
    for check in CHECKS:
        for predicate, text in ((check.reject, check.reject_message), (check.warn, check.warn_message)):
            assert (predicate is None) == (text == ""), check.id
            assert not text or ("；" in text and "%" not in text and "{" not in text), check.id
