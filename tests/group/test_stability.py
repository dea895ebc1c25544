"""Unchanged lists keep their groups: what is compared, what is not, and a job that finds one that would not."""

from __future__ import annotations

from typing import Any

import pytest
from drawn_tables import drawn

from drg.group.stability import Regrouped, refusals, regrouped

JANUARY, FEBRUARY = "2025-01", "2025-02"
UNIT = ("510100", JANUARY)


def a_case(setl_id: str, drg: str = "BR23", **changes: Any) -> dict[str, Any]:
    row = {
        "settlement_month": JANUARY, "region_code": "510100", "setl_id": setl_id, "scheme": "chs-drg-2.0",
        "mdc": "MDCB", "adrg": drg[:3], "drg": drg, "grouping_status": "grouped", "rule_pack": "chs-drg-2.0@1",
        "input_hash": 7,
    }  # fmt: skip
    return row | changes


@pytest.fixture(scope="module")
def found(spark):
    def compared(cases: list[dict[str, Any]], before: list[dict[str, Any]]) -> dict[tuple[str, str], Regrouped]:
        return regrouped(drawn(spark, "grouped_case", cases), drawn(spark, "grouped_case", before))

    return compared


def test_an_unchanged_list_with_another_group_is_found_by_region_and_month(found):
    before = [a_case("1"), a_case("2"), a_case("3", "BR25"), a_case("4", settlement_month=FEBRUARY)]
    now = [a_case("1"), a_case("2", "BR21"), a_case("3", "BR21"), a_case("4", settlement_month=FEBRUARY)]
    assert found(now, before) == {UNIT: Regrouped(2, "BR23", "BR21")}
    assert found(before, before) == {}
    # It ends in a group or in none: both are told apart.
    none = a_case("1", "0000", mdc=None, adrg=None, grouping_status="ungrouped")
    assert found([none], [a_case("1")]) == {UNIT: Regrouped(1, "BR23", "0000")}
    assert found([none], [none]) == {}


@pytest.mark.parametrize(
    "other",
    [
        {"input_hash": 8},
        {"input_hash": None},
        {"rule_pack": "chs-drg-2.0@2"},
        {"scheme": "chs-drg-1.1"},
        {"setl_id": "2"},
        {"region_code": "510300"},
        {"settlement_month": FEBRUARY},
    ],
)
def test_what_is_another_case_is_not_compared(found, other):
    assert found([a_case("1", "BR21")], [a_case("1") | other]) == {}


def test_a_new_sub_group_of_the_region_is_no_other_group(found):
    assert found([a_case("1", local_group="BR23-A")], [a_case("1")]) == {}


def test_the_sentence_names_the_month_the_pack_and_a_pair_of_groups():
    (error,) = refusals({UNIT: Regrouped(1200, "BR23", "BR21")}, "chs-drg-2.0@1").values()
    assert str(error) == (
        "region 510100, month 2025-01: 1,200 unchanged lists would get another group under the same rule pack "
        "chs-drg-2.0@1 (BT12), e.g. BR21 for BR23; the groups they have stay, report this as a defect of group"
    )
