"""Changes that are kept long enough are deleted, a portion after each load, so that no run takes long for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from include.model.tables import SCHEMA
from include.warehouse.changes import CHANGES, DRY_RUN_CHANGES
from include.warehouse.connection import Connection
from include.warehouse.session import lock_limit

if TYPE_CHECKING:
    from typing_extensions import LiteralString

DRY_RUN_DAYS = 7
"""How long the changes of a dry run are kept."""
WAIT_SECONDS = 0.2
"""How long a deletion waits for a lock that someone has on the tables."""
PORTION = 100_000
"""The most changes that are deleted at once: more than most runs record in a table."""

# The oldest come first in the primary key. While another load deletes from the same table, this one leaves it to that.
_DELETE: LiteralString = """
    WITH turn AS MATERIALIZED (SELECT pg_try_advisory_xact_lock(hashtextextended({name}, 0)) AS is_ours)
    DELETE FROM {table} WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM {table} WHERE source = {source} AND changed_at < now() - make_interval(days => {days})
        AND (SELECT is_ours FROM turn) ORDER BY source, changed_at LIMIT {portion}))
"""


def delete_old_changes(connection: Connection, source: str, *, days: int, portion: int = PORTION) -> str:
    """Delete some of the changes that are older than so many days, in autocommit; a sentence if that failed.

    The next run goes on, so a failure is none of the load.
    """
    kept_days = {CHANGES: days, DRY_RUN_CHANGES: DRY_RUN_DAYS}
    try:
        with lock_limit(connection, WAIT_SECONDS):
            for name, kept in kept_days.items():
                statement = sql.SQL(_DELETE).format(
                    name=f"{SCHEMA}.{name}",
                    table=sql.Identifier(SCHEMA, name),
                    source=source,
                    days=kept,
                    portion=portion,
                )
                connection.execute(statement)
    except psycopg.Error as error:
        why = error.diag.message_primary or type(error).__name__
        tables = " and ".join(f"{SCHEMA}.{name}" for name in kept_days)
        return f"Old changes in {tables} could not be deleted: {why}. The next run tries again."
    return ""
