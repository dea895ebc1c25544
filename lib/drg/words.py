"""The Chinese words a reader meets for the codes in the tables; one place, so that every output says the
same.
"""

from __future__ import annotations

FUND = {"310": "职工医保", "390": "居民医保"}
FUND_ENGLISH = {"310": "employee", "390": "resident"}
HOSPITAL_LEVEL = {"1": "一级", "2": "二级", "3": "三级"}
PAYMENT_KIND = {
    "normal": "正常倍率",
    "low_outlier": "低倍率",
    "high_outlier": "高倍率",
    "extreme_outlier": "极高倍率",
    "ambiguous": "歧义组",
    "ungrouped": "未入组",
    "unstable": "非稳定病组",
    "dispute": "争议处理",
    "special_case": "特例单议",
    "excluded_case": "除外支付",
    "per_diem": "床日付费",
    "stay_outside": "住院天数除外",
    "day_surgery": "日间手术",
    "dry_run": "空转试运行",
}
DISPUTE_SUBJECT = {"grouping": "分组", "payment": "支付标准和费用", "other": "其他"}
DISPUTE_STATE = {"filed": "已申诉", "accepted": "已受理", "refused": "不予受理", "decided": "已裁定"}
DISPUTE_DECISION = {"upheld": "支持医院", "dismissed": "不支持医院"}
DISPUTE_RULING = {"repriced": "重新计价", "regrouped": "改组付费"}
ADJUSTMENT_REASON = {"late": "清算后补报", "corrected": "清算后更正", "withdrawn": "清算后撤销", "dispute": "争议裁定"}
TRANSFER = {"hospital": "医嘱转院", "community": "医嘱转社区卫生服务机构、乡镇卫生院"}
METHOD = {"rate": "费率法", "points": "点数法"}
RATE_SOURCE = {"budget": "预算测算", "published": "公布"}
MONTH_POOL = {"twelfth": "全年的十二分之一", "days": "全年按当月天数"}
MONTH_COUNTS = {"standard": "结算标准", "fund_payment": "统筹基金应付"}
LEVEL_CLASS = {"all": "全部等级", **HOSPITAL_LEVEL}
GROUPING_STATUS = {"grouped": "入组", "ambiguous": "歧义（QY）", "ungrouped": "未入组（0000）"}
CC_LEVEL = {"MCC": "严重并发症或合并症（MCC）", "CC": "一般并发症或合并症（CC）", "none": "无并发症或合并症"}
WEIGHT_SOURCE = {"region": "本统筹区", "province": "全省", "published": "公布", "none": "无权重"}
STANDING = {"published": "公布", "as_implemented": "按公开实现", "assumed": "假定"}
REASON_KIND = {
    "unreadable": "无法读取",
    "superseded": "已被更正替代",
    "duplicate": "重复上报",
    "reversal": "冲销记录",
    "reversed": "已被冲销",
    "failed_check": "未通过校验",
}
FINDING_DEGREE = {"hold": "暂缓", "warn": "提示"}
FINDING_MEASURE = {"share": "比例", "lists": "清单数"}
NO_HOSPITAL = {"unknown": "无法识别医疗机构"}
ACCOUNT_LINE = {"local_stays": "本地住院", "cross_region_stays": "省内异地住院", "adjustments": "清算后差额"}

_BY_COLUMN = {
    "fund": FUND,
    "hospital_level": HOSPITAL_LEVEL,
    "payment_kind": PAYMENT_KIND,
    "grouping_status": GROUPING_STATUS,
    "weight_source": WEIGHT_SOURCE,
    "standing": STANDING,
    "reason_kind": REASON_KIND,
    "hospital_code": NO_HOSPITAL,
    "degree": FINDING_DEGREE,
    "measure": FINDING_MEASURE,
    "line": ACCOUNT_LINE,
    "transfer": TRANSFER,
    "method": METHOD,
    "rate_source": RATE_SOURCE,
    "dealt": MONTH_POOL,
    "counts": MONTH_COUNTS,
    "level_class": LEVEL_CLASS,
    "subject": DISPUTE_SUBJECT,
    "state": DISPUTE_STATE,
    "decision": DISPUTE_DECISION,
    "ruling": DISPUTE_RULING,
    "reason": ADJUSTMENT_REASON,
}


def word(column: str, code: str | None) -> str:
    """The Chinese word for a code of a column; the code itself where there is no word for it."""
    if code is None:
        return "—"
    return _BY_COLUMN.get(column, {}).get(code, code)
