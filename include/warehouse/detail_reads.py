"""psa.detail_reads: when the details of each record were read, and which columns its listing leaves to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from psycopg import sql

from include.model.run import Run
from include.model.tables import SCHEMA, Table
from include.warehouse.connection import Connection
from include.warehouse.table_pair import TablePair

if TYPE_CHECKING:
    from typing_extensions import LiteralString

# The row d of psa.detail_reads that belongs to a row t of a table. It is looked up by its whole key, whatever Postgres
# expects: without statistics it may read all rows of the table for each one of t.
_OF_ROW: LiteralString = "d.source = t.source AND d.table_name = %(table)s AND d.source_id = t.source_id"
JOINED: LiteralString = f"LEFT JOIN LATERAL (SELECT * FROM psa.detail_reads d WHERE {_OF_ROW} OFFSET 0) d ON true"


@dataclass(frozen=True)
class Answer:
    """What came back when the details of a record were asked for."""

    key: str
    """The vendor's key of the record."""
    asked_at: datetime
    """A moment before they were asked for, by Postgres' clock."""
    columns: Mapping[str, Any] | None = None
    """The row's columns that the details fill; None if they could not be read or used."""
    problem: str = ""
    """Why they could not."""


@dataclass(frozen=True)
class DetailAges:
    """How much of a table's details is known."""

    rows: int
    """Live rows."""
    unread: int
    """Those whose details no run has read yet."""
    oldest_read_at: datetime | None
    """When the oldest of the others were read."""
    of_last_day: int
    """Those whose details were read in the last 24 hours."""
    known_by: datetime | None
    """When all will be known at the pace of the last 24 hours; None if they are, or if none were read."""


def detail_ages(connection: Connection, source: str, table: Table, company: str | None) -> DetailAges:
    """How much of the details of a table, or of a company's rows in it, is known."""
    row = connection.execute(
        sql.SQL(
            "SELECT *, CASE WHEN unread > 0 AND of_last_day > 0 "
            "THEN clock_timestamp() + unread::double precision / of_last_day * interval '1 day' END FROM ("
            "SELECT count(*), count(*) - count(d.read_at) AS unread, min(d.read_at), "
            "count(*) FILTER (WHERE d.read_at > clock_timestamp() - interval '1 day') AS of_last_day "
            "FROM {target} t "
            + JOINED
            + " WHERE t.source = %(source)s AND t.deleted_at IS NULL AND {in_scope}) AS counted"
        ).format(
            target=sql.Identifier(SCHEMA, table.name),
            in_scope=in_scope(sql.Identifier("t", table.company_column or "source_id"), company),
        ),
        {"source": source, "table": table.name, "company": company},
    ).fetchone()
    assert row is not None  # noqa: S101 - an aggregate has one row
    return DetailAges(*row)


def save_unlisted(pair: TablePair) -> None:
    """Remember which columns of each staged row the listing left to the details, unless the stored copy is newer."""
    pair.execute(
        "INSERT INTO psa.detail_reads (source, table_name, source_id, unlisted) "
        "SELECT t.source, %(table)s, t.source_id, s.kept FROM {staging} s "
        "JOIN LATERAL (SELECT source, source_id, synced_at FROM {target} t "
        "WHERE t.source = %(source)s AND t.source_id = s.source_id OFFSET 0) t ON {stored_copy_at} <= s.fetched_at "
        + JOINED
        + " WHERE s.kept IS NOT NULL AND d.unlisted IS DISTINCT FROM s.kept "
        "ON CONFLICT (source, table_name, source_id) DO UPDATE SET unlisted = excluded.unlisted"
    )


def note_changed(pair: TablePair) -> None:
    """Note which details a quick run is to read: of records that it has listed, since a listing does not show whether
    details have changed, unless a run has asked for them since the time from which changes were listed."""
    if pair.entry.since is None:
        return
    pair.execute(
        "INSERT INTO psa.detail_reads AS d (source, table_name, source_id, claimed_by) "
        "SELECT %(source)s, %(table)s, s.source_id, %(run_id)s FROM {staging} s WHERE s.kept IS NOT NULL "
        "ON CONFLICT (source, table_name, source_id) DO UPDATE SET claimed_by = excluded.claimed_by, "
        "claimed_until = NULL WHERE COALESCE(GREATEST(d.asked_at, d.read_at) < {since}, true) "
        "AND COALESCE(d.claimed_until < clock_timestamp(), true)",
        since=sql.Literal(pair.entry.since),
    )


def has_noted(connection: Connection, run: Run, tables: Sequence[str]) -> bool:
    """Whether a quick run is to read details of records whose rows it has not written."""
    query = "SELECT FROM psa.detail_reads WHERE source = %s AND table_name = ANY(%s) AND claimed_by = %s LIMIT 1"
    return connection.execute(query, [run.source, tables, run.run_id]).fetchone() is not None


def in_scope(company_column: sql.Composable, company: str | None) -> sql.Composable:
    """Whether a row is read, with the parameter `company`."""
    return sql.SQL("true") if company is None else sql.SQL("{} = %(company)s").format(company_column)
