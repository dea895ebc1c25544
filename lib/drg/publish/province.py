"""The page of the province: one HTML file a month, complete in itself, for a screen, a phone or paper."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from pyspark.sql import functions as F

from drg.doors.config import Env
from drg.money import half_up
from drg.policy import PolicyBook
from drg.publish import charts
from drg.publish.assumed import AssumedLine, assumed_lines
from drg.publish.compared import EFFECTS, Panel, Standardised, panels, standardised
from drg.publish.content import RELEASE, SMALL_CELL, of_region_year
from drg.publish.figures import ALL_LEVELS, Price, RegionMonth, Tally, region_months, shown, together
from drg.publish.gather import Sources, drg_names
from drg.publish.swap import take_place
from drg.words import FUND, FUND_ENGLISH, HOSPITAL_LEVEL, word

PANELS = 6
FOLDER = "province"
PAGE = "index.html"
EFFECT_STYLES = ("e-weight", "e-rate", "e-coef")
SHARES = ("low_outlier", "high_outlier", "ambiguous", "ungrouped")


def write_province_page(sources: Sources, env: Env, month: str, book: PolicyBook, lacking: Sequence[str] = ()) -> Path:
    """Write `<releases>/<month>/province/index.html` from the tables of the month; the path of the page."""
    of_month = F.col("settlement_month") == month
    rates = of_region_year(sources.region_rate, sources.in_force.where(F.col(RELEASE[0]) == month), "rate_version")
    rejected = sources.rejected_list.where(of_month)
    payments = sources.case_payment.where(of_month)
    regions = region_months(env.province, payments, rejected, rates)
    comparison = sources.drg_region_comparison.where(of_month)
    found, indices = panels(comparison, PANELS), standardised(comparison)
    reasons = {row["reason_kind"]: row["count"] for row in rejected.groupBy("reason_kind").count().collect()}
    versions = payments.agg(
        *(F.array_sort(F.collect_set(name)).alias(name) for name in ("scheme", "rule_pack", "weight_version"))
    ).first()
    assert versions is not None
    names = {code: name for scheme in versions["scheme"] for code, name in drg_names(scheme).items()}
    html = render(
        env.province.name,
        month,
        regions,
        found,
        indices,
        {r.code: r.name for r in env.province.regions},
        names,
        reasons,
        assumed_lines(book, [region.code for region in regions], month, env.province),
        versions.asDict(),
        env.synthetic,
        [env.province.name_of(code) for code in lacking],
    )
    final = env.releases / month / FOLDER
    staging = final.with_name(f".{FOLDER}.new")
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    (staging / PAGE).write_text(html, encoding="utf-8")
    take_place(staging, final)
    return final / PAGE


def render(
    province: str,
    month: str,
    regions: Sequence[RegionMonth],
    found: Sequence[Panel],
    indices: Sequence[Standardised],
    region_names: dict[str, str],
    names: dict[str, str],
    reasons: dict[str, int],
    assumed: Sequence[AssumedLine],
    versions: dict[str, list[str]],
    synthetic: bool = False,
    lacking: Sequence[str] = (),
) -> str:
    """The page as text; the same figures give the same bytes.

    `synthetic` says that the lists were drawn, `lacking` names the regions a provisional month does without.
    """
    funds = {fund: Tally() for fund in FUND}
    for region in regions:
        for fund, tally in region.funds.items():
            funds[fund].add(tally)
    accepted = together(funds.values())
    printed = shown(regions, SHARES, tuple(FUND))
    total_shares = {kind: accepted.share(kind) for kind in SHARES}
    most = {"share": max(_sum(shares.values()) for shares in [total_shares, *(p.shares for p in printed.values())])}
    spans = {"cmi": _span([item.cmi for item in printed.values()])}
    for fund in FUND:
        most[fund] = max((item.paid[fund] or Decimal(0) for item in printed.values()), default=Decimal(1))
        spans[fund] = _span([price.per_weight for region in regions for price in region.prices.get(fund, ())])
    page: str = _template().render(
        province=province,
        month=month,
        regions=[(region, printed[region.code]) for region in regions],
        funds=funds,
        accepted=accepted,
        landed=accepted.cases + sum(region.rejected for region in regions),
        most=most,
        spans=spans,
        total_shares=total_shares,
        indices=[_index_panel(fund, [i for i in indices if i.fund == fund], region_names) for fund in FUND],
        panels=[_panel(item, region_names, names) for item in found],
        reasons=_reasons(reasons),
        assumed=assumed,
        synthetic=synthetic,
        lacking=lacking,
        versions=versions,
        small=SMALL_CELL,
        FUND=FUND,
        FUND_ENGLISH=FUND_ENGLISH,
        SHARES=SHARES,
    )
    return page


def _reasons(reasons: dict[str, int]) -> list[tuple[str, int]]:
    """Records that are not settled by reason, most first; they count records, not cases, and stand in
    full, as the page says.
    """
    ranked = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    return [(word("reason_kind", kind), count) for kind, count in ranked]


def _panel(item: Panel, region_names: dict[str, str], names: dict[str, str]) -> dict[str, Any]:
    lines = [
        _Line(
            region_names.get(row["region_code"], row["region_code"]),
            row["n_cases"],
            row["mean_price"],
            row["price_gap"],
            [row[name] for name in EFFECTS],
        )
        for row in item.rows
    ]
    return {
        "drg": item.drg,
        "name": names.get(item.drg, ""),
        "level": HOSPITAL_LEVEL.get(item.hospital_level, item.hospital_level),
        "fund": FUND.get(item.fund, item.fund),
        "cases": item.cases,
        "hidden_regions": item.hidden_regions,
        "province": item.province,
        "rows": _drawn(lines, item.province["province_mean_price"]),
    }


def _index_panel(fund: str, items: Sequence[Standardised], region_names: dict[str, str]) -> dict[str, Any]:
    lines = [
        _Line(region_names.get(i.region_code, i.region_code), i.cases, i.index, i.gap, [*i.effects]) for i in items
    ]
    return {"fund": FUND[fund], "rows": _drawn(lines, Decimal(100))}


@dataclass(frozen=True)
class _Line:
    """One region in a panel: its value, the gap in yuan and its three effects."""

    name: str
    cases: int
    value: Decimal
    gap: Decimal
    effects: list[Decimal]


def _drawn(lines: Sequence[_Line], reference: Decimal) -> list[dict[str, Any]]:
    """The lines with their drawings, on one scale a panel."""
    values = [line.value for line in lines] + [reference]
    margin = (max(values) - min(values)) * Decimal("0.06") + reference / 10_000
    low, high = min(values) - margin, max(values) + margin
    widest = max((_reach(line.effects) for line in lines), default=Decimal(1)) or Decimal(1)
    return [
        {
            "line": line,
            "reach": charts.reach(line.value, reference, low, high),
            "effects": charts.diverging(list(zip(line.effects, EFFECT_STYLES, strict=True)), widest),
        }
        for line in lines
    ]


def _reach(effects: Sequence[Decimal]) -> Decimal:
    """How far stacked effects reach from the middle, on the longer side."""
    right = sum((value for value in effects if value > 0), Decimal(0))
    return max(right, right - sum(effects, Decimal(0)))


def _span(values: Sequence[Decimal | None]) -> tuple[Decimal, Decimal]:
    known = [value for value in values if value is not None]
    return (min(known), max(known)) if known else (Decimal(0), Decimal(0))


def _sum(values: Iterable[Decimal | None]) -> Decimal:
    return sum((value for value in values if value is not None), Decimal(0))


def _count(value: int | None) -> str:
    """A count, or that it is not printed."""
    return "—" if value is None else f"{value:,}"


def _yuan(value: Decimal | None, places: int = 2) -> str:
    return "—" if value is None else f"{half_up(value, places):,}"


def _wan(value: Decimal | None) -> str:
    """Yuan in 万元 with 2 decimals."""
    return "—" if value is None else f"{half_up(value / 10_000, 2):,}"


def _price(item: Price) -> str:
    """A rate to the fen, a point value with the decimals it has; the level before it where it is one level's."""
    decimals = 2 if item.scale is None else max(-int(item.value.normalize().as_tuple().exponent), 2)
    level = "" if item.level_class == ALL_LEVELS else f"{word('level_class', item.level_class)} "
    return f"{level}{item.value:,.{decimals}f}" + ("" if item.scale is None else f"/点（×{item.scale}）")


def _signed(value: Decimal) -> str:
    return f"{half_up(value, 0):+,}".replace("-", "−") if half_up(value, 0) else "0"


def _percent(value: Decimal | None) -> str:
    return "—" if value is None else f"{value}%"


def _shares(shares: dict[str, Decimal | None], most: Decimal) -> Markup:
    return charts.stacked([(value or Decimal(0), kind) for kind, value in shares.items()], most)


@cache
def _template() -> Any:
    loader = PackageLoader("drg.publish", "templates")
    env = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    env.filters.update(count=_count, yuan=_yuan, wan=_wan, signed=_signed, percent=_percent, price=_price)
    env.globals.update(bar=charts.bar, mark=charts.mark, shares=_shares)
    return env.get_template("province.html.j2")
