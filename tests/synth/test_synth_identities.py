"""Every amount of every clean message adds up to the fen, in each format."""

from __future__ import annotations

from collections import Counter
from decimal import ROUND_HALF_UP, Decimal

from tests.synth.drawn import Draw, Message

FUNDS = ("hifp_pay", "hifmi_pay", "hifob_pay", "cvlserv_pay", "hifes_pay", "hifdm_pay", "maf_pay", "othfund_pay")
PARTS = ("item_claa_amt", "item_clab_amt", "item_ownpay_amt", "item_oth_amt")


def broken_identities(message: Message) -> list[str]:
    m = {
        name: Decimal(value)
        for name, value in message.items()
        if name.endswith(("amt", "pay", "part", "fee", "dedc")) and name != "bld_amt"
    }
    total = m["medfee_sumamt"]
    items = message["iteminfo"]
    ratio = Decimal(message["pool_prop_selfpay"])
    listed = {row["fund_pay_type"]: Decimal(row["fund_payamt"]) for row in message["payinfo"]}
    basic = ((m["inscp_amt"] - m["act_pay_dedc"]).copy_abs() * ratio).quantize(Decimal("0.01"), ROUND_HALF_UP)
    holds = {
        "items = total": sum(Decimal(row["item_sumamt"]) for row in items) == total,
        "item = its classes": all(
            Decimal(row["item_sumamt"]) == sum(Decimal(row[part]) for part in PARTS) for row in items
        ),
        "one row a category": len({row["med_chrgitm_type"] for row in items}) == len(items),
        "own pay = items": m["fulamt_ownpay_amt"] == sum(Decimal(row["item_ownpay_amt"]) for row in items),
        "over limit = items": m["overlmt_selfpay"] == sum(Decimal(row["item_oth_amt"]) for row in items),
        "eligible": m["inscp_amt"] == total - m["fulamt_ownpay_amt"] - m["overlmt_selfpay"] - m["preselfpay_amt"],
        "basic pool": m["hifp_pay"].copy_abs() == basic,
        "fund total = its parts": m["fund_pay_sumamt"] == sum(m[name] for name in FUNDS),
        "fund total = fund rows": m["fund_pay_sumamt"]
        == sum(v for k, v in listed.items() if k not in ("310200", "999996")),
        "account row": listed.get("310200", Decimal(0)) == m["acct_payamt"],
        "who pays = total": m["fund_pay_sumamt"] + m["psn_pay"] + m["ownpay_hosp_part"] == total,
        "person = account + cash": m["psn_pay"] == m["acct_payamt"] + m["cash_payamt"],
        "person = self-pay + own pay": m["psn_pay"] == m["psn_selfpay_amt"] + m["psn_ownpay_fee"],
        "own pay twice": m["psn_ownpay_fee"] == m["fulamt_ownpay_amt"],
        "fund of the insurance": not any(
            code.startswith({"310": "39", "390": "31"}[message["insutype"]]) for code in listed
        ),
    }
    return [name for name, held in holds.items() if not held]


def test_every_identity_holds_to_the_fen_in_every_format(usual: Draw, troubled: Draw) -> None:
    messages = usual.clean() + troubled.clean()
    assert Counter(name for message in messages for name in broken_identities(message)) == {}
    regions = {message["setl_id"][:6] for message in messages}
    assert regions == {"510100", "510300", "510400"}  # one format each


def test_amounts_are_negative_in_reversals_only(troubled: Draw) -> None:
    taken_back = troubled.of(record_kind="reversal")
    assert taken_back
    assert all(Decimal(message["medfee_sumamt"]) < 0 for message in taken_back)
    names = (*FUNDS, "medfee_sumamt", "cash_payamt", "acct_payamt", "act_pay_dedc", "preselfpay_amt", "psn_selfpay_amt")
    for message in troubled.clean():
        if message["refd_setl_flag"] == "0":
            assert all(Decimal(message[name]) >= 0 for name in names), message["setl_id"]


def test_deductible_and_ratio_follow_level_and_fund(usual: Draw) -> None:
    found = {(m["insutype"], m["hi_setl_lv"], m["pool_prop_selfpay"]) for m in usual.clean()}
    assert ("310", "3", "0.8600") in found
    assert ("390", "1", "0.8500") in found
    assert len(found) == 6
    for message in usual.of(record_kind="list", defect=""):
        standard = {"310": ("200", "400", "800"), "390": ("150", "500", "900")}[message["insutype"]]
        at_most = Decimal(standard[int(message["hi_setl_lv"]) - 1])
        assert Decimal(message["act_pay_dedc"]) == min(at_most, Decimal(message["inscp_amt"]))
