"""The written form of code lists."""

from __future__ import annotations

import pytest

from drg.errors import RulePackError
from drg.group.codes import read_code_blocks, write_code_blocks


@pytest.fixture
def read(tmp_path):
    def read_text(text: str, known=None):
        path = tmp_path / "sets.txt"
        path.write_text(text, encoding="utf-8")
        return read_code_blocks(path, known)

    return read_text


def test_a_token_without_a_dot_continues_the_stem_before_it(read):
    assert read("# codes\n[DI]\nI60 .000 x001 +G01* .100x002\n\n[OP]\n37 .5100 x001 .6x00x003\n") == {
        "DI": ["I60.000", "I60.000x001", "I60.000+G01*", "I60.100x002"],
        "OP": ["37.5100", "37.5100x001", "37.6x00x003"],
    }


def test_what_is_written_is_read_back(read):
    codes = ["A01.000x005+J17.0*", "A01.000", "A55.x00", "01.6x00x001", "01.6x00", "A01.001+K77.0*", "37.5100"]
    text = write_code_blocks([("B", codes), ("EMPTY", [])], "two blocks")
    assert read(text) == {"B": sorted(codes), "EMPTY": []}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I60 .000\n", "line 1: codes before the first key"),
        ("[A]\nI60 .000\n[A]\n", "line 3: A is listed twice"),
        ("[A]\nI60 .000 .000\n", "line 2: code I60.000 is listed twice in A"),
        ("[A]\nI60 x001\n", "line 2 column 5: 'x001' is neither a code"),
        ("[A]\nI60 .000  x001\n", "line 2 column 10: '' is neither a code"),
        ("[A]\nI60 .000 B01\n", "line 2 column 10: 'B01' is neither a code"),
        ("[A]\nI60\n", "line 2: category 'I60' has no code"),
        ("[A\nI60 .000\n", "line 1: '[A' is not a key"),
        ("[A]\nI60 .000\n", "line 2: code I60.000 of A is in no code list"),
    ],
)
def test_an_error_names_line_and_remedy(read, text, words):
    known = set() if "no code list" in words else None
    with pytest.raises(RulePackError, match=r"sets\.txt") as caught:
        read(text, known)
    assert words in str(caught.value)
