"""How a known parameter is declared: short forms for the kinds that occur often."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from drg.policy.values import Parameter, Record

LEVEL = ("hospital_level",)
FUND = ("fund",)
FUND_LEVEL = ("fund", "hospital_level")
DRG = ("drg",)
DRG_LEVEL = ("drg", "hospital_level")
DRG_FUND_LEVEL = ("drg", "fund", "hospital_level")
HOSPITAL = ("hospital",)


def rule(name: str, title: str, *names: str, **more: Any) -> Parameter:
    """A parameter that chooses one of the named rules."""
    return Parameter(name=name, title=title, kind="name", unit="rule", names=names, **more)


def number(
    name: str, title: str, unit: str, most: str | int, *, above: str | int | None = None, **more: Any
) -> Parameter:
    """A number above `above`, or from `least` (default 0) on, up to `most`."""
    bounds = {"above": Decimal(above)} if above is not None else {"least": Decimal(more.pop("least", 0))}
    return Parameter(
        **{"name": name, "title": title, "kind": "number", "unit": unit, "most": Decimal(most), **bounds, **more}
    )


def integer(name: str, title: str, unit: str, most: int, *, least: int = 0, **more: Any) -> Parameter:
    """A whole number."""
    return number(name, title, unit, most, kind="integer", least=least, **more)


def flag(name: str, title: str, **more: Any) -> Parameter:
    """Yes or no."""
    return Parameter(name=name, title=title, kind="flag", unit="yes_no", **more)


def yuan(name: str, title: str, decimals: int = 2, **more: Any) -> Parameter:
    """An amount of money above 0."""
    return number(name, title, "yuan", "1000000000", above=0, decimals=decimals, **more)


def entries(name: str, title: str, record: type[Record]) -> Parameter:
    """A list of entries."""
    return Parameter(name=name, title=title, kind="records", unit="list", record=record)
