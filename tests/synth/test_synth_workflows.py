"""Drawn disputes and notices: what land reads, about lists that are there, each state in turn."""

from __future__ import annotations

from drg.land.registers import read_hospital_register
from drg.land.workflows import DISPUTE_COLUMNS, read_case_disputes, read_warning_notices
from drg.synth.workflows import Disputable, dispute_rows, next_month
from tests.synth.drawn import Draw


def test_land_reads_them_and_their_cases_are_live(usual: Draw) -> None:
    live = usual.truth[(usual.truth.outcome == "live") & (usual.truth.record_kind == "list")]
    hospital_of = dict(zip(live.setl_id, live.hospital_code, strict=True))
    found = []
    for folder in sorted(path for path in usual.out.iterdir() if path.is_dir()):
        hospitals = {row[1] for row in read_hospital_register(folder, folder.name)}
        rows = read_case_disputes(folder, folder.name, hospitals)
        assert 1 <= len(rows) <= 4
        assert all(hospital_of[row[2]] == row[3] for row in rows)
        assert {row[1] for row in rows} <= {"2024-12", "2025-01"}
        notices = read_warning_notices(folder, folder.name, hospitals)
        assert [row[12] is None for row in notices] == [False, True]
        assert all(row[7] > row[8] for row in notices)
        found += rows
    assert len(found) > 6


def test_what_is_said_of_a_case_follows_from_its_place_alone() -> None:
    cases = [Disputable("2025-01", f"S{place}", "H1", place) for place in range(6)]
    rows = dispute_rows("510100", cases, ["AA11", "BB11"])
    told = [dict(zip(DISPUTE_COLUMNS, row, strict=True)) for row in rows]
    assert [(row["state"], row["decision"], row["ruling"]) for row in told] == [
        ("decided", "upheld", "repriced"),
        ("decided", "upheld", "regrouped"),
        ("decided", "dismissed", ""),
        ("refused", "", ""),
        ("accepted", "", ""),
        ("filed", "", ""),
    ]
    # 7 x 1 + 11 = 18, the first of two groups again.
    assert [row["drg"] for row in told] == ["", "AA11", "", "", "", ""]
    assert dispute_rows("510100", cases[::-1], ["AA11", "BB11"]) == rows


def test_december_is_followed_by_january() -> None:
    assert (next_month("2024-11"), next_month("2024-12")) == ("2024-12", "2025-01")
