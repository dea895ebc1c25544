"""The known parameters of what comes in: how checks are treated, and when a month's lists are held (清单审核)."""

from __future__ import annotations

from drg.policy.known import entries, integer, number
from drg.policy.records import CheckDegree, CheckLimit
from drg.policy.values import Parameter

INTAKE: tuple[Parameter, ...] = (
    entries("validate.degrees", "审核规则处理方式", CheckDegree),
    entries("validate.limits", "审核规则界值", CheckLimit),
    number("validate.hold_share", "退回比例上限", "share", 1, above=0, decimals=4),
    integer("validate.hold_from_lists", "退回比例适用的最少清单数", "lists", 1_000_000, least=1),
)
