"""freeze: publishes the versions of a year's weights and rates that are under consultation, once they are approved.

A region that publishes at once (`weight.release: automatic`) has nothing to freeze. A version that was not put to
consultation is left as it is and named: an approval here stands for no consultation.
"""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import Any

from drg.desk import Desk, desk_main
from drg.errors import VersionError
from drg.policy import PolicyBook
from drg.runner import instant
from drg.status import LogEntry, read_log
from drg.weigh.decide import log_of, publish
from drg.weigh.versions import Decision, Status


def run(desk: Desk) -> dict[str, Any]:
    """Region by region; one that cannot be published is failed with its sentence, the others are published."""
    asked, year = desk.options, int(desk.months[0][:4])
    decision = Decision(asked.by, datetime.fromisoformat(asked.at).date(), asked.note or "approved", desk.now)
    book, runs = PolicyBook.load(desk.env.policy), read_log(desk.lake)
    as_of = instant(asked.as_of, "--as-of")
    done, failed = [], []
    for region in desk.regions:
        log = log_of(desk.lake, region, year)
        waiting = [one for one in log.standing.values() if one.status is Status.CONSULTATION]
        early = [one for one in log.standing.values() if one.status in (Status.TRIAL, Status.PROPOSED)]
        try:
            newer = [one.version for one in waiting if one.recorded_at.astimezone() > as_of]
            newer += [e.step for e in runs if _of(e, region, year) and e.finished_at.astimezone() > as_of]
            if newer:
                raise VersionError(
                    f"region {region}, {year}: {newer[-1]} changed after these figures were shown; approve them anew"
                )
            if early and not waiting and log.published() is None:
                raise VersionError(
                    f"version {early[-1].version} of region {region} is {early[-1].status}; put it to consultation "
                    f"first, by `drg version propose` and `drg version consult {region} {year}`"
                )
            first = max(book.settles_from(region), f"{year}-01")
            for one in waiting:
                publish(desk.spark, desk.lake, log, one.version, None, first, decision)
            done.append([region, str(year)])
        except VersionError as error:
            failed.append([region, str(year), str(error)])
    return {"done": done, "failed": failed}


def _of(entry: LogEntry, region: str, year: int) -> bool:
    return entry.step in ("weigh", "rate") and (entry.region, entry.period) == (region, str(year))


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--by", required=True, help="name of the account that decided")
    parser.add_argument("--as-of", required=True, help="the moment of the figures shown, ISO 8601 with offset")
    parser.add_argument("--at", required=True, help="when, ISO 8601 with offset")
    parser.add_argument("--note", default=None)


if __name__ == "__main__":
    desk_main("freeze", run, options)
