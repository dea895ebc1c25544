"""What kinds of values a parameter can have, and how each is read from YAML text without passing through a float."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Context, Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

HOSPITAL_LEVELS = ("1", "2", "3")
FUNDS = ("310", "390")

# The five parts of a case's cost that a structural adjustment of weights moves (医疗、护理、医技、药耗、管理).
COST_PARTS = ("medical", "nursing", "technical", "drug_consumable", "management")

# A value may be keyed by these; every key must be given, so that no level or fund is priced by a value nobody wrote.
DIMENSIONS: dict[str, tuple[str, ...]] = {
    "cost_part": COST_PARTS,
    "fund": FUNDS,
    "hospital_level": HOSPITAL_LEVELS,
}

# Dimensions whose keys nobody can list beforehand. `*` stands for every key that is not written; without it a key that
# is not written has no value. A key of `drg` may be an ADRG, which serves its groups that are not written.
REST = "*"
# Longer than anything a policy may write; what is too long is refused by its bounds.
_LONG = Context(prec=1000)
OPEN_DIMENSIONS: dict[str, str] = {
    "drg": r"[A-Z0-9]{3,6}(-[A-Z0-9]+)?",
    "hospital": r"[A-Z0-9]{4,20}",
}


class Standing(StrEnum):
    """How far a value may be relied on (效力)."""

    PUBLISHED = "published"
    AS_IMPLEMENTED = "as_implemented"
    ASSUMED = "assumed"


class Written(BaseModel):
    """What is written as several fields: a year with its weight, a step, an entry of a list.

    Numbers are written as numbers: text in quotes, yes and no are none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    @field_validator("*", mode="before")
    @classmethod
    def _as_written(cls, raw: Any, info: ValidationInfo) -> Any:
        types = _types(cls.model_fields[str(info.field_name)].annotation)
        for item in raw.values() if isinstance(raw, dict) else (raw,):
            if types & {int, Decimal} and isinstance(item, str | bool):
                raise ValueError(f"{item!r} is not a number; numbers are written without quotes")
            if date in types and isinstance(item, int | Decimal):
                raise ValueError(f"{item} is not a day; days are written as 2025-01-31")
        return raw


def _types(annotation: Any) -> set[Any]:
    """The types an annotation names, e.g. int of `int | None` and Decimal of `dict[str, Decimal]`."""
    return {annotation}.union(*(_types(part) for part in get_args(annotation)))


class YearWeight(Written):
    """One year of the history window and its weight; pairs, because 7:2:1 and 1:2:7 are both written for the same."""

    year: int = Field(ge=2000, le=2100)
    weight: int = Field(ge=1, le=100)


def decimals_of(number: Decimal) -> int:
    """How many decimals a finite number has, trailing zeros left out."""
    exponent = number.normalize(_LONG).as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


class Step(Written):
    """One step of a value that falls or rises with the relative weight: it serves weights below `below` (null: all)."""

    below: Decimal | None = Field(default=None, gt=0, lt=1_000_000, decimal_places=4)
    value: Decimal


class Record(Written):
    """One entry of a parameter that is a list of entries, such as the diseases paid by the day."""


Value = Decimal | int | bool | str | tuple[YearWeight, ...] | tuple[Step, ...] | tuple[str, ...] | tuple[Record, ...]
Kind = Literal["number", "stepped", "integer", "flag", "name", "names", "years", "records"]


class Parameter(BaseModel):
    """One known parameter: its name, type, unit and range.

    Attributes:
        title: the trade's name in Chinese.
        unit: the unit every value must state.
        least, most: bounds, included; `above` is a bound that is not.
        decimals: most decimals a number may have (so that prices stay exact).
        names: the admitted names where the kind is `name` or `names`; empty means any word.
        by: the dimensions a value may be keyed by, in the order of the alphabet.
        record: what an entry holds where the kind is `records`.
        whole: whether the values of all keys are the shares of one whole and add up to 1.
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
    record: type[Record] | None = None
    whole: bool = False

    def read(self, raw: Any) -> Value:
        """The value of one YAML scalar or list; ValueError with half a sentence that says what is wrong."""
        if isinstance(raw, list) and not raw:
            raise ValueError("an empty list says nothing")
        readers: dict[str, Callable[[Any], Value]] = {
            "number": self._number,
            "stepped": self._stepped,
            "integer": self._integer,
            "flag": self._flag,
            "name": self._name,
            "names": self._names,
            "records": self._records,
            "years": self._years,
        }
        return readers[self.kind](raw)

    def check_whole(self, value: Value | dict[tuple[str, ...], Value]) -> None:
        """ValueError where shares of a whole are not written for each key or do not add up to 1."""
        if not self.whole:
            return
        if not isinstance(value, dict):
            raise ValueError(f"the shares of a whole are written by {', '.join(self.by)}")
        total = sum((Decimal(str(share)) for share in value.values()), Decimal(0))
        if total != 1:
            raise ValueError(f"the shares add up to {total} and not to 1")

    def _number(self, raw: Any) -> Decimal:
        if isinstance(raw, str):
            raise ValueError(f"{raw!r} is not a number; numbers are written without quotes")
        if isinstance(raw, bool) or not isinstance(raw, int | Decimal):
            raise ValueError(f"{raw!r} is not a number")
        number = Decimal(raw)
        if not number.is_finite() or decimals_of(number) > self.decimals:
            raise ValueError(f"{raw} has more than {self.decimals} decimals")
        if self.least is not None and number < self.least:
            raise ValueError(f"{raw} is below {self.least}")
        if self.above is not None and number <= self.above:
            raise ValueError(f"{raw} is not above {self.above}")
        if self.most is not None and number > self.most:
            raise ValueError(f"{raw} is above {self.most}")
        return number

    def _stepped(self, raw: Any) -> tuple[Step, ...]:
        """One number for every weight, or steps by weight; the last step serves all weights above."""
        if not isinstance(raw, list):
            return (Step(value=self._number(raw)),)
        steps = tuple(Step.model_validate(item) for item in raw)
        for step in steps:
            self._number(step.value)
        ends = [step.below for step in steps[:-1]]
        if not steps or steps[-1].below is not None or None in ends or not _ascending(ends):
            raise ValueError("steps must ascend by `below`, and the last one has none")
        return steps

    def _names(self, raw: Any) -> tuple[str, ...]:
        if not isinstance(raw, list):
            raise ValueError(f"{raw!r} is not a list of names")
        found = tuple(self._name(item) for item in raw)
        if len(set(found)) != len(found):
            raise ValueError("a name occurs twice")
        return found

    def _records(self, raw: Any) -> tuple[Record, ...]:
        if self.record is None or not isinstance(raw, list):
            raise ValueError(f"{raw!r} is not a list of entries")
        return tuple(self.record.model_validate(item) for item in raw)

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


def _ascending(numbers: list[Any]) -> bool:
    return all(one is not None and two is not None and one < two for one, two in pairwise(numbers))
