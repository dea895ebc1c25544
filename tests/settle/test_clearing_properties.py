"""Whatever policy and hospital years are drawn: every sum of a clearing holds to the fen, without Spark."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from drg.errors import ContractError
from drg.settle.clearing import Budget, ClearedFund, HospitalYear, Terms, clear_fund, share_of_hospitals
from drg.settle.clearing_lines import OF_BALANCE, SUMMED, fund_rows, hospital_rows
from drg.settle.clearing_terms import RegionTerms

often = settings(
    max_examples=1000, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), database=None
)
NOTHING = Decimal("0.00")


def fen(least: int, most: int) -> st.SearchStrategy[Decimal]:
    """Yuan from `least` to `most`, to the fen."""
    return st.integers(least * 100, most * 100).map(lambda number: Decimal(number).scaleb(-2))


SHARES = st.integers(0, 100).map(lambda number: Decimal(number) / 100)
TERMS = st.builds(
    Terms,
    shared=st.booleans(),
    points=st.booleans(),
    with_patient_share=st.booleans(),
    point_decimals=st.integers(0, 6),
    surplus_share=SHARES,
    overspend_share=SHARES,
    cap_share=st.none() | SHARES,
    performance=st.sampled_from(["none", "deduction", "points", "next_year"]),
    full_score=st.sampled_from([Decimal(100), Decimal(1000)]),
    next_year_share=SHARES,
)


# The figures of a hospital's year in fen (points in 1/10000, scores in tenths), each from its least to its most.
FIGURES = {
    "monthly": (0, 10**7, 2),
    "by_item": (0, 10**7, 2),
    "points": (0, 10**7, 4),
    "reward_points": (0, 10**4, 0),
    "patient_share": (0, 2 * 10**6, 2),
    "outside_points": (0, 5 * 10**5, 2),
    "withheld": (0, 5 * 10**5, 2),
    "paid": (0, 10**7, 2),
    "advance": (0, 10**6, 2),
    "score": (0, 1000, 1),
    "differences": (-5 * 10**5, 5 * 10**5, 2),
    "carried": (-(10**5), 0, 2),
}
WIDTH = 4


def year(place: int, drawn: bytes, least_monthly: int) -> HospitalYear:
    """One draw a hospital, cut into its figures: a draw for each would take many times as long."""
    found: dict[str, Decimal] = {}
    for number, (name, (least, most, decimals)) in enumerate(FIGURES.items()):
        least = least_monthly if name == "monthly" else least
        part = int.from_bytes(drawn[number * WIDTH : (number + 1) * WIDTH], "big")
        found[name] = Decimal(least + part % (most - least + 1)).scaleb(-decimals)
    audits = ((found["advance"] + 1, "重复收费"),) * (drawn[-1] % 3)
    return HospitalYear(f"H{place}", "310", audits=audits, **found)


def years(least_monthly: int = -(10**5)) -> st.SearchStrategy[list[HospitalYear]]:
    """Up to six hospitals of one fund; a month may owe less than nothing where the policy keeps negative payments."""
    size = WIDTH * len(FIGURES) + 1
    drawn = st.lists(st.binary(min_size=size, max_size=size), min_size=1, max_size=6)
    return drawn.map(lambda some: [year(place, one, least_monthly) for place, one in enumerate(some)])


BUDGETS = st.builds(
    lambda available, reserve, other: Budget(available + reserve + other, reserve, other, available),
    fen(0, 500_000),
    fen(0, 30_000),
    fen(0, 30_000),
)


def cleared(terms: Terms, budget: Budget, hospitals: list[HospitalYear]) -> ClearedFund:
    """The clearing; draws without points to distribute money by, or with less than none of it, are no clearing."""
    try:
        return clear_fund("310", terms, budget, hospitals)
    except ContractError as error:
        assume("to share it by" not in str(error) and "to distribute by points" not in str(error))
        raise


def amounts(rows: Iterable[dict[str, Any]]) -> dict[str, Decimal]:
    return {row["line"]: row["amount"] for row in rows}


@often
@given(TERMS, BUDGETS, years())
def test_every_yuan_of_a_budget_is_payment_reserve_or_share(
    terms: Terms, budget: Budget, hospitals: list[HospitalYear]
) -> None:
    """budget = reserve + non-DRG + use + shares = reserve + non-DRG + payments due + region's share less caps."""
    fund = cleared(terms, budget, hospitals)
    region = RegionTerms(terms, Decimal(1), {}, (), "v")
    of_fund = amounts(fund_rows(2025, "510100", region, fund))
    parts = ("reserve", "non_drg_payments", "use", "hospitals_share", "region_share")
    assert of_fund["budget"] == sum(of_fund[name] for name in parts)
    paid = of_fund["due"] - of_fund["cap"]
    assert of_fund["budget"] == of_fund["reserve"] + of_fund["non_drg_payments"] + paid + of_fund["region_share"]
    assert of_fund["distributable"] == paid
    if not terms.shared:
        assert (of_fund["hospitals_share"], of_fund["adjustment"], of_fund["cap"]) == (NOTHING, NOTHING, NOTHING)


@often
@given(TERMS, BUDGETS, years())
def test_the_lines_of_hospitals_are_the_lines_of_their_fund(
    terms: Terms, budget: Budget, hospitals: list[HospitalYear]
) -> None:
    fund = cleared(terms, budget, hospitals)
    region = RegionTerms(terms, Decimal(1), {}, (), "v")
    of_fund = amounts(fund_rows(2025, "510100", region, fund))
    rows = hospital_rows(2025, "510100", region, fund)
    for line in SUMMED:
        assert of_fund[line] == sum((row["amount"] for row in rows if row["line"] == line), NOTHING)
    if fund.points_money is not None:
        assert fund.points_money == sum((h.points_money or NOTHING for h in fund.hospitals), NOTHING)
    for hospital in fund.hospitals:
        own = amounts(row for row in rows if row["hospital_code"] == hospital.year.hospital_code)
        assert own["due"] == own["monthly_payment"] + own["adjustment"] + own["cap"]
        assert own["balance"] == sum(own[name] for name in OF_BALANCE)
        assert -max(own["due"], NOTHING) <= own["next_year"] <= 0
        assert own["performance"] >= -hospital.year.withheld
    assert cleared(terms, budget, hospitals[::-1]) == fund


@often
@given(TERMS, BUDGETS, years(least_monthly=0))
def test_no_hospital_owes_for_its_year_by_rate_where_no_month_does(
    terms: Terms, budget: Budget, hospitals: list[HospitalYear]
) -> None:
    assume(not terms.points)
    for hospital in cleared(terms, budget, hospitals).hospitals:
        # Dealt out in whole fen: a share may take one fen more than its exact part.
        assert hospital.due >= Decimal("-0.01")
        if terms.cap_share is not None and terms.shared:
            assert abs(hospital.due - hospital.year.monthly) <= hospital.year.monthly * terms.cap_share + Decimal(
                "0.005"
            )


@often
@given(fen(0, 10**6), fen(0, 10**6), fen(0, 10**6), SHARES, SHARES)
def test_more_budget_never_leaves_hospitals_less(
    use: Decimal, one: Decimal, other: Decimal, surplus: Decimal, overspend: Decimal
) -> None:
    less, more = sorted((one, other))
    shares = [share_of_hospitals(use, available, surplus, overspend) for available in (less, more)]
    assert shares[0] <= shares[1]
    assert share_of_hospitals(use, use, surplus, overspend) == 0
