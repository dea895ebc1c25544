"""Each kind of defect occurs and is what its name says; everything else in the message is as it was."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest

from drg.group.icd import load_icd
from drg.synth.defects import FLAGGED, FOR_NEWBORNS, KINDS, REFUSED, STRIDE, Defect
from tests.synth.drawn import Draw, Message
from tests.synth.test_synth_identities import FUNDS, broken_identities

ICD = load_icd()


def main_codes(message: Message) -> list[str]:
    return [row["diag_code"] for row in message["diseinfo"] if row["maindiag_flag"] == "1"]


def principal(message: Message) -> str:
    return str(message["diseinfo"][0]["diag_code"])


def first_operation(message: Message) -> Message:
    return dict(message["oprninfo"][0])


def days(message: Message) -> int:
    first, last = (date.fromisoformat(message[name][:10]) for name in ("adm_time", "dscg_time"))
    return max((last - first).days, 1)


# What each kind looks like; the message is refused, flagged or dropped for this.
LOOKS: dict[Defect, Callable[[Message], bool]] = {
    Defect.VISIT_MISSING: lambda m: m["mdtrt_id"] == "",
    Defect.UNKNOWN_HOSPITAL: lambda m: m["fixmedins_code"].endswith("99999"),
    Defect.UNKNOWN_INSURED_REGION: lambda m: m["insu_admdvs"] == "999999",
    Defect.SEX_UNKNOWN: lambda m: m["gend"] == "0",
    Defect.SEX_NOT_STATED: lambda m: m["gend"] == "9",
    Defect.DISCHARGE_WAY: lambda m: m["dscg_way"] not in tuple("123459"),
    Defect.INSURANCE_TYPE: lambda m: m["insutype"] not in ("310", "390"),
    Defect.OUTPATIENT_TYPE: lambda m: m["med_type"] == "11",
    Defect.NOT_SUBMITTED: lambda m: m["stas_type"] == "0",
    Defect.COUNT_DIFFERS: lambda m: int(m["diag_code_cnt"]) != len(m["diseinfo"]),
    Defect.DISCHARGE_TIME_MISSING: lambda m: m["dscg_time"] == "",
    Defect.DISCHARGE_BEFORE_ADMISSION: lambda m: m["dscg_time"] < m["adm_time"],
    Defect.PLACEHOLDER_DATE: lambda m: m["brdy"] == "1900-01-01",
    Defect.STAY_DAYS_OFF: lambda m: abs(int(m["act_ipt_days"]) - days(m)) > 1,
    Defect.BIRTH_AFTER_ADMISSION: lambda m: m["brdy"] > m["adm_time"],
    Defect.INFANT_WITHOUT_DAYS: lambda m: m["age"] == "0" and m["age_days"] == "",
    Defect.AGE_IMPOSSIBLE: lambda m: int(m["age"]) > 120,
    Defect.NO_DIAGNOSIS: lambda m: m["diseinfo"] == [],
    Defect.TWO_PRINCIPALS: lambda m: len(main_codes(m)) == 2,
    Defect.NO_PRINCIPAL: lambda m: main_codes(m) == [],
    Defect.CODE_WITH_BLANK: lambda m: principal(m).endswith(" ") and principal(m).strip() in ICD.diagnoses,
    Defect.CODE_LOWER_CASE: lambda m: principal(m)[0].islower(),
    Defect.CODE_MALFORMED: lambda m: not re.match(r"[A-Z]\d\d\.", principal(m)),
    Defect.UNKNOWN_PRINCIPAL: lambda m: principal(m) not in ICD.diagnoses,
    Defect.UNKNOWN_OTHER: lambda m: m["diseinfo"][1]["diag_code"] not in ICD.diagnoses,
    Defect.REPEATED_DIAGNOSIS: lambda m: len({row["diag_code"] for row in m["diseinfo"]}) == len(m["diseinfo"]) - 1,
    Defect.EXTERNAL_CAUSE_PRINCIPAL: lambda m: principal(m)[0] in "VWXY",
    Defect.SEX_CONFLICT: lambda m: (m["gend"], principal(m)[:3]) in (("1", "N80"), ("2", "N40")),
    Defect.EDITION_NOT_DECLARED: lambda m: m["icd_version"] == "",
    Defect.NEWBORN_WITHOUT_WEIGHT: lambda m: int(m["age_days"]) <= 28 and m["nwb_adm_wt"] == "",
    Defect.NEWBORN_WEIGHT_IMPOSSIBLE: lambda m: int(m["nwb_adm_wt"]) > 20_000,
    Defect.NEWBORN_WEIGHT_KILOGRAMS: lambda m: Decimal(m["nwb_adm_wt"]) < 20,
    Defect.UNKNOWN_PROCEDURE: lambda m: first_operation(m)["oprn_oprt_code"] not in ICD.procedures,
    Defect.NO_MAIN_PROCEDURE: lambda m: all(row["main_oprn_flag"] == "0" for row in m["oprninfo"]),
    Defect.PROCEDURE_OUTSIDE_STAY: lambda m: date.fromisoformat(first_operation(m)["oprn_oprt_date"])
    < date.fromisoformat(m["adm_time"][:10]) - timedelta(days=1),
    Defect.TOTAL_ZERO: lambda m: m["medfee_sumamt"] == "0.00" and m["iteminfo"] == [],
    Defect.ITEMS_NOT_TOTAL: lambda m: broken_identities(m) == ["items = total"],
    Defect.ITEM_TWICE: lambda m: broken_identities(m) == ["one row a category"],
    Defect.NEGATIVE_AMOUNT: lambda m: Decimal(m["acct_payamt"]) < 0 and "who pays = total" not in broken_identities(m),
    Defect.PAYMENTS_NOT_TOTAL: lambda m: Decimal(m["cash_payamt"]) + Decimal(m["acct_payamt"])
    + Decimal(m["fund_pay_sumamt"]) - Decimal(m["medfee_sumamt"]) == 20,
    Defect.FUND_PARTS_NOT_SUM: lambda m: sum(Decimal(m[name]) for name in FUNDS) - Decimal(m["fund_pay_sumamt"]) == 35,
    Defect.FUND_OVER_TOTAL: lambda m: Decimal(m["fund_pay_sumamt"]) - Decimal(m["medfee_sumamt"]) == 88,
    Defect.UNMAPPED_FUND: lambda m: m["payinfo"][0]["fund_pay_type"] == "888888",
    Defect.WRONG_UNIT: lambda m: Decimal(m["medfee_sumamt"]) > 10_000_000
    and set(broken_identities(m)) <= {"basic pool"},  # its rounding was to the fen before
    Defect.DUPLICATE: lambda m: broken_identities(m) == [],
}  # fmt: skip


def test_every_kind_but_the_half_record_has_a_look() -> None:
    assert set(LOOKS) == set(KINDS) - {Defect.HALF_RECORD}
    assert len({kind.label for kind in KINDS}) == len(KINDS)
    assert math.gcd(STRIDE, len(KINDS)) == math.gcd(STRIDE, len(FOR_NEWBORNS)) == 1  # every kind is reached


def test_no_kind_gathers_the_defects_that_others_could_not_take(troubled: Draw) -> None:
    counts = troubled.truth[troubled.truth.defect != ""].defect.value_counts()
    assert counts.iloc[0] < 2.5 * counts.median()


@pytest.mark.parametrize("kind", LOOKS, ids=lambda kind: kind.label)
def test_each_kind_occurs_and_is_what_it_says(troubled: Draw, kind: Defect) -> None:
    found = troubled.of(defect=kind.label)
    assert found, f"{kind.label} was not drawn"
    assert all(LOOKS[kind](message) for message in found)


@pytest.mark.parametrize(
    "kind",
    [kind for kind in LOOKS if kind not in (Defect.DUPLICATE, Defect.NO_MAIN_PROCEDURE)],
    ids=lambda kind: kind.label,
)
def test_no_clean_message_looks_like_a_defect(usual: Draw, kind: Defect) -> None:
    """A reversal has negative amounts and an infant's age no weight; both are clean all the same."""
    for message in usual.clean():
        if message["refd_setl_flag"] == "1":
            continue
        try:
            looks = LOOKS[kind](message)
        except (IndexError, ValueError, ArithmeticError):
            continue  # the kind asks for something this message does not have
        assert not looks, f"{message['setl_id']} looks like {kind.label}"


