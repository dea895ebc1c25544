"""入组: the group of a case and why, with the names of codes from the lists and the rule pack."""

from __future__ import annotations

from typing import Any

from drg.explain.answer import Section
from drg.group import ReasonCode, load_icd, load_pack
from drg.group.pack import RulePack
from drg.words import CC_LEVEL

_WITHOUT_GROUP = "请核对上列编码；确有错误的，更正后以同一结算ID、更晚的申报时间重新上传，编码无误的无需处理"


def grouping_section(case: dict[str, Any], accepted: dict[str, Any]) -> Section:
    """The group, what decided it, the severity level and what was excluded."""
    pack = load_pack(case["scheme"])
    entered = "（入组）" if case["grouping_status"] == "grouped" else ""
    lines = [f"入组结果：{group_text(pack, case)}{entered}"]
    if case["mdc"]:
        lines.append(f"所属：{_named(pack.mdc, case['mdc'])} → {_named(pack.adrg, case['adrg'])}")
    lines.append(f"原因：{reason_text(case['reason_code'])}")
    if case["deciding_diagnosis"]:
        lines.append(f"决定诊断：{diagnosis(pack, case['deciding_diagnosis'])}")
    elif case["grouping_status"] == "ungrouped":
        lines.append(f"主要诊断：{diagnosis(pack, accepted['principal_diagnosis'])}")
    if case["deciding_procedure"]:
        lines.append(f"决定手术操作：{procedure(pack, case['deciding_procedure'])}")
    elif case["grouping_status"] == "ambiguous" and accepted["principal_procedure"]:
        lines.append(f"主要手术操作：{procedure(pack, accepted['principal_procedure'])}")
    lines += _severity(pack, case, accepted)
    if case["grouping_status"] != "grouped":
        lines.append(f"处理：{_WITHOUT_GROUP}")
    if case["rule_pack"] != pack.identity:
        lines.append(f"注意：入组时的规则包为 {case['rule_pack']}，现有规则包为 {pack.identity}，名称以现有为准")
    return Section("入组", tuple(lines))


def group_text(pack: RulePack, case: dict[str, Any]) -> str:
    """The group with its name; for a case without one, what it is instead."""
    if case["grouping_status"] != "grouped":
        return {"ambiguous": f"歧义组 {case['drg']}"}.get(case["grouping_status"], f"未入组（{case['drg']}）")
    return _named(pack.drg, case["drg"])


def reason_text(code: str) -> str:
    """A reason code in words; the code itself where this program does not know it."""
    try:
        return ReasonCode(code).explanation
    except ValueError:
        return code


def diagnosis(pack: RulePack, code: str) -> str:
    """A diagnosis code with its name."""
    return f"{code} {load_icd().diagnoses.get(code) or pack.extra_names.get(code, '')}".strip()


def procedure(pack: RulePack, code: str) -> str:
    """A procedure code with its name."""
    return f"{code} {load_icd().procedures.get(code) or pack.extra_names.get(code, '')}".strip()


def _severity(pack: RulePack, case: dict[str, Any], accepted: dict[str, Any]) -> list[str]:
    if case["grouping_status"] != "grouped":
        return []
    level = CC_LEVEL.get(case["cc_level"], case["cc_level"])
    by = f"，由其他诊断 {diagnosis(pack, case['cc_diagnosis'])} 判定" if case["cc_diagnosis"] else ""
    lines = [f"并发症或合并症：{level}{by}"]
    for item in case["excluded_diagnoses"]:
        lines.append(
            f"不计：{diagnosis(pack, item['icd_code'])}（{item['level']}），"
            f"因主要诊断 {diagnosis(pack, accepted['principal_diagnosis'])} 在其排除表 {item['exclusion_set']} 中"
        )
    return lines


def _named(groups: dict[str, Any], code: str) -> str:
    if code in groups:
        return f"{code} {groups[code].name}"
    # A local group is one of the scheme's with a suffix of the region.
    parent = code.partition("-")[0]
    return f"{code} {groups[parent].name}（本地细分组）" if parent in groups else code
