"""A small policy tree to write wrong things into."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

Write = Callable[[str, str], Path]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """conf/policy with national <- 510000 <- 510100, and no parameter yet."""
    root = tmp_path / "conf" / "policy"
    for code, parent in (("national", ""), ("510000", "national"), ("510100", "510000")):
        folder = root / code
        folder.mkdir(parents=True)
        inherits = f'inherits: "{parent}"\n' if parent else ""
        (folder / "region.yaml").write_text(f'code: "{code}"\nname: region {code}\n{inherits}', encoding="utf-8")
    return root


@pytest.fixture
def write(root: Path) -> Write:
    """Write one file of the tree."""

    def write(name: str, text: str) -> Path:
        path = root / name
        path.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
        return path

    return write
