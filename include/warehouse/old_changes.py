"""Changes that are kept long enough are deleted, a portion after each load, so that no run takes long for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from include.model.tables import SCHEMA
from include.model.wording import counted
from include.warehouse.changes import CHANGES, DRY_RUN_CHANGES
from include.warehouse.connection import Connection

if TYPE_CHECKING:
    from typing_extensions import LiteralString

DRY_RUN_DAYS = 7
"""How long the changes of a dry run are kept."""
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
    for name, kept_days in ((CHANGES, days), (DRY_RUN_CHANGES, DRY_RUN_DAYS)):
        try:
            connection.execute(
                sql.SQL(_DELETE).format(
                    name=f"{SCHEMA}.{name}",
                    table=sql.Identifier(SCHEMA, name),
                    source=source,
                    days=kept_days,
                    portion=portion,
                )
            )
        except psycopg.Error as error:
            why = error.diag.message_primary or type(error).__name__
            kept = f"What {SCHEMA}.{name} has kept for {counted(kept_days, 'day')}"
            return f"{kept} could not be deleted: {why}. The next run tries again."
    return ""
