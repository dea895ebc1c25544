"""What all commands share: the application, the consoles, the common options and the clock."""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from drg.doors.config import Env, load_env
from drg.errors import ConfigError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from drg.doors.tables import Lake

app = typer.Typer(
    name="drg",
    help="From a settlement list (医保基金结算清单) to a payment, for a whole province.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
# A pipe has no width of its own: wide enough that no figure of a table is cut.
output = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
errors = Console(stderr=True, highlight=False)

EnvName = Annotated[str | None, typer.Option("--env", help="Environment of conf/env; default `local`.")]
DataFolder = Annotated[Path | None, typer.Option("--data", help="Folder of deliveries, tables and releases.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program.")]
Now = Annotated[str | None, typer.Option("--now", help="The clock, ISO 8601 with offset; default: the system's.")]
Regions = Annotated[str, typer.Option("--regions", help="Comma-separated region codes; default: all.")]


def clock(text: str | None) -> datetime:
    """The one place that reads the system's clock; everything behind it takes the moment as an argument."""
    if text is None:
        return datetime.now(ZoneInfo("Asia/Shanghai"))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"--now {text} is not ISO 8601; write e.g. 2025-02-10T08:00:00+08:00") from None
    if moment.tzinfo is None:
        raise ConfigError(f"--now {text} has no offset; write e.g. 2025-02-10T08:00:00+08:00")
    return moment


def day_of(text: str, name: str) -> date:
    """A day written as YYYY-MM-DD; ConfigError naming the option or argument otherwise."""
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise ConfigError(f"{name} {text} is not a day; write YYYY-MM-DD, e.g. 2025-01-31")


def moment_of(text: str, name: str) -> datetime:
    """A day, which stands for its end in China, or an instant with offset; ConfigError naming the option otherwise."""
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return datetime.combine(day_of(text, name), time.max, timezone(timedelta(hours=8)))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ConfigError(f"{name} {text} is neither a day nor an instant with offset; write e.g. 2025-03-31")
    return moment


def environment(name: str | None, data: Path | None) -> Env:
    """The environment a command works in."""
    return load_env(name, data)


def writable(env: Env) -> None:
    """Make sure, before Spark starts, that the data folder is there and takes files; ConfigError otherwise."""
    try:
        env.data.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=env.data):
            pass
    except OSError as error:
        reason = f"{type(error).__name__}: {error.strerror}"
        raise ConfigError(
            f"the data folder {env.data} cannot be written ({reason}); name another with --data"
        ) from None


@contextmanager
def opened(env: Env, command: str) -> Iterator[tuple[SparkSession, Lake]]:
    """A Spark session and the lake of an environment, for the length of a command."""
    from drg.doors.spark import spark_session
    from drg.doors.tables import Lake

    with spark_session(env, command) as spark:
        yield spark, Lake(spark, env)


def say(text: str) -> None:
    """Progress, on the error console, so that output stays clean for a program."""
    errors.print(text, style="dim", markup=False, soft_wrap=True)


def print_json(value: Any) -> None:
    """One JSON document on the output console."""
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def print_table(title: str, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[object]]) -> None:
    """A table; `columns` are heading and justification (left or right)."""
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for heading, justify in columns:
        table.add_column(heading, justify="right" if justify == "right" else "left", no_wrap=True)
    for row in rows:
        table.add_row(*[str(cell) for cell in row])
    output.print(table)
