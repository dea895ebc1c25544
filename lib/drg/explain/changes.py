"""变化: what of a list and of its payment is no longer as it was at an earlier moment, column by column."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from drg.contracts import contract
from drg.explain.answer import Section
from drg.explain.found import Found, Row

# Told first, since a hospital asks about them.
_FIRST = (
    "fund_payment",
    "standard",
    "payment_kind",
    "drg",
    "relative_weight",
    "base_rate",
    "point_value",
    "coefficient",
)
_SILENT = frozenset({"row_hash", "mdtrt_key", "person_key", "cert_key"})


def changes_section(before: Found, after: Found, moment: datetime) -> Section:
    """What changed since `moment`; a column that describes the patient is named without its values.

    Of each table the list's own row counts; of groups the one of the scheme that is paid now.
    """
    lines = [_standing(before, after)]
    for table, old, new in (
        ("case_payment", before.payment, after.payment),
        ("grouped_case", _group(before, after), _group(after, after)),
        ("settlement_list", before.accepted, after.accepted),
    ):
        if old is not None and new is not None:
            lines += _differences(table, old, new)
    lines += [f"新增提示：{row['check_id']} {row['message']}" for row in _new(before.flags, after.flags)]
    lines += [f"不再提示：{row['check_id']}" for row in _new(after.flags, before.flags)]
    if len(lines) == 1:
        lines.append("清单、分组和支付均无变化")
    return Section(f"与 {moment:%Y-%m-%d %H:%M} 相比", tuple(lines))


def _standing(before: Found, after: Found) -> str:
    old, new = _state(before), _state(after)
    return f"状态：{old}" if old == new else f"状态：{old} → {new}"


def _state(found: Found) -> str:
    if not found.anything:
        return "未收到"
    if found.accepted is None:
        return "未采用"
    return "已结算" if found.payment is not None else "已受理，未结算"


def _group(found: Found, of: Found) -> Row | None:
    scheme = of.payment["scheme"] if of.payment is not None else None
    return next((row for row in found.grouped if scheme in (None, row["scheme"])), None)


def _differences(table: str, old: Row, new: Row) -> list[str]:
    found = []
    agreed = contract(table)
    names = [name for name in _FIRST if name in agreed.names()]
    names += [name for name in agreed.names() if name not in names and name not in _SILENT]
    columns = {column.name: column for column in agreed.columns}
    for name in names:
        # A column that a later version of the contract added says nothing of the payment then.
        if name not in old or old[name] == new.get(name):
            continue
        title = f"{agreed.title}·{columns[name].title}"
        told = columns[name].classification in ("public", "internal")
        found.append(f"{title}：{_shown(old[name])} → {_shown(new.get(name))}" if told else f"{title}：已变更")
    return found


def _shown(value: Any) -> str:
    if value is None:
        return "无"
    if isinstance(value, list):
        return "、".join(map(str, value)) or "无"
    return str(value)


def _new(old: Iterable[Row], rows: Iterable[Row]) -> list[Row]:
    known = {row["check_id"] for row in old}
    return [row for row in rows if row["check_id"] not in known]
