"""宜兴市DRG支付方式改革2023年行动计划: each point of the plan on the engine, or where it will belong."""

from __future__ import annotations

from decimal import Decimal

import pytest

from drg.errors import ContractError
from drg.publish.content import published as published_files
from drg.settle.clearing import HospitalYear, clear_fund
from drg.settle.clearing_terms import terms_of
from tests.systems.pilots import DAY, book, complete, listed_as_later, price, published

REGION, WUXI = "320282", "320200"
LATER = {
    "覆盖率：机构、病种约90%、入组结算率不低于90%、基金占比70%以上": "compare (monitoring_indicator)",
    "每年1-2次调研评估": "publish",
    "年终考核激励（三（三））": "performance.rule: points, once its terms are published",
    "门诊支付方式改革": "beside this engine: it pays stays",
    "电子病历相关信息上传国家平台": "beside this engine: it reads settlement lists",
    "每年2次同级别同病组费用比较，不少于10个病组": "compare (hospital_peer_comparison)",
    "重点医疗机构10个以上高费用病组的药品、耗材构成": "compare (hospital_peer_comparison)",
    "智能审核疑点、医疗机构季度报告": "publish",
}


def test_every_rule_of_wuxi_and_yixing_has_its_parameters() -> None:
    complete(WUXI)
    complete(REGION)
    published(REGION, "payment.method", "special_case.rule", "tcm.rule")


def test_yixing_settles_by_the_rule_of_wuxi_with_overrides() -> None:
    """二（二）：参照无锡结算办法，研究制定我市2023年DRG付费结算办法，合理确定费率、权重等结算指标。"""
    assert book().value(REGION, "payment.method", DAY).folder == WUXI
    assert book().value(REGION, "settlement.withhold_share", DAY).folder == WUXI
    assert book().value(REGION, "tcm.rule", DAY).folder == REGION
    assert book().value(WUXI, "tcm.rule", DAY).of() == "none"
    # 1.0000 x 1.04 x 10,000 under both; a TCM stay differs.
    assert [price(code).facts["standard"] for code in (WUXI, REGION)] == [Decimal("10400.00")] * 2


LUMBAR = {
    "drg": "IU29", "principal_diagnosis": "M51.202", "los_days": 10, "treatment_fee": "6000.00",
    "western_drug_fee": "4000.00", "relative_weight": None, "base_rate": None,
}  # fmt: skip


def test_five_diseases_of_tcm_advantage_are_paid_by_disease() -> None:
    """二（二）：开展中医优势病种按病种付费数量不少于5个。One price a disease, neither weight nor rate."""
    prices = book().value(REGION, "override.fixed_price", DAY)
    diseases = book().value(REGION, "tcm.diseases", DAY).of()
    assert len({disease.drg for disease in diseases}) >= 5
    assert all(prices.of(drg=disease.drg) > 0 for disease in diseases)
    paid = price(REGION, **LUMBAR).facts
    assert (paid["priced_drg"], paid["payment_kind"]) == ("IU2F", "normal")
    assert (paid["standard"], paid["fund_payment"]) == (Decimal("6200.00"), Decimal("2200.00"))  # less 4,000 of others
    assert "override.fixed_price" in paid["assumed_parameters"]


@pytest.mark.parametrize(
    ("changes", "group"),
    [
        ({"los_days": 9}, "IU29"),  # enters from 10 days on
        ({"principal_diagnosis": "M51.000"}, "IU29"),
        ({"treatment_fee": "5999.99", "western_drug_fee": "4000.01"}, "IU29"),  # TCM share under 60 %: fall-back group
        ({"treatment_fee": "0.00"}, "IU29"),  # no fee of either kind is no share
        ({}, "IU2F"),
    ],
)
def test_who_enters_the_disease_price(changes: dict[str, object], group: str) -> None:
    facts = {**LUMBAR, "relative_weight": "0.8000", "base_rate": "10000.00", **changes}
    paid = price(REGION, **facts).facts
    # Out of it: 0.8 x 1.04 x 10,000.
    assert (paid["priced_drg"], paid["standard"]) == (group, Decimal("6200.00" if group == "IU2F" else "8320.00"))


