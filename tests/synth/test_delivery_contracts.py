"""The contracts of the deliveries are what is delivered: names, nodes and what may not be empty."""

from __future__ import annotations

import csv
from typing import Any

import pytest

from drg.doors.config import load_yaml, project_home
from drg.synth import fields
from tests.synth.drawn import Draw, manifests

FOLDER = project_home() / "data_contracts" / "delivery"
LISTS = ("settlement_list_json", "settlement_list_text", "settlement_list_parquet")


def properties(name: str) -> list[dict[str, Any]]:
    schema: list[dict[str, Any]] = load_yaml(FOLDER / f"{name}.yaml")["schema"][0]["properties"]
    return schema


def header_and_nodes(name: str) -> tuple[list[dict[str, Any]], dict[str, list[str]]]:
    header = [one for one in properties(name) if one["logicalType"] == "string"]
    nodes = {
        one["name"]: [child["name"] for child in one["items"]["properties"]]
        for one in properties(name)
        if one["logicalType"] == "array"
    }
    for one in properties(name):
        header += one["properties"] if one["logicalType"] == "object" else []
    return header, nodes


@pytest.mark.parametrize("name", LISTS)
def test_a_list_contract_names_every_field_in_order(name: str) -> None:
    header, nodes = header_and_nodes(name)
    assert [one["name"] for one in header] == list(fields.SETLINFO)
    assert nodes == {node: list(names) for node, names in fields.NODES.items()}


@pytest.mark.parametrize("name", LISTS)
def test_what_is_required_is_never_empty_in_a_clean_list(usual: Draw, name: str) -> None:
    header, _ = header_and_nodes(name)
    required = [one["name"] for one in header if one.get("required")]
    assert {"setl_id", "gend", "adm_time", "medfee_sumamt"} <= set(required)
    for message in usual.clean():
        assert all(message[field] != "" for field in required)


def test_direct_identifiers_are_marked_personal() -> None:
    for name in LISTS:
        classes = {one["name"]: one["classification"] for one in header_and_nodes(name)[0]}
        direct = ("psn_no", "psn_name", "certno", "brdy", "curr_addr", "coner_name", "coner_tel", "chfpdr_name")
        assert {classes[field] for field in direct} == {"personal"}


def test_registers_and_manifest_have_the_columns_of_their_contracts(usual: Draw) -> None:
    for table in ("hospital_register", "fund_budget", "case_dispute", "warning_notice"):
        with (usual.out / "510300" / f"{table}.csv").open(encoding="utf-8") as file:
            assert next(csv.reader(file)) == [one["name"] for one in properties(f"{table}_file")]
    _, manifest = manifests(usual.out)[0]
    agreed = properties("delivery_manifest")
    assert list(manifest) == [one["name"] for one in agreed]
    of_a_file = [one["name"] for one in agreed[-1]["items"]["properties"] if one.get("required")]
    assert list(manifest["files"][0]) == of_a_file
