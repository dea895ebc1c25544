"""Diagnosis and procedure codes brought to their written form, and identifiers replaced by a keyed hash.

Pure functions of Arrow arrays; `with_clean_codes` runs them inside Spark in one pass over the lists.

A code is repaired only where the repair is unambiguous: blanks and invisible characters around and inside it,
full-width characters, upper and lower case, a missing dot. No two codes of the insurance edition (医保版) are alike
when case and dots are disregarded, so the code list itself says what was meant.
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.functions import arrow_udf

KNOWN, REPAIRED, UNKNOWN, MALFORMED = 0, 1, 2, 3

DIAGNOSIS_FORM = re.compile(r"[A-Z]\d{2}\.(\d{3}|x\d{2})(x\d{3})?(\+[A-Z]\d{2}(\.\d)?\*)?")
PROCEDURE_FORM = re.compile(r"\d{2}\.(\d{4}(x\d{3})?|\d{3}x\d{4}|\dx\d{2}(x\d{3})?|\d{5}|\d{3}[A-Z]\d)")
_INVISIBLE = re.compile(r"[\s\u200b-\u200f\ufeff]+")
_FILLER = re.compile(r"(?<=[\d.])X(?=\d)")

CLEAN = pa.struct(
    [
        ("diagnoses", pa.list_(pa.string())),
        ("diagnosis_states", pa.list_(pa.int32())),
        ("procedures", pa.list_(pa.string())),
        ("procedure_states", pa.list_(pa.int32())),
        ("person_key", pa.string()),
        ("mdtrt_key", pa.string()),
        ("principal_ungroupable", pa.bool_()),
    ]
)
_CLEAN_SQL = (
    "diagnoses array<string>, diagnosis_states array<int>, procedures array<string>, procedure_states array<int>, "
    "person_key string, mdtrt_key string, principal_ungroupable boolean"
)


@dataclass(frozen=True)
class CodeList:
    """A code list of the insurance edition and the form its codes have."""

    codes: frozenset[str]
    form: re.Pattern[str]
    folded: dict[str, str]

    @classmethod
    def of(cls, codes: Collection[str], form: re.Pattern[str]) -> CodeList:
        """The list of these codes."""
        return cls(frozenset(codes), form, {_fold(code): code for code in codes})

    def clean(self, text: str | None) -> tuple[str | None, int]:
        """A code as delivered in its written form, and its state: KNOWN, REPAIRED, UNKNOWN or MALFORMED.

        A malformed code comes back as null: what stands in its place may be anything, a name included.
        """
        if text is None:
            return None, MALFORMED
        if text in self.codes:
            return text, KNOWN
        bare = _bare(text)
        if _fold(bare) in self.folded:
            return self.folded[_fold(bare)], REPAIRED
        written = _FILLER.sub("x", bare.upper())
        return (written, UNKNOWN) if self.form.fullmatch(written) else (None, MALFORMED)


def clean_lists(lists: pa.ListArray, known: CodeList) -> tuple[pa.ListArray, pa.ListArray]:
    """Each code of each list in its written form, and its state; same lengths, same order, no null list expected."""
    lengths = pc.fill_null(pc.list_value_length(lists), 0)
    offsets = pa.concat_arrays([pa.array([0], pa.int32()), pc.cumulative_sum(lengths).cast(pa.int32())])
    flat = pc.list_flatten(lists).dictionary_encode(null_encoding="encode")
    cleaned = [known.clean(text) for text in flat.dictionary.to_pylist()]
    codes = pa.array([code for code, _ in cleaned], pa.string()).take(flat.indices)
    states = pa.array([state for _, state in cleaned], pa.int32()).take(flat.indices)
    return pa.ListArray.from_arrays(offsets, codes), pa.ListArray.from_arrays(offsets, states)


def keyed_hash(values: pa.StringArray, secret: bytes, purpose: str) -> pa.StringArray:
    """HMAC-SHA-256 of each value under the secret, hex; null stays null.

    The purpose goes into the hash, so that one number used for two purposes cannot be linked.
    """
    prefix = f"{purpose}:".encode()
    return pa.array(
        [None if v is None else hmac.digest(secret, prefix + v.encode(), "sha256").hex() for v in values.to_pylist()],
        pa.string(),
    )


def cleaner(
    diagnoses: CodeList, procedures: CodeList, ungroupable: Collection[str], secret: bytes
) -> Callable[[pa.Array, pa.Array, pa.Array, pa.Array], pa.Array]:
    """The function (diagnosis lists, procedure lists, person numbers, visit ids) -> struct array `CLEAN`.

    `ungroupable`: codes that may not be a principal diagnosis; the principal one is the first of its list.
    """
    not_principal = frozenset(ungroupable)

    def clean(dx: pa.Array, op: pa.Array, person: pa.Array, visit: pa.Array) -> pa.Array:
        codes, states = clean_lists(dx, diagnoses)
        first = [one[0] in not_principal if one else False for one in codes.to_pylist()]
        columns = [
            codes,
            states,
            *clean_lists(op, procedures),
            keyed_hash(person, secret, "person"),
            keyed_hash(visit, secret, "visit"),
            pa.array(first, pa.bool_()),
        ]
        return pa.StructArray.from_arrays(columns, fields=list(CLEAN))

    return clean


def with_clean_codes(
    lists: DataFrame, diagnoses: CodeList, procedures: CodeList, ungroupable: Collection[str], secret: bytes
) -> DataFrame:
    """Replaces diagnosis_codes, procedure_codes, psn_no and mdtrt_id by the columns of `CLEAN`.

    The secret travels inside the serialized function to the workers; it is in no plan, configuration or log.
    """
    # The stubs ask for a function type, Spark prefers to see it from the hints of the function.
    udf: Any = arrow_udf
    clean: Callable[..., Column] = udf(cleaner(diagnoses, procedures, ungroupable, secret), _CLEAN_SQL)
    inputs = ("diagnosis_codes", "procedure_codes", "psn_no", "mdtrt_id")
    return (
        lists.withColumn("_clean", clean(*inputs))
        .drop(*inputs)
        .select("*", *[F.col(f"_clean.{field.name}").alias(field.name) for field in CLEAN])
        .drop("_clean")
    )


def _bare(text: str) -> str:
    """Without blanks and invisible characters, full-width forms as ASCII, the dagger as plus."""
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).replace("†", "+")


def _fold(code: str) -> str:
    return code.upper().replace(".", "")
