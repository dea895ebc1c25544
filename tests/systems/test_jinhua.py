"""金华市DRG付费国家试点工作方案 and 按病组点数法 of 2017: each point on the engine, or where it will belong."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from drawn_policy import copied

from drg.errors import PolicyError
from drg.policy import PolicyBook
from drg.policy.needs import needed
from drg.rate.base_rate import point_value
from drg.rate.parameters import parameters_of_rate
from drg.rate.tables import budget_of
from drg.settle.clearing import Budget, ClearedFund, HospitalYear, clear_fund
from drg.settle.clearing_due import YearTables, year_budget
from drg.settle.clearing_lines import hospital_rows
from drg.settle.clearing_terms import terms_of
from drg.weigh.hospitals import cost_coefficients
from drg.weigh.weights import FEN, History, Sums, weights_of
from drg.weigh.window import window_of
from tests.systems.pilots import book, price

D = Decimal
REGION = "330700"
DAY = date(2019, 7, 1)
LATER = {
    "引入ECC（临床诊断复杂度）优化病组": "group (local_groups by a complexity measure)",
    "六个维度50个指标（在用37个）评价": "compare (monitoring_indicator) and land (performance)",
    "分解住院、低标准入院、虚假住院、挂床住院、高低反套、服务缺失的识别": "compare (monitoring_indicator)",
    "同组10天内再次住院的前次病例规则": "settle, once its text is found: the source breaks off",
    "本地634组与国家分组对照运行、差异评估": "compare (a crosswalk of two schemes)",
    "按月向国家局上报住院数据": "publish",
}

# Weight 1.5 and region mean 8,000: base points 150; group mean 12,000. A point is worth 80 yuan.
CASE: dict[str, Any] = {
    "drg": "BR11",
    "los_days": 9,
    "total_cost": "11000.00",
    "relative_weight": "1.5000",
    "group_mean_cost": "12000.00",
    "region_mean_cost": "8000.00",
    "point_value": D(80),
    "base_rate": None,
}


def paid(tree: PolicyBook | None = None, region: str = REGION, **facts: Any) -> dict[str, Any]:
    return price(region, DAY, tree, **{**CASE, **facts}).facts


def sums(n: int, yuan: int) -> Sums:
    return Sums(n, n, n * yuan * FEN, n * (yuan * FEN) ** 2)


def test_every_rule_has_its_parameters_and_firm_words_their_clause() -> None:
    for day in (date(2019, 1, 1), date(2019, 12, 31), date(2021, 12, 31)):
        needed(book(), REGION, day)
    for name in ("budget.basis", "clearing.surplus_share", "clearing.overspend_share", "performance.rule"):
        item = book().value(REGION, name, DAY)
        assert (item.standing, item.source.startswith("金华市DRG付费国家试点工作方案（一）")) == ("published", True)


def test_before_the_plan_there_is_no_clearing_to_borrow() -> None:
    needed(book(), REGION, date(2018, 12, 31), ["weigh", "month", "settle"])
    with pytest.raises(PolicyError, match="330700 has no value of point_value.basis .* begins on 2019-01-01"):
        needed(book(), REGION, date(2018, 12, 31), ["close"])


# 总额预算


def delivered(growth: str = "0.99") -> dict[tuple[str, str], dict[str, Any]]:
    row = {
        "prior_year_fund_spend": D("80000000.00"),
        "growth": D(growth),
        "non_drg_payments": D("4000000.00"),
        "reimbursement_ratio": D("0.8"),
        "forecast_cases": 10_000,
        "standing": "published",
    }
    return {(REGION, fund): row for fund in ("310", "390")}


def test_the_budget_is_last_years_spend_grown_and_the_growth_is_the_policys() -> None:
    """（一）1（1）: spend x (1 + growth); the spend counts stays elsewhere, and the file's growth is not asked."""
    budget = year_budget(book(), REGION, 2019, "310", YearTables(budgets=delivered()))
    # 80,000,000 x 1.05, no reserve, less 4,000,000 outside points.
    assert (budget.budget, budget.reserve, budget.available) == (D("84000000.00"), D("0.00"), D("80000000.00"))


def test_the_value_of_a_point_follows_from_the_budget() -> None:
    """（一）2（3）: 80,000,000 / 0.8 = 100,000,000, over 10,000 cases of weight 1.25 at a scale of 100."""
    found = parameters_of_rate(book(), REGION, DAY)
    budget, standing = budget_of(REGION, 2019, "310", found, delivered())
    distributes, decimals = found["point_value.distributable"].of(), found["point_value.decimals"].of()
    reserve, scale = found["rate.reserve_share"].of(), found["point.scale"].of()
    value = point_value(budget, reserve, Fraction(5, 4), scale, distributes, decimals)
    assert (standing, value.point_volume, value.point_value) == ("published", D(1_250_000), D("80.000000"))


