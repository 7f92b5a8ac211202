"""Runs that know more of a table than another run does."""

from __future__ import annotations

from include.warehouse.table_pair import TablePair


def newer_run(pair: TablePair) -> str | None:
    """Another run that began to list the same later and is merged already: it knows all that this one knows."""
    row = pair.first(
        """SELECT run_id FROM psa.sync_runs WHERE source = %(source)s AND table_name = %(table)s
           AND merged_as_of > %(started_at)s AND merged_as_of <= clock_timestamp() AND run_id <> %(run_id)s
           AND (company_source_id IS NULL OR company_source_id = %(company)s)
           AND (merged_since IS NULL OR merged_since <= %(since)s::timestamptz) LIMIT 1"""
    )
    return str(row[0]) if row else None
