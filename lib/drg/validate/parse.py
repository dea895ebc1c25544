"""A landed record as typed columns: text once into fields, fields once into dates, amounts and codes.

The fields that name a person (name, address, telephone) are not in the shape that reads the record, so they cannot
pass; the id number goes into the one function of `drg.validate.clean` and no further. Nothing is judged here: what
cannot be read as its type is null beside its text. Arrow tables in, Arrow tables out, by SQL (`drg.sql`).
"""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from drg.land.dialect import INTERFACE, centre_raw, whole_characters
from drg.land.layout import CHECKED_FIELDS, NEEDED_FIELDS, NODES
from drg.sql import answer
from drg.validate.tables import CLINICAL_EDITION, ID_CARD

AMOUNTS = {
    "total_cost": "medfee_sumamt",
    "full_self_pay": "fulamt_ownpay_amt",
    "over_limit_self_pay": "overlmt_selfpay",
    "first_self_pay": "preselfpay_amt",
    "eligible_amount": "inscp_amt",
    "deductible": "act_pay_dedc",
    "basic_fund_payment": "hifp_pay",
    "hifmi_pay": "hifmi_pay",
    "hifob_pay": "hifob_pay",
    "cvlserv_pay": "cvlserv_pay",
    "hifes_pay": "hifes_pay",
    "hifdm_pay": "hifdm_pay",
    "assistance_payment": "maf_pay",
    "othfund_pay": "othfund_pay",
    "stated_fund_total": "fund_pay_sumamt",
    "hospital_share": "ownpay_hosp_part",
    "account_payment": "acct_payamt",
    "cash_payment": "cash_payamt",
}

_FIELDS = tuple(name for name in NEEDED_FIELDS if name != "setl_id") + CHECKED_FIELDS
_SHAPE = json.dumps(
    {
        "setlinfo": dict.fromkeys(_FIELDS, "VARCHAR"),
        **{node: [dict.fromkeys(fields, "VARCHAR")] for node, fields in NODES.items()},
    }
)
# What the reader does not take for JSON has no message.
_PARSED = f"""
    SELECT * EXCLUDE (_text, _message), {", ".join(f"_message.setlinfo.{name} AS {name}" for name in _FIELDS)},
           {", ".join(f"_message.{node} AS {node}" for node in NODES)}
    FROM (SELECT *, CASE WHEN json_valid(_text) THEN json_transform(_text, '{_SHAPE}') END AS _message FROM landed)
"""
_BLANKS = " \t\r\n\u00a0\u3000\ufeff"
_FIRST_SEEN, _LAST_SEEN = ord("!"), ord("~")
_DURATION = "CASE WHEN coalesce({0}_days, {0}_h_cnt, {0}_m_cnt) IS NOT NULL THEN whole_or_blank({0}_days) * 1440"
_DURATION += " + whole_or_blank({0}_h_cnt) * 60 + whole_or_blank({0}_m_cnt) END"
_NURSING = ("spga_nurscare_days", "lv1_nurscare_days", "scd_nurscare_days", "lv3_nurscare_days")
_WEIGHTS = ("nwb_bir_wt", "nwb_adm_wt", "mul_nwb_bir_wt", "mul_nwb_adm_wt")


def parse(landed: pa.Table) -> pa.Table:
    """One row a landed record: its place, its needed header fields as trimmed text (null when empty), its nodes.

    Args:
        landed: rows of landed_list with record_kind, header and raw; its other columns go through as they are, but for
            those that landing took out of the record.

    An unreadable record keeps its place and has null everywhere else. Of a name that stands twice in a message the
    first counts.
    """
    read = answer(_PARSED, landed=_messages(landed))
    for place, name in enumerate(read.column_names):
        if name in _FIELDS:
            read = read.set_column(place, name, bare(read[name].combine_chunks()))
    return read


def bare(text: pa.StringArray) -> pa.StringArray:
    """Texts without blanks of any kind around them, null where nothing is left or they say `null`.

    To look for blanks takes long; where every text begins and ends with a visible character of ASCII, as nearly all do,
    two looks at bytes tell so, and the array keeps its texts.
    """
    bounds = np.frombuffer(text.buffers()[1], dtype=np.int32)[text.offset : text.offset + len(text) + 1]
    begin, end = bounds[:-1], bounds[1:]
    held = end > begin
    if text.null_count:
        held &= np.array(text.is_valid(), dtype=bool)
    if not held.any():
        return pa.nulls(len(text), pa.string())
    data = np.frombuffer(text.buffers()[2], dtype=np.uint8)
    first, last = data[begin[held]], data[end[held] - 1]
    if not (_seen(first) and _seen(last)) or _may_say_null(first, end[held] - begin[held]):
        trimmed = pc.utf8_trim(text, _BLANKS)
        return pc.if_else(pc.is_in(trimmed, pa.array(["", "null"])), pa.scalar(None, pa.string()), trimmed)
    return text if held.all() else pc.if_else(pa.array(held), text, pa.scalar(None, pa.string()))


