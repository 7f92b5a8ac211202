"""Every fault of every simulator, one at a time: complete and balanced, or red with the target untouched.

`pytest tests/contract/test_faults.py --write-docs` writes the tables in docs/faults.md; without it they are checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from include import connectors
from include.model.counts import Counts
from include.model.errors import PsaError
from include.model.kinds import KINDS
from include.sync.details import read_details
from include.sync.extract import extract
from include.sync.load import load
from simulator.daily_changes import apply_daily_changes
from tests.support.databases import FilledWarehouses
from tests.support.fault_cases import COMPLETE, GENERAL, HELD, UNTOUCHED, Case
from tests.support.rig import Rig, rig
from tests.support.truth import differences, vendor
from tests.support.worlds import new_world

PAGE = Path(__file__).parent.parent.parent / "docs" / "faults.md"
CELLS = [(name, case) for name in connectors.NAMES for case in (*GENERAL, *vendor(name).faults)]
HANG_SECONDS = 0.3  # five attempts wait as long
SHORT = {COMPLETE: "complete", UNTOUCHED: "red", HELD: "held"}

told: dict[tuple[str, Case], tuple[str, str]] = {}  # outcome, and what the log says last


@pytest.mark.parametrize(("name", "case"), CELLS, ids=lambda value: value if isinstance(value, str) else value.fault)
def test_a_fault_leaves_the_tables_complete_or_untouched(
    filled_warehouses: FilledWarehouses, name: str, case: Case
) -> None:
    psa, before_changes = vendor(name), ("faults", name, case.kind)
    dsn = filled_warehouses.like(before_changes, partial(synced, name, case.kind))
    with tenant(dsn, name) as running:
        running.runs, world = 1, running.simulator.world  # the run that filled it was the first
        apply_daily_changes(world, seed=3, adds=3, edits=5, deletes=1)
        before, alive = running.state(), live(running, case.kind)
        for fault in case.faults_of(psa):
            running.simulator.faults.add(fault)
            if fault.startswith("hang"):
                running.patience_seconds = HANG_SECONDS
        try:
            counts = sync_of(running, case.kind)
        except PsaError as error:
            assert case.outcome in (UNTOUCHED, None), error
            assert running.state() == before
            told[name, case] = UNTOUCHED, f"{type(error).__name__}: {error}"
            return
        if held := {table: one.held for table, one in counts.items() if one.held}:
            assert case.outcome in (HELD, None), counts
            assert live(running, case.kind) >= alive
            assert not any(one.deleted for one in counts.values())
            told[name, case] = HELD, "; ".join(f"{table}: {rows} wait for a person" for table, rows in held.items())
        else:
            assert case.outcome in (COMPLETE, None), counts
            expected = psa.truth(world, running.setup)
            unlike = {line.split(".")[0].split(" ")[0] for line in wrong(running, case.kind, expected)}
            assert len(unlike) <= sum(b.rejected for b in counts.values()) + case.stale
            told[name, case] = COMPLETE, "; ".join(numbers(counts))


@contextmanager
def tenant(dsn: str, name: str) -> Iterator[Rig]:
    """The same at each call: two and a half pages of assets, and every detail may be read in one night."""
    psa = vendor(name)
    world = new_world(companies=25, assets=psa.wire.page * 5 // 2)
    with rig(dsn, world, setup=replace(psa.setup, details_per_night=100_000), vendor=name) as running:
        yield running


def synced(name: str, kind: str, dsn: str) -> None:
    with tenant(dsn, name) as running:
        sync_of(running, kind)


def sync_of(running: Rig, kind: str) -> dict[str, Counts]:
    """A new run of one kind, without a preflight."""
    run = running.sync()
    extract(run, kind)
    counts = load(run, kind)
    read_details(run, kind)
    return counts


def wrong(running: Rig, kind: str, expected: dict[str, Any]) -> Iterator[str]:
    for table in KINDS[kind]:
        rows = running.rows(table)
        for row in rows:
            row["name"] = row["name"].rstrip("\u200e\ufffd") if row["name"] else row["name"]
        yield from differences(rows, expected[table])


def live(running: Rig, kind: str) -> set[str]:
    return {row["source_id"] for table in KINDS[kind] for row in running.rows(table, "deleted_at IS NULL")}


def numbers(counts: dict[str, Counts]) -> Iterator[str]:
    for table, one in counts.items():
        odd = [f"{getattr(one, name)} {name}" for name in ("duplicate", "rejected") if getattr(one, name)]
        yield f"{table}: " + (", ".join(odd) or "nothing lost")


def test_the_tables_in_the_docs_are_what_happened(pytestconfig: pytest.Config) -> None:
    if len(told) < len(CELLS):
        pytest.skip("needs the outcome of every case: run the whole file")
    page = PAGE.read_text(encoding="utf-8")
    head, _, rest = page.partition("<!-- generated: faults -->\n")
    _, _, tail = rest.partition("<!-- end -->")
    written = f"{head}<!-- generated: faults -->\n{''.join(f'{line}{chr(10)}' for line in tables())}<!-- end -->{tail}"
    if pytestconfig.getoption("--write-docs"):
        PAGE.write_text(written, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == written, "run pytest tests/contract/test_faults.py --write-docs"


def tables() -> Iterator[str]:
    """One for what can happen to every PSA, with a column for each, and one per PSA for what only it can do."""
    names = list(connectors.NAMES)
    yield ""
    yield f"| what goes wrong | in | {' | '.join(connectors.NAMES.values())} |"
    yield f"| --- | --- |{' --- |' * len(names)}"
    for case in GENERAL:
        yield f"| {case.words} | {case.kind} | {' | '.join(SHORT[told[name, case][0]] for name in names)} |"
    for name, title in connectors.NAMES.items():
        yield from ("", f"## {title} alone", "")
        yield from ("| what goes wrong | in | outcome | what the log says last |", "| --- | --- | --- | --- |")
        for case in vendor(name).faults:
            outcome, said = told[name, case]
            yield f"| {case.words.format()} | {case.kind} | {SHORT[outcome]} | {steady(said)} |"
    yield ""


def steady(message: str) -> str:
    """Without what differs from run to run: ports, the server's ids, how much of a shared hour had been used, and which
    of several requests in flight was the first to fail."""
    message = re.sub(r"127\.0\.0\.1:\d+", "host", message)
    message = re.sub(r"(?<=/)\d+(?=/(sites|statuses)\b)", "…", message)
    message = re.sub(r"have used [\d,]+ of", "have used … of", message)
    return re.sub(r" \(request id [^)]*\)", "", message).replace("|", "\\|")
