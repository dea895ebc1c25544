"""Deliveries are complete, say what they hold, and are the same bytes however they were drawn."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

import pytest

from drg.contracts import contract
from drg.doors.config import load_province
from drg.errors import ConfigError, StorageError
from drg.synth import draw_province
from drg.synth.province import allot
from tests.synth.drawn import MONTHS, REGIONS, Draw, delivered, manifests, records

PROVINCE = load_province("sichuan")


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_one_and_two_processes_write_the_same_bytes(tmp_path: Path) -> None:
    for processes in (1, 2):
        root = tmp_path / str(processes)
        draw_province(
            PROVINCE, MONTHS, 300, 5, ("json", "csv", "parquet"), root / "d", root / "t", REGIONS, processes=processes
        )
    assert digests(tmp_path / "1") == digests(tmp_path / "2")


def test_another_seed_writes_other_lists(tmp_path: Path) -> None:
    for seed in (1, 2):
        draw_province(PROVINCE, MONTHS[:1], 20, seed, ("json",), tmp_path / str(seed), tmp_path / "t", REGIONS[:1])
    first, second = (delivered(tmp_path / str(seed)) for seed in (1, 2))
    assert [m["diseinfo"] for _, _, m in first if m] != [m["diseinfo"] for _, _, m in second if m]


def test_formats_carry_the_same_content(tmp_path: Path) -> None:
    for name in ("json", "csv", "parquet"):
        draw_province(PROVINCE, MONTHS, 240, 3, (name,), tmp_path / name, tmp_path / "t" / name, REGIONS[:2])
    json_records, text_records, tables = (
        [(Path(name).name.split(".")[0], line, message) for name, line, message in delivered(tmp_path / kind)]
        for kind in ("json", "csv", "parquet")
    )
    assert len(json_records) > 240
    assert json_records == text_records
    # A Parquet file has whole rows only: what is cut short elsewhere is whole there.
    for (place, line, message), (same_place, same_line, row) in zip(json_records, tables, strict=True):
        assert (place, line) == (same_place, same_line)
        assert message is None or message == row


def test_manifests_name_every_file_with_its_records_and_checksum(usual: Draw) -> None:
    for folder, manifest in manifests(usual.out):
        assert manifest["region_code"] == folder.parent.name
        assert manifest["delivery_month"] == folder.name
        assert {path.name for path in folder.iterdir()} == {"delivery.json", *(f["name"] for f in manifest["files"])}
        for entry in manifest["files"]:
            content = (folder / entry["name"]).read_bytes()
            assert entry["sha256"] == hashlib.sha256(content).hexdigest()
            assert entry["records"] == len(records(folder / entry["name"]))
    delivered_at = {m["delivery_month"]: m["delivered_at"] for _, m in manifests(usual.out)}
    assert delivered_at == {"2024-12": "2025-01-10T08:00:00+08:00", "2025-01": "2025-02-10T08:00:00+08:00"}


def test_gzip_holds_neither_name_nor_time(usual: Draw) -> None:
    head = next(usual.out.glob("510100/*/*_main.jsonl.gz")).read_bytes()[:10]
    assert head[:3] == b"\x1f\x8b\x08"
    assert head[3] == 0  # no file name
    assert head[4:8] == b"\0\0\0\0"  # no time


def test_every_delivered_record_is_in_the_truth_once(usual: Draw, troubled: Draw) -> None:
    for drawn in (usual, troubled):
        places = list(zip(drawn.truth.file_name, drawn.truth.line_number, strict=True))
        assert len(places) == len(set(places))
        assert set(places) == {(name, line) for name, line, _ in drawn.records}


def test_lists_are_spread_exactly(usual: Draw) -> None:
    originals = usual.truth[usual.truth.record_kind.isin(["list", "late"])]
    assert len(originals) == 4_000
    assert allot(10, ("2024-01",), {"a": 2.0, "b": 1.0}) == {("2024-01", "a"): 7, ("2024-01", "b"): 3}
    assert sum(allot(1_000_003, MONTHS, {"a": 21.4, "b": 0.8, "c": 3.3}).values()) == 1_000_003


def test_register_and_budget_have_the_columns_of_their_contracts(usual: Draw) -> None:
    for region in REGIONS:
        for table in ("hospital_register", "fund_budget"):
            with (usual.out / region / f"{table}.csv").open(encoding="utf-8") as file:
                rows = list(csv.DictReader(file))
            assert list(rows[0]) == contract(table).names()
            assert {row["region_code"] for row in rows} == {region}
    assert {(row["settlement_year"], row["fund"]) for row in rows} == {
        ("2024", "310"), ("2024", "390"), ("2025", "310"), ("2025", "390"),
    }  # fmt: skip
    assert {row["standing"] for row in rows} == {"assumed"}


def test_treating_hospitals_are_registered_on_the_day_of_discharge(usual: Draw) -> None:
    register = [
        row
        for region in REGIONS
        for row in csv.DictReader((usual.out / region / "hospital_register.csv").open(encoding="utf-8"))
    ]
    assert any(row["valid_to"] == "2024-12-31" for row in register)  # one hospital rises a level
    for message in usual.clean():
        day = message["dscg_time"][:10]
        levels = [
            row["hospital_level"]
            for row in register
            if row["hospital_code"] == message["fixmedins_code"]
            and row["valid_from"] <= day <= (row["valid_to"] or "9999")
        ]
        assert levels == [message["hi_setl_lv"]]


def test_what_cannot_be_drawn_is_refused_in_one_sentence(tmp_path: Path) -> None:
    def asked(
        lists: int = 5, months: tuple[str, ...] = MONTHS, formats: tuple[str, ...] = ("json",), region: str = "510100"
    ) -> None:
        draw_province(PROVINCE, months, lists, 1, formats, tmp_path, tmp_path, (region,))

    with pytest.raises(ConfigError, match="0 lists"):
        asked(lists=0)
    with pytest.raises(ConfigError, match="not in ascending order"):
        asked(months=("2025-02", "2025-01"))
    with pytest.raises(ConfigError, match="format xml is not known"):
        asked(formats=("xml",))
    with pytest.raises(ConfigError, match="999999 is not a pooling region"):
        asked(region="999999")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where the folder should be")
    with pytest.raises(StorageError, match="taken.*cannot be written"):
        draw_province(PROVINCE, MONTHS, 5, 1, ("json",), tmp_path / "taken", tmp_path / "truth", REGIONS[:1])


def test_a_second_draw_leaves_no_file_of_the_first(tmp_path: Path) -> None:
    for name in ("json", "parquet"):
        draw_province(PROVINCE, MONTHS, 60, 1, (name,), tmp_path / "d", tmp_path / "t", REGIONS[:1])
    assert {path.suffix for path in tmp_path.glob("d/*/*/*")} == {".parquet", ".json"}
    assert not list(tmp_path.glob("d/*/*/*.jsonl.gz"))
