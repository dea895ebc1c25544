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
    """

    text: str
    formula: Formula
    fund: Formula | None = None
    needs: tuple[str, ...] = ()


METHODS: dict[str, Rule] = {
    "rate": Rule(
        "费率法：支付标准 = 权重 × 费率 × 系数",
        lambda case: formulas.pay_standard(case["relative_weight"], case["base_rate"], case["level_coefficient"]),
        needs=("level_coefficient",),
    ),
}

# By item the list stands as it was settled at the counter, whatever the convention: the standard is the cost, and the
# fund pays what it already owed by item. Neither the coefficient nor a ratio touches it.
PAYS: dict[str, Rule] = {
    "by_item": Rule(
        "按项目付费：结算标准 = 医疗总费用，基金按项目支付额支付",
        lambda case: case["total_cost"],
        fund=lambda case: case["basic_fund_payment"],
    ),
}

BASES: dict[str, Rule] = {
    "standard": Rule("以病组支付标准为基准", lambda case: case["price_exact"]),
    "group_mean": Rule("以病组次均费用为基准", lambda case: case["group_mean_cost"]),
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

NEGATIVE_RULES: dict[str, str] = {
    "kept": "基金支付为负时照负数冲减",
    "floor_at_zero": "基金支付为负时按零支付",
}

# Which day of a case selects its parameters.
POLICY_DATES: dict[str, str] = {
    "discharge_date": "按出院日期适用政策",
    "settlement_month": "按结算月首日适用政策",
}

# What can become of a case, in the order in which it is decided.
ROUTES = ("ambiguous", "ungrouped", "unpriced", "low_outlier", "high_outlier", "normal")

PRICED_ROUTES = ("low_outlier", "high_outlier", "normal")

# payment_kind of a route; a group nobody could weigh is paid like an ungrouped case, and the rule says so.
PAYMENT_KIND = {route: "ungrouped" if route == "unpriced" else route for route in ROUTES}

# The parameter that names the rule of a route.
PAYS_BY = {
    "ambiguous": "ambiguous.pays",
    "ungrouped": "ungrouped.pays",
    "unpriced": "unpriced.pays",
    "low_outlier": "outlier.low.pays",
    "high_outlier": "outlier.high.pays",
    "normal": "payment.method",
}


def column(parameter: str) -> str:
    """The name of a parameter as a fact of a case: dots become underscores."""
    return parameter.replace(".", "_")


def describe(rule: str) -> str:
    """A `rule` of case_payment in Chinese words, e.g. `outlier.low.by_item` or `rate+difference+floor_at_zero`."""
    words = []
    for part in rule.split("+"):
        route, _, name = part.rpartition(".")
        prefix = _ROUTE_WORDS.get(route, "")
        known = PAYS if route else {**METHODS, **FUND_RULES}
        text = known[name].text if name in known else NEGATIVE_RULES.get(name, part)
        words.append(prefix + text)
    return "；".join(words)


_ROUTE_WORDS = {
    "outlier.low": "低倍率病例，",
    "outlier.high": "高倍率病例，",
    "ungrouped": "未入组病例，",
    "ambiguous": "歧义组病例，",
    "unpriced": "病组无历史权重，按未入组处理，",
}
