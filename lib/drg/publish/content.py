"""What a region's release of a month holds: which rows and columns of which tables.

A release goes to the region whose hospitals treated the cases. It holds what that region needs to pay and
to answer its hospitals, and no more: no column classed `personal`, none of the keyed hashes of person and
visit, no day of discharge. The settlement id stays, since a hospital finds its list by it; the release is
therefore for the region, not the public.

Figures of other regions are shown for cells of at least `SMALL_CELL` cases (settlement list privacy
practice: small cells under 10 are suppressed). Where the cells left out of one group number fewer than that
in all, they could be had by subtraction from the province, so the province's columns of that group are
withheld too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from drg.compare.region_comparison import IDENTICAL
from drg.contracts import Column, contract

SMALL_CELL = 10
RELEASE = ("release_month", "release_region")
_WITHHELD = frozenset({"person_key", "mdtrt_key", "discharge_date", "row_hash", "missing_items", "key_mark"})
_PROVINCE_FACTS = ("price_gap", "weight_effect", "rate_effect", "coefficient_effect", "cost_index")


@dataclass(frozen=True)
class Published:
    """One Parquet file of a release: its table and the columns that order it."""

    table: str
    order: tuple[str, ...]

    @property
    def file_name(self) -> str:
        """Name inside the release folder."""
        return f"{self.table}.parquet"

    def columns(self) -> list[Column]:
        """The columns published, in the order of the contract."""
        columns = contract(self.table).columns
        return [c for c in columns if c.classification != "personal" and c.name not in _WITHHELD]

    def withheld(self) -> list[str]:
        """The columns of the table that a release does not hold."""
        kept = {column.name for column in self.columns()}
        return [name for name in contract(self.table).names() if name not in kept]


def _published(table: str) -> Published:
    return Published(table, tuple(contract(table).key()))


PUBLISHED_TABLES = (
    "case_payment",
    "hospital_settlement",
    "fund_account",
    "payment_adjustment",
    "drg_weight",
    "region_rate",
    "month_point_value",
    "drg_region_comparison",
    "rejected_list",
    "list_flag",
    "list_quality",
    "intake_finding",
    "case_dispute",
    "warning_notice",
)


def published() -> tuple[Published, ...]:
    """The files of a release in their order."""
    return tuple(_published(table) for table in PUBLISHED_TABLES)


def of_region(table: DataFrame) -> DataFrame:
    """Rows of a month table for the release of the region that prices them."""
    return table.withColumns({RELEASE[0]: F.col("settlement_month"), RELEASE[1]: F.col("region_code")})


def of_region_year(table: DataFrame, in_force: DataFrame, version: str) -> DataFrame:
    """Rows of a year table (weights, rates) for each month their version serves; `version` is its column.

    Versions that serve no month, such as trials, are in no release.
    """
    of_release = (F.col(RELEASE[1]) == F.col("region_code")) & (F.col("version") == F.col(version))
    return table.join(F.broadcast(in_force), of_release).drop("version")


def of_open_months(warning_notice: DataFrame, months: Sequence[str]) -> DataFrame:
    """Notices for the releases of the months they were open in, from the month they were sent to that of closing."""
    releases = F.explode(F.array(*(F.lit(month) for month in months)))
    wide = warning_notice.withColumns({RELEASE[0]: releases, RELEASE[1]: F.col("region_code")})
    first, last = (F.date_format(F.coalesce(day, F.lit("9999-12-31").cast("date")), "yyyy-MM")
                   for day in (F.col("sent_on"), F.col("closed_on")))  # fmt: skip
    return wide.where(F.col(RELEASE[0]).between(first, last))


def of_either_region(fund_account: DataFrame) -> DataFrame:
    """Account lines for the region that treated and the one whose fund owes; once where both are the same."""
    both = F.explode(F.array_distinct(F.array("region_code", "insured_region_code")))
    return fund_account.withColumns({RELEASE[0]: F.col("settlement_month"), RELEASE[1]: both})


def comparison_for(comparison: DataFrame, regions: Sequence[str]) -> DataFrame:
    """The comparison as each of `regions` may see it.

    A region sees its own cells whole and those of others from 10 cases on. `province_*` columns, gap, effects
    and cost index are null where the hidden cells of a group (drg, level, fund) hold 1 to 9 cases in all.
    """
    releases = F.explode(F.array(*(F.lit(region) for region in regions)))
    wide = comparison.withColumns({RELEASE[0]: F.col("settlement_month"), RELEASE[1]: releases})
    shown = (F.col("region_code") == F.col(RELEASE[1])) | (F.col("n_cases") >= SMALL_CELL)
    group = Window.partitionBy(RELEASE[1], *IDENTICAL)
    hidden = F.sum(F.when(shown, 0).otherwise(F.col("n_cases"))).over(group)
    visible = wide.withColumns({"_hidden": hidden, "_shown": shown}).where("_shown")
    derivable = (F.col("_hidden") > 0) & (F.col("_hidden") < SMALL_CELL)
    names = [n for n in comparison.columns if n.startswith("province_") or n in _PROVINCE_FACTS]
    safe = {name: F.when(~derivable, F.col(name)) for name in names}
    return visible.withColumns(safe).drop("_hidden", "_shown")
