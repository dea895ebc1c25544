"""What validate reads besides the landed lists: code lists, earlier lists of the same region; and what is not there."""

from __future__ import annotations

from collections.abc import Iterable

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from drg.contracts import as_agreed
from drg.errors import DeliveryError, PolicyError
from drg.group import RulePack, available_schemes, load_icd, load_pack
from drg.runner import StepContext
from drg.validate.checks import CHECKS
from drg.validate.checks_across import months_around
from drg.validate.checks_batch import BATCH
from drg.validate.codes import DIAGNOSIS_FORM, PROCEDURE_FORM, CodeList
from drg.validate.degrees import Settings, Unit, read_settings
from drg.validate.judge import References


def earlier_lists(ctx: StepContext, judged: Iterable[Unit]) -> DataFrame | None:
    """The lists other runs accepted that the judged ones are held against; None before anything was accepted."""
    if not ctx.lake.exists("settlement_list"):
        return None
    units = sorted(judged)
    months = sorted({month for _, judged_month in units for month in months_around(judged_month)})
    accepted = ctx.read("settlement_list", settlement_month=months, region_code=sorted({region for region, _ in units}))
    unit = F.concat_ws("/", "region_code", "settlement_month")
    return as_agreed("settlement_list", accepted).where(~unit.isin(["/".join(one) for one in units]))


def settings_of(ctx: StepContext) -> dict[Unit, Settings]:
    """What the regions set for the checks; a region whose policy cannot be is left out, the others are judged."""
    found: dict[Unit, Settings] = {}
    for month in ctx.months:
        for region in ctx.live(month):
            try:
                found |= read_settings(ctx.policy, [(region, month)], (*CHECKS, *BATCH))
            except PolicyError as error:
                ctx.fail(region, month, error)
    return found


def report_not_landed(ctx: StepContext) -> None:
    """A month is not judged before its own delivery and the region's hospital register have landed."""
    wanted = {"delivery_month": list(ctx.months), "region_code": list(ctx.regions)}
    landed = ctx.lake.count_by("landed_list", ["region_code", "delivery_month"], **wanted)
    registered = ctx.lake.count_by("hospital_register", ["region_code"], region_code=list(ctx.regions))
    for month in ctx.months:
        for region in ctx.live(month):
            if (region, month) not in landed:
                error = f"region {region}, month {month}: no delivery of the month is landed; run land for it first"
                ctx.fail(region, month, DeliveryError(error))
            elif (region,) not in registered:
                error = f"region {region}: no hospital_register is landed; deliver it and run land first"
                ctx.fail(region, month, DeliveryError(error))


def references(ctx: StepContext) -> References:
    """The code lists and what the schemes in force in these months say of codes, and the province's regions."""
    icd = load_icd()
    packs = [pack for pack in map(load_pack, available_schemes()) if any(_in_force(pack, m) for m in ctx.months)]
    names = {code: name for pack in packs for code, name in pack.extra_names.items()} | icd.diagnoses | icd.procedures
    diagnoses, procedures = ([code for code in names if code[0].isalpha() is kind] for kind in (True, False))
    return References(
        CodeList.of(diagnoses, DIAGNOSIS_FORM, names, icd.diagnosis_to_insurance),
        CodeList.of(procedures, PROCEDURE_FORM, names, icd.procedure_to_insurance),
        tuple(sorted(frozenset().union(*(pack.not_permitted_principal for pack in packs)))),
        ctx.env.province.region_codes(),
        tuple(sorted(frozenset().union(*(pack.ignored_procedures for pack in packs)))),
    )


def _in_force(pack: RulePack, month: str) -> bool:
    last = pack.in_force_to
    return pack.in_force_from.isoformat()[:7] <= month and (last is None or month <= last.isoformat()[:7])
