"""武汉市DRG支付方式改革三年行动实施方案（武医保药〔2022〕5号）: each point on the engine, or where it will belong."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from drawn_policy import copied

from drg.errors import VersionError
from drg.policy import PolicyBook
from drg.settle.clearing_terms import terms_of
from drg.weigh.adjust import adjust
from drg.weigh.versions import Status
from drg.weigh.window import window_of
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

REGION, DISTRICT = "420100", "420116"
LATER = {
    "入组率90%以上、机构和基金覆盖率逐年跟踪": "compare (monitoring_indicator)",
    "大数据监管平台、异常提醒、标杆参照、扣罚明细反馈": "compare (monitoring_indicator) and publish",
    "病案智能校验：完整度、合格率、准确性": "`list_quality` has 完整度 and 合格率; 准确性 needs the medical record",
    "分组结果反馈医疗机构": "publish",
    "门慢门特按人头付费": "beside this engine: it pays stays",
    "紧密型医联体打包付费": "settle (a fund account of several hospitals)",
}


def test_every_rule_has_its_parameters() -> None:
    complete(REGION)
    published(REGION, "payment.method", "per_diem.rule", "performance.rule", "outlier.low.pays")


def test_six_unified_over_all_districts(tmp_path: Path) -> None:
    """二（一）1：统一分组、统一权重、统一费率、统一结算、统一监管、统一系统: a district's folder writes nothing."""
    root = copied(tmp_path)
    (root / DISTRICT).mkdir()
    head = f'code: "{DISTRICT}"\nname: 黄陂区\ninherits: "{REGION}"\n'
    (root / DISTRICT / "region.yaml").write_text(head, encoding="utf-8")
    both = PolicyBook.load(root)
    assert both.version(DISTRICT, DAY) == both.version(REGION, DAY)
    assert price(DISTRICT, tree=both).facts["standard"] == price(REGION).facts["standard"]


def test_each_value_and_payment_names_its_version_and_clause() -> None:
    """二（三）2：费率测算、调整方法和过程公开、公平、公正。"""
    paid = price(REGION)
    assert "武医保药〔2022〕5号" in paid.facts["clause"]
    assert "level_coefficient" in paid.facts["assumed_parameters"]
    assert paid.parameters["level_coefficient"].line > 0
    assert len(book().version(REGION, DAY)) == 16


def test_level_rates_for_acute_and_complex_groups_and_one_price_for_basic_groups() -> None:
    """二（三）2：通过急难重危疾病的分级费率差体现技术含量，通过同城同病同质同价的基础病组促进分级诊疗。"""

    def at(drg: str) -> list[Decimal]:
        return [price(REGION, drg=drg, hospital_level=level).facts["standard"] for level in "123"]

    assert at("BR11") == [Decimal(text) for text in ("8400.00", "9500.00", "10600.00")]
    assert at("KS11") == [Decimal(text) for text in ("9200.00", "9700.00", "10200.00")]
    assert at("ES35") == [Decimal("10000.00")] * 3  # basic: no level counts
    assert price(REGION, drg="ES35").facts["level_coefficient"] is None


def test_weights_move_by_named_triggers_with_reason_proposer_and_day() -> None:
    """二（三）2：建立根据分组调整、年度清算、谈判集采等因素的权重动态调整机制."""
    window = window_of(book(), REGION, DAY)
    triggers = {"group_change", "clearing", "negotiated_price", "central_purchase"}
    assert {entry.trigger for entry in window.adjustments} == triggers
    assert all(entry.reason and entry.proposer and entry.decided <= DAY for entry in window.adjustments)
    groups = {("all", drg): Fraction(1) for drg in ("ER21", "IE59", "LS11", "FR11", "KS11")}
    cases = dict.fromkeys(groups, 10)
    after = adjust(groups, cases, window.adjustments, window.hold_total)
    # 1.03 + 0.95 + 0.97 + 1.02 + 1 = 4.97 of 5: everything x 5 / 4.97.
    assert after["all", "ER21"].weight == Fraction("1.03") * Fraction(5) / Fraction("4.97")
    assert sum(10 * one.weight for one in after.values()) == 50
    assert "年度清算" in str(after["all", "FR11"].reason)
    assert "集中带量采购" in str(after["all", "IE59"].reason)
    assert "武汉DRG付费专家智库提出，2024-12-20决定" in str(after["all", "ER21"].reason)


