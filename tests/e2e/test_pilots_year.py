"""Nine payment systems side by side, from deliveries to a cleared year: `drg demo --env pilots`, made small.

Every pilot settles from November here, so that the year that is cleared has two months, and Wuhan adjusts no weight,
since few hundred lists hold no case of the groups it names; what else their folders say stands as it is shipped.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from drg.doors.config import load_env
from drg.explain import explain
from drg.policy import PolicyBook
from drg.policy.values import FUNDS
from tests.homes import drg, home_below

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from drg.doors.tables import Lake

MONTHS = ("2025-11", "2025-12")
SHARED = ("330700", "990100")

pytestmark = pytest.mark.lane


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The checkout in which every pilot settles from November, and a demo of one month before and the two after."""
    folder = home_below(tmp_path_factory.mktemp("pilots"))
    for region in load_env("pilots").province.region_codes():
        head = folder / "conf" / "policy" / region / "region.yaml"
        kept = [line for line in head.read_text(encoding="utf-8").splitlines() if not line.startswith("settles_from")]
        head.write_text("\n".join([*kept, "settles_from: 2025-11-01", ""]), encoding="utf-8")
    _without(folder / "conf" / "policy" / "420100" / "weight.yaml", "weight.adjustments")
    sizes = folder / "conf" / "synth" / "900000.yaml"
    drawn = yaml.safe_load(sizes.read_text(encoding="utf-8"))
    drawn["demo"] = {"lists": 5000, "history": "2024-12", "months": f"{MONTHS[0]}..{MONTHS[1]}", "close": 2025}
    sizes.write_text(yaml.safe_dump(drawn, allow_unicode=True), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DRG_HOME", str(folder))
        yield folder


def _without(path: Path, name: str) -> None:
    said = yaml.safe_load(path.read_text(encoding="utf-8"))
    del said[name]
    path.write_text(yaml.safe_dump(said, allow_unicode=True, sort_keys=False), encoding="utf-8")


@pytest.fixture(scope="module")
def lake(home: Path, spark: SparkSession) -> Lake:
    """The tables of the demo, run and cleared."""
    from drg.doors.tables import Lake

    assert home.is_dir()
    done = drg("demo", "--env", "pilots")
    assert done.exit_code == 0, done.output
    return Lake(spark, load_env("pilots"))


def test_all_nine_are_settled_month_by_month_and_cleared(lake: Lake) -> None:
    regions = load_env("pilots").province.region_codes()
    paid = {
        tuple(row) for row in lake.read("case_payment").select("region_code", "settlement_month").distinct().collect()
    }
    assert paid == {(region, month) for region in regions for month in MONTHS}
    cleared = {tuple(row) for row in lake.read("fund_clearing").select("region_code", "fund").distinct().collect()}
    assert cleared == {(region, fund) for region in regions for fund in FUNDS}


@pytest.mark.usefixtures("lake")
def test_every_identity_holds_and_a_cleared_year_stays() -> None:
    done = drg("verify", "--env", "pilots")
    assert done.exit_code == 0, done.output
    assert "every identity holds" in done.output
    again = drg("run", "--env", "pilots", "--months", MONTHS[0], "--steps", "settle", "--regions", "330700")
    assert again.exit_code == 1


def test_budgets_are_accounted_for_to_the_fen(lake: Lake) -> None:
    """Budget = reserve + payments outside DRG + what hospitals are due + what the region keeps, fund by fund."""
    for region in SHARED:
        for fund in FUNDS:
            rows = lake.read("fund_clearing", region_code=[region], fund=[fund]).collect()
            line: dict[str, Decimal] = {row["line"]: row["amount"] for row in rows}
            assert (
                line["budget"]
                == line["reserve"] + line["non_drg_payments"] + line["distributable"] + line["region_share"]
            )
            assert line["due"] == line["distributable"]
            assert (
                line["balance"]
                == line["due"] + line["audit_deduction"] + line["performance"] + line["advance"] + line["paid_monthly"]
            )


def test_one_case_of_each_kind_explains_itself(lake: Lake) -> None:
    from pyspark.sql import functions as F

    env, book = load_env("pilots"), PolicyBook.load_default()
    found = lake.read("case_payment").groupBy("payment_kind").agg(F.min("setl_id")).collect()
    kinds = {row[0]: row[1] for row in found}
    assert set(kinds) >= {
        "normal", "low_outlier", "high_outlier", "ambiguous", "ungrouped", "unstable", "per_diem", "stay_outside"
    }  # fmt: skip
    for kind, setl_id in sorted(kinds.items()):
        answer = explain(lake, setl_id, book, env.province)
        assert answer.agrees, (kind, answer.text())
        assert answer.warnings == (), (kind, answer.warnings)
