"""`drg price`: one described case under a region's policy, without tables."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any

import typer

from drg.cli.app import AsJson, app, day_of, output, print_json
from drg.errors import ConfigError

# Printed in this order, each with the words a hospital knows.
_SHOWN = {
    "payment_kind": "支付类型",
    "rule": "规则",
    "clause": "依据",
    "priced_drg": "付费病组",
    "relative_weight": "权重",
    "level_coefficient": "等级系数",
    "institution_coefficient": "机构系数",
    "hospital_cost_coefficient": "医院病组成本系数",
    "bilateral_coefficient": "双侧手术系数",
    "coefficient": "系数",
    "base_rate": "费率",
    "point_scale": "点数基数",
    "point_value": "点值",
    "points": "点数",
    "price": "病组支付标准",
    "low_line": "低倍率线",
    "high_line": "高倍率线",
    "total_cost": "医疗总费用",
    "standard": "结算标准",
    "patient_and_other_paid": "个人及其他基金已付",
    "fund_payment": "统筹基金应付",
    "gain_loss": "医院结余",
    "assumed_parameters": "假定参数",
}

_NUMBERS = ("los_days", "age_years", "icu_minutes")
_TEXTS = (
    "grouping_status", "drg", "local_group", "hospital_code", "med_type", "principal_diagnosis", "discharge_way",
    "dispute_drg", "weight_source", "weight_version",
)  # fmt: skip
_DAYS = ("admission_date", "discharge_date")
_MOST_WHOLE = 1_000_000
_LISTS = ("procedures",)
_FLAGS = ("special_case", "excluded_case", "high_admitted", "stable", "dispute_repriced")


@app.command()
def price(
    region: Annotated[str, typer.Argument(metavar="REGION", help="Region code, e.g. 411600.")],
    on: Annotated[str, typer.Argument(metavar="DATE", help="Day that selects the parameters, YYYY-MM-DD.")],
    drg: Annotated[str | None, typer.Option("--drg", help="The group of the case.")] = None,
    cost: Annotated[str | None, typer.Option("--cost", help="Total cost in yuan.")] = None,
    fund: Annotated[str, typer.Option("--fund", help="310 employee, 390 resident.")] = "310",
    level: Annotated[str, typer.Option("--level", help="Hospital level: 1, 2, 3.")] = "3",
    weight: Annotated[str | None, typer.Option("--weight", help="Relative weight; default: as published.")] = None,
    mean: Annotated[str | None, typer.Option("--mean", help="Mean cost of the group; default: as published.")] = None,
    region_mean: Annotated[str | None, typer.Option("--region-mean", help="Mean cost of all cases.")] = None,
    rate: Annotated[str | None, typer.Option("--rate", help="Yuan per weight; default: as published.")] = None,
    point_value: Annotated[
        str | None, typer.Option("--point-value", help="Yuan a point; default: as published.")
    ] = None,
    fact: Annotated[
        list[str] | None,
        typer.Option("--fact", help="Another fact: deductible=800, los_days=12, procedures=81.54|81.54 ..."),
    ] = None,
    policy: Annotated[Path | None, typer.Option("--policy", help="A YAML file that speaks first.")] = None,
    tree: Annotated[Path | None, typer.Option("--tree", help="Another policy tree; default: conf/policy.")] = None,
    json: AsJson = False,
) -> None:
    """Price one described case: every factor, rule, clause and amount, by the formulas of settle.

    Example: `drg price 411600 2026-01-15 --drg BR13 --cost 25000 --fund 310`
    """
    from drg.policy import PolicyBook
    from drg.settle.price import price_case

    book = PolicyBook.load(tree) if tree else PolicyBook.load_default()
    if policy is not None:
        book = book.with_file(region, policy)
    options = {
        "total_cost": cost,
        "relative_weight": weight,
        "group_mean_cost": mean,
        "region_mean_cost": region_mean,
        "base_rate": rate,
        "point_value": point_value,
    }
    described: dict[str, Any] = {"fund": fund, "hospital_level": level, "drg": drg}
    described |= {name: _number(name, value) for name, value in options.items() if value is not None}
    described |= dict(_fact(text) for text in fact or ())
    priced = price_case(book, region, day_of(on, "DATE"), described)
    shown = {name: priced.facts.get(name) for name in _SHOWN}
    if json:
        print_json({**shown, "origins": priced.weight_and_rate})
        return
    for name, value in shown.items():
        if value not in (None, [], ()):
            output.print(f"{_SHOWN[name]}  {name} = {_text(value)}", highlight=False, markup=False, soft_wrap=True)
    for name, origin in priced.weight_and_rate.items():
        output.print(f"{name}: {origin}", highlight=False, markup=False, soft_wrap=True)


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "、".join(map(str, value))
    if not isinstance(value, Decimal):
        return str(value)
    # A factor of 8 decimals and points of 12 are read without their trailing zeros; money keeps its fen.
    exponent = value.as_tuple().exponent
    return f"{value.normalize():f}" if isinstance(exponent, int) and exponent < -4 else f"{value:f}"


def _number(name: str, text: str) -> Decimal:
    try:
        grouped = re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d*)?", text)
        number = Decimal(text.replace(",", "") if grouped else text)
    except InvalidOperation as error:
        raise ConfigError(f"{name} {text} is not a number; write it like 25000 or 0.9258") from error
    if not number.is_finite() or number < 0:
        raise ConfigError(f"{name} {text} is not an amount; write it like 25000 or 0.9258")
    return number


def _fact(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not value:
        raise ConfigError(f"--fact {text} is not NAME=VALUE; write it like deductible=800")
    if name in _TEXTS:
        return name, value
    if name in _DAYS:
        return name, day_of(value, name)
    if name in _LISTS:
        return name, [code for code in value.split("|") if code]
    if name in _FLAGS:
        if value not in ("yes", "no"):
            raise ConfigError(f"--fact {text}: {name} is yes or no")
        return name, value == "yes"
    number = _number(name, value)
    if name in _NUMBERS:
        if number != number.to_integral_value() or number > _MOST_WHOLE:
            raise ConfigError(f"{name} {value} is not a whole number up to {_MOST_WHOLE}")
        return name, int(number)
    return name, number
