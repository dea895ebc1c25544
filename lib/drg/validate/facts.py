"""Everything a check may look at, one row a landed record: SQL over what is read of a record and its clean codes."""

from __future__ import annotations

import pyarrow as pa

from drg.sql import answer

NEWBORN_DAYS = 28
# Live births by the fourth place of an outcome of delivery (Z37); of 5 (several, all alive) as many or more.
LIVE_BIRTHS = {"0": 1, "2": 2, "3": 1, "5": 3}

REGISTER = ("region_code", "hospital_code", "hospital_level", "valid_from", "valid_to")

_ONCE = "list_filter({0}, lambda code, place: code IS NOT NULL AND list_position({0}, code) = place)"
_BORN = " ".join(f"WHEN '{place}' THEN {born}" for place, born in LIVE_BIRTHS.items())


def _text(codes: str) -> str:
    """Codes with a blank between; those that are none left out."""
    return f"array_to_string({codes}, ' ')"


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
)
# hospital_level: what the hospital register gives on the day of discharge, null where it gives none.
FACTS = f"""
    SELECT lists.*, register.hospital_level, {", ".join(_COLUMNS)}
    FROM lists LEFT JOIN register
      ON lists.region_code = register.region_code AND lists.hospital_code = register.hospital_code
     AND lists.discharge_date BETWEEN register.valid_from AND coalesce(register.valid_to, DATE '9999-12-31')
"""


def with_facts(lists: pa.Table, register: pa.Table) -> pa.Table:
    """Adds what is computed: level of the hospital, codes by their part, newborn weight, fund payments by kind.

    Args:
        lists: columns of `drg.validate.parse.typed` with codes cleaned, and the verdicts of `drg.validate.live`.
        register: columns `REGISTER` of hospital_register.
    """
    return answer(FACTS, lists=lists, register=register)
