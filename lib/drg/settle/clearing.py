"""The annual clearing (年终清算) of one fund of a region: what its hospitals are due, less what they were paid.

    use                 基金实际支出   points: what the fund paid by item; rate: what the months owed by rate
    hospitals' share    医院分享或分担  surplus share x (available - use) or - overspend share x (use - available)
    region's share      统筹基金留存   available - use - hospitals' share
    distributable       清算应付总额   use + hospitals' share
    final point value   清算点值       distributable (and patients' share) of the cases in points / all points
    due                 清算应付       by points, or months + a part of the hospitals' share by fund payments
    balance             清算余额       due + differences of earlier years - audit deductions - performance - what the
                                      review of the year before takes - advance - paid in the months
    next year           结转下年       what this year's review takes of the next year's lump sum; not in the balance

Source: 金华市实施方案 （一）1（3）: 85 % of a surplus to the hospitals by points, 85 % of an overspend borne by them;
（一）2（3）: point value and settlement at year end; 医保办发〔2020〕45号 四: points, performance tied to clearing.

Amounts are dealt out in whole fen by largest remainder (`drg.money.apportion`), and the region's share is what is left
over, so that every sum holds to the fen and no line for rounding is needed. One call is one fund; nothing here takes
two (《社会保险基金财务制度》第六条). Without Spark; `clearing_lines` writes the result out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from drg.errors import ContractError
from drg.money import apportion, round_fen, round_rate

NOTHING = Decimal("0.00")


@dataclass(frozen=True)
class Terms:
    """What the policy says of a clearing; shares as 0.85 for 85 %.

    Attributes:
        shared: whether surplus and overspend are shared; if not, the months' payments stand.
        points: whether the region pays by points (else by rate).
        with_patient_share: whether a point's value holds the patients' money too.
        cap_share: most a hospital may keep or bear, as a share of its own use; None is no cap.
        performance: what a yearly review does: none, deduction, points or next_year.
        next_year_share: most a review may take of the next year's lump sum, as a share of what the year was due.
    """

    shared: bool
    points: bool
    with_patient_share: bool = False
    point_decimals: int = 6
    surplus_share: Decimal = Decimal(0)
    overspend_share: Decimal = Decimal(0)
    cap_share: Decimal | None = None
    performance: str = "none"
    full_score: Decimal = Decimal(100)
    next_year_share: Decimal = Decimal(0)


@dataclass(frozen=True)
class Budget:
    """The printed lines of a fund's budget; `available` is what is left for DRG."""

    budget: Decimal
    reserve: Decimal
    non_drg_payments: Decimal
    available: Decimal


@dataclass(frozen=True)
class HospitalYear:
    """One hospital's settled year of one fund; yuan and points.

    Attributes:
        monthly: what the months owe (fund_payment).
        by_item: what the fund paid by item at the counter (total cost - patient and other paid).
        points: points of the cases paid by points; reward_points are added to them by a review.
        patient_share: what patients and other funds paid of those cases.
        outside_points: what the months owe for the other cases.
        withheld, paid: held back of the months, and paid, `differences` among it.
        score: result of the yearly review; None where there is none.
        audits: amounts audits take, with their reasons.
        differences: of earlier years, booked in the months of this one; none of this year's use.
        carried: what the review of the year before takes, below zero.
    """

    hospital_code: str
    fund: str
    monthly: Decimal = NOTHING
    by_item: Decimal = NOTHING
    points: Decimal = Decimal(0)
    reward_points: Decimal = Decimal(0)
    patient_share: Decimal = NOTHING
    outside_points: Decimal = NOTHING
    withheld: Decimal = NOTHING
    paid: Decimal = NOTHING
    advance: Decimal = NOTHING
    score: Decimal | None = None
    audits: tuple[tuple[Decimal, str], ...] = ()
    differences: Decimal = NOTHING
    carried: Decimal = NOTHING

    @property
    def all_points(self) -> Decimal:
        """Points of the year's cases and of the review."""
        return self.points + self.reward_points


