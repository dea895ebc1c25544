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
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from drg.doors.config import Env, project_home
from drg.errors import ConfigError

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

    from drg.doors.tables import Lake

SCHEME = "chs-drg-2.0"
MONTH = "2025-01"
HOSPITALS = 60


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
        figures += _jobs(place, lists, runs, say)
    with tempfile.TemporaryDirectory(prefix="drg-bench-") as folder:
        place = dataclasses.replace(env, data=Path(folder), tables=f"{folder}/tables")
        figures += _intake(place, lists, runs, say)
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


def _jobs(env: Env, lists: int, runs: int, say: Callable[[str], None]) -> list[Figure]:
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

        copies, groups = _alternating(copy, group, runs, say)
        say(f"settle job beside a plain copy of the grouped cases, {lists:,} cases under {len(regions)} policies")
        figures = _settle_job(spark, lake, env, runs, say)
    return [*_beside("group job", groups, "plain Delta copy", copies, f"{lists:,} lists", "at most 1.0"), *figures]


def _intake(env: Env, lists: int, runs: int, say: Callable[[str], None]) -> list[Figure]:
    """Land and validate of JSON lists, beside a plain reading and writing of the same files."""
    from drg.bench_intake import sides
    from drg.doors.spark import spark_session
    from drg.synth.place import drawn_place

    say(f"drawing {lists:,} lists")
    place = drawn_place(env, MONTH, lists)
    with spark_session(place, "bench") as spark:
        say(f"land and validate beside a plain reading of the same files, {runs} runs each")
        plain, intake = sides(spark, place)
        plains, intakes = _alternating(plain, intake, runs, say)
    return _beside("land + validate", intakes, "plain read and write", plains, f"{lists:,} JSON lists", "at most 2.0")


def _settle_job(spark: SparkSession, lake: Lake, env: Env, runs: int, say: Callable[[str], None]) -> list[Figure]:
    """The whole job of settle, its three tables and its log, beside a copy of the one table it starts from."""
    from drg.runner import run_steps
    from drg.steps import step_named

    regions = env.province.region_codes()
    _weights_and_rates(spark, lake, regions)
    now = datetime(2025, 6, 1, tzinfo=UTC)

    def copy() -> None:
        source = lake.read("grouped_case")
        source.write.format("delta").mode("overwrite").save(f"{env.tables}/plain_copy_of_cases")

    def settle() -> None:
        outcome = run_steps(spark, env, [step_named("settle")], list(regions), [MONTH], now)
        if not outcome.ok:
            raise ConfigError(f"the benchmark's cases were not settled: {outcome.failed[0][3]}")

    cases = f"{lake.read('grouped_case').count():,} cases"
    copies, settled = _alternating(copy, settle, runs, say)
    return _beside("settle job", settled, "plain Delta copy of grouped_case", copies, cases, "at most 1.5")


def _weights_and_rates(spark: SparkSession, lake: Lake, regions: tuple[str, ...]) -> None:
    """One weight a region and group that occurs, one rate a region and fund: what settle asks for, no more."""
    from drg.contracts import contract
    from drg.steps import first_version
    from drg.weigh.version_tables import append
    from drg.weigh.versions import Change, Status

    year = int(MONTH[:4])
    version = first_version(year)
    grouped = lake.read("grouped_case").where("grouping_status = 'grouped'")
    groups = sorted(row[0] for row in grouped.select("drg").distinct().collect())
    weight = {"scheme": SCHEME, "weight_version": version, "weight_source": "region", "stable": True}
    weight |= {"relative_weight": Decimal("1.2345"), "mean_cost": Decimal(9000), "region_mean_cost": Decimal(8000)}
    rate = {"rate_version": version, "base_rate": Decimal("9575.25"), "method": "rate"}
    weights = [{**weight, "region_code": region, "drg": drg} for region in regions for drg in groups]
    rates = [{**rate, "region_code": region, "fund": fund} for region in regions for fund in ("310", "390")]
    tables = {"drg_weight": (weights, "weight_version"), "region_rate": (rates, "rate_version")}
    for table, (rows, of_version) in tables.items():
        expected = contract(table)
        filler = {"string": "", "int": year, "bigint": 1, "boolean": True, "array<string>": []}
        defaults = {c.name: filler.get(c.type, Decimal(1)) if c.required else None for c in expected.columns}
        same = {**defaults, "settlement_year": year, "level_class": "all"}
        cells = [tuple({**same, **row}[name] for name in expected.names()) for row in rows]
        frame = spark.createDataFrame(cells, expected.struct())
        names: dict[str, list[str | int]] = {
            "settlement_year": [year],
            "region_code": list(regions),
            of_version: [version],
        }
        lake.replace(table, frame, **names)
    day, clock = date(year, 1, 1), datetime(year, 1, 1, tzinfo=UTC)
    changes = [
        Change(year, region, 1, version, Status.PUBLISHED, day, "", clock, effective_from=f"{year}-01")
        for region in regions
    ]
    append(spark, lake, changes)


def _alternating(
    copy: Callable[[], None], work: Callable[[], None], runs: int, say: Callable[[str], None]
) -> tuple[list[float], list[float]]:
    """Seconds of both in turn, after one run of each that does not count."""
    for once in (copy, work):
        once()
    copies, works = [], []
    for number in range(runs):
        say(f"run {number + 1} of {runs}")
        copies.append(_seconds(copy))
        works.append(_seconds(work))
    return copies, works


def _beside(name: str, works: list[float], copy: str, copies: list[float], of: str, yardstick: str) -> list[Figure]:
    ratio = statistics.median(work / plain for work, plain in zip(works, copies, strict=True))
    return [
        Figure(f"{name} / {copy}", f"{ratio:.2f}", "ratio", yardstick),
        Figure(copy, f"{statistics.median(copies):.1f}", f"seconds for {of}", "orientation"),
        Figure(name, f"{statistics.median(works):.1f}", f"seconds for {of}", "orientation"),
    ]


def _seconds(work: Callable[[], None]) -> float:
    started = time.monotonic()
    work()
    return time.monotonic() - started


def _lists(spark: SparkSession, count: int, regions: tuple[str, ...]) -> DataFrame:
    """`count` settlement lists of one month: the conformance cases in turn, over the regions in turn.

    Each region has HOSPITALS hospitals of three levels, and one case in fifty is insured elsewhere: as many sums as a
    province has, not one a case.
    """
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

    def region(number: Column) -> Column:
        return F.get(F.array(*[F.lit(code) for code in regions]), (number % len(regions)).cast("int"))

    hospital = F.floor(F.col("id") / len(regions)) % HOSPITALS
    insured = F.when(F.floor(F.col("id") / len(regions)) % 50 == 0, F.col("id") + 1).otherwise(F.col("id"))
    known = {
        "settlement_month": F.lit(MONTH),
        "region_code": region(F.col("id")),
        "insured_region_code": region(insured),
        "hospital_code": F.concat(F.lit("H"), region(F.col("id")), F.lpad(hospital.cast("string"), 5, "0")),
        "setl_id": F.concat(F.lit("B"), F.lpad(F.col("id").cast("string"), 19, "0")),
        "hospital_level": (hospital % 3 + 1).cast("string"),
        "fund": F.when(F.col("id") % 3 == 0, "310").otherwise("390"),
        "sex": F.col("sex"),
        "age_years": F.col("age_years").cast("int"),
        "age_days": F.col("age_days").cast("int"),
        "newborn_weight_g": F.col("newborn_weight_g").cast("int"),
        "icu_minutes": F.lit(0),
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
