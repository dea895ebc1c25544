"""The kernel on cases whose group can be told by reading: each operator, threshold and reason."""

from __future__ import annotations

import pickle

import pyarrow as pa
import pytest

from drg.group import GroupingStatus, ReasonCode, compile_pack, load_pack
from drg.group.kernel import OUTPUT_SCHEMA
from tests.group.drawn_packs import compiled, one_rule, pack
from tests.group.reference import INPUT_SCHEMA, Case, table

SETS = {"D0": ("A00.000",), "D1": ("A01.000",), "D2": ("A02.000", "A03.000"), "P0": ("10.0000",), "P1": ("11.0000",)}


def rows(kernel, *cases):
    return kernel.group(table(list(cases))).to_pylist()


def grouped(rule: str, case: Case, **kwargs) -> bool:
    return rows(one_rule(rule, SETS, **kwargs), case)[0]["grouping_status"] == "grouped"


@pytest.mark.parametrize(
    ("rule", "case", "holds"),
    [
        ("ZYZD in D0", Case("A00.000"), True),
        ("ZYZD in D0", Case("A01.000", ("A00.000",)), False),
        ("ZYZD not in D0", Case("A01.000"), True),
        ("ZYZD not in D0", Case("A00.000"), False),
        ("QTZD in D0", Case("A01.000", ("A00.000",)), True),
        ("QTZD in D0", Case("A00.000"), False),
        ("{ZYZD, QTZD} in D0", Case("A00.000"), True),
        ("{ZYZD, QTZD} in D0", Case("A01.000", ("A00.000",)), True),
        ("{ZYZD, QTZD} not in D0", Case("A01.000", ("A02.000", "A00.000")), False),
        ("ZYZD in {D0, D2}", Case("A03.000"), True),
        ("ZYZD in {D0, D2}", Case("A01.000"), False),
        ("ZYSS in P0", Case("A00.000", (), "10.0000"), True),
        ("ZYSS in P0", Case("A00.000", (), "11.0000", ("10.0000",)), False),
        ("ZYSS not in P0", Case("A00.000"), True),
        ("QTSS in P0", Case("A00.000", (), "11.0000", ("12.0000", "10.0000")), True),
        ("{ZYSS, QTSS} in P0 and {ZYSS, QTSS} in P1", Case("A00.000", (), "11.0000", ("10.0000",)), True),
        ("{ZYSS, QTSS} in P0 and {ZYSS, QTSS} in P1", Case("A00.000", (), "11.0000", ("11.0000",)), False),
        ("ZYZD in D0 or ZYSS in P0", Case("A05.000", (), "10.0000"), True),
        ("not (ZYZD in D0 or ZYSS in P0)", Case("A05.000", (), "11.0000"), True),
        ("not (ZYZD in D0 or ZYSS in P0)", Case("A05.000", (), "10.0000"), False),
        ("0", Case("A00.000"), False),
        ("1", Case("A00.000"), True),
        # a set of procedures never holds a diagnosis
        ("ZYZD in P0", Case("A00.000", (), "10.0000"), False),
    ],
)
def test_each_form_of_a_rule(rule, case, holds):
    assert grouped(rule, case) is holds


@pytest.mark.parametrize(
    ("codes", "counted", "holds"),
    [
        (("A02.000", "A03.000"), "length(D2 ∩ QTZD) >= 2", True),
        (("A02.000", "A02.000"), "length(D2 ∩ QTZD) >= 2", False),
        (("A02.000", "A02.000"), "length(D2 ∩ QTZD) = 1", True),
        (("A03.000",), "length(D2 ∩ {ZYZD, QTZD}) > 1", True),
        (("A02.000",), "length(D2 ∩ {ZYZD, QTZD}) > 1", False),
        ((), "length(D2 ∩ QTZD) < 1", True),
    ],
)
def test_a_count_is_of_distinct_codes(codes, counted, holds):
    assert grouped(counted, Case("A02.000", codes)) is holds


AROUND = {
    "<": [True, False, False],
    "<=": [True, True, False],
    "=": [False, True, False],
    ">=": [False, True, True],
    ">": [False, False, True],
}


@pytest.mark.parametrize(("comparator", "expected"), AROUND.items())
def test_each_comparator_around_its_number(comparator, expected):
    kernel = one_rule(f"NL{comparator}18", SETS)
    found = rows(kernel, *(Case("A00.000", age_years=years) for years in (17, 18, 19)))
    assert [row["grouping_status"] == "grouped" for row in found] == expected


