"""The one Arrow function of validate: nodes read and added up, codes cleaned, identifiers hashed or judged.

Pure functions of Arrow arrays. The rows of nodes are worked on here and nowhere else, each distinct code and name of a
batch once. What leaves are codes, amounts, keyed hashes and yes or no; an id number or postcode goes in and never comes
out.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Collection
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from drg.land.layout import NODES
from drg.validate import lines
from drg.validate.charges import CHARGES, PAYMENTS, charges, payments
from drg.validate.codes import MALFORMED, UNKNOWN, CodeList, is_lone_asterisk
from drg.validate.icu import ICU, intensive_care
from drg.validate.identity import id_bodies, identity_faults
from drg.validate.lines import DIAGNOSES, OPERATIONS
from drg.validate.nodes import is_among, yes
from drg.validate.operations import operation_faults

Flags = npt.NDArray[np.bool_]

# What a list fails, as far as only its strings say so.
FAULTS = (
    "principal_ungroupable",
    "main_procedure_ignored",
    "other_procedure_groups",
    "diagnosis_name_differs",
    "procedure_name_differs",
    "lone_asterisk",
    "of_two_editions",
    "id_number_wrong",
    "id_birth_differs",
    "id_sex_differs",
    "postcode_wrong",
    "anaesthesia_unknown",
    "operation_time_wrong",
    "anaesthesia_time_wrong",
    "anaesthetist_missing",
    "a_minute_apart",
    "operations_unordered",
)
CLEAN = pa.struct(
    [
        ("diagnoses", pa.list_(pa.string())),
        ("diagnosis_states", pa.list_(pa.int32())),
        ("procedures", pa.list_(pa.string())),
        ("procedure_states", pa.list_(pa.int32())),
        ("person_key", pa.string()),
        ("mdtrt_key", pa.string()),
        ("cert_key", pa.string()),
        *[field for schema in (DIAGNOSES, OPERATIONS, CHARGES, PAYMENTS, ICU) for field in schema],
        *[(name, pa.bool_()) for name in FAULTS],
    ]
)
# Columns that go in, nodes first; none of them comes out.
INPUTS = (*NODES, "is_clinical", "psn_no", "mdtrt_id", "identity")
_SEPARATOR = "\x1f"


def clean_lists(
    codes: pa.ListArray, known: CodeList, names: pa.ListArray | None = None, clinical: pa.BooleanArray | None = None
) -> tuple[pa.ListArray, pa.ListArray, dict[str, Flags]]:
    """Each code of each list in its written form, its state, and what is odd about a list; same lengths, same order.

    Args:
        codes: as delivered; no null list expected.
        known: the list of codes they are held against.
        names: of the same lengths; without them no name is compared.
        clinical: whether a list declares the clinical edition, whose names are not those of the insurance edition.

    The flags, one a list: `named_otherwise`, `lone_asterisk`, `of_two_editions`.
    """
    lengths = pc.fill_null(pc.list_value_length(codes), 0)
    offsets = pa.concat_arrays([pa.array([0], pa.int32()), pc.cumulative_sum(lengths).cast(pa.int32())])
    flat = pc.list_flatten(codes)
    edition = pa.repeat("", len(codes)) if clinical is None else pc.if_else(pc.fill_null(clinical, False), "C", "")
    parent = np.repeat(np.arange(len(codes)), lengths.to_numpy(zero_copy_only=False))
    name = pc.list_flatten(names) if names is not None else pa.repeat("", len(flat))
    key = pc.binary_join_element_wise(
        edition.take(pa.array(parent)), flat, name, _SEPARATOR, null_handling="replace", null_replacement=""
    ).dictionary_encode()
    found = [_judged(text, known) for text in key.dictionary.to_pylist()]
    at = key.indices
    clean = pa.array([one[0] for one in found], pa.string()).take(at)
    states = pa.array([one[1] for one in found], pa.int32()).take(at)
    place, bounds = at.to_numpy(zero_copy_only=False), offsets.to_numpy()
    flags = np.array([one[2:] for one in found], dtype=bool).reshape(len(found), 3)[place]
    odd = {
        flag: any_of(bounds, flags[:, column])
        for column, flag in enumerate(("named_otherwise", "lone_asterisk", "of_two_editions"))
    }
    return pa.ListArray.from_arrays(offsets, clean), pa.ListArray.from_arrays(offsets, states), odd


def _judged(key: str, known: CodeList) -> tuple[str | None, int, bool, bool, bool]:
    """Code, state, named otherwise, lone asterisk, of two editions; of edition, code and name in one text."""
    parts = key.split(_SEPARATOR)
    if len(parts) != 3:  # the separator stands in the delivered text itself
        return None, MALFORMED, False, False, False
    clinical = parts[0] == "C"
    code, state = known.clean(parts[1], clinical)
    return (
        code,
        state,
        not clinical and state not in (UNKNOWN, MALFORMED) and known.is_named_otherwise(code, parts[2]),
        state in (UNKNOWN, MALFORMED) and is_lone_asterisk(parts[1]),
        clinical and known.is_two_editions(parts[1]),
    )


def any_of(bounds: npt.NDArray[np.int32], flags: Flags) -> Flags:
    """Whether any flag of each list holds; `bounds` are the offsets of the lists."""
    total = np.concatenate([[0], np.cumsum(flags)])
    return np.asarray(total[bounds[1:]] > total[bounds[:-1]])


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
    diagnoses: CodeList, procedures: CodeList, ungroupable: Collection[str], ignored: Collection[str], secret: bytes
) -> Callable[..., pa.Array]:
    """The function of arrays `INPUTS` -> struct array `CLEAN`.

    `ungroupable`: codes that may not be a principal diagnosis; `ignored`: procedures with no part in grouping. The
    principal one is the first of its list.
    """

    def clean(*columns: pa.Array) -> pa.Array:
        told = dict(zip(INPUTS, columns, strict=True))
        identity, operated = told["identity"], told["oprninfo"]
        dx, dx_names, of_diagnoses = lines.diagnoses(told["diseinfo"])
        op, op_names, of_operations = lines.operations(operated)
        dx_codes, dx_states, dx_odd = clean_lists(dx, diagnoses, dx_names, told["is_clinical"])
        op_codes, op_states, op_odd = clean_lists(op, procedures, op_names, told["is_clinical"])
        known = identity_faults(identity)
        card = id_bodies(identity, known["id_number_sound"])
        faults: dict[str, Any] = {
            "principal_ungroupable": _first_is_in(dx_codes, ungroupable),
            "main_procedure_ignored": _first_is_in(op_codes, ignored),
            "other_procedure_groups": _others_are_not_in(op_codes, ignored),
            "diagnosis_name_differs": dx_odd["named_otherwise"],
            "procedure_name_differs": op_odd["named_otherwise"],
            "lone_asterisk": dx_odd["lone_asterisk"],
            "of_two_editions": dx_odd["of_two_editions"] | op_odd["of_two_editions"],
            **known,
            **operation_faults(operated, identity),
        }
        keys = [keyed_hash(told[name], secret, of) for name, of in (("psn_no", "person"), ("mdtrt_id", "visit"))]
        keys.append(keyed_hash(card, secret, "certificate"))
        found = [
            *(dx_codes, dx_states, op_codes, op_states, *keys, *of_diagnoses, *of_operations),
            *(*charges(told["iteminfo"]), *payments(told["payinfo"]), *intensive_care(told["icuinfo"])),
            *[pa.array(faults[name], pa.bool_()) for name in FAULTS],
        ]
        return pa.StructArray.from_arrays(found, fields=list(CLEAN))

    return clean


def _first_is_in(codes: pa.ListArray, among: Collection[str]) -> Flags:
    bounds = codes.offsets.to_numpy()
    found = np.zeros(len(codes), dtype=bool)
    some = bounds[1:] > bounds[:-1]
    found[some] = is_among(codes.values, among)[bounds[:-1][some]]
    return found


def _others_are_not_in(codes: pa.ListArray, among: Collection[str]) -> Flags:
    bounds = codes.offsets.to_numpy()
    further = yes(pc.is_valid(codes.values)) & ~is_among(codes.values, among)
    further[bounds[:-1][bounds[1:] > bounds[:-1]]] = False
    return any_of(bounds, further)


def with_clean_lists(
    lists: pa.Table,
    diagnoses: CodeList,
    procedures: CodeList,
    ungroupable: Collection[str],
    ignored: Collection[str],
    secret: bytes,
) -> pa.Table:
    """The lists with the columns of `CLEAN` instead of `INPUTS`, see `cleaner`."""
    clean = cleaner(diagnoses, procedures, ungroupable, ignored, secret)
    found = clean(*[lists[name].combine_chunks() for name in INPUTS])
    rest = lists.drop_columns(list(INPUTS))
    for field, column in zip(CLEAN, found.flatten(), strict=True):
        rest = rest.append_column(field, column)
    return rest
