"""Each way a case can be paid, written out so that a hospital can work it out again; without Spark.

The drawn case costs 10,000, of which the fund paid 6,000 by item; weight 1, means 8,000, rate 10,000.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from told import POINTS, holds, told

from drg.explain.route import _WRITERS
from drg.settle.rules import ROUTES

BY_DATE = "（出院日期减入院日期，当日出入院计1天）"


def test_a_normal_case_by_rate_names_each_factor() -> None:
    """1.2 x 10,000 x (0.95 x 1.02 = 0.969) = 11,628."""
    policy = {"coefficient_factors": ["level", "institution"], "level_coefficient": "0.95"}
    text = told({"relative_weight": "1.2000"}, policy | {"institution_coefficient": "1.02"})
    holds(
        text,
        "支付类型：正常倍率",
        "系数 = 等级系数 0.9500 × 机构系数 1.0200 = 0.9690",
        "病组支付标准 = 权重 1.2000 × 费率 10,000.00 × 系数 0.9690 = 11,628.00 元",
        "低倍率线 = 病组支付标准（1.2000 × 10,000.00 × 0.9690） × 0.3 = 3,488.40 元",
        "结算标准 = 病组支付标准 = 11,628.00 元",
    )


def test_a_normal_case_by_points() -> None:
    """1.2 x 100 x 0.95 = 114 points x 98.5 = 11,229."""
    text = told({"relative_weight": "1.2000"}, POINTS | {"level_coefficient": "0.95"})
    holds(
        text,
        "点数 = 权重 1.2000 × 点数基数 100 × 系数 0.9500 = 114 点",
        "病组支付标准 = 点数 114 × 点值 98.5000 = 11,229.00 元",
        "结算标准 = 病组支付标准 = 11,229.00 元",
    )


def test_a_basic_group_has_no_level() -> None:
    holds(
        told({"drg": "AA11"}, {"basic_groups": ["AA1"], "level_coefficient": "0.95"}),
        "系数 1.0000：基础病组，各医院同价",
        "系数 1.0000 = 10,000.00 元",
    )


def test_both_sides_treated_count_as_a_factor() -> None:
    policy = {
        "coefficient_factors": ["level", "bilateral"],
        "bilateral_coefficient_value": Decimal("1.5"),
        "bilateral_procedures": [{"title": "全膝关节置换", "codes": ["81.54"], "both_sides": []}],
    }
    text = told({"procedures": ["81.5400", "81.5400"], "total_cost": "15000.00"}, policy)
    holds(text, "系数 = 等级系数 1.0000 × 双侧手术系数 1.5000 = 1.5000", "= 15,000.00 元")


@pytest.mark.parametrize(
    ("table", "line"),
    [
        ({"override_fixed_prices": {"AA11": Decimal("9500.00")}}, "病组支付标准 = 病组定额 = 9,500.00 元"),
        ({"override_additions": {"AA11": Decimal("800.00")}}, "× 系数 1.0000 + 病组加付 800.00 = 10,800.00 元"),
    ],
)
def test_a_group_with_a_price_of_its_own(table: dict[str, Any], line: str) -> None:
    holds(told({}, {"override_rule": "by_group", **table}), line)


def test_a_low_outlier_paid_by_its_share() -> None:
    """Line 3,000; 2,400 / 8,000 = 0.3 x 10,000 = 3,000."""
    text = told({"total_cost": "2400.00", "basic_fund_payment": "1500.00"}, {"outlier_low_pays": "cost_share"})
    holds(
        text,
        "支付类型：低倍率",
        "医疗总费用 2,400.00 元：低于低倍率线",
        "折算权重 = 费用 2,400.00 ÷ 地区次均费用 8,000.00 = 0.3",
        "结算标准 = 折算权重 0.3 × 费率 10,000.00 = 3,000.00 元",
    )


def test_a_low_line_with_the_lower_coefficient() -> None:
    policy = {"outlier_low_line": "lower_of_coefficient", "level_coefficient": "0.9"}
    holds(told({}, policy), "× 0.3 × 系数与 1 中较小者 0.9000 = 2,430.00 元")  # 9,000 x 0.3 x 0.9


HIGH = {"outlier_high_base": "group_mean", "level_coefficient": "0.9"}


@pytest.mark.parametrize(
    ("rule", "formula", "units", "standard"),
    [
        ("linear_add", "权重 1.0000 × 系数 0.9000 +（倍率 3.5 − 界值 3）× 权重 1.0000", "1.4", "14,000.00"),
        ("deduct", "费用 28,000.00 ÷ 地区次均费用 8,000.00 −（界值 3 − 1）× 权重 1.0000 × 系数 0.9000", "1.7",
         "17,000.00"),
        ("cap", "病组次均费用 8,000.00 ÷ 地区次均费用 8,000.00 × 界值 3 × 系数 0.9000", "2.7", "27,000.00"),
        ("excess_plus_one", "（倍率 3.5 − 界值 3 + 1）× 权重 1.0000 × 系数 0.9000", "1.35", "13,500.00"),
        ("excess_plus_coefficient", "（倍率 3.5 − 界值 3 + 系数 0.9000）× 权重 1.0000", "1.4", "14,000.00"),
        ("as_normal", "权重 1.0000 × 系数 0.9000", "0.9", "9,000.00"),
        ("mean_ratio", "权重 1.0000 ×（费用 28,000.00 ÷ 病组次均费用 8,000.00）", "3.5", "35,000.00"),
        ("mean_ratio_with_coefficient", "权重 1.0000 ×（费用 28,000.00 ÷ 病组次均费用 8,000.00）× 系数 0.9000",
         "3.15", "31,500.00"),
        ("mean_ratio_capped", "权重 1.0000 ×（费用 28,000.00 ÷ 病组次均费用 8,000.00，不超过 1）", "1", "10,000.00"),
    ],
)  # fmt: skip
def test_a_high_outlier_by_each_formula(rule: str, formula: str, units: str, standard: str) -> None:
    """28,000 over 3 x 8,000 = 24,000; R = 28,000 / 8,000 = 3.5."""
    text = told({"total_cost": "28000.00"}, {**HIGH, "outlier_high_pays": rule})
    holds(
        text,
        "支付类型：高倍率",
        "高倍率线 = 病组次均费用 8,000.00 × 3 = 24,000.00 元",
        f"折算权重 = {formula} = {units}",
        f"结算标准 = 折算权重 {units} × 费率 10,000.00 = {standard} 元",
    )
    assert ("倍率 R = 费用 28,000.00 ÷ 病组次均费用 8,000.00 = 3.5" in text) is ("倍率 3.5" in formula)


def test_a_high_outlier_in_points() -> None:
    """1.4 x 100 = 140 points x 98.5 = 13,790."""
    text = told({"total_cost": "28000.00"}, {**POINTS, **HIGH, "outlier_high_pays": "linear_add"})
    holds(text, "点数 = 折算权重 1.4 × 点数基数 100 = 140 点", "结算标准 = 点数 140 × 点值 98.5000 = 13,790.00 元")


WITHIN = {"outlier_high_selects": "threshold_within_limit", "outlier_high_limit_scope": "region"}


def test_the_place_among_the_candidates_is_told() -> None:
    text = told({"total_cost": "31000.00"}, WITHIN, high_place=2, high_places=5)
    holds(text, "高于高倍率线，超出病组支付标准的金额在本统筹区本月同险种候选病例中排第 2 位，名额 5，按高倍率")
    text = told({"total_cost": "31000.00", "high_admitted": False}, WITHIN, high_place=6, high_places=5)
    holds(text, "支付类型：正常倍率", "排第 6 位，名额 5，按正常倍率病例处理", "结算标准 = 病组支付标准 = 10,000.00 元")


def test_the_largest_share_needs_no_line() -> None:
    policy = {"outlier_high_selects": "top_share", "outlier_high_limit_scope": "hospital"}
    policy |= {"outlier_high_thresholds": None, "outlier_high_threshold": []}
    text = told({"total_cost": "11000.00"}, policy, high_place=1, high_places=1)
    holds(text, "高于病组支付标准，超出病组支付标准的金额在本院本月同险种候选病例中排第 1 位")
    assert "高倍率线" not in text


def test_an_extreme_outlier() -> None:
    policy = {"outlier_extreme_rule": "threshold", "outlier_extreme_threshold": "5"}
    text = told({"total_cost": "50000.01", "basic_fund_payment": "40000.00"}, policy)
    holds(text, "支付类型：极高倍率", "极高倍率线 = 病组支付标准（1.0000 × 10,000.00 × 1.0000） × 5 = 50,000.00 元",
          "高于极高倍率线", "结算标准 = 医疗总费用 = 50,000.01 元", "统筹基金按项目支付 = 40,000.00 元")  # fmt: skip


@pytest.mark.parametrize(
    ("status", "drg", "kind", "why"),
    [
        ("ungrouped", "0000", "未入组", "未入组，没有权重，不作倍率判断"),
        ("ambiguous", "BQY", "歧义组", "歧义组 BQY 没有权重，不作倍率判断"),
    ],
)
def test_a_case_without_a_group(status: str, drg: str, kind: str, why: str) -> None:
    text = told({"grouping_status": status, "drg": drg, "relative_weight": None, "group_mean_cost": None}, {})
    holds(text, f"支付类型：{kind}", why, "结算标准 = 医疗总费用 = 10,000.00 元")
    assert "病组支付标准 =" not in text


def test_an_ungrouped_case_by_its_share_of_the_mean() -> None:
    """10,000 / 8,000 = 1.25 x 100 = 125 points x 98.5 = 12,312.50."""
    facts = {"grouping_status": "ungrouped", "drg": "0000", "relative_weight": None, "group_mean_cost": None}
    text = told(facts, {**POINTS, "ungrouped_pays": "cost_share"})
    holds(
        text,
        "折算权重 = 费用 10,000.00 ÷ 地区次均费用 8,000.00 = 1.25",
        "点数 = 折算权重 1.25 × 点数基数 100 = 125 点",
        "结算标准 = 点数 125 × 点值 98.5000 = 12,312.50 元",
    )


def test_an_unpriced_case_is_not_called_ungrouped() -> None:
    text = told({"relative_weight": None}, {})
    holds(text, "支付类型：病组无权重（按未入组处理）", "病组 AA11 没有权重或费率")
    assert "支付类型：未入组" not in text


def test_an_unstable_group_as_normal_and_by_item() -> None:
    holds(
        told({"stable": False}, {"unstable_pays": "as_normal"}),
        "支付类型：非稳定病组",
        "病组 AA11 为非稳定病组",
        "系数 1.0000 = 10,000.00 元（仅列示，本例不按此支付）",
        "折算权重 = 权重 1.0000 × 系数 1.0000 = 1",
    )
    assert "低倍率线" not in told({"stable": False}, {})


PER_DIEM = [{"category": "psychiatric", "title": "精神病", "med_types": [], "diagnoses": ["F20"], "min_days": 60,
             "tariff": Decimal("240.00")}]  # fmt: skip
LONG = {"principal_diagnosis": "F20.000", "los_days": 61}


def test_days_by_tariff() -> None:
    """61 x 240 = 14,640."""
    text = told(LONG, {"per_diem_rule": "tariff", "per_diem_categories": PER_DIEM})
    holds(
        text,
        "支付类型：床日付费",
        f"床日付费：住院 61 天{BY_DATE}，属床日付费类别，床日标准 240.00 元",
        "结算标准 = 住院天数 61 × 床日标准 240.00 = 14,640.00 元",
    )


def test_days_in_points() -> None:
    """61 x 240 / 8,000 = 1.83 x 100 = 183 points x 98.5 = 18,025.50."""
    text = told(LONG, {**POINTS, "per_diem_rule": "points", "per_diem_categories": PER_DIEM})
    holds(
        text,
        "折算权重 = 住院天数 61 × 床日标准 240.00 ÷ 地区次均费用 8,000.00 = 1.83",
        "结算标准 = 点数 183 × 点值 98.5000 = 18,025.50 元",
    )


STAY = {"stay_rule": "outside_drg", "stay_short_days": 1, "stay_short_inclusive": True, "stay_long_days": 60,
        "stay_long_inclusive": False}  # fmt: skip


@pytest.mark.parametrize(
    ("days", "why"), [(1, f"住院 1 天{BY_DATE}，不超过 1 天"), (61, f"住院 61 天{BY_DATE}，超过 60 天")]
)
def test_a_stay_too_short_or_too_long(days: int, why: str) -> None:
    text = told({"los_days": days}, STAY)
    holds(text, "支付类型：住院天数除外", f"{why}，不按病组付费", "结算标准 = 医疗总费用 = 10,000.00 元")


def test_days_counted_with_the_day_of_admission() -> None:
    """60 nights count 61 days: 61 x 240 = 14,640."""
    policy = {"per_diem_rule": "tariff", "per_diem_categories": PER_DIEM, "stay_day_count": "difference_plus_one"}
    text = told({**LONG, "los_days": 60}, policy)
    holds(text, "住院 61 天（出院日期减入院日期加1）", "结算标准 = 住院天数 61 × 床日标准 240.00 = 14,640.00 元")


def test_day_surgery() -> None:
    surgery = {"day_surgery_med_types": ["14"]}
    holds(
        told({"med_type": "14"}, {"day_surgery_rule": "by_item", **surgery}),
        "支付类型：日间手术",
        "医疗类别 14 属日间手术",
    )
    text = told({"med_type": "14", "total_cost": "2000.00"}, {"day_surgery_rule": "no_low_outlier", **surgery})
    holds(text, "在低倍率线以下，但日间手术不作低倍率，按正常倍率病例处理")


def test_deducting_more_than_there_is() -> None:
    """12,001 / 8,000 = 1.500125 less (1.5 - 1) x 1 x 4 = 2 would be below zero."""
    policy = {"outlier_high_pays": "deduct", "outlier_high_threshold": "1.5", "outlier_high_base": "group_mean"}
    text = told({"total_cost": "12001.00"}, policy | {"level_coefficient": "4"})
    holds(text, "× 权重 1.0000 × 系数 4.0000，不足零，按零计 = 0\n", "结算标准 = 折算权重 0 × 费率 10,000.00 = 0.00 元")


def test_a_special_case_and_one_beyond_the_quota() -> None:
    policy = {"special_case_rule": "on_application"}
    text = told({"special_case": True}, policy, special_place=1, special_places=3)
    holds(text, "支付类型：特例单议", "申报经评审同意，超出额在本院本月排第 1 位，名额 3")
    text = told({}, policy, special_place=4, special_places=3)
    holds(text, "支付类型：正常倍率", "排第 4 位，名额 3，不按特例单议支付")
    policy |= {"special_case_quota_period": "year"}
    text = told({"special_case": True}, policy, special_place=1, special_places=3)
    holds(text, "排第 1 位，名额 3（当年累计病例的名额减以前月份已用）")


def test_an_excluded_case_and_an_item_on_top() -> None:
    """The item of 3,000 leaves 7,000 of cost; 10,000 + 3,000 = 13,000."""
    policy = {"exclusion_rule": "on_application"}
    holds(told({"excluded_case": True}, policy), "支付类型：除外支付", "整例不按病组付费")
    text = told({"excluded_item_amount": "3000.00"}, policy)
    holds(
        text,
        "除外支付项目 3,000.00 元 经评审同意单独支付，其余费用 = 医疗总费用 10,000.00 − 3,000.00 = 7,000.00 元",
        "其余费用 7,000.00 元：在两线之间",
        "结算标准 = 病组支付标准 10,000.00 + 除外支付项目 3,000.00 = 13,000.00 元",
    )
    text = told({"excluded_item_amount": "8000.00"}, policy)
    holds(text, "结算标准 = 其余费用 2,000.00 + 除外支付项目 8,000.00 = 10,000.00 元")


def test_a_disease_of_tcm_is_paid_as_its_own_group() -> None:
    diseases = [{"drg": "TCM1", "diagnoses": ["M51"], "min_days": 3, "procedure_classes": [], "min_classes": 0,
                 "fallback_drg": "IU29"}]  # fmt: skip
    fees = {"treatment_fee": "5000.00", "surgery_fee": "0.00", "consumables_fee": "1000.00",
            "western_drug_fee": "1000.00", "herbal_fee": "2000.00", "patent_drug_fee": "500.00"}  # fmt: skip
    policy = {"tcm_rule": "by_disease", "tcm_diseases": diseases, "tcm_min_ratio": "0.5", "tcm_treatment_fee_is": "tcm"}
    text = told({"principal_diagnosis": "M51.200", **fees}, policy)
    holds(text, "付费病组：TCM1（中医优势病种）", "结算标准 = 病组支付标准 = 10,000.00 元")


def test_a_local_group_is_named() -> None:
    holds(told({"drg": "BR25"}, {}, "BR25-A"), "付费病组：BR25-A（本地细分组）")


def test_what_the_hospital_keeps_is_said_where_it_is_not_the_gain() -> None:
    """By ratio (10,000 - 500 - 0 - 700 - 800) x 0.85 = 6,800; 6,800 + 5,000 - 11,000 = 800, the gain is -1,000."""
    ratio = {"fund_payment_convention": "ratio", "fund_payment_ratio": "0.85"}
    text = told({"total_cost": "11000.00"}, ratio)
    holds(
        text,
        "= 6,800 元",
        "医院结余 = 结算标准 10,000.00 − 医疗总费用 11,000.00 = -1,000.00 元",
        "实际收支 = 统筹基金应付 6,800.00 + 个人及其他基金已付 5,000.00 − 医疗总费用 11,000.00 = 800.00 元",
    )
    assert "实际收支" not in told({"total_cost": "11000.00"}, {})


def test_a_floor_is_said_with_what_the_hospital_keeps() -> None:
    """Others paid 10,500 of 11,000: 10,000 - 10,500 = -500, paid as 0; 0 + 10,500 - 11,000 = -500."""
    facts = {"total_cost": "11000.00", "basic_fund_payment": "500.00"}
    text = told(facts, {"fund_payment_negative": "floor_at_zero"})
    holds(text, "= -500.00 元，为负，按零支付：0.00 元", "实际收支 = ", "= -500.00 元：")


def test_points_that_share_out_the_fund_alone() -> None:
    text = told({}, {**POINTS, "fund_payment_convention": "standard_is_fund"})
    holds(text, "统筹基金应付 = 结算标准（点值只分配基金） = 9,850.00 元")


def test_a_hospital_in_dry_run_is_paid_beside_its_simulated_price() -> None:
    """The price of 10,000 is shown; the fund pays the 6,000 it paid by item."""
    text = told({}, {"settlement_modes": {"*": "dry_run"}, "dry_run_pays": "by_item"}, hospital_code="H1")
    holds(
        text,
        "支付类型：空转试运行",
        "= 10,000.00 元（仅列示，本例不按此支付）",
        "医疗机构 H1 处于空转试运行期，病组支付标准只作模拟，不按其支付",
        "统筹基金应付 = 统筹基金按项目支付 = 6,000.00 元",
    )


def test_every_way_to_pay_is_written_out() -> None:
    assert set(_WRITERS) == set(ROUTES)
