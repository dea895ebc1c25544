"""Sign-off (审批): the figures a person decides on, and the record of who decided what, when, on which figures.

Asked before a month is published, before the weights and rates of a year are frozen, and before a year is cleared.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from drg.doors.tables import Lake, Written
from drg.errors import ConfigError
from drg.money import half_up
from drg.summary import RegionSummary, summarise

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from drg.doors.config import Province

SUBJECTS = ("month", "weights", "clearing")
DECISIONS = ("approved", "rejected")
# A change against the period before beyond this many per cent is named to the person who decides.
CHANGE_LIMIT = 20


@dataclass(frozen=True)
class Decision:
    """What a person decided: `figures` are those shown, `lacking` the regions a provisional month does without."""

    subject: str
    period: str
    regions: tuple[str, ...]
    lacking: tuple[str, ...]
    decision: str
    by: str
    at: datetime
    note: str | None
    figures: str


def record(spark: SparkSession, lake: Lake, decision: Decision, now: datetime) -> Written:
    """Append a decision to `approval`; ConfigError for a subject or decision that is none."""
    if decision.subject not in SUBJECTS or decision.decision not in DECISIONS:
        raise ConfigError(
            f"approval of {decision.subject}, {decision.decision}: the subject is one of {', '.join(SUBJECTS)}, "
            f"the decision one of {', '.join(DECISIONS)}"
        )
    from drg.contracts import contract

    row = (
        decision.subject, decision.period, list(decision.regions), list(decision.lacking), decision.decision,
        decision.by, decision.at, decision.note, decision.figures, now,
    )  # fmt: skip
    return lake.append("approval", spark.createDataFrame([row], schema=contract("approval").struct()))


def decisions(lake: Lake) -> dict[str, str]:
    """The newest decision on each subject and period, as `weights 2025` -> approved; empty before the first."""
    if not lake.exists("approval"):
        return {}
    rows = lake.read("approval").select("subject", "period", "decision", "decided_at", "recorded_at").collect()
    ordered = sorted(rows, key=lambda row: (row["decided_at"], row["recorded_at"]))
    return {f"{row['subject']} {row['period']}": row["decision"] for row in ordered}


def figures_of_months(
    lake: Lake, province: Province, months: Sequence[str], before: Sequence[str], regions: Sequence[str], limit: int
) -> dict[str, Any]:
    """Lists, grouped share, CMI and each fund's money by region, and the changes beyond the limit against `before`."""
    now = {row.code: row for row in summarise(lake, province, months, regions)}
    then = {row.code: row for row in summarise(lake, province, before, regions)}
    return {
        "regions": [_figures(row) for row in now.values()],
        "compared_with": f"{before[0]}..{before[-1]}",
        "limit_per_cent": limit,
        "changes": [text for code, row in now.items() if code in then for text in changes(then[code], row, limit)],
    }


def figures_of_weights(lake: Lake, year: int, regions: Sequence[str]) -> dict[str, Any]:
    """Weights and history cases of each region, and its rate or point value by fund and level class."""
    from pyspark.sql import functions as F

    codes = list(regions)
    of_year = lake.read("drg_weight", settlement_year=[year], region_code=codes)
    weights = of_year.groupBy("region_code", "weight_version")
    counted = weights.agg(
        F.count(F.lit(1)).alias("n"), F.sum("n_history").alias("history"), F.max("relative_weight").alias("most")
    )
    prices = lake.read("region_rate", settlement_year=[year], region_code=codes).select(
        "region_code", "rate_version", "fund", "level_class", "base_rate", "point_value"
    )
    rows = [
        {"region": r["region_code"], "version": r["weight_version"], "weights": r["n"], "history_cases": r["history"],
         "highest_weight": _text(r["most"])}
        for r in counted.orderBy("region_code", "weight_version").collect()
    ]  # fmt: skip
    rates = [
        {"region": r["region_code"], "version": r["rate_version"], "fund": r["fund"], "level_class": r["level_class"],
         "rate": _text(r["base_rate"]), "point_value": _text(r["point_value"])}
        for r in prices.orderBy("region_code", "rate_version", "fund", "level_class").collect()
    ]  # fmt: skip
    return {"regions": rows, "rates": rates, "changes": []}


