"""The job on a small lake: five regions that choose differently, two of which cannot be weighed."""

from __future__ import annotations

import dataclasses
import random
import shutil
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from drawn_tables import drawn

from drg.doors.config import Env, load_env, project_home
from drg.money import half_up
from drg.policy import PolicyBook
from drg.runner import StepContext, load_job, run_step
from drg.steps import step_named

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from drg.doors.tables import Lake

PARTS, LISTED, UNSTABLE, BROKEN, FOREIGN = REGIONS = ("510100", "510300", "511500", "511700", "510400")
TABLES = ("drg_weight", "trimmed_case", "hospital_cost_coefficient")
MONTHS = ("2023-11", "2024-11")
RULES = {
    PARTS: [
        ("weight.structure.rule", "five_parts", "rule", ""),
        (
            "weight.structure.factor",
            "{medical: 1.2, nursing: 1.1, technical: 1, drug_consumable: 0.8, management: 1}",
            "ratio",
            "cost_part",
        ),
        (
            "weight.adjustments",
            "[{drg: AA11, factor: 1.1, trigger: other, reason: drawn, proposer: P, decided: 2024-12-01}]",
            "list",
            "",
        ),
    ],
    LISTED: [
        ("weight.basis", "published", "rule", ""),
        ("weight.published", "{BR23: 2.5, BR25: 0.9258}", "ratio", "drg"),
    ],
    # The list of another edition: ES45 is a group of 3.0, in 2.0 it is none.
    FOREIGN: [
        ("weight.basis", "published", "rule", ""),
        ("weight.published", "{BR23: 1, ES45: 0.3825}", "ratio", "drg"),
    ],
    UNSTABLE: [
        ("weight.years", "[{year: 2023, weight: 1}, {year: 2024, weight: 2}]", "year_weights", ""),
        ("weight.years_reading", "weighted_cases", "rule", ""),
        ("weight.trimming.method", "three_sd", "rule", ""),
        ("weight.fallback", "unstable", "rule", ""),
        ("weight.level_class", '{"1": "1", "2": 2-3, "3": 2-3}', "class", "hospital_level"),
        ("weight.hospital_coefficient", "cost_ratio", "rule", ""),
    ],
    BROKEN: [("weight.base", "reference_group", "rule", ""), ("weight.base_group", "NONE", "drg", "")],
}
FEES = (
    "bed_fee", "consultation_fee", "examination_fee", "laboratory_fee", "treatment_fee", "surgery_fee", "nursing_fee",
    "consumables_fee", "western_drug_fee",
)  # fmt: skip


def cases() -> list[dict[str, Any]]:
    draw = random.Random(7)
    rows = []
    for region in REGIONS:
        for month in MONTHS:
            for i in range(80):
                drg, mean = (
                    ("RARE", 50000) if i == 5 else draw.choice([("AA11", 20000), ("BB23", 8000), ("CC35", 3000)])
                )
                fees = [Decimal(int(mean * 10 * draw.lognormvariate(0, 0.5))) / 100 for _ in FEES]
                rows.append(
                    {
                        "settlement_month": month,
                        "region_code": region,
                        "setl_id": f"{region}{month}{i:04d}",
                        "scheme": "chs-drg-2.0",
                        "hospital_code": f"H{region}0000{i % 3}",
                        "hospital_level": "123"[i % 3],
                        "fund": "310",
                        "total_cost": sum(fees) * (30 if i == 7 else 1),
                        "drg": drg,
                        "grouping_status": "grouped",
                        "rule_pack": "chs-drg-2.0@1",
                        **dict(zip(FEES, fees, strict=True)),
                    }
                )
    return rows


