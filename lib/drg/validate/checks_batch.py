"""The checks of a region's month as a whole (整批审核): what each measures, its limits and what is said.

They look at counts, never at a list: whether a month is of its usual size, whether its items are filled in, whether a
hospital's lists come back in masses. A region may set each of them to hold, flag or off.

Source: settlement list quality rules (医疗保障基金结算清单质控规则), section batch gates (BT) and DX20. The shares are
theirs; from how many lists or codes on they count is assumed. BT03 knows no holidays: a month of the Spring Festival
may be named.

What other rules of that section ask for stands elsewhere: the manifest (BT01), encodings (BT05) and columns (BT06) in
`drg.land`, regions that lack (BT02) in `drg.calendar`, rows without parent one by one (BT04) and deletions (BT11) in
`drg.land.assembly`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

# What the measured value of a finding is: a share (0.1 is 10 %), or a number of lists.
SHARE, LISTS = "share", "lists"
REGION, HOSPITAL, FIELD = "region", "hospital", "field"


@dataclass(frozen=True)
class BatchCheck:
    """One check of a region's month.

    Attributes:
        about: what one finding is about: the region, a hospital or a field.
        unit: of the measured value and the limit.
        rule: what it finds, in Chinese, with its limits as `{name}`; limits that are shares are shown in per cent.
        message: what is said of a finding, with what was measured.
        limits: thresholds by name; a region may set others.
        shares: the limits that are shares; `points` is a difference of two and shown as a number.
    """

    id: str
    about: str
    unit: str
    rule: str
    message: str
    limits: Mapping[str, str] = dataclasses.field(default_factory=dict)
    shares: frozenset[str] = frozenset()
    fixed: bool = False
    default_on: bool = True


BATCH: tuple[BatchCheck, ...] = (
    BatchCheck(
        "BT03", REGION, SHARE,
        "统筹区当月清单数与前三个月平均相差超过{share}（三个月都有清单且平均不少于{least_lists}份时；不考虑节假日）",
        "本月清单{lists}份，前三个月平均{mean}份，相差{measured}，超过{share}；请核对是否漏报、重报或报送月份有误",
        {"share": "0.3", "least_lists": "50"}, frozenset({"share"}),
    ),
    BatchCheck(
        "BT04", REGION, SHARE,
        "当月交付的各表中找不到清单的结算ID占比超过{share}（连同找不到清单的不少于{least_lists}个时）",
        "当月交付的{lists}个结算ID中有{orphans}个在清单表中没有清单，占{measured}，超过{share}；请核对清单表是否完整",
        {"share": "0.005", "least_lists": "50"}, frozenset({"share"}),
    ),
    BatchCheck(
        "BT07", FIELD, SHARE,
        "必填项为空或无法读取的占比超过{share}，或比上月高{points}个百分点以上（清单不少于{least_lists}份时）",
        "必填项{field}为空或无法读取的占{measured}（{missing}/{lists}份），{why}；请核对数据接口和字段对照",
        {"share": "0.05", "points": "0.05", "least_lists": "50"}, frozenset({"share"}),
    ),
    BatchCheck(
        "BT08", HOSPITAL, SHARE,
        "一家医疗机构的清单退回比例超过{share}（不少于{least_lists}份时）",
        "医疗机构{hospital}的{lists}份清单退回{returned}份，占{measured}，超过{share}；请与该机构核对接口和编码",
        {"share": "0.1", "least_lists": "50"}, frozenset({"share"}),
    ),
    BatchCheck(
        "BT09", REGION, SHARE,
        "当月交付的记录中结算月为当月的不足{share}（不少于{least_lists}条时）",
        "当月交付的{records}条记录中结算月为当月的只有{measured}，低于{share}；请核对交付的月份是否有误",
        {"share": "0.95", "least_lists": "50"}, frozenset({"share"}),
    ),
    BatchCheck(
        "BT10", REGION, LISTS,
        "以前审核时已有的结算清单，没有冲销而不再有了",
        "以前审核时有{before}份结算清单，现在只有{lists}份（已冲销的计算在内），少{lost}份；"
        "请核对重新交付的文件是否完整",
    ),
    BatchCheck(
        "DX20", HOSPITAL, SHARE,
        "一家医疗机构的诊断和手术编码不在医保版编码库中的占比超过{share}（编码不少于{least_codes}个时）",
        "医疗机构{hospital}的{codes}个诊断和手术编码中不在医保版编码库中的占{measured}，超过{share}；"
        "疑为国临版编码，请核对编码体系(icd_version)",
        {"share": "0.02", "least_codes": "100"}, frozenset({"share"}),
    ),
)  # fmt: skip
