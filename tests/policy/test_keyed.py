"""Values keyed by what nobody can list beforehand: groups (the group, its ADRG, *) and hospitals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from drg.errors import PolicyError
from drg.policy import PolicyBook

DAY = date(2025, 1, 1)
Write = Callable[[str, str], Path]


def keyed(name: str, value: str, by: str, unit: str = "ratio") -> str:
    return f"{name}:\n- {{value: {value}, by: {by}, from: 2025-01-01, unit: {unit}, source: s, standing: assumed}}\n"


def of(root: Path, name: str, **keys: str) -> object:
    return PolicyBook.load(root).value("510100", name, DAY).of(**keys)


@pytest.mark.parametrize(
    ("drg", "weight"),
    [
        ("BR25", "0.9"),  # the group itself
        ("BR21", "0.8"),  # its ADRG
        ("BR2", "0.8"),
        ("BR19", "0.5"),  # another ADRG: all others
        ("BR25-A", "0.9"),  # a local sub-group that is not written: its group
        ("ES31-A", "1.5"),  # unless it is written
    ],
)
def test_the_group_comes_before_its_adrg_and_that_before_all_others(
    root: Path, write: Write, drg: str, weight: str
) -> None:
    table = '{"*": 0.5, "BR2": 0.8, "BR25": 0.9, "ES31-A": 1.5}'
    write("510100/a.yaml", keyed("weight.published", table, "drg"))
    assert of(root, "weight.published", drg=drg) == Decimal(weight)


def test_without_a_star_a_group_nobody_wrote_has_no_value(root: Path, write: Write) -> None:
    write("510100/a.yaml", keyed("weight.published", '{"BR25": 0.9}', "drg"))
    with pytest.raises(
        PolicyError, match=r"weight\.published of region 510100 has no value for drg BR21 .*a.yaml line 2"
    ):
        of(root, "weight.published", drg="BR21")
    with pytest.raises(PolicyError, match=r"has no value for drg \(none\)"):
        of(root, "weight.published")


def test_a_group_is_written_for_each_level_and_its_nearest_key_counts_as_a_whole(root: Path, write: Write) -> None:
    table = '{"BR25": {"1": 1, "2": 1, "3": 1}, "*": {"1": 0.9, "2": 0.96, "3": 1.04}}'
    write("510100/a.yaml", keyed("level_coefficient", table, "[drg, hospital_level]"))
    assert [of(root, "level_coefficient", drg="BR25", hospital_level=level, fund="310") for level in "123"] == [1, 1, 1]
    assert of(root, "level_coefficient", drg="BR21", hospital_level="3") == Decimal("1.04")


def test_hospitals_are_keys_and_star_is_the_rest(root: Path, write: Write) -> None:
    write("510100/a.yaml", keyed("institution_coefficient", '{"H51010000001": 0.92, "*": 1}', "hospital"))
    assert of(root, "institution_coefficient", hospital="H51010000001") == Decimal("0.92")
    assert of(root, "institution_coefficient", hospital="H51010000002") == 1


def test_a_region_overrides_a_keyed_value_as_a_whole(root: Path, write: Write) -> None:
    write("510000/a.yaml", keyed("weight.published", '{"BR25": 0.9, "*": 0.5}', "drg"))
    write("510100/a.yaml", keyed("weight.published", '{"BR21": 0.7}', "drg"))
    assert of(root, "weight.published", drg="BR21") == Decimal("0.7")
    with pytest.raises(PolicyError, match="no value for drg BR25"):
        of(root, "weight.published", drg="BR25")
    assert PolicyBook.load(root).value("510300", "weight.published", DAY).of(drg="BR25") == Decimal("0.9")


@pytest.mark.parametrize(
    ("value", "by", "sentence"),
    [
        ('{"br25": 1}', "drg", "'br25' is not a key by drg"),
        ("{11: 1}", "drg", "11 is not a key by drg; write codes .quoted."),
        ("1", "drg", "1 has no keys by drg"),
        ("{}", "drg", "has no keys by drg"),
        ('{"BR25": 0}', "drg", "0 is not above 0"),
        ('{"BR25": "0.9"}', "drg", "'0.9' is not a number; numbers are written without quotes"),
        ('{"BR25": {"1": 1, "2": 1}}', "[drg, hospital_level]", "keys by hospital_level are 1, 2"),
        (
            '{"BR25": {"1": 1, "2": 1, "3": 1, "4": 1}}',
            "[drg, hospital_level]",
            "keys by hospital_level are 1, 2, 3, 4",
        ),
        ('{"1": {"BR25": 1}}', "[hospital_level, drg]", "by hospital_level, drg is wrong"),
        ('{"BR25": 1, "BR25": 2}', "drg", "BR25 stands twice"),
    ],
)
def test_wrong_keys_are_named_with_file_and_line(root: Path, write: Write, value: str, by: str, sentence: str) -> None:
    write("510100/a.yaml", keyed("weight.published", value, by))
    with pytest.raises(PolicyError, match=rf"^conf/policy/510100/a\.yaml line 2: weight\.published: .*{sentence}"):
        PolicyBook.load(root)
