"""case_payment: what the fund pays for each list, and every factor of it, in one pass over all regions and months.

Grain: settlement list. Amounts in yuan, exact until at rest (decimal(16,2), half-up); weight 4, rate 2, coefficient 4
decimals. Parameters arrive as one small broadcast frame: by region, fund, level and day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql.window import WindowSpec

from drg.contracts import contract
from drg.settle.case_parameters import rules_in_use
from drg.settle.columns import settle_columns
from drg.settle.common import LAYERS
from drg.settle.decisions import DECIDED
from drg.settle.parameter_frame import KEYS, parameter_frame, reason_frame
from drg.settle.stages import GROUP_STAGES, PAYMENT_STAGES, PRICE_STAGES

TABLE = "case_payment"

# What the list adds to the grouped case.
_LIST_COLUMNS = (
    "discharge_date",
    "basic_fund_payment",
    "full_self_pay",
    "over_limit_self_pay",
    "first_self_pay",
    "deductible",
    *LAYERS,
)
# What it adds where some region's policy asks for it; elsewhere the columns are not read.
_ASKED_FOR = {
    "stay.day_count": ("admission_date",),
    "per_diem.categories": ("med_type", "principal_diagnosis"),
    "day_surgery.med_types": ("med_type",),
    "bilateral.procedures": ("principal_procedure", "other_procedures"),
    "tcm.diseases": (
        "principal_diagnosis",
        "principal_procedure",
        "other_procedures",
        "treatment_fee",
        "surgery_fee",
        "consumables_fee",
        "western_drug_fee",
        "herbal_fee",
        "patent_drug_fee",
    ),
}


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
    hospital_cost: DataFrame | None = None,
    decisions: DataFrame | None = None,
    year_places: DataFrame | None = None,
) -> DataFrame:
    """case_payment of some units.

    `rows` are parameter rows (`drg.settle.case_parameters.rows_of_region`) that cover every case. A list without a
    grouped case, or a grouped case without parameters, would come out with nulls in required columns, which the table
    refuses: nothing is lost in silence. `hospital_cost` is hospital_cost_coefficient where some region counts it;
    `decisions` what was decided of single lists (`drg.settle.decisions`); `year_places` the
    special cases a hospital may have in a month (`drg.settle.quota`) where a region counts them over the year.
    """
    in_use = rules_in_use(rows)
    asked = {name for parameter, names in _ASKED_FOR.items() if in_use[parameter] for name in names}
    # Neither side is small, whatever their compressed size suggests: merge, so that no lists are sent to the driver.
    lists = settlement_list.select("settlement_month", "region_code", "setl_id", *_LIST_COLUMNS, *sorted(asked))
    keys = ["settlement_month", "region_code", "setl_id"]
    cases = _with_decisions(of_units(grouped_case, units).join(lists.hint("merge"), keys, "left"), decisions)
    by_month = [unit for unit in units if unit.policy_date == "settlement_month"]
    month_start = F.to_date(F.concat(F.col("settlement_month"), F.lit("-01")))
    dated = cases.withColumns(
        {
            "policy_day": F.when(_is_one_of(by_month), month_start).otherwise(F.col("discharge_date")),
            **_not_asked_for(cases.columns),
        }
    )
    said = parameter_frame(grouped_case.sparkSession, rows)
    moved = settle_columns(_with_parameters(dated, said.frame), GROUP_STAGES, in_use, said.facts)
    weighed = _with_region_means(_with_weights(moved, drg_weight), drg_weight)
    priced = settle_columns(_with_hospital_cost(weighed, hospital_cost), PRICE_STAGES, in_use, said.facts)
    placed = _with_places(priced, in_use, year_places, applied=decisions is not None)
    paid = settle_columns(placed, PAYMENT_STAGES, in_use, said.facts)
    reasons = F.broadcast(reason_frame(grouped_case.sparkSession, rows))
    named = paid.join(reasons, ["parameter_row", "route", "floored"], "left")
    # A rule nobody chose leaves a null without type; factors are narrow in the stages and wider at rest.
    at_rest = [F.col(column.name).cast(column.type) for column in contract(TABLE).columns]
    return named.withColumnRenamed("priced_drg", "priced_group").select(*at_rest)


def _not_asked_for(present: Sequence[str]) -> dict[str, Column]:
    """Nulls for the columns of the list that nobody's policy asks for, and all procedures of a list as one text."""
    names = {name for wanted in _ASKED_FOR.values() for name in wanted} - set(present)
    found = {name: F.lit(None).cast("string") for name in names if not name.endswith("_fee")}
    found |= {name: F.lit(None).cast("decimal(16,2)") for name in names if name.endswith("_fee")}
    asked = "principal_procedure" in present
    codes = F.concat_ws("|", F.lit(""), "principal_procedure", "other_procedures") if asked else F.lit(None)
    return found | {"procedures": codes.cast("string")}


def _with_decisions(cases: DataFrame, decisions: DataFrame | None) -> DataFrame:
    """Each case with what was decided on it; no decision is none in favour."""
    if decisions is None:
        return cases.withColumns({name: _nothing_decided(kind) for name, kind in DECIDED.items()})
    keys = ["settlement_month", "region_code", "setl_id"]
    joined = cases.join(F.broadcast(decisions.select(*keys, *DECIDED)), keys, "left")
    return joined.withColumns(
        {name: F.coalesce(name, F.lit(False)) for name, kind in DECIDED.items() if kind == "boolean"}
    )


