"""Lists put together from the rows of the centre's tables, one record a row of setl_list_d; no Spark here.

Every row that is read ends in exactly one place: in the message of its list, left out of it because it is marked as
deleted or not valid, or as an unreadable record of its own. `rows` counts them, so that nothing is lost. An unreadable
row spoils the lists it names, and says which damage it is of, so that one that names none is found.

Checks this stands for: settlement list quality rules (医疗保障基金结算清单质控规则) BT04, BT11, ID23, XL08, XL09.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import pyarrow as pa

from drg.land.dialect import written
from drg.land.layout import CHILD_TABLES, EXTRACT_TABLES, HEADER_TABLE, SETTLEMENT_FIELDS, SETTLEMENT_TABLE
from drg.land.records import BATCH_ROWS, SCHEMA, Record, record_columns

Row = dict[str, Any]

# Rows of landed_list, and how many rows of the tables each stands for. A row without `record_kind` is none of
# landed_list: it counts what is left out where no list is there to be left out of, or says that the `damage` of its
# file, a table of children, names a list that is there.
BESIDE = pa.schema([("rows", pa.int64()), ("left_out", pa.int64()), ("damage", pa.int64())])
ASSEMBLED = pa.schema([*SCHEMA, *BESIDE])
GROUP = ("region_code", "delivery_month", "extract", "list_key")
ORDER = ("place", "sort", "file_name", "line_number")

# The end of what is said of each row whose settlement id no list has.
NO_LIST = f"(setl_id)在{HEADER_TABLE}中没有清单；请补交清单，与各表一起重新交付"
NO_SETTLEMENT = f"{SETTLEMENT_TABLE}中没有该清单(setl_id)的结算；请补交结算，与清单一起重新交付"
TWO_SETTLEMENTS = f"{SETTLEMENT_TABLE}中该结算ID(setl_id)有多行且内容不同；请保留有效的一行后重新交付"
OTHER_PERSON = f"{HEADER_TABLE}与{SETTLEMENT_TABLE}中该结算ID(setl_id)的人员编号(psn_no)不同；请核对后重新交付"


@dataclass(frozen=True)
class Assembled:
    """One record, at the place of the row it comes from."""

    at: Row
    record: Record | None
    rows: int = 1
    left_out: int = 0
    damage: int | None = None


def assembled_batches(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Rows of `tables.ROWS`, sorted by GROUP and ORDER, as batches of `ASSEMBLED`; a group may go over batches."""
    rows = (row for batch in batches for row in batch.to_pylist())
    held: list[Assembled] = []
    for _, group in groupby(rows, key=lambda row: tuple(row[name] for name in GROUP)):
        held += put_together(list(group))
        if len(held) >= BATCH_ROWS:
            yield _batch(held)
            held = []
    if held:
        yield _batch(held)


def put_together(group: list[Row]) -> Iterator[Assembled]:
    """The records of one settlement id, given all rows of it in their order."""
    faulty = [row for row in group if row["names_list"]]
    tables: dict[str, list[Row]] = {table: [] for table in EXTRACT_TABLES}
    out: list[Row] = []
    for row in group:
        if row["names_list"]:
            continue
        if row["fault"]:
            yield Assembled(row, _record(row["text"], {}, row["fault"]), damage=_damage(row))
        else:
            tables[EXTRACT_TABLES[row["place"]]].append(row)
    # A header or settlement that no longer holds counts where no other is there: it takes back an earlier delivery's.
    for table, rows in tables.items():
        live = [row for row in rows if not row["void"]]
        if live or table in CHILD_TABLES:
            out += [row for row in rows if row["void"]]
            tables[table] = live
    if tables[HEADER_TABLE]:
        yield from _lists(tables, out, faulty)
        yield from (Assembled(row, None, 0, damage=_damage(row)) for row in faulty if _damage(row))
    else:
        yield from _orphans(tables, out)


