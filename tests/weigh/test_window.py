"""What a region's choices ask of its policy: a rule's parameters where it is chosen, and only there."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from drg.doors.config import project_home
from drg.errors import ContractError, PolicyError
from drg.policy import PolicyBook
from drg.weigh.published import published_weights
from drg.weigh.tables import weight_rows
from drg.weigh.trimming import Trimming
from drg.weigh.window import Window, window_of

A = "519901"
DAY = date(2025, 1, 1)
Book = Callable[..., PolicyBook]


def dated(name: str, value: str, unit: str, by: str = "") -> str:
    keyed = f", by: {by}" if by else ""
    return f"{name}:\n  - {{value: {value}, from: 2025-01-01, unit: {unit}, source: s, standing: published{keyed}}}\n"


@pytest.fixture
def book(tmp_path: Path) -> Book:
    """The national policy, and region A below it with what a test writes."""
    root = tmp_path / "conf" / "policy"

    def build(*values: str) -> PolicyBook:
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(project_home() / "conf" / "policy" / "national", root / "national")
        (root / A).mkdir()
        (root / A / "region.yaml").write_text(f'code: "{A}"\nname: A\ninherits: national\n', encoding="utf-8")
        if values:
            (root / A / "weight.yaml").write_text("".join(values), encoding="utf-8")
        return PolicyBook.load(root)

    return build


def test_the_national_default_is_computed_weights_of_one_class(book: Book) -> None:
    window = window_of(book(), A, DAY)
    assert window.trimming == Trimming("iqr", multiplier=Decimal("1.5"))
    assert {window.class_of(level) for level in "123"} == {"all"}
    assert (window.published, window.factors, window.adjustments, window.cost_ratio) == (None, None, (), False)


@pytest.mark.parametrize(
    ("name", "value", "needed"),
    [
        ("weight.trimming.method", "multiple", "weight.trimming.low_multiple"),
        ("weight.base", "fixed_yuan", "weight.base_yuan"),
        ("weight.base", "reference_group", "weight.base_group"),
        ("weight.structure.rule", "five_parts", "weight.structure.factor"),
        ("weight.basis", "published", "weight.published"),
    ],
)
def test_a_chosen_rule_without_its_parameter_is_named(book: Book, name: str, value: str, needed: str) -> None:
    with pytest.raises(PolicyError, match=rf"region {A} has no value of {needed} .*2025-01-01"):
        window_of(book(dated(name, value, "rule")), A, DAY)


def test_only_what_is_asked_for_makes_the_version(book: Book) -> None:
    plain = window_of(book(), A, DAY).policy_version
    assert window_of(book(dated("weight.base_yuan", "8000", "yuan")), A, DAY).policy_version == plain
    fixed = dated("weight.base", "fixed_yuan", "rule")
    one, other = (
        window_of(book(fixed, dated("weight.base_yuan", amount, "yuan")), A, DAY) for amount in ("8000", "9000")
    )
    assert len({plain, one.policy_version, other.policy_version}) == 3
    assert one.rules.base_fen == 800_000


CLASSES = dated("weight.level_class", '{"1": "1", "2": 2-3, "3": 2-3}', "class", "hospital_level")
PUBLISHED = dated("weight.basis", "published", "rule")


def test_published_weights_need_no_history(book: Book) -> None:
    listed = dated("weight.published", "{ES35: 0.3825, BR13: 1.3375}", "ratio", "drg")
    means = dated("weight.published_mean", "{BR13: 7049.6415}", "yuan", "drg")
    region_mean = dated("weight.published_region_mean", "5270.76", "yuan")
    window = window_of(book(PUBLISHED, listed, means, region_mean), A, DAY)
    br13, es35 = weight_rows(window, {}, [], 2025, "2025.1")
    assert (br13["relative_weight"], br13["mean_cost"]) == (Decimal("1.3375"), Decimal("7049.6415"))
    assert (es35["relative_weight"], es35["mean_cost"]) == (Decimal("0.3825"), None)
    for row in (br13, es35):
        assert (row["region_mean_cost"], row["weight_source"], row["rule_pack"]) == (
            Decimal("5270.76"),
            "published",
            None,
        )


BY_LEVEL = dated("weight.published", '{IU2F: {"1": 0.8, "2": 0.9258, "3": 0.9258}}', "ratio", "[drg, hospital_level]")


def test_published_weights_by_level_are_kept_by_class(book: Book) -> None:
    window = window_of(book(PUBLISHED, CLASSES, BY_LEVEL), A, DAY)
    rows = weight_rows(window, {}, [], 2025, "2025.1")
    assert {row["level_class"]: row["relative_weight"] for row in rows} == {
        "1": Decimal("0.8"),
        "2-3": Decimal("0.9258"),
    }


@pytest.mark.parametrize(
    ("listed", "message"),
    [
        (BY_LEVEL, "differs for IU2F within level class all"),
        (dated("weight.published", "{ES3: 0.4}", "ratio", "drg"), "lists ES3, which is no DRG"),
        (dated("weight.published", '{ES35: 0.4, "*": 1}', "ratio", "drg"), "lists \\*, which is no DRG"),
        (dated("weight.published", "0.4", "ratio"), "not keyed by drg"),
    ],
)
def test_a_published_list_that_gives_no_weight_a_group_is_refused(book: Book, listed: str, message: str) -> None:
    window = window_of(book(PUBLISHED, listed), A, DAY)
    assert window.published
    with pytest.raises(PolicyError, match=message):
        list(published_weights(window, window.published))


def test_a_region_without_history_is_named(book: Book) -> None:
    window: Window = window_of(book(), A, DAY)
    with pytest.raises(ContractError, match=f"region {A} has no grouped case of 2024 under chs-drg-2.0"):
        weight_rows(window, {}, [window], 2025, "2025.1")
