"""Four folders that rest on public code: each has all it needs, and what the sources contradict stays apart."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from drg.errors import PolicyError
from drg.policy.needs import needed
from drg.rate.tables import Basis, rate_rows
from drg.settle.price import price_case
from drg.weigh.published import published_weights
from drg.weigh.window import window_of
from tests.systems.pilots import book

D = Decimal
DAYS = {
    "500000": (date(2025, 7, 1), date(2025, 12, 31)),
    "411600": (date(2026, 1, 1), date(2026, 12, 31)),
    "230100": (date(2023, 1, 1), date(2024, 12, 31)),
    "130682": (date(2024, 4, 1), date(2024, 12, 31)),
}


def paid(region: str, on: date, **facts: Any) -> dict[str, Any]:
    case = {"fund": "310", "hospital_level": "2", "los_days": 9, **facts}
    money = ("cost", "weight", "rate", "payment")
    described = {k: D(v) if isinstance(v, str) and k.endswith(money) else v for k, v in case.items()}
    return price_case(book(), region, on, described).facts


@pytest.mark.parametrize("region", DAYS)
def test_every_rule_has_its_parameters_and_what_nobody_published_says_so(region: str) -> None:
    for day in DAYS[region]:
        for item in needed(book(), region, day).values():
            assert item.standing != "published"  # second-hand at best
            assert item.standing == "as_implemented" or "假定" in item.source, item.name


# 重庆


def chongqing(**facts: Any) -> dict[str, Any]:
    return paid("500000", date(2025, 7, 1), **{"drg": "IU2F", "hospital_code": "H50000000001", **facts})


@pytest.mark.parametrize(("cost", "kind"), [("3262.23", "low_outlier"), ("3262.24", "normal")])
def test_chongqing_a_case_on_the_low_line_would_be_low(cost: str, kind: str) -> None:
    # 40 % of 8,155.592340 is 3,262.236936; a line in whole fen shows that the line itself is included.
    case = chongqing(total_cost=cost, basic_fund_payment="2000.00")
    assert case["payment_kind"] == kind
    whole = {"relative_weight": "1", "base_rate": "10000.00", "hospital_code": "H50000000002"}
    kinds = [chongqing(total_cost=c, **whole)["payment_kind"] for c in ("4000.00", "4000.01")]
    assert kinds == ["low_outlier", "normal"]


def test_chongqing_high_is_a_share_of_cases_and_its_gain_is_nothing() -> None:
    """Not 5 times the standard: whoever ranks within the 5 % is paid by item, whatever the multiple."""
    dear = {"total_cost": "8155.60", "basic_fund_payment": "5000.00"}
    within, beyond = chongqing(**dear), chongqing(**dear, high_admitted=False)
    assert (within["payment_kind"], within["gain_loss"], within["fund_payment"]) == ("high_outlier", 0, D("5000.00"))
    assert (beyond["payment_kind"], beyond["gain_loss"]) == ("normal", D("-0.01"))
    assert within["high_line"] is None


def test_chongqing_the_quota_is_per_mille_and_others_have_no_coefficient() -> None:
    quota = book().value("500000", "special_case.quota_share", date(2025, 7, 1))
    assert [quota.of(hospital_level=level) for level in "321"] == [D("0.005"), D("0.003"), D("0.001")]
    assert chongqing(total_cost="8000.00", hospital_code="H50000000009")["price"] == D("8864.77")  # 0.9258 x 9,575.25


def test_chongqing_weights_stand_in_two_classes_and_the_rate_is_published() -> None:
    window = window_of(book(), "500000", date(2025, 7, 1))
    assert window.published
    listed = {(weight.level_class, weight.drg) for weight in published_weights(window, window.published)}
    assert listed == {(label, drg) for label in ("L1", "L23") for drg in ("IU2F", "IU23")}
    rows = rate_rows(book(), "500000", 2026, "2026.1", Basis(schemes={"500000": ("chs-drg-2.0",)}))
    assert {(row["base_rate"], row["rate_source"]) for row in rows} == {(D("9575.25"), "published")}


@pytest.mark.parametrize(
    ("days", "procedures", "group"),
    [
        (10, ["17.92650", "17.91100", "17.91330"], "IU2F"),
        (9, ["17.92650", "17.91100", "17.91330"], "IU29"),
        (10, ["17.92650", "17.91100", "17.91210"], "IU29"),  # needling twice is one class: two of four
    ],
)
def test_chongqing_a_tcm_stay_needs_ten_days_and_three_of_four_classes(
    days: int, procedures: list[str], group: str
) -> None:
    tcm = {"drg": "IU29", "principal_diagnosis": "M51.202", "relative_weight": "0.9", "total_cost": "8000.00"}
    case = chongqing(**tcm, los_days=days, procedures=procedures, treatment_fee=D(1))
    assert case["priced_drg"] == group


# 周口


@pytest.mark.parametrize(
    ("weight", "threshold"),
    [
        ("0.9999", "3"),
        ("1", "2.5"),
        ("1.9999", "2.5"),
        ("2", "2"),
        ("3", "1.5"),
        ("4.9999", "1.5"),
        ("5", "1.3"),
    ],
)
def test_zhoukou_the_high_line_steps_down_with_the_weight(weight: str, threshold: str) -> None:
    mean = D(weight) * D("5270.76")
    facts = {"drg": "BR13", "relative_weight": weight, "group_mean_cost": str(mean), "total_cost": "5000.00"}
    assert paid("411600", date(2026, 1, 15), **facts)["high_threshold"] == D(threshold)


def test_zhoukou_both_funds_have_their_own_value() -> None:
    rows = rate_rows(book(), "411600", 2026, "2026.1", Basis(schemes={"411600": ("chs-drg-2.0",)}))
    assert [(row["fund"], row["point_value"]) for row in rows] == [("310", D("53.8381")), ("390", D("52.8094"))]


# 哈尔滨


def test_harbin_has_no_rate_before_2023_and_none_after_2024() -> None:
    case = {"drg": "ES35", "total_cost": "4600.00", "hospital_level": "1"}
    with pytest.raises(PolicyError, match="230100 publishes no rate.published for ES35 on 2022-12-31"):
        paid("230100", date(2022, 12, 31), **case)
    with pytest.raises(PolicyError, match="it lapsed on 2024-12-31"):
        paid("230100", date(2025, 1, 1), **case)


def test_harbin_hearsay_is_not_paid() -> None:
    """Top-ups for angiography of June 2024 are word of mouth."""
    assert book().value("230100", "override.rule", date(2024, 7, 1)).of() == "none"
    facts = {"drg": "ES35", "total_cost": "4600.00", "hospital_level": "1", "procedures": ["88.4101"]}
    assert paid("230100", date(2024, 7, 1), **facts)["standard"] == D("4686.66")


# 130682


@pytest.mark.parametrize(
    ("cost", "kind"),
    [("599.84", "low_outlier"), ("599.85", "normal"), ("4498.86", "normal"), ("4498.87", "high_outlier")],
)
def test_the_vendors_lines_hang_on_the_mean_and_not_on_the_standard(cost: str, kind: str) -> None:
    # 0.4 x 1,499.6233 = 599.84932 and 3 x 1,499.6233 = 4,498.8699; of the standard 2,940.44 they would be far off.
    assert paid("130682", date(2024, 4, 15), fund="390", total_cost=cost)["payment_kind"] == kind