@dataclass(frozen=True)
class ClearedHospital:
    """What became of one hospital's year; deductions and payments are below zero, `balance` is the sum.

    `points_money` is its part of the money distributed by points (None where none is); `adjustment` what the clearing
    adds to the months before the cap; `next_year` what the review takes of the next year, in no sum of this one.
    """

    year: HospitalYear
    points_money: Decimal | None
    adjustment: Decimal
    cap: Decimal
    due: Decimal
    differences: Decimal
    audit_deduction: Decimal
    performance: Decimal
    prior_performance: Decimal
    advance: Decimal
    paid_monthly: Decimal
    balance: Decimal
    next_year: Decimal


@dataclass(frozen=True)
class ClearedFund:
    """What became of one fund's year: its lines, and its hospitals in the order of their codes.

    `use`, the shares and `distributable` are None where no budget is known; where nothing is shared, the hospitals'
    share is 0 and the region keeps or bears the difference. `points_money` and the point value are None where the money
    is not distributed by points.
    """

    fund: str
    budget: Budget | None
    use: Decimal | None
    hospitals_share: Decimal | None
    region_share: Decimal | None
    distributable: Decimal | None
    points: Decimal | None
    points_money: Decimal | None
    point_value: Decimal | None
    hospitals: tuple[ClearedHospital, ...]


def share_of_hospitals(use: Decimal, available: Decimal, surplus_share: Decimal, overspend_share: Decimal) -> Decimal:
    """The hospitals' part of the difference between budget and use, to the fen half-up; below zero they bear it.

    `use` equal to `available` shares nothing. Source: 金华市实施方案 （一）1（3）.
    """
    difference = available - use
    return round_fen(difference * (surplus_share if difference > 0 else overspend_share))


def final_point_value(money: Decimal, points: Decimal, decimals: int) -> Decimal:
    """Yuan per point as printed; hospitals are paid by the exact quotient, so that the parts add up to the money."""
    return round_rate(Fraction(money) / Fraction(points), decimals)


def clear_fund(fund: str, terms: Terms, budget: Budget | None, years: Sequence[HospitalYear]) -> ClearedFund:
    """The clearing of one fund of a region.

    Raises ContractError for a hospital year of the other fund, for points below zero, for money without points to
    distribute it by, and for payments outside points that leave none.
    """
    for year in years:
        if year.fund != fund:
            raise ContractError(f"hospital {year.hospital_code} brings money of fund {year.fund} into fund {fund}")
    if terms.performance != "points":
        years = [replace(year, reward_points=Decimal(0)) for year in years]
    ordered = sorted(years, key=lambda year: year.hospital_code)
    if not terms.shared:
        cleared = tuple(_cleared(terms, year, None, year.monthly, None) for year in ordered)
        if budget is None:
            return ClearedFund(fund, None, None, None, None, None, None, None, None, cleared)
        spent = sum((year.monthly for year in ordered), NOTHING)
        rest = budget.available - spent
        return ClearedFund(fund, budget, spent, NOTHING, rest, spent, None, None, None, cleared)
    if budget is None:
        raise ContractError(
            f"fund {fund} has no budget to share a difference of; land its fund_budget.csv and rate the year"
        )
    use = sum((_use(terms, year) for year in ordered), NOTHING)
    share = share_of_hospitals(use, budget.available, terms.surplus_share, terms.overspend_share)
    distributable = use + share
    found = ClearedFund(fund, budget, use, share, budget.available - use - share, distributable, None, None, None, ())
    if not terms.points:
        # A hospital that owes the fund for its months (negative payments kept) neither keeps nor bears a part.
        weights = [max(year.monthly, NOTHING) for year in ordered]
        parts = _dealt(fund, share, weights, "fund payments")
        cleared = tuple(
            _cleared(terms, year, None, year.monthly + part, _use(terms, year))
            for year, part in zip(ordered, parts, strict=True)
        )
        return replace(found, hospitals=cleared)
    return _by_points(terms, found, ordered)


