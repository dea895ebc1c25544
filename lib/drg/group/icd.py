"""The code lists: diagnoses and procedures (医保版), and clinical-edition codes (国临版) with another code."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from drg.doors.config import load_yaml, project_home
from drg.errors import ConfigError, RulePackError
from drg.group.codes import read_text

PACK_FILE = "pack.yaml"
CODE_FOLDER = "icd"
CODE_LISTS = ("diagnoses.tsv", "procedures.tsv")
CODE_MAPS = ("diagnosis_clinical_to_insurance.tsv", "procedure_clinical_to_insurance.tsv")


@dataclass(frozen=True)
class IcdLists:
    """The insurance-edition code lists and the maps from the clinical edition.

    Attributes:
        diagnoses, procedures: insurance-edition code to name.
        diagnosis_to_insurance, procedure_to_insurance: clinical-edition code to the insurance-edition code it is read
            as. Some clinical codes are also insurance codes with another meaning, so the maps apply only to lists that
            say they use the clinical edition.
        checksum: sha256 over diagnoses.tsv and procedures.tsv.
    """

    diagnoses: dict[str, str]
    procedures: dict[str, str]
    diagnosis_to_insurance: dict[str, str]
    procedure_to_insurance: dict[str, str]
    checksum: str


def packs_folder() -> Path:
    """The folder of all rule packs and of the code lists."""
    return project_home() / "conf" / "rule_packs"


def load_icd(folder: Path | None = None) -> IcdLists:
    """The code lists of `conf/rule_packs/icd` (or of `folder`), read once a process.

    Raises RulePackError naming file and line: a line without two fields, a code twice, a map to a code that is in no
    list, a checksum that differs from pack.yaml.
    """
    return _load_icd(folder or packs_folder() / CODE_FOLDER)


@lru_cache(maxsize=4)
def _load_icd(folder: Path) -> IcdLists:
    pack = read_pack_file(folder)
    diagnoses, procedures = (read_pairs(folder / name, ("icd_code", "icd_name")) for name in CODE_LISTS)
    maps = [read_pairs(folder / name, ("clinical_code", "insurance_code")) for name in CODE_MAPS]
    for name, mapping, known in zip(CODE_MAPS, maps, (diagnoses, procedures), strict=True):
        for line, (clinical, insurance) in enumerate(mapping.items(), 2):
            if insurance not in known:
                raise RulePackError(
                    f"{folder / name} line {line}: {clinical} maps to {insurance}, which is not an insurance-edition "
                    "code; correct the code or add it to the list"
                )
    sums = check_files(folder, pack, CODE_LISTS + CODE_MAPS, ())
    checksum = sha256("".join(sums[name] for name in CODE_LISTS).encode()).hexdigest()
    return IcdLists(diagnoses, procedures, maps[0], maps[1], checksum)


def read_pack_file(folder: Path) -> dict[str, Any]:
    """The content of a folder's pack.yaml; raises RulePackError when it is absent or not a mapping."""
    path = folder / PACK_FILE
    if not path.is_file():
        raise RulePackError(f"{path} is missing; a rule pack is a folder with a pack.yaml")
    try:
        content = load_yaml(path)
    except ConfigError as error:
        raise RulePackError(str(error)) from error
    if not isinstance(content, dict) or not isinstance(content.get("files"), dict):
        raise RulePackError(f"{path} has no mapping 'files' of file name to sha256; add it")
    return content


def check_files(
    folder: Path, pack: dict[str, Any], required: tuple[str, ...], optional: tuple[str, ...]
) -> dict[str, str]:
    """File name to sha256 of every file of a pack, compared with its pack.yaml.

    Raises RulePackError for a file that is required and not listed, listed and not there, there and not listed, not
    known, or whose content is not the one recorded.
    """
    listed = {str(name): str(value) for name, value in pack["files"].items()}
    present = {path.name for path in folder.iterdir() if path.is_file() and path.name != PACK_FILE}
    for name in sorted(set(required) - set(listed)):
        raise RulePackError(f"{folder / PACK_FILE} does not list {name}; add the file and its sha256")
    for name in sorted((set(listed) | present) - set(required) - set(optional)):
        raise RulePackError(f"{folder / name} is not a file of a rule pack; remove it")
    for name in sorted(present - set(listed)):
        raise RulePackError(f"{folder / PACK_FILE} does not list {name}; add its sha256 or remove the file")
    for name, recorded in sorted(listed.items()):
        found = sha256(read_text(folder / name).encode("utf-8")).hexdigest()
        if found != recorded:
            raise RulePackError(
                f"{folder / name} has sha256 {found[:12]}… but pack.yaml records {recorded[:12]}…; "
                "restore the file or record the new checksum"
            )
    return listed


def read_pairs(path: Path, header: tuple[str, str]) -> dict[str, str]:
    """Code to value of a file of two columns; raises RulePackError as `read_rows`, and for a code twice."""
    pairs: dict[str, str] = {}
    for line, fields in read_rows(path, header):
        code, value = fields
        if code in pairs:
            raise RulePackError(f"{path} line {line}: code {code} is listed twice; keep it once")
        pairs[code] = value
    return pairs


def read_rows(path: Path, header: tuple[str, ...]) -> list[tuple[int, list[str]]]:
    """Line number and fields of each row of a tab-separated file with this header row.

    Raises RulePackError naming file and line for another header or another number of fields.
    """
    lines = read_text(path).split("\n")
    if lines[0].split("\t") != list(header):
        raise RulePackError(f"{path} line 1: the columns are {', '.join(header)}; found {lines[0]!r}")
    rows = []
    for number, line in enumerate(lines[1:], 2):
        if not line:
            continue
        fields = line.split("\t")
        if len(fields) != len(header):
            raise RulePackError(
                f"{path} line {number}: {len(fields)} fields instead of {len(header)} ({', '.join(header)}); "
                "separate them by one tab"
            )
        rows.append((number, fields))
    return rows
