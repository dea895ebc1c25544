"""Late lists, corrections, reversals and re-settlements: when they come and what they say."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from tests.synth.drawn import Draw


def test_what_follows_comes_with_the_delivery_of_the_month_after(troubled: Draw) -> None:
    truth = troubled.truth
    after = truth[truth.record_kind.isin(["late", "correction", "reversal", "resettlement"])]
    assert set(after.record_kind) == {"late", "correction", "reversal", "resettlement"}
    assert set(zip(after.origin_month, after.delivery_month, strict=True)) == {("2024-12", "2025-01")}
    others = truth[~truth.index.isin(after.index)]
    assert (others.origin_month == others.delivery_month).all()


def test_settled_in_its_month_and_declared_before_the_delivery(troubled: Draw) -> None:
    places = troubled.by_place()
    for row in troubled.truth.itertuples():
        message = places[row.file_name, row.line_number]
        if message is None:
            continue
        assert message["setl_time"][:7] == row.origin_month
        delivered = f"{(pd.Period(row.delivery_month) + 1)}-10 08:00:00"
        assert message["setl_time"] < message["dcla_time"] < delivered


def test_a_correction_is_the_same_settlement_declared_later(troubled: Draw) -> None:
    originals = {m["setl_id"]: m for m in troubled.of(outcome="replaced")}
    corrections = troubled.of(record_kind="correction")
    assert len(corrections) == len(originals) > 100
    changed_codes = changed_money = 0
    for message in corrections:
        before = originals[message["setl_id"]]
        assert message["dcla_time"] > before["dcla_time"]
        changed_codes += message["diseinfo"] != before["diseinfo"]
        changed_money += message["medfee_sumamt"] != before["medfee_sumamt"]
        assert message["diag_code_cnt"] == str(len(message["diseinfo"]))
    first = troubled.truth[troubled.truth.outcome == "replaced"].defect
    assert not set(first) & {"duplicate", "half_record"}
    repaired = (first != "").sum()
    assert min(changed_codes, changed_money, repaired) > 10


def test_a_reversal_names_its_original_and_negates_it(troubled: Draw) -> None:
    originals = {m["setl_id"]: m for m in troubled.of(outcome="cancelled")}
    reversals = troubled.of(record_kind="reversal")
    assert {m["init_setl_id"] for m in reversals} == set(originals)
    for message in reversals:
        before = originals[message["init_setl_id"]]
        assert message["setl_id"] != before["setl_id"]
        assert message["refd_setl_flag"] == "1"
        assert message["mdtrt_id"] == before["mdtrt_id"]
        assert Decimal(message["medfee_sumamt"]) == -Decimal(before["medfee_sumamt"])
        negated = {row["fund_pay_type"]: -Decimal(row["fund_payamt"]) for row in message["payinfo"]}
        assert negated == {row["fund_pay_type"]: Decimal(row["fund_payamt"]) for row in before["payinfo"]}


def test_some_are_settled_again_for_the_same_visit(troubled: Draw) -> None:
    visits = {m["mdtrt_id"]: m for m in troubled.of(outcome="cancelled")}
    again = troubled.of(record_kind="resettlement")
    assert 0 < len(again) < len(visits)
    for message in again:
        before = visits[message["mdtrt_id"]]
        assert message["setl_id"] != before["setl_id"]
        assert message["refd_setl_flag"] == "0"
        assert message["init_setl_id"] == ""


def test_usual_shares_of_events(usual: Draw) -> None:
    first = usual.truth[usual.truth.origin_month == "2024-12"]
    lists = first.record_kind.isin(["list", "late"]).sum()
    share = first.record_kind.value_counts() / lists
    assert 0.01 < share["late"] < 0.03
    assert 0.004 < share["correction"] < 0.018
    assert 0.001 < share["reversal"] < 0.011
