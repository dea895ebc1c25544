"""validate: codes in their written form and keyed hashes; Arrow only, no Spark session."""

from __future__ import annotations

import hashlib
import hmac

import pyarrow as pa
import pytest

from drg.group import load_icd
from drg.validate.codes import (
    CLEAN,
    DIAGNOSIS_FORM,
    KNOWN,
    MALFORMED,
    PROCEDURE_FORM,
    REPAIRED,
    UNKNOWN,
    CodeList,
    clean_lists,
    cleaner,
    keyed_hash,
)

DIAGNOSES = CodeList.of(["I10.x00x002", "K80.101", "A01.002+G01*"], DIAGNOSIS_FORM)
PROCEDURES = CodeList.of(["51.2300", "00.6600x008", "17.912A0"], PROCEDURE_FORM)
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
        ("51.23", None, MALFORMED),  # a zero lost in a spreadsheet is not guessed
    ],
)
def test_procedures(text: str, code: str | None, state: int) -> None:
    assert PROCEDURES.clean(text) == (code, state)


def test_every_code_of_the_lists_has_its_form_and_no_two_are_alike_without_case_and_dot() -> None:
    icd = load_icd()
    for codes, form in ((icd.diagnoses, DIAGNOSIS_FORM), (icd.procedures, PROCEDURE_FORM)):
        assert [code for code in codes if not form.fullmatch(code)] == []
        assert len(CodeList.of(codes, form).folded) == len(codes)


def test_lists_keep_their_lengths_and_order_also_in_a_slice() -> None:
    lists = pa.array([["x"], ["k80.101", "K80.199"], [], ["K80.101", None, "K80.101"]], pa.list_(pa.string()))[1:]
    codes, states = clean_lists(lists, DIAGNOSES)
    assert codes.to_pylist() == [["K80.101", "K80.199"], [], ["K80.101", None, "K80.101"]]
    assert states.to_pylist() == [[REPAIRED, UNKNOWN], [], [KNOWN, MALFORMED, KNOWN]]


def test_keyed_hash_is_hmac_sha256_of_purpose_and_value() -> None:
    expected = hmac.new(SECRET, b"person:P1", hashlib.sha256).hexdigest()
    assert keyed_hash(pa.array(["P1", None]), SECRET, "person").to_pylist() == [expected, None]
    other_key = keyed_hash(pa.array(["P1"]), b"another key of 16", "person")
    other_purpose = keyed_hash(pa.array(["P1"]), SECRET, "visit")
    assert len({expected, other_key[0].as_py(), other_purpose[0].as_py()}) == 3


def test_the_cleaner_answers_in_the_shape_spark_is_told() -> None:
    lists = pa.array([["K80.101"]], pa.list_(pa.string()))
    result = cleaner(DIAGNOSES, PROCEDURES, ["K80.101"], SECRET)(
        lists, pa.array([[]], lists.type), pa.array(["P1"]), pa.array(["M1"])
    )
    assert result.type == CLEAN
    row = result[0].as_py()
    assert (row["diagnoses"], row["diagnosis_states"], row["procedures"]) == (["K80.101"], [KNOWN], [])
    assert row["person_key"] != row["mdtrt_key"]
    assert row["principal_ungroupable"] is True
