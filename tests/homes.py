"""A home of its own for a test: the checkout's code and contracts, and a copy of its configuration to change."""

from __future__ import annotations

import shutil
from pathlib import Path

from typer.testing import CliRunner, Result

from drg.cli import ask, close, demo, policy, price, tools, version, work  # noqa: F401  (each registers its commands)
from drg.cli.app import app
from drg.doors.config import project_home

COPIED, LINKED = ("env", "policy", "synth"), ("conf/rule_packs", "data_contracts", "jobs")


def home_below(folder: Path) -> Path:
    """A folder for DRG_HOME; data of its environments lie below it."""
    checkout, home = project_home(), folder / "home"
    for name in COPIED:
        shutil.copytree(checkout / "conf" / name, home / "conf" / name)
    for name in LINKED:
        (home / name).symlink_to(checkout / name)
    return home


def drg(*arguments: str) -> Result:
    """A command in this process; a session that is there already serves it."""
    return CliRunner().invoke(app, list(arguments))
