"""`drg verify`: every identity of the tables, each a sentence that holds or names what differs.

An identity compares two figures computed from the tables; money is compared to the fen, never within a tolerance.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from drg.contracts import contract
from drg.doors.config import Env
from drg.doors.tables import Lake
from drg.identities import UNIT, Identity, count_rows, has, none_breaks, per_fund, per_unit, same, sum_of
from drg.settle.clearing_lines import OF_BALANCE, SUMMED
from drg.settle.common import LAYERS
from drg.steps import TABLES

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def verify(lake: Lake, env: Env, say: Callable[[str], None] = lambda text: None) -> list[Identity]:
    """All identities of the tables that exist, in the order of the line; a table not yet written is left out."""
    found: list[Identity] = []
    for check in (
        _lists,
        _quality,
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
    if not (has(lake, "landed_list", "settlement_list", "rejected_list")):
        return
    from pyspark.sql import functions as F

    done = lake.read("run_log").where("step = 'validate' AND status = 'done'")
    units = done.select(F.col("region_code"), F.col("period").alias("settlement_month")).distinct()
    landed = lake.read("landed_list").withColumnRenamed("record_month", "settlement_month").join(units, [*UNIT], "semi")
    kept = lake.read("settlement_list").select(*UNIT).unionAll(lake.read("rejected_list").select(*UNIT))
    yield per_unit("landed = accepted + rejected", landed.select(*UNIT), kept, count_rows())
    parts = f"total_cost <> basic_fund_payment + {' + '.join(LAYERS)}"
    uneven = lake.read("settlement_list").where(parts)
    yield none_breaks("total cost of a list = basic fund + layers beside it + patient", uneven, *UNIT, "setl_id")
    live = lake.read("settlement_list").select("region_code", "setl_id")
    yield same("a settlement is live in one month only", live.count(), live.distinct().count())
    received = lake.read("landed_list").select("region_code", "delivery_month", "file_name", "line_number")
    yield same(
        "a landed record occurs once",
        received.count(),
        received.distinct().count(),
    )


def _quality(lake: Lake) -> Iterator[Identity]:
    """The quality of lists counts each record once, in the months and regions it was counted for."""
    if not has(lake, "list_quality", "landed_list", "settlement_list", "rejected_list"):
        return
    from drg.validate.quality import REJECTED, UNKNOWN_HOSPITAL

    counted = lake.read("list_quality")
    units = counted.select(*UNIT).distinct()
    landed = lake.read("landed_list").withColumnRenamed("record_month", "settlement_month").select(*UNIT)
    received = landed.join(units, [*UNIT], "semi")
    yield per_unit("landed = received of the hospitals", received, counted, count_rows(), sum_of("received"))
    by_hospital = (*UNIT, "hospital_code")
    settled = lake.read("settlement_list").select(*by_hospital).join(units, [*UNIT], "semi")
    name = "accepted lists of a hospital = accepted in its quality"
    yield per_unit(name, settled, counted, count_rows(), sum_of("accepted"), by_hospital)
    parts = " + ".join(REJECTED)
    refused = lake.read("rejected_list").select(*by_hospital).join(units, [*UNIT], "semi")
    refused = refused.fillna(UNKNOWN_HOSPITAL, ["hospital_code"])
    beside = counted.selectExpr(*by_hospital, f"{parts} AS n")
    name = "rejected records of a hospital = returned + replaced + duplicates + taken back"
    yield per_unit(name, refused, beside, count_rows(), sum_of("n"), by_hospital)


def _groups(lake: Lake) -> Iterator[Identity]:
    """Every fit list is grouped once under each scheme it was grouped with."""
    if not has(lake, "settlement_list", "grouped_case"):
        return
    cases = lake.read("grouped_case")
    for row in cases.select("scheme").distinct().orderBy("scheme").collect():
        own = cases.where(cases.scheme == row["scheme"])
        units = own.select(*UNIT).distinct()
        lists = lake.read("settlement_list").join(units, [*UNIT], "semi")
        yield per_unit(f"fit lists = cases grouped under {row['scheme']}", lists, own, count_rows())
        name = f"total cost of lists = of cases under {row['scheme']}"
        yield from per_fund(name, lists, own, sum_of("total_cost"))


def _weights_and_rates(lake: Lake) -> Iterator[Identity]:
    """The printed lines of a rate lead from the budget to the rate."""
    from pyspark.sql import functions as F

    if has(lake, "drg_weight"):
        weights = lake.read("drg_weight")
        yield none_breaks("weights above zero", weights.where("relative_weight <= 0"), "region_code", "drg")
        yield none_breaks(
            "history = kept + trimmed cases of each weight",
            weights.where("n_history <> n_cases + n_trimmed"),
            "region_code",
            "drg",
        )
        trimmed = lake.read("trimmed_case").count() if has(lake, "trimmed_case") else 0
        total = weights.agg(F.sum("n_trimmed").alias("n")).collect()[0]["n"] or 0
        yield same("trimmed cases listed = counted in the weights", trimmed, total)
    if has(lake, "region_rate"):
        rates = lake.read("region_rate")
        budget = "distributable <> budget - reserve - non_drg_payments"
        yield none_breaks(
            "distributable = budget - reserve - non-DRG payments", rates.where(budget), "region_code", "fund"
        )
        back = F.abs(F.col("base_rate") * F.col("weight_volume") - F.col("cost_pool"))
        off = rates.where(back > F.lit("0.005").cast("decimal(10,4)") * F.col("weight_volume"))
        yield none_breaks("base rate x weight volume = cost pool, to half a fen a weight", off, "region_code", "fund")
        wrong = "(method = 'points') <> (point_value IS NOT NULL) OR (method = 'rate') <> (base_rate IS NOT NULL)"
        yield none_breaks("a rate stands under the rate method, a point value under points", rates.where(wrong),
                    "region_code", "fund")  # fmt: skip
        # Money handed out per point is the pool or the fund's part of it; which, the policy says.
        worth = F.col("point_value") * F.col("point_volume")
        half = F.lit("0.005").cast("decimal(4,3)") * F.col("point_volume")
        pools = [F.abs(worth - F.col(name)) > half for name in ("cost_pool", "distributable")]
        fine = F.col("rate_source") == "budget"
        yield none_breaks("point value x points = cost pool or distributable, to half a fen a point",
                    rates.where(fine & pools[0] & pools[1]), "region_code", "fund")  # fmt: skip
        if has(lake, "month_point_value"):
            values = lake.read("month_point_value").where("points > 0")
            apart = F.abs(F.col("point_value") * F.col("points") + F.col("beside_points") - F.col("month_pool"))
            off = values.where(apart > F.lit("0.005").cast("decimal(4,3)") * F.col("points"))
            yield none_breaks("month's point value x points + beside points = month pool, to half a fen a point", off,
                    *UNIT, "fund")  # fmt: skip
        parts = rates.where("level_class <> 'all' AND rate_source = 'budget'")
        keys = ("settlement_year", "region_code", "fund", "rate_version", "distributable", "reimbursement_ratio")
        split = parts.groupBy(*keys).agg(F.sum("cost_pool").alias("pools"), F.sum("level_share").alias("shares"))
        ratio = F.round(F.col("distributable") / F.col("reimbursement_ratio"), 2)
        yield none_breaks("pools of the levels add up to the fund's", split.where((F.col("pools") != ratio) |
                    (F.col("shares") != 1)), "region_code", "fund")  # fmt: skip


def _versions(lake: Lake) -> Iterator[Identity]:
    """What is published stands as it was published, and each month is priced by the version in force on it."""
    from drg.verify_versions import version_findings

    for name, looked_at, broken in version_findings(lake):
        yield Identity(name, not broken, str(looked_at), str(looked_at - len(broken)), "; ".join(broken[:1]))


def _payments(lake: Lake) -> Iterator[Identity]:
    """Cases, hospitals and funds tell the same sums, each fund for itself."""
    if not has(lake, "case_payment", "hospital_settlement", "fund_account"):
        return
    from pyspark.sql import functions as F

    from drg.settle.accounts import ADJUSTMENTS

    paid, hospitals = lake.read("case_payment"), lake.read("hospital_settlement")
    accounts, cases = lake.read("fund_account"), lake.read("grouped_case")
    units = paid.select(*UNIT, "scheme").distinct()
    n_paid = paid.select(*UNIT, F.lit(1).alias("n_cases"))
    if has(lake, "payment_adjustment"):
        booked = lake.read("payment_adjustment").withColumn("settlement_month", F.col("case_month"))
        n_paid = n_paid.unionByName(booked.select(*n_paid.columns))
    name = "cases grouped = cases paid, differences of cleared years included"
    yield per_unit(name, cases.join(units, [*UNIT, "scheme"], "semi"), n_paid, count_rows(), sum_of("n_cases"))
    by_fund = (*UNIT, "fund")
    yield per_unit(
        "cases paid = cases in hospital settlements", paid, hospitals, count_rows(), sum_of("n_cases"), by_fund
    )
    for amount in ("total_cost", "standard", "patient_and_other_paid", *LAYERS, "fund_payment", "gain_loss"):
        yield from per_fund(f"{amount} of cases = of hospital settlements", paid, hospitals, sum_of(amount))
    parts = hospitals.where("payable <> fund_payment - withheld + adjustment")
    yield none_breaks("payable of a hospital = fund payment - withheld + differences", parts, *UNIT, "hospital_code")
    by_payer = (*UNIT, "fund", "insured_region_code")
    name = "fund payment of cases = of fund accounts, by payer"
    stays = accounts.where(F.col("line") != ADJUSTMENTS)
    yield from per_fund(name, paid, stays, sum_of("fund_payment"), by=by_payer)
    mixed = stays.where("(line = 'local_stays') <> (insured_region_code = region_code)")
    yield none_breaks(
        "local lines are paid by the region itself, others never", mixed, "region_code", "insured_region_code"
    )
    others = paid.where(f"patient_and_other_paid <> {' + '.join(LAYERS)}")
    yield none_breaks("what others paid = major illness + assistance + other funds + patient", others, *UNIT, "setl_id")
    split = paid.where("gain_loss <> standard - total_cost")
    yield none_breaks("gain or loss = standard - total cost", split, *UNIT, "setl_id")
    worth = "price + coalesce(excluded_item_amount, 0)"
    unpriced = paid.where(f"payment_kind = 'normal' AND (price IS NULL OR standard <> {worth})")
    yield none_breaks("a normal case is worth its price, and its excluded items", unpriced, *UNIT, "setl_id")


def _differences(lake: Lake) -> Iterator[Identity]:
    """Entries of cleared years are what their cases are worth less what was paid, and are paid as they are booked."""
    if not has(lake, "payment_adjustment", "case_payment", "hospital_settlement", "fund_account"):
        return
    from pyspark.sql import functions as F

    from drg.settle.accounts import ADJUSTMENTS

    booked, hospitals = lake.read("payment_adjustment"), lake.read("hospital_settlement")
    off = booked.where("amount <> fund_payment - paid_before")
    yield none_breaks("difference = fund payment as it stands - paid before", off, *UNIT, "setl_id")
    account = ("region_code", "case_month", "setl_id", "hospital_code", "insured_region_code", "fund")
    paid = lake.read("case_payment").withColumnRenamed("settlement_month", "case_month")
    paid = paid.select(*account, F.col("fund_payment").alias("amount"))
    whole = booked.groupBy(*account).agg(F.sum("amount").alias("entries"), F.collect_set("fund_payment").alias("worth"))
    both = whole.join(paid, [*account], "left")
    total = (F.col("entries") + F.coalesce("amount", F.lit(0))).cast("decimal(16,2)")
    name = "paid in the month of record + entries = what the case is worth, as its newest entry says"
    yield none_breaks(name, both.where(~F.array_contains("worth", total)), "region_code", "case_month", "setl_id")
    by = (*UNIT, "fund")
    name = "differences of cases = of hospital settlements"
    yield from per_fund(name, booked, hospitals, sum_of("amount"), sum_of("adjustment"), (*by, "hospital_code"))
    accounts = lake.read("fund_account").where(F.col("line") == ADJUSTMENTS)
    name = "differences of cases = of fund accounts, by payer"
    payer = (*by, "insured_region_code")
    yield from per_fund(name, booked, accounts, sum_of("amount"), sum_of("fund_payment"), payer)


def _clearings(lake: Lake) -> Iterator[Identity]:
    """A clearing accounts for the whole budget, ties to its hospitals and rests on the months as they stand."""
    if not has(lake, "hospital_clearing", "fund_clearing", "case_payment"):
        return
    from pyspark.sql import functions as F

    hospitals, funds = lake.read("hospital_clearing"), lake.read("fund_clearing")
    unit = ("settlement_year", "region_code", "fund")

    def line(frame: DataFrame, *names: str) -> DataFrame:
        return frame.where(F.col("line").isin(*names))

    def adds_up(
        name: str, frame: DataFrame, whole: str, parts: tuple[str, ...], by: tuple[str, ...]
    ) -> Iterator[Identity]:
        return per_fund(name, line(frame, whole), line(frame, *parts), sum_of("amount"), by=by)

    parts: tuple[str, ...] = ("reserve", "non_drg_payments", "use", "hospitals_share", "region_share")
    yield from adds_up("budget = reserve + non-DRG + use + hospitals' + region's share", funds, "budget", parts, unit)
    spent = line(funds, "reserve", "non_drg_payments", "due", "region_share", "cap").withColumn(
        "amount", F.when(F.col("line") == "cap", -F.col("amount")).otherwise(F.col("amount"))
    )
    shared = line(funds, "budget").select(*unit)
    name = "budget = payments due + reserve + non-DRG + region's share and what caps give back to it"
    budgeted = spent.join(shared, [*unit], "semi")
    yield from per_fund(name, line(funds, "budget"), budgeted, sum_of("amount"), by=unit)
    due = line(funds, "due").join(shared, [*unit], "semi").select(*unit, "amount")
    spent = line(funds, "distributable", "cap").select(*unit, "amount")
    name = "due of a clearing with a budget = distributable + cap"
    yield from per_fund(name, due, spent, sum_of("amount"), by=unit)
    own = (*unit, "hospital_code")
    name = "due of a hospital = months + adjustment + cap"
    yield from adds_up(name, hospitals, "due", ("monthly_payment", "adjustment", "cap"), own)
    name = "balance of a hospital = due + differences - deductions - paid"
    yield from adds_up(name, hospitals, "balance", OF_BALANCE, own)
    name = "lines of hospitals = lines of their fund, by line"
    of_hospitals, of_funds = line(hospitals, *SUMMED), line(funds, *SUMMED)
    yield from per_fund(name, of_hospitals, of_funds, sum_of("amount"), by=(*unit, "line"))
    cases = lake.read("case_payment").withColumn("settlement_year", F.substring("settlement_month", 1, 4).cast("int"))
    cleared = funds.select("settlement_year", "region_code").distinct()
    paid = cases.join(cleared, ["settlement_year", "region_code"], "semi")
    months = line(hospitals, "monthly_payment")
    name = "monthly payments of a clearing = fund payments of its cases"
    yield from per_fund(name, paid, months, sum_of("fund_payment"), sum_of("amount"), own)
    if has(lake, "audit_deduction"):
        audits = lake.read("audit_deduction").join(cleared, ["settlement_year", "region_code"], "semi")
        name = "audit deductions of a cleared year = those of its hospitals"
        taken = line(hospitals, "audit_deduction").withColumn("amount", -F.col("amount"))
        yield from per_fund(name, audits, taken, sum_of("amount"), by=own)
    following = line(hospitals, "next_year").withColumn("settlement_year", F.col("settlement_year") + 1)
    met = following.join(cleared, ["settlement_year", "region_code"], "semi")
    before = cleared.withColumn("settlement_year", F.col("settlement_year") + 1)
    carried = line(hospitals, "prior_performance").join(before, ["settlement_year", "region_code"], "semi")
    name = "what reviews take of the next year = what that year's clearing takes"
    yield from per_fund(name, met, carried, sum_of("amount"), by=own)


def _comparison(lake: Lake) -> Iterator[Identity]:
    """The three effects of a gap add up to it."""
    if not has(lake, "drg_region_comparison"):
        return
    rows = lake.read("drg_region_comparison")
    gap = rows.where("price_gap <> weight_effect + rate_effect + coefficient_effect")
    yield none_breaks("price gap = weight + rate + coefficient effect", gap, "settlement_month", "region_code", "drg")
    means = rows.where("price_gap <> mean_price - province_mean_price")
    yield none_breaks("price gap = mean price - province mean price", means, "settlement_month", "region_code", "drg")


def _keys(lake: Lake) -> Iterator[Identity]:
    """The key of each table's contract identifies a row."""
    for name in TABLES:
        key = contract(name).key()
        if key and has(lake, name):
            rows = lake.read(name).select(*key)
            yield same(f"{name}: rows = distinct keys", rows.count(), rows.distinct().count())


