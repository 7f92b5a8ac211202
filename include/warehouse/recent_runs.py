"""What the ledger says about the last runs of several PSAs, for the status page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import TypeVar

from psycopg import sql
from psycopg.rows import class_row

from include.model.run import Run
from include.model.tables import TABLES
from include.warehouse.columns import existing_columns
from include.warehouse.connection import Connection
from include.warehouse.ledger import Ledger
from include.warehouse.ledger_entry import LedgerEntry

T = TypeVar("T")

TABLE_NAMES = [table.name for table in TABLES]
GAP = "3 days"  # a table without a run for longer has no number of rows at that moment

_EACH = "unnest(%(sources)s::text[]) AS s (source) CROSS JOIN unnest(%(tables)s::text[]) AS t (name)"
_RUNS = sql.SQL(
    "SELECT {columns} FROM " + _EACH + " CROSS JOIN LATERAL (SELECT * FROM psa.sync_runs "
    "WHERE source = s.source AND table_name = t.name ORDER BY started_at DESC LIMIT %(most)s) r "
    "ORDER BY source, table_name, started_at DESC"
)
# The newest number of rows at each of some moments, one index scan for each.
_ROWS = sql.SQL(
    "SELECT s.source, t.name AS table_name, m.at, r.live FROM " + _EACH + " CROSS JOIN generate_series("
    "clock_timestamp() - make_interval(days => %(days)s), clock_timestamp(), interval '1 day') AS m (at) "
    "CROSS JOIN LATERAL (SELECT live FROM psa.sync_runs WHERE source = s.source AND table_name = t.name "
    f"AND started_at <= m.at AND started_at > m.at - interval '{GAP}' AND live IS NOT NULL "
    "ORDER BY started_at DESC LIMIT 1) r ORDER BY source, table_name, at"
)
_DETAILS = sql.SQL(
    "SELECT {columns} FROM " + _EACH + " CROSS JOIN LATERAL (SELECT * FROM psa.detail_runs "
    "WHERE source = s.source AND table_name = t.name ORDER BY began_at DESC LIMIT 1) r"
)
_WAITING = """
    SELECT source, table_name, count(*) FROM psa.held_deletions
    WHERE source = ANY(%s) AND COALESCE(decision, 'unanswered') = 'unanswered' AND outcome IS NULL
    GROUP BY source, table_name
"""
_REJECTS = """
    SELECT source_id, reason, count(*) OVER () AS rejected FROM psa.sync_rejects
    WHERE source = %s AND run_id = %s AND table_name = %s ORDER BY rejected_at, source_id LIMIT %s
"""


@dataclass(frozen=True)
class TableRun:
    """A row of psa.sync_runs, as far as the status page shows it. Times are Postgres'."""

    source: str
    run_id: str
    """The Airflow run: DAG id / run id."""
    table_name: str
    state: str
    """extracting, extracted, loaded, held or failed."""
    company_source_id: str | None
    """The key of the company, when the run was asked for one company only."""
    dry_run: bool | None
    note: str | None
    """What went wrong or was left out, in a sentence."""
    started_at: datetime
    extracted_at: datetime | None
    finished_at: datetime | None
    requests: int
    queued_seconds: float | None
    """Time spent waiting for a turn in the account's budget."""
    waited_seconds: float
    """Time spent waiting before repeated requests."""
    fetched: int | None
    inserted: int | None
    updated: int | None
    unchanged: int | None
    duplicate: int | None
    rejected: int | None
    deleted: int | None
    live: int | None
    """Rows that the table had after the merge; None in entries of old releases."""
    since: datetime | None
    """Since when changes were asked for; None in a run that listed all records."""


@dataclass(frozen=True)
class RowsAt:
    """How many rows a table had at a moment."""

    source: str
    table_name: str
    at: datetime
    live: int


@dataclass(frozen=True)
class TableDetails:
    """The newest row of psa.detail_runs of a table."""

    source: str
    table_name: str
    state: str
    note: str | None
    began_at: datetime
    unread: int | None
    """Live rows whose details no run had read yet."""
    oldest_read_at: datetime | None
    known_by: datetime | None
    """When all will be known, at the pace of the day before."""


@dataclass(frozen=True)
class Rejected:
    """A record that a run did not store."""

    source_id: str | None
    reason: str
    rejected: int
    """How many there are in all."""


