"""What a region sets for the checks: degrees and limits by month, and when a month is held."""

from __future__ import annotations

import dataclasses
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from intake_frames import judge, land
from intake_messages import message

from drg.doors.config import load_env
from drg.errors import PolicyError
from drg.policy import PolicyBook
from drg.runner import StepContext
from drg.steps import step_named
from drg.validate.checks import CHECKS, ROW_CHECKS
from drg.validate.checks_batch import BATCH
from drg.validate.degrees import Settings, filled, limits_of, plain, read_settings, sentences
from drg.validate.gates import held
from drg.validate.outputs import list_flag, rejected_list
from drg.validate.sources import settings_of

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

REGION, JANUARY, FEBRUARY = "510100", "2025-01", "2025-02"
HEAD = "code: '{}'\nname: 测试\n"


def book(root: Path, text: str) -> PolicyBook:
    for folder, more in (("national", ""), (REGION, "inherits: national\n")):
        (root / folder).mkdir(parents=True, exist_ok=True)
        (root / folder / "region.yaml").write_text(HEAD.format(folder) + more, encoding="utf-8")
    (root / REGION / "intake.yaml").write_text(text, encoding="utf-8")
    return PolicyBook.load(root)


def written(name: str, value: str, start: str = "2025-01-01", unit: str = "list") -> str:
    return f"{name}:\n- {{value: {value}, from: {start}, unit: {unit}, source: s, standing: assumed}}\n"


def settings(root: Path, text: str, *months: str) -> dict[tuple[str, str], Settings]:
    return read_settings(book(root, text), [(REGION, month) for month in months or (JANUARY,)], (*CHECKS, *BATCH))


def test_what_nobody_wrote_is_as_in_the_catalogue(tmp_path: Path) -> None:
    assert settings(tmp_path, "{}\n") == {}


