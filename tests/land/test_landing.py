"""Landing on Spark: which files one task reads after the other."""

from __future__ import annotations

from datetime import UTC, datetime

from drg.land.delivery import DeliveredFile
from drg.land.landing import LARGE, _groups


def file(name: str, records: int, region: str = "510100", month: str = "2025-01") -> DeliveredFile:
    return DeliveredFile(
        f"/d/{region}/{month}/{name}", name, "json", records, "0", region, month, datetime(2025, 2, 1, tzinfo=UTC)
    )


def names(*files: DeliveredFile) -> list[list[str]]:
    return [[f"{one.region_code}/{one.name}" for one in group] for group in _groups(files)]


def test_small_files_of_a_delivery_are_read_one_after_the_other_in_their_order() -> None:
    assert names(file("b", 10), file("a", 20), file("a", 5, "510300")) == [["510100/a", "510100/b"], ["510300/a"]]


def test_a_group_holds_as_many_records_as_a_large_file_and_no_more() -> None:
    assert names(file("a", LARGE - 1), file("b", 1), file("c", 1)) == [["510100/a", "510100/b"], ["510100/c"]]
    assert names(file("a", LARGE), file("b", 1)) == [["510100/a"], ["510100/b"]]
    assert names(file("a", LARGE + 1)) == [["510100/a"]]


def test_deliveries_of_two_months_do_not_meet() -> None:
    assert names(file("a", 1), file("a", 2, month="2025-02")) == [["510100/a"], ["510100/a"]]


def test_the_most_records_come_first_whatever_the_order_of_the_files() -> None:
    files = [file("a", 1, "510300"), file("a", LARGE, "510400"), file("a", 7, "510500")]
    assert names(*files) == names(*reversed(files)) == [["510400/a"], ["510500/a"], ["510300/a"]]
