"""docs/policy.md names every parameter and every rule, and says what the code says."""

from __future__ import annotations

import pytest

from drg.doors.config import project_home
from drg.errors import ConfigError
from drg.policy.needs import NEEDS
from drg.policy.parameters import PARAMETERS
from drg.policy.vocabulary import BEGIN, END, renewed, rule_text, tables

PAGE = project_home() / "docs" / "policy.md"


def test_the_tables_of_the_page_are_those_of_the_code() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == renewed(page), "run `drg policy vocabulary --into docs/policy.md`"


def test_every_parameter_and_rule_stands_in_the_tables() -> None:
    text = tables()
    for name in PARAMETERS:
        assert f"\n| `{name}` |" in text
    for name, table in NEEDS.items():
        for rule in table:
            assert f"| `{rule}` |" in text, name


def test_every_rule_says_what_it_does() -> None:
    assert [(name, rule) for name, table in NEEDS.items() for rule in table if not rule_text(name, rule)] == []


def test_no_parameter_stands_in_the_table_that_nothing_reads() -> None:
    assert "| never |" not in tables()


def test_a_page_is_renewed_between_its_marks_only() -> None:
    old = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    assert renewed(old) == f"before\n{BEGIN}\n\n{tables()}\n\n{END}\nafter\n"
    assert renewed(renewed(old)) == renewed(old)
    with pytest.raises(ConfigError, match="the page lacks the line"):
        renewed("a page without marks")
