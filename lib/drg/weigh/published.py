"""Rows of drg_weight from weights somebody published (公布的权重): no history is read, no group is estimated.

A group that is not listed has no row and so no weight. A local sub-group that is not listed has the weight of its
national group. A weight published by hospital level is kept by level class; the
levels of one class must have one weight.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from drg.errors import PolicyError
from drg.policy import Resolved
from drg.policy.records import SEPARATOR, national_group
from drg.policy.values import HOSPITAL_LEVELS, REST
from drg.weigh.adjust import adjust
from drg.weigh.sums import Group
from drg.weigh.weights import Weight, round_relative
from drg.weigh.window import Published, Window

_ADRG = 3


def published_weights(window: Window, listed: Published) -> Iterator[Weight]:
    """The published weights of a region by level class and DRG, after its adjustments.

    Raises PolicyError for a weight published for an ADRG or for all others, which names no DRG, and where two levels
    of one class have different weights; ContractError for an adjustment of a group that is not listed.
    """
    drgs = sorted({*_listed(listed.weight), *_local(window, _listed(listed.weight))})
    groups = [(label, drg) for label in sorted(set(window.classes.values())) for drg in drgs]
    weights: dict[Group, Fraction] = {}
    for group in groups:
        weight = _of_class(listed.weight, group, window)
        assert weight is not None
        weights[group] = Fraction(weight)
    adjusted = adjust(weights, {}, window.adjustments, place=window.adjusted_at)
    for group in groups:
        new = adjusted[group]
        yield Weight(
            drg=group[1],
            level_class=group[0],
            n_history=0,
            n_trimmed=0,
            n_cases=0,
            mean_cost=_of_class(listed.mean, group, window) if listed.mean else None,
            structured_mean_cost=None,
            reference_mean_cost=listed.region_mean,
            region_mean_cost=listed.region_mean,
            relative_weight=round_relative(group, new.weight),
            unadjusted_weight=round_relative(group, weights[group]),
            adjustment_factor=new.factor,
            adjustment_reason=new.reason,
            cv=None,
            riv=None,
            stable=True,
            weight_source="published",
            reason=f"公布的权重：{listed.weight.source}",
        )


def _listed(item: Resolved) -> list[str]:
    """The DRGs of a published list."""
    where = f"{item.file} line {item.line}"
    if not isinstance(item.value, dict) or "drg" not in item.by:
        raise PolicyError(f"{item.name} of region {item.region} is not keyed by drg ({where}); list the groups")
    drgs = sorted({keys[item.by.index("drg")] for keys in item.value})
    for drg in drgs:
        if drg == REST or len(drg) <= _ADRG:
            raise PolicyError(
                f"{item.name} of region {item.region} lists {drg}, which is no DRG ({where}); list each group"
            )
    return drgs


def _local(window: Window, drgs: list[str]) -> list[str]:
    """The local sub-groups of listed national groups."""
    national = [drg for drg in drgs if drg == national_group(drg)]
    return [
        f"{drg}{SEPARATOR}{entry.suffix}"
        for entry in window.local_groups
        for drg in national
        if entry.drg in (drg, drg[:_ADRG])
    ]


def _of_class(item: Resolved, group: Group, window: Window) -> Decimal | None:
    """What is listed of a DRG for the levels of a class; None where the DRG is not listed."""
    label, drg = group
    if not {drg, national_group(drg)} & set(_listed(item)):
        return None
    levels = [level for level in HOSPITAL_LEVELS if window.classes[level] == label]
    found = {item.of(drg=drg, hospital_level=level) for level in levels}
    if len(found) > 1:
        raise PolicyError(
            f"{item.name} of region {item.region} differs for {drg} within level class {label} (levels "
            f"{', '.join(levels)}); give these levels classes of their own in weight.level_class"
        )
    value: Decimal = found.pop()
    return value
