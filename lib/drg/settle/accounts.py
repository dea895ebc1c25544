"""hospital_settlement and fund_account: sums of case_payment, and the proof that they are.

hospital_settlement: settlement month x region x hospital x fund; what a hospital is owed and how it came about.
fund_account: settlement month x region x paying region x fund x line; which fund of which region pays. Priced by the
place of care, paid by the region that insures (庆阳市DRG付费结算及经办管理办法（2025版）第三、四条).
Employee and resident money are never added together (《社会保险基金财务制度》第六条). Differences of a cleared year
(`drg.settle.adjustments`) stand beside the month's cases: they are paid with it and are none of its cases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F

from drg.contracts import contract
from drg.doors.tables import Value
from drg.errors import ContractError
from drg.money_columns import half_up_column, round_fen_column
from drg.policy import PolicyBook
from drg.runner import StepContext
from drg.settle.case_payment import Unit
from drg.settle.common import LAYERS

AMOUNTS = ("total_cost", "standard", "patient_and_other_paid", *LAYERS, "fund_payment", "gain_loss")
_UNIT = ("settlement_month", "region_code", "fund")
# Kinds of payment that leave DRG: hospitals in dry run, by decision on a dispute or an application, by the day, by
# length of stay, day surgery by item.
OUTSIDE = ("dry_run", "dispute", "special_case", "excluded_case", "per_diem", "stay_outside", "day_surgery")
# The counts of hospital_settlement and the kinds of payment that each counts.
KINDS = {
    "n_normal": ("normal",),
    "n_low_outlier": ("low_outlier",),
    "n_high_outlier": ("high_outlier", "extreme_outlier"),
    "n_not_grouped": ("ungrouped", "ambiguous"),
    "n_unstable": ("unstable",),
    "n_outside_drg": OUTSIDE,
}
LOCAL, CROSS_REGION, ADJUSTMENTS = "local_stays", "cross_region_stays", "adjustments"


def withhold_share(book: PolicyBook, region: str, month: str) -> Decimal:
    """The share of a month's fund payment that is held back against the yearly review (质量保证金).

    That of the first day of the settlement month; PolicyError when there is none.
    """
    share: Decimal = book.value(region, "settlement.withhold_share", date.fromisoformat(f"{month}-01")).of()
    return share


def write_sums(
    ctx: StepContext,
    units: Sequence[Unit],
    case_payment: DataFrame,
    booked: DataFrame | None,
    where: Mapping[str, Sequence[Value]],
) -> None:
    """Write hospital_settlement and fund_account of some months from their cases, once they tie to them."""
    withheld = {
        (unit.settlement_month, unit.region_code): withhold_share(ctx.policy, unit.region_code, unit.settlement_month)
        for unit in units
    }
    # Both tables are sums of the same cells, so the cases are read once for them and once more for the proof.
    cells = payment_cells(case_payment, booked).cache()
    hospitals, accounts = _hospitals(cells, withheld).cache(), _accounts(cells).cache()
    try:
        assert_sums_tie(case_payment, hospitals, accounts, booked)
        ctx.write("hospital_settlement", hospitals, **where)
        ctx.write("fund_account", accounts, **where)
    finally:
        for frame in (accounts, hospitals, cells):
            frame.unpersist()


def hospital_settlement(
    case_payment: DataFrame, withheld: Mapping[tuple[str, str], Decimal], booked: DataFrame | None = None
) -> DataFrame:
    """One row a hospital, month and fund; sums in decimal(18,2), CMI 6 decimals half-up, null without a weight.

    The level is the highest the hospital had among the month's cases. `withheld` is the share held back by month and
    region; what is held back is rounded half-up to the fen, of a payment below zero nothing, and the rest is payable.
    `booked` is payment_adjustment of the months: its differences are payable in full, also to a hospital without cases.
    A month and region without a share would come out with nulls, which the table refuses.
    """
    return _hospitals(payment_cells(case_payment, booked), withheld)


def fund_account(case_payment: DataFrame, booked: DataFrame | None = None) -> DataFrame:
    """One row a month, pricing region, paying region and fund; the line tells own patients from those of others.

    Differences of a cleared year are a line of their own, which counts the accounts they move.
    """
    return _accounts(payment_cells(case_payment, booked))


def payment_cells(case_payment: DataFrame, booked: DataFrame | None = None) -> DataFrame:
    """The sums both tables are made of, exact: counts, amounts in yuan at 2 decimals, weights at 4.

    Month x region x hospital x fund x paying region, and the level and policy version of the cases; differences apart.
    Texts are keys here and gathered later: among millions of cases a largest or a set of texts costs Spark its hash
    aggregate.
    """
    cases = case_payment.withColumns({"booked": F.lit(False), "adjustment": F.lit(0).cast("decimal(16,2)")})
    if booked is not None:
        none = {name: F.lit(0).cast("decimal(16,2)") for name in AMOUNTS} | {"payment_kind": F.lit(None).cast("string")}
        rows = booked.withColumns({"booked": F.lit(True), "adjustment": F.col("amount")}).withColumns(none)
        cases = cases.unionByName(rows, allowMissingColumns=True)
    own = ("hospital_code", "hospital_level", "insured_region_code", "policy_version", "booked")
    return cases.groupBy(*_UNIT, *own).agg(
        F.count(F.lit(1)).alias("n_rows"),
        F.count("payment_kind").alias("n_cases"),
        *(_count(*kinds).alias(name) for name, kinds in KINDS.items()),
        F.count("transfer").alias("n_transfer"),
        F.count("relative_weight").alias("n_weights"),
        F.sum("relative_weight").alias("weight_sum"),
        *(F.sum(name).alias(name) for name in (*AMOUNTS, "adjustment")),
    )


def _hospitals(cells: DataFrame, withheld: Mapping[tuple[str, str], Decimal]) -> DataFrame:
    weight = F.sum("weight_sum").cast("decimal(20,4)")
    cmi = half_up_column(weight / F.sum("n_weights"), 6, 12)
    rows = cells.groupBy("settlement_month", "region_code", "hospital_code", "fund").agg(
        F.max("hospital_level").alias("hospital_level"),
        *(F.sum(name).alias(name) for name in ("n_cases", *KINDS, "n_transfer")),
        F.coalesce(weight, F.lit(0).cast("decimal(20,4)")).alias("weight_sum"),
        F.when(F.sum("n_weights") > 0, cmi).alias("cmi"),
        *(F.sum(name).cast("decimal(18,2)").alias(name) for name in (*AMOUNTS, "adjustment")),
        _versions().alias("policy_version"),
    )
    shares = rows.sparkSession.createDataFrame(
        [(*unit, share) for unit, share in sorted(withheld.items())],
        "settlement_month string, region_code string, withhold_share decimal(6,4)",
    )
    owed = F.greatest(F.col("fund_payment"), F.lit(0).cast("decimal(18,2)"))
    held = rows.join(F.broadcast(shares), ["settlement_month", "region_code"], "left").withColumn(
        "withheld", round_fen_column(owed * F.col("withhold_share"), 18)
    )
    payable = (F.col("fund_payment") - F.col("withheld") + F.col("adjustment")).cast("decimal(18,2)")
    return held.withColumn("payable", payable).select(*contract("hospital_settlement").names())


def _accounts(cells: DataFrame) -> DataFrame:
    local = F.when(F.col("insured_region_code") == F.col("region_code"), LOCAL).otherwise(CROSS_REGION)
    amount = F.when(F.col("booked"), F.col("adjustment")).otherwise(F.col("fund_payment"))
    lines = cells.withColumns({"line": F.when(F.col("booked"), ADJUSTMENTS).otherwise(local), "fund_payment": amount})
    rows = lines.groupBy("settlement_month", "region_code", "insured_region_code", "fund", "line").agg(
        F.sum("n_rows").alias("n_cases"),
        F.sum("fund_payment").cast("decimal(18,2)").alias("fund_payment"),
        _versions().alias("policy_version"),
    )
    return rows.select(*contract("fund_account").names())


def assert_sums_tie(
    case_payment: DataFrame, hospitals: DataFrame, accounts: DataFrame, booked: DataFrame | None = None
) -> None:
    """Cases, hospitals and accounts hold the same counts and amounts, to the fen, in each month, region and fund.

    So do differences of cleared years, `booked`. Raises ContractError naming the first unit that differs.
    """
    cases = case_payment.groupBy(*_UNIT).agg(F.count(F.lit(1)).alias("n_cases"), *_sums(*AMOUNTS)).collect()
    treating = hospitals.where("n_cases > 0")
    stays, moved = accounts.where(F.col("line") != ADJUSTMENTS), accounts.where(F.col("line") == ADJUSTMENTS)
    _assert_equal("hospital_settlement", cases, treating, "n_cases", *AMOUNTS)
    _assert_equal("fund_account", cases, stays, "n_cases", "fund_payment")
    if booked is not None:
        whole = booked.groupBy(*_UNIT).agg(F.sum("amount").alias("adjustment")).collect()
        units = booked.select(*_UNIT).distinct()
        _assert_equal("hospital_settlement", whole, hospitals.join(units, [*_UNIT], "left_semi"), "adjustment")
        _assert_equal("fund_account", whole, moved.withColumn("adjustment", F.col("fund_payment")), "adjustment")


def _assert_equal(table: str, cases: Sequence[Row], sums: DataFrame, *figures: str) -> None:
    def listed(rows: Sequence[Row]) -> dict[tuple[str, ...], tuple[object, ...]]:
        return {tuple(row[name] for name in _UNIT): tuple(row[name] for name in figures) for row in rows}

    left, right = listed(cases), listed(sums.groupBy(*_UNIT).agg(*_sums(*figures)).collect())
    for unit in sorted(left.keys() | right.keys()):
        if left.get(unit) != right.get(unit):
            raise ContractError(
                f"{table} of {' '.join(unit)} does not tie to its cases ({', '.join(figures)}): "
                f"{right.get(unit)} against {left.get(unit)}; settle the month again"
            )


def _sums(*names: str) -> list[Column]:
    return [F.sum(name).alias(name) for name in names]


def _count(*kinds: str) -> Column:
    return F.count(F.when(F.col("payment_kind").isin(*kinds), 1))


def _versions() -> Column:
    """The policy version; where parameters changed within the month all of them, sorted and joined by +."""
    return F.array_join(F.sort_array(F.collect_set("policy_version")), "+")
