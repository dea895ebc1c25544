"""为何这样支付: what put a case on its way (正常、倍率异常、床日、特例…), with the figures that decided it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from drg.explain.answer import number, yuan
from drg.explain.found import Row
from drg.explain.worked import Worked
from drg.settle.exclusion import NOT_LISTED, OVER_LIMIT
from drg.settle.rules import DAY_COUNTS
from drg.words import word

_Writer = Callable[[Row, Worked], str]


def route_lines(paid: Row, worked: Worked) -> list[str]:
    """One line that says why; before it, an item paid outside DRG; after it, what is only marked."""
    lines = [_WRITERS[worked.facts["route"]](paid, worked)]
    item = paid["excluded_item_amount"]
    if item:
        lines.insert(
            0,
            f"除外支付项目 {yuan(item)} 经评审同意单独支付，其余费用 = 医疗总费用 {number(paid['total_cost'])} − "
            f"{number(item)} = {yuan(worked.facts['drg_cost'])}",
        )
    lines[:0] = [_exclusion(one, worked) for one in paid["exclusions"] or ()]
    refused = paid["special_place"] is not None and paid["special_place"] > paid["special_places"]
    if refused:
        lines.append(f"特例单议虽经同意，{_special_place(paid, worked)}，不按特例单议支付")
    if paid["transfer"]:
        lines.append(f"转院病例（{word('transfer', paid['transfer'])}）：仅作标记供审核，不影响支付")
    return lines


def _exclusion(applied: Row, worked: Worked) -> str:
    """An item applied for: its entry in the list, its place in the year, and whether it counts."""
    listed = worked.parameters.get("exclusion.items")
    entries = [one for one in (listed.of() if listed else ()) if one.code == applied["item_code"]]
    item = f"除外支付项目 {applied['item_code']} {entries[0].title if entries else ''}".rstrip()
    if applied["standing"] == NOT_LISTED:
        return f"{item}：虽经评审同意，出院当日不在除外支付目录内，不按除外支付"
    limit = applied["max_cases"]
    place = f"本年度第 {applied['place']} 例" + (f"，限 {limit} 例" if limit is not None else "")
    if applied["standing"] == OVER_LIMIT:
        return f"{item}：虽经评审同意，{place}，超出例数不按除外支付"
    days = "、".join(f"{one.first} 至 {one.last}" for one in entries)
    return f"{item}：{place}，目录期限 {days}" if days else f"{item}：{place}"


def _cost(paid: Row, worked: Worked) -> str:
    item = paid["excluded_item_amount"]
    return f"其余费用 {yuan(worked.facts['drg_cost'])}" if item else f"医疗总费用 {yuan(paid['total_cost'])}"


def _place(paid: Row, worked: Worked) -> str:
    scope = "本院" if worked.facts["outlier_high_limit_scope"] == "hospital" else "本统筹区"
    return (
        f"超出病组支付标准的金额在{scope}本月同险种候选病例中排第 {paid['high_place']} 位，名额 {paid['high_places']}"
    )


def _over(worked: Worked) -> str:
    if worked.facts["outlier_high_selects"] == "top_share":
        return "高于病组支付标准"
    return ("不低于" if worked.facts["outlier_high_inclusive"] else "高于") + "高倍率线"


def _normal(paid: Row, worked: Worked) -> str:
    facts = worked.facts
    if facts["is_high"]:
        return f"{_cost(paid, worked)}：{_over(worked)}，但{_place(paid, worked)}，按正常倍率病例处理"
    if facts["is_low"]:
        return f"{_cost(paid, worked)}：在低倍率线以下，但日间手术不作低倍率，按正常倍率病例处理"
    if facts["high_line_exact"] is None:
        return f"{_cost(paid, worked)}：不在低倍率线以下，按正常倍率病例处理"
    return f"{_cost(paid, worked)}：在两线之间，按正常倍率病例处理"


def _low(paid: Row, worked: Worked) -> str:
    below = "不高于" if worked.facts["outlier_low_inclusive"] else "低于"
    return f"{_cost(paid, worked)}：{below}低倍率线，按低倍率病例处理"


def _high(paid: Row, worked: Worked) -> str:
    place = f"，{_place(paid, worked)}" if paid["high_place"] is not None else ""
    return f"{_cost(paid, worked)}：{_over(worked)}{place}，按高倍率病例处理"


def _extreme(paid: Row, worked: Worked) -> str:
    over = "不低于" if worked.facts["outlier_high_inclusive"] else "高于"
    return f"{_cost(paid, worked)}：{over}极高倍率线，按极高倍率病例处理"


def _special(paid: Row, worked: Worked) -> str:
    place = f"，{_special_place(paid, worked)}" if paid["special_place"] is not None else ""
    return f"特例单议：申报经评审同意{place}"


def _special_place(paid: Row, worked: Worked) -> str:
    so_far = "（当年累计病例的名额减以前月份已用）" if worked.facts["special_case_quota_period"] == "year" else ""
    return f"超出额在本院本月排第 {paid['special_place']} 位，名额 {paid['special_places']}{so_far}"


def _days(paid: Row, worked: Worked) -> str:
    return f"住院 {paid['stay_days']} 天（{DAY_COUNTS[worked.facts['stay_day_count']]}）"


def _per_diem(paid: Row, worked: Worked) -> str:
    return f"床日付费：{_days(paid, worked)}，属床日付费类别，床日标准 {yuan(paid['per_diem_tariff'])}"


def _stay(paid: Row, worked: Worked) -> str:
    facts, days = worked.facts, paid["stay_days"]
    if days <= facts["stay_short_days"]:
        line = f"{'不超过' if facts['stay_short_inclusive'] else '少于'} {facts['stay_short_days']} 天"
    else:
        line = f"{'不少于' if facts['stay_long_inclusive'] else '超过'} {facts['stay_long_days']} 天"
    return f"{_days(paid, worked)}，{line}，不按病组付费"


def _unstable(paid: Row, worked: Worked) -> str:
    reason = f"（{worked.weight['reason']}）" if worked.weight else ""
    return f"病组 {paid['priced_group']} 为非稳定病组{reason}，不作倍率判断"


_WRITERS: Mapping[str, _Writer] = {
    "normal": _normal,
    "low_outlier": _low,
    "high_outlier": _high,
    "extreme_outlier": _extreme,
    "dry_run": lambda paid, _: f"医疗机构 {paid['hospital_code']} 处于空转试运行期，病组支付标准只作模拟，不按其支付",
    "dispute": lambda _paid, _worked: "争议处理：裁定支持医院，重新计价",
    "special_case": _special,
    "excluded_case": lambda _paid, _worked: "除外支付：申报经评审同意，整例不按病组付费",
    "per_diem": _per_diem,
    "stay_outside": _stay,
    "day_surgery": lambda _, worked: f"医疗类别 {worked.facts['med_type']} 属日间手术",
    "ambiguous": lambda paid, _: f"歧义组 {paid['drg']} 没有权重，不作倍率判断",
    "ungrouped": lambda _paid, _worked: "未入组，没有权重，不作倍率判断",
    "unstable": _unstable,
    "unpriced": lambda paid, _: f"病组 {paid['priced_group']} 没有权重或费率，不作倍率判断",
}
