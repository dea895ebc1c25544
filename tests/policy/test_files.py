"""Bad policy files: each is refused in one sentence that names file and line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from drg.errors import PolicyError
from drg.policy import PolicyBook
from drg.policy.parameters import PARAMETERS

Write = Callable[[str, str], Path]
REST = "from: 2025-01-01, unit: multiple, source: s, standing: assumed"

BAD_VALUES = [
    ("{value: 0.3, from: 2025-01-01, unit: multiple, standing: assumed}", "line 2: .*source is missing"),
    ("{value: 0.3, from: 2025-01-01, unit: multiple, source: ' ', standing: assumed}", "line 2: .*source is empty"),
    ("{value: 0.3, from: 2025-01-01, unit: multiple, source: s}", "line 2: .*standing is missing"),
    ("{value: 0.3, from: 2025-01-01, unit: multiple, source: s, standing: guessed}", "line 2: .*standing is wrong"),
    ("{value: 0.3, from: 2025-01-01, unit: yuan, source: s, standing: assumed}", "line 2: .*unit yuan is wrong"),
    (
        "{value: 0.3, from: 2025-13-01, unit: multiple, source: s, standing: assumed}",
        "line 2: .*month must be in 1..12",
    ),
    ("{value: 0.3, from: 2025-02-01, to: 2025-01-31, unit: multiple, source: s, standing: assumed}", "lies before"),
    (f"{{value: 0.3, colour: red, {REST}}}", "line 2: .*colour is not a field"),
    (f"{{value: 1.5, {REST}}}", "line 2: .*1.5 is above 0.9999"),
    (f"{{value: 0, {REST}}}", "line 2: .*0 is not above 0"),
    (f"{{value: 0.12345, {REST}}}", "line 2: .*0.12345 has more than 4 decimals"),
    (f"{{value: low, {REST}}}", "line 2: .*'low' is not a number"),
    (f"{{value: true, {REST}}}", "line 2: .*True is not a number"),
    (f"{{value: {{'1': 0.2, '2': 0.3}}, by: hospital_level, {REST}}}", "line 2: .*keys by hospital_level are 1, 2"),
    (f"{{value: {{1: 0.2, 2: 0.3, 3: 0.4}}, by: hospital_level, {REST}}}", "line 2: .*quoted"),
    (f"{{value: 0.3, by: fund, {REST}}}", "line 2: .*by fund is wrong; it may be keyed by hospital_level"),
]


@pytest.mark.parametrize(("entry", "sentence"), BAD_VALUES)
def test_a_bad_value_is_named_with_file_and_line(root: Path, write: Write, entry: str, sentence: str) -> None:
    write("510100/a.yaml", f"outlier.low.threshold:\n- {entry}\n")
    with pytest.raises(
        PolicyError, match=f"^conf/policy/510100/a.yaml {sentence}" if sentence[:4] == "line" else sentence
    ):
        PolicyBook.load(root)


def test_the_same_entry_without_fault_loads(root: Path, write: Write) -> None:
    write("510100/a.yaml", f"outlier.low.threshold:\n- {{value: 0.3, {REST}}}\n")
    PolicyBook.load(root)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("outlier.low.treshold:\n- {value: 0.3}\n", "line 1: outlier.low.treshold is not a known parameter"),
        ("outlier.low.threshold: 0.3\n", "line 1: outlier.low.threshold needs a list of dated values"),
        ("outlier.low.threshold: [\n", "line 2 is not valid YAML"),
        ("", "holds no parameters"),
        (
            f"outlier.low.threshold:\n- {{value: 0.3, {REST}}}\noutlier.low.threshold:\n- {{value: 0.4, {REST}}}\n",
            "line 3: outlier.low.threshold stands twice",
        ),
        (
            f"outlier.low.threshold:\n- {{value: 0.3, {REST}}}\n- {{value: 0.4, {REST}}}\n",
            r"line 3: .*two values hold on 2025-01-01 \(the other in line 2\)",
        ),
        (
            f"outlier.low.threshold:\n- {{value: 0.3, to: 2025-03-31, {REST}}}\n- {{value: 0.4, "
            f"{REST.replace('2025-01-01', '2025-03-31')}}}\n",
            "line 3: .*two values hold on 2025-03-31",
        ),
        (
            f"outlier.low.threshold:\n- {{value: 0.3, to: 2025-03-30, {REST}}}\n- {{value: 0.4, "
            f"{REST.replace('2025-01-01', '2025-04-01')}}}\n",
            "line 3: .*no value holds from 2025-03-31 to 2025-03-31",
        ),
        (
            "payment.method:\n- {value: guess, from: 2025-01-01, unit: rule, source: s, standing: assumed}\n",
            "line 2: .*guess is not a known rule; known are rate",
        ),
        (
            "weight.years:\n- {value: [{year: 2024, weight: 1}, {year: 2024, weight: 2}], from: 2025-01-01, "
            "unit: year_weights, source: s, standing: assumed}\n",
            "line 2: .*a year occurs twice",
        ),
    ],
)
def test_a_bad_file_is_named_with_its_line(root: Path, write: Write, text: str, sentence: str) -> None:
    write("510100/a.yaml", text)
    with pytest.raises(PolicyError, match=f"^conf/policy/510100/a.yaml {sentence}"):
        PolicyBook.load(root)


def test_one_parameter_in_two_files_of_a_folder(root: Path, write: Write) -> None:
    for name in "ab":
        write(f"510100/{name}.yaml", f"outlier.low.threshold:\n- {{value: 0.3, {REST}}}\n")
    with pytest.raises(PolicyError, match=r"outlier.low.threshold stands in two files of one folder .*b.yaml.*a.yaml"):
        PolicyBook.load(root)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('code: "510100"\nname: x\ninherits: "519999"\n', "510100/region.yaml inherits 519999: a folder that does not"),
        ('code: "510100"\nname: x\ninherits: "510100"\n', "510100/region.yaml inherits 510100: itself"),
        ('code: "510200"\nname: x\n', "says code 510200; the folder is named 510100"),
        ('code: "510100"\n', "name is missing"),
        ('code: "510100"\nname: 2025-13-01\n', "510100/region.yaml: month must be in 1..12; it holds code"),
    ],
)
def test_a_bad_head_is_named(root: Path, write: Write, text: str, sentence: str) -> None:
    write("510100/region.yaml", text)
    with pytest.raises(PolicyError, match=sentence):
        PolicyBook.load(root)


def test_a_folder_without_head(root: Path) -> None:
    (root / "510100" / "region.yaml").unlink()
    with pytest.raises(PolicyError, match="conf/policy/510100/region.yaml is missing"):
        PolicyBook.load(root)


def test_every_known_parameter_has_title_unit_and_type() -> None:
    for name, parameter in PARAMETERS.items():
        assert parameter.name == name
        assert parameter.title
        assert parameter.unit
        assert not (parameter.kind == "name" and parameter.unit == "rule" and not parameter.names), name
