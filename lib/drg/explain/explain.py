"""The answer to a hospital that asks about one list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from drg.doors.as_of import LakeAsOf
from drg.doors.config import Province
from drg.doors.tables import Lake
from drg.errors import ConfigError, PolicyError
from drg.explain.answer import Comparison, Explanation, Section, yuan
from drg.explain.booked import booked_section, booked_summary
from drg.explain.changes import changes_section
from drg.explain.dispute import dispute_section
from drg.explain.found import Found, Row, find
from drg.explain.grouping import group_text, grouping_section
from drg.explain.payment import kind_text, payment_section
from drg.explain.rejection import record_line, rejection_section, versions_section
from drg.explain.standing import assumed_section, factors_section, parameters_section
from drg.explain.standing import versions_section as made_with
from drg.explain.worked import Worked, comparisons, work_out
from drg.group import load_pack
from drg.policy import PolicyBook
from drg.publish.gather import hospital_names
from drg.words import REASON_KIND, word


def explain(
    lake: Lake,
    setl_id: str,
    book: PolicyBook,
    province: Province,
    months: Sequence[str] | None = None,
    since: LakeAsOf | None = None,
) -> Explanation:
    """What became of a list and why; months narrow the search, `since` adds what changed from then on.

    Answers from the tables as they stand. A payment is worked out again; figures that differ from the
    stored ones are named in `comparisons` and stand first in the text. Never raises for an unknown id: that
    is an answer too.
    """
    found = find(lake, setl_id, province, months)
    if not found.anything:
        searched = f"{'、'.join(months)} 的" if months else ""
        summary = f"在{searched}已接收的清单中没有这个结算ID；请核对编号，或确认该清单已随交付文件上报"
        return Explanation(setl_id, "unknown", summary)
    where = _where_section(lake, found, province)
    if found.accepted is None:
        answer = _rejected(setl_id, found, where)
    elif found.payment is None:
        answer = _waiting(setl_id, found, where, book)
    else:
        answer = _paid(lake, setl_id, found, where, book)
    if since is None:
        return answer
    changes = changes_section(find(since, setl_id, province, months), found, since.moment)
    return replace(answer, sections=(answer.sections[0], changes, *answer.sections[1:]))


def _paid(lake: Lake, setl_id: str, found: Found, where: Section, book: PolicyBook) -> Explanation:
    paid, accepted = found.payment, found.accepted
    assert paid is not None
    assert accepted is not None
    case = next(row for row in found.grouped if row["scheme"] == paid["scheme"])
    group, kind = group_text(load_pack(paid["scheme"]), case), kind_text(paid)
    if paid["priced_group"] not in (None, case["drg"]):
        group = f"{group}，按 {paid['priced_group']} 付费"
    if paid["payment_kind"] == case["grouping_status"]:
        kind = "按规则结算"
    if found.booked:
        # The list is no longer the one that was settled: what it was worth then cannot be worked out from it now.
        summary = f"{kind}，统筹基金应付 {yuan(paid['fund_payment'])}；{booked_summary(found.booked)}"
        sections = [where, grouping_section(case, accepted), *_beside(found)]
        return Explanation(setl_id, "paid", summary, tuple(sections), facts=_facts(found))
    summary = f"{group}，{kind}，结算标准 {yuan(paid['standard'])}，统筹基金应付 {yuan(paid['fund_payment'])}"
    sections = [where, grouping_section(case, accepted)]
    last: list[Section] = []
    compared: tuple[Comparison, ...] = ()
    warnings: tuple[str, ...] = ()
    try:
        worked = work_out(lake, found, book)
    except PolicyError as error:
        warnings = (f"不能复算：{error}",)
    else:
        compared = comparisons(paid, worked)
        sections += _paid_sections(paid, worked, all(item.agrees for item in compared))
        last = [assumed_section(paid, worked)]
    sections += _beside(found)
    return Explanation(setl_id, "paid", summary, (*sections, *last), compared, warnings, _facts(found))


def _paid_sections(paid: Row, worked: Worked, agrees: bool) -> list[Section]:
    payment = payment_section(paid, worked)
    verdict = "复算：与结算表逐项一致" if agrees else "复算：与结算表不一致，见开头"
    sections = [Section(payment.title, (*payment.lines, verdict))]
    factors = factors_section(paid, worked)
    sections += [factors] if factors else []
    return [*sections, parameters_section(paid, worked), made_with(paid)]


def _waiting(setl_id: str, found: Found, where: Section, book: PolicyBook) -> Explanation:
    accepted = found.accepted
    assert accepted is not None
    month, region = accepted["settlement_month"], accepted["region_code"]
    summary = f"已通过校验，尚未结算；结算 {month} 后可查支付"
    if found.booked:
        summary = f"已通过校验，{month} 所属年度已清算，{booked_summary(found.booked)}"
        sections = [where, *(grouping_section(case, accepted) for case in found.grouped), *_beside(found)]
        return Explanation(setl_id, "booked", summary, tuple(sections), facts=_facts(found))
    try:
        first = book.settles_from(region)
    except PolicyError as error:
        summary = f"已通过校验，尚未结算：{error}"
    else:
        if month < first:
            summary = f"已通过校验；{month} 早于本统筹区DRG结算起始月 {first}，该月病例只作历史数据"
    sections = [where, *(grouping_section(case, accepted) for case in found.grouped)]
    sections += _beside(found)
    return Explanation(setl_id, "accepted", summary, tuple(sections), facts=_facts(found))


def _rejected(setl_id: str, found: Found, where: Section) -> Explanation:
    row = found.rejected[-1]
    summary = (
        f"未参加结算，{REASON_KIND.get(row['reason_kind'], row['reason_kind'])}：{row['message'].partition('；')[0]}"
    )
    if found.booked:
        summary += f"；{booked_summary(found.booked)}"
    sections = (where, rejection_section(found), *_beside(found))
    return Explanation(setl_id, "rejected", summary, sections, facts=_facts(found))


def _where_section(lake: Lake, found: Found, province: Province) -> Section:
    row = found.place
    month, region, hospital = row["settlement_month"], row["region_code"], row["hospital_code"]
    lines = [f"结算月 {month}", f"统筹区 {_region(province, region)}"]
    if hospital:
        names = {}
        if lake.exists("hospital_register"):
            names = hospital_names(lake.read("hospital_register", region_code=[region]), [month])
        name = names.get((month, region), {}).get(hospital, "名录中无此编号")
        level = f"，{word('hospital_level', row['hospital_level'])}" if "hospital_level" in row else ""
        lines.append(f"医疗机构 {hospital} {name}{level}")
    if found.accepted is not None:
        insured = found.accepted["insured_region_code"]
        lines.append(f"险种 {word('fund', found.accepted['fund'])}")
        if insured != region:
            lines.append(f"参保地 {_region(province, insured)}：按就医地定价，由参保地基金支付")
    return Section("清单", (*lines, record_line(row)))


def _region(province: Province, code: str) -> str:
    try:
        return f"{province.name_of(code)}（{code}）"
    except ConfigError:
        return code


def _beside(found: Found) -> list[Section]:
    """What stands beside the calculation: differences booked since, a dispute, findings, other versions."""
    beside = (booked_section(found), dispute_section(found), _flags(found), versions_section(found))
    return [section for section in beside if section]


def _flags(found: Found) -> Section | None:
    if not found.flags:
        return None
    return Section("提示（不影响结算）", tuple(f"{row['check_id']} {row['message']}" for row in found.flags))


def _facts(found: Found) -> dict[str, Any]:
    """The rows behind the answer for a program, amounts and days as text."""
    rows = {
        "case_payment": found.payment,
        "payment_adjustment": found.booked,
        "case_dispute": found.dispute,
        "grouped_case": found.grouped,
        "rejected_list": found.rejected,
    }
    return {name: _plain(value) for name, value in rows.items() if value}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        # The day of discharge is the patient's; the answer does without it.
        return {name: _plain(item) for name, item in value.items() if name not in ("discharge_date", "row_hash")}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | int | bool | None) else str(value)
