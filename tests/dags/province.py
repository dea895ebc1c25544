"""A province of three regions in a home of its own: environment, deliveries, key; and what the tables hold of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from drg.doors.airflow import job_settings

CHECKOUT = Path(__file__).resolve().parents[2]
REGIONS = ("510100", "510300", "513300")
HISTORY = ("2024-12",)
MONTHS = ("2025-01", "2025-02", "2025-03")
LISTS = 2400

THREE = """province_code: "510000"
name: 三区
deadlines: {cut_off_day: 10, provisional_day: 15, provisional_share: 60}
regions:
  - {code: "510100", name: 成都市}
  - {code: "510300", name: 自贡市, cut_off_day: 12}
  - {code: "513300", name: 甘孜州}
"""
ENVIRONMENT = """province: {name}
data: {data}
spark:
  master: local[2]
  conf:
    spark.driver.memory: 1g
    spark.sql.shuffle.partitions: "2"
    spark.databricks.delta.snapshotPartitions: "1"
    spark.sql.adaptive.enabled: "false"
    spark.ui.enabled: "false"
    spark.cores.max: "1"
    # Compiling an expression costs more than it saves on some hundred lists.
    spark.sql.codegen.wholeStage: "false"
    spark.sql.codegen.factoryMode: NO_CODEGEN
    spark.executor.memory: 512m
    spark.driver.extraJavaOptions: "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m"
"""


@dataclass(frozen=True)
class Place:
    """Where the province lies, and its name among the environments."""

    home: Path
    data: Path
    name: str = "three"

    def environment(self) -> dict[str, str]:
        """What the environment of the engine, Airflow and its jobs must say."""
        return job_settings(CHECKOUT / ".venv") | {
            "DRG_HOME": str(self.home),
            "DRG_ENV": self.name,
            "DRG_RETRY_SECONDS": "1",
        }

    def drg(self, *arguments: str) -> None:
        """The command line of the engine on this province."""
        done = subprocess.run(
            [CHECKOUT / ".venv" / "bin" / "drg", *arguments],
            env=os.environ | self.environment(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr

    def withhold(self, region: str, month: str) -> Path:
        """Take a delivery away, as if it had not come; the path to put it back from."""
        aside = self.data / "withheld" / region / month
        aside.parent.mkdir(parents=True, exist_ok=True)
        (self.data / "deliveries" / region / month).rename(aside)
        return aside

    def deliver(self, region: str, month: str) -> None:
        """Let a withheld delivery come."""
        (self.data / "withheld" / region / month).rename(self.data / "deliveries" / region / month)
        (self.data / "deliveries" / region / month / "delivery.json").touch()

    def commits(self, table: str) -> list[dict[str, list[dict[str, str]]]]:
        """Each Delta version of a table: the partitions of the data files it added and removed."""
        found = []
        for path in sorted((self.data / "tables" / table / "_delta_log").glob("*.json")):
            actions = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
            found.append(
                {
                    kind: [action[kind].get("partitionValues") or {} for action in actions if kind in action]
                    for kind in ("add", "remove")
                }
            )
        return found

    def versions(self) -> dict[str, int]:
        """The newest version of every table."""
        return {path.name: len(self.commits(path.name)) - 1 for path in sorted((self.data / "tables").iterdir())}

    def touched_since(self, before: dict[str, int]) -> dict[str, set[tuple[str, ...]]]:
        """Table -> values of the partitions its versions since then added files to or removed files from."""
        found: dict[str, set[tuple[str, ...]]] = {}
        for table in self.versions():
            for commit in self.commits(table)[before.get(table, -1) + 1 :]:
                for values in (*commit["add"], *commit["remove"]):
                    found.setdefault(table, set()).add(tuple(values[name] for name in sorted(values)))
        return found

    def manifest(self, region: str, month: str) -> dict[str, object]:
        """The manifest of a published release."""
        path = self.data / "releases" / month / region / "manifest.json"
        manifest: dict[str, object] = json.loads(path.read_text("utf-8"))
        return manifest


def build(
    root: Path, name: str = "three", span: tuple[str, str] = (HISTORY[0], MONTHS[-1]), lists: int = LISTS
) -> Place:
    """The home and the deliveries of a span of months; the home's conf, jobs and contracts are those of the checkout.

    `name` is `three` for the province of three regions; any other is one of all 22.
    """
    place = Place(root / "home", root / "data", name)
    (place.home / "conf" / "env").mkdir(parents=True)
    for folder in ("policy", "rule_packs", "synth"):
        (place.home / "conf" / folder).symlink_to(CHECKOUT / "conf" / folder)
    for folder in ("jobs", "data_contracts", "dags"):
        (place.home / folder).symlink_to(CHECKOUT / folder)
    for file in ("jars.sha256", "log4j2.properties"):
        shutil.copy(CHECKOUT / "conf" / "env" / file, place.home / "conf" / "env" / file)
    province = THREE if name == "three" else (CHECKOUT / "conf" / "env" / "sichuan.yaml").read_text("utf-8")
    environment = ENVIRONMENT.replace("{name}", name).replace("{data}", str(place.data))
    (place.home / "conf" / "env" / f"{name}.yaml").write_text(province + environment, encoding="utf-8")
    (place.data / "secrets").mkdir(parents=True)
    (place.data / "secrets" / "person_key").write_text("a key of the tests of the DAGs\n", encoding="utf-8")
    place.drg(
        "synth", "--province", name, "--months", f"{span[0]}..{span[1]}", "--lists", str(lists),
        "--seed", "7", "--out", str(place.data / "deliveries"), "--processes", "2",
    )  # fmt: skip
    return place
