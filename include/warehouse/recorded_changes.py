"""What a run has recorded in psa.changes, or a dry run in psa.dry_run_changes, for its log and its report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg import sql
from psycopg.rows import class_row

from include.model.run import Run
from include.model.tables import SCHEMA
from include.warehouse.changes import CHANGES, DRY_RUN_CHANGES
from include.warehouse.connection import Connection

# From the time on when the run began, since they are found by time.
_COUNT = """
    SELECT count(*) FROM {} WHERE source = %(source)s AND run_id = %(run_id)s AND source_id IS NOT NULL
    AND changed_at >= (
        SELECT min(started_at) FROM psa.sync_runs WHERE source = %(source)s AND run_id = %(run_id)s)
"""
_FIRST = """
    SELECT change, source_id, COALESCE(after ->> 'name', t.name) AS name, before, after FROM (
        SELECT *, row_number() OVER (PARTITION BY change ORDER BY change_id) AS place FROM {changes}
        WHERE source = %(source)s AND run_id = %(run_id)s AND table_name = %(table)s) c
    LEFT JOIN {target} t USING (source, source_id) WHERE place <= %(most)s ORDER BY change, place
"""


@dataclass(frozen=True)
class RecordedChange:
    """A row that a run has changed, or would change."""

    change: str
    """new, changed, deleted or returned."""
    source_id: str
    """The vendor's key of the record."""
    name: str | None
    """The record's name."""
    before: Mapping[str, Any] | None
    """What differs, as it was; None for a new row."""
    after: Mapping[str, Any]
    """The same as it is, or all that a new row has."""


def changes_of_run(connection: Connection, run: Run, *, dry_run: bool) -> int:
    """How many changes of records a run has recorded; the line of a first load is none."""
    statement = sql.SQL(_COUNT).format(sql.Identifier(SCHEMA, DRY_RUN_CHANGES if dry_run else CHANGES))
    row = connection.execute(statement, {"source": run.source, "run_id": run.run_id}).fetchone()
    return int(row[0]) if row else 0


def first_dry_run_changes(connection: Connection, run: Run, table: str, most: int) -> list[RecordedChange]:
    """The first few changes of each kind that a dry run would make in a table."""
    statement = sql.SQL(_FIRST).format(
        changes=sql.Identifier(SCHEMA, DRY_RUN_CHANGES), target=sql.Identifier(SCHEMA, table)
    )
    values = {"source": run.source, "run_id": run.run_id, "table": table, "most": most}
    with connection.cursor(row_factory=class_row(RecordedChange)) as cursor:
        return cursor.execute(statement, values).fetchall()
