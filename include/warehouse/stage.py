"""A run's own staging table: pages are copied in as they come, and stay until they are merged."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from psycopg import sql
from psycopg.types.json import Jsonb

from include.warehouse.connection import Connection
from include.warehouse.ledger import Run
from include.warehouse.schema import STAGING
from include.warehouse.tables import SCHEMA, Table

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
            "is_deleted boolean NOT NULL, deleted_at timestamptz, fetched_at timestamptz NOT NULL, {})"
        ).format(name, sql.SQL(", ").join(facts))
    )
    connection.execute(sql.SQL("COMMENT ON TABLE {} IS {}").format(name, f"Staged by {run.run_id}"))


def copy(connection: Connection, run: Run, table: Table, rows: Iterable[dict[str, Any]], fetched_at: datetime) -> None:
    """Append a page's rows with COPY."""
    columns = ("source_id", "is_deleted", "deleted_at", "fetched_at", *table.facts)
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        identifier(run, table.name), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as out:
        for row in rows:
            head = (row["source_id"], row.get("is_deleted", False), row.get("deleted_at"), fetched_at)
            out.write_row((*head, *(_adapted(row.get(fact)) for fact in table.facts)))


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
