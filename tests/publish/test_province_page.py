"""The page of the province from drawn figures, without Spark."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from drg.publish.assumed import AssumedLine
from drg.publish.compared import Panel, Standardised
from drg.publish.figures import Price, RegionMonth, Tally, shown
from drg.publish.province import SHARES, render

D = Decimal
FUNDS = ("310", "390")


def tally(normal: int, low: int = 0, ambiguous: int = 0, ungrouped: int = 0) -> Tally:
    """Cases of weight 1; the fund pays 5,000 for each."""
    kinds = {"normal": normal, "low_outlier": low, "ambiguous": ambiguous, "ungrouped": ungrouped}
    cases = sum(kinds.values())
    return Tally(kinds, normal + low, D(normal + low), D(8000 * cases), D(5000 * cases))


def region(code: str, name: str, employee: Tally, resident: Tally | None = None) -> RegionMonth:
    funds = {"310": employee} | ({"390": resident} if resident else {})
    prices = {"310": [Price("all", D("10000.00"))], "390": [Price("all", D("8000.00"))]}
    return RegionMonth(code, name, funds, 4, prices)


def cell(code: str, n: int, price: str, weight: str, rate: str, coefficient: str) -> dict[str, Any]:
    effects = [D(weight), D(rate), D(coefficient)]
    return {
        "region_code": code, "n_cases": n, "mean_price": D(price), "price_gap": sum(effects, D(0)),
        "weight_effect": effects[0], "rate_effect": effects[1], "coefficient_effect": effects[2],
        "province_mean_price": D("10000.00"), "province_relative_weight": D("1.1"),
        "province_base_rate": D("9090.90909091"), "province_coefficient": D("1"),
    }  # fmt: skip


REGIONS = [
    region("510100", "成都市", tally(970, 12, 11, 20), tally(200, 10, 10, 10)),
    region("510700", "绵阳市", tally(470, 12, 15, 12)),
    region("511000", "内江市", tally(90, 3, 5, 12)),
    region("513300", "甘孜州", tally(30, 13, 0, 0), tally(8)),
]
PANEL = Panel(
    "BR23", "3", "310", 60, 2,
    [cell("510100", 30, "12000.00", "954.48", "1045.52", "0.00"),
     cell("510700", 20, "9000.00", "-600.00", "-400.00", "0.00"),
     cell("511000", 10, "8000.00", "-854.25", "-1145.75", "0.00")],
)  # fmt: skip
NAMES = {item.code: item.name for item in REGIONS}
INDICES = [
    Standardised("510100", "310", 900, D("104.20"), D("420.00"), (D("100.00"), D("300.00"), D("20.00"))),
    Standardised("510700", "310", 400, D("97.10"), D("-290.00"), (D("10.00"), D("-300.00"), D("0.00"))),
]
ASSUMED = [AssumedLine("outlier.low.threshold", "低倍率界值", "0.30", "未能查证，属假定", "")]


def page(panels: list[Panel] | None = None, synthetic: bool = False, first: RegionMonth | None = None) -> str:
    return render(
        "四川省", "2025-01", [first or REGIONS[0], *REGIONS[1:]], [PANEL] if panels is None else panels, INDICES, NAMES,
        {"BR23": "脑缺血性疾病，伴并发症"},
        {"failed_check": 14, "unreadable": 2}, ASSUMED,
        {"rule_pack": ["chs-drg-2.0@0"], "weight_version": ["2025.1"], "scheme": ["chs-drg-2.0"]},
        synthetic,
    )  # fmt: skip


def test_what_is_printed_of_each_region() -> None:
    """绵阳: 15 ambiguous, 12 without a group of 509 cases: 94.70 % grouped."""
    printed = shown(REGIONS, SHARES, FUNDS)
    mianyang = printed["510700"]
    assert mianyang.cases == 509
    assert mianyang.grouped == D("94.70")  # 100 - 27 / 509
    assert printed["510100"].shares["low_outlier"] == D("1.77")  # 22 of 1,243
    assert mianyang.cmi == D("1.0000")


def test_small_counts_are_hidden_and_cannot_be_worked_out() -> None:
    """内江 has 3 low outliers: hidden, and with them the next smallest, 绵阳's 12 (12 + 3 > 10)."""
    printed = shown(REGIONS, SHARES, FUNDS)
    assert printed["511000"].shares["low_outlier"] is None
    assert [code for code, item in printed.items() if item.shares["low_outlier"] is None] == ["510700", "511000"]


