"""A dry run counts what a run would do, and does none of it."""

from __future__ import annotations

import psycopg

from include.model.request import Request
from include.sync.extract import extract
from include.sync.load import load
from include.sync.preflight import preflight
from include.sync.report import report
from simulator.daily_changes import apply_daily_changes
from tests.support.rig import LIMITS, Rig, rig, trigger
from tests.support.worlds import new_world

DRY = Request(dry_run=True)


def staged(running: Rig) -> int:
    with psycopg.connect(running.dsn) as connection:
        row = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'psa_staging'").fetchone()
        return int(row[0]) if row else 0


def test_it_counts_what_the_next_run_then_does(warehouse_dsn: str) -> None:
    world = new_world(companies=40)
    with rig(warehouse_dsn, world) as running:
        assert running.run(request=DRY)["assets"].inserted == len(world.assets)
        assert running.rows("assets") == []
        running.run()
        apply_daily_changes(world, seed=1, adds=5, edits=7, deletes=3)
        before, marks = running.state(), running.rows("sync_watermarks")
        foreseen = running.run(request=DRY)
        assert running.state() == before
        assert running.rows("sync_watermarks") == marks
        assert staged(running) == 0
        assert running.run() == foreseen
        assert foreseen["assets"].deleted == 3


def test_what_the_deletion_guard_would_hold_back_is_reported_with_its_counts(warehouse_dsn: str) -> None:
    world = new_world()
    with rig(warehouse_dsn, world) as running:
        running.run("contacts")
        for key in list(world.contacts)[20:]:
            del world.contacts[key]
        before = running.state()
        run = running.sync(request=Request(kinds=("contacts",), dry_run=True))
        extract(run, "contacts")
        counts = load(run, "contacts")["contacts"]
        assert running.state() == before
        assert counts.deleted == len(running.rows("contacts")) - 20
        found = report(run.warehouse, run.run, {}, trigger(run.request), LIMITS)
        told = " ".join(" ".join(found.lines).split())
        assert found.problems == []
        assert "nothing was written, the counts say what would have been" in told
        assert "Note on contacts: its deletions would be held back: the PSA listed 20 records" in told


def test_a_load_that_is_cleared_after_it_compared_has_nothing_left_to_do(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn) as running:
        preflight(running.sync())
        run = running.sync(request=DRY)
        extract(run, "contacts")
        counts = load(run, "contacts")["contacts"]
        assert load(run, "contacts") == {}
        entry = running.rows("sync_runs")[0]
        assert (entry["state"], entry["inserted"]) == ("extracted", counts.inserted)


def test_a_run_after_a_dry_run_is_not_taken_for_older(warehouse_dsn: str) -> None:
    world = new_world()
    with rig(warehouse_dsn, world) as running:
        older = running.sync()
        preflight(older)
        extract(older, "assets")
        running.run(request=DRY)
        assert load(older, "assets")["assets"].inserted == len(world.assets)
