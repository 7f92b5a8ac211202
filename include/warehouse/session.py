"""What every database session of ours is set to, and the proof that it is one session of Postgres."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.pq import TransactionStatus

from include.model.errors import ConfigError, WarehouseError

if TYPE_CHECKING:
    from typing_extensions import LiteralString

Connection = psycopg.Connection[Any]

OLDEST_SERVER = 150000
LOCK_SECONDS = 60.0  # how long a statement waits for a lock: longer than a merge takes
LOOKS = 3  # other clients of a pooler may hide it from a single look
WORK_MEM = "64MB"  # for each hash table: about 100,000 rows
IMITATIONS = ("YB",)  # what others write behind the number; most of them claim an old version anyway
APPLICATION_NAME_CHARACTERS = 63

# Everything that the server, the database, the role, the environment or the connection's extra may set otherwise.
# `default_transaction_read_only` is not here: where it is on, someone has stopped all writing on purpose.
_SETTINGS = """
    -- How values and statements are written and read. psycopg reads dates and intervals in this form only.
    SET client_encoding = 'UTF8';
    SET DateStyle = 'ISO, MDY';
    SET IntervalStyle = 'postgres';
    SET TimeZone = 'UTC';
    SET extra_float_digits = 1;
    SET standard_conforming_strings = on;
    SET quote_all_identifiers = off;

    -- No one's function, operator or type is taken for one of Postgres' own.
    SET search_path = pg_catalog, pg_temp;

    -- A merge that waited for another one has to see what that one wrote. Rows that a policy hides are an error.
    SET default_transaction_isolation = 'read committed';
    SET row_security = off;
    SET default_table_access_method = 'heap';

    -- A large merge takes its time, and a PSA takes its own between two pages.
    SET statement_timeout = 0;
    SET idle_in_transaction_session_timeout = 0;
    SET idle_session_timeout = 0;

    -- Postgres notices after two minutes, not two hours, that a worker has vanished. Then it releases its locks.
    SET tcp_keepalives_idle = 60;
    SET tcp_keepalives_interval = 10;
    SET tcp_keepalives_count = 6;
"""
_SINCE_17 = "SET transaction_timeout = 0;"


def prepare(connection: Connection, lock_seconds: float = LOCK_SECONDS) -> None:
    """Make the session what the statements of this package rely on, whatever it has inherited."""
    settings = f"{_SETTINGS} SET lock_timeout = '{lock_seconds * 1000:.0f}ms';"
    if connection.info.server_version >= 170000:
        settings += _SINCE_17
    if not connection.pgconn.parameter_status(b"application_name"):
        settings += f"SET application_name = '{_application_name()}';"
    # In one message, which cannot be prepared; as bytes, since psycopg does not know every inherited encoding.
    connection.execute(settings.encode(), prepare=False)


def check_server(connection: Connection) -> None:
    """Raise WarehouseError for a Postgres that is too old, and for what only speaks the protocol of Postgres."""
    version = (connection.pgconn.parameter_status(b"server_version") or b"unknown").decode("ascii", "replace")
    if connection.info.server_version < OLDEST_SERVER or any(name in version for name in IMITATIONS):
        raise WarehouseError(
            f"The server of the connection psa_warehouse says that it is Postgres {version}, and "
            f"{OLDEST_SERVER // 10000} or later is needed. Databases that only speak its protocol, such as Redshift, "
            "CockroachDB or YugabyteDB, do not serve. Enter another server there, then clear this task."
        )


@contextmanager
def lock_limit(connection: Connection, seconds: float) -> Iterator[None]:
    """A transaction, or a part of one, that waits for each lock for this time at most."""
    with connection.transaction(), _settings(connection, {"lock_timeout": f"{seconds * 1000:.0f}ms"}):
        yield


@contextmanager
def whole_tables(connection: Connection) -> Iterator[None]:
    """A part of a transaction whose statements join most rows of one table with most rows of another.

    Until a table was analysed, Postgres takes it for a small one and may look up its rows one by one. Here it reads
    each table once, and with enough memory for its hash tables.
    """
    with _settings(connection, {"enable_nestloop": "off", "work_mem": WORK_MEM}):
        yield


@contextmanager
def _settings(connection: Connection, settings: Mapping[str, str]) -> Iterator[None]:
    """A part of a transaction with other settings; what was set before is read and changed in one statement."""
    read = ", ".join("current_setting(%s)" for _ in settings)
    before = connection.execute(f"SELECT {read}, {_changed(settings)}", [*settings, *_pairs(settings)]).fetchone()
    assert before is not None  # noqa: S101 - the statement has one row
    try:
        yield
    finally:
        if connection.info.transaction_status is not TransactionStatus.INERROR:
            earlier = dict(zip(settings, before, strict=False))
            connection.execute(f"SELECT {_changed(earlier)}", _pairs(earlier))


def _changed(settings: Mapping[str, str]) -> LiteralString:
    return ", ".join("set_config(%s, %s, true)" for _ in settings)


def _pairs(settings: Mapping[str, str]) -> list[str]:
    return [part for setting in settings.items() for part in setting]


def limit_lock_waits(connection: Connection, limit: str) -> None:
    """The longest time that a statement of this session waits for a lock."""
    connection.execute("SELECT set_config('lock_timeout', %s, false)", [limit])


def check_is_own(connection: Connection, connect: Callable[[], AbstractContextManager[Connection]]) -> int:
    """The number of the session at the server.

    Raises ConfigError when a pooler shares out the sessions of Postgres: locks and settings would go astray. Nothing
    may be set before: it would stay with a session that others use. A pooler gives its clients numbers of its own; only
    where the number is not that of the session, a second connection shows whether the two share a session.
    """
    own = _number(connection)
    if own == connection.info.backend_pid:
        return own
    for _ in range(LOOKS):
        number = _number(connection)
        with connect() as other, other.transaction():
            if _number(other) == number or _number(connection) != number:
                raise ConfigError(
                    "Behind the connection psa_warehouse is a connection pooler that gives each transaction another "
                    "session of Postgres, such as PgBouncer with pool_mode = transaction. The sync needs sessions of "
                    "its own, for its locks. Enter Postgres itself in that connection, or a pool in session mode."
                )
    return own


def _number(connection: Connection) -> int:
    """The number of the session that Postgres runs this statement in."""
    row = connection.execute(b"SELECT pg_catalog.pg_backend_pid()", prepare=False).fetchone()
    return int(row[0]) if row else 0


def _application_name() -> str:
    """What a database administrator sees of the session: which process on which worker it belongs to."""
    host = "".join(character for character in socket.gethostname() if character.isalnum() or character in ".-_")
    return f"psa-sync {os.getpid()} on {host}"[:APPLICATION_NAME_CHARACTERS]
