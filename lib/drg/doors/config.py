"""The door to configuration: the checkout's own files, the environment (`conf/env`) and the secrets.

Nothing else reads settings. An environment file names where the data lie and how Spark runs; a province file names the
pooling regions (统筹区). Values in an environment may use `${NAME}` for a variable of the process.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from drg.errors import ConfigError

# The same language as SafeLoader, read by libyaml where there is one.
_SAFE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

SECRET_VARIABLE = "DRG_PERSON_KEY"
MIN_SECRET_BYTES = 16


@dataclass(frozen=True)
class Region:
    """One pooling region (统筹区): six-digit code and name; the cut-off day where it differs from the province's."""

    code: str
    name: str
    cut_off_day: int | None = None


@dataclass(frozen=True)
class Deadlines:
    """Days of the month after the settlement month by which its lists are in (清单申报截止).

    Attributes:
        cut_off_day: from the day after it a region that has not delivered is overdue.
        provisional_day: from this day on the month is settled without the regions that lack.
        provisional_share: if at least this share of the regions is there, per cent.
    """

    cut_off_day: int = 10
    provisional_day: int = 15
    provisional_share: int = 80


@dataclass(frozen=True)
class Province:
    """A province and its pooling regions, in the order of their codes."""

    code: str
    name: str
    regions: tuple[Region, ...]
    deadlines: Deadlines = Deadlines()

    def region_codes(self) -> tuple[str, ...]:
        """The codes of all pooling regions, ascending."""
        return tuple(region.code for region in self.regions)

    def cut_off_day(self, code: str) -> int:
        """The day of the following month by which a region delivers."""
        own = next((region.cut_off_day for region in self.regions if region.code == code), None)
        return own or self.deadlines.cut_off_day

    def name_of(self, code: str) -> str:
        """Name of a region or of the province itself; raises ConfigError for an unknown code."""
        if code == self.code:
            return self.name
        for region in self.regions:
            if region.code == code:
                return region.name
        raise ConfigError(f"region {code} is not a pooling region of {self.name}; conf/env lists the known ones")


@dataclass(frozen=True)
class Env:
    """Where the data of one installation lie and how its Spark runs."""

    name: str
    data: Path
    deliveries: Path
    tables: str
    releases: Path
    truth: Path
    spark_master: str
    province: Province
    policy: Path
    spark_conf: dict[str, str] = field(default_factory=dict)

    @property
    def synthetic(self) -> bool:
        """Whether the deliveries were drawn by `drg synth`: it lays its truth beside them, which no step reads."""
        return self.truth.is_dir()

    @property
    def untouched(self) -> bool:
        """Whether nothing has been run here, as far as a folder of this machine tells; of a store it tells nothing."""
        return "://" not in self.tables and not any(Path(self.tables).glob("*/_delta_log"))


def project_home() -> Path:
    """The checkout (or image folder) that holds conf/, data_contracts/ and jobs/.

    `DRG_HOME` names it where the package is installed apart from it. Raises ConfigError when it cannot be found.
    """
    named = os.environ.get("DRG_HOME")
    candidates = [Path(named)] if named else [Path(__file__).resolve().parents[3], Path.cwd()]
    for candidate in candidates:
        if (candidate / "conf").is_dir() and (candidate / "data_contracts").is_dir():
            return candidate
    raise ConfigError(
        f"no conf/ and data_contracts/ in {' or '.join(map(str, candidates))}; "
        "set DRG_HOME to the folder of the checkout"
    )


