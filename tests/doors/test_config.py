"""The door to configuration: one sentence for each thing that can be wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from drg.doors.config import Env, load_env, load_province, load_yaml, person_key_secret, project_home
from drg.errors import ConfigError


def test_sichuan_has_22_pooling_regions() -> None:
    province = load_province("sichuan")
    assert len(province.regions) == 22
    assert province.name_of("510100") == "成都市"
    assert province.name_of("519900") == "四川省本级"
    with pytest.raises(ConfigError, match="000000 is not a pooling region"):
        province.name_of("000000")


def test_the_data_folder_moves_everything(tmp_path: Path) -> None:
    env = load_env("local", tmp_path)
    assert {env.deliveries.parent, env.releases.parent, env.truth.parent, Path(env.tables).parent} == {tmp_path}


def test_the_variable_moves_the_environment_of_this_process_and_never_a_trial_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    province_file(tmp_path, monkeypatch, "")
    monkeypatch.setenv("DRG_DATA", "/real")
    monkeypatch.setenv("SHARE", "/share")
    spark = "spark: {master: 'local[1]'}\n"
    (tmp_path / "conf/env/site.yaml").write_text("province: x\ndata: d\ntables: hdfs://t\n" + spark)
    (tmp_path / "conf/env/trial.yaml").write_text("province: x\ndata: t\ndeliveries: ${SHARE}/in\n" + spark)
    monkeypatch.setenv("DRG_ENV", "site")
    site, trial = load_env(), load_env("trial")
    assert (site.releases, site.tables) == (Path("/real/releases"), "hdfs://t")
    assert (trial.releases, trial.tables) == (tmp_path / "t/releases", str(tmp_path / "t/tables"))
    assert trial.deliveries == Path("/share/in")
    moved = load_env("trial", tmp_path / "m")
    assert (moved.deliveries, moved.tables) == (tmp_path / "m/deliveries", str(tmp_path / "m/tables"))


def test_an_unknown_environment_names_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="known environments: local"):
        load_env("nowhere")


def test_an_environment_needs_its_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("conf/env", "data_contracts"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "conf/env/local.yaml").write_text("province: sichuan\nspark: {master: 'local[1]'}\n")
    monkeypatch.setenv("DRG_HOME", str(tmp_path))
    with pytest.raises(ConfigError, match="lacks the key 'data'"):
        load_env("local")
    (tmp_path / "conf/env/local.yaml").write_text("province: sichuan\ndata: d\nspark: {master: '${ABSENT_MASTER}'}\n")
    with pytest.raises(ConfigError, match="ABSENT_MASTER"):
        load_env("local")


def test_a_region_stands_once_in_its_province(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("conf/env", "data_contracts"):
        (tmp_path / folder).mkdir(parents=True)
    twice = "province_code: '1'\nname: x\nregions: [{code: '2', name: a}, {code: '2', name: b}]\n"
    (tmp_path / "conf/env/twice.yaml").write_text(twice)
    monkeypatch.setenv("DRG_HOME", str(tmp_path))
    with pytest.raises(ConfigError, match="lists a region code twice"):
        load_province("twice")


def test_broken_yaml_names_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text("a: 1\nb: [1, 2\nc: 3\n")
    with pytest.raises(ConfigError, match=r"broken.yaml line \d"):
        load_yaml(path)
    with pytest.raises(ConfigError, match="cannot be read"):
        load_yaml(tmp_path / "absent.yaml")


def test_the_home_is_found_or_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (project_home() / "jobs").is_dir()
    monkeypatch.setenv("DRG_HOME", str(tmp_path))
    with pytest.raises(ConfigError, match="set DRG_HOME"):
        project_home()


def test_the_person_key_is_required_and_long_enough(env: Env, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DRG_PERSON_KEY", raising=False)
    with pytest.raises(ConfigError, match="no key for the person hash"):
        person_key_secret(env)
    monkeypatch.setenv("DRG_PERSON_KEY", "fifteen-bytes!!")
    with pytest.raises(ConfigError, match="has 15 bytes"):
        person_key_secret(env)
    monkeypatch.setenv("DRG_PERSON_KEY", "sixteen-bytes!!!")
    assert person_key_secret(env) == b"sixteen-bytes!!!"
    monkeypatch.delenv("DRG_PERSON_KEY")
    (env.data / "secrets").mkdir(parents=True)
    (env.data / "secrets" / "person_key").write_text("from-a-file-of-its-own\n")
    assert person_key_secret(env) == b"from-a-file-of-its-own"


def province_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, deadlines: str, day: str = "") -> None:
    for folder in ("conf/env", "data_contracts"):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    text = f'province_code: "510000"\nname: x\n{deadlines}\nregions:\n  - {{code: "510100", name: a{day}}}\n'
    (tmp_path / "conf/env/x.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("DRG_HOME", str(tmp_path))


def test_a_region_may_have_a_cut_off_day_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    province_file(tmp_path, monkeypatch, "deadlines: {cut_off_day: 8}", ", cut_off_day: 12")
    assert load_province("x").cut_off_day("510100") == 12
    province_file(tmp_path, monkeypatch, "deadlines: {cut_off_day: 8}")
    assert load_province("x").cut_off_day("510100") == 8


@pytest.mark.parametrize(
    ("deadlines", "day"),
    [("deadlines: {cut_off_day: 29}", ""), ("deadlines: {provisional_share: 101}", ""), ("", ", cut_off_day: 0")],
)
def test_a_day_that_is_none_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, deadlines: str, day: str
) -> None:
    province_file(tmp_path, monkeypatch, deadlines, day)
    with pytest.raises(ConfigError, match="from 1 to 28"):
        load_province("x")


def test_a_trial_names_a_policy_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    province_file(tmp_path, monkeypatch, "")
    path = tmp_path / "conf/env/trial.yaml"
    path.write_text("province: x\ndata: d\npolicy: conf/trial\ndeliveries: real\nspark: {master: 'local[1]'}\n")
    env = load_env("trial")
    assert (env.policy, env.deliveries) == (tmp_path / "conf" / "trial", tmp_path / "real")
    assert env.releases == tmp_path / "d" / "releases"
