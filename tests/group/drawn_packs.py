"""Small rule packs written in plain sight, and the code lists they need."""

from __future__ import annotations

from datetime import date

from drg.group import CompiledPack, IcdLists, compile_pack
from drg.group.pack import CcEntry, Group, RulePack
from drg.group.rules import parse_rule

DIAGNOSES = tuple(f"A{number:02d}.000" for number in range(12))
PROCEDURES = tuple(f"{number:02d}.0000" for number in range(10, 20))
LISTS = IcdLists(dict.fromkeys(DIAGNOSES, "诊断"), dict.fromkeys(PROCEDURES, "手术"), {}, {}, "")
Rows = list[tuple[str, str, str]]


def groups(rows: Rows) -> tuple[Group, ...]:
    """Groups from code, parent and rule; the order of the rows is the order of the groups."""
    return tuple(Group(code, code, text, parse_rule(text), parent, n) for n, (code, parent, text) in enumerate(rows))


def pack(
    mdcs: Rows,
    adrgs: Rows,
    drgs: Rows,
    sets: dict[str, tuple[str, ...]],
    cc: dict[str, tuple[str, str]] | None = None,
    exclusions: dict[str, tuple[str, ...]] | None = None,
    not_permitted: tuple[str, ...] = (),
) -> RulePack:
    """A pack without files; `cc` is code to level and exclusion set."""
    return RulePack(
        scheme="drawn",
        edition="1",
        name="drawn",
        origin="test",
        in_force_from=date(2025, 1, 1),
        in_force_to=None,
        identity="drawn@0",
        known_differences=(),
        mdcs=groups(mdcs),
        adrgs=groups(adrgs),
        drgs=groups(drgs),
        sets=sets,
        cc={code: CcEntry(*entry) for code, entry in (cc or {}).items()},
        exclusions=exclusions or {},
        not_permitted_principal=frozenset(not_permitted),
        ignored_procedures=frozenset(),
        extra_names={},
    )


def compiled(drawn: RulePack) -> CompiledPack:
    return compile_pack(drawn, LISTS)


def one_rule(rule: str, sets: dict[str, tuple[str, ...]], **kwargs) -> CompiledPack:
    """A pack whose only ADRG has this rule: a case is grouped in AA1 where it holds, else ungrouped."""
    return compiled(pack([("MDCA", "", "")], [("AA1", "MDCA", rule)], [("AA19", "AA1", "")], sets, **kwargs))
