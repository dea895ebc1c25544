"""The clearing without Spark: sharing, points and rates, caps, deductions, and edges; every sum to the fen."""

from __future__ import annotations

import inspect
import random
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from drawn_policy import book_with

from drg.errors import ContractError, PolicyError
from drg.policy import PolicyBook
from drg.settle import clearing
from drg.settle.clearing import Budget, HospitalYear, Terms, clear_fund, share_of_hospitals
from drg.settle.clearing_lines import SUMMED, fund_rows, hospital_rows
from drg.settle.clearing_terms import RegionTerms, terms_of

D = Decimal
SHARE = {"surplus_share": D("0.85"), "overspend_share": D("0.85")}
RATE = Terms(shared=True, points=False, **SHARE)
POINTS = Terms(shared=True, points=True, with_patient_share=True, **SHARE)


def budget(available: str) -> Budget:
    """A tenth of the budget is the reserve."""
    return Budget(D(available) + D(100), D(100), D(0), D(available))


def year(code: str = "H1", monthly: str = "600.00", **figures: str) -> HospitalYear:
    """600 yuan a year, paid in full; other figures in yuan or points."""
    found = {name: D(value) for name, value in {"paid": monthly, **figures}.items()}
    return HospitalYear(code, "310", monthly=D(monthly), **found)


@pytest.mark.parametrize(
    ("use", "share"),
    # 85 % of the difference; equal figures share nothing; half a fen goes away from zero on both sides.
    [("900", "85.00"), ("1100", "-85.00"), ("1000", "0.00"), ("999.90", "0.09"), ("1000.10", "-0.09")],
)
def test_the_hospitals_part_of_a_difference(use: str, share: str) -> None:
    assert share_of_hospitals(D(use), D(1000), D("0.85"), D("0.85")) == D(share)


def test_shares_of_surplus_and_overspend_may_differ() -> None:
    assert share_of_hospitals(D(900), D(1000), D("0.7"), D("0.6")) == D("70.00")
    assert share_of_hospitals(D(1100), D(1000), D("0.7"), D("0.6")) == D("-60.00")


def test_by_rate_the_hospitals_share_follows_their_payments() -> None:
    # 900 owed of 1,000 available: 85 shared 600 : 300.
    fund = clear_fund("310", RATE, budget("1000"), [year("H2", "300"), year("H1", "600")])
    assert [h.year.hospital_code for h in fund.hospitals] == ["H1", "H2"]
    assert [h.adjustment for h in fund.hospitals] == [D("56.67"), D("28.33")]
    assert [h.due for h in fund.hospitals] == [D("656.67"), D("328.33")]
    assert (fund.region_share, fund.distributable) == (D("15.00"), D("985.00"))


def test_use_and_budget_equal_leave_the_months_as_they_are() -> None:
    fund = clear_fund("310", RATE, budget("900"), [year("H1", "600"), year("H2", "300")])
    assert [h.balance for h in fund.hospitals] == [D(0), D(0)]
    assert (fund.hospitals_share, fund.region_share) == (D(0), D(0))


def test_one_hospital_takes_all_and_may_owe_the_fund() -> None:
    # 1,200 owed and paid, 1,000 available: the only hospital bears 170 and pays it back.
    (only,) = clear_fund("310", RATE, budget("1000"), [year("H1", "1200")]).hospitals
    assert (only.adjustment, only.balance) == (D("-170.00"), D("-170.00"))


def test_a_hospital_with_negative_months_shares_nothing() -> None:
    first, second = clear_fund("310", RATE, budget("1000"), [year("H1", "910"), year("H2", "-10")]).hospitals
    assert (first.adjustment, second.adjustment) == (D("85.00"), D("0.00"))


