"""What is asked before any case is priced: policy, rate and groups must cover every list of the month."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from drg.errors import DrgError
from drg.policy import PolicyBook
from drg.policy.values import FUNDS
from drg.settle.case_parameters import Rate
from drg.settle.due import Lists, due

A, MONTH = "510100", "2025-01"
LISTS = Lists(10, ("310", "390"), ("1", "3"), date(2024, 12, 30), date(2025, 1, 31))
RATES = {(2025, A, fund, "all"): Rate(Decimal(9000), "2025.1", ()) for fund in ("310", "390")}
GROUPED = {(A, MONTH, "chs-drg-2.0"): (10, "pack")}


@pytest.fixture(scope="module")
def book() -> PolicyBook:
    return PolicyBook.load_default()


def test_a_covered_month_is_due_with_the_parameters_of_its_first_day(book: PolicyBook) -> None:
    unit, rows = due(book, A, MONTH, {(A, MONTH): LISTS}, GROUPED, RATES)
    assert unit.policy_date == "settlement_month"
    assert {(row["fund"], row["hospital_level"]) for row in rows} == {(f, level) for f in FUNDS for level in "123"}
    assert {(row["valid_from"], row["valid_to"]) for row in rows} == {(date(2025, 1, 1), date(2025, 1, 1))}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"all_lists": {}}, "region 510100 has no fit list of 2025-01; run land and validate"),
        (
            {"rates": {(2025, A, "310", "all"): RATES[2025, A, "310", "all"]}},
            "510100 has no rate of fund 390 for 2025",
        ),
        ({"grouped": {}}, "region 510100 has 10 fit lists of 2025-01 but 0 cases grouped under chs-drg-2.0; run group"),
        ({"grouped": {(A, MONTH, "chs-drg-2.0"): (9, "pack")}}, "10 fit lists of 2025-01 but 9 cases"),
        ({"all_lists": {(A, MONTH): Lists(10, ("310", "340"), ("3",), LISTS.first, LISTS.last)}}, "lists of fund 340"),
        ({"all_lists": {(A, MONTH): Lists(10, ("310",), ("4",), LISTS.first, LISTS.last)}}, "of hospital level 4"),
    ],
)
def test_what_keeps_a_month_from_being_settled_is_named(
    book: PolicyBook, change: dict[str, Any], sentence: str
) -> None:
    given: dict[str, Any] = {"all_lists": {(A, MONTH): LISTS}, "grouped": GROUPED, "rates": RATES, **change}
    with pytest.raises(DrgError, match=sentence):
        due(book, A, MONTH, **given)


def test_a_discharge_before_the_policy_names_region_parameter_and_date(book: PolicyBook) -> None:
    # The province without its own word on the date: the national one, the discharge date, holds.
    province = book._folders["510000"]
    others = {name: dated for name, dated in province.parameters.items() if name != "policy_date"}
    by_discharge = PolicyBook({**book._folders, "510000": replace(province, parameters=others)})
    with pytest.raises(
        DrgError, match=r"region 510100 has no value of payment\.method .* for 2024-12-30; .*2025-01-01"
    ):
        due(by_discharge, A, MONTH, {(A, MONTH): LISTS}, GROUPED, RATES)
