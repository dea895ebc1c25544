"""PolicyBook: what holds for a region on a day, and where it is written.

A region's folder overrides its parent, up to the national one (`inherits:`); a region without a folder of its own uses
its province's (first two digits of the code). The nearest folder whose value had begun by the day decides. If that
value has lapsed, there is none: a parent's value is no heir to a lapsed one. No policy, no payment: a missing value is
an error that names region, parameter and day, never a default nobody wrote.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from drg.doors.config import project_home
from drg.errors import PolicyError
from drg.policy.files import HEAD, Dated, Folder, read_file, read_folder
from drg.policy.orders import check_orders
from drg.policy.parameters import PARAMETERS
from drg.policy.reading import shown_root
from drg.policy.records import national_group
from drg.policy.values import OPEN_DIMENSIONS, REST, Standing, Value

# A region settles from the first day on which it says how it pays, and groups from the first on which it says by what.
SETTLES_BY, GROUPS_BY = "payment.method", "scheme"


@dataclass(frozen=True)
class Resolved:
    """The value of a parameter that holds for a region on a day, and where it comes from.

    Attributes:
        value: the value; a mapping from key combinations where the value is keyed (`by`).
        start, end: the days it holds, `end` included; None is open.
        file, line: where it is written.
        folder: code of the folder it is written in, the region's own or one it inherits from.
    """

    name: str
    region: str
    value: Value | dict[tuple[str, ...], Value]
    by: tuple[str, ...]
    start: date
    end: date | None
    unit: str
    source: str
    standing: Standing
    file: str
    line: int
    folder: str

    def of(self, **keys: str) -> Any:
        """The single value for these keys, e.g. `of(fund="310", hospital_level="3")`; a value not keyed serves all.

        Raises PolicyError when a key is missing or unknown.
        """
        if not isinstance(self.value, dict):
            return self.value
        wanted = tuple(keys.get(name, "") for name in self.by)
        for candidate in product(*(_served_by(name, key) for name, key in zip(self.by, wanted, strict=True))):
            if candidate in self.value:
                return self.value[candidate]
        given = ", ".join(f"{name} {keys.get(name, '(none)')}" for name in self.by)
        where = f"{self.file} line {self.line}"
        raise PolicyError(f"{self.name} of region {self.region} has no value for {given} ({where}); add it")


def _served_by(dimension: str, key: str) -> tuple[str, ...]:
    """The keys whose values may serve a key, the nearest first: the key, for a group its ADRG, and `*`.

    A local sub-group is served by its own key first, then by that of its national group.
    """
    if dimension not in OPEN_DIMENSIONS:
        return (key,)
    return (key, national_group(key), key[:3], REST) if dimension == "drg" else (key, REST)


class PolicyBook:
    """All dated parameters of a policy tree; immutable after loading."""

    def __init__(self, folders: dict[str, Folder], root: str = "conf/policy"):
        self._folders = folders
        self._root = root

    @classmethod
    def load(cls, root: Path) -> PolicyBook:
        """Read and check the whole tree; PolicyError naming file and line for the first thing that is wrong.

        Wrong is also a line above the next one, in a folder or after inheritance (`drg.policy.orders`).
        """
        if not root.is_dir():
            raise PolicyError(f"no policy folder at {root}; it holds one folder a region and `national`")
        paths = sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))
        folders = {path.name: read_folder(path, root) for path in paths}
        for folder in folders.values():
            seen = [folder.code]
            while (parent := folders[seen[-1]].inherits) is not None:
                if parent not in folders or parent in seen:
                    what = "itself in the end" if parent in seen else "a folder that does not exist"
                    where = f"{folders[seen[-1]].shown}/{HEAD}"
                    raise PolicyError(f"{where} inherits {parent}: {what}; name a parent above it")
                seen.append(parent)
        return cls(folders, shown_root(root))._checked(*folders)

    @classmethod
    def load_default(cls) -> PolicyBook:
        """The tree of this checkout, `conf/policy`."""
        return cls.load(project_home() / "conf" / "policy")

    def with_file(self, region: str, path: Path) -> PolicyBook:
        """The book in which one YAML file speaks for a region first: a trial beside the policy in force.

        The file is written like any of the tree. What it does not say, and days before its first value, are as in this
        book; a value it ends is lapsed. Regions that inherit from `region` follow. Raises PolicyError as `load` does.
        """
        if not path.is_file():
            raise PolicyError(f"no policy file at {path}; name a YAML file of dated values")
        code = self._code(region)
        own = self._folders[code]
        folders = dict(self._folders)
        if code == region:
            # What was the region's own folder becomes the parent of the file, under a name no region has.
            code = f"{region} before {path} {len(folders)}"
            folders[code] = own
        folders[region] = Folder(str(path), own.name, code, read_file(path), str(path))
        return PolicyBook(folders, self._root)._checked(*self.codes(), region)

    def codes(self) -> tuple[str, ...]:
        """The codes that have a folder of their own, ascending."""
        return tuple(sorted(code for code in self._folders if " " not in code))

    def value(self, region: str, name: str, on: date) -> Resolved:
        """What holds for a region on a day.

        Raises PolicyError for a region without policy, an unknown parameter, and a value that is missing or lapsed.
        """
        if name not in PARAMETERS:
            raise PolicyError(f"{name} is not a known parameter; known are {', '.join(PARAMETERS)}")
        first: Dated | None = None
        for folder in self._chain(region):
            dated = folder.parameters.get(name, ())
            begun = [item for item in dated if item.start <= on]
            if begun:
                return self._in_force(region, name, on, begun[-1], folder.code)
            if dated and (first is None or dated[0].start < first.start):
                first = dated[0]
        begins = f"; the first begins on {first.start} ({first.file} line {first.line})" if first else ""
        raise PolicyError(
            f"region {region} has no value of {name} ({PARAMETERS[name].title}) for {on}{begins}; "
            f"write one in {self._chain(region)[0].shown}"
        )

    def _in_force(self, region: str, name: str, on: date, item: Dated, folder: str) -> Resolved:
        if item.end is not None and item.end < on:
            raise PolicyError(
                f"region {region} has no value of {name} ({PARAMETERS[name].title}) for {on}: it lapsed on {item.end} "
                f"({item.file} line {item.line}); write what holds from {item.end + timedelta(days=1)}"
            )
        return Resolved(name, region, **item.__dict__, folder=folder)

    def speaks_for(self, region: str) -> bool:
        """Whether any folder says anything for a region; one without is still grouped by its province's scheme."""
        return not {region, f"{region[:2]}0000"}.isdisjoint(self._folders)

    def has_begun(self, region: str, name: str, on: date) -> bool:
        """Whether a region, or a folder it inherits from, has a value that began by a day, lapsed or not."""
        dated = [item for folder in self._chain(region) for item in folder.parameters.get(name, ())]
        return any(item.start <= on for item in dated)

    def intervals(self, region: str, start: date, end: date) -> list[tuple[date, date]]:
        """Consecutive spans of days (both ends included) from start to end within which no parameter changes."""
        turns = {start}
        for folder in self._chain(region):
            for dated in folder.parameters.values():
                for item in dated:
                    turns.add(item.start)
                    if item.end is not None and item.end < end:
                        turns.add(item.end + timedelta(days=1))
        firsts = sorted(day for day in turns if start <= day <= end)
        lasts = [day - timedelta(days=1) for day in firsts[1:]] + [end]
        return list(zip(firsts, lasts, strict=True))

    def version(self, region: str, on: date, names: Iterable[str] = tuple(PARAMETERS)) -> str:
        """Content hash (16 hex digits) of what holds for a region on a day, for the given parameters.

        Values, days, units, sources and standings count; the place of a value in its file does not. A parameter without
        a value on that day counts as absent.
        """
        return self._version(region, on, tuple(sorted(set(names))))

    @functools.lru_cache(maxsize=4096)  # noqa: B019 - one book a process
    def _version(self, region: str, on: date, names: tuple[str, ...]) -> str:
        content = []
        for name in names:
            try:
                item = self.value(region, name, on)
            except PolicyError:
                continue
            days = (item.start.isoformat(), item.end.isoformat() if item.end else None)
            content.append((name, _plain(item.value), *days, item.unit, item.source, item.standing.value))
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]

    def day_of_year(self, region: str, year: int) -> date:
        """The day whose parameters make a year's weights and rates: 1 January, or the first day the region settles."""
        return max(date(year, 1, 1), self._first_day(region))

    def settles_from(self, region: str) -> str:
        """The first month (YYYY-MM) a region's policy settles; PolicyError when it never says how it pays."""
        return self._first_day(region).isoformat()[:7]

    def groups_from(self, region: str) -> str:
        """The first month (YYYY-MM) a region's lists are grouped; PolicyError when it never names a scheme.

        A scheme that begins within a month serves from the next one: a month is grouped under one.
        """
        first = self._begins(region, GROUPS_BY)
        return (first.replace(day=28) + timedelta(days=4) if first.day > 1 else first).isoformat()[:7]

    def _first_day(self, region: str) -> date:
        """The day the nearest folder names (`settles_from`), else the first on which any says how the region pays."""
        named = (folder.settles_from for folder in self._chain(region))
        return next((day for day in named if day is not None), None) or self._begins(region, SETTLES_BY)

    def _begins(self, region: str, name: str) -> date:
        starts = [item.start for folder in self._chain(region) for item in folder.parameters.get(name, ())]
        if not starts:
            raise PolicyError(f"region {region} has no value of {name} for any day; write one below {self._root}")
        return min(starts)

    def _chain(self, region: str) -> list[Folder]:
        """The folders that speak for a region, the nearest first."""
        code: str | None = self._code(region)
        chain = []
        while code is not None:
            chain.append(self._folders[code])
            code = self._folders[code].inherits
        return chain

    def _code(self, region: str) -> str:
        """Whose folder speaks first for a region: its own, or its province's."""
        code = region if region in self._folders else f"{region[:2]}0000"
        if code not in self._folders:
            raise PolicyError(
                f"region {region} has no policy: neither {self._root}/{region} nor {self._root}/{code} exists; add one"
            )
        return code

    def _checked(self, *regions: str) -> PolicyBook:
        for region in regions:
            days = {
                item.start for folder in self._chain(region) for dated in folder.parameters.values() for item in dated
            }
            check_orders(self, region, sorted(days))
        return self


def _plain(value: Any) -> Any:
    """A value as JSON can hold it, decimals normalised so that 0.30 and 0.3 are one content."""
    if isinstance(value, dict):
        return [["/".join(keys), _plain(item)] for keys, item in sorted(value.items())]
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, BaseModel):
        # Pairs of a year or a step are told apart by their place alone.
        return [_plain(getattr(value, name)) for name in type(value).model_fields]
    if isinstance(value, Decimal):
        return str(value.normalize())
    return value.isoformat() if isinstance(value, date) else value
