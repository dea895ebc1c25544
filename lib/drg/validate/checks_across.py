"""Checks of a list beside the other lists of the same person in the region: a visit twice, overlaps, re-admissions.

`this` is the list judged, `other` a live, fit list of the same person, settled in the same month or up to
`LOOK_BACK` months before. Nights decide what overlaps: two stays overlap when the patient spent at least one night in
both, so that a transfer on one day is no overlap (the standard says more than 24 hours; earlier months keep days only).

Source: settlement list quality rules (医疗保障基金结算清单质控规则), section across lists (XL) and DT16. Only the lists
of one region are compared: what another region has landed by then must not decide.
"""

from __future__ import annotations

from drg.validate.check import AcrossCheck, Check, Stay

# A stay of up to 60 days that follows another within 31 days was preceded at most three months before; one to spare.
LOOK_BACK = 4
READMITTED_DAYS = 15
# The front page asks for a plan to come back to the hospital within so many days.
PLANNED_DAYS = 31
# Cycles of chemotherapy, radiotherapy and dialysis bring a patient back as planned.
CYCLES = ("Z51", "Z49")


def months_before(month: str, count: int = LOOK_BACK) -> tuple[str, ...]:
    """The `count` months before one, the earliest first."""
    year, number = int(month[:4]), int(month[5:])
    places = [year * 12 + number - 1 - back for back in range(count, 0, -1)]
    return tuple(f"{place // 12:04d}-{place % 12 + 1:02d}" for place in places)


def months_around(month: str, count: int = LOOK_BACK) -> tuple[str, ...]:
    """A month with the `count` months before and after it."""
    year, number = int(month[:4]), int(month[5:])
    last = year * 12 + number - 1 + count
    return months_before(f"{(last + 1) // 12:04d}-{(last + 1) % 12 + 1:02d}", 2 * count + 1)


def nights_in_both(this: Stay, other: Stay) -> int:
    """Nights the two stays share; not above 0 where they do not overlap."""
    return min(this.discharge, other.discharge) - max(this.admission, other.admission)


def gap_days(this: Stay, other: Stay) -> int:
    """Days from the other's discharge to this admission; below 0 where this one began before."""
    return this.admission - other.discharge


def later(this: Stay, other: Stay) -> bool:
    """Whether this list came after the other: a later month, or declared later within it."""
    return _order(this) > _order(other)


def _order(stay: Stay) -> tuple[object, ...]:
    return (stay.month, stay.declared, stay.setl_id)


def _visit_twice(this: Stay, other: Stay) -> bool:
    """Of the settlements of one visit within a month the one declared last counts; one accepted elsewhere stands.

    Elsewhere is an earlier month, or a later one that was judged before this list came.
    """
    if this.visit != other.visit or this.interim or other.interim:
        return False
    if this.month == other.month:
        return later(other, this)
    return this.month > other.month or not other.current


def _overlaps_here(this: Stay, other: Stay) -> bool:
    apart = this.visit != other.visit and this.hospital == other.hospital
    return apart and not (this.interim or other.interim) and nights_in_both(this, other) >= 1 and later(this, other)


def _overlaps_elsewhere(this: Stay, other: Stay) -> bool:
    return this.visit != other.visit and this.hospital != other.hospital and nights_in_both(this, other) >= 1


def _after_death(this: Stay, other: Stay) -> bool:
    return this.visit != other.visit and other.discharge_way == "5" and gap_days(this, other) > 0


def _death_before(this: Stay, other: Stay) -> bool:
    return _after_death(other, this)


def _soon_here(this: Stay, other: Stay) -> bool:
    same = this.visit != other.visit and this.hospital == other.hospital and this.principal[:3] == other.principal[:3]
    return same and this.principal[:3] not in CYCLES and 0 <= gap_days(this, other) <= READMITTED_DAYS


def _soon_elsewhere(this: Stay, other: Stay) -> bool:
    apart = this.visit != other.visit and this.hospital != other.hospital and other.discharge_way == "1"
    return apart and 0 <= gap_days(this, other) <= READMITTED_DAYS


def _unplanned(this: Stay, other: Stay) -> bool:
    """Back in the hospital that said no return was planned; where a stay went on or ended in death, this is none."""
    left = not other.interim and other.discharge_way != "5"
    back = left and this.visit != other.visit and this.hospital == other.hospital
    return back and other.return_planned is False and 0 <= gap_days(this, other) <= PLANNED_DAYS


def _another_person(this: Stay, other: Stay) -> bool:
    return this.sex != other.sex or abs(this.age_years - other.age_years) > 1


def _transferred(this: Stay, other: Stay) -> bool:
    return this.hospital != other.hospital and other.discharge_way == "2" and 0 <= gap_days(this, other) <= 1


ACROSS: tuple[AcrossCheck, ...] = (
    AcrossCheck(
        "XL06", "mdtrt_id",
        _visit_twice,
        "同一就诊(mdtrt_id)有多份有效结算且未标明中途结算(mid_setl_flag)，只采用最后申报的一份，以前月份已受理的不再更换；"
        "请冲销多余的结算，或标明中途结算后重新上传",
    ),
    AcrossCheck(
        "XL02", "adm_time",
        _overlaps_here,
        "同一人在本院的两次住院时间重叠（至少同住一夜），后申报的清单退回；请核对出入院时间(adm_time、dscg_time)，"
        "或标明中途结算(mid_setl_flag)后重新上传",
    ),
    AcrossCheck(
        "DT16", "dscg_way",
        _after_death,
        "同一人此前已有离院方式(dscg_way)为死亡的清单，本次入院在其后；请核对人员编号和离院方式后重新上传",
        _death_before,
        "离院方式(dscg_way)为死亡，而同一人其后又有住院清单；请核对离院方式",
    ),
    AcrossCheck(
        "XL01", "adm_time",
        warn=_overlaps_elsewhere,
        warn_message="同一人同时在另一家医院住院（至少同住一夜）；请核对出入院时间，疑似挂床或冒名住院",
    ),
    AcrossCheck(
        "XL03", "adm_time",
        warn=_soon_here,
        warn_message="出院15天内因同类诊断（前三位相同）再次入住本院；请核对是否分解住院",
    ),
    AcrossCheck(
        "XL04", "adm_time",
        warn=_soon_elsewhere,
        warn_message="医嘱离院15天内入住另一家医院；请核对上次离院方式是否应为转院",
    ),
    AcrossCheck(
        "XL05", "dscg31days_rinp_flag",
        warn=_unplanned,
        warn_message="出院31天内再次入住本院，而上次清单的出院31天内再住院计划(dscg31days_rinp_flag)为无；"
        "请核对上次清单的填报，或是否分解住院",
    ),
    AcrossCheck(
        "XL10", "gend",
        warn=_another_person,
        warn_message="同一人员编号的性别或年龄与其他清单不一致；请核对人员信息",
    ),
    AcrossCheck(
        "XL11", "adm_time",
        warn=_transferred,
        warn_message="与另一家医院的医嘱转院衔接，两份清单属同一次转院；无需更正，供核对",
    ),
)  # fmt: skip

# Asked of all lists under one id number, whoever they are of; see `drg.validate.certificates`.
CERTIFICATES: tuple[Check, ...] = (
    Check(
        "XL12", "certno",
        warn="first_person <> last_person",
        warn_message="同一身份证号码(certno)在本统筹区的清单有不同的人员编号(psn_no)；请核对参保登记，或是否冒用证件",
    ),
)  # fmt: skip
