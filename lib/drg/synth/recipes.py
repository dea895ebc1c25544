"""From the rule of a group to the code pools a case of it can be drawn from.

A rule of the pack is turned into alternatives (disjunctive form): each says which sets the principal diagnosis, the
principal procedure and further codes come from. Negations are left to the kernel, which decides the group of the drawn
case in the end; a recipe only has to be right most of the time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

from drg.group.rules import And, Comparison, Membership, Node, Or

Sets = tuple[str, ...]


@dataclass(frozen=True)
class Alternative:
    """One way to meet a rule: sets per place of the list, bounds of the newborn's weight (g) and age (days).

    `principal` and `other` hold one union of sets for each condition; a bound of 0 is none.
    """

    principal: tuple[Sets, ...] = ()
    other: tuple[Sets, ...] = ()
    procedures: tuple[Sets, ...] = ()
    weight_from: int = 0
    weight_below: int = 0
    days_from: int = 0
    days_below: int = 0


def alternatives(rule: Node) -> list[Alternative]:
    """All alternatives of a rule; an empty rule has one without any condition."""
    if isinstance(rule, Or):
        return [one for child in rule.children for one in alternatives(child)]
    if isinstance(rule, And):
        found = [Alternative()]
        for child in rule.children:
            found = [together(left, right) for left, right in product(found, alternatives(child))]
        return found
    if isinstance(rule, Membership) and not rule.negated:
        sets = tuple(name.name for name in rule.sets)
        if "ZYZD" in rule.fields:
            return [Alternative(principal=(sets,))]
        return [Alternative(other=(sets,)) if "QTZD" in rule.fields else Alternative(procedures=(sets,))]
    if isinstance(rule, Comparison):
        return [_bounds(rule)]
    return [Alternative()]


def _bounds(rule: Comparison) -> Alternative:
    number = int(rule.number)
    low = number + (rule.comparator == ">") if rule.comparator in (">", ">=") else 0
    below = number + (rule.comparator == "<=") if rule.comparator in ("<", "<=") else 0
    if rule.scalar == "XSRTZ":
        return Alternative(weight_from=low, weight_below=below)
    if rule.scalar == "XSRTL":
        return Alternative(days_from=low, days_below=below)
    return Alternative()


def together(first: Alternative, second: Alternative) -> Alternative:
    """Both alternatives at once; conditions on the same place are kept side by side."""
    return Alternative(
        principal=first.principal + second.principal,
        other=first.other + second.other,
        procedures=first.procedures + second.procedures,
        weight_from=max(first.weight_from, second.weight_from),
        weight_below=first.weight_below or second.weight_below,
        days_from=max(first.days_from, second.days_from),
        days_below=first.days_below or second.days_below,
    )


def codes(conditions: tuple[Sets, ...], sets: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The codes that meet all conditions, each a union of sets; nothing when there is no condition."""
    pools = [frozenset().union(*(sets[name] for name in union)) for union in conditions]
    return frozenset.intersection(*pools) if pools else frozenset()
