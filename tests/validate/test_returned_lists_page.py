"""docs/returned-lists.md says of each check what the code says."""

from __future__ import annotations

import pytest

from drg.doors.config import project_home
from drg.errors import ConfigError
from drg.validate.checks import CHECKS
from drg.validate.checks_batch import BATCH
from drg.validate.page import BEGIN, END, renewed, tables

PAGE = project_home() / "docs" / "returned-lists.md"


def test_the_tables_of_the_page_are_those_of_the_code() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == renewed(page), "run `drg checks --into docs/returned-lists.md`"


def test_every_check_stands_in_the_tables_with_each_degree() -> None:
    text = tables()
    for check in CHECKS:
        for word, message in (("退回", check.reject_message), ("提示", check.warn_message)):
            assert not message or f"| {check.id} | `{check.field}` | {word} | {message} |" in text


def test_every_check_of_a_month_stands_in_the_tables_with_its_limits() -> None:
    text = tables()
    assert "| BT08 | 医疗机构 hospital | 提示 | 一家医疗机构的清单退回比例超过10%（不少于50份时） |" in text
    for check in BATCH:
        assert f"| {check.id} | " in text
    assert "{share}" not in text


def test_a_page_without_its_marks_is_refused() -> None:
    with pytest.raises(ConfigError, match="lacks the line"):
        renewed(f"{BEGIN}\nno end")
    assert renewed(f"a\n{BEGIN}\nold\n{END}\nb\n").endswith(f"{END}\nb\n")
