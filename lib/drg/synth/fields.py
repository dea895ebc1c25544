"""Names of the message, in their order: header with settlement (setlinfo) and five child nodes.

Source: 医疗保障信息平台 interface 4101 / 4103, centre dialect (中心端口径): names as the central tables spell them.
"""

from __future__ import annotations

import pyarrow as pa

SETLINFO = (
    "setl_id", "mdtrt_id", "psn_no", "psn_name", "certno", "psn_cert_type", "gend", "brdy", "age", "age_days", "ntly",
    "naty", "curr_addr", "coner_name", "coner_tel", "medcasno", "bill_code", "bill_no", "fixmedins_code",
    "fixmedins_name", "hi_setl_lv", "insutype", "insu_admdvs", "ipt_med_type", "med_type", "adm_time", "dscg_time",
    "act_ipt_days", "dscg_way", "adm_caty", "dscg_caty", "nwb_adm_type", "nwb_bir_wt", "nwb_adm_wt", "vent_used_days",
    "vent_used_h_cnt", "vent_used_m_cnt", "hi_paymtd", "chfpdr_code", "chfpdr_name",
    "emp_poscode", "patn_rlts", "trt_type", "spga_nurscare_days", "lv1_nurscare_days", "scd_nurscare_days",
    "lv3_nurscare_days", "acp_optins_code", "dscg31days_rinp_flag", "rinp_pup", "bfadm_coma_days", "bfadm_coma_h_cnt",
    "bfadm_coma_m_cnt", "afadm_coma_days", "afadm_coma_h_cnt", "afadm_coma_m_cnt", "mul_nwb_bir_wt", "mul_nwb_adm_wt",
    "bld_cat", "bld_amt", "bld_unt", "dcla_time", "setl_begndate", "setl_enddate", "setl_time", "stas_type",
    "vali_flag", "refd_setl_flag", "mid_setl_flag", "init_setl_id", "diag_code_cnt", "oprn_oprt_code_cnt",
    "icd_version", "medfee_sumamt", "fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_amt",
    "act_pay_dedc", "hifp_pay", "pool_prop_selfpay", "hifmi_pay", "hifob_pay", "cvlserv_pay", "hifes_pay",
    "hifdm_pay", "maf_pay", "othfund_pay", "fund_pay_sumamt", "ownpay_hosp_part", "psn_pay", "acct_payamt",
    "cash_payamt", "psn_selfpay_amt", "psn_ownpay_fee",
)  # fmt: skip
NODES = {
    "payinfo": ("fund_pay_type", "fund_payamt"),
    "diseinfo": ("diag_type", "maindiag_flag", "diag_code", "diag_name", "adm_cond_type"),
    "iteminfo": (
        "med_chrgitm_type", "item_sumamt", "item_claa_amt", "item_clab_amt", "item_ownpay_amt", "item_oth_amt",
    ),
    "oprninfo": (
        "main_oprn_flag", "oprn_oprt_code", "oprn_oprt_name", "oprn_oprt_date", "oprn_oprt_begntime",
        "oprn_oprt_endtime", "anst_way", "anst_begntime", "anst_endtime", "oper_dr_code", "oper_dr_name",
        "anst_dr_code",
    ),
    "icuinfo": ("scs_cutd_ward_type", "scs_cutd_inpool_time", "scs_cutd_exit_time", "scs_cutd_sum_dura"),
}  # fmt: skip
MONEY = SETLINFO[SETLINFO.index("medfee_sumamt") :]
ITEM_MONEY = NODES["iteminfo"][1:]
SCHEMA = pa.schema(
    [pa.field(name, pa.string()) for name in SETLINFO]
    + [pa.field(node, pa.list_(pa.struct([(name, pa.string()) for name in names]))) for node, names in NODES.items()]
)
