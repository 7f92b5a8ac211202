"""Connections to the warehouse."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from include.model.errors import ConfigError
from include.warehouse.meanings import explained

__all__ = ["Connection", "Warehouse", "explained", "open_warehouse"]

Connection = psycopg.Connection[Any]


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
