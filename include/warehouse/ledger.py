"""The ledger of a run, psa.sync_runs: what each table fetched, what became of it, and what was rejected and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from psycopg import sql
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from include.model.counts import Counts
from include.model.errors import WarehouseError
from include.model.page import Reject
from include.model.run import Run
from include.model.storable_text import storable_text
from include.model.tables import SCHEMA
from include.model.traffic import Traffic
from include.warehouse.connection import Connection
from include.warehouse.ledger_entry import LISTED, Extent, LedgerEntry
from include.warehouse.watermarks import move_watermark

if TYPE_CHECKING:
    from typing_extensions import LiteralString

# Added to what the run's earlier attempts have used. The budget counts requests, and their waits for turns.
_ADD_TRAFFIC: LiteralString = "retries = retries + %s, waited_seconds = waited_seconds + %s"


@dataclass(frozen=True)
class Ledger:
    """The entries of one run, written on this connection and in its transaction."""

    connection: Connection
    run: Run

    def entries(self) -> dict[str, LedgerEntry]:
        """The run's entries by table."""
        columns = ", ".join(LedgerEntry.__dataclass_fields__)
        with self.connection.cursor(row_factory=class_row(LedgerEntry)) as cursor:
            rows = cursor.execute(
                f"SELECT {columns} FROM psa.sync_runs WHERE source = %s AND run_id = %s",
                [self.run.source, self.run.run_id],
            ).fetchall()
        return {row.table_name: row for row in rows}

    def complete_as_of(self) -> dict[str, datetime]:
        """Up to when each table of the source is known to be complete; without those that never were."""
        query = "SELECT table_name, COALESCE(complete_as_of, watermark) FROM psa.sync_watermarks WHERE source = %s"
        return dict(self.connection.execute(query, [self.run.source]).fetchall())

    def begin(
        self, table: str, started_at: datetime, *, company: str | None, dry_run: bool, extent: Extent = LISTED
    ) -> None:
        """Open a table's entry, or reopen it for another attempt.

        The earlier attempt's rejects and counts are removed. Its traffic stays, and so does the time of what it has
        merged: older runs must still yield to that.
        """
        self.connection.execute(
            "DELETE FROM psa.sync_rejects WHERE source = %s AND run_id = %s AND table_name = %s", self._key(table)
        )
        before = self.connection.execute(
            """DELETE FROM psa.sync_runs WHERE source = %s AND run_id = %s AND table_name = %s
               RETURNING merged_as_of, merged_since, requests, retries, waited_seconds, queued_seconds, endpoints""",
            self._key(table),
        ).fetchone()
        *earlier, endpoints = before or (None, None, 0, 0, 0.0, 0.0, {})
        values = [company, dry_run, extent.since, extent.why_full, extent.setup_digest, started_at]
        self.connection.execute(
            """INSERT INTO psa.sync_runs (source, run_id, table_name, state, company_source_id, dry_run, since,
                                          why_full, setup_digest, started_at, merged_as_of, merged_since, requests,
                                          retries, waited_seconds, queued_seconds, endpoints)
               VALUES (%s, %s, %s, 'extracting', %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
            [*self._key(table), *values, *earlier, Jsonb(endpoints or {})],
        )

    def add_rejects(self, table: str, rejects: Sequence[Reject]) -> None:
        """Save key and reason of records that are not stored."""
        if not rejects:
            return
        rows = [(r.source_id, storable_text(r.reason), *(r.scope or (None, None))) for r in rejects]
        with self.connection.cursor() as cursor:
            cursor.executemany(
                """INSERT INTO psa.sync_rejects (reject_id, source, run_id, table_name, source_id, reason,
                                                 scope_column, scope_value, rejected_at)
                   VALUES (gen_random_uuid(), %s, %s, %s, %s, %s, %s, %s, now())""",
                [[*self._key(table), *row] for row in rows],
            )

    def first_rejects(self, table: str, most: int) -> list[tuple[str | None, str]]:
        """Key and reason of the first few rejects of a table."""
        rows: list[Any] = self.connection.execute(
            """SELECT source_id, reason FROM psa.sync_rejects WHERE source = %s AND run_id = %s AND table_name = %s
               ORDER BY rejected_at, source_id LIMIT %s""",
            [*self._key(table), most],
        ).fetchall()
        return [(row[0], row[1]) for row in rows]

    def mark_extracted(self, table: str, *, fetched: int, rejected: int, traffic: Traffic) -> None:
        """The listing's end is proven: from here on its rows may be merged."""
        self.connection.execute(
            "UPDATE psa.sync_runs SET state = 'extracted', extracted_at = now(), fetched = %s, rejected = %s, "
            + _ADD_TRAFFIC
            + " WHERE source = %s AND run_id = %s AND table_name = %s",
            [fetched, rejected, *_values(traffic), *self._key(table)],
        )

    def add_traffic(self, table: str, traffic: Traffic) -> None:
        """Add what was repeated after the listing, for details."""
        self.connection.execute(
            "UPDATE psa.sync_runs SET " + _ADD_TRAFFIC + " WHERE source = %s AND run_id = %s AND table_name = %s",
            [*_values(traffic), *self._key(table)],
        )

    def mark_loaded(
        self, table: str, counts: Counts, *, watermark: datetime, note: str | None, is_dated: bool = True
    ) -> None:
        """Write the counts and move the watermark, in the transaction that merged the rows.

        `is_dated`: whether the records have dates of change, so that changes alone make the table complete.
        """
        self._write_counts(table, counts, state="loaded", note=note)
        move_watermark(self.connection, self.run, table, to=watermark, is_dated=is_dated)

    def add_deleted(self, table: str, rows: int, *, note: str) -> None:
        """Count rows that were marked deleted after the merge, when a person had approved it."""
        self.connection.execute(
            """UPDATE psa.sync_runs SET deleted = deleted + %s, live = live - %s, note = %s
               WHERE source = %s AND run_id = %s AND table_name = %s""",
            [rows, rows, storable_text(note), *self._key(table)],
        )

    def mark_compared(self, table: str, counts: Counts, *, note: str | None) -> None:
        """Write the counts of a dry run. Nothing was merged, so the state stays `extracted`."""
        self._write_counts(table, counts, state="extracted", note=note)

    def mark_failed(self, tables: Iterable[str], *, state: str, note: str, traffic: Traffic | None) -> None:
        """Note why these tables were not loaded, and add the traffic of the listing that broke off."""
        key = [self.run.source, self.run.run_id, list(tables)]
        self.connection.execute(  # where nothing was begun
            """INSERT INTO psa.sync_runs (source, run_id, table_name, state, started_at, requests, retries,
                                          waited_seconds)
               SELECT %s, %s, unnest(%s::text[]), 'failed', clock_timestamp(), 0, 0, 0 ON CONFLICT DO NOTHING""",
            key,
        )
        if traffic:
            self.connection.execute(
                "UPDATE psa.sync_runs SET "
                + _ADD_TRAFFIC
                + " WHERE source = %s AND run_id = %s AND table_name = ANY(%s) AND state = 'extracting'",
                [*_values(traffic), *key],
            )
        self.connection.execute(
            """UPDATE psa.sync_runs SET state = %s, note = %s
               WHERE source = %s AND run_id = %s AND table_name = ANY(%s) AND state <> 'loaded'""",
            [state, storable_text(note), *key],
        )

    def add_keys_listed(self, table: str, keys: int) -> None:
        """Note how many keys were listed to find missing rows."""
        self.connection.execute(
            "UPDATE psa.sync_runs SET keys_listed = %s WHERE source = %s AND run_id = %s AND table_name = %s",
            [keys, *self._key(table)],
        )

    def already_synced_by(
        self, tables: Sequence[str], company: str | None, after: datetime, *, is_quick: bool = False
    ) -> str | None:
        """The newest other run that began to list all these tables after `after` and has merged them, or None.

        For a run of one company, a run of the same company counts as well as a run of all. For a quick run
        (`is_quick`), another one counts as well as one that listed everything.
        """
        row = self.connection.execute(
            """SELECT run_id FROM psa.sync_runs
               WHERE source = %s AND run_id <> %s AND table_name = ANY(%s) AND state = 'loaded'
                 AND merged_as_of > %s AND merged_as_of <= clock_timestamp()
                 AND (company_source_id IS NULL OR company_source_id = %s) AND (merged_since IS NULL OR %s)
               GROUP BY run_id HAVING count(*) = %s ORDER BY min(merged_as_of) DESC LIMIT 1""",
            [self.run.source, self.run.run_id, list(tables), after, company, is_quick, len(tables)],
        ).fetchone()
        return str(row[0]) if row else None

    def copy_result(self, table: str, other_run_id: str, company: str | None, *, note: str) -> None:
        """Mark a table as loaded because another run has listed and merged it; the entry is as old as that listing."""
        row = self.connection.execute(
            """SELECT merged_as_of, merged_since FROM psa.sync_runs
               WHERE source = %s AND run_id = %s AND table_name = %s""",
            [self.run.source, other_run_id, table],
        ).fetchone()
        if row is None:
            raise WarehouseError(f"The entries of {other_run_id} in psa.sync_runs were removed while they were read.")
        self.begin(table, row[0], company=company, dry_run=False, extent=Extent(since=row[1]))
        self.connection.execute(
            """UPDATE psa.sync_runs SET fetched = 0, rejected = 0, extracted_at = now()
               WHERE source = %s AND run_id = %s AND table_name = %s""",
            self._key(table),
        )
        self._write_counts(table, Counts(), state="loaded", note=note)

    def _key(self, table: str) -> list[str]:
        return [self.run.source, self.run.run_id, table]

    def _write_counts(self, table: str, counts: Counts, *, state: str, note: str | None) -> None:
        values = (counts.inserted, counts.updated, counts.unchanged, counts.duplicate, counts.deleted)
        self.connection.execute(
            """UPDATE psa.sync_runs SET state = %s, finished_at = now(), note = %s, inserted = %s, updated = %s,
                      unchanged = %s, duplicate = %s, deleted = %s,
                      merged_as_of = CASE %s WHEN 'loaded' THEN started_at ELSE merged_as_of END,
                      merged_since = CASE %s WHEN 'loaded' THEN since ELSE merged_since END
               WHERE source = %s AND run_id = %s AND table_name = %s""",
            [state, note, *values, state, state, *self._key(table)],
        )
        if state == "loaded":
            self._count_live_rows(table)

    def _count_live_rows(self, table: str) -> None:
        """For the plots of the status page."""
        query = sql.SQL(
            "UPDATE psa.sync_runs SET live = (SELECT count(*) FROM {} WHERE source = %s AND deleted_at IS NULL) "
            "WHERE source = %s AND run_id = %s AND table_name = %s"
        ).format(sql.Identifier(SCHEMA, table))
        self.connection.execute(query, [self.run.source, *self._key(table)])


def _values(traffic: Traffic) -> tuple[int, float]:
    """In the order of _ADD_TRAFFIC."""
    return traffic.retries, traffic.waited_seconds
