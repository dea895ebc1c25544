"""Rule packs: the facts of one grouping scheme (分组方案), checked when they are loaded.

A pack is a folder of text files: groups with their rules (mdc.tsv, adrg.tsv, drg.tsv), code sets (sets.txt), CC and
MCC with their exclusion sets (cc.txt, exclusions.txt) and a pack.yaml that says what it is and records the sha256 of
each file. Source: CHS-DRG (国家医疗保障疾病诊断相关分组), National Healthcare Security Administration.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from drg.errors import RulePackError
from drg.group.codes import read_code_blocks
from drg.group.icd import (
    CODE_FOLDER,
    PACK_FILE,
    IcdLists,
    check_files,
    load_icd,
    packs_folder,
    read_pack_file,
    read_pairs,
    read_rows,
)
from drg.group.rules import Node, RuleSyntaxError, check_sets, parse_rule

REQUIRED_FILES = ("mdc.tsv", "adrg.tsv", "drg.tsv", "sets.txt", "cc.txt", "exclusions.txt")
OPTIONAL_FILES = ("names.tsv", "not_permitted_principal.txt", "ignored_procedures.txt")
LEVELS = ("MCC", "CC")
AMBIGUOUS_SUFFIX = "QY"


@dataclass(frozen=True)
class Group:
    """An MDC, ADRG or DRG: code, name, rule as written and as syntax tree, parent code ("" for an MDC), order."""

    code: str
    name: str
    text: str
    rule: Node
    parent: str
    sort: int

    @property
    def ambiguous(self) -> bool:
        """Whether this is an ambiguous group (歧义组): a valid principal procedure that fits no group of the MDC."""
        return self.code.endswith(AMBIGUOUS_SUFFIX)


@dataclass(frozen=True)
class CcEntry:
    """Level (MCC or CC) of a diagnosis and the set of principal diagnoses that take it away."""

    level: str
    exclusion_set: str


@dataclass(frozen=True)
class RulePack:
    """One edition of a scheme. Groups stand in the order in which they are tried.

    Attributes:
        identity: scheme and the first 12 hex digits of a sha256 over all that decides a group, e.g.
            "chs-drg-2.0@0123456789ab".
        in_force_from, in_force_to: first and last day the scheme may be settled with; None where still in force.
        not_permitted_principal: diagnoses that may not be a principal diagnosis (不作为主要诊断).
        ignored_procedures: procedures with no part in grouping.
        extra_names: names of codes that the insurance-edition lists lack.
    """

    scheme: str
    edition: str
    name: str
    origin: str
    in_force_from: date
    in_force_to: date | None
    identity: str
    known_differences: tuple[str, ...]
    mdcs: tuple[Group, ...]
    adrgs: tuple[Group, ...]
    drgs: tuple[Group, ...]
    sets: dict[str, tuple[str, ...]]
    cc: dict[str, CcEntry]
    exclusions: dict[str, tuple[str, ...]]
    not_permitted_principal: frozenset[str]
    ignored_procedures: frozenset[str]
    extra_names: dict[str, str]

    @cached_property
    def mdc(self) -> dict[str, Group]:
        """MDC code to group."""
        return {group.code: group for group in self.mdcs}

    @cached_property
    def adrg(self) -> dict[str, Group]:
        """ADRG code to group; an ambiguous ADRG and its DRG have the same code."""
        return {group.code: group for group in self.adrgs}

    @cached_property
    def drg(self) -> dict[str, Group]:
        """DRG code to group."""
        return {group.code: group for group in self.drgs}


def available_schemes() -> tuple[str, ...]:
    """The schemes that have a rule pack, ascending."""
    folder = packs_folder()
    return tuple(sorted(p.parent.name for p in folder.glob(f"*/{PACK_FILE}") if p.parent.name != CODE_FOLDER))


def load_pack(scheme: str, folder: Path | None = None) -> RulePack:
    """The rule pack of a scheme from `conf/rule_packs` (or another folder of packs), read once a process.

    Raises RulePackError, one sentence naming file, line and column: unknown scheme, missing file, unknown set or
    field, a rule that cannot be read, a group without parent or child, a code twice, an unknown code, a checksum that
    is not the recorded one.
    """
    return _load_pack((folder or packs_folder()) / scheme)


@lru_cache(maxsize=4)
def _load_pack(folder: Path) -> RulePack:
    return read_pack(folder.name, folder.parent)


def read_pack(scheme: str, folders: Path | None = None) -> RulePack:
    """As `load_pack`, but read and checked anew."""
    folder = (folders or packs_folder()) / scheme
    if scheme == CODE_FOLDER or not (folder / PACK_FILE).is_file():
        schemes = ", ".join(available_schemes())
        raise RulePackError(f"scheme {scheme} has no rule pack (no {folder / PACK_FILE}); known schemes: {schemes}")
    head = read_pack_file(folder)
    icd = load_icd()
    optional = tuple(name for name in OPTIONAL_FILES if name in head["files"])
    extra_names = read_pairs(folder / "names.tsv", ("icd_code", "icd_name")) if "names.tsv" in optional else {}
    known = icd.diagnoses.keys() | icd.procedures.keys() | extra_names.keys()
    sets = _blocks(folder / "sets.txt", known)
    exclusions = _blocks(folder / "exclusions.txt", known)
    cc = _read_cc(folder / "cc.txt", known, exclusions)
    mdcs = _read_groups(folder / "mdc.tsv", "", (), sets)
    adrgs = _read_groups(folder / "adrg.tsv", "mdc", mdcs, sets)
    drgs = _read_groups(folder / "drg.tsv", "adrg", adrgs, sets)
    single = {name: _single_block(folder / name, known) for name in optional if name != "names.tsv"}
    sums = check_files(folder, head, REQUIRED_FILES, OPTIONAL_FILES)
    return RulePack(
        **_read_head(folder, head),
        identity=f"{folder.name}@{_content_hash(folder.name, sums, icd)}",
        mdcs=mdcs,
        adrgs=adrgs,
        drgs=drgs,
        sets=sets,
        cc=cc,
        exclusions=exclusions,
        not_permitted_principal=single.get("not_permitted_principal.txt", frozenset()),
        ignored_procedures=single.get("ignored_procedures.txt", frozenset()),
        extra_names=extra_names,
    )


def _content_hash(scheme: str, sums: dict[str, str], icd: IcdLists) -> str:
    # the code lists count too: whether a principal diagnosis is known decides a reason code
    text = "\n".join([scheme, icd.checksum, *(f"{name} {value}" for name, value in sorted(sums.items()))])
    return sha256(text.encode()).hexdigest()[:12]


def _read_head(folder: Path, head: dict[str, Any]) -> dict[str, Any]:
    path = folder / "pack.yaml"
    try:
        force = head["in_force"]
        fields = {
            "scheme": str(head["scheme"]),
            "edition": str(head["edition"]),
            "name": str(head["name"]),
            "origin": str(head["origin"]),
            "in_force_from": force["from"],
            "in_force_to": force["to"],
            "known_differences": tuple(str(text) for text in head["known_differences"]),
        }
    except (KeyError, TypeError) as error:
        raise RulePackError(f"{path} lacks the key {error}; the pack.yaml of another scheme shows all keys") from error
    if fields["scheme"] != folder.name:
        raise RulePackError(f"{path} says scheme {fields['scheme']} in folder {folder.name}; make the two the same")
    first, last = fields["in_force_from"], fields["in_force_to"]
    if not isinstance(first, date) or not isinstance(last, date | None) or (last and last < first):
        raise RulePackError(f"{path} in_force: 'from' is a day and 'to' a later day or null; found {first} and {last}")
    return fields


def _blocks(path: Path, known: Set[str]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(codes) for key, codes in read_code_blocks(path, known).items()}


def _single_block(path: Path, known: Set[str]) -> frozenset[str]:
    blocks = _blocks(path, known)
    if list(blocks) != [path.stem]:
        raise RulePackError(f"{path} has the one key [{path.stem}]; found {', '.join(blocks) or 'none'}")
    return frozenset(blocks[path.stem])


def _read_cc(path: Path, known: Set[str], exclusions: dict[str, tuple[str, ...]]) -> dict[str, CcEntry]:
    entries: dict[str, CcEntry] = {}
    for key, codes in _blocks(path, known).items():
        level, _, exclusion_set = key.partition(" ")
        if level not in LEVELS:
            raise RulePackError(f"{path} {key}: level {level} is neither MCC nor CC; correct the key")
        if exclusion_set not in exclusions:
            raise RulePackError(f"{path} {key}: exclusion set {exclusion_set} is not in exclusions.txt; add it")
        for code in codes:
            if code in entries:
                raise RulePackError(f"{path} {key}: code {code} already has a level; keep it in one block")
            entries[code] = CcEntry(level, exclusion_set)
    return entries


def _read_groups(path: Path, parent_column: str, parents: tuple[Group, ...], sets: dict[str, Any]) -> tuple[Group, ...]:
    columns = ("code", *([parent_column] if parent_column else []), "sort", "rule", "name")
    order = {group.code: place for place, group in enumerate(parents)}
    groups: dict[str, Group] = {}
    places: dict[tuple[str, int], str] = {}
    for line, fields in read_rows(path, columns):
        row = dict(zip(columns, fields, strict=True))
        where, code, parent = f"{path} line {line}", row["code"], row.get(parent_column, "")
        if not code or code in groups:
            raise RulePackError(f"{where}: code {code!r} is empty or listed twice; give every group its own code")
        if parent_column and parent not in order:
            raise RulePackError(f"{where}: {code} has the parent {parent!r}, no {parent_column.upper()}; correct it")
        if not row["sort"].isdecimal():
            raise RulePackError(f"{where}: sort {row['sort']!r} of {code} is not a whole number; correct it")
        place = (parent, int(row["sort"]))
        if place in places:
            raise RulePackError(f"{where}: {code} has the same sort {place[1]} as {places[place]}; number them apart")
        places[place] = code
        rule_column = len("\t".join(fields[: columns.index("rule")])) + 1
        groups[code] = Group(code, row["name"], row["rule"], _rule(row["rule"], sets, where, rule_column), *place)
    for code in order.keys() - {group.parent for group in groups.values()}:
        raise RulePackError(f"{path}: {code} has no group of its own; add one or remove {code}")
    return tuple(sorted(groups.values(), key=lambda group: (order.get(group.parent, 0), group.sort)))


def _rule(text: str, sets: dict[str, Any], where: str, offset: int) -> Node:
    try:
        node = parse_rule(text)
        check_sets(node, sets)
    except RuleSyntaxError as error:
        raise RulePackError(f"{where} column {offset + error.column}: {error.problem}") from error
    return node
