"""Dated policy parameters (支付政策参数): what the regulation says, as data.

`conf/policy/national <- <province> <- <region>`; see `drg.policy.book` for how a value is found and
`drg.policy.parameters` for what may stand there, `drg.policy.needs` for what a region's rules ask for.
"""

from drg.policy.book import PolicyBook, Resolved
from drg.policy.parameters import PARAMETERS
from drg.policy.values import Parameter

__all__ = ["PARAMETERS", "Parameter", "PolicyBook", "Resolved"]
