"""Checks of amounts, charge items and fund payments; yuan."""

from __future__ import annotations

from drg.validate.check import Check

_LEAST = (
    "least(total_cost, full_self_pay, over_limit_self_pay, first_self_pay, eligible_amount, deductible, "
    "basic_fund_payment, hifmi_pay, hifob_pay, cvlserv_pay, hifes_pay, hifdm_pay, assistance_payment, othfund_pay, "
    "stated_fund_total, hospital_share, account_payment, cash_payment, least_fee)"
)
_PAID = "stated_fund_total + account_payment + cash_payment + hospital_share"
_FUND = "(major_illness_payment + other_fund_payment + basic_fund_payment + assistance_payment)"
_ELIGIBLE = "total_cost - full_self_pay - over_limit_self_pay - first_self_pay"

MONEY = (
    Check(
        "MN23", "medfee_sumamt",
        "bad_amount OR fee_unread",
        "金额不是数字或超出范围；请以元为单位、两位小数填写各项金额后重新上传",
        "long_amount",
        "金额多于两位小数，已四舍五入到分；请以两位小数填写",
    ),
    Check(
        "MN01", "medfee_sumamt",
        "total_cost <= 0",
        "医疗费总额(medfee_sumamt)为空或不大于0；请按结算单填写后重新上传",
    ),
    Check(
        "MN20", "medfee_sumamt",
        "total_cost > 0 AND total_cost < {yuan}",
        "医疗费总额(medfee_sumamt)低于{yuan}元，不是一次住院的费用；请核对金额单位和结算单后重新上传",
        limits={"yuan": "5"},
    ),
    Check(
        "MN24", "medfee_sumamt",
        "total_cost > {yuan}",
        "医疗费总额(medfee_sumamt)超过{yuan}元；请核对金额单位（元而非分）后重新上传",
        limits={"yuan": "10000000"},
    ),
    Check(
        "MN05", "medfee_sumamt",
        f"{_LEAST} < 0",
        "有效清单中有金额为负；请核对各项金额，退费请以冲销单报送",
    ),
    Check(
        "MN04", "med_chrgitm_type",
        "fee_type_unknown OR fee_type_twice",
        "收费项目类别(med_chrgitm_type)须为01至14且每类只有一行；请归并后重新上传",
    ),
    Check(
        "MN02", "item_sumamt",
        "abs(fee_total - total_cost) > {returned_yuan}",
        "收费项目金额(item_sumamt)之和与医疗费总额(medfee_sumamt)相差超过{returned_yuan}元；请核对费用明细后重新上传",
        "abs(fee_total - total_cost) > {flagged_yuan}",
        "收费项目金额(item_sumamt)之和与医疗费总额(medfee_sumamt)相差超过{flagged_yuan}元；请核对",
        limits={"returned_yuan": "1", "flagged_yuan": "0.05"},
    ),
    Check(
        "MN07", "fund_pay_sumamt",
        f"abs({_FUND} - stated_fund_total) > 1.00",
        "基金支付总额(fund_pay_sumamt)与各项基金支付之和相差超过1元；请核对结算信息后重新上传",
        f"{_FUND} <> stated_fund_total",
        "基金支付总额(fund_pay_sumamt)与各项基金支付之和不一致，已采用各项之和；请核对",
    ),
    Check(
        "MN10", "fund_pay_sumamt",
        f"stated_fund_total > total_cost OR {_FUND} > total_cost",
        "基金支付总额(fund_pay_sumamt)大于医疗费总额(medfee_sumamt)；请核对结算信息后重新上传",
    ),
    Check(
        "MN06", "fund_pay_sumamt",
        f"hospital_share <> 0 OR abs({_PAID} - total_cost) > 1.00",
        "基金支付、个人账户与现金之和与医疗费总额(medfee_sumamt)相差超过1元，或医院负担(ownpay_hosp_part)不为0；"
        "请核对结算信息后重新上传",
        f"abs({_PAID} - total_cost) > 0.05",
        "基金支付、个人账户与现金之和与医疗费总额(medfee_sumamt)相差超过0.05元，差额计入个人负担；请核对",
    ),
    Check(
        "MN08", "fund_payamt",
        warn="abs(listed_fund_total - stated_fund_total) > 0.05",
        warn_message="基金支付明细(payinfo)之和与基金支付总额(fund_pay_sumamt)不一致；请核对",
    ),
    Check(
        "MN11", "inscp_amt",
        warn=f"abs(eligible_amount - ({_ELIGIBLE})) > 0.05",
        warn_message="符合政策范围金额(inscp_amt)与总额减自费、超限价、先行自付不一致；请核对",
    ),
    Check(
        "MN12", "hifp_pay",
        warn="basic_fund_payment > eligible_amount",
        warn_message="基本医保统筹基金支出(hifp_pay)大于符合政策范围金额(inscp_amt)；请核对",
    ),
    Check(
        "MN21", "fund_pay_type",
        "fund_type_unknown",
        "基金支付类型(fund_pay_type)不在对照表中，无法归入基金；请按国家编码更正或向医保经办机构申请对照后重新上传",
    ),
    Check(
        "MN22", "fund_pay_type",
        warn="(fund = '310' AND fund_type_of_residents) OR (fund = '390' AND fund_type_of_employees)",
        warn_message="基金支付类型(fund_pay_type)与险种(insutype)不一致；请核对",
    ),
    Check(
        "MN03", "item_sumamt",
        warn="parts_differ",
        warn_message="收费项目金额(item_sumamt)不等于甲类、乙类、自费、其他之和；请核对",
    ),
    Check(
        "MN09", "psn_selfpay_amt",
        warn="abs(stated_self_pay + stated_own_pay - account_payment - cash_payment) > 0.05",
        warn_message="个人自付(psn_selfpay_amt)与个人自费(psn_ownpay_fee)之和不等于个人账户与现金支付之和；请核对",
    ),
    Check(
        "MN13", "pool_prop_selfpay",
        warn="pool_ratio < 0 OR pool_ratio > 1",
        warn_message="统筹支付比例(pool_prop_selfpay)不在0至1之间；百分之八十五请填0.85",
    ),
    Check(
        "MN14", "psn_ownpay_fee",
        warn="abs(stated_own_pay - full_self_pay) > 0.05",
        warn_message="清单个人自费(psn_ownpay_fee)与结算全自费金额(fulamt_ownpay_amt)不一致；请核对",
    ),
    Check(
        "MN19", "item_sumamt",
        warn="los_days > 1 AND bed_fee <= 0",
        warn_message="住院超过1天而床位费(01)为0；请核对收费项目",
    ),
)  # fmt: skip