@dataclass(frozen=True)
class RecentRuns:
    """Reads the ledger on this connection; columns that an older release did not have are None until the next run."""

    connection: Connection
    _columns_there: dict[str, frozenset[str]] = field(default_factory=dict)

    @property
    def exists(self) -> bool:
        """Whether there is a ledger: the first run of an installation creates it."""
        return bool(self._there("sync_runs"))

    @property
    def has_all_columns(self) -> bool:
        """Whether the ledger is one of this release."""
        return self._there("sync_runs") >= LedgerEntry.__dataclass_fields__.keys()

    def entries(self, runs: Mapping[str, str]) -> dict[str, list[LedgerEntry]]:
        """The whole entries of one run of each PSA; needs all columns."""
        return {
            source: list(Ledger(self.connection, Run(source, run_id)).entries().values())
            for source, run_id in runs.items()
        }

    def complete_as_of(self, sources: Sequence[str]) -> dict[tuple[str, str], datetime]:
        """Up to when each table is known to be complete, by source and table."""
        if not self.exists:
            return {}
        is_upgraded = "complete_as_of" in self._there("sync_watermarks")
        moment = sql.SQL("COALESCE(complete_as_of, watermark)" if is_upgraded else "watermark")
        query = sql.SQL("SELECT source, table_name, {} FROM psa.sync_watermarks WHERE source = ANY(%s)").format(moment)
        rows = self.connection.execute(query, [list(sources)]).fetchall()
        return {(source, table): complete_as_of for source, table, complete_as_of in rows}

    def runs(self, sources: Sequence[str], *, most: int, tables: Sequence[str] = TABLE_NAMES) -> list[TableRun]:
        """The last runs of each table, by source and table, the newest first."""
        query = _RUNS.format(columns=self._columns(TableRun, "sync_runs"))
        return self._rows(TableRun, query, {"sources": list(sources), "tables": list(tables), "most": most})

    def of_run(self, run: Run) -> list[TableRun]:
        """The tables of one run; none before there is a ledger."""
        if not self.exists:
            return []
        query = sql.SQL("SELECT {columns} FROM psa.sync_runs r WHERE source = %(source)s AND run_id = %(run_id)s")
        return self._rows(TableRun, query.format(columns=self._columns(TableRun, "sync_runs")), vars(run))

    def rows(self, sources: Sequence[str], *, days: int, tables: Sequence[str] = TABLE_NAMES) -> list[RowsAt]:
        """How many rows each table had on each of the last days, the oldest first."""
        if "live" not in self._there("sync_runs"):
            return []
        return self._rows(RowsAt, _ROWS, {"sources": list(sources), "tables": list(tables), "days": days})

    def details(self, sources: Sequence[str]) -> list[TableDetails]:
        """The last run that read details, of each table that has any."""
        if not self._there("detail_runs"):
            return []
        query = _DETAILS.format(columns=self._columns(TableDetails, "detail_runs"))
        return self._rows(TableDetails, query, {"sources": list(sources), "tables": TABLE_NAMES})

    def waiting(self, sources: Sequence[str]) -> dict[tuple[str, str], int]:
        """How many rows of each table wait for a person to decide whether they may be marked deleted."""
        if not self._there("held_deletions"):
            return {}
        rows = self.connection.execute(_WAITING, [list(sources)]).fetchall()
        return {(source, table): number for source, table, number in rows}

    def rejects(self, run: TableRun, *, most: int) -> list[Rejected]:
        """Key and reason of the first rejected records of a table in a run."""
        with self.connection.cursor(row_factory=class_row(Rejected)) as cursor:
            return cursor.execute(_REJECTS, [run.source, run.run_id, run.table_name, most]).fetchall()

    def _there(self, table: str) -> frozenset[str]:
        if table not in self._columns_there:
            self._columns_there[table] = existing_columns(self.connection, table)
        return self._columns_there[table]

    def _rows(self, kind: type[T], query: sql.SQL | sql.Composed, values: dict[str, object]) -> list[T]:
        with self.connection.cursor(row_factory=class_row(kind)) as cursor:
            return cursor.execute(query, values).fetchall()

    def _columns(self, kind: type, table: str) -> sql.Composed:
        there = self._there(table)
        names = [one.name for one in fields(kind)]
        return sql.SQL(", ").join(
            sql.Identifier("r", name) if name in there else sql.SQL("NULL AS {}").format(sql.Identifier(name))
            for name in names
        )