def test_dual_channel_drugs_are_handled_beside_drg() -> None:
    """二（二）：与国家医保谈判药品“双通道”管理协同：the admitted drug comes on top of the group's price."""
    assert any(item.pays == "item" for item in book().value(REGION, "exclusion.items", DAY).of())
    paid = price(REGION, excluded_item_amount="1500.00").facts
    assert (paid["price"], paid["standard"]) == (Decimal("10400.00"), Decimal("11900.00"))


@pytest.mark.parametrize(("days", "kind", "standard"), [(14, "normal", "10400.00"), (15, "per_diem", "5700.00")])
def test_rehabilitation_is_settled_by_the_day(days: int, kind: str, standard: str) -> None:
    """二（二）：探索康复结算模式。15 days x 380 yuan at level 3."""
    paid = price(REGION, principal_diagnosis="Z50.800", los_days=days).facts
    assert (paid["payment_kind"], paid["standard"]) == (kind, Decimal(standard))


def test_a_special_case_is_paid_as_decided() -> None:
    """二（四）一：贯彻争议处理和特病单议机制。"""
    paid = price(REGION, special_case=True, total_cost="80000.00", basic_fund_payment="50000.00").facts
    assert (paid["payment_kind"], paid["fund_payment"]) == ("special_case", Decimal("50000.00"))
    assert "特病单议" in paid["clause"]


def test_a_dispute_is_appealed_accepted_and_decided_and_moves_the_payment() -> None:
    """二（四）一：贯彻争议处理和特病单议机制。A case of 10,400 at its cost, or as another group."""
    published(REGION, "dispute.rule")
    paid = price(REGION, dispute_repriced=True).facts
    assert (paid["payment_kind"], paid["standard"]) == ("dispute", Decimal("10000.00"))
    assert "争议处理" in paid["clause"]
    assert price(REGION, dispute_drg="BR23").facts["priced_drg"] == "BR23"
    assert price(WUXI, dispute_repriced=True).facts["payment_kind"] == "normal"  # Wuxi's rule is not known


def test_disputes_and_warning_notices_are_tables_of_the_release() -> None:
    """二（四）一, and 预警通知书: delivered as files, landed whole or not at all, released to the region."""
    assert {"case_dispute", "warning_notice"} <= {item.table for item in published_files()}


def test_the_yearly_performance_is_joined_to_the_clearing() -> None:
    """二（四）二：不少于一次支付方式改革绩效考核，考核结果与医保年终清算相挂钩。

    5,000 yuan held back, a score of 90 of 100: 500 yuan stay with the fund.
    """
    terms = terms_of(book(), REGION, 2025).terms
    assert terms.performance == "deduction"
    year = HospitalYear("H1", "310", monthly=Decimal(100000), withheld=Decimal(5000), paid=Decimal(95000))
    scored = HospitalYear(**{**year.__dict__, "score": Decimal(90)})
    (hospital,) = clear_fund("310", terms, None, [scored]).hospitals
    assert (hospital.performance, hospital.balance) == (Decimal("-500.00"), Decimal("4500.00"))
    with pytest.raises(ContractError, match="no score"):
        clear_fund("310", terms, None, [year])


def test_local_rules_are_files_apart_from_the_national_module() -> None:
    """二（三）：结合本地实际设置DRG功能模块的规则、参数；the intake is the national list, the same for every region."""
    item = book().value(REGION, "override.fixed_price", DAY)
    assert item.file.endswith("conf/policy/320282/settlement.yaml")


def test_what_is_built_elsewhere_is_listed() -> None:
    listed_as_later(LATER, "宜兴、无锡")
