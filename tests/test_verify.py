"""Identities of money: one line a fund, never the sum of both."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from drawn_tables import drawn, without_rules
from pyspark.sql import functions as F

from drg.identities import per_fund, sum_of
from drg.settle.accounts import fund_account, hospital_settlement
from drg.verify import _lists, _payments

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from drg.doors.tables import Lake

MONTH, REGION = "2025-01", "510100"


def paid(spark: SparkSession, *rows: tuple[str, str]) -> DataFrame:
    drawn = [("2025-01", "510100", fund, amount) for fund, amount in rows]
    frame = spark.createDataFrame(drawn, "settlement_month string, region_code string, fund string, amount string")
    return frame.withColumn("amount", F.col("amount").cast("decimal(16,2)"))


def test_each_fund_has_a_line_of_its_own(spark: SparkSession) -> None:
    """Employee 100.00 + 50.00 on both sides; resident 30.00 against 30.01."""
    left = paid(spark, ("310", "100.00"), ("310", "50.00"), ("390", "30.00"))
    right = paid(spark, ("310", "150.00"), ("390", "30.01"))
    employee, resident = per_fund("paid", left, right, sum_of("amount"))
    assert (employee.name, employee.holds, employee.left, employee.right) == (
        "paid, fund 310",
        True,
        "150.00",
        "150.00",
    )
    assert (resident.name, resident.holds, resident.left, resident.right) == ("paid, fund 390", False, "30.00", "30.01")
    assert resident.where == "2025-01, 510100, 390"


def parts(setl_id: str, patient: str) -> dict[str, Any]:
    """Of 1,000.00 the basic fund paid 600.00, major illness 100.00, assistance 50.00, other funds 30.00."""
    amounts = {"major_illness_payment": "100.00", "assistance_payment": "50.00", "other_fund_payment": "30.00"}
    named = {"total_cost": "1000.00", "basic_fund_payment": "600.00", "patient_payment": patient, **amounts}
    place = {"settlement_month": MONTH, "region_code": REGION, "setl_id": setl_id, "fund": "310"}
    return place | {name: Decimal(amount) for name, amount in named.items()}


def test_the_layers_beside_drg_add_up(spark: SparkSession, lake: Lake) -> None:
    """600 + 100 + 50 + 30 + 220 = 1,000 on the list, 100 + 50 + 30 + 220 = 400 beside the payment; list B is off by
    a fen. So is the standard of case B: a price of 900 and items of 100 are worth 1,000.
    """
    month = {"settlement_month": [MONTH], "region_code": [REGION]}
    both = [parts("A", "220.00"), parts("B", "220.01")]
    without_rules(spark, lake, "settlement_list", "case_payment", "hospital_settlement")
    lake.replace("settlement_list", drawn(spark, "settlement_list", both), **month)
    lake.replace("rejected_list", drawn(spark, "rejected_list", []), **month)
    lake.replace("landed_list", drawn(spark, "landed_list", []), delivery_month=[MONTH], region_code=[REGION])
    lake.append("run_log", drawn(spark, "run_log", []))
    uneven = next(found for found in _lists(lake) if found.name.startswith("total cost of a list"))
    assert (uneven.holds, uneven.left, uneven.where) == (False, "1", f"{MONTH}, {REGION}, B")
    paid = [{name: value for name, value in one.items() if name != "basic_fund_payment"} for one in both]
    worth = {"payment_kind": "normal", "price": Decimal(900), "excluded_item_amount": Decimal(100)}
    priced = [
        {**worth, "patient_and_other_paid": Decimal(400), "standard": Decimal(text)} for text in ("1000.00", "1000.01")
    ]
    payments = drawn(spark, "case_payment", [one | more for one, more in zip(paid, priced, strict=True)])
    lake.replace("case_payment", payments, **month)
    lake.replace("hospital_settlement", hospital_settlement(payments, {(MONTH, REGION): Decimal(0)}), **month)
    lake.replace("fund_account", fund_account(payments), **month)
    lake.replace("grouped_case", drawn(spark, "grouped_case", []), scheme=["x"], **month)
    found = {one.name: one for one in _payments(lake)}
    uneven = found["what others paid = major illness + assistance + other funds + patient"]
    assert (uneven.holds, uneven.left, uneven.where) == (False, "1", f"{MONTH}, {REGION}, B")
    summed = found["patient_payment of cases = of hospital settlements, fund 310"]
    assert (summed.holds, summed.left) == (True, "440.01")
    unpriced = found["a normal case is worth its price, and its excluded items"]
    assert (unpriced.holds, unpriced.left, unpriced.where) == (False, "1", f"{MONTH}, {REGION}, B")
