"""land and validate as jobs: broken regions say so in one sentence and leave every other region as it was."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from intake_messages import declare, deliver, json_line, message, register
from pyspark.sql import functions as F
from table_files import deliver_tables, tables_of

from drg.contracts import contract
from drg.doors.config import Env, Province, load_env
from drg.doors.tables import Lake
from drg.runner import Outcome, run_steps
from drg.steps import steps_between

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SOUND, BROKEN_FILE, WRONG_COUNT, NOTHING, BAD_REGISTER = "510100", "510300", "510400", "510500", "510600"
TABLES, NAMELESS = "510700", "510800"
REGIONS = (SOUND, BROKEN_FILE, WRONG_COUNT, NOTHING, BAD_REGISTER, TABLES, NAMELESS)
MONTHS = ("2024-12", "2025-01")
NOW = datetime(2025, 2, 1, tzinfo=UTC)
DECEMBER = {
    "adm_time": "2024-12-20 09:00:00",
    "dscg_time": "2024-12-26 10:00:00",
    "setl_time": "2024-12-26 11:00:00",
    "dcla_time": "2024-12-27 08:00:00",
}


def hospital(region: str) -> str:
    return f"H{region}00001"


def deliveries(root: Path) -> None:
    """Two months of seven regions; a late list, a correction and a reversal of December come with January."""
    tables(root)
    nameless(root)
    for region in REGIONS[:-2]:
        own = {"fixmedins_code": hospital(region)}
        register(root, region, (hospital(region),))
        first = [message(setl_id="D1", **DECEMBER, **own), message(setl_id="D2", **DECEMBER, **own)]
        deliver(root, first, region, "2024-12")
        deliver(root, [message(setl_id="J1", **own)], region, "2025-01")
    own = {"fixmedins_code": hospital(SOUND)}
    later = {**DECEMBER, **own, "dcla_time": "2025-01-15 08:00:00"}
    after = [
        message(setl_id="D1", **{**later, "med_type": "24"}),
        message(setl_id="D3", **later),
        message(setl_id="R2", init_setl_id="D2", refd_setl_flag="1", **later),
    ]
    deliver(root, after, SOUND, "2025-01", name="corrections_2024-12")
    whole = json_line(message(fixmedins_code=hospital(BROKEN_FILE)))
    path = root / BROKEN_FILE / "2025-01" / f"{BROKEN_FILE}_2025-01_main.jsonl.gz"
    path.write_bytes(gzip.compress(f"{whole}\n{whole[:300]}".encode()))
    declare(path, "json", 2)
    declare(root / WRONG_COUNT / "2025-01" / f"{WRONG_COUNT}_2025-01_main.jsonl.gz", "json", 9)
    (root / NOTHING / "2025-01" / "delivery.json").unlink()
    text = (root / BAD_REGISTER / "hospital_register.csv").read_text(encoding="utf-8")
    (root / BAD_REGISTER / "hospital_register.csv").write_text(text.replace(",3,", ",5,"), encoding="utf-8")


def tables(root: Path) -> None:
    """A region that hands in the tables of the centre; January holds an increment, and December's files once more."""
    register(root, TABLES, (hospital(TABLES),))
    own = {"fixmedins_code": hospital(TABLES)}
    first = tables_of([message(setl_id="D1", **DECEMBER, **own), message(setl_id="D2", **DECEMBER, **own)])
    deliver_tables(root, first, TABLES, "2024-12")
    deliver_tables(root, first, TABLES, "2025-01", extract="again")
    corrected = {**DECEMBER, **own, "dcla_time": "2025-01-15 08:00:00", "med_type": "24"}
    increment = tables_of([message(setl_id="J1", **own), message(setl_id="D1", **corrected)])
    diagnoses = increment["setl_list_diag_d"]
    diagnoses += [{**diagnoses[0], "setl_id": "NOWHERE"}, {**diagnoses[0], "deleted": "1"}]
    deliver_tables(root, increment, TABLES, "2025-01", ending="parquet", extract="0115")