def _by_points(terms: Terms, found: ClearedFund, years: Sequence[HospitalYear]) -> ClearedFund:
    for year in years:
        if year.all_points < 0:
            raise ContractError(
                f"hospital {year.hospital_code} has {year.all_points} points of fund {year.fund} after its review; "
                "correct its reward_points"
            )
    assert found.distributable is not None
    money = found.distributable - sum((year.outside_points for year in years), NOTHING)
    if terms.with_patient_share:
        money += sum((year.patient_share for year in years), NOTHING)
    if money < 0:
        raise ContractError(
            f"payments outside points of fund {found.fund} leave {money} yuan to distribute by points; "
            "correct the budget or the clearing rule"
        )
    points = sum((year.all_points for year in years), Decimal(0))
    parts = _dealt(found.fund, money, [year.all_points for year in years], "points")
    cleared = []
    for year, part in zip(years, parts, strict=True):
        own = part + year.outside_points - (year.patient_share if terms.with_patient_share else NOTHING)
        cleared.append(_cleared(terms, year, part, own, _use(terms, year)))
    value = final_point_value(money, points, terms.point_decimals) if points else None
    return replace(found, points=points, points_money=money, point_value=value, hospitals=tuple(cleared))


def _use(terms: Terms, year: HospitalYear) -> Decimal:
    """What a hospital's year cost the fund: by item under points, since only the clearing prices a point."""
    return year.by_item if terms.points else year.monthly


def _dealt(fund: str, money: Decimal, weights: Sequence[Decimal], what: str) -> list[Decimal]:
    if money and not sum(weights):
        raise ContractError(
            f"fund {fund} has {money} yuan to share among its hospitals but no {what} to share it by; settle its "
            "months or choose clearing.rule: none"
        )
    return apportion(money, weights) if weights else []


def _cleared(
    terms: Terms, year: HospitalYear, points_money: Decimal | None, earned: Decimal, use: Decimal | None
) -> ClearedHospital:
    """From what a hospital earned to its balance; `use` is the base of the cap, None where nothing is shared."""
    cap = NOTHING
    if use is not None and terms.cap_share is not None:
        limit = round_fen(max(use, NOTHING) * terms.cap_share)
        gain = earned - use
        cap = max(-limit, min(limit, gain)) - gain
    due = earned + cap
    audits = -sum((amount for amount, _ in year.audits), NOTHING)
    performance = -withheld_for_good(terms, year)
    deductions = audits + performance + year.carried
    return ClearedHospital(
        year=year,
        points_money=points_money,
        adjustment=earned - year.monthly,
        cap=cap,
        due=due,
        differences=year.differences,
        audit_deduction=audits,
        performance=performance,
        prior_performance=year.carried,
        advance=-year.advance,
        paid_monthly=-year.paid,
        balance=due + year.differences + deductions - year.advance - year.paid,
        next_year=-taken_of_next_year(terms, year, due),
    )


def withheld_for_good(terms: Terms, year: HospitalYear) -> Decimal:
    """What of the withheld money a review takes: withheld x (1 - score / full score), to the fen half-up.

    Nothing where reviews do not deduct. Raises ContractError for a hospital with withheld money and no score, and for
    a score above the full one. Source: 医保办发〔2020〕45号 四（绩效考核与年终清算挂钩）; the formula is unverified.
    """
    if terms.performance != "deduction":
        return NOTHING
    if year.score is None:
        if not year.withheld:
            return NOTHING
        raise ContractError(
            f"hospital {year.hospital_code} has {year.withheld} yuan of fund {year.fund} withheld but no score; "
            "add it to performance.csv and land it"
        )
    return _forfeited(terms, year, year.withheld)


def taken_of_next_year(terms: Terms, year: HospitalYear, due: Decimal) -> Decimal:
    """What a review takes of the next year's lump sum: due x share x (1 - score / full score), to the fen half-up.

    Nothing where reviews do not reach into the next year, of a hospital without a review, and of a year that owes the
    fund. Raises ContractError for a score above the full one.

    Source: 铜仁市DRG付费改革工作计划 （五）（考核结果与下年医保包干资金挂钩）; share and formula are assumed.
    """
    if terms.performance != "next_year" or year.score is None:
        return NOTHING
    return _forfeited(terms, year, max(due, NOTHING) * terms.next_year_share)


def _forfeited(terms: Terms, year: HospitalYear, stake: Decimal) -> Decimal:
    assert year.score is not None
    if year.score > terms.full_score:
        raise ContractError(
            f"hospital {year.hospital_code} has a score of {year.score}, above the full score {terms.full_score}; "
            "correct performance.csv"
        )
    return round_fen(Fraction(stake) * (1 - Fraction(year.score) / Fraction(terms.full_score)))