def _damage(row: Row) -> int | None:
    """The damage a row is of, where its list would seem whole without it: not without its header or settlement."""
    return row["damage"] if EXTRACT_TABLES[row["place"]] in CHILD_TABLES else None


def _lists(tables: dict[str, list[Row]], out: list[Row], faulty: list[Row]) -> Iterator[Assembled]:
    headers, settlements = tables[HEADER_TABLE], tables[SETTLEMENT_TABLE]
    children = {node: f"[{','.join(row['text'] for row in tables[table])}]" for table, node in CHILD_TABLES.items()}
    counted = Counter(EXTRACT_TABLES[row["place"]] for row in out)
    left = f',"left_out":{written(dict(sorted(counted.items())))}' if out else ""
    nodes = "".join(f',"{node}":{rows}' for node, rows in children.items()) + left
    settlement = json.loads(settlements[0]["text"]) if settlements else {}
    fault = _fault_of(settlements, faulty)
    void = bool(settlements) and settlements[0]["void"]
    others = sum(map(len, tables.values())) - len(headers) + len(out)
    for number, row in enumerate(headers):
        header = json.loads(row["text"])
        fields = _joined(header, settlement, void or row["void"])
        differ = _said(header, "psn_no") and _said(settlement, "psn_no") not in ("", _said(header, "psn_no"))
        raw = f'{{"setlinfo":{written(fields)}{nodes}}}'
        record = _record(raw, fields, fault or (OTHER_PERSON if differ else None))
        yield Assembled(row, record, 1 + (0 if number else others), 0 if number else len(out))


def _fault_of(settlements: list[Row], faulty: list[Row]) -> str | None:
    """Why the lists of a settlement id are not to be judged."""
    if faulty:
        tables = "、".join(dict.fromkeys(EXTRACT_TABLES[row["place"]] for row in faulty))
        return f"{tables}中该清单(setl_id)有无法读取的行，清单不完整；请更正后重新交付这些表"
    if not settlements:
        return NO_SETTLEMENT
    return TWO_SETTLEMENTS if len({row["text"] for row in settlements}) > 1 else None


def _joined(header: Row, settlement: Row, void: bool) -> Row:
    """List and settlement as one header: each field from the table it is of, from the other where that is silent."""
    found = dict(header)
    for name, value in settlement.items():
        own = name in SETTLEMENT_FIELDS and _said(settlement, name)
        if own or not _said(header, name):
            found[name] = value
    if void or "0" in (_said(header, "vali_flag"), _said(settlement, "vali_flag")):
        found["vali_flag"] = "0"
    return dict(sorted(found.items()))


def _orphans(tables: dict[str, list[Row]], out: list[Row]) -> Iterator[Assembled]:
    """Rows without a list: a record each; children that are left out are counted."""
    for table, rows in tables.items():
        for row in rows:
            what = "结算" if table == SETTLEMENT_TABLE else "该行"
            fault = f"{table}中的{what}{NO_LIST}"
            yield Assembled(row, _record(f'{{"{table}":{row["text"]}}}', json.loads(row["text"]), fault))
    if out:
        yield Assembled(out[0], None, len(out), len(out))


def _record(raw: str, fields: Row, fault: str | None) -> Record:
    return Record(raw, hashlib.sha256(raw.encode("utf-8")).hexdigest(), fields, fault)


def _batch(held: list[Assembled]) -> pa.RecordBatch:
    records = [one.record or Record("", "", {}, "") for one in held]
    months = [one.at["delivery_month"] for one in held]
    columns = record_columns(records, months)
    columns |= {name: [one.at[name] for one in held] for name in SCHEMA.names if name not in columns}
    columns["record_kind"] = [
        kind if one.record else None for kind, one in zip(columns["record_kind"], held, strict=True)
    ]
    columns |= {name: [getattr(one, name) for one in held] for name in BESIDE.names}
    return pa.RecordBatch.from_pydict(columns, schema=ASSEMBLED)


def _said(fields: Row, name: str) -> str:
    value = fields.get(name)
    return "" if value is None or str(value).strip() == "null" else str(value).strip()
