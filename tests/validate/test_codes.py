"""validate: codes in their written form and keyed hashes; Arrow only, no Spark session."""

from __future__ import annotations

import hashlib
import hmac

import pyarrow as pa
import pytest

from drg.group import load_icd
from drg.land.layout import NODES
from drg.validate.clean import CLEAN, clean_lists, cleaner, keyed_hash
from drg.validate.codes import (
    DIAGNOSIS_FORM,
    KNOWN,
    MALFORMED,
    PROCEDURE_FORM,
    REPAIRED,
    UNKNOWN,
    CodeList,
    Written,
)

# Of the clinical edition K80.101 is another code, A01.000x002 is none of the insurance edition.
DIAGNOSES = CodeList.of(
    ["I10.x00x002", "K80.101", "K80.103", "A01.002+G01*", "A01.003", "C22.101"],
    DIAGNOSIS_FORM,
    {"K80.101": "胆囊结石（多发）"},
    {"A01.000x002": "A01.003", "K80.101": "K80.103", "C22.101M81600/3": "C22.101", "K80.103M97630/3": "K80.101"},
)
PROCEDURES = CodeList.of(
    ["51.2300", "00.6600x008", "17.912A0", "99.9200", "03.3100", "54.5101", "17.91100"], PROCEDURE_FORM
)
SECRET = b"0123456789abcdef"


@pytest.mark.parametrize(
    ("text", "code", "state"),
    [
        ("K80.101", "K80.101", KNOWN),
        (" K80.101", "K80.101", REPAIRED),
        ("K80.101\t", "K80.101", REPAIRED),
        ("K80. 101", "K80.101", REPAIRED),
        ("k80.101", "K80.101", REPAIRED),
        ("i10.X00X002\t", "I10.x00x002", REPAIRED),
        ("Ｋ８０．１０１", "K80.101", REPAIRED),
        ("\ufeffK80.101\u200b", "K80.101", REPAIRED),
        ("K80101", "K80.101", REPAIRED),
        ("A01.002†G01＊", "A01.002+G01*", REPAIRED),
        ("A01.002＋g01*", "A01.002+G01*", REPAIRED),
        ("A01.002+G01", "A01.002+G01*", REPAIRED),  # the asterisk lost
        ("A01.002", "A01.002", UNKNOWN),  # half of the pair is no code
        ("G01*", None, MALFORMED),
        ("C22.101M81600/3", "C22.101", REPAIRED),  # morphology glued on
        ("c22.101m81600/3", "C22.101", REPAIRED),
        ("K80.199M81600/3", None, MALFORMED),
        ("K80.103M97630/3", None, MALFORMED),  # mapped to another code than the one before its morphology
        ("K80\u3000.101\u00a0", "K80.101", REPAIRED),
        ("K80.101;I10.x00x002", None, MALFORMED),  # several codes in a cell are not taken apart
        ("K80.101、I10.x00x002", None, MALFORMED),
        ("null", None, MALFORMED),
        ("-", None, MALFORMED),
        ("*", None, MALFORMED),
        ("无", None, MALFORMED),
        ("nan", None, MALFORMED),
        ("K80.199", "K80.199", UNKNOWN),
        ("k80.X01x001", "K80.x01x001", UNKNOWN),
        ("K80.1", None, MALFORMED),
        ("张三", None, MALFORMED),
        ("", None, MALFORMED),
        (None, None, MALFORMED),
    ],
)
def test_diagnoses(text: str | None, code: str | None, state: int) -> None:
    assert DIAGNOSES.clean(text) == (code, state)


