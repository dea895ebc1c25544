"""The order of a settlement: each stage takes the facts of a case and adds some. Written once for Decimals and columns.

    priced_group   付费病组      the group that is priced: the case's own, or one of TCM advantage
    coefficient    系数          the product of the factors the policy lists; 1 for basic groups
    price          支付标准      units = RW x f, S = units x what a unit is worth; overrides of single groups
    lines          高低倍率线    base x multiple
    candidate      高倍率候选    above the high line, and by how much; who is admitted is ranked outside
    route          支付类型      the first that holds, in the order of `rules.ROUTES`
    standard       结算标准      what the rule of the route pays
    convention     基金支付口径   what the fund would pay for that standard under the region's convention
    fund_payment   统筹基金应付   the rule's own amount, or the convention's, negative ones as the policy says
    shown          列示          weight, rate, points, coefficient and lines only where they count

Facts are those of `CASE_FACTS` and of `drg.settle.case_parameters`. Amounts are exact until a stage puts one to rest:
the coefficient at 8 decimals, units of weight and lines at 12, money at the fen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import localcontext
from functools import partial
from typing import Any

from drg.money import COEFFICIENT_DECIMALS, PRICE_DECIMALS
from drg.settle import formulas
from drg.settle.arithmetic import Arithmetic, Condition, DecimalArithmetic, Entry, Lazy
from drg.settle.case_parameters import reason
from drg.settle.formulas import Amount
from drg.settle.rules import BASES, FACTORS, FUND_RULES, METHODS, ROUTE_RULES, ROUTES, Facts, Rule, column

# A standard: units of weight with 12 decimals x yuan a unit with 6; a fen x a ratio.
STANDARD_DECIMALS = PRICE_DECIMALS + 6
FUND_DECIMALS = 6
_BASE_DECIMALS = 4

# What a case brings, and what stands for it where nothing was delivered.
CASE_FACTS: dict[str, Any] = {
    "grouping_status": None,
    "drg": None,
    "hospital_code": None,
    "med_type": None,
    "los_days": None,
    "principal_diagnosis": None,
    "procedures": (),
    "total_cost": None,
    "basic_fund_payment": None,
    "full_self_pay": None,
    "over_limit_self_pay": None,
    "first_self_pay": None,
    "deductible": None,
    "treatment_fee": None,
    "surgery_fee": None,
    "consumables_fee": None,
    "western_drug_fee": None,
    "herbal_fee": None,
    "patent_drug_fee": None,
    "special_case": False,
    "excluded_case": False,
    "excluded_item_amount": None,
}
# What the tables of weights and the ranking of high outliers add.
JOINED_FACTS: dict[str, Any] = {
    "relative_weight": None,
    "group_mean_cost": None,
    "region_mean_cost": None,
    "stable": True,
    "weight_source": None,
    "weight_version": None,
    "hospital_cost_coefficient": None,
    "high_admitted": True,
}

Stage = Callable[[Arithmetic, Facts], dict[str, Amount]]


def priced_group(a: Arithmetic, case: Facts) -> dict[str, Amount]:
    """The group that is priced, and whether the case has one.

    A stay of a disease of TCM advantage (中医优势病种) is priced as the group of that disease; with less TCM than
    `tcm.min_ratio` of the treatment cost, compared unrounded, as its fall-back group.
    """

    def by_disease() -> Amount:
        def find(field: str) -> Amount:
            return a.first("tcm.diseases", case["tcm_diseases"], partial(_is_of_disease, a, case), field)

        fits = a.known(find("drg"))
        group = lambda: a.where(_enough_tcm(a, case), partial(find, "drg"), partial(find, "fallback_drg"))  # noqa: E731
        return a.where(fits, group, lambda: case["drg"])

    own = lambda: case["drg"]  # noqa: E731
    group = a.choose("tcm.rule", case["tcm_rule"], {"none": own, "by_disease": by_disease})
    moved = a.both(a.known(group), group != case["drg"])
    status = a.where(moved, partial(a.text, "grouped"), lambda: case["grouping_status"])
    return {"priced_drg": group, "priced_status": status}


def _is_of_disease(a: Arithmetic, case: Facts, disease: Entry) -> Condition:
    done = a.count_that(
        disease["procedure_classes"],
        lambda prefixes: a.count_that(case["procedures"], lambda code: a.begins_with_any(code, prefixes)) > 0,
    )
    listed = a.begins_with_any(case["principal_diagnosis"], disease["diagnoses"])
    long_enough = case["los_days"] >= disease["min_days"]
    return a.both(a.both(listed, long_enough), done >= disease["min_classes"])


def _enough_tcm(a: Arithmetic, case: Facts) -> Condition:
    """TCM share >= the policy's least; the list has one treatment fee, which counts as the policy says."""
    fee, is_tcm = case["treatment_fee"], case["tcm_treatment_fee_is"] == "tcm"
    tcm = case["herbal_fee"] + case["patent_drug_fee"] + a.where(is_tcm, lambda: fee, a.zero)
    western = case["surgery_fee"] + case["consumables_fee"] + case["western_drug_fee"]
    western = western + a.where(is_tcm, a.zero, lambda: fee)
    return tcm >= case["tcm_min_ratio"] * (tcm + western)


