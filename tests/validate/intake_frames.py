"""Support of the validate tests: messages through land and the one pass of validate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
from intake_messages import HOSPITAL, REGION, Message, deliver

from drg.land.delivery import read_delivery
from drg.land.landing import land_files
from drg.land.records import landed_batches
from drg.validate.codes import DIAGNOSIS_FORM, PROCEDURE_FORM, CodeList
from drg.validate.degrees import Settings
from drg.validate.facts import REGISTER as REGISTER_NAMES
from drg.validate.intake import judge_lists
from drg.validate.judge import References, facts_of

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

SECRET = b"0123456789abcdef"
DIAGNOSES = ("K80.101", "I10.x00x002", "N80.100", "N40.x00", "W19.x00", "P07.100", "R52.900", "A01.002+G01*")
DIAGNOSES += ("P07.000", "P08.000", "O80.000", "S06.000", "S82.000", "Z37.000", "Z37.200", "Z37.300", "Z37.500")
DIAGNOSES += ("Z49.100", "Z51.000", "Z51.100", "A01.003", "K80.103")
PROCEDURES = ("51.2300", "00.6600x008", "68.4100", "60.2900", "74.1x01", "96.7101", "96.7201", "89.0100", "03.3100")
PROCEDURES += ("39.9500", "54.9800", "92.2400", "99.2503", "51.2301")
# Every code is called 名称 in the drawn lists; one has a name of its own, in full-width brackets.
NAMES = dict.fromkeys((*DIAGNOSES, *PROCEDURES), "名称") | {"K80.103": "胆囊结石（多发）[嵌顿]"}
# K80.101 and 51.2300 are codes of both editions that mean different things in them.
REFERENCES = References(
    CodeList.of(
        DIAGNOSES, DIAGNOSIS_FORM, NAMES, {"A01.000x002": "A01.003", "K80.101": "K80.103", "C22.101M81600/3": "N80.100"}
    ),
    CodeList.of(PROCEDURES, PROCEDURE_FORM, NAMES, {"51.2400": "51.2301", "51.2300": "51.2301"}),
    ungroupable=("R52.900",),
    regions=("510100", "510300", "519900"),
    ignored_procedures=("89.0100",),
)
# Level 3 until the end of 2024, level 2 from then on; a second hospital that closed in June 2024.
REGISTER = [
    (REGION, HOSPITAL, "某医院", "3", date(2020, 1, 1), date(2024, 12, 31)),
    (REGION, HOSPITAL, "某医院", "2", date(2025, 1, 1), None),
    (REGION, "H51010000002", "某旧院", "1", date(2020, 1, 1), date(2024, 6, 30)),
    (REGION, "H51030000003", "某外区院", "1", date(2020, 1, 1), None),
]
REGISTER_COLUMNS = (
    "region_code string, hospital_code string, hospital_name string, hospital_level string, "
    "valid_from date, valid_to date"
)


def land(
    spark: SparkSession, root: Path, messages: Sequence[Message], kind: str = "json", name: str = "main"
) -> DataFrame:
    """Messages as rows of landed_list: one file of region 510100, delivery 2025-01."""
    path = deliver(root, list(messages), kind=kind, name=name)
    delivery = read_delivery(root, REGION, "成都市", "2025-01")
    return land_files(spark, [file for file in delivery.files if file.name == path.name])


def facts_without_spark(root: Path, messages: Sequence[Message]) -> pa.Table:
    """Messages landed as one file, each a live record of its own, and everything the checks may look at."""
    path = deliver(root, list(messages))
    (file,) = (f for f in read_delivery(root, REGION, "成都市", "2025-01").files if f.name == path.name)
    landed = pa.Table.from_batches(landed_batches(file))
    arrived = pc.local_timestamp(landed["arrived_at"].cast(pa.timestamp("us", "Asia/Shanghai")))
    live = {"verdict": pa.scalar(None, pa.string()), "replaced": pa.scalar(False), "first_version": pa.scalar(True)}
    for name, value in live.items():
        landed = landed.append_column(name, pa.repeat(value, landed.num_rows))
    landed = landed.set_column(landed.column_names.index("arrived_at"), "arrived_at", arrived)
    region, hospital, _, level, begins, ends = zip(*REGISTER, strict=True)
    register = pa.table([region, hospital, level, begins, pa.array(ends, pa.date32())], names=list(REGISTER_NAMES))
    return facts_of(landed, register, REFERENCES, SECRET)


def judge(
    spark: SparkSession,
    landed: DataFrame,
    secret: bytes = SECRET,
    settings: Mapping[tuple[str, str], Settings] | None = None,
) -> DataFrame:
    """Landed rows judged against the small code lists and register above."""
    register = spark.createDataFrame(REGISTER, REGISTER_COLUMNS)
    return judge_lists(landed, register, REFERENCES, secret, settings)
