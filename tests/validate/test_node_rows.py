"""validate: charges, payments, diagnoses, operations and intensive care read from Arrow lists; no Spark session."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from drg.land.layout import NODES
from drg.validate import lines
from drg.validate.charges import CHARGES, MOST_ROWS, PAYMENTS, amounts, charges, money, payments
from drg.validate.icu import ICU, MOST_MINUTES, intensive_care
from drg.validate.lines import DIAGNOSES, OPERATIONS
from drg.validate.nodes import Rows

Row = dict[str, str | None]


def node(name: str, lists: Sequence[Sequence[Row | None] | None]) -> pa.ListArray:
    """Lists of rows as Spark hands them over."""
    return pa.array(lists, pa.list_(pa.struct([(field, pa.string()) for field in NODES[name]])))


def told(schema: pa.Schema, columns: Sequence[pa.Array]) -> list[dict[str, Any]]:
    """One dictionary a list; the types are those of the schema."""
    assert [column.type for column in columns] == schema.types
    return pa.Table.from_arrays(list(columns), schema=schema).to_pylist()


@pytest.mark.parametrize(
    ("text", "fen", "read"),
    [
        ("12.34", 1234, True),
        ("12.3", 1230, True),
        ("12", 1200, True),
        ("-0.05", -5, True),
        ("0.005", 1, True),  # HALF_UP, away from zero
        ("-0.005", -1, True),
        ("0.0049", 0, True),
        ("999999999999.99", 99999999999999, True),
        ("1000000000000", 0, False),  # thirteen places
        ("7\n", 700, True),
        ("1e3", 0, False),
        ("12.", 0, False),
        (".5", 0, False),
        ("", 0, False),
        (None, 0, False),
        ("１２", 0, False),
    ],
)
def test_amounts_are_read_to_the_fen(text: str | None, fen: int, read: bool) -> None:
    found, known = amounts(pa.array([text], pa.string()))
    assert (found.tolist(), known.tolist()) == ([fen], [read])


def test_money_is_decimal_on_both_sides_of_zero() -> None:
    assert money(np.array([1, -1, 0, 99999999999999])).to_pylist() == [
        Decimal("0.01"), Decimal("-0.01"), Decimal("0.00"), Decimal("999999999999.99"),
    ]  # fmt: skip


def item(kind: str | None, amount: str | None, *parts: str) -> Row:
    names = ("item_claa_amt", "item_clab_amt", "item_ownpay_amt", "item_oth_amt")
    return {"med_chrgitm_type": kind, "item_sumamt": amount, **dict(zip(names, parts, strict=False))}


def test_charges_by_category_and_in_sum() -> None:
    first, second, none, null = told(
        CHARGES,
        charges(
            node(
                "iteminfo",
                [
                    # 100.00 + 20.50 = 120.50; the package repeats it and counts for nothing.
                    [item(" 01", "100"), item("06", "20.5"), item("15", "120.50")],
                    # 1.00 - 3.00 = -2.00; one row cannot be read, one category is none, one stands twice.
                    [item("01", "1"), item("01", "-3"), item("99", "x"), None],
                    [],
                    None,
                ],
            )
        ),
    )
    assert (first["bed_fee"], first["surgery_fee"], first["other_fee"]) == (100, Decimal("20.50"), 0)
    assert (first["fee_total"], first["least_fee"]) == (Decimal("120.50"), Decimal("20.50"))
    assert not any(first[name] for name in ("fee_unread", "fee_type_unknown", "fee_type_twice", "parts_differ"))
    assert (second["bed_fee"], second["fee_total"], second["least_fee"]) == (1, -2, -3)
    assert (second["fee_unread"], second["fee_type_unknown"], second["fee_type_twice"]) == (True, True, True)
    assert none == null
    assert (none["fee_total"], none["least_fee"], none["fee_unread"]) == (0, 0, False)


@pytest.mark.parametrize(
    ("parts", "differ"),
    [
        (("5", "3", "1", "1"), False),
        (("5", "3", "1", "0.99"), False),  # one fen
        (("5", "3", "1", "0.98"), True),  # two
        (("5", "3", "1", "1.02"), True),
        (("5", "3", "1"), False),  # not all given
        (("5", "3", "1", "x"), False),
    ],
)
def test_parts_are_held_against_their_row_where_all_are_given(parts: tuple[str, ...], differ: bool) -> None:
    (found,) = told(CHARGES, charges(node("iteminfo", [[item("01", "10", *parts)]])))
    assert found["parts_differ"] is differ


def test_fund_payments_add_up_without_what_is_no_fund_money() -> None:
    # 10.00 + 2.50; account (310200), hospital advance (999996) and a row without a type are left out.
    rows: list[list[Row | None]] = [
        [{"fund_pay_type": kind, "fund_payamt": amount} for kind, amount in
         (("310101", "10"), ("330100", "2.5"), ("310200", "7"), ("999996", "7"), (None, "7"))],
        [{"fund_pay_type": "390100", "fund_payamt": "x"}],
    ]  # fmt: skip
    first, second = told(PAYMENTS, payments(node("payinfo", rows)))
    assert (first["listed_fund_total"], first["fund_type_unknown"]) == (Decimal("12.50"), True)
    assert (first["fund_type_of_employees"], first["fund_type_of_residents"]) == (True, False)
    assert (second["listed_fund_total"], second["fund_type_unknown"]) == (0, False)
    assert (second["fund_type_of_employees"], second["fund_type_of_residents"]) == (False, True)


def diagnosis(code: str, main: str = "0", kind: str = "1", condition: str | None = "1", name: str = "名") -> Row:
    return {"diag_type": kind, "maindiag_flag": main, "diag_code": code, "diag_name": name, "adm_cond_type": condition}


def test_the_principal_diagnosis_comes_first_and_other_medicine_is_left_out() -> None:
    lists = [
        [diagnosis("T", kind="2"), diagnosis("B", condition="2"), diagnosis("A", main=" m", condition="4")],
        [diagnosis("A", main="1"), diagnosis("B", main="1", condition=None), diagnosis("C", name=" ")],
        [diagnosis("A"), None],
        [],
    ]
    codes, names, columns = lines.diagnoses(node("diseinfo", lists))
    assert codes.to_pylist() == [["A", "B"], ["A", "B", "C"], ["A"], []]
    assert names.to_pylist() == [["名", "名"], ["名", "名", " "], ["名"], []]
    found = told(DIAGNOSES, columns)
    assert [(one["n_diagnoses"], one["n_principal"]) for one in found] == [(2, 1), (3, 2), (1, 0), (0, 0)]
    assert [one["principal_condition"] for one in found] == ["4", "1", None, None]
    assert [one["condition_unknown"] for one in found] == [False, True, False, False]
    assert [one["name_missing"] for one in found] == [False, True, False, False]
    assert [one["principal_first"] for one in found] == [False, True, False, False]


def operation(code: str, day: str | None, main: str = "0", begun: str | None = None, surgeon: str | None = "D1") -> Row:
    return {
        "oprn_oprt_code": code,
        "oprn_oprt_name": code.lower(),
        "oprn_oprt_date": day,
        "oprn_oprt_begntime": begun,
        "main_oprn_flag": main,
        "oper_dr_code": surgeon,
    }


def test_operations_with_the_main_one_first_their_days_and_surgeons() -> None:
    lists = [
        [operation("B", "2025-01-03"), operation("A", "", main="1", begun="2025-01-02 09:00:00", surgeon="N1")],
        [operation("A", "2025-01-02"), operation("A", "2025-01-02 ", surgeon=" "), operation("C", "2025-13-01")],
        [operation("A", None, surgeon=None)],
        [],
        [{}, None, {"oprn_oprt_code": "A"}],  # rows that say nothing are alike
    ]
    codes, names, columns = lines.operations(node("oprninfo", lists))
    assert codes.to_pylist() == [["A", "B"], ["A", "A", "C"], ["A"], [], [None, None, "A"]]
    assert names.to_pylist() == [["a", "b"], ["a", "a", "c"], ["a"], [], [None, None, None]]
    found = told(OPERATIONS, columns)
    assert [(one["n_procedures"], one["n_main_procedures"]) for one in found] == [
        *((2, 1), (3, 0), (1, 0), (0, 0), (3, 0)),
    ]
    assert [(one["first_operation_date"], one["last_operation_date"]) for one in found] == [
        (date(2025, 1, 2), date(2025, 1, 3)),
        (date(2025, 1, 2), date(2025, 1, 2)),
        (None, None),
        (None, None),
        (None, None),
    ]
    assert [one["operation_date_unread"] for one in found] == [False, True, True, False, True]
    assert [one["operation_twice"] for one in found] == [False, True, False, False, True]
    assert [one["surgeon_missing"] for one in found] == [False, True, True, False, True]
    assert [one["surgeon_no_doctor"] for one in found] == [True, False, False, False, False]


def stay(entered: str, left: str, stated: str = "0/10/0", ward: str | None = "4") -> Row:
    names = NODES["icuinfo"]
    return dict(zip(names, (ward, f"2025-01-{entered}:00", f"2025-01-{left}:00", stated), strict=True))


def test_intensive_care_counts_time_claimed_twice_once() -> None:
    lists = [
        # 08:00 to 18:00 and 12:00 to 20:00 cover 12 hours; 10 of a row of its own the day after.
        [stay("01 12:00", "01 20:00", "0/8/0"), stay("01 08:00", "01 18:00"), stay("02 08:00", "02 18:00")],
        # An exit before the entry counts for nothing; a filler row says nothing.
        [stay("02 08:00", "01 18:00"), {"scs_cutd_ward_type": "-"}],
        [stay("01 08:00", "01 19:00", "0/10/0", ward="2"), stay("03 08:00", "03 19:01", "0/10/0", ward=None)],
        # One hour beside its duration; left as it was entered; a row that begins where another ends.
        [stay("01 08:00", "01 19:00"), stay("02 08:00", "02 08:00", "0/0/0"), stay("02 08:00", "02 18:00")],
        [],
    ]
    both, none, wards, edge, empty = told(ICU, intensive_care(node("icuinfo", lists)))
    assert (both["icu_minutes"], both["icu_overlaps"], both["icu_duration_differs"]) == (22 * 60, True, False)
    assert (both["icu_from"], both["icu_to"]) == (date(2025, 1, 1), date(2025, 1, 2))
    assert (none["icu_minutes"], none["icu_without_times"], none["icu_from"]) == (0, True, None)
    assert not any(edge[f"icu_{name}"] for name in ("duration_differs", "without_times", "overlaps"))
    # 11:00 against 10 hours is within the hour, 11:01 is not.
    assert (wards["icu_duration_differs"], wards["ward_unknown"], wards["ward_nicu"]) == (True, True, True)
    assert not any(empty.values())


@pytest.mark.parametrize(
    ("stated", "unread"), [("1/24/60", False), ("1/25/0", True), ("1/0/61", True), ("1天", True), ("", True)]
)
def test_durations_of_intensive_care(stated: str, unread: bool) -> None:
    (found,) = told(ICU, intensive_care(node("icuinfo", [[stay("01 08:00", "02 08:00", stated)]])))
    assert found["icu_duration_unread"] is unread


def test_a_year_9999_fits_its_column() -> None:
    row = {**stay("01 08:00", "01 18:00"), "scs_cutd_exit_time": "9999-01-01 00:00:00"}
    (found,) = told(ICU, intensive_care(node("icuinfo", [[row]])))
    assert found["icu_minutes"] == min(MOST_MINUTES, found["icu_minutes"]) > 4_000_000_000 // 60


@pytest.mark.parametrize("read", [charges, payments, intensive_care, lambda n: lines.operations(n)[2]])
def test_a_slice_of_a_batch_and_a_batch_without_lists(read: Callable[[pa.ListArray], list[pa.Array]]) -> None:
    name = {charges: "iteminfo", payments: "payinfo", intensive_care: "icuinfo"}.get(read, "oprninfo")
    row = dict.fromkeys(NODES[name], "1")
    three = node(name, [[row, row], [], [row]])
    assert [c.to_pylist() for c in read(three[1:])] == [c.to_pylist()[1:] for c in read(three)]
    assert all(len(column) == 0 for column in read(three[:0]))


def test_rows_know_their_list() -> None:
    rows = Rows.of(node("payinfo", [[{"fund_pay_type": "a"}], None, [{"fund_pay_type": "b"}, {"fund_pay_type": "a"}]]))
    assert rows.parent.tolist() == [0, 2, 2]
    assert rows.count().tolist() == [1, 0, 2]
    assert rows.repeated(rows.text("fund_pay_type")).tolist() == [False, False, False]
    assert rows.first_those(np.array([False, False, True])).text("fund_pay_type").to_pylist() == ["a", "a", "b"]


def test_more_rows_than_any_list_has_are_refused_since_their_sum_might_not_fit() -> None:
    row = dict.fromkeys(NODES["iteminfo"]) | {"med_chrgitm_type": "01", "item_sumamt": "999999999999.99"}
    few, many = ([row] * number for number in (MOST_ROWS, MOST_ROWS + 1))
    found = dict(zip(CHARGES.names, charges(node("iteminfo", [few, many])), strict=True))
    assert found["fee_unread"].to_pylist() == [False, True]
    assert found["fee_total"][0].as_py() == Decimal("999999999999.99") * MOST_ROWS
