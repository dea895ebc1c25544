"""validate: which landed lists are live and which are fit; accepted + rejected = landed."""

from __future__ import annotations

from pyspark import StorageLevel

from drg.doors.config import person_key_secret
from drg.errors import ContractError, DeliveryError
from drg.group import RulePack, available_schemes, load_icd, load_pack
from drg.runner import StepContext, job_main
from drg.validate.checks import CHECKS
from drg.validate.codes import DIAGNOSIS_FORM, PROCEDURE_FORM, CodeList
from drg.validate.intake import References, assert_partition, counts, headers_of, judge_lists
from drg.validate.outputs import list_flag, rejected_list, settlement_list


def run(ctx: StepContext) -> None:
    """Judge every record landed for the months asked for, whichever delivery brought it, and write the three tables."""
    report_not_landed(ctx)
    months = [month for month in ctx.months if ctx.live(month)]
    regions = sorted({region for month in months for region in ctx.live(month)})
    if not months:
        return
    # A record belongs to no month later than its delivery's, so earlier deliveries cannot hold any.
    landed = ctx.read("landed_list", region_code=regions, record_month=months).where(f"delivery_month >= '{months[0]}'")
    register = ctx.read("hospital_register", region_code=regions)
    received = counts(landed)
    for (region, month), rows in received.items():
        ctx.count_in(region, month, rows)
    lists = judge_lists(landed, register, references(ctx), person_key_secret(ctx.env), headers_of(landed))
    lists = lists.persist(StorageLevel.DISK_ONLY)
    try:
        assert_partition(received, lists)
        where = {"settlement_month": months, "region_code": regions}
        fit = ctx.write("settlement_list", settlement_list(lists), **where)
        refused = ctx.write("rejected_list", rejected_list(lists, CHECKS), **where)
        ctx.write("list_flag", list_flag(lists, CHECKS), **where)
    finally:
        lists.unpersist()
    due = sum(rows for (region, month), rows in received.items() if region in ctx.live(month))
    if fit.rows + refused.rows != due:
        raise ContractError(
            f"{fit.rows} accepted + {refused.rows} rejected rows were written of {due} landed; run validate again"
        )


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


if __name__ == "__main__":
    job_main("validate", run)
