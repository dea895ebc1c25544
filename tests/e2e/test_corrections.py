"""A late list, a correction, a reversal and a refund, each before settlement, after it and after the clearing.

Twelve lists of one region's December, by real deliveries through land, validate, group and settle. All of them are of
one group with weight 1.0000, the rate is 1,000.00 yuan, the hospital's level has the coefficient 1.06: the fund pays

    1.0000 x 1,000.00 x 1.06 - what the patient paid

so that a list of 1,000.00 yuan of which the patient paid 400.00 brings 660.00.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from drawn_tables import drawn, publish_version
from intake_messages import REGION, Message, deliver, item, message
from one_region import one_region

from drg.doors.config import Env
from drg.runner import run_steps
from drg.steps import steps_between

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from drg.doors.tables import Lake

D = Decimal
DECEMBER, OPEN = "2025-12", "2026-01"
GROUP = "HZ29"
START = datetime(2026, 2, 1, tzinfo=UTC)
EVENTS = ("late", "correction", "reversal", "refund")
# When the events of a moment are delivered, and with which declaration.
BEFORE, AFTER, CLEARED = "2026-01", "2026-02", "2026-03"


def bill(setl_id: str, total: int, declared: str = "2025-12-10", **values: str) -> Message:
    """A stay in December of which the fund paid 60 % and the patient 40 %."""
    fund, patient = total * 60 // 100, total * 40 // 100
    header = {
        "setl_id": setl_id, "mdtrt_id": f"V{setl_id}", "psn_no": f"P{setl_id}", "age": "45",
        "adm_time": "2025-12-01 09:00:00", "dscg_time": "2025-12-07 10:00:00", "setl_time": "2025-12-07 11:00:00",
        "setl_begndate": "2025-12-01", "setl_enddate": "2025-12-07", "dcla_time": f"{declared} 08:00:00",
        "medfee_sumamt": f"{total}.00", "fulamt_ownpay_amt": "0.00", "preselfpay_amt": "0.00",
        "inscp_amt": f"{total}.00", "hifp_pay": f"{fund}.00", "hifob_pay": "0.00", "cvlserv_pay": "0.00",
        "maf_pay": "0.00", "fund_pay_sumamt": f"{fund}.00", "acct_payamt": "0.00", "cash_payamt": f"{patient}.00",
        "psn_selfpay_amt": f"{patient}.00", "psn_ownpay_fee": "0.00", "icd_version": "insurance-2.0",
    } | values  # fmt: skip
    paid = [{"fund_pay_type": "310100", "fund_payamt": header["hifp_pay"]}]
    charged = [item("01", f"{total // 2}.00"), item("09", f"{total - total // 2}.00")]
    return {**message(**header), "payinfo": paid, "iteminfo": charged}


def back(original: str, setl_id: str, declared: str) -> Message:
    """The reversal of a settlement: a record of its own that names it and carries its amounts with the sign turned."""
    names = {"init_setl_id": original, "refd_setl_flag": "1", "mdtrt_id": f"V{original}", "psn_no": f"P{original}"}
    return bill(setl_id, -1000, declared, **names)


def events(moment: str) -> list[Message]:
    """What a moment's delivery says of December: one list each late, corrected, reversed, refunded."""
    m, day = moment[-1], f"{moment}-10"
    return [
        bill(f"late{m}", 1000, day),
        bill(f"correction{m}", 1200, day),
        back(f"reversal{m}", f"reversal{m}x", day),
        back(f"refund{m}", f"refund{m}x", day),
        bill(f"refund{m}new", 800, day, mdtrt_id=f"Vrefund{m}"),
    ]


# What the fund pays of each list: as first delivered, and when its event has come.
#   late        0                      -> 1,060 - 400 = 660
#   correction  1,060 - 400 = 660      -> 1,060 - 480 = 580  (the patient paid 40 % of 1,200)
#   reversal    1,060 - 400 = 660      -> 0
#   refund      1,060 - 400 = 660      -> 0, and the new settlement 1,060 - 320 = 740  (40 % of 800)
def december(come: Iterable[str]) -> dict[str, Decimal]:
    """Payments of December when the events of these moments have come."""
    found: dict[str, Decimal] = {}
    for moment in (BEFORE, AFTER, CLEARED):
        m = moment[-1]
        if moment in come:
            found |= {f"late{m}": D(660), f"correction{m}": D(580), f"refund{m}new": D(740)}
        else:
            found |= {f"{event}{m}": D(660) for event in EVENTS if event != "late"}
    return found


