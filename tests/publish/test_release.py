"""What a release says when the file system refuses it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.errors import PythonException

from drg.doors.config import load_province
from drg.errors import StorageError
from drg.policy import PolicyBook
from drg.publish.gather import lacking_regions
from drg.publish.release import prepare, told_as_storage_error

FULL = """
  An exception was thrown from the Python worker. Please see the stack trace below.
Traceback (most recent call last):
  File "parquet_files.py", line 1, in write
OSError: [Errno 28] No space left on device
"""


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "2025-01").write_text("a file where the month belongs")
    sentence = r"below .+ was not written: .+; free space or grant access"
    with pytest.raises(StorageError, match=sentence), told_as_storage_error(tmp_path):
        prepare(tmp_path, [("2025-01", "510100")])


def test_a_full_disk_in_a_task_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="No space left on device") as raised, told_as_storage_error(tmp_path):
        raise PythonException(FULL)
    assert "Traceback" not in str(raised.value)


def test_a_defect_keeps_its_stack_trace(tmp_path: Path) -> None:
    with pytest.raises(PythonException), told_as_storage_error(tmp_path):
        raise PythonException("ValueError: a defect of this program")


def test_staging_is_cleared_of_what_broke_off(tmp_path: Path) -> None:
    left = tmp_path / "2025-01" / ".510100.new"
    left.mkdir(parents=True)
    (left / "case_payment.parquet.17").write_text("half")
    prepare(tmp_path, [("2025-01", "510100")])
    assert list(left.iterdir()) == []


def test_a_month_lacks_the_regions_that_are_due_and_not_settled(tmp_path: Path) -> None:
    province = load_province("sichuan")
    book = PolicyBook.load_default()
    settled = {("2025-01", code) for code in province.region_codes() if code != "510300"}
    assert lacking_regions(book, province, "2025-01", settled) == ("510300",)
    assert lacking_regions(book, province, "2025-01", settled | {("2025-01", "510300")}) == ()
    # Before the policy nobody is due, so nobody lacks.
    assert lacking_regions(book, province, "2024-12", set()) == ()
