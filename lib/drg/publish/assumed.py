"""The parameters nobody published, written so that a reader sees what they are and why they stand as they
do.
"""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from drg.doors.config import Province
from drg.policy import PARAMETERS, PolicyBook, Resolved
from drg.policy.needs import NEEDS, chosen, needs_of
from drg.policy.texts import words
from drg.policy.values import Standing
from drg.policy.vocabulary import rule_text
from drg.publish.manifest import AssumedParameter
from drg.words import word

# Of a long table (weights by group) the first entries are told; the policy's file holds all.
_TOLD = 24
# What a rate can rest on beside parameters.
_OTHER_TITLES = {"fund_budget": "基金预算"}


@dataclass(frozen=True)
class AssumedLine:
    """One assumed value of a parameter and the regions it holds for; `regions` is empty where it holds for
    all.
    """

    name: str
    title: str
    value: str
    source: str
    regions: str


def month_end(month: str) -> date:
    """The last day of a month given as YYYY-MM."""
    year, number = int(month[:4]), int(month[5:7])
    return date(year, number, calendar.monthrange(year, number)[1])


def assumed_in_force(book: PolicyBook, region: str, month: str) -> dict[str, AssumedParameter]:
    """The parameters a region's rules need that are assumed on the last day of a month, by name."""
    needs = needs_of(book, region, month_end(month))
    return {name: describe(needs.found[name]) for name in PARAMETERS if _is_assumed(needs.found.get(name))}


def _is_assumed(item: Resolved | None) -> bool:
    return item is not None and item.standing is Standing.ASSUMED


def assumed_lines(book: PolicyBook, regions: Sequence[str], month: str, province: Province) -> list[AssumedLine]:
    """Every assumed parameter of the month, one line a value, with the regions where regions differ."""
    held: dict[tuple[str, str, str, str], list[str]] = defaultdict(list)
    for code in regions:
        for item in assumed_in_force(book, code, month).values():
            held[item.name, item.title, item.value, item.source].append(code)
    lines = []
    for key, codes in sorted(held.items(), key=lambda pair: (pair[0][0], -len(pair[1]), pair[0])):
        several = "、".join(province.name_of(code) for code in codes)
        many = f"其余{len(codes)}个统筹区" if len(codes) > len(regions) / 2 else several
        lines.append(AssumedLine(*key, regions="" if len(codes) == len(regions) else many))
    return lines


def described(names: Iterable[str], known: dict[str, AssumedParameter]) -> list[AssumedParameter]:
    """One entry for each name that rows rest on, sorted; a name with no value in force keeps its name
    alone.
    """
    bare = "见费率表及上报数据"
    return [known.get(name) or AssumedParameter(name, title_of(name), bare, "", bare) for name in sorted(set(names))]


def describe(item: Resolved) -> AssumedParameter:
    """A resolved parameter with its value as text."""
    return AssumedParameter(item.name, title_of(item.name), value_text(item), item.unit, item.source)


def title_of(name: str) -> str:
    """The Chinese title of a parameter; its name where it has none."""
    return PARAMETERS[name].title if name in PARAMETERS else _OTHER_TITLES.get(name, name)


def value_text(item: Resolved) -> str:
    """The value of a parameter in words: rules by what they do, keyed values one after the other, flags as
    是 or 否.
    """
    if item.name in NEEDS:
        return "、".join(rule_text(item.name, rule) or rule for rule in chosen(item))
    if isinstance(item.value, dict):
        told = [
            " ".join(word(by, key) for by, key in zip(item.by, keys, strict=True)) + f" {words(value)}"
            for keys, value in sorted(item.value.items())[:_TOLD]
        ]
        return "；".join([*told, *([f"等 {len(item.value)} 项"] if len(item.value) > _TOLD else [])])
    return words(item.value)
