"""Postgres' statistics of a table, after a load that has inserted many rows."""

from __future__ import annotations

from psycopg import sql

from include.model.tables import SCHEMA
from include.warehouse.connection import Connection

MANY = 1_000
"""New rows from which on statistics are renewed."""


def renew_statistics(connection: Connection, table: str, *, inserted: int) -> None:
    """Analyse the keys of a table if so many inserted rows are many; not within a transaction.

    The first statement that reads new rows marks them as committed, which takes longer than reading them, most of all
    where pages have checksums. Without this, the next run would be that statement. Autovacuum still analyses the other
    columns. If another session has locked the table, nothing is done.
    """
    if inserted >= MANY:
        statement = "ANALYZE (SKIP_LOCKED) {} (source_id)"
        connection.execute(sql.SQL(statement).format(sql.Identifier(SCHEMA, table)))
