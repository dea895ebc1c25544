"""Every rule a policy may choose, side by side in one pass: Spark pays what the plain arithmetic pays."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from test_case_payment import REGIONS, UNITS, Drawn

from drg.doors.config import project_home
from drg.policy import PolicyBook
from drg.settle.case_parameters import Rate, rows_of_region
from drg.settle.case_payment import pay_cases
from drg.settle.exclusion import EXCLUSIONS
from drg.settle.rules import PAYS, ROUTES

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

MONTH = "2025-01"

# Five policies that share nothing but the engine; between them they choose every rule of every route.
POLICIES: dict[str, dict[str, Any]] = {
    "510100": {
        "payment.method": "points",
        "point.scale": 100,
        "coefficient.factors": ["level", "institution", "hospital_cost", "bilateral"],
        "weight.hospital_coefficient": "cost_ratio",
        "level_coefficient": {"by": "drg", "value": {"AA1": Decimal("0.95"), "*": Decimal("1.0213")}},
        "institution_coefficient": {"by": "hospital", "value": {"H51010010": Decimal("0.9"), "*": 1}},
        "bilateral.coefficient": Decimal("1.25"),
        "bilateral.procedures": [
            {"title": "膝关节置换", "codes": ["81.54"]},
            {"title": "双侧疝修补", "both_sides": ["53.12"]},
        ],
        "outlier.high.threshold": [{"below": Decimal("0.9"), "value": 2}, {"value": Decimal("1.5")}],
        "outlier.high.base": "group_mean",
        "outlier.low.base": "group_mean",
        "outlier.low.pays": "cost_share",
        "outlier.high.pays": "linear_add",
        "outlier.extreme.rule": "threshold",
        "outlier.extreme.threshold": 5,
        "outlier.extreme.pays": "as_normal",
        "fund_payment.convention": "standard_is_fund",
    },
    "510600": {
        "dispute.rule": "on_decision",
        "dispute.pays": "actual_cost",
        "basic_groups": ["TC1F", "AA1"],
        "outlier.high.base": "weighted_region_mean",
        "outlier.high.pays": "deduct",
        "outlier.low.pays": "mean_ratio_with_coefficient",
        "outlier.low.line": "lower_of_coefficient",
        "outlier.high.selects": "threshold_within_limit",
        "outlier.high.limit_share": Decimal("0.1"),
        "outlier.high.limit_scope": "hospital",
        "unstable.pays": "actual_cost",
        "stay.rule": "outside_drg",
        "stay.day_count": "difference_plus_one",
        "stay.short_days": 2,
        "stay.short_inclusive": True,
        "stay.long_days": 60,
        "stay.long_inclusive": False,
        "stay.pays": "by_item",
    },
    "511100": {
        "outlier.high.base": "group_mean",
        "outlier.high.pays": "cap",
        "outlier.low.pays": "mean_ratio_capped",
        "per_diem.rule": "points",
        "per_diem.categories": [
            {
                "category": "psychiatric",
                "title": "精神类",
                "med_types": [],
                "diagnoses": ["F20"],
                "min_days": 10,
                "tariff": {"1": 180, "2": Decimal("221.50"), "3": 300},
            }
        ],
        "override.rule": "by_group",
        "override.addition": {"by": "drg", "value": {"BB2": 2000}},
        "override.fixed_price": {"by": "drg", "value": {"TC13": Decimal("4321.09"), "NEVER": 5000}},
        "tcm.rule": "by_disease",
        "tcm.min_ratio": Decimal("0.6"),
        "tcm.treatment_fee_is": "tcm",
        "tcm.diseases": [
            {
                "drg": "TC1F",
                "title": "骨折中医治疗",
                "diagnoses": ["S82"],
                "min_days": 10,
                "procedure_classes": [["17.9"], ["53.1"]],
                "min_classes": 1,
                "fallback_drg": "TC13",
            }
        ],
    },
    "511500": {
        "settlement.mode": {"by": "hospital", "value": {"H51150010": "dry_run", "*": "live"}},
        "dry_run.pays": "by_item",
        "outlier.high.selects": "top_share",
        "outlier.high.limit_share": Decimal("0.05"),
        "outlier.high.limit_scope": "region",
        "outlier.high.pays": "by_item",
        "outlier.low.pays": "mean_ratio",
        "day_surgery.rule": "no_low_outlier",
        "day_surgery.med_types": ["28"],
        "per_diem.rule": "tariff",
        "per_diem.categories": [
            {"category": "type", "title": "床日", "med_types": ["2105"], "tariff": {"1": 100, "2": 200, "3": 300}}
        ],
    },
    "511700": {
        "outlier.high.pays": "excess_plus_one",
        "outlier.extreme.rule": "threshold",
        "outlier.extreme.threshold": 6,
        "outlier.extreme.pays": "excess_plus_coefficient",
        "day_surgery.rule": "by_item",
        "day_surgery.med_types": ["28"],
        "exclusion.rule": "on_application",
        "exclusion.items": [
            {"code": "E1", "title": "除外项目", "pays": "item", "first": date(2025, 1, 1), "last": date(2025, 12, 31)}
        ],
        "exclusion.pays": "actual_cost",
        "special_case.rule": "on_application",
        "special_case.pays": "by_item",
        "special_case.quota_share": Decimal("0.02"),
    },
}


def write_policy(folder: Path, code: str, values: dict[str, Any]) -> None:
    """A region's folder from plain values; units as the known parameters want them."""
    import yaml

    from drg.policy import PARAMETERS

    class Plain(yaml.SafeDumper):
        pass

    Plain.add_representer(Decimal, lambda d, v: d.represent_scalar("tag:yaml.org,2002:float", str(v)))
    (folder / code).mkdir(parents=True)
    (folder / code / "region.yaml").write_text(f'code: "{code}"\nname: x\ninherits: national\n', encoding="utf-8")
    entries = {}
    for name, value in values.items():
        keyed = value if isinstance(value, dict) and "by" in value else {"value": value}
        unit = PARAMETERS[name].unit
        entries[name] = [
            {**keyed, "from": date(2025, 1, 1), "unit": unit, "source": f"条款 {name}", "standing": "assumed"}
        ]
    text = yaml.dump(entries, Dumper=Plain, allow_unicode=True)
    (folder / code / "rules.yaml").write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    root = tmp_path_factory.mktemp("conf") / "policy"
    root.mkdir()
    (root / "national").symlink_to(project_home() / "conf" / "policy" / "national")
    for code, values in POLICIES.items():
        write_policy(root, code, values)
    book = PolicyBook.load(root)
    rates = {
        (2025, region, fund, "all"): Rate(Decimal("9575.25"), "2025.1", (), Decimal("52.8094"), 100)
        for region in REGIONS
        for fund in ("310", "390")
    }
    span = (date(2025, 1, 1), date(2025, 2, 14))
    return [row for region in REGIONS for row in rows_of_region(book, region, MONTH, *span, rates)]


