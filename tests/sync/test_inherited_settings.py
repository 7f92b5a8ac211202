"""A run does not depend on what the server, the database or the role is set to."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest
from airflow.sdk import RetryDecision
from psycopg import sql

from include.dag_factory.retries import PsaRetryPolicy
from include.model.errors import WarehouseDown
from include.model.request import Request
from include.sync.extract import extract
from include.sync.load import load
from include.sync.preflight import preflight
from tests.support.rig import rig
from tests.support.truth import differences
from tests.support.truth.connectwise import truth
from tests.support.worlds import new_world

# Functions and an operator that Postgres would take instead of its own, in a schema that comes first.
SHADOWS = """
    CREATE SCHEMA mine;
    CREATE FUNCTION mine.now() RETURNS timestamptz LANGUAGE sql AS $$ SELECT timestamptz '2001-01-01' $$;
    CREATE FUNCTION mine.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS $$ SELECT timestamptz '2001-01-01' $$;
    CREATE FUNCTION mine.lower(text) RETURNS text LANGUAGE sql AS $$ SELECT 'x' $$;
    CREATE FUNCTION mine.hashtextextended(text, integer) RETURNS bigint LANGUAGE sql AS $$ SELECT 1::bigint $$;
    CREATE FUNCTION mine.never(text, text) RETURNS boolean LANGUAGE sql AS $$ SELECT false $$;
    CREATE OPERATOR mine.= (LEFTARG = text, RIGHTARG = text, FUNCTION = mine.never);
    CREATE TYPE mine.jsonb AS (nothing text);
"""
HOSTILE = {
    "client_encoding": "LATIN1",
    "DateStyle": "German, DMY",
    "IntervalStyle": "iso_8601",
    "TimeZone": "<+03>-03",
    "extra_float_digits": "-15",
    "standard_conforming_strings": "off",
    "quote_all_identifiers": "on",
    "search_path": "mine, pg_catalog",
    "default_transaction_isolation": "serializable",
    "bytea_output": "escape",
    "idle_session_timeout": "1s",
    "work_mem": "64kB",
    "enable_hashjoin": "off",
    "jit_above_cost": "0",
}


def alter(dsn: str, settings: dict[str, str]) -> None:
    """Set something for all new connections to a database."""
    with psycopg.connect(dsn, autocommit=True, options="-c default_transaction_read_only=off") as connection:
        database = sql.Identifier(connection.info.dbname)
        for name, value in settings.items():
            values = sql.SQL(", ").join(map(sql.Literal, value.split(", ")))
            connection.execute(sql.SQL("ALTER DATABASE {} SET {} = {}").format(database, sql.Identifier(name), values))


def test_everything_at_once_changes_no_value_and_no_count(empty_dsn: str) -> None:
    world = new_world(companies=4)
    with psycopg.connect(empty_dsn, autocommit=True) as connection:
        connection.execute(SHADOWS)
    alter(empty_dsn, HOSTILE)
    with rig(empty_dsn, world, vendor="connectwise") as running:
        running.run()
        second = running.run()
        assert all(counts.unchanged == counts.fetched for counts in second.values())
    with psycopg.connect(empty_dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("ALTER DATABASE {} RESET ALL").format(sql.Identifier(connection.info.dbname)))
    with rig(empty_dsn, world, vendor="connectwise") as plain:
        assert {t: differences(plain.rows(t), rows) for t, rows in truth(world).items()} == {
            t: [] for t in truth(world)
        }


@pytest.mark.parametrize("style", ["German, DMY", "SQL, DMY"])
def test_a_database_that_shows_dates_in_another_way_is_one_like_any_other(empty_dsn: str, style: str) -> None:
    alter(empty_dsn, {"DateStyle": style})
    with rig(empty_dsn, new_world(companies=4), vendor="connectwise") as running:
        assert running.run("companies")["companies"].inserted == 4


@pytest.mark.parametrize("encoding", ["LATIN1", "EUC_TW"])
def test_the_client_encoding_of_a_utf8_database_does_not_matter(empty_dsn: str, encoding: str) -> None:
    alter(empty_dsn, {"client_encoding": encoding})
    with rig(empty_dsn, new_world(companies=4), vendor="connectwise") as running:
        running.run("companies", "contacts")


def test_a_load_that_meets_a_standby_after_a_fail_over_is_tried_again(empty_dsn: str) -> None:
    with rig(empty_dsn, new_world(companies=4), vendor="connectwise") as running:
        run = running.sync(request=Request(kinds=("assets",)))
        run = replace(run, company=preflight(run))
        extract(run, "assets")
        alter(empty_dsn, {"default_transaction_read_only": "on"})
        with pytest.raises(WarehouseDown, match="read-only: a standby after a fail-over") as raised:
            load(run, "assets")
        assert PsaRetryPolicy().evaluate(raised.value, 1, 24) != RetryDecision.fail("a person has to act")
        alter(empty_dsn, {"default_transaction_read_only": "off"})
        assert load(run, "assets")["assets"].inserted
