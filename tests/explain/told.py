"""A drawn case settled without Spark and written out.

It costs 10,000, of which the fund paid 6,000 by item; weight 1, means 8,000, rate 10,000.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from settle_cases import case, parameters

from drg.explain.payment import payment_section
from drg.explain.worked import Worked
from drg.policy import Resolved
from drg.policy.records import ExcludedItem, LocalGroup
from drg.policy.values import Standing
from drg.settle.stages import settle_one

PLACES = dict.fromkeys(("high_place", "high_places", "special_place", "special_places", "exclusions"))
POINTS = {"payment_method": "points", "base_rate": None, "point_value": Decimal("98.5"), "point_scale": 100}


def told(
    facts: dict[str, Any],
    policy: dict[str, Any],
    local_group: str | None = None,
    entries: tuple[LocalGroup | ExcludedItem, ...] = (),
    **places: Any,
) -> str:
    """The payment of the drawn case with some facts and rules of its own, line by line; `entries` of the policy's
    list of local groups or excluded items.
    """
    row = parameters(**policy)
    settled = settle_one(case(**facts) | {"local_group": local_group}, row)
    paid = {**PLACES, "priced_group": settled["priced_drg"], **settled, **places}
    name = "exclusion.items" if entries and isinstance(entries[0], ExcludedItem) else "local_groups"
    listed = {name: written(name, entries)} if entries else {}
    return "\n".join(payment_section(paid, Worked(settled, row, listed)).lines)


def written(name: str, entries: tuple[LocalGroup | ExcludedItem, ...]) -> Resolved:
    """A parameter that is a list, as a policy file gives it."""
    day = date(2025, 1, 1)
    return Resolved(name, "510100", entries, (), day, None, "list", "来源", Standing.PUBLISHED, "a.yaml", 1, "510100")


def holds(text: str, *lines: str) -> None:
    for line in lines:
        assert line in text, f"{line!r} is not in:\n{text}"
