"""A month through its DAGs, executed: intake, weights of the year, settlement to the release, with real jobs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dags.province import HISTORY, MONTHS, REGIONS, Place
from tests.dags.running import Ended

JANUARY, LATE = MONTHS[0], "513300"


@pytest.fixture(scope="module")
def taken_in(place: Place, run: Any) -> Ended:
    """January without one region, taken in by the DAG; the history and the weights by the command line."""
    place.drg("run", "--steps", "land..group", "--months", f"{HISTORY[0]}..{HISTORY[-1]}")
    place.withhold(LATE, JANUARY)
    ended: Ended = run("intake", month=JANUARY)
    return ended


def test_intake_takes_in_the_regions_that_have_delivered(taken_in: Ended) -> None:
    assert taken_in.state == "success"
    assert taken_in.returned("due") == [["510100", "510300"]]