def test_points_and_cases_outside_points() -> None:
    # Used 900 of 1,000: 985 to distribute, 35 of it owed outside points, and 50 of the patients' money comes in:
    # 1,000 for 100 points. H1: 60 x 10 - 30 + 35 = 605, H2: 40 x 10 - 20 = 380.
    years = [
        year("H1", "600", by_item="500", points="60", patient_share="30", outside_points="35"),
        year("H2", "350", by_item="400", points="40", patient_share="20"),
    ]
    fund = clear_fund("310", POINTS, budget("1000"), years)
    assert (fund.points_money, fund.points, fund.point_value) == (D("1000.00"), D(100), D("10.000000"))
    assert [h.due for h in fund.hospitals] == [D("605.00"), D("380.00")]
    assert [h.adjustment for h in fund.hospitals] == [D("5.00"), D("30.00")]


def test_reward_points_count_before_the_value_and_only_under_their_rule() -> None:
    # 20 points of reward: 120 points for 985 yuan instead of 100.
    years = [
        replace(year("H1", "600", by_item="500", points="60"), reward_points=D(20)),
        year("H2", "350", by_item="400", points="40"),
    ]
    terms = replace(POINTS, performance="points")
    rewarded, other = clear_fund("310", terms, budget("1000"), years).hospitals
    assert (rewarded.points_money, other.points_money) == (D("656.67"), D("328.33"))
    plain = clear_fund("310", replace(terms, performance="next_year"), budget("1000"), years)
    assert [h.points_money for h in plain.hospitals] == [D("591.00"), D("394.00")]


def test_a_cap_limits_what_is_kept_and_what_is_borne() -> None:
    terms = replace(RATE, cap_share=D("0.05"))
    # 600 of 900: its part of 85 is 56.67, the cap 30; 300: 28.33, the cap 15.
    first, second = clear_fund("310", terms, budget("1000"), [year("H1", "600"), year("H2", "300")]).hospitals
    assert [(h.cap, h.due) for h in (first, second)] == [(D("-26.67"), D("630.00")), (D("-13.33"), D("315.00"))]
    (borne,) = clear_fund("310", terms, budget("1000"), [year("H1", "1200")]).hospitals
    assert (borne.adjustment, borne.cap, borne.due) == (D("-170.00"), D("110.00"), D("1140.00"))
    (exact,) = clear_fund("310", replace(RATE, cap_share=D("0.17")), budget("1200"), [year("H1", "1000")]).hospitals
    assert exact.cap == 0  # 170 kept, 170 allowed


def test_reviews_audits_advance_and_payments_make_the_balance() -> None:
    # 5 % of 600 withheld; a score of 92 of 100 forfeits 8 % of it; 40 by audits, 10 in advance.
    own = replace(
        year(paid="570", withheld="30", advance="10"),
        score=D(92),
        audits=((D("25.00"), "重复收费"), (D("15.00"), "超限用药")),
    )
    terms = Terms(shared=False, points=False, performance="deduction", full_score=D(100))
    (cleared,) = clear_fund("310", terms, None, [own]).hospitals
    assert (cleared.performance, cleared.audit_deduction) == (D("-2.40"), D("-40.00"))
    assert cleared.balance == D("600") - D("40") - D("2.40") - D("10") - D("570")
    (full,) = clear_fund("310", terms, None, [replace(own, score=D(100), audits=())]).hospitals
    assert (full.performance, full.balance) == (D(0), D("20.00"))


def test_differences_of_earlier_years_are_paid_in_the_months_and_move_no_balance() -> None:
    # 600 owed and paid, and 25 of an earlier year beside it; the budget of this year knows nothing of them.
    own = replace(year(paid="625"), differences=D(25))
    fund = clear_fund("310", RATE, budget("600"), [own])
    (cleared,) = fund.hospitals
    assert (cleared.due, cleared.differences, cleared.balance) == (D(600), D(25), D(0))
    assert (fund.use, fund.hospitals_share) == (D(600), D(0))


