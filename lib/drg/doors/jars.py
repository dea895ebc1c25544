"""The door to Delta's jars: a folder filled once, verified by checksum and used as it is from then on.

Spark would otherwise resolve the packages at every start of a session. `python -m drg.doors.jars` fills the
folder and says so; a site without internet copies a filled one and may name it in `DRG_JARS`.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from drg.doors.config import project_home
from drg.doors.java import java_home
from drg.errors import ConfigError, DrgError

JARS_VARIABLE = "DRG_JARS"
IVY_SETTINGS_VARIABLE = "DRG_IVY_SETTINGS"

DELTA = "io.delta:delta-spark_4.2_2.13:4.4.0"
# Delta asks for these too, in versions older than the ones that come with Spark.
_COMES_WITH_SPARK = (
    "com.fasterxml.jackson.core:jackson-annotations",
    "com.fasterxml.jackson.core:jackson-core",
    "com.fasterxml.jackson.core:jackson-databind",
    "com.fasterxml.jackson.datatype:jackson-datatype-jdk8",
    "com.fasterxml.jackson.datatype:jackson-datatype-jsr310",
    "com.fasterxml.jackson.module:jackson-module-scala_2.13",
    "org.apache.hadoop:hadoop-client-api",
    "org.apache.hadoop:hadoop-client-runtime",
    "org.apache.logging.log4j:log4j-api",
    "org.apache.logging.log4j:log4j-core",
    "org.apache.logging.log4j:log4j-slf4j2-impl",
    "org.apache.parquet:parquet-hadoop",
    "org.slf4j:slf4j-api",
)
_REMEDY = "run `make jars`, or copy the folder from a site that has it and name it in DRG_JARS"
_TIMEOUT_SECONDS = 900


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
        raise ConfigError(
            f"{path} cannot be read ({error.strerror}); restore it from the repository"
        ) from error
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
    found += [
        f"{path.name} is not in the manifest"
        for path in sorted(folder.glob("*.jar"))
        if path.name not in sums
    ]
    return found


def jar_paths() -> list[Path]:
    """The verified jars for `spark.jars`, ordered by name.

    Raises ConfigError naming the folder, the first fault and the remedy.
    """
    folder, sums = jars_folder(), read_manifest(manifest_path())
    wrong = faults(folder, sums)
    if wrong:
        raise ConfigError(f"the Delta jars in {folder} cannot be used: {_some(wrong)}; {_REMEDY}")
    return [folder / name for name in sorted(sums)]


def fill(folder: Path, sums: dict[str, str]) -> None:
    """Puts exactly the jars of the manifest into `folder`, by one call of spark-submit.

    The folder changes only when every jar has come and agrees with its checksum; what stood there goes.
    Raises ConfigError when the download fails or brings other bytes.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".jars-", dir=folder.parent) as scratch:
        cache, fresh = Path(scratch) / "ivy", Path(scratch) / "jars"
        _download(cache)
        fresh.mkdir()
        for name in sums:
            if (cache / "jars" / name).is_file():
                shutil.move(cache / "jars" / name, fresh / name)
        wrong = faults(fresh, sums)
        if wrong:
            raise ConfigError(
                f"{DELTA} came other than conf/env/jars.sha256 says: {_some(wrong)}; nothing was changed"
            )
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


def _download(cache: Path) -> None:
    spec = find_spec("pyspark")
    if spec is None or not spec.submodule_search_locations:
        raise ConfigError("pyspark is not installed in this environment; run `make setup`")
    home = Path(spec.submodule_search_locations[0])
    cache.mkdir(parents=True)
    # An application of its own, so that nothing is run but the resolution.
    application = cache / "nothing.py"
    application.write_text("", encoding="utf-8")
    conf = {"spark.jars.ivy": str(cache), "spark.ui.enabled": "false", "spark.driver.host": "127.0.0.1"}
    settings = os.environ.get(IVY_SETTINGS_VARIABLE)
    if settings:
        conf["spark.jars.ivySettings"] = settings
    command = [str(home / "bin" / "spark-submit"), "--master", "local[1]", "--packages", DELTA]
    command += ["--exclude-packages", ",".join(_COMES_WITH_SPARK)]
    for name, value in conf.items():
        command += ["--conf", f"{name}={value}"]
    environment = {
        **os.environ,
        "JAVA_HOME": str(java_home()),
        "SPARK_HOME": str(home),
        "PYSPARK_PYTHON": sys.executable,
    }
    try:
        done = subprocess.run(
            [*command, str(application)],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ConfigError(f"{DELTA} did not come within {_TIMEOUT_SECONDS} s; {_REMEDY}") from error
    if done.returncode:
        raise ConfigError(f"{DELTA} could not be fetched ({_reason(done.stderr)}); {_REMEDY}")


def _reason(output: str) -> str:
    """The line of Spark's output that says most about why a download failed."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    for mark in ("Server access error", "unresolved dependency", "Exception", "error"):
        for line in lines:
            if mark in line:
                return line[:200]
    return lines[-1][:200] if lines else "spark-submit said nothing"


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
