"""Assumed parameters as a reader sees them."""

from __future__ import annotations

from pathlib import Path

from drg.policy import PolicyBook
from drg.publish.assumed import assumed_in_force, described, month_end


def book(root: Path, standing: str) -> PolicyBook:
    (root / "national").mkdir()
    (root / "national" / "region.yaml").write_text("code: national\nname: 全国\n", encoding="utf-8")
    (root / "national" / "outlier.yaml").write_text(
        "outlier.low.threshold:\n"
        '  - value: {"1": 0.3, "2": 0.35, "3": 0.4}\n    by: hospital_level\n    from: 2025-01-01\n    unit: multiple\n'
        f"    source: drawn\n    standing: {standing}\n"
        "outlier.low.inclusive:\n"
        f"  - value: true\n    from: 2025-02-15\n    unit: yes_no\n    source: drawn\n    standing: {standing}\n"
        "outlier.low.pays:\n"
        f"  - value: by_item\n    from: 2025-01-01\n    unit: rule\n    source: drawn\n    standing: {standing}\n",
        encoding="utf-8",
    )
    (root / "510000").mkdir()
    (root / "510000" / "region.yaml").write_text('code: "510000"\nname: 四川省\ninherits: national\n', encoding="utf-8")
    return PolicyBook.load(root)


def test_keyed_values_flags_and_rules_are_words(tmp_path: Path) -> None:
    found = assumed_in_force(book(tmp_path, "assumed"), "510100", "2025-02")
    assert found["outlier.low.threshold"].value == "一级 0.3；二级 0.35；三级 0.4"
    assert found["outlier.low.threshold"].title == "低倍率界值"
    assert found["outlier.low.inclusive"].value == "是"
    assert found["outlier.low.pays"].value.startswith("按项目付费")


def test_the_last_day_of_the_month_selects(tmp_path: Path) -> None:
    """The flag begins on 15 February: not yet in January."""
    assert "outlier.low.inclusive" not in assumed_in_force(book(tmp_path, "assumed"), "510100", "2025-01")
    assert month_end("2024-02").day == 29


def test_published_values_are_not_assumed(tmp_path: Path) -> None:
    assert assumed_in_force(book(tmp_path, "published"), "510100", "2025-02") == {}


def test_a_name_without_a_value_in_force_is_still_named() -> None:
    [item] = described(["fund_budget.growth"], {})
    assert (item.name, item.title) == ("fund_budget.growth", "fund_budget.growth")
    assert item.value
