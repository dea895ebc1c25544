"""The parts of the draw by themselves: rules to recipes, exact splits, the truth of weights and hospitals."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from drg.doors.config import load_province
from drg.group.rules import parse_rule
from drg.synth import text
from drg.synth.budget import budget_rows
from drg.synth.catalogue import catalogue
from drg.synth.charges import rounded_share, split_exactly
from drg.synth.hashing import below, unit
from drg.synth.recipes import Alternative, alternatives, codes
from drg.synth.truth import Truth, truth_of

SCHEME = "chs-drg-2.0"


@pytest.fixture(scope="module")
def truth() -> Truth:
    return truth_of(load_province("sichuan"), 7, SCHEME, 2025)


def test_a_rule_becomes_its_alternatives() -> None:
    rule = "ZYZD in D1 and (ZYSS in P1 or ({ZYSS, QTSS} in {P2, P3} and {ZYSS, QTSS} in P4))"
    assert alternatives(parse_rule(rule)) == [
        Alternative(principal=(("D1",),), procedures=(("P1",),)),
        Alternative(principal=(("D1",),), procedures=(("P2", "P3"), ("P4",))),
    ]


def test_bounds_and_negations_of_a_newborn_rule() -> None:
    rule = "{ZYZD, QTZD} in D and XSRTZ>=1500 and XSRTZ<2000 and XSRTL<29 and ZYSS not in OP_ALL"
    (found,) = alternatives(parse_rule(rule))
    assert found == Alternative(principal=(("D",),), weight_from=1500, weight_below=2000, days_below=29)


def test_codes_meet_every_condition() -> None:
    sets = {"A": frozenset("ab"), "B": frozenset("bc"), "C": frozenset("cd")}
    assert codes((("A", "C"), ("B",)), sets) == {"b", "c"}
    assert codes((), sets) == set()


def test_a_split_is_exact_and_fair() -> None:
    parts = split_exactly(np.array([100, 7, 0]), np.array([[1 / 3, 1 / 3, 1 / 3], [0.5, 0.5, 0.0], [0.2, 0.3, 0.5]]))
    assert parts.tolist() == [[34, 33, 33], [4, 3, 0], [0, 0, 0]]


def test_a_split_of_any_amount_adds_up() -> None:
    rng = np.random.default_rng(1)
    total = rng.integers(0, 10**9, 2_000)
    shares = rng.random((2_000, 14))
    shares[rng.random((2_000, 14)) < 0.3] = 0
    shares[:, 0] += 0.01
    shares /= shares.sum(axis=1, keepdims=True)
    parts = split_exactly(total, shares)
    assert (parts.sum(axis=1) == total).all()
    assert (parts >= 0).all()
    assert (np.abs(parts - total[:, None] * shares) < 1.001).all()


def test_a_share_is_rounded_half_up() -> None:
    amount, ratio = np.array([1, 3, 50, 49]), np.array([5_000, 5_000, 100, 100])
    assert rounded_share(amount, ratio, 10_000).tolist() == [1, 2, 1, 0]  # 0.5, 1.5, 0.5 and 0.49 fen


def test_money_text_is_exact() -> None:
    assert text.money(np.array([12_345, 0, 5, -5, 9_007_199_254_740_993])).to_pylist() == [
        "123.45", "0.00", "0.05", "-0.05", "90071992547409.93",
    ]  # fmt: skip


def test_hashed_numbers_depend_on_key_seed_and_purpose_only() -> None:
    keys = np.arange(20_000)
    assert (below(keys, 1, 2, 10)[::-1] == below(keys[::-1], 1, 2, 10)).all()
    assert 0.48 < unit(keys, 1, 2).mean() < 0.52
    assert abs(np.corrcoef(unit(keys, 1, 2), unit(keys, 1, 3))[0, 1]) < 0.03
    assert abs(np.corrcoef(unit(keys, 1, 2), unit(keys, 2, 2))[0, 1]) < 0.03


def test_every_group_can_be_drawn_and_heavier_ones_weigh_more(truth: Truth) -> None:
    source = catalogue(SCHEME, 7)
    assert len(source.adrgs) == 409
    assert set(np.unique(source.drg_of)) <= set(range(len(source.drgs)))
    assert "0000" not in np.array(source.drgs)[source.drg_of]
    by_severity = truth.weight[source.drg_of]
    assert (np.diff(by_severity, axis=1)[np.diff(source.drg_of, axis=1) != 0] > 0).all()
    kind = np.array(source.adrg_kind)
    assert np.median(by_severity[kind == "surgical"]) > 1.5 * np.median(by_severity[kind == "medical"])


def test_hospital_effects_have_mean_one_in_each_level(truth: Truth) -> None:
    for hospitals in truth.hospitals.values():
        for level in (1, 2, 3):
            same = hospitals.level == level
            mean = (hospitals.effect[same] * hospitals.share[same]).sum() / hospitals.share[same].sum()
            assert mean == pytest.approx(1.0, abs=1e-4)
        assert hospitals.share.sum() == pytest.approx(1.0)
    assert len(truth.hospitals) == 22
    assert len(truth.hospitals["510100"].codes) > 3 * len(truth.hospitals["510300"].codes)


def test_a_pool_is_drawn_with_a_long_tail() -> None:
    draws = catalogue(SCHEME, 7).draws
    pool = np.full(20_000, draws.plain)
    drawn = draws.draw(np.random.default_rng(1), pool)
    first = draws.pool_codes[draws.pool_start[draws.plain]]
    counts = np.unique(drawn, return_counts=True)[1]
    assert (drawn == first).sum() == counts.max()
    assert len(counts) > 2_000
    assert (draws.draw(np.random.default_rng(1), np.full(3, -1)) == -1).all()


def test_a_budget_gives_the_believable_rate() -> None:
    """Six months of 600 stays costing 6,000,000 of which 3,600,000 from the fund: 1,200 stays and 7,200,000 a year."""
    sums = [{"310": (600, 600_000_000, 360_000_000, 6_000_000), "390": (0, 0, 0, 0)}]
    (employee, resident) = budget_rows("510100", [f"2025-0{month}" for month in range(1, 7)], sums, 7)
    assert employee[:3] == ("2025", "510100", "310")
    prior, growth, other, ratio = (Decimal(value) for value in employee[3:7])
    assert (ratio, employee[7]) == (Decimal("0.6000"), "1200")
    assert other == Decimal("432000.00")  # 6 % of 7,200,000
    assert prior == Decimal("7482352.94")  # 7,632,000 / 1.02
    distributable = prior * (1 + growth) * Decimal("0.95") - other
    rate = distributable / ratio / 1200  # mean cost of a stay of weight 1 is 10,000
    assert 9_499 < rate < 10_501
    assert resident[7] == "1"  # a fund without stays still has a budget the contract accepts
    assert pa.decimal128(6, 4).precision >= len(employee[4].replace(".", "").lstrip("-"))
