"""The checks across lists: pairs on both sides of each edge, and that a run's span of months changes nothing."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from intake_frames import judge, land
from intake_messages import message
from pyspark.sql import functions as F

from drg.validate.across import MOST_STAYS, findings_across, found_across, judging, with_across
from drg.validate.certificates import findings_of_certificates
from drg.validate.check import Stay
from drg.validate.checks_across import ACROSS, months_before
from drg.validate.degrees import Settings
from drg.validate.outputs import settlement_list

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

JANUARY, FEBRUARY = "2025-01", "2025-02"
CARD = "510101198001010015"


def stay(name: str, first: int, last: int, **more: object) -> Stay:
    """A stay from one day of January to another, declared in the order of the names."""
    plain = Stay(
        place=("510100", JANUARY, "a", ord(name[0])), month=JANUARY, setl_id=name, visit=f"V{name}", hospital="H1",
        admission=20_000 + first, discharge=20_000 + last, declared=1_738_368_000,
        discharge_way="4", sex="1", age_years=50, principal=f"{name[0]}10.x00", interim=False, return_planned=None,
        current=True,
    )  # fmt: skip
    return dataclasses.replace(plain, **more)


def told(*stays: Stay, **settings: Settings) -> dict[str, str]:
    """What is found of each list, by its setl_id."""
    names = {stay.place: stay.setl_id for stay in stays}
    found = found_across(stays, settings or {})
    return {names[place]: " ".join(findings) for place, findings in sorted(found.items())}


PAIRS = {
    "one visit settled twice: the one declared last counts": (
        stay("A", 1, 5), stay("B", 1, 5, visit="VA"), {"A": "R:XL06"},
    ),
    "one visit, the first settlement an interim one": (
        stay("A", 1, 5, interim=True), stay("B", 1, 9, visit="VA"), {},
    ),
    "a night in both, one hospital: the later list is returned": (
        stay("A", 1, 5), stay("B", 4, 9), {"B": "R:XL02"},
    ),
    "discharged and admitted on one day": (stay("A", 1, 5), stay("B", 5, 9), {}),
    "a night in both, interim": (stay("A", 1, 5, interim=True), stay("B", 4, 9), {}),
    "a night in both, two hospitals": (
        stay("A", 1, 5), stay("B", 4, 9, hospital="H2"), {"A": "W:XL01", "B": "W:XL01"},
    ),
    "from one hospital to the other on one day": (stay("A", 1, 5), stay("B", 5, 9, hospital="H2"), {}),
    "admitted the day after death": (
        stay("A", 1, 5, discharge_way="5"), stay("B", 6, 9), {"A": "W:DT16", "B": "R:DT16"},
    ),
    "admitted on the day of death, elsewhere": (
        stay("A", 1, 5, discharge_way="5"), stay("B", 5, 9, hospital="H2"), {},
    ),
    "here again for the same after 15 days": (
        stay("A", 1, 5, principal="I10.x00"), stay("B", 20, 22, principal="I10.x05"), {"B": "W:XL03"},
    ),
    "after 16 days": (stay("A", 1, 5, principal="I10.x00"), stay("B", 21, 22, principal="I10.x05"), {}),
    "for something else": (stay("A", 1, 5, principal="I10.x00"), stay("B", 7, 9, principal="I11.000"), {}),
    "for a cycle of chemotherapy": (
        stay("A", 1, 5, principal="Z51.100"), stay("B", 7, 9, principal="Z51.100"), {},
    ),
    "elsewhere 15 days after leaving on advice": (
        stay("A", 1, 5, discharge_way="1"), stay("B", 20, 22, hospital="H2"), {"B": "W:XL04"},
    ),
    "elsewhere after 16 days": (stay("A", 1, 5, discharge_way="1"), stay("B", 21, 22, hospital="H2"), {}),
    "here again after 31 days and no return was planned": (
        stay("A", 1, 5, return_planned=False), stay("B", 36, 40), {"B": "W:XL05"},
    ),
    "on the day of discharge": (stay("A", 1, 5, return_planned=False), stay("B", 5, 9), {"B": "W:XL05"}),
    "after 32 days": (stay("A", 1, 5, return_planned=False), stay("B", 37, 40), {}),
    "a return was planned": (stay("A", 1, 5, return_planned=True), stay("B", 36, 40), {}),
    "nobody said whether": (stay("A", 1, 5), stay("B", 36, 40), {}),
    "in another hospital": (stay("A", 1, 5, return_planned=False), stay("B", 36, 40, hospital="H2"), {}),
    "the stay went on": (stay("A", 1, 5, return_planned=False, interim=True), stay("B", 5, 9), {}),
    "the next settlement of one visit": (
        stay("A", 1, 5, return_planned=False, interim=True), stay("B", 5, 9, visit="VA", interim=True), {},
    ),
    "on the day of death": (stay("A", 1, 5, return_planned=False, discharge_way="5"), stay("B", 5, 9), {}),
    "another sex": (stay("A", 1, 5), stay("B", 7, 9, sex="2"), {"A": "W:XL10", "B": "W:XL10"}),
    "a birthday between": (stay("A", 1, 5), stay("B", 7, 9, age_years=51), {}),
    "two years older": (stay("A", 1, 5), stay("B", 7, 9, age_years=52), {"A": "W:XL10", "B": "W:XL10"}),
    "sent to another hospital, there the next day": (
        stay("A", 1, 5, discharge_way="2"), stay("B", 6, 9, hospital="H2"), {"B": "W:XL11"},
    ),
    "there two days later": (stay("A", 1, 5, discharge_way="2"), stay("B", 7, 9, hospital="H2"), {}),
}  # fmt: skip


@pytest.mark.parametrize("name", PAIRS)
def test_a_pair(name: str) -> None:
    first, second, expected = PAIRS[name]
    assert told(first, second) == expected
    assert told(second, first) == expected  # whatever the order in which they are read


def test_every_degree_of_every_check_is_drawn() -> None:
    drawn = {finding for *_, expected in PAIRS.values() for text in expected.values() for finding in text.split()}
    known = {f"R:{c.id}" for c in ACROSS if c.reject} | {f"W:{c.id}" for c in ACROSS if c.warn}
    assert drawn == known


def test_each_wrong_twin_of_each_check_is_caught_by_the_pairs() -> None:
    for check in ACROSS:
        for degree in ("reject", "warn"):
            predicate = getattr(check, degree)
            if predicate is None:
                continue
            twin = dataclasses.replace(check, **{degree: lambda this, other, p=predicate: not p(this, other)})
            checks = [twin if one is check else one for one in ACROSS]
            assert any(
                {p[3]: f for p, f in found_across([a, b], {}, checks).items()}
                != {p[3]: f for p, f in found_across([a, b], {}).items()}
                for a, b, _ in PAIRS.values()
            ), check.id


def test_a_list_is_held_against_accepted_ones_only() -> None:
    # B overlaps A and is returned; C overlaps B alone and stays.
    assert told(stay("A", 1, 5), stay("B", 4, 9), stay("C", 8, 12)) == {"B": "R:XL02"}


def test_a_later_month_does_not_undo_an_earlier_one_and_the_span_of_a_run_does_not_matter() -> None:
    january = stay("A", 1, 5)
    february = stay("B", 1, 5, visit="VA", month=FEBRUARY)
    third = stay("C", 4, 9, month=FEBRUARY)
    together = {"B": "R:XL06", "C": "R:XL02"}
    assert told(january, february, third) == together
    accepted = dataclasses.replace(january, current=False)
    assert told(accepted, february, third) == together
    # A visit that February accepted before January's list came is not paid again; nothing else is heard of February.
    assert told(january, dataclasses.replace(february, current=False)) == {"A": "R:XL06"}
    assert told(january, dataclasses.replace(third, current=False)) == {}
    assert told(january, dataclasses.replace(february, current=False, month="2025-06")) == {}


def test_five_months_back_are_not_looked_at() -> None:
    assert months_before("2025-02") == ("2024-10", "2024-11", "2024-12", "2025-01")
    second = stay("B", 1, 5, visit="VA")
    assert told(stay("A", 1, 5, month="2024-09", current=False), second) == {"B": "R:XL06"}
    assert told(stay("A", 1, 5, month="2024-08", current=False), second) == {}


def test_a_region_turns_a_check_up_down_or_off() -> None:
    pair = stay("A", 1, 5), stay("B", 4, 9)
    january = lambda **degrees: {JANUARY: Settings(degrees)}  # noqa: E731
    names = {one.place: one.setl_id for one in pair}
    for degree, expected in (("W", {"B": ("W:XL02",)}), ("", {})):
        found = found_across(pair, january(XL02=degree))
        assert {names[place]: findings for place, findings in found.items()} == expected
    elsewhere = stay("A", 1, 5), stay("B", 4, 9, hospital="H2")
    found = found_across(elsewhere, january(XL01="R"))
    assert {names[place]: findings for place, findings in found.items()} == {"B": ("R:XL01",)}


def test_a_number_that_stands_for_many_is_flagged_and_its_visits_are_paid_once() -> None:
    many = [
        stay("A", 1, 5, setl_id=f"{n:04d}", visit=f"V{n}", place=("510100", JANUARY, "a", n)) for n in range(MOST_STAYS)
    ]
    again = stay("A", 1, 5, setl_id="9999", visit="V0", place=("510100", JANUARY, "a", 9999))
    found = found_across([*many, again], {})
    assert found[many[0].place] == ("R:XL06", "W:XL10")
    assert found[again.place] == found[many[1].place] == ("W:XL10",)
    # One visit, however often it comes, is paid once.
    found = found_across([dataclasses.replace(stay, visit="V") for stay in many], {})
    assert sum("R:XL06" in findings for findings in found.values()) == MOST_STAYS - 1
    found = found_across([dataclasses.replace(stay, visit="V") for stay in [*many, again]], {})
    assert sum("R:XL06" in findings for findings in found.values()) == MOST_STAYS


def test_how_many_lists_are_too_many_does_not_depend_on_the_span_of_a_run() -> None:
    months = [f"2025-{month:02d}" for month in range(1, 11)]
    stays = [
        stay("A", 1, 5, setl_id=f"{month}{n:02d}", visit=f"V{month}{n}", month=month, place=("510100", month, "a", n))
        for month in months
        for n in range(MOST_STAYS // 5)
    ]
    together = found_across(stays, {})
    for number, month in enumerate(months):
        before = [dataclasses.replace(s, current=False) for s in stays if s.month < month and s.place not in together]
        alone = found_across([*before, *[s for s in stays if s.month == month]], {})
        assert alone == {place: found for place, found in together.items() if place[1] == month}, number


def test_months_judged_before_the_plan_was_asked_for_say_nothing() -> None:
    before = stay("A", 1, 5, month="2024-12", current=False)
    assert told(before, stay("B", 7, 9)) == {}
    assert told(dataclasses.replace(before, return_planned=False), stay("B", 7, 9)) == {"B": "W:XL05"}


@pytest.mark.parametrize("size", [1, 2, 3, 9])
def test_a_person_whose_lists_lie_in_two_batches_is_one_person(size: int) -> None:
    # Q has as many stays as P, of the same visits: nothing is found of one by the other.
    lists = [("P", stay("A", 1, 5)), ("P", stay("B", 1, 5, visit="VA")), ("P", stay("C", 20, 22))]
    lists += [("Q", stay("D", 1, 5, visit="VA")), ("Q", stay("E", 20, 22)), ("Q", stay("F", 20, 22, visit="VE"))]
    rows = [as_row(person, one) for person, one in lists]
    batches = [pa.RecordBatch.from_pylist(rows[at : at + size]) for at in range(0, len(rows), size)]
    found = [row for batch in judging({})(batches) for row in batch.to_pylist()]
    assert [(chr(row["line_number"]), row["across"]) for row in found] == [("A", "R:XL06"), ("E", "R:XL06")]


def as_row(person: str, one: Stay) -> dict[str, object]:
    region, delivery, file, line = one.place
    of = {"visit": "mdtrt_key", "hospital": "hospital_code", "principal": "principal_diagnosis"}
    facts = {of.get(name, name): value for name, value in vars(one).items() if name != "place"}
    place = {"region_code": region, "delivery_month": delivery, "file_name": file, "line_number": line}
    return {**place, "person_key": person, **facts}


def test_in_a_run_the_second_list_is_refused_and_earlier_months_are_held_against(
    spark: SparkSession, tmp_path_factory: pytest.TempPathFactory
) -> None:
    one = {"psn_no": "P1", "mdtrt_id": "M1"}
    messages = [
        message(setl_id="A", **one),
        message(setl_id="B", **{**one, "dcla_time": "2025-01-09 08:00:00"}),  # the same visit, declared later
        message(setl_id="C", psn_no="P2", mdtrt_id="M2", dscg31days_rinp_flag="2", rinp_pup="取石"),
        # One id card, once in its old form; one with a wrong check digit and one of another kind say nothing.
        message(setl_id="E", certno=CARD, psn_cert_type="01"),
        message(setl_id="F", certno=CARD[:6] + CARD[8:17], psn_cert_type="01"),
        message(setl_id="G", certno=CARD[:17] + "X", psn_cert_type="01"),
        message(setl_id="H", certno=CARD, psn_cert_type="03"),
    ]
    alone = judge(spark, land(spark, tmp_path_factory.mktemp("across"), messages)).cache()
    beside = with_across(alone, findings_across(alone, None, {}))
    both = with_across(beside, findings_of_certificates(beside, None, {})).collect()
    assert {row["setl_id"]: row["findings"] for row in both} == {
        "A": "R:XL06", "B": "", "C": "", "E": "W:XL12", "F": "W:XL12", "G": "W:ID19", "H": "",
    }  # fmt: skip
    assert [row["setl_id"] for row in both if row["reason_kind"] == "failed_check"] == ["A"]
    assert {row["setl_id"]: row["return_planned"] for row in both if row["setl_id"] in "BC"} == {"B": None, "C": True}
    keys = {row["setl_id"]: row["cert_key"] for row in both}
    assert (keys["E"] == keys["F"], keys["G"], keys["H"], len(keys["E"])) == (True, None, None, 64)
    assert keys["E"] not in {row["person_key"] for row in both}
    # The visit of C was accepted in December already.
    earlier = settlement_list(alone.where("setl_id = 'C'")).selectExpr(
        "* EXCEPT (settlement_month, setl_id, line_number)"
    )
    earlier = earlier.selectExpr("*", "'2024-12' AS settlement_month", "'D' AS setl_id").withColumn(
        "line_number", F.lit(9).cast("bigint")
    )
    rows = findings_across(alone, earlier, {}).collect()
    assert sorted((row["line_number"], row["across"]) for row in rows) == [(1, "R:XL06"), (3, "R:XL06")]


# Line, region, settlement month, certificate, person, reason it is not fit; below, what was accepted before.
NUMBERS = [
    (1, "510100", JANUARY, "two at once", "a", None),
    (2, "510100", JANUARY, "two at once", "b", None),
    (3, "510100", JANUARY, "one, twice", "a", None),
    (4, "510100", JANUARY, "one, twice", "a", None),
    (5, "510100", JANUARY, "four months ago", "a", None),
    (6, "510100", JANUARY, "five months ago", "a", None),
    (7, "510100", JANUARY, "a month later", "a", None),
    (8, "510100", JANUARY, "in another region", "a", None),
    (9, "510300", JANUARY, "in another region", "b", None),
    (10, "510100", JANUARY, "one is refused", "a", None),
    (11, "510100", JANUARY, "one is refused", "b", "failed_check"),
    (12, "510100", JANUARY, None, "a", None),
    (13, "510100", JANUARY, None, "b", None),
]
BEFORE = [
    (20, "510100", "2024-09", "four months ago", "b"),
    (21, "510100", "2024-08", "five months ago", "b"),
    (22, "510100", FEBRUARY, "a month later", "b"),
]


def test_one_certificate_under_two_person_numbers(spark: SparkSession) -> None:
    place = ("'2025-01' AS delivery_month", "'a' AS file_name")
    columns = "line_number bigint, region_code string, record_month string, cert_key string, person_key string"
    now = spark.createDataFrame(NUMBERS, f"{columns}, reason_kind string").selectExpr("*", *place)
    before = spark.createDataFrame(BEFORE, columns).withColumnRenamed("record_month", "settlement_month")
    before = before.selectExpr("*", *place)

    def found(settings: dict[tuple[str, str], Settings]) -> list[tuple[int, str]]:
        rows = findings_of_certificates(now.repartition(3), before, settings).collect()
        return sorted((row["line_number"], row["across"]) for row in rows)

    assert found({}) == [(1, "W:XL12"), (2, "W:XL12"), (5, "W:XL12")]
    unit = ("510100", JANUARY)
    assert found({unit: Settings({"XL12": "R"})}) == [(1, "R:XL12"), (2, "R:XL12"), (5, "R:XL12")]
    assert found({unit: Settings({"XL12": ""})}) == []
