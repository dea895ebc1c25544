"""西安市DRG付费试点: each point on the engine, or where it will belong; and a region of its own by files alone."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from drawn_policy import copied

from drg.errors import PolicyError
from drg.group.local import groups_in_force
from drg.policy import PolicyBook
from drg.policy.needs import needed
from drg.weigh.window import window_of
from tests.systems.pilots import DAY, book, complete, listed_as_later, price, published

REGION = "610100"
LATER = {
    "病历及病案首页书写质量支持": "validate (list_flag) and publish",
    "模拟运行的汇总报告": "publish",
}


def test_every_rule_has_its_parameters() -> None:
    complete(REGION)
    published(REGION, "payment.method", "weight.history_levels")


def test_the_history_is_that_of_hospitals_of_level_2_and_above() -> None:
    """盯住数据采集：二级及以上定点医疗机构历史数据，为测算权重、费率奠定基础。"""
    window = window_of(book(), REGION, DAY)
    assert window.history_levels == ("2", "3")
    assert window_of(book(), "320282", DAY).history_levels == ("1", "2", "3")
    for area in ("weigh", "rate"):
        assert "weight.history_levels" in needed(book(), REGION, DAY, (area,))


def test_weights_and_rates_are_its_own() -> None:
    """制定费率权重测算等技术标准: weights from its own history, rates from its own budget."""
    assert window_of(book(), REGION, DAY).published is None
    assert needed(book(), REGION, DAY, ("rate",))["rate.basis"].of() == "budget"


def test_a_level_nobody_knows_is_refused(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(
        'weight.history_levels:\n  - {value: ["4"], from: 2025-01-01, unit: level, source: s, standing: published}\n',
        encoding="utf-8",
    )
    with pytest.raises(PolicyError, match=r"weight.history_levels of region 610100 names 4 .*levels are 1, 2, 3"):
        window_of(book().with_file(REGION, wrong), REGION, DAY)


@pytest.mark.parametrize(
    ("facts", "group"),
    [
        ({"drg": "ES31", "age_years": 6}, "ES31-A"),
        ({"drg": "ES31", "age_years": 70}, "ES31-E"),
        ({"drg": "BR11", "age_years": 79}, "BR11"),
        ({"drg": "BR11", "age_years": 80}, "BR11-E"),
        ({"drg": "FR21", "age_years": 50, "procedures": ["96.7101"]}, "FR21-V"),
    ],
)
def test_sub_groups_over_the_national_scheme(facts: dict[str, object], group: str) -> None:
    """按照CHS-DRG细分组方案，结合西安实际，制定分组体系：the national group stays on the case beside the priced one."""
    paid = price(REGION, **facts).facts
    assert (paid["priced_drg"], paid["drg"]) == (group, facts["drg"])
    assert paid["standard"] == Decimal("10400.00")  # the sub-group's own weight, here 1


def test_the_history_is_divided_as_the_year_it_gives_weights_for() -> None:
    assert groups_in_force(book(), REGION, "2024-01") == groups_in_force(book(), REGION, "2025-01") != ()
    assert window_of(book(), REGION, DAY).local_groups == groups_in_force(book(), REGION, "2024-01")


def test_a_simulated_settlement_stands_beside_the_one_in_force(tmp_path: Path) -> None:
    """2020年底前按结算清单模拟运行：a trial file speaks first, the tree stays as it is."""
    trial = tmp_path / "trial.yaml"
    trial.write_text(
        "settlement.mode:\n  - {value: dry_run, from: 2025-01-01, unit: rule, source: s, standing: published}\n"
        "dry_run.pays:\n  - {value: by_item, from: 2025-01-01, unit: rule, source: s, standing: published}\n",
        encoding="utf-8",
    )
    simulated = price(REGION, tree=book().with_file(REGION, trial)).facts
    real = price(REGION).facts
    assert (simulated["payment_kind"], real["payment_kind"]) == ("dry_run", "normal")
    assert simulated["price"] == real["standard"] == Decimal("10400.00")
    assert simulated["fund_payment"] == Decimal("6000.00")


def test_a_region_with_a_policy_of_its_own_is_added_by_files_alone(tmp_path: Path) -> None:
    """No line of code knows 629900: two files, and a case is priced by points with a rule of its own for outliers."""
    root = copied(tmp_path)
    folder = root / "629900"
    folder.mkdir()
    (folder / "region.yaml").write_text('code: "629900"\nname: 新区\ninherits: national\n', encoding="utf-8")
    values = {
        "payment.method": ("points", "rule"),
        "point_value.basis": ("published", "rule"),
        "outlier.high.pays": ("linear_add", "rule"),
        "outlier.high.base": ("group_mean", "rule"),
        "outlier.high.threshold": ("2", "multiple"),
        "level_coefficient": ("0.9", "ratio"),
    }
    text = "".join(
        f"{name}:\n  - {{value: {value}, from: 2025-01-01, unit: {unit}, source: 新区办法, standing: published}}\n"
        for name, (value, unit) in values.items()
    )
    text += "point_value.published:\n  - {value: {'310': 80, '390': 60}, by: fund, from: 2025-01-01, unit: yuan, "
    text += "source: 新区办法, standing: published}\n"
    (folder / "points.yaml").write_text(text, encoding="utf-8")
    tree = PolicyBook.load(root)
    assert needed(tree, "629900", DAY)
    case = {"relative_weight": "1.2000", "base_rate": None, "tree": tree}
    # 1.2 x 100 x 0.9 = 108 points x 80; R = 20,000 / 8,000 = 2.5: + 0.5 x 1.2 x 100 = 60 points more.
    assert price("629900", total_cost="9000.00", **case).facts["standard"] == Decimal("8640.00")
    assert price("629900", total_cost="20000.00", **case).facts["standard"] == Decimal("13440.00")
    with pytest.raises(PolicyError, match="629900 has no value of payment.method"):
        price("629900", date(2024, 12, 31), **case)


def test_what_is_built_elsewhere_is_listed() -> None:
    listed_as_later(LATER, "西安市")
