"""A release from its staged files to its place: checked, described, put where the earlier one stood.

    releases/<month>/<region_code>/
        case_payment.parquet ... rejected_list.parquet
        returned_lists/<hospital>.csv, .json
        <region_code>_<month>.xlsx
        manifest.json

Each release is put together in a Spark task of its own; the driver only lets the finished ones take their
place. A release that does not tie stays out, with a sentence why, and the earlier one stands.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from drg.errors import DrgError, StorageError
from drg.publish.assumed import described
from drg.publish.content import SMALL_CELL, published
from drg.publish.manifest import (
    AssumedParameter,
    build_manifest,
    check_ties,
    distinct_values,
    write_manifest,
)
from drg.publish.parquet_files import staging_folder, write_empty
from drg.publish.returned import write_returned
from drg.publish.swap import recover, take_place
from drg.publish.workbook import MOST_ROWS, Names, Note, write_workbook
from drg.validate.quality import LATE_DAYS

Unit = tuple[str, str]


@dataclass(frozen=True)
class ReleaseFacts:
    """What a release needs beside its rows: names for codes, the assumed parameters in force, whether it is drawn.

    With `lacking` regions the month is provisional.
    """

    month: str
    region: tuple[str, str]
    names: Names
    assumed: dict[str, AssumedParameter]
    synthetic: bool = False
    lacking: tuple[str, ...] = ()


@contextmanager
def told_as_storage_error(releases: Path) -> Iterator[None]:
    """What the file system refuses, in this process or in a Spark task, as one sentence (StorageError)."""
    advice = "free space or grant access and publish again; the earlier releases stand"
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"a release below {releases} was not written: {error.strerror or error}; {advice}"
        ) from error
    except PySparkException as error:
        refused = re.search(
            r"^(?:OSError|PermissionError|\w*DirectoryError): (?:\[Errno \d+\] )?(.+)$", str(error), re.M
        )
        if refused is None:
            raise
        raise StorageError(f"a release below {releases} was not written: {refused.group(1)}; {advice}") from error


def final_folder(releases: Path, month: str, region: str) -> Path:
    """Where the release of a region and month stands."""
    return releases / month / region


def prepare(releases: Path, units: Sequence[Unit]) -> None:
    """Empty staging folders for the units; what an earlier run left half-done is cleared away."""
    for month, region in units:
        recover(final_folder(releases, month, region))
        discard(releases, (month, region))
        staging_folder(releases, month, region).mkdir(parents=True)


def discard(releases: Path, unit: Unit) -> None:
    """Remove the staging folder of a unit; the earlier release is untouched."""
    shutil.rmtree(staging_folder(releases, *unit), ignore_errors=True)


def assemble(folder: Path, facts: ReleaseFacts) -> None:
    """Complete a staged release: empty files, ties, what the hospitals get back, workbook, manifest.

    Raises ContractError when cases, hospitals and fund account do not agree to the fen.
    """
    for item in published():
        if not (folder / item.file_name).is_file():
            write_empty(folder, item)
    sums = check_ties(folder, facts.region[0], facts.month)
    names: set[str] = set()
    for table in ("case_payment", "region_rate"):
        column = ("assumed_parameters",)
        names.update(distinct_values(folder / f"{table}.parquet", column)[column[0]])
    # The rule that picks the day stands in no row, but every figure rests on it.
    assumed = described(names | ({"policy_date"} & facts.assumed.keys()), facts.assumed)
    judged_by = "、".join(distinct_values(folder / "list_quality.parquet", ("checks_version",))["checks_version"])
    code, hospitals = facts.region[0], facts.names.hospitals
    returned = write_returned(folder, facts.month, code, hospitals, judged_by, MOST_ROWS)
    write_workbook(folder, facts.month, facts.region, facts.names, _notes(folder, facts), assumed, returned)
    manifest = build_manifest(
        folder, facts.month, facts.region, published(), sums, assumed, facts.synthetic, facts.lacking
    )
    write_manifest(folder, manifest)


def assemble_all(spark: SparkSession, releases: Path, facts: Mapping[Unit, ReleaseFacts]) -> dict[Unit, str]:
    """Assemble every unit, in parallel; the sentences of those that could not be, by unit."""
    if not facts:
        return {}

    def work(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            errors = [_error(releases, facts[row["month"], row["region"]]) for row in batch.to_pylist()]
            yield batch.append_column("error", pa.array(errors, pa.string()))

    frame = spark.createDataFrame(sorted(facts), "month string, region string")
    spread = frame.repartition(min(len(facts), 2 * spark.sparkContext.defaultParallelism))
    done = spread.mapInArrow(work, "month string, region string, error string").collect()
    return {(row["month"], row["region"]): row["error"] for row in done if row["error"] is not None}


def put_in_place(releases: Path, unit: Unit) -> None:
    """Let an assembled release take the place of the earlier one."""
    take_place(staging_folder(releases, *unit), final_folder(releases, *unit))


def _error(releases: Path, facts: ReleaseFacts) -> str | None:
    try:
        assemble(staging_folder(releases, facts.month, facts.region[0]), facts)
    except DrgError as error:
        return str(error)
    return None


def _notes(folder: Path, facts: ReleaseFacts) -> list[Note]:
    names = ("scheme", "rule_pack", "policy_version", "weight_version", "rate_version")
    found = distinct_values(folder / "case_payment.parquet", names)
    titles = ("分组方案", "规则包", "政策版本", "权重版本", "费率版本")
    notes = [Note("统筹区", f"{facts.region[1]}（{facts.region[0]}）"), Note("结算月", facts.month)]
    notes += [Note(title, "、".join(found[name])) for name, title in zip(names, titles, strict=True)]
    if facts.lacking:
        names_lacking = "、".join(f"{code} {facts.names.regions.get(code, '')}".strip() for code in facts.lacking)
        notes.append(Note("暂定", f"本月尚缺 {names_lacking}，同病组比较为暂定，补齐后重新发布"))
    if facts.synthetic:
        notes.append(Note("虚构数据", "清单为程序生成（drg synth），不是任何地区的实际结算"))
    return [
        *notes,
        Note("金额单位", "元，四舍五入到分"),
        Note("病例明细", "见同一文件夹 case_payment.parquet；不含姓名、证件号、人员键、就诊键和出院日期"),
        Note("基金账户", "含本区医疗机构收治病例的应付，以及本区参保人在省内其他统筹区住院由本区基金承担的应付"),
        Note("退回清单", "逐条原因见同名工作表；各医疗机构的文件见 returned_lists 文件夹，可直接转发给该机构"),
        Note("清单质量", f"申报时效以结算后{LATE_DAYS}天为限，该天数和各项指标口径没有公布来源，为假定"),
        Note("小格保护", f"其他统筹区病例数少于 {SMALL_CELL} 的格不列出；可由减法推出时，全省数一并不列"),
        Note("数据性质", "参数表中标为“假定”的取值没有公布来源，仅供测算，正式结算前须由统筹区核定"),
    ]
