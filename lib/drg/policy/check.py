"""What is wrong or soft in a region's policy on a day: gaps, lapses to come, codes of another scheme, assumed values.

What is wrong in a file by itself is refused when the tree is loaded; here is what only the rules a region chose, the
day and the scheme can tell.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from drg.errors import DrgError, PolicyError
from drg.group.pack import load_pack
from drg.policy.book import PolicyBook, Resolved
from drg.policy.contradictions import contradictions
from drg.policy.needs import Needs, chosen, needs_of
from drg.policy.parameters import PARAMETERS
from drg.policy.records import ADRG_LENGTH, LocalGroup, TcmDisease, WeightAdjustment
from drg.policy.values import REST, Standing

HORIZON_DAYS = 60


@dataclass(frozen=True)
class Gap:
    """A parameter some rule needs that has no value.

    Attributes:
        on: the first day without a value, as far as was looked.
        because: who asks for it: an area, or a parameter and the rule it chose.
        sentence: what is missing and what to do.
    """

    parameter: str
    on: date
    because: str
    sentence: str


@dataclass(frozen=True)
class Findings:
    """What was found for a region.

    Attributes:
        missing: what is needed on the day and has no value.
        lapses: what is needed within the next days and has no value then.
        wrong: sentences that name file and line: a group of another scheme, a rule that contradicts another.
        assumed: needed values that nobody published.
    """

    region: str
    on: date
    missing: tuple[Gap, ...]
    lapses: tuple[Gap, ...]
    wrong: tuple[str, ...]
    assumed: tuple[Resolved, ...]

    @property
    def good(self) -> bool:
        """Whether the region can be weighed, rated, settled and closed on the day."""
        return not self.missing and not self.wrong


GroupsOf = Callable[[str], Collection[str]]


def groups_of_pack(scheme: str) -> frozenset[str]:
    """The DRG and ADRG codes of a scheme, from its rule pack; RulePackError for an unknown scheme."""
    pack = load_pack(scheme)
    return frozenset(group.code for group in (*pack.adrgs, *pack.drgs))


def check_region(
    book: PolicyBook, region: str, on: date, groups_of: GroupsOf = groups_of_pack, days: int = HORIZON_DAYS
) -> Findings:
    """Everything to be said of a region's policy on a day and the `days` after it."""
    try:
        turns = [first for first, _ in book.intervals(region, on, on + timedelta(days=days))]
        by_day = [needs_of(book, region, day) for day in turns]
    except PolicyError as error:
        return Findings(region, on, (Gap("", on, "", str(error)),), (), (), ())
    today = by_day[0]
    missing = _gaps(today)
    later: dict[str, Gap] = {}
    for needs in by_day[1:]:
        for gap in _gaps(needs):
            if gap.parameter not in today.missing:
                later.setdefault(gap.parameter, gap)
    wrong = dict.fromkeys(sentence for needs in by_day for sentence in _wrong(needs, groups_of))
    assumed = tuple(item for item in today.found.values() if item.standing is Standing.ASSUMED)
    return Findings(region, on, missing, tuple(later.values()), tuple(wrong), assumed)


def _gaps(needs: Needs) -> tuple[Gap, ...]:
    return tuple(Gap(name, needs.on, needs.because[name], text) for name, text in needs.missing.items())


def _wrong(needs: Needs, groups_of: GroupsOf) -> Iterator[str]:
    yield from contradictions(needs.region, needs.found)
    yield from _foreign_groups(needs, groups_of, PARAMETERS)


def weights_of_another_scheme(needs: Needs, groups_of: GroupsOf = groups_of_pack) -> Iterator[str]:
    """A sentence where the published weights name a group of neither the scheme nor the region.

    The region's own are its sub-groups, the groups of its TCM diseases, and those that they fall back to.
    """
    yield from _foreign_groups(needs, groups_of, ("weight.published",), _tcm_groups(needs, "fallback_drg"))


