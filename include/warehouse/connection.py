"""Connections to the warehouse, and what Postgres' errors mean for the person on call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import errors

from include.model.errors import ConfigError, WarehouseDown, WarehouseError

Connection = psycopg.Connection[Any]

FULL = (errors.DiskFull, errors.OutOfMemory, errors.TooManyConnections, errors.ConfigurationLimitExceeded)
TRANSIENT = (errors.DeadlockDetected, errors.SerializationFailure, errors.LockNotAvailable, errors.QueryCanceled)
ALTERED = (errors.UndefinedTable, errors.UndefinedColumn, errors.DatatypeMismatch, errors.InvalidSchemaName)


@dataclass(frozen=True)
class Warehouse:
    """The Postgres database that the rows are stored in."""

    connect: Callable[[], AbstractContextManager[Connection]]
    """Opens one more connection, for one block."""

    @contextmanager
    def session(self) -> Iterator[Connection]:
        """One connection in autocommit, for `with connection.transaction()` as often as needed."""
        try:
            with self.connect() as connection:
                connection.autocommit = True
                # A merge that waited for another one has to see what that one wrote.
                connection.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
                yield connection
        except psycopg.Error as error:
            raise explained(error) from None  # without the original, whose text quotes whole rows

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One connection, one transaction: committed at the end, rolled back on any error."""
        with self.session() as connection, connection.transaction():
            yield connection


def open_warehouse(conn_id: str = "psa_warehouse") -> Warehouse:
    """The warehouse behind an Airflow connection, through the Postgres provider's hook."""
    from airflow.providers.postgres.hooks.postgres import PostgresHook
    from airflow.sdk.exceptions import AirflowNotFoundException

    hook = PostgresHook(postgres_conn_id=conn_id)
    try:
        hook.get_connection(conn_id)
    except AirflowNotFoundException:
        raise ConfigError(
            f"There is no Airflow connection '{conn_id}'. Create it under Admin, Connections, type Postgres: "
            "it is the database that the PSA's data is copied into."
        ) from None

    def connect() -> Connection:
        connection = hook.get_conn()
        if not isinstance(connection, psycopg.Connection):
            raise ConfigError("The Postgres provider uses psycopg2 here; install SQLAlchemy 2 and psycopg 3.")
        return connection

    return Warehouse(connect)


def explained(error: psycopg.Error) -> WarehouseError:
    """The error in a sentence; without its details, since Postgres quotes whole rows there."""
    said = error.diag.message_primary or str(error).strip().splitlines()[0]
    if isinstance(error, FULL):
        return WarehouseDown(f"Postgres has no room: {said}. Nothing was merged. Free space, then clear this task.")
    if isinstance(error, TRANSIENT):
        return WarehouseDown(f"Postgres cancelled the statement in favour of other work: {said}. Nothing was merged.")
    if isinstance(error, errors.InsufficientPrivilege):
        return WarehouseError(
            f"Postgres denied a permission: {said}. Nothing was merged. The role of the warehouse connection must own "
            "the schemas psa and psa_staging, or be allowed to create them."
        )
    if isinstance(error, ALTERED):
        return WarehouseError(
            f"The warehouse schema is not as this package created it: {said}. Nothing was merged. "
            "Clear the task 'preflight' with its downstream tasks; it repairs the difference, or names it."
        )
    if isinstance(error, errors.IntegrityError):
        name = f" (constraint {error.diag.constraint_name})" if error.diag.constraint_name else ""
        column = f" (column {error.diag.column_name})" if error.diag.column_name else ""
        return WarehouseError(
            f"The warehouse refused a row{name}{column}: {said}. Nothing was merged. "
            "If someone has added a constraint to the schema psa, drop it."
        )
    if isinstance(error, errors.OperationalError):
        return WarehouseDown(
            f"Postgres cannot be reached: {said}. Nothing was merged. Check the server and the connection "
            "psa_warehouse (host, port, database, login)."
        )
    return WarehouseError(f"Postgres refused: {said}. Nothing was merged.")
