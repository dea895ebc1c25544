"""A landed record as typed columns: text once into fields, fields once into dates, amounts and codes.

The fields that name a person (name, address, telephone) are not in the schema that reads the record, so they cannot
pass; the id number goes into the one function of `drg.validate.clean` and no further. Nothing is judged here: what
cannot be read as its type is null beside its text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.functions import arrow_udf
from pyspark.sql.types import ArrayType, StringType, StructField, StructType

from drg.land.dialect import INTERFACE, centre_raw
from drg.land.layout import CHECKED_FIELDS, NEEDED_FIELDS, NODES
from drg.validate.tables import CLINICAL_EDITION, ID_CARD, pooling_region

MONEY = "decimal(16,2)"

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

_WEIGHTS = ("nwb_bir_wt", "nwb_adm_wt", "mul_nwb_bir_wt", "mul_nwb_adm_wt")
_BLANKS = " \t\r\n\u00a0\u3000\ufeff"
_KEPT = (
    "delivery_month",
    "region_code",
    "file_name",
    "line_number",
    "arrived_at",
    "record_month",
    "setl_id",
    "record_kind",
    "unreadable_reason",
    "row_hash",
)


def _texts(names: Iterable[str]) -> StructType:
    return StructType([StructField(name, StringType()) for name in names])


_FIELDS = tuple(name for name in NEEDED_FIELDS if name != "setl_id") + CHECKED_FIELDS
_NODE_TYPES = {node: ArrayType(_texts(fields)) for node, fields in NODES.items()}
MESSAGE = StructType(
    [StructField("setlinfo", _texts(_FIELDS))] + [StructField(node, kind) for node, kind in _NODE_TYPES.items()]
)


def parse(landed: DataFrame, headers: Sequence[str]) -> DataFrame:
    """One row a landed record: its place, its needed header fields as trimmed text (null when empty), its nodes.

    Args:
        landed: rows of landed_list.
        headers: their distinct headers: lines of pipe-separated files, and marks of the interface's names.

    An unreadable record keeps its place and has null everywhere else. Records in names of the interface become a
    message in the centre's names first; where there are none the plan has no step for them.
    """
    readable = F.when(F.col("record_kind") != "unreadable", F.col("raw"))
    texts = landed.where("header IS NULL").select(*_KEPT, readable.alias("_text"))
    lines = [header for header in headers if not header.endswith(INTERFACE)]
    if len(lines) < len(headers):
        marked = landed.where(F.col("header").endswith(INTERFACE))
        texts = texts.unionByName(marked.select(*_KEPT, _centre_raw()(F.col("header"), readable).alias("_text")))
    messages = texts.select(*_KEPT, F.from_json("_text", MESSAGE).alias("_message"))
    found = messages.select(*_KEPT, "_message.setlinfo.*", *[f"_message.{node}" for node in NODES])
    if not lines:
        return _trimmed(found)
    cells = landed.where(F.col("header").isNotNull() & ~F.col("header").endswith(INTERFACE)).select(
        *_KEPT, _header_number(lines).alias("_header"), F.split(readable, r"\|", -1).alias("_cells")
    )
    fields = [_cell(lines, name).alias(name) for name in _FIELDS]
    nodes = [F.from_json(_cell(lines, node), _NODE_TYPES[node]).alias(node) for node in NODES]
    return _trimmed(found.unionByName(cells.select(*_KEPT, *fields, *nodes)))


def _trimmed(found: DataFrame) -> DataFrame:
    """Header fields without blanks around them, null where they are empty or say so.

    Written as SQL: a call a function would take longer than to judge a small region. To look for blanks of every kind
    takes long as well, and few texts begin or end with another character than a visible one of ASCII.
    """
    seen = "ascii({0}) BETWEEN 33 AND 126 AND ascii(right({0}, 1)) BETWEEN 33 AND 126"
    bare = f"btrim({{0}}, '{_BLANKS}')"
    cases = f"WHEN {{0}} IN ('', 'null') THEN NULL WHEN {seen} THEN {{0}} WHEN {bare} NOT IN ('', 'null') THEN {bare}"
    text = f"CASE {cases} END AS {{0}}"
    return found.selectExpr(*_KEPT, *[text.format(name) for name in _FIELDS], *NODES)


def _centre_raw() -> Callable[..., Column]:
    """The function (header, raw) -> message in the centre's names; null stays null."""

    def centre(headers: pa.Array, raws: pa.Array) -> pa.Array:
        both = zip(headers.to_pylist(), raws.to_pylist(), strict=True)
        return pa.array([None if raw is None else centre_raw(header, raw) for header, raw in both], pa.string())

    # The stubs ask for a function type, Spark prefers to see it from the hints of the function.
    udf: Any = arrow_udf
    made: Callable[..., Column] = udf(centre, "string")
    return made


