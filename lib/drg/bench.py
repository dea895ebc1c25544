"""`drg bench`: figures as ratios and counts, each beside its yardstick, measured in one run.

The lists of the group job are the conformance cases, repeated with ids of their own and dressed as settlement lists, so
that the benchmark needs no drawn province. Ratios are medians over alternating runs, since a machine's speed drifts.
"""

from __future__ import annotations

import dataclasses
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from drg.doors.config import Env, project_home
from drg.errors import ConfigError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

SCHEME = "chs-drg-2.0"
MONTH = "2025-01"


@dataclass(frozen=True)
class Figure:
    """One figure: what it is, its value as text, its unit and what it is held against."""

    name: str
    value: str
    unit: str
    yardstick: str


def measure(env: Env, lists: int, runs: int, say: Callable[[str], None] = lambda text: None) -> list[Figure]:
    """All figures, in a temporary folder that is removed again.

    Raises ConfigError when the conformance cases are not in the checkout.
    """
    say("conformance and kernel")
    figures = [*_conformance(), *_kernel()]
    say(f"group job beside a plain copy, {lists:,} lists, {runs} runs each")
    with tempfile.TemporaryDirectory(prefix="drg-bench-") as folder:
        place = dataclasses.replace(env, data=Path(folder), tables=f"{folder}/tables")
        figures += _group_job(place, lists, runs, say)
    return figures


def conformance_cases(scheme: str) -> Path:
    """The conformance cases of a scheme; ConfigError when the tests are not beside the package."""
    path = project_home() / "tests" / "conformance" / "data" / f"{scheme}.csv.gz"
    if not path.is_file():
        raise ConfigError(f"no conformance cases at {path}; run the benchmark in a checkout with its tests")
    return path


def _conformance() -> list[Figure]:
    from drg.group import compile_pack, load_pack
    from drg.group.bench import conformance

    figures = []
    for scheme in ("chs-drg-2.0", "chs-drg-1.1"):
        alike, cases = conformance(compile_pack(load_pack(scheme)), conformance_cases(scheme))
        figures.append(Figure(f"conformance {scheme}", f"{alike:,} of {cases:,}", "cases", "all"))
    return figures


def _kernel() -> list[Figure]:
    from drg.group.bench import compile_seconds, kernel_rate

    rate = kernel_rate(SCHEME, conformance_cases(SCHEME), batch=50_000)
    return [
        Figure("kernel with reasons", f"{rate:,.0f}", "cases a second and core", "at least 500,000"),
        Figure("compile of a pack", f"{compile_seconds(SCHEME):.2f}", "seconds", "under 1"),
    ]


def _group_job(env: Env, lists: int, runs: int, say: Callable[[str], None]) -> list[Figure]:
    from drg.doors.spark import spark_session
    from drg.doors.tables import Lake
    from drg.group import compile_pack, load_pack
    from drg.group.step import group_lists

    with spark_session(env, "bench") as spark:
        lake = Lake(spark, env)
        regions = env.province.region_codes()
        say("writing the lists")
        where = {"settlement_month": [MONTH], "region_code": list(regions)}
        lake.replace("settlement_list", _lists(spark, lists, regions), **where)
        pack = compile_pack(load_pack(SCHEME))

        def copy() -> None:
            source = lake.read("settlement_list")
            source.write.format("delta").mode("overwrite").save(f"{env.tables}/plain_copy")

        def group() -> None:
            cases = group_lists(lake.read("settlement_list", settlement_month=[MONTH]), pack)
            lake.replace("grouped_case", cases, scheme=[SCHEME], **where)

        for work in (copy, group):
            work()
        copies, groups = [], []
        for number in range(runs):
            say(f"run {number + 1} of {runs}")
            copies.append(_seconds(copy))
            groups.append(_seconds(group))
    ratio = statistics.median(g / c for g, c in zip(groups, copies, strict=True))
    return [
        Figure("group job / plain Delta copy", f"{ratio:.2f}", "ratio", "at most 1.0"),
        Figure("plain Delta copy", f"{statistics.median(copies):.1f}", f"seconds for {lists:,} lists", "orientation"),
        Figure("group job", f"{statistics.median(groups):.1f}", f"seconds for {lists:,} lists", "orientation"),
    ]


def _seconds(work: Callable[[], None]) -> float:
    started = time.monotonic()
    work()
    return time.monotonic() - started


def _lists(spark: SparkSession, count: int, regions: tuple[str, ...]) -> DataFrame:
    """`count` settlement lists of one month: the conformance cases in turn, over the regions in turn."""
    from pyspark.sql import functions as F

    from drg.contracts import contract

    cases = (
        spark.read.csv(str(conformance_cases(SCHEME)), header=True)
        .withColumn("_number", F.col("case_id").cast("bigint"))
        .withColumn("_d", F.split("diagnoses", r"\|"))
        .withColumn("_p", F.split(F.coalesce("procedures", F.lit("")), r"\|"))
    )
    total = cases.count()
    numbers = spark.range(count).withColumn("_number", F.col("id") % total)
    none = F.array().cast("array<string>")
    known = {
        "settlement_month": F.lit(MONTH),
        "region_code": F.get(F.array(*[F.lit(code) for code in regions]), (F.col("id") % len(regions)).cast("int")),
        "setl_id": F.concat(F.lit("B"), F.lpad(F.col("id").cast("string"), 19, "0")),
        "hospital_level": (F.col("id") % 3 + 1).cast("string"),
        "fund": F.when(F.col("id") % 3 == 0, "310").otherwise("390"),
        "sex": F.col("sex"),
        "age_years": F.col("age_years").cast("int"),
        "age_days": F.col("age_days").cast("int"),
        "newborn_weight_g": F.col("newborn_weight_g").cast("int"),
        "los_days": F.col("los_days").cast("int"),
        "discharge_way": F.col("discharge_way"),
        "principal_diagnosis": F.get("_d", 0),
        "other_diagnoses": F.slice("_d", 2, 99),
        "principal_procedure": F.when(F.get("_p", 0) != "", F.get("_p", 0)),
        "other_procedures": F.when(F.size("_p") > 1, F.slice("_p", 2, 99)).otherwise(none),
    }  # fmt: skip
    filler = {
        "string": F.sha2(F.col("id").cast("string"), 256),
        "date": F.lit("2025-01-15").cast("date"),
        "timestamp": F.lit("2025-01-15 08:00:00").cast("timestamp"),
        "bigint": F.col("id"),
        "decimal(16,2)": (F.col("id") * 7919 % 1_000_000 / 100).cast("decimal(16,2)"),
    }
    joined = numbers.join(F.broadcast(cases), "_number")
    columns = contract("settlement_list").columns
    return joined.select(*[(known[c.name] if c.name in known else filler[c.type]).alias(c.name) for c in columns])
