"""case_payment in Spark: equal to the plain arithmetic, deterministic, tied to its sums, funds apart."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from drg.errors import ContractError
from drg.money import round_fen
from drg.policy import PolicyBook
from drg.settle.accounts import AMOUNTS, assert_sums_tie, fund_account, hospital_settlement
from drg.settle.case_parameters import Rate, rows_of_region
from drg.settle.case_payment import Unit, pay_cases
from drg.settle.common import LAYERS
from drg.settle.stages import priced_group_of, settle_one

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

MONTH = "2025-01"
# Their policies differ: plain, mid-year change, group mean and negative kept, ratio, inclusive low line.
REGIONS = ("510100", "510600", "511100", "511500", "511700")
RATES = {
    (2025, region, fund, "all"): Rate(Decimal(f"{rate}.37") + i, "2025.1", ("fund_budget",))
    for i, region in enumerate(REGIONS)
    for fund, rate in (("310", 9000), ("390", 7000))
}
NOTHING_HELD = {(MONTH, region): Decimal(0) for region in REGIONS}
GROUPED = (
    "settlement_month string, region_code string, scheme string, setl_id string, hospital_code string, "
    "hospital_level string, insured_region_code string, fund string, los_days int, total_cost decimal(16,2), "
    "drg string, grouping_status string, rule_pack string, local_group string, discharge_way string"
)
MONEY = (
    "basic_fund_payment", "full_self_pay", "over_limit_self_pay", "first_self_pay", "deductible", "treatment_fee",
    "surgery_fee", "consumables_fee", "western_drug_fee", "herbal_fee", "patent_drug_fee", *LAYERS,
)  # fmt: skip
LISTED = (
    "settlement_month string, region_code string, setl_id string, discharge_date date, admission_date date, "
    "med_type string, "
    "principal_diagnosis string, principal_procedure string, other_procedures array<string>, "
) + ", ".join(f"{name} decimal(16,2)" for name in MONEY)
WEIGHTS = (
    "settlement_year int, region_code string, scheme string, weight_version string, level_class string, drg string, "
    "relative_weight decimal(10,4), mean_cost decimal(18,4), region_mean_cost decimal(18,4), stable boolean, "
    "weight_source string"
)
REGION_MEAN = Decimal("7654.32")


def yuan(draw: random.Random, most: int) -> Decimal:
    return Decimal(draw.randrange(most * 100)) / 100


FIGURES = {
    "AA11": (Decimal("0.4527"), Decimal("3210.1234")),
    "BB23": (Decimal("1.2345"), Decimal("8000")),
    "TC1F": (Decimal("0.9258"), Decimal("6100.5")),
    "TC13": (Decimal("0.6524"), Decimal("5000")),
    "AA11-E": (Decimal("0.5120"), Decimal("3900.5")),
}


def layers(rest: Decimal) -> tuple[Decimal, ...]:
    """What the basic fund did not pay: a quarter by major illness, a tenth by assistance, a fen, the patient."""
    others = (round_fen(rest / 4), round_fen(rest / 10), min(rest, Decimal("0.01")))
    return (*others, rest - sum(others))


class Drawn:
    """Some hundred cases of five regions, their lists and weights; every route occurs."""

    def __init__(self, spark: SparkSession, count: int = 400):
        draw = random.Random(3)
        self.grouped: list[tuple[Any, ...]] = []
        self.lists: list[tuple[Any, ...]] = []
        for i in range(count):
            region = draw.choice(REGIONS)
            status, drg = draw.choice([("grouped", "AA11")] * 10 + [("grouped", "BB23"), ("grouped", "NEVER")])
            if draw.random() < 0.15:
                status, drg = draw.choice([("ungrouped", "0000"), ("ambiguous", "AQY")])
            total = yuan(draw, draw.choice([2000, 9000, 60000]))
            level, fund = draw.choice("123"), draw.choice(["310", "390"])
            insured = draw.choice([region] * 4 + ["513200"])
            hospital = f"H{region}{level}{draw.randrange(2)}"
            identity = (MONTH, region, f"{region}{i:06d}")
            # Every eleventh stay counts one day; half of these began and ended on one day.
            days = draw.randrange(1, 80) if i % 11 else 1
            self.grouped.append(
                (
                    *(*identity[:2], "chs-drg-2.0", identity[2], hospital, level, insured, fund, days),
                    *(total, drg, status, "pack", "AA11-E" if drg == "AA11" and i % 7 == 0 else None, "123459"[i % 6]),
                )
            )
            kind = draw.choice(["21"] * 8 + ["28", "2105"])
            disease = draw.choice(["I10.x00", "F20.000", "S82.000", "M51.200"])
            done = draw.choices(["81.5400x001", "81.5500", "53.1200", "17.9100"], k=draw.randrange(4))
            clinical = (kind, disease, done[0] if done else None, done[1:])
            parts = [yuan(draw, 500) for _ in range(10)]
            paid = (total * draw.randrange(100) / 100).quantize(Decimal("0.01"))
            day = date(2025, 1, 1) + timedelta(days=draw.randrange(45))
            admitted = day - timedelta(days=0 if i % 22 == 0 else days)
            self.lists.append((*identity, day, admitted, *clinical, paid, *parts, *layers(total - paid)))
        self.weights = [
            (2025, region, "chs-drg-2.0", "2025.1", "all", drg, *figures, REGION_MEAN, drg != "BB23", "region")
            for region in REGIONS
            for drg, figures in FIGURES.items()
        ]
        self.spark = spark

    def frames(self) -> tuple[DataFrame, DataFrame, DataFrame]:
        create = self.spark.createDataFrame
        return create(self.grouped, GROUPED), create(self.lists, LISTED), create(self.weights, WEIGHTS)

    def expected(
        self, rows: list[dict[str, Any]], more: Mapping[str, Mapping[str, Any]] | None = None
    ) -> dict[str, dict[str, Any]]:
        """Each case settled without Spark; `more` facts by setl_id."""
        weights = {(w[1], w[5]): w for w in self.weights}
        paid = {}
        for case, listed in zip(self.grouped, self.lists, strict=True):
            fixed = {"region_code": case[1], "fund": case[7], "hospital_level": case[5]}
            (row,) = (
                r
                for r in rows
                if all(r[name] == value for name, value in fixed.items())
                and r["valid_from"] <= listed[3] <= r["valid_to"]
            )
            facts = {
                **dict(zip(LISTED_NAMES, listed[3:], strict=True)),
                "grouping_status": case[11],
                "total_cost": case[9],
                "drg": case[10],
                "local_group": case[13],
                "hospital_code": case[4],
                "los_days": case[8],
                "discharge_way": case[14],
                "procedures": [code for code in (listed[7], *listed[8]) if code],
            }
            facts["region_mean_cost"] = REGION_MEAN
            facts |= (more or {}).get(case[3], {})
            weight = weights.get((case[1], priced_group_of(facts, row)))
            if weight:
                names = ("relative_weight", "group_mean_cost", "region_mean_cost", "stable", "weight_source")
                facts |= {"weight_version": "2025.1"} | dict(zip(names, weight[6:], strict=True))
            paid[case[3]] = settle_one(facts, row)
        return paid


LISTED_NAMES = (
    "discharge_date", "admission_date", "med_type", "principal_diagnosis", "principal_procedure", "other_procedures",
    *MONEY,
)  # fmt: skip
UNITS = [Unit(region, MONTH, "discharge_date") for region in REGIONS]


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    book, span = PolicyBook.load_default(), (date(2025, 1, 1), date(2025, 2, 14))
    return [row for region in REGIONS for row in rows_of_region(book, region, MONTH, *span, RATES)]


@pytest.fixture(scope="module")
def drawn(spark: SparkSession) -> Drawn:
    return Drawn(spark)


@pytest.fixture(scope="module")
def payments(drawn: Drawn, rows: list[dict[str, Any]]) -> DataFrame:
    return pay_cases(*drawn.frames(), UNITS, rows).cache()


def test_spark_pays_what_the_plain_arithmetic_pays(
    drawn: Drawn, rows: list[dict[str, Any]], payments: DataFrame
) -> None:
    expected = drawn.expected(rows)
    found = payments.collect()
    assert len(found) == len(expected) == 400
    compared = (
        "payment_kind", "rule", "clause", "relative_weight", "weight_source", "base_rate", "coefficient", "price",
        "low_line", "high_line", "standard", "patient_and_other_paid", "fund_payment", "gain_loss", "weight_version",
        "rate_version", "policy_version", "assumed_parameters", "transfer", "stay_days", *LAYERS,
    )  # fmt: skip
    for row in found:
        want = expected[row["setl_id"]]
        assert {name: row[name] for name in compared} == {name: want[name] for name in compared}, row["setl_id"]


def test_every_route_and_rule_was_drawn(payments: DataFrame) -> None:
    rules = {row["rule"] for row in payments.select("rule").distinct().collect()}
    routes = ("outlier.low", "outlier.high", "ungrouped", "ambiguous", "unpriced", "unstable")
    assert rules >= {f"{route}.by_item" for route in routes}
    assert rules >= {"rate+difference", "rate+ratio", "rate+difference+floor_at_zero"}
    assert payments.where("region_code = '511100' AND fund_payment < 0").count() > 0
    assert payments.where("region_code <> '511100' AND fund_payment < 0").count() == 0


def test_the_discharge_date_selects_the_parameters(drawn: Drawn, payments: DataFrame) -> None:
    # 德阳 510600 raises its low line from 30 % to 35 % on 1 February.
    day = {row[2]: row[3] for row in drawn.lists}
    lines = {
        (day[row["setl_id"]] >= date(2025, 2, 1), row["low_line"] > row["price"] * Decimal("0.34"))
        for row in payments.where("region_code = '510600' AND price > 100").collect()
    }
    assert lines == {(False, False), (True, True)}


def test_the_settlement_month_selects_them_where_the_policy_says_so(drawn: Drawn, rows: list[dict[str, Any]]) -> None:
    by_month = [Unit("510600", MONTH, "settlement_month")]
    paid = pay_cases(*drawn.frames(), by_month, rows)
    high = paid.where("price > 100 AND low_line > price * 0.34").count()
    assert (paid.count() > 20, high) == (True, 0)


def test_shuffled_and_repartitioned_cases_are_paid_the_same(
    drawn: Drawn, rows: list[dict[str, Any]], payments: DataFrame
) -> None:
    grouped, lists, weights = drawn.frames()
    other = pay_cases(grouped.repartition(7), lists.orderBy("deductible").repartition(3), weights, UNITS, rows)
    assert sorted(payments.collect(), key=_id) == sorted(other.collect(), key=_id)
    for sums in (lambda frame: hospital_settlement(frame, NOTHING_HELD), fund_account):
        one, two = sums(payments).collect(), sums(other.repartition(4)).collect()
        assert sorted(map(str, one)) == sorted(map(str, two))


def test_sums_tie_to_the_fen_and_a_missing_fen_is_found(payments: DataFrame) -> None:
    from pyspark.sql import functions as F

    hospitals, accounts = hospital_settlement(payments, NOTHING_HELD), fund_account(payments)
    assert_sums_tie(payments, hospitals, accounts)
    first = F.col("hospital_code") == hospitals.agg(F.min("hospital_code")).head()[0]
    fen = F.when(first, F.col("fund_payment") - F.lit("0.01").cast("decimal(18,2)")).otherwise(F.col("fund_payment"))
    with pytest.raises(ContractError, match=r"hospital_settlement of 2025-01 510100 3[19]0 does not tie to its cases"):
        assert_sums_tie(payments, hospitals.withColumn("fund_payment", fen), accounts)
    with pytest.raises(ContractError, match="fund_account of 2025-01 .* does not tie"):
        assert_sums_tie(payments, hospitals, accounts.where("line = 'local_stays'"))


def test_what_is_withheld_is_rounded_once_and_never_of_a_debt(payments: DataFrame) -> None:
    # A twentieth of the month in the first region, nothing in the others.
    shares = {**NOTHING_HELD, (MONTH, REGIONS[0]): Decimal("0.05")}
    for row in hospital_settlement(payments, shares).collect():
        share = shares[MONTH, row["region_code"]]
        assert row["withheld"] == round_fen(max(row["fund_payment"], Decimal(0)) * share)
        assert row["payable"] == row["fund_payment"] - row["withheld"]


def test_a_hospital_row_holds_the_sums_of_its_cases(payments: DataFrame) -> None:
    cases = payments.collect()
    for row in hospital_settlement(payments, NOTHING_HELD).collect():
        own = [c for c in cases if (c["hospital_code"], c["fund"]) == (row["hospital_code"], row["fund"])]
        kinds = [c["payment_kind"] for c in own]
        assert (row["n_cases"], row["n_normal"]) == (len(own), kinds.count("normal"))
        assert row["n_not_grouped"] == kinds.count("ungrouped") + kinds.count("ambiguous")
        parts = ("normal", "low_outlier", "high_outlier", "not_grouped", "unstable", "outside_drg")
        assert row["n_cases"] == sum(row[f"n_{part}"] for part in parts)
        assert row["n_transfer"] == sum(c["transfer"] is not None for c in own)
        assert {name: row[name] for name in AMOUNTS} == {name: sum(c[name] for c in own) for name in AMOUNTS}
        weights = [c["relative_weight"] for c in own if c["relative_weight"] is not None]
        assert row["weight_sum"] == sum(weights)
        if weights:
            assert abs(row["cmi"] - sum(weights) / len(weights)) <= Decimal("0.0000005")


def test_a_transfer_is_marked_and_paid_as_any_other_case(
    drawn: Drawn, rows: list[dict[str, Any]], payments: DataFrame
) -> None:
    from pyspark.sql import functions as F

    way = {case[3]: case[14] for case in drawn.grouped}
    marks = {(way[row["setl_id"]], row["transfer"]) for row in payments.collect()}
    assert marks == {("2", "hospital"), ("3", "community"), ("1", None), ("4", None), ("5", None), ("9", None)}
    grouped, *others = drawn.frames()
    home = pay_cases(grouped.withColumn("discharge_way", F.lit("1")), *others, UNITS, rows)
    assert sorted(home.drop("transfer").collect(), key=_id) == sorted(payments.drop("transfer").collect(), key=_id)


def test_what_others_paid_stands_beside_the_payment(payments: DataFrame) -> None:
    for row in payments.collect():
        assert row["patient_and_other_paid"] == sum(row[name] for name in LAYERS)
        assert row["major_illness_payment"] == round_fen(row["patient_and_other_paid"] / 4)


def test_funds_and_payers_are_accounts_of_their_own(payments: DataFrame) -> None:
    cases = payments.collect()
    accounts = fund_account(payments).collect()
    assert {row["fund"] for row in accounts} == {"310", "390"}
    for row in accounts:
        own = [
            c["fund_payment"]
            for c in cases
            if all(c[name] == row[name] for name in ("region_code", "insured_region_code", "fund"))
        ]
        assert (row["n_cases"], row["fund_payment"]) == (len(own), sum(own))
        assert row["line"] == (
            "local_stays" if row["region_code"] == row["insured_region_code"] else "cross_region_stays"
        )
    # Cutting all resident money leaves every employee account as it was.
    employee = fund_account(payments.where("fund = '310'")).collect()
    assert sorted(map(str, employee)) == sorted(str(row) for row in accounts if row["fund"] == "310")


def _id(row: Any) -> str:
    return str(row["setl_id"])
