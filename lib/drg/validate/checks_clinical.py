"""Checks of diagnoses, operations, newborns and intensive care."""

from __future__ import annotations

from drg.validate.check import Check, among
from drg.validate.tables import CLINICAL_EDITION, CODE_SYSTEM, NEWBORN_TYPES

MALE_ONLY_DIAGNOSIS = "(C6[0-3]|D29|D40|E29|N4[0-9]|N5[01]|Q5[3-5])"
FEMALE_ONLY_DIAGNOSIS = "(C5[1-8]|D06|D2[5-8]|D39|E28|N[78][0-9]|N9[0-8]|O|Q5[0-2]|Z3[2-79])"
MALE_ONLY_PROCEDURE = "6[0-4]"
FEMALE_ONLY_PROCEDURE = "(6[5-9]|7[0-5])"


def _sex_conflict(codes: str, male_only: str, female_only: str) -> str:
    """SQL: whether a code, or one of several with a blank between, is of the other sex only."""
    return (
        f"(sex = '1' AND regexp_matches({codes}, '(^| ){female_only}'))"
        f" OR (sex = '2' AND regexp_matches({codes}, '(^| ){male_only}'))"
    )


DIAGNOSES = (
    Check(
        "DX21", "icd_version",
        f"icd_version IS NULL OR NOT regexp_matches(icd_version, '^({CODE_SYSTEM}|{CLINICAL_EDITION})')",
        "编码体系(icd_version)未声明为医保版或国临版；请将诊断和手术编码转换为医保版并声明后重新上传",
        f"starts_with(icd_version, '{CLINICAL_EDITION}')",
        "编码体系(icd_version)声明为国临版，诊断和手术编码已按对照表转换为医保版一次，原编码见收到的清单；请改用医保版编码",
    ),
    Check(
        "DX01", "diseinfo",
        "n_diagnoses = 0",
        "没有西医诊断(diseinfo)；请补充诊断后重新上传",
    ),
    Check(
        "DX02", "maindiag_flag",
        "n_diagnoses > 0 AND n_principal <> 1",
        "西医诊断中主诊断标志(maindiag_flag)须有且只有一个；请指定唯一的主要诊断后重新上传",
    ),
    Check(
        "DX03", "maindiag_flag",
        warn="n_principal = 1 AND NOT principal_first",
        warn_message="主要诊断不是西医诊断的第一条；已按主诊断标志(maindiag_flag)取用，请将主要诊断排在首位",
    ),
    Check(
        "DX04", "diag_name",
        warn="name_missing",
        warn_message="诊断名称(diag_name)为空；请按医保版编码库填写名称",
    ),
    Check(
        "DX05", "diag_code",
        "n_principal > 0 AND principal_state = 3",
        "主要诊断编码(diag_code)为空或不符合医保版编码格式；请按医保版诊断编码更正后重新上传",
        "list_contains(diagnosis_states, 1)",
        "诊断编码(diag_code)含空格、全角、大小写、小数点、星号或附带形态学编码等错误，已按医保版编码更正；请在系统中改正",
    ),
    Check(
        "DX06", "diag_code",
        "n_principal > 0 AND principal_state = 2",
        "主要诊断编码(diag_code)不在医保版诊断编码库中；请改用现行医保版编码后重新上传",
        "other_diagnosis_unknown",
        "其他诊断编码(diag_code)不在医保版诊断编码库中，不参与分组；请改用现行医保版编码",
    ),
    Check(
        "DX08", "diag_code",
        warn="diagnosis_repeated",
        warn_message="诊断编码(diag_code)重复，已只保留一次；请删除重复诊断",
    ),
    Check(
        "DX09", "diag_code",
        warn="principal_ungroupable",
        warn_message="主要诊断编码(diag_code)属于不作主要诊断的编码，将不能入组；请核对主要诊断选择",
    ),
    Check(
        "DX10", "adm_cond_type",
        warn="principal_condition = '4'",
        warn_message="主要诊断的入院病情(adm_cond_type)为4（无），院内发生的疾病一般不作主要诊断；请核对",
    ),
    Check(
        "DX11", "diag_code",
        "regexp_matches(principal_diagnosis, '^[V-Y]')",
        "主要诊断(diag_code)为损伤中毒外部原因编码(V至Y)，不能作主要诊断；请改用损伤或中毒的性质编码后重新上传",
    ),
    Check(
        "DX13", "gend",
        _sex_conflict("principal_diagnosis", MALE_ONLY_DIAGNOSIS, FEMALE_ONLY_DIAGNOSIS),
        "主要诊断(diag_code)与性别(gend)不符；请核对性别和主要诊断后重新上传",
        _sex_conflict("other_diagnosis_text", MALE_ONLY_DIAGNOSIS, FEMALE_ONLY_DIAGNOSIS),
        "其他诊断(diag_code)与性别(gend)不符；请核对",
    ),
    Check(
        "DX14", "age",
        warn="principal_diagnosis LIKE 'P%' AND (age_years >= 1 OR age_days > 28)",
        warn_message="主要诊断为围生期疾病(P00-P96)而日龄超过28天；请核对年龄和主要诊断",
    ),
    Check(
        "DX15", "diag_code",
        warn="(principal_diagnosis LIKE 'O%' OR regexp_matches(other_diagnosis_text, '(^| )O'))"
        " AND (age_years < {least_years} OR age_years > {most_years})",
        warn_message="有妊娠分娩诊断(O编码)而年龄小于{least_years}岁或大于{most_years}岁；请核对年龄和诊断",
        limits={"least_years": "10", "most_years": "60"},
    ),
    Check(
        "DX16", "age_days",
        "regexp_matches(principal_diagnosis, '^(P|Z38)') AND age_days IS NULL",
        "主要诊断为围生期疾病(P编码)或新生儿(Z38)而日龄(age_days)为空；请补充日龄或更正主要诊断后重新上传",
    ),
    Check(
        "DX17", "nwb_bir_wt",
        warn="(regexp_matches(diagnosis_text, '(^| )P07[.]0') AND birth_weight_g >= 1000)"
        " OR (regexp_matches(diagnosis_text, '(^| )P07[.]1') AND (birth_weight_g < 1000 OR birth_weight_g >= 2500))"
        " OR (regexp_matches(diagnosis_text, '(^| )P08[.]0') AND birth_weight_g < 4500)",
        warn_message="低出生体重或巨大儿诊断(P07.0、P07.1、P08.0)与出生体重(nwb_bir_wt)不符；请核对",
    ),
    Check(
        "DX19", "diag_code",
        warn="n_diagnoses - n_principal > {rows}",
        warn_message="其他诊断超过{rows}条；请按病案首页保留{rows}条以内",
        limits={"rows": "40"},
    ),
    Check(
        "NB01", "nwb_adm_wt",
        "age_days <= 28 AND nwb_adm_wt IS NULL",
        "日龄不超过28天而新生儿入院体重(nwb_adm_wt)为空，无法按新生儿分组；请补充体重（克）后重新上传",
        "age_days <= 28 AND birth_weight IS NULL",
        "日龄不超过28天而新生儿出生体重(nwb_bir_wt)为空；请补充体重（克）",
    ),
    Check(
        "NB02", "nwb_adm_wt",
        "age_days <= 28 AND nwb_adm_wt IS NOT NULL"
        " AND (newborn_weight_g IS NULL OR newborn_weight_g NOT BETWEEN 200 AND 20000)",
        "新生儿入院体重(nwb_adm_wt)不是数字或不在200至20000克之间；请以克为单位更正后重新上传",
    ),
    Check(
        "NB03", "nwb_adm_wt",
        warn="age_days <= 28 AND admission_weight > 0 AND admission_weight < 20",
        warn_message="新生儿入院体重(nwb_adm_wt)小于20，按千克换算为克；请改以克为单位填写",
    ),
    Check(
        "NB05", "nwb_adm_wt",
        warn="age_years >= 1 AND (admission_weight > 0 OR birth_weight > 0)"
        " AND NOT regexp_matches(diagnosis_text, '(^| )(O8[0-4]|Z37)')",
        warn_message="年龄满1周岁且不是分娩清单而填有新生儿体重(nwb_adm_wt、nwb_bir_wt)；请核对",
    ),
    Check(
        "NB06", "nwb_adm_type",
        warn=f"age_days <= 28 AND (nwb_adm_type IS NULL OR nwb_adm_type NOT IN {among(*NEWBORN_TYPES)})",
        warn_message="日龄不超过28天而新生儿入院类型(nwb_adm_type)为空或不在代码表中；请补充",
    ),
)  # fmt: skip

