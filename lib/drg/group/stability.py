"""Whether lists that did not change keep their groups (重新分组一致性), asked before a month is grouped anew.

Under the same rule pack and the same version of the grouper an unchanged list must get the same DRG: where one does
not, the program has changed in a way nobody announced, and payments would change with it.

Source: settlement list quality rules (医疗保障基金结算清单质控规则), BT12.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from drg.errors import ContractError
from drg.group.step import HASH

_UNIT = ("region_code", "settlement_month")
_GROUPS = ("mdc", "adrg", "drg", "grouping_status")


@dataclass(frozen=True)
class Regrouped:
    """Unchanged lists of a region's month that would get another group, and the least pair of DRGs before and now."""

    lists: int
    before: str
    now: str


def regrouped(cases: DataFrame, before: DataFrame) -> dict[tuple[str, str], Regrouped]:
    """Region and month -> its unchanged lists that would get another group; empty where all keep theirs.

    Args:
        cases: grouped cases as they would be written.
        before: rows of grouped_case as they stand. Rows of another rule pack or of other input are not compared, nor
            those of a release that kept no `input_hash`. Sub-groups of a region may change with its policy.
    """
    by = (*_UNIT, "setl_id", "scheme", "rule_pack", HASH)
    earlier = before.select(*by, *[F.col(name).alias(f"_{name}") for name in _GROUPS])
    same = " AND ".join(f"{name} <=> _{name}" for name in _GROUPS)
    differing = cases.select(*by, *_GROUPS).join(earlier, list(by)).where(f"NOT ({same})")
    pair = F.min(F.struct("_drg", "drg"))
    found = differing.groupBy(*_UNIT).agg(F.count(F.lit(1)).alias("lists"), pair.alias("pair")).collect()
    return {(row[0], row[1]): Regrouped(row["lists"], row["pair"][0], row["pair"][1]) for row in found}


def refusals(found: Mapping[tuple[str, str], Regrouped], rule_pack: str) -> dict[tuple[str, str], ContractError]:
    """Why these regions and months keep the groups they have, in their order."""
    return {
        (region, month): ContractError(
            f"region {region}, month {month}: {one.lists:,} unchanged lists would get another group under the same "
            f"rule pack {rule_pack} (BT12), e.g. {one.now} for {one.before}; the groups they have stay, report this as "
            "a defect of group"
        )
        for (region, month), one in sorted(found.items())
    }
