"""The tables in the schema psa_staging: their names, and when they are dropped."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from psycopg import errors, sql

from include.model.run import Run
from include.warehouse.connection import Connection
from include.warehouse.schema import STAGING_SCHEMA
from include.warehouse.session import lock_limit

if TYPE_CHECKING:
    from typing_extensions import LiteralString

# The suffix of a second table, in runs of one company and in quick runs: keys of rows that were looked for by key.
ASKED = "_asked"
# The suffix of a copy that a dry run compares; it is gone at the end of its transaction.
COPY = "_copy"
# The suffix of a third one, in quick runs: the keys of all records that the PSA has.
KEYS = "_keys"
KEPT_DAYS = 7  # how long a failed load can still be cleared
DROP_SECONDS = 0.2  # to drop a table is not urgent
COMMENT = "Staged by "  # the run

_STAGED = """
    SELECT c.relname::text, obj_description(c.oid, 'pg_class')
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relkind = 'r'
"""
_UNNEEDED: LiteralString = f"""
    SELECT run_id, table_name FROM psa.sync_runs
    WHERE source = %s AND run_id = ANY(%s) AND (
        state = 'loaded' OR (dry_run AND finished_at IS NOT NULL) OR started_at < now() - interval '{KEPT_DAYS} days')
"""


def table_name(run: Run, table: str) -> str:
    """The name of a run's staging table, derived from the run so that extract and load need not pass it on."""
    digest = hashlib.blake2b(f"{run.source}\n{run.run_id}".encode(), digest_size=8).hexdigest()
    return f"{table}_{digest}"


def names_of(run: Run, table: str) -> list[str]:
    """The names that a run's staging table and its tables of keys have, where they exist."""
    return [table_name(run, table), table_name(run, table + ASKED), table_name(run, table + KEYS)]


def drop_unneeded(connection: Connection, source: str) -> list[str]:
    """Drop the staging tables of this source whose rows are loaded, or can no longer be; not within a transaction.

    Returns the names of those that another session reads at the moment, such as a backup: a later run drops them.
    """
    staged = dict(connection.execute(_STAGED, [STAGING_SCHEMA]).fetchall())
    runs = [comment.removeprefix(COMMENT) for comment in staged.values() if comment]
    being_read = []
    for run_id, table in connection.execute(_UNNEEDED + "ORDER BY run_id, table_name", [source, runs]).fetchall():
        names = [name for name in names_of(Run(source, run_id), table) if name in staged]
        if not names:  # they were dropped before those of other tables of the run
            continue
        with connection.transaction():
            # An attempt that begins again has to wait for this row, and then creates its tables.
            unneeded = _UNNEEDED + "AND table_name = %s FOR UPDATE SKIP LOCKED"
            is_unneeded = connection.execute(unneeded, [source, [run_id], table]).fetchone()
            if is_unneeded and not drop_tables(connection, names):
                being_read += names
    return being_read


def existing(connection: Connection, names: list[str]) -> list[str]:
    """Those of the names that are tables."""
    rows = connection.execute(
        "SELECT tablename::text FROM pg_tables WHERE schemaname = %s AND tablename = ANY(%s)", [STAGING_SCHEMA, names]
    ).fetchall()
    return [row[0] for row in rows]


def drop_tables(connection: Connection, names: list[str]) -> bool:
    """Drop these tables, or none of them if another session uses one and goes on using it."""
    try:
        with lock_limit(connection, DROP_SECONDS):
            for name in names:
                connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(STAGING_SCHEMA, name)))
    except errors.LockNotAvailable:
        return False
    return True
