"""When a month is settled, who is overdue, what a backfill does: both sides of every day and share."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from drg.calendar import (
    RegionMonth,
    Span,
    Standing,
    backfill,
    in_following_month,
    open_months,
    overdue,
    spans,
    to_resubmit,
    to_take_in,
    touched_open,
    verdict,
    year_back,
)
from drg.doors.config import Deadlines, Province, Region
from drg.errors import ConfigError

CODES = ("510100", "510300", "510400", "510500", "510600")
REGIONS = tuple(Region(code, code, 12 if code == "510600" else None) for code in CODES)
PROVINCE = Province("510000", "四川省", REGIONS, Deadlines(10, 15, 80))
JANUARY = "2025-01"


def unit(region: str, month: str = JANUARY, **changed: object) -> RegionMonth:
    taken_in = RegionMonth(region, month, True, True, False, True, False, False, {})
    return replace(taken_in, **changed)  # type: ignore[arg-type]


def lacking(n: int) -> list[RegionMonth]:
    """The regions, of which the last n have not delivered."""
    there = [unit(code) for code in CODES[: len(CODES) - n]]
    return there + [unit(code, delivered=False, taken_in=False) for code in CODES[len(CODES) - n :]]


def judged(rows: list[RegionMonth], today: date, weighed: tuple[str, ...] = CODES) -> tuple[Standing, int, int]:
    found = verdict(JANUARY, rows, PROVINCE, today, weighed)
    return found.standing, len(found.regions), len(found.lacking)


def test_complete_it_is_settled_on_any_day() -> None:
    assert judged(lacking(0), date(2025, 2, 1)) == (Standing.FINAL, 5, 0)


def test_provisional_from_the_day_on_and_not_the_day_before() -> None:
    assert judged(lacking(1), date(2025, 2, 14)) == (Standing.WAIT, 0, 1)
    assert judged(lacking(1), date(2025, 2, 15)) == (Standing.PROVISIONAL, 4, 1)


def test_provisional_with_four_of_five_and_not_with_three() -> None:
    assert judged(lacking(1), date(2025, 2, 20))[0] is Standing.PROVISIONAL
    assert judged(lacking(2), date(2025, 2, 20))[0] is Standing.WAIT


def test_no_weights_no_settlement_and_a_region_without_them_lacks() -> None:
    assert judged(lacking(0), date(2025, 2, 20), ()) == (Standing.WAIT, 0, 5)
    assert judged(lacking(0), date(2025, 2, 20), CODES[1:]) == (Standing.PROVISIONAL, 4, 1)


def test_the_late_region_alone_is_settled_and_the_month_is_final() -> None:
    rows = [unit(code, settled=code != "510600", published=code != "510600") for code in CODES]
    found = verdict(JANUARY, rows, PROVINCE, date(2025, 2, 20), CODES)
    assert (found.standing, found.to_settle, found.regions) == (Standing.FINAL, ("510600",), CODES)


def test_published_nothing_is_due_and_late_lists_change_that_not() -> None:
    rows = [unit(code, settled=True, published=True, taken_in=code != "510100") for code in CODES]
    assert judged(rows, date(2025, 2, 20)) == (Standing.WAIT, 0, 0)
    assert to_resubmit(rows) == (("510100", JANUARY),)
    again = [replace(row, fresh=row.region == "510300") for row in rows]
    assert to_resubmit(again) == (("510100", JANUARY), ("510300", JANUARY))


def test_a_month_before_the_policy_is_not_settled() -> None:
    found = verdict(JANUARY, [unit(code, due=False) for code in CODES], PROVINCE, date(2025, 2, 20), CODES)
    assert (found.standing, found.why) == (Standing.WAIT, "no region's policy settles 2025-01")


def test_taken_in_is_what_has_come_and_not_what_failed_on_the_same_files() -> None:
    rows = [
        unit("510100", taken_in=False, fresh=True),
        unit("510300", taken_in=False),
        unit("510400", taken_in=False, failed={"land": "a checksum"}),
        unit("510500", taken_in=False, failed={"land": "a checksum"}, fresh=True),
        unit("510600", delivered=False, taken_in=False),
        unit("519900", settled=True, fresh=True),
    ]
    assert to_take_in(JANUARY, rows) == ("510100", "510300", "510500")
    assert to_take_in("2025-02", rows) == ()


def test_a_landing_opens_only_months_that_are_not_settled() -> None:
    rows = [unit("510100", "2024-12", settled=True), unit("510100"), unit("510300", "2024-12")]
    touched = {"510100": ["2024-12", JANUARY], "510300": ["2024-12", "2020-01"]}
    assert touched_open(rows, touched) == {"2024-12": ("510300",), JANUARY: ("510100",)}


def test_overdue_the_day_after_the_cut_off_each_region_by_its_own() -> None:
    rows = [unit(code, delivered=False) for code in ("510100", "510600")] + [unit("510300")]
    assert overdue(rows, PROVINCE, date(2025, 2, 10)) == ()
    assert overdue(rows, PROVINCE, date(2025, 2, 11)) == (("510100", JANUARY, date(2025, 2, 10)),)
    assert [row[0] for row in overdue(rows, PROVINCE, date(2025, 2, 13))] == ["510100", "510600"]


def test_months_across_a_year() -> None:
    assert open_months(date(2025, 6, 30))[0::16] == ("2024-01", "2025-05")  # until the year before is cleared
    assert open_months(date(2025, 7, 1)) == ("2025-01", "2025-02", "2025-03", "2025-04", "2025-05", "2025-06")
    assert in_following_month("2024-12", 10) == date(2025, 1, 10)
    assert year_back("2025-01") == "2024-01..2025-01"


MONTHS = ("2024-12", "2025-01", "2025-02")


def test_backfill_in_both_orders_and_neighbours_are_one_job() -> None:
    rows = [unit(code, month) for month in MONTHS for code in CODES[:2]]
    oldest = backfill(rows, MONTHS, "oldest first", "all", "taken_in")
    newest = backfill(rows, MONTHS, "newest first", "all", "taken_in")
    assert [month for month, _ in oldest] == list(MONTHS)
    assert [month for month, _ in newest] == list(MONTHS)[::-1]
    assert spans(oldest, across_years=True) == (Span("2024-12..2025-02", CODES[:2]),)
    assert spans(newest, across_years=True) == (Span("2024-12..2025-02", CODES[:2]),)
    # What goes by the weights of a year stays within it.
    assert spans(oldest) == (Span("2024-12..2024-12", CODES[:2]), Span("2025-01..2025-02", CODES[:2]))
    assert spans(newest) == (Span("2025-01..2025-02", CODES[:2]), Span("2024-12..2024-12", CODES[:2]))


def test_backfill_of_the_missing_and_of_the_failed() -> None:
    rows = [
        unit("510100", settled=True),
        unit("510300"),
        unit("510400", failed={"settle": "no rate"}),
        unit("510500", delivered=False, taken_in=False),
        unit("510600", due=False),
    ]
    of = {
        only: dict(backfill(rows, [JANUARY], "oldest first", only, "settled")) for only in ("all", "missing", "failed")
    }
    assert of["all"] == {JANUARY: ("510100", "510300", "510400", "510600")}
    assert of["missing"] == {JANUARY: ("510300", "510400")}
    assert of["failed"] == {JANUARY: ("510400",)}
    assert spans([("2025-01", ("a",)), ("2025-02", ("a", "b")), ("2025-04", ("a", "b"))]) == (
        Span("2025-01..2025-01", ("a",)), Span("2025-02..2025-02", ("a", "b")), Span("2025-04..2025-04", ("a", "b")),
    )  # fmt: skip
    with pytest.raises(ConfigError, match="order is one of"):
        backfill(rows, [JANUARY], "sideways", "all", "settled")
