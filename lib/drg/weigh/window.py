"""What the policy says of a region's weights on a day: the history they rest on and the rules that make them.

A rule asks for its parameters only where it is chosen; those asked for, and no others, make the policy version.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from drg.errors import DrgError, PolicyError
from drg.policy import PolicyBook, Resolved
from drg.policy.check import weights_of_another_scheme
from drg.policy.needs import needed, needs_of
from drg.policy.records import LocalGroup, WeightAdjustment
from drg.policy.values import COST_PARTS, HOSPITAL_LEVELS
from drg.weigh.sums import ALL_LEVELS, FEN
from drg.weigh.trimming import Trimming
from drg.weigh.versions import Target, day_of
from drg.weigh.weights import Rules

if TYPE_CHECKING:
    from drg.runner import StepContext


@dataclass(frozen=True)
class Published:
    """Weights somebody else computed (公布的权重), with the means they were published with, if any."""

    weight: Resolved
    mean: Resolved | None
    region_mean: Decimal | None


def _one_class() -> dict[str, str]:
    return dict.fromkeys(HOSPITAL_LEVELS, ALL_LEVELS)


@dataclass(frozen=True)
class Window:
    """What holds for the weights of a region.

    Attributes:
        years: year -> weight of the history; empty where published weights need none.
        reading: how years are weighted, `mean_of_yearly_means` or `weighted_cases`.
        classes: hospital level -> level class of the weights; one label for all levels is one weight a group.
        rules: how means become weights.
        factors: the five factors of the structural adjustment in the order of COST_PARTS; None without it.
        adjusted_at: whose adjustments they are and where they are written, for the sentence that refuses one.
        cost_ratio: whether hospitals have a cost coefficient by group.
        published: the published weights; None where they are computed.
        local_groups: the region's sub-groups of national groups.
        history_levels: hospital levels whose cases are the history of weights and rates.
    """

    region: str
    scheme: str
    years: Mapping[int, int]
    policy_version: str
    trimming: Trimming = field(default_factory=Trimming)
    min_cases: int = 1
    reading: str = "mean_of_yearly_means"
    classes: Mapping[str, str] = field(default_factory=_one_class)
    rules: Rules = field(default_factory=Rules)
    factors: tuple[Decimal, ...] | None = None
    adjustments: tuple[WeightAdjustment, ...] = ()
    hold_total: bool = False
    adjusted_at: str = ""
    cost_ratio: bool = False
    published: Published | None = None
    local_groups: tuple[LocalGroup, ...] = ()
    history_levels: tuple[str, ...] = HOSPITAL_LEVELS

    def class_of(self, level: str) -> str | None:
        """The level class of a hospital level; None for a level the policy does not know, where classes differ."""
        labels = set(self.classes.values())
        return labels.pop() if len(labels) == 1 else self.classes.get(level)


def weigh_parameters(book: PolicyBook, region: str, on: date) -> dict[str, Resolved]:
    """Every parameter the weights of a region rest on, by name; PolicyError when one is missing or lapsed."""
    return needed(book, region, on, ("weigh",))


def window_of(book: PolicyBook, region: str, on: date) -> Window:
    """What the policy says of a region's weights on a day; PolicyError when a parameter is missing or lapsed."""
    found = weigh_parameters(book, region, on)

    def of(name: str) -> Any:
        return found[name].of() if name in found else None

    return Window(
        region=region,
        scheme=of("scheme"),
        years={item.year: item.weight for item in of("weight.years") or ()},
        policy_version=book.version(region, on, found),
        trimming=Trimming(
            method=of("weight.trimming.method") or "none",
            multiplier=of("weight.trimming.multiplier"),
            low_share=of("weight.trimming.low_share"),
            high_share=of("weight.trimming.high_share"),
            min_cases=of("weight.trimming.min_cases"),
            low_multiple=of("weight.trimming.low_multiple"),
            high_multiple=of("weight.trimming.high_multiple"),
        ),
        min_cases=of("weight.min_cases") or 1,
        reading=of("weight.years_reading") or "mean_of_yearly_means",
        classes={level: found["weight.level_class"].of(hospital_level=level) for level in HOSPITAL_LEVELS},
        rules=Rules(
            base=of("weight.base") or "region_mean",
            base_fen=of("weight.base_yuan") * FEN if "weight.base_yuan" in found else None,
            base_group=of("weight.base_group"),
            fallback=of("weight.fallback") or "province",
            unstable_cv=of("weight.unstable_cv"),
        ),
        factors=_factors(found.get("weight.structure.factor")),
        adjustments=of("weight.adjustments") or (),
        hold_total=bool(of("weight.hold_total")),
        adjusted_at=_adjusted_at(found.get("weight.adjustments")),
        cost_ratio=of("weight.hospital_coefficient") == "cost_ratio",
        published=_published(found),
        local_groups=of("local_groups") or (),
        history_levels=_history_levels(found.get("weight.history_levels")),
    )


def windows_of(ctx: StepContext, year: int, target: Target) -> dict[str, Window]:
    """What holds for every region of the province on the day of a version; those asked for and without policy fail.

    The regions that are not asked for are the province a small group borrows from; one without policy is no part of it.
    """
    windows: dict[str, Window] = {}
    for region in ctx.env.province.region_codes():
        try:
            if str(year) >= ctx.policy.settles_from(region)[:4]:
                day = day_of(ctx.policy, region, year, target)
                windows[region] = window_of(ctx.policy, region, day)
                _assert_groups(ctx.policy, region, day, windows[region])
        except DrgError as error:
            windows.pop(region, None)
            if region in ctx.regions:
                ctx.fail(region, year, error)
    return windows


def _assert_groups(book: PolicyBook, region: str, on: date, window: Window) -> None:
    """A published list is of the scheme the region groups by; a code of another edition is another group, or none."""
    for sentence in weights_of_another_scheme(needs_of(book, region, on)) if window.published else ():
        raise PolicyError(sentence)


def _history_levels(item: Resolved | None) -> tuple[str, ...]:
    """The levels of a region's history; without the parameter all. PolicyError for one that is no level."""
    levels: tuple[str, ...] = item.of() if item else HOSPITAL_LEVELS
    if item and not set(levels) <= set(HOSPITAL_LEVELS):
        raise PolicyError(
            f"{item.name} of region {item.region} names {', '.join(sorted(set(levels) - set(HOSPITAL_LEVELS)))} "
            f"({item.file} line {item.line}); the levels are {', '.join(HOSPITAL_LEVELS)}"
        )
    return levels


def _factors(item: Resolved | None) -> tuple[Decimal, ...] | None:
    return tuple(item.of(cost_part=part) for part in COST_PARTS) if item else None


def _adjusted_at(item: Resolved | None) -> str:
    return f" of region {item.region} ({item.file} line {item.line})" if item else ""


def _published(found: Mapping[str, Resolved]) -> Published | None:
    if "weight.published" not in found:
        return None
    region_mean = found.get("weight.published_region_mean")
    return Published(
        found["weight.published"], found.get("weight.published_mean"), region_mean.of() if region_mean else None
    )
