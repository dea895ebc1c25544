"""The whole step on a drawn month of two regions."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest
from drawn_payments import MONTH, A, B, fill, frame, month_of_two_regions, payment
from drawn_tables import drawn as rows_of
from openpyxl import load_workbook

from drg.doors.config import Env, load_env
from drg.errors import StorageError
from drg.publish.due import is_public, not_publishable
from drg.runner import StepContext, load_job
from drg.status import LogEntry
from drg.steps import step_named

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from drg.doors.tables import Lake

D = Decimal
NOW = datetime.fromisoformat("2025-02-20T08:00:00+08:00")


DISPUTES = [
    {"settlement_month": month, "region_code": A, "setl_id": f"{A}{number:06d}", "hospital_code": f"H{A}00001"}
    for number, month in enumerate((MONTH, "2025-02"))
]
# Open in the month of the release, closed in it, closed before it, sent after it.
NOTICES = [
    {"region_code": A, "notice_number": number, "sent_on": date.fromisoformat(sent), "value": D("1.5"),
     "closed_on": date.fromisoformat(closed) if closed else None}
    for number, sent, closed in (
        ("open", "2025-01-31", ""), ("closed", "2024-12-01", "2025-01-01"), ("before", "2024-12-01", "2024-12-31"),
        ("after", "2025-02-01", ""),
    )
]  # fmt: skip


def context(spark: SparkSession, lake: Lake, env: Env, regions: tuple[str, ...] = (A, B)) -> StepContext:
    two = tuple(region for region in env.province.regions if region.code in (A, B))
    env = dataclasses.replace(env, province=dataclasses.replace(env.province, regions=two))
    return StepContext(step_named("publish"), spark, lake, env, regions, (MONTH,), NOW, "run")


def publish(spark: SparkSession, lake: Lake, env: Env, regions: tuple[str, ...] = (A, B)) -> StepContext:
    ctx = context(spark, lake, env, regions)
    load_job("publish")(ctx)
    return ctx


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture(scope="module")
def drawn(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> tuple[Lake, Env]:
    """A lake with the drawn month, published once; tests that change it put it back."""
    from drg.doors.tables import Lake

    env = load_env("local", tmp_path_factory.mktemp("publish"))
    lake = Lake(spark, env)
    fill(lake, spark, month_of_two_regions())
    lake.replace("case_dispute", rows_of(spark, "case_dispute", DISPUTES), region_code=[A, B])
    lake.replace("warning_notice", rows_of(spark, "warning_notice", NOTICES), region_code=[A, B])
    ctx = publish(spark, lake, env)
    assert ctx.failed == {}
    return lake, env


@pytest.fixture
def releases(drawn: tuple[Lake, Env]) -> Path:
    return drawn[1].releases


@contextmanager
def cases_of(region: str, lake: Lake, spark: SparkSession, rows: list[dict[str, Any]]) -> Iterator[None]:
    """Other cases of a region for the length of a block."""
    where = {"settlement_month": [MONTH], "region_code": [region]}
    lake.replace("case_payment", frame(spark, "case_payment", rows), **where)
    try:
        yield
    finally:
        before = [row for row in month_of_two_regions() if row["region_code"] == region]
        lake.replace("case_payment", frame(spark, "case_payment", before), **where)


def test_a_release_holds_its_files_and_says_their_checksums(releases: Path) -> None:
    folder = releases / MONTH / A
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    named = {entry["name"]: entry for entry in manifest["files"]}
    assert set(named) | {"manifest.json"} == set(files(folder))
    for name, entry in named.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == entry["sha256"]
    assert named["case_payment.parquet"]["rows"] == 17
    assert named["case_payment.parquet"]["withheld"] == ["discharge_date"]
    assert (manifest["settlement_month"], manifest["region_name"]) == (MONTH, "成都市")
    assert manifest["weight_version"] == ["2025.1"]


def test_the_sums_of_the_manifest_are_those_of_the_cases(releases: Path) -> None:
    """Employee fund of A: 12 x 9,000 + 2 x 3,500 = 115,000; resident fund 3 x 9,000 = 27,000."""
    manifest = json.loads((releases / MONTH / A / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["sums_by_fund"]["310"]["fund_payment"] == "115000.00"
    assert manifest["sums_by_fund"]["310"]["cases"] == 14
    assert manifest["sums_by_fund"]["390"]["fund_payment"] == "27000.00"


def test_assumed_parameters_are_named_with_value_and_source(releases: Path) -> None:
    manifest = json.loads((releases / MONTH / A / "manifest.json").read_text(encoding="utf-8"))
    assumed = {item["name"]: item for item in manifest["assumed_parameters"]}
    assert set(assumed) == {"level_coefficient", "outlier.low.threshold", "policy_date", "rate.reserve_share"}
    assert manifest["synthetic"] is False
    assert assumed["rate.reserve_share"]["source"]
    assert D(assumed["rate.reserve_share"]["value"]) > 0


def test_a_release_holds_the_disputes_of_its_cases_and_the_notices_open_in_its_month(releases: Path) -> None:
    disputes = pq.read_table(releases / MONTH / A / "case_dispute.parquet").to_pylist()
    assert [row["setl_id"] for row in disputes] == [f"{A}000000"]
    notices = pq.read_table(releases / MONTH / A / "warning_notice.parquet").to_pylist()
    assert [row["notice_number"] for row in notices] == ["closed", "open"]
    for table in ("case_dispute", "warning_notice"):
        assert pq.read_table(releases / MONTH / B / f"{table}.parquet").num_rows == 0


def test_the_fund_of_a_region_sees_what_it_owes_elsewhere(releases: Path) -> None:
    rows = pq.read_table(releases / MONTH / B / "fund_account.parquet").to_pylist()
    owed = [row["fund_payment"] for row in rows if row["region_code"] == A]
    assert owed == [D("9000.00")]


def test_the_workbook_reads_in_chinese(releases: Path) -> None:
    book = load_workbook(releases / MONTH / A / f"{A}_{MONTH}.xlsx")
    assert book.sheetnames == [
        "结算汇总", "医院结算", "基金账户", "清算后差额", "权重", "费率", "当月点值", "同病组比较", "退回清单",
        "清单质量", "整月审核", "争议", "预警", "说明",
    ]  # fmt: skip
    hospitals = [[cell.value for cell in row] for row in book["医院结算"].iter_rows()]
    assert hospitals[0][:5] == ["结算月", "统筹区编码", "定点医药机构编号", "定点医药机构名称", "险种"]
    assert hospitals[1][3] == f"{A}人民医院"
    employee = next(row for row in hospitals[1:] if row[4] == "职工医保")
    assert employee[hospitals[0].index("统筹基金应付")] == 115_000
    summary = [[cell.value for cell in row] for row in book["结算汇总"].iter_rows(min_row=3)]
    assert [row[:2] for row in summary[1:]] == [
        ["职工医保", "三级"], ["职工医保", "合计"], ["居民医保", "三级"], ["居民医保", "合计"]
    ]  # fmt: skip
    notes = [cell.value for row in book["说明"].iter_rows() for cell in row if cell.value]
    assert "rate.reserve_share" in notes
    assert "policy_date" in notes
    rates = [[cell.value for cell in row] for row in book["费率"].iter_rows()]
    assert rates[1][rates[0].index("付费方法" if "付费方法" in rates[0] else "方法")] == "费率法"
    assert rates[1][rates[0].index("等级类别")] == "全部等级"
    back = [[cell.value for cell in row] for row in book["退回清单"].iter_rows()]
    assert [row[back[0].index("处理结果")] for row in back[1:]] == ["退回", "退回", "退回", "提示"]
    assert back[1][:3] == [f"H{A}00001", f"{A}人民医院", f"{A}900001"]
    quality = dict(zip(*([cell.value for cell in row] for row in book["清单质量"].iter_rows()), strict=True))
    assert (quality["首次合格率"], quality["平均申报天数"]) == (0.8421, 4.5)
    found = dict(zip(*([cell.value for cell in row] for row in book["整月审核"].iter_rows()), strict=True))
    assert (found["规则编号"], found["处理方式"], found["实测值"]) == ("BT08", "提示", 0.15)


def test_a_hospital_gets_back_what_is_to_be_corrected(releases: Path) -> None:
    folder = releases / MONTH / A / "returned_lists"
    assert sorted(path.name for path in folder.iterdir()) == [f"H{A}00001.csv", f"H{A}00001.json"]
    reply = json.loads((folder / f"H{A}00001.json").read_text(encoding="utf-8"))
    assert (reply["fixmedins_name"], reply["data"][0]["qltctrl_ver"]) == (f"{A}人民医院", "c0ffee")
    assert [entry["retn_flag"] for entry in reply["data"]] == ["1", "1", "0"]


def test_the_page_needs_nothing_from_elsewhere_and_hides_small_cells(releases: Path) -> None:
    page = (releases / MONTH / "province" / "index.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert not re.search(r"(?:src|href)=|https?://|@import", page)
    assert "假定参数" in page
    assert "BR23" not in page  # two regions only: a comparison needs three
    assert A + "0000" not in page


def test_run_twice_gives_the_same_bytes(spark: SparkSession, drawn: tuple[Lake, Env]) -> None:
    lake, env = drawn
    before = files(env.releases)
    publish(spark, lake, env)
    assert files(env.releases) == before


def test_one_region_is_published_without_touching_the_other(
    spark: SparkSession, drawn: tuple[Lake, Env], releases: Path
) -> None:
    before = {path: path.stat().st_mtime_ns for path in (releases / MONTH / B).iterdir()}
    publish(spark, *drawn, (A,))
    assert {path: path.stat().st_mtime_ns for path in (releases / MONTH / B).iterdir()} == before


def test_a_release_that_does_not_tie_is_not_published(
    spark: SparkSession, drawn: tuple[Lake, Env], releases: Path
) -> None:
    """One fen more in the cases of A than in its accounts: A keeps its release, B gets its new one."""
    before, other = files(releases / MONTH / A), (releases / MONTH / B / "manifest.json").stat().st_mtime_ns
    rows = [row for row in month_of_two_regions() if row["region_code"] == A]
    rows[0] = payment(0, fund_payment=D("9000.01"))
    with cases_of(A, drawn[0], spark, rows):
        ctx = publish(spark, *drawn)
    [((region, month), sentence)] = ctx.failed.items()
    assert (region, month) == (A, MONTH)
    for part in (A, MONTH, "fund_payment", "fund 310", "115000.01", "115000.00", "run settle"):
        assert part in sentence
    assert files(releases / MONTH / A) == before
    assert (releases / MONTH / B / "manifest.json").stat().st_mtime_ns != other
    assert sorted(path.name for path in (releases / MONTH).iterdir()) == [A, B, "province"]


def test_a_region_without_settled_cases_is_named(spark: SparkSession, drawn: tuple[Lake, Env], tmp_path: Path) -> None:
    lake, env = drawn[0], dataclasses.replace(drawn[1], releases=tmp_path)
    with cases_of(B, lake, spark, []):
        ctx = publish(spark, lake, env)
    assert list(ctx.failed) == [(B, MONTH)]
    assert B in ctx.failed[B, MONTH]
    assert (tmp_path / MONTH / A / "manifest.json").is_file()
    assert not (tmp_path / MONTH / B).exists()


LOGGED = datetime(2025, 2, 11, 8, tzinfo=UTC)


def logged(step: str, minute: int, region: str = A, ok: bool = True) -> LogEntry:
    at = LOGGED + timedelta(minutes=minute)
    return LogEntry(step, region, MONTH, ok, at, None if ok else "no rate", ())


def ready_to_publish(spark: SparkSession, drawn: tuple[Lake, Env], as_of: int | None = None) -> StepContext:
    ctx = context(spark, *drawn)
    ctx.as_of = None if as_of is None else LOGGED + timedelta(minutes=as_of)
    return ctx


def test_payments_older_than_their_lists_do_not_go_out(spark: SparkSession, drawn: tuple[Lake, Env]) -> None:
    ctx = ready_to_publish(spark, drawn)
    log = [logged("group", 1), logged("settle", 2), logged("group", 1, B), logged("settle", 2, B)]
    assert not_publishable(ctx, log, MONTH) == {}
    found = not_publishable(ctx, [*log, logged("settle", 3, B, ok=False)], MONTH)
    assert list(found) == [B]
    assert f"region {B}, month {MONTH}: settle failed (no rate)" in str(found[B])
    assert list(not_publishable(ctx, [*log, logged("group", 3)], MONTH)) == [A]


def test_what_changed_after_the_approval_holds_back_the_month(spark: SparkSession, drawn: tuple[Lake, Env]) -> None:
    log = [logged("settle", 2), logged("settle", 4, B)]
    assert not_publishable(ready_to_publish(spark, drawn, as_of=4), log, MONTH) == {}
    assert sorted(not_publishable(ready_to_publish(spark, drawn, as_of=3), log, MONTH)) == [A, B]


def test_the_page_waits_for_a_region_settled_but_not_published(spark: SparkSession, drawn: tuple[Lake, Env]) -> None:
    ctx = ready_to_publish(spark, drawn)
    ctx.skip(B, MONTH, "not asked for")
    log = [logged("settle", 2, B), logged("publish", 3, B)]
    assert is_public(ctx, log, MONTH, A)
    assert is_public(ctx, log, MONTH, B)
    assert not is_public(ctx, [*log, logged("settle", 4, B)], MONTH, B)
    ctx.fail(A, MONTH, StorageError("does not tie"))
    assert not is_public(ctx, log, MONTH, A)
