"""What a Delta table refuses by itself: a new one from its first transaction, one of an earlier release as it can."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from drawn_tables import drawn

from drg import ddl
from drg.contracts import contract
from drg.doors.constraints import as_properties, violated
from drg.doors.tables import Lake
from drg.errors import ContractError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from drg.doors.config import Env

TABLE, A, B = "fund_account", "510100", "510300"
ACCOUNT = contract(TABLE)
MONTH: dict[str, Any] = {"settlement_month": ["2025-01"]}
KEY = "delta.constraints.contract_"


def account(region: str = A, **changes: Any) -> dict[str, Any]:
    return {"region_code": region, "insured_region_code": region, "fund_payment": Decimal(10)} | changes


def properties(spark: SparkSession, lake: Lake) -> dict[str, str]:
    rows = spark.sql(f"SHOW TBLPROPERTIES delta.`{lake.path(TABLE)}`").collect()
    return {row["key"]: row["value"] for row in rows if row["key"].startswith("delta.constraints.")}


def test_a_wrong_row_is_refused_whoever_writes_it(lake: Lake, spark: SparkSession) -> None:
    """By the engine in one sentence without the row's values, and by Delta where another program writes."""
    lake.replace(TABLE, drawn(spark, TABLE, [account()]), **MONTH, region_code=[A])
    wrong = drawn(spark, TABLE, [account(B, fund="340"), account(B)])
    with pytest.raises(ContractError) as refused:
        lake.replace(TABLE, wrong, **MONTH, region_code=[B])
    assert str(refused.value) == (
        "table fund_account was not written: a row breaks rule fund_codes (fund is one of 310, 390); correct the step "
        "that wrote the row, or the rule in the contract of fund_account"
    )
    assert refused.value.__suppress_context__  # what Delta says has the values
    with pytest.raises(Exception, match="CHECK constraint contract_local_stays"):
        drawn(spark, TABLE, [account(B, insured_region_code=A)]).write.format("delta").mode("append").save(
            lake.path(TABLE)
        )
    assert [row["region_code"] for row in lake.read(TABLE).collect()] == [A]


def test_a_table_of_an_earlier_release_gets_the_rules_its_rows_permit(
    lake: Lake, spark: SparkSession, env: Env
) -> None:
    """Its row of A breaks not_negative; it has a rule of that release, another text of one, and one of somebody."""
    path = lake.path(TABLE)
    old = drawn(spark, TABLE, [account(n_cases=-1)]).write.format("delta")
    old.partitionBy(*ACCOUNT.partitions()).save(path)
    for name, text in {
        "contract_gone": "fund <> '0'",
        "contract_fund_codes": "fund > '0'",
        "own": "line <> ''",
    }.items():
        spark.sql(f"ALTER TABLE delta.`{path}` ADD CONSTRAINT {name} CHECK ({text})")
    lake.replace(TABLE, drawn(spark, TABLE, [account(B)]), **MONTH, region_code=[B])
    wanted = set(as_properties(ACCOUNT))
    assert set(properties(spark, lake)) == wanted - {f"{KEY}not_negative"} | {"delta.constraints.own"}
    with pytest.raises(ContractError, match="rule fund_codes"):
        lake.replace(TABLE, drawn(spark, TABLE, [account(B, fund="340")]), **MONTH, region_code=[B])
    lake.replace(TABLE, drawn(spark, TABLE, [account(A)]), **MONTH, region_code=[A])
    again = Lake(spark, env)
    before = again.version(TABLE)
    again.replace(TABLE, drawn(spark, TABLE, [account(B, n_cases=2)]), **MONTH, region_code=[B])
    assert wanted < set(properties(spark, lake))
    assert again.version(TABLE) == before + 2  # the rule that was left out, and the rows


def test_a_table_made_by_the_printed_ddl_needs_nothing(lake: Lake, spark: SparkSession) -> None:
    made = ddl.delta(ACCOUNT).removesuffix(";").replace(f"TABLE {TABLE} ", f"TABLE delta.`{lake.path(TABLE)}` ", 1)
    spark.sql(made)
    assert properties(spark, lake) == as_properties(ACCOUNT)
    lake.replace(TABLE, drawn(spark, TABLE, [account()]), **MONTH, region_code=[A])
    assert lake.version(TABLE) == 1


def test_a_null_where_a_value_is_required_is_told_as_such() -> None:
    text = "CHECK constraint contract_not_negative (n_cases >= 0) violated by row with values:\n - n_cases : null\n\tat"
    assert "column n_cases is required and holds a null" in str(violated(ACCOUNT, text))
    assert "rule not_negative (n_cases: no amount or count is below 0)" in str(
        violated(ACCOUNT, text.replace("null", "-1"))
    )


def test_only_a_broken_rule_is_told_as_one() -> None:
    assert violated(ACCOUNT, "No space left on device") is None
    assert violated(ACCOUNT, "CHECK constraint own (line <> '') violated by row with values:") is None
