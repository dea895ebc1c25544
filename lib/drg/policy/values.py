"""What kinds of values a parameter can have, and how each is read from YAML text without passing through a float."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

HOSPITAL_LEVELS = ("1", "2", "3")
FUNDS = ("310", "390")

# A value may be keyed by these; every key must be given, so that no level or fund is priced by a value nobody wrote.
DIMENSIONS: dict[str, tuple[str, ...]] = {"fund": FUNDS, "hospital_level": HOSPITAL_LEVELS}


class Standing(StrEnum):
    """How far a value may be relied on (效力)."""

    PUBLISHED = "published"
    AS_IMPLEMENTED = "as_implemented"
    ASSUMED = "assumed"


class YearWeight(BaseModel):
    """One year of the history window and its weight; pairs, because 7:2:1 and 1:2:7 are both written for the same."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    year: int = Field(ge=2000, le=2100)
    weight: int = Field(ge=1, le=100)


Value = Decimal | int | bool | str | tuple[YearWeight, ...]
Kind = Literal["number", "integer", "flag", "name", "years"]


class Parameter(BaseModel):
    """One known parameter: its name, type, unit and range.

    Attributes:
        title: the trade's name in Chinese.
        unit: the unit every value must state.
        least, most: bounds, included; `above` is a bound that is not.
        decimals: most decimals a number may have (so that prices stay exact).
        names: the admitted names where the kind is `name`; empty means any word.
        by: the dimensions a value may be keyed by.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    kind: Kind
    unit: str
    least: Decimal | None = None
    above: Decimal | None = None
    most: Decimal | None = None
    decimals: int = 4
    names: tuple[str, ...] = ()
    by: tuple[str, ...] = ()

    def read(self, raw: Any) -> Value:
        """The value of one YAML scalar (or list of years); ValueError with half a sentence that says what is wrong."""
        readers: dict[str, Callable[[Any], Value]] = {
            "number": self._number,
            "integer": self._integer,
            "flag": self._flag,
            "name": self._name,
            "years": self._years,
        }
        return readers[self.kind](raw)

    def _number(self, raw: Any) -> Decimal:
        if isinstance(raw, bool) or not isinstance(raw, int | Decimal):
            raise ValueError(f"{raw!r} is not a number")
        number = Decimal(raw)
        if not number.is_finite() or number != round(number, self.decimals):
            raise ValueError(f"{raw} has more than {self.decimals} decimals")
        if self.least is not None and number < self.least:
            raise ValueError(f"{raw} is below {self.least}")
        if self.above is not None and number <= self.above:
            raise ValueError(f"{raw} is not above {self.above}")
        if self.most is not None and number > self.most:
            raise ValueError(f"{raw} is above {self.most}")
        return number

    def _integer(self, raw: Any) -> int:
        if isinstance(raw, bool) or not isinstance(raw, int):
            raise ValueError(f"{raw!r} is not a whole number")
        self._number(raw)
        return raw

    def _flag(self, raw: Any) -> bool:
        if not isinstance(raw, bool):
            raise ValueError(f"{raw!r} is neither true nor false")
        return raw

    def _name(self, raw: Any) -> str:
        if not isinstance(raw, str) or not raw:
            raise ValueError(f"{raw!r} is not a name")
        if self.names and raw not in self.names:
            raise ValueError(f"{raw} is not a known rule; known are {', '.join(self.names)}")
        return raw

    def _years(self, raw: Any) -> tuple[YearWeight, ...]:
        if not isinstance(raw, list) or not raw:
            raise ValueError("years must be a list of {year, weight}")
        years = tuple(YearWeight.model_validate(item) for item in raw)
        if len({item.year for item in years}) != len(years):
            raise ValueError("a year occurs twice")
        return tuple(sorted(years, key=lambda item: item.year))
