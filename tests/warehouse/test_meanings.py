"""Each error of Postgres, of libpq and of a pooler says what it means, whether it passes, and what a person does."""

from __future__ import annotations

import re
from typing import Any

import psycopg
import pytest
from psycopg import errors

from demo.postgres import EmbeddedPostgres
from include.model.errors import ConfigError, LockHeld, PsaError, WarehouseDown, WarehouseError
from include.warehouse.connection import Warehouse, explained
from include.warehouse.meanings import MEANINGS

AT = 'connection to server at "db.example.com" (10.0.0.5), port 5432 failed: '


def exactly(kind: type[PsaError], error: BaseException) -> bool:
    """Whether it is this kind of error and no narrower one: WarehouseError does not pass, WarehouseDown may."""
    return type(error) is kind


@pytest.mark.parametrize(
    ("state", "kind", "said"),
    [
        ("53100", WarehouseDown, "has no room"),
        ("53200", WarehouseDown, "has no room"),
        ("53300", WarehouseDown, "has no free connection"),
        ("53400", WarehouseDown, "has no room"),
        ("25006", WarehouseDown, "read-only: a standby"),
        ("40001", WarehouseDown, "in favour of other work"),
        ("40P01", WarehouseDown, "in favour of other work"),
        ("55P03", LockHeld, "did not release a lock in time"),
        ("57014", WarehouseDown, "in favour of other work"),
        ("57P01", WarehouseDown, "starting or stopping"),
        ("57P03", WarehouseDown, "starting or stopping"),
        ("08006", WarehouseDown, "cannot be reached"),
        ("58030", WarehouseDown, "Postgres failed"),
        ("XX000", WarehouseDown, "Postgres failed"),
        ("XX001", WarehouseError, "are damaged"),
        ("22021", WarehouseError, "encoding must be UTF8"),
        ("22P05", WarehouseError, "encoding must be UTF8"),
        ("23514", WarehouseError, "refused a row"),
        ("P0001", WarehouseError, "A trigger or function in the database stopped"),
        ("42501", WarehouseError, "must own the schemas psa and psa_staging"),
        ("42P01", WarehouseError, "not as this package created it"),
        ("42P07", WarehouseError, "has a name that this package needs"),
        ("42704", WarehouseError, "a Postgres of version 15"),
        ("42601", WarehouseError, "Postgres refused"),
        ("28P01", ConfigError, "login and password of the connection psa_warehouse"),
        ("28000", ConfigError, "login and password of the connection psa_warehouse"),
        ("3D000", ConfigError, "the database .* of the connection psa_warehouse"),
        ("26000", ConfigError, "PgBouncer"),
        ("42P05", ConfigError, "PgBouncer"),
        ("99999", WarehouseError, "Postgres refused"),
    ],
)
def test_an_error_of_postgres_becomes_a_sentence(
    postgres: EmbeddedPostgres, state: str, kind: type[PsaError], said: str
) -> None:
    warehouse = Warehouse(lambda: psycopg.connect(postgres.url()))
    statement = f"DO $$ BEGIN RAISE EXCEPTION 'it said so' USING ERRCODE = '{state}', DETAIL = 'Ann 1970'; END $$"
    with pytest.raises(PsaError, match=said) as caught, warehouse.transaction() as connection:
        connection.execute(statement)
    assert exactly(kind, caught.value)
    assert "it said so. Nothing was merged." in str(caught.value)
    assert "1970" not in str(caught.value)


def test_a_trigger_that_does_not_find_what_it_uses_is_not_called_a_change_of_our_schema(warehouse_dsn: str) -> None:
    with psycopg.connect(warehouse_dsn, autocommit=True) as admin:
        admin.execute(
            """CREATE TABLE public.audit (at timestamptz);
               CREATE FUNCTION public.audited() RETURNS trigger LANGUAGE plpgsql AS $$
               BEGIN INSERT INTO audit VALUES (now()); RETURN NEW; END $$;
               CREATE TRIGGER audited BEFORE INSERT ON psa.sync_watermarks EXECUTE FUNCTION public.audited()"""
        )
    warehouse = Warehouse(lambda: psycopg.connect(warehouse_dsn))
    said = '(?s)A trigger or function .*: relation "audit" does not exist.*A function has to name the schema'
    with pytest.raises(WarehouseError, match=said), warehouse.transaction() as connection:
        connection.execute("INSERT INTO psa.sync_watermarks VALUES ('a', 'b', now(), 'c')")