@pytest.mark.parametrize("comparison", ["XSRTL<29", "XSRTL>=0", "XSRTL=0", "XSRTZ<1500", "XSRTZ>=0"])
def test_an_absent_scalar_makes_every_comparison_false(comparison):
    assert not grouped(comparison, Case("A00.000"))
    assert grouped(f"not {comparison}", Case("A00.000"))


def test_sex_is_one_or_two_and_anything_else_is_neither():
    for rule in ("XB=1", "XB=2"):
        kernel = one_rule(rule, SETS)
        held = [row["grouping_status"] == "grouped" for row in rows(kernel, *(Case("A00.000", sex=s) for s in "1290"))]
        assert held == [rule == "XB=1", rule == "XB=2", False, False]


CC = {"A05.000": ("MCC", "EX_1"), "A06.000": ("CC", "EX_1"), "A07.000": ("CC", "EX_2"), "A08.000": ("MCC", "EX_2")}
EXCLUSIONS = {"EX_1": ("A00.000", "A05.000"), "EX_2": ("A01.000",)}
SPLIT = [("AA11", "AA1", "QTZD in MCC"), ("AA13", "AA1", "QTZD in {MCC, CC}"), ("AA15", "AA1", "")]


@pytest.fixture(scope="module")
def split():
    adrg = [("AA1", "MDCA", "ZYZD in {D0, D1, D2}")]
    return compiled(pack([("MDCA", "", "")], adrg, SPLIT, SETS, CC, EXCLUSIONS))


@pytest.mark.parametrize(
    ("principal", "others", "drg", "level", "code", "excluded"),
    [
        ("A02.000", (), "AA15", "none", None, []),
        ("A02.000", ("A06.000",), "AA13", "CC", "A06.000", []),
        ("A02.000", ("A07.000", "A06.000"), "AA13", "CC", "A07.000", []),
        ("A02.000", ("A06.000", "A08.000", "A05.000"), "AA11", "MCC", "A08.000", []),
        # EX_1 holds the principal diagnosis, so its MCC and CC do not count
        ("A00.000", ("A05.000", "A06.000"), "AA15", "none", None, [("A05.000", "MCC"), ("A06.000", "CC")]),
        ("A00.000", ("A05.000", "A07.000"), "AA13", "CC", "A07.000", [("A05.000", "MCC")]),
        # another principal diagnosis leaves them
        ("A01.000", ("A05.000", "A07.000"), "AA11", "MCC", "A05.000", [("A07.000", "CC")]),
    ],
)
def test_cc_counts_unless_the_principal_excludes_it(split, principal, others, drg, level, code, excluded):
    found = rows(split, Case(principal, others))[0]
    assert (found["drg"], found["cc_level"], found["cc_diagnosis"]) == (drg, level, code)
    assert [(item["icd_code"], item["level"]) for item in found["excluded_diagnoses"]] == excluded
    assert all(CC[item["icd_code"]][1] == item["exclusion_set"] for item in found["excluded_diagnoses"])


def test_a_level_that_no_split_asks_for_decides_nothing():
    kernel = one_rule("ZYZD in D0", SETS, cc=CC, exclusions=EXCLUSIONS)
    found = rows(kernel, Case("A00.000", ("A08.000",)))[0]
    assert (found["drg"], found["cc_level"], found["cc_diagnosis"]) == ("AA19", "none", None)


def test_an_mdc_whose_groups_all_fail_leaves_the_case_to_the_next():
    kernel = compiled(
        pack(
            [("MDCA", "", ""), ("MDCB", "", "ZYZD in D0"), ("MDCC", "", "ZYZD in D0")],
            [("AA1", "MDCA", "ZYSS in P0"), ("BB1", "MDCB", "ZYSS in P1"), ("CC1", "MDCC", "")],
            [("AA19", "AA1", ""), ("BB19", "BB1", ""), ("CC19", "CC1", "")],
            SETS,
        )
    )
    found = rows(kernel, Case("A00.000"), Case("A00.000", (), "11.0000"), Case("A00.000", (), "10.0000"))
    assert [row["drg"] for row in found] == ["CC19", "BB19", "AA19"]
    assert [row["reason_code"] for row in found] == ["grouped_by_mdc", "grouped_by_procedure", "grouped_by_procedure"]
    # AA1 asks for no diagnosis and neither does MDCA; BB1's case came in by the diagnosis of MDCB
    assert [row["deciding_diagnosis"] for row in found] == ["A00.000", "A00.000", None]
    assert [row["deciding_procedure"] for row in found] == [None, "11.0000", "10.0000"]


