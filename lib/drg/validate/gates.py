"""When a region's month is held (暂缓): too many of its lists are returned to believe that only they are wrong.

Or a check of the month as a whole found something that the region holds a month for (`drg.validate.batch`). A mapping
gone wrong makes hospitals' lists fail in masses; paying the rest would pay some hospitals and not others. A held month
is written as any other, so that everybody sees what was returned and why, and counts as failed: the steps after it
leave the region's month out until it is delivered again or the region sets another limit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from drg.errors import DeliveryError
from drg.validate.batch import DEGREES, Finding
from drg.validate.degrees import HELD, HOLD, Settings, Unit


def held(
    received: Mapping[Unit, int],
    returned: Mapping[Unit, int],
    settings: Mapping[Unit, Settings],
    findings: Iterable[Finding] = (),
) -> dict[Unit, DeliveryError]:
    """The regions and months to hold, each with the sentence why.

    Args:
        received: lists received by region and settlement month.
        returned: of these the unreadable ones and those a check returned (copies and old versions are not).
        settings: what the regions set; a region without a limit is not held for what came back.
        findings: of the months as a whole; those of degree hold hold their month, the first of each is told.
    """
    found: dict[Unit, DeliveryError] = {}
    for one in findings:
        if one.degree == DEGREES[HELD]:
            found.setdefault(
                one.unit,
                DeliveryError(
                    f"region {one.unit[0]}, month {one.unit[1]}: held by {one.check}: {one.sentence}; see "
                    "intake_finding, have it delivered again or set another degree or limit in conf/policy"
                ),
            )
    for unit, lists in sorted(received.items()):
        limit = settings[unit].hold if unit in settings else None
        if limit is None or lists < limit[1]:
            continue
        share, back = limit[0], returned.get(unit, 0)
        if back > share * lists:
            found[unit] = DeliveryError(
                f"region {unit[0]}, month {unit[1]}: {back:,} of {lists:,} lists were returned, more than the share of "
                f"{share} ({HOLD}); see rejected_list, have it delivered again or set another limit in conf/policy"
            )
    return found
