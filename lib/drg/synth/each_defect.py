"""A delivery with every defect the checks know, each done to a few lists, and what the reports must name of it.

The lists are drawn as for a usual province, without events; those that fail a check by their nature (a perinatal
diagnosis after the first month, a procedure done twice) are left out, so that every finding is a drawn one.
"""

from __future__ import annotations

import copy
import csv
import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drg.doors.config import Province
from drg.errors import ConfigError
from drg.group import load_icd, load_pack
from drg.synth import fields
from drg.synth.assumptions import Rates
from drg.synth.defects import FLAGGED, KINDS, Defect, Message
from drg.synth.defects_across import PAIRS
from drg.synth.further_defects import ALSO, Further, further
from drg.synth.province import SCHEME, draw_province
from drg.synth.row_defects import row_defects

NOTHING_ELSE = Rates(defective=0, late=0, corrected=0, reversed=0, ambiguous=0, ungrouped=0, particular=0)
# Lists drawn to choose from: newborns, ventilation and intensive care are rare.
POOL = 6_000
TRUTH = "each_defect.csv"
HALF = 700


@dataclass(frozen=True)
class Expected:
    """What the reports say of one record: `findings` all of it, `also` what they may say besides."""

    setl_id: str
    defect: str
    findings: frozenset[str]
    also: frozenset[str]


@dataclass(frozen=True)
class Score:
    """How well the reports name the drawn defects; a finding is a record and a check with its degree."""

    drawn: int
    named: int
    found: int
    unasked: tuple[tuple[int, str], ...]
    missed: tuple[tuple[int, str], ...]

    @property
    def recall(self) -> float:
        """Share of the drawn findings that are named."""
        return self.named / self.drawn if self.drawn else 1.0

    @property
    def precision(self) -> float:
        """Share of the named findings that were drawn or follow from what was."""
        return 1 - len(self.unasked) / self.found if self.found else 1.0


def score(expected: Mapping[int, Expected], found: Mapping[int, Iterable[str]]) -> Score:
    """The reports, as findings by line number, beside what was drawn."""
    wanted = [(line, one) for line, record in sorted(expected.items()) for one in sorted(record.findings)]
    told = [(line, one) for line in sorted(found) for one in sorted(set(found[line]))]
    missed = tuple(pair for pair in wanted if pair[1] not in set(found.get(pair[0], ())))
    unasked = tuple((line, one) for line, one in told if one not in expected[line].findings | expected[line].also)
    return Score(len(wanted), len(wanted) - len(missed), len(told), unasked, missed)


