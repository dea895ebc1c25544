"""Another tree, and one file that speaks for a region first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from drg.errors import PolicyError
from drg.policy import PolicyBook

NAME = "rate.reserve_share"
DAY = date(2025, 6, 1)
Write = Callable[[str, str], Path]


def share(number: str, start: str = "2025-01-01", end: str = "") -> str:
    to = f"to: {end}, " if end else ""
    return f"- {{value: {number}, from: {start}, {to}unit: share, source: s, standing: assumed}}\n"


@pytest.fixture
def book(root: Path, write: Write) -> PolicyBook:
    write("510000/a.yaml", f"{NAME}:\n{share('0.05')}")
    write("510100/a.yaml", f"{NAME}:\n{share('0.03')}rate.decimals:\n{share('2').replace('share', 'decimals')}")
    return PolicyBook.load(root)


@pytest.fixture
def trial(tmp_path: Path) -> Callable[[str], Path]:
    def trial(text: str) -> Path:
        path = tmp_path / "trial.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return trial


def reserve(book: PolicyBook, region: str, on: date = DAY) -> object:
    return book.value(region, NAME, on).value


def test_a_file_overrides_what_it_says_and_nothing_else(book: PolicyBook, trial: Callable[[str], Path]) -> None:
    path = trial(f"{NAME}:\n{share('0.01')}")
    tried = book.with_file("510100", path)
    found = tried.value("510100", NAME, DAY)
    assert (found.value, found.file, found.line, found.folder) == (Decimal("0.01"), str(path), 2, str(path))
    assert tried.value("510100", "rate.decimals", DAY).folder == "510100"
    assert (reserve(tried, "510300"), reserve(book, "510100")) == (Decimal("0.05"), Decimal("0.03"))
    assert tried.version("510100", DAY) != book.version("510100", DAY)
    assert tried.version("510300", DAY) == book.version("510300", DAY)
    assert tried.codes() == book.codes()


def test_before_the_first_day_of_the_file_the_policy_is_as_it_was(
    book: PolicyBook, trial: Callable[[str], Path]
) -> None:
    tried = book.with_file("510100", trial(f"{NAME}:\n{share('0.01', '2025-06-01', '2025-06-30')}"))
    assert reserve(tried, "510100", date(2025, 5, 31)) == Decimal("0.03")
    assert reserve(tried, "510100", date(2025, 6, 30)) == Decimal("0.01")
    with pytest.raises(PolicyError, match=r"510100 .*2025-07-01: it lapsed on 2025-06-30 .*trial.yaml line 2"):
        reserve(tried, "510100", date(2025, 7, 1))


def test_a_region_without_a_folder_and_a_province_can_be_tried(book: PolicyBook, trial: Callable[[str], Path]) -> None:
    path = trial(f"{NAME}:\n{share('0.01')}")
    alone = book.with_file("510300", path)
    assert [reserve(alone, region) for region in ("510300", "510400", "510100")] == [
        Decimal(number) for number in ("0.01", "0.05", "0.03")
    ]
    province = book.with_file("510000", path)
    assert [reserve(province, region) for region in ("510300", "510400", "510100")] == [
        Decimal(number) for number in ("0.01", "0.01", "0.03")
    ]


def test_files_can_be_tried_one_over_the_other(book: PolicyBook, trial: Callable[[str], Path]) -> None:
    once = book.with_file("510100", trial(f"{NAME}:\n{share('0.01')}"))
    twice = once.with_file("510100", trial(f"{NAME}:\n{share('0.02')}"))
    assert [reserve(one, "510100") for one in (book, once, twice)] == [Decimal(d) for d in ("0.03", "0.01", "0.02")]


def test_a_wrong_file_is_named_by_its_path_and_line(book: PolicyBook, trial: Callable[[str], Path]) -> None:
    path = trial(f"{NAME}:\n{share('1.5')}")
    with pytest.raises(PolicyError, match=rf"^{path} line 2: rate.reserve_share: 1.5 is above 0.5"):
        book.with_file("510100", path)
    with pytest.raises(PolicyError, match="no policy file at .*nowhere.yaml; name a YAML file"):
        book.with_file("510100", path.with_name("nowhere.yaml"))
    with pytest.raises(PolicyError, match="region 440100 has no policy"):
        book.with_file("440100", trial(f"{NAME}:\n{share('0.01')}"))


def test_a_file_may_not_put_a_line_above_the_next(book: PolicyBook, trial: Callable[[str], Path]) -> None:
    days = "\n- {{value: {}, from: 2025-01-01, unit: days, source: s, standing: assumed}}\n"
    path = trial(f"stay.short_days:{days.format(3)}stay.long_days:{days.format(3)}")
    with pytest.raises(PolicyError, match=rf"^{path} line 4: on 2025-01-01 stay.short_days 3 does not lie below"):
        book.with_file("510100", path)


def test_another_tree_is_named_by_its_whole_path(tmp_path: Path) -> None:
    tree = tmp_path / "trial-tree"
    (tree / "national").mkdir(parents=True)
    (tree / "national" / "region.yaml").write_text("code: national\nname: n\n", encoding="utf-8")
    (tree / "national" / "a.yaml").write_text(f"{NAME}:\n{share('2')}", encoding="utf-8")
    with pytest.raises(PolicyError, match=rf"^{tree}/national/a.yaml line 2: "):
        PolicyBook.load(tree)
    with pytest.raises(PolicyError, match="no policy folder at .*nowhere"):
        PolicyBook.load(tmp_path / "nowhere")
