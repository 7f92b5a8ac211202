"""A session is what the statements rely on, whatever server, database, role, environment or connection say."""

from __future__ import annotations

import secrets

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row

from demo.postgres import EmbeddedPostgres
from include.model.errors import WarehouseError
from include.warehouse.connection import Connection, Warehouse

# What people set, and what a session of ours has all the same. psycopg does not know the encoding EUC_TW, and Python
# does not know the last time zone.
INHERITED = [
    ("client_encoding", "LATIN1", "UTF8"),
    ("client_encoding", "SQL_ASCII", "UTF8"),
    ("client_encoding", "EUC_TW", "UTF8"),
    ("datestyle", "SQL, DMY", "ISO, MDY"),
    ("datestyle", "Postgres, YMD", "ISO, MDY"),
    ("datestyle", "German, DMY", "ISO, MDY"),
    ("intervalstyle", "iso_8601", "postgres"),
    ("timezone", "Asia/Kolkata", "UTC"),
    ("timezone", "<+03>-03", "UTC"),
    ("extra_float_digits", "-15", "1"),
    ("standard_conforming_strings", "off", "on"),
    ("quote_all_identifiers", "on", "off"),
    ("search_path", "mine, pg_catalog", "pg_catalog, pg_temp"),
    ("default_transaction_isolation", "repeatable read", "read committed"),
    ("default_transaction_isolation", "serializable", "read committed"),
    ("row_security", "on", "off"),
    ("statement_timeout", "3s", "0"),
    ("lock_timeout", "3s", "1min"),
    ("idle_in_transaction_session_timeout", "3s", "0"),
    ("idle_session_timeout", "3s", "0"),
]
THEIRS = {name: theirs for name, theirs, _ in INHERITED}
OURS = {name: ours for name, _, ours in INHERITED}


def differing(connection: Connection) -> list[str]:
    """The settings that are not ours. Read as bytes, since psycopg may not know the encoding."""
    differs = [f"current_setting('{name}') <> '{value}'" for name, value in OURS.items()]
    (row,) = connection.execute(f"SELECT {', '.join(differs)}".encode(), prepare=False).fetchall()
    return [name for name, differs in zip(OURS, row, strict=True) if differs]


@pytest.mark.parametrize(("name", "theirs", "ours"), INHERITED)
def test_a_setting_of_the_connection_does_not_matter(
    postgres: EmbeddedPostgres, name: str, theirs: str, ours: str
) -> None:
    options = f"-c {name}={theirs}".replace(", ", ",").replace("e r", r"e\ r")
    warehouse = Warehouse(lambda: psycopg.connect(postgres.url(), options=options))
    with warehouse.connect() as inherited:
        assert name in differing(inherited)
    with warehouse.session() as connection:
        assert connection.execute("SELECT current_setting(%s), 'ä'", [name]).fetchone() == (ours, "ä")


@pytest.mark.parametrize("whose", ["ROLE", "DATABASE"])
def test_settings_of_role_and_database_do_not_matter(postgres: EmbeddedPostgres, empty_dsn: str, whose: str) -> None:
    role = f"set_{secrets.token_hex(4)}"
    with psycopg.connect(postgres.url(), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'x'").format(sql.Identifier(role)))
        try:
            named = sql.Identifier(role if whose == "ROLE" else str(conninfo_to_dict(empty_dsn)["dbname"]))
            for name, theirs in THEIRS.items():
                values = sql.SQL(", ").join(map(sql.Literal, theirs.split(", ")))
                alter = sql.SQL("ALTER {} {} SET {} = {}").format(sql.SQL(whose), named, sql.Identifier(name), values)
                admin.execute(alter)
            warehouse = Warehouse(lambda: psycopg.connect(empty_dsn, user=role, password="x"))
            with warehouse.connect() as inherited:
                assert differing(inherited) == list(OURS)
            with warehouse.session() as connection:
                assert differing(connection) == []
        finally:
            admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


def test_settings_of_the_environment_do_not_matter(postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGOPTIONS", "-c statement_timeout=3s -c search_path=mine")
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    monkeypatch.setenv("PGDATESTYLE", "German")
    monkeypatch.setenv("PGTZ", "Asia/Kolkata")
    warehouse = Warehouse(lambda: psycopg.connect(postgres.url()))
    with warehouse.connect() as inherited:
        expected = {"client_encoding", "datestyle", "timezone", "search_path", "statement_timeout"}
        assert expected <= set(differing(inherited))
    with warehouse.session() as connection:
        assert differing(connection) == []


def test_settings_survive_a_transaction_that_is_rolled_back(postgres: EmbeddedPostgres) -> None:
    with Warehouse(lambda: psycopg.connect(postgres.url(), options="-c DateStyle=German")).session() as connection:
        with connection.transaction(force_rollback=True):
            connection.execute("SELECT 1")
        assert differing(connection) == []


def test_rows_are_tuples_whatever_the_connection_makes_of_them(postgres: EmbeddedPostgres) -> None:
    with Warehouse(lambda: psycopg.connect(postgres.url(), row_factory=dict_row)).session() as connection:
        assert connection.execute("SELECT 1 AS one").fetchone() == (1,)


def test_an_administrator_sees_which_process_a_session_belongs_to_unless_it_has_a_name(
    postgres: EmbeddedPostgres,
) -> None:
    with Warehouse(lambda: psycopg.connect(postgres.url())).session() as connection:
        ((name,),) = connection.execute("SELECT current_setting('application_name')").fetchall()
        assert name.startswith("psa-sync ")
    named = Warehouse(lambda: psycopg.connect(postgres.url(), application_name="mine"))
    with named.session() as connection:
        assert connection.execute("SELECT current_setting('application_name')").fetchone() == ("mine",)


def test_writing_that_someone_switched_off_stays_off(postgres: EmbeddedPostgres) -> None:
    read_only = Warehouse(lambda: psycopg.connect(postgres.url(), options="-c default_transaction_read_only=on"))
    with pytest.raises(WarehouseError, match="read-only"), read_only.transaction() as connection:
        connection.execute("CREATE TABLE public.x ()")
