"""医保办发〔2020〕45号 区域点数法总额预算和按病种分值付费: each point on the engine, or where it will belong.

990100 is a model city: the plan as written, and an assumption wherever it leaves a value to the pilot city.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from drg.group import load_icd
from drg.policy.needs import needed
from drg.rate.base_rate import point_value
from drg.rate.parameters import parameters_of_rate
from drg.rate.tables import budget_of
from drg.settle.clearing import Budget, ClearedFund, HospitalYear, clear_fund
from drg.settle.clearing_due import YearTables, hospital_years
from drg.settle.clearing_terms import terms_of
from drg.validate.codes import KNOWN, PROCEDURE_FORM, REPAIRED, UNKNOWN, CodeList
from drg.weigh.trimming import Costs, fence_of
from drg.weigh.weights import FEN, History, Sums, weights_of
from drg.weigh.window import window_of
from tests.systems.pilots import book, price

D = Decimal
REGION = "990100"
DAY = date(2021, 3, 1)
LATER = {
    "病种分值目录库、核心与综合病种库": "group (a scheme of its own beside CHS-DRG)",
    "综合病种、异常高值病例的单议流程": "settle (special_case_decision)",
    "门诊按人头、按项目，医共体总额转化为点数": "beside this engine: it pays stays",
    "费用明细表的质量控制": "validate, once details are delivered",
    "信息系统数据库动态维护": "conf/rule_packs/icd, by hand until then",
    "高套编码、冲点数的监管指标": "compare (monitoring_indicator)",
    "阶段性报告：目录维护、分值测算、实施情况、效果": "publish",
}

# Score 1.2 x 1000 of a disease of 12,000 in a city of 10,000; a point is worth 6 yuan of the fund.
CASE: dict[str, Any] = {
    "drg": "BR11",
    "los_days": 9,
    "total_cost": "11000.00",
    "relative_weight": "1.2000",
    "group_mean_cost": "12000.00",
    "region_mean_cost": "10000.00",
    "point_value": D(6),
    "base_rate": None,
    "hospital_level": "2",
}


def paid(**facts: Any) -> dict[str, Any]:
    return price(REGION, DAY, **{**CASE, **facts}).facts


def test_every_rule_has_its_parameters_from_the_day_of_the_plan() -> None:
    for day in (date(2020, 10, 14), date(2020, 12, 31), date(2026, 12, 31)):
        for item in needed(book(), REGION, day).values():
            assert item.standing == "published" or "假定" in item.source, item.name
    for name in ("payment.method", "weight.years", "outlier.low.pays", "advance.months", "coefficient.factors"):
        assert book().value(REGION, name, DAY).source.startswith("医保办发〔2020〕45号 四"), name


# 总额预算与点数


def test_items_diseases_and_days_become_points_and_points_money() -> None:
    """四：把项目、病种、床日等付费单元转换为一定点数。"""
    disease = paid()
    days = paid(principal_diagnosis="F20.000", los_days=60)
    items = paid(
        grouping_status="ungrouped", drg=None, relative_weight=None, total_cost="5000.00", basic_fund_payment="3000.00"
    )
    assert [case["payment_kind"] for case in (disease, days, items)] == ["normal", "per_diem", "ungrouped"]
    # 1.2 x 0.96, 60 x 180 / 10,000 and 5,000 / 10,000, each x 1000
    points = [case["points"] for case in (disease, days, items)]
    assert points == [D(1152), D(1080), D(500)]
    assert [case["standard"] for case in (disease, days, items)] == [number * 6 for number in points]


def test_a_point_is_worth_the_funds_budget_and_the_fund_pays_it_whole() -> None:
    """四：地区医保基金支出预算指标 ÷ 总点数: the fund's money alone, and so the fund owes what the points are worth."""
    found = parameters_of_rate(book(), REGION, DAY)
    row = {
        "prior_year_fund_spend": D("60000000.00"),
        "growth": D("0.05"),
        "non_drg_payments": D("9850000.00"),
        "reimbursement_ratio": D("0.75"),
        "forecast_cases": 10_000,
        "standing": "published",
    }
    budget, _ = budget_of(REGION, 2021, "310", found, {(REGION, "310"): row})
    reserve, scale = found["rate.reserve_share"].of(), found["point.scale"].of()
    distributes, decimals = found["point_value.distributable"].of(), found["point_value.decimals"].of()
    value = point_value(budget, reserve, Fraction(1), scale, distributes, decimals)
    # 60,000,000 x 1.05 x 0.95 - 9,850,000 = 50,000,000 over 10,000 x 1000 points; the ratio does not enter.
    assert (value.distributable, value.point_value) == (D("50000000.00"), D("5.000000"))
    case = paid(point_value=value.point_value)
    assert (case["standard"], case["fund_payment"]) == (D("5760.00"), D("5760.00"))
    assert case["rule"] == "points+standard_is_fund"


