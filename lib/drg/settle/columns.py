"""The stages of a settlement as Spark expressions: one pass over all cases of all regions.

Which rule a case follows stands in its row (from the broadcast parameters), so that regions with different policies
are settled together; only the rules that some region uses are compiled in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from drg.money import PRICE_DECIMALS, QUOTIENT_DECIMALS
from drg.money_columns import half_up_column, round_fen_column
from drg.policy.records import SEPARATOR
from drg.policy.values import REST
from drg.settle.arithmetic import Condition, Entry, Lazy
from drg.settle.case_parameters import FACT_TYPES
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
        if isinstance(condition, bool):
            return then() if condition else otherwise()
        return F.when(condition, then()).otherwise(otherwise())

    def choose(self, parameter: str, chosen: Amount, branches: Mapping[str, Lazy]) -> Amount:
        """As `Arithmetic.choose`; null for a name that is no rule, which no required column accepts.

        What all rows choose alike is a text here, and no longer a condition. A row without a choice gets nothing, also
        where all others choose the same.
        """
        if isinstance(chosen, str):
            return branches[chosen]() if chosen in branches else F.lit(None)
        used = self._in_use.get(parameter)
        names = [name for name in branches if used is None or name in used]
        if not names:
            return F.lit(None)
        found = F.when(chosen == names[0], branches[names[0]]())
        for name in names[1:]:
            found = found.when(chosen == name, branches[name]())
        return found

    def listed(self, parameter: str, chosen: Amount, name: str | Column) -> Condition:
        """As `Arithmetic.listed`."""
        used = self._in_use.get(parameter, frozenset())
        if not used or (isinstance(name, str) and name not in used):
            return False
        if isinstance(chosen, Variants):
            return chosen.column(lambda names: self._holds(names, name))
        return self._holds(chosen, name)

    @staticmethod
    def _holds(names: Sequence[str] | None, name: str | Column) -> Condition:
        if not names:
            return False
        if isinstance(name, str):
            return name in names
        return F.coalesce(name.isin(list(names)), F.lit(False))

    def lookup(self, parameter: str, mapping: Amount, keys: Sequence[Amount]) -> Amount:
        """As `Arithmetic.lookup`; a mapping that is no column holds one value for all keys, or none."""
        if not self._in_use.get(parameter):
            return F.lit(None)
        if isinstance(mapping, Column):
            return F.coalesce(*(F.try_element_at(mapping, key) for key in keys))
        kind = FACT_TYPES[parameter].removeprefix("map<string, ").removesuffix(">")

        def for_all(own: Mapping[str, Any] | None) -> Column:
            return F.lit((own or {}).get(REST)).cast(kind)

        return mapping.column(for_all) if isinstance(mapping, Variants) else for_all(mapping)

    def first(self, parameter: str, entries: Amount, fits: Callable[[Entry], Condition], field: str) -> Amount:
        """As `Arithmetic.first`."""
        if not self._in_use.get(parameter):
            return F.lit(None)
        if isinstance(entries, Variants):
            return entries.column(lambda own: self._first(parameter, own, fits, field))
        return self._first(parameter, entries, fits, field)

    def _first(
        self, parameter: str, entries: Sequence[Entry] | None, fits: Callable[[Entry], Condition], field: str
    ) -> Column:
        kind = re.search(rf"\b{field}: (\w+(\([^)]*\))?)", FACT_TYPES[parameter])
        assert kind is not None
        found = F.lit(None).cast(kind[1])
        for entry in reversed(entries or ()):
            found = self.where(fits(entry), partial(_literal, entry[field], kind[1]), partial(_itself, found))
        return found

    def count_that(self, listed: Sequence[Entry], holds: Callable[[Entry], Condition]) -> Amount:
        """As `Arithmetic.count_that`."""
        return sum((self.where(holds(one), lambda: F.lit(1), lambda: F.lit(0)) for one in listed), F.lit(0))

    def count_starting(self, codes: Amount, prefixes: Sequence[str]) -> Amount:
        """As `Arithmetic.count_starting`; codes are one text with a bar before each, which one pattern counts."""
        if not prefixes:
            return F.lit(0)
        return F.coalesce(F.regexp_count(codes, F.lit(rf"\|{_any_of(prefixes)}")), F.lit(0))

    def begins_with_any(self, text: Amount, prefixes: Sequence[str]) -> Condition:
        """As `Arithmetic.begins_with_any`."""
        if not prefixes:
            return False
        return F.coalesce(text.rlike(f"^{_any_of(prefixes)}"), F.lit(False))

    def adrg_of(self, drg: Amount) -> Amount:
        """As `Arithmetic.adrg_of`."""
        return F.substring(drg, 1, 3)

    def national_group_of(self, drg: Amount) -> Amount:
        """As `Arithmetic.national_group_of`."""
        return F.substring_index(drg, SEPARATOR, 1)

    def known(self, value: Amount) -> Condition:
        """As `Arithmetic.known`."""
        return value.isNotNull() if isinstance(value, Column) else value is not None

    def both(self, one: Condition, other: Condition) -> Condition:
        """As `Arithmetic.both`."""
        if isinstance(one, bool):
            return other if one else False
        return self.both(other, one) if isinstance(other, bool) else one & other

    def either(self, one: Condition, other: Condition) -> Condition:
        """As `Arithmetic.either`."""
        if isinstance(one, bool):
            return True if one else other
        return self.either(other, one) if isinstance(other, bool) else one | other

    def no(self, condition: Condition) -> Condition:
        """As `Arithmetic.no`; a condition that is null does not hold."""
        return not condition if isinstance(condition, bool) else ~F.coalesce(condition, F.lit(False))

    def nothing(self) -> Amount:
        """As `Arithmetic.nothing`."""
        return F.lit(None)

    def text(self, value: str) -> Amount:
        """As `Arithmetic.text`."""
        return F.lit(value)

    def flag(self, value: bool) -> Condition:
        """As `Arithmetic.flag`."""
        return value

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


@dataclass(frozen=True)
class Variants:
    """A list or mapping of the policy that differs among the rows: which one counts, by number, and what they are."""

    number: Column
    variants: tuple[Any, ...]

    def column(self, of: Callable[[Any], Amount]) -> Column:
        """What each variant makes of a case, where it is the one that counts."""
        found = F.when(self.number == 0, of(self.variants[0]))
        for number, variant in enumerate(self.variants[1:], start=1):
            found = found.when(self.number == number, of(variant))
        return found


def _any_of(prefixes: Sequence[str]) -> str:
    return f"(?:{'|'.join(map(re.escape, prefixes))})"


def _literal(value: Any, kind: str) -> Column:
    return F.lit(value).cast(kind)


def _itself(found: Column) -> Column:
    return found


class _Facts(Mapping[str, Amount]):
    """The columns of the cases, and what the policy says alike of all of them."""

    def __init__(self, columns: Sequence[str], said: Mapping[str, Amount]):
        self._columns = frozenset(columns)
        self._said = said

    def __getitem__(self, name: str) -> Amount:
        return F.col(name) if name in self._columns else self._said[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns | self._said.keys())

    def __len__(self) -> int:
        return len(self._columns | self._said.keys())


def settle_columns(
    cases: DataFrame, stages: Sequence[Stage], in_use: Mapping[str, frozenset[str]], said: Mapping[str, Amount]
) -> DataFrame:
    """Stages over a frame that holds the facts of each case; adds or replaces the columns each stage gives.

    `said` are the parameters that are no columns of the frame (`drg.settle.parameter_frame`). Amounts in yuan; those at
    rest are decimal(16,2).
    """
    arithmetic = ColumnArithmetic(in_use)
    for stage in stages:
        found = stage(arithmetic, _Facts(cases.columns, said))
        cases = cases.withColumns(
            {name: value if isinstance(value, Column) else F.lit(value) for name, value in found.items()}
        )
    return cases
