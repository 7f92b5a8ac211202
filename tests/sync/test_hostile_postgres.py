"""Preflight on set-ups of Postgres that cannot work: one sentence that names the reason, and nothing is written."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from demo.postgres import EmbeddedPostgres
from include.model.errors import ConfigError, PsaError, WarehouseDown, WarehouseError
from include.sync.preflight import preflight
from include.warehouse.connection import Warehouse
from include.warehouse.schema import ensure_schema
from tests.support.databases import database
from tests.support.imitation import imitation
from tests.support.pgbouncer import PROGRAM, pgbouncer
from tests.support.rig import rig
from tests.support.worlds import new_world

OWN_SCHEMAS = "CREATE SCHEMA psa AUTHORIZATION {role}; CREATE SCHEMA psa_staging AUTHORIZATION {role};"
MAY_CREATE = "GRANT CREATE ON DATABASE {database} TO {role}"
ALL_RIGHTS = "GRANT ALL ON SCHEMA psa, psa_staging TO {role}; GRANT ALL ON ALL TABLES IN SCHEMA psa TO {role};"
# What an administrator has done before the first run; OURS stands for our schema, as a run of the administrator's
# own role leaves it.
OURS = "OURS"
SETUPS: dict[str, tuple[list[str], type[PsaError], str]] = {
    "no right to create schemas": (
        [],
        WarehouseError,
        r"role (\S+) has no right to create a schema .*CREATE SCHEMA psa AUTHORIZATION \1; CREATE SCHEMA psa_staging",
    ),
    "a schema psa of someone else": (
        [MAY_CREATE, "CREATE SCHEMA psa"],
        WarehouseError,
        "schema psa belongs to postgres, .*ALTER SCHEMA psa OWNER TO",
    ),
    "no right to stage": (
        [OURS, ALL_RIGHTS, "REVOKE CREATE ON SCHEMA psa_staging FROM {role}"],
        WarehouseError,
        "schema psa_staging belongs to postgres",
    ),
    "tables that may only be read": (
        [OURS, ALL_RIGHTS, "REVOKE INSERT ON psa.assets FROM {role}; REVOKE UPDATE ON psa.sync_runs FROM {role}"],
        WarehouseError,
        r"may not write these tables of the schema psa: assets, sync_runs\.",
    ),
    "a table psa.companies of another program": (
        [
            OWN_SCHEMAS,
            "CREATE TABLE psa.companies (id serial, name text); ALTER TABLE psa.companies OWNER TO {role}",
        ],
        WarehouseError,
        r"something else under a name that this package needs: companies\.",
    ),
    "a view psa.assets and a sequence": (
        [OWN_SCHEMAS, "CREATE VIEW psa.assets AS SELECT 1 AS one", "CREATE SEQUENCE psa.sync_runs"],
        WarehouseError,
        r"needs: assets, sync_runs\.",
    ),
    "rows that a policy hides": (
        [OURS, ALL_RIGHTS, "ALTER TABLE psa.assets ENABLE ROW LEVEL SECURITY"],
        WarehouseError,
        "Row-level security hides rows .* of assets.*BYPASSRLS",
    ),
    "an event trigger": (
        [
            MAY_CREATE,
            "CREATE FUNCTION no() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not here'; END $$",
            "CREATE EVENT TRIGGER no ON ddl_command_end EXECUTE FUNCTION no()",
        ],
        WarehouseError,
        "trigger or function in the database stopped the statement: not here",
    ),
    "writing is switched off": (
        [MAY_CREATE, "ALTER DATABASE {database} SET default_transaction_read_only = on"],
        WarehouseDown,
        "read-only for the role .*default_transaction_read_only is on",
    ),
    "no more connections": (
        ["ALTER ROLE {role} CONNECTION LIMIT 0"],
        WarehouseDown,
        "no free connection: .*too many connections for role",
    ),
    "no right to connect": (
        ["REVOKE CONNECT ON DATABASE {database} FROM PUBLIC"],
        ConfigError,
        "The database cannot be used: .*permission denied for database",
    ),
    "a role that may not log in": (
        ["ALTER ROLE {role} NOLOGIN"],
        ConfigError,
        "refused the login: .*not permitted to log in",
    ),
}


@dataclass(frozen=True)
class Place:
    """A new database, and a role that has no rights in it."""

    admin: psycopg.Connection
    dsn: str
    """The administrator's address of the database."""
    role: str

    def run(self, statement: str) -> None:
        """What an administrator does."""
        if statement == OURS:
            ensure_schema(Warehouse(lambda: psycopg.connect(self.dsn)))
        else:
            self.admin.execute(statement.format(role=self.role, database=self.admin.info.dbname).encode())

    def catalog(self) -> list[tuple[Any, ...]]:
        """Everything outside Postgres' own schemas, with owners and rights."""
        return self.admin.execute(
            """SELECT n.nspname, n.nspacl::text, c.oid, c.relowner, c.relacl::text, c.relnatts, c.relfilenode
               FROM pg_namespace n LEFT JOIN pg_class c ON c.relnamespace = n.oid
               WHERE n.nspname !~ '^pg_|^information_schema$' ORDER BY n.nspname, c.oid"""
        ).fetchall()


