"""The worked examples under the shipped policies, to the fen: by the function and by the command."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from region_examples import EXAMPLES, arguments, expected, facts, points_as_stated, trial_file
from typer.testing import CliRunner

from drg.cli import policy as _policy  # noqa: F401  (registers more than one command, so that `price` is one of them)
from drg.cli import price as _price  # noqa: F401
from drg.cli.app import app
from drg.money import round_fen
from drg.policy import PolicyBook
from drg.settle import formulas
from drg.settle.price import price_case

EACH = pytest.mark.parametrize("example", EXAMPLES, ids=[example["name"] for example in EXAMPLES])


@pytest.fixture(scope="module")
def book() -> PolicyBook:
    return PolicyBook.load_default()


@EACH
def test_by_the_function(book: PolicyBook, example: dict[str, Any], tmp_path: Path) -> None:
    trial = trial_file(example, tmp_path)
    tried = book.with_file(example["region"], trial) if trial else book
    paid = price_case(tried, example["region"], example["day"], facts(example)).facts
    assert expected(example, paid) == example["expect"]
    if "points" in example:
        assert points_as_stated(example, paid) == example["points"]


@EACH
def test_by_the_command(example: dict[str, Any], tmp_path: Path) -> None:
    done = CliRunner().invoke(app, arguments(example, trial_file(example, tmp_path)))
    assert done.exit_code == 0, done.output
    paid = json.loads(done.output)
    assert expected(example, paid) == example["expect"]
    if "points" in example:
        assert points_as_stated(example, paid) == example["points"]


def test_a_loss_is_the_exact_difference_of_the_two_standards(book: PolicyBook) -> None:
    # 2,408.443482 is a loss of 2,408.44; the printed standards 8,155.59 - 5,747.14 would make it 2,408.45.
    exact, printed = [], []
    for example in EXAMPLES[:2]:
        paid = price_case(book, "500000", example["day"], facts(example)).facts
        exact.append(paid["price_exact"])
        printed.append(paid["price"])
    assert exact[0] - exact[1] == Decimal("2408.443482")
    assert round_fen(exact[0] - exact[1]) == Decimal("2408.44")
    assert printed[0] - printed[1] == Decimal("2408.45")


def test_at_the_lines() -> None:
    """Employee, f = 0.9: what the formulas give exactly on a line, where no cost in whole fen can lie."""
    value, weight, f, mean = Decimal("53.8381") * 100, Decimal("1.3375"), Decimal("0.9"), Decimal("5270.76")
    low, high = Decimal("0.35") * Decimal("7049.6415"), Decimal("2.5") * Decimal("7049.6415")
    assert (round_fen(low), round_fen(high)) == (Decimal("2467.37"), Decimal("17624.10"))
    assert round_fen(formulas.cost_share_units(low / mean) * value) == Decimal("2520.30")
    assert round_fen(formulas.normal_units(weight, f) * value) == Decimal("6480.76")
    assert round_fen(formulas.deduct_units(weight, f, high / mean, Decimal("2.5")) * value) == Decimal("8280.97")
    at_line = formulas.linear_add_units(weight, f, Decimal("2.5"), Decimal("2.5"))
    assert round_fen(at_line * value) == Decimal("6480.76")
    assert round_fen(formulas.normal_units(weight, Decimal(1)) * value) == Decimal("7200.85")
