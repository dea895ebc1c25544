"""The order of a settlement: each stage takes the facts of a case and adds some. Written once for Decimals and columns.

    price          支付标准      S = RW x rate x f, where the case has a group and the group a weight
    lines          高低倍率线    base x multiple
    route          支付类型      ambiguous, ungrouped, unpriced, low outlier, high outlier, normal: the first that holds
    standard       结算标准      what the rule of the route pays
    convention     基金支付口径   what the fund would pay for that standard under the region's convention
    fund_payment   统筹基金应付   the rule's own amount, or the convention's, negative ones as the policy says
    shown          列示          weight, rate, coefficient and lines only where they count

Facts are those of `CASE_FACTS` and of `drg.settle.case_parameters`. Amounts are exact until a stage puts one to rest
(`fen`); the lines a cost is compared with are exact as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from drg.settle import formulas
from drg.settle.arithmetic import Arithmetic, DecimalArithmetic, Lazy
from drg.settle.case_parameters import reason
from drg.settle.formulas import Amount
from drg.settle.rules import BASES, FUND_RULES, METHODS, PAYS, PAYS_BY, ROUTES, Facts, Rule, column

# Decimals of exact amounts: weight 4 + rate 2 + coefficient 4, and 4 more for a threshold; a fen x a ratio.
PRICE_DECIMALS = 10
LINE_DECIMALS = 14
FUND_DECIMALS = 6

CASE_FACTS = (
    "grouping_status",
    "relative_weight",
    "group_mean_cost",
    "total_cost",
    "basic_fund_payment",
    "full_self_pay",
    "over_limit_self_pay",
    "first_self_pay",
    "deductible",
)

Stage = Callable[[Arithmetic, Facts], dict[str, Amount]]


def price(a: Arithmetic, case: Facts) -> dict[str, Amount]:
    """S, exact; nothing for a case without a group, or whose group has no weight: never a weight of 0."""
    weighed = a.both(case["grouping_status"] == "grouped", a.known(case["relative_weight"]))
    product = partial(_chosen, a, "payment.method", METHODS, case)
    return {"price_exact": a.where(weighed, lambda: a.hold(product(), PRICE_DECIMALS), a.nothing)}


def lines(a: Arithmetic, case: Facts) -> dict[str, Amount]:
    """The low and the high line, exact."""

    def line(side: str) -> Amount:
        base = _chosen(a, f"outlier.{side}.base", BASES, case)
        return a.hold(formulas.outlier_line(base, case[column(f"outlier.{side}.threshold")]), LINE_DECIMALS)

    priced = a.known(case["price_exact"])
    return {f"{side}_line_exact": a.where(priced, partial(line, side), a.nothing) for side in ("low", "high")}


def route(a: Arithmetic, case: Facts) -> dict[str, Amount]:
    """Which way the case is paid. Whether a cost exactly on a line lies beyond it (含界值) is the policy's word."""
    status, cost = case["grouping_status"], case["total_cost"]

    def below() -> Any:
        line = case["low_line_exact"]
        return a.where(case["outlier_low_inclusive"], lambda: cost <= line, lambda: cost < line)

    def above() -> Any:
        line = case["high_line_exact"]
        return a.where(case["outlier_high_inclusive"], lambda: cost >= line, lambda: cost > line)

    normal = partial(a.text, "normal")
    high = lambda: a.where(above(), partial(a.text, "high_outlier"), normal)  # noqa: E731
    low = lambda: a.where(below(), partial(a.text, "low_outlier"), high)  # noqa: E731
    weighed = lambda: a.where(a.known(case["price_exact"]), low, partial(a.text, "unpriced"))  # noqa: E731
    grouped = lambda: a.where(status == "ungrouped", partial(a.text, "ungrouped"), weighed)  # noqa: E731
    return {"route": a.where(status == "ambiguous", partial(a.text, "ambiguous"), grouped)}


