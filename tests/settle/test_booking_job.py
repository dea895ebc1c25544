"""settle after a clearing, as a job: what changed of the cleared month is booked in open ones and ties to the fen."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from contract_tool import said_by_make_contracts
from drawn_months import GROUPED, LISTED, listed
from drawn_tables import drawn, publish_version

from drg.doors.config import Env, load_env
from drg.runner import StepContext, load_job, run_step
from drg.steps import step_named
from drg.verify import verify

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from drg.doors.tables import Lake

D = Decimal
A, RECORD, FIRST, SECOND = "510100", "2025-01", "2026-01", "2026-02"
HOSPITAL = "H51010000001"
START = datetime(2026, 3, 1, tzinfo=UTC)


def case(month: str, name: str, cost: str, paid: str, grouped: bool = True, fund: str = "310") -> dict[str, Any]:
    """A case of one hospital; one without a group is paid by item, so that the fund pays what it paid."""
    return {
        "settlement_month": month, "region_code": A, "setl_id": f"{A}{month[2:4]}{month[5:]}{name}",
        "scheme": "chs-drg-2.0", "hospital_code": HOSPITAL, "hospital_level": "3", "insured_region_code": A,
        "fund": fund, "total_cost": D(cost), "drg": "AA11" if grouped else "0000",
        "grouping_status": "grouped" if grouped else "ungrouped", "rule_pack": "chs-drg-2.0@1",
        "basic_fund_payment": D(paid), "discharge_date": date.fromisoformat(f"{month}-10"),
    }  # fmt: skip


@dataclasses.dataclass
class Place:
    spark: SparkSession
    lake: Lake
    env: Env
    day: int = 0

    def put(self, month: str, *rows: dict[str, Any]) -> None:
        """The lists of a month as validate and group would leave them, and that they did."""
        where: dict[str, Any] = {"settlement_month": [month], "region_code": [A]}
        lists, cases = listed([*rows], *LISTED), listed([*rows], *GROUPED)
        self.lake.replace("settlement_list", drawn(self.spark, "settlement_list", lists), **where)
        self.lake.replace("grouped_case", drawn(self.spark, "grouped_case", cases), scheme=["chs-drg-2.0"], **where)
        self.day += 1
        log = {"step": "group", "run_id": f"g{self.day}", "region_code": A, "period": month, "status": "done"}
        log |= {"finished_at": START + timedelta(days=self.day)}
        self.lake.append("run_log", drawn(self.spark, "run_log", [log]))

    def settle(self, month: str, lines: list[str] | None = None) -> dict[tuple[str, str], str]:
        self.day += 1
        now, run_id = START + timedelta(days=self.day), f"r{self.day}"
        ctx = StepContext(step_named("settle"), self.spark, self.lake, self.env, (A,), (month,), now, run_id)
        ctx.say = (lines if lines is not None else []).append
        run_step(ctx, load_job("settle"))
        return ctx.failed

    def entries(self) -> list[tuple[Any, ...]]:
        rows = self.lake.read("payment_adjustment").orderBy("settlement_month", "setl_id", "fund").collect()
        return [(r["settlement_month"], r["setl_id"][-1], r["fund"], r["reason"], r["amount"]) for r in rows]

    def months(self) -> dict[tuple[str, str], tuple[Decimal, Decimal]]:
        rows = self.lake.read("hospital_settlement").collect()
        return {
            (r["settlement_month"], r["fund"]): (r["adjustment"], r["payable"] - r["fund_payment"] + r["withheld"])
            for r in rows
        }


BEFORE = [
    case(RECORD, "a", "1000", "600", grouped=False),
    case(RECORD, "b", "2000", "900", grouped=False),
    case(RECORD, "c", "9000", "5000"),
    case(RECORD, "d", "9500", "6000"),
]
# b is corrected to the other fund, d taken back, e comes late.
AFTER = [
    BEFORE[0],
    case(RECORD, "b", "1800", "850", grouped=False, fund="390"),
    BEFORE[2],
    case(RECORD, "e", "700", "300", grouped=False),
]


@pytest.fixture(scope="module")
def place(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Place:
    from drg.doors.tables import Lake

    whole = load_env("local", tmp_path_factory.mktemp("booking"))
    one = tuple(region for region in whole.province.regions if region.code == A)
    env = dataclasses.replace(whole, province=dataclasses.replace(whole.province, regions=one))
    lake = Lake(spark, env)
    for year in (2025, 2026):
        version, of_year = f"{year}.1", {"settlement_year": [year], "region_code": [A]}
        weight = {
            "settlement_year": year, "region_code": A, "scheme": "chs-drg-2.0", "drg": "AA11", "level_class": "all",
            "relative_weight": D(1), "mean_cost": D(9000), "region_mean_cost": D(9000), "weight_version": version,
        }  # fmt: skip
        rates = [
            {"settlement_year": year, "region_code": A, "fund": fund, "level_class": "all", "rate_version": version,
             "method": "rate", "base_rate": D(9000), "rate_source": "published"}
            for fund in ("310", "390")
        ]  # fmt: skip
        lake.replace("drg_weight", drawn(spark, "drg_weight", [weight]), weight_version=[version], **of_year)
        lake.replace("region_rate", drawn(spark, "region_rate", rates), rate_version=[version], **of_year)
        publish_version(spark, lake, A, version=version)
    found = Place(spark, lake, env)
    found.put(RECORD, *BEFORE)
    for month in (FIRST, SECOND):
        found.put(month, case(month, "x", "8000", "4000"))
    assert found.settle(RECORD) == {}
    where: dict[str, Any] = {"settlement_year": [2025], "region_code": [A]}
    lake.replace("fund_clearing", drawn(spark, "fund_clearing", [{"settlement_year": 2025, "region_code": A}]), **where)
    return found


def test_what_changed_is_booked_in_the_open_month_once_and_what_was_settled_stands(place: Place) -> None:
    paid = {row["setl_id"][-1]: row["fund_payment"] for row in place.lake.read("case_payment").collect()}
    settled = place.lake.read("case_payment", settlement_month=[RECORD]).collect()
    assert place.settle(FIRST) == {}
    assert not place.lake.exists("payment_adjustment")  # nothing changed yet

    place.put(RECORD, *AFTER)
    assert place.settle(FIRST) == {}
    first = [
        (FIRST, "b", "310", "corrected", D("-900.00")),
        (FIRST, "b", "390", "corrected", D("850.00")),
        (FIRST, "d", "310", "withdrawn", -paid["d"]),
        (FIRST, "e", "310", "late", D("300.00")),
    ]
    assert place.entries() == first
    assert place.months()[FIRST, "310"] == (D("-600.00") - paid["d"],) * 2
    assert place.months()[FIRST, "390"] == (D("850.00"),) * 2

    # A correction after that is booked in the month settled next; what was booked is not touched.
    place.put(RECORD, *AFTER[:-1], case(RECORD, "e", "700", "345.67", grouped=False))
    assert place.settle(SECOND) == {}
    assert place.entries() == [*first, (SECOND, "e", "310", "corrected", D("45.67"))]
    # The first month, settled once more, books nothing of it, and its entries stay.
    assert place.settle(FIRST) == {}
    assert place.entries() == [*first, (SECOND, "e", "310", "corrected", D("45.67"))]
    assert place.lake.read("case_payment", settlement_month=[RECORD]).collect() == settled

    wanted = ("difference", "payable", "cases grouped = cases paid", "entries", "fund accounts, by payer")
    identities = [i for i in verify(place.lake, place.env) if any(word in i.name for word in wanted)]
    assert len(identities) >= 8
    assert [i for i in identities if not i.holds] == []


def test_a_cleared_month_whose_new_lists_are_not_grouped_is_named_and_waits(place: Place) -> None:
    before = place.entries()
    place.put(RECORD, *AFTER)
    lists = [{name: row[name] for name in LISTED} for row in [*AFTER, case(RECORD, "f", "500", "250", grouped=False)]]
    where: dict[str, Any] = {"settlement_month": [RECORD], "region_code": [A]}
    place.lake.replace("settlement_list", drawn(place.spark, "settlement_list", lists), **where)
    said: list[str] = []
    assert place.settle(SECOND, said) == {}
    assert any(
        f"region {A}: differences of {RECORD} are not booked yet: region {A} has 5 fit lists of {RECORD} but 4 cases"
        in text
        for text in said
    )
    assert place.entries() == before


@pytest.mark.lane
def test_the_entries_keep_their_contract(place: Place) -> None:
    place.put(RECORD, *AFTER)
    assert place.settle(FIRST) == {}
    assert said_by_make_contracts(place.env.data, "payment_adjustment").startswith("1 of 1 tables keep their contracts")
