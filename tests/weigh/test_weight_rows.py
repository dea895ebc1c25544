"""Rows from what was gathered, without Spark: whose history counts, what makes it unfit, and when to warn."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from drg.errors import ContractError
from drg.weigh.history import Gathered
from drg.weigh.sums import Sums
from drg.weigh.tables import coefficient_rows, much_trimmed, weight_rows
from drg.weigh.window import Window

A, B = "510100", "510300"
PARTS = (6000, 1000, 1000, 1000, 1000)
FACTORS = (Decimal("1.2"), Decimal(1), Decimal(1), Decimal(1), Decimal(1))
CLASSES = {"1": "1", "2": "2-3", "3": "2-3"}


def window(region: str) -> Window:
    return Window(region, "chs-drg-2.0", {2024: 1}, "v")


def cost(fen: int = 10000, parts: tuple[int, ...] = PARTS, history: int = 1) -> Sums:
    return Sums(history, 1, fen, fen * fen, parts)


def gathered(level: str = "", drg: str = "BR23", sums: Sums | None = None, pack: str = "p") -> Gathered:
    return Gathered({(level, drg): {2024: sums or cost()}}, (pack,))


def test_a_peer_lends_its_history_when_scheme_years_and_pack_are_the_same() -> None:
    own, peer = gathered(), gathered(drg="ES35")
    windows = [window(A), window(B)]
    assert [row["drg"] for row in weight_rows(windows[0], {A: own, B: peer}, windows, 2025, "v")] == ["BR23", "ES35"]
    for other in (replace(windows[1], years={2023: 1}), replace(windows[1], scheme="chs-drg-1.1")):
        rows = weight_rows(windows[0], {A: own, B: peer}, [windows[0], other], 2025, "v")
        assert [row["drg"] for row in rows] == ["BR23"]
    rows = weight_rows(windows[0], {A: own, B: gathered(drg="ES35", pack="q")}, windows, 2025, "v")
    assert [row["drg"] for row in rows] == ["BR23"]


def test_a_history_without_its_lists_stops_the_region_that_needs_them_and_no_other() -> None:
    whole, lacking = gathered(), gathered(drg="ES35", sums=cost(parts=(0, 0, 0, 0, 0)))
    structured = [replace(window(region), factors=FACTORS) for region in (A, B)]
    with pytest.raises(ContractError, match=f"region {B} adjusts weights by cost structure.*run validate"):
        weight_rows(structured[1], {A: whole, B: lacking}, structured, 2025, "v")
    rows = weight_rows(structured[0], {A: whole, B: lacking}, structured, 2025, "v")
    assert [(row["drg"], row["structured_mean_cost"]) for row in rows] == [("BR23", Decimal(112))]


def test_a_hospital_level_without_class_is_named_where_classes_differ() -> None:
    classed = replace(window(A), classes=CLASSES)
    with pytest.raises(ContractError, match="510100 has hospital level 9, which weight.level_class does not name"):
        weight_rows(classed, {A: gathered(level="9")}, [classed], 2025, "v")
    (row,) = weight_rows(window(A), {A: gathered(level="9")}, [window(A)], 2025, "v")
    assert row["level_class"] == "all"


def test_levels_of_one_class_are_put_together() -> None:
    classed = replace(window(A), classes=CLASSES)
    levels = {(level, "BR23"): {2024: cost(fen)} for level, fen in (("1", 10000), ("2", 20000), ("3", 60000))}
    rows = weight_rows(classed, {A: Gathered(levels, ("p",))}, [classed], 2025, "v")
    # Means 100 and (200 + 600) / 2 = 400 over the region's 300.
    assert {row["level_class"]: str(row["relative_weight"]) for row in rows} == {"1": "0.3333", "2-3": "1.3333"}


def test_two_rule_packs_in_one_history_are_refused() -> None:
    mixed = Gathered(gathered().levels, ("p", "q"))
    with pytest.raises(ContractError, match="grouped under p and q; run group again"):
        weight_rows(window(A), {A: mixed}, [window(A)], 2025, "v")


def test_no_coefficients_where_the_rule_is_not_chosen() -> None:
    hospitals = Gathered(gathered().levels, ("p",), {("H1", "BR23"): {2024: cost()}})
    assert coefficient_rows(window(A), {A: hospitals}, 2025, "v") == []
    (row,) = coefficient_rows(replace(window(A), cost_ratio=True), {A: hospitals}, 2025, "v")
    assert (row["hospital_code"], row["coefficient"], row["policy_version"]) == ("H1", Decimal(1), "v")


@pytest.mark.parametrize(("kept", "warns"), [(92, False), (91, True)])
def test_more_than_8_percent_trimmed_is_said(kept: int, warns: bool) -> None:
    found = {A: gathered(sums=Sums(100, kept, 100, 100))}
    warning = much_trimmed(window(A), found)
    assert (warning is not None) is warns
    if warning:
        assert "region 510100 trimmed 9 of 100 history cases" in warning
