"""Checks of identity, code domains, dates, stay and age."""

from __future__ import annotations

from drg.validate.check import Check, among
from drg.validate.tables import DISCHARGE_WAYS, FUNDS, INPATIENT_MED_TYPES, PAYMENT_METHODS

_DEPARTMENT = r"^[A-Z]\d{2}(\.\d{1,2}){0,2}$"

IDENTITY = (
    Check(
        "ID01", "setl_id",
        r"setl_id IS NULL OR length(setl_id) > 30 OR regexp_matches(setl_id, '\s')",
        "结算ID(setl_id)为空、超过30位或含空格；请按结算单填写结算ID后重新上传",
    ),
    Check(
        "ID04", "dcla_time",
        warn="replaced",
        warn_message="同一结算ID收到多个版本，已采用申报时间最新的版本；请确认该版本无误",
    ),
    Check(
        "ID05", "mdtrt_id",
        "mdtrt_key IS NULL OR person_key IS NULL",
        "就诊ID(mdtrt_id)或人员编号(psn_no)为空；请按医保登记信息补齐后重新上传",
    ),
    Check(
        "ID06", "fixmedins_code",
        r"hospital_code IS NULL OR NOT regexp_matches(hospital_code, '^H\d{11}$')"
        " OR (discharge_date IS NOT NULL AND hospital_level IS NULL)",
        "定点医药机构编号(fixmedins_code)格式不符，或出院当日不在本统筹区机构名册中；请核对编号或向医保经办机构更新名册",
    ),
    Check(
        "ID07", "fixmedins_code",
        warn="substring(hospital_code, 2, 4) <> substring(region_code, 1, 4)",
        warn_message="定点医药机构编号(fixmedins_code)中的区划与报送统筹区不一致；请核对机构归属",
    ),
    Check(
        "ID08", "insu_admdvs",
        "insured_region_code IS NULL",
        "参保地区划(insu_admdvs)不是6位编码或不属于本省统筹区；请按参保信息更正后重新上传",
    ),
    Check(
        "ID09", "gend",
        "sex IS NULL OR sex NOT IN ('1', '2')",
        "性别(gend)须为1（男）或2（女），否则无法分组；请核对病案首页后重新上传",
    ),
    Check(
        "ID10", "dscg_way",
        f"discharge_way IS NULL OR discharge_way NOT IN {among(*DISCHARGE_WAYS)}",
        "离院方式(dscg_way)须为1、2、3、4、5或9；请按病案首页更正后重新上传",
    ),
    Check(
        "ID11", "insutype",
        f"fund IS NULL OR fund NOT IN {among(*FUNDS)}",
        "险种(insutype)须为310（职工）或390（居民），其他险种不按DRG结算；请核对参保险种后重新上传",
    ),
    Check(
        "ID12", "med_type",
        f"med_type IS NULL OR med_type NOT IN {among(*INPATIENT_MED_TYPES)}",
        "医疗类别(med_type)不属于住院类；请核对就诊登记类别，门诊结算请勿报送住院清单",
    ),
    Check(
        "ID13", "hi_paymtd",
        warn=f"hi_paymtd IS NULL OR hi_paymtd NOT IN {among(*PAYMENT_METHODS)}",
        warn_message="医保支付方式(hi_paymtd)为空或不在代码表中；按DRG付费请填4",
    ),
    Check(
        "ID14", "adm_cond_type",
        warn="condition_unknown",
        warn_message="入院病情(adm_cond_type)须为1（有）、2（临床未确定）、3（情况不明）或4（无）；请按病案首页补齐",
    ),
    Check(
        "ID15", "scs_cutd_ward_type",
        warn="ward_unknown",
        warn_message="重症监护病房类型(scs_cutd_ward_type)为空或不在代码表中；请核对",
    ),
    Check(
        "ID17", "adm_caty",
        warn=f"NOT coalesce(regexp_matches(adm_caty, '{_DEPARTMENT}'), false)"
        f" OR NOT coalesce(regexp_matches(dscg_caty, '{_DEPARTMENT}'), false)",
        warn_message="入院或出院科别(adm_caty、dscg_caty)为空或不是国家科室代码（如A03、A03.11）；请按诊疗科目对照填写",
    ),
    Check(
        "ID18", "bill_no",
        warn="bill_code IS NULL OR bill_no IS NULL",
        warn_message="票据代码(bill_code)或票据号码(bill_no)为空；请补充结算票据",
    ),
    Check(
        "ID22", "vali_flag",
        "vali_flag <> '1' OR stas_type <> '1'",
        "该结算已失效(vali_flag)或清单尚未提交(stas_type)；请确认结算有效并提交清单后重新上传",
    ),
    Check(
        "ID24", "chfpdr_code",
        warn="chfpdr_code IS NULL OR NOT starts_with(chfpdr_code, 'D')"
        " OR surgeon_no_doctor",
        warn_message="主诊医师代码(chfpdr_code)为空，或医师、术者代码不以D开头（N开头为护士代码）；请改用医保医师代码",
    ),
    Check(
        "ID25", "diag_code_cnt",
        warn="stated_diagnoses <> n_diagnoses OR stated_procedures <> n_procedures",
        warn_message="诊断或手术代码计数(diag_code_cnt、oprn_oprt_code_cnt)与实际条数不一致；请核对是否漏传",
    ),
)  # fmt: skip

