"""What an id number and a postcode say against the rest of a list, as yes or no; Arrow arrays in, numpy flags out.

The number itself is looked at here and goes nowhere else. Form and check digit: GB 11643-1999, 18 places with the
last one over the other 17; the older number of 15 places has two digits of the year and no check digit.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Flags = npt.NDArray[np.bool_]

_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2], dtype=np.int64)
_CHECK = np.frombuffer(b"10X98765432", dtype=np.uint8)
_NEW, _OLD = r"^[0-9]{17}[0-9X]$", r"^[0-9]{15}$"
_ZERO = ord("0")


def identity_faults(identity: pa.StructArray) -> dict[str, Flags]:
    """One flag a list: id_number_sound, id_number_wrong, id_birth_differs, id_sex_differs, postcode_wrong.

    `identity` has certno, of_adult (the number is to be looked at), birth (yyyyMMdd), gend and emp_poscode. What is
    null is not judged; birth and sex are compared with a sound number only.
    """
    asked = pc.and_(pc.fill_null(identity.field("of_adult"), False), pc.is_valid(identity.field("certno")))
    number = pc.utf8_upper(pc.fill_null(identity.field("certno"), ""))
    old = _true(pc.match_substring_regex(number, _OLD))
    new = _true(pc.match_substring_regex(number, _NEW))
    new[new] = _check_digit_fits(number.filter(pa.array(new)))
    sound = (old | new) & _true(asked)
    century = pc.binary_join_element_wise("19", pc.utf8_slice_codeunits(number, 6, 12), "")
    birth = pc.if_else(pa.array(new), pc.utf8_slice_codeunits(number, 6, 14), century)
    sex_digit = pc.if_else(
        pa.array(new), pc.utf8_slice_codeunits(number, 16, 17), pc.utf8_slice_codeunits(number, 14, 15)
    )
    sex = pc.if_else(pc.match_substring_regex(sex_digit, "[13579]"), "1", "2")
    stated = identity.field("gend")
    known_sex = pc.is_in(stated, value_set=pa.array(["1", "2"]))
    postcode = identity.field("emp_poscode")
    return {
        "id_number_sound": sound,
        "id_number_wrong": _true(asked) & ~sound,
        "id_birth_differs": sound & _true(pc.not_equal(birth, identity.field("birth"))),
        "id_sex_differs": sound & _true(known_sex) & _true(pc.not_equal(sex, stated)),
        "postcode_wrong": _true(pc.invert(pc.match_substring_regex(postcode, r"^[0-9]{6}$"))),
    }


def id_bodies(identity: pa.StructArray, sound: Flags) -> pa.StringArray:
    """The 17 places of the sound id numbers before the check digit, null elsewhere; alike for both forms."""
    number = identity.field("certno")
    short = pc.binary_join_element_wise(
        pc.utf8_slice_codeunits(number, 0, 6), "19", pc.utf8_slice_codeunits(number, 6), ""
    )
    body = pc.if_else(pc.equal(pc.utf8_length(number), 15), short, pc.utf8_slice_codeunits(number, 0, 17))
    return pc.if_else(pa.array(sound), body, pa.scalar(None, pa.string()))


def _check_digit_fits(numbers: pa.StringArray) -> Flags:
    """Whether the last of 18 places is the check digit of the others."""
    if len(numbers) == 0:
        return np.zeros(0, dtype=bool)
    places = np.array(numbers.to_pylist(), dtype="S18").view(np.uint8).reshape(-1, 18)
    rest = (places[:, :17].astype(np.int64) - _ZERO) @ _WEIGHTS % 11
    return np.asarray(_CHECK[rest] == places[:, 17])


def _true(flags: pa.BooleanArray) -> Flags:
    """Null as no."""
    return np.array(pc.fill_null(flags, False).to_numpy(zero_copy_only=False), dtype=bool)
