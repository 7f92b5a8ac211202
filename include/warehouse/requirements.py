"""What the database has to be before a run reads anything; nothing is written to find out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from psycopg.rows import class_row

from include.model.errors import WarehouseDown, WarehouseError
from include.model.ledger_tables import LEDGER_TABLES
from include.model.tables import SCHEMA, TABLES
from include.warehouse.connection import Connection, Warehouse
from include.warehouse.schema import STAGING_SCHEMA, foreign_names, in_the_way, read_catalog

T = TypeVar("T")

_DATABASE = """
    SELECT current_database()::text AS name, quote_ident(current_user) AS role,
           current_setting('server_encoding') AS encoding,
           current_setting('transaction_read_only')::boolean AS is_read_only, pg_is_in_recovery() AS is_standby,
           has_database_privilege(current_database(), 'CREATE') AS may_create
"""
_SCHEMAS = """
    SELECT nspname::text AS name, pg_get_userbyid(nspowner)::text AS owner,
           has_schema_privilege(oid, 'USAGE') AS may_use, has_schema_privilege(oid, 'CREATE') AS may_create
    FROM pg_namespace WHERE nspname = ANY(%s) ORDER BY nspname
"""
_TABLES = """
    SELECT c.relname::text AS name, row_security_active(c.oid) AS is_filtered,
           has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'INSERT')
           AND has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'DELETE') AS may_write
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = %s AND c.relname = ANY(%s) AND c.relkind IN ('r', 'p') ORDER BY c.relname
"""


@dataclass(frozen=True)
class Database:
    """The database of the connection, as its role sees it."""

    name: str
    role: str
    encoding: str
    is_read_only: bool
    is_standby: bool
    may_create: bool
    """Whether the role may create schemas."""


@dataclass(frozen=True)
class Schema:
    """One of our two schemas, where it exists."""

    name: str
    owner: str
    may_use: bool
    may_create: bool
    """Whether the role may create tables in it."""


@dataclass(frozen=True)
class ExistingTable:
    """One of our tables, where it exists."""

    name: str
    is_filtered: bool
    """Whether a policy decides which of its rows the role sees."""
    may_write: bool
    """Whether the role may read and change its rows."""


def check_database(warehouse: Warehouse) -> None:
    """Raise WarehouseError that names each thing that does not fit, or WarehouseDown when only writing is off."""
    names = [table.name for table in (*TABLES, *LEDGER_TABLES)]
    with warehouse.session() as connection:
        (database,) = _rows(connection, Database, _DATABASE, [])
        schemas = _rows(connection, Schema, _SCHEMAS, [[SCHEMA, STAGING_SCHEMA]])
        foreign = foreign_names(read_catalog(connection))
        ours = [name for name in names if name not in foreign]
        tables = _rows(connection, ExistingTable, _TABLES, [SCHEMA, ours])
    problems = [
        *_encoding(database),
        *_schemas(database, schemas, is_complete=len(tables) == len(names)),
        *([in_the_way(foreign)] if foreign else []),
        *_tables(database, tables),
    ]
    if problems:
        raise WarehouseError(f"{' '.join(problems)} Nothing was written. Fix it, then clear this task.")
    if database.is_read_only:
        raise WarehouseDown(_read_only(database))


def _rows(connection: Connection, kind: type[T], query: str, values: Sequence[object]) -> list[T]:
    with connection.cursor(row_factory=class_row(kind)) as cursor:
        return cursor.execute(query.encode(), values).fetchall()


def _encoding(database: Database) -> Iterator[str]:
    if database.encoding != "UTF8":
        yield (
            f"The encoding of the database {database.name} is {database.encoding}, which cannot hold all texts: it has "
            "to be UTF8. Create another database (CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0), and enter it "
            "in the connection psa_warehouse."
        )


def _schemas(database: Database, schemas: Sequence[Schema], *, is_complete: bool) -> Iterator[str]:
    role, found = database.role, {schema.name for schema in schemas}
    absent = [name for name in (SCHEMA, STAGING_SCHEMA) if name not in found]
    if absent and not database.may_create:
        create = " ".join(f"CREATE SCHEMA {name} AUTHORIZATION {role};" for name in absent)
        yield (
            f"The role {role} has no right to create a schema in the database {database.name}. Have an administrator "
            f"run: {create}"
        )
    for schema in schemas:
        may_create = schema.may_create or (schema.name == SCHEMA and is_complete)
        if not (schema.may_use and may_create):
            yield (
                f"The schema {schema.name} belongs to {schema.owner}, and the role {role} may not create tables in it. "
                f"If it is not used for anything else, have an administrator run: ALTER SCHEMA {schema.name} OWNER TO "
                f"{role};"
            )


def _tables(database: Database, tables: Sequence[ExistingTable]) -> Iterator[str]:
    role = database.role
    if closed := [table.name for table in tables if not table.may_write]:
        yield (
            f"The role {role} may not write these tables of the schema {SCHEMA}: {', '.join(closed)}. Have an "
            f"administrator run, for each: ALTER TABLE {SCHEMA}.{closed[0]} OWNER TO {role};"
        )
    if filtered := [table.name for table in tables if table.may_write and table.is_filtered]:
        yield (
            f"Row-level security hides rows of the schema {SCHEMA} from the role {role}, which has to see all of "
            f"{', '.join(filtered)}. Have an administrator run: ALTER ROLE {role} BYPASSRLS;"
        )


def _read_only(database: Database) -> str:
    if database.is_standby:
        return (
            "This Postgres is a standby, which is read-only. While a fail-over is under way this passes, and the task "
            "is tried again; else enter the primary as host of the connection psa_warehouse. Nothing was written."
        )
    return (
        f"Postgres is read-only for the role {database.role} in the database {database.name}: "
        "default_transaction_read_only is on. Some providers switch it on when the disk is full. The task is tried "
        "again; if it stays red, find out who switched it on. Nothing was written."
    )
