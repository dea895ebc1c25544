"""`drg verify`: every identity of the tables, each a sentence that holds or names what differs.

An identity compares two figures computed from the tables; money is compared to the fen, never within a tolerance.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drg.contracts import contract
from drg.doors.config import Env
from drg.doors.tables import Lake
from drg.settle.clearing_lines import OF_BALANCE, SUMMED
from drg.settle.common import LAYERS
from drg.steps import TABLES

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, Row

_UNIT = ("settlement_month", "region_code")


@dataclass(frozen=True)
class Identity:
    """One identity: what must equal what, the two figures, and where it fails first."""

    name: str
    holds: bool
    left: str
    right: str
    where: str = ""


def verify(lake: Lake, env: Env, say: Callable[[str], None] = lambda text: None) -> list[Identity]:
    """All identities of the tables that exist, in the order of the line; a table not yet written is left out."""
    found: list[Identity] = []
    for check in (
        _lists,
        _groups,
        _weights_and_rates,
        _versions,
        _payments,
        _differences,
        _clearings,
        _comparison,
        _keys,
        _provenance,
    ):
        say(check.__name__.strip("_").replace("_", " "))
        found.extend(check(lake))
    found.extend(_releases(env))
    return found


def _lists(lake: Lake) -> Iterator[Identity]:
    """Nothing is lost: landed = accepted + rejected for each region and month."""
    if not (_has(lake, "landed_list", "settlement_list", "rejected_list")):
        return
    from pyspark.sql import functions as F

    done = lake.read("run_log").where("step = 'validate' AND status = 'done'")
    units = done.select(F.col("region_code"), F.col("period").alias("settlement_month")).distinct()
    landed = (
        lake.read("landed_list").withColumnRenamed("record_month", "settlement_month").join(units, [*_UNIT], "semi")
    )
    kept = lake.read("settlement_list").select(*_UNIT).unionAll(lake.read("rejected_list").select(*_UNIT))
    yield _per_unit("landed = accepted + rejected", landed.select(*_UNIT), kept, _count())
    parts = f"total_cost <> basic_fund_payment + {' + '.join(LAYERS)}"
    uneven = lake.read("settlement_list").where(parts)
    yield _none("total cost of a list = basic fund + layers beside it + patient", uneven, *_UNIT, "setl_id")
    live = lake.read("settlement_list").select("region_code", "setl_id")
    yield _same("a settlement is live in one month only", live.count(), live.distinct().count())
    received = lake.read("landed_list").select("region_code", "delivery_month", "file_name", "line_number")
    yield _same(
        "a landed record occurs once",
        received.count(),
        received.distinct().count(),
    )


def _groups(lake: Lake) -> Iterator[Identity]:
    """Every fit list is grouped once under each scheme it was grouped with."""
    if not _has(lake, "settlement_list", "grouped_case"):
        return
    cases = lake.read("grouped_case")
    for row in cases.select("scheme").distinct().orderBy("scheme").collect():
        own = cases.where(cases.scheme == row["scheme"])
        units = own.select(*_UNIT).distinct()
        lists = lake.read("settlement_list").join(units, [*_UNIT], "semi")
        yield _per_unit(f"fit lists = cases grouped under {row['scheme']}", lists, own, _count())
        name = f"total cost of lists = of cases under {row['scheme']}"
        yield from _per_fund(name, lists, own, _sum("total_cost"))


def _weights_and_rates(lake: Lake) -> Iterator[Identity]:
    """The printed lines of a rate lead from the budget to the rate."""
    from pyspark.sql import functions as F

    if _has(lake, "drg_weight"):
        weights = lake.read("drg_weight")
        yield _none("weights above zero", weights.where("relative_weight <= 0"), "region_code", "drg")
        yield _none(
            "history = kept + trimmed cases of each weight",
            weights.where("n_history <> n_cases + n_trimmed"),
            "region_code",
            "drg",
        )
        trimmed = lake.read("trimmed_case")
        total = weights.agg(F.sum("n_trimmed").alias("n")).collect()[0]["n"] or 0
        yield _same("trimmed cases listed = counted in the weights", trimmed.count(), total)
    if _has(lake, "region_rate"):
        rates = lake.read("region_rate")
        budget = "distributable <> budget - reserve - non_drg_payments"
        yield _none("distributable = budget - reserve - non-DRG payments", rates.where(budget), "region_code", "fund")
        back = F.abs(F.col("base_rate") * F.col("weight_volume") - F.col("cost_pool"))
        off = rates.where(back > F.lit("0.005").cast("decimal(10,4)") * F.col("weight_volume"))
        yield _none("base rate x weight volume = cost pool, to half a fen a weight", off, "region_code", "fund")
        wrong = "(method = 'points') <> (point_value IS NOT NULL) OR (method = 'rate') <> (base_rate IS NOT NULL)"
        yield _none("a rate stands under the rate method, a point value under points", rates.where(wrong),
                    "region_code", "fund")  # fmt: skip
        # Money handed out per point is the pool or the fund's part of it; which, the policy says.
        worth = F.col("point_value") * F.col("point_volume")
        half = F.lit("0.005").cast("decimal(4,3)") * F.col("point_volume")
        pools = [F.abs(worth - F.col(name)) > half for name in ("cost_pool", "distributable")]
        fine = F.col("rate_source") == "budget"
        yield _none("point value x points = cost pool or distributable, to half a fen a point",
                    rates.where(fine & pools[0] & pools[1]), "region_code", "fund")  # fmt: skip
        parts = rates.where("level_class <> 'all' AND rate_source = 'budget'")
        keys = ("settlement_year", "region_code", "fund", "rate_version", "distributable", "reimbursement_ratio")
        split = parts.groupBy(*keys).agg(F.sum("cost_pool").alias("pools"), F.sum("level_share").alias("shares"))
        ratio = F.round(F.col("distributable") / F.col("reimbursement_ratio"), 2)
        yield _none("pools of the levels add up to the fund's", split.where((F.col("pools") != ratio) |
                    (F.col("shares") != 1)), "region_code", "fund")  # fmt: skip


def _versions(lake: Lake) -> Iterator[Identity]:
    """What is published stands as it was published, and each month is priced by the version in force on it."""
    from drg.verify_versions import version_findings

    for name, looked_at, broken in version_findings(lake):
        yield Identity(name, not broken, str(looked_at), str(looked_at - len(broken)), "; ".join(broken[:1]))


def _payments(lake: Lake) -> Iterator[Identity]:
    """Cases, hospitals and funds tell the same sums, each fund for itself."""
    if not _has(lake, "case_payment", "hospital_settlement", "fund_account"):
        return
    from pyspark.sql import functions as F

    from drg.settle.accounts import ADJUSTMENTS

    paid, hospitals = lake.read("case_payment"), lake.read("hospital_settlement")
    accounts, cases = lake.read("fund_account"), lake.read("grouped_case")
    units = paid.select(*_UNIT, "scheme").distinct()
    n_paid = paid.select(*_UNIT, F.lit(1).alias("n_cases"))
    if _has(lake, "payment_adjustment"):
        booked = lake.read("payment_adjustment").withColumn("settlement_month", F.col("case_month"))
        n_paid = n_paid.unionByName(booked.select(*n_paid.columns))
    name = "cases grouped = cases paid, differences of cleared years included"
    yield _per_unit(name, cases.join(units, [*_UNIT, "scheme"], "semi"), n_paid, _count(), _sum("n_cases"))
    by_fund = (*_UNIT, "fund")
    yield _per_unit("cases paid = cases in hospital settlements", paid, hospitals, _count(), _sum("n_cases"), by_fund)
    for amount in ("total_cost", "standard", "patient_and_other_paid", *LAYERS, "fund_payment", "gain_loss"):
        yield from _per_fund(f"{amount} of cases = of hospital settlements", paid, hospitals, _sum(amount))
    parts = hospitals.where("payable <> fund_payment - withheld + adjustment")
    yield _none("payable of a hospital = fund payment - withheld + differences", parts, *_UNIT, "hospital_code")
    by_payer = (*_UNIT, "fund", "insured_region_code")
    name = "fund payment of cases = of fund accounts, by payer"
    stays = accounts.where(F.col("line") != ADJUSTMENTS)
    yield from _per_fund(name, paid, stays, _sum("fund_payment"), by=by_payer)
    mixed = stays.where("(line = 'local_stays') <> (insured_region_code = region_code)")
    yield _none("local lines are paid by the region itself, others never", mixed, "region_code", "insured_region_code")
    others = paid.where(f"patient_and_other_paid <> {' + '.join(LAYERS)}")
    yield _none("what others paid = major illness + assistance + other funds + patient", others, *_UNIT, "setl_id")
    split = paid.where("gain_loss <> standard - total_cost")
    yield _none("gain or loss = standard - total cost", split, *_UNIT, "setl_id")
    unpriced = paid.where("payment_kind = 'normal' AND (price IS NULL OR standard <> price)")
    yield _none("a normal case is worth its price", unpriced, *_UNIT, "setl_id")


def _differences(lake: Lake) -> Iterator[Identity]:
    """Entries of cleared years are what their cases are worth less what was paid, and are paid as they are booked."""
    if not _has(lake, "payment_adjustment", "case_payment", "hospital_settlement", "fund_account"):
        return
    from pyspark.sql import functions as F

    from drg.settle.accounts import ADJUSTMENTS

    booked, hospitals = lake.read("payment_adjustment"), lake.read("hospital_settlement")
    off = booked.where("amount <> fund_payment - paid_before")
    yield _none("difference = fund payment as it stands - paid before", off, *_UNIT, "setl_id")
    account = ("region_code", "case_month", "setl_id", "hospital_code", "insured_region_code", "fund")
    paid = lake.read("case_payment").withColumnRenamed("settlement_month", "case_month")
    paid = paid.select(*account, F.col("fund_payment").alias("amount"))
    whole = booked.groupBy(*account).agg(F.sum("amount").alias("entries"), F.collect_set("fund_payment").alias("worth"))
    both = whole.join(paid, [*account], "left")
    total = (F.col("entries") + F.coalesce("amount", F.lit(0))).cast("decimal(16,2)")
    name = "paid in the month of record + entries = what the case is worth, as its newest entry says"
    yield _none(name, both.where(~F.array_contains("worth", total)), "region_code", "case_month", "setl_id")
    by = (*_UNIT, "fund")
    name = "differences of cases = of hospital settlements"
    yield from _per_fund(name, booked, hospitals, _sum("amount"), _sum("adjustment"), (*by, "hospital_code"))
    accounts = lake.read("fund_account").where(F.col("line") == ADJUSTMENTS)
    name = "differences of cases = of fund accounts, by payer"
    payer = (*by, "insured_region_code")
    yield from _per_fund(name, booked, accounts, _sum("amount"), _sum("fund_payment"), payer)


def _clearings(lake: Lake) -> Iterator[Identity]:
    """A clearing accounts for the whole budget, ties to its hospitals and rests on the months as they stand."""
    if not _has(lake, "hospital_clearing", "fund_clearing", "case_payment"):
        return
    from pyspark.sql import functions as F

    hospitals, funds = lake.read("hospital_clearing"), lake.read("fund_clearing")
    unit = ("settlement_year", "region_code", "fund")

    def line(frame: DataFrame, *names: str) -> DataFrame:
        return frame.where(F.col("line").isin(*names))

    def adds_up(
        name: str, frame: DataFrame, whole: str, parts: tuple[str, ...], by: tuple[str, ...]
    ) -> Iterator[Identity]:
        return _per_fund(name, line(frame, whole), line(frame, *parts), _sum("amount"), by=by)

    parts: tuple[str, ...] = ("reserve", "non_drg_payments", "use", "hospitals_share", "region_share")
    yield from adds_up("budget = reserve + non-DRG + use + hospitals' + region's share", funds, "budget", parts, unit)
    spent = line(funds, "reserve", "non_drg_payments", "due", "region_share", "cap").withColumn(
        "amount", F.when(F.col("line") == "cap", -F.col("amount")).otherwise(F.col("amount"))
    )
    shared = line(funds, "budget").select(*unit)
    name = "budget = payments due + reserve + non-DRG + region's share and what caps give back to it"
    budgeted = spent.join(shared, [*unit], "semi")
    yield from _per_fund(name, line(funds, "budget"), budgeted, _sum("amount"), by=unit)
    due = line(funds, "due").join(shared, [*unit], "semi").select(*unit, "amount")
    spent = line(funds, "distributable", "cap").select(*unit, "amount")
    name = "due of a clearing with a budget = distributable + cap"
    yield from _per_fund(name, due, spent, _sum("amount"), by=unit)
    own = (*unit, "hospital_code")
    name = "due of a hospital = months + adjustment + cap"
    yield from adds_up(name, hospitals, "due", ("monthly_payment", "adjustment", "cap"), own)
    name = "balance of a hospital = due + differences - deductions - paid"
    yield from adds_up(name, hospitals, "balance", OF_BALANCE, own)
    name = "lines of hospitals = lines of their fund, by line"
    of_hospitals, of_funds = line(hospitals, *SUMMED), line(funds, *SUMMED)
    yield from _per_fund(name, of_hospitals, of_funds, _sum("amount"), by=(*unit, "line"))
    cases = lake.read("case_payment").withColumn("settlement_year", F.substring("settlement_month", 1, 4).cast("int"))
    cleared = funds.select("settlement_year", "region_code").distinct()
    paid = cases.join(cleared, ["settlement_year", "region_code"], "semi")
    months = line(hospitals, "monthly_payment")
    name = "monthly payments of a clearing = fund payments of its cases"
    yield from _per_fund(name, paid, months, _sum("fund_payment"), _sum("amount"), own)
    if _has(lake, "audit_deduction"):
        audits = lake.read("audit_deduction").join(cleared, ["settlement_year", "region_code"], "semi")
        name = "audit deductions of a cleared year = those of its hospitals"
        taken = line(hospitals, "audit_deduction").withColumn("amount", -F.col("amount"))
        yield from _per_fund(name, audits, taken, _sum("amount"), by=own)
    following = line(hospitals, "next_year").withColumn("settlement_year", F.col("settlement_year") + 1)
    met = following.join(cleared, ["settlement_year", "region_code"], "semi")
    before = cleared.withColumn("settlement_year", F.col("settlement_year") + 1)
    carried = line(hospitals, "prior_performance").join(before, ["settlement_year", "region_code"], "semi")
    name = "what reviews take of the next year = what that year's clearing takes"
    yield from _per_fund(name, met, carried, _sum("amount"), by=own)


def _comparison(lake: Lake) -> Iterator[Identity]:
    """The three effects of a gap add up to it."""
    if not _has(lake, "drg_region_comparison"):
        return
    rows = lake.read("drg_region_comparison")
    gap = rows.where("price_gap <> weight_effect + rate_effect + coefficient_effect")
    yield _none("price gap = weight + rate + coefficient effect", gap, "settlement_month", "region_code", "drg")
    means = rows.where("price_gap <> mean_price - province_mean_price")
    yield _none("price gap = mean price - province mean price", means, "settlement_month", "region_code", "drg")


def _keys(lake: Lake) -> Iterator[Identity]:
    """The key of each table's contract identifies a row."""
    for name in TABLES:
        key = contract(name).key()
        if key and _has(lake, name):
            rows = lake.read(name).select(*key)
            yield _same(f"{name}: rows = distinct keys", rows.count(), rows.distinct().count())