def test_versions_of_weights_and_rates_are_controlled_and_on_record() -> None:
    """二（三）2：权重调整、费率测算方法和过程公开: months keep their version, each change its reason."""
    first = through(life(REGION, "2025.1"), Status.PROPOSED, Status.CONSULTATION)
    first = with_changes(first, first.publication(None, None, "2025-01", [], DECISION))
    second = through(life(REGION, "2025.2", first), Status.PROPOSED, Status.CONSULTATION)
    both = with_changes(second, second.publication(None, "2025-07", "2025-01", ["2025-06"], DECISION))
    serving = [both.in_force(f"2025-{month}") for month in ("01", "06", "07")]
    assert [one and one.version for one in serving] == ["2025.1", "2025.1", "2025.2"]
    assert both.standing["2025.1"].status is Status.SUPERSEDED
    assert {one.reason for one in both.changes if one.decided_by} == {DECISION.reason}
    with pytest.raises(VersionError, match="compute the next version with --version 2025.3"):
        both.target("2025.2", DAY, automatic=False, cleared=False)


def test_weights_reflect_the_value_of_labour() -> None:
    """二（三）2：使病组权重更加体现医务人员劳动价值: service parts up, drugs and consumables down, total held."""
    window = window_of(book(), REGION, DAY)
    assert window.factors is not None
    medical, nursing, technical, drugs, management = window.factors
    assert drugs < technical == management == 1 < medical == nursing
    assert window.hold_total


@pytest.mark.parametrize(
    ("cost", "kind", "standard", "fund"),
    [("3060.00", "normal", "10200.00", "9140.00"), ("3059.99", "low_outlier", "3059.99", "2000.00")],
)
def test_a_low_outlier_is_paid_at_actual_cost(cost: str, kind: str, standard: str, fund: str) -> None:
    """低倍率按实际费用 (as implemented): the standard is the cost, the fund's part by the convention. Line: 30 %."""
    paid = price(REGION, total_cost=cost, basic_fund_payment="2000.00").facts
    assert (paid["payment_kind"], paid["standard"], paid["fund_payment"]) == (kind, Decimal(standard), Decimal(fund))


@pytest.mark.parametrize(("days", "kind", "standard"), [(29, "normal", "10200.00"), (30, "per_diem", "8400.00")])
def test_psychiatric_stays_are_paid_by_the_day(days: int, kind: str, standard: str) -> None:
    """二（三）6：探索精神病按床日。30 days x 280 yuan at level 3."""
    paid = price(REGION, drg="TR19", principal_diagnosis="F20.000", los_days=days).facts
    assert (paid["payment_kind"], paid["standard"]) == (kind, Decimal(standard))


def test_tcm_diseases_may_be_paid_by_drg(tmp_path: Path) -> None:
    """二（三）6：探索中医药优势病种按DRG付费的范围、标准和方式: a file of its own; KS1F with enough TCM, else KS11."""
    disease = "{drg: KS1F, title: 消渴病, diagnoses: [E11], min_days: 10, fallback_drg: KS11}"
    rules = f"""
        tcm.rule: by_disease, rule
        tcm.diseases: [{disease}], list
        tcm.min_ratio: 0.6, share
        tcm.treatment_fee_is: tcm, rule
    """
    tree = with_trial(tmp_path, REGION, rules)
    stay = {"tree": tree, "principal_diagnosis": "E11.900", "los_days": 10, "treatment_fee": "6000.00"}
    assert price(REGION, western_drug_fee="4000.00", **stay).facts["priced_drg"] == "KS1F"
    assert price(REGION, western_drug_fee="4000.01", **stay).facts["priced_drg"] == "KS11"


def test_a_case_in_dispute_is_reviewed_as_a_special_case() -> None:
    """二（三）5：完善协商沟通和争议处理机制."""
    paid = price(REGION, special_case=True).facts
    assert (paid["payment_kind"], paid["fund_payment"]) == ("special_case", Decimal("6000.00"))
    assert "争议处理机制" in paid["clause"]


def test_the_appraisal_deducts_at_the_clearing() -> None:
    """二（三）4：反馈考核扣罚明细."""
    terms = terms_of(book(), REGION, 2025)
    assert terms.terms.performance == "deduction"
    assert "考核扣罚" in terms.clauses["performance.rule"]


def test_what_is_built_elsewhere_is_listed() -> None:
    listed_as_later(LATER, "武汉市")
