"""What of the policies becomes a column of the broadcast frame, and what is written into the expressions."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from drg.settle.columns import ColumnArithmetic, Variants
from drg.settle.parameter_frame import parameter_frame

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ALL = {"*": Decimal("1.0000")}
LESS = {"*": Decimal("0.9000")}
BY_GROUP = {"AA1": Decimal("0.9500"), "*": Decimal("1.0000")}


def row(region: str, **changes: Any) -> dict[str, Any]:
    told = {"region_code": region, "outlier_low_pays": "by_item", "outlier_low_inclusive": True, "basic_groups": []}
    return told | {"level_coefficients": ALL, "clause_normal": "第一条"} | changes


def test_what_all_rows_say_alike_is_no_column(spark: SparkSession) -> None:
    said = parameter_frame(spark, [row("510100"), row("510300")])
    assert said.frame.columns == ["parameter_row", "region_code"]
    assert said.facts.keys() == {"outlier_low_pays", "outlier_low_inclusive", "basic_groups", "level_coefficients"}
    assert said.facts["outlier_low_inclusive"] is True
    assert said.facts["level_coefficients"] == ALL


def test_what_differs_is_a_column_and_a_list_a_number(spark: SparkSession) -> None:
    rows = [row("1"), row("2", outlier_low_pays="cost_share", basic_groups=["BR23"]), row("3")]
    said = parameter_frame(spark, rows)
    assert said.frame.columns == ["parameter_row", "region_code", "outlier_low_pays", "basic_groups_number"]
    assert [tuple(one) for one in said.frame.orderBy("parameter_row").collect()] == [
        (0, "1", "by_item", 0),
        (1, "2", "cost_share", 1),
        (2, "3", "by_item", 0),
    ]
    assert said.facts["basic_groups"].variants == ([], ["BR23"])


def test_a_mapping_with_one_value_for_all_is_a_number_and_one_that_names_groups_a_column(spark: SparkSession) -> None:
    plain = parameter_frame(spark, [row("1"), row("2", level_coefficients=LESS)])
    assert isinstance(plain.facts["level_coefficients"], Variants)
    for rows in ([row("1"), row("2", level_coefficients=BY_GROUP)], [row("1", level_coefficients=BY_GROUP)]):
        named = parameter_frame(spark, rows)
        assert "level_coefficients" not in named.facts
        assert dict(named.frame.dtypes)["level_coefficients"] == "map<string,decimal(8,4)>"


def test_each_row_finds_its_value(spark: SparkSession) -> None:
    """Group AA1: 1 and 0.9 for all groups; where the second region names groups, 1 and 0.95."""
    from pyspark.sql import functions as F

    arithmetic = ColumnArithmetic({"level_coefficient": frozenset({"*"})})
    for other, found in ((LESS, Decimal("0.9000")), (BY_GROUP, Decimal("0.9500"))):
        said = parameter_frame(spark, [row("1"), row("2", level_coefficients=other)])
        facts = said.facts.get("level_coefficients", F.col("level_coefficients"))
        value = arithmetic.lookup("level_coefficient", facts, [F.lit("AA1"), F.lit("*")]).alias("value")
        rows = said.frame.orderBy("parameter_row").select(value).collect()
        assert [one["value"] for one in rows] == [Decimal("1.0000"), found]


def test_a_row_without_a_choice_gets_nothing_where_all_others_choose_the_same(spark: SparkSession) -> None:
    from pyspark.sql import functions as F

    arithmetic, ways = ColumnArithmetic({"low": frozenset({"by_item"})}), {"by_item": lambda: F.lit(1)}
    said = parameter_frame(spark, [row("1"), row("2", outlier_low_pays=None)])
    value = arithmetic.choose("low", F.col("outlier_low_pays"), ways).alias("value")
    assert [one["value"] for one in said.frame.orderBy("parameter_row").select(value).collect()] == [1, None]
    alike = parameter_frame(spark, [row("1"), row("2")])
    value = arithmetic.choose("low", alike.facts["outlier_low_pays"], ways).alias("value")
    assert [one["value"] for one in alike.frame.select(value).collect()] == [1, 1]