def coefficient(a: Arithmetic, case: Facts) -> dict[str, Amount]:
    """f, the product of the listed factors; each factor beside it, nothing where it does not count.

    A basic group (基础病组、基层病组) has one price at every hospital: 医保办发〔2020〕45号 四, 武医保药〔2022〕5号.
    """
    drg, adrg, rest = case["priced_drg"], a.adrg_of(case["priced_drg"]), a.text("*")
    hospital = [case["hospital_code"], rest]
    basic = a.either(
        a.listed("basic_groups", case["basic_groups"], drg), a.listed("basic_groups", case["basic_groups"], adrg)
    )
    level = a.lookup("level_coefficient", case["level_coefficients"], [drg, adrg, rest])
    institution = a.lookup("institution_coefficient", case["institution_coefficients"], hospital)
    values = {
        "level_coefficient": level,
        "institution_coefficient": institution,
        "hospital_cost_coefficient": _or_one(a, case["hospital_cost_coefficient"]),
        "bilateral_coefficient": a.where(_bilateral(a, case), lambda: case["bilateral_coefficient_value"], a.one),
    }
    found: dict[str, Amount] = {}
    product = a.one()
    for name, rule in FACTORS.items():
        own = f"{name}_coefficient"
        counts = a.listed("coefficient.factors", case["coefficient_factors"], name)
        if name != "bilateral":
            counts = a.both(counts, a.no(basic))
        value = partial(rule.formula, values)
        found[own] = a.where(counts, value, a.nothing)
        product = product * _or_one(a, found[own])
    return found | {"coefficient": a.rest(product, COEFFICIENT_DECIMALS, whole=2)}


def _or_one(a: Arithmetic, value: Amount) -> Amount:
    return a.where(a.known(value), lambda: value, a.one)


def _bilateral(a: Arithmetic, case: Facts) -> Condition:
    """Both sides in one stay: a listed procedure twice, or one that means both sides once."""

    def times(prefixes: Amount) -> Amount:
        return a.count_that(case["procedures"], lambda code: a.begins_with_any(code, prefixes))

    fits: Callable[[Entry], Condition] = lambda entry: a.either(  # noqa: E731
        times(entry["codes"]) >= 2, times(entry["both_sides"]) >= 1
    )
    return a.known(a.first("bilateral.procedures", case["bilateral_procedures"], fits, "title"))


