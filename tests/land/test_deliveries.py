"""land: what a delivery folder must hold, and the sentence when it does not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from intake_messages import REGION, deliver, message

from drg.errors import DeliveryError
from drg.land.delivery import read_delivery, unknown_regions

LABEL = "region 510100 成都市, month 2025-01: "


def refused(root: Path, month: str = "2025-01") -> str:
    with pytest.raises(DeliveryError) as caught:
        read_delivery(root, REGION, "成都市", month)
    return str(caught.value)


def change(path: Path, **values: Any) -> None:
    manifest = path.parent / "delivery.json"
    content = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps({**content, **values}), encoding="utf-8")


def test_the_files_of_a_sound_delivery_in_the_order_of_their_names(tmp_path: Path) -> None:
    deliver(tmp_path, [message()], name="main")
    deliver(tmp_path, [message(), message()], name="late_2024-12")
    delivery = read_delivery(tmp_path, REGION, "成都市", "2025-01")
    assert [(file.name, file.format, file.records) for file in delivery.files] == [
        ("510100_2025-01_late_2024-12.jsonl.gz", "json", 2),
        ("510100_2025-01_main.jsonl.gz", "json", 1),
    ]
    assert delivery.files[0].arrived_at.isoformat() == "2025-01-28T08:00:00+08:00"


def test_a_missing_folder_a_missing_manifest_and_a_missing_file(tmp_path: Path) -> None:
    path = deliver(tmp_path, [message()])
    assert refused(tmp_path, "2025-02").startswith("region 510100 成都市, month 2025-02: no delivery folder")
    path.unlink()
    assert refused(tmp_path) == f"{LABEL}file {path.name} is named in delivery.json but not there; " \
        "ask the region to deliver it"  # fmt: skip
    (path.parent / "delivery.json").unlink()
    assert refused(tmp_path).startswith(f"{LABEL}delivery.json is missing")


def test_a_file_the_manifest_does_not_name_would_be_lost(tmp_path: Path) -> None:
    path = deliver(tmp_path, [message()])
    (path.parent / "extra.jsonl.gz").write_bytes(b"")
    assert refused(tmp_path).startswith(f"{LABEL}file extra.jsonl.gz is not named in delivery.json")


def test_a_manifest_that_is_not_json_names_its_line(tmp_path: Path) -> None:
    path = deliver(tmp_path, [message()])
    (path.parent / "delivery.json").write_text('{\n"files": [,]}', encoding="utf-8")
    assert refused(tmp_path).startswith(f"{LABEL}delivery.json line 2 is not JSON")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"region_code": "510300"}, "delivery.json states region_code '510300'"),
        ({"delivery_month": "2025-02"}, "delivery.json states delivery_month '2025-02'"),
        ({"delivered_at": "2025-01-28"}, "delivered_at '2025-01-28' in delivery.json is no instant with offset"),
        ({"files": []}, "delivery.json names no files"),
        ({"files": [{"name": "../x", "format": "json"}]}, "names a file '../x'"),
        ({"files": [{"name": "x", "format": "xml"}]}, "file x has format 'xml'"),
        ({"files": [{"name": "x", "format": "json", "records": "3"}]}, "file x states records '3'"),
        ({"files": [{"name": "x", "format": "json", "records": 3}]}, "file x has no sha256"),
    ],
)
def test_a_manifest_that_says_something_wrong(tmp_path: Path, values: dict[str, Any], sentence: str) -> None:
    change(deliver(tmp_path, [message()]), **values)
    assert sentence in refused(tmp_path)


def test_a_folder_of_no_known_region_is_reported_for_the_months_asked_for(tmp_path: Path) -> None:
    deliver(tmp_path, [message()])
    deliver(tmp_path, [message()], region="599900")
    deliver(tmp_path, [message()], region="599900", month="2025-02")
    found = unknown_regions(tmp_path, ["510100"], ["2025-01"])
    assert [(folder, month) for folder, month, _ in found] == [("599900", "2025-01")]
    assert str(found[0][2]).startswith("delivery folder 599900, month 2025-01: 599900 is not a pooling region")
