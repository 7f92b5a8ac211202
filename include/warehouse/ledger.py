"""The books of a run: what was fetched, what became of it, what was refused, and up to when it is complete."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from include.model.errors import WarehouseError
from include.model.page import Reject
from include.model.traffic import Traffic
from include.warehouse.connection import Connection

if TYPE_CHECKING:
    from typing_extensions import LiteralString


@dataclass(frozen=True)
class Run:
    """Which run of which PSA's sync; `run_id` is DAG id / Airflow run id."""

    source: str
    run_id: str


@dataclass(frozen=True)
class Entry:
    """A row of psa.sync_runs."""

    table_name: str
    state: str
    company_source_id: str | None
    dry_run: bool | None
    note: str | None
    started_at: datetime
    extracted_at: datetime | None
    finished_at: datetime | None
    requests: int
    retries: int
    waited_seconds: float
    queued_seconds: float | None
    endpoints: dict[str, int] | None
    fetched: int | None
    inserted: int | None
    updated: int | None
    unchanged: int | None
    duplicate: int | None
    rejected: int | None
    deleted: int | None

    @property
    def settled(self) -> bool:
        """Loaded, or compared to the end in a dry run."""
        return self.state == "loaded" or (bool(self.dry_run) and self.finished_at is not None)


@dataclass(frozen=True)
class Counts:
    """What became of the fetched records of one table."""

    fetched: int
    inserted: int
    updated: int
    unchanged: int
    duplicate: int
    rejected: int
    deleted: int

    def __post_init__(self) -> None:
        accounted = self.inserted + self.updated + self.unchanged + self.duplicate + self.rejected
        if self.fetched != accounted:
            raise AssertionError(f"the books do not balance: {self}")


