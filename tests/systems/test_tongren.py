"""铜仁市DRG付费改革工作计划: each point on the engine, or where it will belong."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from drawn_policy import copied

from drg.group import load_pack
from drg.policy import PolicyBook
from drg.settle.accounts import OUTSIDE
from drg.settle.clearing import HospitalYear, clear_fund
from drg.settle.clearing_terms import terms_of
from drg.validate.checks import CHECKS
from tests.systems.pilots import DAY, YEAR_END, book, complete, listed_as_later, price, published

REGION = "520600"
DRY, LIVE = "H52060000001", "H52060000003"
LATER = {
    "试运行评估报告": "publish",
}


def test_every_rule_has_its_parameters() -> None:
    complete(REGION)
    published(REGION, "scheme", "performance.rule")


def test_the_scheme_is_1_1_and_its_groups_are_read_as_such() -> None:
    """（二）1：分组。ES35 exists in both editions and is another group in later ones: a payment names its scheme."""
    scheme = book().value(REGION, "scheme", date(2024, 1, 1)).of()
    assert scheme == "chs-drg-1.1"
    assert "ES35" in {group.code for group in load_pack(scheme).drgs}


def test_codes_of_the_clinical_edition_have_a_way_to_the_insurance_edition() -> None:
    """（一）2：统一使用国家临床版; the shipped code lists hold the mapping. A list says which edition it
    uses: one of the clinical edition is mapped once and says so, one that declares none goes back (DX21).
    """
    (edition,) = (check for check in CHECKS if check.id == "DX21")
    assert edition.reject
    assert "转换为医保版" in edition.warn_message
    from drg.doors.config import project_home

    for name in ("diagnosis", "procedure"):
        path = project_home() / "conf" / "rule_packs" / "icd" / f"{name}_clinical_to_insurance.tsv"
        head, *pairs = path.read_text(encoding="utf-8").splitlines()
        assert head.split("\t") == ["clinical_code", "insurance_code"]
        assert len(pairs) > 500


def test_a_hospital_in_dry_run_sees_its_price_and_is_paid_as_before() -> None:
    """（三）2：空转试运行: group and standard beside the real payment, which stays that by item."""
    paid = price(REGION, hospital_code=DRY).facts
    assert (paid["payment_kind"], paid["rule"]) == ("dry_run", "dry_run.by_item")
    assert (paid["price"], paid["relative_weight"]) == (Decimal("10400.00"), Decimal("1.0000"))
    assert (paid["standard"], paid["fund_payment"], paid["gain_loss"]) == (Decimal(10000), Decimal(6000), Decimal(0))
    assert "空转" in paid["clause"]
    assert "dry_run" in OUTSIDE  # hospital_settlement counts it outside DRG; its money is the real one


def test_other_hospitals_are_paid_by_drg_meanwhile() -> None:
    paid = price(REGION, hospital_code=LIVE).facts
    assert (paid["payment_kind"], paid["fund_payment"]) == ("normal", Decimal("6400.00"))


@pytest.mark.parametrize(
    ("day", "kind"), [(date(2025, 3, 31), "dry_run"), (date(2025, 4, 1), "normal"), (YEAR_END, "normal")]
)
def test_after_three_months_the_date_is_the_go_live_flag(day: date, kind: str) -> None:
    """（四）：空转试运行3个月后，正式启动运行DRG付费。"""
    assert price(REGION, day, hospital_code=DRY).facts["payment_kind"] == kind


def test_hospitals_follow_in_phases_by_file_alone(tmp_path: Path) -> None:
    """（四）：首批医院正式运行的同时，其他二级及以上医院空转: each hospital has its own day."""
    root = copied(tmp_path)
    text = "settlement.mode:\n"
    for start, modes in (
        ("2025-01-01", f'{{"{DRY}": dry_run, "*": dry_run}}'),
        ("2025-04-01", f'{{"{DRY}": live, "*": dry_run}}'),
        ("2025-07-01", '{"*": live}'),
    ):
        text += f"  - {{value: {modes}, by: hospital, from: {start}, unit: rule, source: s, standing: published}}\n"
    trial = tmp_path / "phases.yaml"
    trial.write_text(text, encoding="utf-8")
    tree = PolicyBook.load(root).with_file(REGION, trial)
    days = (DAY, date(2025, 4, 1), date(2025, 7, 1))
    kinds = [
        [price(REGION, day, tree, hospital_code=code).facts["payment_kind"] for day in days] for code in (DRY, LIVE)
    ]
    assert kinds == [["dry_run", "normal", "normal"], ["dry_run", "dry_run", "normal"]]


def test_the_appraisal_feeds_the_next_year_and_not_this_clearing() -> None:
    """（五）：考核结果将与下年医保包干资金挂钩。"""
    terms = terms_of(book(), REGION, 2025)
    assert terms.terms.performance == "next_year"
    assert "下年医保包干资金" in terms.clauses["performance.rule"]
    year = HospitalYear("H1", "310", monthly=Decimal(100000), paid=Decimal(100000), score=Decimal(60))
    (hospital,) = clear_fund("310", terms.terms, None, [year]).hospitals
    assert (hospital.performance, hospital.balance, hospital.year.score) == (Decimal(0), Decimal(0), Decimal(60))
    # 5 % (assumed) of 100,000 at stake, 40 of 100 points lost: 2,000 less in the next year's clearing.
    assert hospital.next_year == Decimal("-2000.00")
    after = HospitalYear("H1", "310", monthly=Decimal(90000), paid=Decimal(90000), carried=hospital.next_year)
    (following,) = clear_fund("310", terms.terms, None, [after]).hospitals
    assert (following.prior_performance, following.balance) == (Decimal("-2000.00"), Decimal("-2000.00"))


def test_what_is_built_elsewhere_is_listed() -> None:
    listed_as_later(LATER, "铜仁市")
