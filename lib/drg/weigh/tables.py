"""The two tables of the step: drg_weight and trimmed_case, from what `history` gathered.

A region is weighed alone, but its fallback needs the whole province: the history of every region of the province is
read, whatever regions are asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from drg.contracts import contract
from drg.errors import ContractError
from drg.policy import PolicyBook
from drg.policy.parameters import WEIGH_PARAMETERS
from drg.weigh.history import Gathered, Window
from drg.weigh.weights import ALL_LEVELS, History, add_up, weights_of


def window_of(book: PolicyBook, region: str, on: date) -> Window:
    """What the policy says of a region's history on a day; PolicyError when a parameter is missing or lapsed."""
    found = {name: book.value(region, name, on) for name in WEIGH_PARAMETERS}
    return Window(
        region=region,
        scheme=found["scheme"].of(),
        years={item.year: item.weight for item in found["weight.years"].of()},
        multiplier=found["weight.trimming.multiplier"].of(),
        min_cases=found["weight.min_cases"].of(),
        policy_version=book.version(region, on, WEIGH_PARAMETERS),
    )


def weight_rows(
    window: Window, gathered: Mapping[str, Gathered], peers: Iterable[Window], year: int, version: str
) -> list[dict[str, Any]]:
    """Rows of drg_weight of one region and settlement year.

    `peers` are the windows of the province's regions; those with the same scheme and years make the province's basis.
    Raises ContractError when the region has no history, or its history was grouped under more than one rule pack.
    """
    own = gathered.get(window.region)
    years = ", ".join(str(year) for year in sorted(window.years))
    if own is None:
        raise ContractError(
            f"region {window.region} has no grouped case of {years} under {window.scheme}, so no weights of {year}; "
            "run land, validate and group for its history"
        )
    like = [
        peer
        for peer in peers
        if (peer.scheme, peer.years) == (window.scheme, window.years)
        and peer.region in gathered
        and gathered[peer.region].rule_packs == own.rule_packs
    ]
    if len(own.rule_packs) > 1:
        raise ContractError(
            f"the history of region {window.region} was grouped under {' and '.join(own.rule_packs)}; "
            "run group again for all months of its history"
        )
    province = History(add_up(gathered[peer.region].groups for peer in like), window.years)
    region = History(own.groups, window.years)
    return [
        {
            **weight.__dict__,
            "settlement_year": year,
            "region_code": window.region,
            "scheme": window.scheme,
            "weight_version": version,
            "level_class": ALL_LEVELS,
            "rule_pack": own.rule_packs[0],
            "policy_version": window.policy_version,
        }
        for weight in weights_of(region, province, window.min_cases)
    ]


def weight_frame(spark: SparkSession, rows: list[dict[str, Any]]) -> DataFrame:
    """The rows as a frame in the shape of the contract."""
    expected = contract("drg_weight")
    names = expected.names()
    return spark.createDataFrame([tuple(row[name] for name in names) for row in rows], expected.struct())


def trimmed_frame(trimmed: DataFrame, year: int, version: str) -> DataFrame:
    """Trimmed cases with the year and version they were trimmed for."""
    return trimmed.withColumns({"settlement_year": F.lit(year), "weight_version": F.lit(version)})
