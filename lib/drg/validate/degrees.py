"""What a region sets for the checks (审核规则设置) by settlement month: returned, flagged or off, other thresholds.

The values are dated parameters of the policy (`validate.degrees`, `validate.limits`), read on the first day of the
settlement month: all lists of a month are judged alike. What a region does not write stays as the catalogue has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from drg.errors import PolicyError
from drg.policy.needs import needed
from drg.validate.check import AnyCheck, Check
from drg.validate.checks_batch import BatchCheck

if TYPE_CHECKING:
    from drg.policy import PolicyBook, Resolved

REJECT, WARN, HELD, OFF = "R", "W", "H", ""
# How a region writes it (退回、提示、暂缓、停用); a list is returned, a month is held.
WORDS = {"return": REJECT, "flag": WARN, "hold": HELD, "off": OFF}
_OF_LISTS, _OF_MONTHS = ("return", "flag", "off"), ("hold", "flag", "off")
DEGREES, LIMITS = "validate.degrees", "validate.limits"
HOLD, HOLD_FROM = "validate.hold_share", "validate.hold_from_lists"
Unit = tuple[str, str]
KnownCheck = AnyCheck | BatchCheck
_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Settings:
    """What holds for one region and month where it differs from the catalogue.

    Attributes:
        degrees: check -> what it comes to: R, W or nothing; of a month as a whole H, W or nothing.
        limits: check and name of a limit -> its value as text.
        hold: share of returned lists above which the month is held, and from how many lists on; None: never.
    """

    degrees: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[tuple[str, str], str] = field(default_factory=dict)
    hold: tuple[Decimal, int] | None = None


def degree(check: KnownCheck, own: str, settings: Settings | None) -> str:
    """What a check that fails in its own degree (R or W) comes to in a region: R, W, H (of a month) or nothing.

    A region that returns (flags) what fails a check does so in either degree of the check. A check that is off unless
    asked for comes to nothing where no region asks.
    """
    catalogued = own if check.default_on else OFF
    return catalogued if settings is None else settings.degrees.get(check.id, catalogued)


def read_settings(policy: PolicyBook, units: Iterable[Unit], checks: Iterable[KnownCheck]) -> dict[Unit, Settings]:
    """Region and settlement month -> its settings, only where a region wrote any.

    Raises PolicyError for a check or limit nobody knows, a check no region may change, and a value that has lapsed.
    """
    known = {check.id: check for check in checks}
    found = {}
    for region, month in sorted(units):
        if not policy.speaks_for(region):
            continue
        values = needed(policy, region, date.fromisoformat(f"{month}-01"), ("validate",))
        settings = Settings(_degrees(values.get(DEGREES), known), _limits(values.get(LIMITS), known), _hold(values))
        if settings != Settings():
            found[(region, month)] = settings
    return found


def _degrees(written: Resolved | None, known: Mapping[str, KnownCheck]) -> dict[str, str]:
    found = {}
    for entry, where in _entries(written):
        check = known.get(entry.check)
        if check is None:
            raise PolicyError(f"{where}: check {entry.check} is unknown; `drg checks` lists them")
        if check.fixed and entry.degree != "return":
            raise PolicyError(
                f"{where}: check {entry.check} cannot be {entry.degree}, payment rests on what it holds; take it out"
            )
        possible = _OF_MONTHS if isinstance(check, BatchCheck) else _OF_LISTS
        if entry.degree not in possible:
            about = "a month as a whole" if isinstance(check, BatchCheck) else "lists"
            raise PolicyError(
                f"{where}: check {entry.check} is about {about}, it cannot be {entry.degree}; "
                f"write {', '.join(possible[:-1])} or {possible[-1]}"
            )
        found[entry.check] = WORDS[entry.degree]
    return found


def _limits(written: Resolved | None, known: Mapping[str, KnownCheck]) -> dict[tuple[str, str], str]:
    found = {}
    for entry, where in _entries(written):
        check = known.get(entry.check)
        names = check.limits if isinstance(check, Check | BatchCheck) else {}
        if entry.limit not in names:
            told = f"it has {', '.join(names)}" if names else "it has none"
            raise PolicyError(f"{where}: check {entry.check} has no limit {entry.limit}; {told}")
        found[(entry.check, entry.limit)] = plain(entry.value)
    return found


def _hold(values: Mapping[str, Resolved]) -> tuple[Decimal, int] | None:
    if HOLD not in values:
        return None
    return values[HOLD].of(), values[HOLD_FROM].of()


def _entries(written: Resolved | None) -> list[tuple[Any, str]]:
    if written is None:
        return []
    return [(entry, f"{written.file} line {written.line}, {written.name}") for entry in written.of()]


def plain(value: Decimal) -> str:
    """A limit as SQL and as a sentence show it: no exponent, no zeros at the end."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def limits_of(check: Check | BatchCheck, settings: Settings | None) -> dict[str, str]:
    """The limits of a check as they hold in a region, by name."""
    own = dict(check.limits)
    if settings is not None:
        own |= {name: value for (id_, name), value in settings.limits.items() if id_ == check.id}
    return own


def filled(text: str, limits: Mapping[str, str]) -> str:
    """A predicate or sentence with its limits written in; text without a place for one is as it was."""
    return _PLACE.sub(lambda match: limits.get(match[1], match[0]), text)


def sentences(checks: Iterable[AnyCheck], settings: Settings | None) -> dict[str, str]:
    """Finding (`R:<id>`, `W:<id>`) -> what a hospital is told; turned up or down, a check says its other sentence."""
    found = {}
    for check in checks:
        limits = limits_of(check, settings) if isinstance(check, Check) else {}
        found[f"{REJECT}:{check.id}"] = filled(check.reject_message or check.warn_message, limits)
        found[f"{WARN}:{check.id}"] = filled(check.warn_message or check.reject_message, limits)
    return found
