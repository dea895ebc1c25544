"""The rules a policy may choose by name. A new rule is a function of `formulas` and one entry here.

A policy names a rule (`outlier.high.pays: by_item`); a rule names the parameters it reads (`needs`), so that only what
a region's own rules need must be in its policy, and every payment can name what it rests on. A rule's formula takes
the facts of a case: a mapping from column names to Decimals or to Spark columns (parameters under their own names with
underscores for dots).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from drg.settle import formulas
from drg.settle.formulas import Amount

Facts = Mapping[str, Amount]
Formula = Callable[[Facts], Amount]


@dataclass(frozen=True)
class Rule:
    """One named rule.

    Attributes:
        text: what it does, in Chinese, for a reader of a payment.
        formula: its amount from the facts of a case.
        fund: the fund payment where the rule fixes it; None leaves it to `fund_payment.convention`.
        needs: parameters it reads.
        in_units: whether the amount is in units of weight (priced by rate or point value) and not in yuan.
    """

    text: str
    formula: Formula
    fund: Formula | None = None
    needs: tuple[str, ...] = ()
    in_units: bool = False


# What a unit of weight is worth.
METHODS: dict[str, Rule] = {
    "rate": Rule("费率法：支付标准 = 权重 × 系数 × 费率", lambda case: case["base_rate"]),
    "points": Rule(
        "点数法：支付标准 = 权重 × 点数基数 × 系数 × 点值",
        lambda case: formulas.unit_price_of_points(case["point_value"], case["point_scale"]),
        needs=("point.scale",),
    ),
}


def _units(text: str, formula: Formula, *needs: str) -> Rule:
    return Rule(text, formula, needs=needs, in_units=True)


# By item the list stands as it was settled at the counter, whatever the convention: the standard is the cost, and the
# fund pays what it already owed by item. Neither the coefficient nor a ratio touches it.
PAYS: dict[str, Rule] = {
    "by_item": Rule(
        "按项目付费：结算标准 = 医疗总费用，基金按项目支付额支付",
        lambda case: case["drg_cost"],
        fund=lambda case: case["basic_fund_payment"],
    ),
    "actual_cost": Rule("按实际费用：结算标准 = 医疗总费用，基金按支付口径支付", lambda case: case["drg_cost"]),
    "as_normal": _units(
        "按正常病例：权重 × 系数",
        lambda case: formulas.normal_units(case["relative_weight"], case["coefficient"]),
    ),
    "cost_share": _units(
        "按实际费用折算：费用 ÷ 地区次均费用，不乘系数",
        lambda case: formulas.cost_share_units(case["cost_over_region_mean"]),
    ),
    "mean_ratio": _units(
        "按费用比例：权重 × 费用 ÷ 病组次均费用，不乘系数",
        lambda case: formulas.mean_ratio_units(case["relative_weight"], case["cost_over_mean"]),
    ),
    "mean_ratio_with_coefficient": _units(
        "按费用比例：权重 × 费用 ÷ 病组次均费用 × 系数",
        lambda case: formulas.mean_ratio_units(case["relative_weight"], case["cost_over_mean"]) * case["coefficient"],
    ),
    "mean_ratio_capped": _units(
        "按费用比例：权重 × 费用 ÷ 病组次均费用，不超过基准点数",
        lambda case: formulas.mean_ratio_units(case["relative_weight"], case["cost_over_mean_capped"]),
    ),
    "linear_add": _units(
        "权重 × 系数 +（倍率 − 界值）× 权重，超出部分不乘系数",
        lambda case: formulas.linear_add_units(
            case["relative_weight"], case["coefficient"], case["high_multiple"], case["high_threshold"]
        ),
    ),
    "deduct": _units(
        "费用 ÷ 地区次均费用 −（界值 − 1）× 权重 × 系数",
        lambda case: case["deducted_units"],
        "deduct.negative",
    ),
    "cap": _units(
        "封顶：病组次均费用 ÷ 地区次均费用 × 界值 × 系数",
        lambda case: formulas.cap_units(case["mean_over_region_mean"], case["high_threshold"], case["coefficient"]),
    ),
    "excess_plus_one": _units(
        "（倍率 − 界值 + 1）× 权重 × 系数",
        lambda case: formulas.excess_plus_one_units(
            case["relative_weight"], case["coefficient"], case["high_multiple"], case["high_threshold"]
        ),
    ),
    "excess_plus_coefficient": _units(
        "（倍率 − 界值 + 系数）× 权重",
        lambda case: formulas.excess_plus_coefficient_units(
            case["relative_weight"], case["coefficient"], case["high_multiple"], case["high_threshold"]
        ),
    ),
}

# What a coefficient is made of; a policy lists the factors that count and their product is the coefficient.
FACTORS: dict[str, Rule] = {
    "level": Rule("等级系数", lambda case: case["level_coefficient"], needs=("level_coefficient",)),
    "institution": Rule("机构系数", lambda case: case["institution_coefficient"], needs=("institution_coefficient",)),
    "hospital_cost": Rule(
        "医院病组成本系数", lambda case: case["hospital_cost_coefficient"], needs=("weight.hospital_coefficient",)
    ),
    "bilateral": Rule(
        "双侧手术系数",
        lambda case: case["bilateral_coefficient"],
        needs=("bilateral.coefficient", "bilateral.procedures"),
    ),
}

# What the low line hangs on besides base and multiple.
LOW_LINES: dict[str, str] = {
    "plain": "低倍率线 = 基准 × 界值",
    "lower_of_coefficient": "低倍率线 = 基准 × 界值 × 系数与1中较小者",
}

# Which cases above the standard count as high outliers.
HIGH_SELECTIONS: dict[str, tuple[str, ...]] = {
    "threshold": ("outlier.high.threshold", "outlier.high.inclusive", "outlier.high.base"),
    "threshold_within_limit": (
        "outlier.high.threshold",
        "outlier.high.inclusive",
        "outlier.high.base",
        "outlier.high.limit_share",
        "outlier.high.limit_scope",
    ),
    "top_share": ("outlier.high.limit_share", "outlier.high.limit_scope"),
    "none": (),
}

# Stays paid by the day; "none" is no way of paying, so it stands in the policy alone.
PER_DIEM: dict[str, Rule] = {
    "tariff": Rule(
        "床日付费：住院天数 × 床日标准", lambda case: case["per_diem_amount"], needs=("per_diem.categories",)
    ),
    "points": Rule(
        "床日点数：住院天数 × 床日标准 ÷ 地区次均费用",
        lambda case: case["per_diem_over_region_mean"],
        needs=("per_diem.categories",),
        in_units=True,
    ),
}
PER_DIEM_RULES: dict[str, str] = {"none": "不设床日付费", **{name: rule.text for name, rule in PER_DIEM.items()}}

DAY_SURGERY: dict[str, Rule] = {"by_item": PAYS["by_item"]}
DAY_SURGERY_RULES: dict[str, str] = {
    "as_inpatient": "日间手术与住院同样付费",
    "no_low_outlier": "日间手术不作低倍率",
    "by_item": "日间手术按项目付费",
}

BASES: dict[str, Rule] = {
    "standard": Rule("以病组支付标准为基准", lambda case: case["price_exact"]),
    "group_mean": Rule("以病组次均费用为基准", lambda case: case["group_mean_cost"]),
    "weighted_region_mean": Rule(
        "以权重 × 地区次均费用为基准", lambda case: case["relative_weight"] * case["region_mean_cost"]
    ),
}

FUND_RULES: dict[str, Rule] = {
    "difference": Rule(
        "差额法：基金支付 = 结算标准 − 个人及其他基金已付",
        lambda case: formulas.fund_by_difference(case["standard"], case["patient_and_other_paid"]),
    ),
    "ratio": Rule(
        "比例法：基金支付 =（结算标准 − 全自费 − 超限价 − 先行自付 − 起付线）× 支付比例",
        lambda case: formulas.fund_by_ratio(
            case["standard"],
            case["full_self_pay"],
            case["over_limit_self_pay"],
            case["first_self_pay"],
            case["deductible"],
            case["fund_payment_ratio"],
        ),
        needs=("fund_payment.ratio",),
    ),
}

# Money distributed to hospitals without the patients' share is fund money already.
FUND_RULES["standard_is_fund"] = Rule("点值只分配基金：基金支付 = 结算标准", lambda case: case["standard"])

# Whether a hospital is paid by DRG already, or still as before while its prices are worked out beside it.
MODES: dict[str, str] = {
    "live": "按DRG付费",
    "dry_run": "空转试运行：列示病组支付标准，按原办法支付",
}

NEGATIVE_RULES: dict[str, str] = {
    "kept": "基金支付为负时照负数冲减",
    "floor_at_zero": "基金支付为负时按零支付",
}

# What deducting may come to where the coefficient is above K / (K - 1).
DEDUCTED_NEGATIVE: dict[str, str] = {
    "kept": "扣减后为负时照负数计",
    "floor_at_zero": "扣减后为负时按零计，点数不为负",
}

# How many days a stay counts: 住院天数 of the list (difference, at least 1), or one more for the day of admission.
DAY_COUNTS: dict[str, str] = {
    "difference": "出院日期减入院日期，当日出入院计1天",
    "difference_plus_one": "出院日期减入院日期加1",
}

# Which day of a case selects its parameters.
POLICY_DATES: dict[str, str] = {
    "discharge_date": "按出院日期适用政策",
    "settlement_month": "按结算月首日适用政策",
}

# What can become of a case, in the order in which it is decided.
ROUTES = (
    "dry_run",
    "dispute",
    "special_case",
    "excluded_case",
    "per_diem",
    "stay_outside",
    "day_surgery",
    "ambiguous",
    "ungrouped",
    "unstable",
    "unpriced",
    "low_outlier",
    "extreme_outlier",
    "high_outlier",
    "normal",
)

# Routes whose amount rests on weight and rate.
PRICED_ROUTES = ("low_outlier", "extreme_outlier", "high_outlier", "normal")

# payment_kind of a route; a group nobody could weigh is paid like an ungrouped case, and the rule says so.
PAYMENT_KIND = {route: "ungrouped" if route == "unpriced" else route for route in ROUTES}

# The parameter that names the rule of a route, and the rules it may name.
ROUTE_RULES: dict[str, tuple[str, Mapping[str, Rule]]] = {
    "dry_run": ("dry_run.pays", PAYS),
    "dispute": ("dispute.pays", PAYS),
    "special_case": ("special_case.pays", PAYS),
    "excluded_case": ("exclusion.pays", PAYS),
    "per_diem": ("per_diem.rule", PER_DIEM),
    "stay_outside": ("stay.pays", PAYS),
    "day_surgery": ("day_surgery.rule", DAY_SURGERY),
    "ambiguous": ("ambiguous.pays", PAYS),
    "ungrouped": ("ungrouped.pays", PAYS),
    "unpriced": ("unpriced.pays", PAYS),
    "unstable": ("unstable.pays", PAYS),
    "low_outlier": ("outlier.low.pays", PAYS),
    "extreme_outlier": ("outlier.extreme.pays", PAYS),
    "high_outlier": ("outlier.high.pays", PAYS),
    "normal": ("payment.method", METHODS),
}


def column(parameter: str) -> str:
    """The name of a parameter as a fact of a case: dots become underscores.

    Values looked up for a case (by group, hospital or weight) stand under a plural, the singular is what was found.
    """
    return _PLURALS.get(parameter, parameter.replace(".", "_"))


_PLURALS = {
    "settlement.mode": "settlement_modes",
    "level_coefficient": "level_coefficients",
    "institution_coefficient": "institution_coefficients",
    "bilateral.coefficient": "bilateral_coefficient_value",
    "override.addition": "override_additions",
    "override.fixed_price": "override_fixed_prices",
    "outlier.high.threshold": "outlier_high_thresholds",
}


def describe(rule: str) -> str:
    """A `rule` of case_payment in Chinese words, e.g. `outlier.low.by_item` or `rate+difference+floor_at_zero`."""
    words = []
    for part in rule.split("+"):
        route, _, name = part.rpartition(".")
        known: Mapping[str, Rule] = {**PAYS, **PER_DIEM} if route else {**METHODS, **FUND_RULES}
        text = known[name].text if name in known else NEGATIVE_RULES.get(name, part)
        words.append(_ROUTE_WORDS.get(route, "") + text)
    return "；".join(words)


_ROUTE_WORDS = {
    "dry_run": "空转试运行病例，",
    "outlier.low": "低倍率病例，",
    "outlier.high": "高倍率病例，",
    "outlier.extreme": "极高倍率病例，",
    "ungrouped": "未入组病例，",
    "ambiguous": "歧义组病例，",
    "unpriced": "病组无历史权重，按未入组处理，",
    "unstable": "非稳定病组病例，",
    "dispute": "争议处理病例，",
    "special_case": "特例单议病例，",
    "exclusion": "除外支付病例，",
    "stay": "住院天数在DRG付费范围外，",
    "per_diem": "床日付费病例，",
    "day_surgery": "日间手术病例，",
}
