"""A message of `intake_messages` as a region sends it that uses the names of the interface (4101) instead."""

from __future__ import annotations

from typing import Any

from intake_messages import Message

# name at the centre -> name in the interface or provincial spelling
HEADER = {
    "age_days": "nwb_age",
    "insu_admdvs": "insuplc",
    "insutype": "hi_type",
    "nwb_adm_type": "nwb_admtype",
    "nwb_bir_wt": "nwbbirwt",
    "nwb_adm_wt": "nwbadmwt",
    "setl_begndate": "setl_begn_date",
    "setl_enddate": "setl_end_date",
    "bill_no": "BILLNO",
    "psn_selfpay_amt": "psn_selfpay",
    "psn_ownpay_fee": "psn_ownpay",
    "acct_payamt": "acct_pay",
    "cash_payamt": "psn_cash_pay",
    "inscp_amt": "inscp_scp_amt",
}
ITEM = {
    "med_chrgitm_type": "med_chrgitm",
    "item_sumamt": "amt",
    "item_claa_amt": "claa_sumfee",
    "item_clab_amt": "clab_amt",
    "item_ownpay_amt": "fulamt_ownpay_amt",
    "item_oth_amt": "oth_amt",
}
PROCEDURE = {"main_oprn_flag": "oprn_oprt_type"}
_VENTILATED = ("vent_used_days", "vent_used_h_cnt", "vent_used_m_cnt")


def in_interface_names(one: Message) -> Message:
    """The same list under the names of the interface; the time of ventilation as one text."""
    header = {HEADER.get(name, name): value for name, value in one["setlinfo"].items() if name not in _VENTILATED}
    header["vent_used_dura"] = "/".join(one["setlinfo"][name] for name in _VENTILATED)
    rows = {"iteminfo": ITEM, "oprninfo": PROCEDURE}
    nodes = {node: [renamed(row, rows.get(node, {})) for row in one[node]] for node in one if node != "setlinfo"}
    return {"setlinfo": header, **nodes}


def renamed(row: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """A row under other names."""
    return {names.get(name, name): value for name, value in row.items()}
