"""What the stages of a settlement share: the type of a stage, decimals, and how a policy's rule is taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from drg.money import PRICE_DECIMALS
from drg.settle.arithmetic import Arithmetic
from drg.settle.formulas import Amount
from drg.settle.rules import Facts, Rule, column

# A standard: units of weight with 12 decimals x yuan a unit with 6; a fen x a ratio.
STANDARD_DECIMALS = PRICE_DECIMALS + 6
FUND_DECIMALS = 6
BASE_DECIMALS = 4

# Who paid the rest of a list, by rules of their own (大病保险、医疗救助、其他基金、个人): carried beside DRG.
LAYERS = ("major_illness_payment", "assistance_payment", "other_fund_payment", "patient_payment")

Stage = Callable[[Arithmetic, Facts], dict[str, Amount]]


def by_rule(a: Arithmetic, parameter: str, rules: Mapping[str, Rule], case: Facts) -> Amount:
    """The amount of the rule a policy chose for a parameter."""
    branches = {name: partial(rule.formula, case) for name, rule in rules.items()}
    return a.choose(parameter, case[column(parameter)], branches)


def or_zero(a: Arithmetic, value: Amount) -> Amount:
    """The amount, or no yuan where there is none."""
    return a.where(a.known(value), lambda: value, a.zero)
