"""Settlement lists for the tests of land and validate: one sound message, drawn out in the three delivered formats.

`message(...)` is an ordinary stay that passes every check: a man of 44, six days, gallstones, no operation, 1,000.00
yuan of which the fund pays 600.00. A test changes the one thing it is about.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from drg.land.layout import NODES

Message = dict[str, Any]

REGION = "510100"
HOSPITAL = "H51010000001"
NAME, CERTNO, PHONE, ADDRESS = "张三丰", "510101198001010010", "13800138000", "青羊区某路1号"

HEADER: dict[str, str] = {
    "setl_id": "510100000001",
    "mdtrt_id": "M0001",
    "psn_no": "P0001",
    "psn_name": NAME,
    "certno": CERTNO,
    "gend": "1",
    "brdy": "1980-01-01",
    "age": "44",
    "age_days": "",
    "curr_addr": ADDRESS,
    "coner_tel": PHONE,
    "fixmedins_code": HOSPITAL,
    "insutype": "310",
    "insu_admdvs": "510104",
    "med_type": "21",
    "adm_time": "2024-12-30 09:00:00",
    "dscg_time": "2025-01-05 10:00:00",
    "act_ipt_days": "6",
    "dscg_way": "1",
    "nwb_bir_wt": "",
    "nwb_adm_wt": "",
    "dcla_time": "2025-01-08 08:00:00",
    "setl_time": "2025-01-05 11:00:00",
    "stas_type": "1",
    "vali_flag": "1",
    "refd_setl_flag": "0",
    "init_setl_id": "",
    "diag_code_cnt": "2",
    "oprn_oprt_code_cnt": "0",
    "icd_version": "insurance-2.0",
    "hi_paymtd": "4",
    "bill_code": "51060125",
    "bill_no": "0001",
    "adm_caty": "A03",
    "dscg_caty": "A03.11",
    "chfpdr_code": "D510100000001",
    "setl_begndate": "2024-12-30",
    "setl_enddate": "2025-01-05",
    "nwb_adm_type": "",
    "vent_used_days": "0",
    "vent_used_h_cnt": "0",
    "vent_used_m_cnt": "0",
    "pool_prop_selfpay": "0.8000",
    "psn_selfpay_amt": "350.00",
    "psn_ownpay_fee": "50.00",
    "medfee_sumamt": "1000.00",
    "fulamt_ownpay_amt": "50.00",
    "overlmt_selfpay": "0.00",
    "preselfpay_amt": "50.00",
    "inscp_amt": "900.00",
    "act_pay_dedc": "200.00",
    "hifp_pay": "560.00",
    "hifmi_pay": "0.00",
    "hifob_pay": "20.00",
    "cvlserv_pay": "10.00",
    "hifes_pay": "0.00",
    "hifdm_pay": "0.00",
    "maf_pay": "10.00",
    "othfund_pay": "0.00",
    "fund_pay_sumamt": "600.00",
    "ownpay_hosp_part": "0.00",
    "psn_pay": "400.00",
    "acct_payamt": "150.00",
    "cash_payamt": "250.00",
}


def diagnosis(code: str, main: str = "0", kind: str = "1", condition: str = "1") -> dict[str, str]:
    """One row of diseinfo."""
    return {
        "diag_type": kind,
        "maindiag_flag": main,
        "diag_code": code,
        "diag_name": "名称",
        "adm_cond_type": condition,
    }


def procedure(code: str, main: str = "0", day: str = "2025-01-02") -> dict[str, str]:
    """One row of oprninfo."""
    return {
        "main_oprn_flag": main,
        "oprn_oprt_code": code,
        "oprn_oprt_name": "名称",
        "oprn_oprt_date": day,
        "oper_dr_code": "D510100000002",
    }


def icu_row(entered: str, left: str, stated: str, ward: str = "4") -> dict[str, str]:
    """One row of icuinfo."""
    names = ("scs_cutd_ward_type", "scs_cutd_inpool_time", "scs_cutd_exit_time", "scs_cutd_sum_dura")
    return dict(zip(names, (ward, entered, left, stated), strict=True))


def item(kind: str, amount: str) -> dict[str, str]:
    """One row of iteminfo."""
    zero = "0.00"
    return {
        "med_chrgitm_type": kind,
        "item_sumamt": amount,
        "item_claa_amt": amount,
        "item_clab_amt": zero,
        "item_ownpay_amt": zero,
        "item_oth_amt": zero,
    }


def message(**header: str | None) -> Message:
    """A sound message with some header fields changed; the nodes are the caller's to change.

    Each settlement is of a visit and a person of its own unless the header says otherwise.
    """
    setl_id = header.get("setl_id", HEADER["setl_id"])
    own = {"mdtrt_id": f"M{setl_id}", "psn_no": f"P{setl_id}"}
    return {
        "setlinfo": {**HEADER, **own, **header},
        "payinfo": [
            {"fund_pay_type": "310100", "fund_payamt": "560.00"},
            {"fund_pay_type": "330100", "fund_payamt": "20.00"},
            {"fund_pay_type": "320100", "fund_payamt": "10.00"},
            {"fund_pay_type": "610100", "fund_payamt": "10.00"},
            {"fund_pay_type": "310200", "fund_payamt": "150.00"},
        ],
        "diseinfo": [diagnosis("K80.101", main="1"), diagnosis("I10.x00x002")],
        "iteminfo": [item("01", "300.00"), item("09", "450.00"), item("14", "250.00")],
        "oprninfo": [],
        "icuinfo": [],
    }


def json_line(one: Message) -> str:
    """A message as one line."""
    return json.dumps(one, ensure_ascii=False, separators=(",", ":"))


def text_header(one: Message) -> str:
    """Header line of pipe-separated text."""
    return "|".join([*one["setlinfo"], *NODES])


def text_line(one: Message) -> str:
    """A message as one line of pipe-separated text."""
    return "|".join([*map(str, one["setlinfo"].values()), *(json_line(one[node]) for node in NODES)])


def write_json(path: Path, messages: list[Message]) -> None:
    """Messages as gzipped JSON lines."""
    path.write_bytes(gzip.compress("".join(json_line(one) + "\n" for one in messages).encode(), mtime=0))


def write_text(path: Path, messages: list[Message]) -> None:
    """Messages as gzipped pipe-separated text with a header."""
    lines = [text_header(messages[0]), *map(text_line, messages)]
    path.write_bytes(gzip.compress("".join(line + "\r\n" for line in lines).encode(), mtime=0))


def write_parquet(path: Path, messages: list[Message]) -> None:
    """Messages as a Parquet file, nodes as lists of structs."""
    rows = [{**one["setlinfo"], **{node: one[node] for node in NODES}} for one in messages]
    pq.write_table(pa.Table.from_pylist(rows), path)


WRITERS = {"json": (write_json, "jsonl.gz"), "csv": (write_text, "txt.gz"), "parquet": (write_parquet, "parquet")}


def deliver(
    root: Path,
    messages: list[Message],
    region: str = REGION,
    month: str = "2025-01",
    kind: str = "json",
    name: str = "main",
) -> Path:
    """Writes one file of a delivery below `root` and names it in the manifest; returns the file."""
    folder = root / region / month
    folder.mkdir(parents=True, exist_ok=True)
    write, ending = WRITERS[kind]
    path = folder / f"{region}_{month}_{name}.{ending}"
    write(path, messages)
    declare(path, kind, len(messages))
    return path


def declare(path: Path, kind: str, records: int, **more: str) -> None:
    """Enters a file as it lies there into the manifest of its folder; `more`: encoding, table, extract."""
    manifest = path.parent / "delivery.json"
    known = json.loads(manifest.read_text(encoding="utf-8"))["files"] if manifest.is_file() else []
    files = [entry for entry in known if entry["name"] != path.name]
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    files.append({"name": path.name, "format": kind, "records": records, "sha256": digest, **more})
    content = {
        "region_code": path.parents[1].name,
        "delivery_month": path.parent.name,
        "delivered_at": f"{path.parent.name}-28T08:00:00+08:00",
        "files": files,
    }
    manifest.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")


def register(root: Path, region: str = REGION, hospitals: tuple[str, ...] = (HOSPITAL,)) -> None:
    """A sound hospital register and fund budget for a region."""
    folder = root / region
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["region_code,hospital_code,hospital_name,hospital_level,valid_from,valid_to"]
    lines += [f"{region},{code},某医院,3,2020-01-01," for code in hospitals]
    (folder / "hospital_register.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    budget = [
        "settlement_year,region_code,fund,prior_year_fund_spend,growth,non_drg_payments,reimbursement_ratio,"
        "forecast_cases,source,standing",
        f"2025,{region},310,1000000.00,0.05,50000.00,0.70,1200,示例,assumed",
        f"2025,{region},390,2000000.00,0.04,80000.00,0.60,3000,示例,assumed",
    ]
    (folder / "fund_budget.csv").write_text("\n".join(budget) + "\n", encoding="utf-8")
