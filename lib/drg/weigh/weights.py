"""drg_weight: relative weights from exact sums, without Spark.

Grain: region x level class x DRG of one year, scheme and version. RW = group mean / base, both over the same trimmed
cases, 4 decimals half-up. The base is one of the three that 医保发〔2025〕18号 第十五条 admits: the mean of all cases
of the region (地区次均费用), a fixed amount (标准定额法), or the mean of a reference group, which then weighs 1
(基准病种费用法). Classes of hospital levels share the base of their region, so that one rate prices all of them.

A group with fewer than `weight.min_cases` trimmed cases in the region takes the province's weight, or keeps its own and
is unstable (非稳定病组), as `weight.fallback` says. The province's weight stands on the province's own basis, province
group mean / province mean, brought to the base of the region: x region mean / base, which is 1 for the region mean.

All sums are integers (fen), all quotients fractions: the order of cases cannot move a digit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from drg.errors import ContractError
from drg.money import round_fen, round_mean, round_weight
from drg.policy.records import WeightAdjustment
from drg.weigh.adjust import adjust
from drg.weigh.sums import (
    ALL_LEVELS,
    FEN,
    ByYear,
    Group,
    History,
    Sums,
    add_up,
    coefficient_of_variation,
    mean_of_years,
    squared_variation,
)

__all__ = [
    "ALL_LEVELS",
    "FEN",
    "ByYear",
    "History",
    "Rules",
    "Sums",
    "Weight",
    "add_up",
    "coefficient_of_variation",
    "mean_of_years",
    "round_relative",
    "weights_of",
]


@dataclass(frozen=True)
class Rules:
    """How means become weights.

    Attributes:
        base: `region_mean`, `fixed_yuan` or `reference_group`.
        base_fen, base_group: the fixed amount in fen; the group that weighs 1.
        fallback: `province` or `unstable`, for groups with too few cases.
        unstable_cv: a group whose CV is above is unstable too, where the fallback is `unstable`.
    """

    base: str = "region_mean"
    base_fen: Decimal | None = None
    base_group: str | None = None
    fallback: str = "province"
    unstable_cv: Decimal | None = None


@dataclass(frozen=True)
class Weight:
    """One row of drg_weight without its version and provenance; the means and the weight are null without a case."""

    drg: str
    level_class: str
    n_history: int
    n_trimmed: int
    n_cases: int
    mean_cost: Decimal | None
    structured_mean_cost: Decimal | None
    reference_mean_cost: Decimal | None
    region_mean_cost: Decimal | None
    relative_weight: Decimal | None
    unadjusted_weight: Decimal | None
    adjustment_factor: Decimal
    adjustment_reason: str | None
    cv: Decimal | None
    riv: Decimal | None
    stable: bool
    weight_source: str
    reason: str


@dataclass(frozen=True)
class _Means:
    """What a weight is the quotient of, in fen: own mean, the same after structural adjustment, and the divisor."""

    mean: Fraction
    priced: Fraction
    divisor: Fraction


@dataclass(frozen=True)
class _Standing:
    """Where a group's weight comes from and whether it is stable; no source means no case anywhere."""

    source: str
    stable: bool
    reason: str


