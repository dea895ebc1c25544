"""Everything a check may look at, one row a landed record: SQL over what is read of a record and its clean codes."""

from __future__ import annotations

import pyarrow as pa

from drg.sql import answer
from drg.validate.codes import MALFORMED, REPAIRED, UNKNOWN
from drg.validate.tables import REQUIRED_ITEMS

NEWBORN_DAYS = 28
# Live births by the fourth place of an outcome of delivery (Z37); of 5 (several, all alive) as many or more.
LIVE_BIRTHS = {"0": 1, "2": 2, "3": 1, "5": 3}

REGISTER = ("region_code", "hospital_code", "hospital_level", "valid_from", "valid_to")

_ONCE = "list_filter({0}, lambda code, place: code IS NOT NULL AND list_position({0}, code) = place)"
_BORN = " ".join(f"WHEN '{place}' THEN {born}" for place, born in LIVE_BIRTHS.items())


def _text(codes: str) -> str:
    """Codes with a blank between; those that are none left out."""
    return f"array_to_string({codes}, ' ')"


def _in_state(*states: int) -> str:
    """How many codes of a list are in one of these states."""
    among = ", ".join(map(str, states))
    counted = (f"len(list_filter({name}, lambda state: state IN ({among})))" for name in _STATES)
    return f"CAST({' + '.join(counted)} AS INTEGER)"


_STATES = ("diagnosis_states", "procedure_states")
_LACKING = " + ".join(f"CAST({name} IS NULL AS INTEGER) * {1 << place}" for place, name in enumerate(REQUIRED_ITEMS))
_FUNDS = "basic_fund_payment + major_illness_payment + assistance_payment + other_fund_payment"
# The order of the columns is that of their making: each may look at those before it.
_COLUMNS = (
    "CASE WHEN n_principal > 0 THEN diagnoses[1] END AS principal_diagnosis",
    f"{_ONCE.format('diagnoses[2:]')} AS _others",
    # Codes in their order, each once, the principal left out.
    "CASE WHEN principal_diagnosis IS NULL THEN _others"
    " ELSE list_filter(_others, lambda code: code <> principal_diagnosis) END AS other_diagnoses",
    "CASE WHEN n_main_procedures > 0 THEN procedures[1] END AS principal_procedure",
    "CASE WHEN n_main_procedures > 0 THEN procedures[2:] ELSE procedures END AS _further",
    "list_filter(_further, lambda code: code IS NOT NULL) AS other_procedures",
    "diagnosis_states[1] AS principal_state",
    "procedure_states[1] AS main_procedure_state",
    "list_max(diagnosis_states[2:]) >= 2 AS other_diagnosis_unknown",
    "list_max(CASE WHEN n_main_procedures > 0 THEN procedure_states[2:] ELSE procedure_states END) >= 2"
    " AS other_procedure_unknown",
    "len(list_distinct(diagnoses)) < list_count(diagnoses) AS diagnosis_repeated",
    # Below 20 a weight was written in kilograms (NB03).
    f"CASE WHEN age_days <= {NEWBORN_DAYS} THEN CAST(round(grams(admission_weight), 0) AS INTEGER) END"
    " AS newborn_weight_g",
    "grams(birth_weight) AS birth_weight_g",
    f"{_text('diagnoses')} AS diagnosis_text",
    f"{_text('procedures')} AS procedure_text",
    f"{_text('other_diagnoses')} AS other_diagnosis_text",
    f"{_text('other_procedures')} AS other_procedure_text",
    r"regexp_extract(diagnosis_text, '(^| )Z37\.(\d)', 2) AS _outcome",
    f"CASE _outcome {_BORN} END AS live_births",
    "_outcome = '5' AS many_births",
    "date_diff('second', admitted_at, discharged_at) AS stay_seconds",
    "try_cast(hifmi_pay + hifob_pay AS DECIMAL(16,2)) AS major_illness_payment",
    "try_cast(cvlserv_pay + hifes_pay + hifdm_pay + othfund_pay AS DECIMAL(16,2)) AS other_fund_payment",
    f"try_cast({_FUNDS} AS DECIMAL(16,2)) AS fund_payment_total",
    # What is left of the cost; it differs from account and cash by what MN06 and MN07 let pass with a flag.
    "try_cast(total_cost - fund_payment_total AS DECIMAL(16,2)) AS patient_payment",
    # Of the items a list has to give (drg.validate.tables) the place of each one it lacks, as a bit.
    f"CAST({_LACKING} AS INTEGER) AS lacks",
    f"CAST({' + '.join(f'len({name})' for name in _STATES)} AS INTEGER) AS codes",
    f"{_in_state(REPAIRED)} AS repaired_codes",
    f"{_in_state(UNKNOWN, MALFORMED)} AS unknown_codes",
)
# hospital_level: what the hospital register gives on the day of discharge, null where it gives none.
FACTS = f"""
    SELECT lists.*, hospital_level, {", ".join(_COLUMNS)}
    FROM lists LEFT JOIN (SELECT region_code AS _region, hospital_code AS _hospital, hospital_level, valid_from,
                                 coalesce(valid_to, DATE '9999-12-31') AS _until FROM register)
      ON region_code = _region AND hospital_code = _hospital AND discharge_date BETWEEN valid_from AND _until
"""


def with_facts(lists: pa.Table, register: pa.Table) -> pa.Table:
    """Adds what is computed: level of the hospital, codes by their part, newborn weight, fund payments by kind.

    Args:
        lists: columns of `drg.validate.parse.typed` with codes cleaned, and the verdicts of `drg.validate.live`.
        register: columns `REGISTER` of hospital_register.
    """
    return answer(FACTS, lists=lists, register=register)