@pytest.mark.parametrize(
    ("score", "taken"),
    # 5 % of 600 is at stake: a score of 92 of 100 loses 8 % of it, a full one nothing, no review nothing.
    [("92", "-2.40"), ("100", "0.00"), ("0", "-30.00"), (None, "0.00")],
)
def test_a_review_takes_its_part_of_the_next_year_and_nothing_of_this_one(score: str | None, taken: str) -> None:
    terms = Terms(shared=False, points=False, performance="next_year", next_year_share=D("0.05"))
    own = replace(year(), score=D(score) if score else None)
    (cleared,) = clear_fund("310", terms, None, [own]).hospitals
    assert (cleared.next_year, cleared.performance, cleared.balance) == (D(taken), D(0), D(0))
    # The year after takes it from the balance, whatever its own rule.
    after = replace(year(), carried=cleared.next_year)
    (following,) = clear_fund("310", replace(terms, performance="none"), None, [after]).hospitals
    assert (following.prior_performance, following.balance) == (D(taken), D(taken))


def test_a_year_that_owes_the_fund_has_nothing_at_stake() -> None:
    terms = Terms(shared=False, points=False, performance="next_year", next_year_share=D("0.05"))
    (cleared,) = clear_fund("310", terms, None, [replace(year(monthly="-10"), score=D(50))]).hospitals
    assert cleared.next_year == 0


def test_without_sharing_a_known_budget_is_shown_and_the_region_keeps_the_difference() -> None:
    # 900 of 1,000 spent; by points too the months stand, since nothing is distributed anew.
    for points in (False, True):
        terms = Terms(shared=False, points=points)
        fund = clear_fund("310", terms, budget("1000"), [year("H1", "600", by_item="1"), year("H2", "300")])
        assert (fund.use, fund.hospitals_share, fund.region_share, fund.distributable) == (D(900), D(0), D(100), D(900))
        assert [h.balance for h in fund.hospitals] == [D(0), D(0)]
        lines = {row["line"]: row for row in fund_rows(2025, "510100", RegionTerms(terms, D(0), {}, (), "v"), fund)}
        assert (lines["use"]["basis"], lines["hospitals_share"]["basis"]) == ("月结应付之和", "不作结余留用与超支分担")


@pytest.mark.parametrize(
    ("terms", "years", "sentence"),
    [
        (
            POINTS,
            [year(by_item="500")],
            "fund 310 has .* yuan to share among its hospitals but no points to share it by",
        ),
        (RATE, [year(monthly="0")], "fund 310 has 850.00 yuan to share among its hospitals but no fund payments"),
        (RATE, [], "fund 310 has 850.00 yuan to share"),
        (
            replace(POINTS, performance="points"),
            [replace(year(points="5"), reward_points=D(-6))],
            "hospital H1 has -1 points of fund 310 after its review",
        ),
        (POINTS, [year(points="1", outside_points="2000")], "payments outside points of fund 310 leave -1150.00 yuan"),
        (
            Terms(shared=False, points=False, performance="deduction"),
            [year(withheld="30")],
            "hospital H1 has 30 yuan of fund 310 withheld but no score",
        ),
        (
            Terms(shared=False, points=False, performance="deduction"),
            [replace(year(withheld="30"), score=D(101))],
            "hospital H1 has a score of 101, above the full score 100",
        ),
    ],
)
def test_what_cannot_be_cleared_is_one_sentence(terms: Terms, years: list[HospitalYear], sentence: str) -> None:
    with pytest.raises(ContractError, match=sentence):
        clear_fund("310", terms, budget("1000"), years)


def test_a_year_without_use_and_without_money_is_nothing() -> None:
    fund = clear_fund("310", POINTS, budget("0"), [year(monthly="0")])
    assert (fund.point_value, fund.hospitals[0].due) == (None, D(0))


def test_no_path_leads_from_one_fund_to_the_other() -> None:
    with pytest.raises(ContractError, match="hospital H1 brings money of fund 310 into fund 390"):
        clear_fund("390", RATE, budget("1000"), [year()])
    # No function of the arithmetic takes the money of two funds: one budget and the years of one fund.
    assert list(inspect.signature(clear_fund).parameters) == ["fund", "terms", "budget", "years"]
    module = inspect.getsource(clearing)
    assert not {"310", "390"} & set(module.split('"'))


