"""Entries of the parameters that are lists: what a policy lists of diseases, procedures, items and adjustments.

Codes are prefixes of ICD-10 and ICD-9-CM-3 codes of the insurance edition; days and ages are both ends included unless
the name says otherwise; money in yuan.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, model_validator

from drg.money import FEN_DECIMALS
from drg.policy.values import HOSPITAL_LEVELS, Record, decimals_of

Code = Annotated[str, Field(min_length=1)]
Codes = tuple[Code, ...]
# Yuan a day; no tariff published comes near it.
_MOST_A_DAY = 1_000_000


class PerDiemCategory(Record):
    """One kind of stay paid by the day (按床日付费): psychiatric, rehabilitation, hospice and the like.

    A stay belongs to it when its medical type is one of `med_types` (empty: any), its principal diagnosis begins with
    one of `diagnoses` (empty: any) and it lasted `min_days` or longer. The first category that fits counts.

    Attributes:
        tariff: yuan a day by hospital level.
    """

    category: str = Field(min_length=1)
    title: str = Field(min_length=1)
    med_types: Codes = ()
    diagnoses: Codes = ()
    min_days: int = Field(default=1, ge=1)
    tariff: dict[str, Decimal]

    @model_validator(mode="after")
    def _complete(self) -> PerDiemCategory:
        if not self.med_types and not self.diagnoses:
            raise ValueError("a category needs med_types or diagnoses")
        if set(self.tariff) != set(HOSPITAL_LEVELS):
            raise ValueError(f"tariff needs each of {', '.join(HOSPITAL_LEVELS)}")
        for amount in self.tariff.values():
            if not 0 < amount < _MOST_A_DAY or decimals_of(amount) > FEN_DECIMALS:
                raise ValueError(f"a tariff is above 0, below {_MOST_A_DAY} and in whole fen")
        return self


class TcmDisease(Record):
    """One disease of TCM advantage (中医优势病种) paid as a group of its own.

    A stay enters when its principal diagnosis begins with one of `diagnoses`, it lasted `min_days` or longer and holds
    a procedure of at least `min_classes` of the `procedure_classes` (none listed: no procedure is asked for). Where
    its TCM share falls below `tcm.min_ratio` it is priced as `fallback_drg`.
    """

    drg: Code
    title: str = Field(min_length=1)
    diagnoses: Codes = Field(min_length=1)
    min_days: int = Field(default=1, ge=1)
    procedure_classes: tuple[Codes, ...] = ()
    min_classes: int = Field(default=0, ge=0)
    fallback_drg: Code

    @model_validator(mode="after")
    def _attainable(self) -> TcmDisease:
        if self.min_classes > len(self.procedure_classes):
            raise ValueError("min_classes asks for more classes than are listed")
        return self


class BilateralProcedure(Record):
    """Procedures that, done on both sides in one stay, earn the bilateral coefficient (双侧手术系数).

    Both sides: a code beginning with one of `codes` stands twice on the list, or one beginning with one of `both_sides`
    stands once, such as the bilateral repair of hernias.
    """

    title: str = Field(min_length=1)
    codes: Codes = ()
    both_sides: Codes = ()

    @model_validator(mode="after")
    def _something(self) -> BilateralProcedure:
        if not self.codes and not self.both_sides:
            raise ValueError("an entry needs codes or both_sides")
        return self


# Between a national group and the suffix of a local one.
SEPARATOR = "-"
ADRG_LENGTH = 3


def national_group(group: str) -> str:
    """The national group of a local sub-group (`BR25` of `BR25-A`); any other group is its own."""
    return group.partition(SEPARATOR)[0]


class LocalGroup(Record):
    """A local sub-group of a DRG or ADRG (本地细分组): by age in whole years, intensive care, or procedures.

    The first entry that fits a case gives its suffix: `BR25` becomes `BR25-A`. A case that fits none keeps its group.

    Attributes:
        min_icu_hours: hours in intensive care from which the entry fits, all stays of the list together.
    """

    drg: Code
    suffix: str = Field(pattern=r"[A-Z0-9]{1,4}")
    title: str = Field(min_length=1)
    age_from: int | None = Field(default=None, ge=0)
    age_below: int | None = Field(default=None, gt=0)
    min_icu_hours: int | None = Field(default=None, ge=1)
    procedures: Codes = ()

    @model_validator(mode="after")
    def _something(self) -> LocalGroup:
        by_none = self.age_from is None and self.age_below is None and self.min_icu_hours is None
        if by_none and not self.procedures:
            raise ValueError("an entry needs age_from, age_below, min_icu_hours or procedures")
        return self


class WeightAdjustment(Record):
    """One reasoned change of a weight (权重调整): by what, why, at whose proposal and when it was decided."""

    drg: Code
    factor: Decimal = Field(gt=0, le=3, decimal_places=4)
    trigger: Literal["group_change", "clearing", "negotiated_price", "central_purchase", "tcm", "other"]
    reason: str = Field(min_length=1)
    proposer: str = Field(min_length=1)
    decided: date


class ExcludedItem(Record):
    """One drug, device or technology paid outside DRG on application (除外支付): the case as a whole, or the item.

    Attributes:
        first, last: days of discharge it may be applied for.
        max_cases: cases of a settlement year the region admits; None is no limit.
        new_since: the day it was first approved, for a new use too, or first listed or charged apart.
        insured_cases: insured cases of the region when it was admitted to the list.
        rare: whether it serves a rare disease, which needs no least number of cases.
    """

    code: Code
    title: str = Field(min_length=1)
    pays: Literal["case", "item"]
    first: date
    last: date
    max_cases: int | None = Field(default=None, ge=1)
    new_since: date | None = None
    insured_cases: int | None = Field(default=None, ge=0)
    rare: bool = False

    @model_validator(mode="after")
    def _in_order(self) -> ExcludedItem:
        if self.last < self.first:
            raise ValueError("last lies before first")
        if self.new_since is not None and self.new_since > self.first:
            raise ValueError("new_since lies after first")
        return self


class CheckDegree(Record):
    """How a region treats a list that fails a check (审核规则处理方式): returned, flagged or not at all.

    Of a check of a month as a whole: held, flagged or not at all.
    """

    check: str = Field(pattern=r"[A-Z]{2}\d{2}")
    degree: Literal["return", "flag", "hold", "off"]


class CheckLimit(Record):
    """A region's own threshold of a check (审核规则界值), by the name the check gives it."""

    check: str = Field(pattern=r"[A-Z]{2}\d{2}")
    limit: Code
    value: Decimal = Field(ge=0, le=10_000_000, decimal_places=4)
