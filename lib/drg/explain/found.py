"""What the tables hold of one list; read by its settlement id, without the raw record and without persons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pyspark.sql import functions as F

from drg.doors.config import Province
from drg.doors.tables import Lake
from drg.validate.parse import AMOUNTS, parse

Row = dict[str, Any]
_KEYED = ("person_key", "mdtrt_key", "cert_key")
# Fields of a record whose received value may be told: codes of the case, its hospital and fund, and amounts. Nothing
# that names or describes a person, no day, no id.
_TOLD = frozenset({"med_type", "dscg_way", "insutype", "insu_admdvs", "fixmedins_code", "vali_flag", "stas_type",
                   *AMOUNTS.values()})  # fmt: skip
_MOST_TOLD = 40


@dataclass
class Found:
    """Rows of one list by table.

    Attributes:
        accepted: its row of settlement_list, None when it is not a live, fit list.
        grouped: its groups, one a scheme.
        payment: its row of case_payment.
        dispute: its row of case_dispute.
        booked: its rows of payment_adjustment, in the order they were booked.
        rejected: its received records that are not live or not fit, in the order they came.
        flags: findings that did not keep it from being settled.
        reversals: ids of reversals that name it, with the delivery they came in.
        received: what stood in the field of the newest refusal, "" for nothing; None where it is not told.
    """

    accepted: Row | None = None
    grouped: list[Row] = field(default_factory=list)
    payment: Row | None = None
    dispute: Row | None = None
    booked: list[Row] = field(default_factory=list)
    rejected: list[Row] = field(default_factory=list)
    flags: list[Row] = field(default_factory=list)
    reversals: list[tuple[str, str]] = field(default_factory=list)
    received: str | None = None

    @property
    def anything(self) -> bool:
        """Whether any table knows the list."""
        return self.accepted is not None or bool(self.rejected)

    @property
    def place(self) -> Row:
        """The row that says month, region and hospital."""
        return self.accepted if self.accepted is not None else self.rejected[-1]


def find(lake: Lake, list_id: str, province: Province, months: Sequence[str] | None = None) -> Found:
    """All rows of a list. Its first six digits usually name its region; all regions are searched if they do
    not.
    """
    region = list_id[:6]
    if region in province.region_codes():
        found = _find(lake, list_id, {"region_code": [region]}, months)
        if found.anything:
            return found
    return _find(lake, list_id, {}, months)


def _find(lake: Lake, list_id: str, where: dict[str, list[str]], months: Sequence[str] | None) -> Found:
    scope = where | ({"settlement_month": list(months)} if months else {})
    accepted = _rows(lake, "settlement_list", list_id, scope)
    found = Found(rejected=_rows(lake, "rejected_list", list_id, scope))
    if accepted:
        own = {name: [accepted[-1][name]] for name in ("settlement_month", "region_code")}
        found.accepted = {name: value for name, value in accepted[-1].items() if name not in _KEYED}
        found.grouped = _rows(lake, "grouped_case", list_id, own)
        found.payment = next(iter(_rows(lake, "case_payment", list_id, own)), None)
        found.dispute = next(iter(_rows(lake, "case_dispute", list_id, own)), None)
        found.flags = _rows(lake, "list_flag", list_id, own)
    if found.anything:
        found.booked = _rows(lake, "payment_adjustment", list_id, where)
    if any(row["reason_kind"] == "reversed" for row in found.rejected):
        found.reversals = _reversals(lake, list_id, where)
    if found.accepted is None and found.rejected:
        found.received = _received(lake, found.rejected[-1])
    return found


def _rows(lake: Lake, table: str, list_id: str, where: dict[str, list[str]]) -> list[Row]:
    if not lake.exists(table):
        return []
    rows = lake.read(table, None, **where).where(F.col("setl_id") == list_id).collect()
    order = ("settlement_month", "delivery_month", "file_name", "line_number", "check_id", "scheme")
    return sorted(
        (row.asDict(recursive=True) for row in rows), key=lambda r: [str(r.get(n, "")).zfill(12) for n in order]
    )


def _received(lake: Lake, row: Row) -> str | None:
    """The text received in the field a record was refused for, where that field may be told."""
    name = row["field"]
    if name not in _TOLD or row["reason_kind"] != "failed_check" or not lake.exists("landed_list"):
        return None
    place = {key: [row[key]] for key in ("delivery_month", "region_code")}
    landed = lake.read("landed_list", None, **place).where(
        (F.col("file_name") == row["file_name"]) & (F.col("line_number") == row["line_number"])
    )
    rows = landed.select("record_kind", "header", "raw").limit(1).toArrow()
    return (parse(rows)[name][0].as_py() or "")[:_MOST_TOLD] if rows.num_rows else None


def _reversals(lake: Lake, list_id: str, where: dict[str, list[str]]) -> list[tuple[str, str]]:
    if not lake.exists("landed_list"):
        return []
    received = lake.read("landed_list", None, **where).where(F.col("init_setl_id") == list_id)
    rows = received.select("setl_id", "delivery_month").distinct().collect()
    return sorted((row["setl_id"], row["delivery_month"]) for row in rows if row["setl_id"])


def one(lake: Lake, table: str, **where: Any) -> Row | None:
    """The single row of a small table with these values; None when there is none or no table."""
    if not lake.exists(table):
        return None
    frame = lake.read(table)
    for name, value in where.items():
        frame = frame.where(F.col(name) == value)
    rows = frame.limit(2).collect()
    return rows[0].asDict(recursive=True) if len(rows) == 1 else None
