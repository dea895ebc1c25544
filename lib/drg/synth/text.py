"""Columns of text from columns of numbers, for messages whose values are all text (中心端口径)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from drg.synth.assumptions import IntArray


def money(fen: IntArray) -> pa.Array:
    """Amounts in fen as yuan with two decimals: 12345 is "123.45", -5 is "-0.05"; exact."""
    low = np.ascontiguousarray(fen, dtype=np.int64)
    wide = np.empty((len(low), 2), dtype=np.int64)
    wide[:, 0] = low
    wide[:, 1] = np.where(low < 0, -1, 0)
    values = pa.Array.from_buffers(pa.decimal128(20, 2), len(low), [None, pa.py_buffer(wide)])
    return values.cast(pa.string())


def integer(values: npt.NDArray[Any]) -> pa.Array:
    """Whole numbers as text."""
    return pa.array(np.asarray(values, dtype=np.int64)).cast(pa.string())


def padded(values: npt.NDArray[Any], width: int) -> pa.Array:
    """Whole numbers as text of a fixed width with leading zeros."""
    return pc.utf8_lpad(integer(values), width=width, padding="0")


def date(days: npt.NDArray[np.datetime64]) -> pa.Array:
    """Days as yyyy-MM-dd."""
    return pa.array(np.datetime_as_string(days.astype("datetime64[D]")))


def time(seconds: npt.NDArray[np.datetime64]) -> pa.Array:
    """Moments as yyyy-MM-dd HH:mm:ss."""
    text = pa.array(np.datetime_as_string(seconds.astype("datetime64[s]")))
    return pc.replace_substring(text, "T", " ")


def pick(choices: pa.Array | list[str], index: npt.NDArray[Any]) -> pa.Array:
    """The choice of each row by its index; the index must be inside the choices."""
    known = pa.array(choices, pa.string()) if isinstance(choices, list) else choices
    return known.take(pa.array(index))


def constant(value: str, count: int) -> pa.Array:
    """The same text in every row."""
    return pa.repeat(pa.scalar(value, pa.string()), count)


def joined(*parts: pa.Array | str) -> pa.Array:
    """Parts of each row put together without a separator; at least one part is a column."""
    return pc.binary_join_element_wise(*parts, "")


def where(mask: npt.NDArray[np.bool_], values: pa.Array, other: str = "") -> pa.Array:
    """The value where the mask holds, else the other text."""
    return pc.if_else(pa.array(mask), values, pa.scalar(other, pa.string()))
