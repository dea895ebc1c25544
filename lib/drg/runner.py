"""How a step runs: the context a job works in, the record of what it did, and the loop over steps.

A job (`jobs/<step>.py`) is a function of a `StepContext`. The region x month is the unit of work: a job that finds a
region unfit calls `ctx.fail` and goes on with the others; what it writes afterwards leaves the partitions of that
region and month alone. Every step appends one row per region and period to `run_log`.
"""

from __future__ import annotations

import argparse
import functools
import importlib.util
import itertools
import math
import re
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from drg.contracts import contract
from drg.doors.config import Env, load_env, project_home
from drg.doors.tables import Counted, Lake, Partition, Value, Written
from drg.errors import BusyError, ConfigError, DrgError
from drg.result import told
from drg.steps import TABLES, Period, Step, step_named

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from drg.group import CompiledPack
    from drg.policy import PolicyBook

Unit = tuple[str, str]
# Tables written at once.
WRITERS = 4
# Exit status of a job that failed for a passing reason (EX_TEMPFAIL of sysexits.h).
TRY_AGAIN = 75
_PERIOD_COLUMNS = ("delivery_month", "settlement_month", "settlement_year")


@dataclass
class StepContext:
    """What a job may use and must say; one context a step and invocation.

    Attributes:
        regions, months: the scope asked for. Units that failed earlier in the invocation are in `failed`.
        now: the clock, an argument of the invocation (aware); never read again.
        since: the monotonic second at which the invocation began; only durations are measured with it.
        failed: region and period (month, or year as text) -> the sentence why.
        skipped: region and period left out without error, with the sentence why.
        version: the version of weights and rates that weigh and rate are to write; None leaves it to them.
        as_of: the moment whose figures a person approved; publish refuses what changed since. None: nobody was asked.
        busy: whether something failed only because another run was at the same partitions.
    """

    step: Step
    spark: SparkSession
    lake: Lake
    env: Env
    regions: tuple[str, ...]
    months: tuple[str, ...]
    now: datetime
    run_id: str
    say: Callable[[str], None] = lambda text: None
    since: float = field(default_factory=time.monotonic)
    failed: dict[Unit, str] = field(default_factory=dict)
    skipped: dict[Unit, str] = field(default_factory=dict)
    busy: bool = False
    reads: dict[str, int] = field(default_factory=dict)
    writes: dict[str, Written] = field(default_factory=dict)
    touches: dict[Unit, tuple[str, ...]] = field(default_factory=dict)
    rows_in: dict[Unit, int] = field(default_factory=dict)
    provenance: dict[Unit, tuple[str | None, str | None]] = field(default_factory=dict)
    version: str | None = None
    as_of: datetime | None = None

    def read(self, table: str, **where: Sequence[Value]) -> DataFrame:
        """A table (or some of its rows) at one version, the same for the whole step; recorded for `run_log`."""
        if table not in self.reads:
            self.reads[table] = self.lake.version(table)
        return self.lake.read(table, self.reads[table], **where)

    def write(self, table: str, frame: DataFrame, **where: Sequence[Value]) -> Written:
        """Replace the partitions spanned by `where`, less those of failed or skipped units.

        Rows of such units are left out of the frame as well, so that nothing half-done is written.
        """
        from pyspark.sql import functions as F

        spec = TABLES[table]
        out = self.failed.keys() | self.skipped.keys()
        partitions: list[Partition] = []
        for values in itertools.product(*(where[name] for name in spec.replaced_by)):
            named = dict(zip(spec.replaced_by, values, strict=True))
            periods = [str(named[name]) for name in _PERIOD_COLUMNS if name in named]
            region = str(named.get("region_code", self.env.province.code))
            if not any((region, period) in out for period in periods):
                partitions.append(values)
        if 0 < len(partitions) < math.prod(map(len, where.values())):
            keys = self.spark.createDataFrame(partitions, schema=_key_schema(spec.replaced_by, partitions[0]))
            frame = frame.join(F.broadcast(keys), on=list(spec.replaced_by), how="left_semi")
        written = self.lake.replace_partitions(table, frame, partitions)
        # A job may write a table in turns (by scheme, by year); the log tells all of its rows.
        earlier = self.writes[table].rows if table in self.writes else 0
        self.writes[table] = Written(table, written.version, earlier + written.rows)
        return written

    def write_beside(self, tables: Iterable[tuple[str, DataFrame, Mapping[str, Sequence[Value]]]]) -> list[Written]:
        """As `write` of each of these tables, side by side: a small table is mostly waited for.

        Each is a transaction of its own; the first error in their order is raised when all are through.
        """
        with ThreadPoolExecutor(WRITERS) as writers:
            told = [writers.submit(self.write, table, frame, **where) for table, frame, where in tables]
        return [one.result() for one in told]

    def fail(self, region: str, period: str | int, error: DrgError) -> None:
        """Leave a region and period out because of an error; it is logged as failed and the others go on."""
        self.failed[(region, str(period))] = str(error)
        self.busy |= isinstance(error, BusyError)

    def skip(self, region: str, period: str | int, reason: str) -> None:
        """Leave a region and period out because nothing is due there; not an error, not logged."""
        self.skipped[(region, str(period))] = reason

    def touch(self, region: str, period: str, months: Iterable[str]) -> None:
        """Record the settlement months a delivery touched, so that `drg status` knows what became stale."""
        self.touches[(region, period)] = tuple(sorted(set(months)))

    def count_in(self, region: str, period: str | int, rows: int) -> None:
        """Record how many rows a unit brought in, where reading the counts again would cost a pass."""
        self.rows_in[(region, str(period))] = rows

    def stamp(self, region: str, period: str | int, *, pack: str | None = None, policy: str | None = None) -> None:
        """Record the rule pack and the policy version a unit used."""
        self.provenance[(region, str(period))] = (pack, policy)

    def live(self, period: str | int) -> tuple[str, ...]:
        """The regions that are neither failed nor skipped for a period."""
        out = self.failed.keys() | self.skipped.keys()
        return tuple(region for region in self.regions if (region, str(period)) not in out)

    def periods(self) -> tuple[str, ...]:
        """The periods of this step: the months, or their years."""
        if self.step.period is Period.MONTH:
            return self.months
        return tuple(sorted({month[:4] for month in self.months}))

    @functools.cached_property
    def policy(self) -> PolicyBook:
        """The dated parameters of all regions."""
        from drg.policy import PolicyBook

        return PolicyBook.load(self.env.policy)

    def pack(self, scheme: str) -> CompiledPack:
        """The compiled rule pack of a scheme."""
        return _compiled(scheme)