def _provenance(lake: Lake) -> Iterator[Identity]:
    """What a payment rests on exists: its weight and its rate stand in the version it names."""
    if not _has(lake, "case_payment", "drg_weight", "region_rate"):
        return
    from pyspark.sql import functions as F

    paid = lake.read("case_payment").where("relative_weight IS NOT NULL")
    on = ["region_code", "scheme", "weight_version", "priced_group", "relative_weight"]
    weights = lake.read("drg_weight").withColumnRenamed("drg", "priced_group").select(*on)
    yield _none("every paid weight stands in its version", paid.join(weights, on, "anti"), *_UNIT, "setl_id")
    prices = lake.read("region_rate").withColumn(
        "point_value", F.col("point_value").cast(paid.schema["point_value"].dataType)
    )
    for name, what in (("base_rate", "rate"), ("point_value", "point value")):
        on = ["region_code", "fund", "rate_version", name]
        priced = paid.where(F.col(name).isNotNull()).join(prices.select(*on), on, "anti")
        yield _none(f"every paid {what} stands in its version", priced, *_UNIT, "setl_id")


def _releases(env: Env) -> Iterator[Identity]:
    """Every file of a release is there with the checksum its manifest gives."""
    wrong, total = [], 0
    for manifest in sorted(env.releases.glob("*/*/manifest.json")):
        for entry in json.loads(manifest.read_text(encoding="utf-8"))["files"]:
            total += 1
            file = manifest.parent / entry["name"]
            if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != entry["sha256"]:
                wrong.append(f"{manifest.parent.parent.name}/{manifest.parent.name}/{entry['name']}")
    if total:
        intact = total - len(wrong)
        yield Identity(
            "released files = files with their checksum", not wrong, str(total), str(intact), ", ".join(wrong[:3])
        )


