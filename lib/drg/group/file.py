"""Grouping a file without Spark: `drg group IN --scheme S --out OUT`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from drg.errors import ConfigError
from drg.group.casefile import CaseFileError, Cases, keep, read_cases
from drg.group.compile import compile_pack
from drg.group.hqms import ENCODINGS, front_pages
from drg.group.kernel import EXCLUDED_TYPE, CompiledPack
from drg.group.pack import load_pack
from drg.group.reasons import GroupingStatus

READABLE = (".csv", ".csv.gz", ".parquet")
WRITABLE = (".csv", ".parquet")
OUTPUT_SCHEMA = pa.schema(
    [
        ("case_id", pa.string()),
        ("mdc", pa.string()),
        ("adrg", pa.string()),
        ("drg", pa.string()),
        ("status", pa.string()),
        ("reason_code", pa.string()),
        ("deciding_diagnosis", pa.string()),
        ("deciding_procedure", pa.string()),
        ("cc_level", pa.string()),
        ("cc_diagnosis", pa.string()),
        ("excluded_diagnoses", pa.list_(EXCLUDED_TYPE)),
        ("unknown_codes", pa.list_(pa.string())),
    ]
)
Write = Callable[[pa.Table], object]


def group_file(source: Path, scheme: str, out: Path, hqms: str | None = None) -> dict[str, int]:
    """Groups the cases of a CSV (.csv, .csv.gz) or Parquet file into another, in the order of the input.

    The input has the columns of `drg.group.casefile`; codes are compared as written. Each case gets its groups, the
    status, the reason and, in `unknown_codes`, its codes that are in no code list of the scheme. In CSV the excluded
    diagnoses are written code:level:exclusion set, and lists are joined by "|". The output appears only when all of it
    is written. `hqms` is the encoding of a CSV file of front pages (`drg.group.hqms`) in the place of cases.

    Returns the number of cases by status, all three statuses always. Raises ConfigError for a path that cannot be
    meant, RulePackError for an unknown scheme and CaseFileError, one sentence naming file, line, field and remedy, for
    anything else; the output is then untouched.
    """
    _check_paths(source, out)
    if hqms is not None and source.suffix == ".parquet":
        raise ConfigError(f"{source} is no CSV file; front pages of HQMS come as CSV")
    if hqms is not None and hqms not in ENCODINGS:
        raise ConfigError(f"encoding {hqms} is not known; use {' or '.join(ENCODINGS)}")
    pack = compile_pack(load_pack(scheme))
    counts = dict.fromkeys((status.value for status in GroupingStatus), 0)
    with _writer(out) as write:
        for cases in read_cases(source, front_pages(source, hqms) if hqms is not None else None):
            groups = _grouped(pack, cases)
            for found in pc.value_counts(groups.column("status")).to_pylist():
                counts[found["values"]] += found["counts"]
            write(groups)
    return counts


def _check_paths(source: Path, out: Path) -> None:
    if not source.name.endswith(READABLE):
        raise ConfigError(f"{source} is not a file of cases by its name; it ends in {' or '.join(READABLE)}")
    if not out.name.endswith(WRITABLE):
        raise ConfigError(f"{out} cannot be written by its name; end it in {' or '.join(WRITABLE)}")
    try:
        if not source.is_file():
            raise ConfigError(f"{source} is not a file; name a file of cases")
        if not out.parent.is_dir():
            raise ConfigError(f"{out.parent} is not a folder; create it, or write elsewhere")
        if out.exists() and out.samefile(source):
            raise ConfigError(f"{out} is the input too; write to another file")
    except OSError as error:
        # A folder without permission or a name too long is no answer of "not there".
        raise ConfigError(f"{error.filename} cannot be reached ({error.strerror}); name another path") from error


def _grouped(pack: CompiledPack, cases: Cases) -> pa.Table:
    groups = pack.group(cases.kernel)
    unknown = keep(cases.codes, pc.invert(pc.is_in(cases.codes.flatten(), value_set=pack.codes)))
    columns = {"case_id": cases.ids, "status": groups.column("grouping_status"), "unknown_codes": unknown}
    names = OUTPUT_SCHEMA.names
    arrays = [columns[name] if name in columns else groups.column(name) for name in names]
    return pa.Table.from_arrays(arrays, schema=OUTPUT_SCHEMA)


@contextmanager
def _writer(out: Path) -> Iterator[Write]:
    """Writes to a file beside `out` that takes its place at the end."""
    unfinished = out.with_name(f".{out.name}.unfinished")
    try:
        if out.suffix == ".parquet":
            with pq.ParquetWriter(unfinished, OUTPUT_SCHEMA) as parquet:
                yield parquet.write_table
        else:
            with unfinished.open("w", encoding="utf-8", newline="") as text:
                text.write(",".join(OUTPUT_SCHEMA.names) + "\n")
                yield lambda groups: text.write(_text(groups))
        unfinished.replace(out)
    except OSError as error:
        raise CaseFileError(f"{out} cannot be written ({error}); check space and permissions") from error
    finally:
        # What could not be opened cannot be removed either; the error that says so is under way already.
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)


def _text(groups: pa.Table) -> str:
    """The rows as lines of CSV; values are quoted only where they must be."""
    excluded = groups.column("excluded_diagnoses").combine_chunks()
    parts = excluded.flatten()
    codes = pc.binary_join_element_wise(*(parts.field(i) for i in range(parts.type.num_fields)), ":")
    lists = {
        "excluded_diagnoses": pa.ListArray.from_arrays(excluded.offsets, codes),
        "unknown_codes": groups.column("unknown_codes").combine_chunks(),
    }
    columns = []
    for name in groups.column_names:
        column = pc.binary_join(lists[name], "|") if name in lists else groups.column(name).combine_chunks()
        quoted = pc.binary_join_element_wise('"', pc.replace_substring(column, '"', '""'), '"', "")
        columns.append(pc.if_else(pc.match_substring_regex(column, '[",\r\n]'), quoted, column))
    lines = pc.binary_join_element_wise(*columns, ",", null_handling="replace", null_replacement="")
    return "".join(f"{line}\n" for line in lines.to_pylist())
