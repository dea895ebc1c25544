"""Named defects of delivered lists (清单缺陷): what is wrong and the id of the check that should find it.

Each defect is done to one whole message and leaves everything else in it as it was, so that the finding can be told
apart. Check ids are those of the list checks: ID identity, DT dates, DX diagnoses, NB newborn, OP procedures, MN money.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any

from drg.synth import fields

Message = dict[str, Any]
REFUSED, FLAGGED, DROPPED, UNREADABLE = "refused", "flagged", "dropped", "unreadable"


@dataclass(frozen=True)
class Damage:
    """A defect: the check it trips, what becomes of the list, and how it is done; `do` says whether it could be."""

    check_id: str
    outcome: str
    do: Callable[[Message], bool]


def put(**values: str) -> Callable[[Message], bool]:
    """Header fields set; not done where all of them had these values."""

    def do(message: Message) -> bool:
        changed = any(message[name] != value for name, value in values.items())
        message.update(values)
        return changed

    return do


def shift(name: str, yuan: str) -> Callable[[Message], bool]:
    """An amount raised by some yuan."""

    def do(message: Message) -> bool:
        message[name] = str(Decimal(message[name]) + Decimal(yuan))
        return True

    return do


def on_principal(change: Callable[[dict[str, str]], None]) -> Callable[[Message], bool]:
    """A change of the principal diagnosis."""

    def do(message: Message) -> bool:
        change(message["diseinfo"][0])
        return True

    return do


def recode(code: str, name: str) -> Callable[[dict[str, str]], None]:
    """Another diagnosis in the same row."""
    return lambda row: row.update(diag_code=code, diag_name=name)


def _two_principals(message: Message) -> bool:
    rows = message["diseinfo"]
    if len(rows) > 1:
        rows[1]["maindiag_flag"] = "1"
    return len(rows) > 1


def _lower_case(message: Message) -> bool:
    row = message["diseinfo"][0]
    row["diag_code"] = row["diag_code"].lower()
    return True


def _repeated(message: Message) -> bool:
    rows = message["diseinfo"]
    if len(rows) > 1:
        rows.append(dict(rows[1]))
        message["diag_code_cnt"] = str(len(rows))
    return len(rows) > 1


def _other_unknown(message: Message) -> bool:
    if len(message["diseinfo"]) > 1:
        message["diseinfo"][1]["diag_code"] = "K99.900x999"
    return len(message["diseinfo"]) > 1


def _sex_conflict(message: Message) -> bool:
    code, name = ("N80.100", "卵巢的子宫内膜异位症") if message["gend"] == "1" else ("N40.x00", "前列腺增生")
    return on_principal(recode(code, name))(message)


def _no_diagnosis(message: Message) -> bool:
    message["diseinfo"] = []
    message["diag_code_cnt"] = "0"
    return True


def _swapped_times(message: Message) -> bool:
    message["adm_time"], message["dscg_time"] = message["dscg_time"], message["adm_time"]
    return True


def _days_off(message: Message) -> bool:
    message["act_ipt_days"] = str(int(message["act_ipt_days"]) + 7)
    return True


def _born_later(message: Message) -> bool:
    message["brdy"] = f"{int(message['dscg_time'][:4]) + 1}{message['dscg_time'][4:8]}01"
    return True


def on_infant(change: Callable[[Message], bool]) -> Callable[[Message], bool]:
    """A change of a list of a child below one year."""
    return lambda message: message["age_days"] != "" and change(message)


def on_newborn(change: Callable[[Message], bool]) -> Callable[[Message], bool]:
    """A change of a newborn's list."""
    return lambda message: message["nwb_adm_wt"] != "" and change(message)


def _kilograms(message: Message) -> bool:
    message["nwb_adm_wt"] = str(Decimal(message["nwb_adm_wt"]) / 1000)
    return True


def on_main_procedure(change: Callable[[Message, dict[str, str]], None]) -> Callable[[Message], bool]:
    """A change of the main procedure, where there is one."""

    def do(message: Message) -> bool:
        if message["oprninfo"]:
            change(message, message["oprninfo"][0])
        return bool(message["oprninfo"])

    return do


def _unknown_procedure(_: Message, row: dict[str, str]) -> None:
    row["oprn_oprt_code"] = "99.9900x999"


def _before_stay(message: Message, row: dict[str, str]) -> None:
    row["oprn_oprt_date"] = f"{int(message['adm_time'][:4]) - 1}{message['adm_time'][4:8]}01"


