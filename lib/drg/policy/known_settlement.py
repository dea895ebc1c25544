"""The known parameters of a case's payment: route, coefficient, outliers, fund payment (病例支付)."""

from __future__ import annotations

from decimal import Decimal

from drg.policy.known import (
    DRG,
    DRG_FUND_LEVEL,
    FUND_LEVEL,
    HOSPITAL,
    LEVEL,
    entries,
    flag,
    integer,
    number,
    rule,
)
from drg.policy.records import BilateralProcedure, ExcludedItem, PerDiemCategory, TcmDisease
from drg.policy.values import Parameter
from drg.settle.rules import (
    BASES,
    DAY_COUNTS,
    DAY_SURGERY_RULES,
    DEDUCTED_NEGATIVE,
    FACTORS,
    FUND_RULES,
    HIGH_SELECTIONS,
    LOW_LINES,
    MODES,
    NEGATIVE_RULES,
    PAYS,
    PER_DIEM_RULES,
)

SETTLEMENT: tuple[Parameter, ...] = (
    # 空转与正式运行
    rule("settlement.mode", "空转或正式付费", *MODES, by=HOSPITAL),
    rule("dry_run.pays", "空转期间支付规则", *PAYS),
    # 系数
    Parameter(name="coefficient.factors", title="系数构成", kind="names", unit="rule", names=tuple(FACTORS)),
    number("level_coefficient", "等级系数", "ratio", 3, above=0, by=DRG_FUND_LEVEL),
    number("institution_coefficient", "机构系数", "ratio", 3, above=0, by=HOSPITAL),
    Parameter(name="basic_groups", title="基础病组", kind="names", unit="drg"),
    number("bilateral.coefficient", "双侧手术系数", "ratio", 3, least=1),
    entries("bilateral.procedures", "双侧手术目录", BilateralProcedure),
    # 一口价与加减
    rule("override.rule", "病组单列支付", "none", "by_group"),
    number("override.addition", "病组加付", "yuan", 1000000, decimals=2, by=DRG),
    number("override.fixed_price", "病组定额", "yuan", 1000000, above=0, decimals=2, by=DRG),
    # 支付范围
    rule("stay.day_count", "住院天数计算", *DAY_COUNTS),
    rule("stay.rule", "住院天数除外", "none", "outside_drg"),
    integer("stay.short_days", "短住院天数", "days", 30),
    flag("stay.short_inclusive", "短住院含界值"),
    integer("stay.long_days", "长住院天数", "days", 3650, least=1),
    flag("stay.long_inclusive", "长住院含界值"),
    rule("stay.pays", "天数除外病例支付规则", *PAYS),
    rule("per_diem.rule", "床日付费", *PER_DIEM_RULES),
    entries("per_diem.categories", "床日付费类别", PerDiemCategory),
    rule("day_surgery.rule", "日间手术", *DAY_SURGERY_RULES),
    Parameter(name="day_surgery.med_types", title="日间手术医疗类别", kind="names", unit="code"),
    rule("tcm.rule", "中医优势病种", "none", "by_disease"),
    entries("tcm.diseases", "中医优势病种目录", TcmDisease),
    # The list holds one fee for all treatment, Western and Chinese.
    rule("tcm.treatment_fee_is", "治疗费归类", "tcm", "western"),
    number("tcm.min_ratio", "中医占比下限", "share", 1),
    rule("exclusion.rule", "除外支付", "none", "on_application"),
    entries("exclusion.items", "除外支付目录", ExcludedItem),
    integer("exclusion.new_years", "除外项目新增年限", "years", 20, least=1),
    integer("exclusion.min_insured_cases", "除外项目最少参保病例数", "cases", 100000, least=1),
    rule("exclusion.pays", "除外支付病例支付规则", *PAYS),
    rule("dispute.rule", "争议处理", "none", "on_decision"),
    rule("dispute.pays", "争议处理病例支付规则", *PAYS),
    rule("special_case.rule", "特例单议", "none", "on_application"),
    rule("special_case.pays", "特例单议病例支付规则", *PAYS),
    number("special_case.quota_share", "特例单议申报比例", "share", 1, by=LEVEL),
    rule("special_case.quota_period", "特例单议申报比例的统计期", "month", "year"),
    # 高低倍率
    number("outlier.low.threshold", "低倍率界值", "multiple", "0.9999", above=0, by=LEVEL),
    flag("outlier.low.inclusive", "低倍率含界值"),
    rule("outlier.low.base", "低倍率基准", *BASES),
    rule("outlier.low.line", "低倍率线", *LOW_LINES),
    rule("outlier.low.pays", "低倍率支付规则", *PAYS),
    rule("outlier.high.selects", "高倍率认定", *HIGH_SELECTIONS),
    Parameter(
        name="outlier.high.threshold",
        title="高倍率界值",
        kind="stepped",
        unit="multiple",
        above=Decimal(1),
        most=Decimal(20),
        by=LEVEL,
    ),
    flag("outlier.high.inclusive", "高倍率含界值"),
    rule("outlier.high.base", "高倍率基准", *BASES),
    number("outlier.high.limit_share", "高倍率病例占比上限", "share", "0.2", above=0),
    rule("outlier.high.limit_scope", "高倍率占比的统计范围", "region", "hospital"),
    rule("outlier.high.pays", "高倍率支付规则", *PAYS),
    rule("deduct.negative", "扣减后为负时", *DEDUCTED_NEGATIVE),
    rule("outlier.extreme.rule", "极高倍率", "none", "threshold"),
    number("outlier.extreme.threshold", "极高倍率界值", "multiple", 100, above=1, by=LEVEL),
    rule("outlier.extreme.pays", "极高倍率支付规则", *PAYS),
    # 未入组、歧义组、无权重与非稳定病组
    rule("ungrouped.pays", "未入组病例支付规则", *PAYS),
    rule("ambiguous.pays", "歧义组病例支付规则", *PAYS),
    rule("unpriced.pays", "无权重病组支付规则", *PAYS),
    rule("unstable.pays", "非稳定病组支付规则", *PAYS),
    # 基金支付
    rule("fund_payment.convention", "基金支付口径", *FUND_RULES),
    rule("fund_payment.negative", "基金支付为负时", *NEGATIVE_RULES),
    number("fund_payment.ratio", "政策范围内支付比例", "share", 1, above=0, by=FUND_LEVEL),
)
