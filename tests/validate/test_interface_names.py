"""validate reads a list in names of the interface as it reads the same list in the centre's names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
from intake_messages import REGION, deliver, message, procedure
from interface_names import in_interface_names

from drg.land.delivery import read_delivery
from drg.land.records import landed_batches
from drg.validate.parse import parse

if TYPE_CHECKING:
    from pathlib import Path


def test_the_six_ways_to_send_a_list_are_read_alike(tmp_path: Path) -> None:
    one = {**message(vent_used_days="1", bill_no="7"), "oprninfo": [procedure("51.2300", main="1")]}
    for kind in ("json", "csv", "parquet"):
        deliver(tmp_path, [one], kind=kind)
        deliver(tmp_path, [in_interface_names(one)], kind=kind, name="4101")
    files = read_delivery(tmp_path, REGION, "成都市", "2025-01").files
    landed = pa.Table.from_batches([batch for file in files for batch in landed_batches(file)])
    place = {"file_name", "file_format", "row_hash"}
    rows = parse(landed).to_pylist()
    told = [{name: value for name, value in row.items() if name not in place} for row in rows]
    assert len(told) == 6
    assert all(row == told[0] for row in told)
    assert (told[0]["insutype"], told[0]["vent_used_days"], told[0]["bill_no"]) == ("310", "1", "7")
    assert [item["item_sumamt"] for item in told[0]["iteminfo"]] == ["300.00", "450.00", "250.00"]
