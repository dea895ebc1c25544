"""What one version of a region's weights changes against another (权重调整影响), exact and without Spark.

Both sides are counted over the same cases, the trimmed history cases n of the newer version: total weight before =
Σ n RW(old), after = Σ n RW(new). A group without weight on a side counts nothing there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

# Scheme, level class and DRG: the same code under another scheme is another group.
Key = tuple[str, str, str]
KEY = ("scheme", "level_class", "drg")


@dataclass(frozen=True)
class Weighed:
    """The weight of a group, null without one, and the trimmed history cases behind it."""

    weight: Decimal | None
    cases: int


@dataclass(frozen=True)
class GroupChange:
    """A group whose weight differs; a side is None where the group has no weight."""

    scheme: str
    level_class: str
    drg: str
    before: Decimal | None
    after: Decimal | None
    cases: int


@dataclass(frozen=True)
class Effect:
    """The groups whose weight differs, in the order of their keys, and the total weight of the history on both sides.

    The totals are None where the newer version rests on no history case, as with published weights.
    """

    groups: tuple[GroupChange, ...]
    total_before: Decimal | None
    total_after: Decimal | None


def weights_by_key(rows: Iterable[Mapping[str, Any]]) -> dict[Key, Weighed]:
    """Rows of drg_weight of one region and version, by group."""
    return {
        (row["scheme"], row["level_class"], row["drg"]): Weighed(row["relative_weight"], int(row["n_cases"]))
        for row in rows
    }


def effect_of(before: Mapping[Key, Weighed], after: Mapping[Key, Weighed]) -> Effect:
    """What the weights `after` change against those `before`."""
    groups = []
    for key in sorted({*before, *after}):
        old, new = before.get(key), after.get(key)
        sides = (old.weight if old else None, new.weight if new else None)
        if sides[0] != sides[1]:
            groups.append(GroupChange(*key, *sides, cases=new.cases if new else 0))
    if not any(new.cases for new in after.values()):
        return Effect(tuple(groups), None, None)
    olds = {key: before[key].weight if key in before else None for key in after}
    return Effect(tuple(groups), _total(after, olds), _total(after, {key: new.weight for key, new in after.items()}))


def _total(cases: Mapping[Key, Weighed], weights: Mapping[Key, Decimal | None]) -> Decimal:
    return sum((one.cases * (weights[key] or Decimal(0)) for key, one in cases.items()), Decimal(0))