@pytest.mark.parametrize("seed", range(20))
def test_every_sum_holds_to_the_fen_whatever_is_drawn(seed: int) -> None:
    draw = random.Random(seed)

    def some(most: int) -> Decimal:
        return D(draw.randrange(most)) / 100

    years = [
        HospitalYear(
            f"H{i:02d}", "310", some(10**9), some(10**9), some(10**7) / 7, D(0), some(10**8), some(10**6), some(10**5),
            some(10**9), some(10**6), D(draw.randrange(101)), ((some(10**4) + 1, "x"),) * draw.randrange(3),
        )
        for i in range(draw.randrange(1, 40))
    ]  # fmt: skip
    cap = draw.choice([None, D("0.03")])
    for terms in (replace(RATE, cap_share=cap, performance="deduction"), replace(POINTS, cap_share=cap)):
        whole = budget(str(some(3 * 10**10) + 10**7))
        fund = clear_fund("310", terms, whole, years)
        assert fund.use is not None
        assert fund.hospitals_share is not None
        assert fund.region_share is not None
        assert whole.budget == whole.reserve + fund.use + fund.hospitals_share + fund.region_share
        assert sum(h.due - h.cap for h in fund.hospitals) == fund.distributable
        region = RegionTerms(terms, D(0), {}, (), "v")
        of_hospitals, of_fund = hospital_rows(2025, "510100", region, fund), fund_rows(2025, "510100", region, fund)
        for line in SUMMED:
            (total,) = [row["amount"] for row in of_fund if row["line"] == line]
            assert total == sum(row["amount"] for row in of_hospitals if row["line"] == line)
        assert [row["line_number"] for row in of_fund] == sorted(row["line_number"] for row in of_fund)
        assert clear_fund("310", terms, whole, years[::-1]) == fund


def test_a_statement_says_how_each_amount_came_about() -> None:
    terms = RegionTerms(POINTS, D(1), {"clearing.rule": "某市办法 第三条"}, ("advance.months",), "v1")
    own = year("H1", "600", by_item="500", points="60", patient_share="30", advance="50")
    rows = hospital_rows(2025, "510100", terms, clear_fund("310", POINTS, budget("1000"), [own]))
    lines = {row["line"]: row for row in rows}
    # 500 used of 1,000: 500 + 425 + 30 for 60 points
    assert lines["points_money"]["basis"] == "（点数 60）× 清算点值 15.916667，以未舍入点值计算"
    assert (lines["points_money"]["points"], lines["points_money"]["amount"]) == (D(60), D("955.00"))
    assert lines["points_money"]["clause"] == "某市办法 第三条"
    assert (lines["patient_share"]["amount"], lines["due"]["amount"]) == (D(-30), D("925.00"))
    assert lines["advance"]["basis"] == "1 个月 × 上年月均基金支出"
    assert {row["policy_version"] for row in rows} == {"v1"}


def test_terms_of_the_shipped_policy_share_nothing_and_say_that_nobody_published_it() -> None:
    found = terms_of(PolicyBook.load_default(), "513300", 2025)
    assert (found.terms.shared, found.advance_months) == (False, 0)
    assert "clearing.rule" in found.assumed


def test_a_rule_needs_its_parameters_only_where_it_is_chosen(tmp_path: Path) -> None:
    shared = {"clearing.rule": "shared", "clearing.surplus_share": 0.85}
    with pytest.raises(PolicyError, match=r"region 510100 has no value of clearing.overspend_share .* for 2025-12-31"):
        terms_of(book_with(tmp_path, "510100", shared), "510100", 2025)
    whole = {**shared, "clearing.overspend_share": 0.7, "performance.rule": "points", "performance.full_score": 100}
    with pytest.raises(
        PolicyError, match="performance.rule of region 510100 is points, but its 2025 is not cleared by"
    ):
        terms_of(book_with(tmp_path, "510100", whole), "510100", 2025)
    points = book_with(tmp_path, "510100", {**whole, "payment.method": "points"})
    found = terms_of(points, "510100", 2025).terms
    assert (found.points, found.with_patient_share, found.overspend_share) == (True, True, D("0.7"))
