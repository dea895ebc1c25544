"""What the stages of a settlement need beyond + - x and comparisons, and how plain Decimals do it.

`drg.settle.columns` does the same for Spark. Both are used by the same stages, so that a payment written by Spark and
one explained without it cannot part ways.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Context, Decimal
from typing import Any, Protocol

from drg.errors import PolicyError
from drg.money import (
    PRICE_DECIMALS,
    QUOTIENT_DECIMALS,
    half_up,
    round_fen,
)
from drg.policy.records import national_group
from drg.settle.formulas import Amount

Condition = Any
Entry = Any
Lazy = Callable[[], Amount]

_WIDE = Context(prec=80)


class Arithmetic(Protocol):
    """Decisions and rounding over the facts of a case. Branches are given lazily: a Decimal takes only its own."""

    def where(self, condition: Condition, then: Lazy, otherwise: Lazy) -> Amount:
        """`then` where the condition holds, else `otherwise`."""

    def choose(self, parameter: str, chosen: Amount, branches: Mapping[str, Lazy]) -> Amount:
        """The branch named by the policy's value of a parameter; nothing where the policy has no such value."""

    def listed(self, parameter: str, chosen: Amount, name: str) -> Condition:
        """Whether the policy's list of a parameter holds a name."""

    def lookup(self, parameter: str, mapping: Amount, keys: Sequence[Amount]) -> Amount:
        """The value of the first of the keys that the policy's mapping holds; nothing where it holds none."""

    def first(self, parameter: str, entries: Amount, fits: Callable[[Entry], Condition], field: str) -> Amount:
        """A field of the first entry of the policy's list that fits; nothing where none does."""

    def count_that(self, listed: Sequence[Entry], holds: Callable[[Entry], Condition]) -> Amount:
        """How many of the things a policy lists hold a condition."""

    def count_starting(self, codes: Amount, prefixes: Sequence[str]) -> Amount:
        """How many codes of a case begin with one of some prefixes of the policy."""

    def begins_with_any(self, text: Amount, prefixes: Sequence[str]) -> Condition:
        """Whether a text begins with one of some prefixes of the policy; no for a text that is not there."""

    def adrg_of(self, drg: Amount) -> Amount:
        """The ADRG of a group: its first three characters."""

    def national_group_of(self, drg: Amount) -> Amount:
        """The national group of a local sub-group: `BR25` of `BR25-A`."""

    def known(self, value: Amount) -> Condition:
        """Whether a value is there (not null)."""

    def both(self, one: Condition, other: Condition) -> Condition:
        """Whether both conditions hold."""

    def either(self, one: Condition, other: Condition) -> Condition:
        """Whether one of two conditions holds."""

    def no(self, condition: Condition) -> Condition:
        """Whether a condition does not hold."""

    def nothing(self) -> Amount:
        """An amount that does not apply (null)."""

    def text(self, value: str) -> Amount:
        """A fixed text."""

    def flag(self, value: bool) -> Condition:
        """A fixed yes or no."""

    def hold(self, value: Amount, decimals: int, whole: int = 9) -> Amount:
        """An exact amount with at most this many decimals; keeps later products within what a column can hold."""

    def rest(self, value: Amount, decimals: int, whole: int = 9) -> Amount:
        """An amount half-up to this many decimals, where the exact one has more or no end."""

    def quotient(self, dividend: Amount, divisor: Amount) -> Amount:
        """An amount of money over another, 12 decimals half-up; nothing where either is nothing."""

    def zero(self) -> Amount:
        """No yuan."""

    def one(self) -> Amount:
        """A factor that changes nothing."""

    def fen(self, value: Amount) -> Amount:
        """An amount at rest, half-up to the fen (`drg.money.round_fen`)."""


