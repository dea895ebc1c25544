"""Runs in the environment of Airflow (`make test-airflow`); elsewhere it is not collected."""

from __future__ import annotations

import importlib.util

if importlib.util.find_spec("airflow") is None:
    collect_ignore_glob = ["test_*.py"]