def cleared(*points: str, **first: Any) -> ClearedFund:
    """Hospitals with so many points; each used 400,000 yuan by item, 1,000,000 are there for all."""
    years = [
        HospitalYear(f"H{n}", "310", by_item=D(400_000), points=D(number), **(first if n == 1 else {}))
        for n, number in enumerate(points, 1)
    ]
    terms = terms_of(book(), REGION, 2020).terms
    return clear_fund("310", terms, Budget(D(1_100_000), D(55_000), D(45_000), D(1_000_000)), years)


@pytest.mark.parametrize(
    ("points", "value", "dues"),
    [
        (("1000", "3000"), "250.000000", ["250000.00", "750000.00"]),  # 200,000 left over goes out
        (("1000", "3000", "1000"), "200.000000", ["200000.00", "600000.00", "200000.00"]),  # 200,000 too much comes in
    ],
)
def test_at_year_end_the_whole_budget_is_paid_by_points_and_no_hospital_has_a_cap(
    points: tuple[str, ...], value: str, dues: list[str]
) -> None:
    """四：不再细化明确各医疗机构的总额控制指标，年底按照各医疗机构实际点数付费。"""
    fund = cleared(*points)
    assert (fund.distributable, fund.point_value) == (D("1000000.00"), D(value))
    assert [hospital.due for hospital in fund.hospitals] == [D(due) for due in dues]
    assert {hospital.cap for hospital in fund.hospitals} == {D(0)}
    assert fund.region_share == 0


# 病种分值


def same_cost(n: int, yuan: int) -> Sums:
    return Sums(n, n, n * yuan * FEN, n * (yuan * FEN) ** 2)


def test_scores_come_from_all_cases_of_the_three_years_before() -> None:
    """四：按照本地区前3年数据进行全样本数据病例平均医疗费用测算。"""
    window = window_of(book(), REGION, DAY)
    assert window.years == {2018: 1, 2019: 1, 2020: 1}
    # Nothing is trimmed, however far off: 9 cases of 1,000 yuan and one of a million.
    extreme = Costs(10, (9 * 1000 + 1_000_000) * FEN, 0)
    assert fence_of(window.trimming, extreme) is None
    # All cases alike: 10 x 6,000, 20 x 9,000 and 30 x 12,000 are 10,000 a case; the mean of the years would be 9,000.
    years = {2018: same_cost(10, 6000), 2019: same_cost(20, 9000), 2020: same_cost(30, 12_000)}
    city = History({"BR11": years, "ES35": {2020: same_cost(60, 5000)}}, window.years, window.reading)
    first, second = weights_of(city, History({}, {}), window.min_cases, window.rules)
    # City mean 7,500: 1,333.3 and 666.7 points.
    assert (first.mean_cost, first.relative_weight) == (D("10000.0000"), D("1.3333"))
    assert (second.mean_cost, second.relative_weight) == (D("5000.0000"), D("0.6667"))


@pytest.mark.parametrize(("year", "years"), [(2020, (2017, 2018, 2019)), (2026, (2023, 2024, 2025))])
def test_the_three_years_move_on_with_the_year(year: int, years: tuple[int, ...]) -> None:
    assert tuple(window_of(book(), REGION, date(year, 12, 31)).years) == years


@pytest.mark.parametrize(("n", "core"), [(14, False), (15, True)])
def test_a_disease_of_fifteen_cases_is_core_and_one_of_fourteen_is_not(n: int, core: bool) -> None:
    """四：核心病种与综合病种; the latter is scored by its case, not by its mean."""
    window = window_of(book(), REGION, DAY)
    city = History({"BR11": {2020: same_cost(n, 12_000)}}, window.years, window.reading)
    (score,) = weights_of(city, History({}, {}), window.min_cases, window.rules)
    assert score.stable is core
    case = paid(stable=core)
    assert (case["payment_kind"], case["points"]) == (("normal", D(1152)) if core else ("unstable", D(1100)))


@pytest.mark.parametrize(
    ("cost", "kind", "points"),
    [("5999.99", "low_outlier", "599.999"), ("6000.00", "normal", "1152"), ("6000.01", "normal", "1152")],
)
def test_a_low_case_is_scored_by_its_actual_cost(cost: str, kind: str, points: str) -> None:
    """四：对于异常低值的病例，按实际费用确定病种分值; half the mean of 12,000 is the line, no coefficient below it."""
    case = paid(total_cost=cost, basic_fund_payment="3000.00")
    assert (case["payment_kind"], case["points"]) == (kind, D(points))