def begin(
    connection: Connection, run: Run, table: str, started_at: datetime, *, company: str | None, dry_run: bool
) -> None:
    """Open the entry of a table, or reopen it for another attempt.

    Forgets that attempt's rejects and counts, but not what it has asked the PSA for, nor what it has merged: older runs
    still have to yield to it.
    """
    connection.execute(
        "DELETE FROM psa.sync_rejects WHERE source = %s AND run_id = %s AND table_name = %s",
        [run.source, run.run_id, table],
    )
    before = connection.execute(
        """DELETE FROM psa.sync_runs WHERE source = %s AND run_id = %s AND table_name = %s
           RETURNING merged_as_of, requests, retries, waited_seconds, queued_seconds, endpoints""",
        [run.source, run.run_id, table],
    ).fetchone()
    merged_as_of, *spent, endpoints = before or (None, 0, 0, 0.0, 0.0, {})
    connection.execute(
        """INSERT INTO psa.sync_runs (source, run_id, table_name, state, company_source_id, dry_run, started_at,
                                      merged_as_of, requests, retries, waited_seconds, queued_seconds, endpoints)
           VALUES (%s, %s, %s, 'extracting', %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        [run.source, run.run_id, table, company, dry_run, started_at, merged_as_of, *spent, Jsonb(endpoints or {})],
    )


def reject(connection: Connection, run: Run, table: str, rejects: Iterable[Reject]) -> None:
    """Keep key and reason of records that are not stored."""
    with connection.cursor() as cursor:
        cursor.executemany(
            """INSERT INTO psa.sync_rejects (reject_id, source, run_id, table_name, source_id, reason,
                                             scope_column, scope_value, rejected_at)
               VALUES (gen_random_uuid(), %s, %s, %s, %s, %s, %s, %s, now())""",
            [[run.source, run.run_id, table, r.source_id, r.reason, *(r.scope or (None, None))] for r in rejects],
        )


def extracted(connection: Connection, run: Run, table: str, *, fetched: int, rejected: int, traffic: Traffic) -> None:
    """The listing's end is proven: from here on it may be merged."""
    connection.execute(
        "UPDATE psa.sync_runs SET state = 'extracted', extracted_at = now(), fetched = %s, rejected = %s, "
        + _SPENT
        + " WHERE source = %s AND run_id = %s AND table_name = %s",
        [fetched, rejected, *_spent(traffic), run.source, run.run_id, table],
    )


# On top of what the attempts before have cost.
_SPENT: LiteralString = """
    requests = requests + %s, retries = retries + %s, waited_seconds = waited_seconds + %s,
    queued_seconds = COALESCE(queued_seconds, 0) + %s,
    endpoints = (SELECT COALESCE(jsonb_object_agg(name, times), '{}') FROM (
        SELECT key AS name, sum(value::bigint) AS times FROM (
            SELECT * FROM jsonb_each_text(COALESCE(endpoints, '{}')) UNION ALL SELECT * FROM jsonb_each_text(%s)
        ) AS asked GROUP BY key) AS summed)
"""


def _spent(traffic: Traffic) -> tuple[Any, ...]:
    return (
        traffic.requests,
        traffic.retries,
        traffic.waited_seconds,
        traffic.queued_seconds,
        Jsonb(dict(traffic.endpoints)),
    )


def loaded(
    connection: Connection, run: Run, table: str, counts: Counts, *, watermark: datetime, note: str | None
) -> None:
    """Close the books and move the watermark; belongs into the transaction that merged the rows.

    A run of one company moves no watermark: it says nothing about the others.
    """
    _count(connection, run, table, counts, state="loaded", note=note)
    connection.execute(
        """INSERT INTO psa.sync_watermarks (source, table_name, watermark, run_id)
           SELECT source, table_name, %s, run_id FROM psa.sync_runs
           WHERE source = %s AND run_id = %s AND table_name = %s AND company_source_id IS NULL
           ON CONFLICT (source, table_name) DO UPDATE SET watermark = excluded.watermark, run_id = excluded.run_id
           WHERE sync_watermarks.watermark < excluded.watermark""",
        [watermark, run.source, run.run_id, table],
    )


def compared(connection: Connection, run: Run, table: str, counts: Counts, *, note: str | None) -> None:
    """Close the books of a dry run: nothing was merged, so that the state stays what it was."""
    _count(connection, run, table, counts, state="extracted", note=note)


def _count(connection: Connection, run: Run, table: str, counts: Counts, *, state: str, note: str | None) -> None:
    values = (counts.inserted, counts.updated, counts.unchanged, counts.duplicate, counts.deleted)
    connection.execute(
        """UPDATE psa.sync_runs SET state = %s, finished_at = now(), note = %s, inserted = %s, updated = %s,
                  unchanged = %s, duplicate = %s, deleted = %s,
                  merged_as_of = CASE %s WHEN 'loaded' THEN started_at ELSE merged_as_of END
           WHERE source = %s AND run_id = %s AND table_name = %s""",
        [state, note, *values, state, run.source, run.run_id, table],
    )


def loaded_since(
    connection: Connection, run: Run, tables: Sequence[str], company: str | None, after: datetime
) -> str | None:
    """The newest other run that began to list all these tables after `after`, at least of this company, and merged."""
    row = connection.execute(
        """SELECT run_id FROM psa.sync_runs
           WHERE source = %s AND run_id <> %s AND table_name = ANY(%s) AND state = 'loaded'
             AND merged_as_of > %s AND merged_as_of <= clock_timestamp()
             AND (company_source_id IS NULL OR company_source_id = %s)
           GROUP BY run_id HAVING count(*) = %s ORDER BY min(merged_as_of) DESC LIMIT 1""",
        [run.source, run.run_id, list(tables), after, company, len(tables)],
    ).fetchone()
    return str(row[0]) if row else None


def copy_result(connection: Connection, run: Run, table: str, other: str, company: str | None, *, note: str) -> None:
    """Close the books of a table that another run has read and merged; it is as old as that run's listing."""
    row = connection.execute(
        "SELECT merged_as_of FROM psa.sync_runs WHERE source = %s AND run_id = %s AND table_name = %s",
        [run.source, other, table],
    ).fetchone()
    if row is None:
        raise WarehouseError(f"The books of {other} went away while they were being read.")
    begin(connection, run, table, row[0], company=company, dry_run=False)
    connection.execute(
        """UPDATE psa.sync_runs SET fetched = 0, rejected = 0, extracted_at = now()
           WHERE source = %s AND run_id = %s AND table_name = %s""",
        [run.source, run.run_id, table],
    )
    _count(connection, run, table, Counts(0, 0, 0, 0, 0, 0, 0), state="loaded", note=note)


def failed(
    connection: Connection, run: Run, tables: Iterable[str], *, state: str, note: str, traffic: Traffic | None
) -> None:
    """Say why the open entries of these tables were not loaded, and what the listing that broke off had cost."""
    if traffic:
        connection.execute(
            "UPDATE psa.sync_runs SET "
            + _SPENT
            + """
               WHERE source = %s AND run_id = %s AND table_name = ANY(%s) AND state = 'extracting'""",
            [*_spent(traffic), run.source, run.run_id, list(tables)],
        )
    connection.execute(
        """UPDATE psa.sync_runs SET state = %s, note = %s
           WHERE source = %s AND run_id = %s AND table_name = ANY(%s) AND state <> 'loaded'""",
        [state, note, run.source, run.run_id, list(tables)],
    )


def entries(connection: Connection, run: Run) -> dict[str, Entry]:
    """The run's entries by table."""
    columns = ", ".join(Entry.__dataclass_fields__)
    with connection.cursor(row_factory=class_row(Entry)) as cursor:
        rows = cursor.execute(
            f"SELECT {columns} FROM psa.sync_runs WHERE source = %s AND run_id = %s",
            [run.source, run.run_id],
        ).fetchall()
    return {row.table_name: row for row in rows}


def first_rejects(connection: Connection, run: Run, table: str, most: int) -> list[tuple[str | None, str]]:
    """Key and reason of the first few rejects of a table."""
    rows: list[Any] = connection.execute(
        """SELECT source_id, reason FROM psa.sync_rejects WHERE source = %s AND run_id = %s AND table_name = %s
           ORDER BY rejected_at, source_id LIMIT %s""",
        [run.source, run.run_id, table, most],
    ).fetchall()
    return [(row[0], row[1]) for row in rows]
