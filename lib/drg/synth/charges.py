"""Charges and payments of a case from its total: fee parts, catalogue classes, fund and patient, exact to the fen.

All amounts are int64 fen. Only the shares are drawn as floats; each split is made whole by largest remainder, so that
every identity of the list holds to the fen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from drg.synth import assumptions as assumed
from drg.synth.assumptions import FloatArray, IntArray

# Shares of the 14 charge categories (收费项目类别 01..14) by kind of group.
FEE_PROFILE = {
    #            床位  诊察  检查  化验  治疗  手术  护理  卫材  西药  饮片  成药  一般  挂号  其他
    "surgical": (0.04, 0.01, 0.10, 0.10, 0.11, 0.16, 0.03, 0.27, 0.14, 0.005, 0.01, 0.0, 0.001, 0.024),
    "procedure": (0.05, 0.01, 0.14, 0.12, 0.12, 0.10, 0.03, 0.21, 0.17, 0.005, 0.02, 0.0, 0.001, 0.024),
    "medical": (0.08, 0.02, 0.19, 0.20, 0.15, 0.0, 0.05, 0.05, 0.20, 0.015, 0.035, 0.0, 0.001, 0.009),
    "tcm": (0.08, 0.02, 0.10, 0.10, 0.40, 0.0, 0.03, 0.01, 0.06, 0.09, 0.09, 0.0, 0.001, 0.019),
}
KINDS = tuple(FEE_PROFILE)
# Classes of each category: A (甲), B (乙), own pay (自费), over the price limit (其他).
CLASS_PROFILE = np.array(
    [
        (0.80, 0.00, 0.20, 0.00), (1.00, 0.00, 0.00, 0.00), (0.66, 0.30, 0.04, 0.00), (0.74, 0.22, 0.04, 0.00),
        (0.70, 0.22, 0.07, 0.01), (0.85, 0.10, 0.04, 0.01), (0.92, 0.00, 0.08, 0.00), (0.20, 0.60, 0.14, 0.06),
        (0.48, 0.42, 0.09, 0.01), (0.70, 0.20, 0.10, 0.00), (0.30, 0.60, 0.10, 0.00), (1.00, 0.00, 0.00, 0.00),
        (1.00, 0.00, 0.00, 0.00), (0.30, 0.10, 0.55, 0.05),
    ]
)  # fmt: skip
# Chance that an optional category occurs at all (herbal pieces, patent drugs, registration, other).
OPTIONAL = {9: 0.25, 10: 0.5, 12: 0.3, 13: 0.6}
SURGERY = 5


@dataclass(frozen=True)
class Charges:
    """All amounts of some cases in fen: items n x 14, classes n x 14 x 4, the rest one value a case."""

    items: IntArray
    classes: IntArray
    amounts: dict[str, IntArray]
    ratio_per_10000: IntArray


def split_exactly(total: IntArray, shares: FloatArray) -> IntArray:
    """Split each total by its row of shares (sum 1) into whole fen by largest remainder; rows add up to the total.

    Ties go to the earlier column. Columns of share 0 get nothing.
    """
    exact = total[:, None] * shares
    parts = np.floor(exact).astype(np.int64)
    missing = total - parts.sum(axis=1)
    rank = np.argsort(np.argsort(-np.where(shares > 0, exact - parts, -1.0), axis=1, kind="stable"), axis=1)
    parts += rank < missing[:, None]
    # Float error may leave a fen over or short in a row; the largest part carries it.
    parts[np.arange(len(parts)), parts.argmax(axis=1)] += total - parts.sum(axis=1)
    return parts


def fee_parts(
    rng: np.random.Generator, total: IntArray, kind: IntArray, operated: np.ndarray
) -> tuple[IntArray, IntArray]:
    """The 14 fee parts of each case and their four catalogue classes; a surgery fee exactly where there was surgery."""
    count = len(total)
    profile = np.array([FEE_PROFILE[name] for name in KINDS])[kind]
    profile[~operated, SURGERY] = 0.0
    profile[operated & (profile[:, SURGERY] == 0), SURGERY] = 0.06
    profile *= rng.lognormal(0.0, 0.30, profile.shape)
    for column, chance in OPTIONAL.items():
        profile[rng.random(count) >= chance, column] = 0.0
    items = split_exactly(total, profile / profile.sum(axis=1, keepdims=True))
    shares = np.broadcast_to(CLASS_PROFILE, (count, 14, 4)).reshape(-1, 4) * rng.lognormal(0.0, 0.2, (count * 14, 4))
    classes = split_exactly(items.reshape(-1), shares / shares.sum(axis=1, keepdims=True))
    return items, classes.reshape(count, 14, 4)


def rounded_share(amount: IntArray, numerator: IntArray, denominator: int) -> IntArray:
    """amount x numerator / denominator in whole fen, HALF_UP; amounts not negative."""
    return (2 * amount * numerator + denominator) // (2 * denominator)


def payments(
    rng: np.random.Generator, total: IntArray, classes: IntArray, employee: np.ndarray, level: IntArray
) -> tuple[dict[str, IntArray], IntArray]:
    """Who pays: own pay, deductible, basic pool, major illness, supplements, account and cash; and the pool's ratio.

    inscp = total - own pay - over limit - first self-pay; hifp = (inscp - deductible) x ratio, HALF_UP to the fen.
    """
    count = len(total)
    zero = np.zeros(count, dtype=np.int64)
    own, over = classes[:, :, 2].sum(axis=1), classes[:, :, 3].sum(axis=1)
    first = rounded_share(classes[:, :, 1].sum(axis=1), rng.choice(np.array([5, 10, 15, 20]), count), 100)
    eligible = total - own - over - first
    fund = np.where(employee, 0, 1)
    deductible = np.minimum(_by_fund(assumed.DEDUCTIBLE_FEN)[fund, level - 1], eligible)
    ratio = _by_fund(assumed.RATIO_PER_10000)[fund, level - 1]
    basic = rounded_share(eligible - deductible, ratio, 10_000)
    rest = eligible - basic
    start = _by_fund(assumed.MAJOR_ILLNESS_FROM_FEN)[fund]
    percent = _by_fund(assumed.MAJOR_ILLNESS_PERCENT)[fund]
    major = rounded_share(np.maximum(rest - start, 0), percent, 100)
    rest = rest - major
    draw = rng.random(count)
    kinds = {
        "cvlserv_pay": (employee & (draw < 0.07), 50),
        "hifes_pay": (employee & (draw >= 0.07) & (draw < 0.10), 30),
        "hifdm_pay": (employee & (draw >= 0.10) & (draw < 0.102), 80),
        "othfund_pay": (draw >= 0.995, 10),
        "maf_pay": (~employee & (draw < 0.06), 60),
    }
    extra = {name: np.where(mask, rounded_share(rest, zero + part, 100), zero) for name, (mask, part) in kinds.items()}
    funds = basic + major + sum(extra.values(), zero)
    person = total - funds
    account = np.where(employee & (rng.random(count) < 0.8), np.minimum(person, rng.integers(0, 400_000, count)), zero)
    amounts = {
        "medfee_sumamt": total, "fulamt_ownpay_amt": own, "overlmt_selfpay": over, "preselfpay_amt": first,
        "inscp_amt": eligible, "act_pay_dedc": deductible, "hifp_pay": basic,
        "hifmi_pay": np.where(employee, zero, major), "hifob_pay": np.where(employee, major, zero), **extra,
        "fund_pay_sumamt": funds, "ownpay_hosp_part": zero, "psn_pay": person, "acct_payamt": account,
        "cash_payamt": person - account, "psn_selfpay_amt": person - own, "psn_ownpay_fee": own,
    }  # fmt: skip
    return amounts, ratio


def charge(
    rng: np.random.Generator,
    total: IntArray,
    kind: IntArray,
    operated: np.ndarray,
    employee: np.ndarray,
    level: IntArray,
) -> Charges:
    """Everything that is paid for cases of known total cost (fen), kind of group, fund and hospital level (1, 2, 3)."""
    items, classes = fee_parts(rng, total, kind, operated)
    amounts, ratio = payments(rng, total, classes, employee, level)
    return Charges(items, classes, amounts, ratio)


def _by_fund(values: Mapping[str, int | tuple[int, ...]]) -> IntArray:
    return np.array([values["310"], values["390"]], dtype=np.int64)
