"""Databases and connections for tests. Both are used again, since creating one takes longer than most tests do."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Hashable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from demo.postgres import EmbeddedPostgres
from include.model.tables import SCHEMA
from include.warehouse.connection import Connection, Warehouse
from include.warehouse.schema import STAGING_SCHEMA, ensure_schema
from include.warehouse.views import ensure_views

SAVED_SCHEMA = "saved"

# Every column and constraint outside staging, and what the database is set to. A test that changed one of them leaves a
# database that is not used again.
_SHAPE = """
    SELECT n.nspname, c.relname, c.relkind::text, a.attnum, a.attname, a.atttypid::bigint, a.attnotnull
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
    WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname NOT IN ('information_schema', 'psa_staging') ORDER BY 1, 2, 4
"""
_CONSTRAINTS = "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype <> 't' ORDER BY 1, 2"
_SETTINGS = """
    SELECT setconfig FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
    WHERE d.datname = current_database() ORDER BY s.setrole
"""
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1"
_USED = """
    SELECT relname FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > 0
"""
_OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> %s"
# Of all databases and roles. A connection has what was set when it was opened.
_DEFAULTS = b"SELECT COALESCE(sum(hashtext(s::text)), 0) FROM pg_db_role_setting s"


@contextmanager
def database(server: EmbeddedPostgres, *, like: str | None = None) -> Iterator[str]:
    """The address of a new database, a copy of the one at `like`; dropped after the block."""
    name = f"test_{secrets.token_hex(6)}"
    new, model = map(sql.Identifier, (name, str(conninfo_to_dict(like)["dbname"]) if like else "template1"))
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(new, model))
        try:
            yield server.url(name)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(new))


class EmptyWarehouses:
    """Databases with our schema and no row, as preflight leaves them. A returned one is emptied and used again."""

    def __init__(self, server: EmbeddedPostgres, stack: ExitStack) -> None:
        """They are dropped when `stack` is closed."""
        self._server, self._stack = server, stack
        self._model = stack.enter_context(database(server))
        self._free: list[str] = []
        model = Warehouse(lambda: psycopg.connect(self._model))
        ensure_schema(model)
        ensure_views(model)
        with psycopg.connect(self._model) as connection:
            self._shape = _shape(connection)

    def new(self) -> str:
        """The address of one that stays the caller's."""
        return self._free.pop() if self._free else self._stack.enter_context(database(self._server, like=self._model))

    @contextmanager
    def borrow(self) -> Iterator[str]:
        """The address of one that others get after the block, unless its tables were altered meanwhile."""
        dsn = self.new()
        try:
            yield dsn
        finally:
            with psycopg.connect(dsn, autocommit=True) as connection:
                if _shape(connection) == self._shape:
                    _empty(connection)
                    self._free.append(dsn)


class FilledWarehouses:
    """Warehouses that were filled once, and are given out with the rows that they had then."""

    def __init__(self, empty: EmptyWarehouses) -> None:
        self._empty = empty
        self._filled: dict[Hashable, str] = {}

    def like(self, model: Hashable, fill: Callable[[str], object]) -> str:
        """The address of the warehouse that `fill` has filled under this name."""
        if model in self._filled:
            restore_rows(self._filled[model])
        else:
            dsn = self._empty.new()
            fill(dsn)
            save_rows(dsn)
            self._filled[model] = dsn
        return self._filled[model]


def save_rows(dsn: str) -> None:
    """Copy all rows of a warehouse, for `restore_rows`."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(SAVED_SCHEMA)))
        for name in _tables(connection, SCHEMA):
            saved, table = sql.Identifier(SAVED_SCHEMA, name), sql.Identifier(SCHEMA, name)
            connection.execute(sql.SQL("CREATE TABLE {} AS TABLE {}").format(saved, table))


def restore_rows(dsn: str) -> None:
    """Make a warehouse what it was when its rows were saved."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        _empty(connection)
        for name in _tables(connection, SCHEMA):
            saved, table = sql.Identifier(SAVED_SCHEMA, name), sql.Identifier(SCHEMA, name)
            connection.execute(sql.SQL("INSERT INTO {} OVERRIDING SYSTEM VALUE TABLE {}").format(table, saved))


def _shape(connection: Connection) -> list[tuple[Any, ...]]:
    return [row for query in (_SHAPE, _CONSTRAINTS, _SETTINGS) for row in connection.execute(query).fetchall()]


def _empty(connection: Connection) -> None:
    """No row, no staging table, and no one else connected."""
    connection.execute(_OTHERS, [connection.info.backend_pid])
    for name in _tables(connection, STAGING_SCHEMA):
        connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(STAGING_SCHEMA, name)))
    used = [sql.Identifier(SCHEMA, name) for (name,) in connection.execute(_USED, [SCHEMA]).fetchall()]
    if used:  # an empty table takes as long as a full one
        connection.execute(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(used)))


def _tables(connection: Connection, schema: str) -> list[str]:
    return [name for (name,) in connection.execute(_TABLES, [schema]).fetchall()]


@dataclass
class Connections:
    """Connections to one database, as many as are in use at the same time; closed after the block."""

    dsn: str
    _all: list[Connection] = field(default_factory=list)
    _free: list[Connection] = field(default_factory=list)
    _known_defaults: object = None

    def __enter__(self) -> Connections:
        return self

    def __exit__(self, *_: object) -> None:
        for connection in self._all:
            connection.close()

    @contextmanager
    def borrow(self) -> Iterator[Connection]:
        """A connection as good as new; returned after the block, which must not leave a transaction open."""
        connection = self._free.pop() if self._free else self._new()
        if self._defaults(connection) != self._known_defaults:
            self._free.clear()
            connection = self._new()
        try:
            yield connection
        finally:
            if not connection.closed:
                connection.rollback()
                connection.autocommit = True
                connection.execute("RESET ALL; SELECT pg_advisory_unlock_all()")
                connection.autocommit = False
                self._free.append(connection)

    def _new(self) -> Connection:
        connection = psycopg.connect(self.dsn)
        self._all.append(connection)
        self._known_defaults = self._defaults(connection)
        return connection

    def _defaults(self, connection: Connection) -> object:
        """A number that changes with what databases and roles are set to."""
        connection.autocommit = True
        defaults = connection.execute(_DEFAULTS, prepare=False).fetchone()
        connection.autocommit = False
        return defaults
