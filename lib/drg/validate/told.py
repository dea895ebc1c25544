"""What the tables of validate say of each delivered record, as `R:<check>` (refused) or `W:<check>` (flagged)."""

from __future__ import annotations

from drg.doors.tables import Lake


def findings_by_line(lake: Lake, region: str, month: str) -> dict[int, list[str]]:
    """Line number -> findings of one region's month that came in a single file, sorted.

    Why a record is not live (a copy, a version that was replaced, a reversal, an unreadable line) stands in
    rejected_list alone; what live records fail stands in list_flag.
    """
    months, regions = [month], [region]
    flags = lake.read("list_flag", settlement_month=months, region_code=regions)
    refused = lake.read("rejected_list", settlement_month=months, region_code=regions)
    found = [(row["line_number"], f"{row['severity']}:{row['check_id']}") for row in flags.collect()]
    found += [(row["line_number"], f"R:{row['check_id']}") for row in refused.collect()]
    lines: dict[int, list[str]] = {}
    for line, finding in sorted(set(found)):
        lines.setdefault(line, []).append(finding)
    return lines
