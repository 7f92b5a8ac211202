"""The ledger of details, psa.detail_runs: what each run read of each table, why it ended, and what is left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from include.model.counts import DETAIL_COUNTS, DetailCounts
from include.model.run import Run
from include.model.storable_text import storable_text
from include.warehouse.connection import Connection
from include.warehouse.detail_reads import DetailAges


@dataclass(frozen=True)
class DetailRun:
    """A row of psa.detail_runs: the details of one table in one run."""

    table_name: str
    """The table of the schema psa."""
    state: str
    """reading, waiting, ended, held or failed."""
    note: str | None
    """Why it ended, or what went wrong, in a sentence."""
    began_at: datetime
    """When the run's first attempt began."""
    ended_at: datetime | None
    """When the last attempt ended."""
    asked: int
    """Records whose details were asked for; the next four add up to it."""
    updated: int
    unchanged: int
    duplicate: int
    failed: int
    unread: int | None
    """Live rows whose details no run had read yet, when the attempt ended."""
    oldest_read_at: datetime | None
    """When the oldest details were read, by then."""
    known_by: datetime | None
    """When all will be known, at the pace of the day before."""


@dataclass(frozen=True)
class DetailLedger:
    """The entries of one run, written on this connection and in its transaction."""

    connection: Connection
    run: Run

    def entries(self) -> dict[str, DetailRun]:
        """The run's entries by table; none in a run of an older release, before preflight has created the table."""
        exists = self.connection.execute("SELECT to_regclass('psa.detail_runs') IS NOT NULL").fetchone()
        if not (exists and exists[0]):
            return {}
        columns = ", ".join(DetailRun.__dataclass_fields__)
        with self.connection.cursor(row_factory=class_row(DetailRun)) as cursor:
            rows = cursor.execute(
                f"SELECT {columns} FROM psa.detail_runs WHERE source = %s AND run_id = %s",
                [self.run.source, self.run.run_id],
            ).fetchall()
        return {row.table_name: row for row in rows}

    def last_moment(self, now: datetime) -> datetime | None:
        """Up to when the run has read details, which is `now` if it has not ended; None if it has read none."""
        return max([entry.ended_at or now for entry in self.entries().values()], default=None)

    def begin(self, table: str) -> DetailRun:
        """Open a table's entry, or go on with that of an earlier attempt, which keeps its begin and its counts."""
        self.connection.execute(
            """INSERT INTO psa.detail_runs AS d (source, run_id, table_name, state, began_at, asked, updated, unchanged,
                                                 duplicate, failed)
               VALUES (%s, %s, %s, 'reading', clock_timestamp(), 0, 0, 0, 0, 0)
               ON CONFLICT (source, run_id, table_name)
               DO UPDATE SET state = 'reading', note = NULL, ended_at = NULL""",
            self._key(table),
        )
        return self.entries()[table]

    def add(self, table: str, counts: DetailCounts) -> None:
        """Add what a batch has brought, in the transaction that merges it."""
        added = ", ".join(f"{name} = {name} + %s" for name in DETAIL_COUNTS)
        self.connection.execute(
            f"UPDATE psa.detail_runs SET {added} WHERE source = %s AND run_id = %s AND table_name = %s",
            [*(getattr(counts, name) for name in DETAIL_COUNTS), *self._key(table)],
        )

    def end(self, table: str, *, state: str, note: str, ages: DetailAges | None = None) -> None:
        """Write down why an attempt ended, and what is left then."""
        left = [ages.unread, ages.oldest_read_at, ages.known_by] if ages else [None, None, None]
        self.connection.execute(
            """UPDATE psa.detail_runs SET state = %s, note = %s, ended_at = clock_timestamp(), unread = %s,
                      oldest_read_at = %s, known_by = %s
               WHERE source = %s AND run_id = %s AND table_name = %s""",
            [state, storable_text(note), *left, *self._key(table)],
        )

    def were_complete(self, table: str) -> bool:
        """Whether the details of all rows, not of one company's, had been read when an earlier run ended."""
        row = self.connection.execute(
            """SELECT EXISTS (SELECT FROM psa.detail_runs d JOIN psa.sync_runs r USING (source, run_id, table_name)
                              WHERE source = %s AND run_id <> %s AND table_name = %s AND d.unread = 0
                                AND r.company_source_id IS NULL)""",
            self._key(table),
        ).fetchone()
        return bool(row and row[0])

    def _key(self, table: str) -> list[str]:
        return [self.run.source, self.run.run_id, table]
