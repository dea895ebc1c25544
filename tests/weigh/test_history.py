"""Fences, trimmed cases and sums in Spark: exact quartiles, inclusive fences, no dependence on order."""

from __future__ import annotations

import random
import statistics
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import TYPE_CHECKING

import pytest

from drg.money import round_fence
from drg.weigh.history import fences, gather, history_cases, trimmed_cases, with_fences
from drg.weigh.trimming import Trimming
from drg.weigh.window import Window

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

SCHEMA = (
    "settlement_month string, region_code string, scheme string, setl_id string, drg string, fund string, "
    "total_cost decimal(16,2), grouping_status string, rule_pack string, hospital_code string, hospital_level string, "
    "local_group string"
)
A, B = "510100", "510300"
SCHEME = "chs-drg-2.0"


def window(region: str, multiplier: str = "1.5", years: dict[int, int] | None = None) -> Window:
    return Window(region, SCHEME, years or {2024: 1}, "v", Trimming("iqr", Decimal(multiplier)))


def frame(spark: SparkSession, rows: list[tuple[str, str, str]], month: str = "2024-11") -> DataFrame:
    """Grouped cases from (region, group, cost)."""
    return spark.createDataFrame(
        [
            (
                month,
                region,
                SCHEME,
                f"{i:06d}",
                drg,
                "310",
                Decimal(cost),
                "grouped",
                "pack",
                f"H{i % 4}",
                "123"[i % 3],
                f"{drg}-A" if drg == "LOCAL" else None,
            )
            for i, (region, drg, cost) in enumerate(rows)
        ],
        SCHEMA,
    )


def judged(cases: DataFrame, *windows: Window) -> DataFrame:
    chosen = history_cases(cases, windows)
    return with_fences(chosen, fences(chosen, windows), windows)


def test_worked_example_drops_the_one_beyond_the_fence(spark: SparkSession) -> None:
    # Q1 4,525, Q3 5,350, so 4,525 - 1.5 x 825 = 3,287.5 and 5,350 + 1.5 x 825 = 6,587.5.
    costs = ["4000", "4200", "4500", "4600", "4800", "5000", "5200", "5400", "5600", "30000"]
    found = judged(frame(spark, [(A, "BR13", cost) for cost in costs]), window(A))
    (dropped,) = trimmed_cases(found).collect()
    assert (dropped["total_cost"], dropped["side"]) == (Decimal("30000.00"), "high")
    assert (dropped["lower_fence"], dropped["upper_fence"]) == (Decimal("3287.5"), Decimal("6587.5"))
    sums = gather(found, [window(A)])[A].levels["", "BR13"][2024]
    assert (sums.history, sums.kept, sums.cost) == (10, 9, 4_330_000)
    assert sums.square == sum((int(cost) * 100) ** 2 for cost in costs[:-1])


@pytest.mark.parametrize(
    ("low", "high", "sides"),
    [
        ("2000.00", "6000.00", []),
        ("1999.99", "6000.00", ["low"]),
        ("2000.00", "6000.01", ["high"]),
    ],
)
def test_a_cost_on_a_fence_is_kept_one_fen_beyond_is_not(
    spark: SparkSession, low: str, high: str, sides: list[str]
) -> None:
    # Nine costs: positions 2 and 6 are the quartiles 3,500 and 4,500, so the fences are 2,000 and 6,000.
    costs = [low, "3500", "3500", "4000", "4000", "4000", "4500", "4500", high]
    found = trimmed_cases(judged(frame(spark, [(A, "X", cost) for cost in costs]), window(A))).collect()
    assert [row["side"] for row in found] == sides


def test_quartiles_are_type_7_and_exact_for_every_size(spark: SparkSession) -> None:
    draw = random.Random(11)
    costs = {f"G{n:02d}": [Decimal(draw.randrange(1, 10**7)) / 100 for _ in range(n)] for n in range(1, 14)}
    cases = frame(spark, [(A, drg, str(cost)) for drg, many in costs.items() for cost in many])
    chosen = history_cases(cases, [window(A)])
    limits = {row["drg"]: row for row in fences(chosen, [window(A)]).collect()}
    for drg, many in costs.items():
        whole = [Fraction(cost) for cost in many]
        q1, _, q3 = statistics.quantiles(whole, n=4, method="inclusive") if len(whole) > 1 else whole * 3
        reach = Fraction(3, 2) * (q3 - q1)
        # A whole number of fen is kept from the first one on the fence or inside it.
        assert limits[drg]["least"] == ceil((q1 - reach) * 100), drg
        assert limits[drg]["most"] == floor((q3 + reach) * 100), drg
        assert limits[drg]["upper_fence"] == round_fence(q3 + reach), drg


def test_regions_are_trimmed_by_their_own_multiplier_and_cases(spark: SparkSession) -> None:
    costs = ["100", "100", "110", "120", "120", "200"]
    rows = [(region, "X", cost) for region in (A, B) for cost in costs]
    found = trimmed_cases(judged(frame(spark, rows), window(A), window(B, multiplier="10"))).collect()
    assert [row["region_code"] for row in found] == [A]


def test_only_grouped_cases_of_the_window_count(spark: SparkSession) -> None:
    inside = frame(spark, [(A, "X", "100")])
    before = frame(spark, [(A, "X", "100")], month="2023-12")
    other = frame(spark, [(B, "X", "100")])
    ambiguous = inside.selectExpr(*[c for c in inside.columns if c != "grouping_status"], "'ambiguous' grouping_status")
    cases = history_cases(inside.unionByName(before).unionByName(other).unionByName(ambiguous), [window(A)])
    assert [(row["region_code"], row["year"], row["fen"]) for row in cases.collect()] == [(A, 2024, 10000)]


def test_a_local_group_is_trimmed_and_counted_as_a_group_of_its_own(spark: SparkSession) -> None:
    rows = [(A, "LOCAL", "100"), (A, "LOCAL", "120"), (A, "PLAIN", "110")]
    found = gather(judged(frame(spark, rows), window(A)), [window(A)])
    assert {drg: by_year[2024].history for (_, drg), by_year in found[A].levels.items()} == {"LOCAL-A": 2, "PLAIN": 1}


def test_shuffled_and_repartitioned_cases_give_the_same_sums_and_trims(spark: SparkSession) -> None:
    draw = random.Random(5)
    rows = [(region, drg, str(Decimal(draw.randrange(10**4, 10**7)) / 100)) for region in (A, B) for drg in "XYZ" * 15]
    cases = frame(spark, rows)
    one = judged(cases.coalesce(1), window(A), window(B))
    shuffled = spark.createDataFrame(draw.sample(cases.collect(), len(rows)), SCHEMA).repartition(5)
    other = judged(shuffled, window(A), window(B))
    windows = [window(A), window(B)]
    assert gather(one, windows) == gather(other, windows)
    assert sorted(trimmed_cases(one).collect()) == sorted(trimmed_cases(other).collect())
