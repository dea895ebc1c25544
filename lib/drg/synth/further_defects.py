"""Defects beside those that are drawn into a usual province: one for each further degree of each check.

They serve the proof that the reports name exactly what is wrong (`drg.synth.each_defect`); a usual province keeps its
few kinds, so that the same seed gives the same lists. `also` names what a defect may trip besides, since some faults
are two faults: ventilation without its time is at odds with its code as well.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from drg.group import load_icd
from drg.synth import fields
from drg.synth.defects import Message, nothing_paid, on_newborn, on_principal, put, recode, shift

Do = Callable[[Message], bool]
Row = dict[str, str]


@dataclass(frozen=True)
class Further:
    """A defect: the finding it must trip, as `R:<check>` or `W:<check>`, how it is done, what it may trip besides."""

    finding: str
    do: Do
    also: frozenset[str] = frozenset()


def adult(change: Do) -> Do:
    """A change of the list of a person above 20 years."""
    return lambda m: m["age_days"] == "" and int(m["age"]) > 20 and change(m)


def _moved(name: str, **by: int) -> Do:
    """A time or day moved; the text keeps its length."""

    def do(message: Message) -> bool:
        text = message[name]
        message[name] = str(datetime.fromisoformat(text) + timedelta(**by))[: len(text)]
        return True

    return do


def _each(*changes: Do) -> Do:
    """All changes, one after the other; done when each of them could be."""
    return lambda m: all(change(m) for change in changes)


def dx_named(code: str) -> Row:
    """A diagnosis with its name."""
    return {"diag_code": code, "diag_name": load_icd().diagnoses[code]}


def op_named(code: str) -> Row:
    """A procedure with its name."""
    return {"oprn_oprt_code": code, "oprn_oprt_name": load_icd().procedures[code]}


def row(node: str, place: int, **values: str) -> Do:
    """Values of one row of a node, where there is one."""

    def do(message: Message) -> bool:
        if len(message[node]) <= place:
            return False
        message[node][place].update(values)
        return True

    return do


def _swap_diagnoses(message: Message) -> bool:
    rows = message["diseinfo"]
    rows[:2] = rows[1::-1]
    return len(rows) > 1


def _many(node: str, count: str, codes: list[str], like: Row) -> Do:
    """Forty-one further rows, each with a code the message does not have."""

    def do(message: Message) -> bool:
        code, named = ("diag_code", dx_named) if node == "diseinfo" else ("oprn_oprt_code", op_named)
        have = {one[code] for one in message[node]}
        if node == "oprninfo" and not have:
            return False
        message[node] += [{**like, **named(one)} for one in [c for c in codes if c not in have][:41]]
        message[count] = str(len(message[node]))
        return True

    return do


def _repeated_procedure(message: Message) -> bool:
    rows = message["oprninfo"]
    if rows:
        rows.append({**rows[0], "main_oprn_flag": "0"})
        message["oprn_oprt_code_cnt"] = str(len(rows))
    return bool(rows)


def _for_sex(node: str, place: int, man: Row, woman: Row) -> Do:
    """A code that does not go with the sex."""
    return lambda m: row(node, place, **(man if m["gend"] == "1" else woman))(m)


def _no_charge_for_surgery(message: Message) -> bool:
    """Surgery and treatment charged as other: amounts and their parts are added up, the total stays."""
    if not message["oprninfo"]:
        return False
    return _put_together(message, ("05", "06"), "14")


def _put_together(message: Message, kinds: tuple[str, ...], into: str) -> bool:
    moved = [row for row in message["iteminfo"] if row["med_chrgitm_type"] in kinds]
    kept = [row for row in message["iteminfo"] if row["med_chrgitm_type"] not in kinds]
    if not moved or not kept:
        return False
    target = next((row for row in kept if row["med_chrgitm_type"] == into), None)
    if target is None:
        target = {"med_chrgitm_type": into, **dict.fromkeys(fields.ITEM_MONEY, "0.00")}
        kept.append(target)
    for name in fields.ITEM_MONEY:
        target[name] = str(sum((Decimal(row[name]) for row in moved), Decimal(target[name])))
    message["iteminfo"] = kept
    return True


def _surgery_without_code(message: Message) -> bool:
    rows = [row for row in message["iteminfo"] if row["med_chrgitm_type"] in ("06", "14")]
    if message["oprninfo"] or not rows or rows[0]["med_chrgitm_type"] == "06":
        return False
    rows[0]["med_chrgitm_type"] = "06"
    return True


def _five_yuan(message: Message) -> bool:
    nothing_paid(message)
    for name in ("medfee_sumamt", "fulamt_ownpay_amt", "cash_payamt", "psn_pay", "psn_ownpay_fee"):
        message[name] = "4.99"
    zero = dict.fromkeys(fields.ITEM_MONEY, "0.00")
    message["iteminfo"] = [{"med_chrgitm_type": "14", **zero, "item_sumamt": "4.99", "item_ownpay_amt": "4.99"}]
    return True


def _other_fund(message: Message) -> bool:
    other = "390100" if message["insutype"] == "310" else "310100"
    message["payinfo"].append({"fund_pay_type": other, "fund_payamt": "0.00"})
    return True


def _half_yuan_of_an_item(message: Message) -> bool:
    row = message["iteminfo"][0]
    for name in ("item_sumamt", "item_claa_amt"):
        row[name] = str(Decimal(row[name]) + Decimal("0.50"))
    return True


def _icu(**values: str) -> Do:
    return row("icuinfo", 0, **values)


def _icu_moved(days: Callable[[Message], int]) -> Do:
    """The whole stay in the ward some days later, its duration as it was."""

    def do(message: Message) -> bool:
        for row in message["icuinfo"]:
            for name in ("scs_cutd_inpool_time", "scs_cutd_exit_time"):
                row[name] = str(datetime.fromisoformat(row[name]) + timedelta(days=days(message)))
        return bool(message["icuinfo"])

    return do


def _day_after_discharge(message: Message) -> int:
    left = message["icuinfo"][0]["scs_cutd_exit_time"] if message["icuinfo"] else message["dscg_time"]
    return (datetime.fromisoformat(message["dscg_time"]).date() - datetime.fromisoformat(left).date()).days + 1


def _icu_twice(message: Message) -> bool:
    rows = message["icuinfo"]
    if not rows or rows[0]["scs_cutd_inpool_time"] == rows[0]["scs_cutd_exit_time"]:
        return False
    rows.append(dict(rows[0]))
    return True


def _ventilated(days: str, hours: str, minutes: str) -> Do:
    return put(vent_used_days=days, vent_used_h_cnt=hours, vent_used_m_cnt=minutes)


def _longer_than_the_stay(message: Message) -> bool:
    begun, ended = (datetime.fromisoformat(message[name]) for name in ("adm_time", "dscg_time"))
    minutes = int((ended - begun).total_seconds()) // 60 + 60
    return _ventilated(str(minutes // 1440), str(minutes // 60 % 24), str(minutes % 60))(message)


def _not_ventilated(change: Do) -> Do:
    none = ("vent_used_days", "vent_used_h_cnt", "vent_used_m_cnt")
    return lambda m: (
        all(m[name] == "0" for name in none)
        and not any(row["oprn_oprt_code"].startswith("96.7") for row in m["oprninfo"])
        and change(m)
    )


def _woman_above_sixty(message: Message) -> bool:
    fits = message["gend"] == "2" and message["age_days"] == "" and int(message["age"]) > 60
    return fits and row("diseinfo", 1, diag_code="O26.900", diag_name="与妊娠有关的情况")(message)


def _delivery_without_diagnosis(message: Message) -> bool:
    if message["gend"] != "2" or any(row["diag_code"][0] in "OZ" for row in message["diseinfo"]):
        return False
    return row("oprninfo", 0, **op_named("74.1x01"))(message)


def _year_long(message: Message) -> bool:
    begun, ended = (datetime.fromisoformat(message[name]) for name in ("adm_time", "dscg_time"))
    begun -= timedelta(days=366 - (ended.date() - begun.date()).days)
    message.update(adm_time=str(begun), act_ipt_days=str((ended.date() - begun.date()).days))
    return True


def _settled_before_discharge(message: Message) -> bool:
    day = datetime.fromisoformat(message["dscg_time"])
    if day.day < 2 or message["setl_time"][:7] != message["dscg_time"][:7]:
        return False
    message["setl_time"] = str(day - timedelta(days=1))
    return True


def _older_infant(message: Message) -> bool:
    return message["age_days"] != "" and int(message["age_days"]) > 40


def more(name: str, by: int) -> Do:
    """A whole number of the header raised."""
    return lambda m: put(**{name: str(int(m[name]) + by)})(m)


def _raised(node: str, name: str, yuan: int) -> Do:
    """An amount of the first row of a node raised."""
    return lambda m: row(node, 0, **{name: str(Decimal(m[node][0][name]) + yuan)})(m)


def _declared_later(message: Message) -> bool:
    year = int(message["dcla_time"][:4]) + 3
    return put(dcla_time=f"{year}-01-01 08:00:00")(message)


def _day_before_stay(message: Message) -> bool:
    day = datetime.fromisoformat(message["adm_time"]) - timedelta(days=1)
    return row("oprninfo", 0, oprn_oprt_date=str(day)[:10])(message)


def _basic_fund_above(message: Message) -> bool:
    return Decimal(message["hifp_pay"]) > 1 and put(inscp_amt="0.50")(message)


def _no_delivery(change: Do) -> Do:
    return lambda m: m["diseinfo"][0]["diag_code"][0] not in "OZ" and change(m)


def further(diagnoses: list[str], procedures: list[str], not_permitted: str) -> dict[str, Further]:
    """Name -> defect; the code lists give the codes of lists that have too many, and one that may not be principal.

    The names say what is wrong, as those of `drg.synth.defects.Defect` do.
    """
    other_sex_dx = (dx_named("N80.100"), dx_named("N40.x00"))
    other_sex_op = (op_named("68.4100"), op_named("60.2900"))
    dx_row = {"diag_type": "1", "maindiag_flag": "0", "adm_cond_type": "1"}
    op_row = {"main_oprn_flag": "0", "oprn_oprt_date": "", "anst_way": "",
              "oper_dr_code": "D000000000001", "oper_dr_name": ""}  # fmt: skip
    dental = [code for code in diagnoses if code.startswith("K0")]
    skin = [code for code in procedures if code.startswith("86.")]
    perinatal = on_principal(recode(*dx_named("P07.100").values()))
    ventilation = frozenset({"W:IC08", "W:IC09"})
    return {
        "id_with_blank": Further("R:ID01", lambda m: put(setl_id=m["setl_id"][:6] + " " + m["setl_id"][6:])(m)),
        "payment_method": Further("W:ID13", put(hi_paymtd="8")),
        "condition": Further("W:ID14", row("diseinfo", 1, adm_cond_type="5")),
        "ward": Further("W:ID15", _icu(scs_cutd_ward_type="8")),
        "department": Further("W:ID17", put(adm_caty="内科")),
        "no_bill": Further("W:ID18", put(bill_no="")),
        "nurse_as_doctor": Further("W:ID24", lambda m: put(chfpdr_code="N" + m["chfpdr_code"][1:])(m)),
        "declared_in_the_future": Further("R:DT04", _declared_later),
        "days_off_by_one": Further("W:DT05", more("act_ipt_days", 1)),
        "year_long_stay": Further("W:DT07", adult(_year_long), frozenset({"W:DT12"})),
        "settled_beyond_stay": Further("W:DT08", _moved("setl_enddate", days=3)),
        "no_settlement_time": Further("R:DT09", put(setl_time="")),
        "settled_before_discharge": Further("W:DT09", _settled_before_discharge),
        "no_declaration": Further("R:DT10", put(dcla_time="")),
        "declared_before_settlement": Further("W:DT10", lambda m: put(dcla_time=m["adm_time"])(m)),
        "no_birth": Further("W:DT11", put(brdy="")),
        "age_off": Further(
            "W:DT12",
            adult(lambda m: int(m["age"]) < 110 and more("age", 3)(m)),
            frozenset({"W:DX15"}),
        ),
        "days_of_age_off": Further("W:DT14", lambda m: _older_infant(m) and more("age_days", -5)(m)),
        "principal_second": Further("W:DX03", _swap_diagnoses),
        "no_name": Further("W:DX04", row("diseinfo", 0, diag_name="")),
        "not_permitted_principal": Further("W:DX09", on_principal(recode(*dx_named(not_permitted).values()))),
        "arose_in_hospital": Further("W:DX10", row("diseinfo", 0, adm_cond_type="4")),
        "other_sex": Further("W:DX13", _for_sex("diseinfo", 1, *other_sex_dx)),
        "perinatal_infant": Further("W:DX14", lambda m: _older_infant(m) and perinatal(m), frozenset({"W:DX17"})),
        "pregnant_at_old_age": Further("W:DX15", _woman_above_sixty),
        "perinatal_adult": Further("R:DX16", adult(perinatal), frozenset({"W:DX14"})),
        "weight_and_code": Further(
            "W:DX17", on_newborn(lambda m: m["nwb_bir_wt"] != "" and int(m["nwb_bir_wt"]) >= 2500 and perinatal(m))
        ),
        "too_many_diagnoses": Further("W:DX19", _many("diseinfo", "diag_code_cnt", dental, dx_row)),
        "no_birth_weight": Further("W:NB01", on_newborn(put(nwb_bir_wt=""))),
        "weight_of_an_adult": Further("W:NB05", adult(_no_delivery(put(nwb_adm_wt="3200")))),
        "no_newborn_type": Further("W:NB06", on_newborn(put(nwb_adm_type=""))),
        "other_procedure_unknown": Further("W:OP01", row("oprninfo", 1, oprn_oprt_code="99.9900x999")),
        "procedure_the_day_before": Further(
            "W:OP03",
            _day_before_stay,
        ),
        "no_surgeon": Further("W:OP07", row("oprninfo", 0, oper_dr_code="")),
        "procedure_twice": Further("W:OP08", _repeated_procedure),
        "main_procedure_of_other_sex": Further("R:OP10", _for_sex("oprninfo", 0, *other_sex_op), ventilation),
        "other_procedure_of_other_sex": Further("W:OP10", _for_sex("oprninfo", 1, *other_sex_op), ventilation),
        "delivery_without_diagnosis": Further("W:OP11", _delivery_without_diagnosis, ventilation),
        "operation_not_charged": Further("W:OP12", _no_charge_for_surgery),
        "surgery_without_code": Further("W:OP13", _surgery_without_code),
        "too_many_procedures": Further(
            "W:OP16", _many("oprninfo", "oprn_oprt_code_cnt", skin, op_row), frozenset({"W:OP03"})
        ),
        "no_exit_from_ward": Further("W:IC01", _icu(scs_cutd_exit_time="")),
        "ward_after_stay": Further("R:IC02", _icu_moved(lambda m: 400)),
        "ward_a_day_after": Further("W:IC02", _icu_moved(_day_after_discharge)),
        "ward_twice": Further("W:IC03", _icu_twice),
        "ward_duration": Further("W:IC04", _icu(scs_cutd_sum_dura="300/0/0")),
        "ward_duration_in_words": Further("W:IC06", _icu(scs_cutd_sum_dura="3天")),
        "ventilated_for_a_year": Further("R:IC07", _ventilated("400", "0", "0"), ventilation),
        "ventilated_beyond_stay": Further("W:IC07", _longer_than_the_stay, ventilation),
        "ventilation_code_without_time": Further("W:IC08", _not_ventilated(row("oprninfo", 0, **op_named("96.7201")))),
        "ventilation_without_code": Further("W:IC09", _not_ventilated(_ventilated("0", "0", "1"))),
        "newborn_ward_for_an_adult": Further("W:IC10", adult(_icu(scs_cutd_ward_type="2"))),
        "item_off_by_half_a_yuan": Further("W:MN02", _half_yuan_of_an_item),
        "parts_of_item": Further(
            "W:MN03",
            _raised("iteminfo", "item_claa_amt", 5),
        ),
        "paid_half_a_yuan_more": Further("W:MN06", shift("cash_payamt", "0.50"), frozenset({"W:MN09"})),
        "fund_parts_half_a_yuan": Further("W:MN07", shift("hifp_pay", "0.50"), frozenset({"W:MN12"})),
        "fund_rows": Further("W:MN08", _raised("payinfo", "fund_payamt", 5)),
        "own_shares": Further("W:MN09", shift("psn_selfpay_amt", "5")),
        "eligible_amount": Further("W:MN11", shift("inscp_amt", "5")),
        "fund_above_eligible": Further("W:MN12", _basic_fund_above, frozenset({"W:MN11"})),
        "ratio_in_percent": Further("W:MN13", put(pool_prop_selfpay="85")),
        "own_pay_differs": Further("W:MN14", _each(shift("psn_ownpay_fee", "5"), shift("psn_selfpay_amt", "-5"))),
        "no_bed_charge": Further("W:MN19", lambda m: int(m["act_ipt_days"]) > 1 and _put_together(m, ("01",), "14")),
        "below_five_yuan": Further("R:MN20", _five_yuan, frozenset({"W:MN19", "W:OP12", "W:XL13"})),
        "other_fund_row": Further("W:MN22", _other_fund),
        "amount_in_words": Further("R:MN23", put(hifp_pay="五百"), frozenset({"R:MN07", "W:MN07"})),
        "three_decimals": Further("W:MN23", lambda m: put(inscp_amt=m["inscp_amt"] + "1")(m)),
    }


# What the defects of a usual province may trip besides their check.
ALSO: dict[str, frozenset[str]] = {
    "age_impossible": frozenset({"W:DT12", "W:DX15"}),
    "birth_after_admission": frozenset({"W:DT12", "W:DT14", "W:ID20"}),
    "discharge_before_admission": frozenset(
        {"R:DT05", "R:IC07", "R:IC02", "W:IC02", "R:OP03", "W:OP03", "W:DT08", "W:DT14", "W:OP05"}
    ),
    "discharge_time_missing": frozenset({"R:DT05", "W:DT05", "W:DT08"}),
    "external_cause_principal": frozenset({"W:DX09"}),
    "fund_over_total": frozenset({"R:MN06", "W:MN09", "W:MN12"}),
    "infant_without_days": frozenset({"R:DX16"}),
    "payments_not_total": frozenset({"W:MN09"}),
    "placeholder_date": frozenset({"W:DT12", "W:DT14", "W:ID20"}),
    "total_zero": frozenset({"W:MN19", "W:OP12", "W:XL13"}),
}