@dataclasses.dataclass
class Place:
    spark: SparkSession
    lake: Lake
    env: Env
    days: int = 0

    def run(self, first: str, last: str, *months: str) -> None:
        self.days += 1
        steps, now = steps_between(first, last), START + timedelta(days=self.days)
        assert run_steps(self.spark, self.env, steps, (REGION,), months, now).failed == []

    def paid(self, month: str = DECEMBER) -> dict[str, Decimal]:
        rows = self.lake.read("case_payment", settlement_month=[month]).select("setl_id", "fund_payment").collect()
        return {row["setl_id"]: row["fund_payment"] for row in rows}

    def rows(self, table: str) -> list[str]:
        return sorted(map(repr, self.lake.read(table, settlement_month=[DECEMBER]).collect()))

    def landed_are_accepted_and_rejected(self) -> None:
        counts = [
            self.lake.read(table).where(f"{column} = '{DECEMBER}'").count()
            for table, column in (
                ("landed_list", "record_month"),
                ("settlement_list", "settlement_month"),
                ("rejected_list", "settlement_month"),
            )
        ]
        assert counts[0] == counts[1] + counts[2] > 0


@pytest.fixture(scope="module")
def place(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """December delivered with nine of the lists; the weight and the rates of both years published."""
    from drg.doors.tables import Lake

    env = one_region(tmp_path_factory.mktemp("corrections"))
    first = [bill(f"{event}{m[-1]}", 1000) for m in (BEFORE, AFTER, CLEARED) for event in EVENTS if event != "late"]
    deliver(env.deliveries, first, month=DECEMBER)
    lake = Lake(spark, env)
    for year in (2025, 2026):
        version, of_year = f"{year}.1", {"settlement_year": [year], "region_code": [REGION]}
        weight = {
            "settlement_year": year, "region_code": REGION, "scheme": "chs-drg-2.0", "drg": GROUP, "level_class": "all",
            "relative_weight": D(1), "mean_cost": D(1000), "region_mean_cost": D(1000), "weight_version": version,
        }  # fmt: skip
        rates = [
            {"settlement_year": year, "region_code": REGION, "fund": fund, "level_class": "all",
             "rate_version": version, "method": "rate", "base_rate": D(1000), "rate_source": "published"}
            for fund in ("310", "390")
        ]  # fmt: skip
        lake.replace("drg_weight", drawn(spark, "drg_weight", [weight]), weight_version=[version], **of_year)
        lake.replace("region_rate", drawn(spark, "region_rate", rates), rate_version=[version], **of_year)
        publish_version(spark, lake, REGION, version=version)
    return Place(spark, lake, env)


def deliver_events(place: Place, moment: str, *further: Message) -> None:
    """The moment's delivery is taken in: its events of December, and further lists."""
    deliver(place.env.deliveries, [*events(moment), *further], month=moment)
    place.run("land", "land", *((DECEMBER, OPEN) if moment == OPEN else (moment,)))
    place.run("validate", "group", *((DECEMBER, OPEN) if moment == OPEN else (DECEMBER,)))
    place.landed_are_accepted_and_rejected()


def test_before_settlement_the_month_is_paid_once_as_it_stands(place: Place) -> None:
    of_january = bill(
        "own", 1000, "2026-01-10", adm_time="2026-01-01 09:00:00", dscg_time="2026-01-07 10:00:00",
        setl_time="2026-01-07 11:00:00", setl_begndate="2026-01-01", setl_enddate="2026-01-07", age="46",
    )  # fmt: skip
    deliver_events(place, BEFORE, of_january)
    place.run("settle", "settle", DECEMBER)
    assert place.paid() == december({BEFORE})


def test_after_settlement_the_open_month_is_settled_again(place: Place) -> None:
    deliver_events(place, AFTER)
    assert place.paid() == december({BEFORE})  # nothing is rewritten before it is settled
    place.run("settle", "settle", DECEMBER)
    assert place.paid() == december({BEFORE, AFTER})


def test_after_the_clearing_the_differences_are_booked_in_the_open_month(place: Place) -> None:
    where: dict[str, Any] = {"settlement_year": [2025], "region_code": [REGION]}
    cleared = [{"settlement_year": 2025, "region_code": REGION}]
    place.lake.replace("fund_clearing", drawn(place.spark, "fund_clearing", cleared), **where)
    settled = place.rows("case_payment")
    deliver_events(place, CLEARED)
    place.run("settle", "settle", OPEN)

    def booked() -> dict[str, tuple[str, Decimal]]:
        rows = place.lake.read("payment_adjustment", settlement_month=[OPEN]).collect()
        return {row["setl_id"]: (row["reason"], row["amount"]) for row in rows}

    m = CLEARED[-1]
    assert booked() == {
        f"late{m}": ("late", D(660)),
        f"correction{m}": ("corrected", D(580) - D(660)),
        f"reversal{m}": ("withdrawn", D(-660)),
        f"refund{m}": ("withdrawn", D(-660)),
        f"refund{m}new": ("late", D(740)),
    }
    assert place.rows("case_payment") == settled  # nothing settled is rewritten in silence
    assert sum(amount for _, amount in booked().values()) == sum(december({BEFORE, AFTER, CLEARED}).values()) - sum(
        place.paid().values()
    )
    assert place.paid(OPEN) == {"own": D(660)}
