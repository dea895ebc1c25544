"""verify: every identity of the tables and every contract, as `drg verify` holds them; the broken ones by name."""

from __future__ import annotations

from typing import Any

from drg import verify
from drg.contracts import check, contract
from drg.desk import Desk, desk_main
from drg.errors import ContractError
from drg.steps import TABLES


def run(desk: Desk) -> dict[str, Any]:
    """How many identities were held against the tables, and the sentences of those that do not hold."""
    broken = []
    for table in TABLES:
        if desk.lake.exists(table):
            try:
                check(desk.lake.read(table).schema, contract(table))
            except ContractError as error:
                broken.append(str(error))
    found = verify.verify(desk.lake, desk.env)
    broken += [
        f"{identity.name}: {identity.left}, {identity.right} {identity.where}".strip()
        for identity in found
        if not identity.holds
    ]
    return {"identities": len(found), "broken": broken}


if __name__ == "__main__":
    desk_main("verify", run)