def test_half_records_cannot_be_read_and_say_so(troubled: Draw) -> None:
    cut = troubled.truth[troubled.truth.defect == "half_record"]
    places = troubled.by_place()
    unreadable = {place for place, message in places.items() if message is None}
    assert set(zip(cut.file_name, cut.line_number, strict=True)) == unreadable
    assert {name.split(".", 1)[1] for name, _ in unreadable} == {"jsonl.gz", "txt.gz"}
    assert set(cut.outcome) == {"unreadable"}


def test_a_duplicate_repeats_the_line_before(troubled: Draw) -> None:
    places = troubled.by_place()
    rows = troubled.truth[troubled.truth.record_kind == "duplicate"]
    assert len(rows) > 0
    for name, line in zip(rows.file_name, rows.line_number, strict=True):
        assert places[name, line] == places[name, line - 1]


def test_outcomes_name_what_becomes_of_a_list(usual: Draw) -> None:
    shares = usual.truth.outcome.value_counts(normalize=True)
    assert 0.93 < shares["live"] < 0.98
    for kind in KINDS:
        assert kind.value.outcome in (REFUSED, FLAGGED, "dropped", "unreadable")
        assert re.fullmatch(r"(ID|DT|DX|NB|OP|MN)\d\d", kind.value.check_id) or kind is Defect.HALF_RECORD
    defective = (usual.truth[usual.truth.record_kind == "list"].defect != "").mean()
    assert 0.02 < defective < 0.04