def _nothing_decided(kind: str) -> Column:
    return F.lit(False) if kind == "boolean" else F.lit(None).cast(kind)


def _with_places(
    priced: DataFrame, in_use: Mapping[str, frozenset[str]], year_places: DataFrame | None, *, applied: bool
) -> DataFrame:
    """Who is admitted as a high outlier or a special case where the policy limits their number.

    High outliers: a share of all cases of the scope (region or hospital) in the month and fund. Special cases: a share
    of all cases of the hospital in the month, both funds (a count of cases, no money), or what the year so far leaves.
    Both rounded down; the largest excess over the standard stands first, cases of equal excess in the order of their
    setl_id. Where nobody `applied`, no case is a special one and none is ranked.
    """
    hospital = F.when(F.col("outlier_high_limit_scope") == "hospital", F.col("hospital_code"))
    high = Window.partitionBy("settlement_month", "region_code", "fund", hospital)
    ranked = _ranked(priced, "high", "is_high", "outlier_high_limit_share", high, in_use["outlier.high.limit_share"])
    own = Window.partitionBy("settlement_month", "region_code", "hospital_code")
    quota = in_use["special_case.quota_share"] if applied else frozenset()
    given = None
    if year_places is not None:
        ranked = ranked.join(F.broadcast(year_places), ["settlement_month", "region_code", "hospital_code"], "left")
        given = F.col("special_year_places")
    both = _ranked(ranked, "special", "special_case", "special_case_quota_share", own, quota, given)
    return both.withColumn("special_case", F.col("special_case") & F.col("special_admitted"))


def _ranked(
    cases: DataFrame,
    name: str,
    stands: str,
    share: str,
    scope: WindowSpec,
    in_use: frozenset[str],
    given: Column | None = None,
) -> DataFrame:
    """Adds <name>_place, <name>_places (null without a limit) and <name>_admitted for the cases that stand.

    The places are those `given`, where there are any, else the share of all cases of the scope.
    """
    if not in_use:
        nothing = F.lit(None).cast("int")
        return cases.withColumns({f"{name}_admitted": F.lit(True), f"{name}_place": nothing, f"{name}_places": nothing})
    standing = F.coalesce(F.col(stands), F.lit(False))
    limited = F.col(share).isNotNull()
    order = scope.orderBy(F.when(standing, 0).otherwise(1), F.col("high_excess").desc_nulls_last(), "setl_id")
    places = F.floor(F.col(share) * F.count(F.lit(1)).over(scope)).cast("int")
    places = places if given is None else F.coalesce(given, places)
    place = F.when(standing & limited, F.row_number().over(order))
    return cases.withColumns(
        {
            f"{name}_place": place,
            f"{name}_places": F.when(limited, places),
            f"{name}_admitted": ~limited | F.coalesce(place <= places, F.lit(False)),
        }
    )


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
    # Weights and rates are versions together: the rate's names the weights', also where a year has several.
    weights = drg_weight.select(
        F.col("weight_version").alias("rate_version"),
        "region_code",
        "scheme",
        F.col("drg").alias("priced_drg"),
        F.col("level_class").alias("weight_level_class"),
        F.col("relative_weight").cast("decimal(8,4)").alias("relative_weight"),
        F.col("mean_cost").cast("decimal(14,4)").alias("group_mean_cost"),
        "stable",
        "weight_source",
        "weight_version",
    )
    keys = ["rate_version", "region_code", "scheme", "priced_drg", "weight_level_class"]
    joined = cases.join(F.broadcast(weights), keys, "left")
    return joined.withColumn("stable", F.coalesce("stable", F.lit(True)))


def _with_region_means(cases: DataFrame, drg_weight: DataFrame) -> DataFrame:
    """Each case with the region's mean cost of all cases, whether or not it has a group."""
    keys = ["rate_version", "region_code", "scheme", "weight_level_class"]
    means = (
        drg_weight.withColumnsRenamed({"level_class": "weight_level_class", "weight_version": "rate_version"})
        .groupBy(*keys)
        .agg(F.max("region_mean_cost").cast("decimal(14,4)").alias("region_mean_cost"))
    )
    return cases.join(F.broadcast(means), keys, "left")


def _with_hospital_cost(cases: DataFrame, hospital_cost: DataFrame | None) -> DataFrame:
    if hospital_cost is None:
        return cases.withColumn("hospital_cost_coefficient", F.lit(None).cast("decimal(8,4)"))
    keys = ["rate_version", "region_code", "scheme", "hospital_code", "priced_drg"]
    own = hospital_cost.select(
        F.col("weight_version").alias("rate_version"),
        *keys[1:-1],
        F.col("drg").alias("priced_drg"),
        F.col("coefficient").cast("decimal(8,4)").alias("hospital_cost_coefficient"),
    )
    return cases.join(F.broadcast(own), keys, "left")


def _with_parameters(cases: DataFrame, parameters: DataFrame) -> DataFrame:
    """Each case with the row of its region, month, fund, level, scheme and day."""
    same = F.col("policy_day").between(F.col("valid_from"), F.col("valid_to"))
    for key in KEYS:
        same = same & (F.col(f"case.{key}") == F.col(f"parameter.{key}"))
    joined = cases.alias("case").join(F.broadcast(parameters).alias("parameter"), same, "left")
    for key in KEYS:
        joined = joined.drop(F.col(f"parameter.{key}"))
    return joined
