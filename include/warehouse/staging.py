"""A run's own staging table: pages are copied in as they come, and stay until they are merged."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from psycopg import sql
from psycopg.types.json import Jsonb

from include.model.run import Run
from include.model.tables import SCHEMA, Table
from include.warehouse.connection import Connection
from include.warehouse.schema import STAGING

ASKED = "_asked"  # beside the stage of one company: the keys that were missing there and asked for one by one
KEPT_DAYS = 7  # what a failed load left behind can be merged for so long


def stage_name(run: Run, table: str) -> str:
    """Derived, so that extract and load agree without passing it on."""
    digest = hashlib.blake2b(f"{run.source}\n{run.run_id}".encode(), digest_size=8).hexdigest()
    return f"{table}_{digest}"


def create(connection: Connection, run: Run, table: Table) -> None:
    """An empty stage; what another attempt of the same run left in it is gone. Unlogged: it is cheap to refetch."""
    name = identifier(run, table.name)
    types = {column.name: column.type for column in table.columns}
    facts = [sql.SQL("{} {}").format(sql.Identifier(fact), sql.SQL(types[fact])) for fact in table.facts]
    drop(connection, run, table.name)
    connection.execute(
        sql.SQL(
            "CREATE UNLOGGED TABLE {} (ordinal bigint GENERATED ALWAYS AS IDENTITY, source_id text NOT NULL, "
            "is_deleted boolean NOT NULL, deleted_at timestamptz, fetched_at timestamptz NOT NULL, kept text[], "
            "detailed_at timestamptz, {})"
        ).format(name, sql.SQL(", ").join(facts))
    )
    connection.execute(sql.SQL("COMMENT ON TABLE {} IS {}").format(name, f"Staged by {run.run_id}"))


def copy(connection: Connection, run: Run, table: Table, rows: Iterable[dict[str, Any]], fetched_at: datetime) -> None:
    """Append a page's rows with COPY."""
    columns = ("source_id", "is_deleted", "deleted_at", "fetched_at", "kept", *table.facts)
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        identifier(run, table.name), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as out:
        for row in rows:
            head = (row["source_id"], row.get("is_deleted", False), row.get("deleted_at"), fetched_at, row.get("kept"))
            out.write_row((*head, *(_adapted(row.get(fact)) for fact in table.facts)))


def undetailed(connection: Connection, run: Run, table: Table, most: int) -> list[tuple[str, str | None]]:
    """Keys and companies of the staged rows whose details are unknown, or were read longest ago; these come last."""
    company = sql.Identifier("s", table.company_column or "source_id")
    rows = connection.execute(
        sql.SQL(
            "SELECT s.source_id, min({company}) FROM {stage} s LEFT JOIN psa.detail_reads d "
            "ON d.source = {source} AND d.table_name = {table} AND d.source_id = s.source_id "
            "GROUP BY s.source_id ORDER BY min(d.read_at) NULLS FIRST, min(s.ordinal) LIMIT {most}"
        ).format(
            company=company,
            stage=identifier(run, table.name),
            source=run.source,
            table=table.name,
            most=sql.Literal(most),
        )
    ).fetchall()
    return [(str(row[0]), row[1]) for row in rows]


def detail(connection: Connection, run: Run, table: Table, source_id: str, row: dict[str, Any], at: datetime) -> None:
    """Fill in what a record's details told: from then on nothing of an older copy is kept."""
    columns = [fact for fact in table.facts if fact in row]
    connection.execute(
        sql.SQL("UPDATE {} SET kept = NULL, detailed_at = %s{} WHERE source_id = %s").format(
            identifier(run, table.name),
            sql.SQL("").join(sql.SQL(", {} = %s").format(sql.Identifier(column)) for column in columns),
        ),
        [at, *(_adapted(row[column]) for column in columns), source_id],
    )


def asked_in_vain(connection: Connection, run: Run, table: Table, source_id: str, at: datetime) -> None:
    """The details of a record could not be had: what is known stays, and others are asked for before it next time."""
    connection.execute(
        sql.SQL("UPDATE {} SET detailed_at = %s WHERE source_id = %s").format(identifier(run, table.name)),
        [at, source_id],
    )


def detail_ages(connection: Connection, run: Run, table: Table) -> tuple[int, int, datetime | None]:
    """Of the staged records: how many were detailed now, how many never, and the oldest reading among the others."""
    row = connection.execute(
        sql.SQL(
            "SELECT count(*) FILTER (WHERE s.detailed_at IS NOT NULL AND s.kept IS NULL), "
            "count(*) FILTER (WHERE s.detailed_at IS NULL AND d.read_at IS NULL), "
            "min(d.read_at) FILTER (WHERE s.detailed_at IS NULL) "
            "FROM {stage} s LEFT JOIN psa.detail_reads d "
            "ON d.source = {source} AND d.table_name = {table} AND d.source_id = s.source_id"
        ).format(stage=identifier(run, table.name), source=run.source, table=table.name)
    ).fetchone()
    return (0, 0, None) if row is None else (row[0], row[1], row[2])


def absent(connection: Connection, run: Run, table: Table, company: str) -> list[str]:
    """Keys of the live rows of a company that are not staged; noted down, since only these can be found gone."""
    asked = asked_for(run, table.name)
    connection.execute(
        sql.SQL(
            "CREATE UNLOGGED TABLE {asked} AS SELECT t.source_id FROM {target} t "
            "WHERE t.source = {source} AND t.{column} = {company} AND t.deleted_at IS NULL "
            "AND NOT EXISTS (SELECT 1 FROM {stage} s WHERE s.source_id = t.source_id)"
        ).format(
            asked=asked,
            target=sql.Identifier(SCHEMA, table.name),
            source=run.source,
            column=sql.Identifier(table.company_column or ""),
            company=company,
            stage=identifier(run, table.name),
        )
    )
    rows = connection.execute(sql.SQL("SELECT source_id FROM {} ORDER BY source_id").format(asked)).fetchall()
    return [str(row[0]) for row in rows]


def size(connection: Connection, run: Run, table: str) -> int | None:
    """How many rows are staged; None when there is no stage."""
    name = f"{STAGING}.{stage_name(run, table)}"
    exists = connection.execute("SELECT to_regclass(%s)", [name]).fetchone()
    if exists is None or exists[0] is None:
        return None
    row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(identifier(run, table))).fetchone()
    return int(row[0]) if row else None


def drop(connection: Connection, run: Run, table: str) -> None:
    """The rows are merged."""
    for name in (identifier(run, table), asked_for(run, table)):
        connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(name))


def drop_old(connection: Connection, source: str) -> None:
    """Drop the stages of this source's runs that began more than KEPT_DAYS ago and never ended."""
    old = connection.execute(
        """SELECT DISTINCT run_id, table_name FROM psa.sync_runs
           WHERE source = %s AND state <> 'loaded' AND started_at < now() - make_interval(days => %s)
           ORDER BY run_id, table_name""",  # two preflights at once lock in the same order
        [source, KEPT_DAYS],
    ).fetchall()
    for run_id, table_name in old:
        drop(connection, Run(source, run_id), table_name)


def identifier(run: Run, table: str) -> sql.Identifier:
    """The stage as SQL."""
    return sql.Identifier(STAGING, stage_name(run, table))


def asked_for(run: Run, table: str) -> sql.Identifier:
    """The keys that `absent` gave, as SQL."""
    return identifier(run, table + ASKED)


def _adapted(value: Any) -> Any:
    return Jsonb(value) if isinstance(value, (dict, list)) else value
