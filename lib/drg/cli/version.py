"""Commands about the versions of weights and rates: list, propose, consult, publish, withdraw, diff."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from drg.cli.app import (
    AsJson,
    DataFolder,
    EnvName,
    Now,
    app,
    clock,
    day_of,
    environment,
    opened,
    output,
    print_json,
    print_table,
    writable,
)
from drg.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession

    from drg.doors.config import Env
    from drg.doors.tables import Lake
    from drg.weigh.versions import Change, Decision, VersionLog

version = typer.Typer(
    no_args_is_help=True,
    help="The life of a version of weights and rates: trial, proposed, consultation, published, superseded.\n\n"
    "Example: `drg version list 420100 2025`",
)
app.add_typer(version, name="version")

Region = Annotated[str, typer.Argument(metavar="REGION", help="Region code, e.g. 510100.")]
Year = Annotated[int, typer.Argument(metavar="YEAR", help="Settlement year.", min=2000, max=2100)]
Version = Annotated[
    str | None, typer.Argument(metavar="[VERSION]", help="E.g. 2025.2; default: the newest that is not published.")
]
By = Annotated[str, typer.Option("--by", help="Who decided.")]
On = Annotated[str | None, typer.Option("--on", help="The day of the decision, YYYY-MM-DD; default: today.")]
Reason = Annotated[str, typer.Option("--reason", help="Why.")]


@version.command("list")
def list_(region: Region, year: Year, env: EnvName = None, data: DataFolder = None, json: AsJson = False) -> None:
    """How each version of a region and year stands; with --json every change that led there.

    Example: `drg version list 420100 2025`
    """
    with _place(region, year, env, data, "version list") as place:
        log = place.log
    if json:
        print_json({"region": region, "year": year, "changes": [asdict(change) for change in log.changes]})
    elif log.changes:
        rows = [_line(change) for change in log.standing.values()]
        left = ("version", "status", "from", "to", "decided by", "on", "reason", "compared with")
        right = ("groups changed", "total weight before", "after")
        print_table(
            f"Versions of weights and rates of {region} in {year}",
            [*((name, "left") for name in left), *((name, "right") for name in right)],
            rows,
        )
    else:
        output.print(f"region {region} has no version of {year}; run weigh and rate first")
    if not log.changes:
        raise typer.Exit(1)


@version.command()
def propose(
    region: Region, year: Year, by: By, reason: Reason, version: Version = None, on: On = None, env: EnvName = None,
    data: DataFolder = None, now: Now = None,
) -> None:  # fmt: skip
    """Propose a trial version for consultation; from then on no run rewrites it.

    Example: `drg version propose 420100 2025 --by 武汉市医保局 --on 2025-06-02 --reason 集采降价`
    """
    _decide(region, year, version, "proposed", (by, on, reason, now), env, data)


@version.command()
def consult(
    region: Region, year: Year, by: By, reason: Reason, version: Version = None, on: On = None, env: EnvName = None,
    data: DataFolder = None, now: Now = None,
) -> None:  # fmt: skip
    """Put a proposed version to consultation (征求意见).

    Example: `drg version consult 420100 2025 --by 武汉市医保局 --on 2025-06-05 --reason 公开征求意见`
    """
    _decide(region, year, version, "consultation", (by, on, reason, now), env, data)


@version.command()
def withdraw(
    region: Region, year: Year, by: By, reason: Reason, version: Version = None, on: On = None, env: EnvName = None,
    data: DataFolder = None, now: Now = None,
) -> None:  # fmt: skip
    """Withdraw a version that is not published; weigh may compute it anew.

    Example: `drg version withdraw 420100 2025 2025.2 --by 武汉市医保局 --reason 意见采纳后重新测算`
    """
    _decide(region, year, version, "withdrawn", (by, on, reason, now), env, data)


@version.command()
def publish(
    region: Region,
    year: Year,
    by: By,
    reason: Reason,
    version: Version = None,
    month: Annotated[
        str | None, typer.Option("--from", help="First settlement month, YYYY-MM; needed once one is published.")
    ] = None,
    on: On = None,
    env: EnvName = None,
    data: DataFolder = None,
    now: Now = None,
) -> None:
    """Publish a version after consultation: frozen, it serves from its month on and supersedes the one before.

    Months before keep their version; a settled month is never rewritten.

    Example: `drg version publish 420100 2025 2025.2 --from 2025-07 --by 武汉市医保局 --on 2025-06-30 --reason 集采降价`
    """
    from drg.policy import PolicyBook
    from drg.weigh.decide import publish as publish_version

    if month is not None and not re.fullmatch(r"[1-9]\d{3}-(0[1-9]|1[0-2])", month):
        raise ConfigError(f"--from {month} is not YYYY-MM; write e.g. {year}-07")
    decision = _decision(by, on, reason, now)
    first = max(PolicyBook.load_default().settles_from(region), f"{year}-01")
    with _place(region, year, env, data, "version publish", write=True) as place:
        changes = publish_version(place.spark, place.lake, place.log, version, month, first, decision)
    for change in changes:
        _tell(change)


@version.command()
def diff(
    region: Region,
    year: Year,
    first: Annotated[str, typer.Argument(metavar="V1", help="The version before.")],
    second: Annotated[str, typer.Argument(metavar="V2", help="The version after.")],
    env: EnvName = None,
    data: DataFolder = None,
    json: AsJson = False,
) -> None:
    """Two versions side by side: groups whose weight changes, the total weight of the history, and the rates.

    Example: `drg version diff 420100 2025 2025.1 2025.2`
    """
    from drg.weigh.decide import compare, compare_prices

    with _place(region, year, env, data, "version diff") as place:
        for name in (first, second):
            place.log.of(name)
        effect = compare(place.lake, region, year, first, second)
        prices = compare_prices(place.lake, region, year, first, second)
    totals = {"before": effect.total_before, "after": effect.total_after}
    if json:
        groups, rates = [asdict(one) for one in effect.groups], [asdict(one) for one in prices]
        print_json(
            {"region": region, "year": year, "versions": [first, second], "total_weight": totals,
             "groups": groups, "rates": rates}
        )  # fmt: skip
        return
    headings = [("group", "left"), ("level class", "left"), (first, "right"), (second, "right"), ("cases", "right")]
    rows = [[one.drg, one.level_class, _text(one.before), _text(one.after), one.cases] for one in effect.groups]
    print_table(f"Groups whose weight changes, {region} {year}", headings, rows)
    headings = [("fund", "left"), ("level class", "left"), (first, "right"), (second, "right")]
    rows = [[one.fund, one.level_class, _text(one.before), _text(one.after)] for one in prices]
    print_table("Rate in yuan a weight, or point value in yuan a point", headings, rows)
    output.print(f"{len(effect.groups)} weights change; total weight of the history {_totals(totals)}")


class _Place:
    """An opened lake and the log of a region and year."""

    def __init__(self, spark: SparkSession, lake: Lake, log: VersionLog):
        self.spark, self.lake, self.log = spark, lake, log


@contextmanager
def _place(region: str, year: int, env: str | None, data: Any, command: str, write: bool = False) -> Iterator[_Place]:
    from drg.runner import chosen_regions
    from drg.weigh.decide import log_of

    place: Env = environment(env, data)
    chosen_regions(place, region)
    if write:
        writable(place)
    with opened(place, command) as (spark, lake):
        yield _Place(spark, lake, log_of(lake, region, year))


def _decision(by: str, on: str | None, reason: str, now: str | None) -> Decision:
    from drg.weigh.versions import Decision

    moment = clock(now)
    for name, text in (("--by", by), ("--reason", reason)):
        if not text.strip():
            raise ConfigError(f"{name} is empty; say who decided and why")
    return Decision(by.strip(), day_of(on, "--on") if on else moment.date(), reason.strip(), moment)


def _decide(
    region: str, year: int, version: str | None, status: str, said: tuple[str, str | None, str, str | None],
    env: str | None, data: Any,
) -> None:  # fmt: skip
    from drg.weigh.decide import decide
    from drg.weigh.versions import Status

    decision = _decision(*said)
    with _place(region, year, env, data, f"version {status}", write=True) as place:
        change = decide(place.spark, place.lake, place.log, version, Status(status), decision)
    _tell(change)


def _tell(change: Change) -> None:
    span = ""
    if change.effective_from:
        span = f" from {change.effective_from}" + (f" to {change.effective_to}" if change.effective_to else " on")
    output.print(f"version {change.version} of region {change.region_code} is {change.status}{span}", markup=False)


def _line(change: Change) -> list[object]:
    texts = (change.version, change.status, change.effective_from, change.effective_to, change.decided_by,
             change.decided_on, change.reason, change.compared_with)  # fmt: skip
    return [*(_text(text) for text in texts), _text(change.groups_changed), _text(change.total_weight_before),
            _text(change.total_weight_after)]  # fmt: skip


def _totals(totals: dict[str, Any]) -> str:
    if totals["after"] is None:
        return "not known: the weights rest on no history"
    return f"{totals['before']:,} -> {totals['after']:,}"


def _text(value: object) -> str:
    return "-" if value is None else str(value)
