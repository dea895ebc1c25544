"""A synthetic province: deliveries of every region and month, registers, budgets, and the truth in its own folder."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from drg.doors.config import Province
from drg.errors import ConfigError, StorageError
from drg.group.pack import AMBIGUOUS_SUFFIX
from drg.land.workflows import DISPUTE_COLUMNS, NOTICE_COLUMNS
from drg.policy import PolicyBook
from drg.synth.applications import APPLICATION_COLUMNS, admitted
from drg.synth.assumptions import Rates
from drg.synth.budget import BUDGET_COLUMNS, REGISTER_COLUMNS, budget_rows, register_rows
from drg.synth.catalogue import UNGROUPED
from drg.synth.reviews import AUDIT_COLUMNS, PERFORMANCE_COLUMNS, audit_rows, performance_rows
from drg.synth.truth import Truth, truth_of
from drg.synth.unit import Task, Written, draw_unit
from drg.synth.workflows import dispute_rows, next_month, notice_rows
from drg.synth.writers import SUFFIX

FORMATS = tuple(SUFFIX)
SCHEME = "chs-drg-2.0"


@dataclass(frozen=True)
class Drawn:
    """What was drawn: lists asked for, records delivered (with duplicates, corrections, reversals), files, folders."""

    lists: int
    records: int
    files: int
    out: Path
    truth: Path


def draw_province(
    province: Province,
    months: Sequence[str],
    lists: int,
    seed: int,
    formats: Sequence[str],
    out: Path,
    truth: Path,
    regions: Sequence[str] = (),
    processes: int = 1,
    say: Callable[[str], None] | None = None,
    rates: Rates | None = None,
    scheme: str = SCHEME,
) -> Drawn:
    """Write the deliveries of some months as the regions would send them, and the truth behind them.

    The same arguments give the same bytes whatever `processes` is: each region and month draws from its own streams of
    random numbers. `lists` settlements are spread over months and regions exactly; corrections, reversals and
    duplicates come on top. Formats go round the regions of the province. `regions` limits the draw to some of them.
    Existing deliveries of the same regions and months are replaced.

    Raises ConfigError for no list, no month or months not in order, an unknown region or format, or a province without
    sizes in conf/synth; StorageError when a folder or file cannot be written.
    """
    chosen = tuple(sorted(set(regions))) or province.region_codes()
    _check(province, tuple(months), lists, tuple(formats), chosen, processes)
    known, book = truth_of(province, seed, scheme, int(months[-1][:4])), PolicyBook.load_default()
    tasks = [
        Task(province, scheme, seed, region, month, tuple(months), count, _format_of(province, region, formats),
             rates or Rates(), out, truth, admitted(book, region, month))
        for (month, region), count in allot(lists, months, {code: known.size[code] for code in chosen}).items()
    ]  # fmt: skip
    try:
        results = _draw_all(tasks, processes, lists, say)
        files = _manifests(out, results)
        for region in chosen:
            own, hospitals, folder = [w for w in results if w.region == region], known.hospitals[region], out / region
            _csv(folder / "hospital_register.csv", REGISTER_COLUMNS, register_rows(region, hospitals))
            budgets = budget_rows(region, tuple(months), [written.sums for written in own], seed)
            _csv(folder / "fund_budget.csv", BUDGET_COLUMNS, budgets)
            asked = sorted(row for written in own for row in written.applications)
            _csv(folder / "case_application.csv", APPLICATION_COLUMNS, asked)
            reviews = performance_rows(book, region, months, hospitals, seed)
            _csv(folder / "performance.csv", PERFORMANCE_COLUMNS, reviews)
            _csv(folder / "audit_deduction.csv", AUDIT_COLUMNS, audit_rows(region, months, hospitals, seed))
            drgs = [drg for drg in known.catalogue().drgs if not drg.endswith(AMBIGUOUS_SUFFIX) and drg != UNGROUPED]
            disputes = dispute_rows(region, [case for written in own for case in written.disputable], drgs)
            _csv(folder / "case_dispute.csv", DISPUTE_COLUMNS, disputes)
            notices = notice_rows(region, months[-1], hospitals.codes, drgs)
            _csv(folder / "warning_notice.csv", NOTICE_COLUMNS, notices)
        _write_truth(truth, known)
    except OSError as error:
        where = error.filename or out
        raise StorageError(
            f"{where} cannot be written ({error.strerror or error}); free some space or choose another folder"
        ) from error
    return Drawn(lists, sum(entry["records"] for entry in files), len(files), out, truth)


def allot(lists: int, months: Sequence[str], size: dict[str, float]) -> dict[tuple[str, str], int]:
    """Lists of each month and region: by size, equal over months, by largest remainder; adds up exactly."""
    whole = sum(size.values()) * len(months)
    exact = {(month, region): lists * share / whole for month in months for region, share in size.items()}
    counts = {key: int(value) for key, value in exact.items()}
    ranked = sorted(exact, key=lambda key: (counts[key] - exact[key], key))
    for key in ranked[: lists - sum(counts.values())]:
        counts[key] += 1
    return counts


def _check(
    province: Province,
    months: tuple[str, ...],
    lists: int,
    formats: tuple[str, ...],
    regions: tuple[str, ...],
    processes: int,
) -> None:
    if lists < 1 or processes < 1:
        raise ConfigError(f"{lists} lists with {processes} processes cannot be drawn; ask for at least one of each")
    if not months or list(months) != sorted(set(months)):
        raise ConfigError(f"months {', '.join(months) or '(none)'} are not in ascending order; name each month once")
    for name in formats or ("(none)",):
        if name not in FORMATS:
            raise ConfigError(f"format {name} is not known; the formats are {', '.join(FORMATS)}")
    for code in regions:
        province.name_of(code)
        if code == province.code:
            raise ConfigError(f"{code} is the province itself; name its pooling regions")


def _clear(folder: Path) -> None:
    for path in sorted(folder.glob("*")) if folder.is_dir() else []:
        if path.is_file():
            path.unlink()


def _format_of(province: Province, region: str, formats: Sequence[str]) -> str:
    """Formats go round the regions of the whole province, so that a region keeps its format in a partial draw."""
    return formats[province.region_codes().index(region) % len(formats)]


def _draw_all(tasks: list[Task], processes: int, lists: int, say: Callable[[str], None] | None) -> list[Written]:
    for task in tasks:
        _clear(task.out / task.region / task.month)
    results: list[Written] = []
    done = 0
    for written in _drawn(tasks, processes):
        results.append(written)
        before, done = done, done + written.count
        if say and done * 10 // lists > before * 10 // lists:
            say(f"drawn {done:,} of {lists:,} lists")
    return results


def _drawn(tasks: list[Task], processes: int) -> Iterator[Written]:
    """Results of all units, in no particular order."""
    if processes == 1:
        yield from map(draw_unit, tasks)
        return
    # Spawned workers hold nothing of this process, so a Spark session here cannot disturb them; large units go first.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        waiting = [pool.submit(draw_unit, task) for task in sorted(tasks, key=lambda task: -task.count)]
        try:
            for future in as_completed(waiting):
                yield future.result()
        finally:
            for future in waiting:
                future.cancel()


def _manifests(out: Path, results: list[Written]) -> list[dict[str, Any]]:
    """One delivery.json a region and month; delivered on the tenth of the month after."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for written in results:
        for month, entries in written.files.items():
            found.setdefault((written.region, month), []).extend(entries)
    for (region, month), entries in found.items():
        manifest = {
            "region_code": region,
            "delivery_month": month,
            "delivered_at": f"{next_month(month)}-10T08:00:00+08:00",
            "files": sorted(entries, key=lambda entry: str(entry["name"])),
        }
        text = json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"
        (out / region / month / "delivery.json").write_text(text, encoding="utf-8")
    return [entry for entries in found.values() for entry in entries]


def _csv(path: Path, columns: Sequence[str], rows: list[tuple[str, ...]]) -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(buffer.getvalue(), encoding="utf-8")


def _write_truth(folder: Path, truth: Truth) -> None:
    """The truth that no step may read: group weights, price levels, hospital effects."""
    folder.mkdir(parents=True, exist_ok=True)
    source = truth.catalogue()
    pq.write_table(pa.table({"drg": source.drgs, "weight": truth.weight}), folder / "drg_weight.parquet")
    prices = {"region_code": list(truth.price), "price_level": list(truth.price.values())}
    pq.write_table(pa.table(prices), folder / "price_level.parquet")
    rows = [
        {
            "region_code": region,
            "hospital_code": code,
            "hospital_level": int(level),
            "effect": float(effect),
            "share": float(share),
        }
        for region, some in truth.hospitals.items()
        for code, level, effect, share in zip(some.codes, some.level, some.effect, some.share, strict=True)
    ]
    pq.write_table(pa.Table.from_pylist(rows), folder / "hospital_effect.parquet")
