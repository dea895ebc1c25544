"""What is delivered for the clearing of a synthetic year: reviews of hospitals and what audits take from them.

The columns are those of the contracts hospital_performance and audit_deduction; a region that joins no review to its
clearing delivers none. Scores, points and amounts are invented and assumed.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import date

import numpy as np

from drg.errors import PolicyError
from drg.policy import PolicyBook
from drg.synth import assumptions as assumed
from drg.synth.truth import Hospitals

PERFORMANCE_COLUMNS = ("settlement_year", "region_code", "hospital_code", "fund", "score", "reward_points")
AUDIT_COLUMNS = ("settlement_year", "region_code", "hospital_code", "fund", "amount", "reason", "decided_on")
FINDINGS = ("分解住院，退回相应基金", "高套编码，退回差额", "重复收费，退回多收金额")
KEY_REVIEW, KEY_AUDIT = 42, 43
Row = tuple[str, ...]


def years_of(months: Sequence[str]) -> list[str]:
    """The years of some months, ascending."""
    return sorted({month[:4] for month in months})


def performance_rows(
    book: PolicyBook, region: str, months: Sequence[str], hospitals: Hospitals, seed: int
) -> list[Row]:
    """One review a hospital and year, or one a fund where reviews move points; none where the policy asks for none."""
    rows: list[Row] = []
    for year in years_of(months):
        try:
            rule = book.value(region, "performance.rule", date(int(year), 12, 31)).of()
        except PolicyError:
            continue
        if rule == "none":
            continue
        rng = _rng(seed, KEY_REVIEW, region, year)
        for code in hospitals.codes:
            score = f"{rng.uniform(*assumed.REVIEW_SCORE):.1f}"
            points = rng.integers(*assumed.REWARD_POINTS, 2)
            funds = [("310", str(points[0])), ("390", str(points[1]))] if rule == "points" else [("", "")]
            rows += [(year, region, code, fund, score, reward) for fund, reward in funds]
    return rows


def audit_rows(region: str, months: Sequence[str], hospitals: Hospitals, seed: int) -> list[Row]:
    """Deductions from some hospitals of each year, decided in March of the next."""
    rows: list[Row] = []
    for year in years_of(months):
        rng = _rng(seed, KEY_AUDIT, region, year)
        for code in hospitals.codes:
            found, fund, amount = (
                rng.random() < assumed.AUDITED_SHARE,
                rng.integers(0, 2),
                rng.integers(40_000, 600_000),
            )
            finding = FINDINGS[int(rng.integers(0, len(FINDINGS)))]
            if found:
                yuan = f"{amount // 100}.{amount % 100:02d}"
                rows.append((year, region, code, ("310", "390")[fund], yuan, finding, f"{int(year) + 1}-03-15"))
    return rows


def _rng(seed: int, key: int, region: str, year: str) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence([seed, key, zlib.crc32(f"{region}{year}".encode())]))
