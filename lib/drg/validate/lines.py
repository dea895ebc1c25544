"""The diagnoses (diseinfo) and operations (oprninfo) of a list: the principal one first, and what is odd; Arrow only.

Rules: settlement list quality rules (医疗保障基金结算清单质控规则) DX01 to DX04, ID17, OP02 to OP08.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drg.validate.nodes import DAY, NO_DAY, Rows, is_among, is_blank, is_main, yes
from drg.validate.operations import moments

WESTERN = "1"
CONDITIONS = ("1", "2", "3", "4")
DIAGNOSES = pa.schema(
    [
        ("n_diagnoses", pa.int32()),
        ("n_principal", pa.int32()),
        ("principal_condition", pa.string()),
        ("condition_unknown", pa.bool_()),
        ("name_missing", pa.bool_()),
        ("principal_first", pa.bool_()),
    ]
)
OPERATIONS = pa.schema(
    [
        ("n_procedures", pa.int32()),
        ("n_main_procedures", pa.int32()),
        ("surgeon_missing", pa.bool_()),
        ("surgeon_no_doctor", pa.bool_()),
        ("operation_twice", pa.bool_()),
        ("first_operation_date", pa.date32()),
        ("last_operation_date", pa.date32()),
        ("operation_date_unread", pa.bool_()),
    ]
)


def diagnoses(node: pa.ListArray) -> tuple[pa.ListArray, pa.ListArray, list[pa.Array]]:
    """Codes and names of the western diagnoses as delivered, the principal one first, and columns `DIAGNOSES`.

    principal_condition: of the first principal one (入院病情). condition_unknown: one that is none of four.
    principal_first: whether it stands first in the list as delivered.
    """
    rows = Rows.of(node)
    rows = rows.where(is_among(rows.text("diag_type"), (WESTERN,)))
    main = is_main(rows.text("maindiag_flag"))
    ordered = rows.first_those(main)
    lists, first = rows.heads()
    principal = rows.count(main)
    stands_first = np.zeros(rows.lists, dtype=bool)
    stands_first[lists] = main[first]
    # The first row of a list in either order lies at the same place.
    place = np.full(rows.lists, -1, dtype=np.int64)
    place[lists] = first
    place[principal == 0] = -1
    at = pa.array(place, mask=place < 0)
    odd = [
        pa.array(rows.count(), pa.int32()),
        pa.array(principal, pa.int32()),
        ordered.text("adm_cond_type").take(at),
        pa.array(rows.any(~is_among(rows.text("adm_cond_type"), CONDITIONS))),
        pa.array(rows.any(is_blank(rows.text("diag_name")))),
        pa.array(stands_first),
    ]
    return ordered.listed(ordered.field("diag_code")), ordered.listed(ordered.field("diag_name")), odd


def operations(node: pa.ListArray) -> tuple[pa.ListArray, pa.ListArray, list[pa.Array]]:
    """Codes and names of the operations as delivered, the main ones first, and columns `OPERATIONS`.

    operation_twice: two rows of one code, day and begin. Days: of oprn_oprt_date, or of the begin where a row has none
    (4101A); null where no row has one that can be read.
    """
    rows = Rows.of(node)
    main = is_main(rows.text("main_oprn_flag"))
    ordered = rows.first_those(main)
    surgeon = rows.text("oper_dr_code")
    day, begun = rows.field("oprn_oprt_date"), rows.field("oprn_oprt_begntime")
    told = pc.if_else(pc.not_equal(pc.fill_null(day, ""), ""), day, begun)
    days = moments(pc.fill_null(pc.utf8_trim(told, " "), "")).astype(DAY)
    unread = np.isnat(days)
    known = rows.where(~unread)
    row = pc.binary_join_element_wise(
        *(rows.text(name) for name in ("oprn_oprt_code", "oprn_oprt_date", "oprn_oprt_begntime")),
        " ",
        null_handling="replace",
        null_replacement="",
    )
    odd = [
        pa.array(rows.count(), pa.int32()),
        pa.array(rows.count(main), pa.int32()),
        pa.array(rows.any(is_blank(surgeon))),
        pa.array(rows.any(~is_blank(surgeon) & ~yes(pc.starts_with(surgeon, "D")))),
        pa.array(rows.repeated(row)),
        *(pa.array(known.extreme(days[~unread], which, NO_DAY), pa.date32()) for which in (np.minimum, np.maximum)),
        pa.array(rows.any(unread)),
    ]
    return (
        ordered.listed(ordered.field("oprn_oprt_code")),
        ordered.listed(ordered.field("oprn_oprt_name")),
        odd,
    )