PROCEDURES = (
    Check(
        "OP01", "oprn_oprt_code",
        "n_main_procedures > 0 AND main_procedure_state IN (2, 3)",
        "主要手术操作编码(oprn_oprt_code)为空、格式不符或不在医保版手术操作编码库中；请改用现行医保版编码后重新上传",
        "other_procedure_unknown OR list_contains(procedure_states, 1)",
        "手术操作编码(oprn_oprt_code)含空格、大小写、被转为数字等错误（已更正）或其他手术操作编码不在医保版编码库中（不参与分组）；请改正",
    ),
    Check(
        "OP02", "main_oprn_flag",
        "n_procedures > 0 AND n_main_procedures <> 1",
        "有手术操作时主要手术标志(main_oprn_flag)须有且只有一个；请指定唯一的主要手术操作后重新上传",
    ),
    Check(
        "OP03", "oprn_oprt_date",
        "first_operation_date < admission_date - 1 OR last_operation_date > discharge_date + 1",
        "手术操作日期(oprn_oprt_date)在住院期间之外超过1天；请核对手术日期和出入院时间后重新上传",
        "first_operation_date < admission_date OR last_operation_date > discharge_date OR operation_date_unread",
        "手术操作日期(oprn_oprt_date)为空或在住院期间之外1天；请核对",
    ),
    Check(
        "OP10", "gend",
        _sex_conflict("principal_procedure", MALE_ONLY_PROCEDURE, FEMALE_ONLY_PROCEDURE),
        "主要手术操作(oprn_oprt_code)与性别(gend)不符；请核对性别和手术操作后重新上传",
        _sex_conflict("other_procedure_text", MALE_ONLY_PROCEDURE, FEMALE_ONLY_PROCEDURE),
        "其他手术操作(oprn_oprt_code)与性别(gend)不符；请核对",
    ),
    Check(
        "OP07", "oper_dr_code",
        warn="surgeon_missing",
        warn_message="手术操作的术者代码(oper_dr_code)为空；请补充术者的医保医师代码",
    ),
    Check(
        "OP08", "oprn_oprt_code",
        warn="operation_twice",
        warn_message="同一手术操作编码在同一时间重复；请删除重复的一条",
    ),
    Check(
        "OP11", "oprn_oprt_code",
        warn="regexp_matches(procedure_text, '(^| )(7[23]|74[.][0-2])')"
        " AND NOT regexp_matches(diagnosis_text, '(^| )(O|Z3[3-9])')",
        warn_message="有分娩手术操作(oprn_oprt_code)而没有妊娠分娩诊断；请核对诊断和手术操作",
    ),
    Check(
        "OP12", "item_sumamt",
        warn="n_procedures > 0 AND surgery_fee = 0 AND treatment_fee = 0",
        warn_message="有手术操作而手术费(06)和治疗费(05)均为0；请核对收费项目和手术操作",
    ),
    Check(
        "OP13", "oprn_oprt_code",
        warn="n_procedures = 0 AND surgery_fee > 0",
        warn_message="有手术费(06)而没有手术操作编码；请补充手术操作",
    ),
    Check(
        "OP16", "oprn_oprt_code",
        warn="n_procedures - n_main_procedures > {rows}",
        warn_message="其他手术操作超过{rows}条；请按病案首页保留{rows}条以内",
        limits={"rows": "40"},
    ),
)  # fmt: skip

