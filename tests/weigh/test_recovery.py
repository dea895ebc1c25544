"""Weights recovered from a province whose true weights are known (虚构省份的真实权重)."""

from __future__ import annotations

import statistics
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
from pyspark.sql import functions as F

from drg.doors.config import load_province
from drg.synth import draw_province
from drg.weigh.history import fences, gather, history_cases, with_fences
from drg.weigh.tables import weight_rows
from drg.weigh.trimming import Trimming
from drg.weigh.window import Window

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

REGION = "510100"
MIN_CASES = 300
LIMIT = 0.02


def test_large_groups_get_their_true_weight(spark: SparkSession, tmp_path: Path) -> None:
    """Median relative error at most 2 % over the groups with 300 cases or more.

    A weight is relative, so that truth and estimate are put on one scale first: both as a share of the case-weighted
    mean over the groups compared.
    """
    months = ("2024-10", "2024-11", "2024-12")
    draw_province(
        province=load_province("sichuan"),
        months=months,
        lists=60_000,
        seed=11,
        formats=("parquet",),
        out=tmp_path / "deliveries",
        truth=tmp_path / "truth",
        regions=(REGION,),
        processes=2,
    )
    true = {r["drg"]: r["weight"] for r in pq.read_table(tmp_path / "truth" / "drg_weight.parquet").to_pylist()}
    cases = (
        spark.read.parquet(*[str(path) for path in sorted((tmp_path / "truth" / "lists").rglob("*.parquet"))])
        .where("outcome = 'live' AND record_kind = 'list' AND drg NOT LIKE '%QY' AND drg <> '0000'")
        .select(
            F.col("origin_month").alias("settlement_month"),
            F.col("delivery_region").alias("region_code"),
            F.lit("chs-drg-2.0").alias("scheme"),
            "setl_id",
            "drg",
            "fund",
            F.col("total_cost").cast("decimal(16,2)"),
            F.lit("grouped").alias("grouping_status"),
            F.lit("pack").alias("rule_pack"),
            F.lit("H1").alias("hospital_code"),
            F.lit("3").alias("hospital_level"),
            F.lit(None).cast("string").alias("local_group"),
        )
    )
    window = Window(REGION, "chs-drg-2.0", {2024: 1}, "v", Trimming("iqr", Decimal("1.5")), min_cases=20)
    chosen = history_cases(cases, [window])
    gathered = gather(with_fences(chosen, fences(chosen, [window]), [window]), [window])
    rows = [row for row in weight_rows(window, gathered, [window], 2025, "2025.1") if row["n_cases"] >= MIN_CASES]
    assert len(rows) >= 30
    count = sum(row["n_cases"] for row in rows)
    own = float(sum(row["n_cases"] * row["relative_weight"] for row in rows)) / count
    known = sum(row["n_cases"] * float(true[row["drg"]]) for row in rows) / count
    errors = [abs(float(row["relative_weight"]) / own / (float(true[row["drg"]]) / known) - 1) for row in rows]
    assert statistics.median(errors) <= LIMIT