def run_step(ctx: StepContext, job: Callable[[StepContext], None]) -> None:
    """Run one job and append its outcome to `run_log`, whether it ended well or not.

    A DrgError of the job as a whole fails every unit still in play. Other exceptions are defects: they are logged as
    failed too and raised again.
    """
    started = time.monotonic()
    span = ctx.periods()
    ctx.say(f"{ctx.step.name}: {span[0]}{'..' + span[-1] if len(span) > 1 else ''}, {len(ctx.regions)} regions")
    try:
        job(ctx)
    except DrgError as error:
        for region, period in _units(ctx):
            ctx.failed.setdefault((region, period), str(error))
        ctx.busy |= isinstance(error, BusyError)
    except Exception as error:
        for region, period in _units(ctx):
            ctx.failed.setdefault((region, period), f"{type(error).__name__}: see the log of run {ctx.run_id}")
        _log(ctx, started)
        raise
    try:
        _log(ctx, started)
    except DrgError as error:
        # The tables may be whole, but what is not in the log is not done.
        for unit in _units(ctx):
            ctx.failed.setdefault(unit, str(error))
        ctx.busy |= isinstance(error, BusyError)
    rows = ", ".join(f"{w.table} {w.rows:,}" for w in ctx.writes.values())
    ctx.say(f"{ctx.step.name}: {time.monotonic() - started:.1f} s{'; rows: ' + rows if rows else ''}")


def _units(ctx: StepContext) -> list[Unit]:
    regions = (ctx.env.province.code,) if ctx.step.province_wide else ctx.regions
    return [unit for unit in itertools.product(regions, ctx.periods()) if unit not in ctx.skipped]