INTENSIVE_CARE = (
    Check(
        "IC01", "scs_cutd_exit_time",
        warn="icu_without_times",
        warn_message="重症监护进入或退出时间(scs_cutd_inpool_time、scs_cutd_exit_time)为空、无效或退出早于进入，"
        "该段不计入重症监护时长；请核对",
    ),
    Check(
        "IC02", "scs_cutd_inpool_time",
        "icu_from < admission_date - 1 OR icu_to > discharge_date + 1",
        "重症监护时间(scs_cutd_inpool_time、scs_cutd_exit_time)在住院期间之外超过1天；"
        "请核对重症监护时间和出入院时间后重新上传",
        "icu_from < admission_date OR icu_to > discharge_date",
        "重症监护时间(scs_cutd_inpool_time、scs_cutd_exit_time)在住院期间之外1天；请核对",
    ),
    Check(
        "IC03", "scs_cutd_inpool_time",
        warn="icu_overlaps",
        warn_message="同一清单的重症监护时段相互重叠，重叠时间只计一次；请核对",
    ),
    Check(
        "IC04", "scs_cutd_sum_dura",
        warn="icu_duration_differs",
        warn_message="重症监护合计时长(scs_cutd_sum_dura)与进出时间之差相差超过1小时，已按进出时间计算；请核对",
    ),
    Check(
        "IC06", "scs_cutd_sum_dura",
        warn="icu_duration_unread",
        warn_message="重症监护合计时长(scs_cutd_sum_dura)为空或不是 天/小时/分钟 格式；请按格式填写",
    ),
    Check(
        "IC07", "vent_used_days",
        "ventilator_minutes * 60 > stay_seconds + 86400",
        "呼吸机使用时长(vent_used_days、vent_used_h_cnt、vent_used_m_cnt)超过住院时长24小时以上；请核对后重新上传",
        "ventilator_minutes * 60 > stay_seconds",
        "呼吸机使用时长(vent_used_days、vent_used_h_cnt、vent_used_m_cnt)超过住院时长；请核对",
    ),
    Check(
        "IC08", "vent_used_days",
        warn="(regexp_matches(procedure_text, '(^| )96[.]72') AND ventilator_minutes < 5760)"
        " OR (regexp_matches(procedure_text, '(^| )96[.]71')"
        " AND (ventilator_minutes = 0 OR ventilator_minutes >= 5760))",
        warn_message="呼吸机使用时长(vent_used_days等)与机械通气编码(96.72为96小时及以上，96.71为不足96小时)不符；请核对",
    ),
    Check(
        "IC09", "oprn_oprt_code",
        warn="ventilator_minutes > 0 AND NOT regexp_matches(procedure_text, '(^| )96[.]7')",
        warn_message="填有呼吸机使用时长(vent_used_days等)而没有有创机械通气编码(96.7)；请核对",
    ),
    Check(
        "IC10", "scs_cutd_ward_type",
        warn="(ward_nicu AND age_years > 1) OR (ward_picu AND age_years > 18)",
        warn_message="新生儿监护(NICU)而年龄大于1岁，或儿科监护(PICU)而年龄大于18岁；请核对病房类型(scs_cutd_ward_type)",
    ),
)  # fmt: skip
