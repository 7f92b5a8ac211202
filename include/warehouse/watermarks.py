"""psa.sync_watermarks: up to when each table is complete, and since when the next quick run asks for changes.

A table is complete as of the begin of a listing. The watermark is earlier by the vendor's overlap: changes since then
are asked for again, because the PSA's dates may be wrong by as much.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from include.model.run import Run
from include.warehouse.connection import Connection
from include.warehouse.ledger_entry import Extent

# A full listing counts unless a later one was merged before it. What quick runs have added since it began stays true,
# unless that was listed with another setup, or the stored time is one that the clock has not reached.
_BY_FULL_LISTING = """
    INSERT INTO psa.sync_watermarks AS w
        (source, table_name, watermark, run_id, complete_as_of, next_since, full_at, setup_digest)
    SELECT source, table_name, %(to)s, run_id, started_at, %(to)s, started_at, setup_digest FROM psa.sync_runs
    WHERE source = %(source)s AND run_id = %(run_id)s AND table_name = %(table)s
      AND company_source_id IS NULL AND since IS NULL
    ON CONFLICT (source, table_name) DO UPDATE SET
        watermark = CASE WHEN w.setup_digest = excluded.setup_digest AND w.watermark <= clock_timestamp()
                         THEN GREATEST(w.watermark, excluded.watermark) ELSE excluded.watermark END,
        complete_as_of = CASE WHEN w.setup_digest = excluded.setup_digest AND w.complete_as_of <= clock_timestamp()
                              THEN GREATEST(w.complete_as_of, excluded.complete_as_of)
                              ELSE excluded.complete_as_of END,
        next_since = CASE WHEN w.setup_digest = excluded.setup_digest AND w.next_since <= clock_timestamp()
                          THEN GREATEST(w.next_since, excluded.next_since) ELSE excluded.next_since END,
        run_id = excluded.run_id, full_at = excluded.full_at, setup_digest = excluded.setup_digest
    WHERE COALESCE(w.full_at, w.watermark) < excluded.full_at OR COALESCE(w.full_at, w.watermark) > clock_timestamp()
"""
# Changes count where they follow the changes that were followed before, and where none was left out: the rows below a
# parent that could not be read may have changed as well.
_BY_CHANGES = """
    UPDATE psa.sync_watermarks w SET
        watermark = CASE WHEN %(is_dated)s THEN GREATEST(w.watermark, %(to)s) ELSE w.watermark END,
        complete_as_of = CASE WHEN %(is_dated)s THEN GREATEST(w.complete_as_of, r.started_at)
                              ELSE w.complete_as_of END,
        next_since = %(to)s, run_id = r.run_id
    FROM psa.sync_runs r
    WHERE r.source = %(source)s AND r.run_id = %(run_id)s AND r.table_name = %(table)s
      AND w.source = r.source AND w.table_name = r.table_name
      AND r.since <= w.next_since AND w.next_since < %(to)s AND w.setup_digest = r.setup_digest
      AND NOT EXISTS (SELECT 1 FROM psa.sync_rejects j WHERE j.source = r.source AND j.run_id = r.run_id
                        AND j.table_name = r.table_name AND j.scope_column IS NOT NULL)
"""


@dataclass(frozen=True)
class Watermark:
    """What is known of a table's completeness."""

    watermark: datetime
    """The begin of the last merged listing, less the overlap."""
    next_since: datetime | None
    """The next quick run asks for what changed since then; None in what old releases left."""
    full_at: datetime | None
    """When the last full listing that was merged began."""
    setup_digest: str | None
    """Stands for the release and the setup of that listing."""


def read_watermark(connection: Connection, run: Run, table: str) -> Watermark | None:
    """The watermark of a table; None where it was never listed as a whole, or where the time is yet to come."""
    with connection.cursor(row_factory=class_row(Watermark)) as cursor:
        return cursor.execute(
            """SELECT watermark, next_since, full_at, setup_digest FROM psa.sync_watermarks
               WHERE source = %s AND table_name = %s
                 AND GREATEST(watermark, next_since, full_at) <= clock_timestamp()""",
            [run.source, table],
        ).fetchone()


def move_watermark(connection: Connection, run: Run, table: str, *, to: datetime, is_dated: bool) -> None:
    """Move it, in the transaction that merged the rows: `to` is the begin of the listing, less the vendor's overlap.

    A run of one company moves nothing, since it knows nothing about the others. Where the records have no dates of
    change (not `is_dated`), only a full listing makes the table complete.
    """
    values = {"source": run.source, "run_id": run.run_id, "table": table, "to": to, "is_dated": is_dated}
    connection.execute(_BY_FULL_LISTING, values)
    connection.execute(_BY_CHANGES, values)


def earlier_extent(connection: Connection, run: Run, table: str) -> Extent | None:
    """How much an earlier attempt of the run has listed that did not come to its end, where it was to list changes."""
    with connection.cursor(row_factory=class_row(Extent)) as cursor:
        return cursor.execute(
            """SELECT since, why_full, setup_digest FROM psa.sync_runs
               WHERE source = %s AND run_id = %s AND table_name = %s AND state IN ('extracting', 'failed')
                 AND (since IS NOT NULL OR why_full IS NOT NULL)""",
            [run.source, run.run_id, table],
        ).fetchone()


def companies_of_turn(connection: Connection, run: Run, table: str, every_days: int) -> frozenset[str]:
    """The companies that are read today, where everything is listed every so many days and the rest in turns between.

    The full listing is the first turn, and each day has another one.
    """
    rows = connection.execute(
        """SELECT c.source_id FROM psa.companies c JOIN psa.sync_watermarks w ON w.source = c.source
           WHERE c.source = %(source)s AND c.deleted_at IS NULL AND w.table_name = %(table)s
             AND ('x' || left(md5(c.source_id), 7))::bit(28)::integer %% %(days)s
                 = round(EXTRACT(EPOCH FROM clock_timestamp() - w.full_at) / 86400)::integer %% %(days)s""",
        {"source": run.source, "table": table, "days": every_days},
    ).fetchall()
    return frozenset(row[0] for row in rows)
