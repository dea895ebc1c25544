"""The grouping kernel (分组内核): a batch of cases to their groups and the reasons, as whole-array arithmetic.

How a case is grouped (CHS-DRG): MDCs in order, the first whose rule holds and in which an ADRG holds takes the case;
in the MDC the first ADRG that holds; in the ADRG the first DRG that holds. Nothing holds: ungrouped, DRG 0000.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drg.group.batch import NONE, Array, Batch, Bools, CcTables, Ints, Words, read_batch
from drg.group.conditions import Places
from drg.group.plans import DrgPlan, MdcPlan, Witnesses
from drg.group.reasons import ReasonCode

UNGROUPED_DRG = "0000"
# The grouper's version, one higher whenever the same case may get another group under the same pack.
VERSION = 1
EXCLUDED_TYPE = pa.struct([("icd_code", pa.string()), ("level", pa.string()), ("exclusion_set", pa.string())])
OUTPUT_SCHEMA = pa.schema(
    [
        ("mdc", pa.string()),
        ("adrg", pa.string()),
        ("drg", pa.string()),
        ("grouping_status", pa.string()),
        ("reason_code", pa.string()),
        ("deciding_diagnosis", pa.string()),
        ("deciding_procedure", pa.string()),
        ("cc_level", pa.string()),
        ("cc_diagnosis", pa.string()),
        ("excluded_diagnoses", pa.list_(EXCLUDED_TYPE)),
    ]
)
_LEVELS = pa.array(["none", "CC", "MCC"], pa.string())
_REASONS = tuple(ReasonCode)
_REASON_NUMBER = {reason: number for number, reason in enumerate(_REASONS)}
_REASON_NAMES = pa.array([reason.value for reason in _REASONS], pa.string())
_STATUS_NAMES = pa.array([reason.status.value for reason in _REASONS], pa.string())
_NEWBORN_SCALARS = ("NL", "XSRTL", "XSRTZ")


@dataclass(frozen=True)
class CompiledPack:
    """A rule pack ready for batches; made by `compile_pack`, can be pickled."""

    scheme: str
    identity: str
    codes: pa.Array
    exclusion_sets: pa.Array
    cc: CcTables
    words: dict[str, Words]
    mdcs: tuple[MdcPlan, ...]
    mdc_witnesses: Witnesses
    adrg_witnesses: Witnesses
    adrg_mdc: Ints
    adrg_ambiguous: Bools
    drgs: DrgPlan
    mdc_names: pa.Array
    adrg_names: pa.Array
    drg_names: pa.Array
    known_codes: Bools
    not_permitted: Bools

    def group(self, cases: pa.RecordBatch | pa.Table) -> pa.Table:
        """The groups and reasons of a batch, one row a case in the order given (OUTPUT_SCHEMA).

        Input columns: sex ("1" male, "2" female), age_years, age_days (null where not given), newborn_weight_g (null
        where not given), principal_diagnosis, other_diagnoses (list), principal_procedure (null without one),
        other_procedures (list); others are ignored. Codes are compared as written.

        `deciding_diagnosis` and `deciding_procedure` are the first codes of the case, principal first, that made the
        rule of the ADRG hold; the diagnosis is that of the MDC's rule where the ADRG asks for none. `cc_level` is the
        level that the DRG's rule asked for and `cc_diagnosis` the first other diagnosis that has it.
        """
        batch = read_batch(cases, self.codes, self.cc, self.words)
        adrg = self._adrgs(batch)
        drg, level = self.drgs.find(batch, adrg)
        split_fails = (adrg >= 0) & (drg < 0)
        adrg[split_fails] = -1
        diagnosis, procedure = self.adrg_witnesses.places(batch, adrg)
        reason = self._reasons(batch, adrg, diagnosis, procedure)
        reason[split_fails] = _REASON_NUMBER[ReasonCode.NO_DRG_IN_ADRG]
        self._witness_by_mdc(batch, adrg, diagnosis)
        return self._output(batch, adrg, drg, level, reason, (diagnosis, procedure))

    def _adrgs(self, batch: Batch) -> Ints:
        """The number of the ADRG that takes each case, -1 for none."""
        result = np.full(batch.size, -1, np.int64)
        left = np.arange(batch.size)
        for plan in self.mdcs:
            if len(left) == 0:
                break
            held = np.flatnonzero(plan.rule.holds(batch, left))
            if len(held) == 0:
                continue
            rank = plan.ranks(batch, left[held])
            taken = rank < plan.size
            result[left[held[taken]]] = rank[taken] + plan.first
            left = left[result[left] < 0]
        return result

    def _witness_by_mdc(self, batch: Batch, adrg: Ints, diagnosis: Ints) -> None:
        """Fills in, for grouped cases whose ADRG asks for no diagnosis, the diagnosis of the MDC's rule."""
        by_mdc = (adrg >= 0) & (diagnosis == NONE)
        mdc = np.where(by_mdc, self.adrg_mdc[adrg], -1)
        np.minimum(diagnosis, self.mdc_witnesses.places(batch, mdc)[0], out=diagnosis)

    def _reasons(self, batch: Batch, adrg: Ints, diagnosis: Ints, procedure: Ints) -> Array:
        by_diagnosis, by_procedure = diagnosis != NONE, procedure != NONE
        number = _REASON_NUMBER
        reason = np.select(
            [by_diagnosis & by_procedure, by_diagnosis, by_procedure],
            [
                number[ReasonCode.GROUPED_BY_DIAGNOSIS_AND_PROCEDURE],
                number[ReasonCode.GROUPED_BY_DIAGNOSIS],
                number[ReasonCode.GROUPED_BY_PROCEDURE],
            ],
            number[ReasonCode.GROUPED_BY_MDC],
        )
        ambiguous = np.append(self.adrg_ambiguous, False)[adrg]
        reason[ambiguous] = number[ReasonCode.AMBIGUOUS_NEWBORN]
        reason[ambiguous & by_procedure] = number[ReasonCode.AMBIGUOUS_PROCEDURE]
        ungrouped = np.flatnonzero(adrg < 0)
        reason[ungrouped] = self._reasons_against(batch, ungrouped)
        return reason

    def _reasons_against(self, batch: Batch, rows: Ints) -> Array:
        """Why these cases have no group; the first reason that applies, in the order of the enumeration."""
        number = _REASON_NUMBER
        reason = np.full(len(rows), number[ReasonCode.PRINCIPAL_DIAGNOSIS_IN_NO_MDC])
        in_mdc = np.zeros(len(rows), np.bool_)
        for plan in self.mdcs:
            if plan.asks_diagnosis:
                self._reasons_in_mdc(plan, batch, rows, reason, in_mdc)
        principal = batch.principal["ZYZD"][rows]
        reason[self.not_permitted[principal]] = number[ReasonCode.PRINCIPAL_DIAGNOSIS_NOT_PERMITTED]
        reason[~self.known_codes[principal]] = number[ReasonCode.PRINCIPAL_DIAGNOSIS_UNKNOWN]
        written = batch.diagnoses.slice(0, batch.size).take(pa.array(rows))
        missing = pc.equal(pc.fill_null(written, ""), "")
        reason[missing.to_numpy(zero_copy_only=False)] = number[ReasonCode.PRINCIPAL_DIAGNOSIS_MISSING]
        return reason

    @staticmethod
    def _reasons_in_mdc(plan: MdcPlan, batch: Batch, rows: Ints, reason: Array, in_mdc: Bools) -> None:
        def diagnosed(relaxed: Batch) -> Ints:
            """Rows, as positions, where the MDC's rule holds by a diagnosis."""
            held = np.flatnonzero(plan.rule.holds(relaxed, rows))
            with_code: Ints = held[plan.rule.witness(relaxed, rows[held])[0] != NONE]
            return with_code

        held = diagnosed(batch)
        if len(held):
            without_newborn = plan.ranks(batch.relaxing(*_NEWBORN_SCALARS), rows[held]) < plan.size
            reason[held] = np.where(
                without_newborn,
                _REASON_NUMBER[ReasonCode.NEWBORN_CRITERIA_NOT_MET],
                _REASON_NUMBER[ReasonCode.NO_ADRG_IN_MDC],
            )
            in_mdc[held] = True
        for reason_code, scalars in (
            (ReasonCode.AGE_CONTRADICTS_DIAGNOSIS, _NEWBORN_SCALARS),
            (ReasonCode.SEX_CONTRADICTS_DIAGNOSIS, ("XB",)),
        ):
            held = diagnosed(batch.relaxing(*scalars))
            reason[held[~in_mdc[held]]] = _REASON_NUMBER[reason_code]

    def _output(self, batch: Batch, adrg: Ints, drg: Ints, level: Array, reason: Array, places: Places) -> pa.Table:
        grouped = adrg >= 0
        mdc = self.adrg_mdc[adrg]
        others = batch.others["QTZD"]
        excluded = batch.cc.excluded
        code = others.ids[excluded]
        levels = self.cc.level[code]
        counts = np.bincount(others.rows[excluded], minlength=batch.size)
        structs = pa.StructArray.from_arrays(
            [
                self.codes.take(pa.array(code)),
                _LEVELS.take(pa.array(levels)),
                self.exclusion_sets.take(pa.array(self.cc.exclusion_set[code])),
            ],
            fields=list(EXCLUDED_TYPE),
        )
        starts = pa.array(np.concatenate([[0], np.cumsum(counts)]).astype(np.int32))
        reasons = pa.array(reason)
        arrays: list[Any] = [
            self.mdc_names.take(pa.array(mdc, mask=~grouped)),
            self.adrg_names.take(pa.array(adrg, mask=~grouped)),
            self.drg_names.take(pa.array(drg, mask=~grouped)).fill_null(UNGROUPED_DRG),
            _STATUS_NAMES.take(reasons),
            _REASON_NAMES.take(reasons),
            batch.diagnoses.take(pa.array(places[0], mask=places[0] == NONE)),
            batch.procedures.take(pa.array(places[1], mask=places[1] == NONE)),
            _LEVELS.take(pa.array(level)),
            self._cc_diagnoses(batch, level),
            pa.ListArray.from_arrays(starts, structs),
        ]
        return pa.Table.from_arrays(arrays, schema=OUTPUT_SCHEMA)

    def _cc_diagnoses(self, batch: Batch, level: Array) -> pa.Array:
        """The first other diagnosis with the level that decided, null where none did."""
        others = batch.others["QTZD"]
        leveled = np.flatnonzero(batch.cc.active)
        hit = leveled[batch.cc.active[leveled] == level[others.rows[leveled]]]
        first = np.zeros(batch.size, np.int64)
        found = np.zeros(batch.size, np.bool_)
        # written from the last to the first, so that the first stays
        first[others.rows[hit][::-1]] = others.ids[hit][::-1]
        found[others.rows[hit]] = True
        return self.codes.take(pa.array(first, mask=~found))
