"""The clearing as a job on a small lake: points with everything, the rate method without sharing, an open month."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from contract_tool import said_by_make_contracts
from drawn_policy import copied, write_region
from drawn_tables import drawn, publish_version

from drg.doors.config import Env, load_env
from drg.policy import PolicyBook
from drg.runner import StepContext, load_job, run_step
from drg.settle.accounts import hospital_settlement
from drg.steps import step_named
from drg.verify import verify

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import SparkSession

    from drg.doors.tables import Lake

D = Decimal
POINTS, RATE, OPEN, BARE = REGIONS = ("510100", "511500", "510300", "510700")
MONTHS = [f"2025-{number:02d}" for number in range(1, 13)]
SHARED = {"clearing.rule": "shared", "clearing.surplus_share": 0.85, "clearing.overspend_share": 0.85}
H1, H2 = (f"H{number:011d}" for number in (1, 2))


def case(region: str, month: str, hospital: str, fund: str, *figures: str | None) -> dict[str, Any]:
    """Figures: points, total cost, patient's share, fund payment."""
    points, cost, patient, paid = (None if figure is None else D(figure) for figure in figures)
    return {
        "settlement_month": month,
        "region_code": region,
        "setl_id": f"{region}{month}{hospital[-1]}{fund}{'i' if points is None else 'p'}",
        "hospital_code": hospital,
        "fund": fund,
        "hospital_level": "3",
        "insured_region_code": region,
        "points": points,
        "total_cost": cost,
        "patient_and_other_paid": patient,
        "fund_payment": paid,
        "payment_kind": "normal",
    }


def cases() -> list[dict[str, Any]]:
    rows = []
    for month in MONTHS:
        rows.append(case(POINTS, month, H1, "310", "250", "3000", "800", "2100"))
        rows.append(case(POINTS, month, H2, "310", "750", "7000", "1800", "5300"))
        rows.append(case(POINTS, month, H1, "390", "100", "1000", "500", "500"))
        for region in (RATE, OPEN, BARE):
            if (region, month) != (OPEN, "2025-07"):
                rows.append(case(region, month, H1, "310", None, "1000", "300", "650"))
    # One case outside points: what it owes stands.
    return [*rows, case(POINTS, "2025-01", H2, "310", None, "1000", "400", "600")]


@dataclasses.dataclass
class Place:
    spark: SparkSession
    lake: Lake
    env: Env
    book: PolicyBook

    def run(self, step: str, *regions: str) -> dict[tuple[str, str], str]:
        now = datetime(2026, 3, 1, tzinfo=UTC)
        ctx = StepContext(step_named(step), self.spark, self.lake, self.env, regions, tuple(MONTHS), now, "run")
        ctx.policy = self.book
        run_step(ctx, load_job(step))
        return ctx.failed

    def lines(self, region: str, fund: str, hospital: str = "") -> dict[str, Decimal]:
        table = "hospital_clearing" if hospital else "fund_clearing"
        rows = self.lake.read(table, region_code=[region], fund=[fund])
        rows = rows.where(rows.hospital_code == hospital) if hospital else rows
        return {row["line"]: row["amount"] for row in rows.orderBy("line_number").collect()}

    def rows(self) -> list[str]:
        return [str(r) for t in ("hospital_clearing", "fund_clearing") for r in sorted(self.lake.read(t).collect())]


def write_files(place: Place, region: str, reviews: list[dict[str, Any]], audits: list[dict[str, Any]]) -> None:
    common = {"settlement_year": 2025, "region_code": region}
    for table, rows in (("hospital_performance", reviews), ("audit_deduction", audits)):
        frame = drawn(place.spark, table, [{**common, **row} for row in rows])
        place.lake.replace(table, frame, region_code=[region])


