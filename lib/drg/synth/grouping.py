"""The group that drawn cases really have, by the kernel; it fixes the cost of the truth."""

from __future__ import annotations

import functools

import numpy as np
import pyarrow as pa

from drg.group.compile import compile_pack
from drg.group.kernel import CompiledPack
from drg.group.pack import load_pack
from drg.synth import text
from drg.synth.assumptions import IntArray
from drg.synth.cases import Cases
from drg.synth.catalogue import Catalogue


@functools.lru_cache(maxsize=2)
def compiled(scheme: str) -> CompiledPack:
    """The compiled rule pack of a scheme, once a process."""
    return compile_pack(load_pack(scheme))


def group(scheme: str, source: Catalogue, cases: Cases, age_years: IntArray) -> IntArray:
    """Position in `source.drgs` of each case's group."""
    result = compiled(scheme).group(case_table(source, cases, age_years)).column("drg").to_numpy()
    return np.asarray(np.searchsorted(np.array(source.drgs, dtype=object), result), dtype=np.int64)


def case_table(source: Catalogue, cases: Cases, age_years: IntArray) -> pa.Table:
    """The columns the kernel asks for."""
    diagnoses, procedures = source.diagnoses, source.procedures
    operation = cases.procedures[:, 0]
    return pa.table(
        {
            "sex": text.integer(cases.sex),
            "age_years": pa.array(age_years.astype(np.int32)),
            "age_days": pa.array(cases.age_days.astype(np.int32), mask=cases.age_days < 0),
            "newborn_weight_g": pa.array(cases.weight_g.astype(np.int32), mask=cases.weight_g == 0),
            "principal_diagnosis": diagnoses.take(pa.array(cases.diagnoses[:, 0])),
            "other_diagnoses": _lists(diagnoses, cases.diagnoses[:, 1:]),
            "principal_procedure": procedures.take(pa.array(operation, mask=operation < 0)),
            "other_procedures": _lists(procedures, cases.procedures[:, 1:]),
        }
    )


def _lists(codes: pa.Array, numbers: IntArray) -> pa.Array:
    present = numbers >= 0
    offsets = np.concatenate([[0], np.cumsum(present.sum(axis=1))]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), codes.take(pa.array(numbers[present])))
