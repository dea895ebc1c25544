"""What the stages of a settlement need beyond + - x and comparisons, and how plain Decimals do it.

`drg.settle.columns` does the same for Spark. Both are used by the same stages, so that a payment written by Spark and
one explained without it cannot part ways.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Protocol

from drg.errors import PolicyError
from drg.money import round_fen
from drg.settle.formulas import Amount

Condition = Any
Lazy = Callable[[], Amount]


class Arithmetic(Protocol):
    """Decisions and rounding over the facts of a case. Branches are given lazily: a Decimal takes only its own."""

    def where(self, condition: Condition, then: Lazy, otherwise: Lazy) -> Amount:
        """`then` where the condition holds, else `otherwise`."""

    def choose(self, parameter: str, chosen: Amount, branches: Mapping[str, Lazy]) -> Amount:
        """The branch named by the policy's value of a parameter."""

    def known(self, value: Amount) -> Condition:
        """Whether a value is there (not null)."""

    def both(self, one: Condition, other: Condition) -> Condition:
        """Whether both conditions hold."""

    def nothing(self) -> Amount:
        """An amount that does not apply (null)."""

    def text(self, value: str) -> Amount:
        """A fixed text."""

    def flag(self, value: bool) -> Condition:
        """A fixed yes or no."""

    def hold(self, value: Amount, decimals: int) -> Amount:
        """An exact amount that has at most this many decimals; keeps later products within what a column can hold."""

    def zero(self) -> Amount:
        """No yuan."""

    def fen(self, value: Amount) -> Amount:
        """An amount at rest, half-up to the fen (`drg.money.round_fen`)."""


class DecimalArithmetic:
    """The arithmetic of one case in Decimals and None, without Spark."""

    def where(self, condition: Condition, then: Lazy, otherwise: Lazy) -> Amount:
        """As `Arithmetic.where`."""
        return then() if condition else otherwise()

    def choose(self, parameter: str, chosen: Amount, branches: Mapping[str, Lazy]) -> Amount:
        """As `Arithmetic.choose`; PolicyError for a name that is no rule."""
        if chosen not in branches:
            raise PolicyError(f"{parameter} is {chosen}, which is not a rule; known are {', '.join(branches)}")
        return branches[chosen]()

    def known(self, value: Amount) -> Condition:
        """As `Arithmetic.known`."""
        return value is not None

    def both(self, one: Condition, other: Condition) -> Condition:
        """As `Arithmetic.both`."""
        return bool(one) and bool(other)

    def nothing(self) -> Amount:
        """As `Arithmetic.nothing`."""
        return None

    def text(self, value: str) -> Amount:
        """As `Arithmetic.text`."""
        return value

    def flag(self, value: bool) -> Condition:
        """As `Arithmetic.flag`."""
        return value

    def hold(self, value: Amount, decimals: int) -> Amount:
        """As `Arithmetic.hold`; ValueError for an amount with more decimals, which would be rounded in silence."""
        exact: Decimal = value
        exponent = exact.normalize().as_tuple().exponent
        if not isinstance(exponent, int) or -exponent > decimals:
            raise ValueError(f"{exact} has more than {decimals} decimals")
        return exact

    def zero(self) -> Amount:
        """As `Arithmetic.zero`."""
        return Decimal("0.00")

    def fen(self, value: Amount) -> Amount:
        """As `Arithmetic.fen`."""
        return round_fen(value)
