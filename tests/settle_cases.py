"""Drawn cases and parameters for the tests of settlement: defaults in plain sight, each test changes its own."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from drg.settle.case_parameters import CHOICES
from drg.settle.rules import ROUTES, column


def case(**changes: Any) -> dict[str, Any]:
    """A grouped case of 10,000 yuan, of which the basic fund paid 6,000; weight 1, group mean 8,000."""
    facts = {
        "grouping_status": "grouped",
        "relative_weight": "1.0000",
        "group_mean_cost": "8000.00",
        "total_cost": "10000.00",
        "basic_fund_payment": "6000.00",
        "full_self_pay": "500.00",
        "over_limit_self_pay": "0.00",
        "first_self_pay": "700.00",
        "deductible": "800.00",
        "weight_source": "region",
        "weight_version": "2025.1",
        **changes,
    }
    return {name: _decimal(name, value) for name, value in facts.items()}


def parameters(**changes: Any) -> dict[str, Any]:
    """Rate 10,000, coefficient 1, low below 30 %, high above 3 times, by item, difference, negative kept."""
    row: dict[str, Any] = dict.fromkeys(map(column, CHOICES), "by_item")
    row |= {
        "payment_method": "rate",
        "level_coefficient": "1",
        "outlier_low_threshold": "0.3",
        "outlier_low_inclusive": False,
        "outlier_low_base": "standard",
        "outlier_high_threshold": "3",
        "outlier_high_inclusive": False,
        "outlier_high_base": "standard",
        "fund_payment_convention": "difference",
        "fund_payment_negative": "kept",
        "fund_payment_ratio": None,
        "base_rate": "10000.00",
        "rate_version": "2025.1",
    }
    for route in ROUTES:
        row[f"clause_{route}"] = f"clause of {route}"
        row[f"assumed_{route}"] = [f"assumed of {route}"]
    return {name: _decimal(name, value) for name, value in {**row, **changes}.items()}


_TEXT = ("status", "source", "version", "method", "base", "pays", "convention", "negative")


def _decimal(name: str, value: Any) -> Any:
    is_text = name.endswith(_TEXT) or name.startswith(("clause", "assumed")) or not isinstance(value, str)
    return value if is_text else Decimal(value)
