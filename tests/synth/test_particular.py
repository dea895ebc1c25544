"""Stays paid otherwise than by their group, and what is delivered beside the lists: applications, reviews, audits."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from drg.doors.config import load_province
from drg.land.registers import read_audit_deductions, read_case_applications, read_performance
from drg.policy import PolicyBook
from drg.synth import Rates
from drg.synth.applications import Admitted, admitted
from drg.synth.assumptions import PARTICULAR
from drg.synth.cases import draw_cases
from drg.synth.particular import fee_kind, particular
from drg.synth.reviews import audit_rows, performance_rows
from drg.synth.truth import Truth, truth_of
from tests.synth.drawn import REGIONS, Draw, Message, draw

MONTHS = ("2024-12", "2025-01", "2025-02")


@pytest.fixture(scope="module")
def truth() -> Truth:
    return truth_of(load_province("pilots"), 7, "chs-drg-2.0", 2025)


@pytest.fixture(scope="module")
def book() -> PolicyBook:
    return PolicyBook.load_default()


def days(message: Message) -> int:
    return int(message["act_ipt_days"])


def principal(message: Message) -> str:
    return str(message["diseinfo"][0]["diag_code"])


def test_every_kind_is_drawn_with_its_diagnosis_its_days_and_its_fees(truth: Truth) -> None:
    source, level = truth.catalogue(), np.full(20_000, 3)
    usual = draw_cases(np.random.default_rng(1), truth, Rates(), level)
    cases = particular(np.random.default_rng(2), source, Rates(), usual)
    fees = fee_kind(source, np.zeros(20_000, dtype=np.int64), cases)
    for place, kind in enumerate(PARTICULAR):
        rows = np.flatnonzero(cases.kind == place)
        assert len(rows) > 5, kind.name
        codes = [str(source.diagnoses[int(code)]) for code in cases.diagnoses[rows, 0]]
        assert all(code.startswith(kind.diagnoses) for code in codes), kind.name
        assert cases.days[rows].min() >= kind.days[0]
        assert cases.days[rows].max() <= kind.days[1]
        assert ((cases.procedures[rows, 0] >= 0).mean() > 0.9) == kind.acts
        assert (fees[rows] == 3).all() == (kind.fees == "tcm")
    untouched = (cases.kind < 0) & ~cases.day_surgery
    assert (cases.diagnoses[untouched] == usual.diagnoses[untouched]).all()
    assert (cases.days[untouched] == 0).all()


def test_a_share_of_none_draws_no_particular_stay(truth: Truth) -> None:
    usual = draw_cases(np.random.default_rng(1), truth, Rates(), np.full(5_000, 3))
    cases = particular(np.random.default_rng(2), truth.catalogue(), Rates(particular=0.0), usual)
    assert (cases.kind == -1).all()
    assert not cases.day_surgery.any()
    assert (cases.procedures == usual.procedures).all()


def test_the_delivered_lists_hold_long_stays_day_surgery_and_both_sides(tmp_path: Path) -> None:
    drawn = draw(tmp_path, 4_000, Rates(particular=0.3))
    clean = drawn.clean()
    long_stays = [m for m in clean if principal(m).startswith(("F20", "F25", "F31"))]
    assert max(map(days, long_stays)) >= 60
    surgery = [m for m in clean if m["med_type"] == "28"]
    assert surgery
    assert all(days(m) == 1 and m["oprninfo"] for m in surgery)
    twice = [m for m in clean if len({r["oprn_oprt_code"] for r in m["oprninfo"]}) < len(m["oprninfo"])]
    assert twice
    tcm = [m for m in clean if {r["oprn_oprt_code"][:5] for r in m["oprninfo"]} & {"17.92", "17.91", "17.95"}]
    assert len(tcm) > 20


def test_applications_are_for_what_the_policy_admits(book: PolicyBook) -> None:
    assert admitted(book, "511500", "2025-01") == Admitted(special=True)
    assert admitted(book, "511500", "2024-12") == Admitted()
    assert admitted(book, "610100", "2025-01") == Admitted()
    of_chengdu = admitted(book, "510100", "2025-01")
    assert of_chengdu.special
    assert {code for code, _, _ in of_chengdu.items} == {"neurostimulator", "lvad", "ureteral_stent"}
    assert all(whole for _, _, whole in of_chengdu.items)
    assert admitted(book, "320282", "2025-06").items == (("dual_channel", "双通道谈判药品", False),)
    assert admitted(book, "320282", "2026-01").items == ()


def test_applications_land_and_name_lists_that_stay_as_delivered(usual: Draw) -> None:
    rows = [row for region in REGIONS for row in read_case_applications(usual.out / region, region)]
    assert {row[3] for row in rows} == {"special_case", "exclusion"}
    assert {row[0] for row in rows} == {"2025-01"}  # nothing is applied for before the policy begins
    live = usual.truth[(usual.truth.record_kind == "list") & (usual.truth.outcome == "live")].setl_id
    assert {row[2] for row in rows} <= set(live)
    cost = dict(
        zip(usual.truth.setl_id, zip(usual.truth.total_cost, usual.truth.expected_cost, strict=True), strict=True)
    )
    for row in rows:
        if row[3] == "special_case":
            total, expected = cost[row[2]]
            assert total >= Decimal("2.5") * expected


def test_reviews_and_audits_land_as_the_policy_joins_them(truth: Truth, book: PolicyBook, tmp_path: Path) -> None:
    points = performance_rows(book, "330700", MONTHS, truth.hospitals["330700"], 7)
    assert {(row[0], row[3]) for row in points} == {(y, f) for y in ("2024", "2025") for f in ("310", "390")}
    deduction = performance_rows(book, "320282", MONTHS, truth.hospitals["320282"], 7)
    assert {(row[0], row[3], row[5]) for row in deduction} == {("2025", "", "")}  # no rule before 2025
    assert performance_rows(book, "610100", MONTHS, truth.hospitals["610100"], 7) == []
    audits = audit_rows("320282", ("2023-12", "2024-01", "2025-01"), truth.hospitals["320282"], 7)
    names = {"performance": ("settlement_year", "region_code", "hospital_code", "fund", "score", "reward_points")}
    names["audit_deduction"] = (*names["performance"][:4], "amount", "reason", "decided_on")
    for name, rows in (("performance", deduction), ("audit_deduction", audits)):
        with (tmp_path / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([names[name], *rows])
    reviewed = read_performance(tmp_path, "320282")
    assert len(reviewed) == len(truth.hospitals["320282"].codes)
    assert all(Decimal(82) <= row[4] <= 100 for row in reviewed)
    taken = read_audit_deductions(tmp_path, "320282")
    assert all(row[5] > 0 and row[7] == date(row[0] + 1, 3, 15) for row in taken)
    assert 0 < len(taken) < 3 * len(reviewed)
