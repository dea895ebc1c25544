"""Reasoned changes of weights, and the total that stays as it was (权重调整、总权重不变).

RW* = RW x factor; with the total held, RW' = RW* x Σ n RW / Σ n RW*, so that Σ n RW' = Σ n RW to the last digit before
the weights are rounded to 4 decimals. What rounding leaves of the total is at most half a ten-thousandth a case.
Sources: the dynamic adjustment of weights is asked for by 武汉市DRG支付方式改革三年行动实施方案; holding the total is
the usual rule (no clause published).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from drg.errors import ContractError
from drg.money import half_up
from drg.policy.records import WeightAdjustment, national_group
from drg.weigh.sums import Group

FACTOR_DECIMALS = 8
# Decimals of the common factor as it is told; the exact fraction is applied.
_TOLD_DECIMALS = 6
_ADRG = 3

TRIGGERS = {
    "group_change": "分组变更",
    "clearing": "年度清算",
    "negotiated_price": "谈判药品降价",
    "central_purchase": "集中带量采购",
    "tcm": "中医倾斜",
    "other": "其他",
}


@dataclass(frozen=True)
class Adjusted:
    """A weight after its adjustments, exact.

    Attributes:
        factor: the product of the factors that name the group; 1 without one.
        reason: what they were for, who proposed them and when they were decided; None without one.
        note: what holding the total did to the weight, for the reason of the row; empty where it did nothing.
    """

    weight: Fraction
    factor: Decimal
    reason: str | None
    note: str = ""


def adjust(
    weights: Mapping[Group, Fraction],
    cases: Mapping[Group, int],
    adjustments: Sequence[WeightAdjustment],
    hold_total: bool = False,
    place: str = "",
) -> dict[Group, Adjusted]:
    """The weights of a region after its adjustments; `cases` are the trimmed cases (n) of each group.

    An entry names a DRG in all its level classes, with its local sub-groups, or an ADRG and with it all its groups;
    several factors of one group are multiplied. Raises ContractError for an entry that names no group with a weight;
    `place` says whose entries they are and where they are written.
    """
    for entry in adjustments:
        if not any(_names(entry, group) for group in weights):
            raise ContractError(
                f"weight.adjustments{place} names {entry.drg}, which has no weight: no case of it in the history, nor "
                "a published weight; correct the code or take the entry out"
            )
    changed = {group: _changed(group, weight, adjustments) for group, weight in weights.items()}
    if not (hold_total and adjustments):
        return changed
    before = sum((cases[group] * weight for group, weight in weights.items()), Fraction(0))
    after = sum((cases[group] * one.weight for group, one in changed.items()), Fraction(0))
    if before == after:
        return changed
    back = before / after
    note = f"；总权重保持不变，同乘{half_up(back, _TOLD_DECIMALS)}"
    return {group: Adjusted(one.weight * back, one.factor, one.reason, note) for group, one in changed.items()}


def _changed(group: Group, weight: Fraction, adjustments: Sequence[WeightAdjustment]) -> Adjusted:
    own = [entry for entry in adjustments if _names(entry, group)]
    factor = Fraction(1)
    for entry in own:
        factor *= Fraction(entry.factor)
    return Adjusted(weight * factor, half_up(factor, FACTOR_DECIMALS), "；".join(map(_told, own)) or None)


def _names(entry: WeightAdjustment, group: Group) -> bool:
    drg = group[1]
    return entry.drg in (drg, national_group(drg)) or (len(entry.drg) == _ADRG and drg.startswith(entry.drg))


def _told(entry: WeightAdjustment) -> str:
    how = f"×{entry.factor} {TRIGGERS[entry.trigger]}：{entry.reason}"
    return f"{how}（{entry.proposer}提出，{entry.decided}决定）"