def price(a: Arithmetic, case: Facts) -> dict[str, Amount]:
    """S, exact; nothing for a case without a group, or whose group has no weight: never a weight of 0.

    A fixed price (病组定额) takes the place of weight, coefficient and rate; an addition (病组加付) comes on top.
    """
    weighed = a.both(case["priced_status"] == "grouped", a.known(case["relative_weight"]))
    worth = _chosen(a, "payment.method", METHODS, case)
    keys = [case["priced_drg"], a.adrg_of(case["priced_drg"]), a.text("*")]

    def units() -> Amount:
        return a.hold(formulas.normal_units(case["relative_weight"], case["coefficient"]), PRICE_DECIMALS, whole=6)

    def plain() -> Amount:
        return a.hold(units() * a.hold(worth, 6), STANDARD_DECIMALS)

    def overridden() -> Amount:
        fixed = a.lookup("override.fixed_price", case["override_fixed_prices"], keys)
        added = a.lookup("override.addition", case["override_additions"], keys)
        more = lambda: a.hold(plain() + added, STANDARD_DECIMALS)  # noqa: E731
        by_weight = lambda: a.where(a.known(added), more, plain)  # noqa: E731
        return a.where(a.known(fixed), lambda: a.hold(fixed, STANDARD_DECIMALS), by_weight)

    applied = lambda: _or_zero(a, case["excluded_item_amount"])  # noqa: E731
    item = a.choose("exclusion.rule", case["exclusion_rule"], {"none": a.zero, "on_application": applied})
    chosen = partial(a.choose, "override.rule", case["override_rule"], {"none": plain, "by_group": overridden})
    return {
        "unit_worth": a.hold(worth, 6),
        "normal_units": a.where(weighed, units, a.nothing),
        "price_exact": a.where(weighed, chosen, a.nothing),
        "excluded_item": item,
        "drg_cost": case["total_cost"] - item,
    }


def _or_zero(a: Arithmetic, value: Amount) -> Amount:
    return a.where(a.known(value), lambda: value, a.zero)


def lines(a: Arithmetic, case: Facts) -> dict[str, Amount]:
    """The low, the high and the extreme line, and the threshold that serves the case's weight."""
    priced = a.known(case["price_exact"])

    def serves(step: Entry) -> Condition:
        return a.where(a.known(step["below"]), lambda: case["relative_weight"] < step["below"], partial(a.flag, True))

    find = partial(a.first, "outlier.high.threshold", case["outlier_high_thresholds"], serves, "value")
    threshold = a.where(priced, find, a.nothing)

    def line(side: str, multiple: Amount) -> Amount:
        base = a.hold(_chosen(a, f"outlier.{side}.base", BASES, case), STANDARD_DECIMALS)
        return a.rest(formulas.outlier_line(base, multiple), PRICE_DECIMALS)

    factor = case["coefficient"]
    lower = {
        "plain": lambda: case["outlier_low_threshold"],
        "lower_of_coefficient": lambda: case["outlier_low_threshold"] * a.where(factor < 1, lambda: factor, a.one),
    }
    low = lambda: line("low", a.choose("outlier.low.line", case["outlier_low_line"], lower))  # noqa: E731
    high, extreme = partial(line, "high", threshold), partial(line, "high", case["outlier_extreme_threshold"])
    return {
        "high_threshold": threshold,
        "low_line_exact": a.where(priced, low, a.nothing),
        "high_line_exact": a.where(a.both(priced, a.known(threshold)), high, a.nothing),
        "extreme_line_exact": a.where(a.both(priced, a.known(case["outlier_extreme_threshold"])), extreme, a.nothing),
    }


