"""What a hospital gets back of a month (退回清单): a file for Excel and one for its system, in every region's release.

    <release>/returned_lists/
        H51010000001.csv, .json         of one hospital of the region's register
        <region>_无法识别医疗机构.csv, .json   records that name no such hospital, for the region to pass on

Grain: one row a received record and finding. A record is 退回 (returned: to be corrected and sent again), 提示
(settled, with findings), 未采用 (another record counts; nothing to do) or 已更正 (returned, and settled since in a
version declared later). Nothing of the record itself stands in it but its settlement id, where that has the form of
one: a finding names the field, never what stood there.

The JSON has the names of the reply to transaction 4104 (清单质控结果). Their code lists are not published: `err_lv` is
R (refuses), W (flags) or N (for information), `retn_flag` 1 or 0, of a list whether it is to be sent again, of a
finding whether it refuses (assumed). `init_val` is always empty.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from drg.validate.checks import CHECKS
from drg.validate.degrees import REJECT, sentences

FOLDER = "returned_lists"
UNKNOWN = "无法识别医疗机构"
RETURNED, CORRECTED, NOT_USED, FLAGGED = STANDINGS = ("退回", "已更正", "未采用", "提示")
SEVERITY = {"R": "退回", "W": "提示", "N": "告知"}
HEADINGS = (
    "定点医药机构编号", "结算ID", "文件", "行", "规则编号", "严重程度", "字段", "说明", "处理结果", "更正后申报时间"
)  # fmt: skip

_CHINA = ZoneInfo("Asia/Shanghai")
_ID = re.compile(r"[0-9A-Za-z_-]{1,30}")
# Excel keeps 15 digits of what looks like a number; a blank before it makes it text.
_LONG_NUMBER = re.compile(r"\d{12,}")
_CATALOGUE = {check.id: number for number, check in enumerate(CHECKS)}
# A check that a region turned up says the sentence of its flag.
_TOLD = sentences(CHECKS, None)
_REFUSALS = {check.id: (check.field, _TOLD[f"{REJECT}:{check.id}"]) for check in CHECKS}
_PLACE = ("delivery_month", "file_name", "line_number")
# Whose settlement is not settled now, so that no earlier version of it was corrected.
_NOT_SETTLED = ("failed_check", "reversed", "reversal")
_REJECTED = (*_PLACE, "setl_id", "hospital_code", "reason_kind", "check_id", "field", "message", "failed_checks",
             "returned_for", "replaced_at")  # fmt: skip
_FLAGS = (*_PLACE, "setl_id", "hospital_code", "check_id", "severity", "field", "message")


@dataclass(frozen=True)
class Finding:
    """One finding on one received record, and what became of the record."""

    hospital_code: str
    setl_id: str
    place: tuple[str, str, int]
    check_id: str
    severity: str
    field: str
    message: str
    standing: str
    replaced_at: str = ""

    def cells(self) -> tuple[str | int, ...]:
        """The values under `HEADINGS`."""
        file, line = self.place[1:]
        told = (self.check_id, SEVERITY[self.severity], self.field, self.message, self.standing, self.replaced_at)
        return (self.hospital_code, self.setl_id, file, line, *told)


def write_returned(
    folder: Path, month: str, region_code: str, hospitals: dict[str, str], checks_version: str, most: int
) -> list[tuple[str | int, ...]]:
    """Write the files of all hospitals from the Parquet files of the release; the rows for its workbook.

    `hospitals` are code -> name as in the register of the region, `checks_version` the catalogue that judged the lists.
    The workbook has at most `most` rows, what is to be corrected first.
    """
    rejected = pq.read_table(folder / "rejected_list.parquet", columns=list(_REJECTED))
    flags = pq.read_table(folder / "list_flag.parquet", columns=list(_FLAGS))
    (folder / FOLDER).mkdir()
    shown: dict[str, list[tuple[str | int, ...]]] = {standing: [] for standing in STANDINGS}
    for code, findings in by_hospital(rejected, flags, hospitals):
        name = hospitals.get(code, UNKNOWN)
        path = folder / FOLDER / (code or f"{region_code}_{UNKNOWN}")
        _write_csv(path.with_suffix(".csv"), findings)
        reply = as_reply(month, code, name, checks_version, findings)
        text = json.dumps(reply, ensure_ascii=False, indent=1) + "\n"
        path.with_suffix(".json").write_text(text, encoding="utf-8")
        for one in findings:
            if len(shown[one.standing]) < most:
                shown[one.standing].append((one.hospital_code, name, *one.cells()[1:]))
    return [row for standing in STANDINGS for row in shown[standing]][:most]


def by_hospital(rejected: pa.Table, flags: pa.Table, hospitals: Collection[str]) -> Iterator[tuple[str, list[Finding]]]:
    """Each hospital of the register with its findings, in the order of the codes; "" holds what names none of them.

    What is to be corrected comes first, then by place in the deliveries, refusals before flags, by the catalogue.
    """
    warned = flags.filter(pc.equal(flags["severity"], "W"))
    open_ids = rejected.filter(pc.is_in(rejected["reason_kind"], value_set=pa.array(_NOT_SETTLED)))
    not_settled = frozenset(open_ids["setl_id"].to_pylist())
    refused_of, warned_of = _by_owner(rejected, hospitals), _by_owner(warned, hospitals)
    for code in sorted(refused_of.keys() | warned_of.keys()):
        refused = refused_of[code].to_pylist() if code in refused_of else []
        returned = {_place(row) for row in refused if row["reason_kind"] == "failed_check"}
        found = [one for row in refused for one in _of_refused(row, not_settled)]
        for row in warned_of[code].to_pylist() if code in warned_of else []:
            standing = RETURNED if _place(row) in returned else FLAGGED
            found.append(_finding(row, row["check_id"], "W", row["field"], row["message"], standing))
        yield code, sorted(found, key=_order)


def as_reply(month: str, code: str, name: str, checks_version: str, findings: Sequence[Finding]) -> dict[str, Any]:
    """The findings of a hospital in the shape of the reply to transaction 4104, one entry a received record."""
    data = []
    for place, group in groupby(findings, key=lambda one: one.place):
        own = list(group)
        entry = {
            "setl_ym": month.replace("-", ""),
            "setl_id": own[0].setl_id,
            "qltctrl_rslt": own[0].standing,
            "err_lv": min((one.severity for one in own), key="RWN".index),
            "retn_flag": "1" if own[0].standing == RETURNED else "0",
            "qltctrl_ver": checks_version,
            "file_name": place[1],
            "line_number": place[2],
        }
        if own[0].replaced_at:
            entry["dcla_time"] = own[0].replaced_at
        detail = [
            {
                "exam_data_fld": one.field,
                "qltctrl_chkrslt": f"{one.check_id} {one.message}",
                "err_lv": one.severity,
                "retn_flag": "1" if one.severity == "R" else "0",
                "init_val": "",
            }
            for one in own
        ]
        data.append(entry | {"detail": detail})
    return {"setl_ym": month.replace("-", ""), "fixmedins_code": code, "fixmedins_name": name, "data": data}


def _of_refused(row: dict[str, Any], not_settled: Collection[str]) -> Iterator[Finding]:
    """The findings of a record that is not settled: one for each check that refuses it, else why it does not count."""
    kind, earlier = row["reason_kind"], row["returned_for"] or ()
    if kind == "superseded" and earlier and row["setl_id"] not in not_settled:
        replaced_at = _clock(row["replaced_at"])
        for check in earlier:
            field, message = _REFUSALS.get(check, ("", ""))
            yield _finding(row, check, "R", field, message, CORRECTED, replaced_at)
    elif kind in ("failed_check", "unreadable"):
        for check in row["failed_checks"]:
            first = check == row["check_id"]
            field, message = (row["field"], row["message"]) if first else _REFUSALS.get(check, ("", ""))
            yield _finding(row, check, "R", field, message, RETURNED)
    else:
        yield _finding(row, row["check_id"], "N", row["field"], row["message"], NOT_USED)


def _finding(
    row: dict[str, Any], check: str, severity: str, field: str | None, message: str, standing: str, again: str = ""
) -> Finding:
    setl_id = row["setl_id"] or ""
    shown = setl_id if _ID.fullmatch(setl_id) else ""
    hospital = row["hospital_code"] or ""
    return Finding(hospital, shown, _place(row), check, severity, field or "", message, standing, again)


def _order(one: Finding) -> tuple[int, tuple[str, str, int], str, int, str]:
    catalogue = _CATALOGUE.get(one.check_id, len(_CATALOGUE))
    return STANDINGS.index(one.standing), one.place, one.severity, catalogue, one.check_id


def _place(row: dict[str, Any]) -> tuple[str, str, int]:
    return row["delivery_month"], row["file_name"], row["line_number"]


def _clock(moment: datetime | None) -> str:
    return "" if moment is None else moment.astimezone(_CHINA).strftime("%Y-%m-%d %H:%M:%S")


def _by_owner(rows: pa.Table, hospitals: Collection[str]) -> dict[str, pa.Table]:
    """The rows of each hospital of the register, and under "" those of none."""
    known = pc.is_in(rows["hospital_code"], value_set=pa.array(sorted(hospitals), pa.string()))
    owner = pc.if_else(known, rows["hospital_code"], "")
    ordered = rows.append_column("_owner", owner).sort_by("_owner")
    found, start = {}, 0
    for entry in pc.value_counts(ordered["_owner"]).to_pylist():
        found[entry["values"]] = ordered.slice(start, entry["counts"])
        start += entry["counts"]
    return found


def _write_csv(path: Path, findings: Sequence[Finding]) -> None:
    """UTF-8 with a byte order mark, so that Excel reads the Chinese; long numbers as text."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(HEADINGS)
        for one in findings:
            writer.writerow([f"\t{c}" if isinstance(c, str) and _LONG_NUMBER.fullmatch(c) else c for c in one.cells()])
