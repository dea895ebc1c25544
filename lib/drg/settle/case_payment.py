"""case_payment: what the fund pays for each list, and every factor of it, in one pass over all regions and months.

Grain: settlement list. Amounts in yuan, exact until at rest (decimal(16,2), half-up); weight 4, rate 2, coefficient 4
decimals. Parameters arrive as one small broadcast frame: by region, fund, level and day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from drg.contracts import contract
from drg.settle.case_parameters import reason, rules_in_use
from drg.settle.columns import settle_columns
from drg.settle.rules import ROUTES

TABLE = "case_payment"

# Types of the parameter columns; every other one is text.
_TYPES = {
    "valid_from": "date",
    "valid_to": "date",
    "base_rate": "decimal(16,2)",
    "level_coefficient": "decimal(8,4)",
    "fund_payment_ratio": "decimal(6,4)",
    "outlier_low_threshold": "decimal(6,4)",
    "outlier_high_threshold": "decimal(6,4)",
    "outlier_low_inclusive": "boolean",
    "outlier_high_inclusive": "boolean",
}

# What the list adds to the grouped case.
_LIST_COLUMNS = (
    "discharge_date",
    "basic_fund_payment",
    "full_self_pay",
    "over_limit_self_pay",
    "first_self_pay",
    "deductible",
)


@dataclass(frozen=True)
class Unit:
    """One region and month to settle, and the rule that says which day of a case selects its parameters."""

    region_code: str
    settlement_month: str
    policy_date: str


def pay_cases(
    grouped_case: DataFrame,
    settlement_list: DataFrame,
    drg_weight: DataFrame,
    units: Sequence[Unit],
    rows: Sequence[Mapping[str, Any]],
) -> DataFrame:
    """case_payment of some units.

    `rows` are parameter rows (`drg.settle.case_parameters.rows_of_region`) that cover every case. A list without a
    grouped case, or a grouped case without parameters, would come out with nulls in required columns, which the table
    refuses: nothing is lost in silence.
    """
    # Neither side is small, whatever their compressed size suggests: merge, so that no lists are sent to the driver.
    lists = settlement_list.select("settlement_month", "region_code", "setl_id", *_LIST_COLUMNS).hint("merge")
    cases = of_units(grouped_case, units).join(lists, ["settlement_month", "region_code", "setl_id"], "left")
    by_month = [unit for unit in units if unit.policy_date == "settlement_month"]
    month_start = F.to_date(F.concat(F.col("settlement_month"), F.lit("-01")))
    dated = cases.withColumns(
        {
            "settlement_year": F.substring("settlement_month", 1, 4).cast("int"),
            "policy_day": F.when(_is_one_of(by_month), month_start).otherwise(F.col("discharge_date")),
        }
    )
    priced = settle_columns(_with_parameters(_with_weights(dated, drg_weight), rows), rules_in_use(rows))
    reasons = F.broadcast(reason_frame(grouped_case.sparkSession, rows))
    return priced.join(reasons, ["parameter_row", "route", "floored"], "left").select(*contract(TABLE).names())


def of_units(frame: DataFrame, units: Sequence[Unit]) -> DataFrame:
    """The rows of these regions and months."""
    return frame.where(_is_one_of(units))


def _is_one_of(units: Sequence[Unit]) -> Column:
    """Whether a row is of one of these units; written as literals, month by month, so that files are pruned by it."""
    regions: dict[str, list[str]] = {}
    for unit in units:
        regions.setdefault(unit.settlement_month, []).append(unit.region_code)
    found = F.lit(False)
    for month, codes in sorted(regions.items()):
        found = found | ((F.col("settlement_month") == month) & F.col("region_code").isin(sorted(codes)))
    return found


def _with_weights(cases: DataFrame, drg_weight: DataFrame) -> DataFrame:
    weights = drg_weight.where("level_class = 'all'").select(
        "settlement_year",
        "region_code",
        "scheme",
        "drg",
        "relative_weight",
        F.col("mean_cost").alias("group_mean_cost"),
        "weight_source",
        "weight_version",
    )
    return cases.join(F.broadcast(weights), ["settlement_year", "region_code", "scheme", "drg"], "left")


def _with_parameters(cases: DataFrame, rows: Sequence[Mapping[str, Any]]) -> DataFrame:
    """Each case with the row of its region, month, fund, level, scheme and day."""
    keys = ("settlement_month", "region_code", "fund", "hospital_level", "scheme")
    frame = F.broadcast(parameter_frame(cases.sparkSession, rows)).alias("parameter")
    same = F.col("policy_day").between(F.col("valid_from"), F.col("valid_to"))
    for key in keys:
        same = same & (F.col(f"case.{key}") == F.col(f"parameter.{key}"))
    joined = cases.alias("case").join(frame, same, "left")
    for key in keys:
        joined = joined.drop(F.col(f"parameter.{key}"))
    return joined


def parameter_frame(spark: SparkSession, rows: Sequence[Mapping[str, Any]]) -> DataFrame:
    """Parameter rows as a frame, numbered; without the reasons, which are long and join once the route is known."""
    names = [name for name in rows[0] if not name.startswith(("clause_", "assumed_"))]
    schema = ", ".join(["parameter_row int", *(f"{name} {_TYPES.get(name, 'string')}" for name in names)])
    return spark.createDataFrame([(i, *(row[name] for name in names)) for i, row in enumerate(rows)], schema)


def reason_frame(spark: SparkSession, rows: Sequence[Mapping[str, Any]]) -> DataFrame:
    """What payments say of themselves, by number of the parameter row, route and floor."""
    cells = [(i, row, route, floored) for i, row in enumerate(rows) for route in ROUTES for floored in (False, True)]
    reasons = [(i, route, floored, *reason(row, route, floored).values()) for i, row, route, floored in cells]
    return spark.createDataFrame(
        reasons,
        "parameter_row int, route string, floored boolean, payment_kind string, rule string, clause string, "
        "assumed_parameters array<string>",
    )
