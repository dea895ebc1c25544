"""A rule pack compiled for whole-array evaluation: rules to conditions, the simplest of them to lookup tables.

Of the ADRG rules of an MDC, `ZYZD in S` and `ZYSS in S` (most of them) become one table each: the place of the first
ADRG a code satisfies. The others stay conditions and are asked only about cases that no earlier ADRG has taken. DRG
rules that ask only for MCC and CC become one table over the four cases (no, CC, MCC, both).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from drg.group.batch import Bools, CcTables, Words
from drg.group.conditions import (
    AllOf,
    AnyOf,
    AnyPart,
    Compared,
    Condition,
    Constant,
    CountOf,
    Elements,
    Negated,
    OthersHaveLevel,
    OthersIn,
    PrincipalIn,
)
from drg.group.icd import IcdLists, load_icd
from drg.group.kernel import CompiledPack
from drg.group.pack import Group, RulePack
from drg.group.plans import DrgPlan, DrgRule, MdcPlan, Witnesses, deciding_level
from drg.group.rules import (
    DIAGNOSIS_FIELDS,
    VIRTUAL_SETS,
    Always,
    And,
    Comparison,
    Count,
    Membership,
    Node,
    Not,
    Or,
)

LEVEL = {"CC": 1, "MCC": 2}
WORD_BITS = 64


def compile_pack(pack: RulePack, icd: IcdLists | None = None) -> CompiledPack:
    """The pack as arrays and conditions; takes a fraction of a second and can be pickled (a Spark broadcast)."""
    return _Compiler(pack, icd or load_icd()).compile()


class _Compiler:
    def __init__(self, pack: RulePack, icd: IcdLists) -> None:
        self._pack = pack
        self._icd = icd
        codes = icd.diagnoses.keys() | icd.procedures.keys() | pack.extra_names.keys()
        self._codes = sorted(codes)
        self._number = {code: number for number, code in enumerate(self._codes)}
        self._tables: dict[frozenset[str], Bools] = {}
        self._bits: dict[str, dict[frozenset[str], int]] = {"QTZD": {}, "QTSS": {}}
        self._cc = self._cc_tables()

    def compile(self) -> CompiledPack:
        pack = self._pack
        adrg_rules = [self._condition(group.rule) for group in pack.adrgs]
        mdcs = self._mdc_plans(adrg_rules)
        drgs = self._drg_plan()
        place = {group.code: number for number, group in enumerate(pack.mdcs)}
        known_codes = np.ones(len(self._codes) + 1, np.bool_)
        known_codes[-1] = False
        return CompiledPack(
            scheme=pack.scheme,
            identity=pack.identity,
            codes=pa.array(self._codes, pa.string()),
            exclusion_sets=pa.array(list(pack.exclusions), pa.string()),
            cc=self._cc,
            words={name: self._word_tables(name) for name in self._bits},
            mdcs=mdcs,
            mdc_witnesses=Witnesses.of([plan.rule for plan in mdcs]),
            adrg_witnesses=Witnesses.of(adrg_rules),
            adrg_mdc=np.array([place[group.parent] for group in pack.adrgs], np.int64),
            adrg_ambiguous=np.array([group.ambiguous for group in pack.adrgs], np.bool_),
            drgs=drgs,
            mdc_names=_names(pack.mdcs),
            adrg_names=_names(pack.adrgs),
            drg_names=_names(pack.drgs),
            known_codes=known_codes,
            not_permitted=self._flags(pack.not_permitted_principal),
        )

    def _flags(self, codes: Iterable[str]) -> Bools:
        flags = np.zeros(len(self._codes) + 1, np.bool_)
        flags[[self._number[code] for code in codes]] = True
        return flags

    def _table(self, names: frozenset[str]) -> Bools:
        """True for the code numbers of the union of these sets."""
        if names not in self._tables:
            real = (self._pack.sets[name] for name in names if name not in VIRTUAL_SETS)
            table = self._flags(code for codes in real for code in codes)
            for level in names & set(VIRTUAL_SETS):
                table |= self._own_level(LEVEL[level])
            self._tables[names] = table
        return self._tables[names]

    def _own_level(self, level: int) -> Bools:
        """Principal diagnoses that have the level and are not in their own exclusion set."""
        own = (self._cc.excluded_by == self._cc.exclusion_set[:, None]).any(axis=1)
        result: Bools = (self._cc.level == level) & ~own
        return result

    def _cc_tables(self) -> CcTables:
        size = len(self._codes) + 1
        level = np.zeros(size, np.uint8)
        own_set = np.full(size, -1, np.int32)
        place = {name: number for number, name in enumerate(self._pack.exclusions)}
        for code, entry in self._pack.cc.items():
            level[self._number[code]] = LEVEL[entry.level]
            own_set[self._number[code]] = place[entry.exclusion_set]
        stands_in: dict[int, list[int]] = {}
        for name, codes in self._pack.exclusions.items():
            for code in codes:
                stands_in.setdefault(self._number[code], []).append(place[name])
        # -2 is no set at all: it differs from -1, the set of a code without a level
        excluded_by = np.full((size, max((len(sets) for sets in stands_in.values()), default=1)), -2, np.int32)
        for number, sets in stands_in.items():
            excluded_by[number, : len(sets)] = sets
        return CcTables(level, own_set, excluded_by)

    def _word_tables(self, name: str) -> Words:
        bits = self._bits[name]
        words = np.zeros((max(1, -(-len(bits) // WORD_BITS)), len(self._codes) + 1), np.uint64)
        for names, bit in bits.items():
            words[bit // WORD_BITS] |= self._table(names).astype(np.uint64) << np.uint64(bit % WORD_BITS)
        return words

    def _condition(self, node: Node) -> Condition:
        if isinstance(node, Always):
            return Constant(node.value)
        if isinstance(node, Comparison):
            return Compared(node.scalar, node.comparator, node.number)
        if isinstance(node, Not):
            return Negated(self._condition(node.child))
        if isinstance(node, And):
            return AllOf(tuple(self._condition(child) for child in node.children))
        if isinstance(node, Or):
            return AnyOf(tuple(self._condition(child) for child in node.children))
        if isinstance(node, Count):
            parts = [part for name in node.fields for part in self._parts(name, frozenset({node.set.name}))]
            return CountOf(tuple(parts), node.comparator, node.number)
        names = frozenset(name.name for name in node.sets)
        parts = [part for name in node.fields for part in self._parts(name, names)]
        found: Condition = parts[0] if len(parts) == 1 else AnyPart(tuple(parts))
        return Negated(found) if node.negated else found

    def _parts(self, name: str, names: frozenset[str]) -> list[PrincipalIn | Elements]:
        """What it takes that field `name` holds a code of the union of these sets."""
        if name in ("ZYZD", "ZYSS"):
            return [PrincipalIn(name, self._table(names))]
        parts: list[PrincipalIn | Elements] = []
        real = names - set(VIRTUAL_SETS)
        levels = names & set(VIRTUAL_SETS) if name in DIAGNOSIS_FIELDS else frozenset[str]()
        if real or not levels:
            bit = self._bits[name].setdefault(real, len(self._bits[name]))
            parts.append(OthersIn(name, bit // WORD_BITS, np.uint64(1 << (bit % WORD_BITS))))
        if levels:
            parts.append(OthersHaveLevel(sum(LEVEL[level] for level in levels)))
        return parts

    def _mdc_plans(self, adrg_rules: Sequence[Condition]) -> tuple[MdcPlan, ...]:
        plans = []
        first = 0
        for mdc in self._pack.mdcs:
            groups = [group for group in self._pack.adrgs if group.parent == mdc.code]
            plans.append(self._mdc_plan(mdc, groups, adrg_rules[first : first + len(groups)], first))
            first += len(groups)
        return tuple(plans)

    def _mdc_plan(self, mdc: Group, groups: Sequence[Group], rules: Sequence[Condition], first: int) -> MdcPlan:
        tables: dict[str, npt.NDArray[np.int16]] = {}
        default = len(groups)
        rest: list[tuple[int, Condition]] = []
        for rank, (group, rule) in enumerate(zip(groups, rules, strict=True)):
            if isinstance(rule, PrincipalIn):
                table = tables.setdefault(rule.field, np.full(len(self._codes) + 1, len(groups), np.int16))
                table[rule.table] = np.minimum(table[rule.table], rank)
            elif isinstance(group.rule, Always) and group.rule.value:
                default = min(default, rank)
            elif not isinstance(group.rule, Always):
                rest.append((rank, rule))
        return MdcPlan(
            rule=self._condition(mdc.rule),
            asks_diagnosis=_asks_diagnosis(mdc.rule),
            first=first,
            size=len(groups),
            by_diagnosis=tables.get("ZYZD"),
            by_procedure=tables.get("ZYSS"),
            default=default,
            rest=tuple(rest),
        )

    def _drg_plan(self) -> DrgPlan:
        children: dict[str, list[tuple[int, Group]]] = {group.code: [] for group in self._pack.adrgs}
        for number, group in enumerate(self._pack.drgs):
            children[group.parent].append((number, group))
        table = np.full((len(children), 4), -1, np.int64)
        level = np.zeros((len(children), 4), np.uint8)
        rules = []
        for adrg, groups in enumerate(children.values()):
            by_level = [_drg_by_level(groups, key) for key in range(4)]
            if None in by_level:
                asked_in_order = (DrgRule(n, self._condition(g.rule), _levels_asked(g.rule)) for n, g in groups)
                rules.append((adrg, tuple(asked_in_order)))
                continue
            for key, found in enumerate(by_level):
                table[adrg, key], asked = found or (-1, 0)
                level[adrg, key] = deciding_level(np.array([asked & key], np.uint8))[0]
        return DrgPlan(table, level, tuple(rules))


def _drg_by_level(groups: Sequence[tuple[int, Group]], key: int) -> tuple[int, int] | None:
    """The first DRG that holds for a case with these levels and the levels it asks for, -1 for none.

    None where a rule asks for anything else.
    """
    first = (-1, 0)
    for number, group in reversed(groups):
        held = _holds_by_level(group.rule, key)
        if held is None:
            return None
        if held:
            first = (number, _levels_asked(group.rule))
    return first


def _names(groups: Sequence[Group]) -> pa.Array:
    return pa.array([group.code for group in groups], pa.string())


def _asks_diagnosis(node: Node) -> bool:
    if isinstance(node, Membership | Count):
        return any(name in DIAGNOSIS_FIELDS for name in node.fields)
    if isinstance(node, And | Or):
        return any(_asks_diagnosis(child) for child in node.children)
    return isinstance(node, Not) and _asks_diagnosis(node.child)


def _levels_asked(node: Node) -> int:
    """The levels a rule asks of the other diagnoses, outside negations: 1 CC plus 2 MCC."""
    if isinstance(node, Membership) and not node.negated and "QTZD" in node.fields:
        return sum(LEVEL[name] for name in {name.name for name in node.sets} & set(VIRTUAL_SETS))
    if isinstance(node, Count) and "QTZD" in node.fields:
        return LEVEL.get(node.set.name, 0)
    result = 0
    if isinstance(node, And | Or):
        for child in node.children:
            result |= _levels_asked(child)
    return result


def _holds_by_level(node: Node, key: int) -> bool | None:
    """Whether a rule holds for a case with these levels (1 CC plus 2 MCC); None where it asks for anything else."""
    if isinstance(node, Always):
        return node.value
    if isinstance(node, Membership) and node.fields == ("QTZD",) and all(s.name in VIRTUAL_SETS for s in node.sets):
        return bool(key & sum(LEVEL[name] for name in {s.name for s in node.sets})) is not node.negated
    if isinstance(node, Not):
        child = _holds_by_level(node.child, key)
        return None if child is None else not child
    if isinstance(node, And | Or):
        held = [_holds_by_level(child, key) for child in node.children]
        if None in held:
            return None
        return all(held) if isinstance(node, And) else any(held)
    return None