def cleared(use: tuple[str, str], points: tuple[str, str] = ("300", "900"), **second: Any) -> ClearedFund:
    """Two hospitals, 1,000,000 yuan for them; the first has used `use[0]` by item, the other `use[1]`."""
    years = [
        HospitalYear("H1", "310", by_item=D(use[0]), points=D(points[0])),
        HospitalYear("H2", "310", by_item=D(use[1]), points=D(points[1]), **second),
    ]
    budget = Budget(D(1_040_000), D(0), D(40_000), D(1_000_000))
    return clear_fund("310", terms_of(book(), REGION, 2019).terms, budget, years)


@pytest.mark.parametrize(
    ("use", "share", "distributable", "region"),
    [
        (("300000", "500000"), "170000.00", "970000.00", "30000.00"),  # 85 % of 200,000 left over
        (("300000", "900000"), "-170000.00", "1030000.00", "-30000.00"),  # 85 % of 200,000 too much
        (("300000", "700000"), "0.00", "1000000.00", "0.00"),
    ],
    ids=["surplus", "overspend", "neither"],
)
def test_hospitals_keep_and_bear_85_percent_by_points(
    use: tuple[str, str], share: str, distributable: str, region: str
) -> None:
    """（一）1（3）：结余部分的85%由各医院按点数比例分享，超出部分按85%比例承担。"""
    fund = cleared(use)
    assert (fund.hospitals_share, fund.distributable) == (D(share), D(distributable))
    assert fund.region_share == D(region)
    # 300 and 900 points: a quarter and three quarters, whoever used more.
    assert [hospital.due for hospital in fund.hospitals] == [D(distributable) / 4, D(distributable) * 3 / 4]


def test_the_budget_is_not_divided_among_hospitals() -> None:
    """（一）1（2）: whose spending it was does not matter, only the points; no hospital has a cap of its own."""
    one, other = cleared(("100000", "1100000")), cleared(("1100000", "100000"))
    assert [hospital.due for hospital in one.hospitals] == [hospital.due for hospital in other.hospitals]
    assert {hospital.cap for hospital in (*one.hospitals, *other.hospitals)} == {D(0)}


def test_the_advance_and_the_clause_stand_in_the_statement() -> None:
    terms = terms_of(book(), REGION, 2019)
    rows = {row["line"]: row for row in hospital_rows(2019, REGION, terms, cleared(("300000", "500000")))}
    assert terms.advance_months == 1
    assert "结余留用" in rows["points_money"]["clause"]
    assert "performance.full_score" in rows["due"]["assumed_parameters"]


# 病组定价


def history(*costs: tuple[int, int]) -> History:
    """Two groups over two years: (cases, mean) of BR11 in 2017 and 2018, and 10 cases of ES35 a year at 4,000."""
    first = {year: sums(*cost) for year, cost in zip((2017, 2018), costs, strict=True)}
    return History({"BR11": first, "ES35": dict.fromkeys((2017, 2018), sums(10, 4000))}, {2017: 1, 2018: 1})


def test_base_points_are_the_citys_means_of_the_two_years_before() -> None:
    """（二）1：全市执行统一的基准点数；2017：前两年数据。"""
    window = window_of(book(), REGION, DAY)
    assert (window.years, window.reading) == ({2017: 1, 2018: 1}, "weighted_cases")
    city = history((10, 11_000), (10, 13_000))
    (first, second) = weights_of(city, History({}, {}), window.min_cases, window.rules)
    # BR11 12,000, all 8,000 yuan: 150 points; ES35 4,000: 50 points.
    assert [weight.relative_weight * 100 for weight in (first, second)] == [D(150), D(50)]
    assert {weight.weight_source for weight in (first, second)} == {"region"}


def test_a_group_of_five_cases_is_unstable_and_borrows_from_nobody() -> None:
    window = window_of(book(), REGION, DAY)
    five, six = (
        next(weights_of(history((n, 12_000), (0, 1)), History({}, {}), window.min_cases, window.rules)) for n in (5, 6)
    )
    assert (five.stable, six.stable, five.weight_source) == (False, True, "region")
    unstable = paid(stable=False)
    assert (unstable["rule"], unstable["points"]) == ("unstable.cost_share+difference", D("137.5"))


def test_a_hospitals_coefficient_is_its_mean_over_the_citys() -> None:
    """2017：成本系数 = 医院病组次均费用 ÷ 全市病组次均费用。"""
    window = window_of(book(), REGION, DAY)
    assert window.cost_ratio
    costs = {("H1", "BR11"): {2018: sums(2, 10_800)}, ("H2", "BR11"): {2018: sums(1, 14_400)}}
    found = list(cost_coefficients(costs, window.years, window.reading))
    assert [(row.hospital_code, row.coefficient) for row in found] == [("H1", D("0.9000")), ("H2", D("1.2000"))]
    assert found[0].region_mean_cost == D("12000.0000")
    third = {("H1", "BR11"): {2018: sums(1, 5000)}, ("H2", "BR11"): {2018: sums(1, 10_000)}}
    coefficients = [row.coefficient for row in cost_coefficients(third, window.years, window.reading)]
    assert coefficients == [D("0.6667"), D("1.3333")]  # 5,000 and 10,000 over 7,500


