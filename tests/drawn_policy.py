"""The shipped policy with a region's own values on top: a test names the values it is about."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from drg.doors.config import project_home
from drg.policy import PARAMETERS, PolicyBook


def write_region(root: Path, region: str, values: dict[str, Any], by: dict[str, Any] | None = None) -> None:
    """Give a region below a policy tree these values from 2025 on; `by` names the keys of those that are keyed."""
    folder = root / region
    folder.mkdir(exist_ok=True)
    (folder / "region.yaml").write_text(
        f'code: "{region}"\nname: region {region}\ninherits: "510000"\n', encoding="utf-8"
    )
    text = ""
    for name, value in values.items():
        text += f"{name}:\n  - value: {json.dumps(value)}\n    from: 2025-01-01\n    unit: {PARAMETERS[name].unit}\n"
        text += "    source: drawn for a test\n    standing: published\n"
        text += f"    by: {json.dumps(by[name])}\n" if by and name in by else ""
    (folder / "settlement.yaml").write_text(text, encoding="utf-8")


def copied(tmp_path: Path) -> Path:
    """A copy of the shipped tree."""
    root = tmp_path / "policy"
    if not root.exists():
        shutil.copytree(project_home() / "conf" / "policy", root)
    return root


def book_with(tmp_path: Path, region: str, values: dict[str, Any], by: dict[str, Any] | None = None) -> PolicyBook:
    """The shipped tree, where this region has these values of its own."""
    root = copied(tmp_path)
    write_region(root, region, values, by)
    return PolicyBook.load(root)
