"""A place for drawn lists: deliveries, the truth behind them and a key below one folder."""

from __future__ import annotations

import dataclasses
import os

from drg.doors.config import Env
from drg.synth.province import draw_province

SEED = 7


def drawn_place(env: Env, month: str, lists: int) -> Env:
    """The environment with JSON deliveries of one month of all its regions, and a key for the hash of the persons."""
    place = dataclasses.replace(env, deliveries=env.data / "deliveries", truth=env.data / "truth")
    out, truth, processes = place.deliveries, place.truth, os.cpu_count() or 1
    draw_province(place.province, [month], lists, SEED, ("json",), out, truth, processes=processes)
    (place.data / "secrets").mkdir(parents=True, exist_ok=True)
    (place.data / "secrets" / "person_key").write_text("synthetic-persons-only", encoding="utf-8")
    return place