def test_a_change_holds_from_the_first_month_that_begins_with_it(tmp_path: Path) -> None:
    text = written("validate.degrees", "[{check: DT07, degree: 'off'}]", start="2025-01-02")
    assert settings(tmp_path, text, JANUARY, FEBRUARY) == {(REGION, FEBRUARY): Settings({"DT07": ""})}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (written("validate.degrees", "[{check: DT99, degree: flag}]"), "check DT99 is unknown"),
        (written("validate.degrees", "[{check: DT01, degree: flag}]"), "check DT01 cannot be flag"),
        (written("validate.limits", "[{check: DT07, limit: weeks, value: 3}]"), "DT07 has no limit weeks; it has days"),
        (written("validate.limits", "[{check: XL01, limit: days, value: 3}]"), "XL01 has no limit days; it has none"),
        (
            written("validate.degrees", "[{check: BT03, degree: return}]"),
            "BT03 is .* cannot be return; write hold, flag or",
        ),
        (
            written("validate.degrees", "[{check: ID13, degree: hold}]"),
            "ID13 is .* cannot be hold; write return, flag or",
        ),
        (written("validate.limits", "[{check: BT10, limit: share, value: 0}]"), "BT10 has no limit share; it has none"),
        (written("validate.hold_share", "0.3", unit="share"), "no value of validate.hold_from_lists"),
    ],
)
def test_what_cannot_be_is_refused_with_the_place(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(PolicyError, match=expected):
        settings(tmp_path, text)


def test_a_month_as_a_whole_is_held_for_what_a_region_says(tmp_path: Path) -> None:
    text = written("validate.degrees", "[{check: BT03, degree: hold}, {check: DX20, degree: 'off'}]")
    text += written("validate.limits", "[{check: BT03, limit: share, value: 0.40}]")
    expected = Settings({"BT03": "H", "DX20": ""}, {("BT03", "share"): "0.4"})
    assert settings(tmp_path, text) == {(REGION, JANUARY): expected}


def test_limits_are_written_into_predicates_and_sentences() -> None:
    check = next(check for check in ROW_CHECKS if check.id == "DT07")
    own = Settings(limits={("DT07", "days"): plain(Decimal("400.0"))})
    assert filled(str(check.warn), limits_of(check, None)) == "los_days > 365"
    assert filled(str(check.warn), limits_of(check, own)) == "los_days > 400"
    assert sentences([check], own)["W:DT07"].startswith("住院天数超过400天")


def test_every_place_for_a_limit_has_one_and_each_limit_its_place() -> None:
    for check in ROW_CHECKS:
        text = (check.reject or "") + (check.warn or "")
        assert set(re.findall(r"\{([a-z]\w+)\}", text)) == set(check.limits), check.id


def test_what_payment_rests_on_cannot_be_turned_off() -> None:
    """Columns of settlement_list that may not be null, and what grouping and payment need."""
    fixed = {check.id for check in CHECKS if check.fixed}
    assert fixed >= {"ID01", "ID05", "ID06", "ID08", "ID09", "ID11", "DT01", "DT13", "DX01", "DX02", "MN01", "MN23"}


def test_a_month_is_held_above_the_share_and_from_so_many_lists_on() -> None:
    unit = (REGION, JANUARY)
    limit = {unit: Settings(hold=(Decimal("0.3"), 10))}
    assert held({unit: 10}, {unit: 3}, limit) == {}
    assert "4 of 10 lists were returned" in str(held({unit: 10}, {unit: 4}, limit)[unit])
    assert held({unit: 9}, {unit: 9}, limit) == {}
    assert held({unit: 10}, {unit: 10}, {}) == {}


def test_one_run_judges_each_month_by_its_own_settings(
    spark: SparkSession, tmp_path_factory: pytest.TempPathFactory
) -> None:
    long = {"adm_time": "2024-01-05 09:00:00", "act_ipt_days": "366"}  # a day above the limit of DT07
    other = {"setl_id": "B", "setl_time": "2024-12-31 11:00:00", "dscg_time": "2024-12-31 10:00:00"}
    messages = [
        message(setl_id="A", bill_no="", **long),
        message(**{**long, **other, "adm_time": "2023-12-31 09:00:00", "setl_enddate": "2024-12-31", "bill_no": ""}),
        message(setl_id="C", hi_paymtd="8"),
    ]
    settings = {
        (REGION, JANUARY): Settings({"DT07": "R", "ID13": "R", "ID18": ""}, {("DT07", "days"): "300"}),
        (REGION, "2024-12"): Settings(limits={("DT07", "days"): "366"}),
    }
    lists = judge(spark, land(spark, tmp_path_factory.mktemp("degrees"), messages), settings=settings).cache()
    flags = list_flag(lists, CHECKS, settings).where("check_id IN ('DT07', 'ID13', 'ID18')").collect()
    assert sorted((row["setl_id"], row["severity"], row["check_id"]) for row in flags) == [
        ("A", "R", "DT07"),  # 366 days, above 300 and returned; B of as many days is judged by December's 366
        ("B", "W", "ID18"),
        ("C", "R", "ID13"),
    ]
    returned = {row["setl_id"]: row["message"] for row in rejected_list(lists, CHECKS, settings).collect()}
    assert returned["A"].startswith("住院天数超过300天")
    assert returned["C"].startswith("医保支付方式(hi_paymtd)为空")  # only flagged elsewhere: the sentence of the flag
    assert set(returned) == {"A", "C"}


def test_a_region_with_a_setting_that_cannot_be_is_left_out_and_no_other(tmp_path: Path) -> None:
    book(tmp_path, written("validate.degrees", "[{check: DT99, degree: flag}]"))
    env = dataclasses.replace(load_env("local", tmp_path), policy=tmp_path)
    regions, now = (REGION, "510300"), datetime(2025, 2, 10, tzinfo=UTC)
    # Settings are read before any table is, so that neither a session nor a lake is needed.
    ctx = StepContext(step_named("validate"), Any, Any, env, regions, (JANUARY, FEBRUARY), now, "run")
    assert settings_of(ctx) == {}
    assert set(ctx.failed) == {(REGION, JANUARY), (REGION, FEBRUARY)}
    assert ctx.live(JANUARY) == ("510300",)
