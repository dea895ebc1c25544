"""The rule language: what each form means as a tree, and where an error is said to be."""

from __future__ import annotations

import pytest

from drg.group.rules import (
    Always,
    And,
    Comparison,
    Count,
    Membership,
    Not,
    Or,
    RuleSyntaxError,
    SetName,
    check_sets,
    parse_rule,
    set_names,
)


def test_empty_rule_is_true():
    assert parse_rule("") == Always(True)
    assert parse_rule("  ") == Always(True)


def test_a_bare_number_is_true_unless_zero():
    assert parse_rule("1") == Always(True)
    assert parse_rule("0") == Always(False)


def test_membership_of_one_field_in_one_set():
    assert parse_rule("ZYZD in DI_A") == Membership(("ZYZD",), (SetName("DI_A", 9),))


def test_membership_of_several_fields_in_several_sets():
    assert parse_rule("{ZYSS, QTSS} not in {A, B}") == Membership(
        ("ZYSS", "QTSS"), (SetName("A", 22), SetName("B", 25)), negated=True
    )


@pytest.mark.parametrize("comparator", [">=", ">", "<=", "<", "="])
def test_comparison(comparator):
    assert parse_rule(f"XSRTZ{comparator}1500") == Comparison("XSRTZ", comparator, 1500)


def test_count_of_distinct_codes():
    assert parse_rule("length(OP_A ∩ {ZYSS, QTSS}) >= 2") == Count(SetName("OP_A", 8), ("ZYSS", "QTSS"), ">=", 2)


def test_and_binds_closer_than_or():
    a, b, c = (Comparison("NL", "<", n) for n in (1, 2, 3))
    assert parse_rule("NL<1 or NL<2 and NL<3") == Or((a, And((b, c))))
    assert parse_rule("(NL<1 or NL<2) and NL<3") == And((Or((a, b)), c))


def test_not_binds_closer_than_and():
    a, b = (Comparison("NL", "<", n) for n in (1, 2))
    assert parse_rule("not NL<1 and NL<2") == And((Not(a), b))
    assert parse_rule("not not NL<1") == Not(Not(a))


def test_or_may_be_written_in_capitals():
    assert parse_rule("NL<1 OR NL<2") == parse_rule("NL<1 or NL<2")


def test_set_names_in_order_of_the_text():
    rule = parse_rule("ZYZD in A and (QTZD in {MCC, B} or length(C ∩ QTSS) > 1) and not ZYSS in D")
    assert [name.name for name in set_names(rule)] == ["A", "MCC", "B", "C", "D"]


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("ZYZD on DI_A", 6, "'in' expected"),
        ("ZYZD in", 8, "the name of a set expected, found the end"),
        ("ZYZX in DI_A", 1, "ZYZX is not a field"),
        ("{ZYZD, NL} in DI_A", 8, "a field with codes"),
        ("NL in DI_A", 4, "a comparison"),
        ("ZYZD < 3", 6, "'in' expected"),
        ("NL < DI_A", 6, "a number expected"),
        ("(NL<1", 6, "')' expected to close the bracket"),
        ("NL<1)", 5, "'and', 'or' or the end"),
        ("NL<1 and", 9, "a condition expected"),
        ("NL<1 NL<2", 6, "'and', 'or' or the end"),
        ("ZYZD in {A B}", 12, "'}' expected or a comma"),
        ("NL ≥ 1", 4, "'≥' has no meaning"),
        ("length(A, QTSS) > 1", 9, "'∩' expected"),
        ("length(A ∩ QTSS)", 17, "a comparison"),
        ("XB=1 or ZYZD in and", 17, "the name of a set"),
        ("not " * 60 + "NL<1", 201, "more than 50 deep"),
    ],
)
def test_an_error_says_where_and_what(text, column, words):
    with pytest.raises(RuleSyntaxError) as caught:
        parse_rule(text)
    assert caught.value.column == column
    assert words in caught.value.problem


def test_an_unknown_set_is_found_where_it_stands():
    rule = parse_rule("ZYZD in A and QTZD in {MCC, B}")
    check_sets(rule, {"A", "B"})
    with pytest.raises(RuleSyntaxError, match="set B is not defined") as caught:
        check_sets(rule, {"A"})
    assert caught.value.column == 29
