"""What this package promises about its cost, and whether it is kept."""

from __future__ import annotations

from collections.abc import Iterator

from bench.compare.loaders import ALL, PIPELINE, WITHOUT_CHANGES
from bench.compare.rounds import ALL_CHANGED, FIRST, UNCHANGED
from bench.compare.table import Results, row_us

MOST_MIB, MOST_GROWTH = 120, 1.2
JUDGED = (FIRST, UNCHANGED)
MOST_FOR_CHANGES = {ALL_CHANGED: 1.15, UNCHANGED: 1.05}
"""How many times the CPU of a run that records no changes; 5 % are within what rounds differ by."""


def promises(results: Results, size: str, small: str) -> Iterator[tuple[bool, str]]:
    """Each promise that can be judged: whether it is kept, and a sentence."""
    for loader in ALL:
        for phase in JUDGED if loader.times else ():
            ours, other = (results.median(row_us, one, phase, size) for one in (PIPELINE, loader))
            if ours and other:
                sentence = (
                    f"{phase}: {loader.title} uses {other / ours:.1f} times our CPU a row, promised {loader.times:g}"
                )
                yield other / ours >= (loader.times or 0), sentence
    for phase, most in MOST_FOR_CHANGES.items():
        ours, without = (results.median(row_us, one, phase, size) for one in (PIPELINE, WITHOUT_CHANGES))
        if ours and without:
            sentence = f"{phase}: with psa.changes {ours / without:.2f} times the CPU, promised {most:g} at most"
            yield ours / without <= most, sentence
    peaks = {name: _peak_mib(results, name) for name in (small, size)}
    if most := max((_peak_mib(results, name) for name, _ in results.settings), default=0.0):
        yield most <= MOST_MIB, f"peak memory: {most:.0f} MiB, promised {MOST_MIB} at most"
    if peaks[small] and peaks[size] and small != size:
        growth = peaks[size] / peaks[small]
        yield (
            growth <= MOST_GROWTH,
            f"peak memory, {small} to {size}: {growth:.2f} times, promised {MOST_GROWTH} at most",
        )


def _peak_mib(results: Results, size: str) -> float:
    ours = [one.cost.peak_mib for one in results.runs if one.loader is PIPELINE and one.size.name == size]
    return max(ours, default=0.0)
