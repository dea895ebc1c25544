"""The cases whose groups an independent grouper and the national tables give alike."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from drg.group import compile_pack, load_pack
from drg.group.bench import compile_seconds, conformance, kernel_rate
from drg.group.casefile import read_cases

DATA = Path(__file__).parent / "data"


@pytest.mark.parametrize(("scheme", "cases"), [("chs-drg-2.0", 5937), ("chs-drg-1.1", 4000)])
def test_every_conformance_case_gets_its_group(scheme, cases):
    assert conformance(compile_pack(load_pack(scheme)), DATA / f"{scheme}.csv.gz") == (cases, cases)


def test_the_wrong_scheme_shows():
    # the two schemes differ, so agreement is not a property of the test
    alike, cases = conformance(compile_pack(load_pack("chs-drg-1.1")), DATA / "chs-drg-2.0.csv.gz")
    assert alike < cases


def test_batches_of_any_size_give_the_same():
    kernel = compile_pack(load_pack("chs-drg-2.0"))
    cases = pa.Table.from_batches([part.kernel for part in read_cases(DATA / "chs-drg-2.0.csv.gz")]).slice(0, 1000)
    whole = kernel.group(cases)
    for size in (1, 13, 999):
        parts = [kernel.group(cases.slice(at, size)) for at in range(0, 1000 if size > 1 else 50, size)]
        joined = pa.concat_tables(parts)
        assert joined.equals(whole.slice(0, joined.num_rows))


def test_the_figures_of_the_benchmark_are_measured():
    assert kernel_rate("chs-drg-2.0", DATA / "chs-drg-2.0.csv.gz", batch=6000, runs=1) > 0
    assert compile_seconds("chs-drg-2.0", runs=1) > 0
