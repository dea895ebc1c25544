"""Java is found where it is, and the launcher drops one option and nothing else."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest

from drg.doors.java import BUNDLED, ask, choose, find_java, java_home, write_launcher
from drg.errors import ConfigError


def small_java(home: Path, version: str) -> Path:
    """A command that answers as `java -XshowSettings:properties -version` does, else prints its arguments."""
    command = home / "bin" / "java"
    command.parent.mkdir(parents=True)
    command.write_text(
        "#!/bin/sh\n"
        'if [ "$1" = -XshowSettings:properties ]; then\n'
        f"  echo {shlex.quote(f'    java.home = {home}')} >&2\n"
        f"  echo '    java.specification.version = {version}' >&2; exit 0\n"
        "fi\n"
        'for argument do echo "[$argument]"; done\n',
        encoding="utf-8",
    )
    command.chmod(0o755)
    return home


def test_the_java_of_this_machine_runs() -> None:
    java = find_java()
    assert java.version >= 17
    assert java_home() == java.home
    assert ask(str(java.home / "bin" / "java")) is not None


def test_java_home_comes_before_path(tmp_path: Path) -> None:
    named, other = small_java(tmp_path / "named", "21"), small_java(tmp_path / "other", "17")
    java = choose({"JAVA_HOME": str(named), "PATH": str(other / "bin")}, None, tmp_path)
    assert (java.home, java.version, java.origin) == (named, 21, "JAVA_HOME")


@pytest.mark.parametrize(("version", "fit"), [("1.8", False), ("16", False), ("17", True), ("25", True)])
def test_seventeen_is_the_oldest(tmp_path: Path, version: str, fit: bool) -> None:
    home = small_java(tmp_path / "java home", version)
    environ = {"PATH": str(home / "bin")}
    if fit:
        assert choose(environ, None, tmp_path).home == home
    else:
        with pytest.raises(ConfigError, match=rf"is Java {version.removeprefix('1.')}; run `make java`"):
            choose(environ, None, tmp_path)


def test_an_unfit_java_home_does_not_hide_a_fit_path(tmp_path: Path) -> None:
    old, new = small_java(tmp_path / "old", "11"), small_java(tmp_path / "new", "17")
    assert choose({"JAVA_HOME": str(old), "PATH": str(new / "bin")}, None, tmp_path).origin == "PATH"
    assert choose({"JAVA_HOME": str(tmp_path / "gone"), "PATH": str(new / "bin")}, None, tmp_path).origin == "PATH"


def test_the_java_of_the_package_is_the_last_resort(tmp_path: Path) -> None:
    runtime, prefix = small_java(tmp_path / "runtime", "25"), tmp_path / "environment"
    java = choose({"PATH": ""}, runtime, prefix)
    assert (java.home, java.version, java.origin) == (prefix / "java", 25, BUNDLED)


def test_no_java_at_all_is_one_sentence_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        choose({"PATH": ""}, None, tmp_path)
    assert str(refused.value) == ("Spark needs Java 17 or newer and there is none; run `make java` or set JAVA_HOME")


def test_the_launcher_drops_one_option_and_keeps_the_rest_as_it_was(tmp_path: Path) -> None:
    home = write_launcher(tmp_path / "with space", small_java(tmp_path / "it's real", "25"))
    given = ["-Xmx1g", "--add-modules=jdk.incubator.vector", "--add-modules=java.se", "two words", "", "a'b\"c"]
    done = subprocess.run([home / "bin" / "java", *given], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[-Xmx1g]", "[--add-modules=java.se]", "[two words]", "[]", "[a'b\"c]"]


def test_the_launcher_is_written_again_only_for_another_java(tmp_path: Path) -> None:
    first, second = small_java(tmp_path / "1", "25"), small_java(tmp_path / "2", "25")
    launcher = write_launcher(tmp_path / "java", first) / "bin" / "java"
    written = launcher.stat().st_ino
    write_launcher(tmp_path / "java", first)
    assert launcher.stat().st_ino == written
    write_launcher(tmp_path / "java", second)
    assert str(second) in launcher.read_text(encoding="utf-8")
    assert (tmp_path / "java" / "lib").readlink() == second / "lib"


def test_a_command_that_is_not_java_is_no_answer(tmp_path: Path) -> None:
    silent = tmp_path / "java"
    silent.write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
    assert ask(str(silent)) is None  # not executable
    silent.chmod(0o755)
    assert ask(str(tmp_path / "other")) is None  # not there
    (tmp_path / "says nothing").symlink_to(silent)
    assert ask(str(tmp_path / "says nothing")) is None
