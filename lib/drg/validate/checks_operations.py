"""Checks of operations: times, anaesthesia, order, names, and those that do not group."""

from __future__ import annotations

from drg.validate.check import Check

OPERATIONS = (
    Check(
        "OP04", "oprn_oprt_begntime",
        warn="operation_time_wrong",
        warn_message="手术结束时间(oprn_oprt_endtime)早于开始时间(oprn_oprt_begntime)、手术超过48小时，或手术、麻醉时间格式不符；请核对",
    ),
    Check(
        "OP05", "anst_begntime",
        warn="anaesthesia_time_wrong",
        warn_message="麻醉时间(anst_begntime、anst_endtime)起止颠倒、在住院期间之外或与手术时间没有交叉；请核对",
    ),
    Check(
        "OP06", "anst_dr_code",
        warn="anaesthetist_missing",
        warn_message="非局部麻醉(anst_way)而麻醉医师代码(anst_dr_code)为空；请补充麻醉医师的医保医师代码",
    ),
    Check(
        "OP09", "oprn_oprt_begntime",
        warn="a_minute_apart",
        warn_message="同一手术操作编码的两次时间(oprn_oprt_begntime)相差不超过1分钟，疑为重复；请删除重复的一条",
    ),
    Check(
        "OP14", "oprn_oprt_code",
        warn="n_main_procedures > 0 AND main_procedure_ignored AND other_procedure_groups",
        warn_message="主要手术操作(oprn_oprt_code)属于不参与分组的操作，而其他手术操作参与分组；请核对主要手术操作的选择",
    ),
    Check(
        "OP15", "oprn_oprt_name",
        warn="procedure_name_differs",
        warn_message="手术操作名称(oprn_oprt_name)与编码(oprn_oprt_code)在医保版编码库中的名称不一致；请核对编码，并按编码库填写名称",
    ),
    Check(
        "OP17", "oprn_oprt_date",
        warn="operations_unordered",
        warn_message="手术操作不在同一天，而其他手术操作没有按日期先后排列；请按时间顺序填写",
    ),
)  # fmt: skip
