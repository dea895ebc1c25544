"""What holds for a region on a day: inheritance, dates, lapses, keys, versions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from drg.errors import PolicyError
from drg.policy import PolicyBook
from drg.policy.values import Standing

THRESHOLD = "outlier.low.threshold"
Write = Callable[[str, str], Path]


def value(number: str, start: str, end: str = "") -> str:
    to = f", to: {end}" if end else ""
    return f'- {{value: {number}, from: {start}{to}, unit: multiple, source: "文件 第一条", standing: assumed}}\n'


def test_the_nearest_folder_decides_and_names_its_file_and_line(root: Path, write: Write) -> None:
    write("national/a.yaml", f"{THRESHOLD}:\n{value('0.3', '2025-01-01')}")
    write("510100/a.yaml", f"# a comment\n{THRESHOLD}:\n{value('0.4', '2025-01-01')}")
    book = PolicyBook.load(root)
    own, other = (book.value(region, THRESHOLD, date(2025, 1, 1)) for region in ("510100", "510300"))
    assert (own.value, own.file, own.line) == (Decimal("0.4"), "conf/policy/510100/a.yaml", 3)
    assert (other.value, other.file, other.line) == (Decimal("0.3"), "conf/policy/national/a.yaml", 2)
    assert (own.source, own.standing, own.unit) == ("文件 第一条", Standing.ASSUMED, "multiple")


def test_a_value_holds_from_its_day_to_the_day_before_the_next(root: Path, write: Write) -> None:
    write("510100/a.yaml", f"{THRESHOLD}:\n{value('0.35', '2025-02-01')}{value('0.3', '2025-01-01')}")
    book = PolicyBook.load(root)
    assert book.value("510100", THRESHOLD, date(2025, 1, 31)).value == Decimal("0.3")
    assert book.value("510100", THRESHOLD, date(2025, 2, 1)).value == Decimal("0.35")
    assert book.intervals("510100", date(2025, 1, 15), date(2025, 2, 10)) == [
        (date(2025, 1, 15), date(2025, 1, 31)),
        (date(2025, 2, 1), date(2025, 2, 10)),
    ]


def test_before_its_first_value_a_region_uses_its_parents(root: Path, write: Write) -> None:
    write("national/a.yaml", f"{THRESHOLD}:\n{value('0.3', '2025-01-01')}")
    write("510100/a.yaml", f"{THRESHOLD}:\n{value('0.4', '2025-07-01')}")
    book = PolicyBook.load(root)
    assert book.value("510100", THRESHOLD, date(2025, 6, 30)).value == Decimal("0.3")
    assert book.value("510100", THRESHOLD, date(2025, 7, 1)).value == Decimal("0.4")


def test_a_missing_value_names_region_parameter_and_day(root: Path, write: Write) -> None:
    write("national/a.yaml", f"{THRESHOLD}:\n{value('0.3', '2025-01-01')}")
    book = PolicyBook.load(root)
    with pytest.raises(
        PolicyError, match=r"510100 .*outlier\.low\.threshold.*2024-12-31.*begins on 2025-01-01.*a.yaml"
    ):
        book.value("510100", THRESHOLD, date(2024, 12, 31))
    with pytest.raises(PolicyError, match=r"510100 .*payment\.method.*2025-01-01"):
        book.value("510100", "payment.method", date(2025, 1, 1))


def test_a_lapsed_value_is_not_replaced_by_the_parents(root: Path, write: Write) -> None:
    write("national/a.yaml", f"{THRESHOLD}:\n{value('0.3', '2025-01-01')}")
    write("510100/a.yaml", f"{THRESHOLD}:\n{value('0.4', '2025-01-01', '2025-06-30')}")
    book = PolicyBook.load(root)
    assert book.value("510100", THRESHOLD, date(2025, 6, 30)).value == Decimal("0.4")
    with pytest.raises(PolicyError, match=r"510100 .*2025-07-01: it lapsed on 2025-06-30 .*510100/a.yaml line 2"):
        book.value("510100", THRESHOLD, date(2025, 7, 1))


def test_a_region_without_folder_needs_its_province(root: Path) -> None:
    with pytest.raises(
        PolicyError, match="region 440100 has no policy: neither conf/policy/440100 nor conf/policy/440000"
    ):
        PolicyBook.load(root).value("440100", THRESHOLD, date(2025, 1, 1))


def test_keyed_values_want_their_keys(root: Path, write: Write) -> None:
    levels = '- {value: {"1": 0.2, "2": 0.3, "3": 0.4}, by: hospital_level, from: 2025-01-01, unit: multiple,'
    write("national/a.yaml", f"{THRESHOLD}:\n{levels} source: 文件, standing: published}}\n")
    found = PolicyBook.load(root).value("510100", THRESHOLD, date(2025, 1, 1))
    assert [found.of(hospital_level=level, fund="310") for level in "123"] == [
        Decimal(d) for d in ("0.2", "0.3", "0.4")
    ]
    with pytest.raises(PolicyError, match=r"has no value for hospital_level 4"):
        found.of(hospital_level="4")


def test_a_value_without_keys_serves_all(root: Path, write: Write) -> None:
    write("national/a.yaml", f"{THRESHOLD}:\n{value('0.3', '2025-01-01')}")
    found = PolicyBook.load(root).value("510100", THRESHOLD, date(2025, 1, 1))
    assert found.of(hospital_level="3", fund="390") == Decimal("0.3")


def test_a_value_may_hold_to_the_end_of_days(root: Path, write: Write) -> None:
    write("510100/a.yaml", f"{THRESHOLD}:\n{value('0.3', '0001-01-01', '9999-12-31')}")
    book, first, last = PolicyBook.load(root), date(2025, 1, 1), date(9999, 12, 31)
    assert book.intervals("510100", first, last)[-1][1] == last
    assert book.value("510100", THRESHOLD, last).of() == Decimal("0.3")


def test_the_version_follows_content_not_place(root: Path, write: Write) -> None:
    write("510100/a.yaml", f"{THRESHOLD}:\n{value('0.3', '2025-01-01')}")
    first = PolicyBook.load(root).version("510100", date(2025, 1, 1))
    write("510100/a.yaml", f"# moved down\n\n{THRESHOLD}:\n{value('0.30', '2025-01-01')}")
    assert PolicyBook.load(root).version("510100", date(2025, 1, 1)) == first
    write("510100/a.yaml", f"{THRESHOLD}:\n{value('0.31', '2025-01-01')}")
    changed = PolicyBook.load(root)
    assert changed.version("510100", date(2025, 1, 1)) != first
    assert changed.version("510100", date(2025, 1, 1), ["scheme"]) == changed.version(
        "510300", date(2025, 1, 1), ["scheme"]
    )


def test_a_region_settles_from_the_month_it_says_how_it_pays(root: Path, write: Write) -> None:
    write(
        "510000/a.yaml",
        "payment.method:\n- {value: rate, from: 2025-03-01, unit: rule, source: s, standing: assumed}\n",
    )
    book = PolicyBook.load(root)
    assert book.settles_from("510100") == "2025-03"
    assert [book.day_of_year("510100", year) for year in (2025, 2026)] == [date(2025, 3, 1), date(2026, 1, 1)]


def test_a_region_may_name_the_day_it_settles_from_and_those_below_follow(root: Path, write: Write) -> None:
    method = "payment.method:\n- {value: %s, from: %s, unit: rule, source: s, standing: assumed}\n"
    write("510000/a.yaml", method % ("rate", "2025-01-01"))
    write("510100/a.yaml", method % ("points", "2025-07-01"))
    write("510100/region.yaml", 'code: "510100"\nname: x\ninherits: "510000"\n')
    # Without it the province's method serves until the region's own begins.
    assert PolicyBook.load(root).settles_from("510100") == "2025-01"
    write("510100/region.yaml", 'code: "510100"\nname: x\ninherits: "510000"\nsettles_from: 2025-07-01\n')
    book = PolicyBook.load(root)
    assert book.settles_from("510100") == "2025-07"
    assert [book.day_of_year("510100", year) for year in (2025, 2026)] == [date(2025, 7, 1), date(2026, 1, 1)]
    assert book.settles_from("510300") == "2025-01"
    write("510000/region.yaml", 'code: "510000"\nname: x\ninherits: national\nsettles_from: 2025-03-01\n')
    assert PolicyBook.load(root).settles_from("510300") == "2025-03"


def test_a_region_groups_from_the_first_month_its_scheme_serves_whole(root: Path, write: Write) -> None:
    scheme = "scheme:\n- {value: chs-drg-2.0, from: %s, unit: scheme, source: s, standing: assumed}\n"
    with pytest.raises(PolicyError, match="region 510100 has no value of scheme for any day"):
        PolicyBook.load(root).groups_from("510100")
    for first, month in (("2023-05-01", "2023-05"), ("2023-12-02", "2024-01"), ("2024-01-31", "2024-02")):
        write("510000/a.yaml", scheme % first)
        assert PolicyBook.load(root).groups_from("510100") == month


def test_without_a_method_no_region_settles(root: Path) -> None:
    with pytest.raises(PolicyError, match=r"region 510100 has no value of payment\.method for any day"):
        PolicyBook.load(root).settles_from("510100")
