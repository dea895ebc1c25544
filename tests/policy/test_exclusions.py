"""A list of excluded items that breaks the region's own terms of admission settles nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from drawn_policy import book_with

from drg.errors import PolicyError
from drg.policy import PolicyBook
from drg.policy.check import check_region
from drg.policy.records import ExcludedItem
from drg.settle.case_parameters import parameters_on

DAY = date(2025, 1, 1)
# 北京市2022-07-13 除外支付: within three calendar years; 50 insured cases city-wide, rare diseases exempt.
BEIJING = {"exclusion.new_years": 3, "exclusion.min_insured_cases": 50}
ITEM = {
    "code": "E1", "title": "新技术", "pays": "item", "first": "2025-01-01", "last": "2025-12-31",
    "new_since": "2023-01-01", "insured_cases": 50,
}  # fmt: skip


def listed(tmp_path: Path, *changes: dict[str, Any], terms: dict[str, Any] = BEIJING) -> PolicyBook:
    """A region whose list holds the item with these changes, null for a field left out."""
    items = [{name: value for name, value in {**ITEM, **one}.items() if value is not None} for one in changes]
    values = {"exclusion.rule": "on_application", "exclusion.pays": "by_item", "exclusion.items": items, **terms}
    return book_with(tmp_path, "510300", values)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({}, ""),
        ({"insured_cases": 49}, "E1 has 49 insured cases, fewer than the 50"),
        ({"insured_cases": 49, "rare": True}, ""),  # rare diseases are exempt
        ({"insured_cases": None, "rare": True}, ""),
        ({"insured_cases": None}, "E1 does not say insured_cases"),
        ({"new_since": "2022-12-31"}, "E1 is new since 2022-12-31, not within 3 calendar years of 2025-01-01"),
        ({"new_since": "2025-01-01"}, ""),
        ({"new_since": None}, "E1 does not say new_since"),
        ({"first": "2025-12-31"}, ""),  # the year of the application counts, not its day
    ],
)
def test_each_edge_of_the_terms(tmp_path: Path, change: dict[str, Any], fault: str) -> None:
    book = listed(tmp_path, change)
    wrong = check_region(book, "510300", DAY).wrong
    if not fault:
        assert wrong == ()
        assert parameters_on(book, "510300", DAY)["exclusion.items"]
        return
    assert len(wrong) == 1
    assert fault in wrong[0]
    assert "policy/510300/settlement.yaml line " in wrong[0]
    with pytest.raises(PolicyError, match=fault):
        parameters_on(book, "510300", DAY)


def test_a_region_without_terms_asks_nothing_of_its_items(tmp_path: Path) -> None:
    book = listed(tmp_path, {"new_since": None, "insured_cases": None}, terms={})
    assert check_region(book, "510300", DAY).wrong == ()


@pytest.mark.parametrize(("first", "good"), [("2025-06-30", False), ("2025-07-01", True)])
def test_an_item_is_listed_once_a_day(tmp_path: Path, first: str, good: bool) -> None:
    book = listed(tmp_path, {"last": "2025-06-30"}, {"first": first}, terms={})
    wrong = check_region(book, "510300", DAY).wrong
    assert (wrong == ()) is good
    assert good or "lists E1 twice on 2025-06-30; end one entry before the other begins" in wrong[0]


def test_days_in_order() -> None:
    with pytest.raises(ValueError, match="new_since lies after first"):
        ExcludedItem(**{**ITEM, "new_since": date(2025, 1, 2), "first": DAY, "last": DAY})
    with pytest.raises(ValueError, match="last lies before first"):
        ExcludedItem(**{**ITEM, "new_since": DAY, "first": date(2025, 1, 2), "last": DAY})