def _seen(places: npt.NDArray[np.uint8]) -> bool:
    return bool(((places >= _FIRST_SEEN) & (places <= _LAST_SEEN)).all())


def _may_say_null(first: npt.NDArray[np.uint8], lengths: npt.NDArray[np.int32]) -> bool:
    return bool(((first == ord("n")) & (lengths == len("null"))).any())


def typed(landed: pa.Table, regions: Sequence[str]) -> pa.Table:
    """The columns checks and settlement_list are made of, one row a record in their order; see the names selected.

    Amounts are yuan, decimal(16,2), a blank one is 0; days whole; instants Chinese clock time without a zone. The nodes
    stay as they are, and with `identity` go into the one function of `drg.validate.clean`.
    """
    return answer(_typed(tuple(_kept(landed)), tuple(sorted(regions))), parsed=parse(landed))


def _messages(landed: pa.Table) -> pa.Table:
    """Landed records with `_text`, a message in the centre's names as JSON, instead of header and raw.

    A line of text becomes a message here, and one under other names a message in the centre's; null of an unreadable
    record.
    """
    received = landed["raw"].combine_chunks()
    unreadable = pc.equal(landed["record_kind"].combine_chunks(), "unreadable")
    raw = pc.if_else(unreadable, pa.scalar(None, pa.string()), received)
    if landed["header"].null_count < landed.num_rows:
        both = zip(landed["header"].to_pylist(), raw.to_pylist(), strict=True)
        raw = pa.array([_centre(header, text) for header, text in both], pa.string())
    # Half a character is JSON for who received it and none for who reads it here.
    halved = pc.fill_null(pc.match_substring(raw, r"\ud", ignore_case=True), False)
    if pc.any(halved).as_py():
        mended = [whole_characters(text) for text in raw.filter(halved).to_pylist()]
        raw = pc.replace_with_mask(raw, halved, pa.array(mended, pa.string()))
    return landed.select(_kept(landed)).append_column("_text", raw)


def _kept(landed: pa.Table) -> list[str]:
    """The columns that go through; what landing copied out of the message is read from the message."""
    return [name for name in landed.column_names if name not in ("header", "raw", *_FIELDS)]


def _centre(header: str | None, text: str | None) -> str | None:
    if header is None or text is None:
        return text
    return centre_raw(header.removesuffix(INTERFACE) + INTERFACE, text)


@functools.cache
def _typed(kept: tuple[str, ...], regions: tuple[str, ...]) -> str:
    columns = (*kept, *_stay(), *_patient(regions), *_amounts(), *_checked(), _identity(), *NODES)
    return f"SELECT {', '.join(columns)} FROM parsed"


def _stay() -> list[str]:
    return [
        "instant(adm_time) AS admitted_at",
        "instant(dscg_time) AS discharged_at",
        "instant(setl_time) AS settled_at",
        "instant(dcla_time) AS declared_at",
        "CAST(admitted_at AS DATE) AS admission_date",
        "CAST(discharged_at AS DATE) AS discharge_date",
        "CAST(settled_at AS DATE) AS settlement_date",
        "greatest(discharge_date - admission_date, 1) AS los_days",
        "whole(act_ipt_days) AS stated_days",
        "dscg_way AS discharge_way",
        "med_type",
        "fixmedins_code AS hospital_code",
        "vali_flag",
        "stas_type",
        "icd_version",
        f"starts_with(icd_version, '{CLINICAL_EDITION}') AS is_clinical",
        "whole(diag_code_cnt) AS stated_diagnoses",
        "whole(oprn_oprt_code_cnt) AS stated_procedures",
    ]


