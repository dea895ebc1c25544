"""支付标准与倍率线: what a case of the group is worth at this hospital, and the lines that follow from it."""

from __future__ import annotations

from decimal import Decimal

from drg.explain.answer import factor, number, yuan
from drg.explain.found import Row
from drg.explain.worked import Worked
from drg.money import round_fen
from drg.policy.records import ADRG_LENGTH, SEPARATOR, LocalGroup
from drg.settle.arithmetic import DecimalArithmetic
from drg.settle.rules import FACTORS, PRICED_ROUTES


def price_lines(paid: Row, worked: Worked) -> list[str]:
    """Group, coefficient, standard and lines; nothing of them for a case without a price."""
    lines = _priced_group(paid, worked)
    if paid["price"] is None:
        return lines
    decided = worked.facts["route"] in PRICED_ROUTES
    lines += [coefficient_line(paid, worked), *_price(paid, worked, "" if decided else "（仅列示，本例不按此支付）")]
    if decided:
        lines += [line for line in (_line(side, paid, worked) for side in ("low", "high", "extreme")) if line]
    return lines


def coefficient_line(paid: Row, worked: Worked) -> str:
    """The coefficient as the product of its factors, each by name."""
    listed = [name for name in FACTORS if name in (worked.facts["coefficient_factors"] or ())]
    values = {name: paid[f"{name}_coefficient"] for name in listed}
    parts = [f"{FACTORS[name].text} {factor(value)}" for name, value in values.items() if value is not None]
    basic = any(value is None for value in values.values())
    note = "：基础病组，各医院同价，其余系数不计" if basic else "" if listed else "：政策不列系数"
    if not parts:
        return f"系数 {factor(paid['coefficient'])}{note}"
    product = f" = {factor(paid['coefficient'])}" if len(parts) > 1 else ""
    return f"系数 = {' × '.join(parts)}{product}{note}"


def unit_factors(worked: Worked) -> list[str]:
    """What a unit of weight is worth: the rate, or scale and point value."""
    row = worked.row
    if row["payment_method"] == "points":
        return [f"点数基数 {row['point_scale']}", f"点值 {factor(row['point_value'])}"]
    return [f"费率 {number(row['base_rate'])}"]


def _priced_group(paid: Row, worked: Worked) -> list[str]:
    if paid["priced_group"] in (None, paid["drg"]):
        return []
    if paid["priced_group"] == worked.facts.get("dispute_drg"):
        return [f"付费病组：{paid['priced_group']}（争议裁定改组）"]
    if paid["priced_group"] == worked.facts.get("local_group"):
        suffix = paid["priced_group"].partition(SEPARATOR)[2]
        own = worked.parameters.get("local_groups")
        entry = next((one for one in (own.of() if own else ()) if _names(one, paid["drg"], suffix)), None)
        title, because = (f" {entry.title}", _because(entry, worked)) if entry else ("", "")
        return [f"付费病组：{paid['priced_group']}{title}（本地细分组{because}）"]
    listed = worked.parameters.get("tcm.diseases")
    titles = {entry.drg: entry.title for entry in listed.of()} if listed else {}
    return [f"付费病组：{paid['priced_group']} {titles.get(paid['priced_group'], '')}".rstrip() + "（中医优势病种）"]


def _names(entry: LocalGroup, drg: str, suffix: str) -> bool:
    return entry.suffix == suffix and entry.drg in (drg, drg[:ADRG_LENGTH])


def _because(entry: LocalGroup, worked: Worked) -> str:
    """What put the case in a local group, with its own figure."""
    facts = worked.facts
    told = [f"年龄 {facts['age_years']} 岁"] if (entry.age_from, entry.age_below) != (None, None) else []
    if entry.min_icu_hours is not None:
        hours, minutes = divmod(facts["icu_minutes"], 60)
        told.append(f"重症监护 {hours} 小时 {minutes} 分，不少于 {entry.min_icu_hours} 小时")
    done = next((code for code in facts["procedures"] if code and code.startswith(entry.procedures)), None)
    told += [f"手术操作 {done}"] if entry.procedures and done else []
    return "：" + "；".join(told) if told else ""


def _price(paid: Row, worked: Worked, note: str) -> list[str]:
    facts = worked.facts
    weight, times = f"权重 {factor(paid['relative_weight'])}", f"系数 {factor(paid['coefficient'])}"
    total = f"= {yuan(paid['price'])}{note}"
    fixed, added = _override(worked)
    if fixed is not None:
        return [f"病组支付标准 = 病组定额 {total}"]
    more = f" + 病组加付 {number(added)}" if added is not None else ""
    if worked.row["payment_method"] == "points":
        scale, value = unit_factors(worked)
        points = factor(facts["normal_units"] * worked.row["point_scale"], 0)
        return [
            f"点数 = {weight} × {scale} × {times} = {points} 点",
            f"病组支付标准 = 点数 {points} × {value}{more} {total}",
        ]
    return [f"病组支付标准 = {weight} × {unit_factors(worked)[0]} × {times}{more} {total}"]


def _override(worked: Worked) -> tuple[Decimal | None, Decimal | None]:
    """The fixed price and the addition the policy has for the group, where it has any."""
    facts, a = worked.facts, DecimalArithmetic()
    if facts["override_rule"] != "by_group":
        return None, None
    keys = [facts["priced_drg"], a.adrg_of(facts["priced_drg"]), "*"]
    tables = {"override.fixed_price": "override_fixed_prices", "override.addition": "override_additions"}
    fixed, added = (a.lookup(name, facts[column], keys) for name, column in tables.items())
    return fixed, added


_TITLES = {"low": "低倍率线", "high": "高倍率线", "extreme": "极高倍率线"}


def _line(side: str, paid: Row, worked: Worked) -> str | None:
    facts = worked.facts
    exact = facts[f"{side}_line_exact"]
    if exact is None:
        return None
    base = str(facts["outlier_low_base" if side == "low" else "outlier_high_base"])
    threshold = {"low": "outlier_low_threshold", "high": "high_threshold", "extreme": "outlier_extreme_threshold"}
    shown = round_fen(exact) if side == "extreme" else paid[f"{side}_line"]
    text = f"{_TITLES[side]} = {base_text(base, paid, worked)} × {number(facts[threshold[side]])}"
    if side == "low" and facts["outlier_low_line"] == "lower_of_coefficient":
        text += f" × 系数与 1 中较小者 {factor(min(paid['coefficient'], Decimal(1)))}"
    return f"{text} = {yuan(shown)}"


def base_text(base: str, paid: Row, worked: Worked) -> str:
    """What a line is a multiple of, with its figures."""
    facts = worked.facts
    if base == "standard":
        if _override(worked) != (None, None):
            return f"病组支付标准 {factor(facts['price_exact'], 2)}"
        # The line rests on the unrounded price, so its factors are written out: the printed price may be off by a fen.
        worth = worked.row["base_rate"], worked.row["point_scale"], worked.row["point_value"]
        factors = [paid["relative_weight"], *(value for value in worth if value is not None), paid["coefficient"]]
        return f"病组支付标准（{' × '.join(_plain(value) for value in factors)}）"
    if base == "group_mean":
        return f"病组次均费用 {number(facts['group_mean_cost'])}"
    return f"（权重 {factor(paid['relative_weight'])} × 地区次均费用 {number(facts['region_mean_cost'])}）"


def _plain(value: object) -> str:
    return str(value) if not isinstance(value, Decimal) else factor(value, min(4, -int(value.as_tuple().exponent)))
