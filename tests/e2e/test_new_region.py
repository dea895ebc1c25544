"""docs/new-region.md taken at its word: its files are written, its commands called, its lines compared."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from drg.doors.config import load_env, project_home
from drg.policy import PolicyBook
from tests.homes import drg, home_below
from tests.pages import Call, calls, files, missing, page, write

if TYPE_CHECKING:
    from _pytest.mark import ParameterSet
    from pyspark.sql import SparkSession

PAGE = page("new-region.md")
CALLS = calls(PAGE)
REGIONS = ("629900", "629910")


def _marked(call: Call) -> ParameterSet:
    """What runs a province takes minutes and has a lane of its own."""
    long = call.arguments[0] in ("demo", "verify")
    return pytest.param(call, marks=[pytest.mark.lane] if long else [], id=" ".join(call.arguments[:3]))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The checkout with the files of the page, and nothing else."""
    folder = home_below(tmp_path_factory.mktemp("new-region"))
    write(PAGE, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DRG_HOME", str(folder))
        yield folder


def test_the_page_shows_every_file_and_command_a_region_needs() -> None:
    assert {"conf/env/newland.yaml", "conf/synth/620000.yaml", "conf/policy/629900/region.yaml"} <= set(files(PAGE))
    assert [" ".join(call.arguments[:2]) for call in CALLS if call.arguments[0] != "price"] == [
        "policy check", "policy show", "demo --env", "verify --env"
    ]  # fmt: skip
    assert all(call.shown for call in CALLS)


def test_nothing_but_files_knows_the_regions(home: Path) -> None:
    for folder in ("lib", "jobs"):
        for path in (project_home() / folder).rglob("*.py"):
            assert not any(region in path.read_text(encoding="utf-8") for region in REGIONS), path
    assert load_env("newland").province.region_codes() == REGIONS
    assert PolicyBook.load_default().settles_from("629910") == "2025-11"
    assert home.name == "home"


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("call", [_marked(call) for call in CALLS])
def test_each_command_of_the_page_prints_what_it_shows(call: Call) -> None:
    done = drg(*call.arguments)
    assert done.exit_code == 0, done.output
    assert missing(call, done.output) == [], done.output


@pytest.mark.lane
@pytest.mark.usefixtures("home")
def test_the_year_is_paid_and_cleared_by_the_regions_own_rules(spark: SparkSession) -> None:
    from drg.doors.tables import Lake

    lake = Lake(spark, load_env("newland"))
    paid = lake.read("case_payment")
    assert {row[0] for row in paid.select("region_code").distinct().collect()} == set(REGIONS)
    assert {row[0] for row in paid.select("settlement_month").distinct().collect()} == {"2025-11", "2025-12"}
    rules = {row[0] for row in paid.select("rule").distinct().collect()}
    assert "points+difference" in rules
    assert paid.where("point_value IS NULL AND payment_kind = 'normal'").count() == 0
    shares = lake.read("fund_clearing", region_code=["629900"]).where("line = 'hospitals_share'").collect()
    assert len(shares) == 2
    assert all("80%" in row["basis"] or "60%" in row["basis"] for row in shares)
