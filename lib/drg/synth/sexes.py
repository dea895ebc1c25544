"""Which codes belong to one sex only, wide enough that a drawn list never conflicts by accident.

The ranges are those of the usual list check (sex conflict of diagnoses and procedures) and a few neighbours.
"""

from __future__ import annotations

import functools

MALE, FEMALE = 1, 2
_MALE_PREFIXES = (
    "D40", "D29", "E29", "I86.1", "D17.6", "D07.4", "D07.5", "D07.6", "B26.0", "R86", "Z12.5", "S31.3", "F52.4",
)  # fmt: skip
_FEMALE_PREFIXES = (
    "D06", "D39", "E28", "Z39", "D07.0", "D07.1", "D07.2", "D07.3", "C79.6", "F52.5", "F53", "R87", "S31.4", "Z12.4",
    "Z01.4", "M80.0", "M81.0", "A34", "Z30", "P96.4", "S37.4", "S37.5", "S37.6", "T19.2", "T19.3",
)  # fmt: skip
_RANGES = (
    ("C", 60, 63, MALE), ("N", 40, 51, MALE), ("Q", 53, 56, MALE),
    ("C", 51, 58, FEMALE), ("D", 25, 28, FEMALE), ("N", 70, 98, FEMALE), ("Q", 50, 52, FEMALE), ("Z", 31, 37, FEMALE),
)  # fmt: skip


@functools.cache
def of_diagnosis(code: str) -> int:
    """1 for male only, 2 for female only, 0 for either."""
    if code[0] == "O" or code.startswith(_FEMALE_PREFIXES):
        return FEMALE
    if code.startswith(_MALE_PREFIXES):
        return MALE
    number = int(code[1:3])
    for letter, low, high, sex in _RANGES:
        if code[0] == letter and low <= number <= high:
            return sex
    return 0


def of_procedure(code: str) -> int:
    """1 for male organs (60-64), 2 for female organs and obstetrics (65-75), 0 for either."""
    chapter = int(code[:2])
    return MALE if 60 <= chapter <= 64 else FEMALE if 65 <= chapter <= 75 else 0
