"""Create and complete the schemas: tables, columns, primary keys, indexes and comments as the model lists them."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg import sql

from include.model.errors import WarehouseError
from include.model.ledger_tables import LEDGER, LEDGER_TABLES
from include.model.tables import SCHEMA, TABLES, Table, TableColumn
from include.model.wording import counted
from include.warehouse.columns import existing_columns
from include.warehouse.connection import Connection, Warehouse
from include.warehouse.session import lock_limit

if TYPE_CHECKING:
    from typing_extensions import LiteralString

log = logging.getLogger(__name__)

STAGING_SCHEMA = "psa_staging"
LOCK: LiteralString = "SELECT pg_advisory_xact_lock(hashtextextended('psa schema', 0))"  # one task at a time
CHANGE_SECONDS = 10.0  # while a change of a table waits for others, all who come later wait for it

_TABLES = """
    SELECT c.relname, obj_description(c.oid, 'pg_class'), c.relkind IN ('r', 'p')
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = %s
"""

_COLUMNS = """
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), col_description(c.oid, a.attnum)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE n.nspname = %s AND c.relkind IN ('r', 'p')
"""

_PRIMARY_KEYS = """
    SELECT c.relname, array_agg(a.attname::text ORDER BY array_position(k.conkey, a.attnum))
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY(k.conkey)
    WHERE n.nspname = %s AND k.contype = 'p' GROUP BY c.relname
"""


@dataclass(frozen=True)
class Catalog:
    """What the database has now."""

    schemas: set[str]
    """The names of all schemas."""
    tables: dict[str, str | None]
    """Table of our schema → comment."""
    columns: dict[tuple[str, str], tuple[str, str | None]]
    """(table, column) → (type, comment)."""
    primary_keys: dict[str, tuple[str, ...]]
    """Table → columns of its primary key."""
    other_names: set[str]
    """What else has a name in our schema: views, sequences, indexes."""


def ensure_schema(warehouse: Warehouse, tables: Sequence[Table] = (*TABLES, *LEDGER_TABLES)) -> None:
    """Create or complete the schemas; safe to run twice and from several tasks at once.

    Changes nothing when nothing is missing, so that a role without the right to create can run it.
    Raises WarehouseError that names each table that is not ours, and each column whose type someone has changed.
    """
    with warehouse.session() as connection, lock_limit(connection, min(CHANGE_SECONDS, warehouse.lock_seconds)):
        if not _statements(connection, tables):
            return
        connection.execute(LOCK)
        statements = _statements(connection, tables)
        if not statements:  # another task was quicker
            return
        for statement in statements:
            connection.execute(statement)
        done = counted(len(statements), "statement")
        log.info("Warehouse: schema %s was created or completed (%s).", SCHEMA, done)


def _statements(connection: Connection, tables: Sequence[Table]) -> list[sql.Composed]:
    """The statements that bring the database to what the model lists."""
    catalog = read_catalog(connection)
    if foreign := foreign_names(catalog):
        raise WarehouseError(f"{in_the_way(foreign)} Nothing was changed.")
    wrong = [problem for table in tables for problem in _wrong_types(table, catalog)]
    if wrong:
        raise WarehouseError(
            f"Someone has changed the schema {SCHEMA}: {' '.join(wrong)} Nothing was merged. "
            "Change the columns back to that type, or drop them: the next run creates and fills them again."
        )
    schemas = [
        sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema))
        for schema in (SCHEMA, STAGING_SCHEMA)
        if schema not in catalog.schemas
    ]
    return schemas + [statement for table in tables for statement in _table_statements(table, catalog)]


def ensure_ledger(warehouse: Warehouse) -> None:
    """Complete the sync's own tables in a run of an older release, of which this one does the rest."""
    with warehouse.session() as connection:
        is_complete = has_ledger(connection)
    if not is_complete:
        ensure_schema(warehouse, LEDGER_TABLES)


def has_ledger(connection: Connection) -> bool:
    """Whether the ledger has the columns of this release."""
    return existing_columns(connection, LEDGER.name) >= {column.name for column in LEDGER.columns}


