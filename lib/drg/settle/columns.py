"""The stages of a settlement as Spark expressions: one pass over all cases of all regions.

Which rule a case follows stands in its row (from the broadcast parameters), so that regions with different policies
are settled together; only the rules that some region uses are compiled in.
"""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from drg.money_columns import round_fen_column
from drg.settle.arithmetic import Condition, Lazy
from drg.settle.formulas import Amount
from drg.settle.stages import STAGES

# Digits before the point that an exact amount may need: up to a hundred thousand million yuan.
_WHOLE_DIGITS = 12


class ColumnArithmetic:
    """`drg.settle.arithmetic.Arithmetic` for Spark columns.

    `in_use` names, for each parameter that chooses a rule, the rules that occur; others are left out of the expression.
    """

    def __init__(self, in_use: Mapping[str, frozenset[str]]):
        self._in_use = in_use

    def where(self, condition: Condition, then: Lazy, otherwise: Lazy) -> Amount:
        """As `Arithmetic.where`; a condition that is null counts as not holding."""
        return F.when(condition, then()).otherwise(otherwise())

    def choose(self, parameter: str, chosen: Amount, branches: Mapping[str, Lazy]) -> Amount:
        """As `Arithmetic.choose`; null for a name that is no rule, which no required column accepts."""
        used = self._in_use.get(parameter)
        names = [name for name in branches if used is None or name in used]
        if len(names) == 1:
            return branches[names[0]]()
        found = F.when(chosen == names[0], branches[names[0]]())
        for name in names[1:]:
            found = found.when(chosen == name, branches[name]())
        return found

    def known(self, value: Amount) -> Condition:
        """As `Arithmetic.known`."""
        return value.isNotNull()

    def both(self, one: Condition, other: Condition) -> Condition:
        """As `Arithmetic.both`."""
        return one & other

    def nothing(self) -> Amount:
        """As `Arithmetic.nothing`."""
        return F.lit(None)

    def text(self, value: str) -> Amount:
        """As `Arithmetic.text`."""
        return F.lit(value)

    def flag(self, value: bool) -> Condition:
        """As `Arithmetic.flag`."""
        return F.lit(value)

    def hold(self, value: Amount, decimals: int) -> Amount:
        """As `Arithmetic.hold`. The types of the factors bound the decimals, so that nothing is cut off."""
        return value.cast(f"decimal({_WHOLE_DIGITS + decimals},{decimals})")

    def zero(self) -> Amount:
        """As `Arithmetic.zero`."""
        return F.lit("0.00").cast("decimal(16,2)")

    def fen(self, value: Amount) -> Amount:
        """As `Arithmetic.fen`."""
        return round_fen_column(value)


def settle_columns(cases: DataFrame, in_use: Mapping[str, frozenset[str]]) -> DataFrame:
    """All stages over a frame that holds the facts of each case; adds or replaces the columns each stage gives.

    Amounts in yuan; those at rest are decimal(16,2).
    """
    arithmetic = ColumnArithmetic(in_use)
    for stage in STAGES:
        facts = {name: F.col(name) for name in cases.columns}
        cases = cases.withColumns(stage(arithmetic, facts))
    return cases
