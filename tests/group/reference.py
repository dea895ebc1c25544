"""A grouper for one case at a time, close to the words of the scheme: what the kernel is held against."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from drg.group.pack import RulePack
from drg.group.rules import Always, And, Comparison, Count, Membership, Node, Not, Or

COMPARE = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "=": operator.eq}
INPUT_SCHEMA = pa.schema(
    [
        ("sex", pa.string()),
        ("age_years", pa.int32()),
        ("age_days", pa.int32()),
        ("newborn_weight_g", pa.int32()),
        ("principal_diagnosis", pa.string()),
        ("other_diagnoses", pa.list_(pa.string())),
        ("principal_procedure", pa.string()),
        ("other_procedures", pa.list_(pa.string())),
    ]
)


@dataclass(frozen=True)
class Case:
    """One case in the columns of the kernel."""

    principal_diagnosis: str | None = None
    other_diagnoses: tuple[str, ...] = ()
    principal_procedure: str | None = None
    other_procedures: tuple[str, ...] = ()
    sex: str = "1"
    age_years: int = 40
    age_days: int | None = None
    newborn_weight_g: int | None = None

    def codes(self, field: str) -> list[str]:
        return {
            "ZYZD": [self.principal_diagnosis] if self.principal_diagnosis else [],
            "QTZD": list(self.other_diagnoses),
            "ZYSS": [self.principal_procedure] if self.principal_procedure else [],
            "QTSS": list(self.other_procedures),
        }[field]

    def scalar(self, name: str) -> float | None:
        values = {"NL": self.age_years, "XB": int(self.sex), "XSRTL": self.age_days, "XSRTZ": self.newborn_weight_g}
        return values[name]


def table(cases: list[Case]) -> pa.Table:
    columns = {name: [getattr(case, name) for case in cases] for name in INPUT_SCHEMA.names}
    return pa.table(columns, schema=INPUT_SCHEMA)


@dataclass(frozen=True)
class Found:
    mdc: str | None
    adrg: str | None
    drg: str
    deciding_diagnosis: str | None
    deciding_procedure: str | None
    cc_level: str
    cc_diagnosis: str | None
    excluded: list[tuple[str, str, str]]


class Reference:
    """Groups one case after another by walking the rules."""

    def __init__(self, pack: RulePack) -> None:
        self.pack = pack
        self.sets = {name: frozenset(codes) for name, codes in pack.sets.items()}
        self.exclusions = {name: frozenset(codes) for name, codes in pack.exclusions.items()}

    def level(self, case: Case, code: str) -> str | None:
        """The level of a code, unless the principal diagnosis stands in its exclusion set."""
        entry = self.pack.cc.get(code)
        if entry is None or case.principal_diagnosis in self.exclusions[entry.exclusion_set]:
            return None
        return entry.level

    def inside(self, case: Case, code: str, name: str) -> bool:
        return self.level(case, code) == name if name in ("MCC", "CC") else code in self.sets[name]

    def members(self, case: Case, fields: tuple[str, ...], names: list[str]) -> list[tuple[str, str]]:
        """Field and code, in the order of the fields of the rule, of every code that stands in one of the sets."""
        return [(f, c) for f in fields for c in case.codes(f) if any(self.inside(case, c, name) for name in names)]

    def holds(self, node: Node, case: Case) -> bool:
        if isinstance(node, Always):
            return node.value
        if isinstance(node, Not):
            return not self.holds(node.child, case)
        if isinstance(node, And):
            return all(self.holds(child, case) for child in node.children)
        if isinstance(node, Or):
            return any(self.holds(child, case) for child in node.children)
        if isinstance(node, Comparison):
            value = case.scalar(node.scalar)
            return value is not None and COMPARE[node.comparator](value, node.number)
        if isinstance(node, Count):
            found = {code for _, code in self.members(case, node.fields, [node.set.name])}
            return COMPARE[node.comparator](len(found), node.number)
        found_any = bool(self.members(case, node.fields, [name.name for name in node.sets]))
        return found_any is not node.negated

    def witness(self, node: Node, case: Case) -> list[tuple[str, str]]:
        """Field and code of what made a rule hold: of an "or" its first branch that holds."""
        if isinstance(node, And):
            return [pair for child in node.children for pair in self.witness(child, case)]
        if isinstance(node, Or):
            return self.witness(next(child for child in node.children if self.holds(child, case)), case)
        if isinstance(node, Membership) and not node.negated:
            return self.members(case, node.fields, [name.name for name in node.sets])
        if isinstance(node, Count):
            return self.members(case, node.fields, [node.set.name])
        return []

    def first(self, case: Case, pairs: list[tuple[str, str]], fields: tuple[str, str]) -> str | None:
        """The first code of the case, principal first, among the witnesses in these fields."""
        order = [(field, code) for field in fields for code in case.codes(field)]
        return next((code for field, code in order if (field, code) in pairs), None)

    def group(self, case: Case) -> Found:
        excluded = [
            (code, entry.level, entry.exclusion_set)
            for code in case.other_diagnoses
            if (entry := self.pack.cc.get(code)) and self.level(case, code) is None
        ]
        for mdc in self.pack.mdcs:
            if not self.holds(mdc.rule, case):
                continue
            for adrg in (group for group in self.pack.adrgs if group.parent == mdc.code):
                if not self.holds(adrg.rule, case):
                    continue
                for drg in (group for group in self.pack.drgs if group.parent == adrg.code):
                    if self.holds(drg.rule, case):
                        pairs = self.witness(adrg.rule, case)
                        diagnosis = self.first(case, pairs, ("ZYZD", "QTZD"))
                        by_mdc = self.first(case, self.witness(mdc.rule, case), ("ZYZD", "QTZD"))
                        return Found(
                            mdc.code,
                            adrg.code,
                            drg.code,
                            diagnosis or by_mdc,
                            self.first(case, pairs, ("ZYSS", "QTSS")),
                            *self.deciding_cc(drg.rule, case),
                            excluded,
                        )
                return Found(None, None, "0000", None, None, "none", None, excluded)
        return Found(None, None, "0000", None, None, "none", None, excluded)

    def deciding_cc(self, rule: Node, case: Case) -> tuple[str, str | None]:
        """The highest level the rule asks of the other diagnoses and one of them has, and the first that has it."""
        asked = set(levels_asked(rule))
        for level in ("MCC", "CC"):
            codes = [code for code in case.other_diagnoses if self.level(case, code) == level]
            if level in asked and codes:
                return level, codes[0]
        return "none", None


def levels_asked(node: Node) -> Iterator[str]:
    if isinstance(node, And | Or):
        for child in node.children:
            yield from levels_asked(child)
    elif isinstance(node, Membership) and not node.negated and "QTZD" in node.fields:
        yield from (name.name for name in node.sets if name.name in ("MCC", "CC"))
    elif isinstance(node, Count) and "QTZD" in node.fields and node.set.name in ("MCC", "CC"):
        yield node.set.name
