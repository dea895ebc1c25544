"""A few disputes and warning notices of a synthetic region, in the columns of case_dispute and warning_notice.

What is said of a case follows from its settlement id alone, so that a region drawn again tells the same of it.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from drg.land.workflows import DISPUTE_COLUMNS, NOTICE_COLUMNS

# Of each unit at most so many of its first lists are disputed, in the last months drawn.
MOST, AMONG, RECENT = 2, 12, 2
_ENDS = ("repriced", "regrouped", "dismissed", "refused", "accepted", "filed")


@dataclass(frozen=True)
class Disputable:
    """A list that is live and fit as delivered, by its place among those of its unit."""

    month: str
    setl_id: str
    hospital_code: str
    place: int


def dispute_rows(region: str, cases: Sequence[Disputable], drgs: Sequence[str]) -> list[tuple[str, ...]]:
    """One row a case in the order of the ids: each state and ruling in turn, days in the month after settlement."""
    rows = []
    for case in sorted(cases, key=lambda case: case.setl_id):
        end, after = _ENDS[case.place % len(_ENDS)], next_month(case.month)
        decided = end in ("repriced", "regrouped", "dismissed")
        cells = {
            "region_code": region,
            "settlement_month": case.month,
            "setl_id": case.setl_id,
            "hospital_code": case.hospital_code,
            "subject": "grouping" if end == "regrouped" else "payment",
            "filed_on": f"{after}-12",
            "state": "decided" if decided else end,
            "answered_on": "" if end == "filed" else f"{after}-14",
            "decision": ("dismissed" if end == "dismissed" else "upheld") if decided else "",
            "decided_on": f"{after}-28" if decided else "",
            "ruling": end if end in ("repriced", "regrouped") else "",
            "drg": drgs[(7 * case.place + 11) % len(drgs)] if end == "regrouped" else "",
            "reason": "费用明显偏离病组水平" if end != "regrouped" else "主要手术未计入分组",
        }
        rows.append(tuple(cells[name] for name in DISPUTE_COLUMNS))
    return rows


def notice_rows(region: str, month: str, hospitals: Sequence[str], drgs: Sequence[str]) -> list[tuple[str, ...]]:
    """Two notices sent after a month: of a group's mean cost, closed after its reply, and of the drug share, open."""
    after = next_month(month)
    rows = []
    for number, hospital in enumerate(hospitals[:2], 1):
        draw = zlib.crc32(f"{region}{month}{number}".encode())
        of_group = number == 1
        peers = Decimal(8000 + draw % 4000) if of_group else Decimal(2500 + draw % 500) / 10000
        value = peers * (120 + draw % 40) / 100
        cells = {
            "region_code": region,
            "notice_number": f"{month}-{number:02d}",
            "hospital_code": hospital,
            "subject": "同病组次均费用明显高于同级医院" if of_group else "药品费用占比明显高于同级医院",
            "indicator": "次均费用" if of_group else "药占比",
            "drg": drgs[draw % len(drgs)] if of_group else "",
            "unit": "yuan" if of_group else "share",
            "value": f"{value:.2f}" if of_group else f"{value:.4f}",
            "peer_value": f"{peers:.2f}" if of_group else f"{peers:.4f}",
            "sent_on": f"{after}-15",
            "reply_due": f"{after}-25",
            "replied_on": f"{after}-22" if of_group else "",
            "closed_on": f"{after}-28" if of_group else "",
        }
        rows.append(tuple(cells[name] for name in NOTICE_COLUMNS))
    return rows


def next_month(month: str) -> str:
    """The month after one written YYYY-MM."""
    year, number = divmod(int(month[:4]) * 12 + int(month[5:]), 12)
    return f"{year}-{number + 1:02d}"
