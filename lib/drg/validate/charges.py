"""The charges of a list (iteminfo) and its fund payments (payinfo): amounts read, added up and compared; Arrow only.

Amounts are whole fen here and yuan, decimal with two places, where they leave. One that is no plain number is null
where it stands alone and 0 in a sum; check MN01 returns its list. Rules: settlement list quality rules
(医疗保障基金结算清单质控规则) MN01, MN03, MN04, MN08, MN10, MN11.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drg.validate.nodes import Flags, Rows, Whole, digits, is_among, yes
from drg.validate.tables import FEES, FUND_PAY_TYPES, NO_FUND_MONEY, PACKAGE_ROW

MONEY, SUM = pa.decimal128(16, 2), pa.decimal128(20, 2)
# Twelve places before the point leave room for the sum of as many rows as no list has, however bad the amounts.
MOST_ROWS = 90_000
_PLAIN = r"^(?P<sign>-?)(?P<yuan>[0-9]{1,12})(?:\.(?P<tenth>[0-9])(?P<cent>[0-9]?)(?P<next>[0-9]?)[0-9]*)?\n?$"
# The most of them, which Arrow reads at once.
_USUAL = r"^-?[0-9]{1,12}(\.[0-9]{1,2})?$"
_PARTS = ("item_claa_amt", "item_clab_amt", "item_ownpay_amt", "item_oth_amt")
CHARGES = pa.schema(
    [
        *[(name, MONEY) for name in FEES.values()],
        ("fee_total", SUM),
        ("least_fee", MONEY),
        ("fee_unread", pa.bool_()),
        ("fee_type_unknown", pa.bool_()),
        ("fee_type_twice", pa.bool_()),
        ("parts_differ", pa.bool_()),
    ]
)
PAYMENTS = pa.schema(
    [
        ("listed_fund_total", SUM),
        ("fund_type_unknown", pa.bool_()),
        ("fund_type_of_employees", pa.bool_()),
        ("fund_type_of_residents", pa.bool_()),
    ]
)


def charges(node: pa.ListArray) -> list[pa.Array]:
    """Columns `CHARGES`, one value a list: the amount of each category (0 without a row of it), and what is odd.

    fee_total: all rows but that of a package (15), which repeats the others. least_fee: the smallest amount, 0 without
    any. fee_unread: an amount is no number, or there are more than `MOST_ROWS`. fee_type_unknown, fee_type_twice: a
    category that is none, one that stands twice. parts_differ: four parts that are all given do not add up to their
    row, by more than a fen.
    """
    rows = Rows.of(node)
    rows = rows.where(~is_among(rows.text("med_chrgitm_type"), (PACKAGE_ROW,)))
    kind = rows.text("med_chrgitm_type")
    fen, read = amounts(rows.text("item_sumamt"))
    parts = [amounts(rows.text(name)) for name in _PARTS]
    given = np.logical_and.reduce([read, *(known for _, known in parts)])
    differ = given & (np.abs(np.sum([part for part, _ in parts], axis=0, dtype=np.int64) - fen) > 1)
    return [
        *[money(_first(rows, fen, is_among(kind, (code,)))) for code in FEES],
        money(rows.total(fen), kind=SUM),
        money(rows.where(read).extreme(fen[read], np.minimum, 0)),
        pa.array(rows.any(~read) | (rows.count() > MOST_ROWS)),
        pa.array(rows.any(~is_among(kind, FEES))),
        pa.array(rows.repeated(kind)),
        pa.array(rows.any(differ)),
    ]


def payments(node: pa.ListArray) -> list[pa.Array]:
    """Columns `PAYMENTS`, one value a list: fund money added up, and whether a type is unknown or of one of the funds.

    listed_fund_total leaves out what is no fund money (account, hospital advance) and what names no type.
    """
    rows = Rows.of(node)
    kind = rows.text("fund_pay_type")
    fen, _ = amounts(rows.text("fund_payamt"))
    counts = yes(pc.is_valid(kind)) & ~is_among(kind, NO_FUND_MONEY)
    return [
        money(rows.total(np.where(counts, fen, 0)), kind=SUM),
        pa.array(rows.any(~is_among(kind, FUND_PAY_TYPES))),
        pa.array(rows.any(yes(pc.starts_with(kind, "310")))),
        pa.array(rows.any(yes(pc.starts_with(kind, "390")))),
    ]


def amounts(text: pa.StringArray) -> tuple[Whole, Flags]:
    """Fen of texts in yuan, HALF_UP where they have more than two places, and whether a text is a plain number."""
    if len(text) and pc.all(pc.match_substring_regex(text, _USUAL), min_count=0).as_py():
        read = yes(pc.is_valid(text))
        # Of a decimal of 16 places the lower of the two words is the number.
        fen = np.frombuffer(pc.fill_null(text, "0").cast(MONEY).buffers()[1], dtype="<i8")[: 2 * len(text) : 2]
        return np.array(fen, dtype=np.int64), read
    found = pc.extract_regex(text, _PLAIN)
    read = yes(pc.is_valid(found))
    yuan, tenth, cent, rest = (digits(found.field(name)) for name in ("yuan", "tenth", "cent", "next"))
    fen = yuan * 100 + tenth * 10 + cent + (rest >= 5)
    return np.where(read, np.where(is_among(found.field("sign"), ("-",)), -fen, fen), 0), read


def money(fen: Whole, kind: pa.Decimal128Type = MONEY) -> pa.Array:
    """Whole fen as decimal yuan."""
    words = np.stack([fen, fen >> 63], axis=1).astype("<i8")
    return pa.Array.from_buffers(kind, len(fen), [None, pa.py_buffer(np.ascontiguousarray(words))])


def _first(rows: Rows, fen: Whole, wanted: Flags) -> Whole:
    """The value of the first wanted row of each list, 0 without one."""
    found = np.zeros(rows.lists, dtype=np.int64)
    lists, at = np.unique(rows.parent[wanted], return_index=True)
    found[lists] = fen[wanted][at]
    return found
