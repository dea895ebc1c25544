"""The hinge: what the steps are, what each reads and writes, and by which partition each table is replaced.

Written here once; jobs, command line, `drg status`, `drg verify` and the house test read it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Period(StrEnum):
    """The period a step works on."""

    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True)
class Table:
    """One Delta table.

    Attributes:
        step: the step that owns it.
        replaced_by: the columns whose values name a replaced partition.
        gathered: whether rows are written where they lie: whoever makes them has those of a partition in few tasks, and
            to move them all would take longer than to make them.
    """

    name: str
    step: str
    replaced_by: tuple[str, ...]
    gathered: bool = False

    @property
    def contract(self) -> str:
        """Path of its contract below data_contracts/."""
        return f"{self.step}/{self.name}.yaml" if self.step else f"{self.name}.yaml"


@dataclass(frozen=True)
class Step:
    """One of the eight words.

    Attributes:
        reads: tables it reads.
        after: steps whose run on the same region makes this step's result stale.
        period: month or year; a year step works on the years of the months it is given.
        province_wide: needs every region and writes one result for all of them.
    """

    name: str
    decides: str
    reads: tuple[str, ...]
    writes: tuple[Table, ...]
    after: tuple[str, ...]
    period: Period = Period.MONTH
    province_wide: bool = False


def _table(name: str, step: str, *replaced_by: str) -> Table:
    return Table(name, step, replaced_by)


_MONTH_REGION = ("settlement_month", "region_code")

STEPS: tuple[Step, ...] = (
    Step(
        "land",
        "nothing: as received, with file, line, arrival and row hash",
        reads=(),
        writes=(
            Table("landed_list", "land", ("delivery_month", "region_code"), gathered=True),
            _table("hospital_register", "land", "region_code"),
            _table("fund_budget", "land", "region_code"),
            _table("hospital_performance", "land", "region_code"),
            _table("audit_deduction", "land", "region_code"),
            _table("case_application", "land", "region_code"),
            _table("case_dispute", "land", "region_code"),
            _table("warning_notice", "land", "region_code"),
        ),
        after=(),
    ),
    Step(
        "validate",
        "which lists are live and which are fit; accepted + rejected = landed",
        # Its own lists of the months before, for the checks across lists; its own counts, for those of whole months.
        reads=("landed_list", "hospital_register", "settlement_list", "list_quality", "intake_finding"),
        writes=(
            _table("settlement_list", "validate", *_MONTH_REGION),
            _table("rejected_list", "validate", *_MONTH_REGION),
            _table("list_flag", "validate", *_MONTH_REGION),
            _table("list_quality", "validate", *_MONTH_REGION),
            _table("intake_finding", "validate", *_MONTH_REGION),
        ),
        after=("land",),
    ),
    Step(
        "group",
        "MDC, ADRG, DRG and why",
        reads=("settlement_list",),
        writes=(_table("grouped_case", "group", *_MONTH_REGION, "scheme"),),
        after=("validate",),
    ),
    Step(
        "weigh",
        "relative weights per region and their homogeneity",
        # The lists only where a region adjusts its weights by the structure of costs.
        reads=("grouped_case", "settlement_list"),
        writes=(
            _table("drg_weight", "weigh", "settlement_year", "region_code", "weight_version"),
            _table("trimmed_case", "weigh", "settlement_year", "region_code", "weight_version"),
            _table("hospital_cost_coefficient", "weigh", "settlement_year", "region_code", "weight_version"),
            # A log: rate and `drg version` append to it too.
            _table("version_status", "weigh"),
        ),
        after=("group",),
        period=Period.YEAR,
    ),
    Step(
        "rate",
        "base rate per region and fund",
        reads=("drg_weight", "version_status", "grouped_case", "fund_budget"),
        writes=(_table("region_rate", "rate", "settlement_year", "region_code", "rate_version"),),
        after=("weigh",),
        period=Period.YEAR,
    ),
    Step(
        "settle",
        "what the fund pays",
        reads=(
            "grouped_case",
            "settlement_list",
            "drg_weight",
            "hospital_cost_coefficient",
            "region_rate",
            "version_status",
            "case_application",
            "case_dispute",
        ),
        writes=(
            _table("case_payment", "settle", *_MONTH_REGION),
            _table("month_point_value", "settle", *_MONTH_REGION),
            _table("payment_adjustment", "settle", *_MONTH_REGION),
            _table("hospital_settlement", "settle", *_MONTH_REGION),
            _table("fund_account", "settle", *_MONTH_REGION),
        ),
        after=("group", "weigh", "rate"),
    ),
    Step(
        "compare",
        "identical DRGs across regions, mix held constant",
        reads=("case_payment",),
        writes=(_table("drg_region_comparison", "compare", "settlement_month"),),
        after=("settle",),
        province_wide=True,
    ),
    Step(
        "publish",
        "who receives what",
        reads=(
            "case_payment",
            "hospital_settlement",
            "fund_account",
            "drg_weight",
            "region_rate",
            "version_status",
            "drg_region_comparison",
            "rejected_list",
            "list_flag",
            "list_quality",
            "intake_finding",
            "hospital_register",
            "case_dispute",
            "warning_notice",
            "payment_adjustment",
        ),
        writes=(),
        after=("settle", "compare"),
    ),
)

# The annual clearing (`drg close`) stands beside the line: it runs once, after the twelve months of a year.
CLOSE = Step(
    "close",
    "what a year's months still owe, by hospital and fund",
    reads=(
        "case_payment",
        "hospital_settlement",
        "settlement_list",
        "region_rate",
        "version_status",
        "fund_budget",
        "hospital_register",
        "hospital_performance",
        "audit_deduction",
        "payment_adjustment",
    ),
    writes=(
        _table("hospital_clearing", "settle", "settlement_year", "region_code"),
        _table("fund_clearing", "settle", "settlement_year", "region_code"),
    ),
    after=("settle",),
    period=Period.YEAR,
)

# Appended to, never rewritten: what each step did, and what a person decided on which figures.
RUN_LOG = Table("run_log", "", ())
APPROVAL = Table("approval", "", ())

STEP_NAMES: tuple[str, ...] = tuple(step.name for step in STEPS)
TABLES: dict[str, Table] = {table.name: table for step in (*STEPS, CLOSE) for table in step.writes} | {
    log.name: log for log in (RUN_LOG, APPROVAL)
}


def step_named(name: str) -> Step:
    """The step with this name, or the clearing; StopIteration otherwise (callers check names against STEP_NAMES)."""
    return next(step for step in (*STEPS, CLOSE) if step.name == name)


def steps_between(first: str, last: str) -> tuple[Step, ...]:
    """The steps from `first` to `last`, both included, in the order of the line; empty when last precedes first."""
    return STEPS[STEP_NAMES.index(first) : STEP_NAMES.index(last) + 1]


def first_version(year: int) -> str:
    """Name of the first version of a year's weights and rates; later ones count on: 2025.1, 2025.2."""
    return f"{year}.1"
