"""Applications for single cases (特例单议、除外支付) of a synthetic region, in the columns of case_application.

Hospitals apply for what the region's policy admits on the first day of the month: stays far above the expected cost as
special cases, some stays for the items of the region's list. Which, and how it is decided, follows from the streams of
the chunk; nothing here is a finding about a real region.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np

from drg.errors import PolicyError
from drg.policy import PolicyBook
from drg.synth import assumptions as assumed
from drg.synth.assumptions import IntArray, Rates
from drg.synth.drawing import Chunk
from drg.synth.events import NONE

APPLICATION_COLUMNS = (
    "region_code", "settlement_month", "setl_id", "kind", "item_code", "amount", "applied_on", "decision", "decided_on",
    "reason",
)  # fmt: skip
DECISIONS, DECISION_SHARES = ("in", "out", "pending"), (0.7, 0.9)
REASONS = {
    "special_case": "住院费用为同类病例的{multiple}倍，申请特例单议",
    "exclusion": "使用{title}，申请除外支付",
}
Row = tuple[str, ...]


@dataclass(frozen=True)
class Admitted:
    """What a region's policy takes applications for in a month: special cases, and items (code, title, whole case)."""

    special: bool = False
    items: tuple[tuple[str, str, bool], ...] = ()


def admitted(book: PolicyBook, region: str, month: str) -> Admitted:
    """What may be applied for; nothing where the region has no policy for the month."""
    on = date.fromisoformat(f"{month}-01")
    try:
        special = book.value(region, "special_case.rule", on).of() == "on_application"
        if book.value(region, "exclusion.rule", on).of() != "on_application":
            return Admitted(special)
        items = book.value(region, "exclusion.items", on).of()
    except PolicyError:
        return Admitted()
    return Admitted(special, tuple((i.code, i.title, i.pays == "case") for i in items if i.first <= on <= i.last))


def applications(
    rng: np.random.Generator, rates: Rates, wanted: Admitted, region: str, month: str, chunk: Chunk, event: IntArray
) -> list[Row]:
    """The applications for the lists of a chunk, in the order of the lists; only lists that stay as delivered."""
    total = chunk.drawn.charges.amounts["medfee_sumamt"]
    count = len(total)
    multiple = total / np.maximum(chunk.expected, 1)
    chance, decision, part = rng.random(count), rng.random(count), rng.uniform(*assumed.ITEM_SHARE, count)
    which = rng.integers(0, max(len(wanted.items), 1), count)
    applied, decided = _days(month)
    ids = chunk.messages.column("setl_id").to_pylist()
    costly = (multiple >= assumed.SPECIAL_FROM) & wanted.special
    treated = (chance < assumed.ITEM_CASES * (rates.particular > 0)) & bool(wanted.items) & ~costly
    rows: list[Row] = []
    for place in np.flatnonzero((costly | treated) & (event == NONE)):
        result = DECISIONS[int(np.searchsorted(DECISION_SHARES, decision[place], side="right"))]
        if costly[place]:
            kind, item, amount = "special_case", "", ""
            reason = REASONS[kind].format(multiple=f"{multiple[place]:.1f}")
        else:
            item, title, whole = wanted.items[which[place]]
            kind, reason = "exclusion", REASONS["exclusion"].format(title=title)
            amount = "" if whole else str(Decimal(int(total[place] * part[place])) / 100)
        day = "" if result == "pending" else decided
        rows.append((region, month, ids[place], kind, item, amount, applied, result, day, reason))
    return rows


def _days(month: str) -> tuple[str, str]:
    """Applications come on the third of the month after, decisions on the ninth, the day before the delivery."""
    year, number = divmod(int(month[:4]) * 12 + int(month[5:]), 12)
    return f"{year}-{number + 1:02d}-03", f"{year}-{number + 1:02d}-09"
