"""The Excel workbook of a release: what a person of the region opens. Chinese sheets and headings from the
contracts.

Case rows are not in it (they are in case_payment.parquet); the finest grain is the hospital. Amounts are
Excel numbers: a cell holds 15 significant digits, every amount of a region to the fen. No clock: the same
release gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
import xlsxwriter

from drg.contracts import Column
from drg.money import half_up
from drg.publish.content import Published, published
from drg.publish.manifest import AssumedParameter
from drg.publish.returned import HEADINGS
from drg.words import word

# Fixed, so that a workbook does not change with the day it is written.
CREATED = datetime(2025, 1, 1, tzinfo=UTC)
MOST_ROWS = 100_000
_REGION_COLUMNS = ("region_code", "insured_region_code")
_ADDED_TITLES = {"hospital_code": "定点医药机构名称", "drg": "病组名称"}
_YEARS = ("settlement_year",)


@dataclass(frozen=True)
class Names:
    """The names a reader needs beside codes."""

    regions: dict[str, str] = field(default_factory=dict)
    hospitals: dict[str, str] = field(default_factory=dict)
    drgs: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Note:
    """One line of sheet 说明."""

    title: str
    text: str


def write_workbook(
    folder: Path,
    month: str,
    region: tuple[str, str],
    names: Names,
    notes: Sequence[Note],
    assumed: Sequence[AssumedParameter],
    returned: Sequence[Sequence[str | int]],
) -> Path:
    """Write `<folder>/<region>_<month>.xlsx` from the Parquet files beside it; its path.

    `returned` are the rows of sheet 退回清单, see `drg.publish.returned`.
    """
    path = folder / f"{region[0]}_{month}.xlsx"
    tables = {item.table: item for item in published()}
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        book.set_properties({"title": f"{region[1]} {month} DRG结算", "created": CREATED})
        writer = _Writer(book, folder, names)
        writer.summary(f"{region[1]}（{region[0]}） {month} 结算汇总", tables["hospital_settlement"])
        writer.table("医院结算", tables["hospital_settlement"])
        writer.table("基金账户", tables["fund_account"])
        writer.table("清算后差额", tables["payment_adjustment"])
        writer.table("权重", tables["drg_weight"])
        writer.table("费率", tables["region_rate"])
        writer.table("当月点值", tables["month_point_value"])
        writer.table("同病组比较", tables["drg_region_comparison"], own_region=region[0])
        writer.plain("退回清单", (HEADINGS[0], _ADDED_TITLES["hospital_code"], *HEADINGS[1:]), returned)
        writer.table("清单质量", tables["list_quality"])
        writer.table("整月审核", tables["intake_finding"])
        writer.table("争议", tables["case_dispute"])
        writer.table("预警", tables["warning_notice"])
        writer.notes(notes, assumed)
    return path


class _Writer:
    def __init__(self, book: Any, folder: Path, names: Names):
        self._book, self._folder, self._names = book, folder, names
        common = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "top"}
        self._title = book.add_format(common | {"bold": True, "font_size": 14})
        head = {"bold": True, "bg_color": "#1F4E5F", "font_color": "#FFFFFF", "text_wrap": True, "border": 1}
        self._head = book.add_format(common | head)
        self._text = book.add_format(common)
        self._wrapped = book.add_format(common | {"text_wrap": True})
        self._year = book.add_format(common | {"num_format": "0"})
        self._numbers = {
            scale: book.add_format(common | {"num_format": "#,##0" + ("." + "0" * scale if scale else "")})
            for scale in range(9)
        }

    def table(self, title: str, item: Published, own_region: str | None = None) -> None:
        """One sheet: the columns of a published file, with the names of hospitals and groups beside their
        codes.
        """
        rows = pq.read_table(self._folder / item.file_name)
        if own_region is not None:
            rows = rows.filter(pc.equal(rows["region_code"], own_region))
        sheet = self._sheet(title, item.columns())
        shown = rows.slice(0, MOST_ROWS)
        for number, row in enumerate(shown.to_pylist(), 1):
            self._row(sheet, number, item.columns(), row)
        if rows.num_rows > MOST_ROWS:
            text = f"此处列出前 {MOST_ROWS:,} 行，共 {rows.num_rows:,} 行；全部见 {item.file_name}"
            sheet.write_string(MOST_ROWS + 1, 0, text, self._text)
        last = self._width(item.columns()) - 1
        sheet.autofilter(0, 0, max(shown.num_rows, 1), last)

    def plain(self, title: str, headings: Sequence[str], rows: Sequence[Sequence[str | int]]) -> None:
        """One sheet of rows that are told as they stand; where they are cut off it says where all of them are."""
        sheet = self._book.add_worksheet(title)
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        for place, heading in enumerate(headings):
            sheet.set_column(place, place, 60 if heading == "说明" else 22)
            sheet.write_string(0, place, heading, self._head)
        for number, row in enumerate(rows, 1):
            for place, value in enumerate(row):
                if isinstance(value, int):
                    sheet.write_number(number, place, value, self._numbers[0])
                else:
                    sheet.write_string(number, place, value, self._text)
        if len(rows) >= MOST_ROWS:
            text = f"此处列出前 {MOST_ROWS:,} 行；全部见 returned_lists 文件夹"
            sheet.write_string(MOST_ROWS + 1, 0, text, self._text)
        sheet.autofilter(0, 0, max(len(rows), 1), len(headings) - 1)

    def summary(self, title: str, hospitals: Published) -> None:
        """结算汇总: the sums of the month by fund and hospital level; funds are never added up."""
        rows = pq.read_table(self._folder / hospitals.file_name).to_pylist()
        sheet = self._book.add_worksheet("结算汇总")
        sheet.set_column(0, 2, 12)
        sheet.set_column(3, 18, 16)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.write_string(0, 0, title, self._title)
        titles = {column.name: column.title for column in hospitals.columns()}
        counts = (
            "n_cases",
            "n_normal",
            "n_low_outlier",
            "n_high_outlier",
            "n_not_grouped",
            "n_unstable",
            "n_outside_drg",
        )
        amounts = (
            "total_cost",
            "standard",
            "patient_and_other_paid",
            "fund_payment",
            "withheld",
            "adjustment",
            "payable",
            "gain_loss",
        )
        head = [titles["fund"], titles["hospital_level"], "医疗机构数"]
        head += [titles[name] for name in (*counts, "weight_sum", "cmi", *amounts)]
        for place, text in enumerate(head):
            sheet.write_string(2, place, text, self._head)
        line = 3
        for fund in sorted({row["fund"] for row in rows}):
            of_fund = [row for row in rows if row["fund"] == fund]
            for level in [*sorted({row["hospital_level"] for row in of_fund}), None]:
                part = [row for row in of_fund if level in (None, row["hospital_level"])]
                self._summary_line(sheet, line, fund, level, part, counts, amounts)
                line += 1

    def _summary_line(
        self,
        sheet: Any,
        line: int,
        fund: str,
        level: str | None,
        part: list[dict[str, Any]],
        counts: Sequence[str],
        amounts: Sequence[str],
    ) -> None:
        weight = sum((row["weight_sum"] for row in part), Decimal(0))
        # A CMI of 6 decimals gives back the number of cases it is the mean of.
        weighted = sum(int(half_up(row["weight_sum"] / row["cmi"], 0)) for row in part if row["cmi"])
        sheet.write_string(line, 0, word("fund", fund), self._text)
        sheet.write_string(line, 1, word("hospital_level", level) if level else "合计", self._text)
        sheet.write_number(line, 2, len({row["hospital_code"] for row in part}), self._numbers[0])
        place = 3
        for name in counts:
            sheet.write_number(line, place, sum(row[name] for row in part), self._numbers[0])
            place += 1
        sheet.write_number(line, place, float(weight), self._numbers[4])
        if weighted:
            sheet.write_number(line, place + 1, float(weight / weighted), self._numbers[4])
        place += 2
        for name in amounts:
            total = sum((row[name] for row in part), Decimal(0))
            sheet.write_number(line, place, float(total), self._numbers[2])
            place += 1

    def notes(self, notes: Sequence[Note], assumed: Sequence[AssumedParameter]) -> None:
        """说明: what the figures rest on, and every parameter nobody published."""
        sheet = self._book.add_worksheet("说明")
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, 1, 26)
        sheet.set_column(2, 2, 22)
        sheet.set_column(3, 3, 70)
        sheet.write_string(0, 0, "说明", self._title)
        line = 2
        for note in notes:
            sheet.write_string(line, 0, note.title, self._text)
            sheet.write_string(line, 1, note.text, self._text)
            line += 1
        line += 1
        for place, text in enumerate(("假定参数", "名称", "取值", "来源")):
            sheet.write_string(line, place, text, self._head)
        for parameter in assumed:
            line += 1
            texts = (parameter.name, parameter.title, parameter.value, parameter.source)
            for place, text in enumerate(texts):
                sheet.write_string(line, place, text, self._wrapped)
        if not assumed:
            sheet.write_string(line + 1, 0, "无：所有参数均有公布来源", self._text)

    def _sheet(self, title: str, columns: Iterable[Column]) -> Any:
        sheet = self._book.add_worksheet(title)
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        place = 0
        for column in columns:
            for heading in (column.title, _ADDED_TITLES.get(column.name)):
                if heading is not None:
                    wide = 26 if column.type.startswith(("string", "array")) else 14
                    sheet.set_column(place, place, max(wide, 2 * len(heading) + 2) if wide == 14 else wide)
                    sheet.write_string(0, place, heading, self._head)
                    place += 1
        return sheet

    def _width(self, columns: Iterable[Column]) -> int:
        return sum(2 if column.name in _ADDED_TITLES else 1 for column in columns)

    def _row(self, sheet: Any, number: int, columns: Iterable[Column], row: dict[str, Any]) -> None:
        place = 0
        for column in columns:
            value = row[column.name]
            self._cell(sheet, number, place, column, value)
            place += 1
            if column.name in _ADDED_TITLES:
                names = self._names.hospitals if column.name == "hospital_code" else self._names.drgs
                sheet.write_string(number, place, names.get(value, ""), self._text)
                place += 1

    def _cell(self, sheet: Any, line: int, place: int, column: Column, value: Any) -> None:
        if value is None:
            sheet.write_blank(line, place, None, self._text)
        elif isinstance(value, Decimal):
            scale = min(-int(value.as_tuple().exponent), 8)
            sheet.write_number(line, place, float(value), self._numbers[scale])
        elif isinstance(value, bool):
            sheet.write_string(line, place, "是" if value else "否", self._text)
        elif isinstance(value, int):
            style = self._year if column.name in _YEARS else self._numbers[0]
            sheet.write_number(line, place, value, style)
        elif isinstance(value, date):
            sheet.write_string(line, place, value.isoformat(), self._text)
        elif isinstance(value, list):
            sheet.write_string(line, place, "、".join(value), self._text)
        elif column.name in _REGION_COLUMNS:
            text = f"{value} {self._names.regions.get(value, '')}".strip()
            sheet.write_string(line, place, text, self._text)
        else:
            sheet.write_string(line, place, word(column.name, value), self._text)
