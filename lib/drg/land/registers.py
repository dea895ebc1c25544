"""The small files beside a region's deliveries: its hospitals, budgets, reviews, audit deductions and applications.

    <deliveries>/<region_code>/hospital_register.csv    <deliveries>/<region_code>/fund_budget.csv
    <deliveries>/<region_code>/performance.csv          <deliveries>/<region_code>/audit_deduction.csv
    <deliveries>/<region_code>/case_application.csv

They are taken whole or not at all: a wrong level or budget would silently price every case of the region.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from drg.land.cells import Row, a_day, a_hospital, a_month, a_number, a_whole, lines_of, one_of

HOSPITAL_REGISTER = "hospital_register"
FUND_BUDGET = "fund_budget"
HOSPITAL_PERFORMANCE, PERFORMANCE_FILE = "hospital_performance", "performance"
AUDIT_DEDUCTION = "audit_deduction"
CASE_APPLICATION = "case_application"
BOTH_FUNDS = "all"
_FUNDS = ("310", "390", BOTH_FUNDS)

_REGISTER_COLUMNS = ("region_code", "hospital_code", "hospital_name", "hospital_level", "valid_from", "valid_to")
_BUDGET_COLUMNS = (
    "settlement_year",
    "region_code",
    "fund",
    "prior_year_fund_spend",
    "growth",
    "non_drg_payments",
    "reimbursement_ratio",
    "forecast_cases",
    "source",
    "standing",
)
_PERFORMANCE_COLUMNS = ("settlement_year", "region_code", "hospital_code", "fund", "score", "reward_points")
_APPLICATION_COLUMNS = (
    "region_code",
    "settlement_month",
    "setl_id",
    "kind",
    "item_code",
    "amount",
    "applied_on",
    "decision",
    "decided_on",
    "reason",
)
_AUDIT_COLUMNS = ("settlement_year", "region_code", "hospital_code", "fund", "amount", "reason", "decided_on")


def read_hospital_register(folder: Path, region_code: str) -> list[Row]:
    """The hospitals of a region, columns as in the contract of hospital_register, in the order of code and first day.

    Raises DeliveryError naming file, line and field for a missing file or column, a blank or malformed value, a level
    other than 1, 2 or 3, another region's code, and two entries of one hospital whose days overlap.
    """
    path = folder / f"{HOSPITAL_REGISTER}.csv"
    rows: list[Row] = []
    for cell in lines_of(path, _REGISTER_COLUMNS):
        first = cell("valid_from", a_day)
        last = cell("valid_to", a_day, optional=True)
        if last is not None and last < first:
            raise cell.error("valid_to", f"is before valid_from {first}")
        rows.append(
            (
                cell("region_code", one_of(region_code)),
                cell("hospital_code", a_hospital),
                cell("hospital_name", str),
                cell("hospital_level", one_of("1", "2", "3")),
                first,
                last,
            )
        )
        for other in rows[:-1]:
            if other[1] == rows[-1][1] and _overlap(other, rows[-1]):
                raise cell.error("valid_from", f"overlaps another entry of hospital {other[1]}")
    return sorted(rows, key=lambda row: (row[1], row[4]))


def read_fund_budget(folder: Path, region_code: str) -> list[Row]:
    """The budgets of a region, columns as in the contract of fund_budget, in the order of year and fund.

    Amounts are yuan with at most two decimals, ratios have at most four. Raises DeliveryError naming file, line and
    field for a missing column, a blank or malformed value, another region's code, an unknown fund or standing, a
    reimbursement ratio outside (0, 1], a growth of -1 or less, and a year and fund given twice.
    """
    path = folder / f"{FUND_BUDGET}.csv"
    rows: dict[tuple[int, str], Row] = {}
    for cell in lines_of(path, _BUDGET_COLUMNS):
        key = (cell("settlement_year", a_whole(2000, 2100)), cell("fund", one_of("310", "390")))
        if key in rows:
            raise cell.error("fund", f"gives year {key[0]} and fund {key[1]} a second budget")
        rows[key] = (
            key[0],
            cell("region_code", one_of(region_code)),
            key[1],
            cell("prior_year_fund_spend", a_number(2, low=Decimal(0))),
            cell("growth", a_number(4, above=Decimal(-1))),
            cell("non_drg_payments", a_number(2, low=Decimal(0))),
            cell("reimbursement_ratio", a_number(4, above=Decimal(0), high=Decimal(1))),
            cell("forecast_cases", a_whole(1, 10**9)),
            cell("source", str),
            cell("standing", one_of("published", "as_implemented", "assumed")),
        )
    return [rows[key] for key in sorted(rows)]


def read_performance(folder: Path, region_code: str) -> list[Row]:
    """The yearly reviews of a region's hospitals, columns as in the contract of hospital_performance, sorted by key.

    A blank fund is `all`: one score for both funds. Raises DeliveryError naming file, line and field for a missing
    column, a malformed value, another region's code, a line with neither score nor points, points without a fund
    (points of one fund are no points of the other), and a hospital reviewed twice for one fund and year.
    """
    path = folder / f"{PERFORMANCE_FILE}.csv"
    rows: dict[tuple[int, str, str], Row] = {}
    for cell in lines_of(path, _PERFORMANCE_COLUMNS, may_be_empty=True):
        year, hospital = cell("settlement_year", a_whole(2000, 2100)), cell("hospital_code", a_hospital)
        fund = cell("fund", one_of("310", "390"), optional=True) or BOTH_FUNDS
        region = cell("region_code", one_of(region_code))
        score = cell("score", a_number(4, low=Decimal(0), high=Decimal(1000)), optional=True)
        points = cell("reward_points", a_number(4), optional=True)
        if score is None and points is None:
            raise cell.error("score", "is blank, and so is reward_points")
        if points is not None and fund == BOTH_FUNDS:
            raise cell.error("fund", "is blank, but reward_points count in one fund")
        if any((year, hospital, other) in rows for other in ({fund, BOTH_FUNDS} if fund != BOTH_FUNDS else _FUNDS)):
            raise cell.error("hospital_code", f"gives hospital {hospital} and year {year} a second review")
        rows[year, hospital, fund] = (year, region, hospital, fund, score, points)
    return [rows[key] for key in sorted(rows)]


def read_audit_deductions(folder: Path, region_code: str) -> list[Row]:
    """What audits take from a region's hospitals, columns as in the contract of audit_deduction, in the file's order.

    Raises DeliveryError naming file, line and field for a missing column, a blank or malformed value, another region's
    code, an unknown fund, and an amount that is not above 0.
    """
    path = folder / f"{AUDIT_DEDUCTION}.csv"
    return [
        (
            cell("settlement_year", a_whole(2000, 2100)),
            cell("region_code", one_of(region_code)),
            cell.number,
            cell("hospital_code", a_hospital),
            cell("fund", one_of("310", "390")),
            cell("amount", a_number(2, above=Decimal(0))),
            cell("reason", str),
            cell("decided_on", a_day),
        )
        for cell in lines_of(path, _AUDIT_COLUMNS, may_be_empty=True)
    ]


def read_case_applications(folder: Path, region_code: str) -> list[Row]:
    """Applications for single cases (特例单议、除外支付), columns as in the contract of case_application, sorted.

    Raises DeliveryError naming file, line and field for a missing column, a malformed value, another region's code, an
    item without code or amount, a special case with either, a decision without its day or before the application, and a
    case applied for twice for the same (decided twice).
    """
    path = folder / f"{CASE_APPLICATION}.csv"
    rows: dict[tuple[str, str, str], Row] = {}
    for cell in lines_of(path, _APPLICATION_COLUMNS, may_be_empty=True):
        region, month = cell("region_code", one_of(region_code)), cell("settlement_month", a_month)
        kind = cell("kind", one_of("special_case", "exclusion"))
        setl_id, item = cell("setl_id", str), cell("item_code", str, optional=True)
        amount = cell("amount", a_number(2, above=Decimal(0)), optional=True)
        if (item is None) != (kind == "special_case"):
            raise cell.error("item_code", "names the item of an exclusion, and of nothing else")
        if amount is not None and kind == "special_case":
            raise cell.error("amount", "is the cost of an excluded item, and of nothing else")
        applied, decision = cell("applied_on", a_day), cell("decision", one_of("pending", "in", "out"))
        decided = cell("decided_on", a_day, optional=True)
        if (decided is None) != (decision == "pending"):
            raise cell.error("decided_on", f"is the day of a decision, and the decision is {decision}")
        if decided is not None and decided < applied:
            raise cell.error("decided_on", f"lies before applied_on {applied}")
        if (setl_id, kind, item or "") in rows:
            raise cell.error("setl_id", f"gives case {setl_id} a second application of its kind")
        reason = cell("reason", str, optional=True)
        row = (month, region, setl_id, kind, item or "", amount, applied, decision, decided, reason)
        rows[setl_id, kind, item or ""] = row
    return [rows[key] for key in sorted(rows)]


def _overlap(a: Row, b: Row) -> bool:
    """Whether two register entries share a day (both ends included, no last day: open)."""
    return (a[5] is None or b[4] <= a[5]) and (b[5] is None or a[4] <= b[5])
