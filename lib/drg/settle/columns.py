"""The stages of a settlement as Spark expressions: one pass over all cases of all regions.

Which rule a case follows stands in its row (from the broadcast parameters), so that regions with different policies
are settled together; only the rules that some region uses are compiled in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from drg.money import PRICE_DECIMALS, QUOTIENT_DECIMALS
from drg.money_columns import half_up_column, round_fen_column
from drg.policy.records import SEPARATOR
from drg.settle.arithmetic import Condition, Entry, Lazy
from drg.settle.common import Stage
from drg.settle.formulas import Amount


class ColumnArithmetic:
    """`drg.settle.arithmetic.Arithmetic` for Spark columns.

    `in_use` names, for each parameter that chooses a rule or lists names, the names that occur in some row, and for
    each other parameter whether some row has a value; what does not occur is left out of the expression.
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
        if not names:
            return F.lit(None)
        if used is not None and used == {names[0]}:
            return branches[names[0]]()
        found = F.when(chosen == names[0], branches[names[0]]())
        for name in names[1:]:
            found = found.when(chosen == name, branches[name]())
        return found

    def listed(self, parameter: str, chosen: Amount, name: str | Column) -> Condition:
        """As `Arithmetic.listed`."""
        used = self._in_use.get(parameter, frozenset())
        if not used or (isinstance(name, str) and name not in used):
            return F.lit(False)
        return F.coalesce(F.array_contains(chosen, name), F.lit(False))

    def lookup(self, parameter: str, mapping: Amount, keys: Sequence[Amount]) -> Amount:
        """As `Arithmetic.lookup`."""
        if not self._in_use.get(parameter):
            return F.lit(None)
        return F.coalesce(*(F.try_element_at(mapping, key) for key in keys))

    def first(self, parameter: str, entries: Amount, fits: Callable[[Entry], Condition], field: str) -> Amount:
        """As `Arithmetic.first`."""
        if not self._in_use.get(parameter):
            return F.lit(None)
        return F.get(F.filter(entries, fits), F.lit(0))[field]

    def count_that(self, texts: Amount, holds: Callable[[Amount], Condition]) -> Amount:
        """As `Arithmetic.count_that`."""
        return F.size(F.filter(texts, lambda text: F.coalesce(holds(text), F.lit(False))))

    def begins_with_any(self, text: Amount, prefixes: Amount) -> Condition:
        """As `Arithmetic.begins_with_any`."""
        return F.coalesce(F.exists(prefixes, lambda prefix: text.startswith(prefix)), F.lit(False))

    def size(self, texts: Amount) -> Amount:
        """As `Arithmetic.size`."""
        return F.size(texts)

    def adrg_of(self, drg: Amount) -> Amount:
        """As `Arithmetic.adrg_of`."""
        return F.substring(drg, 1, 3)

    def national_group_of(self, drg: Amount) -> Amount:
        """As `Arithmetic.national_group_of`."""
        return F.substring_index(drg, SEPARATOR, 1)

    def known(self, value: Amount) -> Condition:
        """As `Arithmetic.known`."""
        return value.isNotNull()

    def both(self, one: Condition, other: Condition) -> Condition:
        """As `Arithmetic.both`."""
        return one & other

    def either(self, one: Condition, other: Condition) -> Condition:
        """As `Arithmetic.either`."""
        return one | other

    def no(self, condition: Condition) -> Condition:
        """As `Arithmetic.no`; a condition that is null does not hold."""
        return ~F.coalesce(condition, F.lit(False))

    def nothing(self) -> Amount:
        """As `Arithmetic.nothing`."""
        return F.lit(None)

    def text(self, value: str) -> Amount:
        """As `Arithmetic.text`."""
        return F.lit(value)

    def flag(self, value: bool) -> Condition:
        """As `Arithmetic.flag`."""
        return F.lit(value)

    def hold(self, value: Amount, decimals: int, whole: int = 9) -> Amount:
        """As `Arithmetic.hold`. The types of the factors bound the decimals, so that nothing is cut off."""
        return value.cast(f"decimal({whole + decimals},{decimals})")

    def rest(self, value: Amount, decimals: int, whole: int = 9) -> Amount:
        """As `Arithmetic.rest`."""
        return half_up_column(value, decimals, whole + decimals)

    def quotient(self, dividend: Amount, divisor: Amount) -> Amount:
        """As `Arithmetic.quotient`: decimal(14,4) over decimal(14,4) has 19 decimals, then 12."""
        over = dividend.cast("decimal(14,4)") / divisor.cast("decimal(14,4)")
        return half_up_column(over.cast(f"decimal(33,{QUOTIENT_DECIMALS})"), PRICE_DECIMALS, 6 + PRICE_DECIMALS)

    def zero(self) -> Amount:
        """As `Arithmetic.zero`."""
        return F.lit("0.00").cast("decimal(16,2)")

    def one(self) -> Amount:
        """As `Arithmetic.one`."""
        return F.lit("1").cast("decimal(1,0)")

    def fen(self, value: Amount) -> Amount:
        """As `Arithmetic.fen`."""
        return round_fen_column(value)


def settle_columns(cases: DataFrame, stages: Sequence[Stage], in_use: Mapping[str, frozenset[str]]) -> DataFrame:
    """Stages over a frame that holds the facts of each case; adds or replaces the columns each stage gives.

    Amounts in yuan; those at rest are decimal(16,2).
    """
    arithmetic = ColumnArithmetic(in_use)
    for stage in stages:
        facts = {name: F.col(name) for name in cases.columns}
        cases = cases.withColumns(stage(arithmetic, facts))
    return cases