def test_a_group_first_seen_this_year_counts_with_a_coefficient_of_one() -> None:
    at_09, new = paid(hospital_cost_coefficient=D("0.9")), paid()
    assert (at_09["points"], at_09["standard"]) == (D(135), D("10800.00"))
    assert (new["coefficient"], new["points"], new["standard"]) == (1, D(150), D("12000.00"))


def test_one_catalogue_and_one_value_a_pooling_region(tmp_path: Path) -> None:
    """（二）1：统一的drg基准点数，具体点值由各统筹区按基金预算执行情况确定。"""
    root = copied(tmp_path)
    for code, value in (("330781", "75.5"), ("330783", "82")):
        (root / code).mkdir()
        head = f'code: "{code}"\nname: pooling region\ninherits: "{REGION}"\n'
        (root / code / "region.yaml").write_text(head, encoding="utf-8")
        values = {"point_value.basis": "published", "point_value.published": value}
        text = "".join(
            f"{name}:\n  - {{value: {said}, from: 2019-06-01, unit: {'rule' if 'basis' in name else 'yuan'}, "
            "source: drawn, standing: published}\n"
            for name, said in values.items()
        )
        (root / code / "price.yaml").write_text(text, encoding="utf-8")
    tree = PolicyBook.load(root)
    assert window_of(tree, "330781", DAY).policy_version == window_of(tree, "330783", DAY).policy_version
    one, other = (paid(tree, code, point_value=None) for code in ("330781", "330783"))
    assert one["points"] == other["points"] == D(150)
    assert (one["standard"], other["standard"]) == (D("11325.00"), D("12300.00"))


def test_groups_days_and_items_are_one_currency() -> None:
    """（一）2（3）：将病组、床日、项目等医疗服务支付标准用“点数”形式体现。"""
    group = paid(hospital_cost_coefficient=D("0.9"))
    days = paid(principal_diagnosis="F20.000", los_days=70, relative_weight=None, grouping_status="ungrouped")
    items = paid(
        grouping_status="ungrouped", drg=None, relative_weight=None, total_cost="5000.00", basic_fund_payment="3000.00"
    )
    assert [case["payment_kind"] for case in (group, days, items)] == ["normal", "per_diem", "ungrouped"]
    # 1.5 x 0.9; 70 days x 240 / 8,000; 5,000 / 8,000
    points = [case["points"] for case in (group, days, items)]
    assert points == [D(135), D(210), D("62.5")]
    assert [case["standard"] for case in (group, days, items)] == [number * 80 for number in points]


@pytest.mark.parametrize(("los_days", "kind"), [(59, "normal"), (60, "per_diem"), (61, "per_diem")])
def test_days_count_from_the_sixtieth(los_days: int, kind: str) -> None:
    assert paid(principal_diagnosis="F20.000", los_days=los_days)["payment_kind"] == kind


@pytest.mark.parametrize(("los_days", "kind"), [(1, "stay_outside"), (2, "normal")])
def test_an_incomplete_stay_is_worth_its_cost_up_to_the_base_points(los_days: int, kind: str) -> None:
    """2017：未完成诊治的住院按费用比例折算，不超过基准点数, and without the hospital's coefficient."""
    facts = {"los_days": los_days, "hospital_cost_coefficient": D("0.9")}
    assert paid(**facts)["payment_kind"] == kind
    if kind == "stay_outside":
        points = [paid(total_cost=cost, **facts)["points"] for cost in ("11999.20", "12000.00", "12000.80")]
        assert points == [D("149.99"), D(150), D(150)]


def test_extreme_cases_are_reviewed_one_by_one_and_have_no_line() -> None:
    """（二）3（3）：特病单议. Ten times the mean stays normal until a review decides."""
    dear = paid(total_cost="120000.00")
    assert (dear["payment_kind"], dear["high_line"], dear["points"]) == ("normal", None, D(150))
    reviewed = paid(total_cost="120000.00", special_case=True)
    assert (reviewed["payment_kind"], reviewed["points"]) == ("special_case", D(1500))


# 点数奖惩


def test_a_review_moves_points_and_with_them_money_of_the_others() -> None:
    """（一）3（3）：年度考评结果通过调节点数予以奖惩。"""
    plain = cleared(("300000", "700000"))
    rewarded = cleared(("300000", "700000"), reward_points=D(300))
    punished = cleared(("300000", "700000"), reward_points=D(-100))
    dues = [[hospital.due for hospital in fund.hospitals] for fund in (plain, rewarded, punished)]
    # 300 : 900, 300 : 1,200 and 300 : 800 of 1,000,000.
    assert dues[0] == [D(250_000), D(750_000)]
    assert dues[1] == [D(200_000), D(800_000)]
    assert dues[2] == [D("272727.27"), D("727272.73")]


def test_a_stay_is_priced_where_it_was_treated_whoever_insures_it() -> None:
    """（二）3（1）：将跨省、跨市、市内县域间异地就医住院纳入: the insurer is no fact of a price."""
    with pytest.raises(PolicyError, match="insured_region_code is not a fact of a case"):
        paid(insured_region_code="330781")
