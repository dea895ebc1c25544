"""争议: what a hospital disputed about a case, what was answered and decided, and whether it moved the payment."""

from __future__ import annotations

from drg.explain.answer import Section
from drg.explain.found import Found, Row
from drg.words import word


def dispute_section(found: Found) -> Section | None:
    """The dispute on the case in the order of its days; None where there is none."""
    dispute = found.dispute
    if dispute is None:
        return None
    lines = [f"申诉：{dispute['filed_on']}，{word('subject', dispute['subject'])}，{dispute['hospital_code']}"]
    if dispute["state"] == "filed":
        lines.append("尚未答复")
    else:
        accepted = dispute["state"] in ("accepted", "decided")
        lines.append(f"答复：{dispute['answered_on']}，{'已受理' if accepted else '不予受理'}")
    if dispute["state"] == "accepted":
        lines.append("尚未裁定")
    if dispute["decision"] is not None:
        lines.append(f"裁定：{dispute['decided_on']}，{word('decision', dispute['decision'])}{_effect(dispute, found)}")
    if dispute["reason"]:
        lines.append(f"理由：{dispute['reason']}")
    return Section("争议", tuple(lines))


def _effect(dispute: Row, found: Found) -> str:
    if dispute["ruling"] is None:
        return ""
    regrouped = dispute["ruling"] == "regrouped"
    told = f"，按 {dispute['drg']} 组付费" if regrouped else "，重新计价"
    paid = found.payment
    if paid is None:
        return told
    counts = paid["priced_group"] == dispute["drg"] if regrouped else paid["payment_kind"] == "dispute"
    return told if counts else f"{told}；未计入本月结算表"
