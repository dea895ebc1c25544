"""清算后差额: what changed of a case after its year was cleared, and in which open month the difference is paid."""

from __future__ import annotations

from decimal import Decimal

from drg.explain.answer import Section, number, yuan
from drg.explain.found import Found, Row
from drg.explain.payment import kind_text
from drg.settle.rules import describe
from drg.words import word


def booked_section(found: Found) -> Section | None:
    """Each entry with its figures; None for a case without any."""
    if not found.booked:
        return None
    year = found.booked[0]["case_month"][:4]
    lines = [
        f"{year} 年已清算，{found.booked[0]['case_month']} 的结算不再改动，差额记入以后的结算月；此处为表中数，未复算"
    ]
    if found.payment is not None:
        paid = found.payment
        lines.append(f"{paid['settlement_month']} 结算：{kind_text(paid)}，统筹基金应付 {yuan(paid['fund_payment'])}")
    for row in found.booked:
        lines.append(
            f"{row['settlement_month']}：{word('reason', row['reason'])}，{word('fund', row['fund'])}，"
            f"{row['hospital_code']}：现应付 {number(row['fund_payment'])} − 已付 {number(row['paid_before'])} "
            f"= {yuan(row['amount'])}"
        )
        if row["rule"] is not None:
            lines.append(f"  结算标准 {yuan(row['standard'])}，{describe(row['rule'])}；依据：{row['clause']}")
    return Section("清算后差额", tuple(lines))


def booked_summary(rows: list[Row]) -> str:
    """What the entries come to, fund by fund, and where they stand, in half a sentence."""
    funds = dict.fromkeys(row["fund"] for row in rows)
    sums = (
        f"{word('fund', fund)} {yuan(sum((row['amount'] for row in rows if row['fund'] == fund), Decimal(0)))}"
        for fund in funds
    )
    months = "、".join(dict.fromkeys(row["settlement_month"] for row in rows))
    return f"清算后差额 {'，'.join(sums)}，记入 {months}"
