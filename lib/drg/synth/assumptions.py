"""What the synthetic province assumes. Nobody published these values; every one has standing `assumed`.

They give believable shares, not findings about a real province. Order of magnitude of stays, days and cost:
国家卫生健康委 2023 年统计公报 and 国家医保局 2023 年统计公报 (8.8 days, about 10,000 yuan a stay).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

STANDING = "assumed"
SOURCE = "synthetic province"

# Lists of one region and month are drawn in chunks of this many, so that memory does not grow with the draw.
CHUNK = 10_000


@dataclass(frozen=True)
class Rates:
    """Shares of what real deliveries hold, each of the lists drawn for a region and month.

    `particular` is of the adults' stays without procedure (`drg.synth.particular`); 0 draws no particular stay at all.
    """

    defective: float = 0.03
    late: float = 0.02
    corrected: float = 0.01
    reversed: float = 0.005
    ambiguous: float = 0.050
    ungrouped: float = 0.030
    particular: float = 0.050


# Cost in yuan of a case of weight 1 in a hospital of effect 1 at price level 1.
BASE_COST_YUAN = 9_000
NOISE_SIGMA = 0.35
LOW_OUTLIER_SHARE, LOW_OUTLIER_FACTOR = 0.015, (0.08, 0.26)
HIGH_OUTLIER_SHARE, HIGH_OUTLIER_FACTOR = 0.012, (3.4, 6.5)
MIN_COST_FEN = 6_000

# Share of all stays by major diagnostic category; the letter is the fourth of the MDC code.
MDC_SHARE = {
    "A": 0.002, "B": 0.105, "C": 0.045, "D": 0.045, "E": 0.150, "F": 0.135, "G": 0.105, "H": 0.055, "I": 0.090,
    "J": 0.030, "K": 0.045, "L": 0.055, "M": 0.010, "N": 0.035, "O": 0.045, "P": 0.018, "Q": 0.010, "R": 0.045,
    "S": 0.015, "T": 0.010, "U": 0.001, "V": 0.015, "W": 0.003, "X": 0.025, "Y": 0.001, "Z": 0.002,
}  # fmt: skip
OTHER_MDC_SHARE = 0.005

# Share of surgical (A-J), procedure (K-Q) and medical (R-Z) groups inside an MDC, as far as it has them.
KIND_SHARE = {"surgical": 0.26, "procedure": 0.12, "medical": 0.62}
KIND_WEIGHT = {"surgical": 1.9, "procedure": 1.1, "medical": 0.62}
ZIPF = 1.2
WEIGHT_SIGMA = 0.40
TRANSPLANT_FACTOR = 5.0
SEVERITY_STEP = (1.25, 1.55)
CC_SHARE, MCC_SHARE = 0.23, 0.08
AMBIGUOUS_WEIGHT, UNGROUPED_WEIGHT = 1.2, 0.9

# How strongly a level of hospital draws heavy groups: popularity x weight ** tilt.
LEVEL_TILT = {1: -0.55, 2: 0.0, 3: 0.30}
LEVEL_OF_HOSPITALS = {3: 0.16, 2: 0.36, 1: 0.48}
LEVEL_SIZE = {3: 9.0, 2: 3.5, 1: 0.8}
HOSPITALS_PER_SIZE = 2.2
PRICE_SIGMA = 0.07
HOSPITAL_SIGMA = 0.04

# Patients of another region among the stays of a region's hospitals (异地就医).
CROSS_REGION = {"510100": 0.12, "519900": 0.35}
OTHER_CROSS_REGION = 0.06
EMPLOYEE_SHARE = 0.30

# Benefit rules of the invented regions by level 1, 2, 3: deductible in fen, ratio of the basic pool in 1/10000.
DEDUCTIBLE_FEN = {"310": (20_000, 40_000, 80_000), "390": (15_000, 50_000, 90_000)}
RATIO_PER_10000 = {"310": (9_200, 9_000, 8_600), "390": (8_500, 7_500, 6_500)}
MAJOR_ILLNESS_FROM_FEN = {"310": 2_000_000, "390": 1_200_000}
MAJOR_ILLNESS_PERCENT = {"310": 80, "390": 60}

# Budget of the year after: reserve kept back, payments outside DRG, growth of admissions.
RESERVE = 0.05
NON_DRG_SHARE = 0.06
ADMISSION_GROWTH = 0.02
RATE_SPREAD = (0.95, 1.05)

# What is applied for: special cases from this multiple of the expected cost, items in this share of the other stays and
# with this part of their cost.
SPECIAL_FROM, ITEM_CASES, ITEM_SHARE = 2.5, 0.012, (0.15, 0.45)
# The clearing: scores of hospitals, points they win or lose, share of hospitals an audit takes something from.
REVIEW_SCORE, REWARD_POINTS, AUDITED_SHARE = (82.0, 100.0), (-40, 60), 0.25


@dataclass(frozen=True)
class Particular:
    """One kind; shares of all particular stays add up to 1. Every value is assumed.

    Attributes:
        diagnoses: prefixes of the principal diagnosis.
        days: least and most days of the stay.
        yuan_a_day: cost of a day at price level 1; 0 where the group decides the cost.
        acts: whether TCM procedures are done.
        fees: the fee profile, where it is not that of the group.
    """

    name: str
    share: float
    diagnoses: tuple[str, ...]
    days: tuple[int, int]
    yuan_a_day: int = 0
    acts: bool = False
    fees: str | None = None


_TCM = ("M51.2", "M54.5", "M47.8", "M50", "M17", "I69.3", "G51.0")
PARTICULAR = (
    Particular("psychiatric", 0.25, ("F20", "F21", "F22", "F25", "F31"), (30, 120), yuan_a_day=230),
    Particular("rehabilitation", 0.20, ("Z50",), (10, 70), yuan_a_day=330),
    Particular("hospice", 0.10, ("Z51.5",), (3, 30), yuan_a_day=300),
    Particular("tcm", 0.35, _TCM, (8, 20), acts=True, fees="tcm"),
    # The same disease treated with little TCM: it does not stand the test of `tcm.min_ratio`.
    Particular("tcm_in_part", 0.10, _TCM, (8, 20), acts=True),
)
# Classes of TCM procedures: tuina, needling, moxibustion, external application; chance that each is done.
ACTS = (("17.92",), ("17.911", "17.912"), ("17.913",), ("17.951",))
ACT_CHANCE = 0.88
# Operations done on both sides in one stay: prefixes, and the chance of the second side.
BOTH_SIDES, BOTH_SIDES_CHANCE = ("81.51", "81.52", "81.53", "81.54", "81.55", "13.41", "13.5"), 0.15
DAY_SURGERY_CHANCE = 0.03
# Categories whose adults without a procedure give the stays that become particular ones.
GENERAL = frozenset("BCDEFGHIJKLRS")