@pytest.mark.parametrize(
    ("changes", "kind", "said"),
    [
        ({"password": "wrong"}, ConfigError, "Postgres refused the login: .*password authentication failed"),
        ({"password": ""}, ConfigError, "Postgres refused the login: .*no password supplied"),
        ({"user": "nobody"}, ConfigError, "Postgres refused the login"),
        ({"dbname": "nowhere"}, ConfigError, 'The database cannot be used: .*"nowhere" does not exist'),
        ({"host": "no.such.invalid"}, ConfigError, "There is no server with the host name"),
        ({"host": "[::1"}, ConfigError, "There is no server with the host name"),
        ({"port": 1}, WarehouseDown, "Postgres cannot be reached: .*Connection refused"),
        ({"port": 99999}, ConfigError, "A field of the connection .*invalid port number"),
        ({"port": "five"}, ConfigError, "A field of the connection .*invalid integer value"),
        ({"sslmode": "bogus"}, ConfigError, "sslmode.*in the extra of the connection psa_warehouse"),
        ({"sslmode": "require"}, ConfigError, "server does not support SSL, but SSL was required"),
        ({"keepalives": True}, ConfigError, 'invalid integer value "True" for connection option "keepalives"'),
        ({"bogus": "1"}, ConfigError, 'invalid connection option "bogus"'),
        ({"connect_timeout": "soon"}, ConfigError, "bad value for connect_timeout"),
        ({"options": "-c nosuch=1"}, ConfigError, 'unrecognized configuration parameter "nosuch"'),
        ({"options": "-c work_mem=much"}, ConfigError, 'invalid value for parameter "work_mem"'),
        ({"client_encoding": "MULE_INTERNAL"}, ConfigError, "conversion between MULE_INTERNAL and UTF8"),
        ({"target_session_attrs": "standby"}, WarehouseDown, "cannot be reached: .*not in hot standby mode"),
        ({"service": "nosuch"}, ConfigError, 'definition of service "nosuch" not found'),
    ],
)
def test_a_connection_that_cannot_be_opened_names_the_field(
    postgres: EmbeddedPostgres, changes: dict[str, Any], kind: type[PsaError], said: str
) -> None:
    warehouse = Warehouse(lambda: psycopg.connect(postgres.url(), **changes))
    with pytest.raises(PsaError, match=said) as caught, warehouse.session():
        pass
    assert exactly(kind, caught.value)
    assert "psa_warehouse" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (
            AT + 'FATAL:  no pg_hba.conf entry for host "10.0.0.9", user "sync", database "dwh", no encryption',
            ConfigError,
        ),
        (AT + 'FATAL:  role "sync" is not permitted to log in', ConfigError),
        (AT + "FATAL:  SASL authentication failed", ConfigError),
        (AT + 'FATAL:  permission denied for database "dwh"', ConfigError),
        (AT + "FATAL:  no such database: dwh", ConfigError),
        (AT + "SSL error: certificate verify failed", ConfigError),
        (AT + "SSL error: tlsv1 alert unknown ca", ConfigError),
        (AT + 'root certificate file "/ca.pem" does not exist', ConfigError),
        (AT + 'server certificate for "db" does not match host name "db.example.com"', ConfigError),
        (AT + "FATAL:  unsupported startup parameter: options", ConfigError),
        (AT + "received invalid response to SSL negotiation: H", ConfigError),
        (AT + "FATAL:  sorry, too many clients already", WarehouseDown),
        (AT + 'FATAL:  too many connections for role "sync"', WarehouseDown),
        (AT + "FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute", WarehouseDown),
        (AT + "FATAL:  no more connections allowed (max_client_conn)", WarehouseDown),
        (AT + "FATAL:  query_wait_timeout", WarehouseDown),
        (AT + "FATAL:  server login has been failing, try again later (server_login_retry)", WarehouseDown),
        (AT + "FATAL:  the database system is starting up", WarehouseDown),
        (AT + "FATAL:  the database system is not yet accepting connections", WarehouseDown),
        (AT + "FATAL:  the database system is in recovery mode", WarehouseDown),
        (AT + "session is read-only", WarehouseDown),
        (AT + "SSL SYSCALL error: EOF detected", WarehouseDown),
        (AT + "SSL connection has been closed unexpectedly", WarehouseDown),
        (AT + "timeout expired", WarehouseDown),
        (AT + "server closed the connection unexpectedly", WarehouseDown),
        ("connection timeout expired", WarehouseDown),
        ("failed to resolve host 'db': [Errno -3] Temporary failure in name resolution", WarehouseDown),
        ("failed to resolve host 'db': [Errno -2] Name or service not known", ConfigError),
        ("the connection is closed", WarehouseDown),
        ("", WarehouseDown),
    ],
)
def test_what_libpq_and_poolers_say_passes_or_names_the_connection(text: str, kind: type[PsaError]) -> None:
    error = explained(psycopg.OperationalError(text))
    assert exactly(kind, error)
    assert text in str(error)


def test_with_several_attempts_the_line_that_says_most_is_quoted() -> None:
    text = (
        f"{AT}Connection refused\nMultiple connection attempts failed. All failures were:\n"
        f"- host: 'a': {AT}FATAL:  password authentication failed for user \"sync\"\n"
        f"- host: 'b': {AT}Connection refused"
    )
    error = explained(psycopg.OperationalError(text))
    assert exactly(ConfigError, error)
    assert "password authentication failed" in str(error)
    assert "\n" not in str(error)


@pytest.mark.parametrize("error", [psycopg.InterfaceError, psycopg.DataError, psycopg.NotSupportedError])
def test_what_psycopg_raises_itself_is_an_error_of_the_warehouse(error: type[psycopg.Error]) -> None:
    assert exactly(WarehouseError, explained(error("invalid value: it said so")))


@pytest.mark.parametrize(
    "error",
    [
        errors.DuplicatePreparedStatement('prepared statement "_pg3_0" already exists'),
        errors.InvalidSqlStatementName('prepared statement "_pg3_0" does not exist'),
        psycopg.OperationalError("FATAL:  transaction blocks not allowed in statement pooling mode"),
    ],
)
def test_a_pooler_is_named_as_the_cause(error: psycopg.Error) -> None:
    said = str(explained(error))
    assert "PgBouncer" in said
    assert "pool" in said


def test_each_state_and_each_class_has_one_meaning() -> None:
    states = [state for meaning in MEANINGS for state in meaning.states.split()]
    assert len(states) == len(set(states))
    assert all(re.fullmatch("[0-9A-Z]{2}([0-9A-Z]{3})?", state) for state in states)
