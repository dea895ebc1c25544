"""Drawn cases and parameters for the tests of settlement: defaults in plain sight, each test changes its own."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from drg.settle.case_parameters import FACT_TYPES
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
        "drg": "AA11",
        "hospital_code": "H001",
        "med_type": "21",
        "los_days": 5,
        "principal_diagnosis": "I10.x00",
        "region_mean_cost": "8000.00",
        "weight_source": "region",
        "weight_version": "2025.1",
        "major_illness_payment": "1000.00",
        "assistance_payment": "200.00",
        "other_fund_payment": "300.00",
        "patient_payment": "2500.00",
        **changes,
    }
    return {name: _decimal(name, value) for name, value in facts.items()}


def parameters(**changes: Any) -> dict[str, Any]:
    """Rate 10,000, coefficient 1, low below 30 %, high above 3 times, by item, difference, negative kept.

    A single `level_coefficient`, `institution_coefficient` or high threshold stands for every group, hospital, weight.
    """
    row: dict[str, Any] = dict.fromkeys(map(column, FACT_TYPES))
    row |= {column(name): "by_item" for name in FACT_TYPES if name.endswith(".pays")}
    row |= {
        column(name): "none" for name in ("override.rule", "stay.rule", "per_diem.rule", "tcm.rule", "exclusion.rule")
    }
    row |= {
        "settlement_modes": None,
        "payment_method": "rate",
        "coefficient_factors": ["level"],
        "basic_groups": [],
        "level_coefficient": "1",
        "day_surgery_rule": "as_inpatient",
        "dispute_rule": "none",
        "stay_day_count": "difference",
        "special_case_rule": "none",
        "outlier_low_threshold": "0.3",
        "outlier_low_inclusive": False,
        "outlier_low_base": "standard",
        "outlier_low_line": "plain",
        "outlier_high_selects": "threshold",
        "outlier_high_threshold": "3",
        "outlier_high_inclusive": False,
        "outlier_high_base": "standard",
        "outlier_extreme_rule": "none",
        "deduct_negative": "floor_at_zero",
        "fund_payment_convention": "difference",
        "fund_payment_negative": "kept",
        "fund_payment_ratio": None,
        "base_rate": "10000.00",
        "point_value": None,
        "point_scale": None,
        "rate_version": "2025.1",
    }
    for route in ROUTES:
        row[f"clause_{route}"] = f"clause of {route}"
        row[f"assumed_{route}"] = [f"assumed of {route}"]
    row = {name: _decimal(name, value) for name, value in {**row, **changes}.items()}
    for singular in ("level_coefficient", "institution_coefficient"):
        if row.get(singular) is not None:
            row[f"{singular}s"] = {"*": row.pop(singular)}
    if not isinstance(row["outlier_high_threshold"], list):
        row["outlier_high_thresholds"] = [{"below": None, "value": row.pop("outlier_high_threshold")}]
    else:
        row["outlier_high_thresholds"] = row.pop("outlier_high_threshold")
    return row


_TEXT = (
    "status", "source", "version", "method", "base", "pays", "convention", "negative", "rule", "line", "selects",
    "drg", "code", "type", "diagnosis", "scope", "_is", "scheme", "class", "way", "count", "period",
)  # fmt: skip


def _decimal(name: str, value: Any) -> Any:
    is_text = name.endswith(_TEXT) or name.startswith(("clause", "assumed")) or not isinstance(value, str)
    return value if is_text else Decimal(value)
