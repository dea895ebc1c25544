"""Everything a check may look at, one row a landed record, and the checks applied to all of them in one pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from drg.validate.check import Check, among
from drg.validate.degrees import REJECT, WARN, Settings, Unit, degree, filled, limits_of
from drg.validate.live import POSITION
from drg.validate.parse import MONEY

NEWBORN_DAYS = 28
# Live births by the fourth place of an outcome of delivery (Z37); of 5 (several, all alive) as many or more.
LIVE_BIRTHS = {"0": 1, "2": 2, "3": 1, "5": 3}


def with_level(lists: DataFrame, register: DataFrame) -> DataFrame:
    """Adds hospital_level: the level the hospital register gives on the day of discharge, null where it gives none."""
    entries = register.select(
        F.col("region_code").alias("_region"),
        F.col("hospital_code").alias("_hospital"),
        "hospital_level",
        "valid_from",
        F.coalesce("valid_to", F.lit("9999-12-31").cast("date")).alias("_until"),
    )
    valid = (
        (F.col("region_code") == F.col("_region"))
        & (F.col("hospital_code") == F.col("_hospital"))
        & F.col("discharge_date").between(F.col("valid_from"), F.col("_until"))
    )
    return lists.join(F.broadcast(entries), valid, "left").drop("_region", "_hospital", "valid_from", "_until")


def with_verdict(lists: DataFrame, found: DataFrame) -> DataFrame:
    """Adds the columns of `drg.validate.live.verdicts`; those concern few records, so they are broadcast."""
    joined = lists.join(F.broadcast(found), list(POSITION), "left")
    unsaid = {"replaced": F.lit(False), "first_version": F.lit(True)}
    return joined.withColumns({name: F.coalesce(name, value) for name, value in unsaid.items()})


def with_facts(lists: DataFrame) -> DataFrame:
    """Adds what is computed from the record: codes by their part, newborn weight, fund payments by their kind.

    `lists` has the columns of `drg.validate.parse.typed` with codes cleaned, verdict and level.
    """
    principal = F.when(F.col("n_principal") > 0, F.get("diagnoses", F.lit(0)))
    main = F.when(F.col("n_main_procedures") > 0, F.get("procedures", F.lit(0)))
    further = F.when(F.col("n_main_procedures") > 0, 2).otherwise(1)
    given = F.array_compact("diagnoses")
    weight = _grams("admission_weight")
    diagnosis_text = F.array_join("diagnoses", " ")
    outcome = F.regexp_extract(diagnosis_text, r"(^| )Z37\.(\d)", 2)
    return lists.select(
        "*",
        principal.alias("principal_diagnosis"),
        _without(_after("diagnoses", F.lit(2)), principal).alias("other_diagnoses"),
        main.alias("principal_procedure"),
        F.array_compact(_after("procedures", further)).alias("other_procedures"),
        F.get("diagnosis_states", F.lit(0)).alias("principal_state"),
        F.get("procedure_states", F.lit(0)).alias("main_procedure_state"),
        (F.array_max(_after("diagnosis_states", F.lit(2))) >= 2).alias("other_diagnosis_unknown"),
        (F.array_max(_after("procedure_states", further)) >= 2).alias("other_procedure_unknown"),
        (F.size(F.array_distinct(given)) < F.size(given)).alias("diagnosis_repeated"),
        F.when(F.col("age_days") <= NEWBORN_DAYS, F.round(weight, 0).cast("int")).alias("newborn_weight_g"),
        _grams("birth_weight").alias("birth_weight_g"),
        diagnosis_text.alias("diagnosis_text"),
        F.array_join("procedures", " ").alias("procedure_text"),
        F.coalesce(*[F.when(outcome == place, born) for place, born in LIVE_BIRTHS.items()]).alias("live_births"),
        (outcome == "5").alias("many_births"),
        (F.unix_timestamp("discharged_at") - F.unix_timestamp("admitted_at")).alias("stay_seconds"),
        _sum("hifmi_pay", "hifob_pay").alias("major_illness_payment"),
        _sum("cvlserv_pay", "hifes_pay", "hifdm_pay", "othfund_pay").alias("other_fund_payment"),
    )


def _grams(name: str) -> Column:
    """A newborn's weight in grams: below 20 it was written in kilograms (NB03)."""
    return F.col(name) * F.when(F.col(name) < 20, 1000).otherwise(1)


def with_findings(
    facts: DataFrame, checks: Sequence[Check], settings: Mapping[Unit, Settings] | None = None
) -> DataFrame:
    """Adds findings: what each list fails, as `R:<id>` or `W:<id>` with a blank between, in the order of the catalogue.

    Text and not an array, since Spark compiles this but interprets functions that filter arrays. What a region set for
    a check costs the others nothing: only a check that somebody changed has a second form.
    """
    found = [_by_unit(check, settings or {}) for check in checks]
    # One expression for Spark to read: a call a check would take longer than judging a small region.
    return facts.withColumn("findings", F.expr(f"concat_ws(' ', {', '.join(found)})"))


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


def _after(name: str, start: Column) -> Column:
    return F.slice(name, start, F.greatest(F.size(name), F.lit(0)))


def _without(codes: Column, principal: Column) -> Column:
    """Codes in their order, each once, blanks and the principal left out."""
    once = F.array_distinct(F.array_compact(codes))
    return F.when(principal.isNull(), once).otherwise(F.array_remove(once, principal))


def _sum(*names: str) -> Column:
    total = F.col(names[0])
    for name in names[1:]:
        total = total + F.col(name)
    return total.try_cast(MONEY)