@dataclasses.dataclass
class Place:
    """A lake with two years of history, and a policy by which the regions differ."""

    spark: SparkSession
    lake: Lake
    env: Env
    book: PolicyBook
    failed: dict[tuple[str, str], str] = dataclasses.field(default_factory=dict)
    said: list[str] = dataclasses.field(default_factory=list)

    def land(self, rows: list[dict[str, Any]], partitions: int) -> None:
        where: dict[str, list[str | int]] = {"settlement_month": list(MONTHS), "region_code": list(REGIONS)}
        listed = ("settlement_month", "region_code", "setl_id", "total_cost", *FEES)
        grouped = [{name: value for name, value in row.items() if name not in FEES} for row in rows]
        frame = drawn(self.spark, "grouped_case", grouped).repartition(partitions)
        self.lake.replace("grouped_case", frame, scheme=["chs-drg-2.0"], **where)
        lists = drawn(self.spark, "settlement_list", [{name: row[name] for name in listed} for row in rows])
        self.lake.replace("settlement_list", lists.repartition(partitions), **where)

    def weigh(self, *regions: str) -> StepContext:
        now = datetime(2025, 2, 20, tzinfo=UTC)
        ctx = StepContext(
            step_named("weigh"), self.spark, self.lake, self.env, regions, ("2025-01",), now, "run", self.said.append
        )
        ctx.policy = self.book
        run_step(ctx, load_job("weigh"))
        return ctx

    def rows(self, table: str) -> list[str]:
        return sorted(str(row) for row in self.lake.read(table).collect())


def policy(root: Path) -> PolicyBook:
    for code in ("national", "510000"):
        shutil.copytree(project_home() / "conf" / "policy" / code, root / code)
    for region, values in RULES.items():
        (root / region).mkdir()
        head = f'code: "{region}"\nname: drawn\ninherits: "510000"\n'
        (root / region / "region.yaml").write_text(head, encoding="utf-8")
        text = "".join(
            f"{name}:\n  - {{value: {value}, from: 2025-01-01, unit: {unit}, source: drawn, standing: published"
            f"{', by: ' + by if by else ''}}}\n"
            for name, value, unit, by in values
        )
        (root / region / "weight.yaml").write_text(text, encoding="utf-8")
    return PolicyBook.load(root)