def test_both_parts_of_the_rest_are_hidden_where_one_is() -> None:
    """内江: grouped share printed (17 of 110 without), so its 5 ambiguous would show beside its 12
    ungrouped.
    """
    printed = shown(REGIONS, SHARES, FUNDS)["511000"]
    assert printed.grouped == D("84.55")
    assert printed.shares["ambiguous"] is printed.shares["ungrouped"] is None


def test_money_of_a_fund_with_few_cases_is_hidden_with_the_next() -> None:
    """甘孜's 8 resident cases, and 成都's, the only others: else the total gives them away."""
    printed = shown(REGIONS, SHARES, FUNDS)
    assert printed["513300"].paid["390"] is None
    assert printed["510100"].paid["390"] is None
    assert printed["510100"].paid["310"] == D(5000 * 1013)


def test_funds_are_shown_apart_and_never_added() -> None:
    """Employee 1,013 + 509 + 110 + 43 = 1,675 cases x 5,000 = 837.50 万; resident 238 x 5,000 = 119.00 万."""
    text = page()
    assert "837.50" in text
    assert "119.00" in text
    assert "956.50" not in text


def test_point_values_and_rates_by_level_are_told_as_such() -> None:
    """98.5 yuan a point x 100 points = 9,850 yuan a weight, between 8,000 and 10,000 on the rail."""
    levels = [Price("2", D("9000.00")), Price("3", D("11000.00"))]
    prices = {"310": [Price("all", D("98.500000"), 100)], "390": levels}
    text = page(first=RegionMonth("510100", "成都市", REGIONS[0].funds, 4, prices))
    assert prices["310"][0].per_weight == D("9850.00")
    assert "98.50/点（×100）" in text
    assert "二级 9,000.00" in text
    assert "三级 11,000.00" in text


def test_records_are_no_cases_and_drawn_lists_are_called_so() -> None:
    assert "以下为收到的记录数，不是病例数" in page()
    assert "虚构数据" not in page()
    assert "虚构数据" in page(synthetic=True)


def test_a_panel_says_where_the_gap_comes_from() -> None:
    text = page()
    assert "BR23 脑缺血性疾病，伴并发症" in text
    assert "全省次均支付标准 10,000.00 元 = 权重 1.1000 × 费率 9,090.91 × 系数 1.0000" in text
    assert "+2,000" in text
    assert "−2,000" in text
    assert "另有 2 个统筹区不足 10 例" in text
    assert text.count('class="e-weight"') >= 3


def test_the_index_of_all_groups_stands_before_single_ones() -> None:
    text = page([])
    assert "全部病组 · 职工医保" in text
    assert "104.20" in text
    assert "−290" in text


def test_the_page_stands_alone() -> None:
    text = page()
    assert "<script" not in text
    assert not re.search(r"(?:src|href)=|https?://|@import|url\(", text)
    assert "假定" in text
    assert "outlier.low.threshold" in text


def test_the_same_figures_give_the_same_page() -> None:
    assert page() == page()


def test_names_cannot_become_markup() -> None:
    nasty = Panel("BR23", "3", "310", 60, 0, [cell("<b>x", 30, "12000.00", "1", "1", "0")])
    assert "<b>x" not in page([nasty])
    assert "&lt;b&gt;x" in page([nasty])


def test_no_panel_is_said_in_words() -> None:
    assert "没有在三个以上统筹区" in page([])
