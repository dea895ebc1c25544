"""`drg price`: what is given by hand is as a table could hold it, or is refused in one sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from drg.cli import policy as _policy  # noqa: F401  (registers more than one command, so that `price` is one of them)
from drg.cli import price as _price  # noqa: F401
from drg.cli.app import app
from drg.errors import DrgError

ZHOUKOU = ("price", "411600", "2026-01-15", "--drg", "BR13")


def price(*more: str | Path) -> Any:
    done = CliRunner().invoke(app, [*ZHOUKOU, *map(str, more), "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.output)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (("--cost", "7000.005"), r"total_cost is 7000\.005; it has at most 2 decimals"),
        (("--cost", "100000000"), "total_cost is 100000000; it lies from 0 and below 100,000,000"),
        (("--cost", "1e400"), r"total_cost is 1E\+400; it lies from 0 and below"),
        (("--cost", "1,2,3"), "total_cost 1,2,3 is not a number"),
        (("--cost", "7000", "--weight", "0"), "relative_weight is 0; it lies above 0"),
        (("--cost", "7000", "--weight", "1.33755"), r"relative_weight is 1\.33755; it has at most 4 decimals"),
        (("--cost", "7000", "--point-value", "0"), "point_value is 0; it lies above 0"),
        (("--cost", "7000", "--region-mean", "0"), "region_mean_cost is 0; it lies above 0"),
        (("--cost", "7000", "--mean", "1e30"), r"group_mean_cost is 1E\+30; it lies above 0 and below"),
        (("--cost", "7000", "--fact", "basic_fund_payment=7000.01"), r"basic_fund_payment is 7000\.01, more than the"),
        (("--cost", "7000", "--fact", "excluded_item_amount=7000.01"), "more than the total_cost of 7000"),
        (("--cost", "7000", "--fact", "los_days=1.5"), "los_days 1.5 is not a whole number"),
        (("--cost", "7000", "--fact", "admission_date=1.5"), "admission_date 1.5 is not a day"),
    ],
)
def test_what_no_table_could_hold_is_refused(more: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(DrgError, match=sentence) as raised:
        CliRunner().invoke(app, [*ZHOUKOU, *more], catch_exceptions=False)
    assert "\n" not in str(raised.value)


def test_the_edges_of_what_is_taken() -> None:
    assert price("--cost", "99999999.99")["total_cost"] == "99999999.99"
    assert price("--cost", "7,000.00", "--fact", "basic_fund_payment=7000")["patient_and_other_paid"] == "0.00"
    assert price("--cost", "0")["standard"] == "0.00"


def test_a_line_that_hangs_on_a_mean_nobody_gave_asks_for_it() -> None:
    unknown = ["price", "411600", "2026-01-15", "--drg", "ZZ19", "--weight", "1", "--cost", "8000"]
    with pytest.raises(DrgError, match=r"region 411600 publishes no weight\.published_mean for ZZ19 .* with --mean"):
        CliRunner().invoke(app, unknown, catch_exceptions=False)
    assert CliRunner().invoke(app, [*unknown, "--mean", "8000"]).exit_code == 0


def test_a_day_is_written_as_everywhere() -> None:
    for day in ("20260115", "2026-W03-4"):
        with pytest.raises(DrgError, match=f"DATE {day} is not a day; write YYYY-MM-DD"):
            CliRunner().invoke(app, ["price", "411600", day, "--drg", "BR13", "--cost", "1"], catch_exceptions=False)


def test_points_are_read_without_trailing_zeros() -> None:
    """1.3375 x 100 = 133.75 points."""
    done = CliRunner().invoke(app, [*ZHOUKOU, "--cost", "7000", "--fund", "390"])
    assert "points = 133.75\n" in done.output
    assert "points = 0\n" in CliRunner().invoke(app, [*ZHOUKOU, "--cost", "0"]).output


def test_a_fund_payment_by_ratio_is_known_without_what_was_paid_by_item(tmp_path: Path) -> None:
    """(1,000 - 5,000) x 0.85 is below zero: nothing, since the policy floors it."""
    trial = tmp_path / "trial.yaml"
    trial.write_text(
        "".join(
            f"{name}:\n  - {{value: {value}, from: 2026-01-01, unit: {unit}, source: s, standing: published}}\n"
            for name, value, unit in (
                ("fund_payment.convention", "ratio", "rule"),
                ("fund_payment.ratio", "0.85", "share"),
                ("fund_payment.negative", "floor_at_zero", "rule"),
            )
        ),
        encoding="utf-8",
    )
    means = ("--weight", "1", "--mean", "1000", "--region-mean", "1000", "--point-value", "10")
    paid = price(*means, "--cost", "1000", "--policy", trial, "--fact", "deductible=5000")
    assert (paid["fund_payment"], paid["rule"]) == ("0.00", "points+ratio+floor_at_zero")