class DecimalArithmetic:
    """The arithmetic of one case in Decimals and None, without Spark.

    What columns need to know beforehand (which parameter, how many whole digits) is of no use here.
    """

    # ruff: noqa: ARG002

    def where(self, condition: Condition, then: Lazy, otherwise: Lazy) -> Amount:
        """As `Arithmetic.where`."""
        return then() if condition else otherwise()

    def choose(self, parameter: str, chosen: Amount, branches: Mapping[str, Lazy]) -> Amount:
        """As `Arithmetic.choose`; PolicyError for a name that is no rule."""
        if chosen is None:
            return None
        if chosen not in branches:
            raise PolicyError(f"{parameter} is {chosen}, which is not a rule; known are {', '.join(branches)}")
        return branches[chosen]()

    def listed(self, parameter: str, chosen: Amount, name: str) -> Condition:
        """As `Arithmetic.listed`."""
        return name in (chosen or ())

    def lookup(self, parameter: str, mapping: Amount, keys: Sequence[Amount]) -> Amount:
        """As `Arithmetic.lookup`."""
        return next((mapping[key] for key in keys if key in mapping), None) if mapping else None

    def first(self, parameter: str, entries: Amount, fits: Callable[[Entry], Condition], field: str) -> Amount:
        """As `Arithmetic.first`."""
        return next((entry[field] for entry in entries or () if fits(entry)), None)

    def count_that(self, listed: Sequence[Entry], holds: Callable[[Entry], Condition]) -> Amount:
        """As `Arithmetic.count_that`."""
        return sum(1 for one in listed if holds(one))

    def count_starting(self, codes: Amount, prefixes: Sequence[str]) -> Amount:
        """As `Arithmetic.count_starting`."""
        return sum(1 for code in codes or () if str(code).startswith(tuple(prefixes)))

    def begins_with_any(self, text: Amount, prefixes: Sequence[str]) -> Condition:
        """As `Arithmetic.begins_with_any`."""
        return text is not None and str(text).startswith(tuple(prefixes))

    def adrg_of(self, drg: Amount) -> Amount:
        """As `Arithmetic.adrg_of`."""
        return None if drg is None else drg[:3]

    def national_group_of(self, drg: Amount) -> Amount:
        """As `Arithmetic.national_group_of`."""
        return None if drg is None else national_group(drg)

    def known(self, value: Amount) -> Condition:
        """As `Arithmetic.known`."""
        return value is not None

    def both(self, one: Condition, other: Condition) -> Condition:
        """As `Arithmetic.both`."""
        return bool(one) and bool(other)

    def either(self, one: Condition, other: Condition) -> Condition:
        """As `Arithmetic.either`."""
        return bool(one) or bool(other)

    def no(self, condition: Condition) -> Condition:
        """As `Arithmetic.no`."""
        return not condition

    def nothing(self) -> Amount:
        """As `Arithmetic.nothing`."""
        return None

    def text(self, value: str) -> Amount:
        """As `Arithmetic.text`."""
        return value

    def flag(self, value: bool) -> Condition:
        """As `Arithmetic.flag`."""
        return value

    def hold(self, value: Amount, decimals: int, whole: int = 9) -> Amount:
        """As `Arithmetic.hold`; ValueError for an amount with more decimals, which would be rounded in silence."""
        if value is None:
            return None
        exact: Decimal = value
        exponent = exact.normalize(_WIDE).as_tuple().exponent
        if not isinstance(exponent, int) or -exponent > decimals:
            raise ValueError(f"{exact} has more than {decimals} decimals")
        return exact

    def rest(self, value: Amount, decimals: int, whole: int = 9) -> Amount:
        """As `Arithmetic.rest`."""
        return None if value is None else half_up(value, decimals)

    def quotient(self, dividend: Amount, divisor: Amount) -> Amount:
        """As `Arithmetic.quotient`; through 19 decimals, as a column's division goes."""
        if dividend is None or divisor is None:
            return None
        return half_up(half_up(_WIDE.divide(dividend, divisor), QUOTIENT_DECIMALS), PRICE_DECIMALS)

    def zero(self) -> Amount:
        """As `Arithmetic.zero`."""
        return Decimal("0.00")

    def one(self) -> Amount:
        """As `Arithmetic.one`."""
        return Decimal(1)

    def fen(self, value: Amount) -> Amount:
        """As `Arithmetic.fen`."""
        return None if value is None else round_fen(value)
