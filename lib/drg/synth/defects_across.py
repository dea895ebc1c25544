"""Second lists of a person that the checks across lists must name: one pair for each degree of each of these checks.

They serve the proof that the reports name exactly what is wrong (`drg.synth.each_defect`). The second list is the
first under ids of its own, moved to later days or to another hospital; what it trips besides stands in `also`.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from drg.synth.defects import Message
from drg.validate.checks_across import CYCLES

_TIMES = ("adm_time", "dscg_time", "setl_begndate", "setl_enddate", "setl_time", "dcla_time")


@dataclass(frozen=True)
class Pair:
    """A kind of pair: what is to be named of the first and of the second list, and what may be named besides."""

    first: frozenset[str]
    second: frozenset[str]
    make: Callable[[Message, Message, str], None]
    days_between: int | None = None
    also: frozenset[str] = frozenset()

    def drawn(self, message: Message, elsewhere: str, last_day: str) -> tuple[Message, Message] | None:
        """Both lists, None where this one does not lend itself: more than its times would have to move."""
        days = _nights(message)
        if message["oprninfo"] or message["icuinfo"] or message["age_days"] or int(message["age"]) < 3 or days < 1:
            return None
        # Who comes for one round of a treatment after the other comes back soon, and rightly so (XL03).
        if any(row["diag_code"][:3] in CYCLES for row in message["diseinfo"]):
            return None
        first, second = copy.deepcopy(message), copy.deepcopy(message)
        second["setl_id"], second["mdtrt_id"] = first["setl_id"] + "P", first["mdtrt_id"] + "P"
        first["dscg_way"] = "1"
        second["dscg_way"] = "1"
        by = timedelta(seconds=1) if self.days_between is None else timedelta(days=days + self.days_between)
        for name in _TIMES if self.days_between is not None else ("dcla_time",):
            second[name] = str(datetime.fromisoformat(second[name]) + by)[: len(second[name])]
        self.make(first, second, elsewhere)
        return (first, second) if second["setl_time"][:10] <= last_day else None


def _nights(message: Message) -> int:
    admitted, discharged = (datetime.fromisoformat(message[name]).date() for name in ("adm_time", "dscg_time"))
    return (discharged - admitted).days


def _same_visit(first: Message, second: Message, _: str) -> None:
    second["mdtrt_id"] = first["mdtrt_id"]


def _as_it_is(*_: Message | str) -> None:
    """The second list is the first at other times."""


def _elsewhere(_: Message, second: Message, elsewhere: str) -> None:
    second["fixmedins_code"] = elsewhere


def _died(first: Message, *_: Message | str) -> None:
    first["dscg_way"] = "5"


def _transferred(first: Message, second: Message, elsewhere: str) -> None:
    _elsewhere(first, second, elsewhere)
    first["dscg_way"] = "2"


def _younger(_: Message, second: Message, __: str) -> None:
    """Two years younger, by age and by birth."""
    second["age"] = str(int(second["age"]) - 2)
    second["brdy"] = f"{int(second['brdy'][:4]) + 2}{second['brdy'][4:].replace('-02-29', '-02-28')}"


def _another_number(_: Message, second: Message, __: str) -> None:
    second["psn_no"] = second["psn_no"] + "P"


def _no_plan(first: Message, *_: Message | str) -> None:
    first["dscg31days_rinp_flag"] = "1"


def _finds(*findings: str) -> frozenset[str]:
    return frozenset(findings)


PAIRS: dict[str, Pair] = {
    "visit_twice": Pair(_finds("R:XL06"), _finds(), _same_visit),
    "overlap_here": Pair(_finds(), _finds("R:XL02"), _as_it_is),
    "overlap_elsewhere": Pair(_finds("W:XL01"), _finds("W:XL01"), _elsewhere),
    "after_death": Pair(_finds("W:DT16"), _finds("R:DT16"), _died, 2, _finds("W:XL03")),
    "soon_here": Pair(_finds(), _finds("W:XL03"), _as_it_is, 3, _finds("W:XL05")),
    "unplanned_return": Pair(_finds(), _finds("W:XL05"), _no_plan, 16),
    "soon_elsewhere": Pair(_finds(), _finds("W:XL04"), _elsewhere, 3),
    # The id number keeps the birth date it had.
    "another_person": Pair(_finds("W:XL10"), _finds("W:XL10"), _younger, 3, _finds("W:XL03", "W:XL05", "W:ID20")),
    "two_person_numbers": Pair(_finds("W:XL12"), _finds("W:XL12"), _another_number, 1),
    "transferred": Pair(_finds(), _finds("W:XL11"), _transferred, 1, _finds("W:DT18")),
}
