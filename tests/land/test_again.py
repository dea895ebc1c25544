"""land: the same file delivered again is named; that none of its lists counts twice is held in test_land_job."""

from __future__ import annotations

import shutil
from pathlib import Path

from intake_messages import REGION, declare, deliver, message

from drg.land.again import delivered_again
from drg.land.delivery import read_delivery

SAID = (
    "region 510100, month {}: file {} has the content of {}; its lists come back as duplicates (ID03) and none counts "
    "twice"
)


def again(root: Path, month: str = "2025-01") -> list[str]:
    return delivered_again(root, read_delivery(root, REGION, "成都市", month))


def copied(path: Path, month: str, name: str) -> str:
    target = path.parents[1] / month / name
    target.parent.mkdir(exist_ok=True)
    shutil.copy(path, target)
    declare(target, "json", 1)
    return name


def test_a_file_delivered_twice_in_one_month(tmp_path: Path) -> None:
    path = deliver(tmp_path, [message()])
    assert again(tmp_path) == []
    name = copied(path, "2025-01", "z.jsonl.gz")
    assert again(tmp_path) == [SAID.format("2025-01", name, f"{path.name} of the same delivery")]


def test_a_file_delivered_again_in_a_later_month_names_the_first(tmp_path: Path) -> None:
    path = deliver(tmp_path, [message()])
    copied(path, "2025-02", "second.jsonl.gz")
    name = copied(path, "2025-03", "third.jsonl.gz")
    assert again(tmp_path) == []
    assert again(tmp_path, "2025-03") == [SAID.format("2025-03", name, f"{path.name} of month 2025-01")]


def test_an_earlier_month_whose_manifest_cannot_be_read_stops_nothing(tmp_path: Path) -> None:
    deliver(tmp_path, [message()])
    for month, text in (("2024-11", "{"), ("2024-12", '{"files": [1]}')):
        folder = tmp_path / REGION / month
        folder.mkdir()
        (folder / "delivery.json").write_text(text, encoding="utf-8")
    assert again(tmp_path) == []
