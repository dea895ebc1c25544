"""Lists for the cases of the checks: a sound one with the one thing changed that a case is about."""

from __future__ import annotations

from intake_messages import Message, diagnosis, icu_row, message, procedure

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


def number(certno: str, **values: str) -> Message:
    """A man of 44, born on 1 January 1980, with an id card."""
    return message(**{"psn_cert_type": "01", "certno": certno, **values})


def done(begun: str = "", ended: str = "", **values: str) -> dict[str, str]:
    """The main operation with its times."""
    return {
        **procedure("51.2300", main="1"),
        "oprn_oprt_begntime": begun,
        "oprn_oprt_endtime": ended,
        **values,
    }


def weighed(code: str, grams: str) -> Message:
    return {**infant("1", nwb_bir_wt=grams), "diseinfo": [diagnosis(code, main="1")]}


def vent(days: str, hours: str, minutes: str, code: str = "51.2300") -> Message:
    stated = {"vent_used_days": days, "vent_used_h_cnt": hours, "vent_used_m_cnt": minutes}
    return {**message(**stated), "oprninfo": [procedure(code, main="1")]}


BRIEF = ("2025-01-01 08:00:00", "2025-01-01 09:00:00", "0/1/0")
K80, I10 = diagnosis("K80.101", main="1"), diagnosis("I10.x00x002")
SHARE = ("310100", "560.00"), ("330100", "20.00"), ("320100", "10.00"), ("610100", "10.00")
