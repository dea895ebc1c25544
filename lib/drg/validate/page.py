"""The checks as the tables of docs/returned-lists.md: what each refuses, flags or finds, in both languages."""

from __future__ import annotations

from drg.marked_page import rewritten
from drg.validate.batch import shown_limits
from drg.validate.check import AnyCheck
from drg.validate.checks import CHECKS
from drg.validate.checks_batch import BATCH
from drg.validate.degrees import filled
from drg.validate.english import BATCH_ENGLISH, ENFORCED, ENGLISH
from drg.validate.outputs import VERDICTS

BEGIN = "<!-- from here on written by `drg checks --into docs/returned-lists.md` -->"
END = "<!-- to here -->"

SECTIONS = {
    "ID": "身份与代码 Identity and codes",
    "DT": "日期与年龄 Dates and age",
    "DX": "诊断 Diagnoses",
    "NB": "新生儿 Newborns",
    "OP": "手术操作 Procedures",
    "IC": "重症监护与呼吸机 Intensive care and ventilation",
    "BL": "输血 Blood",
    "MN": "费用 Amounts",
    "XL": "同一人的多份清单、入院指征 Lists of one person, need of admission",
}
_ABOUT = {"region": "统筹区 region", "hospital": "医疗机构 hospital", "field": "字段 field"}
_NOT_LIVE = {
    "duplicate": "the same list came twice; nothing to do",
    "superseded": "a version of the same settlement was declared later; that one counts",
    "reversal": "a reversal, set off against its settlement; nothing to do",
    "reversed": "the settlement was taken back; send a list only if it was settled anew",
    "orphan_reversal": "a reversal whose settlement is not there in the same month",
}


def tables() -> str:
    """One table a section of the catalogue, one of lists that are not live, one of months as a whole. Deterministic."""
    parts = []
    for prefix, title in SECTIONS.items():
        rows = [row for check in CHECKS if check.id.startswith(prefix) for row in _rows(check)]
        parts.append(_table(title, "what is wrong", rows))
    rows = [
        f"| {check} | `{field or ''}` | 退回 | {sentence} | {_NOT_LIVE[kind]} | |"
        for kind, (check, field, sentence) in VERDICTS.items()
    ]
    parts.append(_table("未采用的清单 Lists that are not live", "why", rows))
    rows = [
        f"| {one.id} | {_ABOUT[one.about]} | 提示 | {filled(one.rule, shown_limits(one))} | "
        f"{filled(BATCH_ENGLISH[one.id], shown_limits(one))} | assumed |"
        for one in BATCH
    ]
    parts.append(_table("整月审核 A month as a whole", "what is found", rows).replace("| 字段 |", "| 对象 |"))
    return "\n\n".join(parts)


def renewed(page: str) -> str:
    """The page with its tables as the catalogue says; ConfigError when it lacks the marks."""
    return rewritten(page, BEGIN, END, tables())


def _table(title: str, why: str, rows: list[str]) -> str:
    return "\n".join([f"### {title}", "", f"| 规则 | 字段 | | 说明 | {why} | |", "|---|---|---|---|---|---|", *rows])


def _rows(check: AnyCheck) -> list[str]:
    english = ENGLISH[check.id]
    evidence = "平台 platform" if check.id in ENFORCED else "assumed"
    if not check.default_on:
        evidence += "；默认不启用 off unless asked for"
    degrees = (
        ("退回", check.reject, check.reject_message, english[0]),
        ("提示", check.warn, check.warn_message, english[1]),
    )
    return [
        f"| {check.id} | `{check.field}` | {word} | {chinese} | {text} | {evidence} |"
        for word, predicate, chinese, text in degrees
        if predicate is not None
    ]