_PLACES = ("admission_date", "discharge_date", "settlement_date")
_FILLERS = "(DATE '0001-01-01', DATE '1900-01-01', DATE '1970-01-01', DATE '9999-12-31')"

DATES = (
    Check(
        "DT01", "adm_time",
        "admitted_at IS NULL OR discharged_at IS NULL",
        "入院时间(adm_time)或出院时间(dscg_time)为空或不是有效日期时间；请按 年-月-日 时:分:秒 填写后重新上传",
    ),
    Check(
        "DT02", "dscg_time",
        "discharged_at < admitted_at",
        "出院时间(dscg_time)早于入院时间(adm_time)；请核对两个时间后重新上传",
    ),
    Check(
        "DT03", "adm_time",
        " OR ".join(f"{place} IN {_FILLERS}" for place in _PLACES)
        + " OR born_on IN (DATE '0001-01-01', DATE '1900-01-01', DATE '9999-12-31')",
        "日期为占位值（如1900-01-01、9999-12-31）；请填写真实日期后重新上传",
    ),
    Check(
        "DT04", "dscg_time",
        "greatest(admitted_at, discharged_at, settled_at, declared_at) > arrived_at + INTERVAL 1 DAY",
        "入院、出院、结算或申报时间晚于清单到达时间一天以上；请核对日期后重新上传",
    ),
    Check(
        "DT05", "act_ipt_days",
        "abs(stated_days - los_days) > 1",
        "实际住院天数(act_ipt_days)与出入院日期之差相差超过1天（当日出入院计1天）；请核对后重新上传",
        "stated_days IS NULL OR abs(stated_days - los_days) = 1",
        "实际住院天数(act_ipt_days)为空或与出入院日期之差相差1天，已按日期计算；请核对",
    ),
    Check(
        "DT07", "dscg_time",
        warn="los_days > {days}",
        warn_message="住院天数超过{days}天；请核对出入院时间(adm_time、dscg_time)，长期住院请按规定中途结算",
        limits={"days": "365"},
    ),
    Check(
        "DT08", "setl_begndate",
        warn="coalesce(settled_from < admission_date OR settled_to > discharge_date, true)",
        warn_message="结算起止日期(setl_begndate、setl_enddate)为空、无效或在住院期间之外；请核对",
    ),
    Check(
        "DT09", "setl_time",
        "settled_at IS NULL OR strftime(settled_at, '%Y-%m') <> record_month",
        "结算时间(setl_time)为空、无效或不属于可受理的结算月；请按结算单填写后重新上传",
        "settlement_date < discharge_date",
        "结算时间(setl_time)早于出院日期；请核对是否为中途结算",
    ),
    Check(
        "DT10", "dcla_time",
        "declared_at IS NULL",
        "申报时间(dcla_time)为空或无效，无法判断清单版本；请按 年-月-日 时:分:秒 填写后重新上传",
        "declared_at < settled_at",
        "申报时间(dcla_time)早于结算时间(setl_time)；请核对",
    ),
    Check(
        "DT11", "brdy",
        "born_on > admission_date",
        "出生日期(brdy)晚于入院日期；请核对后重新上传",
        "born_on IS NULL",
        "出生日期(brdy)为空或无效；请补充",
    ),
    Check(
        "DT12", "age",
        warn="abs(age_years - datesub('year', born_on, admission_date)) > 1",
        warn_message="年龄(age)与出生日期、入院日期推算的周岁相差超过1岁；请核对",
    ),
    Check(
        "DT13", "age_days",
        "age_years IS NULL OR (age_years = 0 AND (age_days IS NULL OR age_days > 365))",
        "年龄(age)为空或无效，或不足1周岁而日龄(age_days)为空或超过365天；请补齐后重新上传",
    ),
    Check(
        "DT14", "age_days",
        warn="abs(age_days - (admission_date - born_on)) > 1",
        warn_message="日龄(age_days)与出生日期、入院日期之差不一致；请核对",
    ),
    Check(
        "DT15", "age",
        "age_years > {years}",
        "年龄(age)超过{years}岁；请核对后重新上传",
        limits={"years": "120"},
    ),
)  # fmt: skip
