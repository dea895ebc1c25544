"""Front pages as hospitals report them to HQMS (病案首页, 医院质量监测系统) as cases, for a dry run of the grouping.

One CSV row a stay, a header line of field codes, some 800 columns, UTF-8 or GB18030 as declared. Read are:

    A48 A49         record number and number of the admission: the case_id, joined by -
    A12C A14 A16    sex, age in years, age in days under one year
    A17             admission weight of a newborn, g
    C03C C06x01C..C06x40C    principal and other diagnoses
    C14x01C C35x01C..C35x40C main and other operations

and nothing else: names and id numbers stay in the file. The codes are of the clinical edition (国临版), mapped to
the insurance edition once; a cell that is no code at all may be anything, a name included, and becomes `?`, which no
list has. Such files hold no settlement: they are grouped to see what the grouping does, and never settled.
"""

from __future__ import annotations

import csv
import functools
import io
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow as pa

from drg.group.casefile import COLUMNS, ROWS, SEXES, CaseFileError, opened
from drg.group.icd import load_icd
from drg.validate.codes import DIAGNOSIS_FORM, PROCEDURE_FORM, CodeList

ENCODINGS = {"utf-8": "utf-8-sig", "gb18030": "gb18030"}
NO_CODE = "?"
# What a front page holds where there is nothing to say.
_NOTHING = ("", "-", "—", "－", "--", "/", "无")
_OTHERS = 40
_DIAGNOSES = ("C03C", *(f"C06x{number:02d}C" for number in range(1, _OTHERS + 1)))
_PROCEDURES = ("C14x01C", *(f"C35x{number:02d}C" for number in range(1, _OTHERS + 1)))
_NEEDED = ("A48", "A12C", "A14", "C03C")
_READ = (*_NEEDED, "A49", "A16", "A17", *_DIAGNOSES[1:], *_PROCEDURES)
_WHOLE = re.compile(r"(\d{1,9})(\.0+)?")
Row = tuple[str, ...]


def front_pages(source: Path, encoding: str) -> Iterator[pa.RecordBatch]:
    """The stays of a file as batches of cases in the columns of `drg.group.casefile`, in the order of the file.

    Raises CaseFileError naming file, line, field and remedy, without values of persons.
    """
    rows: list[Row] = []
    for row in _cases(source, encoding):
        rows.append(row)
        if len(rows) == ROWS:
            yield _batch(rows)
            rows = []
    yield _batch(rows)


def _batch(rows: list[Row]) -> pa.RecordBatch:
    columns = zip(*rows, strict=True) if rows else ((),) * len(COLUMNS)
    return pa.RecordBatch.from_arrays([pa.array(column, pa.string()) for column in columns], names=list(COLUMNS))


def _cases(source: Path, encoding: str) -> Iterator[Row]:
    try:
        with opened(source) as stream:
            lines = csv.reader(io.TextIOWrapper(stream, encoding=ENCODINGS[encoding], newline=""))
            names = [name.strip() for name in next(lines, [])]
            places = _places(source, names)
            for cells in lines:
                if not cells:
                    continue
                where = f"{source} line {lines.line_num}"
                if len(cells) != len(names):
                    raise CaseFileError(f"{where}: {len(cells)} fields instead of {len(names)}; write one a column")
                yield _case({name: _bare(cells[place]) for name, place in places.items()}, where)
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise CaseFileError(
            f"{source} cannot be read as CSV in {encoding} ({type(error).__name__}); declare its encoding by "
            f"--encoding ({' or '.join(ENCODINGS)}), or write the file again"
        ) from None


def _places(source: Path, names: list[str]) -> dict[str, int]:
    """Where the columns stand that are read, by field code; upper or lower case is one."""
    known = {name.upper(): name for name in _READ}
    places: dict[str, int] = {}
    for place, name in enumerate(names):
        if code := known.get(name.upper()):
            if code in places:
                raise CaseFileError(f"{source} has the column {code} twice; keep it once")
            places[code] = place
    if missing := [name for name in _NEEDED if name not in places]:
        raise CaseFileError(
            f"{source} has no column {', '.join(missing)}; its first line holds the HQMS field codes, such as C03C"
        )
    return places


def _bare(text: str) -> str:
    bare = text.strip()
    return "" if bare in _NOTHING else bare


def _case(cells: Mapping[str, str], where: str) -> Row:
    if not cells["A48"]:
        raise CaseFileError(f"{where}, A48: the record number is blank; write it")
    if cells["A12C"] not in SEXES:
        raise CaseFileError(f"{where}, A12C: is none of {', '.join(SEXES)}; write the code of the sex")
    years, days = _whole(cells, "A14", where), _whole(cells, "A16", where)
    if not years and not days:
        raise CaseFileError(f"{where}, A14: the age is blank; write years, or days under one year in A16")
    years = years or "0"
    return (
        "-".join(part for part in (cells["A48"], cells.get("A49", "")) if part),
        cells["A12C"],
        years,
        # From one year on the days are what is left beside the years, if they are given at all.
        days if int(years) == 0 else "",
        _whole(cells, "A17", where),
        _codes(cells, _DIAGNOSES, _lists()[0]),
        _codes(cells, _PROCEDURES, _lists()[1]),
    )


def _whole(cells: Mapping[str, str], name: str, where: str) -> str:
    text = cells.get(name, "")
    found = _WHOLE.fullmatch(text)
    if text and not found:
        raise CaseFileError(f"{where}, {name}: is not a whole number of 0 or more; write one or leave it blank")
    return found.group(1) if found else ""


def _codes(cells: Mapping[str, str], names: tuple[str, ...], known: CodeList) -> str:
    """The codes of the insurance edition joined by |, the principal one first; without one the first is empty."""
    first, *others = (cells.get(name, "") for name in names)
    written = [_written(known, first) if first else "", *(_written(known, code) for code in others if code)]
    return "|".join(written)


def _written(known: CodeList, text: str) -> str:
    return known.clean(text, clinical=True)[0] or NO_CODE


@functools.cache
def _lists() -> tuple[CodeList, CodeList]:
    icd = load_icd()
    return (
        CodeList.of(icd.diagnoses, DIAGNOSIS_FORM, to_insurance=icd.diagnosis_to_insurance),
        CodeList.of(icd.procedures, PROCEDURE_FORM, to_insurance=icd.procedure_to_insurance),
    )
