"""Identifiers stop at the door: forty planted ones, and every byte past landed_list is searched for them.

They stand in the fields they belong to and in fields they do not: a name typed as a diagnosis, a telephone as sex. The
tables are read as text and as bytes (file names, Delta's logs with their statistics), and so is what the run said.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest
from intake_messages import HOSPITAL, REGION, Message, declare, deliver, json_line, message, procedure
from one_region import one_region

from drg.runner import run_steps
from drg.steps import steps_between
from drg.validate.keys import key_mark

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

KEY = b"0123456789abcdef"
MONTH, NOW = "2025-01", datetime.fromisoformat("2025-02-12T08:00:00+08:00")

# Header field -> what is planted there, in the first list: the fields that name a person, staff or a document.
AT_HOME = {
    "psn_name": "欧阳甲", "certno": "510104198001010011", "hi_no": "HI7700000001", "psn_no": "PSN770000000000002",
    "mdtrt_id": "MDT770000000000003", "mdtrt_cert_no": "770000000000000004", "tel": "13977000005",
    "coner_name": "欧阳乙", "coner_tel": "13977000006", "coner_addr": "示例市甲街六号", "curr_addr": "示例市乙街七号",
    "emp_name": "示例丙厂", "emp_addr": "示例市丁街八号", "emp_tel": "02877000007", "poscode": "770008",
    "bankacct": "6222770000000000009", "acctname": "欧阳丙", "medcasno": "BA7700010", "ipt_otp_no": "ZY7700011",
    "bill_no": "PJ7700012", "biz_sn": "YW7700013", "invono": "FP7700014", "brdy": "1980-07-13",
    "emp_poscode": "770009", "psn_cert_type": "01", "rinp_pup": "司马己", "patn_rlts": "司马庚", "bld_unt": "司马辛",
    "chfpdr_name": "司马甲", "chfpdr_code": "D510177000015", "resp_nurs_name": "司马乙", "medins_fill_psn": "司马丙",
    "hsorg_opter": "司马丁",
}  # fmt: skip
# Planted where they do not belong, each in a list of its own.
ASTRAY = {
    "gend": "13977000021", "dscg_way": "欧阳丁", "med_type": "示例市戊街九号", "insutype": "13977000022",
    "insu_admdvs": "770023", "fixmedins_code": "510104198001010024", "icd_version": "欧阳戊", "age": "13977000025",
    "adm_time": "欧阳己", "nwb_adm_wt": "13977000026", "medfee_sumamt": "13977000027", "stas_type": "欧阳庚",
    "hi_paymtd": "欧阳辛", "dcla_time": "欧阳壬", "certno": "欧阳子", "emp_poscode": "13977000028",
    "acp_optins_code": "13977000029", "mul_nwb_bir_wt": "13977000030", "bld_amt": "欧阳丑", "ntly": "欧阳寅",
    "afadm_coma_days": "欧阳卯",
}  # fmt: skip
CODES = {"diag_code": "欧阳癸", "diag_name": "上官甲", "oprn_oprt_code": "上官乙", "oper_dr_name": "司马戊"}
OPERATION = {
    "oprn_oprt_name": "上官丁", "anst_way": "上官戊", "anst_dr_code": "D510177000031", "anst_begntime": "上官己",
    "oprn_oprt_begntime": "上官庚",
}  # fmt: skip
# Sound numbers of id cards, one of them of another birth and sex: judged, and found nowhere.
CARDS = ("510101198001010015", "510101199001010028")
HALF = "上官丙"


def lists() -> list[Message]:
    first = message(**AT_HOME, setl_id="A")
    astray = [message(**{name: value}, setl_id=f"B{i}") for i, (name, value) in enumerate(ASTRAY.items())]
    coded = message(setl_id="C")
    coded["diseinfo"][0]["diag_code"] = CODES["diag_code"]
    coded["diseinfo"][1]["diag_name"] = CODES["diag_name"]
    operated = message(setl_id="D", oprn_oprt_code_cnt="1")
    operated["oprninfo"] = [
        {**procedure(CODES["oprn_oprt_code"], main="1"), "oper_dr_name": CODES["oper_dr_name"], **OPERATION},
    ]
    cards = [message(setl_id=f"F{i}", psn_cert_type="01", certno=number) for i, number in enumerate(CARDS)]
    return [first, *astray, coded, operated, *cards]


@pytest.fixture(scope="module")
def past_the_door(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, int]:
    """Everything below the tables but landed_list, decoded and raw, with what the run said; how many lists are fit."""
    env = one_region(tmp_path_factory.mktemp("identifiers"))
    deliver(env.deliveries, lists())
    cut = env.deliveries / REGION / MONTH / "cut.jsonl"
    cut.write_text(json_line(message(psn_name=HALF, setl_id="E"))[:300] + "\n", encoding="utf-8")
    declare(cut, "json", 1)
    said: list[str] = []
    outcome = run_steps(spark, env, steps_between("land", "validate"), (REGION,), (MONTH,), NOW, said.append)
    assert outcome.failed == []
    found = [*map(str.encode, said)]
    fit = 0
    for path in sorted(p for p in Path(env.tables).rglob("*") if p.is_file()):
        inside = path.relative_to(env.tables)
        if inside.parts[0] == "landed_list":
            continue
        found += [str(inside).encode(), path.read_bytes()]
        if path.suffix == ".parquet":
            table = pq.ParquetFile(path).read()
            found.append(repr(table.to_pylist()).encode())
            fit += table.num_rows if inside.parts[0] == "settlement_list" else 0
    return b"\n".join(found), fit


def test_the_mark_of_the_key_passes_and_the_key_does_not(past_the_door: tuple[bytes, int]) -> None:
    text, _ = past_the_door
    assert key_mark(KEY).encode() in text
    assert KEY not in text


def test_no_planted_identifier_is_found_past_the_door(past_the_door: tuple[bytes, int]) -> None:
    text, fit = past_the_door
    assert fit >= 2  # those that are fit have passed: the list with everything at home among them
    planted = {*AT_HOME.values(), *ASTRAY.values(), *CODES.values(), *OPERATION.values(), *CARDS, HALF} - {"01"}
    assert len(planted) >= 40
    assert sorted(value for value in planted if value.encode() in text) == []


def test_what_is_searched_is_what_was_written(past_the_door: tuple[bytes, int]) -> None:
    """The same search finds what may pass, so that finding nothing means something."""
    text, _ = past_the_door
    for value in ("ID19", "ID20", "ID21"):  # the id numbers were looked at
        assert value.encode() in text
    for value in ("K80.101", HOSPITAL, "rejected_list", "settlement_month"):
        assert value.encode() in text
