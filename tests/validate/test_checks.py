"""validate: every check has a list that just passes and one that just fails; all judged in one run."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from check_cases import CASES as FIRST_CASES
from check_cases_rows import ROW_CASES
from check_lists import OK, R, W, fees
from intake_frames import facts_without_spark
from intake_messages import REGION, Message, item, message

from drg.sql import answer
from drg.validate.check import Check
from drg.validate.checks import ROW_CHECKS as CHECKS
from drg.validate.checks_across import ACROSS, CERTIFICATES
from drg.validate.clean import INPUTS
from drg.validate.degrees import Settings, filled, limits_of
from drg.validate.english import ENFORCED, ENGLISH
from drg.validate.findings import findings_sql
from drg.validate.parse import AMOUNTS
from drg.validate.tables import FEES

CASES = (*FIRST_CASES, *ROW_CASES)
# Checks that only some regions ask for are asked for; a day may cost from 100 to 500 yuan.
ALL_ON = Settings(
    {check.id: W for check in CHECKS if not check.default_on},
    {("MN18", "least_yuan"): "100", ("MN18", "most_yuan"): "500"},
)


def numbered() -> list[Message]:
    """The messages of the cases, each a settlement of its own unless its id is what the case is about."""
    messages = []
    for number, (check, _, one) in enumerate(CASES):
        header = dict(one["setlinfo"])
        if check != "ID01":
            header["setl_id"] = f"S{number:04d}"
        if check != "ID25":  # the counts follow what the case draws
            header["diag_code_cnt"] = str(sum(row["diag_type"] == "1" for row in one["diseinfo"]))
            header["oprn_oprt_code_cnt"] = str(len(one["oprninfo"]))
        messages.append({**one, "setlinfo": header})
    return messages


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> pa.Table:
    """The cases with everything a check may look at."""
    return facts_without_spark(tmp_path_factory.mktemp("checks"), numbered())


def asked(facts: pa.Table, **columns: str) -> list[dict[str, Any]]:
    """What an expression comes to for each case."""
    given = ", ".join(f"{sql} AS {name}" for name, sql in columns.items())
    return answer(f"SELECT line_number, {given} FROM facts", facts=facts).to_pylist()


@pytest.fixture(scope="module")
def findings(facts: pa.Table) -> list[dict[str, str]]:
    """What each case fails under all checks: check id to severity."""
    settings = {(REGION, f"{year}-{month:02d}"): ALL_ON for year in (2024, 2025) for month in range(1, 13)}
    rows = asked(facts, findings=findings_sql(CHECKS, settings))
    found = {row["line_number"]: {one[2:]: one[0] for one in row["findings"].split()} for row in rows}
    return [found[number + 1] for number in range(len(CASES))]


@pytest.mark.parametrize("number", range(len(CASES)), ids=[f"{c[0]}-{c[1] or 'ok'}-{i}" for i, c in enumerate(CASES)])
def test_case(findings: list[dict[str, str]], number: int) -> None:
    check, severity, _ = CASES[number]
    assert findings[number].get(check, OK) == severity


def test_a_sound_list_fails_nothing(findings: list[dict[str, str]]) -> None:
    number = next(i for i, (check, severity, _) in enumerate(CASES) if (check, severity) == ("ID07", OK))
    assert findings[number] == {}


def test_what_the_one_function_looks_at_is_no_column_of_the_judged_lists(facts: pa.Table) -> None:
    assert {"certno", "emp_poscode", "psn_name", "born_on"} & set(facts.column_names) == {"born_on"}
    assert not set(INPUTS) & set(facts.column_names)


def test_a_list_of_the_clinical_edition_goes_on_with_its_mapped_codes(facts: pa.Table) -> None:
    """A01.000x002 is A01.003 in the insurance edition, and of K80.101, a code of both, the clinical meaning counts."""
    clinical = [
        number for number, (_, _, one) in enumerate(CASES, 1) if one["setlinfo"]["icd_version"] == "clinical-2.0"
    ]
    rows = [row for row in asked(facts, principal_diagnosis="principal_diagnosis") if row["line_number"] in clinical]
    delivered = {row["line_number"]: CASES[row["line_number"] - 1][2]["diseinfo"][0]["diag_code"] for row in rows}
    mapped = {delivered[row["line_number"]]: row["principal_diagnosis"] for row in rows}
    assert mapped == {
        "A01.000x002": "A01.003",
        "K80.101": "K80.103",
        "I10.x00x002": "I10.x00x002",
        "K80.199": "K80.199",
    }


def test_every_degree_of_every_check_is_drawn() -> None:
    drawn = defaultdict(set)
    for check, severity, _ in CASES:
        drawn[check].add(severity)
    for check in CHECKS:
        if check.id != "ID04":  # several versions: drawn in test_live and test_tables
            assert (check.reject is None) == (R not in drawn[check.id]), check.id
            assert (check.warn is None) == (W not in drawn[check.id]), check.id


def test_each_degree_is_said_in_english_too() -> None:
    assert {c.id: (c.reject is not None, c.warn is not None) for c in (*CHECKS, *ACROSS, *CERTIFICATES)} == {
        id_: (bool(refused), bool(flagged)) for id_, (refused, flagged) in ENGLISH.items()
    }
    assert set(ENGLISH) >= ENFORCED


COMPARISON = re.compile(r"(?<![<>=-])(<=|>=|<|>)(?![<>=])")
STRICT = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}


def mutants(check: Check) -> list[tuple[str, str, str]]:
    """Degree and predicate of each wrong twin: the opposite, and each comparison with its edge on the other side."""
    found = []
    for degree, predicate in ((R, check.reject), (W, check.warn)):
        if predicate is None or check.id == "ID04":  # several versions: drawn in test_live and test_tables
            continue
        predicate = filled(predicate, limits_of(check, ALL_ON))
        found.append((degree, "opposite", f"NOT coalesce({predicate}, false)"))
        for number, match in enumerate(COMPARISON.finditer(predicate)):
            changed = predicate[: match.start()] + STRICT[match[0]] + predicate[match.end() :]
            found.append((degree, f"comparison {number}", changed))
    return found


def test_each_wrong_twin_of_each_check_is_caught_by_the_cases(facts: pa.Table) -> None:
    """All twins in one pass: a case of the check itself must come out otherwise than it is drawn."""
    wrong = [(check, *twin) for check in CHECKS for twin in mutants(check)]
    names = [f"{check.id} {degree} {name}" for check, degree, name, _ in wrong]
    columns = ", ".join(f"coalesce({predicate}, false)" for *_, predicate in wrong)
    rows = asked(facts, failed=f"[{columns}]")
    found = {row["line_number"]: row["failed"] for row in rows}
    missed = []
    for place, (check, degree, _, _) in enumerate(wrong):
        own = [(number, severity) for number, (id_, severity, _) in enumerate(CASES) if id_ == check.id]
        # A list that is refused is not flagged by the same check as well.
        told = [severity == degree for _, severity in own if degree == R or severity != R]
        drawn = [number for number, severity in own if degree == R or severity != R]
        if [found[number + 1][place] for number in drawn] == told:
            missed.append(names[place])
    assert not missed, "; ".join(missed)


@pytest.mark.parametrize("limit", ["0", "0.0001", "10000000"])
def test_no_condition_overflows_whatever_a_list_and_a_region_say(tmp_path: Path, limit: str) -> None:
    """The largest values that are read, in every field at once, under the least and the largest limits there can be."""
    most = "999999999999.99"
    counts = [name for name in message()["setlinfo"] if name.endswith(("_days", "_cnt", "age"))]
    large = dict.fromkeys(AMOUNTS.values(), most) | dict.fromkeys(counts, "99999")
    large |= dict.fromkeys(("vent_used_days", "afadm_coma_days", "bfadm_coma_days", "scd_nurscare_days"), "99999")
    large |= {"psn_selfpay_amt": most, "psn_ownpay_fee": most, "bld_amt": "999999", "nwb_adm_wt": "999999"}
    stays = ("0001-01-01 00:00:00", "9999-12-31 23:59:59")
    lists = [
        fees(*[item(kind, most) for kind in FEES], **large, adm_time=first, dscg_time=last, setl_id=f"S{number}")
        for number, (first, last) in enumerate((stays, stays[::-1], (stays[0], stays[0])))
    ]
    every = {(check.id, name): limit for check in CHECKS for name in check.limits}
    settings = {(REGION, "2025-01"): replace(ALL_ON, limits=every)}
    rows = asked(facts_without_spark(tmp_path, lists), findings=findings_sql(CHECKS, settings))
    assert all("R:" in row["findings"] for row in rows)
    assert len(rows) == len(lists)


def test_what_only_some_provinces_ask_for_is_not_applied_by_itself(facts: pa.Table) -> None:
    asked_for = {check.id for check in CHECKS if not check.default_on}
    assert asked_for == {"DT06", "DX12", "MN18"}
    found = {one for row in asked(facts, by_default=findings_sql(CHECKS)) for one in row["by_default"].split()}
    assert {one[2:] for one in found} == {check.id for check in CHECKS} - asked_for - {"ID04"}


def test_messages_say_what_is_wrong_and_what_to_do() -> None:
    assert len({check.id for check in CHECKS}) == len(CHECKS)
    for check in CHECKS:
        for predicate, text in ((check.reject, check.reject_message), (check.warn, check.warn_message)):
            assert (predicate is None) == (text == ""), check.id
            assert not text or ("；" in text and "%" not in text and "{" not in filled(text, check.limits)), check.id
