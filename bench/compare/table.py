"""The tables that `make bench` prints."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import psutil

from bench.compare.loaders import ALL, PIPELINE, Loader
from bench.compare.rounds import PHASES, Measured

HEAD = (
    "loader",
    "wall, s",
    "CPU of the client, s",
    "CPU of Postgres, s",
    "CPU a row, µs",
    "times ours",
    "peak memory, MiB",
    "requests",
    "rows written",
)


class Results:
    """All runs; several of one kind count by their median."""

    def __init__(self, runs: Sequence[Measured]) -> None:
        self.runs = runs

    def of(self, loader: Loader, phase: str, size: str, latency_ms: int) -> list[Measured]:
        """The runs of a loader in a phase."""
        key = (loader, phase, size, latency_ms)
        return [one for one in self.runs if (one.loader, one.phase, one.size.name, one.latency_ms) == key]

    def median(
        self, value: Callable[[Measured], float], loader: Loader, phase: str, size: str, latency_ms: int = 0
    ) -> float | None:
        """The median of a value; None where nothing was measured."""
        runs = self.of(loader, phase, size, latency_ms)
        return statistics.median(map(value, runs)) if runs else None

    @property
    def settings(self) -> list[tuple[str, int]]:
        """The sizes and delays that were measured, in order."""
        return list(dict.fromkeys((one.size.name, one.latency_ms) for one in self.runs))


def row_us(one: Measured) -> float:
    """The processor time for a row."""
    return one.row_us


def tables(results: Results) -> Iterator[str]:
    """A table for each phase of each size and delay, in Markdown."""
    for size, latency_ms in results.settings:
        for phase in PHASES:
            if rows := list(_rows(results, phase, size, latency_ms)):
                records = next(one.size.rows for one in results.runs if one.size.name == size)
                answers = f"answers after {latency_ms} ms" if latency_ms else "answers at once"
                yield f"**{phase.capitalize()}**, {records:,} records, {answers}:\n\n{_markdown(HEAD, rows)}"


def _rows(results: Results, phase: str, size: str, latency_ms: int) -> Iterator[Sequence[str]]:
    ours = results.median(row_us, PIPELINE, phase, size, latency_ms)
    for loader in ALL:
        runs = results.of(loader, phase, size, latency_ms)
        if not runs:
            continue
        each = statistics.median(map(row_us, runs))
        yield (
            loader.title + ("" if loader.same_fields else ", all fields"),
            *(_number(statistics.median(getattr(one.cost, name) for one in runs), 1) for name in SECONDS),
            _number(each, 0),
            "" if loader is PIPELINE or not ours else _number(each / ours, 1),
            _number(statistics.median(one.cost.peak_mib for one in runs), 0),
            _number(statistics.median(one.requests for one in runs), 0),
            _number(statistics.median(one.written for one in runs), 0),
        )


SECONDS = ("wall_seconds", "client_seconds", "postgres_seconds")


def _number(value: float, digits: int) -> str:
    return f"{value:,.{digits}f}"


def _markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---", *["--:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def machine(postgres: str) -> str:
    """Where it was measured."""
    model = next(
        (line.partition(":")[2].strip() for line in _cpuinfo() if line.startswith("model name")), platform.processor()
    )
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{os.cpu_count()} cores ({model}), {memory:.0f} GiB, {platform.system()}, Python {platform.python_version()}, "
        f"PostgreSQL {postgres}"
    )


def _cpuinfo() -> list[str]:
    file = Path("/proc/cpuinfo")
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []
