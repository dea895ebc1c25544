"""Local sub-groups: which case gets one, and that the national group stays as it is."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from drawn_policy import book_with
from drawn_tables import drawn

from drg.contracts import check, contract
from drg.errors import PolicyError
from drg.group import compile_pack, load_pack
from drg.group.local import groups_in_force, local_group_of
from drg.group.step import group_lists
from drg.policy.records import LocalGroup
from drg.settle.arithmetic import DecimalArithmetic
from drg.weigh.adjust import adjust
from drg.weigh.history import Gathered
from drg.weigh.published import published_weights
from drg.weigh.sums import Sums
from drg.weigh.tables import weight_rows
from drg.weigh.window import Window, window_of
from tests.group.test_group_step import SCHEME, a_list

CHILD = LocalGroup(drg="BR21", suffix="A", title="6岁以下", age_below=7)
VENTILATED = LocalGroup(drg="BR2", suffix="V", title="有创呼吸机", procedures=("96.7",))
INTENSIVE = LocalGroup(drg="BR2", suffix="I", title="重症监护72小时及以上", min_icu_hours=72)
OLD_AND_VENTILATED = LocalGroup(drg="BR2", suffix="X", title="高龄有创呼吸机", age_from=80, procedures=("96.7",))


@pytest.mark.parametrize(
    ("drg", "age", "procedures", "expected"),
    [
        ("BR21", 6, [], "BR21-A"),
        ("BR21", 7, [], None),
        ("BR23", 6, [], None),  # the entry names BR21 alone
        ("BR23", 50, [None, "96.7201"], "BR23-V"),
        ("BR21", 6, ["96.7201"], "BR21-A"),  # the first entry that fits
        ("BR23", 50, ["93.9001"], None),
        ("BR21", None, [], None),
        ("BR21", None, ["96.7201"], "BR21-V"),
    ],
)
def test_the_first_entry_that_fits_gives_the_suffix(drg, age, procedures, expected) -> None:
    assert local_group_of(drg, age, 0, procedures, (CHILD, VENTILATED)) == expected


@pytest.mark.parametrize(("age", "expected"), [(79, None), (80, "BR25-X"), (None, None)])
def test_all_conditions_of_an_entry_must_hold(age, expected) -> None:
    assert local_group_of("BR25", age, 0, ["96.7101"], (OLD_AND_VENTILATED,)) == expected
    assert local_group_of("BR25", age, 0, [], (OLD_AND_VENTILATED,)) is None


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [(72 * 60 - 1, None), (72 * 60, "BR25-I"), (72 * 60 + 1, "BR25-I"), (0, None), (None, None)],
)
def test_hours_in_intensive_care_from_the_least_on(minutes, expected) -> None:
    assert local_group_of("BR25", 50, minutes, [], (INTENSIVE,)) == expected


def test_an_entry_without_hours_takes_stays_without_intensive_care() -> None:
    assert [local_group_of("BR21", 6, minutes, [], (CHILD,)) for minutes in (None, 0, 6000)] == ["BR21-A"] * 3
    with pytest.raises(ValueError, match="needs age_from, age_below, min_icu_hours or procedures"):
        LocalGroup(drg="BR2", suffix="I", title="重症监护")
    with pytest.raises(ValueError, match="greater than or equal to 1"):
        LocalGroup(drg="BR2", suffix="I", title="重症监护", min_icu_hours=0)


def test_spark_splits_by_the_minutes_of_the_list(spark) -> None:
    rows = [a_list("1") | {"icu_minutes": 72 * 60 - 1}, a_list("21", region="510300") | {"icu_minutes": 72 * 60}]
    local = {("2025-01", region): (INTENSIVE,) for region in ("510100", "510300")}
    grouped = group_lists(drawn(spark, "settlement_list", rows), compile_pack(load_pack(SCHEME)), local)
    assert {row["setl_id"]: row["local_group"] for row in grouped.collect()} == {"1": None, "21": "BR21-I"}


def test_spark_gives_the_sub_group_to_the_region_and_month_that_has_it(spark) -> None:
    kernel = compile_pack(load_pack(SCHEME))
    aged = LocalGroup(drg="BR2", suffix="E", title="70岁及以上", age_from=70)
    rows = [a_list("1"), a_list("11", month="2025-02"), a_list("21", region="510300"), a_list("2"), a_list("3")]
    lists = drawn(spark, "settlement_list", rows)
    grouped = group_lists(lists, kernel, {("2025-01", "510100"): (aged,)})
    check(grouped.schema, contract("grouped_case"))
    assert {row["setl_id"]: (row["drg"], row["local_group"]) for row in grouped.collect()} == {
        "1": ("BR21", "BR21-E"),
        "11": ("BR21", None),
        "21": ("BR21", None),
        "2": ("BQY", None),
        "3": ("0000", None),
    }
    plain = group_lists(lists, kernel)
    assert {row["local_group"] for row in plain.collect()} == {None}
    assert plain.drop("local_group").collect() == grouped.drop("local_group").collect()


def test_the_groups_of_a_month_are_those_of_its_first_day_and_a_lapsed_list_is_an_error(tmp_path: Path) -> None:
    entry = {"drg": "BR2", "suffix": "A", "title": "儿童", "age_below": 7}
    book = book_with(tmp_path, "510300", {"local_groups": [entry]})
    assert [one.suffix for one in groups_in_force(book, "510300", "2025-01")] == ["A"]
    path = tmp_path / "policy" / "510300" / "settlement.yaml"
    text = path.read_text(encoding="utf-8").replace("unit:", "to: 2025-01-31\n    unit:", 1)
    path.write_text(text, encoding="utf-8")
    lapsed = type(book).load(tmp_path / "policy")
    assert [one.suffix for one in groups_in_force(lapsed, "510300", "2025-01")] == ["A"]
    with pytest.raises(PolicyError, match=r"510300 .*local_groups.*2025-02-01.*lapsed on 2025-01-31"):
        groups_in_force(lapsed, "510300", "2025-02")


def test_values_by_group_serve_a_sub_group_before_its_national_group_and_its_adrg(tmp_path: Path) -> None:
    book = book_with(
        tmp_path,
        "510300",
        {"level_coefficient": {"BR25-A": 1.1, "BR25": 1.2, "BR2": 1.3, "*": 1.4}},
        {"level_coefficient": "drg"},
    )
    item = book.value("510300", "level_coefficient", date(2025, 1, 1))
    found = [item.of(drg=drg) for drg in ("BR25-A", "BR25-B", "BR25", "BR23-A", "ES31-A")]
    assert found == [Decimal(text) for text in ("1.1", "1.2", "1.2", "1.3", "1.4")]
    assert DecimalArithmetic().national_group_of("BR25-A") == DecimalArithmetic().national_group_of("BR25") == "BR25"


def window(region: str, local: tuple[LocalGroup, ...] = ()) -> Window:
    return Window(region, SCHEME, {2024: 1}, "version", min_cases=10, local_groups=local)


def test_a_sub_group_has_a_weight_of_its_own_and_counts_as_its_national_group_elsewhere() -> None:
    """Own: 20 children of 4,000, 20 others of 8,000, mean 6,000. The neighbour has 5 cases of the group only."""

    def of(**groups: tuple[int, int]) -> Gathered:
        sums = {
            ("", drg.replace("_", "-")): {2024: Sums(n, n, n * yuan * 100, n * (yuan * 100) ** 2)}
            for drg, (n, yuan) in groups.items()
        }
        return Gathered(sums, ("pack",))

    own = of(BR21=(20, 8000), BR21_A=(20, 4000))
    other = of(BR21=(5, 9000), ES31=(35, 3000))
    gathered = {"610100": own, "610200": other}
    peers = [window("610100", (CHILD,)), window("610200")]
    rows = {row["drg"]: row for row in weight_rows(peers[0], gathered, peers, 2025, "2025.1")}
    assert rows["BR21-A"]["relative_weight"] == Decimal("0.6667")  # 4,000 / 6,000
    assert rows["BR21"]["relative_weight"] == Decimal("1.3333")
    neighbour = {row["drg"]: row for row in weight_rows(peers[1], gathered, peers, 2025, "2025.1")}
    assert set(neighbour) == {"BR21", "ES31"}
    # Province: BR21 is (20 x 8,000 + 20 x 4,000 + 5 x 9,000) / 45 = 6,333.33, all cases 390,000 / 80 = 4,875.
    assert neighbour["BR21"]["weight_source"] == "province"
    assert neighbour["BR21"]["relative_weight"] == Decimal("1.2991")


def test_published_weights_serve_sub_groups_that_are_not_listed(tmp_path: Path) -> None:
    values = {
        "weight.basis": "published",
        "weight.published": {"BR21": 1.2, "BR23": 0.9, "BR23-V": 2.5},
        "local_groups": [one.model_dump(mode="json") for one in (CHILD, VENTILATED)],
    }
    book = book_with(tmp_path, "510300", values, {"weight.published": "drg"})
    found = window_of(book, "510300", date(2025, 1, 1))
    assert found.published
    weights = {one.drg: one.relative_weight for one in published_weights(found, found.published)}
    assert weights == {
        "BR21": Decimal("1.2000"),
        "BR21-A": Decimal("1.2000"),
        "BR21-V": Decimal("1.2000"),
        "BR23": Decimal("0.9000"),
        "BR23-V": Decimal("2.5000"),
    }


def test_an_adjustment_of_a_national_group_reaches_its_sub_groups(tmp_path: Path) -> None:
    entry = {
        "drg": "BR21", "factor": 1.1, "trigger": "group_change", "reason": "新增细分组", "proposer": "专家组",
        "decided": "2024-12-01",
    }  # fmt: skip
    book = book_with(tmp_path, "510300", {"weight.adjustments": [entry]})
    (adjustment,) = book.value("510300", "weight.adjustments", date(2025, 1, 1)).of()
    weights = {("all", drg): Fraction(1) for drg in ("BR21", "BR21-A", "BR23")}
    after = adjust(weights, {}, (adjustment,))
    assert [after["all", drg].weight for drg in ("BR21", "BR21-A", "BR23")] == [Fraction(11, 10), Fraction(11, 10), 1]
