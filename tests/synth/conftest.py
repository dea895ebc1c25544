"""Two small provinces that the tests of the draw share."""

from __future__ import annotations

import pytest

from drg.synth import Rates
from tests.synth.drawn import Draw, draw


@pytest.fixture(scope="session")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Draw:
    """4,000 lists of three regions and two months at the usual rates, one format each."""
    return draw(tmp_path_factory.mktemp("usual"), 4_000, Rates())


@pytest.fixture(scope="session")
def troubled(tmp_path_factory: pytest.TempPathFactory) -> Draw:
    """4,000 lists of which most are defective, late, corrected or taken back."""
    return draw(tmp_path_factory.mktemp("troubled"), 4_000, Rates(defective=0.6, late=0.1, corrected=0.1, reversed=0.1))
