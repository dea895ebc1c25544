"""The known parameters of groups and weights (分组、权重)."""

from __future__ import annotations

from drg.policy.known import DRG_LEVEL, LEVEL, entries, flag, integer, number, rule, yuan
from drg.policy.records import LocalGroup, WeightAdjustment
from drg.policy.values import Parameter
from drg.settle.rules import POLICY_DATES

WEIGHTS: tuple[Parameter, ...] = (
    Parameter(name="scheme", title="分组方案", kind="name", unit="scheme"),
    # Read for the first day of the settlement month, since it decides which day the others are read for.
    rule("policy_date", "政策适用日期", *POLICY_DATES),
    entries("local_groups", "本地细分组", LocalGroup),
    Parameter(name="weight.years", title="权重测算年度及年度权数", kind="years", unit="year_weights"),
    Parameter(name="weight.history_levels", title="计入历史数据的医院级别", kind="names", unit="level"),
    rule("weight.years_reading", "年度加权方式", "mean_of_yearly_means", "weighted_cases"),
    rule("weight.trimming.method", "费用裁剪方法", "none", "iqr", "three_sd", "percentile", "multiple"),
    number("weight.trimming.multiplier", "四分位距倍数", "multiple", 10, above=0, decimals=2),
    number("weight.trimming.low_share", "百分位裁剪下限", "share", "0.5", decimals=4),
    number("weight.trimming.high_share", "百分位裁剪上限", "share", 1, above="0.5", decimals=4),
    integer("weight.trimming.min_cases", "百分位裁剪最少病例数", "cases", 1000, least=1),
    number("weight.trimming.low_multiple", "倍率裁剪下限", "multiple", "0.9999", above=0),
    number("weight.trimming.high_multiple", "倍率裁剪上限", "multiple", 100, above=1),
    rule("weight.base", "权重基准", "region_mean", "fixed_yuan", "reference_group"),
    yuan("weight.base_yuan", "标准定额"),
    Parameter(name="weight.base_group", title="基准病组", kind="name", unit="drg"),
    integer("weight.min_cases", "稳定病组最少病例数", "cases", 1000, least=1),
    number("weight.unstable_cv", "非稳定病组变异系数界值", "ratio", 10, above=0),
    rule("weight.fallback", "病例数不足时的权重来源", "province", "unstable"),
    Parameter(name="weight.level_class", title="权重分级", kind="name", unit="class", by=LEVEL),
    rule("weight.basis", "权重来源", "computed", "published"),
    number("weight.published", "公布的权重", "ratio", 1000, above=0, by=DRG_LEVEL),
    yuan("weight.published_mean", "公布的病组次均费用", 4, by=DRG_LEVEL),
    yuan("weight.published_region_mean", "公布的地区次均费用", 4),
    rule("weight.structure.rule", "费用结构调整", "none", "five_parts"),
    number("weight.structure.factor", "费用结构调整系数", "ratio", 3, above=0, by=("cost_part",)),
    entries("weight.adjustments", "权重调整", WeightAdjustment),
    flag("weight.hold_total", "总权重保持不变"),
    rule("weight.release", "权重费率版本公布方式", "automatic", "on_approval"),
    rule("weight.hospital_coefficient", "医院病组成本系数", "none", "cost_ratio"),
)
