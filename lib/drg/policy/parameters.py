"""Every known parameter. A policy file may hold no other name, and a value no other unit, range or rule name.

The names of rules come from the registry of `drg.settle.rules`, so that a new rule is admitted by adding it there. The
parameters of intake, of weights, of rates and of settlement stand in four modules beside this one.
"""

from __future__ import annotations

from drg.policy.known_intake import INTAKE
from drg.policy.known_rates import CLEARING_PARAMETERS, RATES
from drg.policy.known_settlement import SETTLEMENT
from drg.policy.known_weights import WEIGHTS
from drg.policy.values import Parameter

__all__ = ["CLEARING_PARAMETERS", "PARAMETERS"]

PARAMETERS: dict[str, Parameter] = {parameter.name: parameter for parameter in (*INTAKE, *WEIGHTS, *RATES, *SETTLEMENT)}