def _provenance(lake: Lake) -> Iterator[Identity]:
    """What a payment rests on exists: its weight and its rate stand in the version it names."""
    if not has(lake, "case_payment", "drg_weight", "region_rate"):
        return
    from pyspark.sql import functions as F

    paid = lake.read("case_payment").where("relative_weight IS NOT NULL")
    on = ["region_code", "scheme", "weight_version", "priced_group", "relative_weight"]
    weights = lake.read("drg_weight").withColumnRenamed("drg", "priced_group").select(*on)
    yield none_breaks("every paid weight stands in its version", paid.join(weights, on, "anti"), *UNIT, "setl_id")
    prices = lake.read("region_rate").withColumn(
        "point_value", F.col("point_value").cast(paid.schema["point_value"].dataType)
    )
    yearly = paid
    if has(lake, "month_point_value"):
        month = ["settlement_month", "region_code", "fund", "rate_version"]
        own = lake.read("month_point_value")
        in_points = paid.where("point_value IS NOT NULL")
        other = in_points.join(own.select(*month), month, "semi").join(own.select(*month, "point_value"),
                    [*month, "point_value"], "anti")  # fmt: skip
        yield none_breaks("every paid point value is the month's where it floats", other, *UNIT, "setl_id")
        yearly = paid.join(own.select(*month), month, "anti")
    for name, what in (("base_rate", "rate"), ("point_value", "point value")):
        on = ["region_code", "fund", "rate_version", name]
        of_year = yearly if name == "point_value" else paid
        priced = of_year.where(F.col(name).isNotNull()).join(prices.select(*on), on, "anti")
        yield none_breaks(f"every paid {what} stands in its version", priced, *UNIT, "setl_id")


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
