"""The shape of a delivered settlement list (医疗保障基金结算清单) in the centre dialect.

Names of the interface (4101, 4101A, 2303/2304) and spellings some provinces use are understood as the names of the
centre they stand for, see `ALIASES`.

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
    "mid_setl_flag",
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

# Of these only checks ask; a table may do without them.
CHECKED_CHILD_FIELDS: frozenset[str] = frozenset(
    {
        *("oprn_oprt_name", "oprn_oprt_begntime", "oprn_oprt_endtime"),
        *("anst_way", "anst_begntime", "anst_endtime", "anst_dr_code"),
    }
)

NEEDED_COLUMNS: tuple[str, ...] = NEEDED_FIELDS + tuple(NODES)

FORMATS: tuple[str, ...] = ("json", "csv", "parquet")

# Encodings the manifest may declare for JSON and text. Source: settlement list quality rule BT05 (GB18030 accepted).
ENCODINGS: tuple[str, ...] = ("utf-8", "gb18030")


# Interface name or provincial spelling -> name at the centre, by place: header, or node. Source: national interface
# transactions 4101/4101A against 4103 and the settlement record; amounts of 2303/2304 as the centre stores them.
ALIASES: dict[str, dict[str, str]] = {
    "setlinfo": {
        "patn_cert_type": "psn_cert_type",
        "nwb_age": "age_days",
        "poscode": "emp_poscode",
        "insuplc": "insu_admdvs",
        "hi_type": "insutype",
        "opsp_mdtrt_date": "opsp_mdtrt_time",
        "adm_way": "adm_way_code",
        "refldept_dept": "refl_caty",
        "otp_wm_dise": "otp_wm_diag",
        "wm_dise_code": "otp_wm_diag_dise_code",
        "otp_tcm_dise": "otp_tcm_diag",
        "otptcmdise": "otp_tcm_diag",
        "tcm_dise_code": "otp_tcm_diag_dise_code",
        "tcmdisecode": "otp_tcm_diag_dise_code",
        "acp_medins_name": "acp_optins_name",
        "days_rinp_flag_31": "dscg31days_rinp_flag",
        "days_rinp_pup_31": "rinp_pup",
        "setl_begn_date": "setl_begndate",
        "setl_end_date": "setl_enddate",
        "hsorg": "hsorg_name",
        "hsorg_opter": "hsorg_opter_name",
        "nwb_admtype": "nwb_adm_type",
        "nwbbirwt": "nwb_bir_wt",
        "nwbadmwt": "nwb_adm_wt",
        "lv3_nursecare_days": "lv3_nurscare_days",
        "billno": "bill_no",
        "dscg_date": "dscg_time",
        "psn_selfpay": "psn_selfpay_amt",
        "psn_ownpay": "psn_ownpay_fee",
        "acct_pay": "acct_payamt",
        "psn_cashpay": "cash_payamt",
        "psn_cash_pay": "cash_payamt",
        "inscp_scp_amt": "inscp_amt",
        "oth_pay": "othfund_pay",
        "hosp_part_amt": "ownpay_hosp_part",
        "psn_part_amt": "psn_pay",
    },
    "iteminfo": {
        "med_chrgitm": "med_chrgitm_type",
        "amt": "item_sumamt",
        "claa_sumfee": "item_claa_amt",
        "clab_amt": "item_clab_amt",
        "fulamt_ownpay_amt": "item_ownpay_amt",
        "oth_amt": "item_oth_amt",
    },
    "oprninfo": {"oprn_oprt_type": "main_oprn_flag"},
}

# Durations the interface writes as `days/hours/minutes` -> the three columns of the centre.
DURATIONS: dict[str, tuple[str, str, str]] = {
    "vent_used_dura": ("vent_used_days", "vent_used_h_cnt", "vent_used_m_cnt"),
    "pwcry_bfadm_coma_dura": ("bfadm_coma_days", "bfadm_coma_h_cnt", "bfadm_coma_m_cnt"),
    "pwcry_afadm_coma_dura": ("afadm_coma_days", "afadm_coma_h_cnt", "afadm_coma_m_cnt"),
}

# Tables of the centre a region may hand its lists in as: header, settlement, and the children by the node they become.
HEADER_TABLE, SETTLEMENT_TABLE = "setl_list_d", "setl_d"
CHILD_TABLES: dict[str, str] = {
    "setl_list_diag_d": "diseinfo",
    "setl_list_oprn_d": "oprninfo",
    "setl_list_chrgitm_d": "iteminfo",
    "setl_list_scs_cutd_d": "icuinfo",
    "setl_list_fund_d": "payinfo",
}
EXTRACT_TABLES: tuple[str, ...] = (HEADER_TABLE, SETTLEMENT_TABLE, *CHILD_TABLES)

# Header fields that are the settlement's own; the list may repeat them, and counts where the settlement is silent.
SETTLEMENT_FIELDS: frozenset[str] = frozenset(NEEDED_FIELDS[NEEDED_FIELDS.index("medfee_sumamt") :]) | {
    "insutype",
    "med_type",
    "setl_time",
    "refd_setl_flag",
    "mid_setl_flag",
    "init_setl_id",
    "pool_prop_selfpay",
}

# The columns a table must have; without a row it still has its header.
TABLE_COLUMNS: dict[str, tuple[str, ...]] = {
    HEADER_TABLE: tuple(name for name in NEEDED_FIELDS if name not in SETTLEMENT_FIELDS),
    SETTLEMENT_TABLE: ("setl_id", "vali_flag", *(name for name in NEEDED_FIELDS if name in SETTLEMENT_FIELDS)),
    **{
        table: ("setl_id", *(name for name in NODES[node] if name not in CHECKED_CHILD_FIELDS))
        for table, node in CHILD_TABLES.items()
    },
}

# What the exchange writes on the copy of a row. It says nothing of the list and changes with every export.
COPY_STAMPS: frozenset[str] = frozenset({"biz_date", "exch_updt_time", "subsys_codg", "deleted", "deleted_time"})
