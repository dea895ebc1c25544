"""Code lists of the platform that checks refer to, as the national standard gives them.

Local extensions of a province belong into its own table; these are the values the engine can settle.
"""

from __future__ import annotations

# Insurance types (险种) whose inpatient stays a DRG fund pays: employee (职工基本) and resident (城乡居民).
FUNDS = ("310", "390")

# Medical types (医疗类别) of an inpatient stay: ordinary, trauma, referred, from emergency, day surgery, delivery.
# Which local types count as inpatient differs by region; this list is assumed to hold for all of them.
INPATIENT_MED_TYPES = ("21", "22", "23", "24", "28", "52")

DISCHARGE_WAYS = ("1", "2", "3", "4", "5", "9")

# Charge categories (收费项目类别) 01 to 14 and the columns of settlement_list they become. 15 repeats the total of a
# package and is not summed.
FEES = {
    "01": "bed_fee",
    "02": "consultation_fee",
    "03": "examination_fee",
    "04": "laboratory_fee",
    "05": "treatment_fee",
    "06": "surgery_fee",
    "07": "nursing_fee",
    "08": "consumables_fee",
    "09": "western_drug_fee",
    "10": "herbal_fee",
    "11": "patent_drug_fee",
    "12": "general_visit_fee",
    "13": "registration_fee",
    "14": "other_fee",
}
PACKAGE_ROW = "15"

# Fund payment types (基金支付类型) the engine knows; two of them are no fund money: the account
# and a hospital advance.
FUND_PAY_TYPES = (
    "310100",
    "310101",
    "310103",
    "310200",
    "320100",
    "330100",
    "340100",
    "350100",
    "370100",
    "390100",
    "390101",
    "390200",
    "510100",
    "610100",
    "910100",
    "999996",
    "999997",
)
NO_FUND_MONEY = ("310200", "999996")

# Payment methods (医保支付方式), wards of intensive care (重症监护病房类型) and kinds of newborn (新生儿入院类型).
# The numbers of the wards are assumed: the national list was not published with them.
PAYMENT_METHODS = ("1", "2", "3", "4", "5", "6", "9")
ICU_WARDS = ("1", "2", "3", "4", "5", "6", "7", "9")
NICU, PICU = "2", "5"
NEWBORN_TYPES = ("1", "2", "3", "4", "9")

# Code systems of ICD-10 and ICD-9-CM-3 a list may declare: the insurance edition (医保版), or the clinical one
# (国临版), whose codes are mapped to the insurance edition once.
CODE_SYSTEM = "insurance-"
CLINICAL_EDITION = "clinical-"

# Kind of certificate (证件类别) whose number has a birth date, a sex and a check digit: the resident's id card.
ID_CARD = "01"

# Blood products (CV04.50.021 输血品种), with subtypes of two places; relation of the contact (家庭关系); kind of
# treatment (治疗类别) as the platform and as the paper form number it.
BLOOD_KINDS = r"^0?[1-6][1-9]?$|^0?9$"
RELATIONS = r"^0?[0-9]$|^[1-8][0-9]$"
TREATMENTS = ("10", "21", "22", "30", "1", "2.1", "2.2", "3")
# Nationality (GB/T 2659): three digits or two or three letters.
NATIONALITY = r"^([0-9]{3}|[A-Z]{2,3})$"

# Blood: more than these amounts is no transfusion of one stay, less than these millilitres is another unit. The numbers
# of the units are not published, so only units in words are told apart. Assumed.
MOST_BLOOD = {"ml": 30_000, "unit": 150}
LEAST_MILLILITRES = 10
MILLILITRES = ("ml", "毫升")
BLOOD_UNITS = ("u", "单位", "治疗量")

# A stay of one day that costs less than this, without operation or examination, is a lead to admission below need
# (低标准入院); yuan, assumed.
LOW_COST = 500

# What every inpatient list has to give, with the field it comes from: identity, money's way, stay, principal diagnosis
# and the times of the list.
REQUIRED_FIELDS = {
    "setl_id": "setl_id", "mdtrt_key": "mdtrt_id", "person_key": "psn_no", "hospital_code": "fixmedins_code",
    "insured_region_code": "insu_admdvs", "fund": "insutype", "med_type": "med_type", "hi_paymtd": "hi_paymtd",
    "bill_code": "bill_code", "bill_no": "bill_no", "sex": "gend", "born_on": "brdy", "age_years": "age",
    "admission_date": "adm_time", "discharge_date": "dscg_time", "stated_days": "act_ipt_days",
    "adm_caty": "adm_caty", "dscg_caty": "dscg_caty", "chfpdr_code": "chfpdr_code", "discharge_way": "dscg_way",
    "principal_diagnosis": "diag_code", "icd_version": "icd_version", "settlement_date": "setl_time",
    "declared_at": "dcla_time",
}  # fmt: skip
REQUIRED_ITEMS = tuple(REQUIRED_FIELDS)
