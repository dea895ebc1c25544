"""四川省医疗保障局2025-06-30答复: each point on the engine, or where it will belong."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from drg.contracts import contract
from drg.doors.config import load_province
from drg.errors import ContractError, VersionError
from drg.policy.needs import needed
from drg.settle.clearing import HospitalYear, Terms, clear_fund
from drg.settle.clearing_terms import terms_of
from drg.settle.common import LAYERS
from drg.weigh.versions import Status
from tests.systems.pilots import (
    DAY,
    DECISION,
    book,
    complete,
    life,
    listed_as_later,
    price,
    published,
    through,
    with_changes,
    with_trial,
)

REGION = "511300"
LATER = {
    "试算版本公开征求意见的发布页面": "publish",
    "除外支付、特例单议的申报和评审流程": "validate and settle (special_case_decision)",
    "数据工作组通报：基金运行、预算、结算清算": "publish",
    "即时结算到限时结算、压缩结算周期": "status and the calendar of the months",
    "绩效评价13个方面47项指标": "compare (monitoring_indicator) and land (performance)",
    "数据共享区的受控访问": "publish",
    "编码违规的飞行检查支持": "compare (monitoring_indicator)",
}


def test_all_22_pooling_regions_have_what_their_rules_need() -> None:
    """一（三）：22个统筹区。"""
    regions = load_province("sichuan").region_codes()
    assert len(regions) == 22
    for region in regions:
        complete(region)
    published(REGION, "coefficient.factors", "special_case.rule")
    published("510100", "exclusion.rule")


def test_one_catalogue_of_the_province_and_weights_of_each_region() -> None:
    """一（二）：四川省DRG分组目录；病组支付权重、系数由各地形成。"""
    regions = load_province("sichuan").region_codes()
    assert {book().value(region, "local_groups", DAY).folder for region in regions} == {"510000"}
    assert book().value("510100", "weight.min_cases", DAY).of() != book().value(REGION, "weight.min_cases", DAY).of()


def test_weights_are_consulted_on_before_they_are_used() -> None:
    """一（二）：实施付费前，将分组结果、费用测算情况广泛征求医疗机构的意见: nothing serves before it went through."""
    trial = life(REGION, "2025.1")
    assert trial.in_force("2025-01") is None
    with pytest.raises(VersionError, match="is trial and cannot become published"):
        trial.publication(None, None, "2025-01", [], DECISION)
    heard = through(trial, Status.PROPOSED, Status.CONSULTATION)
    used = with_changes(heard, heard.publication(None, None, "2025-01", [], DECISION))
    serving = used.in_force("2025-01")
    assert serving is not None
    assert (serving.version, serving.decided_by, serving.reason) == ("2025.1", DECISION.by, DECISION.reason)


@pytest.mark.parametrize(
    ("procedures", "factor", "standard"),
    [
        (["81.5400x001"], "1", "10400.00"),
        (["81.5400x001", "81.5400x001"], "1.5", "15600.00"),  # 1 x 1.04 x 1.5 x 10,000
        (["53.1200"], "1.5", "15600.00"),  # one code for both sides
        (["81.5400x001", "81.5100"], "1", "10400.00"),  # a knee and a hip are not both sides
    ],
)
def test_the_bilateral_coefficient(procedures: list[str], factor: str, standard: str) -> None:
    """一（二）：一次住院行双侧手术病例支付差异较大，通过增加双侧手术系数解决。"""
    paid = price(REGION, drg="IC29", procedures=procedures).facts
    assert paid["bilateral_coefficient"] == Decimal(factor)
    assert paid["standard"] == Decimal(standard)


@pytest.mark.parametrize(
    ("facts", "group"),
    [
        ({"age_years": 6}, "ES31-A"),
        ({"age_years": 7}, "ES31"),
        ({"age_years": 69}, "ES31"),
        ({"age_years": 70}, "ES31-E"),
        ({"drg": "ER21", "age_years": 50, "procedures": ["96.7201"]}, "ER21-V"),
        ({"drg": "ER21", "age_years": 50, "procedures": ["93.9001"]}, "ER21"),
        ({"drg": "SR11", "icu_minutes": 72 * 60 - 1}, "SR11"),
        ({"drg": "SR11", "icu_minutes": 72 * 60}, "SR11-I"),
        ({"drg": "SR11", "icu_minutes": 0}, "SR11"),
        ({"drg": "SR11"}, "SR11"),
    ],
)
def test_sub_groups_by_age_and_intensive_care(facts: dict[str, object], group: str) -> None:
    """一（二）：在细化国家2.0分组方案过程中，新增了年龄和重症监护细分组。"""
    paid = price(REGION, **{"drg": "ES31", **facts}).facts
    assert (paid["priced_drg"], paid["drg"]) == (group, group.split("-")[0])


def test_special_case_review_in_every_region() -> None:
    """一（三）：22个统筹区全面实施特例单议机制。"""
    for region in load_province("sichuan").region_codes():
        assert book().value(region, "special_case.rule", DAY).of() == "on_application"
    assert price(REGION, special_case=True).facts["payment_kind"] == "special_case"


def test_new_drugs_and_technology_leave_drg_on_application_in_two_regions() -> None:
    """一（三）：省本级与成都市设立新药耗新技术除外机制，相关病例暂不纳入DRG支付标准；entries hold days and a limit."""
    for region in ("510100", "519900"):
        items = book().value(region, "exclusion.items", DAY).of()
        assert {"可充电植入式神经刺激器", "植入式左心室辅助系统"} <= {item.title for item in items}
        assert all(item.pays == "case" and item.first <= item.last for item in items)
        assert {item.code: item.max_cases for item in items}["lvad"] == 20
        paid = price(region, excluded_case=True, total_cost="300000.00", basic_fund_payment="200000.00").facts
        assert (paid["payment_kind"], paid["fund_payment"]) == ("excluded_case", Decimal("200000.00"))
    assert price(REGION, excluded_case=True).facts["payment_kind"] == "normal"


def test_high_technology_may_be_paid_more_by_a_regions_own_file(tmp_path: Path) -> None:
    """一（三）：10个统筹区对高新医疗技术进行倾斜支付；which regions, groups and amounts is not told. 10,400 + 5,000."""
    tilt = with_trial(tmp_path, REGION, "override.rule: by_group, rule\noverride.addition: {FB2: 5000}, yuan")
    assert price(REGION, tree=tilt, drg="FB29").facts["standard"] == Decimal("15400.00")
    assert price(REGION, tree=tilt, drg="KS11").facts["standard"] == Decimal("10400.00")


def test_an_evaluation_may_be_applied_to_payment(tmp_path: Path) -> None:
    """二（二）：探索将考核评价结果应用于DRG实际付费（自贡市）：5,000 yuan held back, a score of 90: 500 stay."""
    rules = "performance.rule: deduction, rule\nperformance.full_score: 100, score"
    terms = terms_of(with_trial(tmp_path, "510300", rules), "510300", 2025).terms
    year = HospitalYear("H1", "310", monthly=Decimal(100000), withheld=Decimal(5000), paid=Decimal(95000))
    (hospital,) = clear_fund("310", terms, None, [replace(year, score=Decimal(90))]).hospitals
    assert (hospital.performance, hospital.balance) == (Decimal("-500.00"), Decimal("4500.00"))


def test_advances_and_their_clearing() -> None:
    """一（三）：逐步加大医保基金预付总量；an advance is taken off at the clearing."""
    assert "advance.months" in needed(book(), REGION, DAY, ("close",))
    year = HospitalYear("H1", "310", monthly=Decimal(100000), paid=Decimal(90000), advance=Decimal(8000))
    (hospital,) = clear_fund("310", Terms(shared=False, points=False), None, [year]).hospitals
    assert hospital.balance == Decimal(2000)


def test_no_path_from_one_fund_to_the_other() -> None:
    """三：《社会保险基金财务制度》第六条，基金之间不得相互挤占和调剂。"""
    own = HospitalYear("H1", "310", monthly=Decimal(100))
    with pytest.raises(ContractError, match="fund 390 into fund 310"):
        clear_fund("310", Terms(shared=False, points=False), None, [own, replace(own, fund="390")])


@pytest.mark.parametrize(("deductible", "fund"), [("800.00", "8160.00"), ("0.00", "8840.00")])
def test_the_deductible_is_that_of_the_list(deductible: str, fund: str) -> None:
    """四：起付线按次计算、逐次降低，四类疾病一年一次，六类重性精神病免：taken from the list, never computed again.

    宜宾 pays by ratio: (10,400 - deductible) x 0.85 at level 3.
    """
    assert price("511500", deductible=Decimal(deductible)).facts["fund_payment"] == Decimal(fund)


def test_major_illness_and_assistance_stand_beside_drg() -> None:
    """四：大病保险、医疗救助的支付不进入基本医保基金的DRG支付：what others paid is taken off the standard once, and
    each layer is kept with the payment.
    """
    assert set(LAYERS) <= set(contract("case_payment").names()) & set(contract("hospital_settlement").names())
    paid = price(REGION, total_cost="10000.00", basic_fund_payment="6000.00").facts
    assert paid["patient_and_other_paid"] == Decimal("4000.00")
    assert paid["fund_payment"] == Decimal("10400.00") - Decimal("4000.00")


def test_what_is_built_elsewhere_is_listed() -> None:
    listed_as_later(LATER, "四川省")