def nameless(root: Path) -> None:
    """Tables of which January's diagnoses hold one row too many, cut so short that it names no list."""
    register(root, NAMELESS, (hospital(NAMELESS),))
    own = {"fixmedins_code": hospital(NAMELESS)}
    deliver_tables(root, tables_of([message(setl_id="D1", **DECEMBER, **own)]), NAMELESS, "2024-12")
    folder = deliver_tables(root, tables_of([message(setl_id="J1", **own)]), NAMELESS, "2025-01")
    path = folder / "setl_list_diag_d.txt"
    path.write_text(path.read_text(encoding="utf-8") + "J", encoding="utf-8", newline="")
    declare(path, "csv", 3, table="setl_list_diag_d")


def place(tmp_path: Path) -> Env:
    env = load_env("local", tmp_path)
    regions = tuple(region for region in env.province.regions if region.code in REGIONS)
    return replace(env, province=Province(env.province.code, env.province.name, regions))


def run(spark: SparkSession, env: Env, said: list[str]) -> Outcome:
    return run_steps(spark, env, steps_between("land", "validate"), REGIONS, MONTHS, NOW, said.append)


@pytest.fixture(scope="module")
def said() -> list[str]:
    return []


@pytest.fixture(scope="module")
def outcome(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory, said: list[str]) -> tuple[Env, Outcome]:
    env = place(tmp_path_factory.mktemp("jobs"))
    deliveries(env.deliveries)
    (env.data / "secrets").mkdir()
    (env.data / "secrets" / "person_key").write_text("0123456789abcdef", encoding="utf-8")
    return env, run(spark, env, said)


def test_each_fault_is_one_sentence_that_names_region_month_and_file(outcome: tuple[Env, Outcome]) -> None:
    failed = {(step, region, period): reason for step, region, period, reason in outcome[1].failed}
    assert set(failed) == {
        ("land", WRONG_COUNT, "2025-01"),
        ("land", NOTHING, "2025-01"),
        ("land", BAD_REGISTER, "2024-12"),
        ("land", BAD_REGISTER, "2025-01"),
        ("land", NAMELESS, "2025-01"),
    }
    assert failed["land", NAMELESS, "2025-01"] == (
        f"region {NAMELESS}, month 2025-01: file setl_list_diag_d.txt, row 3, cannot be read and names no list of the "
        "delivery, so that one of its lists would lack it; correct the row and deliver again"
    )
    assert (
        "510400_2025-01_main.jsonl.gz holds 1 records, delivery.json says 9" in failed["land", WRONG_COUNT, "2025-01"]
    )
    assert "delivery.json is missing" in failed["land", NOTHING, "2025-01"]
    assert "hospital_register.csv line 2, field hospital_level" in failed["land", BAD_REGISTER, "2025-01"]
    assert all(reason.count("\n") == 0 for reason in failed.values())


def test_what_is_sound_is_landed_whole_and_nothing_else(spark: SparkSession, outcome: tuple[Env, Outcome]) -> None:
    found = Lake(spark, outcome[0]).count_by("landed_list", ["region_code", "delivery_month"])
    assert found == {
        (SOUND, "2024-12"): 2,
        (SOUND, "2025-01"): 1 + 3,
        (BROKEN_FILE, "2024-12"): 2,
        (BROKEN_FILE, "2025-01"): 2,
        (WRONG_COUNT, "2024-12"): 2,
        (NOTHING, "2024-12"): 2,
        (TABLES, "2024-12"): 2,
        (TABLES, "2025-01"): 2 + 2 + 1,
        (NAMELESS, "2024-12"): 1,
    }


