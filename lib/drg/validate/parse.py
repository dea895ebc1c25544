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
from drg.validate.icu import counted, covered, icu_columns, icu_rows
from drg.validate.operations import MAIN
from drg.validate.tables import CLINICAL_EDITION, ID_CARD, NO_FUND_MONEY, PACKAGE_ROW, pooling_region

MONEY = "decimal(16,2)"
SUM = "decimal(20,2)"

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

    Written as SQL: a call a function would take longer than to judge a small region.
    """
    bare = {name: f"btrim({name}, '{_BLANKS}')" for name in _FIELDS}
    texts = [f"CASE WHEN {text} NOT IN ('', 'null') THEN {text} END AS {name}" for name, text in bare.items()]
    return found.selectExpr(*_KEPT, *texts, *NODES)


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

    Amounts are yuan, decimal(16,2), a blank one is 0; days whole; instants Chinese clock time. `diagnosis_codes` and
    `procedure_codes` are text as delivered, the principal ones first; they and their like go into `with_clean_codes`.
    """
    western = F.filter("diseinfo", lambda row: F.trim(row["diag_type"]) == "1")
    with_nodes = parsed.select(
        "*",
        F.coalesce(western, _none("diseinfo")).alias("_western"),
        F.coalesce("oprninfo", _none("oprninfo")).alias("_procedures"),
        F.coalesce(
            F.filter("iteminfo", lambda row: ~F.trim(row["med_chrgitm_type"]).eqNullSafe(PACKAGE_ROW)),
            _none("iteminfo"),
        ).alias("_items"),
        F.coalesce("payinfo", _none("payinfo")).alias("_payments"),
        icu_rows(F.coalesce("icuinfo", _none("icuinfo")), instant).alias("_icu_rows"),
    )
    split = with_nodes.select(
        "*",
        *_split("_western", "maindiag_flag", "principal", "others"),
        *_split("_procedures", "main_oprn_flag", "main", "further"),
        F.transform("_items", lambda row: _amount(row["item_sumamt"])).alias("_item_amounts"),
        counted(F.col("_icu_rows")).alias("_icu_stays"),
    ).withColumn("_icu_cover", covered(F.col("_icu_stays")))
    return split.select(
        *_KEPT,
        *_stay(),
        *_patient(regions),
        *_amounts(),
        F.size("_western").alias("n_diagnoses"),
        F.size("_principal").alias("n_principal"),
        F.size("_procedures").alias("n_procedures"),
        F.size("_main").alias("n_main_procedures"),
        _number("diag_code_cnt").alias("stated_diagnoses"),
        _number("oprn_oprt_code_cnt").alias("stated_procedures"),
        F.trim(F.get("_principal", F.lit(0))["adm_cond_type"]).alias("principal_condition"),
        F.transform("_western", lambda row: F.trim(row["adm_cond_type"])).alias("conditions"),
        F.exists("_western", lambda row: F.coalesce(F.trim(row["diag_name"]), F.lit("")) == "").alias("name_missing"),
        _is_main(F.get("_western", F.lit(0))["maindiag_flag"]).alias("principal_first"),
        F.transform("_procedures", lambda row: F.trim(row["oper_dr_code"])).alias("surgeons"),
        F.transform(
            "_procedures",
            lambda row: F.concat_ws(
                " ", F.trim(row["oprn_oprt_code"]), F.trim(row["oprn_oprt_date"]), F.trim(row["oprn_oprt_begntime"])
            ),
        ).alias("procedure_rows"),
        F.exists("_items", _parts_differ).alias("parts_differ"),
        *_checked(),
        *_looked_at(),
        # A 4101A gives the time an operation began instead of its date.
        F.transform(
            "_procedures",
            lambda row: _day(F.coalesce(F.nullif(row["oprn_oprt_date"], F.lit("")), row["oprn_oprt_begntime"])),
        ).alias("procedure_dates"),
        *icu_columns("_icu_rows", "_icu_stays", "_icu_cover"),
        F.transform("_items", lambda row: F.trim(row["med_chrgitm_type"])).alias("fee_types"),
        F.col("_item_amounts").alias("fee_amounts"),
        _total("_item_amounts").alias("fee_total"),
        F.transform("_payments", lambda row: F.trim(row["fund_pay_type"])).alias("fund_types"),
        _total(
            F.transform(
                F.filter("_payments", lambda row: ~F.trim(row["fund_pay_type"]).isin(*NO_FUND_MONEY)),
                lambda row: _amount(row["fund_payamt"]),
            )
        ).alias("listed_fund_total"),
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


def _looked_at() -> list[Column]:
    """What the one function of `drg.validate.clean` looks at beside person number and visit id."""
    adult_card = (F.col("psn_cert_type") == ID_CARD) & (_number("age") > 1)
    birth = F.date_format(_day(F.col("brdy")), "yyyyMMdd")
    texts = [F.col(name) for name in ("certno", "gend", "emp_poscode", "adm_time", "dscg_time")]
    return [
        _codes("_principal", "_others", "diag_code").alias("diagnosis_codes"),
        _codes("_principal", "_others", "diag_name").alias("diagnosis_names"),
        _codes("_main", "_further", "oprn_oprt_code").alias("procedure_codes"),
        _codes("_main", "_further", "oprn_oprt_name").alias("procedure_names"),
        F.col("icd_version").startswith(CLINICAL_EDITION).alias("is_clinical"),
        F.struct(*texts, adult_card.alias("of_adult"), birth.alias("birth")).alias("identity"),
        F.col("_procedures").alias("operations"),
    ]


def _parts_differ(item: Column) -> Column:
    """Whether the parts of a charge item that are given do not add up to it, by more than a fen."""
    parts = [_amount(item[f"item_{name}_amt"]) for name in ("claa", "clab", "ownpay", "oth")]
    total = parts[0] + parts[1] + parts[2] + parts[3]
    return F.coalesce(F.abs(total - _amount(item["item_sumamt"])) > F.lit("0.01").cast(MONEY), F.lit(False))


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


def _split(rows: str, flag: str, main: str, rest: str) -> list[Column]:
    """Rows flagged main, and the others, each in the order of the list."""
    return [
        F.filter(rows, lambda row: _is_main(row[flag])).alias(f"_{main}"),
        F.filter(rows, lambda row: ~_is_main(row[flag])).alias(f"_{rest}"),
    ]


def _is_main(flag: Column) -> Column:
    return F.coalesce(F.upper(F.trim(flag)).isin(*MAIN), F.lit(False))


def _codes(first: str, then: str, field: str) -> Column:
    return F.concat(F.col(f"{first}.{field}"), F.col(f"{then}.{field}"))


def _total(amounts: str | Column) -> Column:
    zero = F.lit(0).cast(SUM)
    return F.aggregate(amounts, zero, lambda total, a: (total + F.coalesce(a, F.lit(0).cast(MONEY))).cast(SUM))


def _none(node: str) -> Column:
    return F.array().cast(_NODE_TYPES[node])


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
