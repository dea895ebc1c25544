"""Local sub-groups of the national groups (本地细分组): `BR25` becomes `BR25-A` by age, intensive care or procedures.

The national group of a case stays as it is, so that regions remain comparable; the sub-group stands beside it and is
what the region weighs and prices. Sources: 四川省医疗保障局2025-06-30答复 一（二）: by age, intensive care; 西安市DRG
试点: a catalogue of its own over the CHS-DRG scheme; 武医保药〔2022〕5号 二（三）2: local groups on the national ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from drg.policy import PolicyBook
from drg.policy.records import ADRG_LENGTH, SEPARATOR, LocalGroup

# By settlement month and region; what is not listed has no local groups.
LocalGroups = Mapping[tuple[str, str], tuple[LocalGroup, ...]]

# What a list has that decides its local group, besides its group.
FACTS = ("age_years", "icu_minutes", "principal_procedure", "other_procedures")


def local_group_of(
    drg: str,
    age_years: float | None,
    icu_minutes: int | None,
    procedures: Iterable[str | None],
    entries: Sequence[LocalGroup],
) -> str | None:
    """The local sub-group of a grouped case: the first entry that fits; None where none does.

    An entry names a DRG or an ADRG and fits when each of its conditions holds: age in whole years from `age_from`
    (included) to `age_below` (not included), at least `min_icu_hours` in intensive care (minutes compared, so that
    nothing is rounded), and a procedure that begins with one of `procedures`. A case whose age is not known fits no
    entry by age, likewise for intensive care.
    """
    done = [code for code in procedures if code]
    for entry in entries:
        if entry.drg in (drg, drg[:ADRG_LENGTH]) and _fits(entry, age_years, icu_minutes, done):
            return f"{drg}{SEPARATOR}{entry.suffix}"
    return None


def groups_in_force(book: PolicyBook, region: str, month: str) -> tuple[LocalGroup, ...]:
    """A region's local groups on the first day of a settlement month, as the scheme; none where it wrote none.

    Raises PolicyError where they lapsed.
    """
    on = date.fromisoformat(f"{month}-01")
    if not book.has_begun(region, "local_groups", on):
        return ()
    found: tuple[LocalGroup, ...] = book.value(region, "local_groups", on).of()
    return found


def _fits(entry: LocalGroup, age_years: float | None, icu_minutes: int | None, procedures: Sequence[str]) -> bool:
    by_age = entry.age_from is not None or entry.age_below is not None
    if by_age and age_years is None:
        return False
    if entry.age_from is not None and age_years is not None and age_years < entry.age_from:
        return False
    if entry.age_below is not None and age_years is not None and age_years >= entry.age_below:
        return False
    if entry.min_icu_hours is not None and (icu_minutes is None or icu_minutes < entry.min_icu_hours * 60):
        return False
    return not entry.procedures or any(code.startswith(entry.procedures) for code in procedures)


def local_groups(cases: pa.Table, groups: pa.RecordBatch, entries: LocalGroups) -> pa.Array:
    """The column `local_group` of a batch: `cases` with month, region and `FACTS`, `groups` as the kernel gave.

    Only the cases of a region that has local groups, in a group one of them names, are looked at one by one.
    """
    found: list[str | None] = [None] * cases.num_rows
    status, drgs = groups.column("grouping_status"), groups.column("drg")
    for (month, region), own in entries.items():
        named = pa.array(sorted({entry.drg for entry in own}))
        of_region = pc.and_(pc.equal(cases["settlement_month"], month), pc.equal(cases["region_code"], region))
        of_group = pc.or_(
            pc.is_in(drgs, value_set=named), pc.is_in(pc.utf8_slice_codeunits(drgs, 0, ADRG_LENGTH), value_set=named)
        )
        wanted = pc.and_(_one(of_region), pc.and_(of_group, pc.equal(status, "grouped")))
        rows = pc.indices_nonzero(wanted)
        some = cases.select([*FACTS]).take(rows).to_pylist()
        for row, drg, case in zip(rows.to_pylist(), drgs.take(rows).to_pylist(), some, strict=True):
            procedures = [case["principal_procedure"], *(case["other_procedures"] or ())]
            found[row] = local_group_of(drg, case["age_years"], case["icu_minutes"], procedures, own)
    return pa.array(found, pa.string())


def _one(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
