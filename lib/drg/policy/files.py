"""Policy files: YAML read with the line of every value, checked against the known parameters.

A folder holds `region.yaml` (code, name, inherits) and any number of parameter files; in these every top-level key is
a parameter and its value a list of dated values. Numbers are read as decimals, never as binary floats.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from drg.errors import PolicyError
from drg.policy.parameters import PARAMETERS
from drg.policy.reading import compose, file_shown, problem_of
from drg.policy.values import DIMENSIONS, OPEN_DIMENSIONS, REST, Parameter, Standing, Value

HEAD = "region.yaml"


class Entry(BaseModel):
    """One dated value as written."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    value: Any
    start: date = Field(alias="from")
    end: date | None = Field(default=None, alias="to")
    unit: str = Field(min_length=1)
    source: str = Field(min_length=1)
    standing: Standing
    by: tuple[str, ...] = ()
    note: str = ""

    @field_validator("start", "end", mode="before")
    @classmethod
    def _day(cls, raw: Any) -> Any:
        if isinstance(raw, int | Decimal):
            raise ValueError("it is a number; write days as 2025-01-31")
        return raw


class Head(BaseModel):
    """`region.yaml`: who the folder is for and what it inherits from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    name: str
    inherits: str | None = None
    settles_from: date | None = None


@dataclass(frozen=True)
class Dated:
    """One value of a parameter and the days it holds.

    Attributes:
        value: the value, or one a combination of keys (`by`, in the order of the dimensions).
        end: last day, included; None is open.
        file, line: where it is written, the file relative to the policy folder's parent.
    """

    value: Value | dict[tuple[str, ...], Value]
    by: tuple[str, ...]
    start: date
    end: date | None
    unit: str
    source: str
    standing: Standing
    file: str
    line: int


@dataclass(frozen=True)
class Folder:
    """All parameters of one level of the tree; the dated values of each ascend by day and do not overlap.

    Attributes:
        shown: the folder (or file) as errors name it.
        settles_from: the first day the region settles, where it is later than that of a method it inherits.
    """

    code: str
    name: str
    inherits: str | None
    parameters: dict[str, tuple[Dated, ...]]
    shown: str
    settles_from: date | None = None


def read_folder(path: Path, root: Path) -> Folder:
    """One folder of the tree; PolicyError naming file and line for whatever is wrong in it."""
    head_path = path / HEAD
    where = file_shown(head_path, root)
    if not head_path.is_file():
        raise PolicyError(f"{where} is missing; it names the region and what it inherits from")
    loader, node = compose(head_path, root)
    try:
        head = Head.model_validate(loader.construct_document(node) if node else {})
    except yaml.MarkedYAMLError as error:
        raise PolicyError(f"{where} {problem_of(error)}") from error
    except ValidationError as error:
        raise PolicyError(f"{where}: {_first(error)}; it holds code, name, inherits and settles_from") from error
    except ValueError as error:
        raise PolicyError(f"{where}: {error}; it holds code, name, inherits and settles_from") from error
    if head.code != path.name:
        raise PolicyError(f"{where} says code {head.code}; the folder is named {path.name}")
    found: dict[str, tuple[Dated, ...]] = {}
    for file in sorted(path.iterdir()):
        if file.suffix.lower() in (".yml", ".yaml") and file.suffix != ".yaml":
            raise PolicyError(f"{file_shown(file, root)} would not be read; end its name in .yaml")
        if file.name == HEAD or file.suffix != ".yaml":
            continue
        for name, dated in read_file(file, root).items():
            if name in found:
                where = f"{dated[0].file} line {dated[0].line} and {found[name][0].file} line {found[name][0].line}"
                raise PolicyError(f"{name} stands in two files of one folder ({where}); keep its values together")
            found[name] = dated
    return Folder(head.code, head.name, head.inherits, found, file_shown(path, root), head.settles_from)


def read_file(file: Path, root: Path | None = None) -> dict[str, tuple[Dated, ...]]:
    """The dated values of one parameter file, of a tree or by itself; PolicyError naming file and line."""
    loader, node = compose(file, root)
    shown = file_shown(file, root)
    if not isinstance(node, yaml.MappingNode):
        raise PolicyError(f"{shown} holds no parameters; write `name:` and a list of dated values, or delete it")
    found: dict[str, tuple[Dated, ...]] = {}
    for key, values in node.value:
        name, line = str(key.value), key.start_mark.line + 1
        parameter = PARAMETERS.get(name)
        if parameter is None:
            known = ", ".join(PARAMETERS)
            raise PolicyError(f"{shown} line {line}: {name} is not a known parameter; known are {known}")
        if name in found:
            raise PolicyError(f"{shown} line {line}: {name} stands twice in the file; keep its values in one list")
        if not isinstance(values, yaml.SequenceNode) or not values.value:
            raise PolicyError(f"{shown} line {line}: {name} needs a list of dated values")
        found[name] = _in_order(parameter, [_dated(parameter, loader, item, shown) for item in values.value])
    return found


def _dated(parameter: Parameter, loader: yaml.SafeLoader, node: yaml.Node, shown: str) -> Dated:
    line = node.start_mark.line + 1
    where = f"{shown} line {line}: {parameter.name}"
    try:
        raw = loader.construct_document(node)
        if isinstance(raw, dict) and isinstance(raw.get("by"), str):
            raw["by"] = (raw["by"],)
        entry = Entry.model_validate(raw)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else line
        raise PolicyError(f"{shown} line {line}: {parameter.name}: {error.problem}") from error
    except ValidationError as error:
        raise PolicyError(f"{where}: {_first(error)}; a value has value, from, unit, source and standing") from error
    except ValueError as error:
        raise PolicyError(f"{where}: {error}; write days as 2025-01-31") from error
    if entry.unit != parameter.unit:
        raise PolicyError(f"{where}: unit {entry.unit} is wrong; {parameter.title} is given in {parameter.unit}")
    if entry.end is not None and entry.end < entry.start:
        raise PolicyError(f"{where}: to {entry.end} lies before from {entry.start}; exchange or correct them")
    if entry.by != tuple(sorted(set(entry.by) & set(parameter.by))):
        allowed = ", ".join(parameter.by) or "nothing"
        raise PolicyError(f"{where}: by {', '.join(entry.by)} is wrong; it may be keyed by {allowed}, in this order")
    try:
        value = _keyed(parameter, entry) if entry.by else parameter.read(entry.value)
        parameter.check_whole(value)
    except ValidationError as error:
        raise PolicyError(f"{where}: {_first(error)}") from error
    except ValueError as error:
        raise PolicyError(f"{where}: {error}; correct the value") from error
    return Dated(value, entry.by, entry.start, entry.end, entry.unit, entry.source, entry.standing, shown, line)


def _keyed(parameter: Parameter, entry: Entry) -> dict[tuple[str, ...], Value]:
    """The values of all combinations of keys as written; every key of every closed dimension must be written."""
    found: dict[tuple[str, ...], Value] = {}

    def walk(level: Any, keys: tuple[str, ...]) -> None:
        if len(keys) == len(entry.by):
            found[keys] = parameter.read(level)
            return
        _check_keys(level, entry.by[len(keys)])
        for key, below in level.items():
            walk(below, (*keys, key))

    walk(entry.value, ())
    return found


def _check_keys(level: Any, dimension: str) -> None:
    written = ", ".join(str(key) for key in level) if isinstance(level, dict) else repr(level)
    if dimension in OPEN_DIMENSIONS:
        pattern = OPEN_DIMENSIONS[dimension]
        if not isinstance(level, dict) or not level:
            raise ValueError(f"{written} has no keys by {dimension}; write codes, and * for all others")
        for key in level:
            if key != REST and not (isinstance(key, str) and re.fullmatch(pattern, key)):
                raise ValueError(f"{key!r} is not a key by {dimension}; write codes (quoted), and * for all others")
        return
    known = DIMENSIONS[dimension]
    if not isinstance(level, dict) or set(level) != set(known):
        raise ValueError(f'keys by {dimension} are {written}; write each of "{", ".join(known)}" (quoted) once')


def _in_order(parameter: Parameter, values: list[Dated]) -> tuple[Dated, ...]:
    """Ascending by day; a value without `to` ends the day before the next. Overlap and gap are errors."""
    ordered = sorted(values, key=lambda item: item.start)
    closed: list[Dated] = []
    for item, after in zip(ordered, [*ordered[1:], None], strict=True):
        if after is None:
            closed.append(item)
            continue
        where = f"{after.file} line {after.line}: {parameter.name}"
        same = item.start == after.start
        day_before = after.start if same else after.start - timedelta(days=1)
        if same or (item.end is not None and item.end > day_before):
            raise PolicyError(f"{where}: two values hold on {after.start} (the other in line {item.line}); end one")
        if item.end is not None and item.end < day_before:
            gap = f"from {item.end + timedelta(days=1)} to {day_before}"
            raise PolicyError(f"{where}: no value holds {gap}; close the gap")
        closed.append(Dated(**{**item.__dict__, "end": day_before}))
    return tuple(closed)


def _first(error: ValidationError) -> str:
    """What pydantic found first, as half a sentence."""
    detail = error.errors()[0]
    field = ".".join(str(part) for part in detail["loc"]) or "the entry"
    aliases = {"start": "from", "end": "to"}
    field = aliases.get(field, field)
    if detail["type"] == "missing":
        return f"{field} is missing"
    if detail["type"] == "extra_forbidden":
        return f"{field} is not a field"
    if detail["type"] == "string_too_short":
        return f"{field} is empty"
    message = detail["msg"].removeprefix("Value error, ")
    return f"{field} is wrong ({message[:1].lower()}{message[1:]})"
