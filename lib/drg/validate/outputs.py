"""The tables of validate from the judged records: fit lists, refused records, findings.

Every judged record is in exactly one of settlement_list and rejected_list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from drg.contracts import contract
from drg.validate.check import AnyCheck
from drg.validate.degrees import REJECT, Settings, Unit, sentences
from drg.validate.findings import in_units

UNREADABLE_CHECK = "BT06"

# What a record that is not live is told: verdict -> check id, field, sentence.
VERDICTS: dict[str, tuple[str, str | None, str]] = {
    "duplicate": ("ID03", None, "与已收到的清单内容完全相同，按重复报送处理；无需更正，请勿重复上传"),
    "superseded": ("ID04", "dcla_time", "同一结算ID已有申报时间更晚的版本，以最新版本为准；无需更正"),
    "reversal": ("ID22", "init_setl_id", "冲销单，已与原结算清单相抵，不参与付费；无需更正"),
    "reversed": ("ID22", "setl_id", "该结算已被冲销单冲销，不参与付费；如已重新结算，请上传新的结算清单"),
    "orphan_reversal": (
        "XL07",
        "init_setl_id",
        "冲销单找不到同月的原结算清单(init_setl_id)；请核对原结算ID或补传原清单后重新上传",
    ),
}

MONTH = "settlement_month"

_PLACE = ("region_code", "file_name", "line_number", "delivery_month")


def judged(lists: DataFrame) -> DataFrame:
    """Adds reason_kind, null for a fit list: unreadable, what keeps a record from being live, or failed_check."""
    refused = F.col("findings").contains(f"{REJECT}:")
    kind = (
        F.when(F.col("record_kind") == "unreadable", "unreadable")
        .when(F.col("verdict") == "orphan_reversal", "failed_check")
        .when(F.col("verdict").isNotNull(), F.col("verdict"))
        .when(refused, "failed_check")
    )
    return lists.withColumn("reason_kind", kind)


def settlement_list(lists: DataFrame) -> DataFrame:
    """Live, fit lists as in the contract of settlement_list, one row a settlement."""
    fit = lists.where("reason_kind IS NULL").withColumn(MONTH, F.col("record_month"))
    given = set(fit.columns)
    return fit.select(*[n if n in given else f"settled.{n}" for n in contract("settlement_list").names()])


def rejected_list(
    lists: DataFrame, checks: Sequence[AnyCheck], settings: Mapping[Unit, Settings] | None = None
) -> DataFrame:
    """Records that are not a live, fit list, as in the contract of rejected_list, one row a received record."""
    refusals = F.transform(
        F.filter(_each_finding(), lambda finding: finding.startswith(f"{REJECT}:")),
        lambda one: F.substring(one, 3, 100),
    )
    not_live = F.col("verdict").isNotNull()
    unreadable = F.col("record_kind") == "unreadable"
    check_id = (
        F.when(unreadable, UNREADABLE_CHECK)
        .when(not_live, _told({kind: entry[0] for kind, entry in VERDICTS.items()}, F.col("verdict")))
        .otherwise(F.get(refusals, F.lit(0)))
    )
    field = F.when(not_live, _told({kind: entry[1] for kind, entry in VERDICTS.items()}, F.col("verdict"))).otherwise(
        _told({check.id: check.field for check in checks}, F.col("check_id"))
    )
    message = (
        F.when(unreadable, F.col("unreadable_reason"))
        .when(not_live, _told({kind: entry[2] for kind, entry in VERDICTS.items()}, F.col("verdict")))
        .otherwise(_sentence(F.concat(F.lit(f"{REJECT}:"), "check_id"), checks, settings or {}))
    )
    failed = F.when(unreadable | not_live, F.array("check_id")).otherwise(refusals)
    superseded = F.col("verdict") == "superseded"
    return (
        lists.where("reason_kind IS NOT NULL")
        .withColumn("check_id", check_id)
        .select(
            F.col("record_month").alias("settlement_month"),
            *_PLACE,
            "setl_id",
            readable_hospital().alias("hospital_code"),
            "reason_kind",
            "check_id",
            field.alias("field"),
            message.alias("message"),
            failed.alias("failed_checks"),
            "row_hash",
            F.when(superseded, refusals).alias("returned_for"),
            F.when(superseded, F.col("replaced_at")).alias("replaced_at"),
        )
    )


def list_flag(
    lists: DataFrame, checks: Sequence[AnyCheck], settings: Mapping[Unit, Settings] | None = None
) -> DataFrame:
    """Findings on live records, as in the contract of list_flag, one row a record and check."""
    live = lists.where("record_kind <> 'unreadable' AND verdict IS NULL AND findings <> ''")
    hospital = readable_hospital().alias("hospital_code")
    found = live.select("record_month", *_PLACE, "setl_id", hospital, F.explode(_each_finding()).alias("_finding"))
    return found.select(
        F.col("record_month").alias("settlement_month"),
        *_PLACE,
        "setl_id",
        F.substring("_finding", 3, 100).alias("check_id"),
        F.substring("_finding", 1, 1).alias("severity"),
        _told({c.id: c.field for c in checks}, F.substring("_finding", 3, 100)).alias("field"),
        _sentence(F.col("_finding"), checks, settings or {}).alias("message"),
        "hospital_code",
    )


def readable_hospital() -> Column:
    """The hospital's code where it has the form of one, else null: what stands there may be a person's number."""
    return F.when(F.col("hospital_code").rlike(r"^[A-Z]\d{11}$"), F.col("hospital_code"))


def _each_finding() -> Column:
    return F.when(F.col("findings") != "", F.split("findings", " ")).otherwise(F.array().cast("array<string>"))


def _told(texts: Mapping[str, str | None], key: Column) -> Column:
    pairs = [F.lit(part) for name, text in texts.items() if text is not None for part in (name, text)]
    return F.create_map(*pairs)[key]


def _sentence(finding: Column, checks: Sequence[AnyCheck], settings: Mapping[Unit, Settings]) -> Column:
    """The Chinese sentence of a finding, with the thresholds that held for the region and month."""
    told = _told(sentences(checks, None), finding)
    groups: dict[tuple[object, ...], list[Unit]] = {}
    for unit, held in sorted(settings.items(), key=lambda entry: entry[0]):
        if held.limits:
            groups.setdefault(tuple(sorted(held.limits.items())), []).append(unit)
    for units in groups.values():
        told = F.when(in_units(units), _told(sentences(checks, settings[units[0]]), finding)).otherwise(told)
    return told
