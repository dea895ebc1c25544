"""payment_adjustment: what changed of a cleared year, booked as differences in an open month (清算后差额).

Grain: booking month x region x case x account (hospital, paying region, fund). A case of a cleared month that came
late, was corrected or withdrawn, or won its dispute is priced once more, under the policy, weights and rate of its own
month; the difference to what was paid and booked for it stands in the month that is being settled. A list that did not
change stands as it was settled, whatever place among candidates a late one left it.

Source: 病种付费归组复核 的公开约定: differences after a clearing are entries, never rewrites of a settled month. That
the month's own price holds, and not the final point value, whose money is distributed to the last fen, is our reading.

An entry once booked stays in its month. For each account of a case, case_payment + its entries = what the case is worth
as it stands, to the fen, whenever and however often months are settled.
"""

from __future__ import annotations

from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from drg.contracts import contract

TABLE = "payment_adjustment"

_CASE = ("region_code", "case_month", "setl_id")
_ACCOUNT = (*_CASE, "hospital_code", "insured_region_code", "fund")
# What a list says; where none of it changed, the list stands.
_SAID = (
    "hospital_code", "hospital_level", "insured_region_code", "fund", "discharge_date", "drg", "grouping_status",
    "los_days", "total_cost", "patient_and_other_paid", "excluded_item_amount",
)  # fmt: skip
_PLACES = ("high", "special")
_SHOWN = (
    "hospital_level", "payment_kind", "rule", "clause", "standard", "fund_payment", "policy_version",
    "assumed_parameters",
)  # fmt: skip
_MONEY = "decimal(16,2)"


def differences(
    paid: DataFrame, priced: DataFrame, booked: DataFrame, disputed: DataFrame, booking: DataFrame
) -> DataFrame:
    """The entries of the booking months for some cleared months, in the shape of payment_adjustment.

    Args:
        paid: case_payment of the cleared months, as settled.
        priced: the same months priced once more, in the shape of case_payment.
        booked: payment_adjustment of these months, wherever booked.
        disputed: region_code, case_month and setl_id of disputes that were upheld.
        booking: region_code and booking_month.

    A row for each account whose worth or number of cases differs from what was paid and booked in other months.
    """
    was, now = (_cases(frame, name) for frame, name in ((paid, "was"), (priced, "now")))
    elsewhere = F.col("settlement_month") != F.col("booking_month")
    dated = booked.join(F.broadcast(booking), "region_code")
    known = dated.groupBy(*_CASE).agg(F.lit(True).alias("was_booked"), F.max(elsewhere).alias("booked_elsewhere"))
    cases = (
        was.join(now, list(_CASE), "full")
        .join(known, list(_CASE), "full")
        .join(F.broadcast(disputed.distinct().withColumn("was_disputed", F.lit(True))), list(_CASE), "left")
        .withColumn("reason", _reason())
        .where(~_stands())
    )
    others = (
        dated.where(elsewhere)
        .groupBy(*_ACCOUNT)
        .agg(
            F.sum("n_cases").alias("n_booked"),
            F.sum("amount").alias("booked"),
            F.max("hospital_level").alias("level_booked"),
            F.max("policy_version").alias("version_booked"),
        )
    )
    before = _accounts(cases, "was").select(
        *_ACCOUNT,
        F.lit(1).alias("n_was"),
        F.col("fund_payment").alias("was_paid"),
        F.col("hospital_level").alias("level_before"),
        F.col("policy_version").alias("version_before"),
    )
    after = _accounts(cases, "now").select(*_ACCOUNT, F.lit(1).alias("n_now"), *_SHOWN)
    rows = (
        reduce(lambda left, right: left.join(right, list(_ACCOUNT), "full"), (after, before, others))
        .join(cases.select(*_CASE, "reason"), list(_CASE))
        .join(F.broadcast(booking), "region_code")
    )
    n_before = _or_nothing("n_was") + _or_nothing("n_booked")
    figures = rows.withColumns(
        {
            "settlement_month": F.col("booking_month"),
            "n_cases": (_or_nothing("n_now") - n_before).cast("int"),
            "standard": _or_nothing("standard", _MONEY),
            "fund_payment": _or_nothing("fund_payment", _MONEY),
            "paid_before": (_or_nothing("was_paid", _MONEY) + _or_nothing("booked", _MONEY)).cast(_MONEY),
            "hospital_level": F.coalesce("hospital_level", "level_before", "level_booked"),
            "policy_version": F.coalesce("policy_version", "version_before", "version_booked"),
            "assumed_parameters": F.coalesce("assumed_parameters", F.array().cast("array<string>")),
        }
    )
    moved = figures.withColumn("amount", (F.col("fund_payment") - F.col("paid_before")).cast(_MONEY))
    return moved.where("n_cases <> 0 OR amount <> 0").select(*contract(TABLE).names())


def _cases(frame: DataFrame, name: str) -> DataFrame:
    admitted = [_admitted(place).alias(f"{place}_admitted") for place in _PLACES]
    said = F.struct(*dict.fromkeys((*_SAID, *_SHOWN)), *admitted)
    return frame.select("region_code", F.col("settlement_month").alias("case_month"), "setl_id", said.alias(name))


def _admitted(name: str) -> Column:
    return F.coalesce(F.col(f"{name}_place") <= F.col(f"{name}_places"), F.lit(True))


def _accounts(cases: DataFrame, name: str) -> DataFrame:
    """One row a case and the account it is or was paid from."""
    there = cases.where(F.col(name).isNotNull())
    names = dict.fromkeys(("hospital_code", "insured_region_code", "fund", *_SHOWN))
    return there.select(*_CASE, *(F.col(f"{name}.{column}").alias(column) for column in names))


def _same(*names: str) -> Column:
    return reduce(lambda a, b: a & b, (F.col(f"was.{name}").eqNullSafe(F.col(f"now.{name}")) for name in names))


def _reason() -> Column:
    said = _same(*_SAID)
    return (
        F.when(F.col("now").isNull(), "withdrawn")
        .when(F.col("was").isNull() & ~F.coalesce("booked_elsewhere", F.lit(False)), "late")
        .when(said & F.col("was_disputed"), "dispute")
        .otherwise("corrected")
    )


def _stands() -> Column:
    """A list that says what it said, without entry or dispute, that the places of others alone admit or leave out."""
    nothing = F.col("was_booked").isNull() & F.col("was_disputed").isNull()
    moved = ~_same(*(f"{place}_admitted" for place in _PLACES))
    return F.coalesce(_same(*_SAID) & moved & nothing, F.lit(False))


def _or_nothing(name: str, kind: str = "int") -> Column:
    return F.coalesce(F.col(name), F.lit(0)).cast(kind)