def candidate(a: Arithmetic, case: Facts) -> dict[str, Amount]:
    """Whether a cost lies beyond a line, on it counted as the policy says (含界值), and by how much above the standard.

    Where the policy limits how many cases may be high outliers, the candidates are ranked by this excess.
    """
    cost = case["drg_cost"]

    def beyond(line: str, inclusive: str, over: bool) -> Condition:
        with_line = (lambda: cost >= case[line]) if over else (lambda: cost <= case[line])
        without = (lambda: cost > case[line]) if over else (lambda: cost < case[line])
        judged = partial(a.where, case[inclusive], with_line, without)
        return a.where(a.known(case[line]), judged, partial(a.flag, False))

    low = beyond("low_line_exact", "outlier_low_inclusive", over=False)
    over_line = partial(beyond, "high_line_exact", "outlier_high_inclusive", over=True)
    above_standard = partial(
        a.where, a.known(case["price_exact"]), lambda: cost > case["price_exact"], partial(a.flag, False)
    )
    selected = a.choose(
        "outlier.high.selects",
        case["outlier_high_selects"],
        {
            "threshold": over_line,
            "threshold_within_limit": over_line,
            "top_share": above_standard,
            "none": partial(a.flag, False),
        },
    )
    ordinary = a.both(case["priced_status"] == "grouped", a.no(low))
    return {
        "is_low": low,
        "is_high": a.both(ordinary, selected),
        "is_extreme": a.both(ordinary, beyond("extreme_line_exact", "outlier_high_inclusive", over=True)),
        "high_excess": a.where(
            a.known(case["price_exact"]),
            lambda: a.fen(a.rest(cost - case["price_exact"], STANDARD_DECIMALS)),
            a.nothing,
        ),
    }


def route(a: Arithmetic, case: Facts) -> dict[str, Amount]:
    """Which way the case is paid: the first of `rules.ROUTES` that holds."""
    status, days = case["priced_status"], case["los_days"]
    yes = a.text

    def outside() -> Condition:
        short = a.where(
            case["stay_short_inclusive"],
            lambda: days <= case["stay_short_days"],
            lambda: days < case["stay_short_days"],
        )
        long = a.where(
            case["stay_long_inclusive"], lambda: days >= case["stay_long_days"], lambda: days > case["stay_long_days"]
        )
        return a.either(short, long)

    no = partial(a.flag, False)

    def on_application(rule: str, decided: str) -> Condition:
        return a.choose(rule, case[column(rule)], {"none": no, "on_application": lambda: case[decided]})

    day_surgery = a.listed("day_surgery.med_types", case["day_surgery_med_types"], case["med_type"])
    tariff = a.choose(
        "per_diem.rule",
        case["per_diem_rule"],
        {"none": a.nothing, "tariff": partial(_tariff, a, case), "points": partial(_tariff, a, case)},
    )
    ways: dict[str, Lazy] = {"as_inpatient": no, "no_low_outlier": no, "by_item": lambda: day_surgery}
    low_exempt: dict[str, Lazy] = {"as_inpatient": no, "no_low_outlier": lambda: day_surgery, "by_item": no}
    rule = case["day_surgery_rule"]
    holds: dict[str, Condition] = {
        "special_case": on_application("special_case.rule", "special_case"),
        "excluded_case": on_application("exclusion.rule", "excluded_case"),
        "per_diem": a.known(tariff),
        "stay_outside": a.choose("stay.rule", case["stay_rule"], {"none": no, "outside_drg": outside}),
        "day_surgery": a.choose("day_surgery.rule", rule, ways),
        "ambiguous": status == "ambiguous",
        "ungrouped": status == "ungrouped",
        "unstable": a.no(case["stable"]),
        "unpriced": a.no(a.known(case["price_exact"])),
        "low_outlier": a.both(case["is_low"], a.no(a.choose("day_surgery.rule", rule, low_exempt))),
        "extreme_outlier": case["is_extreme"],
        "high_outlier": a.both(case["is_high"], case["high_admitted"]),
    }
    way: Lazy = partial(yes, "normal")
    for name in reversed(ROUTES[:-1]):
        way = partial(a.where, holds[name], partial(yes, name), way)
    return {"per_diem_tariff": tariff, "route": way()}


def _tariff(a: Arithmetic, case: Facts) -> Amount:
    """Yuan a day of the first category of stays paid by the day that fits."""

    def fits(entry: Entry) -> Condition:
        of_type = a.either(a.size(entry["med_types"]) == 0, a.begins_with_any(case["med_type"], entry["med_types"]))
        of_disease = a.either(
            a.size(entry["diagnoses"]) == 0, a.begins_with_any(case["principal_diagnosis"], entry["diagnoses"])
        )
        return a.both(a.both(of_type, of_disease), case["los_days"] >= entry["min_days"])

    return a.first("per_diem.categories", case["per_diem_categories"], fits, "tariff")


