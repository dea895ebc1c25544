"""The life of a version on a drawn log: the order of states, what is frozen, which month which version serves."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from drg.errors import ConfigError, VersionError
from drg.weigh.effect import GroupChange, Weighed, effect_of
from drg.weigh.versions import Change, Decision, Status, Target, VersionLog, checked

R = "420100"
NOW = datetime(2025, 1, 10, tzinfo=UTC)
JANUARY, JULY = date(2025, 1, 1), date(2025, 7, 1)
Step = tuple[str, Status]


def change(number: int, version: str, status: Status, start: str | None = None, end: str | None = None) -> Change:
    day = JANUARY if version == "2025.1" else JULY
    return Change(
        2025, R, number, version, status, day, "w", NOW, effective_from=start, effective_to=end, rate_hash="r"
    )


def log(*changes: Change) -> VersionLog:
    return VersionLog(R, 2025, changes)


def one(status: Status, version: str = "2025.1", start: str | None = None) -> VersionLog:
    return log(change(1, version, status, start))


FIRST = change(1, "2025.1", Status.PUBLISHED, "2025-01")
CONSULTED = change(2, "2025.2", Status.CONSULTATION)


def decided(on: date = date(2025, 6, 30)) -> Decision:
    return Decision("武汉市医保局", on, "集采降价", NOW)


def test_from_trial_to_published_in_order() -> None:
    life = one(Status.TRIAL)
    for number, status in enumerate((Status.PROPOSED, Status.CONSULTATION), start=2):
        made = life.decided(None, status, decided())
        assert (made.change_number, made.status, made.decided_by, made.reason) == (
            number, status, "武汉市医保局", "集采降价",
        )  # fmt: skip
        life = replace(life, changes=(*life.changes, made))
    (published,) = life.publication(None, None, "2025-01", [], decided())
    assert (published.change_number, published.status, published.effective_from) == (4, Status.PUBLISHED, "2025-01")


@pytest.mark.parametrize(
    ("stands", "becomes"),
    [
        (Status.TRIAL, Status.CONSULTATION),
        (Status.TRIAL, Status.PUBLISHED),
        (Status.PROPOSED, Status.PUBLISHED),
        (Status.PROPOSED, Status.PROPOSED),
        (Status.PUBLISHED, Status.PROPOSED),
        (Status.SUPERSEDED, Status.PUBLISHED),
        (Status.WITHDRAWN, Status.PROPOSED),
    ],
)
def test_no_state_is_skipped_and_none_comes_back(stands: Status, becomes: Status) -> None:
    sentence = f"version 2025.1 of region {R} is {stands} and cannot become {becomes}: the order is trial, proposed"
    with pytest.raises(VersionError, match=sentence):
        one(stands).decided("2025.1", becomes, decided())


@pytest.mark.parametrize("stands", [Status.TRIAL, Status.PROPOSED, Status.CONSULTATION])
def test_what_is_not_published_may_be_withdrawn(stands: Status) -> None:
    assert one(stands).decided(None, Status.WITHDRAWN, decided()).status is Status.WITHDRAWN


def test_what_is_published_is_not_withdrawn() -> None:
    with pytest.raises(VersionError, match="what is published stays, publish a later version instead"):
        log(FIRST).decided("2025.1", Status.WITHDRAWN, decided())


@pytest.mark.parametrize(("day", "good"), [(29, False), (30, True)])
def test_a_decision_does_not_stand_before_the_one_it_follows(day: int, good: bool) -> None:
    proposed = one(Status.TRIAL).decided(None, Status.PROPOSED, decided(date(2025, 6, 30)))
    life = log(change(1, "2025.1", Status.TRIAL), proposed)
    if good:
        assert life.decided(None, Status.CONSULTATION, decided(date(2025, 6, day)))
    else:
        with pytest.raises(VersionError, match="became proposed on 2025-06-30; a decision of 2025-06-29"):
            life.decided(None, Status.CONSULTATION, decided(date(2025, 6, day)))


def test_a_later_version_supersedes_the_earlier_from_its_month_on() -> None:
    life = log(FIRST, CONSULTED)
    own, earlier = life.publication("2025.2", "2025-07", "2025-01", ["2025-05", "2025-06"], decided())
    assert (own.version, own.effective_from, own.effective_to) == ("2025.2", "2025-07", None)
    assert (earlier.version, earlier.status) == ("2025.1", Status.SUPERSEDED)
    assert (earlier.effective_from, earlier.effective_to) == ("2025-01", "2025-06")
    assert [one.change_number for one in (own, earlier)] == [3, 4]
    after = replace(life, changes=(*life.changes, own, earlier))
    serving = {month: after.in_force(f"2025-{month}") for month in ("01", "06", "07", "12")}
    assert {month: found and found.version for month, found in serving.items()} == {
        "01": "2025.1", "06": "2025.1", "07": "2025.2", "12": "2025.2",
    }  # fmt: skip


def test_a_version_that_served_no_month_serves_none_once_superseded() -> None:
    life = log(FIRST, change(2, "2025.2", Status.PUBLISHED, "2025-09"), change(3, "2025.3", Status.CONSULTATION))
    rows = life.publication("2025.3", "2025-07", "2025-01", [], decided())
    assert {row.version: (row.effective_from, row.effective_to) for row in rows} == {
        "2025.3": ("2025-07", None),
        "2025.1": ("2025-01", "2025-06"),
        "2025.2": (None, None),
    }


@pytest.mark.parametrize(
    ("changes", "month", "settled", "sentence"),
    [
        (
            (FIRST, CONSULTED),
            "2025-07",
            ["2025-06", "2025-07"],
            "has settled 2025-07 already and publishing rewrites no",
        ),
        ((FIRST, CONSULTED), "2025-06", ["2025-09"], "has settled 2025-09 already"),
        ((FIRST, CONSULTED), None, [], "follows 2025.1; say from which month with --from"),
        ((FIRST, CONSULTED), "2026-01", [], "cannot serve from 2026-01; name a month from 2025-03 to 2025-12"),
        ((FIRST, CONSULTED), "2025-02", [], "cannot serve from 2025-02; name a month from 2025-03"),
        ((FIRST, replace(CONSULTED, rate_hash=None)), "2025-07", [], "has no rates; run `drg run --steps rate"),
        ((CONSULTED, change(3, "2025.3", Status.PUBLISHED, "2025-08")), "2025-09", [], "has published 2025.3 after"),
    ],
)
def test_what_cannot_be_published_is_named(
    changes: tuple[Change, ...], month: str | None, settled: list[str], sentence: str
) -> None:
    with pytest.raises(VersionError, match=sentence):
        log(*changes).publication("2025.2", month, "2025-03", settled, decided())


@pytest.mark.parametrize(("month", "version"), [("2025-02", None), ("2025-03", "2025.1")])
def test_no_version_serves_before_its_month(month: str, version: str | None) -> None:
    found = one(Status.PUBLISHED, start="2025-03").in_force(month)
    assert (found and found.version) == version


@pytest.mark.parametrize("status", [Status.TRIAL, Status.PROPOSED, Status.CONSULTATION, Status.WITHDRAWN])
def test_only_what_is_published_serves(status: Status) -> None:
    assert one(status, start="2025-01").in_force("2025-01") is None


def aimed(life: VersionLog, asked: str | None = None, automatic: bool = True, cleared: bool = False) -> Target | None:
    return life.target(asked, JULY, automatic, cleared)


@pytest.mark.parametrize(
    ("life", "automatic", "cleared", "target"),
    [
        # Published at once, and replaced until the year is cleared.
        (log(), True, False, Target("2025.1", None, True)),
        (log(FIRST), True, False, Target("2025.1", None, True)),
        (log(FIRST), True, True, None),
        # On approval: a trial until it is decided, then frozen; the newest trial after it.
        (log(), False, False, Target("2025.1")),
        (one(Status.TRIAL), False, False, Target("2025.1")),
        (one(Status.PROPOSED), False, False, None),
        (log(FIRST), False, False, None),
        (log(FIRST, change(2, "2025.2", Status.TRIAL)), False, False, Target("2025.2", JULY)),
        (log(FIRST, CONSULTED), False, False, None),
        # A trial beside what is published at once: the published one is renewed.
        (log(FIRST, change(2, "2025.2", Status.TRIAL)), True, False, Target("2025.1", None, True)),
    ],
)
def test_what_a_plain_run_writes(life: VersionLog, automatic: bool, cleared: bool, target: Target | None) -> None:
    assert aimed(life, None, automatic, cleared) == target


def test_a_further_version_is_a_trial_and_keeps_the_day_it_was_first_computed_for() -> None:
    assert aimed(log(FIRST), "2025.2") == Target("2025.2", JULY)
    trial = replace(change(2, "2025.2", Status.TRIAL), policy_day=date(2025, 4, 1))
    assert aimed(log(FIRST, trial), "2025.2") == Target("2025.2", date(2025, 4, 1))
    assert aimed(log(FIRST, replace(trial, status=Status.WITHDRAWN)), "2025.2") == Target("2025.2", JULY)


@pytest.mark.parametrize(
    ("life", "automatic", "asked", "sentence"),
    [
        (log(FIRST), False, "2025.1", "is published and frozen; compute the next version with --version 2025.2"),
        (one(Status.SUPERSEDED), True, "2025.1", "is superseded; compute the next version with --version 2025.2"),
        (log(FIRST, CONSULTED), True, "2025.2", r"is consultation; withdraw it .* or compute .* --version 2025.3"),
        (log(FIRST), True, "2025.3", "version 2025.3 would not follow those of region 420100; the next one is 2025.2"),
    ],
)
def test_a_version_that_is_not_open_is_refused_with_the_remedy(
    life: VersionLog, automatic: bool, asked: str, sentence: str
) -> None:
    with pytest.raises(VersionError, match=sentence):
        aimed(life, asked, automatic)


@pytest.mark.parametrize("text", ["2024.1", "2025.0", "2025", "2025.1a", "2"])
def test_a_version_is_written_as_year_and_number(text: str) -> None:
    with pytest.raises(ConfigError, match=r"is not one of 2025; write e\.g\. 2025\.1"):
        checked(text, 2025)
    assert checked("2025.12", 2025) == "2025.12"


def test_the_tenth_version_comes_after_the_ninth() -> None:
    life = log(*(change(n, f"2025.{n}", Status.TRIAL) for n in range(1, 11)))
    assert (list(life.standing)[-1], life.next_version) == ("2025.10", "2025.11")


def weighed(**weights: tuple[str | None, int]) -> dict[tuple[str, str, str], Weighed]:
    return {
        ("s", "all", drg): Weighed(None if weight is None else Decimal(weight), cases)
        for drg, (weight, cases) in weights.items()
    }


def test_the_effect_counts_both_sides_over_the_newer_history() -> None:
    """A is raised, B stays, C is new, D is gone: 10 x 1 + 20 x 2 = 50 before, 10 x 1.5 + 20 x 2 + 5 x 3 = 70 after."""
    before = weighed(A=("1", 99), B=("2", 99), D=("4", 99))
    found = effect_of(before, weighed(A=("1.5", 10), B=("2.0000", 20), C=("3", 5)))
    assert found.groups == (
        GroupChange("s", "all", "A", Decimal(1), Decimal("1.5"), 10),
        GroupChange("s", "all", "C", None, Decimal(3), 5),
        GroupChange("s", "all", "D", Decimal(4), None, 0),
    )
    assert (found.total_before, found.total_after) == (50, 70)


def test_weights_without_history_have_no_total() -> None:
    found = effect_of(weighed(A=("1", 0)), weighed(A=("2", 0)))
    assert (len(found.groups), found.total_before, found.total_after) == (1, None, None)
