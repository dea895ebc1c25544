"""The group step on Spark: one row a list in the shape of the contract; the job and a region it must leave out."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from drawn_tables import drawn
from pyspark.sql import functions as F

from drg.contracts import check, contract
from drg.errors import DeliveryError
from drg.group import compile_pack, load_pack
from drg.group.step import group_lists, input_hash
from drg.runner import StepContext, load_job, run_step
from drg.steps import step_named
from tests.group.reference import Case, table

SCHEME = "chs-drg-2.0"
CASES = {
    "1": Case("I63.900", ("J96.000",), age_years=70),
    "2": Case("I63.900", (), "72.0x00", sex="2"),
    "3": Case("T31.600"),
    "4": Case("B23.800", ("B22.001+F02.4*", "T61.000"), None, ("37.5100",)),
}


def a_list(setl_id: str, region: str = "510100", month: str = "2025-01") -> dict:
    return {
        "settlement_month": month,
        "region_code": region,
        "setl_id": setl_id,
        "los_days": 7,
        "total_cost": Decimal("1234.50"),
        **vars(CASES[setl_id[-1]]),
    }


@pytest.fixture(scope="module")
def kernel():
    return compile_pack(load_pack(SCHEME))


def by_list(frame) -> dict:
    return {row["setl_id"]: row for row in frame.collect()}


def test_one_row_a_list_with_what_the_kernel_finds(spark, kernel):
    lists = drawn(spark, "settlement_list", [a_list(setl_id) for setl_id in CASES])
    grouped = group_lists(lists, kernel)
    check(grouped.schema, contract("grouped_case"))
    found = by_list(grouped)
    expected = kernel.group(table(list(CASES.values()))).to_pylist()
    for setl_id, groups in zip(CASES, expected, strict=True):
        row = found[setl_id].asDict(recursive=True)
        assert {name: row[name] for name in groups} == groups
    assert [found[setl_id]["drg"] for setl_id in CASES] == ["BR21", "BQY", "0000", "YR13"]
    assert found["4"]["excluded_diagnoses"][0]["icd_code"] == "B22.001+F02.4*"


def test_a_grouped_case_carries_its_list_and_names_its_pack(spark, kernel):
    lists = drawn(spark, "settlement_list", [a_list("1")])
    row = group_lists(lists, kernel).collect()[0]
    assert (row["scheme"], row["rule_pack"]) == (SCHEME, kernel.identity)
    assert (row["region_code"], row["los_days"], row["total_cost"]) == ("510100", 7, Decimal("1234.50"))
    assert row["hospital_code"] == "H51010000001"


def test_partitioning_changes_nothing(spark, kernel):
    lists = drawn(spark, "settlement_list", [a_list(f"{number}{key}") for number in range(20) for key in CASES])
    one = by_list(group_lists(lists.coalesce(1), kernel))
    many = by_list(group_lists(lists.repartition(7), kernel))
    assert len(one) == 80
    assert one == many


def context(spark, lake, env, regions, months) -> StepContext:
    now = datetime(2025, 2, 10, tzinfo=UTC)
    return StepContext(step_named("group"), spark, lake, env, regions, months, now, "run-1")


def test_the_job_groups_regions_with_lists_and_names_those_without(spark, lake, env):
    lists = drawn(spark, "settlement_list", [a_list("1"), a_list("2"), a_list("3", region="510300")])
    regions = ("510100", "510300", "510400")
    lake.replace("settlement_list", lists, settlement_month=["2025-01"], region_code=regions)
    ctx = context(spark, lake, env, regions, ("2025-01",))
    run_step(ctx, load_job("group"))
    assert list(ctx.failed) == [("510400", "2025-01")]
    assert "region 510400 has no settlement list of 2025-01" in ctx.failed[("510400", "2025-01")]
    assert lake.count_by("grouped_case", ["region_code"]) == {("510100",): 2, ("510300",): 1}
    assert ctx.provenance[("510100", "2025-01")][0] == ctx.pack(SCHEME).identity

    # a corrected list of one region: its rows change, those of the other region stay
    before = by_list(lake.read("grouped_case", region_code=["510300"]))
    corrected = drawn(spark, "settlement_list", [a_list("4")])
    lake.replace("settlement_list", corrected, settlement_month=["2025-01"], region_code=["510100"])
    run_step(context(spark, lake, env, ("510100",), ("2025-01",)), load_job("group"))
    assert set(by_list(lake.read("grouped_case", region_code=["510100"]))) == {"4"}
    assert by_list(lake.read("grouped_case", region_code=["510300"])) == before


def test_a_month_that_validate_held_is_not_grouped_until_it_is_passed_on(spark, lake, env):
    lists = drawn(spark, "settlement_list", [a_list("1"), a_list("2", region="510300")])
    lake.replace("settlement_list", lists, settlement_month=["2025-01"], region_code=["510100", "510300"])

    def judged(hour, held):
        now = datetime(2025, 2, 9, hour, tzinfo=UTC)
        regions = ("510100", "510300")
        ctx = StepContext(step_named("validate"), spark, lake, env, regions, ("2025-01",), now, f"run-{hour}")
        run_step(ctx, lambda ctx: ctx.fail("510100", "2025-01", DeliveryError("held by BT10")) if held else None)

    for hour, held, due in ((8, True, ["510300"]), (9, False, ["510100", "510300"]), (10, True, ["510300"])):
        judged(hour, held)
        ctx = context(spark, lake, env, ("510100", "510300"), ("2025-01",))
        run_step(ctx, load_job("group"))
        assert sorted(ctx.rows_in.keys() - ctx.failed.keys()) == [(region, "2025-01") for region in due]
    assert ctx.failed[("510100", "2025-01")] == (
        "region 510100, month 2025-01: its lists were not passed on by validate (held by BT10); mend that and run "
        "validate again"
    )


def test_a_month_before_the_first_scheme_is_no_history_and_is_left_out_without_error(spark, lake, env):
    lists = drawn(spark, "settlement_list", [a_list("1", month="2023-12"), a_list("2", month="2024-01")])
    lake.replace("settlement_list", lists, settlement_month=["2023-12", "2024-01"], region_code=["510100"])
    ctx = context(spark, lake, env, ("510100",), ("2023-12", "2024-01"))
    said = []
    ctx.say = said.append
    run_step(ctx, load_job("group"))
    assert ctx.failed == {}
    assert ctx.skipped == {("510100", "2023-12"): "region 510100 is grouped from 2024-01"}
    assert "group: 510100 have a scheme from 2024-01 on; earlier months are left out" in said
    assert lake.count_by("grouped_case", ["settlement_month"]) == {("2024-01",): 1}


def test_a_month_whose_unchanged_lists_would_get_another_group_keeps_those_it_has(spark, lake, env):
    """The stored group of one list is drawn wrong, as if the program had found it otherwise before."""
    where = {"settlement_month": ["2025-01"], "region_code": ["510100", "510300"]}
    lists = drawn(spark, "settlement_list", [a_list("1"), a_list("2"), a_list("3", region="510300")])
    lake.replace("settlement_list", lists, **where)
    run_step(context(spark, lake, env, ("510100", "510300"), ("2025-01",)), load_job("group"))
    stored = lake.read("grouped_case").localCheckpoint()
    otherwise = stored.withColumn("drg", F.when(F.col("setl_id") == "1", "BR25").otherwise(F.col("drg")))
    lake.replace("grouped_case", otherwise, scheme=[SCHEME], **where)

    for _ in range(2):  # it does not pass by itself
        ctx = context(spark, lake, env, ("510100", "510300"), ("2025-01",))
        run_step(ctx, load_job("group"))
        assert list(ctx.failed) == [("510100", "2025-01")]
        assert "1 unchanged lists would get another group" in ctx.failed["510100", "2025-01"]
        assert "e.g. BR21 for BR25;" in ctx.failed["510100", "2025-01"]
        assert {name: row["drg"] for name, row in by_list(lake.read("grouped_case")).items()} == {
            "1": "BR25", "2": "BQY", "3": "0000",
        }  # fmt: skip

    # Another diagnosis makes it another case.
    changed = [a_list("1") | {"other_diagnoses": ["J96.000", "I10.x00"]}, a_list("2"), a_list("3", region="510300")]
    lake.replace("settlement_list", drawn(spark, "settlement_list", changed), **where)
    ctx = context(spark, lake, env, ("510100", "510300"), ("2025-01",))
    run_step(ctx, load_job("group"))
    assert ctx.failed == {}
    assert by_list(lake.read("grouped_case"))["1"]["drg"] == "BR21"


def test_values_of_two_columns_are_told_apart(spark):
    first = a_list("1") | {"age_days": 5, "newborn_weight_g": None}
    lists = [first, first | {"setl_id": "2", "age_days": None, "newborn_weight_g": 5}, first | {"setl_id": "3"}]
    lists += [first | {"setl_id": "4", "other_diagnoses": [], "principal_procedure": "J96.000"}]
    found = drawn(spark, "settlement_list", lists).select("setl_id", input_hash()).collect()
    one, two, three, four = (row["input_hash"] for row in sorted(found))
    assert one == three
    assert len({one, two, four}) == 3