def read_catalog(connection: Connection) -> Catalog:
    """What of ours, or in the way of it, is in the database."""
    columns = connection.execute(_COLUMNS, [SCHEMA]).fetchall()
    names = connection.execute(_TABLES, [SCHEMA]).fetchall()
    return Catalog(
        schemas={row[0] for row in connection.execute("SELECT nspname FROM pg_namespace").fetchall()},
        tables={name: comment for name, comment, is_table in names if is_table},
        columns={(row[0], row[1]): (row[2], row[3]) for row in columns},
        primary_keys={row[0]: tuple(row[1]) for row in connection.execute(_PRIMARY_KEYS, [SCHEMA]).fetchall()},
        other_names={name for name, _, is_table in names if not is_table},
    )


def foreign_names(catalog: Catalog) -> list[str]:
    """The names of our tables that something else has: it would be changed, or be in the way."""
    return [table.name for table in (*TABLES, *LEDGER_TABLES) if _is_foreign(table, catalog)]


def in_the_way(names: Iterable[str]) -> str:
    """What to do about foreign names."""
    return (
        f"In the schema {SCHEMA} there is something else under a name that this package needs: {', '.join(names)}. "
        "Rename it, or move it to another schema."
    )


def _is_foreign(table: Table, catalog: Catalog) -> bool:
    if table.name in catalog.tables:
        return any((table.name, column) not in catalog.columns for column in table.primary_key)
    return table.name in catalog.other_names


def _wrong_types(table: Table, catalog: Catalog) -> list[str]:
    return [
        f"{table.name}.{column.name} is of type {found[0]}, not {column.type}."
        for column in table.columns
        if (found := catalog.columns.get((table.name, column.name))) and found[0] != column.type
    ]


def _table_statements(table: Table, catalog: Catalog) -> list[sql.Composed]:
    name = _name(table)
    if table.name not in catalog.tables:
        statements = [_create(table)]
    else:
        statements = [
            sql.SQL("ALTER TABLE {} ADD COLUMN {}").format(name, _definition(column))
            for column in table.columns
            if (table.name, column.name) not in catalog.columns
        ]
        statements += [
            sql.SQL("ALTER TABLE {} DROP COLUMN {}").format(name, sql.Identifier(column))
            for column in table.dropped
            if (table.name, column) in catalog.columns
        ]
        if catalog.primary_keys.get(table.name) != table.primary_key:
            statements.append(sql.SQL("ALTER TABLE {} ADD {}").format(name, _primary_key(table)))
    statements += [
        _create_index(table, columns) for columns in table.indexes if _index(table, columns) not in catalog.other_names
    ]
    if catalog.tables.get(table.name) != table.comment:
        statements.append(sql.SQL("COMMENT ON TABLE {} IS {}").format(name, table.comment))
    return statements + [
        sql.SQL("COMMENT ON COLUMN {} IS {}").format(sql.Identifier(SCHEMA, table.name, column.name), column.comment)
        for column in table.columns
        if catalog.columns.get((table.name, column.name), ("", None))[1] != column.comment
    ]


def _create(table: Table) -> sql.Composed:
    checks = [sql.SQL("CHECK (" + check + ")") for check in table.checks]
    parts = [*map(_definition, table.columns), _primary_key(table), *checks]
    return sql.SQL("CREATE TABLE {} ({})").format(_name(table), sql.SQL(", ").join(parts))


def _create_index(table: Table, columns: tuple[str, ...]) -> sql.Composed:
    of = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL("CREATE INDEX {} ON {} ({})").format(sql.Identifier(_index(table, columns)), _name(table), of)


def _index(table: Table, columns: tuple[str, ...]) -> str:
    return f"{table.name}_by_{'_'.join(columns)}"


def _name(table: Table) -> sql.Identifier:
    return sql.Identifier(SCHEMA, table.name)


def _primary_key(table: Table) -> sql.Composed:
    return sql.SQL("PRIMARY KEY ({})").format(sql.SQL(", ").join(map(sql.Identifier, table.primary_key)))


def _definition(column: TableColumn) -> sql.Composed:
    counted_by_postgres = sql.SQL(" GENERATED ALWAYS AS IDENTITY" if column.is_counted else "")
    return sql.SQL("{} {}{}").format(sql.Identifier(column.name), sql.SQL(column.type), counted_by_postgres)
