"""Loading a rule pack: what it holds, and that each thing wrong with it is named with its place."""

from __future__ import annotations

import shutil
from hashlib import sha256
from pathlib import Path

import pytest
import yaml

from drg.errors import RulePackError
from drg.group import available_schemes, load_icd, load_pack
from drg.group.icd import packs_folder

PACK = "chs-drg-2.0"


def record_checksums(folder: Path) -> None:
    """Write the checksums of the files into pack.yaml, as an editor of a pack does."""
    head = yaml.safe_load((folder / "pack.yaml").read_text(encoding="utf-8"))
    names = [path.name for path in folder.iterdir() if path.name != "pack.yaml"]
    head["files"] = {name: sha256((folder / name).read_bytes()).hexdigest() for name in sorted(names)}
    (folder / "pack.yaml").write_text(yaml.safe_dump(head, allow_unicode=True), encoding="utf-8")


@pytest.fixture
def folder(tmp_path):
    """A copy of the pack that a test may spoil."""
    return Path(shutil.copytree(packs_folder() / PACK, tmp_path / PACK))


def spoil(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    record_checksums(folder)


def error_of(folder: Path) -> str:
    with pytest.raises(RulePackError) as caught:
        load_pack(PACK, folder.parent)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("scheme", "mdcs", "adrgs", "drgs"), [("chs-drg-2.0", 26, 409, 634), ("chs-drg-1.1", 26, 376, 628)]
)
def test_the_national_packs_hold_as_many_groups_as_published(scheme, mdcs, adrgs, drgs):
    pack = load_pack(scheme)
    assert len(pack.mdcs) == mdcs
    assert sum(not group.ambiguous for group in pack.adrgs) == adrgs
    assert sum(not group.ambiguous for group in pack.drgs) == drgs
    assert pack.identity.startswith(f"{scheme}@")
    assert len(pack.identity) == len(scheme) + 13
    assert pack.known_differences


def test_the_code_lists_hold_as_many_codes_as_published():
    lists = load_icd()
    assert (len(lists.diagnoses), len(lists.procedures)) == (33304, 13686)
    assert (len(lists.diagnosis_to_insurance), len(lists.procedure_to_insurance)) == (4388, 560)
    assert lists.diagnoses["A00.100"] == "霍乱，由于O1群霍乱弧菌，埃尔托生物型所致"


def test_groups_are_tried_in_the_order_of_their_mdc_and_sort():
    pack = load_pack(PACK)
    assert [group.code for group in pack.mdcs[:4]] == ["MDCA", "MDCP", "MDCY", "MDCZ"]
    assert [group.code for group in pack.adrgs[:2]] == ["AA1", "AA2"]
    of_b = [group.code for group in pack.adrgs if group.parent == "MDCB"]
    assert of_b.index("BM1") < of_b.index("BQY") < of_b.index("BR1")


def test_codes_a_cell_shows_run_together_with_a_name_are_read_as_codes():
    pack = load_pack(PACK)
    assert pack.cc["C91.100"].level == "CC"
    assert "M31.100" in pack.exclusions["EX_127"]


def test_every_scheme_of_the_folder_is_available():
    assert available_schemes() == ("chs-drg-1.1", "chs-drg-2.0")


def test_an_unknown_scheme_is_named_with_the_known_ones():
    with pytest.raises(RulePackError, match=r"scheme chs-drg-9 has no rule pack .* known schemes: chs-drg-1.1"):
        load_pack("chs-drg-9")


