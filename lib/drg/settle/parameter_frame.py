"""Parameter rows as one small broadcast frame, and what all rows say alike as literals.

The frame is joined to every case, so it holds only what differs: a rule or threshold that all regions of a run share is
written into the expressions, and a list is a number that names one of the few that occur. Otherwise each of millions of
cases would carry the whole policy of its region. Only a mapping that names groups or hospitals stays a column: it may
name hundreds, which no expression should spell out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from drg.policy.values import REST
from drg.settle.case_parameters import FACT_TYPES, reason
from drg.settle.columns import Variants
from drg.settle.formulas import Amount
from drg.settle.rules import ROUTES, column

KEYS = ("settlement_month", "region_code", "fund", "hospital_level", "scheme")

# Types of the columns of a parameter row; every other one is text.
_TYPES = {column(name): kind for name, kind in FACT_TYPES.items()} | {
    "valid_from": "date",
    "valid_to": "date",
    "base_rate": "decimal(16,2)",
    "point_value": "decimal(12,6)",
    "point_scale": "int",
}
# Columns by name in joins, windows and the table itself, whether or not they differ.
_ALWAYS = (
    *KEYS,
    "valid_from",
    "valid_to",
    "weight_level_class",
    "base_rate",
    "point_value",
    "point_scale",
    "rate_version",
    "policy_version",
    "outlier_high_limit_scope",
    "outlier_high_limit_share",
    "special_case_quota_share",
)


@dataclass(frozen=True)
class Said:
    """What the policies say: the frame of what differs, and the facts of a case that are no columns of it."""

    frame: DataFrame
    facts: Mapping[str, Amount]


def parameter_frame(spark: SparkSession, rows: Sequence[Mapping[str, Any]]) -> Said:
    """Parameter rows, numbered; without the reasons, which are long and join once the route is known."""
    schema, cells, facts = ["parameter_row int"], [list(range(len(rows)))], {}
    for name in rows[0]:
        if name.startswith(("clause_", "assumed_")):
            continue
        kind, values = _TYPES.get(name, "string"), [row[name] for row in rows]
        variants: list[Any] = []
        for value in values:
            if value not in variants:
                variants.append(value)
        spelled = kind.startswith("map") and any(set(mapping or ()) - {REST} for mapping in variants)
        nested = kind.startswith(("map", "array")) and not spelled
        if name not in _ALWAYS and len(variants) == 1 and not spelled:
            facts[name] = (
                variants[0] if nested or isinstance(variants[0], bool | str) else F.lit(variants[0]).cast(kind)
            )
        elif nested:
            facts[name] = Variants(F.col(f"{name}_number"), tuple(variants))
            schema.append(f"{name}_number int")
            cells.append([variants.index(value) for value in values])
        else:
            schema.append(f"{name} {kind}")
            cells.append(values)
    return Said(spark.createDataFrame(list(zip(*cells, strict=True)), ", ".join(schema)), facts)


def reason_frame(spark: SparkSession, rows: Sequence[Mapping[str, Any]]) -> DataFrame:
    """What payments say of themselves, by number of the parameter row, route and floor."""
    cells = [(i, row, route, floored) for i, row in enumerate(rows) for route in ROUTES for floored in (False, True)]
    reasons = [(i, route, floored, *reason(row, route, floored).values()) for i, row, route, floored in cells]
    return spark.createDataFrame(
        reasons,
        "parameter_row int, route string, floored boolean, payment_kind string, rule string, clause string, "
        "assumed_parameters array<string>",
    )