def _has(lake: Lake, *tables: str) -> bool:
    return all(lake.exists(table) for table in tables)


def _count() -> Column:
    from pyspark.sql import functions as F

    return F.count(F.lit(1)).cast("decimal(38,2)")


def _sum(name: str) -> Column:
    from pyspark.sql import functions as F

    return F.sum(F.col(name)).cast("decimal(38,2)")


def _same(name: str, left: int, right: int) -> Identity:
    return Identity(name, left == right, str(left), str(right))


def _none(name: str, offending: DataFrame, *show: str) -> Identity:
    """An identity stated as 'no row breaks it': left is the number of rows that do."""
    count = offending.count()
    first = offending.select(*show).orderBy(*show).head() if count else None
    where = ", ".join(str(value) for value in first) if first else ""
    return Identity(name, count == 0, str(count), "0", where)


def _per_unit(
    name: str,
    left: DataFrame,
    right: DataFrame,
    of_left: Column,
    of_right: Column | None = None,
    by: tuple[str, ...] = _UNIT,
) -> Identity:
    """Two counts equal in each unit; shown are the totals, and the first unit that differs."""
    found = _compared(left, right, of_left, of_right, by, ())
    return _identity(name, found[0])


def _per_fund(
    name: str,
    left: DataFrame,
    right: DataFrame,
    of_left: Column,
    of_right: Column | None = None,
    by: tuple[str, ...] = (*_UNIT, "fund"),
) -> Iterator[Identity]:
    """Two amounts equal in each unit: an identity a fund, since money of two funds is never added up."""
    found = _compared(left, right, of_left, of_right, by, ("fund",))
    for row in sorted(found, key=lambda row: str(row["fund"])):
        yield _identity(f"{name}, fund {row['fund']}", row)


def _compared(
    left: DataFrame,
    right: DataFrame,
    of_left: Column,
    of_right: Column | None,
    by: tuple[str, ...],
    shown_by: tuple[str, ...],
) -> list[Row]:
    """Totals l and r of both sides, and the smallest unit d in which they differ; a row each of `shown_by`."""
    from pyspark.sql import functions as F

    a = left.groupBy(*by).agg(of_left.alias("_left"))
    b = right.groupBy(*by).agg((of_left if of_right is None else of_right).alias("_right"))
    zero = F.lit(0).cast("decimal(38,2)")
    both = a.join(b, list(by), "full").select(
        *by, F.coalesce("_left", zero).alias("_left"), F.coalesce("_right", zero).alias("_right")
    )
    differs = F.when(F.col("_left") != F.col("_right"), F.struct(*[F.col(c).cast("string") for c in by]))
    totals = both.groupBy(*shown_by).agg(
        F.sum("_left").alias("l"), F.sum("_right").alias("r"), F.min(differs).alias("d")
    )
    return totals.collect()


def _identity(name: str, row: Row) -> Identity:
    where = ", ".join(row["d"]) if row["d"] else ""
    return Identity(name, row["d"] is None, str(row["l"] or 0), str(row["r"] or 0), where)
