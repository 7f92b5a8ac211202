"""Only Postgres' clock decides: a worker's own may be wrong by hours, and a person hears of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import psycopg
import pytest

from include import connectors
from include.model.counts import Counts
from include.model.kinds import KINDS
from include.model.request import Request
from include.sync.extract import extract
from include.sync.load import load
from include.sync.preflight import preflight
from include.sync.report import report
from tests.support.rig import LIMITS, Rig, rig, trigger
from tests.support.worlds import new_world

ASSETS = Request(kinds=("assets",))

# Every time that a run writes, except those of the vendor and of the budget, which has the rig's clock.
LESS_OVERLAP = ("watermark", "next_since")
TIMES = """
    SELECT table_name, column_name FROM information_schema.columns NATURAL JOIN information_schema.tables
    WHERE table_schema = 'psa' AND table_type = 'BASE TABLE' AND table_name <> 'request_budget'
      AND data_type LIKE 'timestamp%' AND column_name NOT IN ('source_updated_at', 'deleted_at', 'seen_at')
"""


def off_by(minutes: int) -> Callable[[], datetime]:
    """A worker's clock."""
    return lambda: datetime.now(timezone.utc) + timedelta(minutes=minutes)


def told(running: Rig, run_id: str) -> str:
    """The report of a run of the assets."""
    run = replace(running.sync().run, run_id=run_id)
    lines = report(running.warehouse, run, dict.fromkeys(KINDS, "success"), trigger(ASSETS), LIMITS)
    return " ".join(" ".join(lines.lines).split())


@pytest.mark.parametrize("minutes", [-60, 60])
def test_what_differs_is_written_although_another_worker_had_a_wrong_clock(warehouse_dsn: str, minutes: int) -> None:
    with rig(warehouse_dsn, new_world(companies=8), vendor="halopsa") as running:
        running.run(request=ASSETS, now=off_by(minutes))
        assets = len(running.rows("assets"))
        with psycopg.connect(warehouse_dsn) as connection:
            connection.execute("UPDATE psa.assets SET name = 'old name'")  # the PSA has other names by now
        counts = running.run(request=ASSETS, asked_at=running.now())
        assert counts["assets"] == Counts(fetched=assets, updated=assets)


@pytest.mark.parametrize("minutes", [-60, 60])
def test_a_run_on_a_wrong_clock_writes_what_differs(warehouse_dsn: str, minutes: int) -> None:
    world = new_world(companies=5)
    with rig(warehouse_dsn, world) as running:
        running.run("assets")
        del world.assets[world.assets.ids[0]]
        counts = running.run("assets", now=off_by(minutes))["assets"]
        assert counts == Counts(fetched=len(world.assets), unchanged=len(world.assets), deleted=1)


@pytest.mark.parametrize("vendor", ["halopsa", "syncro"])
def test_no_time_of_a_run_comes_from_its_worker(warehouse_dsn: str, vendor: str) -> None:
    world = new_world(companies=5)
    with rig(warehouse_dsn, world, vendor=vendor) as running:
        began = running.now()
        running.run(now=off_by(60 * 24 * 30))
        world.assets.pop(world.assets.ids[0])
        running.run(now=off_by(-60 * 24 * 30), asked_at=running.now())
        with running.connections.borrow() as connection:
            for table, column in connection.execute(TIMES).fetchall():
                earliest = began - connectors.load(vendor).overlap if column in LESS_OVERLAP else began
                outside = connection.execute(
                    f"SELECT count(*) FROM psa.{table} WHERE {column} NOT BETWEEN %s AND clock_timestamp()", [earliest]
                ).fetchone()
                assert outside == (0,), f"{table}.{column}"
        gone = [row["deleted_at"] for row in running.rows("assets", "deleted_at IS NOT NULL")]
        assert len(gone) == 1
        assert began < gone[0] < running.now()


@pytest.mark.parametrize(("minutes", "direction"), [(61, "1 h 1 min ahead"), (-2, "2 min 0 s behind")])
def test_a_worker_whose_clock_is_off_is_named(
    warehouse_dsn: str, caplog: pytest.LogCaptureFixture, minutes: int, direction: str
) -> None:
    with rig(warehouse_dsn, new_world(companies=3)) as running:
        sentence = f"Compared with Postgres, the clock of the worker celery-2 is {direction}."
        running.run("assets", now=off_by(minutes), worker="celery-2")
        assert sentence in " ".join(" ".join(caplog.messages).split())
        assert f"Note: {sentence}" in told(running, "psa_connectwise/run 1")


