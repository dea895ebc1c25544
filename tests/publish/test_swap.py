"""A folder takes the place of another; whatever breaks off, one of the two stands whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from drg.publish.swap import aside, recover, take_place


def folder(path: Path, text: str) -> Path:
    path.mkdir()
    (path / "manifest.json").write_text(text)
    return path


def test_the_new_folder_stands_and_nothing_is_left_over(tmp_path: Path) -> None:
    final = folder(tmp_path / "510100", "old")
    take_place(folder(tmp_path / ".510100.new", "new"), final)
    assert (final / "manifest.json").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["510100"]


def test_a_crash_between_the_two_renames_is_put_right(tmp_path: Path) -> None:
    """The earlier folder stood aside and the new one never arrived."""
    final = tmp_path / "510100"
    folder(aside(final), "old")
    recover(final)
    assert (final / "manifest.json").read_text() == "old"


def test_a_crash_before_the_earlier_one_was_cleared_is_put_right(tmp_path: Path) -> None:
    final = folder(tmp_path / "510100", "new")
    folder(aside(final), "old")
    recover(final)
    assert (final / "manifest.json").read_text() == "new"
    assert not aside(final).exists()


def test_when_the_new_folder_is_not_there_the_earlier_one_stays(tmp_path: Path) -> None:
    final = folder(tmp_path / "510100", "old")
    with pytest.raises(OSError, match="No such file"):
        take_place(tmp_path / ".510100.new", final)
    assert (final / "manifest.json").read_text() == "old"
