"""What quick runs have to keep at every PSA that can be asked for what changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from include import connectors
from include.model.errors import PsaError
from include.model.kinds import KINDS
from include.model.request import QUICK, Request
from simulator.daily_changes import apply_daily_changes, edited
from tests.support.databases import FilledWarehouses
from tests.support.rig import Rig, rig
from tests.support.truth import Vendor, differences, vendor
from tests.support.worlds import new_world

EVERY_VENDOR = pytest.mark.parametrize("psa", sorted(connectors.QUICK), indirect=True)
QUICKLY = Request(extent=QUICK)
UNDATED = {("syncro", "company_sites")}
"""Tables whose changes have a date only if the record that they are part of has changed."""
HOUR_SECONDS = 3600  # after a first run: its requests are in no window any more
LISTED = ("companies", "sites", "assets", "contacts")


@pytest.fixture
def psa(request: pytest.FixtureRequest) -> Vendor:
    return vendor(request.param)


@contextmanager
def tenant_at(dsn: str, psa: Vendor, *, details: int = 100_000) -> Iterator[Rig]:
    world, setup = new_world(companies=30, assets=60, contacts=60), replace(psa.setup, details_per_night=details)
    with rig(dsn, world, setup=setup, vendor=psa.name) as running:
        yield running


@contextmanager
def tenant(warehouses: FilledWarehouses, psa: Vendor, **changes: int) -> Iterator[Rig]:
    """A tenant after a run that listed everything; what changes at the PSA from now on is later than that."""

    def fill(dsn: str) -> None:
        with tenant_at(dsn, psa) as running:
            running.run()

    with tenant_at(warehouses.like(("quick", psa.name), fill), psa, **changes) as running:
        running.runs = 1
        running.clock.sleep(HOUR_SECONDS)
        running.simulator.world.now = next_second(running)
        yield running


def next_second(running: Rig) -> datetime:
    """A time of change that PSAs can show, whose dates have no fractions."""
    return (running.now() + timedelta(seconds=1)).replace(microsecond=0)


def wrong(running: Rig, psa: Vendor) -> list[tuple[str, str]]:
    """Table and sentence of each difference between warehouse and world."""
    expected = psa.truth(running.simulator.world, running.setup)
    return [(table, line) for table, rows in expected.items() for line in differences(running.rows(table), rows)]


def may_wait(psa: Vendor, table: str, line: str) -> bool:
    """Whether a difference may wait for the next full run: where changes have no date, and deletions no cheap sign."""
    stream = connectors.load(psa.name).stream_of(table)
    if stream.changed is None or stream.changed_companies or (psa.name, table) in UNDATED:
        return True
    return stream.keys is None and line.endswith("should not be there")


@EVERY_VENDOR
def test_whatever_has_a_date_of_change_arrives_and_a_second_run_writes_nothing(
    filled_warehouses: FilledWarehouses, psa: Vendor
) -> None:
    with tenant(filled_warehouses, psa) as running:
        apply_daily_changes(running.simulator.world, adds=3, edits=6, deletes=3, moves=2)
        running.run(request=QUICKLY)
        assert [found for found in wrong(running, psa) if not may_wait(psa, *found)] == []
        state = running.state()
        running.run(request=QUICKLY)
        assert running.state() == state
        running.run()
        assert wrong(running, psa) == []


@EVERY_VENDOR
def test_a_dry_quick_run_writes_nothing(filled_warehouses: FilledWarehouses, psa: Vendor) -> None:
    with tenant(filled_warehouses, psa) as running:
        apply_daily_changes(running.simulator.world, adds=2, edits=3, deletes=1)
        state, marks = running.state(), running.rows("sync_watermarks")
        counts = running.run(request=replace(QUICKLY, dry_run=True))
        assert (running.state(), running.rows("sync_watermarks")) == (state, marks)
        assert any(one.updated for one in counts.values())


@EVERY_VENDOR
@pytest.mark.parametrize("fault", ["emptied_list", "narrowed_list:rows=3"])
def test_a_right_that_was_lost_marks_no_row_deleted(
    filled_warehouses: FilledWarehouses, psa: Vendor, fault: str
) -> None:
    with tenant(filled_warehouses, psa, details=0) as running:
        world = running.simulator.world
        before = {table: running.rows(table, "deleted_at IS NULL") for kind in LISTED for table in KINDS[kind]}
        for kind in LISTED:
            table = getattr(world, kind)
            for id_ in table.ids[-3:]:
                table.add(edited(table[id_], at=next_second(running)))
        for kind in LISTED:
            path = f"path={psa.lists[kind]}"
            running.simulator.faults.clear()
            running.simulator.faults.add(f"{fault},{path}" if ":" in fault else f"{fault}:{path}")
            with suppress(PsaError):
                running.run(request=replace(QUICKLY, kinds=(kind,)))
        for table, rows in before.items():
            keys = {row["source_id"] for row in rows}
            assert keys <= {row["source_id"] for row in running.rows(table, "deleted_at IS NULL")}
