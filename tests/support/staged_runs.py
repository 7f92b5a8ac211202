"""Runs whose rows are staged by hand, on a real Postgres and without a PSA."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from psycopg.rows import dict_row

from include.model.counts import Counts
from include.model.page import Reject
from include.model.run import Run
from include.model.setup import DeletionGuard
from include.model.tables import BY_NAME
from include.model.traffic import Traffic
from include.warehouse.connection import Connection
from include.warehouse.details import DetailQueue
from include.warehouse.ledger import Ledger
from include.warehouse.merge import merge
from include.warehouse.staging import Staging

SOURCE = "acme"
Row = dict[str, Any]


def at(minute: float) -> datetime:
    """A moment of the day on which all these runs take place."""
    return datetime(2026, 11, 22, 1, tzinfo=timezone.utc) + timedelta(minutes=minute)


def asset(source_id: str, name: str = "Laptop", company: str = "1", **facts: Any) -> Row:
    """An asset as a connector maps it."""
    return {"source_id": source_id, "name": name, "company_source_id": company, **facts}


def assets(number: int, **facts: Any) -> list[Row]:
    """Assets with the ids 1, 2, 3 …"""
    return [asset(str(id_), **facts) for id_ in range(1, number + 1)]


def by_column(rows: Iterable[Row]) -> dict[str, list[Any]]:
    """The rows column by column, as they are staged."""
    listed = list(rows)
    return {name: [row.get(name) for row in listed] for name in {name for row in listed for name in row}}


def begun(
    connection: Connection,
    name: str,
    *,
    began: float = 0,
    table: str = "assets",
    company: str | None = None,
    dry_run: bool = False,
    source: str = SOURCE,
) -> Staging:
    """A run that has begun to list a table; `name` is its id."""
    staging = Staging(connection, Run(source, name), BY_NAME[table])
    Ledger(connection, staging.run).begin(table, at(began), company=company, dry_run=dry_run)
    staging.create()
    return staging


def extracted(
    connection: Connection,
    name: str,
    rows: Sequence[Row],
    *,
    began: float = 0,
    fetched: float | None = None,
    rejects: Sequence[Reject] = (),
    asked: bool = True,
    **more: Any,
) -> Staging:
    """A run that has listed a table completely: its rows are staged and its ledger entry says so.

    `fetched` is when, unless at its begin. A run of one company has also `asked` for the rows that it was missing.
    """
    staging = begun(connection, name, began=began, **more)
    staging.copy(by_column(rows), at(began if fetched is None else fetched))
    ledger, table = Ledger(connection, staging.run), staging.table.name
    ledger.add_rejects(table, rejects)
    if more.get("company") and asked:
        staging.missing_of_company(more["company"])
    ledger.mark_extracted(table, fetched=len(rows) + len(rejects), rejected=len(rejects), traffic=Traffic(requests=1))
    return staging


def load(staging: Staging, guard: DeletionGuard | None = None) -> tuple[Counts, str | None]:
    """Merge as the task `load` does; the counts and the note."""
    counts, note = merge(staging, guard=guard)
    ledger = Ledger(staging.connection, staging.run)
    began = ledger.entries()[staging.table.name].started_at
    ledger.mark_loaded(staging.table.name, counts, watermark=began, note=note)
    staging.drop()
    return counts, note


def queue_of(
    connection: Connection, name: str, *, since: datetime, company: str | None = None, table: str = "assets"
) -> DetailQueue:
    """The records whose details a run may read that began to do so at a moment."""
    return DetailQueue(connection, Run(SOURCE, name), BY_NAME[table], company, since)


def stored(connection: Connection, table: str = "assets") -> dict[str, Row]:
    """The rows of a table by the vendor's key."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows: Iterable[Row] = cursor.execute(f"SELECT * FROM psa.{table}").fetchall()
    return {row["source_id"]: row for row in rows}


def live(connection: Connection, table: str = "assets") -> set[str]:
    """The keys of the rows that are not marked deleted."""
    return {key for key, row in stored(connection, table).items() if row["deleted_at"] is None}


def places(connection: Connection, table: str = "assets") -> list[tuple[str, str, str]]:
    """Where each row is stored: a row that is written, even with the same values, moves."""
    return connection.execute(f"SELECT source_id, ctid::text, xmin::text FROM psa.{table} ORDER BY 1").fetchall()
