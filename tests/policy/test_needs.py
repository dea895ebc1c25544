"""What a region's rules need: only what they read where they are chosen, and everything they read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from drg.errors import PolicyError
from drg.policy import PolicyBook
from drg.policy.needs import (
    _MORE,
    _PAYS_MORE,
    _REGISTRIES,
    ALWAYS,
    AREAS,
    NEEDS,
    NEEDS_ONCE_WRITTEN,
    WHERE_WRITTEN,
    WHERE_WRITTEN_BY_RULE,
    areas_of,
    needed,
    needs_of,
)
from drg.policy.parameters import PARAMETERS
from drg.settle.rules import PAYS

DAY = date(2025, 1, 1)
Write = Callable[[str, str], Path]


def rules(**chosen: str) -> str:
    """A file that chooses rules from 2025 on, dots written as two underscores."""
    entry = "- {{value: {}, from: 2025-01-01, unit: rule, source: s, standing: assumed}}\n"
    return "".join(f"{name.replace('__', '.')}:\n{entry.format(rule)}" for name, rule in chosen.items())


def missing(root: Path, area: str) -> set[str]:
    return set(needs_of(PolicyBook.load(root), "510100", DAY, [area]).missing)


def test_every_parameter_is_read_by_something() -> None:
    read = {
        name for names in (*ALWAYS.values(), *WHERE_WRITTEN.values(), *WHERE_WRITTEN_BY_RULE.values()) for name in names
    }
    read |= {name for names in NEEDS_ONCE_WRITTEN.values() for name in names}
    read |= {name for table in NEEDS.values() for names in table.values() for name in names}
    assert read == set(PARAMETERS)


def test_the_tables_name_known_parameters_and_rules() -> None:
    for name, table in _MORE.items():
        assert set(table) <= set(PARAMETERS[name].names), name
    for name, rule in WHERE_WRITTEN_BY_RULE:
        assert rule in PARAMETERS[name].names, name
    for name, registry in _REGISTRIES.items():
        assert tuple(registry) == PARAMETERS[name].names, name
    assert set(_PAYS_MORE) <= set(PAYS)
    assert set(ALWAYS) == set(AREAS)
    for name in PARAMETERS:
        assert set(areas_of(name)) <= set(AREAS)


def test_every_need_is_read_by_an_area_that_reads_its_rule() -> None:
    # Otherwise following the rules would never come to it.
    for name, table in NEEDS.items():
        for rule, needs in table.items():
            for need in needs:
                assert set(areas_of(name)) & set(areas_of(need)), f"{name}: {rule} needs {need}"


def test_a_rule_that_is_not_chosen_needs_nothing(root: Path, write: Write) -> None:
    write("national/a.yaml", rules(tcm__rule="none", stay__rule="none", outlier__high__selects="none"))
    assert not {"tcm.diseases", "stay.pays", "outlier.high.threshold", "outlier.high.pays"} & missing(root, "settle")
    write("510100/a.yaml", rules(tcm__rule="by_disease", outlier__high__selects="top_share"))
    found = missing(root, "settle")
    assert {"tcm.diseases", "tcm.min_ratio", "outlier.high.limit_share", "outlier.high.pays"} <= found
    # The top share needs no line unless the rule that pays starts from one.
    assert "outlier.high.threshold" not in found
    write("510000/a.yaml", rules(outlier__high__pays="linear_add"))
    assert {"outlier.high.threshold", "outlier.high.base"} <= missing(root, "settle")


def test_each_factor_of_the_coefficient_needs_its_own(root: Path, write: Write) -> None:
    write(
        "510100/a.yaml",
        "coefficient.factors:\n- {value: [level, bilateral], from: 2025-01-01, unit: rule, source: s, "
        "standing: assumed}\n",
    )
    found = missing(root, "settle")
    assert {"level_coefficient", "bilateral.coefficient", "bilateral.procedures"} <= found
    assert "institution_coefficient" not in found


def test_an_area_asks_for_its_own_only(root: Path, write: Write) -> None:
    write("510100/a.yaml", rules(payment__method="points", weight__basis="published"))
    assert missing(root, "rate") == {"scheme", "point.scale", "point_value.basis"}
    assert missing(root, "weigh") == {"scheme", "weight.published", "weight.release"}
    assert missing(root, "month") == {"policy_date"}
    assert "point.scale" in missing(root, "settle")
    assert "point_value.basis" not in missing(root, "settle")


def test_a_list_nobody_wrote_is_not_missed_but_a_lapsed_one_is(root: Path, write: Write) -> None:
    assert "basic_groups" not in missing(root, "settle")
    write(
        "510000/a.yaml",
        "basic_groups:\n- {value: [BR25], from: 2024-01-01, to: 2024-12-31, unit: drg, source: s, standing: assumed}\n",
    )
    assert "basic_groups" in missing(root, "settle")


def test_the_error_names_region_parameter_day_and_the_rule_that_asks(root: Path, write: Write) -> None:
    write("510100/a.yaml", rules(weight__basis="published") + rules(scheme="x").replace("unit: rule", "unit: scheme"))
    with pytest.raises(
        PolicyError,
        match=r"region 510100 has no value of weight\.published .*2025-01-01.*weight\.basis: published needs it",
    ):
        needed(PolicyBook.load(root), "510100", DAY, ["weigh"])


def test_what_is_needed_comes_with_its_source_and_in_one_order(root: Path, write: Write) -> None:
    write("510100/a.yaml", rules(policy_date="discharge_date"))
    book = PolicyBook.load(root)
    assert [(name, item.line) for name, item in needed(book, "510100", DAY, ["month"]).items()] == [("policy_date", 2)]
    assert list(needs_of(book, "510100", DAY, AREAS).missing) == list(
        needs_of(book, "510100", DAY, AREAS[::-1]).missing
    )