def _item_up(message: Message) -> bool:
    row = message["iteminfo"][0]
    for name in ("item_sumamt", "item_claa_amt"):
        row[name] = str(Decimal(row[name]) + 150)
    return True


def _negative(message: Message) -> bool:
    cash = Decimal(message["psn_pay"]) + 50
    message.update(acct_payamt="-50.00", cash_payamt=str(cash))
    return True


def _fund_over_total(message: Message) -> bool:
    # The whole total and more is booked as paid by the fund; the fund rows follow so that only the limit is broken.
    total = Decimal(message["medfee_sumamt"]) + Decimal("88.00")
    more = total - Decimal(message["fund_pay_sumamt"])
    message["hifp_pay"] = str(Decimal(message["hifp_pay"]) + more)
    message["fund_pay_sumamt"] = str(total)
    message["payinfo"][0]["fund_payamt"] = message["hifp_pay"]
    message.update(acct_payamt="0.00", cash_payamt="0.00", psn_pay="0.00")
    return True


def nothing_paid(message: Message) -> bool:
    """All amounts nil, no charge item and no fund row."""
    for name in fields.MONEY:
        if name != "pool_prop_selfpay":
            message[name] = "0.00"
    message["iteminfo"], message["payinfo"] = [], []
    return True


def _wrong_unit(message: Message) -> bool:
    if Decimal(message["medfee_sumamt"]) <= 1_000:
        return False
    for name in fields.MONEY:
        if name != "pool_prop_selfpay":
            message[name] = f"{Decimal(message[name]) * 10_000:.2f}"
    for row in message["iteminfo"]:
        for name in fields.ITEM_MONEY:
            row[name] = f"{Decimal(row[name]) * 10_000:.2f}"
    for row in message["payinfo"]:
        row["fund_payamt"] = f"{Decimal(row['fund_payamt']) * 10_000:.2f}"
    return True


def _doubled_item(message: Message) -> bool:
    row = message["iteminfo"][0]
    message["iteminfo"].append({**row, **dict.fromkeys(fields.ITEM_MONEY, "0.00")})
    return True


def _unmapped_fund(message: Message) -> bool:
    message["payinfo"][0]["fund_pay_type"] = "888888"
    return True


def _same(_: Message) -> bool:
    return True


