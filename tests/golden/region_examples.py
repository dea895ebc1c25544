"""The examples of regions.yaml: how each is read, tried and given to the command."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from drg.money import half_up
from drg.policy import PARAMETERS

EXAMPLES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "regions.yaml").read_text(encoding="utf-8"))

# Facts of a case that the command takes by an option of their own.
_OPTIONS = {
    "total_cost": "--cost",
    "fund": "--fund",
    "hospital_level": "--level",
    "drg": "--drg",
    "relative_weight": "--weight",
    "group_mean_cost": "--mean",
    "region_mean_cost": "--region-mean",
    "base_rate": "--rate",
    "point_value": "--point-value",
}
_TEXTS = ("drg", "fund", "hospital_level", "hospital_code", "principal_diagnosis")


def facts(example: dict[str, Any]) -> dict[str, Any]:
    """The described case: amounts as Decimals, codes, days and procedures as they stand."""
    return {
        name: Decimal(value) if isinstance(value, str) and name not in _TEXTS else value
        for name, value in example["case"].items()
    }


def trial_file(example: dict[str, Any], folder: Path) -> Path | None:
    """The values of `trial` as a policy file; None where the example has none."""
    if "trial" not in example:
        return None
    text = "".join(
        f"{name}:\n  - {{value: {value}, from: 2020-01-01, unit: {PARAMETERS[name].unit}, source: 算例, "
        "standing: published}\n"
        for name, value in example["trial"].items()
    )
    path = folder / "trial.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def arguments(example: dict[str, Any], trial: Path | None) -> list[str]:
    """What `drg price` is called with."""
    found = ["price", example["region"], str(example["day"]), "--json"]
    for name, value in example["case"].items():
        text = "|".join(value) if isinstance(value, list) else str(value)
        found += [_OPTIONS[name], text] if name in _OPTIONS else ["--fact", f"{name}={text}"]
    return [*found, "--policy", str(trial)] if trial else found


def expected(example: dict[str, Any], found: dict[str, Any]) -> dict[str, str]:
    """Of what was found, what the example states, as text."""
    return {name: str(found[name]) for name in example["expect"]}


def points_as_stated(example: dict[str, Any], found: dict[str, Any]) -> str:
    """The points of a case with as many decimals as the example states."""
    decimals = len(example["points"].partition(".")[2])
    return str(half_up(Decimal(found["points"]), decimals))
