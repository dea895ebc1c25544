"""case_payment: what the fund pays for each list, and every factor of it, in one pass over all regions and months.

Grain: settlement list. Amounts in yuan, exact until at rest (decimal(16,2), half-up); weight 4, rate 2, coefficient 4
decimals. Parameters arrive as one small broadcast frame: by region, fund, level and day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from drg.contracts import contract
from drg.settle.case_parameters import rules_in_use
from drg.settle.columns import settle_columns

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
    lists = settlement_list.select("settlement_month", "region_code", "setl_id", *_LIST_COLUMNS)
    cases = grouped_case.join(_unit_frame(grouped_case.sparkSession, units), ["settlement_month", "region_code"]).join(
        lists, ["settlement_month", "region_code", "setl_id"], "left"
    )
    month_start = F.to_date(F.concat(F.col("settlement_month"), F.lit("-01")))
    dated = cases.withColumns(
        {
            "settlement_year": F.substring("settlement_month", 1, 4).cast("int"),
            "policy_day": F.when(F.col("by_month"), month_start).otherwise(F.col("discharge_date")),
        }
    )
    priced = settle_columns(_with_parameters(_with_weights(dated, drg_weight), rows), rules_in_use(rows))
    return priced.select(*contract(TABLE).names())


def of_units(frame: DataFrame, units: Sequence[Unit]) -> DataFrame:
    """The rows of these regions and months."""
    return frame.join(_unit_frame(frame.sparkSession, units), ["settlement_month", "region_code"], "left_semi")


def _unit_frame(spark: SparkSession, units: Sequence[Unit]) -> DataFrame:
    rows = [(unit.region_code, unit.settlement_month, unit.policy_date == "settlement_month") for unit in units]
    return F.broadcast(spark.createDataFrame(rows, "region_code string, settlement_month string, by_month boolean"))


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
    """Parameter rows as a frame: amounts as decimals, clauses as text, assumed names as arrays."""
    names = list(rows[0])
    types = {name: "array<string>" if name.startswith("assumed_") else _TYPES.get(name, "string") for name in names}
    schema = ", ".join(f"{name} {kind}" for name, kind in types.items())
    return spark.createDataFrame([tuple(row[name] for name in names) for row in rows], schema)
