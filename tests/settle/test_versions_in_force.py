"""Versions on a small lake: A publishes at once, B on approval; each month is settled by the version in force on it."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from drawn_months import budgets, cases, land
from drawn_policy import copied, write_region
from drawn_tables import drawn

from drg.doors.config import Env, load_env
from drg.errors import VersionError
from drg.policy import PolicyBook
from drg.runner import StepContext, load_job, run_step
from drg.steps import step_named
from drg.verify_versions import version_findings
from drg.weigh.decide import compare, compare_prices, decide, log_of, publish
from drg.weigh.versions import Change, Decision, Status

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from drg.doors.tables import Lake

pytestmark = pytest.mark.lane
A, B = REGIONS = ("510300", "511500")
HISTORY, MONTHS = "2024-11", ("2025-01", "2025-02", "2025-03")
FEBRUARY = "2025-02-01"


@dataclasses.dataclass
class Place:
    """A lake with a history and three months, and what its jobs said."""

    spark: SparkSession
    lake: Lake
    env: Env
    book: PolicyBook
    said: list[str] = dataclasses.field(default_factory=list)

    def run(
        self, step: str, *months: str, version: str | None = None, regions: tuple[str, ...] = REGIONS
    ) -> StepContext:
        now = datetime(2025, 2, 20, tzinfo=UTC)
        ctx = StepContext(
            step_named(step), self.spark, self.lake, self.env, regions, months, now, "run", self.said.append
        )
        ctx.policy, ctx.version = self.book, version
        run_step(ctx, load_job(step))
        return ctx

    def make(self, *months: str, version: str | None = None, regions: tuple[str, ...] = REGIONS) -> dict[Any, str]:
        """weigh and rate; what failed."""
        first = self.run("weigh", *months, version=version, regions=regions).failed
        return first | self.run("rate", *months, version=version, regions=regions).failed

    def decide(self, status: Status, on: date = date(2025, 2, 20)) -> Change:
        return decide(self.spark, self.lake, log_of(self.lake, B, 2025), None, status, decided(on))

    def publish(self, month: str | None = None) -> list[Change]:
        log = log_of(self.lake, B, 2025)
        return publish(self.spark, self.lake, log, None, month, "2025-01", decided(date(2025, 2, 20)))

    def rows(self, table: str, **where: Any) -> list[str]:
        return sorted(str(row) for row in self.lake.read(table, **where).collect())

    def paid_by(self, region: str) -> dict[str, set[tuple[str | None, str | None]]]:
        """Settlement month -> the versions of weight and rate its priced cases name."""
        found: dict[str, set[tuple[str | None, str | None]]] = {}
        paid = self.lake.read("case_payment", region_code=[region]).where("price IS NOT NULL")
        for row in paid.select("settlement_month", "weight_version", "rate_version").distinct().collect():
            found.setdefault(row["settlement_month"], set()).add((row["weight_version"], row["rate_version"]))
        return found


def decided(on: date) -> Decision:
    return Decision("宜宾市医保局", on, "集采降价", datetime(2025, 2, 20, tzinfo=UTC))


def policy(root: Path) -> PolicyBook:
    """B asks for approval, and from February raises AA11 by a tenth."""
    tree = copied(root)
    write_region(tree, B, {"weight.release": "on_approval", "weight.hold_total": False})
    entry = "{drg: AA11, factor: 1.1, trigger: central_purchase, reason: 集采, proposer: P, decided: 2025-01-20}"
    (tree / B / "weight.yaml").write_text(
        f"weight.adjustments:\n  - value: [{entry}]\n    from: {FEBRUARY}\n    unit: list\n    source: drawn\n"
        "    standing: published\n",
        encoding="utf-8",
    )
    return PolicyBook.load(tree)


@pytest.fixture(scope="module")
def place(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Place:
    from drg.doors.tables import Lake

    folder = tmp_path_factory.mktemp("versions")
    whole = load_env("local", folder)
    two = tuple(region for region in whole.province.regions if region.code in REGIONS)
    env = dataclasses.replace(whole, province=dataclasses.replace(whole.province, regions=two))
    lake = Lake(spark, env)
    land(spark, lake, [row for region in REGIONS for row in cases(region, HISTORY, 90, 1, A)])
    land(spark, lake, [row for month in MONTHS for region in REGIONS for row in cases(region, month, 30, 2, A)])
    lake.replace(
        "fund_budget", budgets(spark, [(r, f) for r in REGIONS for f in ("310", "390")]), region_code=[*REGIONS]
    )
    return Place(spark, lake, env, policy(folder))


@pytest.fixture(scope="module")
def trial(place: Place) -> dict[Any, str]:
    """The first run: weights and rates of January, and its settlement."""
    assert place.make("2025-01") == {}
    return place.run("settle", "2025-01").failed


@pytest.fixture(scope="module")
def published(place: Place, trial: dict[Any, str]) -> list[Change]:
    """B's first version through its life, then January and February settled by it."""
    place.decide(Status.PROPOSED, date(2025, 2, 18))
    place.decide(Status.CONSULTATION, date(2025, 2, 19))
    changes = place.publish()
    assert place.run("settle", "2025-01", "2025-02").failed == {}
    return changes


