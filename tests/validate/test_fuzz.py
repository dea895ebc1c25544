"""Lists with anything in any field: nothing crashes, accepted + rejected = landed, and each refusal has its reason.

The short form is part of `make test`; `make fuzz` draws a hundred thousand (DRG_FUZZ says how many). A seed makes the
same lists again.
"""

from __future__ import annotations

import copy
import gzip
import json
import os
import random
from typing import TYPE_CHECKING, Any

import pytest
from intake_frames import judge
from intake_messages import REGION, Message, declare, icu_row, message, procedure
from interface_names import in_interface_names

from drg.land.delivery import read_delivery
from drg.land.landing import land_files
from drg.land.layout import CHECKED_FIELDS
from drg.validate.checks import CHECKS
from drg.validate.intake import assert_partition, counts
from drg.validate.operations import TIMES
from drg.validate.outputs import list_flag, rejected_list, settlement_list
from drg.validate.quality import list_quality

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import DataFrame, SparkSession

COUNT = int(os.environ.get("DRG_FUZZ", "1000"))
SEED = 20250101
ABSENT = object()
VALUES: tuple[Any, ...] = (
    ABSENT, "", None, " ", 5, -5, 5.5, True, [], {}, [[]], {"a": [1]}, "x" * 5000, "-1", "1e400", "NaN", "null", "-",
    "９９", "99999", "5天", "1/13/24", "0.1.2", "99999999999999999999", "-99999999999999999999.999", "1900-01-01",
    "2025-02-30", "9999-12-31 23:59:59", "0000-00-00 00:00:00", "2025-01-05T10:00:00Z", "2025-01-05 10:00:00",
    "13/01/2025", "\t|\r", "a\u0000b", "\u001f", "\ufeff\u200b", "🏥", "\ud800", "'; DROP TABLE x; --", "${jndi:x}",
    "%s%n{0}", "欧阳甲", 10**30, -(10**30),
)  # fmt: skip
ABSENT_BEFORE = [name for name in CHECKED_FIELDS if name not in message()["setlinfo"]]
ADULT_WITH_CARD = dict.fromkeys(ABSENT_BEFORE, "") | {"psn_cert_type": "01"}
TIMED = dict.fromkeys(TIMES, "2025-01-02 08:00:00") | {"anst_way": "31", "anst_dr_code": "D510100000003"}
NODE_VALUES: tuple[Any, ...] = (ABSENT, None, "text", 5, {}, [], [None], [5], ["x"], [[]], [{}], [{}] * 300)
# What a line may be instead of a message, and what may be done to its bytes.
LINES = (
    b"{",
    b"[]",
    b"null",
    b"5",
    b'""',
    b'{"setlinfo":5}',
    b'{"setlinfo":{}}',
    b"[" * 3000,
    b"\x00",
    b"\xff\xfe\x00",
)


def base(draw: random.Random) -> Message:
    """A sound list, sometimes operated on, sometimes in intensive care."""
    one = copy.deepcopy(message(**ADULT_WITH_CARD))
    if draw.random() < 0.4:
        one["oprninfo"] = [{**procedure("51.2300", main="1"), **TIMED}, {**procedure("00.6600x008"), **TIMED}]
    if draw.random() < 0.3:
        one["icuinfo"] = [icu_row("2025-01-01 08:00:00", "2025-01-02 08:00:00", "1/0/0")]
    return one


def put(place: dict[str, Any], name: str, value: Any) -> None:
    if value is ABSENT:
        place.pop(name, None)
    else:
        place[name] = value


def broken(draw: random.Random, number: int) -> bytes:
    """One line: a list with one to three things wrong anywhere in it, or no list at all."""
    if number % 50 == 0:
        return draw.choice(LINES)
    one = base(draw)
    one["setlinfo"]["setl_id"] = f"F{number:07d}"
    if number % 7 == 0:
        one = in_interface_names(one)
    for _ in range(draw.randint(1, 3)):
        kind = draw.random()
        node = draw.choice([name for name in one if name != "setlinfo"] or ["payinfo"])
        rows = one.get(node)
        if kind < 0.6:
            put(one["setlinfo"], draw.choice([*one["setlinfo"]] or ["gend"]), draw.choice(VALUES))
        elif kind < 0.85 and isinstance(rows, list) and rows and isinstance(rows[-1], dict) and rows[-1]:
            put(rows[-1], draw.choice([*rows[-1]]), draw.choice(VALUES))
        else:
            put(one, node, draw.choice(NODE_VALUES))
    text = json.dumps(one, ensure_ascii=draw.random() < 0.5, separators=(",", ":"))
    line = text.encode("utf-8", "surrogatepass")
    if number % 41 == 0:
        return line[: draw.randrange(1, len(line))]
    if number % 43 == 0:
        return text.encode("gb18030", "replace")
    if number % 47 == 0:
        place = draw.randrange(len(line))
        return line[:place] + bytes([draw.randrange(128, 256)]) + line[place:]
    return line


@pytest.fixture(scope="module")
def judged(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> tuple[DataFrame, DataFrame]:
    """The landed lines and what became of them."""
    root: Path = tmp_path_factory.mktemp("fuzz")
    draw = random.Random(SEED)
    lines = [broken(draw, number).replace(b"\n", b" ") for number in range(COUNT)]
    path = root / REGION / "2025-01" / "fuzz.jsonl.gz"
    path.parent.mkdir(parents=True)
    path.write_bytes(gzip.compress(b"".join(line + b"\n" for line in lines), mtime=0))
    declare(path, "json", COUNT)
    landed = land_files(spark, read_delivery(root, REGION, "成都市", "2025-01").files).cache()
    return landed, judge(spark, landed).cache()


def test_accepted_and_rejected_are_landed(judged: tuple[DataFrame, DataFrame]) -> None:
    landed, lists = judged
    assert sum(counts(landed).values()) == COUNT
    assert_partition(counts(landed), list_quality(lists, "v1", "0a1b2c3d"))
    fit, refused = settlement_list(lists).count(), rejected_list(lists, CHECKS).count()
    assert fit + refused == COUNT
    assert fit > COUNT / 10  # much of it does no harm
    assert refused > COUNT / 10


def test_each_refusal_says_why_and_what_to_do(judged: tuple[DataFrame, DataFrame]) -> None:
    refused = rejected_list(judged[1], CHECKS)
    assert refused.where("check_id IS NULL OR message IS NULL OR size(failed_checks) = 0").count() == 0
    assert refused.where("NOT message LIKE '%；%'").count() == 0
    assert list_flag(judged[1], CHECKS).where("message IS NULL").count() == 0


def test_what_is_accepted_can_be_paid(judged: tuple[DataFrame, DataFrame]) -> None:
    """No null and no nonsense where money and grouping rest on it."""
    fit = settlement_list(judged[1])
    wrong = "total_cost < 5 OR fund_payment_total < 0 OR patient_payment < 0 OR los_days < 1 OR sex NOT IN ('1', '2')"
    missing = " OR ".join(
        f"{name} IS NULL"
        for name in (
            "setl_id",
            "person_key",
            "hospital_code",
            "fund",
            "discharge_date",
            "principal_diagnosis",
            "age_years",
        )
    )
    assert fit.where(f"{wrong} OR {missing}").collect() == []