def test_a_delivery_touches_the_months_of_its_records(spark: SparkSession, outcome: tuple[Env, Outcome]) -> None:
    log = Lake(spark, outcome[0]).read("run_log").where(f"step = 'land' AND region_code = '{SOUND}'")
    assert {row["period"]: row["touches"] for row in log.collect()} == {
        "2024-12": ["2024-12"],
        "2025-01": ["2024-12", "2025-01"],
    }


def test_december_is_what_both_deliveries_say_of_it(spark: SparkSession, outcome: tuple[Env, Outcome]) -> None:
    lake = Lake(spark, outcome[0])
    unit = {"settlement_month": ["2024-12"], "region_code": [SOUND]}
    fit = lake.read("settlement_list", **unit).collect()
    assert {(row["setl_id"], row["delivery_month"], row["med_type"]) for row in fit} == {
        ("D1", "2025-01", "24"),
        ("D3", "2025-01", "21"),
    }
    refused = lake.read("rejected_list", **unit).collect()
    assert {(row["setl_id"], row["reason_kind"]) for row in refused} == {
        ("D1", "superseded"),
        ("D2", "reversed"),
        ("R2", "reversal"),
    }


def test_lists_from_tables_are_corrected_like_any_and_count_once(
    spark: SparkSession, outcome: tuple[Env, Outcome], said: list[str]
) -> None:
    lake = Lake(spark, outcome[0])
    fit = lake.read("settlement_list", region_code=[TABLES]).collect()
    assert {(row["setl_id"], row["file_name"], row["med_type"]) for row in fit} == {
        ("D1", "setl_list_d_0115.parquet", "24"),
        ("D2", "setl_list_d.txt", "21"),
        ("J1", "setl_list_d_0115.parquet", "21"),
    }
    refused = lake.read("rejected_list", region_code=[TABLES]).collect()
    assert sorted((row["setl_id"], row["file_name"], row["check_id"]) for row in refused) == [
        ("D1", "setl_list_d.txt", "ID04"),
        ("D1", "setl_list_d_again.txt", "ID03"),
        ("D2", "setl_list_d_again.txt", "ID03"),
        ("NOWHERE", "setl_list_diag_d_0115.parquet", "BT06"),
    ]
    about = f"region {TABLES}, month 2025-01: "
    mine = [sentence.removeprefix(about) for sentence in said if sentence.startswith(about)]
    assert "rows of its tables left out of the lists, as they are marked as deleted or not valid: 1" in mine
    assert (
        "file setl_list_d_again.txt has the content of setl_list_d.txt of month 2024-12; its lists come back as "
        "duplicates (ID03) and none counts twice" in mine
    )


def test_half_a_line_is_refused_and_its_neighbour_is_not(spark: SparkSession, outcome: tuple[Env, Outcome]) -> None:
    lake = Lake(spark, outcome[0])
    unit = {"settlement_month": ["2025-01"], "region_code": [BROKEN_FILE]}
    assert lake.read("settlement_list", **unit).count() == 1
    row = lake.read("rejected_list", **unit).head()
    assert row is not None
    assert (row["reason_kind"], row["line_number"], row["setl_id"]) == ("unreadable", 2, None)


def shrunk(spark: SparkSession, lake: Lake) -> None:
    """The last run of December knew a list more of SOUND; one before it two more of TABLES, and said so."""
    counted = lake.read("list_quality", **december(SOUND))
    # Of records that all count once, one more was received and accepted.
    counted = counted.withColumns({name: F.col(name) + 1 for name in ("received", "accepted")})
    lake.replace("list_quality", spark.createDataFrame(counted.collect(), counted.schema), **december(SOUND))
    said = ("2024-12", TABLES, "BT10", TABLES, None, "warn", Decimal(2), Decimal(4), "lists", "少2份")
    found = spark.createDataFrame([said], contract("intake_finding").struct())
    lake.replace("intake_finding", found, **december(TABLES))


def december(region: str) -> dict[str, list[str]]:
    return {"settlement_month": ["2024-12"], "region_code": [region]}


