"""An installation of one region below a folder: its key, its register and its budget are there, and no list."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from intake_messages import HOSPITAL, REGION, register

from drg.doors.config import Env, load_env


def one_region(root: Path) -> Env:
    """The environment of region 510100 alone."""
    whole = load_env("local", root)
    one = tuple(region for region in whole.province.regions if region.code == REGION)
    env = dataclasses.replace(whole, province=dataclasses.replace(whole.province, regions=one))
    (root / "secrets").mkdir()
    (root / "secrets" / "person_key").write_text("0123456789abcdef", encoding="utf-8")
    register(env.deliveries, REGION, (HOSPITAL,))
    return env