class Defect(Enum):
    """All kinds of defect that are drawn; the value says what each does and which check should trip."""

    VISIT_MISSING = Damage("ID05", REFUSED, put(mdtrt_id=""))
    UNKNOWN_HOSPITAL = Damage("ID06", REFUSED, lambda m: put(fixmedins_code=f"{m['fixmedins_code'][:7]}99999")(m))
    UNKNOWN_INSURED_REGION = Damage("ID08", REFUSED, put(insu_admdvs="999999"))
    SEX_UNKNOWN = Damage("ID09", REFUSED, put(gend="0"))
    SEX_NOT_STATED = Damage("ID09", REFUSED, put(gend="9"))
    DISCHARGE_WAY = Damage("ID10", REFUSED, put(dscg_way="7"))
    INSURANCE_TYPE = Damage("ID11", REFUSED, put(insutype="888"))
    OUTPATIENT_TYPE = Damage("ID12", REFUSED, put(med_type="11"))
    NOT_SUBMITTED = Damage("ID22", REFUSED, put(stas_type="0"))
    COUNT_DIFFERS = Damage("ID25", FLAGGED, lambda m: put(diag_code_cnt=str(len(m["diseinfo"]) + 1))(m))
    DISCHARGE_TIME_MISSING = Damage("DT01", REFUSED, put(dscg_time=""))
    DISCHARGE_BEFORE_ADMISSION = Damage("DT02", REFUSED, _swapped_times)
    PLACEHOLDER_DATE = Damage("DT03", REFUSED, put(brdy="1900-01-01"))
    STAY_DAYS_OFF = Damage("DT05", REFUSED, _days_off)
    BIRTH_AFTER_ADMISSION = Damage("DT11", REFUSED, _born_later)
    INFANT_WITHOUT_DAYS = Damage("DT13", REFUSED, on_infant(put(age_days="")))
    AGE_IMPOSSIBLE = Damage("DT15", REFUSED, lambda m: m["age_days"] == "" and put(age="130")(m))
    NO_DIAGNOSIS = Damage("DX01", REFUSED, _no_diagnosis)
    TWO_PRINCIPALS = Damage("DX02", REFUSED, _two_principals)
    NO_PRINCIPAL = Damage("DX02", REFUSED, on_principal(lambda row: row.update(maindiag_flag="0")))
    CODE_WITH_BLANK = Damage("DX05", FLAGGED, on_principal(lambda row: row.update(diag_code=row["diag_code"] + " ")))
    CODE_LOWER_CASE = Damage("DX05", FLAGGED, _lower_case)
    CODE_MALFORMED = Damage("DX05", REFUSED, on_principal(lambda row: row.update(diag_code="肺炎")))
    UNKNOWN_PRINCIPAL = Damage("DX06", REFUSED, on_principal(lambda row: row.update(diag_code="K99.900x999")))
    UNKNOWN_OTHER = Damage("DX06", FLAGGED, _other_unknown)
    REPEATED_DIAGNOSIS = Damage("DX08", FLAGGED, _repeated)
    EXTERNAL_CAUSE_PRINCIPAL = Damage("DX11", REFUSED, on_principal(recode("W19.x00", "跌倒")))
    SEX_CONFLICT = Damage("DX13", REFUSED, _sex_conflict)
    EDITION_NOT_DECLARED = Damage("DX21", REFUSED, put(icd_version=""))
    NEWBORN_WITHOUT_WEIGHT = Damage("NB01", REFUSED, on_newborn(put(nwb_adm_wt="")))
    NEWBORN_WEIGHT_IMPOSSIBLE = Damage("NB02", REFUSED, on_newborn(put(nwb_adm_wt="52000")))
    NEWBORN_WEIGHT_KILOGRAMS = Damage("NB03", FLAGGED, on_newborn(_kilograms))
    UNKNOWN_PROCEDURE = Damage("OP01", REFUSED, on_main_procedure(_unknown_procedure))
    NO_MAIN_PROCEDURE = Damage("OP02", REFUSED, on_main_procedure(lambda _, row: row.update(main_oprn_flag="0")))
    PROCEDURE_OUTSIDE_STAY = Damage("OP03", REFUSED, on_main_procedure(_before_stay))
    TOTAL_ZERO = Damage("MN01", REFUSED, nothing_paid)
    ITEMS_NOT_TOTAL = Damage("MN02", REFUSED, _item_up)
    ITEM_TWICE = Damage("MN04", REFUSED, _doubled_item)
    NEGATIVE_AMOUNT = Damage("MN05", REFUSED, _negative)
    PAYMENTS_NOT_TOTAL = Damage("MN06", REFUSED, shift("cash_payamt", "20.00"))
    FUND_PARTS_NOT_SUM = Damage("MN07", REFUSED, shift("hifp_pay", "35.00"))
    FUND_OVER_TOTAL = Damage("MN10", REFUSED, _fund_over_total)
    UNMAPPED_FUND = Damage("MN21", REFUSED, _unmapped_fund)
    WRONG_UNIT = Damage("MN24", REFUSED, _wrong_unit)
    DUPLICATE = Damage("ID03", DROPPED, _same)
    HALF_RECORD = Damage("", UNREADABLE, _same)

    @property
    def label(self) -> str:
        """The kind as written in the truth, e.g. unknown_principal."""
        return self.name.lower()


KINDS = tuple(Defect)
# Without a common factor with the number of kinds: a defect that cannot be done is replaced by one far from it, so that
# no kind gets all of those that a neighbour could not take.
STRIDE = 17
FOR_NEWBORNS = (
    Defect.NEWBORN_WITHOUT_WEIGHT,
    Defect.NEWBORN_WEIGHT_IMPOSSIBLE,
    Defect.NEWBORN_WEIGHT_KILOGRAMS,
    Defect.INFANT_WITHOUT_DAYS,
)


def damage(message: Message, first: int, readable_only: bool) -> Defect:
    """Do the first defect that can be done to the message, from number `first` on in strides; say which it was.

    A newborn's message gets a defect of newborns for three of four numbers, since there are few of them.
    `readable_only` leaves out the half record (a Parquet file holds whole rows only).
    """
    kinds: tuple[Defect, ...] = KINDS
    if message["nwb_adm_wt"] != "" and first % 4:
        kinds, first = FOR_NEWBORNS, first // 4
    for step in range(len(kinds)):
        kind = kinds[(first + step * STRIDE) % len(kinds)]
        if kind is Defect.HALF_RECORD and readable_only:
            continue
        if kind.value.do(message):
            return kind
    raise AssertionError("every message can lose its visit id")