def standard(a: Arithmetic, case: Facts) -> dict[str, Amount]:
    """What the case is worth, in units and at rest in yuan, what others paid of it, and the hospital's gain or loss.

    An item paid outside DRG (除外支付) comes on top of the standard at its cost and is left out of the cost before.
    """
    facts = Derived(a, case)

    def amount(rule: Rule) -> Amount:
        if not rule.in_units:
            return rule.formula(facts)
        return a.rest(rule.formula(facts), PRICE_DECIMALS, whole=6) * case["unit_worth"]

    def units(rule: Rule) -> Amount:
        return a.rest(rule.formula(facts), PRICE_DECIMALS, whole=6) if rule.in_units else a.nothing()

    def of_route(each: Callable[[Rule], Amount], normal: Lazy) -> Amount:
        ways: dict[str, Lazy] = {"normal": normal}
        for name, (parameter, rules) in ROUTE_RULES.items():
            if name != "normal":
                branches = {rule: partial(each, rules[rule]) for rule in rules}
                ways[name] = partial(a.choose, parameter, case[column(parameter)], branches)
        return a.choose("route", case["route"], ways)

    no = partial(a.flag, False)
    changed = lambda: case["price_exact"] != _plain_price(a, case)  # noqa: E731
    by_group = partial(a.where, a.known(case["normal_units"]), changed, no)
    overridden = a.choose("override.rule", case["override_rule"], {"none": no, "by_group": by_group})
    own_units = lambda: a.where(overridden, a.nothing, lambda: case["normal_units"])  # noqa: E731
    worth = of_route(amount, lambda: case["price_exact"])
    at_rest = a.fen(a.rest(worth, STANDARD_DECIMALS) + case["excluded_item"])
    others = formulas.patient_and_other_paid(case["total_cost"], case["basic_fund_payment"])
    return {
        "payment_units": of_route(units, own_units),
        "standard": at_rest,
        "patient_and_other_paid": a.fen(others),
        "gain_loss": a.fen(formulas.gain_loss(at_rest, case["total_cost"])),
    }


def _plain_price(a: Arithmetic, case: Facts) -> Amount:
    return a.hold(case["normal_units"] * case["unit_worth"], STANDARD_DECIMALS)


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
        ways: dict[str, Lazy] = {}
        for name, (parameter, rules) in ROUTE_RULES.items():
            branches = {rule: partial(own, rules[rule]) if rules[rule].fund else convention for rule in rules}
            ways[name] = partial(a.choose, parameter, case[column(parameter)], branches)
        return a.choose("route", case["route"], ways)

    no = partial(a.flag, False)
    amount = partial(by_convention, lambda: exact, lambda: a.where(exact < 0, a.zero, lambda: exact))
    return {
        "fund_payment": a.fen(of_route(lambda rule: rule.fund(case) if rule.fund else exact, amount)),
        "floored": of_route(lambda _: a.flag(False), partial(by_convention, no, lambda: exact < 0)),
    }


def shown(a: Arithmetic, case: Facts) -> dict[str, Amount]:
    """What a payment shows of its price: only where the case has one; points where the region pays by points."""

    def if_priced(value: Lazy) -> Amount:
        return a.where(a.known(case["price_exact"]), value, a.nothing)

    def points() -> Amount:
        in_points = lambda: a.rest(case["payment_units"] * case["point_scale"], PRICE_DECIMALS)  # noqa: E731
        return a.where(a.known(case["payment_units"]), in_points, a.nothing)

    by_points: dict[str, Lazy] = {"rate": a.nothing, "points": points}
    plain = ("relative_weight", "weight_source", "weight_version", "coefficient")
    rates = ("base_rate", "point_value", "point_scale", "rate_version")
    factors = tuple(f"{name}_coefficient" for name in FACTORS)
    return {
        **{name: if_priced(partial(case.__getitem__, name)) for name in (*plain, *rates, *factors)},
        "points": a.choose("payment.method", case["payment_method"], by_points),
        "price": if_priced(lambda: a.fen(case["price_exact"])),
        "low_line": if_priced(lambda: a.fen(case["low_line_exact"])),
        "high_line": if_priced(lambda: a.fen(case["high_line_exact"])),
    }