def standard(a: Arithmetic, case: Facts) -> dict[str, Amount]:
    """What the case is worth, what others paid of it, and the hospital's gain or loss, all at rest."""
    worth: dict[str, Lazy] = {
        name: partial(_chosen, a, PAYS_BY[name], PAYS, case) for name in ROUTES if name != "normal"
    }
    worth["normal"] = lambda: case["price_exact"]
    amount = a.fen(a.choose("route", case["route"], worth))
    others = formulas.patient_and_other_paid(case["total_cost"], case["basic_fund_payment"])
    return {
        "standard": amount,
        "patient_and_other_paid": a.fen(others),
        "gain_loss": a.fen(formulas.gain_loss(amount, case["total_cost"])),
    }


def convention(a: Arithmetic, case: Facts) -> dict[str, Amount]:
    """The fund's part of the standard at rest, so that a reader can work it out from the printed amounts."""
    return {"fund_exact": a.hold(_chosen(a, "fund_payment.convention", FUND_RULES, case), FUND_DECIMALS)}


def fund_payment(a: Arithmetic, case: Facts) -> dict[str, Amount]:
    """What the basic fund pays, at rest: the rule's own amount, or the convention's; and whether a floor acted."""
    exact = case["fund_exact"]

    def by_convention(kept: Lazy, floored: Lazy) -> Amount:
        ways = {"kept": kept, "floor_at_zero": floored}
        return a.choose("fund_payment.negative", case["fund_payment_negative"], ways)

    def of_route(own: Callable[[Rule], Amount], convention: Lazy) -> Amount:
        """`own` where the rule of the route fixes the fund's part, `convention` elsewhere."""

        def way(name: str) -> Amount:
            rules = {rule: partial(own, PAYS[rule]) if PAYS[rule].fund else convention for rule in PAYS}
            return a.choose(PAYS_BY[name], case[column(PAYS_BY[name])], rules)

        ways: dict[str, Lazy] = {name: partial(way, name) for name in ROUTES}
        ways["normal"] = convention
        return a.choose("route", case["route"], ways)

    no = partial(a.flag, False)
    amount = partial(by_convention, lambda: exact, lambda: a.where(exact < 0, a.zero, lambda: exact))
    return {
        "fund_payment": a.fen(of_route(lambda rule: rule.fund(case) if rule.fund else exact, amount)),
        "floored": of_route(lambda _: a.flag(False), partial(by_convention, no, lambda: exact < 0)),
    }


def shown(a: Arithmetic, case: Facts) -> dict[str, Amount]:
    """Weight, rate, coefficient, price and lines as a payment shows them: only where the case has a price."""

    def if_priced(value: Lazy) -> Amount:
        return a.where(a.known(case["price_exact"]), value, a.nothing)

    return {
        "relative_weight": if_priced(lambda: case["relative_weight"]),
        "weight_source": if_priced(lambda: case["weight_source"]),
        "weight_version": if_priced(lambda: case["weight_version"]),
        "base_rate": if_priced(lambda: case["base_rate"]),
        "rate_version": if_priced(lambda: case["rate_version"]),
        "coefficient": if_priced(lambda: case["level_coefficient"]),
        "price": if_priced(lambda: a.fen(case["price_exact"])),
        "low_line": if_priced(lambda: a.fen(case["low_line_exact"])),
        "high_line": if_priced(lambda: a.fen(case["high_line_exact"])),
    }


STAGES: tuple[Stage, ...] = (price, lines, route, standard, convention, fund_payment, shown)


def settle_one(case: Mapping[str, Any], parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Settle one case without Spark: all facts, the given ones and those each stage added.

    `case` holds `CASE_FACTS` (None where there is none); `parameters` one row of `drg.settle.case_parameters`. Amounts
    are Decimals in yuan. This is what the golden examples and `drg explain` go through.
    """
    arithmetic = DecimalArithmetic()
    facts: dict[str, Any] = {"weight_source": None, "weight_version": None, **parameters, **case}
    for stage in STAGES:
        facts.update(stage(arithmetic, facts))
    return facts | reason(parameters, facts["route"], facts["floored"])


def _chosen(a: Arithmetic, parameter: str, rules: Mapping[str, Rule], case: Facts) -> Amount:
    """The amount of the rule a policy chose for a parameter."""
    branches = {name: partial(rule.formula, case) for name, rule in rules.items()}
    return a.choose(parameter, case[column(parameter)], branches)