def load_yaml(path: Path) -> Any:
    """The content of a YAML file; raises ConfigError naming file and line."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{path} cannot be read ({type(error).__name__}); check that it exists as UTF-8 text"
        ) from error
    try:
        return yaml.load(text, _SAFE)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}" if mark else ""
        raise ConfigError(f"{path}{line} is not valid YAML: {getattr(error, 'problem', 'syntax error')}") from error


def load_env(name: str | None = None, data: Path | None = None) -> Env:
    """The environment `conf/env/<name>.yaml` (default: `$DRG_ENV`, else local).

    `data` moves deliveries, tables, releases and truth below another folder. `$DRG_DATA` does so for the environment of
    this process alone (`$DRG_ENV`, else local), and only for what its file does not place itself: a trial beside it
    keeps the folders it names and never falls on the real ones. Raises ConfigError for an unknown environment or a
    missing key.
    """
    home = project_home()
    usual = os.environ.get("DRG_ENV") or "local"
    chosen = name or usual
    path = home / "conf" / "env" / f"{chosen}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in path.parent.glob("*.yaml") if "spark" in (load_yaml(p) or {})))
        raise ConfigError(f"environment {chosen} has no file {path.relative_to(home)}; known environments: {known}")
    raw = load_yaml(path)
    try:
        moved = data or (os.environ.get("DRG_DATA") if chosen == usual else None)
        base = Path(moved or home / _expand(str(raw["data"]), path)).expanduser().resolve()
        # What is named on the command line moves everything; what a file places stays otherwise where it says.
        own = raw if data is None else {key: value for key, value in raw.items() if key == "policy"}
        spark = raw["spark"]
        return Env(
            name=chosen,
            data=base,
            deliveries=_beside(own, "deliveries", base / "deliveries", home, path),
            tables=_expand(str(own["tables"]), path) if own.get("tables") else str(base / "tables"),
            releases=base / "releases",
            truth=base / "truth",
            spark_master=_expand(str(spark["master"]), path),
            spark_conf={str(k): _expand(str(v), path) for k, v in (spark.get("conf") or {}).items()},
            province=load_province(str(raw["province"])),
            policy=_beside(own, "policy", home / "conf" / "policy", home, path),
        )
    except (KeyError, TypeError) as error:
        raise ConfigError(
            f"{path.relative_to(home)} lacks the key {error}; see conf/env/local.yaml for the keys"
        ) from error


def _beside(raw: dict[str, Any], key: str, default: Path, home: Path, path: Path) -> Path:
    """A folder an environment may name, below the checkout unless absolute: a trial has a policy of its own."""
    return (home / _expand(str(raw[key]), path)).resolve() if raw.get(key) else default


def load_province(name: str) -> Province:
    """The province file `conf/env/<name>.yaml`; regions sorted by code, codes unique."""
    path = project_home() / "conf" / "env" / f"{name}.yaml"
    if not path.is_file():
        raise ConfigError(f"province {name} has no file conf/env/{name}.yaml; add one that lists its regions")
    raw = load_yaml(path)
    try:
        regions = tuple(sorted((_region(name, entry) for entry in raw["regions"]), key=lambda r: r.code))
        deadlines = Deadlines(**(raw.get("deadlines") or {}))
        province = Province(str(raw["province_code"]), str(raw["name"]), regions, deadlines)
    except (KeyError, TypeError) as error:
        raise ConfigError(
            f"conf/env/{name}.yaml lacks the key {error}; see conf/env/sichuan.yaml for the keys"
        ) from error
    days = (deadlines.cut_off_day, deadlines.provisional_day)
    if not all(_is_day(day) for day in days) or not 0 < deadlines.provisional_share <= 100:
        raise ConfigError(
            f"conf/env/{name}.yaml: deadlines are days from 1 to 28 and a share from 1 to 100; correct it"
        )
    codes = province.region_codes()
    if len(set(codes)) != len(codes):
        raise ConfigError(f"conf/env/{name}.yaml lists a region code twice; keep each once")
    return province


def _region(name: str, entry: dict[str, Any]) -> Region:
    day = entry.get("cut_off_day")
    if day is not None and not _is_day(day):
        raise ConfigError(
            f"conf/env/{name}.yaml: cut_off_day {day} of region {entry['code']} is not a day from 1 to 28"
        )
    return Region(str(entry["code"]), str(entry["name"]), day)


def _is_day(day: object) -> bool:
    return isinstance(day, int) and 1 <= day <= 28


def person_key_secret(env: Env) -> bytes:
    """The key of the keyed hash that replaces person numbers.

    From `$DRG_PERSON_KEY`, else the file `<data>/secrets/person_key`. Raises ConfigError when neither is there or the
    key is shorter than 16 bytes.
    """
    value = os.environ.get(SECRET_VARIABLE)
    path = env.data / "secrets" / "person_key"
    if value is None and path.is_file():
        value = path.read_text(encoding="utf-8").strip()
    if not value:
        raise ConfigError(f"no key for the person hash; set {SECRET_VARIABLE} or write one to {path}")
    secret = value.encode("utf-8")
    if len(secret) < MIN_SECRET_BYTES:
        raise ConfigError(f"the key for the person hash has {len(secret)} bytes; use at least {MIN_SECRET_BYTES}")
    return secret


def _expand(text: str, path: Path) -> str:
    def value(match: re.Match[str]) -> str:
        found = os.environ.get(match.group(1))
        if found is None:
            raise ConfigError(f"{path.name} uses ${{{match.group(1)}}}, which is not set; set the variable")
        return found

    return re.sub(r"\$\{(\w+)\}", value, text)
