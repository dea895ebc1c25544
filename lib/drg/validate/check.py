"""What a check (审核规则) is; the catalogue itself stands in `drg.validate.checks`."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Check:
    """One check of a list by itself: SQL predicates that hold when the list FAILS it, and the Chinese sentences.

    Attributes:
        limits: thresholds by name as written into predicates and sentences (`{days}`); a region may set others.
        fixed: whether the steps that follow rest on it, so that no region can turn it off or down.
        default_on: whether it is applied where nobody says otherwise; some are for regions that ask for them.
    """

    id: str
    field: str
    reject: str | None = None
    reject_message: str = ""
    warn: str | None = None
    warn_message: str = ""
    limits: Mapping[str, str] = dataclasses.field(default_factory=dict)
    fixed: bool = False
    default_on: bool = True


@dataclass(frozen=True)
class Stay:
    """One live list as the checks across lists see it; `month` is its settlement month, `place` where it stands.

    `current` is false for a list that another run accepted: it is looked at and not judged again. Days and seconds
    (`declared`) are numbered from 1970: a year no calendar has must not stop the others. `return_planned` is null where
    the list does not say.
    """

    place: tuple[Any, ...]
    month: str
    setl_id: str
    visit: str
    hospital: str
    admission: int
    discharge: int
    declared: int
    discharge_way: str
    sex: str
    age_years: int
    principal: str
    interim: bool
    return_planned: bool | None
    current: bool


Pair = Callable[[Stay, Stay], bool]


@dataclass(frozen=True)
class AcrossCheck:
    """One check of a list beside another of the same person: functions (this list, the other) that say it FAILS."""

    id: str
    field: str
    reject: Pair | None = None
    reject_message: str = ""
    warn: Pair | None = None
    warn_message: str = ""
    fixed: bool = False
    default_on: bool = True


AnyCheck = Check | AcrossCheck


def among(*values: str) -> str:
    """Text values as an SQL list."""
    return "(" + ", ".join(f"'{value}'" for value in values) + ")"
