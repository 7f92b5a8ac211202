"""Which columns a table of ours has: until preflight has run, those of an older release."""

from __future__ import annotations

from include.model.tables import SCHEMA
from include.warehouse.connection import Connection


def existing_columns(connection: Connection, table: str) -> frozenset[str]:
    """The names of the table's columns; none if there is no such table."""
    rows = connection.execute(
        "SELECT attname::text FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped",
        [f"{SCHEMA}.{table}"],
    ).fetchall()
    return frozenset(name for (name,) in rows)
