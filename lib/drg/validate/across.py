"""The checks across lists: what one person's lists say of each other, in one pass over those who have several.

Whether a list is judged fit must not depend on how many months one run takes, so the lists of a person are taken in
the order in which they came: each is held against those accepted before it, whether an earlier run accepted them or
this one. A list of which a later version of the same visit exists within its month is left out first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from drg.validate.check import AcrossCheck, Stay
from drg.validate.checks_across import ACROSS, months_before
from drg.validate.degrees import REJECT, WARN, Settings, Unit, degree
from drg.validate.live import POSITION
from drg.validate.outputs import judged

# No one lies in a hospital more often in five months; a number with more lists stands for many persons.
MOST_STAYS = 300
VISIT_TWICE, ANOTHER_PERSON = "XL06", "XL10"
_FACTS = (
    "mdtrt_key",
    "hospital_code",
    "discharge_way",
    "sex",
    "age_years",
    "principal_diagnosis",
    "interim",
    "return_planned",
)
_MOMENTS = {
    "admission": "unix_date(admission_date)",
    "discharge": "unix_date(discharge_date)",
    "declared": "unix_seconds(declared_at)",
}
_PERSON = ("region_code", "person_key")
# Rows of findings handed back at once.
_BATCH = 4096
_REST = ("delivery_month", "file_name", "line_number")
_FOUND = "region_code string, delivery_month string, file_name string, line_number bigint, across string"
_SCHEMA = pa.schema(
    [(name, pa.int64() if name == "line_number" else pa.string()) for name in POSITION] + [("across", pa.string())]
)


def found_across(
    stays: Sequence[Stay], settings: Mapping[str, Settings], checks: Sequence[AcrossCheck] = ACROSS
) -> dict[tuple[Any, ...], tuple[str, ...]]:
    """What the lists of ONE person say of each other: place -> `R:<id>` or `W:<id>` in the order of `checks`.

    Args:
        stays: live lists that are fit by themselves, in any order; those not `current` were accepted before.
        settings: settlement month -> what the region has set for it.
        checks: the checks, in the order in which they are told.
    """
    ordered = sorted(stays, key=lambda stay: (stay.month, stay.declared, stay.setl_id, stay.place))
    many = _months_of_many(ordered)
    visits: dict[str, list[Stay]] = {}
    for stay in ordered:
        visits.setdefault(stay.visit, []).append(stay)
    twice = [check for check in checks if check.id == VISIT_TWICE]
    accepted = [stay for stay in ordered if not stay.current]
    refused: dict[tuple[Any, ...], list[str]] = {}
    for this in (stay for stay in ordered if stay.current):
        asked = twice if this.month in many else checks
        # Of its own visit also the versions of this month that are not judged yet, and what a later month accepted.
        versions = [o for o in visits[this.visit] if o.place not in refused]
        same = _near(this, versions) + [o for o in versions if not o.current and this.month in months_before(o.month)]
        beside = _near(this, [] if this.month in many else accepted) + same
        failed = [c.id for c in asked if _fails(c, REJECT, this, same if c in twice else beside, settings)]
        if failed:
            refused[this.place] = failed
        else:
            accepted.append(this)
    found = {}
    person = [check for check in checks if check.id == ANOTHER_PERSON]
    for this in (stay for stay in ordered if stay.current):
        told = refused.get(this.place, [])
        if this.month in many:
            flagged = [c.id for c in person if degree(c, WARN, settings.get(this.month)) == WARN]
        else:
            # What was refused this month is told of as well; of other months only what was accepted is known.
            known = [stay for stay in ordered if stay.place not in refused or stay.month == this.month]
            others = _near(this, known)
            flagged = [c.id for c in checks if c.id not in told and _fails(c, WARN, this, others, settings)]
        findings = [f"{REJECT}:{id_}" for id_ in told] + [f"{WARN}:{id_}" for id_ in flagged]
        if findings:
            found[this.place] = tuple(findings)
    return found


def _fails(check: AcrossCheck, said: str, this: Stay, others: Sequence[Stay], settings: Mapping[str, Settings]) -> bool:
    """Whether a predicate of the check that comes to `said` in this month holds for one of the others."""
    held = settings.get(this.month)
    pairs = [p for own, p in ((REJECT, check.reject), (WARN, check.warn)) if degree(check, own, held) == said]
    return any(pair(this, other) for pair in pairs if pair is not None for other in others if other.place != this.place)


def _near(this: Stay, others: Iterable[Stay]) -> list[Stay]:
    """The other lists of this month and the months looked back on."""
    months = {*months_before(this.month), this.month}
    return [other for other in others if other.month in months and other.place != this.place]


def _months_of_many(stays: Sequence[Stay]) -> frozenset[str]:
    """The months that see, with those looked back on, more lists under one number than one person has.

    A number that stands for many persons: its visits are still paid once, and its lists are flagged.
    """
    lists = Counter(stay.month for stay in stays)
    return frozenset(m for m in lists if lists[m] + sum(lists[b] for b in months_before(m)) > MOST_STAYS)


def findings_across(lists: DataFrame, earlier: DataFrame | None, settings: Mapping[Unit, Settings]) -> DataFrame:
    """Findings across lists of judged lists: one row a list that has any, by `POSITION`, with column `across`.

    Args:
        lists: judged lists of the months at hand; only those fit by themselves are looked at.
        earlier: rows of settlement_list of other months, up to `LOOK_BACK` before and after; None where there are none.
        settings: region and settlement month -> what the region set.
    """
    moments = [F.expr(text).alias(name) for name, text in _MOMENTS.items()]
    now = lists.where("reason_kind IS NULL").select(
        "region_code",
        "person_key",
        F.col("record_month").alias("month"),
        "setl_id",
        *_FACTS,
        *moments,
        *_REST,
        F.lit(True).alias("current"),
    )
    rows = now
    if earlier is not None:
        before = earlier.select(
            "region_code",
            "person_key",
            F.col("settlement_month").alias("month"),
            "setl_id",
            *_FACTS,
            *moments,
            *_REST,
            F.lit(False).alias("current"),
        )
        rows = now.unionByName(before)
    # Counted where they are then judged: the window lays the lists out by person, and a task sees all of a person's.
    # Handed over as they lie, a batch at a time: a stream for each person would cost more than all that is asked.
    person = Window.partitionBy(*_PERSON)
    counted = rows.withColumns({"_lists": F.count(F.lit(1)).over(person), "_judged": F.max("current").over(person)})
    theirs = counted.where("_lists > 1 AND _judged").drop("_lists", "_judged")
    return theirs.sortWithinPartitions(*_PERSON).mapInArrow(judging(settings), _FOUND)


def with_across(lists: DataFrame, found: DataFrame) -> DataFrame:
    """The judged lists with what was found across them; a list that is refused for it is not fit any more."""
    joined = lists.join(F.broadcast(found), list(POSITION), "left")
    told = F.when(
        F.col("across").isNotNull(), F.concat_ws(" ", F.when(F.col("findings") != "", F.col("findings")), "across")
    )
    return judged(joined.withColumn("findings", F.coalesce(told, "findings")).drop("across"))


def judging(settings: Mapping[Unit, Settings]) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """The function of rows that lie person after person -> rows of `_SCHEMA`, places of a person in their order."""
    by_region: dict[str, dict[str, Settings]] = {}
    for (region, month), held in settings.items():
        by_region.setdefault(region, {})[month] = held

    def judge(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        rows = (row for batch in batches for row in batch.to_pylist())
        told: list[tuple[Any, ...]] = []
        for (region, _), theirs in groupby(rows, key=itemgetter(*_PERSON)):
            found = found_across([_stay(row) for row in theirs], by_region.get(region, {}))
            told += [(*place, " ".join(found[place])) for place in sorted(found)]
            if len(told) >= _BATCH:
                yield _as_batch(told)
                told = []
        yield _as_batch(told)

    return judge


def _as_batch(told: Sequence[tuple[Any, ...]]) -> pa.RecordBatch:
    columns = {name: [row[at] for row in told] for at, name in enumerate(_SCHEMA.names)}
    return pa.RecordBatch.from_pydict(columns, schema=_SCHEMA)


def _stay(row: Mapping[str, Any]) -> Stay:
    return Stay(
        place=tuple(row[name] for name in POSITION),
        month=row["month"],
        setl_id=row["setl_id"],
        visit=row["mdtrt_key"],
        hospital=row["hospital_code"],
        admission=row["admission"],
        discharge=row["discharge"],
        declared=row["declared"],
        discharge_way=row["discharge_way"],
        sex=row["sex"],
        age_years=row["age_years"],
        principal=row["principal_diagnosis"],
        interim=bool(row["interim"]),
        return_planned=row["return_planned"],
        current=row["current"],
    )
