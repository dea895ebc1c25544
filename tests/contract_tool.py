"""datacontract-cli on tables of a test, in the environment that `make contracts` and `make test-long` set up."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from drg.doors.config import project_home


def said_by_make_contracts(data: Path, *tables: str) -> str:
    """The last line `make contracts` says of these tables of a data folder; all it says where one is broken.

    The test is skipped where datacontract-cli is not installed.
    """
    command = os.environ.get("DRG_CONTRACTS_PYTHON", str(project_home() / ".venv-contracts" / "bin" / "python"))
    if not Path(command).is_file():
        pytest.skip("datacontract-cli is not installed; make contracts or make test-long does")
    asked = ["-m", "drg.doors.contracts_cli", "--data", str(data), "--tables", ",".join(tables)]
    done = subprocess.run([command, *asked], capture_output=True, text=True, check=False)
    return done.stdout.splitlines()[-1] if done.returncode == 0 else done.stdout + done.stderr
