"""docs/worked-examples.md taken at its word: every command is called and prints the lines it shows."""

from __future__ import annotations

import pytest

from drg.doors.config import project_home
from tests.homes import drg
from tests.pages import Call, calls, missing, page

CALLS = calls(page("worked-examples.md"))


@pytest.mark.parametrize("call", CALLS, ids=[" ".join(call.arguments[1:6]) for call in CALLS])
def test_a_command_prints_what_the_page_shows(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project_home())
    done = drg(*call.arguments)
    assert done.exit_code == 0, done.output
    assert call.shown
    assert missing(call, done.output) == [], done.output


def test_the_page_holds_the_systems_of_the_golden_examples() -> None:
    assert {call.arguments[1] for call in CALLS} == {"500000", "411600", "330700", "130682", "230100"}