@pytest.mark.parametrize(
    ("text", "code", "state"),
    [
        ("51.2300", "51.2300", KNOWN),
        ("00.6600X008", "00.6600x008", REPAIRED),
        ("17.912a0", "17.912A0", REPAIRED),
        ("51.2301", "51.2301", UNKNOWN),
        ("51.23", "51.2300", REPAIRED),  # zeros lost in a spreadsheet, found by the number
        ("99.92", "99.9200", REPAIRED),
        ("3.31", "03.3100", REPAIRED),
        ("54.510100000000001", "54.5101", REPAIRED),
        ("54.510099999999998", "54.5101", REPAIRED),
        ("17.911", "17.91100", REPAIRED),
        ("54.51010001", None, MALFORMED),  # off by more than a binary fraction is
        ("54.51", None, MALFORMED),  # the number of no code
        ("54", None, MALFORMED),
        ("9.992E1", None, MALFORMED),
        ("512300", "51.2300", REPAIRED),
    ],
)
def test_procedures(text: str, code: str | None, state: int) -> None:
    assert PROCEDURES.clean(text) == (code, state)


def test_every_code_of_the_lists_has_its_form_and_no_two_are_alike_without_case_and_dot() -> None:
    icd = load_icd()
    for codes, form in ((icd.diagnoses, DIAGNOSIS_FORM), (icd.procedures, PROCEDURE_FORM)):
        assert [code for code in codes if not form.fullmatch(code)] == []
        written = Written.of(codes)
        assert len(written.folded) == len(codes)
        # And none is alike without its asterisk, no two that are numbers have one value.
        assert len(written.starless) == sum(code.endswith("*") for code in codes)
        assert len(written.values) == sum(code[2:].replace(".", "").isdigit() and code[0].isdigit() for code in codes)


@pytest.mark.parametrize(
    ("text", "code", "state"),
    [
        ("A01.000x002", "A01.003", KNOWN),  # mapped
        ("a01.000X002 ", "A01.003", REPAIRED),
        ("I10.x00x002", "I10.x00x002", KNOWN),  # the same in both editions
        ("K80.101", "K80.103", KNOWN),  # a code of both, of another meaning in each
        ("k80.101", "K80.103", REPAIRED),
        ("K80.103", "K80.103", KNOWN),
        ("C22.101M81600/3", "C22.101", KNOWN),
        ("c22.101m81600/3", "C22.101", REPAIRED),
        ("k80.103m97630/3", "K80.101", REPAIRED),
        ("K80.199", "K80.199", UNKNOWN),
        ("张三", None, MALFORMED),
    ],
)
def test_the_clinical_edition_is_mapped_once(text: str, code: str | None, state: int) -> None:
    assert DIAGNOSES.clean(text, clinical=True) == (code, state)


def test_a_mapped_code_mapped_again_would_be_another() -> None:
    """Why the edition is declared: of the shipped maps 245 diagnoses and 4 procedures are codes of both editions."""
    icd = load_icd()
    both = (
        icd.diagnosis_to_insurance.keys() & icd.diagnoses.keys(),
        icd.procedure_to_insurance.keys() & icd.procedures.keys(),
    )
    assert tuple(map(len, both)) == (245, 4)
    assert [DIAGNOSES.is_two_editions(code) for code in ("K80.101", "k80.101", "A01.000x002", "I10.x00x002", None)] == [
        *(True, True, False, False, False)
    ]


def test_the_clinical_codes_of_the_maps_lead_to_insurance_codes_in_any_case() -> None:
    icd = load_icd()
    listed = CodeList.of(icd.diagnoses, DIAGNOSIS_FORM, icd.diagnoses, icd.diagnosis_to_insurance)
    for clinical, insurance in icd.diagnosis_to_insurance.items():
        assert listed.clean(clinical, clinical=True) == (insurance, KNOWN)
        assert listed.clean(clinical.lower() + " ", clinical=True)[0] == insurance