def typed(parsed: DataFrame, regions: Sequence[str]) -> DataFrame:
    """The columns checks and settlement_list are made of, one row a record; see the names selected.

    Amounts are yuan, decimal(16,2), a blank one is 0; days whole; instants Chinese clock time. The nodes stay as they
    are, and with `identity` go into the one function of `drg.validate.clean`.
    """
    return parsed.select(
        *_KEPT,
        *_stay(),
        *_patient(regions),
        *_amounts(),
        _number("diag_code_cnt").alias("stated_diagnoses"),
        _number("oprn_oprt_code_cnt").alias("stated_procedures"),
        *_checked(),
        F.col("icd_version").startswith(CLINICAL_EDITION).alias("is_clinical"),
        _identity().alias("identity"),
        *NODES,
    )


def _stay() -> list[Column]:
    return [
        instant(F.col("adm_time")).alias("admitted_at"),
        instant(F.col("dscg_time")).alias("discharged_at"),
        instant(F.col("setl_time")).alias("settled_at"),
        instant(F.col("dcla_time")).alias("declared_at"),
        _day(F.col("adm_time")).alias("admission_date"),
        _day(F.col("dscg_time")).alias("discharge_date"),
        _day(F.col("setl_time")).alias("settlement_date"),
        F.greatest(F.datediff(_day(F.col("dscg_time")), _day(F.col("adm_time"))), F.lit(1)).alias("los_days"),
        _number("act_ipt_days").alias("stated_days"),
        F.col("dscg_way").alias("discharge_way"),
        F.col("med_type"),
        F.col("fixmedins_code").alias("hospital_code"),
        F.col("vali_flag"),
        F.col("stas_type"),
        F.col("icd_version"),
    ]


def _checked() -> list[Column]:
    """What only checks look at; null where it is absent or cannot be read."""
    minutes = _number("vent_used_days") * 1440 + _number("vent_used_h_cnt") * 60 + _number("vent_used_m_cnt")
    return [
        *[F.col(name) for name in ("hi_paymtd", "bill_code", "bill_no", "adm_caty", "dscg_caty", "chfpdr_code")],
        F.col("nwb_adm_type"),
        F.col("mid_setl_flag").eqNullSafe("1").alias("interim"),
        F.when(F.col("dscg31days_rinp_flag").isin("1", "2"), F.col("dscg31days_rinp_flag") == "2").alias(
            "return_planned"
        ),
        _day(F.col("setl_begndate")).alias("settled_from"),
        _day(F.col("setl_enddate")).alias("settled_to"),
        minutes.alias("ventilator_minutes"),
        F.col("pool_prop_selfpay").try_cast("decimal(10,4)").alias("pool_ratio"),
        _amount(F.col("psn_selfpay_amt")).alias("stated_self_pay"),
        _amount(F.col("psn_ownpay_fee")).alias("stated_own_pay"),
        *[
            F.col(name)
            for name in ("ntly", "patn_rlts", "trt_type", "acp_optins_code", "dscg31days_rinp_flag", "rinp_pup")
        ],
        _given_total("spga_nurscare_days", "lv1_nurscare_days", "scd_nurscare_days", "lv3_nurscare_days").alias(
            "nursing_days"
        ),
        _minutes("bfadm_coma").alias("coma_before_minutes"),
        _minutes("afadm_coma").alias("coma_after_minutes"),
        F.concat_ws(",", *_WEIGHTS).alias("weight_texts"),
        _count_of(F.coalesce("mul_nwb_bir_wt", "nwb_bir_wt")).alias("n_weights"),
        *[F.col(name) for name in ("bld_cat", "bld_amt", "bld_unt")],
        _weight("bld_amt").alias("blood_amount"),
    ]


def _count_of(text: Column) -> Column:
    """How many values a text holds between half-width commas; null where there is none."""
    return F.when(text.isNotNull(), F.size(F.split(text, ",")))


def _given_total(*names: str) -> Column:
    """Whole numbers added up, blank ones as 0; null where none is given or one cannot be read."""
    given = F.coalesce(*names).isNotNull()
    parts = [F.when(F.col(name).isNull(), 0).otherwise(_number(name)) for name in names]
    return F.when(given, sum(parts[1:], parts[0]))