def test_each_worker_of_a_run_is_named_once(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, new_world(companies=3)) as running:
        run = running.sync(request=ASSETS)
        preflight(replace(run, now=off_by(60), worker="a"))
        extract(replace(run, now=off_by(60), worker="a"), "assets")
        load(replace(run, now=off_by(-60), worker="b"), "assets")
        assert (
            "Note: Compared with Postgres, the clock of the worker a is 1 h 0 min ahead, the clock of the worker b is "
            "1 h 0 min behind. "
        ) in told(running, run.run.run_id)


def test_a_run_that_the_release_before_began_goes_on_without_the_table_of_clocks(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, new_world(companies=3)) as running:
        run = running.sync(request=ASSETS, now=off_by(60))
        preflight(run)
        with running.connections.borrow() as connection:
            connection.execute("DROP TABLE psa.worker_clocks")
            connection.commit()
        extract(run, "assets")
        assert load(run, "assets")["assets"].inserted > 0
        assert "Compared with Postgres" not in told(running, run.run.run_id)


def test_nothing_is_said_of_clocks_that_are_right(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, new_world(companies=3)) as running:
        running.run("assets", now=off_by(0))
        assert "Compared with Postgres" not in told(running, "psa_connectwise/run 1")


def stamp_an_hour_ahead(running: Rig) -> None:
    """What a release before this one left behind, after a run on a worker whose clock was an hour ahead."""
    with running.connections.borrow() as connection:
        for table, column in connection.execute(TIMES).fetchall():
            if column not in ("changed_at", "rejected_at", "extracted_at", "finished_at"):  # these were Postgres' own
                connection.execute(f"UPDATE psa.{table} SET {column} = {column} + interval '1 hour'")
        connection.execute("UPDATE psa.assets SET name = 'old name'")  # the PSA has other names by now
        connection.commit()


def test_stamps_of_the_future_do_not_keep_rows_from_being_written(
    warehouse_dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    world = new_world(companies=5)
    with rig(warehouse_dsn, world) as running:
        running.run("assets")
        stamp_an_hour_ahead(running)
        del world.assets[world.assets.ids[0]]
        rows = len(world.assets)
        assert running.run("assets")["assets"] == Counts(fetched=rows, updated=rows, deleted=1)
        assert f"psa.assets: synced_at of {rows + 1} rows was later than now" in " ".join(caplog.messages)
        with running.connections.borrow() as connection:
            for table, column in connection.execute(TIMES).fetchall():
                in_future = f"SELECT count(*) FROM psa.{table} WHERE {column} > clock_timestamp()"
                assert connection.execute(in_future).fetchone() == (0,), f"{table}.{column}"
        before = running.state()
        assert running.run("assets")["assets"] == Counts(fetched=rows, unchanged=rows)
        assert running.state() == before


def test_a_listing_that_goes_on_until_the_clock_has_reached_such_stamps_is_used(warehouse_dsn: str) -> None:
    world = new_world(companies=5)
    with rig(warehouse_dsn, world) as running:
        running.run("assets")
        stamp_an_hour_ahead(running)
        run = running.sync(request=ASSETS)
        preflight(run)
        extract(run, "assets")
        with running.connections.borrow() as connection:  # an hour passes
            for table in ("assets", "sync_runs"):
                column = "synced_at" if table == "assets" else "merged_as_of"
                connection.execute(f"UPDATE psa.{table} SET {column} = {column} - interval '1 hour'")
            connection.execute("UPDATE psa.sync_runs SET started_at = started_at - interval '1 hour'")
            connection.execute(
                f"UPDATE psa_staging.{staged(connection)} SET fetched_at = fetched_at - interval '1 hour'"
            )
            connection.commit()
        assert load(run, "assets")["assets"].updated == len(world.assets)


def staged(connection: psycopg.Connection) -> str:
    row = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'psa_staging'").fetchone()
    assert row
    return str(row[0])


def test_a_dry_run_changes_no_stamp(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, new_world(companies=5)) as running:
        running.run("assets")
        stamp_an_hour_ahead(running)
        before = running.state()
        counts = running.run(request=Request(kinds=("assets",), dry_run=True))["assets"]
        assert running.state() == before
        assert counts.updated == counts.fetched
