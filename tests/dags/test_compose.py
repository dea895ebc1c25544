"""The compose file and the images: as the compose specification says, not as root, pinned, and each service startable.

`compose-spec.json` is the schema of the compose specification (Apache License 2.0), unchanged.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from drg.doors.airflow import POOL
from tests.dags.province import CHECKOUT

DOCKER = CHECKOUT / "docker"
COMPOSE: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text("utf-8"))
SCHEMA = json.loads((Path(__file__).parent / "compose-spec.json").read_text("utf-8"))


def test_the_compose_file_is_one_by_the_specification() -> None:
    jsonschema.validate(COMPOSE, SCHEMA)


def test_the_check_can_fail() -> None:
    wrong = COMPOSE | {"services": {"postgres": {"imagine": "x"}}}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, SCHEMA)


@pytest.mark.parametrize("name", sorted(COMPOSE["services"]))
def test_a_service_is_pinned_and_what_it_waits_for_exists(name: str) -> None:
    service = COMPOSE["services"][name]
    assert re.fullmatch(r"[a-z-]+:\d+(\.\d+)+(-\w+)?", service["image"])
    assert set(service.get("depends_on", {})) <= set(COMPOSE["services"])
    for volume in service.get("volumes", []):
        place, _, how = volume.partition(":")
        # A volume of the file, or a folder of the checkout that no container may write.
        of_checkout = place.startswith("../") and (CHECKOUT / "docker" / place).is_dir() and how.endswith(":ro")
        assert place in COMPOSE["volumes"] or of_checkout
    for port in service.get("ports", []):
        assert port.startswith("127.0.0.1:")
    if name != "postgres":
        assert service["user"] == "10001:10001"
        assert (CHECKOUT / service["build"]["dockerfile"]).is_file()


def test_no_secret_stands_in_the_file() -> None:
    text = (DOCKER / "compose.yaml").read_text("utf-8")
    for key in ("PASSWORD", "FERNET_KEY", "JWT_SECRET", "DRG_PERSON_KEY"):
        for value in re.findall(rf"^ +\w*{key}: (.+)$", text, re.MULTILINE):
            assert value.startswith("${"), value


def test_the_pool_of_the_dags_is_made() -> None:
    assert f"pools set {POOL} " in COMPOSE["services"]["airflow-init"]["command"][0]


@pytest.mark.parametrize("path", sorted(DOCKER.glob("*.Dockerfile")), ids=lambda path: path.name)
def test_an_image_has_what_it_copies_and_does_not_run_as_root(path: Path) -> None:
    text = path.read_text("utf-8")
    for source in re.findall(r"^COPY --chown=drg:drg (.+) \S+$", text, re.MULTILINE):
        for name in source.split():
            assert (CHECKOUT / name).exists(), name
    base = re.search(r"^ARG (?:BASE|ENGINE)=(\S+)$", text, re.MULTILINE)
    assert base
    assert base[1] == "drg-engine" or re.fullmatch(r"python:3\.11\.\d+-slim-bookworm", base[1])
    assert "USER root" not in text
    assert base[1] == "drg-engine" or re.search(r"^USER drg$", text, re.MULTILINE)