def test_the_first_branch_that_holds_names_the_deciding_codes():
    kernel = one_rule("(ZYZD in D0 and QTSS in P0) or (QTZD in D1 and {ZYSS, QTSS} in P1)", SETS)
    first, second = rows(
        kernel,
        Case("A00.000", ("A01.000",), "11.0000", ("10.0000",)),
        Case("A00.000", ("A02.000", "A01.000"), "12.0000", ("13.0000", "11.0000")),
    )
    assert (first["deciding_diagnosis"], first["deciding_procedure"]) == ("A00.000", "10.0000")
    assert (second["deciding_diagnosis"], second["deciding_procedure"]) == ("A01.000", "11.0000")
    assert first["reason_code"] == second["reason_code"] == "grouped_by_diagnosis_and_procedure"


@pytest.fixture(scope="module")
def national():
    return {scheme: compile_pack(load_pack(scheme)) for scheme in ("chs-drg-2.0", "chs-drg-1.1")}


def newborn(days, weight=2600, principal="P07.200x011", **kwargs):
    return Case(principal, age_years=0, age_days=days, newborn_weight_g=weight, **kwargs)


@pytest.mark.parametrize(
    ("weight", "adrg"),
    [(1499, "PS1"), (1500, "PS2"), (1999, "PS2"), (2000, "PS3"), (2499, "PS3"), (2500, "PS4")],
)
def test_newborn_weight_thresholds(national, weight, adrg):
    for kernel in national.values():
        assert rows(kernel, newborn(3, weight))[0]["adrg"] == adrg


@pytest.mark.parametrize("scheme", ["chs-drg-2.0", "chs-drg-1.1"])
def test_newborn_day_28_and_day_29(national, scheme):
    # A04.000x001 stands in the sets of PU1 (under 29 days) and of PV1 (from 29 days on)
    cases = [newborn(days, principal="A04.000x001") for days in (28, 29)]
    assert [row["adrg"] for row in rows(national[scheme], *cases)] == ["PU1", "PV1"]


def test_a_valid_principal_procedure_that_fits_no_group_is_ambiguous_not_medical(national):
    # 72.0x00 (a forceps delivery) makes a case a procedure case, but in no group of the nervous system
    kernel = national["chs-drg-2.0"]
    ambiguous, medical = rows(kernel, Case("I63.900", (), "72.0x00", sex="2"), Case("I63.900", sex="2"))
    assert (ambiguous["drg"], ambiguous["reason_code"]) == ("BQY", ReasonCode.AMBIGUOUS_PROCEDURE)
    assert ambiguous["grouping_status"] == "ambiguous"
    assert (ambiguous["deciding_diagnosis"], ambiguous["deciding_procedure"]) == ("I63.900", "72.0x00")
    assert (medical["adrg"], medical["reason_code"]) == ("BR2", ReasonCode.GROUPED_BY_DIAGNOSIS)


def test_a_newborn_that_fits_no_newborn_group_is_ambiguous(national):
    found = rows(national["chs-drg-2.0"], newborn(28, principal="I63.900"), newborn(29, principal="I63.900"))
    assert [row["drg"] for row in found] == ["PQY", "BR25"]
    assert found[0]["reason_code"] == ReasonCode.AMBIGUOUS_NEWBORN


