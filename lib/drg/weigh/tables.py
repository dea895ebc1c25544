"""The rows of the step's tables, from what `history` gathered or what the policy publishes.

A region is weighed alone, but its fallback needs the whole province: the history of every region of the province is
read, whatever regions are asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from drg.contracts import contract
from drg.errors import ContractError
from drg.policy.records import LocalGroup, national_group
from drg.weigh.history import Gathered
from drg.weigh.hospitals import cost_coefficients
from drg.weigh.published import published_weights
from drg.weigh.sums import ByYear, Group, History, add_up
from drg.weigh.weights import Weight, weights_of
from drg.weigh.window import Window, window_of

__all__ = ["coefficient_rows", "much_trimmed", "table_frame", "trimmed_frame", "weight_rows", "window_of"]

# A region that trims more than this share of its cases should look at its fences (default of a public tool for local
# DIP catalogues, which quotes a draft specification).
MUCH_TRIMMED_PERCENT = 8

# Scheme, weighted years, rule packs, level classes, and whether costs are split into parts.
Basis = tuple[
    str, tuple[tuple[int, int], ...], tuple[str, ...], tuple[tuple[str, str], ...], bool, tuple[LocalGroup, ...]
]


def weight_rows(
    window: Window,
    gathered: Mapping[str, Gathered],
    peers: Iterable[Window],
    year: int,
    version: str,
    bases: dict[Basis, dict[Group, ByYear]] | None = None,
) -> list[dict[str, Any]]:
    """Rows of drg_weight of one region and settlement year.

    `peers` are the windows of the province's regions; those with the same scheme and years make the province's basis.
    `bases` keeps what the province's regions add up to, for the next region that asks for the same basis.
    Raises ContractError when the region has no history, or its history was grouped under more than one rule pack.
    """
    if window.published:
        return [_row(window, year, version, weight, None) for weight in published_weights(window, window.published)]
    own = _history_of(window, gathered)
    if defect := _defect(window, own):
        raise ContractError(defect)
    bases = {} if bases is None else bases
    basis = _basis(window, own)
    if basis not in bases:
        bases[basis] = _by_class(window, _like(window, own, gathered, peers))
    region, province = (
        History(sums, window.years, window.reading, window.factors)
        for sums in (_by_class(window, [(window, own)]), bases[basis])
    )
    weights = weights_of(
        region,
        province,
        window.min_cases,
        window.rules,
        window.adjustments,
        hold_total=window.hold_total,
        place=window.adjusted_at,
    )
    return [_row(window, year, version, weight, own.rule_packs[0]) for weight in weights]


def coefficient_rows(window: Window, gathered: Mapping[str, Gathered], year: int, version: str) -> list[dict[str, Any]]:
    """Rows of hospital_cost_coefficient of one region and settlement year; none where the region has none."""
    if not window.cost_ratio:
        return []
    found = cost_coefficients(_history_of(window, gathered).hospitals, window.years, window.reading)
    return [{**one.__dict__, **_provenance(window, year, version)} for one in found]


def much_trimmed(window: Window, gathered: Mapping[str, Gathered]) -> str | None:
    """A warning where trimming took more than 8 % of a region's cases."""
    if window.region not in gathered:
        return None
    cases = [sums for by_year in gathered[window.region].levels.values() for sums in by_year.values()]
    total = sum(sums.history for sums in cases)
    trimmed = total - sum(sums.kept for sums in cases)
    if trimmed * 100 <= total * MUCH_TRIMMED_PERCENT:
        return None
    return (
        f"weigh: region {window.region} trimmed {trimmed:,} of {total:,} history cases, more than "
        f"{MUCH_TRIMMED_PERCENT} %; look at its weight.trimming parameters"
    )


def _history_of(window: Window, gathered: Mapping[str, Gathered]) -> Gathered:
    """A region's own history; ContractError when there is none, or not one rule pack."""
    own = gathered.get(window.region)
    if own is None:
        years = ", ".join(str(year) for year in sorted(window.years))
        raise ContractError(
            f"region {window.region} has no grouped case of {years} under {window.scheme}, so no weights; "
            "run land, validate and group for its history"
        )
    if len(own.rule_packs) > 1:
        raise ContractError(
            f"the history of region {window.region} was grouped under {' and '.join(own.rule_packs)}; "
            "run group again for all months of its history"
        )
    return own


def _basis(window: Window, own: Gathered) -> Basis:
    """What two regions must have in common for one and the same province's basis."""
    years, classes = tuple(sorted(window.years.items())), tuple(sorted(window.classes.items()))
    return window.scheme, years, own.rule_packs, classes, window.factors is not None, window.local_groups


def _like(
    window: Window, own: Gathered, gathered: Mapping[str, Gathered], peers: Iterable[Window]
) -> Iterator[tuple[Window, Gathered]]:
    """The histories of the province a region's fallback rests on, its own among them."""
    for peer in peers:
        found = gathered.get(peer.region)
        if found is None or (peer.scheme, peer.years) != (window.scheme, window.years):
            continue
        if found.rule_packs == own.rule_packs and _defect(window, found) is None:
            yield peer, found


def _by_class(window: Window, some: Iterable[tuple[Window, Gathered]]) -> dict[Group, ByYear]:
    """Sums by the level classes of a region, over its own history or that of a province.

    Local groups of a region that divides its cases otherwise count as their national groups.
    """
    return add_up(
        {
            (
                window.class_of(level) or "",
                drg if peer.local_groups == window.local_groups else national_group(drg),
            ): years
        }
        for peer, gathered in some
        for (level, drg), years in gathered.levels.items()
    )


def _defect(window: Window, gathered: Gathered) -> str | None:
    """Why a history cannot serve the rules of a region: a hospital level without class, cost parts that are missing."""
    for level in sorted({level for level, _ in gathered.levels}):
        if window.class_of(level) is None:
            return (
                f"the history of region {window.region} has hospital level {level}, which weight.level_class does not "
                "name; correct the hospital register"
            )
    sums = (one for by_year in gathered.levels.values() for one in by_year.values())
    if window.factors is not None and any(sum(one.parts) != one.cost for one in sums):
        return (
            f"region {window.region} adjusts weights by cost structure, but history cases lack their settlement list; "
            "run validate for the months of its history"
        )
    return None


def _row(window: Window, year: int, version: str, weight: Weight, rule_pack: str | None) -> dict[str, Any]:
    return {**weight.__dict__, **_provenance(window, year, version), "rule_pack": rule_pack}


def _provenance(window: Window, year: int, version: str) -> dict[str, Any]:
    return {
        "settlement_year": year,
        "region_code": window.region,
        "scheme": window.scheme,
        "weight_version": version,
        "policy_version": window.policy_version,
    }


def table_frame(spark: SparkSession, table: str, rows: Sequence[Mapping[str, Any]]) -> DataFrame:
    """The rows as a frame in the shape of the table's contract."""
    expected = contract(table)
    names = expected.names()
    return spark.createDataFrame([tuple(row[name] for name in names) for row in rows], expected.struct())


def trimmed_frame(trimmed: DataFrame, year: int, version: str) -> DataFrame:
    """Trimmed cases with the year and version they were trimmed for."""
    return trimmed.withColumns({"settlement_year": F.lit(year), "weight_version": F.lit(version)})