def _minutes(stem: str) -> Column:
    """A duration in minutes from its three columns, blank ones as 0; null where none is given or one cannot be read."""
    days, hours, minutes = (f"{stem}_{part}" for part in ("days", "h_cnt", "m_cnt"))
    given = F.coalesce(days, hours, minutes).isNotNull()
    parts = [F.when(F.col(name).isNull(), 0).otherwise(_number(name)) for name in (days, hours, minutes)]
    return F.when(given, parts[0] * 1440 + parts[1] * 60 + parts[2])


def _identity() -> Column:
    """What the function of `drg.validate.clean` looks at beside person number, visit id and nodes."""
    adult_card = (F.col("psn_cert_type") == ID_CARD) & (_number("age") > 1)
    birth = F.date_format(_day(F.col("brdy")), "yyyyMMdd")
    texts = [F.col(name) for name in ("certno", "gend", "emp_poscode", "adm_time", "dscg_time")]
    return F.struct(*texts, adult_card.alias("of_adult"), birth.alias("birth"))


def _patient(regions: Sequence[str]) -> list[Column]:
    age = _number("age")
    days = _number("age_days")
    under_one = F.coalesce(age, F.when(days.isNotNull(), 0)) == 0
    return [
        F.col("psn_no"),
        F.col("mdtrt_id"),
        F.col("gend").alias("sex"),
        F.col("insutype").alias("fund"),
        pooling_region(F.col("insu_admdvs"), regions).alias("insured_region_code"),
        _day(F.col("brdy")).alias("born_on"),
        F.coalesce(age, F.when(days.isNotNull(), 0)).alias("age_years"),
        F.when(under_one, days).alias("age_days"),
        F.col("nwb_adm_wt"),
        _weight("nwb_adm_wt").alias("admission_weight"),
        _weight("nwb_bir_wt").alias("birth_weight"),
    ]


def _amounts() -> list[Column]:
    """The amounts of the header; one look at all their texts tells whether each is a plain number and how long."""
    texts = F.concat_ws("|", *AMOUNTS.values())
    lost = F.lit(False)
    for text in AMOUNTS.values():
        lost = lost | (F.col(text).isNotNull() & F.col(text).try_cast(MONEY).isNull())
    return [
        *[F.coalesce(F.col(text).try_cast(MONEY), F.lit(0).cast(MONEY)).alias(name) for name, text in AMOUNTS.items()],
        (lost | ~texts.rlike(r"^(-?\d{1,12}(\.\d+)?(\||$))*$")).alias("bad_amount"),
        texts.rlike(r"\.\d{2}\d*[1-9]").alias("long_amount"),
    ]


def instant(text: Column) -> Column:
    """Text `yyyy-MM-dd HH:mm:ss` (or a day) as timestamp, null where it is none."""
    return F.when(text.rlike(r"^\d{4}-\d{2}-\d{2}( \d{2}:\d{2}:\d{2})?$"), text.try_cast("timestamp"))


def _day(text: Column) -> Column:
    return F.to_date(instant(F.trim(text)))


def _amount(text: Column) -> Column:
    """Yuan with two decimals, HALF_UP where more are written; null where the text is no plain number.

    Twelve digits before the point leave room for every sum, so that no sum of bad amounts can overflow.
    """
    bare = F.trim(text)
    return F.when(bare.rlike(r"^-?\d{1,12}(\.\d+)?$"), bare.try_cast(MONEY))


def _number(name: str) -> Column:
    """A whole number not below zero; a fraction (age 0.5) is cut off, anything else is null."""
    text = F.col(name)
    return F.when(text.rlike(r"^\d{1,5}(\.\d+)?$"), F.regexp_extract(text, r"^\d+", 0).cast("int"))


def _weight(name: str) -> Column:
    """A weight or amount as written, in whatever unit; null where it is no plain number."""
    return F.when(F.col(name).rlike(r"^\d{1,6}(\.\d+)?$"), F.col(name).try_cast("decimal(10,3)"))


def _header_number(headers: Sequence[str]) -> Column:
    number = F.lit(None).cast("int")
    for index, header in enumerate(headers):
        number = F.when(F.col("header") == header, index).otherwise(number)
    return number


def _cell(headers: Sequence[str], name: str) -> Column:
    """The cell of a column; where it stands is known from the header, so no row is searched."""
    places = [[column.strip() for column in header.split("|")] for header in headers]
    index = F.array(*[F.lit(names.index(name) if name in names else -1) for names in places])
    return F.get(F.col("_cells"), F.get(index, F.col("_header")))
