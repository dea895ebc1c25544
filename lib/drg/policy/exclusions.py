"""Whether the list of excluded items (除外支付目录) keeps to the region's own terms of admission.

北京市2022-07-13 除外支付办法, as read: new within three years, that is the year of the application and the two calendar
years before; at least 50 insured cases in the city, rare diseases exempt. A list that breaks its terms settles nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from drg.policy.book import Resolved
from drg.policy.records import ExcludedItem


def faults(found: Mapping[str, Resolved]) -> Iterator[str]:
    """What is wrong with `exclusion.items` under the parameters found, a sentence each that names file and line.

    The year of `first` is that of the application: an item is new where the year of its `new_since` is one of
    `exclusion.new_years` that end with it.
    """
    listed = found.get("exclusion.items")
    if listed is None:
        return
    where = f"{listed.file} line {listed.line}: exclusion.items of region {listed.region}"
    items = tuple(entry for entry in listed.of() if isinstance(entry, ExcludedItem))
    for one, other in pairwise(sorted(items, key=lambda item: (item.code, item.first))):
        if one.code == other.code and other.first <= one.last:
            yield f"{where} lists {one.code} twice on {other.first}; end one entry before the other begins"
    years, least = (found.get(f"exclusion.{name}") for name in ("new_years", "min_insured_cases"))
    for item in items:
        if years is not None:
            yield from _not_new(where, item, int(years.of()))
        if least is not None and not item.rare:
            yield from _too_few(where, item, int(least.of()))


def _not_new(where: str, item: ExcludedItem, years: int) -> Iterator[str]:
    if item.new_since is None:
        yield f"{where}: {item.code} does not say new_since, which exclusion.new_years asks for; write the day"
    elif item.first.year - item.new_since.year >= years:
        yield (
            f"{where}: {item.code} is new since {item.new_since}, not within {years} calendar years of {item.first}; "
            "take it out or correct the day"
        )


def _too_few(where: str, item: ExcludedItem, least: int) -> Iterator[str]:
    if item.insured_cases is None:
        yield (
            f"{where}: {item.code} does not say insured_cases, of which exclusion.min_insured_cases asks for {least}; "
            "write the number, or rare: true for a rare disease"
        )
    elif item.insured_cases < least:
        yield (
            f"{where}: {item.code} has {item.insured_cases} insured cases, fewer than the {least} of "
            "exclusion.min_insured_cases; take it out, or write rare: true for a rare disease"
        )