# Before the weights are known, up to the ranking of high outliers, and from there on.
GROUP_STAGES: tuple[Stage, ...] = (priced_group,)
PRICE_STAGES: tuple[Stage, ...] = (coefficient, price, lines, candidate)
PAYMENT_STAGES: tuple[Stage, ...] = (route, standard, convention, fund_payment, shown)
STAGES: tuple[Stage, ...] = (*GROUP_STAGES, *PRICE_STAGES, *PAYMENT_STAGES)


class Derived(Mapping[str, Amount]):
    """The facts of a case and those that only some rules ask for, worked out when one does."""

    def __init__(self, a: Arithmetic, case: Facts):
        self._a = a
        self._case = case

    def __getitem__(self, name: str) -> Amount:
        return _DERIVED[name](self._a, self._case) if name in _DERIVED else self._case[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._case)

    def __len__(self) -> int:
        return len(self._case)


def _over(dividend: str, divisor: str) -> Callable[[Arithmetic, Facts], Amount]:
    return lambda a, case: a.quotient(case[dividend], case[divisor])


def _capped(a: Arithmetic, case: Facts) -> Amount:
    ratio = a.quotient(case["drg_cost"], case["group_mean_cost"])
    return a.where(ratio < 1, lambda: ratio, a.one)


def _multiple(a: Arithmetic, case: Facts) -> Amount:
    """R = C / base of the high line; the base at 4 decimals."""
    base = a.rest(_chosen(a, "outlier.high.base", BASES, case), _BASE_DECIMALS)
    return a.quotient(case["drg_cost"], base)


_DERIVED: dict[str, Callable[[Arithmetic, Facts], Amount]] = {
    "cost_over_mean": _over("drg_cost", "group_mean_cost"),
    "cost_over_mean_capped": _capped,
    "cost_over_region_mean": _over("drg_cost", "region_mean_cost"),
    "mean_over_region_mean": _over("group_mean_cost", "region_mean_cost"),
    "high_multiple": _multiple,
    "per_diem_amount": lambda a, case: case["per_diem_tariff"] * case["los_days"],
    "per_diem_over_region_mean": lambda a, case: a.quotient(
        case["per_diem_tariff"] * case["los_days"], case["region_mean_cost"]
    ),
}


def settle_one(case: Mapping[str, Any], parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Settle one case without Spark: all facts, the given ones and those each stage added.

    `case` holds `CASE_FACTS` and `JOINED_FACTS` (what is left out stands as it says there); `parameters` one row of
    `drg.settle.case_parameters`. Amounts are Decimals in yuan. This is what the golden examples, `drg price` and
    `drg explain` go through.
    """
    arithmetic = DecimalArithmetic()
    facts: dict[str, Any] = {**CASE_FACTS, **JOINED_FACTS, **parameters, **case}
    with localcontext(prec=80):  # exact products: Python's own 28 digits would round in silence
        for stage in STAGES:
            facts.update(stage(arithmetic, facts))
    return facts | reason(parameters, facts["route"], facts["floored"])


def priced_group_of(case: Mapping[str, Any], parameters: Mapping[str, Any]) -> str | None:
    """The group whose weight prices a case, before any weight is known."""
    found = priced_group(DecimalArithmetic(), {**CASE_FACTS, **parameters, **case})
    return str(found["priced_drg"]) if found["priced_drg"] is not None else None


def _chosen(a: Arithmetic, parameter: str, rules: Mapping[str, Rule], case: Facts) -> Amount:
    """The amount of the rule a policy chose for a parameter."""
    branches = {name: partial(rule.formula, case) for name, rule in rules.items()}
    return a.choose(parameter, case[column(parameter)], branches)