def figures_of_reviews(lake: Lake, year: int, regions: Sequence[str]) -> list[dict[str, Any]]:
    """How many reviews (考核) and audit deductions (审核扣款) of a year each region has delivered."""
    found: list[dict[str, Any]] = [{"region": region, "reviews": 0, "audits": 0} for region in regions]
    for name, table in (("reviews", "hospital_performance"), ("audits", "audit_deduction")):
        if lake.exists(table):
            rows = lake.read(table, region_code=list(regions)).where(f"settlement_year = {year}")
            counted = {row["region_code"]: row["count"] for row in rows.groupBy("region_code").count().collect()}
            for row in found:
                row[name] = counted.get(row["region"], 0)
    return found


def changes(before: RegionSummary, now: RegionSummary, limit: int) -> list[str]:
    """One sentence for each figure of a region that moved by more than `limit` per cent; funds each for itself."""
    pairs: list[tuple[str, Decimal | None, Decimal | None]] = [
        ("lists", Decimal(before.accepted), Decimal(now.accepted)),
        ("CMI", before.cmi, now.cmi),
    ]
    for fund in sorted(before.fund_payment.keys() & now.fund_payment.keys()):
        pairs.append((f"fund {fund} pays", before.fund_payment[fund], now.fund_payment[fund]))
    found = []
    for what, old, new in pairs:
        if not old or new is None:
            continue
        moved = (new - old) * 100 / old
        if abs(moved) > limit:
            found.append(f"{now.code} {now.name}: {what} {old} -> {new} ({half_up(moved, 1):+} %)")
    return found


def as_text(subject: str, period: str, lacking: Sequence[str], figures: dict[str, Any]) -> str:
    """What the person who decides reads, in Markdown: lacking regions, changes beyond the limit, one line a region."""
    lines = [f"**{subject} {period}**", ""]
    if lacking:
        lines += [f"Provisional: {', '.join(lacking)} lack.", ""]
    if figures.get("left_out"):
        lines += ["Left out, since their payments do not rest on their lists:", ""]
        lines += [f"- {text}" for text in figures["left_out"]] + [""]
    if subject == "clearing":
        lines += [
            "These are the sums of the months, and the reviews and audits that are there. What they and the budget"
        ]
        lines += ["make of the months is computed by the clearing itself, after the approval.", ""]
    if figures["changes"]:
        lines += [f"Changes beyond {figures['limit_per_cent']} % against {figures['compared_with']}:", ""]
        lines += [f"- {text}" for text in figures["changes"]] + [""]
    for rows in (figures["regions"], figures.get("rates", []), figures.get("reviews", [])):
        if rows:
            # A region may have lists of one fund only, or none that are paid.
            names = list(dict.fromkeys(name for row in rows for name in row))
            lines += ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
            lines += ["| " + " | ".join(str(row.get(name, "-")) for name in names) + " |" for row in rows] + [""]
    return "\n".join(lines)


def as_json(figures: dict[str, Any]) -> str:
    """The figures as they are recorded; keys sorted, so that the same figures are the same text."""
    return json.dumps(figures, ensure_ascii=False, sort_keys=True)


def _figures(row: RegionSummary) -> dict[str, Any]:
    money = {f"fund {fund} pays": _text(amount) for fund, amount in sorted(row.fund_payment.items())}
    return {
        "region": row.code, "name": row.name, "landed": row.landed, "accepted": row.accepted,
        "grouped %": _text(row.grouped_share), "CMI": _text(row.cmi), **money,
    }  # fmt: skip


def _text(value: Decimal | None) -> str:
    return "-" if value is None else str(value)