@pytest.fixture(scope="module")
def superseded(place: Place, published: list[Change]) -> list[Change]:
    """B's second version, computed for February, published for March; then all months settled in one run."""
    assert place.make("2025-02", "2025-03", version="2025.2", regions=(B,)) == {}
    place.decide(Status.PROPOSED)
    place.decide(Status.CONSULTATION)
    with pytest.raises(VersionError, match=f"region {B} has settled 2025-02 already"):
        place.publish("2025-02")
    changes = place.publish("2025-03")
    assert place.run("settle", *MONTHS).failed == {}
    return changes


def test_without_approval_weigh_publishes_and_with_it_nothing_is_settled(place: Place, trial: dict[Any, str]) -> None:
    assert trial == {
        (B, "2025-01"): f"region {B} has no published version of weights and rates for 2025-01 (2025.1 is trial); "
        f"publish one with `drg version publish {B} 2025`"
    }
    own = log_of(place.lake, A, 2025).standing["2025.1"]
    assert (own.status, own.effective_from, own.decided_by) == (Status.PUBLISHED, "2025-01", None)
    # weigh and then rate, which adds its content.
    assert [(one.status, one.rate_hash is None) for one in log_of(place.lake, A, 2025).changes] == [
        (Status.PUBLISHED, True),
        (Status.PUBLISHED, False),
    ]
    assert place.paid_by(A) == {"2025-01": {("2025.1", "2025.1")}}


def test_a_published_version_is_frozen_and_a_plain_run_goes_on_beside_it(place: Place, published: list[Change]) -> None:
    assert [(one.version, one.status, one.effective_from) for one in published] == [
        ("2025.1", Status.PUBLISHED, "2025-01")
    ]
    before = {table: place.rows(table) for table in ("drg_weight", "region_rate", "version_status")}
    assert place.make("2025-02") == {}
    kept = f"version 2025.1 of region {B} is published and stays as it is; --version 2025.2 computes the next one"
    assert f"weigh: {kept}" in place.said
    assert f"rate: {kept}" in place.said
    refused = place.make("2025-02", version="2025.1", regions=(B,))
    assert refused == {
        (B, "2025"): f"version 2025.1 of region {B} is published and frozen; compute the next version with "
        "--version 2025.2"
    }
    assert {table: place.rows(table) for table in before} == before


def test_a_later_version_goes_by_its_own_day_and_says_what_it_changes(place: Place, superseded: list[Change]) -> None:
    new, old = superseded
    assert (new.version, new.policy_day, new.effective_from) == ("2025.2", date(2025, 2, 1), "2025-03")
    assert (old.version, old.status, old.effective_to) == ("2025.1", Status.SUPERSEDED, "2025-02")
    rows = {
        (row["weight_version"], row["drg"]): row for row in place.lake.read("drg_weight", region_code=[B]).collect()
    }
    first, second = rows["2025.1", "AA11"], rows["2025.2", "AA11"]
    assert second["unadjusted_weight"] == first["relative_weight"] == first["unadjusted_weight"]
    assert abs(second["relative_weight"] - first["relative_weight"] * Decimal("1.1")) < Decimal("0.0001")
    gain = second["n_cases"] * (second["relative_weight"] - first["relative_weight"])
    assert (new.compared_with, new.groups_changed, new.groups_adjusted) == ("2025.1", 1, 1)
    assert new.total_weight_after - new.total_weight_before == gain > 0
    assert new.total_weight_unadjusted == new.total_weight_before


