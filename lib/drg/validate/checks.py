"""The catalogue of checks (审核规则) on one list: what must hold, and what a hospital is told when it does not.

Each check has an id, the field it looks at (centre name) and up to two degrees: `reject` refuses the list (R), `warn`
lets it pass with a flag (W); a list that is refused by a check is not warned by it as well. Predicates are SQL over the
columns of `drg.validate.facts`; a predicate that is null does not fail. Messages name the field, what is wrong and what
to do, never a value of the record.

Ids, severities and tolerances: settlement list quality rules (医疗保障基金结算清单质控规则), sections identity, dates,
diagnoses, operations, intensive care, newborn, blood, money. Amounts are yuan. The order is the order in which a
refusal is explained. Those that only some provinces ask for are not applied by themselves (`default_on`).
"""

from __future__ import annotations

from drg.validate.check import Check
from drg.validate.checks_care import CARE
from drg.validate.checks_clinical import DIAGNOSES, INTENSIVE_CARE, PROCEDURES
from drg.validate.checks_coding import CODING
from drg.validate.checks_list import DATES, IDENTITY
from drg.validate.checks_money import MONEY
from drg.validate.checks_operations import OPERATIONS
from drg.validate.checks_person import PERSON

CHECKS: tuple[Check, ...] = (
    *(*IDENTITY, *PERSON, *DATES, *DIAGNOSES, *CODING, *PROCEDURES, *OPERATIONS),
    *(*INTENSIVE_CARE, *CARE, *MONEY),
)
