"""Values as a reader or a program is shown them: one line of text, Chinese words, or JSON (decimals as text)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from drg.policy.book import Resolved
from drg.policy.values import Record, Step, YearWeight

# Keys of a table told in one line; JSON and the file hold all.
_TOLD = 12


def value_text(item: Resolved) -> str:
    """The value of a parameter in one line; where it is keyed, key by key: `310 (1: 0.90, 2: 0.97); 390 (1: 0.92)`.

    Of a long table the first keys only, and how many there are.
    """
    if not isinstance(item.value, dict):
        return _text(item.value)
    heads: dict[str, list[str]] = {}
    for (head, *keys), value in item.value.items():
        heads.setdefault(head, []).append(f"{'/'.join(keys)}: {_text(value)}" if keys else _text(value))
    keyed = len(item.by) > 1
    told = [f"{head} ({', '.join(parts)})" if keyed else f"{head}: {parts[0]}" for head, parts in heads.items()]
    if len(told) > _TOLD:
        told = [*told[:_TOLD], f"and {len(told) - _TOLD} more"]
    return ("; " if keyed else ", ").join(told)


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


def words(value: Any) -> str:
    """One value, not keyed, in Chinese: flags as 是 or 否, steps and years one after the other, entries by title."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Step):
        return words(value.value) if value.below is None else f"权重低于{words(value.below)}为{words(value.value)}"
    if isinstance(value, YearWeight):
        return f"{value.year}年:{value.weight}"
    if isinstance(value, Record):
        return str(getattr(value, "title", "") or getattr(value, "drg", ""))
    if isinstance(value, tuple):
        parts = [words(part) for part in value]
        steps = len(parts) > 1 and isinstance(value[0], Step)
        return "、".join([*parts[:-1], f"其余为{parts[-1]}"] if steps else parts)
    return format(value, "f") if isinstance(value, Decimal) else str(value)


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
