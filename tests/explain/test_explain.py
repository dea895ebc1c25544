"""Answers to a hospital: a normal, an outlier, an ambiguous, an ungrouped, a rejected list, and those
around them.

Worked example: 1.2 x 10,000 x 0.95 = 11,400; low line 3,420, high line 34,200; the list of 10,500 with
7,225 paid by the fund at the counter leaves 3,275 with others: the fund owes 8,125.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import drawn_lists as drawn
import pytest

from drg.doors.config import Province, load_province
from drg.explain import Explanation, explain

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from drg.doors.tables import Lake
    from drg.policy import PolicyBook


@pytest.fixture(scope="module")
def province() -> Province:
    return load_province("sichuan")


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> PolicyBook:
    return drawn.book(tmp_path_factory.mktemp("policy"))


@pytest.fixture(scope="module")
def filled(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory, policy: PolicyBook) -> Lake:
    """One lake for all questions that only read it."""
    from drg.doors.config import load_env
    from drg.doors.tables import Lake

    lake = Lake(spark, load_env("local", tmp_path_factory.mktemp("lake")))
    drawn.fill(lake, spark, policy)
    return lake


@pytest.fixture
def own(filled: Lake, lake: Lake) -> Lake:
    """A copy of that lake for a question that changes it."""
    shutil.copytree(filled.path(""), lake.path(""), dirs_exist_ok=True)
    return lake


def holds(answer: Explanation, *parts: str) -> None:
    text = answer.text()
    for part in parts:
        assert part in text, f"{part!r} is not in:\n{text}"


def test_a_case_of_a_local_sub_group_says_which_group_was_priced(
    filled: Lake, policy: PolicyBook, province: Province
) -> None:
    answer = explain(filled, drawn.LOCAL, policy, province)
    assert answer.agrees
    holds(answer, "付费病组：BR23-E（本地细分组）", "1.3")


def test_a_normal_case_is_written_out(filled: Lake, policy: PolicyBook, province: Province) -> None:
    answer = explain(filled, drawn.NORMAL, policy, province)
    assert (answer.outcome, answer.agrees, answer.warnings) == ("paid", True, ())
    assert len(answer.comparisons) == 18
    holds(
        answer,
        "成都市（510100）",
        "成都第一医院，三级",
        "BR23 其他脑缺血性疾病，伴一般合并症或并发症（入组）",
        "I63.900",
        "一般并发症或合并症（CC），由其他诊断 E11.900",
        "不计：I10.x00",
        "排除表 EX_9",
        "病组支付标准 = 权重 1.2000 × 费率 10,000.00 × 系数 0.9500 = 11,400.00 元",
        "低倍率线 = 病组支付标准（1.2000 × 10,000.00 × 0.9500） × 0.30 = 3,420.00 元",
        "高倍率线 = 病组支付标准（1.2000 × 10,000.00 × 0.9500） × 3 = 34,200.00 元",
        "在两线之间",
        "个人及其他基金已付 = 医疗总费用 10,500.00 − 统筹基金按项目支付 7,225.00 = 3,275.00 元",
        "其中大病保险 400.00、医疗救助 0.00、其他基金 0.00、个人负担 2,875.00：",
        "转院病例（医嘱转院）：仅作标记供审核，不影响支付",
        "结算标准 11,400.00 − 个人及其他基金已付 3,275.00 = 8,125.00 元",
        "医院结余 = 结算标准 11,400.00 − 医疗总费用 10,500.00 = 900.00 元",
        "复算：与结算表逐项一致",
        "权重 1.2000 = 病组次均费用 12,000.0000 ÷ 参照次均费用 10,000.0000",
        "可分配基金 = 预算 84,000,000.00 − 风险金 4,200,000.00 − 非DRG支付 7,800,000.00 = 72,000,000.00 元",
        "可支付总费用 = 可分配基金 72,000,000.00 ÷ 实际报销比 0.7200 = 100,000,000.00 元",
        "费率 = 可支付总费用 100,000,000.00 ÷ 总权重 10,000.0000 = 10,000.00 元/权重",
    )


def test_assumed_parameters_are_marked_and_published_ones_are_not(
    filled: Lake, policy: PolicyBook, province: Province
) -> None:
    holds(
        explain(filled, drawn.NORMAL, policy, province),
        "[假定] 等级系数（level_coefficient）：0.95；来源：通行做法，属假定",
        "[公布] 低倍率界值（outlier.low.threshold）：0.30；来源：川医保发〔2025〕1号 第三条",
        "[假定] 风险金比例（rate.reserve_share）",
        "[假定] 政策适用日期（policy_date）：按出院日期适用政策",
        "[假定] 低倍率基准（outlier.low.base）：以病组支付标准为基准",
    )
    sections = explain(filled, drawn.NORMAL, policy, province).sections
    assert [s.title for s in sections if any("[假定]" in line for line in s.lines)] == [sections[-1].title]


def test_no_personal_value_is_told(filled: Lake, policy: PolicyBook, province: Province) -> None:
    answer = explain(filled, drawn.NORMAL, policy, province)
    for told in (answer.text(), json.dumps(answer.as_dict(), ensure_ascii=False)):
        for hidden in ("p" * 64, "m" * 64, "2025-01-10", "61岁"):
            assert hidden not in told


def test_outliers_say_which_line_and_what_follows(filled: Lake, policy: PolicyBook, province: Province) -> None:
    """3,419.99 lies under 3,420.00 and 34,200.01 over 34,200.00, each by a fen: by item, the fund pays as
    before.
    """
    low = explain(filled, drawn.LOW, policy, province)
    holds(
        low,
        "低于低倍率线",
        "按项目付费",
        "结算标准 = 医疗总费用 = 3,419.99 元",
        "统筹基金应付 = 统筹基金按项目支付 = 2,000.00 元",
    )
    high = explain(filled, drawn.HIGH, policy, province)
    holds(high, "高于高倍率线", "结算标准 = 医疗总费用 = 34,200.01 元", "25,000.00 元", "参保地 绵阳市（510700）")
    assert low.agrees
    assert high.agrees


def test_a_dispute_on_the_case_is_named_with_its_days_and_effect(
    spark: SparkSession, own: Lake, province: Province, tmp_path: Path
) -> None:
    """Repriced at its cost of 3,419.99 a low case leaves the fund what the others, 1,419.99, did not pay: 2,000."""
    policy = drawn.book(tmp_path / "policy", more="dispute.rule: on_decision | rule\ndispute.pays: actual_cost | rule")
    drawn.pay_again(own, spark, policy)
    filed = drawn.dispute(drawn.NORMAL, state="filed", answered_on=None, decision=None, decided_on=None, ruling=None)
    upheld, regrouped = drawn.dispute(drawn.LOW), drawn.dispute(drawn.LOCAL, ruling="regrouped", drg="BR23")
    late = drawn.dispute(drawn.HIGH)
    region = {"region_code": [drawn.REGION]}
    own.replace("case_dispute", drawn.frame(spark, "case_dispute", [filed, upheld, regrouped, late]), **region)
    drawn.fill_payments(own, spark, policy, drawn.RATE, (drawn.LOW, drawn.LOCAL))
    answer = explain(own, drawn.NORMAL, policy, province)
    holds(answer, "【争议】", "申诉：2025-02-12，支付标准和费用", "尚未答复")
    answer = explain(own, drawn.LOW, policy, province)
    assert answer.agrees
    holds(
        answer,
        "支付类型：争议处理",
        "争议处理：裁定支持医院，重新计价",
        "结算标准 = 医疗总费用 = 3,419.99 元",
        "答复：2025-02-14，已受理",
        "裁定：2025-02-28，支持医院，重新计价\n",
    )
    answer = explain(own, drawn.LOCAL, policy, province)
    assert answer.agrees
    holds(answer, "裁定：2025-02-28，支持医院，按 BR23 组付费\n", "权重 1.2000 × 费率")
    holds(explain(own, drawn.HIGH, policy, province), "支持医院，重新计价；未计入本月结算表")


def test_an_ambiguous_and_an_ungrouped_list_say_why(filled: Lake, policy: PolicyBook, province: Province) -> None:
    ambiguous = explain(filled, drawn.AMBIGUOUS, policy, province)
    holds(
        ambiguous,
        "歧义组 BQY，按规则结算",
        "入组结果：歧义组 BQY\n",
        "处理：请核对上列编码",
        "00.0101 头部血管治疗性超声",
        "不属于该MDC的任何手术操作组",
        "歧义组病例，按项目付费",
    )
    ungrouped = explain(filled, drawn.UNGROUPED, policy, province)
    holds(
        ungrouped,
        "：未入组（0000），按规则结算",
        "入组结果：未入组（0000）\n",
        "该诊断不得作为主要诊断",
        "主要诊断：B95.000",
        "未入组病例，按项目付费",
        "2,500.00 元",
    )
    for answer in (ambiguous, ungrouped):
        assert answer.agrees
        assert "病组支付标准 =" not in answer.text()
        assert answer.text().count("处理：") == 1


def test_a_rejected_list_says_field_and_remedy(filled: Lake, policy: PolicyBook, province: Province) -> None:
    answer = explain(filled, drawn.REJECTED, policy, province)
    assert answer.outcome == "rejected"
    holds(answer, "未通过校验", "DX06", "diag_code", "主要诊断编码不在医保版中", "MN04", "重新上传", "第 1 条")


def test_a_refusal_shows_what_was_received_and_one_remedy(filled: Lake, policy: PolicyBook, province: Province) -> None:
    """The value is read from the record as received, of whatever format; nothing else of it is told."""
    outpatient = explain(filled, drawn.OUTPATIENT, policy, province)
    holds(
        outpatient,
        "收到的值：11",
        "原因：医疗类别(med_type)不属于住院类\n",
        "处理：请核对就诊登记类别，门诊结算请勿报送住院清单",
    )
    assert "重新上传" not in outpatient.text()
    by_pipes = explain(filled, drawn.BY_PIPES, policy, province)
    holds(by_pipes, "收到的值：340", "处理：请核对参保险种后重新上传（沿用同一结算ID，申报时间须晚于本次）")
    for answer in (outpatient, by_pipes):
        assert "张三" not in answer.text()


def test_a_corrected_list_is_paid_and_names_its_earlier_version(
    filled: Lake, policy: PolicyBook, province: Province
) -> None:
    answer = explain(filled, drawn.CORRECTED, policy, province)
    assert answer.outcome == "paid"
    holds(answer, "【历次上报】", "2025-01 交付", "已被更正替代", "2025-02 交付", "有效版本")


def test_a_reversed_list_and_its_reversal(filled: Lake, policy: PolicyBook, province: Province) -> None:
    reversed_list = explain(filled, drawn.REVERSED, policy, province)
    holds(reversed_list, "已被冲销", "处理：无需处理，原结算已冲销，不再支付；已重新结算的，请查询新的结算ID")
    assert "上传" not in reversed_list.text()
    holds(explain(filled, drawn.REVERSAL, policy, province), "冲销记录", "无需处理")


def test_a_list_of_a_month_before_the_policy_waits_for_nothing(
    filled: Lake, policy: PolicyBook, province: Province
) -> None:
    answer = explain(filled, drawn.HISTORY, policy, province)
    assert answer.outcome == "accepted"
    holds(answer, "早于本统筹区DRG结算起始月 2025-01", "BR23")


@pytest.mark.parametrize("unknown", ["51010099999999", "999999", ""])
def test_an_unknown_id_is_answered_in_one_sentence(
    filled: Lake, policy: PolicyBook, province: Province, unknown: str
) -> None:
    answer = explain(filled, unknown, policy, province)
    assert answer.outcome == "unknown"
    assert "\n" not in answer.text()
    assert "没有这个结算ID" in answer.text()


def test_months_narrow_the_search(filled: Lake, policy: PolicyBook, province: Province) -> None:
    assert explain(filled, drawn.NORMAL, policy, province, ["2025-01"]).outcome == "paid"
    assert explain(filled, drawn.NORMAL, policy, province, ["2025-02"]).outcome == "unknown"


def test_a_changed_policy_is_said_before_anything_else(filled: Lake, province: Province, tmp_path: Path) -> None:
    """With a low line of 0.95 the case of 10,500 under 11,400 x 0.95 = 10,830 would be a low outlier."""
    answer = explain(filled, drawn.NORMAL, drawn.book(tmp_path / "policy", threshold="0.95"), province)
    assert not answer.agrees
    wrong = {item.name: (item.stored, item.recomputed) for item in answer.comparisons if not item.agrees}
    assert wrong["payment_kind"] == ("normal", "low_outlier")
    assert wrong["low_line"] == ("3420", "10830")
    assert wrong["standard"] == ("11400", "10500")
    assert "policy_version" in wrong
    assert "不一致" in answer.text().split("\n\n")[1]
    assert answer.as_dict()["agrees"] is False


def test_the_ratio_convention_is_written_out(
    spark: SparkSession, own: Lake, province: Province, tmp_path: Path
) -> None:
    """(11,400 - 500 - 0 - 700 - 800) x 0.85 = 7,990."""
    policy = drawn.book(tmp_path / "policy", convention="ratio")
    drawn.pay_again(own, spark, policy)
    answer = explain(own, drawn.NORMAL, policy, province)
    assert answer.agrees
    holds(answer, "全自费 500.00", "先行自付 700.00", "起付线 800.00", "× 支付比例 0.85", "= 7,990 元")


def test_a_region_that_pays_by_points(spark: SparkSession, own: Lake, province: Province, tmp_path: Path) -> None:
    """1.2 x 100 x 0.95 = 114 points x 100 = 11,400."""
    policy = drawn.book(tmp_path / "policy", method="points")
    drawn.pay_again(own, spark, policy, drawn.POINTS)
    answer = explain(own, drawn.NORMAL, policy, province)
    assert answer.agrees
    holds(
        answer,
        "点数 = 权重 1.2000 × 点数基数 100 × 系数 0.9500 = 114 点",
        "病组支付标准 = 点数 114 × 点值 100.0000 = 11,400.00 元",
        "总点数 = 总权重 10,000.0000 × 点数基数 100 = 1,000,000.0000",
        "点值 = 可支付总费用 100,000,000.00 ÷ 总点数 1,000,000.0000 = 100.0000 元/点",
    )


def test_a_point_value_that_floats_is_led_from_the_months_pool(
    spark: SparkSession, own: Lake, province: Province, tmp_path: Path
) -> None:
    """(1,200,000 - 200,000) / 8,000 points = 125 yuan; 114 points x 125 = 14,250."""
    policy = drawn.book(tmp_path / "policy", method="points")
    year = {"settlement_year": [2025], "region_code": [drawn.REGION]}
    own.replace("region_rate", drawn.frame(spark, "region_rate", [drawn.POINTS]), rate_version=["2025.1"], **year)
    made = {
        "settlement_month": drawn.MONTH, "region_code": drawn.REGION, "fund": "310", "rate_version": "2025.1",
        "dealt": "twelfth", "year_pool": drawn.D("14400000.00"), "month_pool": drawn.D("1200000.00"), "n_cases": 90,
        "counts": "standard", "amount": drawn.D("1000000.00"), "points": drawn.D("8000"), "year_value": drawn.D("100"),
        "beside_points": drawn.D("200000.00"), "point_value": drawn.D("125"),
    }  # fmt: skip
    month = {"settlement_month": [drawn.MONTH], "region_code": [drawn.REGION]}
    own.replace("month_point_value", drawn.frame(spark, "month_point_value", [made]), **month)
    drawn.fill_payments(own, spark, policy, drawn.POINTS | {"point_value": drawn.D("125")})
    answer = explain(own, drawn.NORMAL, policy, province)
    assert answer.agrees
    holds(
        answer,
        "病组支付标准 = 点数 114 × 点值 125.0000 = 14,250.00 元",
        "当月可分配额 = 全年 14,400,000.00 中的当月部分（全年的十二分之一）= 1,200,000.00 元",
        "不以点数计 = 当月 90 例结算标准合计 1,000,000.00 − 当月总点数 8,000.0000 × 全年点值 100.0000 = 200,000.00 元",
        "当月点值 = （1,200,000.00 − 200,000.00）÷ 8,000.0000 = 125.0000 元/点",
    )


def test_points_of_a_case_without_a_group_stand_beside_their_value(
    spark: SparkSession, own: Lake, province: Province, tmp_path: Path
) -> None:
    """4,000 / 10,000 = 0.4 weights, 40 points x 100 = 4,000 yuan; neither weight nor coefficient."""
    policy = drawn.book(tmp_path / "policy", method="points", ungrouped="cost_share")
    drawn.pay_again(own, spark, policy, drawn.POINTS)
    answer = explain(own, drawn.UNGROUPED, policy, province)
    assert answer.agrees
    paid = answer.facts["case_payment"]
    assert [paid[name] for name in ("points", "point_value", "point_scale")] == ["40.000000000000", "100.000000", 100]
    assert (paid["price"], paid["relative_weight"], paid["rate_version"]) == (None, None, "2025.1")
    holds(answer, "结算标准 = 点数 40 × 点值 100.0000 = 4,000.00 元", "【费率、点值的由来】", "= 100.0000 元/点")


def test_json_keeps_every_digit(filled: Lake, policy: PolicyBook, province: Province) -> None:
    told = json.loads(json.dumps(explain(filled, drawn.NORMAL, policy, province).as_dict()))
    assert told["facts"]["case_payment"]["fund_payment"] == "8125.00"
    assert told["facts"]["grouped_case"][0]["excluded_diagnoses"][0]["exclusion_set"] == "EX_9"
    assert [section["title"] for section in told["sections"]][:3] == ["清单", "入组", "支付"]
