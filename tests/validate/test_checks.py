"""validate: every check has a list that just passes and one that just fails; all judged in one run."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest
from intake_frames import judge, land
from intake_messages import Message, diagnosis, icu_row, item, message, procedure
from pyspark.sql import functions as F

from drg.validate.check import Check
from drg.validate.checks import CHECKS
from drg.validate.english import ENFORCED, ENGLISH

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

R, W, OK = "R", "W", ""
Case = tuple[str, str, Message]


def head(**values: str) -> Message:
    return message(**values)


def dx(*rows: dict[str, str], **values: str) -> Message:
    return {**message(**values), "diseinfo": list(rows)}


def op(*rows: dict[str, str], **values: str) -> Message:
    return {**message(**values), "oprninfo": list(rows)}


def icu(*stays: tuple[str, str, str], ward: str = "4") -> Message:
    """Rows of icuinfo as (entry, exit, duration); the stay lasts from 30 December to 5 January."""
    return {**message(), "icuinfo": [icu_row(*stay, ward) for stay in stays]}


def fees(*rows: dict[str, str], **values: str) -> Message:
    return {**message(**values), "iteminfo": list(rows)}


def paid(*rows: tuple[str, str], **values: str) -> Message:
    return {**message(**values), "payinfo": [{"fund_pay_type": kind, "fund_payamt": amount} for kind, amount in rows]}


def infant(days: str, **values: str) -> Message:
    born = {"0": "2024-12-30", "28": "2024-12-02", "29": "2024-12-01", "365": "2023-12-31"}.get(days, "2024-12-30")
    return message(
        **{
            "age": "0",
            "age_days": days,
            "brdy": born,
            "nwb_bir_wt": "3200",
            "nwb_adm_wt": "3200",
            "nwb_adm_type": "1",
            **values,
        }
    )


def header(**values: str) -> Message:
    return {"setlinfo": message(**values)["setlinfo"]}


def weighed(code: str, grams: str) -> Message:
    return {**infant("1", nwb_bir_wt=grams), "diseinfo": [diagnosis(code, main="1")]}


def vent(days: str, hours: str, minutes: str, code: str = "51.2300") -> Message:
    stated = {"vent_used_days": days, "vent_used_h_cnt": hours, "vent_used_m_cnt": minutes}
    return {**message(**stated), "oprninfo": [procedure(code, main="1")]}


BRIEF = ("2025-01-01 08:00:00", "2025-01-01 09:00:00", "0/1/0")
K80, I10 = diagnosis("K80.101", main="1"), diagnosis("I10.x00x002")
SHARE = ("310100", "560.00"), ("330100", "20.00"), ("320100", "10.00"), ("610100", "10.00")

CASES: list[Case] = [
    ("ID01", OK, head(setl_id="A" * 30)),
    ("ID01", R, head(setl_id="A" * 31)),
    ("ID01", R, head(setl_id="A B")),
    ("ID01", R, head(setl_id="")),
    ("ID05", R, head(mdtrt_id=" ")),
    ("ID05", R, head(psn_no="")),
    ("ID06", R, head(fixmedins_code="H5101000001")),
    ("ID06", R, head(fixmedins_code="H51010000009")),
    ("ID06", R, head(fixmedins_code="H51010000002")),
    ("ID07", OK, head()),
    ("ID07", W, head(fixmedins_code="H51030000003")),
    ("ID08", OK, head(insu_admdvs="510399")),
    ("ID08", OK, head(insu_admdvs="519900")),
    ("ID08", R, head(insu_admdvs="500112")),
    ("ID08", R, head(insu_admdvs="5101")),
    ("ID09", OK, dx(K80, I10, gend="2")),
    ("ID09", R, head(gend="9")),
    ("ID09", R, head(gend="0")),
    ("ID10", OK, head(dscg_way="9")),
    ("ID10", R, head(dscg_way="6")),
    ("ID11", OK, paid(("390100", "600.00"), insutype="390")),
    ("ID11", R, head(insutype="340")),
    ("ID12", OK, head(med_type="52")),
    ("ID12", R, head(med_type="11")),
    ("ID13", OK, head(hi_paymtd="9")),
    ("ID13", W, head(hi_paymtd="8")),
    ("ID13", W, head(hi_paymtd="")),
    ("ID14", OK, dx(K80, diagnosis("I10.x00x002", condition="4"))),
    ("ID14", W, dx(K80, diagnosis("I10.x00x002", condition="5"))),
    ("ID14", W, dx(K80, {"diag_type": "1", "maindiag_flag": "0", "diag_code": "I10.x00x002", "diag_name": "名称"})),
    ("ID15", OK, icu(("2025-01-01 08:00:00", "2025-01-01 09:00:00", "0/1/0"), ward="9")),
    ("ID15", W, icu(("2025-01-01 08:00:00", "2025-01-01 09:00:00", "0/1/0"), ward="8")),
    ("ID17", OK, head(adm_caty="A03.11", dscg_caty="A03")),
    ("ID17", W, head(adm_caty="")),
    ("ID17", W, head(dscg_caty="内科")),
    ("ID17", W, head(dscg_caty="A03.111")),
    ("ID18", W, head(bill_code="")),
    ("ID18", W, head(bill_no=" ")),
    ("ID22", R, head(vali_flag="0")),
    ("ID22", R, head(stas_type="0")),
    ("ID22", OK, head(stas_type="")),
    ("ID24", W, head(chfpdr_code="N510100000001")),
    ("ID24", W, head(chfpdr_code="")),
    ("ID24", OK, op(procedure("51.2300", main="1"))),
    ("ID24", W, op({**procedure("51.2300", main="1"), "oper_dr_code": "N510100000002"})),
    ("ID25", W, head(diag_code_cnt="3")),
    ("ID25", W, head(oprn_oprt_code_cnt="1")),
    ("DT01", R, head(adm_time="")),
    ("DT01", R, head(dscg_time="2025-01-32 10:00:00")),
    ("DT01", OK, head(adm_time="2024-12-30")),
    ("DT02", OK, head(adm_time="2025-01-05 10:00:00", act_ipt_days="1")),
    ("DT02", R, head(adm_time="2025-01-05 10:00:01", act_ipt_days="1")),
    ("DT03", R, head(brdy="1900-01-01")),
    ("DT03", OK, head(brdy="1970-01-01", age="54")),
    ("DT03", R, head(adm_time="1970-01-01 00:00:00")),
    ("DT04", OK, head(dcla_time="2025-01-29 08:00:00")),
    ("DT04", R, head(dcla_time="2025-01-29 08:00:01")),
    ("DT05", OK, head(act_ipt_days="6")),
    ("DT05", W, head(act_ipt_days="7")),
    ("DT05", R, head(act_ipt_days="8")),
    ("DT05", W, head(act_ipt_days="")),
    ("DT05", OK, head(adm_time="2025-01-05 09:00:00", act_ipt_days="1")),
    ("DT07", OK, head(adm_time="2024-01-06 09:00:00", act_ipt_days="365")),
    ("DT07", W, head(adm_time="2024-01-05 09:00:00", act_ipt_days="366")),
    ("DT08", OK, head(setl_begndate="2024-12-31", setl_enddate="2025-01-04")),
    ("DT08", W, head(setl_begndate="2024-12-29")),
    ("DT08", W, head(setl_enddate="2025-01-06")),
    ("DT08", W, head(setl_enddate="")),
    ("DT09", R, head(setl_time="")),
    ("DT09", R, head(setl_time="2025-02-01 00:00:00")),
    ("DT09", W, head(setl_time="2025-01-04 23:59:59")),
    ("DT10", R, head(dcla_time="")),
    ("DT10", OK, head(dcla_time="2025-01-05 11:00:00")),
    ("DT10", W, head(dcla_time="2025-01-05 10:59:59")),
    ("DT11", OK, infant("0")),
    ("DT11", R, head(brdy="2024-12-31")),
    ("DT11", W, head(brdy="")),
    ("DT12", OK, head(age="45")),
    ("DT12", W, head(age="46")),
    ("DT13", OK, infant("365")),
    ("DT13", R, infant("366")),
    ("DT13", R, infant("")),
    ("DT13", R, head(age="")),
    ("DT13", R, head(age="5天")),
    ("DT13", OK, infant("0", age="")),
    ("DT14", OK, infant("1")),
    ("DT14", W, infant("2")),
    ("DT15", OK, head(age="120")),
    ("DT15", R, head(age="121")),
    ("DX01", R, dx()),
    ("DX01", R, dx(diagnosis("K80.101", main="1", kind="2"))),
    ("DX02", OK, dx(K80, {**I10, "maindiag_flag": "O"})),
    ("DX02", R, dx(K80, {**I10, "maindiag_flag": "1"})),
    ("DX02", R, dx(I10)),
    ("DX03", OK, dx(K80, I10)),
    ("DX03", W, dx(I10, K80)),
    ("DX03", OK, dx(diagnosis("A01.000", kind="2"), K80)),
    ("DX04", OK, dx(K80)),
    ("DX04", W, dx({**K80, "diag_name": " "})),
    ("DX05", OK, dx(K80)),
    ("DX05", W, dx(diagnosis("k80.101 ", main="1"))),
    ("DX05", W, dx(K80, diagnosis("I10.X00X002"))),
    ("DX05", R, dx(diagnosis("肺炎", main="1"))),
    ("DX05", R, dx(diagnosis("", main="1"))),
    ("DX06", R, dx(diagnosis("K80.199", main="1"))),
    ("DX06", W, dx(K80, diagnosis("K80.199"))),
    ("DX06", W, dx(K80, diagnosis("肺炎"))),
    ("DX08", OK, dx(K80, I10)),
    ("DX08", W, dx(K80, I10, I10)),
    ("DX08", W, dx(K80, diagnosis("K80.101"))),
    ("DX09", W, dx(diagnosis("R52.900", main="1"))),
    ("DX09", OK, dx(K80, diagnosis("R52.900"))),
    ("DX10", W, dx(diagnosis("K80.101", main="1", condition="4"))),
    ("DX10", OK, dx(K80, diagnosis("I10.x00x002", condition="4"))),
    ("DX11", R, dx(diagnosis("W19.x00", main="1"))),
    ("DX11", OK, dx(K80, diagnosis("W19.x00"))),
    ("DX13", R, dx(diagnosis("N80.100", main="1"))),
    ("DX13", OK, dx(diagnosis("N40.x00", main="1"))),
    ("DX13", R, dx(diagnosis("N40.x00", main="1"), gend="2")),
    ("DX13", W, dx(K80, diagnosis("N80.100"))),
    ("DX14", OK, {**infant("28"), "diseinfo": [diagnosis("P07.100", main="1")]}),
    ("DX14", W, {**infant("29"), "diseinfo": [diagnosis("P07.100", main="1")]}),
    ("DX15", OK, dx(diagnosis("O80.000", main="1"), gend="2", age="10")),
    ("DX15", W, dx(diagnosis("O80.000", main="1"), gend="2", age="9")),
    ("DX15", OK, dx(diagnosis("O80.000", main="1"), gend="2", age="60")),
    ("DX15", W, dx(K80, diagnosis("O80.000"), gend="2", age="61")),
    ("DX16", OK, {**infant("29"), "diseinfo": [diagnosis("P07.100", main="1")]}),
    ("DX16", R, dx(diagnosis("P07.100", main="1"))),
    ("DX17", OK, weighed("P07.000", "999")),
    ("DX17", W, weighed("P07.000", "1000")),
    ("DX17", W, weighed("P07.100", "999")),
    ("DX17", OK, weighed("P07.100", "1000")),
    ("DX17", OK, weighed("P07.100", "2.499")),
    ("DX17", W, weighed("P07.100", "2500")),
    ("DX17", W, weighed("P08.000", "4499")),
    ("DX17", OK, weighed("P08.000", "4500")),
    ("DX17", OK, weighed("P08.000", "")),
    ("DX19", OK, dx(K80, *[I10] * 40)),
    ("DX19", W, dx(K80, *[I10] * 41)),
    ("DX21", R, head(icd_version="clinical-2.0")),
    ("DX21", R, head(icd_version="")),
    ("NB01", R, infant("28", nwb_adm_wt="")),
    ("NB01", OK, infant("29", nwb_adm_wt="")),
    ("NB01", W, infant("28", nwb_bir_wt="")),
    ("NB02", OK, infant("28", nwb_adm_wt="200")),
    ("NB02", R, infant("28", nwb_adm_wt="199")),
    ("NB02", OK, infant("28", nwb_adm_wt="20000")),
    ("NB02", R, infant("28", nwb_adm_wt="20001")),
    ("NB02", R, infant("28", nwb_adm_wt="三千")),
    ("NB02", OK, infant("29", nwb_adm_wt="199")),
    ("NB03", OK, infant("28", nwb_adm_wt="200")),
    ("NB03", W, infant("28", nwb_adm_wt="3.25")),
    ("NB05", OK, infant("365", nwb_adm_wt="3200")),
    ("NB05", W, head(age="1", nwb_adm_wt="3200")),
    ("NB05", W, head(nwb_bir_wt="3200")),
    ("NB05", OK, dx(diagnosis("O80.000", main="1"), gend="2", nwb_bir_wt="3200")),
    ("NB06", OK, infant("28", nwb_adm_type="9")),
    ("NB06", W, infant("28", nwb_adm_type="")),
    ("NB06", W, infant("28", nwb_adm_type="5")),
    ("NB06", OK, infant("29", nwb_adm_type="")),
    ("OP01", OK, op(procedure("51.2300", main="1"))),
    ("OP01", R, op(procedure("51.2399", main="1"))),
    ("OP01", R, op(procedure("", main="1"))),
    ("OP01", W, op(procedure("51.2300", main="1"), procedure("51.2399"))),
    ("OP01", W, op(procedure("00.6600X008", main="1"))),
    ("OP02", OK, op(procedure("51.2300", main="1"), procedure("00.6600x008"))),
    ("OP02", R, op(procedure("51.2300"))),
    ("OP02", R, op(procedure("51.2300", main="1"), procedure("00.6600x008", main="1"))),
    ("OP03", OK, op(procedure("51.2300", main="1", day="2024-12-30"))),
    ("OP03", W, op(procedure("51.2300", main="1", day="2024-12-29"))),
    ("OP03", R, op(procedure("51.2300", main="1", day="2024-12-28"))),
    ("OP03", OK, op(procedure("51.2300", main="1", day="2025-01-05"))),
    ("OP03", W, op(procedure("51.2300", main="1", day="2025-01-06"))),
    ("OP03", R, op(procedure("51.2300", main="1", day="2025-01-07"))),
    ("OP03", W, op(procedure("51.2300", main="1", day=""))),
    ("OP07", OK, op(procedure("51.2300", main="1"))),
    ("OP07", W, op(procedure("51.2300", main="1"), {**procedure("00.6600x008"), "oper_dr_code": ""})),
    ("OP08", OK, op(procedure("51.2300", main="1"), procedure("51.2300", day="2025-01-03"))),
    ("OP08", W, op(procedure("51.2300", main="1"), procedure("51.2300"))),
    ("OP11", OK, {**op(procedure("74.1x01", main="1"), gend="2"), "diseinfo": [diagnosis("O80.000", main="1")]}),
    ("OP11", W, op(procedure("74.1x01", main="1"), gend="2")),
    ("OP12", OK, {**op(procedure("51.2300", main="1")), "iteminfo": [item("05", "1.00"), item("14", "999.00")]}),
    ("OP12", OK, {**op(procedure("51.2300", main="1")), "iteminfo": [item("06", "1.00"), item("14", "999.00")]}),
    ("OP12", W, op(procedure("51.2300", main="1"))),
    ("OP13", OK, fees(item("06", "0.00"), item("14", "1000.00"))),
    ("OP13", W, fees(item("06", "0.01"), item("14", "999.99"))),
    ("OP16", OK, op(procedure("51.2300", main="1"), *[procedure("00.6600x008")] * 40)),
    ("OP16", W, op(procedure("51.2300", main="1"), *[procedure("00.6600x008")] * 41)),
    ("OP10", R, op(procedure("68.4100", main="1"))),
    ("OP10", OK, op(procedure("60.2900", main="1"))),
    ("OP10", R, op(procedure("60.2900", main="1"), gend="2")),
    ("OP10", W, op(procedure("51.2300", main="1"), procedure("68.4100"))),
    ("IC01", OK, icu(("2025-01-01 08:00:00", "2025-01-01 08:00:00", "0/0/0"))),
    ("IC01", W, icu(("2025-01-01 08:00:01", "2025-01-01 08:00:00", "0/0/0"))),
    ("IC01", W, icu(("", "2025-01-01 08:00:00", "0/1/0"))),
    ("IC01", W, icu(("2025-01-01 08:00:00", "2025-01-32 08:00:00", "0/1/0"))),
    ("IC01", OK, icu(("", "", ""), ward="*")),
    ("IC01", OK, icu(("2025-01-01 08:00:00", "2025-01-01 08:00:00", "0/0/0"), ward="-")),
    ("IC01", W, icu(("", "", ""), ward="7")),
    ("IC02", OK, icu(("2024-12-30 00:00:00", "2025-01-05 23:59:00", "6/23/59"))),
    ("IC02", W, icu(("2024-12-29 23:59:00", "2024-12-30 10:00:00", "0/10/1"))),
    ("IC02", W, icu(("2025-01-05 09:00:00", "2025-01-06 09:00:00", "1/0/0"))),
    ("IC02", R, icu(("2024-12-28 23:59:00", "2024-12-30 10:00:00", "1/10/1"))),
    ("IC02", R, icu(("2025-01-05 09:00:00", "2025-01-07 00:00:00", "1/15/0"))),
    ("IC02", R, icu(("2025-01-01 08:00:00", "9999-12-31 23:59:59", "0/1/0"))),
    (
        "IC03",
        OK,
        icu(
            ("2025-01-01 08:00:00", "2025-01-01 09:00:00", "0/1/0"),
            ("2025-01-01 09:00:00", "2025-01-01 10:00:00", "0/1/0"),
        ),
    ),
    (
        "IC03",
        W,
        icu(
            ("2025-01-01 08:00:00", "2025-01-01 09:00:01", "0/1/0"),
            ("2025-01-01 09:00:00", "2025-01-01 10:00:00", "0/1/0"),
        ),
    ),
    ("IC04", OK, icu(("2025-01-01 08:00:00", "2025-01-02 08:00:00", "0/23/0"))),
    ("IC04", W, icu(("2025-01-01 08:00:00", "2025-01-02 08:00:00", "0/22/59"))),
    ("IC04", OK, icu(("2025-01-01 08:00:00", "2025-01-02 08:00:00", "1/1/0"))),
    ("IC04", W, icu(("2025-01-01 08:00:00", "2025-01-02 08:00:00", "1/1/1"))),
    ("IC06", OK, icu(("2025-01-01 08:00:00", "2025-01-02 08:00:00", "0/24/00"))),
    ("IC06", W, icu(("2025-01-01 08:00:00", "2025-01-02 09:00:00", "0/25/0"))),
    ("IC06", OK, icu(("2025-01-01 08:00:00", "2025-01-02 09:00:00", "0/24/60"))),
    ("IC06", W, icu(("2025-01-01 08:00:00", "2025-01-02 09:00:00", "0/24/61"))),
    ("IC06", W, icu(("2025-01-01 08:00:00", "2025-01-02 09:00:00", "25小时"))),
    ("IC06", W, icu(("2025-01-01 08:00:00", "2025-01-02 09:00:00", ""))),
    # The stay lasts six days and an hour: 145 hours.
    ("IC07", OK, vent("6", "1", "0")),
    ("IC07", W, vent("6", "1", "1")),
    ("IC07", W, vent("7", "1", "0")),
    ("IC07", R, vent("7", "1", "1")),
    ("IC07", OK, vent("", "", "")),
    ("IC08", OK, vent("4", "0", "0", "96.7201")),
    ("IC08", W, vent("3", "23", "59", "96.7201")),
    ("IC08", OK, vent("3", "23", "59", "96.7101")),
    ("IC08", W, vent("4", "0", "0", "96.7101")),
    ("IC08", OK, vent("0", "0", "1", "96.7101")),
    ("IC08", W, vent("0", "0", "0", "96.7101")),
    ("IC09", OK, vent("0", "0", "0")),
    ("IC09", W, vent("0", "0", "1")),
    ("IC09", OK, vent("0", "0", "1", "96.7101")),
    ("IC10", OK, {**icu(BRIEF, ward="2"), **header(age="1")}),
    ("IC10", W, {**icu(BRIEF, ward="2"), **header(age="2")}),
    ("IC10", OK, {**icu(BRIEF, ward="5"), **header(age="18")}),
    ("IC10", W, {**icu(BRIEF, ward="5"), **header(age="19")}),
    ("MN01", R, head(medfee_sumamt="0.00")),
    ("MN03", OK, fees({**item("01", "1000.00"), "item_claa_amt": "999.99"})),
    ("MN03", W, fees({**item("01", "1000.00"), "item_claa_amt": "999.98"})),
    ("MN03", OK, fees({"med_chrgitm_type": "01", "item_sumamt": "1000.00"})),
    ("MN09", OK, head(psn_selfpay_amt="350.05")),
    ("MN09", W, head(psn_selfpay_amt="350.06")),
    ("MN13", OK, head(pool_prop_selfpay="1")),
    ("MN13", W, head(pool_prop_selfpay="1.0001")),
    ("MN13", W, head(pool_prop_selfpay="85")),
    ("MN13", W, head(pool_prop_selfpay="-0.0001")),
    ("MN14", OK, head(psn_ownpay_fee="50.05")),
    ("MN14", W, head(psn_ownpay_fee="50.06")),
    ("MN19", OK, fees(item("01", "0.01"), item("14", "999.99"))),
    ("MN19", W, fees(item("14", "1000.00"))),
    ("MN19", OK, {**fees(item("14", "1000.00")), **header(adm_time="2025-01-04 10:00:00", act_ipt_days="1")}),
    ("MN01", R, head(medfee_sumamt="")),
    ("MN02", OK, fees(item("01", "1000.05"))),
    ("MN02", W, fees(item("01", "1000.06"))),
    ("MN02", W, fees(item("01", "1001.00"))),
    ("MN02", R, fees(item("01", "1001.01"))),
    ("MN02", OK, fees(item("01", "1000.00"), item("15", "1000.00"))),
    ("MN04", R, fees(item("01", "500.00"), item("01", "500.00"))),
    ("MN04", R, fees(item("0801", "1000.00"))),
    ("MN05", R, head(acct_payamt="-1.00", cash_payamt="401.00")),
    ("MN05", R, fees(item("01", "1001.00"), item("02", "-1.00"))),
    ("MN06", OK, head(cash_payamt="250.05")),
    ("MN06", W, head(cash_payamt="250.06")),
    ("MN06", W, head(cash_payamt="251.00")),
    ("MN06", R, head(cash_payamt="251.01")),
    ("MN06", R, head(ownpay_hosp_part="10.00", cash_payamt="240.00")),
    ("MN07", W, head(hifmi_pay="1.00")),
    ("MN07", R, head(hifmi_pay="1.01")),
    ("MN08", OK, paid(*SHARE, ("999996", "5.00"))),
    ("MN08", W, paid(*SHARE, ("999997", "5.00"))),
    ("MN10", OK, head(hifp_pay="960.00", fund_pay_sumamt="1000.00", acct_payamt="0", cash_payamt="0")),
    ("MN10", R, head(hifp_pay="960.01", fund_pay_sumamt="1000.01", acct_payamt="0", cash_payamt="0")),
    ("MN11", OK, head(inscp_amt="900.05")),
    ("MN11", W, head(inscp_amt="900.06")),
    ("MN12", OK, head(inscp_amt="560.00")),
    ("MN12", W, head(inscp_amt="559.99")),
    ("MN20", OK, head(medfee_sumamt="5.00")),
    ("MN20", R, head(medfee_sumamt="4.99")),
    ("MN21", R, paid(*SHARE, ("310105", "0.00"))),
    ("MN22", W, paid(*SHARE, ("390100", "0.00"))),
    ("MN23", R, head(hifp_pay="五百")),
    ("MN23", R, head(hifp_pay="5.6E2")),
    ("MN23", R, head(hifp_pay="560.00|1")),
    ("MN23", OK, head(othfund_pay="")),
    ("MN23", R, fees(item("01", ""))),
    ("MN23", OK, head(hifp_pay="560.000")),
    ("MN23", W, head(hifp_pay="560.001")),
    ("MN24", OK, head(medfee_sumamt="10000000.00")),
    ("MN24", R, head(medfee_sumamt="10000000.01")),
    # The edges on which the comparisons of the checks turn.
    ("DT08", OK, head()),
    ("DT09", OK, head()),
    ("DX02", OK, dx()),
    ("DX05", OK, dx(diagnosis("肺炎"))),
    ("DX06", OK, dx(diagnosis("K80.199"))),
    ("DX14", W, dx(diagnosis("P07.100", main="1"), age="1")),
    ("NB03", OK, infant("28", nwb_adm_wt="0")),
    ("NB03", W, infant("28", nwb_adm_wt="19.999")),
    ("NB03", OK, infant("28", nwb_adm_wt="20")),
    ("NB05", OK, head(nwb_adm_wt="0")),
    ("NB05", OK, head(nwb_bir_wt="0")),
    ("OP01", W, op(procedure("51.2399"))),
    ("OP02", OK, head()),
    ("OP12", OK, head()),
    ("MN04", OK, head()),
    ("MN05", OK, head()),
    ("MN08", OK, paid(*SHARE, ("999997", "0.05"))),
    ("MN08", W, paid(*SHARE, ("999997", "0.06"))),
    ("MN13", OK, head(pool_prop_selfpay="0")),
    ("MN20", OK, head(medfee_sumamt="0.00")),
    ("MN21", OK, head()),
]


def numbered() -> list[Message]:
    """The messages of the cases, each a settlement of its own unless its id is what the case is about."""
    messages = []
    for number, (check, _, one) in enumerate(CASES):
        header = dict(one["setlinfo"])
        if check != "ID01":
            header["setl_id"] = f"S{number:04d}"
        if check != "ID25":  # the counts follow what the case draws
            header["diag_code_cnt"] = str(sum(row["diag_type"] == "1" for row in one["diseinfo"]))
            header["oprn_oprt_code_cnt"] = str(len(one["oprninfo"]))
        messages.append({**one, "setlinfo": header})
    return messages


@pytest.fixture(scope="module")
def facts(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> DataFrame:
    """The cases judged, with everything the checks looked at."""
    return judge(spark, land(spark, tmp_path_factory.mktemp("checks"), numbered())).cache()


@pytest.fixture(scope="module")
def findings(facts: DataFrame) -> list[dict[str, str]]:
    """What each case fails: check id to severity."""
    rows = facts.select("line_number", "findings").collect()
    found = {row["line_number"]: {one[2:]: one[0] for one in row["findings"].split()} for row in rows}
    return [found[number + 1] for number in range(len(CASES))]


@pytest.mark.parametrize("number", range(len(CASES)), ids=[f"{c[0]}-{c[1] or 'ok'}-{i}" for i, c in enumerate(CASES)])
def test_case(findings: list[dict[str, str]], number: int) -> None:
    check, severity, _ = CASES[number]
    assert findings[number].get(check, OK) == severity


def test_a_sound_list_fails_nothing(findings: list[dict[str, str]]) -> None:
    number = next(i for i, (check, severity, _) in enumerate(CASES) if (check, severity) == ("ID07", OK))
    assert findings[number] == {}


def test_every_degree_of_every_check_is_drawn() -> None:
    drawn = defaultdict(set)
    for check, severity, _ in CASES:
        drawn[check].add(severity)
    for check in CHECKS:
        if check.id != "ID04":  # several versions: drawn in test_live and test_tables
            assert (check.reject is None) == (R not in drawn[check.id]), check.id
            assert (check.warn is None) == (W not in drawn[check.id]), check.id


def test_each_degree_is_said_in_english_too() -> None:
    assert {c.id: (c.reject is not None, c.warn is not None) for c in CHECKS} == {
        id_: (bool(refused), bool(flagged)) for id_, (refused, flagged) in ENGLISH.items()
    }
    assert set(ENGLISH) >= ENFORCED


COMPARISON = re.compile(r"(?<![<>=-])(<=|>=|<|>)(?![<>=])")
STRICT = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}


def mutants(check: Check) -> list[tuple[str, str, str]]:
    """Degree and predicate of each wrong twin: the opposite, and each comparison with its edge on the other side."""
    found = []
    for degree, predicate in ((R, check.reject), (W, check.warn)):
        if predicate is None or check.id == "ID04":  # several versions: drawn in test_live and test_tables
            continue
        found.append((degree, "opposite", f"NOT coalesce({predicate}, false)"))
        for number, match in enumerate(COMPARISON.finditer(predicate)):
            changed = predicate[: match.start()] + STRICT[match[0]] + predicate[match.end() :]
            found.append((degree, f"comparison {number}", changed))
    return found


def test_each_wrong_twin_of_each_check_is_caught_by_the_cases(facts: DataFrame) -> None:
    """All twins in one pass: a case of the check itself must come out otherwise than it is drawn."""
    wrong = [(check, *twin) for check in CHECKS for twin in mutants(check)]
    names = [f"{check.id} {degree} {name}" for check, degree, name, _ in wrong]
    columns = [F.coalesce(F.expr(predicate), F.lit(False)) for *_, predicate in wrong]
    rows = facts.select("line_number", F.array(*columns).alias("failed")).collect()
    found = {row["line_number"]: row["failed"] for row in rows}
    missed = []
    for place, (check, degree, _, _) in enumerate(wrong):
        own = [(number, severity) for number, (id_, severity, _) in enumerate(CASES) if id_ == check.id]
        # A list that is refused is not flagged by the same check as well.
        told = [severity == degree for _, severity in own if degree == R or severity != R]
        drawn = [number for number, severity in own if degree == R or severity != R]
        if [found[number + 1][place] for number in drawn] == told:
            missed.append(names[place])
    assert not missed, "; ".join(missed)


def test_messages_say_what_is_wrong_and_what_to_do() -> None:
    assert len({check.id for check in CHECKS}) == len(CHECKS)
    for check in CHECKS:
        for predicate, text in ((check.reject, check.reject_message), (check.warn, check.warn_message)):
            assert (predicate is None) == (text == ""), check.id
            assert not text or ("；" in text and "%" not in text and "{" not in text), check.id
