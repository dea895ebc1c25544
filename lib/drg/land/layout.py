"""The shape of a delivered settlement list (医疗保障基金结算清单) in the centre dialect.

One record is a header (`setlinfo`, list and settlement joined) and five child nodes. In JSON it is one message a line,
in pipe-separated text the header fields are columns and each node is a cell with a JSON array, in Parquet the nodes
are lists of structs.

Source: national interface transactions 4101/4103, names as the centre stores them.
"""

from __future__ import annotations

# Header fields the later steps need. A file that lacks the column of one of these is not read by guesswork.
NEEDED_FIELDS: tuple[str, ...] = (
    "setl_id",
    "mdtrt_id",
    "psn_no",
    "gend",
    "brdy",
    "age",
    "age_days",
    "fixmedins_code",
    "insutype",
    "insu_admdvs",
    "med_type",
    "adm_time",
    "dscg_time",
    "act_ipt_days",
    "dscg_way",
    "nwb_bir_wt",
    "nwb_adm_wt",
    "dcla_time",
    "setl_time",
    "stas_type",
    "vali_flag",
    "refd_setl_flag",
    "init_setl_id",
    "diag_code_cnt",
    "oprn_oprt_code_cnt",
    "icd_version",
    "medfee_sumamt",
    "fulamt_ownpay_amt",
    "overlmt_selfpay",
    "preselfpay_amt",
    "inscp_amt",
    "act_pay_dedc",
    "hifp_pay",
    "hifmi_pay",
    "hifob_pay",
    "cvlserv_pay",
    "hifes_pay",
    "hifdm_pay",
    "maf_pay",
    "othfund_pay",
    "fund_pay_sumamt",
    "ownpay_hosp_part",
    "acct_payamt",
    "cash_payamt",
)

# Header fields only checks look at: without their column they count as empty.
CHECKED_FIELDS: tuple[str, ...] = (
    "hi_paymtd",
    "bill_code",
    "bill_no",
    "adm_caty",
    "dscg_caty",
    "chfpdr_code",
    "setl_begndate",
    "setl_enddate",
    "nwb_adm_type",
    "vent_used_days",
    "vent_used_h_cnt",
    "vent_used_m_cnt",
    "pool_prop_selfpay",
    "psn_selfpay_amt",
    "psn_ownpay_fee",
    "psn_cert_type",
    "certno",
    "emp_poscode",
    "ntly",
    "patn_rlts",
    "trt_type",
    "spga_nurscare_days",
    "lv1_nurscare_days",
    "scd_nurscare_days",
    "lv3_nurscare_days",
    "acp_optins_code",
    "dscg31days_rinp_flag",
    "rinp_pup",
    "bfadm_coma_days",
    "bfadm_coma_h_cnt",
    "bfadm_coma_m_cnt",
    "afadm_coma_days",
    "afadm_coma_h_cnt",
    "afadm_coma_m_cnt",
    "mul_nwb_bir_wt",
    "mul_nwb_adm_wt",
    "bld_cat",
    "bld_amt",
    "bld_unt",
)

# Child nodes and the fields of theirs the later steps need.
NODES: dict[str, tuple[str, ...]] = {
    "payinfo": ("fund_pay_type", "fund_payamt"),
    "diseinfo": ("diag_type", "maindiag_flag", "diag_code", "diag_name", "adm_cond_type"),
    "iteminfo": (
        "med_chrgitm_type",
        "item_sumamt",
        "item_claa_amt",
        "item_clab_amt",
        "item_ownpay_amt",
        "item_oth_amt",
    ),
    "oprninfo": (
        "main_oprn_flag",
        "oprn_oprt_code",
        "oprn_oprt_name",
        "oprn_oprt_date",
        "oprn_oprt_begntime",
        "oprn_oprt_endtime",
        "anst_way",
        "anst_begntime",
        "anst_endtime",
        "oper_dr_code",
        "anst_dr_code",
    ),
    "icuinfo": ("scs_cutd_ward_type", "scs_cutd_inpool_time", "scs_cutd_exit_time", "scs_cutd_sum_dura"),
}

NEEDED_COLUMNS: tuple[str, ...] = NEEDED_FIELDS + tuple(NODES)

FORMATS: tuple[str, ...] = ("json", "csv", "parquet")


def column_fault(names: list[str]) -> str | None:
    """Why records under these column names cannot be read, as one Chinese sentence; None when they can.

    Further columns do no harm: they stay in the landed record. A needed one that is missing or occurs twice does.
    """
    missing = [name for name in NEEDED_COLUMNS if name not in names]
    twice = sorted({name for name in names if names.count(name) > 1 and name in NEEDED_COLUMNS})
    if missing:
        return f"文件缺少列 {'、'.join(missing)}；请按交付约定的列名重新交付该文件"
    if twice:
        return f"文件中列 {'、'.join(twice)} 出现两次；请保留一列后重新交付该文件"
    return None
