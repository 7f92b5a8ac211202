"""A ledger of years, written at once: for pictures of the status page and for the bench of it."""

from __future__ import annotations

from collections.abc import Sequence

from include.model.tables import TABLES
from include.warehouse.connection import Connection

# A run each night, and some more over the day; on every seventh day someone forced one. Every 40th nightly run of a
# table failed.
_NIGHTS = """
    INSERT INTO psa.sync_runs (source, run_id, table_name, state, dry_run, note, started_at, extracted_at, finished_at,
        merged_as_of, requests, retries, waited_seconds, queued_seconds, fetched, inserted, updated, unchanged,
        duplicate, rejected, deleted, live)
    SELECT source, 'psa_' || source || '/' || kind || '__' || to_char(at, 'YYYY-MM-DD"T"HH24:MI:SS') || '+00:00',
        name, CASE WHEN fails THEN 'failed' ELSE 'loaded' END, false,
        CASE WHEN fails THEN 'The PSA did not answer within 30 s.' END, at,
        CASE WHEN NOT fails THEN at + took END, CASE WHEN NOT fails THEN at + took END,
        CASE WHEN NOT fails THEN at END, 40 + n, 0, 0, mod(n, 9), 1000 + n,
        mod(n, 7), mod(n, 31), 1000 + n - mod(n, 7) - mod(n, 31) - mod(n, 3), 0, mod(n, 3), mod(n, 5),
        CASE WHEN NOT fails THEN 12000 - n END
    FROM (
        SELECT s.source, t.name, n, kind, at, took, kind = 'scheduled' AND mod(n * 7 + length(t.name), 40) = 0 AND n > 0
            AS fails
        FROM unnest(%(sources)s::text[]) AS s (source) CROSS JOIN unnest(%(tables)s::text[]) AS t (name)
        CROSS JOIN generate_series(0, %(nights)s - 1) AS n
        CROSS JOIN LATERAL (
            VALUES ('scheduled', interval '0'), ('manual', interval '9 hours')
            UNION ALL
            SELECT 'quick', number * interval '1 day' / (%(quick)s + 1) FROM generate_series(1, %(quick)s) AS number
        ) AS k (kind, later)
        CROSS JOIN LATERAL (SELECT clock_timestamp() - interval '3 hours' - n * interval '1 day' + later AS at,
            make_interval(secs => 20 + 17 * (mod(n, 11)))) AS r (at, took)
        WHERE at < clock_timestamp() AND (kind <> 'manual' OR mod(n, 7) = 5)
    ) AS runs
"""
_WATERMARKS = """
    INSERT INTO psa.sync_watermarks (source, table_name, watermark, run_id)
    SELECT source, table_name, max(started_at), max(run_id) FROM psa.sync_runs
    WHERE state = 'loaded' AND source = ANY(%(sources)s) GROUP BY source, table_name
"""


def write_nights(connection: Connection, sources: Sequence[str], *, nights: int, quick: int = 0) -> None:
    """The runs of so many nights, the last of them three hours ago, and of so many quick runs after each."""
    tables = [table.name for table in TABLES]
    values = {"sources": list(sources), "tables": tables, "nights": nights, "quick": quick}
    for statement in (_NIGHTS, _WATERMARKS):
        connection.execute(statement, values)
