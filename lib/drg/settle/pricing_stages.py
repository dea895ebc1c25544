"""The stages up to the price: which group, which coefficient, which standard, which lines, and who lies beyond them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from drg.money import COEFFICIENT_DECIMALS, PRICE_DECIMALS
from drg.settle import formulas
from drg.settle.arithmetic import Arithmetic, Condition, Entry
from drg.settle.common import STANDARD_DECIMALS, by_rule, or_zero
from drg.settle.formulas import Amount
from drg.settle.rules import BASES, FACTORS, METHODS, Facts


def priced_group(a: Arithmetic, case: Facts) -> dict[str, Amount]:
    """The group that is priced, and whether the case has one; the days the stay counts, where a rule asks for them.

    A case regrouped by a dispute that was upheld is priced as the group it names, whatever follows. A case with a local
    sub-group (本地细分组) is priced as that. A stay of a disease of TCM advantage (中医优势病种) is
    priced as the group of that disease; with less TCM than `tcm.min_ratio` of the treatment cost, compared unrounded,
    as its fall-back group.
    """
    days = stay_days(a, case)

    def by_disease() -> Amount:
        def find(field: str) -> Amount:
            return a.first("tcm.diseases", case["tcm_diseases"], partial(_is_of_disease, a, case, days), field)

        fits = a.known(find("drg"))
        group = lambda: a.where(_enough_tcm(a, case), partial(find, "drg"), partial(find, "fallback_drg"))  # noqa: E731
        return a.where(fits, group, own)

    def own() -> Amount:
        return a.where(a.known(case["local_group"]), lambda: case["local_group"], lambda: case["drg"])

    found = a.choose("tcm.rule", case["tcm_rule"], {"none": own, "by_disease": by_disease})
    regrouped = lambda: a.where(a.known(case["dispute_drg"]), lambda: case["dispute_drg"], lambda: found)  # noqa: E731
    group = a.choose("dispute.rule", case["dispute_rule"], {"none": lambda: found, "on_decision": regrouped})
    moved = a.both(a.known(group), group != case["drg"])
    status = a.where(moved, partial(a.text, "grouped"), lambda: case["grouping_status"])
    return {"priced_drg": group, "priced_status": status, "stay_days": days}


def stay_days(a: Arithmetic, case: Facts) -> Amount:
    """The days a stay counts (`stay.day_count`); a stay that began and ended on one day counts 1 either way.

    A case described without dates began the day before or earlier.
    """
    days, admitted = case["los_days"], case["admission_date"]

    def with_day_of_admission() -> Amount:
        same_day = a.both(a.known(admitted), admitted == case["discharge_date"])
        return a.where(same_day, lambda: days, lambda: days + 1)

    ways = {"difference": lambda: days, "difference_plus_one": with_day_of_admission}
    return a.choose("stay.day_count", case["stay_day_count"], ways)


def _is_of_disease(a: Arithmetic, case: Facts, days: Amount, disease: Entry) -> Condition:
    done = a.count_that(
        disease["procedure_classes"],
        lambda prefixes: a.count_starting(case["procedures"], prefixes) > 0,
    )
    listed = a.begins_with_any(case["principal_diagnosis"], disease["diagnoses"])
    long_enough = days >= disease["min_days"]
    return a.both(a.both(listed, long_enough), done >= disease["min_classes"])


def _enough_tcm(a: Arithmetic, case: Facts) -> Condition:
    """TCM share >= the policy's least; the list has one treatment fee, which counts as the policy says.

    A stay without any such fee has no share of TCM.
    """
    fee, is_tcm = case["treatment_fee"], case["tcm_treatment_fee_is"] == "tcm"
    tcm = case["herbal_fee"] + case["patent_drug_fee"] + a.where(is_tcm, lambda: fee, a.zero)
    western = case["surgery_fee"] + case["consumables_fee"] + case["western_drug_fee"]
    western = western + a.where(is_tcm, a.zero, lambda: fee)
    return a.both(tcm + western > 0, tcm >= case["tcm_min_ratio"] * (tcm + western))


def coefficient(a: Arithmetic, case: Facts) -> dict[str, Amount]:
    """f, the product of the listed factors; each factor beside it, nothing where it does not count.

    A basic group (基础病组、基层病组) has one price at every hospital: 医保办发〔2020〕45号 四, 武医保药〔2022〕5号.
    """
    hospital = [case["hospital_code"], a.text("*")]
    basic = a.flag(False)
    for group in _groups(a, case):
        basic = a.either(basic, a.listed("basic_groups", case["basic_groups"], group))
    level = a.lookup("level_coefficient", case["level_coefficients"], [*_groups(a, case), a.text("*")])
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


def _groups(a: Arithmetic, case: Facts) -> list[Amount]:
    """The groups whose values may serve a case, the nearest first: its own, the national one of a local, the ADRG."""
    drg = case["priced_drg"]
    return [drg, a.national_group_of(drg), a.adrg_of(drg)]


def _or_one(a: Arithmetic, value: Amount) -> Amount:
    return a.where(a.known(value), lambda: value, a.one)


def _bilateral(a: Arithmetic, case: Facts) -> Condition:
    """Both sides in one stay: a listed procedure twice, or one that means both sides once."""
    times = partial(a.count_starting, case["procedures"])
    fits: Callable[[Entry], Condition] = lambda entry: a.either(  # noqa: E731
        times(entry["codes"]) >= 2, times(entry["both_sides"]) >= 1
    )
    return a.known(a.first("bilateral.procedures", case["bilateral_procedures"], fits, "title"))


def price(a: Arithmetic, case: Facts) -> dict[str, Amount]:
    """S, exact; nothing for a case without a group, or whose group has no weight: never a weight of 0.

    A fixed price (病组定额) takes the place of weight, coefficient and rate and asks for no weight; an addition
    (病组加付) comes on top.
    """
    grouped = case["priced_status"] == "grouped"
    weighed = a.both(grouped, a.known(case["relative_weight"]))
    worth = by_rule(a, "payment.method", METHODS, case)
    keys = [*_groups(a, case), a.text("*")]

    def units() -> Amount:
        return a.hold(formulas.normal_units(case["relative_weight"], case["coefficient"]), PRICE_DECIMALS, whole=6)

    def plain() -> Amount:
        return a.hold(units() * a.hold(worth, 6), STANDARD_DECIMALS)

    def overridden() -> Amount:
        fixed = a.lookup("override.fixed_price", case["override_fixed_prices"], keys)
        added = a.lookup("override.addition", case["override_additions"], keys)
        more = lambda: a.hold(plain() + added, STANDARD_DECIMALS)  # noqa: E731
        by_weight = lambda: a.where(a.known(added), more, plain)  # noqa: E731
        otherwise = partial(a.where, weighed, by_weight, a.nothing)
        return a.where(a.both(grouped, a.known(fixed)), lambda: a.hold(fixed, STANDARD_DECIMALS), otherwise)

    applied = lambda: or_zero(a, case["excluded_item_amount"])  # noqa: E731
    item = a.choose("exclusion.rule", case["exclusion_rule"], {"none": a.zero, "on_application": applied})
    by_weight = partial(a.where, weighed, plain, a.nothing)
    chosen = a.choose("override.rule", case["override_rule"], {"none": by_weight, "by_group": overridden})
    return {
        "unit_worth": a.hold(worth, 6),
        "normal_units": a.where(weighed, units, a.nothing),
        "price_exact": chosen,
        "excluded_item": item,
        "drg_cost": case["total_cost"] - item,
    }


def lines(a: Arithmetic, case: Facts) -> dict[str, Amount]:
    """The low, the high and the extreme line, and the threshold that serves the case's weight.

    A fixed price of a group without weight has no lines: rules of outliers are worth something in weights alone.
    """
    priced = a.both(a.known(case["price_exact"]), a.known(case["relative_weight"]))

    def serves(step: Entry) -> Condition:
        return a.where(a.known(step["below"]), lambda: case["relative_weight"] < step["below"], partial(a.flag, True))

    find = partial(a.first, "outlier.high.threshold", case["outlier_high_thresholds"], serves, "value")
    threshold = a.where(priced, find, a.nothing)

    def line(side: str, multiple: Amount) -> Amount:
        base = a.hold(by_rule(a, f"outlier.{side}.base", BASES, case), STANDARD_DECIMALS)
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