@pytest.fixture
def place(postgres: EmbeddedPostgres) -> Iterator[Place]:
    role = f"role_{secrets.token_hex(6)}"
    with psycopg.connect(postgres.url(), autocommit=True) as server:
        server.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'x'".encode())
        try:
            with database(postgres) as dsn, psycopg.connect(dsn, autocommit=True) as admin:
                yield Place(admin, dsn, role)
        finally:
            server.execute(f"DROP ROLE {role}".encode())


def refused(dsn: str, log: pytest.LogCaptureFixture) -> PsaError:
    """The one error of preflight, which is also the one red sentence of its log; the PSA was not asked anything."""
    log.clear()
    with rig(dsn, new_world(companies=4)) as running:
        with pytest.raises(PsaError) as caught:
            preflight(running.sync(warehouse=Warehouse(lambda: psycopg.connect(dsn))))
        assert running.simulator.requests == []
    red = [record.getMessage().strip() for record in log.records if record.levelno >= logging.ERROR]
    assert " ".join(red) == str(caught.value)
    return caught.value


@pytest.mark.parametrize("setup", SETUPS)
def test_preflight_names_it_and_writes_nothing(place: Place, setup: str, caplog: pytest.LogCaptureFixture) -> None:
    statements, kind, said = SETUPS[setup]
    for statement in statements:
        place.run(statement)
    before = place.catalog()
    error = refused(make_conninfo(place.dsn, user=place.role, password="x"), caplog)
    assert type(error) is kind
    assert re.search(said, str(error))
    assert place.catalog() == before


@pytest.mark.parametrize("encoding", ["LATIN1", "WIN1252", "SQL_ASCII"])
def test_a_database_of_another_encoding_is_named(
    postgres: EmbeddedPostgres, encoding: str, caplog: pytest.LogCaptureFixture
) -> None:
    name = f"test_{encoding.lower()}"
    with psycopg.connect(postgres.url(), autocommit=True) as server:
        parts = f"TEMPLATE template0 ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C' STRATEGY file_copy"
        server.execute(f"CREATE DATABASE {name} {parts}".encode())
        try:
            error = refused(postgres.url(name), caplog)
            assert type(error) is WarehouseError
            assert f"The encoding of the database {name} is {encoding}" in str(error)
            with psycopg.connect(postgres.url(name)) as connection:
                found = connection.execute("SELECT count(*) FROM pg_namespace WHERE nspname ~ '^psa'").fetchone()
                assert found == (0,)
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.mark.skipif(PROGRAM is None, reason="there is no PgBouncer on this machine (apt install pgbouncer)")
def test_a_pooler_in_transaction_mode_is_named_and_one_in_session_mode_serves(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    before = place.catalog()
    with pgbouncer(place.dsn) as pooler:
        error = refused(pooler.dsn("transaction"), caplog)
        assert type(error) is ConfigError
        assert "PgBouncer with pool_mode = transaction" in str(error)
        assert place.catalog() == before
        with rig(pooler.dsn("session"), new_world(companies=4)) as running:
            assert running.run("companies")["companies"].inserted == 4


@pytest.mark.parametrize("version", ["8.0.2", "13.0.0", "14.19 (Debian)", "15.2-YB-2.25.0.0-b489"])
def test_what_only_speaks_the_protocol_and_what_is_too_old_is_named(
    version: str, caplog: pytest.LogCaptureFixture
) -> None:
    with imitation(version) as dsn:
        error = refused(dsn, caplog)
    assert type(error) is WarehouseError
    assert f"says that it is Postgres {version}, and 15 or later is needed" in str(error)


def test_several_reasons_are_named_at_once(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    for statement in (OURS, ALL_RIGHTS, "REVOKE DELETE ON psa.assets FROM {role}", "DROP SCHEMA psa_staging"):
        place.run(statement)
    error = refused(make_conninfo(place.dsn, user=place.role, password="x"), caplog)
    assert "CREATE SCHEMA psa_staging AUTHORIZATION" in str(error)
    assert "may not write these tables of the schema psa: assets" in str(error)


@pytest.mark.parametrize(
    "statements",
    [
        [OWN_SCHEMAS],
        [MAY_CREATE, "CREATE TABLE public.companies (id int)"],
        [OURS, ALL_RIGHTS, "REVOKE CREATE ON SCHEMA psa FROM {role}"],
        [OURS, ALL_RIGHTS, "ALTER TABLE psa.assets ENABLE ROW LEVEL SECURITY", "ALTER ROLE {role} BYPASSRLS"],
        [MAY_CREATE, "ALTER ROLE {role} CONNECTION LIMIT 3"],
    ],
    ids=["own schemas", "own schemas to create", "all there", "sees all rows", "few connections"],
)
def test_what_suffices_is_not_refused(place: Place, statements: list[str]) -> None:
    for statement in statements:
        place.run(statement)
    dsn = make_conninfo(place.dsn, user=place.role, password="x")
    with rig(dsn, new_world(companies=4)) as running:
        assert running.run("companies")["companies"].inserted == 4
