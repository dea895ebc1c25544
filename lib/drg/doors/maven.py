"""Fetches Delta's packages from the Maven repository, by Spark's own resolver.

Only the set-up calls this, once; sessions use the verified folder (`drg.doors.jars`).
"""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from drg.doors.java import BUNDLED, find_java
from drg.doors.trust import system_certificates, write_trust_store
from drg.errors import ConfigError

IVY_SETTINGS_VARIABLE = "DRG_IVY_SETTINGS"
REMEDY = "run `make jars`, or copy the folder from a site that has it and name it in DRG_JARS"

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
_TIMEOUT_SECONDS = 900


def download(cache: Path) -> Path:
    """Resolves Delta and what it needs into `cache`, a new folder; gives the folder of the jars.

    `DRG_IVY_SETTINGS` names a settings file of Ivy for a site with a repository of its own. Raises
    ConfigError with the resolver's reason when the packages cannot be had.
    """
    spec = find_spec("pyspark")
    if spec is None or not spec.submodule_search_locations:
        raise ConfigError("pyspark is not installed in this environment; run `make setup`")
    home, java = Path(spec.submodule_search_locations[0]), find_java()
    cache.mkdir(parents=True)
    # An application of its own, so that nothing is run but the resolution.
    application = cache / "nothing.py"
    application.write_text("", encoding="utf-8")
    conf = {"spark.jars.ivy": str(cache), "spark.ui.enabled": "false", "spark.driver.host": "127.0.0.1"}
    if os.environ.get(IVY_SETTINGS_VARIABLE):
        conf["spark.jars.ivySettings"] = os.environ[IVY_SETTINGS_VARIABLE]
    command = [str(home / "bin" / "spark-submit"), "--master", "local[1]", "--packages", DELTA]
    command += ["--exclude-packages", ",".join(_COMES_WITH_SPARK)]
    certificates = system_certificates(os.environ) if java.origin == BUNDLED else []
    if certificates:
        store = write_trust_store(cache / "trust.jks", certificates)
        command += ["--driver-java-options", f'"-Djavax.net.ssl.trustStore={store}"']
    for name, value in conf.items():
        command += ["--conf", f"{name}={value}"]
    environment = {
        **os.environ,
        "JAVA_HOME": str(java.home),
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
        raise ConfigError(f"{DELTA} did not come within {_TIMEOUT_SECONDS} s; {REMEDY}") from error
    if done.returncode:
        raise ConfigError(f"{DELTA} could not be fetched ({reason(done.stderr)}); {REMEDY}")
    return cache / "jars"


def reason(output: str) -> str:
    """The line of the resolver's output that says most about why a download failed, shortened."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    for mark in ("Server access error", "unresolved dependency", "Exception", "error"):
        for line in lines:
            if mark in line:
                return line[:300]
    return lines[-1][:300] if lines else "spark-submit said nothing"