def holding(root: Path) -> Path:
    """A policy of SOUND that holds a month that shrank; the other regions have none."""
    for folder, text in (("national", "name: 国家\n"), (SOUND, "name: 测试\ninherits: national\n")):
        (root / folder).mkdir()
        (root / folder / "region.yaml").write_text(f"code: '{folder}'\n{text}", encoding="utf-8")
    held = "[{check: BT10, degree: hold}], from: 2024-12-01, unit: list, source: s, standing: assumed"
    (root / SOUND / "intake.yaml").write_text(f"validate.degrees:\n- {{value: {held}}}\n", encoding="utf-8")
    return root


def test_run_again_gives_the_same_rows_and_names_the_months_that_shrank(
    spark: SparkSession, outcome: tuple[Env, Outcome], tmp_path: Path
) -> None:
    """Of SOUND D1 and D3 are there and D2 was taken back, of TABLES D1 and D2: 3 and 2 settlements, of 4 and 4."""
    env, first = outcome
    lake = Lake(spark, env)
    judged = ("settlement_list", "rejected_list", "list_flag", "list_quality")
    tables = ("landed_list", *judged, "hospital_register", "fund_budget")
    before = {table: sorted(map(repr, lake.read(table).collect())) for table in tables}
    assert lake.read("intake_finding").count() == 0
    shrunk(spark, lake)
    said: list[str] = []
    again = run(spark, replace(env, policy=holding(tmp_path)), said)
    assert {table: sorted(map(repr, lake.read(table).collect())) for table in tables} == before
    # Delivered again unchanged, a delivery touches the month of its own and no other.
    log = lake.read("run_log").where(f"step = 'land' AND region_code = '{SOUND}' AND period = '2025-01'")
    assert sorted(row["touches"] for row in log.collect()) == [["2024-12", "2025-01"], ["2025-01"]]
    found = {row["region_code"]: row for row in lake.read("intake_finding").collect()}
    assert {code: (row["check_id"], row["subject"], row["hospital_code"], row["degree"], row["measured"],
                   row["limit_value"]) for code, row in found.items()} == {
        SOUND: ("BT10", SOUND, None, "hold", Decimal("3.0000"), Decimal("4.0000")),
        TABLES: ("BT10", TABLES, None, "warn", Decimal("2.0000"), Decimal("4.0000")),
    }  # fmt: skip
    gone = "以前审核时有4份结算清单，现在只有2份（已冲销的计算在内），少2份；请核对重新交付的文件是否完整"
    assert f"region {TABLES}, month 2024-12: BT10 提示 {gone}" in said
    # Held, the month is written all the same, and the others of the run go on.
    (held,) = [one for one in again.failed if one not in first.failed]
    assert held[:3] == ("validate", SOUND, "2024-12")
    assert held[3].startswith(f"region {SOUND}, month 2024-12: held by BT10: 以前审核时有4份结算清单，现在只有3份")


def test_a_file_that_breaks_off_replaces_no_landed_rows(spark: SparkSession, outcome: tuple[Env, Outcome]) -> None:
    """The region declares the cut file itself, checksum and all; what was landed whole before must stay."""
    env = outcome[0]
    path = env.deliveries / SOUND / "2024-12" / f"{SOUND}_2024-12_main.jsonl.gz"
    whole = gzip.decompress(path.read_bytes())
    path.write_bytes(gzip.compress(whole, mtime=0)[:-20])
    declare(path, "json", 2)
    again = run_steps(spark, env, steps_between("land", "land"), (SOUND,), ("2024-12",), NOW)
    ((step, region, month, reason),) = again.failed
    assert (step, region, month) == ("land", SOUND, "2024-12")
    assert f"{path.name} breaks off" in reason
    assert "the rows landed earlier stay" in reason
    assert Lake(spark, env).read("landed_list", delivery_month=["2024-12"], region_code=[SOUND]).count() == 2