class Applied(Drawn):
    """The drawn cases of the five regions, some with decided applications and some at hospitals with coefficients."""

    def __init__(self, spark: SparkSession):
        super().__init__(spark, 1500)
        draw = random.Random(4)
        self.decisions = {
            case[3]: (draw.random() < 0.5, draw.random() < 0.5, Decimal("123.45") if draw.random() < 0.5 else None)
            for case in self.grouped
            if draw.random() < 0.1
        }
        ways = ((True, None), (False, "BB23"), (False, None), (False, None))
        self.rulings = {case: draw.choice(ways) for case in self.decisions}
        hospitals = sorted({(case[1], case[4]) for case in self.grouped})
        self.cost = {(*pair, "AA11"): Decimal(draw.randrange(8000, 12000)) / 10000 for pair in hospitals}

    def decision_frame(self) -> DataFrame:
        rows = [
            (MONTH, case[1], case[3], *self.decisions[case[3]], None, *self.rulings[case[3]])
            for case in self.grouped
            if case[3] in self.decisions
        ]
        schema = (
            "settlement_month string, region_code string, setl_id string, special_case boolean, "
            f"excluded_case boolean, excluded_item_amount decimal(16,2), exclusions {EXCLUSIONS}, "
            "dispute_repriced boolean, dispute_drg string"
        )
        return self.spark.createDataFrame(rows, schema)

    def cost_frame(self) -> DataFrame:
        rows = [("2025.1", "chs-drg-2.0", *key, value) for key, value in self.cost.items()]
        schema = (
            "weight_version string, scheme string, region_code string, hospital_code string, drg string, "
            "coefficient decimal(8,4)"
        )
        return self.spark.createDataFrame(rows, schema)


@pytest.fixture(scope="module")
def drawn(spark: SparkSession) -> Applied:
    return Applied(spark)


@pytest.fixture(scope="module")
def payments(drawn: Applied, rows: list[dict[str, Any]]) -> DataFrame:
    return pay_cases(*drawn.frames(), UNITS, rows, drawn.cost_frame(), drawn.decision_frame()).cache()


