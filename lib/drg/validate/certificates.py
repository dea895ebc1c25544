"""Lists under one id number with several person numbers (XL12): one window over two keyed hashes.

As the other checks across lists it looks at the region's fit lists of the month and of the months looked back on, so
that what is found of a month does not depend on how many months one run takes.
"""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from drg.validate.checks_across import CERTIFICATES, LOOK_BACK
from drg.validate.degrees import Settings, Unit
from drg.validate.findings import findings_sql
from drg.validate.live import POSITION

_COLUMNS = (*POSITION, "cert_key", "person_key")
_MONTH_NUMBER = "CAST(substring(record_month, 1, 4) AS int) * 12 + CAST(substring(record_month, 6, 2) AS int)"


def findings_of_certificates(
    lists: DataFrame, earlier: DataFrame | None, settings: Mapping[Unit, Settings]
) -> DataFrame:
    """The findings: one row a list that has one, by `POSITION`, with column `across`.

    Args:
        lists: judged lists of the months at hand, with what was found across them; only fit ones are looked at.
        earlier: rows of settlement_list of other months; None where there are none.
        settings: region and settlement month -> what the region set.
    """
    fit = lists.where("reason_kind IS NULL AND cert_key IS NOT NULL")
    rows = fit.select(*_COLUMNS, "record_month", F.lit(True).alias("current"))
    if earlier is not None:
        month = F.col("settlement_month").alias("record_month")
        others = earlier.where("cert_key IS NOT NULL").select(*_COLUMNS, month, F.lit(False).alias("current"))
        rows = rows.unionByName(others)
    near = Window.partitionBy("region_code", "cert_key").orderBy(F.expr(_MONTH_NUMBER)).rangeBetween(-LOOK_BACK, 0)
    persons = {"first_person": F.min("person_key").over(near), "last_person": F.max("person_key").over(near)}
    judged = rows.withColumns(persons).where("current")
    found = judged.withColumn("findings", F.expr(findings_sql(CERTIFICATES, settings)))
    return found.where("findings <> ''").select(*POSITION, F.col("findings").alias("across"))
