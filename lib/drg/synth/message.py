"""Messages of drawn cases as one Arrow table: all values text, five child nodes as lists of structures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from drg.synth import fields, persons, text
from drg.synth.assumptions import IntArray
from drg.synth.cases import Cases
from drg.synth.catalogue import Catalogue
from drg.synth.charges import Charges
from drg.synth.stays import Stays, Times
from drg.synth.truth import Hospitals, Truth

ICD_VERSION = "insurance-2.0"
# Fund payment types (基金支付类型): centre column, then the code of the employee and of the resident fund.
FUND_TYPES = (
    ("hifp_pay", "310100", "390100"), ("hifmi_pay", "390200", "390200"), ("hifob_pay", "330100", "330100"),
    ("cvlserv_pay", "320100", "320100"), ("hifes_pay", "370100", "370100"), ("hifdm_pay", "350100", "350100"),
    ("maf_pay", "610100", "610100"), ("othfund_pay", "999997", "999997"), ("acct_payamt", "310200", "310200"),
)  # fmt: skip
WARDS = {
    "B": "A04.02", "C": "A10", "D": "A11", "E": "A03.01", "F": "A03.04", "G": "A03.02", "H": "A03.02", "I": "A04.03",
    "J": "A13", "K": "A03.07", "L": "A03.06", "M": "A04.05", "N": "A05.01", "O": "A05.02", "P": "A07.01", "R": "A19",
    "S": "A16", "T": "A15", "W": "A04.08", "Y": "A16",
}  # fmt: skip
OTHER_WARD = "A03"
LOCAL = "31"
ANAESTHESIA = ("11", "12", "21", LOCAL, "")


@dataclass(frozen=True)
class Drawn:
    """Everything about some lists before it is text; `number` makes ids unique inside `id_stem` (region, month)."""

    id_stem: str
    number: IntArray
    visit: IntArray
    hospital: IntArray
    level: IntArray
    person: IntArray
    insured: IntArray
    born: npt.NDArray[np.datetime64]
    employee: npt.NDArray[np.bool_]
    cases: Cases
    stays: Stays
    charges: Charges


def age_years(born: npt.NDArray[np.datetime64], day: npt.NDArray[np.datetime64]) -> IntArray:
    """Completed years on a day."""
    born, day = born.astype("datetime64[D]"), day.astype("datetime64[D]")
    months = (day.astype("datetime64[M]") - born.astype("datetime64[M]")).astype(np.int64)
    in_month = [(one - one.astype("datetime64[M]")).astype(np.int64) for one in (day, born)]
    return np.asarray((months - (in_month[0] < in_month[1])) // 12)


def assemble(rng: np.random.Generator, truth: Truth, hospitals: Hospitals, drawn: Drawn) -> pa.Table:
    """The messages of drawn lists, in their order (columns of fields.SCHEMA)."""
    source = truth.catalogue()
    columns = _header(rng, truth, source, hospitals, drawn) | amount_columns(drawn.charges, drawn.employee)
    count = len(drawn.number)
    columns |= {
        "diseinfo": _diseinfo(rng, source, drawn.cases.diagnoses),
        "oprninfo": _oprninfo(rng, source, drawn),
        "icuinfo": _icuinfo(rng, drawn.stays),
    }
    arrays = [
        text.constant(column, count) if isinstance(column := columns[name], str) else column
        for name in fields.SCHEMA.names
    ]
    return pa.table(arrays, schema=fields.SCHEMA)


def _header(
    rng: np.random.Generator, truth: Truth, source: Catalogue, hospitals: Hospitals, drawn: Drawn
) -> dict[str, pa.Array | str]:
    cases, stays = drawn.cases, drawn.stays
    count = len(drawn.number)
    age = age_years(drawn.born, stays.admission_date())
    infant = cases.age_days >= 0
    newborn = cases.weight_g > 0
    number = text.padded(drawn.number, 9)
    letter = [mdc[-1] for mdc in source.adrg_mdc]
    ward = text.pick([WARDS.get(one, OTHER_WARD) for one in letter], cases.adrg)
    obstetric = np.array([one == "O" for one in letter])[cases.adrg]
    day_or_not = text.where(cases.day_surgery, text.constant("28", count), "21")
    doctor = rng.integers(1, 60, count)
    weight = text.where(newborn, text.integer(cases.weight_g))
    born_weight = np.maximum(cases.weight_g - 10 * rng.integers(0, 8, count), 400)
    kind = np.where(cases.weight_g < 2_500, "2", np.where(rng.random(count) < 0.7, "3", "1"))
    minutes = stays.ventilation_minutes
    return {
        "setl_id": text.joined(drawn.id_stem, "1", number),
        "mdtrt_id": text.joined(drawn.id_stem, "2", text.padded(drawn.visit, 9)),
        **persons.identifiers(truth, drawn.person, drawn.insured, cases.sex, drawn.born),
        "psn_cert_type": "01",
        "gend": text.integer(cases.sex),
        "brdy": text.date(drawn.born),
        "age": text.integer(age),
        "age_days": text.where(infant, text.integer(cases.age_days)),
        "ntly": "156",
        "medcasno": text.joined("BA", number),
        "bill_code": "51060125",
        "bill_no": text.joined("0", number),
        "fixmedins_code": text.pick(hospitals.codes, drawn.hospital),
        "fixmedins_name": text.pick(hospitals.names, drawn.hospital),
        "hi_setl_lv": text.integer(drawn.level),
        "insutype": text.pick(["390", "310"], drawn.employee.astype(np.int64)),
        "insu_admdvs": text.pick(list(truth.province.region_codes()), drawn.insured),
        "ipt_med_type": "1",
        "med_type": text.where(~obstetric, day_or_not, "52"),
        "adm_time": text.time(stays.admitted),
        "dscg_time": text.time(stays.discharged),
        "act_ipt_days": text.integer(stays.days),
        "dscg_way": text.integer(stays.way),
        "adm_caty": ward,
        "dscg_caty": ward,
        "nwb_adm_type": text.where(newborn, pa.array(kind)),
        "nwb_bir_wt": text.where(newborn, text.integer(born_weight)),
        "nwb_adm_wt": weight,
        "vent_used_days": text.integer(minutes // 1_440),
        "vent_used_h_cnt": text.integer(minutes // 60 % 24),
        "vent_used_m_cnt": text.integer(minutes % 60),
        "hi_paymtd": "4",
        "chfpdr_code": text.joined("D", drawn.id_stem[:6], text.padded(drawn.hospital % 1_000 * 1_000 + doctor, 6)),
        "chfpdr_name": text.joined("虚拟医师", text.integer(doctor)),
        **_care(hospitals, drawn),
        "dcla_time": text.time(stays.declared),
        "setl_begndate": text.date(stays.admission_date()),
        "setl_enddate": text.date(stays.discharged),
        "setl_time": text.time(stays.settled),
        "stas_type": "1",
        "vali_flag": "1",
        "refd_setl_flag": "0",
        "mid_setl_flag": "0",
        "init_setl_id": "",
        "diag_code_cnt": text.integer((cases.diagnoses >= 0).sum(axis=1)),
        "oprn_oprt_code_cnt": text.integer((cases.procedures >= 0).sum(axis=1)),
        "icd_version": ICD_VERSION,
    }


def _care(hospitals: Hospitals, drawn: Drawn) -> dict[str, pa.Array | str]:
    """Nursing, coma, blood, transfer and return: all of it follows from what is drawn already."""
    codes = hospitals.codes
    moved_on = np.isin(drawn.stays.way, (2, 3))
    receiver = text.pick(codes, (drawn.hospital + 1) % len(codes))
    zero = ("lv1_nurscare_days", "lv3_nurscare_days", "spga_nurscare_days")
    coma = [f"{when}_coma_{part}" for when in ("bfadm", "afadm") for part in ("days", "h_cnt", "m_cnt")]
    empty = ("rinp_pup", "mul_nwb_bir_wt", "mul_nwb_adm_wt", "bld_cat", "bld_amt", "bld_unt")
    return {
        "emp_poscode": "000000",
        "patn_rlts": "80",
        "trt_type": "10",
        "scd_nurscare_days": text.integer(drawn.stays.days),
        "acp_optins_code": text.where(moved_on, receiver),
        "dscg31days_rinp_flag": "1",
        **dict.fromkeys((*zero, *coma), "0"),
        **dict.fromkeys(empty, ""),
    }


def amount_columns(charges: Charges, employee: npt.NDArray[np.bool_]) -> dict[str, pa.Array | str]:
    """All columns of a message that hold money: amounts, ratio of the pool, charge items and fund rows."""
    ratio = charges.ratio_per_10000
    return {
        **{name: text.money(fen) for name, fen in charges.amounts.items()},
        "pool_prop_selfpay": text.joined(text.integer(ratio // 10_000), ".", text.padded(ratio % 10_000, 4)),
        "iteminfo": _iteminfo(charges),
        "payinfo": _payinfo(charges, employee),
    }


def _node(name: str, present: npt.NDArray[np.bool_], columns: dict[str, pa.Array]) -> pa.Array:
    """A list of structures for each row of `present` (n x k), from columns flat over its true cells, row by row."""
    offsets = np.concatenate([[0], np.cumsum(present.sum(axis=1))]).astype(np.int32)
    values = pa.StructArray.from_arrays([columns[field] for field in fields.NODES[name]], names=fields.NODES[name])
    return pa.ListArray.from_arrays(pa.array(offsets), values)


def _payinfo(charges: Charges, employee: npt.NDArray[np.bool_]) -> pa.Array:
    amounts = np.stack([charges.amounts[column] for column, _, _ in FUND_TYPES], axis=1)
    present = amounts != 0
    # The basic pool's row is there even when the deductible left nothing for it.
    present[:, 0] = True
    row, column = np.nonzero(present)
    codes = [code for _, of_employee, of_resident in FUND_TYPES for code in (of_employee, of_resident)]
    place = column * 2 + ~employee[row]
    return _node(
        "payinfo", present, {"fund_pay_type": text.pick(codes, place), "fund_payamt": text.money(amounts[present])}
    )


def _diseinfo(rng: np.random.Generator, source: Catalogue, diagnoses: IntArray) -> pa.Array:
    present = diagnoses >= 0
    code, main = diagnoses[present], np.nonzero(present)[1] == 0
    condition = np.searchsorted([0.88, 0.96, 0.985], rng.random(len(code))) + 1
    columns = {
        "diag_type": text.constant("1", len(code)),
        "maindiag_flag": text.where(main, text.constant("1", len(code)), "0"),
        "diag_code": text.pick(source.diagnoses, code),
        "diag_name": source.diagnosis_names.take(pa.array(code)),
        "adm_cond_type": text.integer(np.where(main, np.minimum(condition, 2), condition)),
    }
    return _node("diseinfo", present, columns)


def _iteminfo(charges: Charges) -> pa.Array:
    present = charges.items != 0
    category = np.nonzero(present)[1]
    classes = charges.classes[present]
    columns = {"med_chrgitm_type": text.padded(category + 1, 2), "item_sumamt": text.money(charges.items[present])}
    columns |= {name: text.money(classes[:, place]) for place, name in enumerate(fields.ITEM_MONEY[1:])}
    return _node("iteminfo", present, columns)


def _oprninfo(rng: np.random.Generator, source: Catalogue, drawn: Drawn) -> pa.Array:
    present = drawn.cases.procedures >= 0
    code, (row, column) = drawn.cases.procedures[present], np.nonzero(present)
    day = drawn.stays.admission_date()[row] + drawn.stays.procedure_day[row].astype("timedelta64[D]")
    doctor = rng.integers(1, 60, len(code))
    number = text.padded(drawn.hospital[row] % 1_000 * 1_000 + doctor, 6)
    way = np.array(ANAESTHESIA)[rng.integers(0, len(ANAESTHESIA), len(code))]
    asleep = way != ""
    begun, ended, put_under, awake = (text.time(moment[row]) for moment in _operating_times(drawn.stays))
    columns = {
        "main_oprn_flag": text.where(column == 0, text.constant("1", len(code)), "0"),
        "oprn_oprt_code": text.pick(source.procedures, code),
        "oprn_oprt_name": source.procedure_names.take(pa.array(code)),
        "oprn_oprt_date": text.date(day),
        "oprn_oprt_begntime": begun,
        "oprn_oprt_endtime": ended,
        "anst_way": pa.array(way),
        "anst_begntime": text.where(asleep, put_under),
        "anst_endtime": text.where(asleep, awake),
        "oper_dr_code": text.joined("D", drawn.id_stem[:6], number),
        "oper_dr_name": text.joined("虚拟医师", text.integer(doctor)),
        "anst_dr_code": text.where(asleep & (way != LOCAL), text.joined("D", drawn.id_stem[:6], number)),
    }
    return _node("oprninfo", present, columns)


def _operating_times(stays: Stays) -> tuple[Times, ...]:
    """Begin and end of the operations of a stay, and of the anaesthesia around them.

    On the day of the operation, inside the stay: of the time there is, a quarter goes before and half after.
    """
    day = stays.admission_date() + stays.procedure_day.astype("timedelta64[D]")
    first = np.maximum(day.astype("datetime64[s]"), stays.admitted)
    last = np.minimum((day + 1).astype("datetime64[s]") - 1, stays.discharged)
    eighth = np.maximum((last - first).astype(np.int64), 0) // 8
    return tuple(first + (eighth * part).astype("timedelta64[s]") for part in (2, 4, 1, 5))


def _icuinfo(rng: np.random.Generator, stays: Stays) -> pa.Array:
    present = (stays.icu_minutes > 0)[:, None]
    rows = present[:, 0]
    start, minutes = stays.icu_from[rows], stays.icu_minutes[rows]
    parts = (minutes // 1_440, minutes // 60 % 24, minutes % 60)
    columns = {
        "scs_cutd_ward_type": text.pick(["1", "4", "6", "7"], rng.integers(0, 4, len(start))),
        "scs_cutd_inpool_time": text.time(start),
        "scs_cutd_exit_time": text.time(start + (minutes * 60).astype("timedelta64[s]")),
        "scs_cutd_sum_dura": text.joined(
            text.integer(parts[0]), "/", text.integer(parts[1]), "/", text.integer(parts[2])
        ),
    }
    return _node("icuinfo", present, columns)