@pytest.mark.parametrize(
    ("name", "differs"),
    [
        ("胆囊结石（多发）", False),
        ("胆囊结石(多发)", False),
        ("胆囊结石【多发】 ", False),
        ("", False),
        ("胆囊结石", True),
    ],
)
def test_names_differ_by_more_than_brackets_and_blanks(name: str, differs: bool) -> None:
    assert DIAGNOSES.is_named_otherwise("K80.101", name) is differs
    assert not DIAGNOSES.is_named_otherwise("K80.103", name)  # no official name
    assert not DIAGNOSES.is_named_otherwise(None, name)


def test_lists_keep_their_lengths_and_order_also_in_a_slice() -> None:
    lists = pa.array([["x"], ["k80.101", "K80.199"], [], ["K80.101", None, "K80.101"]], pa.list_(pa.string()))[1:]
    codes, states, odd = clean_lists(lists, DIAGNOSES)
    assert codes.to_pylist() == [["K80.101", "K80.199"], [], ["K80.101", None, "K80.101"]]
    assert states.to_pylist() == [[REPAIRED, UNKNOWN], [], [KNOWN, MALFORMED, KNOWN]]
    assert {name: any(flags) for name, flags in odd.items()} == {
        "named_otherwise": False,
        "lone_asterisk": False,
        "of_two_editions": False,
    }


def test_each_list_is_read_in_its_own_edition() -> None:
    lists = pa.array([["K80.101"], ["K80.101"], ["K80.101"]], pa.list_(pa.string()))
    names = pa.array([["息肉"], ["息肉"], ["胆囊结石(多发)"]], pa.list_(pa.string()))
    codes, _, odd = clean_lists(lists, DIAGNOSES, names, pa.array([True, False, None]))
    assert codes.to_pylist() == [["K80.103"], ["K80.101"], ["K80.101"]]
    assert list(odd["named_otherwise"]) == [False, True, False]
    assert list(odd["of_two_editions"]) == [True, False, False]


def test_a_text_with_the_separator_of_the_look_up_is_no_code() -> None:
    codes, states, _ = clean_lists(pa.array([["K80.101\x1f"]], pa.list_(pa.string())), DIAGNOSES)
    assert (codes.to_pylist(), states.to_pylist()) == ([[None]], [[MALFORMED]])


def test_keyed_hash_is_hmac_sha256_of_purpose_and_value() -> None:
    expected = hmac.new(SECRET, b"person:P1", hashlib.sha256).hexdigest()
    assert keyed_hash(pa.array(["P1", None]), SECRET, "person").to_pylist() == [expected, None]
    other_key = keyed_hash(pa.array(["P1"]), b"another key of 16", "person")
    other_purpose = keyed_hash(pa.array(["P1"]), SECRET, "visit")
    assert len({expected, other_key[0].as_py(), other_purpose[0].as_py()}) == 3


def test_the_cleaner_answers_in_the_shape_spark_is_told() -> None:
    identity = pa.array([dict.fromkeys(("certno", "gend", "emp_poscode", "adm_time", "dscg_time", "birth"), "1")])
    identity = pa.StructArray.from_arrays(
        [*identity.flatten(), pa.array([False])], names=[*(one.name for one in identity.type), "of_adult"]
    )
    kinds = {node: pa.list_(pa.struct([(name, pa.string()) for name in names])) for node, names in NODES.items()}
    rows = {"diseinfo": [{"diag_type": "1", "maindiag_flag": "1", "diag_code": "K80.101", "diag_name": "胆囊结石"}]}
    nodes = [pa.array([rows.get(node)], kind) for node, kind in kinds.items()]
    others = (pa.array([False]), pa.array(["P1"]), pa.array(["M1"]), identity)
    result = cleaner(DIAGNOSES, PROCEDURES, ["K80.101"], [], SECRET)(*nodes, *others)
    assert result.type == CLEAN
    row = result[0].as_py()
    assert (row["diagnoses"], row["diagnosis_states"], row["procedures"]) == (["K80.101"], [KNOWN], [])
    assert row["person_key"] != row["mdtrt_key"]
    assert row["principal_ungroupable"] is True
