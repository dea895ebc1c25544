"""The checks of a month as a whole: pairs on both sides of each limit, what a region sets, and what is said."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

import pytest

from drg.contracts import contract
from drg.validate.batch import Batch, Delivery, Finding, Hospital, Month, batch_findings, per_cent, shown_limits
from drg.validate.checks_batch import BATCH
from drg.validate.degrees import Settings
from drg.validate.english import BATCH_ENGLISH
from drg.validate.gates import held
from drg.validate.intake_findings import MOST_SAID, told

D = Decimal
REGION, APRIL = "510100", "2025-04"
UNIT = (REGION, APRIL)
A, B = "H51010000001", "H51010000002"


def month(lists: int = 100, settlements: int = 100, asked: int | None = None, **missing: int) -> Month:
    return Month(lists, settlements, asked, missing)


def judged(
    now: Month | None = None,
    before: dict[str, Month] | None = None,
    hospitals: dict[str, Hospital] | None = None,
    delivery: Delivery | None = None,
    known: int = 0,
    settings: Settings | None = None,
) -> list[Finding]:
    """What is found of April 2025 of one region."""
    months = {(REGION, name): one for name, one in (before or {}).items()} | {UNIT: now or month()}
    of = Batch(months, {UNIT: hospitals or {}}, {UNIT: delivery} if delivery else {}, {UNIT: known})
    return batch_findings(of, [UNIT], {UNIT: settings} if settings else {})


def brief(found: list[Finding]) -> list[tuple[str, str, Decimal]]:
    return [(one.check, one.subject, one.measured) for one in found]


def quarter(*lists: int) -> dict[str, Month]:
    """January, February and March with so many lists."""
    return {f"2025-{number:02d}": month(n) for number, n in enumerate(lists, 1) if n}


@pytest.mark.parametrize(
    ("lists", "before", "expected"),
    [
        # (90 + 100 + 110) / 3 = 100: 130 and 70 are 30 % off, one more or less is too much.
        (130, (90, 100, 110), []),
        (131, (90, 100, 110), [("BT03", REGION, D("0.3100"))]),
        (70, (90, 100, 110), []),
        (69, (90, 100, 110), [("BT03", REGION, D("-0.3100"))]),
        (0, (90, 100, 110), [("BT03", REGION, D("-1.0000"))]),
        # (100 + 100 + 101) / 3: 131 / 100.333... - 1 = 0.30564... is beyond, not rounded to 30 %.
        (131, (100, 100, 101), [("BT03", REGION, D("0.3056"))]),
        (900, (90, 0, 110), []),  # a month is not there
        (900, (49, 49, 49), []),  # fewer than 50 lists a month
        (900, (50, 50, 50), [("BT03", REGION, D("17.0000"))]),
    ],
)
def test_a_month_beside_the_three_before(lists: int, before: tuple[int, ...], expected: list[object]) -> None:
    assert brief(judged(month(lists), quarter(*before))) == expected


def test_the_three_months_before_reach_into_the_last_year() -> None:
    unit = (REGION, "2025-01")
    months = {(REGION, name): month(100) for name in ("2024-10", "2024-11", "2024-12")} | {unit: month(200)}
    assert [one.check for one in batch_findings(Batch(months, {}, {}, {}), [unit], {})] == ["BT03"]
    other = {("510300", name): one for (_, name), one in months.items()} | {unit: month(200)}
    assert batch_findings(Batch(other, {}, {}, {}), [unit], {}) == []


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        (month(asked=100, bill_no=5), None, []),
        (month(asked=100, bill_no=6), None, [("BT07", "bill_no", D("0.0600"))]),
        # Below the limit, but 5 points and more above the month before: 0.1 % and 5.0 %, then 0 % and 5.0 %.
        (month(asked=1000, bill_no=50), month(asked=1000, bill_no=1), []),
        (month(asked=100, brdy=5), month(asked=100), []),
        (month(asked=1000, brdy=50), month(asked=1000), []),
        (month(asked=49, bill_no=49), None, []),
        (month(asked=50, bill_no=50), None, [("BT07", "bill_no", D("1.0000"))]),
        (month(asked=None), None, []),
        (
            month(asked=100, gend=6, bill_no=7),
            None,
            [("BT07", "bill_no", D("0.0700")), ("BT07", "gend", D("0.0600"))],
        ),
    ],
)
def test_items_that_are_missing(now: Month, before: Month | None, expected: list[object]) -> None:
    assert brief(judged(now, {"2025-03": before} if before else {})) == expected


def test_a_jump_of_more_than_five_points() -> None:
    lax = Settings(limits={("BT07", "share"): "0.5"})
    for lacking, expected in ((15, []), (16, [("BT07", "bill_no", D("0.1600"))])):
        now = month(asked=100, bill_no=lacking)
        assert brief(judged(now, {"2025-03": month(asked=100, bill_no=10)}, settings=lax)) == expected
        # What was counted before items were asked for, or of too few lists, is no measure.
        for before in (month(asked=None), month(asked=49)):
            assert judged(now, {"2025-03": before}, settings=lax) == []
    (found,) = judged(now, {"2025-03": month(asked=100, bill_no=10)}, settings=lax)
    assert found.limit == D("0.1500")
    assert found.sentence == (
        "必填项bill_no为空或无法读取的占16%（16/100份），比上月的10%高5个百分点以上；请核对数据接口和字段对照"
    )


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (Hospital(100, 10, 0, 0), []),
        (Hospital(100, 11, 0, 0), [("BT08", A, D("0.1100"))]),
        (Hospital(49, 49, 0, 0), []),
        (Hospital(50, 50, 0, 0), [("BT08", A, D("1.0000"))]),
        (Hospital(10, 0, 1000, 20), []),
        (Hospital(10, 0, 1000, 21), [("DX20", A, D("0.0210"))]),
        (Hospital(10, 0, 99, 99), []),
        (Hospital(10, 0, 100, 100), [("DX20", A, D("1.0000"))]),
        (Hospital(0, 0, 0, 0), []),
    ],
)
def test_a_hospital(one: Hospital, expected: list[object]) -> None:
    assert brief(judged(hospitals={A: one, B: Hospital(100, 0, 500, 0)})) == expected


@pytest.mark.parametrize(
    ("delivery", "expected"),
    [
        (Delivery(100, 95), []),
        (Delivery(100, 94), [("BT09", REGION, D("0.9400"))]),
        (Delivery(49, 0), []),
        (Delivery(50, 0), [("BT09", REGION, D("0.0000"))]),
        # Of 1,000 settlements 5 without a list are 0.5 %, 6 are more; of 49 nothing is said, of 50 it is.
        (Delivery(995, 995, 5), []),
        (Delivery(994, 994, 6), [("BT04", REGION, D("0.0060"))]),
        (Delivery(48, 48, 1), []),
        (Delivery(49, 49, 1), [("BT04", REGION, D("0.0200"))]),
        (Delivery(0, 0, 50), [("BT04", REGION, D("1.0000"))]),
        (None, []),
    ],
)
def test_a_delivery_and_its_month(delivery: Delivery | None, expected: list[object]) -> None:
    assert brief(judged(delivery=delivery)) == expected


def test_a_month_does_not_shrink() -> None:
    assert judged(month(90, 100), known=100) == []  # ten were taken back
    (found,) = judged(month(90, 99), known=100)
    assert (found.check, found.measured, found.limit, found.measure) == ("BT10", D("99"), D("100"), "lists")
    assert found.sentence.startswith("以前审核时有100份结算清单，现在只有99份（已冲销的计算在内），少1份；")


def test_a_region_holds_for_a_finding_sets_a_limit_or_turns_it_off() -> None:
    case = {A: Hospital(100, 11, 0, 0)}
    (found,) = judged(hospitals=case)
    assert (found.degree, held({UNIT: 100}, {}, {}, [found])) == ("warn", {})
    (found,) = judged(hospitals=case, settings=Settings({"BT08": "H"}))
    assert found.degree == "hold"
    assert str(held({UNIT: 100}, {}, {}, [found])[UNIT]) == (
        f"region {REGION}, month {APRIL}: held by BT08: {found.sentence}; see intake_finding, have it delivered again "
        "or set another degree or limit in conf/policy"
    )
    assert judged(hospitals=case, settings=Settings({"BT08": ""})) == []
    assert judged(hospitals=case, settings=Settings(limits={("BT08", "share"): "0.11"})) == []


def test_the_run_says_each_finding_and_where_the_others_are() -> None:
    (found,) = judged(hospitals={A: Hospital(100, 11, 0, 0)})
    assert list(told([found])) == [
        f"region {REGION}, month {APRIL}: BT08 提示 医疗机构{A}的100份清单退回11份，占11%，超过10%；"
        "请与该机构核对接口和编码"
    ]
    assert list(told([found] * (MOST_SAID + 2)))[MOST_SAID:] == [
        "2 more findings of months as a whole stand in intake_finding"
    ]


def test_every_place_of_a_sentence_is_filled_and_every_limit_told() -> None:
    everything = judged(
        month(500, 1, 100, bill_no=50),
        quarter(100, 100, 100),
        {A: Hospital(100, 50, 100, 50)},
        Delivery(100, 1, 10),
        known=2,
        settings=Settings({check.id: "H" for check in BATCH}),
    )
    assert [one.check for one in everything] == [check.id for check in BATCH]
    assert {one.degree for one in everything} == {"hold"}
    for one in everything:
        assert not re.search(r"[{}]", one.sentence), one.sentence
    for check in BATCH:
        assert set(re.findall(r"\{(\w+)\}", check.rule)) == set(check.limits) == set(shown_limits(check)), check.id
        assert BATCH_ENGLISH[check.id]
    assert set(BATCH_ENGLISH) == {check.id for check in BATCH}


def test_shares_are_shown_in_per_cent_and_the_contract_knows_what_is_measured() -> None:
    assert [per_cent(Fraction(*share)) for share in ((1, 8), (1, 3), (1, 1), (-31, 100), (0, 1))] == [
        *("12.5%", "33.33%", "100%", "-31%", "0%")
    ]
    columns = {column.name: column for column in contract("intake_finding").columns}
    assert set(columns["measure"].codes) == {check.unit for check in BATCH}
    assert set(columns["degree"].codes) == {"hold", "warn"}
