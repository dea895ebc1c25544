"""A batch of landed records judged: read, cleaned, and held against every check of one list. Arrow in, Arrow out.

This is the one function that runs beside Spark in validate; see `drg.validate.intake` for the pass that calls it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from drg.sql import answer
from drg.validate.check import Check
from drg.validate.clean import with_clean_lists
from drg.validate.codes import CodeList
from drg.validate.degrees import Settings, Unit
from drg.validate.facts import FACTS, with_facts
from drg.validate.findings import findings_sql
from drg.validate.parse import typed


@dataclass(frozen=True)
class References:
    """What lists are held against besides themselves.

    Attributes:
        diagnoses, procedures: code lists of the insurance edition.
        ungroupable: codes that may not be a principal diagnosis under the scheme in force.
        regions: codes of the province's pooling regions.
        ignored_procedures: procedures with no part in grouping under the scheme in force.
    """

    diagnoses: CodeList
    procedures: CodeList
    ungroupable: tuple[str, ...]
    regions: tuple[str, ...]
    ignored_procedures: tuple[str, ...] = ()


def read_lists(landed: pa.Table, references: References, secret: bytes) -> pa.Table:
    """What landed records say: typed columns, clean codes and keyed hashes, one row a record in their order."""
    return with_clean_lists(
        typed(landed, references.regions),
        references.diagnoses,
        references.procedures,
        references.ungroupable,
        references.ignored_procedures,
        secret,
    )


def facts_of(landed: pa.Table, register: pa.Table, references: References, secret: bytes) -> pa.Table:
    """Everything the checks may look at, one row a landed record; args as of `judge_of`."""
    return with_facts(read_lists(landed, references, secret), register)


def judge_of(
    register: pa.Table,
    references: References,
    secret: bytes,
    checks: Sequence[Check],
    settings: Mapping[Unit, Settings] | None,
    schema: pa.Schema,
) -> Callable[[pa.Table], pa.Table]:
    """The function landed records -> judged lists of this schema: what was read, the facts, and `findings`.

    Args:
        register: columns `drg.validate.facts.REGISTER` of hospital_register.
        references: code lists and regions.
        secret: key of the hash that replaces person numbers and visit ids.
        checks: the checks of one list.
        settings: what regions set for them, see `drg.validate.degrees`.
        schema: the columns to give, of those there are and `findings`; a struct is of such columns.

    Landed records have the columns of landed_list that `drg.validate.intake` names, with their verdict.
    """
    given = ", ".join(_column(field) for field in schema if field.name != "findings")
    question = f"SELECT {given}, {findings_sql(checks, settings)} AS findings FROM ({FACTS})"

    def judge(landed: pa.Table) -> pa.Table:
        lists = read_lists(landed, references, secret)
        return answer(question, lists=lists, register=register).select(schema.names).cast(schema)

    return judge


def _column(field: pa.Field) -> str:
    if not pa.types.is_struct(field.type):
        return str(field.name)
    return f"struct_pack({', '.join(f'{part.name} := {part.name}' for part in field.type)}) AS {field.name}"
