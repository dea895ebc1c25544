"""The door to Delta's jars: a folder filled once, verified by checksum and used as it is from then on.

Spark would otherwise resolve the packages at every start of a session. `python -m drg.doors.jars` fills the
folder and says so; a site without internet copies a filled one and may name it in `DRG_JARS`.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
import tempfile
from pathlib import Path

from drg.doors.config import project_home
from drg.doors.maven import DELTA, REMEDY, download
from drg.errors import ConfigError, DrgError

JARS_VARIABLE = "DRG_JARS"


def manifest_path() -> Path:
    """The committed list of jars and their SHA-256, in the form of `sha256sum`."""
    return project_home() / "conf" / "env" / "jars.sha256"


def jars_folder() -> Path:
    """Where the jars lie: the folder named by `DRG_JARS`, else `jars` in the Python environment in use."""
    named = os.environ.get(JARS_VARIABLE)
    return Path(named).expanduser().absolute() if named else Path(sys.prefix) / "jars"


def read_manifest(path: Path) -> dict[str, str]:
    """File name -> SHA-256 of a manifest; lines that begin with `#` are remarks.

    Raises ConfigError naming the line that is not `<64 hex digits>  <name>`, a name listed twice, or an empty
    manifest.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({error.strerror}); restore it from the repository") from error
    sums: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = re.fullmatch(r"([0-9a-f]{64}) [ *]([^/\s]+\.jar)", line)
        if match is None or match.group(2) in sums:
            raise ConfigError(f"{path} line {number} is not a checksum and a new jar name; restore the file")
        sums[match.group(2)] = match.group(1)
    if not sums:
        raise ConfigError(f"{path} lists no jar; restore it from the repository")
    return sums


def faults(folder: Path, sums: dict[str, str]) -> list[str]:
    """What is wrong with a folder of jars, one phrase a jar in the order of the names; empty when all agree.

    Jars the manifest does not know count as faults too: Spark would load them.
    """
    if not folder.is_dir():
        return [f"{folder} does not exist"]
    found = []
    for name, expected in sorted(sums.items()):
        path = folder / name
        if not path.is_file():
            found.append(f"{name} is missing")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != expected:
            found.append(f"{name} differs from its checksum")
    found += [f"{path.name} is not in the manifest" for path in sorted(folder.glob("*.jar")) if path.name not in sums]
    return found


def jar_paths() -> list[Path]:
    """The verified jars for `spark.jars`, ordered by name.

    Raises ConfigError naming the folder, the first fault and the remedy.
    """
    folder, sums = jars_folder(), read_manifest(manifest_path())
    wrong = faults(folder, sums)
    if wrong:
        raise ConfigError(f"the Delta jars in {folder} cannot be used: {_some(wrong)}; {REMEDY}")
    return [folder / name for name in sorted(sums)]


def fill(folder: Path, sums: dict[str, str]) -> None:
    """Puts exactly the jars of the manifest into `folder`, by one call of spark-submit.

    The folder changes only when every jar has come and agrees with its checksum; what stood there goes.
    Raises ConfigError when the download fails or brings other bytes.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".jars-", dir=folder.parent) as scratch:
        came, fresh = download(Path(scratch) / "ivy"), Path(scratch) / "jars"
        fresh.mkdir()
        for name in sums:
            if (came / name).is_file():
                (came / name).rename(fresh / name)
        wrong = faults(fresh, sums)
        if wrong:
            raise ConfigError(f"{DELTA} came other than conf/env/jars.sha256 says: {_some(wrong)}; nothing was changed")
        if folder.exists():
            folder.replace(Path(scratch) / "old")
        fresh.replace(folder)


def ensure_jars() -> bool:
    """Fills the folder unless it verifies already; says whether it had to.

    A folder named by `DRG_JARS` belongs to the site and is never written: ConfigError when it does not
    verify.
    """
    folder, sums = jars_folder(), read_manifest(manifest_path())
    if not faults(folder, sums):
        return False
    if os.environ.get(JARS_VARIABLE):
        jar_paths()
    fill(folder, sums)
    return True


def _some(faults_found: list[str]) -> str:
    more = len(faults_found) - 1
    return faults_found[0] + (f" and {more} more" if more else "")


def main() -> int:
    """Fills or verifies the folder; prints one sentence. Exit status 1 when the jars cannot be had."""
    try:
        filled = ensure_jars()
    except DrgError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Delta jars {'fetched and verified' if filled else 'verified'}: {jars_folder()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
