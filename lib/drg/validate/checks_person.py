"""Checks of the person: codes of the front page, the id number against the rest, the postcode."""

from __future__ import annotations

from drg.validate.check import Check, among
from drg.validate.tables import BLOOD_KINDS, NATIONALITY, RELATIONS, TREATMENTS

PERSON = (
    # What is empty says nothing here: a list need not have blood, anaesthesia or a contact.
    Check(
        "ID16", "anst_way",
        warn=f"anaesthesia_unknown OR NOT regexp_matches(bld_cat, '{BLOOD_KINDS}')"
        f" OR NOT regexp_matches(patn_rlts, '{RELATIONS}')"
        f" OR NOT regexp_matches(ntly, '{NATIONALITY}') OR trt_type NOT IN {among(*TREATMENTS)}",
        warn_message="麻醉方式(anst_way)、输血品种(bld_cat)、联系人关系(patn_rlts)、国籍(ntly)或治疗类别(trt_type)不在代码表中；"
        "请按代码表填写",
    ),
    # No number at all is not flagged: a region may keep it from the delivery.
    Check(
        "ID19", "certno",
        warn="id_number_wrong",
        warn_message="身份证号码(certno)不是15位或18位，或校验位不符；请核对证件号码和证件类别(psn_cert_type)",
    ),
    Check(
        "ID20", "brdy",
        warn="id_birth_differs",
        warn_message="出生日期(brdy)与身份证号码(certno)中的出生日期不一致；请核对",
    ),
    Check(
        "ID21", "gend",
        warn="id_sex_differs",
        warn_message="性别(gend)与身份证号码(certno)的顺序码不一致（奇数为男，偶数为女）；请核对",
    ),
    Check(
        "ID26", "emp_poscode",
        warn="postcode_wrong",
        warn_message="邮政编码(emp_poscode)不是6位数字；请更正或留空",
    ),
)  # fmt: skip
