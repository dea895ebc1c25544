"""Checks of care: nursing, coma, weights of several newborns, blood, transfer, return, short and dear stays."""

from __future__ import annotations

from drg.validate.check import Check, among
from drg.validate.tables import BLOOD_UNITS, LEAST_MILLILITRES, LOW_COST, MILLILITRES, MOST_BLOOD

_UNIT = "lower(bld_unt)"
_BLOOD = ("bld_cat", "bld_amt", "bld_unt")
_BLOOD_GIVEN = "(" + " + ".join(f"CAST({name} IS NOT NULL AS int)" for name in _BLOOD) + ")"

CARE = (
    Check(
        "DT06", "dscg_time",
        warn="discharge_date >= admission_date AND (los_days <= {short_days} OR los_days > {long_days})",
        warn_message="住院天数不超过{short_days}天或超过{long_days}天，按当地规定不按DRG付费；"
        "请核对出入院时间(adm_time、dscg_time)",
        limits={"short_days": "2", "long_days": "60"},
        default_on=False,
    ),
    Check(
        "DT17", "scd_nurscare_days",
        warn="discharge_date >= admission_date AND nursing_days > los_days + 1",
        warn_message="护理天数(spga、lv1、scd、lv3_nurscare_days)之和超过住院天数加1天；请核对",
    ),
    Check(
        "DT18", "acp_optins_code",
        warn="discharge_way IN ('2', '3') AND acp_optins_code IS NULL",
        warn_message="离院方式(dscg_way)为转院或转社区而拟接收机构代码(acp_optins_code)为空；请补充",
    ),
    # The front page writes 1 for no and 2 for yes; where a platform writes 1 for yes, nothing is said. Assumed.
    Check(
        "DT19", "rinp_pup",
        warn="dscg31days_rinp_flag = '2' AND rinp_pup IS NULL",
        warn_message="出院31天内再住院计划(dscg31days_rinp_flag)为有而再住院目的(rinp_pup)为空；请补充",
    ),
    Check(
        "IC11", "bfadm_coma_days",
        warn="coma_before_minutes > 0 AND NOT regexp_matches(diagnosis_text, '(^| )S06')",
        warn_message="填有颅脑损伤入院前昏迷时长(bfadm_coma_days等)而没有颅内损伤诊断(S06)；请核对",
    ),
    Check(
        "IC12", "afadm_coma_days",
        warn="coma_after_minutes > 0 AND coma_after_minutes * 60 > stay_seconds",
        warn_message="颅脑损伤入院后昏迷时长(afadm_coma_days等)超过住院时长；请核对",
    ),
    Check(
        "NB04", "nwb_bir_wt",
        warn="regexp_matches(weight_texts, '[0-9][^0-9]*[^0-9.,][^0-9]*[0-9]')",
        warn_message="多个新生儿体重(nwb_bir_wt、mul_nwb_bir_wt等)须用半角逗号分隔；请更正",
    ),
    # Of several children of whom some were born dead the number is not in the code; no weight at all is not flagged.
    Check(
        "NB07", "mul_nwb_bir_wt",
        warn="(n_weights <> live_births AND NOT many_births) OR (n_weights < live_births AND many_births)",
        warn_message="分娩清单的新生儿体重个数(mul_nwb_bir_wt)与分娩结局诊断(Z37)的活产数不一致；请核对",
    ),
    Check(
        "BL01", "bld_amt",
        warn=f"{_BLOOD_GIVEN} > 0 AND {_BLOOD_GIVEN} < 3",
        warn_message="输血品种(bld_cat)、输血量(bld_amt)、计量单位(bld_unt)须同时填写或同时为空；请补齐",
    ),
    Check(
        "BL02", "bld_amt",
        warn=f"bld_amt IS NOT NULL AND (blood_amount IS NULL OR blood_amount <= 0 OR blood_amount > {MOST_BLOOD['ml']}"
        f" OR ({_UNIT} IN {among(*BLOOD_UNITS)} AND blood_amount > {MOST_BLOOD['unit']})"
        f" OR ({_UNIT} IN {among(*MILLILITRES)} AND blood_amount < {LEAST_MILLILITRES}))",
        warn_message="输血量(bld_amt)不是大于0的数字，或与计量单位(bld_unt)不相称；请核对输血量和单位",
    ),
    # Compared without division. The bounds are the region's to give; those written here are none.
    Check(
        "MN18", "medfee_sumamt",
        warn="total_cost < {least_yuan} * los_days OR total_cost > {most_yuan} * los_days",
        warn_message="日均费用(medfee_sumamt除以住院天数)低于{least_yuan}元或高于{most_yuan}元；请核对费用和出入院时间",
        limits={"least_yuan": "0", "most_yuan": "10000000"},
        default_on=False,
    ),
    Check(
        "XL13", "dscg_time",
        warn=f"discharge_date >= admission_date AND los_days <= 1 AND total_cost < {LOW_COST} AND n_procedures = 0"
        " AND examination_fee = 0 AND laboratory_fee = 0",
        warn_message=f"住院不超过1天、费用低于{LOW_COST}元且没有手术、检查和化验，疑为低标准入院；请核对入院指征",
    ),
)  # fmt: skip