@pytest.fixture(scope="module")
def place(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Place:
    from drg.doors.tables import Lake

    folder: Path = tmp_path_factory.mktemp("clearing")
    tree = copied(folder)
    write_region(
        tree,
        POINTS,
        {
            **SHARED,
            "payment.method": "points",
            "advance.months": 1,
            "settlement.withhold_share": 0.05,
            "performance.rule": "deduction",
            "performance.full_score": 100,
        },
    )
    write_region(tree, BARE, SHARED)
    whole = load_env("local", folder)
    known = tuple(region for region in whole.province.regions if region.code in REGIONS)
    env = dataclasses.replace(whole, province=dataclasses.replace(whole.province, regions=known))
    found = Place(spark, Lake(spark, env), env, PolicyBook.load(tree))
    months: dict[str, Any] = {"settlement_month": [*MONTHS, "2024-11", "2024-12"], "region_code": list(REGIONS)}
    paid = drawn(spark, "case_payment", cases())
    found.lake.replace("case_payment", paid, **months)
    held = {(month, region): D("0.05" if region == POINTS else 0) for month in MONTHS for region in REGIONS}
    found.lake.replace("hospital_settlement", hospital_settlement(paid, held), **months)
    keys = ("settlement_month", "region_code", "setl_id", "hospital_code", "fund")
    lists = [{key: row[key] for key in keys} for row in cases()]
    # The year before: 1,000 yuan in one of two months.
    old = dict(zip(keys, ("2024-11", POINTS, "old1", H1, "310"), strict=True))
    lists.append(old | {"total_cost": D(1500), "basic_fund_payment": D(1000)})
    lists.append(dict(zip(keys, ("2024-12", POINTS, "old2", H2, "390"), strict=True)))
    found.lake.replace("settlement_list", drawn(spark, "settlement_list", lists), **months)
    rates = [
        {"settlement_year": 2025, "region_code": POINTS, "fund": fund, "level_class": "all", "rate_version": "2025.1",
         "budget": D(total) + 500, "reserve": D(500), "non_drg_payments": D(0), "distributable": D(total),
         "point_value": D(10)}
        for fund, total in (("310", 100_000), ("390", 6_000))
    ]  # fmt: skip
    where: dict[str, Any] = {"settlement_year": [2025], "region_code": [POINTS], "rate_version": ["2025.1"]}
    found.lake.replace("region_rate", drawn(spark, "region_rate", rates), **where)
    publish_version(spark, found.lake, POINTS)
    register = [{"region_code": region, "hospital_code": code} for region in REGIONS for code in (H1, H2)]
    found.lake.replace("hospital_register", drawn(spark, "hospital_register", register), region_code=list(REGIONS))
    reviews = [
        {"hospital_code": H1, "fund": "all", "score": D(90)},
        {"hospital_code": H2, "fund": "310", "score": D(100)},
    ]
    audit = {"hospital_code": H1, "fund": "310", "amount": D(100), "reason": "重复收费", "decided_on": date(2026, 1, 9)}
    write_files(found, POINTS, reviews, [audit])
    return found


@pytest.fixture(scope="module")
def failed(place: Place) -> dict[tuple[str, str], str]:
    return place.run("close", *REGIONS)


def test_a_region_with_an_open_month_or_without_budget_is_named_and_the_others_are_cleared(
    place: Place, failed: dict[tuple[str, str], str]
) -> None:
    assert failed == {
        (OPEN, "2025"): "region 510300 has not settled 2025-07; settle it before 2025 is cleared",
        (BARE, "2025"): "region 510700 has no budget of fund 310 for 2025; add it to its fund_budget.csv and land it",
    }
    assert {row["region_code"] for row in place.lake.read("fund_clearing").collect()} == {POINTS, RATE}


@pytest.mark.usefixtures("failed")
def test_by_points_with_withheld_money_reviews_audits_and_advance(place: Place) -> None:
    # By item 12 x (2,200 + 5,200) + 600 = 89,400 of 100,000: 85 % of 10,600 to the hospitals.
    fund = place.lines(POINTS, "310")
    assert [fund[name] for name in ("available", "use", "hospitals_share", "region_share", "distributable")] == [
        D(100000), D(89400), D(9010), D(1590), D(98410)
    ]  # fmt: skip
    # 98,410 - 600 outside points + 31,200 of the patients' for 12,000 points, a quarter of them the first hospital's.
    assert fund["points_money"] == D(129010)
    first, second = place.lines(POINTS, "310", H1), place.lines(POINTS, "310", H2)
    assert (first["points_money"], first["due"]) == (D("32252.50"), D("22652.50"))
    assert (second["points_money"], second["outside_points"], second["due"]) == (D("96757.50"), D(600), D("75757.50"))
    # 5 % withheld of 25,200: 10 % of it is forfeited; 500 in advance; the balance may be below zero.
    assert [first[name] for name in ("audit_deduction", "performance", "advance", "paid_monthly", "balance")] == [
        D(-100), D(-126), D(-500), D(-23940), D("-2013.50")
    ]  # fmt: skip
    assert second["balance"] == second["due"] + second["paid_monthly"] == D("14767.50")
    assert (fund["due"], fund["balance"]) == (D(98410), D("12754.00"))


@pytest.mark.usefixtures("failed")
def test_a_fund_that_used_its_budget_exactly_shares_nothing(place: Place) -> None:
    fund, only = place.lines(POINTS, "390"), place.lines(POINTS, "390", H1)
    assert (fund["use"], fund["hospitals_share"], fund["region_share"]) == (D(6000), D(0), D(0))
    # 25 yuan withheld a month, a tenth of the 300 forfeited.
    assert (only["due"], only["performance"], only["balance"]) == (D(6000), D(-30), D(270))


@pytest.mark.usefixtures("failed")
def test_without_sharing_the_months_stand(place: Place) -> None:
    only = place.lines(RATE, "310", H1)
    assert (only["monthly_payment"], only["due"], only["balance"]) == (D(7800), D(7800), D(0))
    assert "budget" not in place.lines(RATE, "310")
    assert set(place.lines(RATE, "390").values()) == {D(0)}


@pytest.mark.usefixtures("failed")
def test_every_identity_of_the_clearing_holds(place: Place) -> None:
    found = [i for i in verify(place.lake, place.env) if "clear" in i.name or "hospital" in i.name or "fund" in i.name]
    assert len(found) >= 7
    assert [i for i in found if not i.holds] == []


@pytest.mark.usefixtures("failed")
def test_closing_twice_gives_the_same_rows_and_no_month_is_touched(place: Place) -> None:
    before = place.rows()
    versions = [place.lake.version(table) for table in ("case_payment", "hospital_settlement")]
    assert place.run("close", POINTS) == {}
    assert place.rows() == before
    assert [place.lake.version(table) for table in ("case_payment", "hospital_settlement")] == versions


@pytest.mark.usefixtures("failed")
def test_a_cleared_month_is_not_settled_again(place: Place) -> None:
    failed = place.run("settle", POINTS)
    assert len(failed) == 12
    assert failed[POINTS, "2025-03"] == (
        "region 510100 has cleared 2025, so 2025-03 is not settled again; "
        "its differences are booked when an open month is settled"
    )


@pytest.mark.usefixtures("failed")
def test_one_funds_money_never_moves_the_others_lines(place: Place) -> None:
    def of_employees() -> list[str]:
        return [row for row in place.rows() if "fund='310'" in row]

    before = of_employees()
    write_files(
        place,
        POINTS,
        [{"hospital_code": H1, "fund": fund, "score": score} for fund, score in (("310", D(90)), ("390", D(10)))]
        + [{"hospital_code": H2, "fund": "310", "score": D(100)}],
        [
            {
                "hospital_code": H1,
                "fund": "310",
                "amount": D(100),
                "reason": "重复收费",
                "decided_on": date(2026, 1, 9),
            },
            {"hospital_code": H1, "fund": "390", "amount": D(77), "line_number": 3},
        ],
    )
    assert place.run("close", POINTS) == {}
    assert of_employees() == before
    assert place.lines(POINTS, "390", H1)["balance"] == D(6000) - 77 - 270 - 5700


@pytest.mark.usefixtures("failed")
def test_a_file_with_a_hospital_nobody_knows_leaves_the_region_as_it_was(place: Place) -> None:
    before = place.rows()
    write_files(place, RATE, [{"hospital_code": "H99999999999", "fund": "all", "score": D(1)}], [])
    assert place.run("close", RATE) == {
        (RATE, "2025"): "performance.csv of region 511500 names hospital H99999999999, which its hospital_register.csv "
        "does not hold; correct the file and land it again"
    }
    assert place.rows() == before


@pytest.mark.usefixtures("failed")
def test_reviews_that_count_must_be_delivered(place: Place) -> None:
    write_files(place, POINTS, [], [])
    failed = place.run("close", POINTS)
    assert failed[POINTS, "2025"].startswith(
        "performance.rule of region 510100 is deduction, but no review of 2025 has been delivered"
    )


@pytest.mark.lane
def test_the_lines_of_a_clearing_keep_their_contracts(place: Place) -> None:
    assert place.run("close", POINTS) == {}
    assert said_by_make_contracts(place.env.data, "hospital_clearing", "fund_clearing").startswith(
        "2 of 2 tables keep their contracts"
    )
