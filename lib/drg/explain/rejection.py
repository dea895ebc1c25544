"""退回与版本: why a received record is not settled, what to do, and what became of its other versions."""

from __future__ import annotations

from drg.explain.answer import Section
from drg.explain.found import Found, Row
from drg.words import REASON_KIND

# What to do where the finding itself does not say.
_DO = {
    "unreadable": "请按接口规范重新生成该记录并上传",
    "failed_check": "请更正后重新上传",
    "superseded": "无需处理：以最新版本为准",
    "duplicate": "无需处理：与已收记录内容相同",
    "reversal": "无需处理：冲销记录本身不参加结算",
    "reversed": "无需处理：原结算已冲销，不再支付；已重新结算的，请查询新的结算ID",
}
_AGAIN = "重新上传"
_HOW = "（沿用同一结算ID，申报时间须晚于本次）"


def rejection_section(found: Found) -> Section:
    """The reason of the newest record that is not settled, field and remedy."""
    row = found.rejected[-1]
    reason, remedy = _told(row)
    lines = [f"类别：{REASON_KIND.get(row['reason_kind'], row['reason_kind'])}", f"规则：{row['check_id']}"]
    if row["field"]:
        lines.append(f"字段：{row['field']}")
    if found.received is not None:
        lines.append(f"收到的值：{found.received or '（空）'}")
    lines.append(f"原因：{reason}")
    others = [check for check in row["failed_checks"] if check != row["check_id"]]
    if others:
        lines.append(f"另有未通过的规则：{'、'.join(others)}（请一并更正）")
    lines.append(f"处理：{remedy}")
    for setl_id, delivery in found.reversals:
        lines.append(f"冲销记录：{setl_id}（{delivery} 交付）")
    return Section("退回", tuple(lines))


def _told(row: Row) -> tuple[str, str]:
    """Reason and remedy: a finding says both in one sentence, so that nothing is said twice or two ways.

    A record that is not live (superseded, reversed ...) needs nothing; its remedy is of its kind.
    """
    kind, message = row["reason_kind"], row["message"]
    reason, _, advice = message.partition("；")
    if kind not in ("failed_check", "unreadable"):
        return reason, _DO.get(kind, _DO["failed_check"])
    remedy = advice or _DO[kind]
    return reason, remedy + _HOW if kind == "failed_check" and remedy.endswith(_AGAIN) else remedy


def versions_section(found: Found) -> Section | None:
    """Every received version of the list in the order it came; None for a single one."""
    records: list[tuple[Row, str]] = [
        (row, f"{REASON_KIND.get(row['reason_kind'], row['reason_kind'])}：{_told(row)[0]}") for row in found.rejected
    ]
    if found.accepted is not None:
        records.append((found.accepted, "有效版本"))
    if len(records) < 2:
        return None
    records.sort(key=lambda r: (r[0]["delivery_month"], r[0]["file_name"], r[0]["line_number"]))
    return Section("历次上报", tuple(f"{_where(row)}：{text}" for row, text in records))


def record_line(row: Row) -> str:
    """Where a record came from: delivery, file and line."""
    return f"来源：{_where(row)}"


def _where(row: Row) -> str:
    return f"{row['delivery_month']} 交付 {row['file_name']} 第 {row['line_number']} 条"
