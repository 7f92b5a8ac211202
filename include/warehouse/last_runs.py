"""What the last runs of a PSA have read."""

from __future__ import annotations

from datetime import timedelta

from include.model.run import Run
from include.warehouse.connection import Connection

LATELY = timedelta(days=3)


def tables_read_lately(connection: Connection, run: Run) -> set[str]:
    """The tables that the last run of all companies before this one has listed and merged, unless that is long ago."""
    rows = connection.execute(
        """SELECT table_name FROM (
               SELECT DISTINCT ON (table_name) table_name, state, extracted_at FROM psa.sync_runs
               WHERE source = %s AND run_id <> %s AND company_source_id IS NULL ORDER BY table_name, started_at DESC
           ) AS last_run WHERE state = 'loaded' AND extracted_at > clock_timestamp() - %s""",
        [run.source, run.run_id, LATELY],
    ).fetchall()
    return {name for (name,) in rows}