def test_a_high_case_is_scored_by_review_alone() -> None:
    """四：异常高值的病例，可通过病例单议、专家评审等方式确定病种分值: no multiple makes it one."""
    before, after = paid(total_cost="120000.00"), paid(total_cost="120000.00", special_case=True)
    assert (before["payment_kind"], before["high_line"], before["points"]) == ("normal", None, D(1152))
    assert (after["payment_kind"], after["points"]) == ("special_case", D(12_000))
    assert "病例单议" in after["clause"]


@pytest.mark.parametrize(
    ("diagnosis", "days", "kind", "points"),
    [
        ("F20.000", 59, "normal", "1152"),
        ("F20.000", 60, "per_diem", "1080"),  # 60 x 180
        ("Z50.100", 29, "normal", "1152"),
        ("Z50.100", 30, "per_diem", "900"),  # 30 x 300
        ("Z51.500", 1, "per_diem", "30"),  # 1 x 300
        ("I63.900", 90, "normal", "1152"),
    ],
)
def test_psychiatric_rehabilitation_and_hospice_stays_are_paid_by_the_day(
    diagnosis: str, days: int, kind: str, points: str
) -> None:
    """四：确定精神类、康复类及安宁疗护等住院时间较长的病例使用床日付费。"""
    case = paid(principal_diagnosis=diagnosis, los_days=days)
    assert (case["payment_kind"], case["points"]) == (kind, D(points))


# 结算与考核


def test_one_month_of_last_years_spend_is_paid_in_advance_and_taken_off_at_the_end() -> None:
    """四：预拨一定周期资金（原则上为一个月），并在周期内按点数法结算。"""
    terms = terms_of(book(), REGION, 2020)
    key = (REGION, "310", "H1")
    tables = YearTables(
        cases={key: {"fund_payment": D("240000.00"), "by_item": D("250000.00"), "points": D(48_000)}},
        months={key: {"fund_payment": D("240000.00"), "withheld": D("12000.00"), "payable": D("228000.00")}},
        prior_spend={key: D("20000.005")},
        reviews={REGION: ({"hospital_code": "H1", "fund": "310", "score": D(100), "reward_points": None},)},
    )
    (year,) = hospital_years(REGION, 2020, "310", terms, tables)
    assert (terms.advance_months, year.advance) == (1, D("20000.01"))
    (hospital,) = clear_fund("310", terms.terms, Budget(D(260_000), D(0), D(0), D(260_000)), [year]).hospitals
    # 260,000 - 20,000.01 - 228,000
    assert (hospital.due, hospital.advance, hospital.balance) == (D("260000.00"), D("-20000.01"), D("11999.99"))


def test_scores_float_with_the_level_of_the_hospital() -> None:
    """四：试行分值浮动机制，引入医疗机构等级系数，区分不同级别医疗机构分值。"""
    points = [paid(hospital_level=level)["points"] for level in "123"]
    assert points == [D(1080), D(1152), D(1248)]  # 1,200 x 0.90, 0.96, 1.04


@pytest.mark.parametrize("drg", ["FV25", "EX29", "DT19"])
def test_diseases_for_primary_care_have_one_score_at_every_level(drg: str) -> None:
    """四：对适合基层医疗机构诊治的病种，病种分值标准在不同等级医疗机构应保持一致; named as a group or as its ADRG."""
    assert [paid(drg=drg, hospital_level=level)["points"] for level in "123"] == [D(1200)] * 3
    assert paid(drg="FV23", hospital_level="1")["points"] == D(1080)  # with complications: not listed


def test_the_review_of_the_year_decides_over_the_withheld_money() -> None:
    """四：年底对医疗机构开展绩效考核，按照协议约定将绩效考核与年终清算挂钩。"""
    first = cleared("1000", "3000", withheld=D(12_500), paid=D(237_500), score=D(92)).hospitals[0]
    # 12,500 x (1 - 92 / 100)
    assert (first.due, first.performance, first.balance) == (D(250_000), D("-1000.00"), D("11500.00"))
    full = cleared("1000", "3000", withheld=D(12_500), paid=D(237_500), score=D(100)).hospitals[0]
    assert (full.performance, full.balance) == (D(0), D("12500.00"))
    assert "绩效考核与年终清算挂钩" in terms_of(book(), REGION, 2020).clauses["performance.rule"]


def test_codes_are_read_in_the_insurance_edition_and_the_clinical_one_leads_there() -> None:
    """四：统一的医保信息业务编码、编码映射。"""
    icd = load_icd()
    listed = CodeList.of(icd.procedures, PROCEDURE_FORM)
    for clinical, insurance in icd.procedure_to_insurance.items():
        assert listed.clean(insurance) == (insurance, KNOWN), clinical
    assert icd.procedure_to_insurance["00.6600x008"] == "00.6601"
    assert listed.clean("00.6601\t") == ("00.6601", REPAIRED)
    assert listed.clean("99.9999")[1] == UNKNOWN
