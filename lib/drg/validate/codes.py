"""Diagnosis and procedure codes in their written form in the insurance edition (医保版), and their names compared.

A code is repaired only where nothing else can be meant: blanks and invisible characters around and inside it,
full-width characters, upper and lower case, a missing dot, a missing asterisk, morphology glued to its end, a number a
spreadsheet made of it. The code list itself says what was meant, since no two codes are alike without case, dots and
asterisk, and no two that are numbers have the same value; what it does not say is refused.

Codes of the clinical edition (国临版) are mapped to the insurance edition once, in lists that declare them only: some
strings are codes of both editions and mean different things in them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeVar

KNOWN, REPAIRED, UNKNOWN, MALFORMED = 0, 1, 2, 3

DIAGNOSIS_FORM = re.compile(r"[A-Z]\d{2}\.(\d{3}|x\d{2})(x\d{3})?(\+[A-Z]\d{2}(\.\d)?\*)?")
PROCEDURE_FORM = re.compile(r"\d{2}\.(\d{4}(x\d{3})?|\d{3}x\d{4}|\dx\d{2}(x\d{3})?|\d{5}|\d{3}[A-Z]\d)")
_INVISIBLE = re.compile(r"[\s\u200b-\u200f\ufeff]+")
_FILLER = re.compile(r"(?<=[\d.])X(?=\d)")
_MORPHOLOGY = re.compile(r"M\d{5}/\d$")
# A number with a point: without one, too much of the code is gone to look it up.
_NUMBER = re.compile(r"\d{1,2}\.\d{1,17}")
_AS_NUMBER = re.compile(r"\d{2}\.\d{4,5}")
_PLACES = Decimal("0.00001")
# What a spreadsheet's binary fraction may lie off; more is another number.
_NOISE = Decimal("0.000000001")
K = TypeVar("K")
_BRACKETS = str.maketrans("[]【】〔〕{}", "()()()()")


@dataclass(frozen=True)
class Written:
    """The codes of one edition, found also by what is left of them after a defect; each left-over leads to one code."""

    codes: frozenset[str]
    folded: dict[str, str]
    starless: dict[str, str]
    values: dict[Decimal, str]

    @classmethod
    def of(cls, codes: Iterable[str]) -> Written:
        """The look-ups of these codes."""
        known = sorted(codes)
        folded = _unique((_fold(code), code) for code in known)
        starless = _unique((_fold(code[:-1]), code) for code in known if code.endswith("*"))
        starless = {short: code for short, code in starless.items() if short not in folded}
        values = _unique((Decimal(code), code) for code in known if _AS_NUMBER.fullmatch(code))
        return cls(frozenset(known), folded, starless, values)

    def find(self, bare: str) -> str | None:
        """The code that a text without blanks stands for, however it is damaged; null where that is not certain."""
        folded = _fold(bare)
        found = self.folded.get(folded) or self.starless.get(folded)
        if found is None and (glued := _MORPHOLOGY.search(bare.upper())):
            found = self.folded.get(_fold(bare[: glued.start()]))
        if found is None and _NUMBER.fullmatch(bare):
            value = Decimal(bare)
            rounded = value.quantize(_PLACES, ROUND_HALF_UP)
            found = self.values.get(rounded) if abs(value - rounded) < _NOISE else None
        return found


@dataclass(frozen=True)
class CodeList:
    """A code list of the insurance edition, the form and names of its codes, and what the clinical edition makes of it.

    Attributes:
        insurance: the codes, with the look-ups of the repairs.
        names: code to official name, where there is one.
        to_insurance: clinical code to insurance code, where the two differ; any other code is the same in both.
        clinical: the clinical codes that differ, with the look-ups of the repairs.
    """

    insurance: Written
    form: re.Pattern[str]
    names: dict[str, str]
    to_insurance: dict[str, str]
    clinical: Written

    @classmethod
    def of(
        cls,
        codes: Collection[str],
        form: re.Pattern[str],
        names: Mapping[str, str] | None = None,
        to_insurance: Mapping[str, str] | None = None,
    ) -> CodeList:
        """The list of these codes."""
        changed = dict(to_insurance or {})
        own = {code: names[code] for code in codes if code in names} if names else {}
        return cls(Written.of(codes), form, own, changed, Written.of(changed))

    def clean(self, text: str | None, clinical: bool = False) -> tuple[str | None, int]:
        """A code as delivered in its written form, and its state: KNOWN, REPAIRED, UNKNOWN or MALFORMED.

        A malformed code comes back as null: what stands in its place may be anything, a name included. A code that was
        only mapped from the clinical edition is KNOWN.
        """
        if text is None:
            return None, MALFORMED
        if clinical and text in self.clinical.codes:
            return self.to_insurance[text], KNOWN
        if text in self.insurance.codes:
            return text, KNOWN
        bare = _bare(text)
        found = self._meant(bare, clinical)
        if found is not None:
            return found, REPAIRED
        written = _FILLER.sub("x", bare.upper())
        return (written, UNKNOWN) if self.form.fullmatch(written) else (None, MALFORMED)

    def _meant(self, bare: str, clinical: bool) -> str | None:
        """The insurance code of a damaged text; null where two can be meant."""
        folded = _fold(bare)
        whole = self.insurance.folded.get(folded)
        changed = self.clinical.folded.get(folded)
        target = self.to_insurance[changed] if changed else None
        if clinical and changed:
            return target if whole in (None, changed) else None
        found = whole or self.insurance.find(bare)
        if clinical:
            changed = None if found else self.clinical.find(bare)
            return self.to_insurance[changed] if changed else found
        # What is left of a clinical code without its morphology need not be what it is mapped to.
        return found if whole or target in (None, found) else None

    def is_two_editions(self, text: str | None) -> bool:
        """Whether a clinical code that is mapped to another one is an insurance code of another meaning as well."""
        bare = _bare(text or "")
        changed = bare if bare in self.clinical.codes else self.clinical.find(bare)
        return changed is not None and changed in self.insurance.codes

    def is_named_otherwise(self, code: str | None, name: str) -> bool:
        """Whether a name is not that of the code; no name and a code without an official one say nothing."""
        official = self.names.get(code or "")
        if official is None or name == official:
            return False
        return plain_name(name) not in ("", plain_name(official))


def plain_name(name: str) -> str:
    """A name without blanks, full-width forms as ASCII, every bracket a round one, small letters."""
    return _bare(name).translate(_BRACKETS).casefold()


def is_lone_asterisk(text: str) -> bool:
    """Whether a diagnosis is the second half of a dagger pair, or a pair that lacks its asterisk."""
    bare = _bare(text)
    return bare.endswith("*") != ("+" in bare) and len(bare) > 1


def _bare(text: str) -> str:
    """Without blanks and invisible characters, full-width forms as ASCII, the dagger as plus."""
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).replace("†", "+")


def _fold(code: str) -> str:
    return code.upper().replace(".", "")


def _unique(pairs: Iterable[tuple[K, str]]) -> dict[K, str]:
    """Key to code, without the keys that lead to more than one code."""
    found: dict[K, str] = {}
    twice = set()
    for key, code in pairs:
        if found.setdefault(key, code) != code:
            twice.add(key)
    return {key: code for key, code in found.items() if key not in twice}
