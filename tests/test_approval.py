"""Figures a person decides on, and the record of the decision."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from contract_tool import said_by_make_contracts

from drg.approval import Decision, as_json, as_text, changes, decisions, record
from drg.doors.tables import Lake
from drg.errors import ConfigError
from drg.summary import RegionSummary

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from drg.doors.config import Env

AT = datetime.fromisoformat("2025-02-20T08:00:00+08:00")


def summary(accepted: int, paid: str) -> RegionSummary:
    return RegionSummary("510100", "成都市", landed=accepted, accepted=accepted, fund_payment={"310": Decimal(paid)})


def test_a_change_of_twenty_per_cent_is_within_the_limit_and_more_is_named() -> None:
    assert changes(summary(100, "1000.00"), summary(120, "800.00"), 20) == []
    assert changes(summary(100, "1000.00"), summary(121, "799.00"), 20) == [
        "510100 成都市: lists 100 -> 121 (+21.0 %)",
        "510100 成都市: fund 310 pays 1000.00 -> 799.00 (-20.1 %)",
    ]


def test_nothing_to_compare_with_is_no_change() -> None:
    assert changes(summary(0, "0.00"), summary(5, "10.00"), 20) == []


def test_the_text_names_who_lacks_and_gives_each_region_a_line() -> None:
    figures = {"regions": [{"region": "510100", "accepted": 7}], "changes": ["x"], "limit_per_cent": 20,
               "compared_with": "2024-12..2024-12"}  # fmt: skip
    text = as_text("month", "2025-01", ["510300"], figures)
    assert "Provisional: 510300 lack." in text
    assert "| region | accepted |" in text
    assert "| 510100 | 7 |" in text
    assert json.loads(as_json(figures)) == figures


def test_a_region_without_payments_hides_no_money_of_another() -> None:
    paid, unpaid = {"region": "510100", "fund 310 pays": "7.00"}, {"region": "510300"}
    for rows in ([paid, unpaid], [unpaid, paid]):
        figures = {"regions": rows, "changes": [], "left_out": ["510300 2025-01: settle failed (no rate)"]}
        text = as_text("month", "2025-01", [], figures)
        assert "| region | fund 310 pays |" in text
        assert "| 510100 | 7.00 |" in text
        assert "| 510300 | - |" in text
        assert "- 510300 2025-01: settle failed (no rate)" in text


def decision(word: str, at: datetime = AT, subject: str = "month") -> Decision:
    return Decision(subject, "2025-01", ("510100",), (), word, "审批人", at, None, "{}")


def test_decisions_are_appended_and_the_newest_counts(spark: SparkSession, lake: Lake) -> None:
    assert decisions(lake) == {}
    record(spark, lake, decision("rejected"), AT)
    record(spark, lake, decision("approved", AT.replace(hour=9)), AT.replace(hour=9))
    assert decisions(lake) == {"month 2025-01": "approved"}
    rows = lake.read("approval").orderBy("decided_at").collect()
    assert [(row["decision"], row["decided_by"], row["regions"]) for row in rows] == [
        ("rejected", "审批人", ["510100"]),
        ("approved", "审批人", ["510100"]),
    ]


def test_a_word_that_is_no_decision_is_refused_and_nothing_is_written(spark: SparkSession, lake: Lake) -> None:
    with pytest.raises(ConfigError, match="the decision one of approved, rejected"):
        record(spark, lake, decision("perhaps"), AT)
    with pytest.raises(ConfigError, match="the subject is one of"):
        record(spark, lake, decision("approved", subject="weather"), AT)
    assert not lake.exists("approval")


@pytest.mark.lane
def test_decisions_keep_their_contract(spark: SparkSession, lake: Lake, env: Env) -> None:
    record(spark, lake, decision("approved"), AT)
    assert said_by_make_contracts(env.data, "approval").startswith("1 of 1 tables keep their contracts")
