"""The pages of the systems tell the truth: every test they link exists, each later point is one a test module lists."""

from __future__ import annotations

import ast
import re

import pytest

from drg.doors.config import project_home
from drg.policy import PolicyBook
from tests.systems import (
    test_jinhua,
    test_nhsa_points,
    test_sichuan_system,
    test_tongren,
    test_wuhan,
    test_xian,
    test_yixing,
)

HOME = project_home()
PAGE, PILOTS = ((HOME / "docs" / f"{name}.md").read_text(encoding="utf-8") for name in ("systems", "systems-pilots"))
SYSTEMS = {
    "金华市": test_jinhua,
    "区域点数法总额预算和按病种分值付费": test_nhsa_points,
    "宜兴、无锡": test_yixing,
    "四川省": test_sichuan_system,
    "武汉市": test_wuhan,
    "铜仁市": test_tongren,
    "西安市": test_xian,
}
LINKS = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE + PILOTS)))


def section(heading: str) -> str:
    (page,) = (text for text in (PAGE, PILOTS) if f"\n## {heading}\n" in text)
    return page.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


def functions(path: str) -> set[str]:
    tree = ast.parse((HOME / path).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize(("path", "name"), LINKS)
def test_a_linked_test_exists(path: str, name: str) -> None:
    assert name in functions(path)


@pytest.mark.parametrize("heading", SYSTEMS)
def test_later_points_stand_on_the_page_and_in_the_module_alike(heading: str) -> None:
    table = section(heading).split("| later | where |\n|---|---|\n", 1)[1].split("\n\n", 1)[0].strip().splitlines()
    told = [tuple(cell.strip() for cell in row.strip("|").split("|")) for row in table]
    assert told == list(SYSTEMS[heading].LATER.items())


@pytest.mark.parametrize("heading", SYSTEMS)
def test_each_point_of_a_system_is_linked_to_a_test(heading: str) -> None:
    first = section(heading).split("| later | where |", 1)[0]
    rows = [row for row in first.splitlines() if row.startswith("|")][2:]
    assert rows
    for row in rows:
        assert re.search(r"`tests/[\w/]+\.py::\w+` \|$", row), row


def test_each_folder_of_the_page_is_shipped() -> None:
    folders = re.findall(r"^\| `(\d{6})` \|", PAGE, re.MULTILINE)
    assert len(folders) == 6
    assert set(folders) <= set(PolicyBook.load_default().codes())
