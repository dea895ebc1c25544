"""Under which key lists were hashed (密钥标记), and that months held against each other were hashed under the same one.

Under another key no patient is known again: a visit settled in two months would be paid twice, and nobody would see
it. So a month is judged only where the months before it, as far as lists are held against each other, bear its mark.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pyarrow as pa
from pyspark.sql import functions as F

from drg.contracts import as_agreed
from drg.errors import ConfigError
from drg.runner import StepContext
from drg.validate.checks_across import months_before
from drg.validate.clean import keyed_hash
from drg.validate.degrees import Unit

_DIGITS = 8


def key_mark(secret: bytes) -> str:
    """The first 8 hex digits of the keyed hash of a fixed text: tells one key from another and gives neither away."""
    return str(keyed_hash(pa.array([""]), secret, "mark")[0].as_py())[:_DIGITS]


def report_other_keys(ctx: StepContext, mark: str) -> None:
    """Fail the months whose earlier months were judged under another key; months of this run count as under this one.

    Months judged before marks were kept bear none and are taken for sound.
    """
    if not ctx.lake.exists("list_quality"):
        return
    judged = [(region, month) for month in sorted(ctx.months) for region in ctx.live(month)]
    months = sorted({before for _, month in judged for before in months_before(month)})
    rows = as_agreed("list_quality", ctx.read("list_quality", settlement_month=months, region_code=list(ctx.regions)))
    other = rows.where(F.col("key_mark") != mark).select("region_code", "settlement_month").distinct().collect()
    for (region, month), before in under_another(judged, {(row[0], row[1]) for row in other}).items():
        error = (
            f"region {region}, month {month}: the lists of {before} were judged under another person key and no "
            "patient would be known again; put that key back, or validate all months from the first (docs/operator.md)"
        )
        ctx.fail(region, month, ConfigError(error))


def under_another(judged: Iterable[Unit], others: set[Unit]) -> Mapping[Unit, str]:
    """The months that cannot be judged, each with the newest month before it that keeps another mark.

    Args:
        judged: regions and months to be judged, month after month.
        others: regions and months whose lists bear another mark now.
    """
    found: dict[Unit, str] = {}
    judged_anew: set[Unit] = set()
    for region, month in judged:
        kept = [one for one in months_before(month) if (region, one) in others - judged_anew]
        if kept:
            found[region, month] = max(kept)
        else:
            judged_anew.add((region, month))
    return found