def _patient(regions: Sequence[str]) -> list[str]:
    return [
        "psn_no",
        "mdtrt_id",
        "gend AS sex",
        "insutype AS fund",
        f"{_pooling_region('insu_admdvs', regions)} AS insured_region_code",
        "CAST(instant(brdy) AS DATE) AS born_on",
        "coalesce(whole(age), CASE WHEN whole(age_days) IS NOT NULL THEN 0 END) AS age_years",
        "CASE WHEN coalesce(whole(age), CASE WHEN whole(age_days) IS NOT NULL THEN 0 END) = 0"
        " THEN whole(age_days) END AS age_days",
        "nwb_adm_wt",
        "weight(nwb_adm_wt) AS admission_weight",
        "weight(nwb_bir_wt) AS birth_weight",
    ]


def _pooling_region(code: str, regions: Sequence[str]) -> str:
    """The pooling region (统筹区) of an administrative division, null when it is none of the province.

    A county and the city's own pool (suffix 99) belong to the city, by the first four digits; the provincial pool has a
    code of its own.
    """
    known = ", ".join(f"'{region}'" for region in regions)
    city = f"substring({code}, 1, 4) || '00'"
    return (
        f"CASE WHEN {code} IN ({known}) THEN {code}"
        rf" WHEN regexp_full_match({code}, '\d{{6}}') AND {city} IN ({known}) THEN {city} END"
    )


def _amounts() -> list[str]:
    """The amounts of the header; one look at all their texts tells whether each is a plain number and how long."""
    texts = f"concat_ws('|', {', '.join(AMOUNTS.values())})"
    lost = " OR ".join(
        f"({text} IS NOT NULL AND try_cast({text} AS DECIMAL(16,2)) IS NULL)" for text in AMOUNTS.values()
    )
    return [
        *[f"coalesce(try_cast({text} AS DECIMAL(16,2)), 0) AS {name}" for name, text in AMOUNTS.items()],
        rf"({lost} OR NOT regexp_full_match({texts}, '(-?\d{{1,12}}(\.\d+)?(\||$))*')) AS bad_amount",
        rf"regexp_matches({texts}, '\.\d{{2}}\d*[1-9]') AS long_amount",
    ]


def _checked() -> list[str]:
    """What only checks look at; null where it is absent or cannot be read."""
    nursing = " + ".join(f"whole_or_blank({name})" for name in _NURSING)
    return [
        *("hi_paymtd", "bill_code", "bill_no", "adm_caty", "dscg_caty", "chfpdr_code", "nwb_adm_type"),
        "mid_setl_flag IS NOT DISTINCT FROM '1' AS interim",
        "CASE WHEN dscg31days_rinp_flag IN ('1', '2') THEN dscg31days_rinp_flag = '2' END AS return_planned",
        "CAST(instant(setl_begndate) AS DATE) AS settled_from",
        "CAST(instant(setl_enddate) AS DATE) AS settled_to",
        "whole(vent_used_days) * 1440 + whole(vent_used_h_cnt) * 60 + whole(vent_used_m_cnt) AS ventilator_minutes",
        "try_cast(pool_prop_selfpay AS DECIMAL(10,4)) AS pool_ratio",
        "amount(psn_selfpay_amt) AS stated_self_pay",
        "amount(psn_ownpay_fee) AS stated_own_pay",
        *("ntly", "patn_rlts", "trt_type", "acp_optins_code", "dscg31days_rinp_flag", "rinp_pup"),
        # Blank ones count as 0; null where none is given or one cannot be read.
        f"CASE WHEN coalesce({', '.join(_NURSING)}) IS NOT NULL THEN {nursing} END AS nursing_days",
        f"{_DURATION.format('bfadm_coma')} AS coma_before_minutes",
        f"{_DURATION.format('afadm_coma')} AS coma_after_minutes",
        f"concat_ws(',', {', '.join(_WEIGHTS)}) AS weight_texts",
        "len(string_split(coalesce(mul_nwb_bir_wt, nwb_bir_wt), ',')) AS n_weights",
        *("bld_cat", "bld_amt", "bld_unt"),
        "weight(bld_amt) AS blood_amount",
    ]


def _identity() -> str:
    """What the function of `drg.validate.clean` looks at beside person number, visit id and nodes."""
    texts = ", ".join(f"{name} := {name}" for name in ("certno", "gend", "emp_poscode", "adm_time", "dscg_time"))
    adult_card = f"psn_cert_type = '{ID_CARD}' AND whole(age) > 1"
    birth = "strftime(CAST(instant(brdy) AS DATE), '%Y%m%d')"
    return f"struct_pack({texts}, of_adult := {adult_card}, birth := {birth}) AS identity"
