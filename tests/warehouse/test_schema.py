"""The schema: made, completed, and defended with words."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from include.model.errors import WarehouseError
from include.model.ledger_tables import LEDGER_TABLES
from include.model.tables import TABLES
from include.warehouse.connection import Warehouse
from include.warehouse.schema import ensure_schema
from tests.support.lock_waits import until_waiting


@pytest.fixture
def warehouse(empty_dsn: str) -> Warehouse:
    return Warehouse(lambda: psycopg.connect(empty_dsn))


@pytest.fixture
def admin(empty_dsn: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(empty_dsn, autocommit=True) as connection:
        yield connection


def test_every_table_and_column_explains_itself(warehouse: Warehouse, admin: psycopg.Connection) -> None:
    ensure_schema(warehouse)
    silent = admin.execute(
        """SELECT c.relname, a.attname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
           JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
           WHERE n.nspname = 'psa' AND c.relkind = 'r'
             AND (col_description(c.oid, a.attnum) IS NULL OR obj_description(c.oid) IS NULL)"""
    ).fetchall()
    assert silent == []


def test_an_index_that_is_missing_is_made_again(warehouse: Warehouse, admin: psycopg.Connection) -> None:
    ensure_schema(warehouse)
    wanted = indexes(admin)
    assert "sync_runs_by_source_table_name_started_at" in wanted
    admin.execute("DROP INDEX psa.sync_runs_by_source_table_name_started_at")
    ensure_schema(warehouse)
    assert indexes(admin) == wanted


def indexes(admin: psycopg.Connection) -> list[str]:
    found = admin.execute("SELECT indexname FROM pg_indexes WHERE schemaname = 'psa' ORDER BY 1").fetchall()
    return [name for (name,) in found]


def test_a_second_time_changes_nothing_and_needs_no_right_to_create(
    warehouse: Warehouse, empty_dsn: str, admin: psycopg.Connection
) -> None:
    ensure_schema(warehouse)
    admin.execute("CREATE ROLE reader LOGIN PASSWORD 'reader'")
    try:
        admin.execute("GRANT USAGE ON SCHEMA psa, psa_staging TO reader")
        poor = Warehouse(lambda: psycopg.connect(empty_dsn, user="reader", password="reader"))
        ensure_schema(poor)
    finally:
        admin.execute("DROP OWNED BY reader")
        admin.execute("DROP ROLE reader")


def test_several_tasks_can_make_it_at_once(warehouse: Warehouse, admin: psycopg.Connection) -> None:
    failures: list[BaseException] = []

    def make() -> None:
        try:
            ensure_schema(warehouse)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=make) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    row = admin.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'psa'").fetchone()
    assert row == (len(TABLES) + len(LEDGER_TABLES),)


def test_a_task_that_comes_too_late_to_create_anything_logs_nothing_about_it(
    warehouse: Warehouse, admin: psycopg.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    admin.execute("SELECT pg_advisory_lock(hashtextextended('psa schema', 0))")
    with ThreadPoolExecutor(2) as threads:
        both = [threads.submit(ensure_schema, warehouse) for _ in range(2)]
        until_waiting(admin, sessions=2)
        admin.execute("SELECT pg_advisory_unlock_all()")
    assert [one.result() for one in both] == [None, None]
    created = [message for message in caplog.messages if "was created or completed" in message]
    assert len(created) == 1


def test_comments_of_another_release_are_replaced_and_no_row_is_written(
    warehouse: Warehouse, admin: psycopg.Connection
) -> None:
    ensure_schema(warehouse)
    admin.execute(
        "INSERT INTO psa.sync_watermarks (source, table_name, watermark, run_id) VALUES ('a', 'b', now(), 'c')"
    )
    before = admin.execute("SELECT ctid::text, xmin::text FROM psa.sync_watermarks").fetchall()
    admin.execute("COMMENT ON TABLE psa.sync_watermarks IS 'of another release'")
    admin.execute("COMMENT ON COLUMN psa.sync_watermarks.run_id IS 'of another release'")
    ensure_schema(warehouse)
    of_another_release = admin.execute(
        "SELECT count(*) FROM pg_description WHERE description = 'of another release'"
    ).fetchone()
    assert of_another_release == (0,)
    assert admin.execute("SELECT ctid::text, xmin::text FROM psa.sync_watermarks").fetchall() == before


def test_a_dropped_column_and_a_dropped_table_come_back(warehouse: Warehouse, admin: psycopg.Connection) -> None:
    ensure_schema(warehouse)
    admin.execute("ALTER TABLE psa.assets DROP COLUMN notes")
    admin.execute("DROP TABLE psa.contacts")
    ensure_schema(warehouse)
    admin.execute("SELECT notes FROM psa.assets").fetchall()
    admin.execute("SELECT name FROM psa.contacts").fetchall()


def test_a_dropped_primary_key_comes_back(warehouse: Warehouse, admin: psycopg.Connection) -> None:
    ensure_schema(warehouse)
    admin.execute("ALTER TABLE psa.assets DROP CONSTRAINT assets_pkey")
    ensure_schema(warehouse)
    row = admin.execute("SELECT count(*) FROM pg_constraint WHERE conname = 'assets_pkey'").fetchone()
    assert row == (1,)


def test_a_column_of_another_type_is_named(warehouse: Warehouse, admin: psycopg.Connection) -> None:
    ensure_schema(warehouse)
    admin.execute("ALTER TABLE psa.assets ALTER COLUMN purchase_date TYPE text")
    with pytest.raises(WarehouseError, match=r"assets\.purchase_date is of type text, not date"):
        ensure_schema(warehouse)


def test_the_message_of_a_missing_right_says_what_the_role_needs(
    warehouse: Warehouse, empty_dsn: str, admin: psycopg.Connection
) -> None:
    admin.execute("CREATE ROLE nobody_much LOGIN PASSWORD 'x'")
    try:
        poor = Warehouse(lambda: psycopg.connect(empty_dsn, user="nobody_much", password="x"))
        with pytest.raises(WarehouseError, match="must own the schemas psa and psa_staging"):
            ensure_schema(poor)
    finally:
        admin.execute("DROP ROLE nobody_much")