def test_a_change_of_content_changes_the_identity(folder):
    before = load_pack(PACK).identity
    assert load_pack(PACK, folder.parent).identity == before
    spoil(folder, "drg.tsv", "QTZD in MCC", "QTZD in CC")
    changed = Path(shutil.copytree(folder, folder.parent / "again" / PACK))
    assert load_pack(PACK, changed.parent).identity != before


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("adrg.tsv", "ZYSS in OP_AA1", "ZYSS in OP_AA7", "adrg.tsv line 2 column 20: set OP_AA7 is not defined"),
        ("adrg.tsv", "ZYSS in OP_AA1", "ZYSX in OP_AA1", "adrg.tsv line 2 column 12: ZYSX is not a field"),
        ("adrg.tsv", "ZYSS in OP_AA1", "ZYSS in (OP_AA1", "adrg.tsv line 2 column 20: the name of a set expected"),
        ("adrg.tsv", "AA2\tMDCA\t2", "AA1\tMDCA\t2", "adrg.tsv line 3: code 'AA1' is empty or listed twice"),
        ("adrg.tsv", "AA2\tMDCA\t2", "AA2\tMDC?\t2", "adrg.tsv line 3: AA2 has the parent 'MDC?', no MDC"),
        ("adrg.tsv", "AA2\tMDCA\t2", "AA2\tMDCA\t1", "adrg.tsv line 3: AA2 has the same sort 1 as AA1"),
        ("adrg.tsv", "AA2\tMDCA\t2", "AA2\tMDCA\tb", "adrg.tsv line 3: sort 'b' of AA2 is not a whole number"),
        ("adrg.tsv", "AA2\tMDCA\t2", "AA2\tMDCA", "adrg.tsv line 3: 4 fields instead of 5"),
        ("adrg.tsv", "code\tmdc", "code\tMDC", "adrg.tsv line 1: the columns are code, mdc, sort, rule, name"),
        ("drg.tsv", "AA29\tAA2", "AA29\tAA1", "drg.tsv line 3: AA29 has the same sort 1 as AA19"),
        ("drg.tsv", "AA29\tAA2\t1", "AA29\tAA1\t2", "drg.tsv: AA2 has no group of its own"),
        ("sets.txt", "[OP_AA1]\n33", "[OP_AA1]\n93", "sets.txt line"),
        ("cc.txt", "[MCC EX_1]", "[MCC EX_0]", "cc.txt MCC EX_0: exclusion set EX_0 is not in exclusions.txt"),
        ("cc.txt", "[MCC EX_1]", "[XCC EX_1]", "cc.txt XCC EX_1: level XCC is neither MCC nor CC"),
        ("not_permitted_principal.txt", "[not", "[nor", "has the one key [not_permitted_principal]"),
        ("pack.yaml", "scheme: chs-drg-2.0", "scheme: chs-drg-1.1", "says scheme chs-drg-1.1 in folder chs-drg-2.0"),
        ("pack.yaml", "edition:", "version:", "lacks the key 'edition'"),
        ("pack.yaml", "from: 2024-07-01", "from: July", "in_force: 'from' is a day"),
        ("pack.yaml", "scheme: chs", "scheme: [chs", "pack.yaml line"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(folder, name, old, new, words):
    if name == "pack.yaml":
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    else:
        spoil(folder, name, old, new)
    assert words in error_of(folder)


def test_a_code_with_two_levels_is_refused(folder):
    spoil(folder, "cc.txt", "[CC EX_1]\n", "[CC EX_1]\nA00 .100x001\n")
    assert "code A00.100x001 already has a level" in error_of(folder)


def test_a_file_that_differs_from_its_checksum_is_refused(folder):
    path = folder / "names.tsv"
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert "names.tsv has sha256" in error_of(folder)


@pytest.mark.parametrize(
    ("name", "words"),
    [("cc.txt", "cc.txt is missing"), ("names.tsv", "names.tsv is missing"), ("pack.yaml", "known schemes")],
)
def test_a_missing_file_is_named(folder, name, words):
    (folder / name).unlink()
    assert words in error_of(folder)


def test_files_and_pack_yaml_name_the_same_files(folder):
    (folder / "notes.txt").write_text("", encoding="utf-8")
    assert "notes.txt is not a file of a rule pack" in error_of(folder)
    (folder / "notes.txt").unlink()
    text = (folder / "pack.yaml").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if "cc.txt" not in line]
    (folder / "pack.yaml").write_text("\n".join(lines), encoding="utf-8")
    assert "does not list cc.txt" in error_of(folder)


def test_code_lists_are_checked_as_well(tmp_path):
    lists = Path(shutil.copytree(packs_folder() / "icd", tmp_path / "icd"))
    path = lists / "diagnosis_clinical_to_insurance.tsv"
    path.write_text("clinical_code\tinsurance_code\nA01.000x002\tA01.999\n", encoding="utf-8")
    with pytest.raises(RulePackError, match=r"line 2: A01.000x002 maps to A01.999, which is not an insurance-edition"):
        load_icd(lists)
