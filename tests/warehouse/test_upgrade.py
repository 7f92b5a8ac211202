"""The upgrade from release 0.3.0 needs no hand, and its first run only fills columns that were empty.

tests/fixtures/release_0_3_0 is what that release left.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from demo.postgres import EmbeddedPostgres
from include import connectors
from include.model.counts import Counts
from include.model.ledger_tables import LEDGER_TABLES
from include.model.limits import Lane
from include.model.run import Run
from include.model.setup import DeletionGuard, parse
from include.model.tables import TABLES
from include.sync.load import load
from include.sync.report import report
from include.warehouse.schema import ensure_schema
from simulator.daily_changes import apply_daily_changes
from simulator.world import World
from tests.support.databases import database
from tests.support.rig import LIMITS, Rig, rig, trigger

RELEASE = Path(__file__).parents[1] / "fixtures/release_0_3_0"
VARIABLES: Mapping[str, Any] = json.loads((RELEASE / "variables.json").read_text(encoding="utf-8"))
COPY = re.compile(rb"^(COPY [^\n]+ FROM stdin);\n(.*?)^\\\.\n", re.MULTILINE | re.DOTALL)
FILLED: Mapping[str, set[str]] = {  # the columns that 0.3.0 did not have, or that it left null
    "autotask": {"assets.is_active", "contacts.phone"},
    "connectwise": {"assets.is_active"},
    "halopsa": {
        "assets.is_active",
        "assets.notes",
        "assets.source_updated_at",
        "company_sites.country",
        "contacts.source_updated_at",
    },
    "kaseya_bms": {"assets.is_active"},
    "syncro": set(),
}
UNFINISHED = Run("connectwise", "psa_connectwise/run 3")  # has extracted the contacts, and has not merged them


@pytest.fixture(scope="module")
def left_by_old_release(postgres: EmbeddedPostgres) -> Iterator[str]:
    """The address of a database as release 0.3.0 left it; tests write to copies of it."""
    with database(postgres) as dsn:
        restore(dsn, (RELEASE / "warehouse.sql").read_bytes())
        yield dsn


@pytest.fixture
def old_dsn(postgres: EmbeddedPostgres, left_by_old_release: str) -> Iterator[str]:
    """The address of a copy of it."""
    with database(postgres, like=left_by_old_release) as dsn:
        yield dsn


def restore(dsn: str, dump: bytes) -> None:
    """Run what pg_dump wrote: statements, and rows between COPY and a line with a backslash and a full stop."""
    with psycopg.connect(dsn) as connection:
        done = 0
        for copy in COPY.finditer(dump):
            connection.execute(dump[done : copy.start()])
            with connection.cursor().copy(copy[1]) as rows:
                rows.write(copy[2])
            done = copy.end()
        connection.execute(dump[done:])


@contextmanager
def same_tenant(dsn: str, vendor: str) -> Iterator[Rig]:
    """The tenant that release 0.3.0 read last, and the Variable it read it with."""
    world = World(seed=5, companies=4, sites=5, contacts=6, assets=6, tickets=0)
    setup = parse(json.dumps(VARIABLES[vendor]), where=f"Airflow Variable 'psa_{vendor}'")
    with rig(dsn, world, setup=setup, vendor=vendor) as running:
        apply_daily_changes(world, seed=5, adds=1, edits=2, deletes=1, moves=1, are_added_today=False)
        running.runs = 3  # that many were of release 0.3.0
        yield running


def old_entries(running: Rig) -> list[dict[str, Any]]:
    return [entry for entry in running.rows("sync_runs") if entry["run_id"] <= UNFINISHED.run_id]


def values(running: Rig) -> dict[tuple[str, str, str], Any]:
    """What the vendor said, by table, key and column."""
    return {
        (table.name, row["source_id"], column): row[column]
        for table in TABLES
        for row in running.rows(table.name, f"source = '{running.vendor}'")
        for column in (*table.facts, "deleted_at")
    }


@pytest.mark.parametrize("vendor", connectors.NAMES)
def test_the_first_run_after_the_upgrade_fills_empty_columns_and_the_second_writes_no_row(
    old_dsn: str, vendor: str
) -> None:
    with same_tenant(old_dsn, vendor) as running:
        ensure_schema(running.warehouse)
        before, entries = values(running), old_entries(running)
        assert len(before) > 200
        running.run()
        filled = {place: value for place, value in values(running).items() if value != before[place]}
        assert [place for place in filled if before[place] is not None] == []
        assert {f"{table}.{column}" for table, _, column in filled} == FILLED[vendor]
        assert [entry for entry in running.rows("sync_runs") if entry in entries] == entries
        found = report(running.warehouse, Run(vendor, f"psa_{vendor}/run 4"), {}, trigger(), LIMITS)
        assert found.problems == []
        state = running.state()
        counts = running.run()
        assert running.state() == state
        assert all(c == Counts(c.fetched, unchanged=c.unchanged, duplicate=c.duplicate) for c in counts.values())


def test_what_the_old_release_has_extracted_is_merged_by_the_new_one(old_dsn: str) -> None:
    with same_tenant(old_dsn, UNFINISHED.source) as running:
        before = running.state()
        counts = load(running.sync(run=UNFINISHED), "contacts")["contacts"]
        assert counts.unchanged == counts.fetched > 0
        assert running.state() == before


def test_a_summary_of_a_run_that_the_old_release_began_does_not_need_what_it_did_not_write(old_dsn: str) -> None:
    with same_tenant(old_dsn, UNFINISHED.source) as running:
        found = report(running.warehouse, UNFINISHED, {"preflight": "success"}, trigger(), LIMITS)
        assert "contacts was not read" in " ".join(found.problems)


def test_preflight_brings_the_schema_to_this_release(old_dsn: str, warehouse_dsn: str) -> None:
    with same_tenant(old_dsn, "syncro") as running:
        assert schema_of(old_dsn) != schema_of(warehouse_dsn)
        running.run("statuses")
        assert schema_of(old_dsn) == schema_of(warehouse_dsn)
        assert {row[0] for row in columns_of(old_dsn)} == {table.name for table in (*TABLES, *LEDGER_TABLES)}


def test_the_ticket_page_does_not_wait_for_the_first_run_of_this_release(old_dsn: str) -> None:
    with same_tenant(old_dsn, "syncro") as running:
        running = replace(running, lane=Lane.LIVE)
        with running.open_client() as client, client.http.pace.turn("/tickets") as waited:
            assert waited == 0


def columns_of(dsn: str) -> list[tuple[Any, ...]]:
    """Tables, columns, types and comments of our schema."""
    with psycopg.connect(dsn) as connection:
        return connection.execute(
            """SELECT c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull::text,
                      col_description(c.oid, a.attnum), obj_description(c.oid)
               FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
               WHERE c.relnamespace = 'psa'::regnamespace AND c.relkind = 'r' ORDER BY 1, 2"""
        ).fetchall()


def schema_of(dsn: str) -> list[tuple[Any, ...]]:
    """The same, and the constraints."""
    with psycopg.connect(dsn) as connection:
        constraints = connection.execute(
            """SELECT conrelid::regclass::text, conname::text, pg_get_constraintdef(oid) FROM pg_constraint
               WHERE connamespace = 'psa'::regnamespace ORDER BY 1, 2"""
        ).fetchall()
    return [*columns_of(dsn), *constraints]


def test_the_old_name_of_the_deletion_guard_in_setup_means_the_same(old_dsn: str) -> None:
    with same_tenant(old_dsn, "autotask") as running:
        assert "brake" in VARIABLES["autotask"]
        assert running.setup.deletion_guard == DeletionGuard(share=0.5, rows=5)