def test_spark_and_plain_arithmetic_agree_on_every_rule(
    drawn: Applied, rows: list[dict[str, Any]], payments: DataFrame
) -> None:
    found = payments.collect()
    assert len(found) == 1500
    places = {row["setl_id"]: row["high_place"] is None or row["high_place"] <= row["high_places"] for row in found}
    in_quota = {
        row["setl_id"]
        for row in found
        if row["special_place"] is not None and row["special_place"] <= row["special_places"]
    }
    more = {}
    for case in drawn.grouped:
        special, excluded, item = drawn.decisions.get(case[3], (False, False, None))
        repriced, regrouped = drawn.rulings.get(case[3], (False, None))
        group = regrouped if regrouped and case[1] == "510600" else case[13] or case[10]
        cost = drawn.cost.get((case[1], case[4], group))
        more[case[3]] = {
            "special_case": special and case[3] in in_quota,
            "excluded_case": excluded,
            "dispute_repriced": repriced,
            "dispute_drg": regrouped,
            "excluded_item_amount": item,
            "hospital_cost_coefficient": cost,
            "high_admitted": places[case[3]],
        }
    expected = drawn.expected(rows, more)
    compared = (
        "payment_kind", "rule", "clause", "relative_weight", "base_rate", "point_value", "point_scale", "coefficient",
        "level_coefficient", "institution_coefficient", "hospital_cost_coefficient", "bilateral_coefficient", "price",
        "low_line", "high_line", "points", "standard", "patient_and_other_paid", "fund_payment", "gain_loss",
        "per_diem_tariff", "stay_days", "transfer", "assumed_parameters",
    )  # fmt: skip
    for row in found:
        want = expected[row["setl_id"]]
        assert {name: row[name] for name in compared} == {name: want[name] for name in compared}, row["setl_id"]


def test_every_route_and_every_rule_occurs(payments: DataFrame) -> None:
    kinds = {row[0] for row in payments.select("payment_kind").distinct().collect()}
    assert kinds == {route for route in ROUTES if route != "unpriced"}
    fired = {
        part.rpartition(".")[2] for row in payments.select("rule").distinct().collect() for part in row[0].split("+")
    }
    assert fired >= {*PAYS, "points", "rate", "tariff", "standard_is_fund", "difference", "floor_at_zero"}


def test_days_count_as_each_region_says(drawn: Applied, payments: DataFrame) -> None:
    """510600 adds a day except to a stay of one day; the others do not; where no rule asks for days there are none."""
    dates = {row[2]: (row[3] - row[4]).days for row in drawn.lists}
    found = {
        (row["region_code"], row["stay_days"] and row["stay_days"] - row["los_days"])
        for row in payments.collect()
        if dates[row["setl_id"]] > 0
    }
    assert found == {("510100", None), ("510600", 1), ("511100", 0), ("511500", 0), ("511700", None)}
    same_day = [r for r in payments.where("region_code = '510600'").collect() if dates[r["setl_id"]] == 0]
    assert {(row["los_days"], row["stay_days"]) for row in same_day} == {(1, 1)}
    # Up to 2 days a stay is outside DRG: one night counts 2, two nights 3.
    nights = {dates[row["setl_id"]] for row in payments.where("payment_kind = 'stay_outside'").collect()}
    assert {0, 1} <= nights
    assert 2 not in nights


def test_a_fixed_price_asks_for_no_weight_and_a_hospital_in_dry_run_shows_its_price(payments: DataFrame) -> None:
    fixed = payments.where("drg = 'NEVER' AND region_code = '511100' AND payment_kind <> 'per_diem'").collect()
    priced = [row for row in fixed if row["priced_group"] == "NEVER"]
    assert priced
    assert {(row["price"], row["relative_weight"], row["points"]) for row in priced} == {
        (Decimal("5000.00"), None, None)
    }
    dry = payments.where("payment_kind = 'dry_run'").collect()
    assert {row["hospital_code"] for row in dry} == {"H51150010"}
    assert all(row["standard"] == row["total_cost"] for row in dry)
    assert any(row["price"] is not None and row["price"] != row["standard"] for row in dry)


def test_the_largest_excess_is_admitted_first_and_no_more_than_the_share(payments: DataFrame) -> None:
    limited = [row for row in payments.where("region_code = '511500'").collect() if row["high_place"] is not None]
    assert limited
    for fund in ("310", "390"):
        own = sorted((row for row in limited if row["fund"] == fund), key=lambda row: row["high_place"])
        cases = payments.where(f"region_code = '511500' AND fund = '{fund}'").count()
        assert {row["high_places"] for row in own} == {cases * 5 // 100}
        assert [row["high_place"] for row in own] == list(range(1, len(own) + 1))
        # The region has no rule of exclusion: an item decided on is not taken off.
        excess = [row["total_cost"] - row["price"] for row in own]
        assert excess == sorted(excess, reverse=True)
        high = [
            row["payment_kind"] == "high_outlier" for row in own if row["payment_kind"] in ("high_outlier", "normal")
        ]
        assert high == sorted(high, reverse=True)


def test_special_cases_are_admitted_within_the_quota_of_their_hospital(payments: DataFrame) -> None:
    cases = payments.where("region_code = '511700'").collect()
    asked = [row for row in cases if row["special_place"] is not None]
    assert {row["payment_kind"] == "special_case" for row in asked} == {True, False}
    for row in asked:
        own = [other for other in cases if other["hospital_code"] == row["hospital_code"]]
        assert row["special_places"] == len(own) // 50
        assert (row["payment_kind"] == "special_case") == (row["special_place"] <= row["special_places"])
