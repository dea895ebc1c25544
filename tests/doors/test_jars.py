"""The folder of jars is used only as the manifest says, and filled whole or not at all."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from drg.doors.jars import ensure_jars, faults, fill, jar_paths, manifest_path, read_manifest
from drg.doors.maven import DELTA, IVY_SETTINGS_VARIABLE, reason
from drg.errors import ConfigError

A, B = "aaa-1.jar", "bbb-2.jar"
SUMS = {A: hashlib.sha256(b"a").hexdigest(), B: hashlib.sha256(b"b").hexdigest()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that is as SUMS says."""
    made = tmp_path / "jars"
    made.mkdir()
    (made / A).write_bytes(b"a")
    (made / B).write_bytes(b"b")
    return made


def test_the_committed_manifest_names_delta_and_nothing_of_spark() -> None:
    names = set(read_manifest(manifest_path()))
    assert "io.delta_delta-spark_4.2_2.13-4.4.0.jar" in names
    assert not [name for name in names if "jackson" in name or "hadoop-client" in name or "log4j" in name]


def test_the_jars_of_this_environment_are_those_of_the_manifest() -> None:
    assert [path.name for path in jar_paths()] == sorted(read_manifest(manifest_path()))


def test_a_folder_as_the_manifest_says_has_no_fault(folder: Path) -> None:
    assert faults(folder, SUMS) == []


def test_each_fault_is_named(folder: Path) -> None:
    (folder / A).write_bytes(b"A")
    (folder / B).unlink()
    (folder / "ccc-3.jar").write_bytes(b"c")
    assert faults(folder, SUMS) == [
        "aaa-1.jar differs from its checksum",
        "bbb-2.jar is missing",
        "ccc-3.jar is not in the manifest",
    ]
    assert faults(folder / "gone", SUMS) == [f"{folder / 'gone'} does not exist"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# only a remark\n", "lists no jar"),
        (f"{'0' * 64}  a.jar\n{'0' * 63}  b.jar\n", "line 2 is not"),
        (f"{'0' * 64}  a.jar\n\n{'1' * 64}  a.jar\n", "line 3 is not"),
        (f"{'0' * 64}  ../a.jar\n", "line 1 is not"),
        (f"{'0' * 64}  a.txt\n", "line 1 is not"),
    ],
)
def test_a_manifest_that_is_not_one_is_refused_by_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "jars.sha256"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=said):
        read_manifest(path)


def test_the_folder_of_a_site_is_verified_and_never_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRG_JARS", str(folder))
    for use in (jar_paths, ensure_jars):
        with pytest.raises(ConfigError, match=r"cannot be used: .* is missing and \d+ more; run `make jars`"):
            use()
    assert sorted(path.name for path in folder.iterdir()) == [A, B]


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Maven repository on disk that holds a small jar under Delta's name; gives the jar."""
    group, artifact, version = DELTA.split(":")
    home = tmp_path / "repository" / group.replace(".", "/") / artifact / version
    home.mkdir(parents=True)
    (home / f"{artifact}-{version}.pom").write_text(
        f"<project><modelVersion>4.0.0</modelVersion><groupId>{group}</groupId>"
        f"<artifactId>{artifact}</artifactId><version>{version}</version></project>",
        encoding="utf-8",
    )
    jar = home / f"{artifact}-{version}.jar"
    with zipfile.ZipFile(jar, "w") as content:
        content.writestr("small.txt", "a jar")
    layout = "[organisation]/[module]/[revision]/[module]-[revision]"
    settings = tmp_path / "ivysettings.xml"
    settings.write_text(
        '<ivysettings><settings defaultResolver="here"/><resolvers><filesystem name="here" m2compatible="true">'
        f'<ivy pattern="{tmp_path}/repository/{layout}.pom"/>'
        f'<artifact pattern="{tmp_path}/repository/{layout}.[ext]"/></filesystem></resolvers></ivysettings>',
        encoding="utf-8",
    )
    monkeypatch.setenv(IVY_SETTINGS_VARIABLE, str(settings))
    return jar


def test_filling_takes_exactly_the_manifest_and_replaces_what_stood_there(folder: Path, repository: Path) -> None:
    name = "io.delta_delta-spark_4.2_2.13-4.4.0.jar"
    sums = {name: hashlib.sha256(repository.read_bytes()).hexdigest()}
    fill(folder, sums)
    assert [path.name for path in folder.iterdir()] == [name]
    assert faults(folder, sums) == []
    assert [path for path in folder.parent.iterdir() if path.name.startswith(".jars-")] == []


def test_other_bytes_than_the_manifest_says_change_nothing(folder: Path, repository: Path) -> None:
    with pytest.raises(ConfigError, match=r"4\.2_2\.13-4\.4\.0\.jar differs from its checksum; nothing was changed"):
        fill(folder, {"io.delta_delta-spark_4.2_2.13-4.4.0.jar": "0" * 64})
    assert faults(folder, SUMS) == []


def test_packages_that_cannot_be_had_are_one_sentence(folder: Path, repository: Path) -> None:
    repository.unlink()
    with pytest.raises(ConfigError) as refused:
        fill(folder, SUMS)
    assert str(refused.value).startswith(f"{DELTA} could not be fetched (")
    assert "\n" not in str(refused.value)
    assert faults(folder, SUMS) == []


def test_the_reason_is_the_line_that_says_most() -> None:
    output = "loading settings\n\tServer access error at url x (Connection refused)\nException in thread main\n"
    assert reason(output) == "Server access error at url x (Connection refused)"
    assert reason("only this\n\n") == "only this"
    assert reason("") == "spark-submit said nothing"
