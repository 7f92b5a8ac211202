"""Connections to the warehouse."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.rows import tuple_row

from include.airflow_store.extra import parsed_extra
from include.airflow_store.lookup import read_connection
from include.model.errors import ConfigError
from include.warehouse.lock_waits import LockWatch
from include.warehouse.meanings import explained
from include.warehouse.session import LOCK_SECONDS, Connection, check_is_own, check_server, prepare

__all__ = ["Connection", "Warehouse", "explained", "open_warehouse"]

# Names in the extra of the Airflow connection. A file that is missing is passed over by libpq in some cases.
FILES = ("sslrootcert", "sslcert", "sslkey", "sslcrl", "passfile")
SYSTEM_CAS = "system"
OURS = ("client_encoding", "cursor", "autocommit", "prepare_threshold", "row_factory", "cursor_factory", "context")
# A worker notices after two minutes that the server has vanished.
KEEPALIVES = {"keepalives_idle": 60, "keepalives_interval": 10, "keepalives_count": 6}
CREATE = "Create it under Admin, Connections, type Postgres: it is the database that the PSA's data is copied into."


@dataclass(frozen=True)
class _Session:
    """An open session, and what closes it."""

    connection: Connection
    watch: LockWatch
    stack: ExitStack


@dataclass(frozen=True)
class Warehouse:
    """The Postgres database that the rows are stored in."""

    connect: Callable[[], AbstractContextManager[Connection]]
    """Opens one more connection, for one block."""
    lock_seconds: float = LOCK_SECONDS
    """How long its sessions wait for a lock."""
    kept: list[_Session] | None = field(default=None, repr=False, compare=False)
    """Sessions that no one uses at the moment; None where each is closed after its use."""

    @contextmanager
    def session(self, *, is_reusable: bool = True) -> Iterator[Connection]:
        """One connection in autocommit, for `with connection.transaction()` as often as needed.

        It is not reusable where the block leaves settings or locks in the session.
        """
        one: _Session | None = None
        try:
            one = self._kept_session() or self._open()
            with one.stack as stack:  # which closes the session after every error
                yield one.connection
                if is_reusable and self.kept is not None and _is_idle(one.connection):
                    self.kept.append(replace(one, stack=stack.pop_all()))
        except psycopg.errors.LockNotAvailable as error:
            raise explained(error, one.watch.found if one else "") from None
        except psycopg.Error as error:
            raise explained(error) from None  # without the original, whose text quotes whole rows

    @contextmanager
    def keeping_sessions(self) -> Iterator[Warehouse]:
        """For one block, keep a session after its use for the next one, because connecting costs more than a query."""
        kept: list[_Session] = []
        try:
            yield replace(self, kept=kept)
        finally:
            for one in kept:
                with suppress(psycopg.Error):  # the server may have closed it
                    one.stack.close()

    def _open(self) -> _Session:
        with ExitStack() as stack:
            connection = stack.enter_context(self.connect())
            connection.autocommit = True
            connection.row_factory = tuple_row
            check_server(connection)
            number = check_is_own(connection, self.connect)
            prepare(connection, self.lock_seconds)
            watch = stack.enter_context(LockWatch(connection, number, self.lock_seconds))
            return _Session(connection, watch, stack.pop_all())

    def _kept_session(self) -> _Session | None:
        """A kept session that the server has not closed meanwhile."""
        while self.kept:
            one = self.kept.pop()
            try:
                one.connection.execute("")
            except psycopg.Error:
                with suppress(psycopg.Error):
                    one.stack.close()
            else:
                one.watch.found = ""
                return one
        return None

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One connection, one transaction: committed at the end, rolled back on any error."""
        with self.session() as connection, connection.transaction():
            yield connection


def open_warehouse(conn_id: str = "psa_warehouse") -> Warehouse:
    """The warehouse behind an Airflow connection, through the Postgres provider's hook."""
    from airflow.providers.postgres.hooks.postgres import PostgresHook
    from airflow.sdk.exceptions import AirflowException

    hook = PostgresHook(postgres_conn_id=conn_id, connection=_airflow_connection(conn_id))

    def connect() -> Connection:
        try:
            connection = hook.get_conn()
        except (ValueError, TypeError, AirflowException) as error:
            raise ConfigError(f"The Airflow connection '{conn_id}' cannot be used: {error}.") from None
        if not isinstance(connection, psycopg.Connection):
            raise ConfigError("The Postgres provider uses psycopg2 here; install SQLAlchemy 2 and psycopg 3.")
        return connection

    return Warehouse(connect)


def _is_idle(connection: Connection) -> bool:
    return connection.info.transaction_status is TransactionStatus.IDLE


def _airflow_connection(conn_id: str) -> Any:
    """The connection that a person typed, with what this package sets itself in its extra."""
    connection = deepcopy(read_connection(conn_id, create=CREATE))
    connection.extra = json.dumps(_extra(conn_id, connection.extra))
    return connection


def _extra(conn_id: str, typed: str | None) -> dict[str, Any]:
    """What libpq is given besides host, port, database, login and password."""
    extra = parsed_extra(conn_id, typed)
    for name in FILES:
        path = extra.get(name)
        if path and path != SYSTEM_CAS and not (isinstance(path, str) and Path(path).is_file()):
            raise ConfigError(
                f"'{name}' in the extra of '{conn_id}' names {path!r}, and there is no such file on this worker."
            )
    return {
        **KEEPALIVES,
        **{name: value for name, value in extra.items() if name not in OURS},
        "client_encoding": "UTF8",
    }