def weights_of(
    region: History,
    province: History,
    min_cases: int,
    rules: Rules | None = None,
    adjustments: Sequence[WeightAdjustment] = (),
    hold_total: bool = False,
    place: str = "",
) -> Iterator[Weight]:
    """The weights of a region for every group the province knows, by level class and DRG.

    Raises ContractError when a weight would be 0.0000, which would pay nothing for a group that costs something, when
    the reference group has too few cases, and when an adjustment names a group without weight (`place` is where it is
    written).
    """
    rules = rules or Rules()
    groups = sorted(set(region.groups) | set(province.groups))
    standings = {group: _standing(group, region, province, min_cases, rules) for group in groups}
    if not region.whole().kept:
        raise ContractError("the trimming left no case of the region; widen its weight.trimming parameters")
    base = _base(region, min_cases, rules) / region.priced_reference()
    means = {group: _means(group, region, province, base, standings[group]) for group in groups}
    exact = {group: found.priced / found.divisor for group, found in means.items() if found}
    cases = {group: region.of(group).kept for group in exact}
    adjusted = adjust(exact, cases, adjustments, hold_total, place)
    riv = region.riv()
    region_mean = round_fen(region.reference_mean() / FEN)
    for group in groups:
        own, found, standing, new = region.of(group), means[group], standings[group], adjusted.get(group)
        yield Weight(
            drg=group[1],
            level_class=group[0],
            n_history=own.history,
            n_trimmed=own.history - own.kept,
            n_cases=own.kept,
            mean_cost=_yuan(found.mean if found else None),
            structured_mean_cost=_yuan(found.priced if found and found.priced != found.mean else None),
            reference_mean_cost=_yuan(found.divisor if found else None),
            region_mean_cost=region_mean,
            relative_weight=round_relative(group, new.weight, found.mean) if found and new else None,
            unadjusted_weight=round_weight(exact[group]) if found else None,
            adjustment_factor=new.factor if new else Decimal(1),
            adjustment_reason=new.reason if new else None,
            cv=coefficient_of_variation(own),
            riv=riv,
            stable=standing.stable,
            weight_source=standing.source,
            reason=standing.reason + (new.note if new else ""),
        )


def _standing(group: Group, region: History, province: History, min_cases: int, rules: Rules) -> _Standing:
    own, all_cases = region.of(group), province.of(group).kept
    if rules.fallback == "unstable":
        return _own_standing(own, min_cases, rules.unstable_cv)
    if own.kept >= min_cases:
        return _Standing("region", True, f"本地{own.kept}例，不少于{min_cases}例，用本地权重")
    lacking = f"本地{own.kept}例，少于{min_cases}例" if own.history else "本地无历史病例"
    if not all_cases:
        return _Standing("none", True, f"{lacking}，全省无有效病例，无权重")
    return _Standing("province", True, f"{lacking}，用全省权重（全省{all_cases}例）")


def _own_standing(own: Sums, min_cases: int, most_cv: Decimal | None) -> _Standing:
    """The region's own mean, whatever it rests on; unstable under `min_cases` or where its CV is above `most_cv`."""
    if own.kept == 0:
        none = "本地无有效病例" if own.history else "本地无历史病例"
        return _Standing("none", False, f"{none}，无权重，为非稳定病组")
    if own.kept < min_cases:
        return _Standing("region", False, f"本地{own.kept}例，少于{min_cases}例，为非稳定病组")
    squared = squared_variation(own)
    if squared is not None and most_cv is not None and squared > Fraction(most_cv) ** 2:
        return _Standing("region", False, f"本地{own.kept}例，变异系数大于{most_cv}，为非稳定病组")
    return _Standing("region", True, f"本地{own.kept}例，不少于{min_cases}例，用本地权重")


def _base(region: History, min_cases: int, rules: Rules) -> Fraction:
    """What weighs 1, in fen."""
    if rules.base == "fixed_yuan" and rules.base_fen is not None:
        return Fraction(rules.base_fen)
    if rules.base == "reference_group" and rules.base_group is not None:
        kept = sum(region.of(group).kept for group in region.groups if group[1] == rules.base_group)
        mean = region.mean_of_drg(rules.base_group)
        if mean is None or kept < min_cases:
            raise ContractError(
                f"reference group {rules.base_group} has {kept} trimmed cases, under {min_cases}; "
                "name another weight.base_group"
            )
        return mean
    return region.priced_reference()


def _means(group: Group, region: History, province: History, base: Fraction, standing: _Standing) -> _Means | None:
    if standing.source == "none":
        return None
    basis = region if standing.source == "region" else province
    return _Means(basis.mean(group), basis.priced_mean(group), basis.priced_reference() * base)


def round_relative(group: Group, exact: Fraction, mean: Fraction | None = None) -> Decimal:
    """The weight of a group to 4 decimals; ContractError for one that would be 0. `mean` is its mean cost in fen."""
    weight = round_weight(exact)
    if weight <= 0:
        what = (
            "an adjusted weight" if mean is None else f"a mean cost of {round_fen(mean / FEN)} yuan, which is a weight"
        )
        raise ContractError(f"group {group[1]} has {what} of 0; check its cases and adjustments")
    return weight


def _yuan(fen: Fraction | None) -> Decimal | None:
    return None if fen is None else round_mean(fen / FEN)
