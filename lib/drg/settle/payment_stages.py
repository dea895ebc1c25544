"""The stages from the price to the payment: which route, what it is worth, what the fund pays, what is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from drg.money import PRICE_DECIMALS
from drg.settle import formulas
from drg.settle.arithmetic import Arithmetic, Condition, Entry, Lazy
from drg.settle.common import BASE_DECIMALS, FUND_DECIMALS, STANDARD_DECIMALS, by_rule
from drg.settle.formulas import Amount
from drg.settle.rules import BASES, FACTORS, FUND_RULES, ROUTE_RULES, ROUTES, Facts, Rule, column


def route(a: Arithmetic, case: Facts) -> dict[str, Amount]:
    """Which way the case is paid: the first of `rules.ROUTES` that holds."""
    status, days = case["priced_status"], case["stay_days"]
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
        # A rule in proportion to the group's weight says nothing of a stay without one: its own route pays that.
        pays = case["stay_pays"]
        by_cost = a.either(pays == "by_item", a.either(pays == "actual_cost", pays == "cost_share"))
        return a.both(a.either(short, long), a.either(by_cost, a.known(case["normal_units"])))

    no = partial(a.flag, False)

    def on_application(rule: str, decided: str, taken: str = "on_application") -> Condition:
        return a.choose(rule, case[column(rule)], {"none": no, taken: lambda: case[decided]})

    day_surgery = a.listed("day_surgery.med_types", case["day_surgery_med_types"], case["med_type"])
    tariff = a.choose(
        "per_diem.rule",
        case["per_diem_rule"],
        {"none": a.nothing, "tariff": partial(_tariff, a, case), "points": partial(_tariff, a, case)},
    )
    ways: dict[str, Lazy] = {"as_inpatient": no, "no_low_outlier": no, "by_item": lambda: day_surgery}
    low_exempt: dict[str, Lazy] = {"as_inpatient": no, "no_low_outlier": lambda: day_surgery, "by_item": no}
    rule = case["day_surgery_rule"]
    mode = a.lookup("settlement.mode", case["settlement_modes"], [case["hospital_code"], yes("*")])
    holds: dict[str, Condition] = {
        "dry_run": a.both(a.known(mode), mode == "dry_run"),
        "dispute": on_application("dispute.rule", "dispute_repriced", "on_decision"),
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
        of_type = a.either(not entry["med_types"], a.begins_with_any(case["med_type"], entry["med_types"]))
        of_disease = a.either(
            not entry["diagnoses"], a.begins_with_any(case["principal_diagnosis"], entry["diagnoses"])
        )
        return a.both(a.both(of_type, of_disease), case["stay_days"] >= entry["min_days"])

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
    return {"fund_exact": a.hold(by_rule(a, "fund_payment.convention", FUND_RULES, case), FUND_DECIMALS)}


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
    """What a payment shows of its price: only where the case has one; points where the region pays by points.

    What a unit is worth is shown wherever it counted: a case without a group may be paid in units too.
    """

    def if_priced(value: Lazy) -> Amount:
        return a.where(a.known(case["price_exact"]), value, a.nothing)

    def if_worth(value: Lazy) -> Amount:
        counted = a.either(a.known(case["price_exact"]), a.known(case["payment_units"]))
        return a.where(counted, value, a.nothing)

    def points() -> Amount:
        in_points = lambda: a.rest(case["payment_units"] * case["point_scale"], PRICE_DECIMALS)  # noqa: E731
        return a.where(a.known(case["payment_units"]), in_points, a.nothing)

    by_points: dict[str, Lazy] = {"rate": a.nothing, "points": points}
    plain = ("relative_weight", "weight_source", "weight_version", "coefficient")
    rates = ("base_rate", "point_value", "point_scale", "rate_version")
    factors = tuple(f"{name}_coefficient" for name in FACTORS)
    return {
        **{name: if_priced(partial(case.__getitem__, name)) for name in (*plain, *factors)},
        **{name: if_worth(partial(case.__getitem__, name)) for name in rates},
        "points": a.choose("payment.method", case["payment_method"], by_points),
        "price": if_priced(lambda: a.fen(case["price_exact"])),
        "low_line": if_priced(lambda: a.fen(case["low_line_exact"])),
        "high_line": if_priced(lambda: a.fen(case["high_line_exact"])),
        "transfer": _transfer(a, case),
    }


def _transfer(a: Arithmetic, case: Facts) -> Amount:
    """Where a patient was transferred to (离院方式 2, 3), for review; no regional price of transfers is published."""
    way = case["discharge_way"]
    to_community = partial(a.where, way == "3", partial(a.text, "community"), a.nothing)
    return a.where(way == "2", partial(a.text, "hospital"), to_community)


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
    base = a.rest(by_rule(a, "outlier.high.base", BASES, case), BASE_DECIMALS)
    return a.quotient(case["drg_cost"], base)


def _deducted(a: Arithmetic, case: Facts) -> Amount:
    """What deducting leaves; below zero, where f > K / (K - 1), as the policy says."""
    share = a.quotient(case["drg_cost"], case["region_mean_cost"])
    units = formulas.deduct_units(case["relative_weight"], case["coefficient"], share, case["high_threshold"])
    floored = partial(a.where, units < 0, a.zero, lambda: units)
    return a.choose("deduct.negative", case["deduct_negative"], {"kept": lambda: units, "floor_at_zero": floored})


_DERIVED: dict[str, Callable[[Arithmetic, Facts], Amount]] = {
    "cost_over_mean": _over("drg_cost", "group_mean_cost"),
    "cost_over_mean_capped": _capped,
    "cost_over_region_mean": _over("drg_cost", "region_mean_cost"),
    "deducted_units": _deducted,
    "mean_over_region_mean": _over("group_mean_cost", "region_mean_cost"),
    "high_multiple": _multiple,
    "per_diem_amount": lambda a, case: case["per_diem_tariff"] * case["stay_days"],
    "per_diem_over_region_mean": lambda a, case: a.quotient(
        case["per_diem_tariff"] * case["stay_days"], case["region_mean_cost"]
    ),
}