def _foreign_groups(
    needs: Needs, groups_of: GroupsOf, names: Collection[str], own: Collection[str] = ()
) -> Iterator[str]:
    """A sentence for each of some parameters that names a group of neither the scheme nor the region."""
    scheme = needs.found.get("scheme")
    if scheme is None:
        return
    try:
        known = groups_of(str(scheme.value))
    except DrgError as error:
        yield f"{scheme.file} line {scheme.line}: the scheme of region {needs.region} cannot be read: {error}"
        return
    local = _local_groups(needs, known) | set(own)
    for item in (item for name, item in needs.found.items() if name in names):
        unknown = sorted(code for code in set(_groups_named(item)) if code not in known and code not in local)
        if unknown:
            shown = ", ".join(unknown[:5]) + (f" and {len(unknown) - 5} more" if len(unknown) > 5 else "")
            yield (
                f"{item.file} line {item.line}: {item.name} names {shown}, no group of {scheme.value} that region "
                f"{needs.region} uses on {needs.on}; correct the code or date the value to its scheme"
            )


def _local_groups(needs: Needs, known: Collection[str]) -> set[str]:
    """The codes a region adds to its scheme: groups of TCM diseases, and sub-groups such as BR25-A."""
    found = _tcm_groups(needs, "drg")
    for item in needs.found.values():
        for entry in item.value if isinstance(item.value, tuple) else ():
            if isinstance(entry, LocalGroup):
                found.update(f"{drg}-{entry.suffix}" for drg in known if entry.drg in (drg, drg[:ADRG_LENGTH]))
    return found


def _tcm_groups(needs: Needs, field: str) -> set[str]:
    entries = (entry for item in needs.found.values() if isinstance(item.value, tuple) for entry in item.value)
    return {getattr(entry, field) for entry in entries if isinstance(entry, TcmDisease)}


def _groups_named(item: Resolved) -> Iterator[str]:
    """The codes of the scheme a value names: as keys, as words, or in the entries of a list."""
    if isinstance(item.value, dict):
        if "drg" in item.by:
            place = item.by.index("drg")
            yield from (keys[place] for keys in item.value if keys[place] != REST)
        return
    if PARAMETERS[item.name].unit == "drg":
        yield from chosen(item)
    for entry in item.value if isinstance(item.value, tuple) else ():
        if isinstance(entry, LocalGroup | WeightAdjustment):
            yield entry.drg
        if isinstance(entry, TcmDisease):
            yield entry.fallback_drg


@dataclass(frozen=True)
class Held:
    """A parameter that holds for a region on a day, and who needs it; `because` is empty where no rule does."""

    item: Resolved
    because: str


def held_on(book: PolicyBook, region: str, on: date) -> list[Held]:
    """Every parameter that holds for a region on a day, in the order of `PARAMETERS`; PolicyError without policy."""
    because = needs_of(book, region, on).because
    found = []
    for name in PARAMETERS:
        try:
            found.append(Held(book.value(region, name, on), because.get(name, "")))
        except PolicyError:
            continue  # what is missing although needed is said by check
    return found


@dataclass(frozen=True)
class Change:
    """A parameter that differs between two days; a side is None where no value holds."""

    parameter: str
    before: Resolved | None
    after: Resolved | None


def changes(book: PolicyBook, region: str, first: date, second: date) -> list[Change]:
    """The parameters whose value, unit, source or standing differs between two days, in the order of `PARAMETERS`."""
    sides = [{held.item.name: held.item for held in held_on(book, region, day)} for day in (first, second)]
    both = [Change(name, sides[0].get(name), sides[1].get(name)) for name in PARAMETERS]
    return [change for change in both if _said(change.before) != _said(change.after)]


def _said(item: Resolved | None) -> tuple[object, ...] | None:
    return (item.value, item.by, item.unit, item.source, item.standing) if item else None