def _log(ctx: StepContext, started: float) -> None:
    units = sorted(set(_units(ctx)) | set(ctx.failed))
    if not units:
        return
    rows_out = _rows_out(ctx)
    ended = time.monotonic()
    began_at, ended_at = (ctx.now + timedelta(seconds=moment - ctx.since) for moment in (started, ended))
    written = [(w.table, w.version, w.rows) for w in sorted(ctx.writes.values(), key=lambda w: w.table)]
    rows: list[tuple[Any, ...]] = []
    for unit in units:
        reason = ctx.failed.get(unit)
        pack, policy = ctx.provenance.get(unit, (None, None))
        rows.append(
            (
                ctx.step.name,
                ctx.run_id,
                unit[0],
                unit[1],
                "failed" if reason else "done",
                reason,
                ctx.rows_in.get(unit),
                None if reason else rows_out.get(unit),
                sorted(ctx.reads.items()),
                [] if reason else written,
                list(ctx.touches.get(unit, ())),
                pack,
                policy,
                began_at,
                ended_at,
                int((ended - started) * 1000),
            )
        )
    frame = ctx.spark.createDataFrame(rows, schema=contract("run_log").struct())
    ctx.lake.append("run_log", frame)


def _rows_out(ctx: StepContext) -> dict[Unit, int]:
    """Rows written for each unit over all tables of the step, read back from the partition columns alone."""
    wanted: list[Counted] = []
    for table in ctx.writes:
        names = TABLES[table].replaced_by
        period = next((name for name in _PERIOD_COLUMNS if name in names), None)
        if period is not None:
            periods: list[Value] = [int(p) if period == "settlement_year" else p for p in ctx.periods()]
            by = [period] + (["region_code"] if "region_code" in names else [])
            wanted.append((table, by, {period: periods}))
    total: dict[Unit, int] = {}
    for counts in ctx.lake.counts_by(wanted).values():
        for values, count in counts.items():
            unit = (str(values[1]) if len(values) > 1 else ctx.env.province.code, str(values[0]))
            total[unit] = total.get(unit, 0) + count
    return total


@functools.cache
def _compiled(scheme: str) -> CompiledPack:
    from drg.group import compile_pack, load_pack

    return compile_pack(load_pack(scheme))


def load_job(step: str) -> Callable[[StepContext], None]:
    """The `run` function of `jobs/<step>.py`; ConfigError when the file is not there."""
    path = project_home() / "jobs" / f"{step}.py"
    if not path.is_file():
        raise ConfigError(f"step {step} has no job file {path}; the checkout is incomplete")
    spec = importlib.util.spec_from_file_location(f"drg_job_{step}", path)
    if spec is None or spec.loader is None:
        raise ConfigError(f"step {step}: {path} is not a Python file; restore it from the checkout")
    module: ModuleType = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    run: Callable[[StepContext], None] = module.run
    return run


