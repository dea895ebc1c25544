"""Values that cannot both be chosen: one reads what the other says is not made, or undoes what the other promises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from drg.policy.book import Resolved
from drg.policy.exclusions import faults
from drg.policy.needs import FROM_THE_HIGH_LINE, chosen
from drg.policy.records import ADRG_LENGTH, SEPARATOR, LocalGroup, national_group
from drg.policy.values import HOSPITAL_LEVELS, OPEN_DIMENSIONS, REST

Found = Mapping[str, Resolved]


def contradictions(region: str, found: Found) -> Iterator[str]:
    """A sentence, with file and line, for each pair among the values that hold for a region on a day."""
    factors, made = found.get("coefficient.factors"), found.get("weight.hospital_coefficient")
    if factors and made and "hospital_cost" in chosen(factors) and made.value == "none":
        yield (
            f"{_at(factors)}: coefficient.factors of region {region} lists hospital_cost, "
            f"but weight.hospital_coefficient is none ({_at(made)}); change one"
        )
    override = found.get("override.rule")
    named = ("override.addition", "override.fixed_price")
    if override and override.value == "by_group" and not any(name in found for name in named):
        yield (
            f"{_at(override)}: override.rule of region {region} is by_group, but neither "
            f"{' nor '.join(named)} is written; write one or choose none"
        )
    yield from faults(found)
    yield from basic_groups_by_level(region, found)
    yield from two_currencies(region, found)
    yield from _above_a_line_that_is_not_passed(region, found)
    for name in ("level_coefficient", "institution_coefficient"):
        yield from serves_all(found.get(name))
    yield from _adjusted_without_weight(region, found)


def basic_groups_by_level(region: str, found: Found) -> Iterator[str]:
    """A basic group has one price at every level (医保办发〔2020〕45号 四; 武医保药〔2022〕5号 二（三）2).

    So its rate and its weight may not go by level. How a budget split by level would pay one price is published
    nowhere; level coefficients on one rate leave basic groups out and say the same.
    """
    basic = found.get("basic_groups")
    if basic is None or not basic.value:
        return
    levels, listed, classes = (found.get(name) for name in ("rate.levels", "rate.published", "weight.level_class"))
    by_level = [item for item in (listed, classes) if item is not None and _differs_by_level(item)]
    if levels is not None and levels.value == "by_level":
        by_level.append(levels)
    for item in by_level:
        yield (
            f"{_at(item)}: {item.name} of region {region} goes by hospital level, but basic_groups ({_at(basic)}) have "
            "one price at every level; let level_coefficient tell the levels apart, or take one out"
        )


def two_currencies(region: str, found: Found) -> Iterator[str]:
    """What points distribute is what a case's fund payment starts from; otherwise patients' money is counted twice."""
    method, dealt, started = (
        found.get(name) for name in ("payment.method", "point_value.distributable", "fund_payment.convention")
    )
    if method is None or method.value != "points" or dealt is None or started is None:
        return
    if (dealt.value == "fund_only") != (started.value == "standard_is_fund"):
        yield (
            f"{_at(dealt)}: region {region} distributes {dealt.value} by points but its fund_payment.convention is "
            f"{started.value} ({_at(started)}); fund_only goes with standard_is_fund and with no other"
        )


def serves_all(item: Resolved | None) -> Iterator[str]:
    """A factor that counts must have a value for every group and hospital; none is no factor of 1."""
    if item is None or not isinstance(item.value, dict):
        return
    for place, by in enumerate(item.by):
        if by in OPEN_DIMENSIONS and not any(keys[place] == REST for keys in item.value):
            yield (
                f"{_at(item)}: {item.name} of region {item.region} names some of {by} and no {REST}; "
                f"write {REST} for all others"
            )


def _above_a_line_that_is_not_passed(region: str, found: Found) -> Iterator[str]:
    """A formula of what lies above the high line pays nonsense, even below zero, where the cost need not lie there."""
    below = ["outlier.low.pays", "stay.pays"]
    selects = found.get("outlier.high.selects")
    if selects is not None and selects.value == "top_share":
        below.append("outlier.high.pays")
    for item in (found[name] for name in below if name in found):
        if item.value in FROM_THE_HIGH_LINE:
            yield (
                f"{_at(item)}: {item.name} of region {region} is {item.value}, which pays what lies above the high "
                "line, but its cases need not lie above it; choose by_item, actual_cost or a share of the cost"
            )


def _differs_by_level(item: Resolved) -> bool:
    if not isinstance(item.value, dict) or "hospital_level" not in item.by:
        return False
    place = item.by.index("hospital_level")
    others = {keys[:place] + keys[place + 1 :] for keys in item.value}
    names = [name for name in item.by if name != "hospital_level"]
    return any(
        len({item.of(hospital_level=level, **dict(zip(names, other, strict=True))) for level in HOSPITAL_LEVELS}) > 1
        for other in others
    )


def _adjusted_without_weight(region: str, found: Found) -> Iterator[str]:
    """An adjustment of a group that a published list gives no weight; of computed weights only weigh can tell."""
    adjusted, listed, local = (found.get(n) for n in ("weight.adjustments", "weight.published", "local_groups"))
    if adjusted is None or listed is None or not isinstance(listed.value, dict) or "drg" not in listed.by:
        return
    drgs = {keys[listed.by.index("drg")] for keys in listed.value}
    for entry in adjusted.of():
        suffixes = _suffixes(entry.drg, local)
        if not any(entry.drg in (drg, national_group(drg), drg[:ADRG_LENGTH]) or (drg in suffixes) for drg in drgs):
            yield (
                f"{_at(adjusted)}: weight.adjustments of region {region} names {entry.drg}, which has no weight in "
                f"weight.published ({_at(listed)}); correct the code or take the entry out"
            )


def _suffixes(code: str, local: Resolved | None) -> tuple[str, ...]:
    """The national group of a local sub-group the region has: where that is listed, so is the sub-group."""
    if local is None or SEPARATOR not in code:
        return ()
    national, _, suffix = code.partition(SEPARATOR)
    entries = [entry for entry in local.of() if isinstance(entry, LocalGroup)]
    has = any(entry.suffix == suffix and entry.drg in (national, national[:ADRG_LENGTH]) for entry in entries)
    return (national,) if has else ()


def _at(item: Resolved) -> str:
    return f"{item.file} line {item.line}"
