"""The promises of `make bench` are judged by the medians of the runs."""

from __future__ import annotations

from dataclasses import replace

from bench.compare.__main__ import MILLION
from bench.compare.loaders import BY_NAME, PIPELINE, WITHOUT_CHANGES
from bench.compare.promises import promises
from bench.compare.rounds import ALL_CHANGED, FIRST, SIZES, UNCHANGED, Measured
from bench.compare.table import Results, tables
from bench.measure import Cost

SMALL, LARGE = SIZES["S"], SIZES["L"]


def measured(
    loader: str, cpu_seconds: float, *, size: str = "L", peak_mib: float = 100, phase: str = FIRST
) -> Measured:
    cost = Cost(9.0, cpu_seconds, 0.0, peak_mib)
    return Measured(BY_NAME[loader], SIZES[size], 0, phase, cost, requests=160, written=0)


def judged(*runs: Measured) -> list[tuple[bool, str]]:
    return list(promises(Results(runs), "L", "S"))


def test_a_loader_must_use_as_many_times_our_cpu_as_is_promised() -> None:
    ours = [measured(PIPELINE.name, seconds) for seconds in (4.0, 80.0, 3.0)]
    assert [is_kept for is_kept, _ in judged(*ours, measured("dlt_arrow", 6.0))] == [True, True]
    assert [is_kept for is_kept, _ in judged(*ours, measured("dlt_arrow", 5.9))] == [False, True]


def test_changes_may_cost_a_little_when_everything_changed_and_nothing_when_nothing_did() -> None:
    for phase, most in ((ALL_CHANGED, 115.0), (UNCHANGED, 105.0)):
        without = measured(WITHOUT_CHANGES.name, 100.0, phase=phase)
        for seconds, is_kept in ((most, True), (most + 1, False)):
            ours = measured(PIPELINE.name, seconds, phase=phase)
            assert [kept for kept, _ in judged(without, ours)] == [is_kept, True]


def test_memory_has_a_bound_and_may_hardly_grow() -> None:
    small = measured(PIPELINE.name, 1.0, size="S", peak_mib=90)
    assert [kept for kept, _ in judged(small, measured(PIPELINE.name, 4.0, peak_mib=108))] == [True, True]
    assert [kept for kept, _ in judged(small, measured(PIPELINE.name, 4.0, peak_mib=109))] == [True, False]
    assert [kept for kept, _ in judged(small, measured(PIPELINE.name, 4.0, peak_mib=121))] == [False, False]


def test_memory_has_the_same_bound_for_a_million_assets() -> None:
    million = replace(measured(PIPELINE.name, 90.0, peak_mib=121), size=MILLION)
    assert [kept for kept, _ in judged(measured(PIPELINE.name, 4.0), million)] == [False]


def test_nothing_is_judged_that_was_not_measured() -> None:
    assert judged(measured("dlt_arrow", 6.0)) == []


def test_the_table_has_a_row_for_each_loader_that_was_measured() -> None:
    (table,) = tables(Results([measured(PIPELINE.name, 4.0), measured("singer", 160.0)]))
    assert "First load**, 160,000 records, answers at once" in table
    assert "| this package | 9.0 | 4.0 | 0.0 | 25 |  | 100 | 160 | 0 |" in table
    assert (
        "| Singer: a tap, and target-postgres, all fields | 9.0 | 160.0 | 0.0 | 1,000 | 40.0 | 100 | 160 | 0 |" in table
    )