@pytest.fixture(scope="module")
def place(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Place:
    from drg.doors.tables import Lake

    folder = tmp_path_factory.mktemp("weigh")
    whole = load_env("local", folder)
    four = tuple(region for region in whole.province.regions if region.code in REGIONS)
    env = dataclasses.replace(whole, province=dataclasses.replace(whole.province, regions=four))
    found = Place(spark, Lake(spark, env), env, policy(folder / "conf" / "policy"))
    found.land(cases(), 1)
    found.failed = found.weigh(*REGIONS).failed
    return found


def weights(place: Place, region: str) -> dict[tuple[str, str], Any]:
    rows = place.lake.read("drg_weight", region_code=[region]).collect()
    return {(row["level_class"], row["drg"]): row for row in rows}


def test_the_region_that_cannot_be_weighed_is_named_and_the_others_are_weighed(place: Place) -> None:
    assert set(place.failed) == {(BROKEN, "2025"), (FOREIGN, "2025")}
    assert "reference group NONE has 0 trimmed cases" in place.failed[BROKEN, "2025"]
    sentence = place.failed[FOREIGN, "2025"]
    assert "510400/weight.yaml line 4: weight.published names ES45, no group of chs-drg-2.0" in sentence
    assert "\n" not in sentence
    for table in TABLES:
        assert not {BROKEN, FOREIGN} & {row["region_code"] for row in place.lake.read(table).collect()}, table


def test_each_part_of_the_cost_counts_by_its_factor(place: Place) -> None:
    trimmed = {row["setl_id"] for row in place.lake.read("trimmed_case", region_code=[PARTS]).collect()}
    kept = [
        row
        for row in cases()
        if (row["region_code"], row["settlement_month"], row["drg"]) == (PARTS, "2024-11", "BB23")
        and row["setl_id"] not in trimmed
    ]
    mean = Fraction(sum(structured(row) for row in kept)) / len(kept)
    found = weights(place, PARTS)["all", "BB23"]
    assert found["structured_mean_cost"] == half_up(mean, 4)
    assert found["mean_cost"] == half_up(Fraction(sum(row["total_cost"] for row in kept)) / len(kept), 4)


def structured(row: dict[str, Any]) -> Decimal:
    """The cost of a case by the drawn factors; beds and what no charge explains are management."""
    medical = row["consultation_fee"] + row["treatment_fee"] + row["surgery_fee"]
    technical = row["examination_fee"] + row["laboratory_fee"]
    goods = row["consumables_fee"] + row["western_drug_fee"]
    rest = row["total_cost"] - medical - row["nursing_fee"] - technical - goods
    return medical * Decimal("1.2") + row["nursing_fee"] * Decimal("1.1") + technical + goods * Decimal("0.8") + rest


def test_an_adjusted_weight_leaves_the_total_as_it_was(place: Place) -> None:
    rows = weights(place, PARTS)
    aa11, rare = rows["all", "AA11"], rows["all", "RARE"]
    assert aa11["adjustment_reason"] == "×1.1 其他：drawn（P提出，2024-12-01决定）"
    assert "总权重保持不变" in aa11["reason"]
    assert rare["weight_source"] == "province"
    before = sum(row["n_cases"] * row["structured_mean_cost"] / row["reference_mean_cost"] for row in rows.values())
    after = sum(row["n_cases"] * row["relative_weight"] for row in rows.values())
    # Each weight is rounded by half a ten-thousandth at most.
    assert abs(after - before) <= Decimal("0.0001") * sum(row["n_cases"] for row in rows.values())


def test_published_weights_stand_as_listed_and_read_no_history(place: Place) -> None:
    rows = weights(place, LISTED)
    assert {key: row["relative_weight"] for key, row in rows.items()} == {
        ("all", "BR23"): Decimal("2.5"),
        ("all", "BR25"): Decimal("0.9258"),
    }
    assert place.weigh(LISTED).reads == {}


def test_classes_readings_and_unstable_groups(place: Place) -> None:
    rows = weights(place, UNSTABLE)
    assert {label for label, _ in rows} == {"1", "2-3"}
    assert {row["stable"] for (_, drg), row in rows.items() if drg == "RARE"} == {False}
    kept = [
        row
        for row in place.lake.read("grouped_case", region_code=[UNSTABLE]).collect()
        if (row["drg"], row["hospital_level"]) == ("BB23", "1")
        and row["setl_id"] not in {trimmed["setl_id"] for trimmed in place.lake.read("trimmed_case").collect()}
    ]
    years = [(1 if row["settlement_month"].startswith("2023") else 2, Fraction(row["total_cost"])) for row in kept]
    mean = sum(weight * cost for weight, cost in years) / sum(weight for weight, _ in years)
    assert rows["1", "BB23"]["mean_cost"] == half_up(mean, 4)
    assert rows["1", "BB23"]["n_cases"] == len(kept)


def test_hospital_coefficients_only_where_chosen(place: Place) -> None:
    rows = place.lake.read("hospital_cost_coefficient").collect()
    assert {row["region_code"] for row in rows} == {UNSTABLE}
    own = weights(place, UNSTABLE)
    assert sum(row["n_cases"] for row in rows) == sum(row["n_cases"] for row in own.values())
    for row in rows:
        assert abs(row["coefficient"] - row["hospital_mean_cost"] / row["region_mean_cost"]) < Decimal("0.0001")


def test_history_is_kept_plus_trimmed(place: Place) -> None:
    trimmed = place.lake.read("trimmed_case").collect()
    rows = place.lake.read("drg_weight").collect()
    assert sum(row["n_trimmed"] for row in rows) == len(trimmed) > 0
    assert sum(row["n_history"] for row in rows) == 80 + 160  # one year of one region, two of the other


def test_shuffled_and_repartitioned_history_gives_the_same_rows(place: Place) -> None:
    before = {table: place.rows(table) for table in TABLES}
    shuffled = cases()
    random.Random(1).shuffle(shuffled)
    place.land(shuffled, 5)
    place.weigh(UNSTABLE, PARTS)
    assert {table: place.rows(table) for table in TABLES} == before
