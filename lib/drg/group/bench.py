"""What the kernel achieves: agreement with the conformance cases, its rate and the time to compile a pack."""

from __future__ import annotations

import csv
import gzip
import io
import statistics
import time
from pathlib import Path

import pyarrow as pa

from drg.group.casefile import read_cases
from drg.group.compile import compile_pack
from drg.group.kernel import CompiledPack
from drg.group.pack import load_pack, read_pack


def conformance(pack: CompiledPack, path: Path) -> tuple[int, int]:
    """How many conformance cases get the MDC, ADRG and DRG the file expects, and how many there are.

    The file is a CSV of cases (see `drg.group.casefile`) with the columns mdc, adrg and drg; mdc and adrg are empty
    for an ungrouped case.
    """
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
        rows = csv.DictReader(io.TextIOWrapper(stream, encoding="utf-8"))
        expected = [(row["mdc"] or None, row["adrg"] or None, row["drg"]) for row in rows]
    found: list[tuple[str | None, ...]] = []
    for cases in read_cases(path):
        groups = pack.group(cases.kernel).select(["mdc", "adrg", "drg"])
        found.extend(zip(*(column.to_pylist() for column in groups.columns), strict=True))
    return sum(a == b for a, b in zip(expected, found, strict=True)), len(expected)


def kernel_rate(scheme: str, path: Path, batch: int = 50_000, runs: int = 9) -> float:
    """Cases a second and core, with reasons: a batch of conformance cases in turn, median of `runs` after a warm-up.

    Process CPU time is measured, so that what else the machine does counts little.
    """
    pack = compile_pack(load_pack(scheme))
    cases = pa.Table.from_batches([part.kernel for part in read_cases(path)])
    repeated = pa.concat_tables([cases] * -(-batch // cases.num_rows)).slice(0, batch).combine_chunks()
    record = repeated.to_batches()[0]
    seconds = []
    for run in range(runs + 1):
        began = time.process_time()
        pack.group(record)
        if run:
            seconds.append(time.process_time() - began)
    return batch / statistics.median(seconds)


def compile_seconds(scheme: str, runs: int = 3) -> float:
    """CPU seconds from the files of a pack, read and checked anew, to the compiled pack; median of `runs`."""
    seconds = []
    for _ in range(runs):
        began = time.process_time()
        compile_pack(read_pack(scheme))
        seconds.append(time.process_time() - began)
    return statistics.median(seconds)
