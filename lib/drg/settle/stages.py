"""The order of a settlement: each stage takes the facts of a case and adds some. Written once for Decimals and columns.

    priced_group   付费病组      the group that is priced: the case's own, or one of TCM advantage; the days of the stay
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

from collections.abc import Mapping
from decimal import localcontext
from typing import Any

from drg.settle.arithmetic import DecimalArithmetic
from drg.settle.case_parameters import reason
from drg.settle.common import Stage
from drg.settle.payment_stages import convention, fund_payment, route, shown, standard
from drg.settle.pricing_stages import candidate, coefficient, lines, price, priced_group

# What a case brings, and what stands for it where nothing was delivered.
CASE_FACTS: dict[str, Any] = {
    "grouping_status": None,
    "drg": None,
    "local_group": None,
    "hospital_code": None,
    "med_type": None,
    "los_days": None,
    "admission_date": None,
    "discharge_date": None,
    "discharge_way": None,
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
    "dispute_repriced": False,
    "dispute_drg": None,
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


# Before the weights are known, up to the ranking of high outliers, and from there on.
GROUP_STAGES: tuple[Stage, ...] = (priced_group,)
PRICE_STAGES: tuple[Stage, ...] = (coefficient, price, lines, candidate)
PAYMENT_STAGES: tuple[Stage, ...] = (route, standard, convention, fund_payment, shown)
STAGES: tuple[Stage, ...] = (*GROUP_STAGES, *PRICE_STAGES, *PAYMENT_STAGES)


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