def draw_each_defect(
    province: Province, region: str, month: str, each: int, seed: int, out: Path, truth: Path
) -> dict[int, Expected]:
    """Write the delivery of one region and month below `out`; line number -> what is to be named, in `truth` as well.

    Raises ConfigError naming the defects for which too few lists were drawn.
    """
    draw_province(province, [month], POOL, seed, ("json",), out, truth, regions=(region,), rates=NOTHING_ELSE)
    folder = out / region / month
    manifest = json.loads((folder / "delivery.json").read_text(encoding="utf-8"))
    path = folder / manifest["files"][0]["name"]
    pool = _one_a_person(map(_flat, gzip.decompress(path.read_bytes()).splitlines()))
    foreign = _foreign_hospital(province, region, out)
    _no_disputes(out / region / "case_dispute.csv")
    records = list(_records(pool, each, foreign))
    lines = [line for line, _ in records]
    path.write_bytes(gzip.compress("".join(line + "\n" for line in lines).encode(), mtime=0))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    manifest["files"] = [{"name": path.name, "format": "json", "records": len(lines), "sha256": digest}]
    (folder / "delivery.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    expected = {number: one for number, (_, one) in enumerate(records, 1)}
    _write(truth / TRUTH, path.name, expected)
    return expected


def all_defects() -> dict[str, Further]:
    """Name -> defect: those of a usual province that are done to one list, and the further ones."""
    icd, pack = load_icd(), load_pack(SCHEME)
    not_permitted = next(code for code in sorted(pack.not_permitted_principal) if code.startswith("R"))
    usual = {
        kind.label: Further(_finding(kind), kind.value.do, ALSO.get(kind.label, frozenset()))
        for kind in KINDS
        if kind not in (Defect.DUPLICATE, Defect.HALF_RECORD)
    }
    return usual | further(sorted(icd.diagnoses), sorted(icd.procedures), not_permitted) | row_defects()


def _finding(kind: Defect) -> str:
    return f"{'W' if kind.value.outcome == FLAGGED else 'R'}:{kind.value.check_id}"


def _records(pool: list[Message], each: int, foreign: str) -> Iterator[tuple[str, Expected]]:
    """Lines with what is to be named of them: damaged lists, some that come twice or are taken back, sound ones."""
    lacking = []
    defects = all_defects() | {"hospital_elsewhere": Further("W:ID07", _at(foreign))}
    for name, defect in defects.items():
        done = 0
        for place in range(len(pool)):
            message = copy.deepcopy(pool[place])
            if done == each:
                break
            if defect.do(message):
                pool[place] = {}
                done += 1
                yield _line(message), Expected(message["setl_id"], name, frozenset({defect.finding}), defect.also)
        if done < each:
            lacking.append(name)
        pool[:] = [message for message in pool if message]
    if lacking:
        raise ConfigError(f"too few lists for {', '.join(lacking)}; draw another month or region, or fewer of each")
    yield from _pairs(pool, each)
    for message in pool[: 5 * each : 5]:
        yield from _twice_or_taken_back(message)
    yield from ((_line(m), Expected(m["setl_id"], "", frozenset(), frozenset())) for m in pool[5 * each :])


def _pairs(pool: list[Message], each: int) -> Iterator[tuple[str, Expected]]:
    """Two lists of one person for each kind of pair; the lists used are taken out of the pool."""
    last_day = max(message["setl_time"][:10] for message in pool)
    hospitals = sorted({message["fixmedins_code"] for message in pool})
    for name, kind in PAIRS.items():
        done = 0
        for place, message in enumerate(pool):
            elsewhere = next(code for code in hospitals if code != message["fixmedins_code"])
            pair = kind.drawn(message, elsewhere, last_day) if done < each else None
            if pair is None:
                continue
            pool[place] = {}
            done += 1
            for one, findings in zip(pair, (kind.first, kind.second), strict=True):
                yield _line(one), Expected(one["setl_id"], name, findings, kind.also)
        pool[:] = [message for message in pool if message]
        if done < each:
            raise ConfigError(f"too few lists for {name}; draw another month or region, or fewer of each")


def _one_a_person(messages: Iterable[Message]) -> list[Message]:
    """The quiet lists, each of a person of its own, so that only drawn pairs say anything of each other."""
    seen: set[str] = set()
    found = []
    for message in messages:
        if message["psn_no"] not in seen and _quiet(message):
            found.append(message)
        seen.add(message["psn_no"])
    return found


def _at(hospital: str) -> Any:
    def do(message: Message) -> bool:
        message["fixmedins_code"] = hospital
        return True

    return do


def _twice_or_taken_back(message: Message) -> Iterator[tuple[str, Expected]]:
    """A list with a copy and a later version; further settlements of it taken back, an orphan, half a record."""

    def told(one: Message, defect: str, *findings: str) -> tuple[str, Expected]:
        return _line(one), Expected(one["setl_id"], defect, frozenset(findings), frozenset())

    stem = message["setl_id"]
    first, later = {**message}, {**message, "dcla_time": message["dcla_time"][:11] + "23:59:59"}
    yield told(first, "superseded", "R:ID04")
    yield told(first, "duplicate", "R:ID03")
    yield told(later, "later_version", "W:ID04")
    taken = {**message, "setl_id": stem + "A", "mdtrt_id": message["mdtrt_id"] + "A"}
    back = {**taken, "setl_id": stem + "B", "init_setl_id": taken["setl_id"], "refd_setl_flag": "1"}
    yield told(taken, "reversed", "R:ID22")
    yield told(back, "reversal", "R:ID22")
    yield told({**back, "setl_id": stem + "C", "init_setl_id": stem + "Z"}, "orphan_reversal", "R:XL07")
    cut = _line({**message, "setl_id": stem + "D"})[:HALF]
    yield cut, Expected(stem + "D", "half_record", frozenset({"R:BT06"}), frozenset())


def _quiet(message: Message) -> bool:
    """Whether a drawn list has nothing by its nature that a check names."""
    codes = [row["diag_code"] for row in message["diseinfo"]]
    principal = codes[0]
    done = [(row["oprn_oprt_code"], row["oprn_oprt_date"]) for row in message["oprninfo"]]
    late = principal.startswith("P") and (message["age_days"] == "" or int(message["age_days"]) > 28)
    delivers = any(code.startswith(("72", "73", "74.0", "74.1", "74.2")) for code, _ in done)
    pregnant = any(code.startswith(("O", "Z33", "Z34", "Z35", "Z36", "Z37", "Z38", "Z39")) for code in codes)
    # A treatment as principal diagnosis without its procedure, and a main procedure that groups nowhere.
    treated = principal.startswith(("Z49", "Z51.0", "Z51.1"))
    minor = bool(done) and done[0][0] in load_pack(SCHEME).ignored_procedures
    return not (late or treated or minor) and len(set(done)) == len(done) and (pregnant or not delivers)


def _foreign_hospital(province: Province, region: str, out: Path) -> str:
    """A hospital with the code of another region, entered in this one's register."""
    other = next(code for code in province.region_codes() if code[:4] != region[:4])
    path = out / region / "hospital_register.csv"
    rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    code = f"H{other}99999"
    row = dict(zip(rows[0], rows[1], strict=True)) | {"hospital_code": code, "valid_to": ""}
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerow([row[name] for name in rows[0]])
    return code


def _no_disputes(path: Path) -> None:
    """Only the header: the disputes drawn may be about lists that are left out here."""
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")


def _flat(line: bytes) -> Message:
    message = json.loads(line)
    return {**message["setlinfo"], **{node: message[node] for node in fields.NODES}}


def _line(message: Message) -> str:
    header = {name: message[name] for name in fields.SETLINFO}
    nodes = {node: message[node] for node in fields.NODES}
    return json.dumps({"setlinfo": header, **nodes}, ensure_ascii=False, separators=(",", ":"))


def _write(path: Path, file_name: str, expected: Mapping[int, Expected]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["file_name", "line_number", "setl_id", "defect", "findings", "also"])
        for number, one in expected.items():
            findings = [" ".join(sorted(some)) for some in (one.findings, one.also)]
            writer.writerow([file_name, number, one.setl_id, one.defect, *findings])