def test_two_versions_are_compared_weights_and_each_funds_rate(place: Place, superseded: list[Change]) -> None:
    effect = compare(place.lake, B, 2025, "2025.1", "2025.2")
    assert [group.drg for group in effect.groups] == ["AA11"]
    prices = compare_prices(place.lake, B, 2025, "2025.1", "2025.2")
    assert [(one.fund, one.level_class) for one in prices] == [("310", "all"), ("390", "all")]
    # The same money for more weight: each fund's rate falls.
    assert all(one.before is not None and one.after is not None and one.after < one.before for one in prices)


def test_each_month_is_settled_by_the_version_in_force_on_it(place: Place, superseded: list[Change]) -> None:
    assert place.paid_by(B) == {
        "2025-01": {("2025.1", "2025.1")},
        "2025-02": {("2025.1", "2025.1")},
        "2025-03": {("2025.2", "2025.2")},
    }
    weights = {
        (row["weight_version"], row["drg"]): row["relative_weight"]
        for row in place.lake.read("drg_weight", region_code=[B]).collect()
    }
    for row in place.lake.read("case_payment", region_code=[B]).where("price IS NOT NULL").collect():
        assert row["relative_weight"] == weights[row["weight_version"], row["drg"]]


def test_verify_sees_a_published_version_that_was_changed(place: Place, superseded: list[Change]) -> None:
    assert [(name, broken) for name, _, broken in version_findings(place.lake)] == [
        ("weights of a version = as recorded", []),
        ("rates of a version = as recorded", []),
        ("priced by the version in force on the month", []),
    ]
    where: dict[str, Any] = {"settlement_year": [2025], "region_code": [B], "weight_version": ["2025.1"]}
    version = place.lake.version("drg_weight")
    frame = place.lake.read("drg_weight", version, **where)
    try:
        place.lake.replace("drg_weight", frame.where("drg <> 'CC35'"), **where)
        found = {name: broken for name, _, broken in version_findings(place.lake)}
        assert found["weights of a version = as recorded"] == [f"{B}, 2025, 2025.1"]
    finally:
        place.lake.replace("drg_weight", place.lake.read("drg_weight", version, **where), **where)


def test_new_weights_are_logged_with_what_they_change_and_ask_for_new_rates(
    place: Place, superseded: list[Change]
) -> None:
    """A third version of B from another history: a trial that rests on weights alone until rate has run."""
    place.run("weigh", "2025-03", version="2025.3", regions=(B,))
    trial = log_of(place.lake, B, 2025).standing["2025.3"]
    assert (trial.status, trial.compared_with, trial.groups_changed) == (Status.TRIAL, "2025.2", 0)
    assert trial.rate_hash is None
    place.run("rate", "2025-03", regions=(B,))
    rated = log_of(place.lake, B, 2025).standing["2025.3"]
    assert (rated.status, rated.weight_hash, rated.rate_hash is None) == (Status.TRIAL, trial.weight_hash, False)
    assert place.decide(Status.WITHDRAWN).version == "2025.3"
    assert place.run("rate", "2025-03", version="2025.3", regions=(B,)).failed == {
        (B, "2025"): f"version 2025.3 of region {B} has no weights; run weigh first"
    }


def test_the_weights_of_a_cleared_year_stay(place: Place, superseded: list[Change]) -> None:
    cleared = drawn(place.spark, "fund_clearing", [{"settlement_year": 2025, "region_code": A, "fund": "310"}])
    place.lake.replace("fund_clearing", cleared, settlement_year=[2025], region_code=[A])
    try:
        context = place.run("weigh", "2025-03", regions=(A,))
        assert context.writes == {}
        assert context.skipped[A, "2025"].startswith(f"version 2025.1 of region {A} is published and stays as it is")
    finally:
        empty = drawn(place.spark, "fund_clearing", [])
        place.lake.replace("fund_clearing", empty, settlement_year=[2025], region_code=[A])
