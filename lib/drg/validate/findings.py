"""The checks of a catalogue as one SQL expression: what a list fails, its units' own settings first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pyspark.sql import Column
from pyspark.sql import functions as F

from drg.validate.check import Check, among
from drg.validate.degrees import REJECT, WARN, Settings, Unit, degree, filled, limits_of


def findings_sql(checks: Sequence[Check], settings: Mapping[Unit, Settings] | None = None) -> str:
    """SQL of what a list fails, as `R:<id>` or `W:<id>` with a blank between, in the order of the catalogue.

    What a region set for a check costs the others nothing: only a check that somebody changed has a second form.
    """
    return f"concat_ws(' ', {', '.join(_by_unit(check, settings or {}) for check in checks)})"


def _by_unit(check: Check, settings: Mapping[Unit, Settings]) -> str:
    """SQL of the finding of one check, null for a list that passes; regions that changed it first."""
    cases = [f"WHEN {_in_units(units)} THEN {_told(check, own)}" for own, units in _apart(check, settings)]
    told = _told(check, None)
    return f"CASE {' '.join(cases)} ELSE {told} END" if cases else told


def _told(check: Check, settings: Settings | None) -> str:
    """SQL of the finding of one check under these settings."""
    limits = limits_of(check, settings)
    cases = []
    for own, predicate in ((REJECT, check.reject), (WARN, check.warn)):
        said = degree(check, own, settings)
        if predicate is not None and said:
            cases.append(f"WHEN {filled(predicate, limits)} THEN '{said}:{check.id}'")
    return f"CASE {' '.join(cases)} END" if cases else "NULL"


def _apart(check: Check, settings: Mapping[Unit, Settings]) -> list[tuple[Settings, list[Unit]]]:
    """The units in which a check is not as in the catalogue, by what was set for it."""
    groups: dict[tuple[object, ...], tuple[Settings, list[Unit]]] = {}
    for unit, held in sorted(settings.items(), key=lambda entry: entry[0]):
        limits = tuple(sorted((key, value) for key, value in held.limits.items() if key[0] == check.id))
        changed = (held.degrees.get(check.id), limits)
        if changed != (None, ()):
            groups.setdefault(changed, (held, []))[1].append(unit)
    return list(groups.values())


def in_units(units: Sequence[Unit]) -> Column:
    """Whether a list is of one of these regions and settlement months."""
    return F.expr(_in_units(units))


def _in_units(units: Sequence[Unit]) -> str:
    return f"concat_ws('/', region_code, record_month) IN {among(*['/'.join(unit) for unit in units])}"
