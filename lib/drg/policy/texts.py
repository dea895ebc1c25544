"""Values as a reader or a program is shown them: one line of text, or what JSON can hold (decimals as text)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from drg.policy.book import Resolved
from drg.policy.values import Record, Step, YearWeight


def value_text(item: Resolved) -> str:
    """The value of a parameter in one line; where it is keyed, key by key: `310: 1: 0.90, 2: 0.97; 390: 1: 0.92`."""
    if not isinstance(item.value, dict):
        return _text(item.value)
    if len(item.by) == 1:
        return ", ".join(f"{key[0]}: {_text(value)}" for key, value in item.value.items())
    heads: dict[str, list[str]] = {}
    for (head, *keys), value in item.value.items():
        heads.setdefault(head, []).append(f"{'/'.join(keys)}: {_text(value)}")
    return "; ".join(f"{head} ({', '.join(parts)})" for head, parts in heads.items())


def value_json(item: Resolved) -> Any:
    """The value of a parameter for JSON; where it is keyed, mappings nested in the order of `by`."""
    if not isinstance(item.value, dict):
        return _json(item.value)
    nested: dict[str, Any] = {}
    for keys, value in item.value.items():
        level = nested
        for key in keys[:-1]:
            level = level.setdefault(key, {})
        level[keys[-1]] = _json(value)
    return nested


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Step):
        return _text(value.value) if value.below is None else f"{_text(value.value)} below {_text(value.below)}"
    if isinstance(value, YearWeight):
        return f"{value.year} x {value.weight}"
    if isinstance(value, Record):
        said = value.model_dump(exclude_defaults=True)
        return "{" + ", ".join(f"{name} {_nested(part)}" for name, part in said.items()) + "}"
    if isinstance(value, tuple):
        steps = bool(value) and isinstance(value[0], Step)
        parts = [_text(part) for part in value]
        return ", ".join([*parts[:-1], f"else {parts[-1]}"] if steps and len(parts) > 1 else parts)
    return str(value)


def _nested(part: Any) -> str:
    if isinstance(part, dict):
        return " ".join(f"{key}: {_text(value)}" for key, value in part.items())
    return "/".join(_nested(item) for item in part) if isinstance(part, tuple | list) else _text(part)


def _json(value: Any) -> Any:
    if isinstance(value, tuple) and len(value) == 1 and isinstance(value[0], Step):
        return _json(value[0].value)
    if isinstance(value, tuple):
        return [_json(part) for part in value]
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    return format(value, "f") if isinstance(value, Decimal) else value
