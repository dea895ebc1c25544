"""Defects of what stands in the rows of one list: id number, nursing, editions, names, operations, coma, blood.

Like those of `drg.synth.further_defects` they serve the proof that the reports name exactly what is wrong.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from drg.group import load_icd, load_pack
from drg.synth import fields
from drg.synth.defects import Message, nothing_paid, on_newborn, on_principal, put, recode
from drg.synth.further_defects import Do, Further, adult, dx_named, more, op_named, row
from drg.synth.message import LOCAL
from drg.synth.persons import CHECK_DIGITS, CHECK_WEIGHTS
from drg.synth.province import SCHEME

VENTILATION = frozenset({"W:IC08", "W:IC09"})


def row_defects() -> dict[str, Further]:
    """Name -> defect; the names say what is wrong."""
    blood = put(bld_cat="1", bld_amt="2", bld_unt="")
    return {
        "unknown_anaesthesia": Further("W:ID16", row("oprninfo", 0, anst_way="99", anst_dr_code="D000000000001")),
        "id_check_digit": Further("W:ID19", adult(_other_check_digit)),
        "id_of_other_birth": Further("W:ID20", adult(_another_card(9))),
        "id_of_other_sex": Further("W:ID21", adult(_another_card(16))),
        "postcode": Further("W:ID26", put(emp_poscode="61000")),
        "nursed_beyond_stay": Further("W:DT17", more("scd_nurscare_days", 2)),
        "no_receiver": Further("W:DT18", put(dscg_way="2", acp_optins_code="")),
        "no_purpose_of_return": Further("W:DT19", put(dscg31days_rinp_flag="2")),
        "diagnosis_named_otherwise": Further("W:DX07", row("diseinfo", 0, diag_name="名称")),
        "asterisk_alone": Further("W:DX18", row("diseinfo", 1, diag_code="G01*"), frozenset({"W:DX06"})),
        "clinical_edition": Further("W:DX21", lambda m: _same_in_both(m) and put(icd_version="clinical-2.0")(m)),
        "of_two_editions": Further("W:DX22", _of_two_editions, frozenset({"W:DX21", "W:DX08"})),
        "dialysis_without_procedure": Further("W:DX23", _dialysis_without_procedure, frozenset({"W:DX09"})),
        "operation_ends_before": Further("W:OP04", _ends_before, frozenset({"W:OP05"})),
        "anaesthesia_after_stay": Further("W:OP05", _asleep_after_stay),
        "no_anaesthetist": Further("W:OP06", _no_anaesthetist),
        "procedure_a_minute_later": Further("W:OP09", _a_minute_later),
        "main_procedure_ignored": Further("W:OP14", _ignored_main, VENTILATION),
        "procedure_named_otherwise": Further("W:OP15", row("oprninfo", 0, oprn_oprt_name="名称")),
        "operations_unordered": Further("W:OP17", _unordered),
        "coma_without_injury": Further("W:IC11", lambda m: not _has(m, "S06") and put(bfadm_coma_h_cnt="2")(m)),
        "coma_beyond_stay": Further("W:IC12", put(afadm_coma_days="400")),
        "weights_divided": Further("W:NB04", on_newborn(put(mul_nwb_bir_wt="2400、2300"))),
        "weights_and_births": Further("W:NB07", _two_weights_of_one),
        "blood_without_unit": Further("W:BL01", blood),
        "blood_of_nothing": Further("W:BL02", put(bld_cat="1", bld_amt="0", bld_unt="1")),
        "little_cause_to_admit": Further("W:XL13", _little_cause),
    }


def _has(message: Message, beginning: str) -> bool:
    return any(one["diag_code"].startswith(beginning) for one in message["diseinfo"])


def _card(body: str) -> str:
    """The id number of 17 places with its check digit."""
    return body + CHECK_DIGITS[int(np.array([int(digit) for digit in body]) @ CHECK_WEIGHTS) % 11]


def _other_check_digit(message: Message) -> bool:
    number = message["certno"]
    message["certno"] = number[:17] + ("1" if number[17] == "0" else "0")
    return True


def _another_card(place: int) -> Do:
    """A sound id number with another digit in one place: 9 is the last of the year, 16 tells the sex."""

    def do(message: Message) -> bool:
        body = message["certno"][:17]
        digit = str((int(body[place]) + 1) % 10)
        message["certno"] = _card(body[:place] + digit + body[place + 1 :])
        return True

    return do


def _same_in_both(message: Message) -> bool:
    """Whether every code of a list is the same code in both editions."""
    icd = load_icd()
    return not any(one["diag_code"] in icd.diagnosis_to_insurance for one in message["diseinfo"]) and not any(
        one["oprn_oprt_code"] in icd.procedure_to_insurance for one in message["oprninfo"]
    )


def _of_two_editions(message: Message) -> bool:
    icd = load_icd()
    both = (c for c in sorted(icd.diagnosis_to_insurance) if c in icd.diagnoses)
    code = next(c for c in both if c[0] == icd.diagnosis_to_insurance[c][0] == "K")
    if not _same_in_both(message) or not row("diseinfo", 1, **dx_named(code))(message):
        return False
    return put(icd_version="clinical-2.0")(message)


def _dialysis_without_procedure(message: Message) -> bool:
    if message["oprninfo"] or message["age_days"] != "":
        return False
    return on_principal(recode("Z49.100", load_icd().diagnoses["Z49.100"]))(message)


def _later(text: str, **by: int) -> str:
    return str(datetime.fromisoformat(text) + timedelta(**by))


def _ends_before(message: Message) -> bool:
    rows = message["oprninfo"]
    return bool(rows) and row("oprninfo", 0, oprn_oprt_endtime=_later(rows[0]["oprn_oprt_begntime"], seconds=-1))(
        message
    )


def _asleep_after_stay(message: Message) -> bool:
    rows = message["oprninfo"]
    if not rows or rows[0]["anst_endtime"] == "":
        return False
    return row("oprninfo", 0, anst_endtime=_later(message["dscg_time"], seconds=1))(message)


def _no_anaesthetist(message: Message) -> bool:
    rows = message["oprninfo"]
    return bool(rows) and rows[0]["anst_way"] not in ("", LOCAL) and row("oprninfo", 0, anst_dr_code="")(message)


def _bare(one: dict[str, str], **values: str) -> dict[str, str]:
    """A further operation without end and anaesthesia."""
    none = dict.fromkeys(("oprn_oprt_endtime", "anst_way", "anst_begntime", "anst_endtime", "anst_dr_code"), "")
    return {**one, **none, "main_oprn_flag": "0", **values}


def _a_minute_later(message: Message) -> bool:
    rows = message["oprninfo"]
    if rows:
        rows.append(_bare(rows[0], oprn_oprt_begntime=_later(rows[0]["oprn_oprt_begntime"], minutes=1)))
        message["oprn_oprt_code_cnt"] = str(len(rows))
    return bool(rows)


def _ignored_main(message: Message) -> bool:
    known, ignored = load_icd().procedures, load_pack(SCHEME).ignored_procedures
    code = next(c for c in sorted(ignored) if c.startswith("89") and c in known)
    beside = any(one["oprn_oprt_code"] not in ignored for one in message["oprninfo"][1:])
    return beside and not _has(message, "O") and row("oprninfo", 0, **op_named(code))(message)


def _unordered(message: Message) -> bool:
    """The second operation on the last day of the stay, the third on the first."""
    rows, (begun, ended) = message["oprninfo"], (message[name][:10] for name in ("adm_time", "dscg_time"))
    if len(rows) < 3 or begun == ended:
        return False
    for one, day in ((rows[1], ended), (rows[2], begun)):
        one.update(_bare(one, oprn_oprt_date=day, oprn_oprt_begntime=""))
    return True


def _two_weights_of_one(message: Message) -> bool:
    """A delivery of one living child with two weights."""
    if message["gend"] != "2" or not message["diseinfo"][0]["diag_code"].startswith("O"):
        return False
    if not _has(message, "Z37.0") and (_has(message, "Z37") or not row("diseinfo", 1, **dx_named("Z37.000"))(message)):
        return False
    return put(mul_nwb_bir_wt="3200,3100")(message)


def _little_cause(message: Message) -> bool:
    """A day of 99 yuan, nothing done and nothing looked at."""
    if message["act_ipt_days"] != "1" or message["oprninfo"]:
        return False
    nothing_paid(message)
    for name in ("medfee_sumamt", "fulamt_ownpay_amt", "cash_payamt", "psn_pay", "psn_ownpay_fee"):
        message[name] = "99.00"
    zero = dict.fromkeys(fields.ITEM_MONEY, "0.00")
    amounts = {"item_sumamt": "99.00", "item_ownpay_amt": "99.00"}
    message["iteminfo"] = [{"med_chrgitm_type": "14", **zero, **amounts}]
    return True
