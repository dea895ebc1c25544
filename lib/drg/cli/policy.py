"""Commands about the policy: check, show, diff, vocabulary."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from drg.cli.app import AsJson, EnvName, Regions, app, clock, day_of, environment, output, print_json
from drg.errors import ConfigError

if TYPE_CHECKING:
    from drg.doors.config import Province
    from drg.policy import PolicyBook, Resolved
    from drg.policy.check import Findings, Gap

policy = typer.Typer(
    no_args_is_help=True,
    help="Dated parameters: gaps, lapses and assumed values; what holds for a region on a day, and since when.\n\n"
    "Example: `drg policy check --on 2025-01-01`",
)
app.add_typer(policy, name="policy")

Tree = Annotated[Path | None, typer.Option("--tree", help="Another policy tree; default: conf/policy.")]
RegionCode = Annotated[str, typer.Argument(metavar="REGION", help="Region code, e.g. 510100, or a folder of the tree.")]


@policy.command()
def check(
    regions: Regions = "",
    on: Annotated[str | None, typer.Option("--on", help="The day, YYYY-MM-DD; default: today.")] = None,
    tree: Tree = None,
    env: EnvName = None,
    json: AsJson = False,
) -> None:
    """What the rules of each region need and lack, what lapses within 60 days, and what nobody published.

    Exit status 1 when something needed is missing or lapsed, or names a group of another scheme.

    Example: `drg policy check --regions 510100,510300 --on 2025-06-30`
    """
    from drg.policy.check import check_region
    from drg.runner import chosen_regions

    day = day_of(on, "--on") if on else clock(None).date()
    province = environment(env, None).province
    chosen = chosen_regions(environment(env, None), regions)
    book = _book(tree)
    found = [check_region(book, region, day) for region in chosen]
    if json:
        print_json({"on": day, "regions": [_findings_json(item, province) for item in found]})
    else:
        _print_findings(found, province)
    if not all(item.good for item in found):
        raise typer.Exit(1)


@policy.command()
def show(
    region: RegionCode,
    on: Annotated[str, typer.Argument(metavar="DATE", help="The day, YYYY-MM-DD.")],
    tree: Tree = None,
    json: AsJson = False,
) -> None:
    """Every parameter that holds for a region on a day: value, standing, source, where it is written.

    A parameter marked `not needed` holds, but no rule the region chose reads it.

    Example: `drg policy show 510100 2025-01-01`
    """
    from drg.policy.check import held_on
    from drg.policy.parameters import PARAMETERS

    day, book = day_of(on, "DATE"), _book(tree)
    held = held_on(book, _known(book, region), day)
    if json:
        listed = [{**_item_json(one.item), "needed_by": one.because or None} for one in held]
        print_json({"region": region, "on": day, "parameters": listed})
        return
    for one in held:
        mark = "" if one.because else "   (not needed)"
        _line(f"{one.item.name}  {PARAMETERS[one.item.name].title}{mark}")
        _line(f"    {_value(one.item)}")
        _line(f"    {_origin(one.item)}")
        _line(f"    {one.item.source}")
    unneeded = sum(not one.because for one in held)
    _line(f"{len(held)} parameters hold for {region} on {day}; {unneeded} of them no chosen rule needs")


@policy.command()
def diff(
    region: RegionCode,
    first: Annotated[str, typer.Argument(metavar="DATE1", help="The earlier day, YYYY-MM-DD.")],
    second: Annotated[str, typer.Argument(metavar="DATE2", help="The later day, YYYY-MM-DD.")],
    tree: Tree = None,
    json: AsJson = False,
) -> None:
    """The parameters of a region that differ between two days, both values with their sources.

    Example: `drg policy diff 510600 2025-01-01 2025-02-01`
    """
    from drg.policy.check import changes
    from drg.policy.parameters import PARAMETERS

    days, book = (day_of(first, "DATE1"), day_of(second, "DATE2")), _book(tree)
    found = changes(book, _known(book, region), *days)
    if json:
        listed = [
            {
                "parameter": change.parameter,
                "before": _item_json(change.before) if change.before else None,
                "after": _item_json(change.after) if change.after else None,
            }
            for change in found
        ]
        print_json({"region": region, "days": days, "changes": listed})
        return
    for change in found:
        _line(f"{change.parameter}  {PARAMETERS[change.parameter].title}")
        for day, item in zip(days, (change.before, change.after), strict=True):
            _line(f"    {day}  {_value(item) if item else 'no value'}")
            if item:
                _line(f"                {_origin(item)}: {item.source}")
    _line(f"{len(found)} parameters of {region} differ between {days[0]} and {days[1]}")


@policy.command()
def vocabulary(
    into: Annotated[Path | None, typer.Option(help="Page whose tables to renew, such as docs/policy.md.")] = None,
) -> None:
    """Every parameter and every rule name with what it needs, as the tables of docs/policy.md.

    Example: `drg policy vocabulary --into docs/policy.md`
    """
    from drg.policy.vocabulary import renewed, tables

    if into is None:
        print(tables())
        return
    if not into.is_file():
        raise ConfigError(f"no page at {into}; name a file such as docs/policy.md")
    into.write_text(renewed(into.read_text(encoding="utf-8")), encoding="utf-8")


def _book(tree: Path | None) -> PolicyBook:
    from drg.policy import PolicyBook

    if tree is not None and not tree.is_dir():
        raise ConfigError(f"no policy tree at {tree}; name a folder that holds one folder a region and `national`")
    return PolicyBook.load(tree) if tree else PolicyBook.load_default()


def _known(book: PolicyBook, region: str) -> str:
    from drg.doors.config import load_env

    if region not in book.codes() and region not in load_env().province.region_codes():
        raise ConfigError(f"region {region} is not known; with a policy of their own are {', '.join(book.codes())}")
    return region


def _print_findings(found: list[Findings], province: Province) -> None:
    for item in found:
        name = f"{item.region} {province.name_of(item.region)}"
        state = "all that its rules need holds" if item.good else f"{len(item.missing) + len(item.wrong)} faults"
        _line(f"{name}: {state}, {len(item.assumed)} values assumed", None if item.good else "red")
        for gap in item.missing:
            _line(f"    missing: {gap.sentence}", "red")
        for sentence in item.wrong:
            _line(f"    wrong: {sentence}", "red")
        for gap in item.lapses:
            _line(f"    lapses: {gap.sentence}", "yellow")
    places: dict[tuple[str, int, str], list[Resolved]] = {}
    for item in found:
        for value in item.assumed:
            places.setdefault((value.file, value.line, value.name), []).append(value)
    if places:
        _line("\nassumed (nobody published them; every output that rests on one says so):")
    for (file, line, name), values in sorted(places.items()):
        regions = f"all {len(found)}" if len(values) == len(found) > 1 else ", ".join(item.region for item in values)
        _line(f"    {name} = {_value(values[0])} for {regions} ({file} line {line}): {values[0].source}")
    good = sum(item.good for item in found)
    _line(f"\non {found[0].on}: {good} of {len(found)} regions hold all that their rules need")


def _findings_json(item: Findings, province: Province) -> dict[str, Any]:
    def gap(one: Gap) -> dict[str, Any]:
        return {
            "parameter": one.parameter,
            "first_day": one.on,
            "needed_by": one.because,
            "sentence": one.sentence,
        }

    return {
        "region": item.region,
        "name": province.name_of(item.region),
        "good": item.good,
        "missing": [gap(one) for one in item.missing],
        "lapses": [gap(one) for one in item.lapses],
        "wrong": list(item.wrong),
        "assumed": [_item_json(value) for value in item.assumed],
    }


def _item_json(item: Resolved) -> dict[str, Any]:
    from drg.policy.texts import value_json

    return {
        "parameter": item.name,
        "value": value_json(item),
        "by": list(item.by),
        "unit": item.unit,
        "standing": item.standing.value,
        "source": item.source,
        "from": item.start,
        "to": item.end,
        "folder": item.folder,
        "file": item.file,
        "line": item.line,
    }


def _value(item: Resolved) -> str:
    from drg.policy.texts import value_text

    unit = (
        "" if item.unit in ("rule", "yes_no", "list", "scheme", "drg", "code", "class", "year_weights") else item.unit
    )
    by = f" by {', '.join(item.by)}" if item.by else ""
    return f"{value_text(item)} {unit}".rstrip() + by


def _origin(item: Resolved) -> str:
    until = f" to {item.end}" if item.end else ""
    inherited = "" if item.folder == item.region else f"inherited from {item.folder}, "
    return f"{item.standing.value}, from {item.start}{until}, {inherited}{item.file} line {item.line}"


def _line(text: str, style: str | None = None) -> None:
    output.print(text, style=style, markup=False, soft_wrap=True)