def test_multiple_trauma_without_procedure_needs_every_procedure_outside_op_all(national):
    trauma = ("S37.710", ("S82.300x083",))
    none, ignored, valid_other = rows(
        national["chs-drg-1.1"],
        Case(*trauma),
        Case(*trauma, "89.0200"),
        Case(*trauma, "89.0200", ("81.2500x004",)),
    )
    assert none["adrg"] == ignored["adrg"] == "ZZ1"
    assert valid_other["adrg"] != "ZZ1"


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        (Case(None), ReasonCode.PRINCIPAL_DIAGNOSIS_MISSING),
        (Case(""), ReasonCode.PRINCIPAL_DIAGNOSIS_MISSING),
        (Case("i63.900"), ReasonCode.PRINCIPAL_DIAGNOSIS_UNKNOWN),
        (Case("I63.900 "), ReasonCode.PRINCIPAL_DIAGNOSIS_UNKNOWN),
        (Case("B95.000"), ReasonCode.PRINCIPAL_DIAGNOSIS_NOT_PERMITTED),
        (Case("T31.600"), ReasonCode.PRINCIPAL_DIAGNOSIS_IN_NO_MDC),
        (Case("O80.000", sex="1"), ReasonCode.SEX_CONTRADICTS_DIAGNOSIS),
        (Case("A04.000x001", age_years=3), ReasonCode.AGE_CONTRADICTS_DIAGNOSIS),
        (Case("A04.000x001", age_years=0), ReasonCode.NEWBORN_CRITERIA_NOT_MET),
    ],
)
def test_reasons_of_ungrouped_cases(national, case, reason):
    found = rows(national["chs-drg-2.0"], case)[0]
    assert (found["drg"], found["mdc"], found["adrg"]) == ("0000", None, None)
    assert (found["grouping_status"], found["reason_code"]) == ("ungrouped", reason)


def test_reasons_within_an_mdc():
    kernel = compiled(
        pack(
            [("MDCB", "", "ZYZD in {D0, D1}")],
            [("BB1", "MDCB", "ZYZD in D0"), ("BB2", "MDCB", "ZYSS in P0")],
            [("BB11", "BB1", "QTZD in MCC"), ("BB29", "BB2", "")],
            SETS,
        )
    )
    no_drg, no_adrg = rows(kernel, Case("A00.000"), Case("A01.000"))
    assert no_drg["reason_code"] == ReasonCode.NO_DRG_IN_ADRG
    assert no_adrg["reason_code"] == ReasonCode.NO_ADRG_IN_MDC
    assert no_drg["mdc"] is None
    assert no_drg["drg"] == "0000"


def test_every_reason_has_an_explanation_and_a_status():
    assert all(reason.explanation.endswith("。") for reason in ReasonCode)
    assert {reason.status for reason in ReasonCode} == set(GroupingStatus)


def test_drg_rules_that_ask_for_more_than_levels_are_tried_in_order():
    drgs = [("AA11", "AA1", "QTZD in MCC and NL<18"), ("AA13", "AA1", "NL<18 or QTZD in CC"), ("AA15", "AA1", "")]
    kernel = compiled(pack([("MDCA", "", "")], [("AA1", "MDCA", "ZYZD in D2")], drgs, SETS, CC, EXCLUSIONS))
    found = rows(
        kernel,
        Case("A02.000", ("A08.000",), age_years=17),
        Case("A02.000", ("A08.000",), age_years=18),
        Case("A02.000", ("A08.000", "A07.000"), age_years=18),
        Case("A02.000", age_years=17),
    )
    assert [row["drg"] for row in found] == ["AA11", "AA15", "AA13", "AA13"]
    assert [row["cc_level"] for row in found] == ["MCC", "none", "CC", "none"]


def test_no_case_gives_no_row():
    found = one_rule("ZYZD in D0", SETS).group(INPUT_SCHEMA.empty_table())
    assert found.num_rows == 0
    assert found.schema == OUTPUT_SCHEMA


def test_null_lists_sliced_batches_and_dictionaries_are_read_like_plain_columns():
    kernel = one_rule("QTZD in D0", SETS)
    cases = table([Case("A05.000", ("A01.000", "A02.000")), Case("A05.000", ("A00.000",)), Case("A05.000")])
    nulls = cases.set_column(5, "other_diagnoses", pa.array([["A00.000"], None, [None, "A00.000"]]))
    assert kernel.group(nulls)["grouping_status"].to_pylist() == ["grouped", "ungrouped", "grouped"]
    assert kernel.group(cases.slice(1))["grouping_status"].to_pylist() == ["grouped", "ungrouped"]
    encoded = cases.set_column(4, "principal_diagnosis", cases["principal_diagnosis"].dictionary_encode())
    assert kernel.group(encoded).equals(kernel.group(cases))


def test_a_pickled_pack_groups_alike(split):
    cases = table([Case("A00.000", ("A05.000",)), Case("A01.000", ("A05.000",))])
    assert pickle.loads(pickle.dumps(split)).group(cases).equals(split.group(cases))
