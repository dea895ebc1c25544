"""What status makes of the log: a small drawn log, no Spark."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from drg.status import BROUGHT, Cell, LogEntry, State, changed_since, not_whole, states, worst

A, P = "510100", "510000"
START = datetime(2025, 3, 1, tzinfo=UTC)


def entry(
    step: str, minute: int, region: str = A, period: str = "2025-01", ok: bool = True, touches: tuple[str, ...] = ()
) -> LogEntry:
    return LogEntry(step, region, period, ok, START + timedelta(minutes=minute), None if ok else "why", touches)


def state_of(log: list[LogEntry], step: str, month: str = "2025-01", settled_from: str = "2025-01") -> State:
    cells = states(log, [A], [month], P, {A: settled_from}, {A: "2024-01"})
    return next(cell.state for cell in cells if cell.step == step)


FULL = [
    entry("land", 0, touches=("2025-01",)),
    entry("validate", 1),
    entry("group", 2),
    entry("weigh", 3, period="2025"),
    entry("rate", 4, period="2025"),
    entry("settle", 5),
    entry("compare", 6, region=P),
    entry("publish", 7),
]


def test_a_full_line_is_done() -> None:
    assert {cell.state for cell in states(FULL, [A], ["2025-01"], P, {A: "2025-01"}, {A: "2024-01"})} == {State.DONE}


def test_a_late_delivery_makes_the_month_it_touches_stale() -> None:
    late = entry("land", 8, period="2025-02", touches=("2025-01", "2025-02"))
    assert state_of([*FULL, late], "validate") is State.STALE
    other = entry("land", 8, period="2025-02", touches=("2025-02",))
    assert state_of([*FULL, other], "validate") is State.DONE


def test_grouping_a_month_again_makes_its_settlement_stale_but_not_its_own_year_s_weights() -> None:
    again = [e for e in FULL if e.step != "group"] + [entry("group", 9)]
    assert state_of(again, "settle") is State.STALE
    assert state_of(again, "weigh") is State.DONE
    history = [*FULL, entry("group", 9, period="2024-12")]
    assert state_of(history, "weigh") is State.STALE


def test_a_cleared_month_is_done_once_an_open_month_booked_what_changed_of_it() -> None:
    changed = [e for e in FULL if e.step != "group"] + [entry("group", 9)]
    assert state_of(changed, "settle") is State.STALE
    booked = [*changed, entry("settle", 10, period="2026-01", touches=("2025-01",))]
    assert state_of(booked, "settle") is State.DONE
    assert state_of(booked, "publish") is State.DONE  # the month itself was not settled again
    other = [*changed, entry("settle", 10, period="2026-01", touches=("2025-02",))]
    assert state_of(other, "settle") is State.STALE


def test_failed_and_missing_and_not_due() -> None:
    assert state_of([entry("land", 0, ok=False)], "land") is State.FAILED
    assert state_of([], "land") is State.MISSING
    assert state_of([], "settle", month="2024-12") is State.NOT_DUE
    assert state_of([], "settle", month="2025-01") is State.MISSING


def test_the_worst_state_comes_first() -> None:
    def cells(*found: State) -> list[Cell]:
        return [Cell("land", A, "2025-01", state) for state in found]

    assert worst(cells(State.DONE, State.STALE, State.MISSING, State.FAILED)) is State.FAILED
    assert worst(cells(State.DONE, State.STALE)) is State.STALE
    assert worst(cells(State.NOT_DUE, State.DONE)) is State.DONE
    assert worst([]) is State.NOT_DUE


def test_what_an_earlier_landing_brought_is_not_taken_back_by_a_later_one() -> None:
    brought = entry(BROUGHT, 8, period="2025-02", touches=("2025-01",))
    for later in (
        entry("land", 9, period="2025-02", touches=("2025-02",)),
        entry("land", 9, period="2025-02", ok=False),
    ):
        assert state_of([*FULL, brought, later], "validate") is State.STALE


def test_a_step_on_lists_that_failed_since_makes_stale_what_rests_on_it_and_a_landing_does_not() -> None:
    def again(step: str) -> list[LogEntry]:
        return [e for e in FULL if e.step != step] + [entry(step, 9, ok=False)]

    assert state_of(again("settle"), "publish") is State.STALE
    assert state_of(again("group"), "settle") is State.STALE
    assert state_of(again("land"), "validate") is State.DONE


def test_payments_older_than_their_lists_are_not_whole() -> None:
    def sentence(*changed: LogEntry) -> str | None:
        steps = {e.step for e in changed}
        return not_whole([e for e in FULL if e.step not in steps] + list(changed), A, "2025-01")

    assert sentence() is None
    assert sentence(entry("group", 5)) is None  # in the same minute as the settlement
    assert sentence(entry("group", 6)) == "group ran after settle; run the steps from settle on again"
    assert sentence(entry("validate", 6), entry("group", 7), entry("settle", 8)) is None
    assert sentence(entry("settle", 9, ok=False)) == "settle failed (why); run the steps from it on again"
    assert not_whole([], A, "2025-01") is None


def test_what_was_settled_or_compared_after_the_figures_were_shown_is_named() -> None:
    shown = START + timedelta(minutes=6)  # the minute the comparison ended
    assert changed_since(FULL, "2025-01", shown) is None
    assert changed_since(FULL, "2025-01", None) is None
    other = entry("settle", 7, region="510300")
    assert (changed_since([*FULL, other], "2025-01", shown) or "").startswith("settle of 510300 ran again")
    assert changed_since([*FULL, other], "2025-02", shown) is None
    booked = entry("settle", 7, period="2025-03", touches=("2025-01",))
    assert changed_since([*FULL, booked], "2025-01", shown) is not None
