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

import hashlib
from dataclasses import replace

from drg.validate.check import AnyCheck, Check
from drg.validate.checks_across import ACROSS, CERTIFICATES
from drg.validate.checks_care import CARE
from drg.validate.checks_clinical import DIAGNOSES, INTENSIVE_CARE, PROCEDURES
from drg.validate.checks_coding import CODING
from drg.validate.checks_list import DATES, IDENTITY
from drg.validate.checks_money import MONEY
from drg.validate.checks_operations import OPERATIONS
from drg.validate.checks_person import PERSON

# What the later steps rest on: a list that fails one of these has no place in settlement_list or no price, whatever a
# region would like to set.
FIXED = frozenset(
    {
        *("ID01", "ID05", "ID06", "ID08", "ID09", "ID10", "ID11", "ID12", "ID22"),
        *("DT01", "DT02", "DT09", "DT10", "DT13", "DX01", "DX02", "DX05", "DX21", "NB02"),
        *("MN01", "MN04", "MN05", "MN10", "MN21", "MN23", "XL06"),
    }
)

_ROWS: tuple[Check, ...] = (
    *(*IDENTITY, *PERSON, *DATES, *DIAGNOSES, *CODING, *PROCEDURES, *OPERATIONS),
    *(*INTENSIVE_CARE, *CARE, *MONEY),
)
ROW_CHECKS: tuple[Check, ...] = tuple(replace(check, fixed=check.id in FIXED) for check in _ROWS)
_ACROSS = tuple(replace(check, fixed=check.id in FIXED) for check in ACROSS)
CHECKS: tuple[AnyCheck, ...] = (*ROW_CHECKS, *_ACROSS, *CERTIFICATES)


def catalogue_version(checks: tuple[AnyCheck, ...] = CHECKS) -> str:
    """Which catalogue judged (质控版本): 12 hex digits of its ids, conditions, limits and sentences.

    The condition of a check across lists counts by the name of its function.
    """
    told = [
        (check.id, check.field, *map(_content, (check.reject, check.warn)), check.reject_message, check.warn_message)
        for check in checks
    ]
    limits = [sorted(check.limits.items()) for check in checks if isinstance(check, Check)]
    return hashlib.sha256(repr((told, limits)).encode()).hexdigest()[:12]


def _content(predicate: object) -> str:
    """A predicate as text that is the same in every process: SQL, or the name of a function."""
    return predicate if isinstance(predicate, str) else getattr(predicate, "__qualname__", "")
