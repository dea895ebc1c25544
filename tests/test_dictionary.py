"""docs/data-dictionary.md says what the contracts say: every delivery and table, every column."""

from __future__ import annotations

from drg.contracts import contract
from drg.dictionary import renewed, sections
from drg.doors.config import project_home
from drg.steps import TABLES

HOME = project_home()


def test_the_page_is_what_the_contracts_say() -> None:
    page = (HOME / "docs" / "data-dictionary.md").read_text(encoding="utf-8")
    assert page == renewed(page), "run `drg contracts dictionary --into docs/data-dictionary.md`"


def test_deliveries_come_first_and_tables_in_the_order_of_the_steps() -> None:
    headed = [line.split()[1] for line in sections().splitlines() if line.startswith("### ")]
    deliveries = sorted(file.stem for file in (HOME / "data_contracts" / "delivery").glob("*.yaml"))
    assert headed == [*deliveries, *TABLES]


def test_a_row_tells_type_unit_null_rule_class_and_codes_in_both_languages() -> None:
    rows = sections().splitlines()
    assert (
        "| `growth` | 增长率 | `decimal(6,4)` | share | no | public | Negotiated growth, 0.05 is 5 %; above -1 |"
        in rows
    )
    codes = "`310` employee 职工医保, `390` resident 居民医保"
    assert f"| `fund` | 险种 | `string` |  | no, key 3 | public | {codes} |" in rows
    assert "- `cost_is_paid`: total_cost = fund_payment_total + patient_payment" in rows
    assert any(row.startswith("| `setlinfo.setl_id` | 结算ID | `string` |") for row in rows)


def test_every_row_has_the_seven_cells() -> None:
    rows = [row for row in sections().splitlines() if row.startswith("|")]
    assert {row.count("|") for row in rows} == {8}
    assert sum(row.startswith("| `") for row in rows) > sum(len(contract(name).columns) for name in TABLES)
