"""Locks of others: a backup delays nothing, and whatever is waited for in vain is named, with who holds it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg
import pytest
from typing_extensions import LiteralString

from include.dag_factory.retries import MAY_PASS
from include.model.errors import LockHeld, ServerError
from include.model.request import Request
from include.sync.extract import extract
from include.sync.load import load
from include.sync.preflight import preflight
from include.sync.report import report
from include.sync.run import Sync
from include.warehouse.connection import Warehouse
from tests.support.rig import LIMITS, Rig, rig, trigger
from tests.support.worlds import new_world

ASSETS = Request(kinds=("assets",))
SHORT_SECONDS = 1.0


@contextmanager
def another_session(dsn: str, name: str = "psql of Ann") -> Iterator[psycopg.Connection]:
    with psycopg.connect(dsn, application_name=name) as connection:
        yield connection
        connection.rollback()


def lock_like_a_backup(connection: psycopg.Connection) -> None:
    """pg_dump locks every table at its beginning, and keeps the locks until its end."""
    tables = "SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname LIKE 'psa%'"
    for (table,) in connection.execute(tables).fetchall():
        connection.execute(f"LOCK TABLE {table} IN ACCESS SHARE MODE")


def staged(running: Rig) -> int:
    with running.connections.borrow() as connection:
        return len(connection.execute("SELECT FROM pg_tables WHERE schemaname = 'psa_staging'").fetchall())


def impatient(running: Rig, request: Request = ASSETS) -> Sync:
    """A run that waits for a second where others wait for a minute."""
    warehouse = Warehouse(running.connections.borrow, lock_seconds=SHORT_SECONDS)
    return running.sync(request=request, warehouse=warehouse)


def test_a_load_does_not_wait_for_a_backup_and_a_later_run_drops_what_it_left(
    warehouse_dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with rig(warehouse_dsn, new_world(companies=4)) as running:
        run = impatient(running)
        preflight(run)
        extract(run, "assets")
        with another_session(warehouse_dsn, "pg_dump") as dump:
            lock_like_a_backup(dump)
            counts = load(run, "assets")["assets"]
            assert counts.inserted == counts.fetched > 0
            assert "so a later run drops it" in " ".join(caplog.messages)
            assert load(run, "assets") == {}
            running.run("contacts")
            assert staged(running) == 1
        preflight(running.sync())
        assert staged(running) == 0


def test_a_retry_beside_a_backup_that_reads_what_the_first_attempt_staged(warehouse_dsn: str) -> None:
    world = new_world(companies=4)
    with rig(warehouse_dsn, world) as running:
        running.run("assets")
        asked = Request(kinds=("assets",), company=str(world.companies.ids[0]))
        run = impatient(running, asked)
        run = replace(run, company=preflight(run))
        extract(run, "assets")
        running.simulator.faults.add("server_error:path=/company/configurations")
        with another_session(warehouse_dsn, "pg_dump") as dump:
            lock_like_a_backup(dump)
            with pytest.raises(ServerError):
                extract(run, "assets")
            running.simulator.faults.clear()
            extract(run, "assets")
            counts = load(run, "assets")["assets"]
        assert counts.unchanged == counts.fetched > 0


Step = Callable[[Sync], object]


def report_of(run: Sync) -> object:
    return report(run.warehouse, run.run, {}, trigger(ASSETS), LIMITS)


STEPS: dict[str, Step] = {
    "preflight": preflight,
    "extract": lambda run: extract(run, "assets"),
    "load": lambda run: load(run, "assets"),
    "summary": report_of,
}

HOLDS: list[tuple[str, LiteralString, str]] = [
    ("preflight", "LOCK TABLE psa.assets", "the table psa.assets"),  # such as VACUUM FULL
    ("extract", "LOCK TABLE psa.sync_runs", "the table psa.sync_runs"),
    ("extract", "LOCK TABLE psa.sync_runs IN SHARE MODE", "the table psa.sync_runs"),  # such as CREATE INDEX
    ("load", "LOCK TABLE psa.assets", "the table psa.assets"),
    ("load", "LOCK TABLE psa.assets IN SHARE MODE", "the table psa.assets"),
    ("load", "UPDATE psa.assets SET name = 'typed by hand'", "a row"),
    (
        "load",
        "SELECT pg_advisory_xact_lock(hashtextextended('psa.assets', 0))",
        "the turn to merge psa.assets",
    ),
    ("summary", "LOCK TABLE psa.sync_runs", "the table psa.sync_runs"),
]


@pytest.mark.parametrize(("step", "statement", "what"), HOLDS)
def test_what_is_waited_for_in_vain_is_named_with_who_holds_it(
    warehouse_dsn: str, step: str, statement: LiteralString, what: str
) -> None:
    world = new_world(companies=3)
    with rig(warehouse_dsn, world) as running:
        running.run("assets")
        world.assets.add(replace(world.assets[world.assets.ids[0]], name="another name"))
        run = impatient(running)
        if step == "load":
            extract(run, "assets")
        before = running.state()
        with another_session(warehouse_dsn) as other:
            other.execute(statement)
            holder = f"session {other.info.backend_pid} 'psql of Ann' of the role postgres, in a transaction for"
            with pytest.raises(LockHeld) as caught:
                STEPS[step](run)
            said = str(caught.value)
        assert f"It waited for {what}" in said
        assert f", held by {holder}" in said
        assert "idle for" in said
        assert "pg_terminate_backend" in said
        assert isinstance(caught.value, MAY_PASS)
        assert running.state() == before
        STEPS[step](run)  # as the retry does


def test_a_change_of_the_schema_beside_a_backup_ends_with_a_sentence(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, new_world(companies=3)) as running:
        with running.connections.borrow() as connection:
            connection.execute("ALTER TABLE psa.assets DROP COLUMN notes CASCADE")
            connection.commit()
        with another_session(warehouse_dsn, "pg_dump") as dump:
            lock_like_a_backup(dump)
            with pytest.raises(LockHeld, match=r"the table psa\.assets, held by session \d+ 'pg_dump'"):
                preflight(impatient(running))
        preflight(running.sync())


def test_who_waits_as_well_is_not_taken_for_the_holder(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, new_world(companies=3)) as running:
        running.run("assets")
        run = impatient(running)
        extract(run, "assets")
        with (
            another_session(warehouse_dsn, "holder") as holder,
            psycopg.connect(warehouse_dsn, application_name="waits") as waits,
        ):
            holder.execute("LOCK TABLE psa.assets IN ACCESS SHARE MODE")
            waits.execute("SELECT 'a transaction begins'")
            waits.pgconn.send_query(b"LOCK TABLE psa.assets")  # an upgrade by hand, behind a backup
            with pytest.raises(LockHeld, match=r"held by session \d+ 'holder' of the role"):
                load(run, "assets")
            waits.close()
