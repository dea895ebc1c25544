"""Rounding: edge pairs around a half, negatives, and the Column twins against the Decimal ones."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from drg.money import (
    apportion,
    half_up,
    round_cmi,
    round_fen,
    round_fence,
    round_rate,
    round_statistic,
    round_weight,
    square_root,
)

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

EDGES = [
    ("0.005", "0.01"),
    ("0.004999999999", "0.00"),
    ("2.675", "2.68"),
    ("2.665", "2.67"),
    ("-0.005", "-0.01"),
    ("-0.0049", "0.00"),
    ("-2.675", "-2.68"),
    ("8155.58735", "8155.59"),
]


@pytest.mark.parametrize(("value", "expected"), EDGES)
def test_half_goes_away_from_zero(value: str, expected: str) -> None:
    assert round_fen(Decimal(value)) == Decimal(expected)
    assert round_fen(Fraction(value)) == Decimal(expected)


def test_each_named_rounding_has_its_decimals() -> None:
    third = Fraction(2, 3)
    assert [f(third) for f in (round_fen, round_weight, round_fence, round_statistic, round_cmi)] == [
        Decimal("0.67"),
        Decimal("0.6667"),
        Decimal("0.6667"),
        Decimal("0.6667"),
        Decimal("0.666667"),
    ]
    assert [str(round_rate(third, n)) for n in (0, 1, 2)] == ["1", "0.7", "0.67"]


def test_large_amounts_keep_every_digit() -> None:
    assert round_fen(Decimal("12345678901234567890123456789.125")) == Decimal("12345678901234567890123456789.13")
    assert half_up(Fraction(10**30 + 1, 2), 0) == Decimal(5 * 10**29 + 1)


def test_a_whole_number_of_fen_stays_what_it_is() -> None:
    assert str(round_fen(Decimal("7"))) == "7.00"
    assert round_fen(7) == Decimal("7.00")


def test_square_root_is_half_up_in_the_last_digit() -> None:
    assert square_root(Fraction(2), 4) == Decimal("1.4142")
    assert square_root(Fraction(3), 4) == Decimal("1.7321")
    # 0.00005² is exactly a half of the last digit; one part in 10**20 less is not.
    half = Fraction(5, 10**5) ** 2
    assert square_root(half, 4) == Decimal("0.0001")
    assert square_root(half - Fraction(1, 10**20), 4) == Decimal("0.0000")
    assert square_root(Fraction(0), 4) == 0


def test_columns_round_like_decimals(spark: SparkSession) -> None:
    from pyspark.sql import functions as F

    from drg import money_columns

    values = [Decimal(value) for value, _ in EDGES] + [Decimal("0.00005"), Decimal("-0.00005")]
    frame = spark.createDataFrame([(i, v) for i, v in enumerate(values)], "i int, v decimal(26,12)")
    rows = (
        frame.select(
            "i",
            money_columns.round_fen_column(F.col("v")).alias("fen"),
            money_columns.round_weight_column(F.col("v")).alias("weight"),
            money_columns.round_fence_column(F.col("v")).alias("fence"),
            money_columns.round_rate_column(F.col("v"), 1).alias("rate"),
        )
        .orderBy("i")
        .collect()
    )
    assert [row["fen"] for row in rows] == [round_fen(v) for v in values]
    assert [row["weight"] for row in rows] == [round_weight(v) for v in values]
    assert [row["fence"] for row in rows] == [round_fence(v) for v in values]
    assert [row["rate"] for row in rows] == [round_rate(v, 1) for v in values]


def test_parts_add_up_to_the_total_and_the_odd_fen_goes_to_the_largest_remainder() -> None:
    # 10.00 in thirds leaves one fen; equal remainders are served in the order given.
    assert apportion(Decimal("10.00"), [1, 1, 1]) == [Decimal("3.34"), Decimal("3.33"), Decimal("3.33")]
    # 0.10 in sixths: 0.01666, 0.03333, 0.05 -> 1, 3, 5 and the fen to the first.
    assert apportion(Decimal("0.10"), [1, 2, 3]) == [Decimal("0.02"), Decimal("0.03"), Decimal("0.05")]
    assert apportion(Decimal("-10.00"), [1, 1, 1]) == [Decimal("-3.33"), Decimal("-3.33"), Decimal("-3.34")]
    assert apportion(Decimal(0), [0, 0]) == [Decimal(0), Decimal(0)]
    assert apportion(Decimal("7.77"), [0, 5]) == [Decimal("0.00"), Decimal("7.77")]


@pytest.mark.parametrize(("total", "shares"), [("1.00", [0, 0]), ("1.00", [2, -1]), ("0.001", [1]), ("1.00", [])])
def test_what_cannot_be_dealt_out(total: str, shares: list[int]) -> None:
    with pytest.raises(ValueError, match=r"."):
        apportion(Decimal(total), shares)
