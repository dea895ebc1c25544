"""The policy that is shipped: 22 regions, every parameter of 2025, honest standings."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from drg.doors.config import load_env
from drg.errors import PolicyError
from drg.policy import PARAMETERS, PolicyBook
from drg.policy.needs import needed
from drg.policy.values import Step
from drg.settle.case_parameters import parameters_on

DAY = date(2025, 1, 1)


@pytest.fixture(scope="module")
def book() -> PolicyBook:
    return PolicyBook.load_default()


def test_all_22_regions_can_be_weighed_rated_and_settled_in_2025(book: PolicyBook) -> None:
    regions = load_env("local").province.region_codes()
    assert len(regions) == 22
    for region in regions:
        for day in (DAY, date(2025, 12, 31)):
            for name in {*needed(book, region, day), *parameters_on(book, region, day)}:
                assert book.value(region, name, day).source
        assert book.settles_from(region) == "2025-01"


def test_nothing_is_settled_in_2024(book: PolicyBook) -> None:
    with pytest.raises(PolicyError, match=r"519900 .*2024-12-31.*begins on 2025-01-01"):
        parameters_on(book, "519900", date(2024, 12, 31))


def test_regions_differ_where_their_folders_say_so(book: PolicyBook) -> None:
    def at(region: str, name: str, day: date = DAY, **keys: str) -> object:
        return book.value(region, name, day).of(**keys)

    assert at("510300", "outlier.low.threshold") == Decimal("0.30")
    assert (at("511700", "outlier.low.threshold"), at("511700", "outlier.low.inclusive")) == (Decimal("0.40"), True)
    assert at("510600", "outlier.low.threshold", date(2025, 2, 1)) == Decimal("0.35")
    assert at("510700", "level_coefficient", fund="390", hospital_level="3") == Decimal("1.03")
    assert at("511500", "fund_payment.convention") == "ratio"
    lines = [at("510300", "outlier.high.threshold", hospital_level=level) for level in "123"]
    # One step each: the line is the same for every weight.
    assert lines == [(Step(value=Decimal(multiple)),) for multiple in (2, 2, 3)]
    assert len({book.version(region, DAY) for region in ("510300", "510100", "511700", "511500")}) == 4


def test_what_nobody_published_says_so(book: PolicyBook) -> None:
    for name in PARAMETERS:
        try:
            found = book.value("510100", name, DAY)
        except PolicyError:
            continue
        if found.standing == "assumed":
            assert "假定" in found.source, f"{found.file} line {found.line}"