@dataclass
class Outcome:
    """What an invocation did: failed units by step, in the order they happened."""

    failed: list[tuple[str, str, str, str]] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether nothing failed."""
        return not self.failed


def run_steps(
    spark: SparkSession,
    env: Env,
    steps: Sequence[Step],
    regions: Sequence[str],
    months: Sequence[str],
    now: datetime,
    say: Callable[[str], None] = lambda text: None,
    version: str | None = None,
) -> Outcome:
    """Run steps in order over regions and months; what fails in one step is left out of the next.

    A region that failed for a month stays out of the later month steps of this invocation; a year step that failed
    leaves out the months of that year. All other regions go on. `version` names the version weigh and rate write.
    """
    lake = Lake(spark, env)
    since = time.monotonic()
    run_id = now.astimezone(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    outcome = Outcome()
    broken: dict[Unit, str] = {}
    for step in steps:
        ctx = StepContext(step, spark, lake, env, tuple(regions), tuple(months), now, run_id, say, since)
        ctx.version = version
        ctx.skipped.update({unit: why for unit, why in broken.items() if not step.province_wide})
        if not any(ctx.live(period) for period in ctx.periods()):
            continue
        run_step(ctx, load_job(step.name))
        for (region, period), reason in ctx.failed.items():
            outcome.failed.append((step.name, region, period, reason))
            broken.update({(region, month): reason for month in months if month.startswith(period)})
    return outcome


def job_main(name: str, job: Callable[[StepContext], None], argv: Sequence[str] | None = None) -> None:
    """The command line of a job file, for spark-submit.

    Exit status 0 done, 1 failed, 2 called wrongly, 75 failed but may go well when repeated. The last line of the output
    is the result for a program (`drg.result`).
    """
    parser = argparse.ArgumentParser(prog=f"jobs/{name}.py", description=f"step {name}: {step_named(name).decides}")
    parser.add_argument("--env", default=None, help="environment of conf/env (default: local)")
    parser.add_argument("--data", type=Path, default=None, help="folder of deliveries, tables and releases")
    parser.add_argument("--months", required=True, help="2025-01 or 2025-01..2025-03")
    parser.add_argument("--regions", default="", help="comma-separated region codes (default: all)")
    if name in ("weigh", "rate"):
        parser.add_argument("--version", default=None, help="e.g. 2025.2 (default: the first, or the newest trial)")
    if name == "publish":
        parser.add_argument("--as-of", default=None, help="what changed since is not published, ISO 8601 with offset")
    parser.add_argument("--now", required=True, help="the clock, ISO 8601 with offset, e.g. 2025-02-10T08:00:00+08:00")
    args = parser.parse_args(argv)
    from drg.doors.spark import spark_session

    try:
        env = load_env(args.env, args.data)
        regions = chosen_regions(env, args.regions)
        months = month_range(args.months)
        now = instant(args.now, "--now")
        as_of = instant(args.as_of, "--as-of") if getattr(args, "as_of", None) else None
        with spark_session(env, name) as spark:
            run_id = now.astimezone(UTC).strftime("%Y%m%dT%H%M%S%fZ")
            ctx = StepContext(step_named(name), spark, Lake(spark, env), env, regions, months, now, run_id, print)
            ctx.version = getattr(args, "version", None)
            ctx.as_of = as_of
            run_step(ctx, job)
        for (region, period), reason in sorted(ctx.failed.items()):
            sys.stderr.write(f"{name} failed for {region} {period}: {reason}\n")
    except (DrgError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(2) from None
    done = [list(unit) for unit in _units(ctx) if unit not in ctx.failed]
    failed = [[*unit, reason] for unit, reason in sorted(ctx.failed.items())]
    touched = [[*unit, list(months)] for unit, months in sorted(ctx.touches.items())]
    sys.stdout.write(told({"job": name, "done": done, "failed": failed, "touched": touched}) + "\n")
    raise SystemExit(TRY_AGAIN if ctx.busy else 1 if ctx.failed else 0)


def instant(text: str, option: str) -> datetime:
    """A moment with its offset; ConfigError naming the option when it has none, ValueError when it is no moment."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ConfigError(f"{option} {text} has no offset; write e.g. 2025-02-10T08:00:00+08:00")
    return found


def chosen_regions(env: Env, text: str) -> tuple[str, ...]:
    """Region codes from comma-separated text, all when empty; ConfigError for an unknown one."""
    codes = tuple(sorted({code.strip() for code in text.split(",") if code.strip()}))
    for code in codes:
        if code not in env.province.region_codes():
            known = ", ".join(env.province.region_codes())
            raise ConfigError(
                f"region {code} is not a pooling region of {env.province.name} ({known}); "
                "name the environment that has it with --env"
            )
    return codes or env.province.region_codes()


def month_range(text: str) -> tuple[str, ...]:
    """Months from `2025-01` or `2025-01..2025-03`, ascending; ConfigError when it is neither."""
    first, _, last = text.partition("..")
    found = [re.fullmatch(r"([1-9][0-9]{3})-(0[1-9]|1[0-2])", month) for month in (first, last or first)]
    if None in found:
        raise ConfigError(f"months {text} are not YYYY-MM or YYYY-MM..YYYY-MM; write e.g. 2025-01..2025-03")
    start, end = (int(match[1]) * 12 + int(match[2]) - 1 for match in found if match)
    if start > end:
        raise ConfigError(f"months {text} run backwards; write the earlier month first")
    return tuple(f"{number // 12}-{number % 12 + 1:02d}" for number in range(start, end + 1))


def _key_schema(names: Sequence[str], first: Partition) -> str:
    return ", ".join(f"{n} {'int' if isinstance(v, int) else 'string'}" for n, v in zip(names, first, strict=True))
