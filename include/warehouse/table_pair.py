"""A table and its staging table, and the statements that compare the two."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from psycopg import sql

from include.model.errors import WarehouseError
from include.model.tables import SCHEMA, Table
from include.warehouse.ledger_entry import LedgerEntry
from include.warehouse.staged_tables import existing
from include.warehouse.staging import Staging

if TYPE_CHECKING:
    from typing_extensions import LiteralString

# When the stored copy of a row was fetched. Without a usable stamp it counts as older than any copy: someone has
# dropped the column, and the next preflight created it again; or a clock was ahead, and the stamp is in the future.
_STORED_COPY_AT = sql.SQL("CASE WHEN t.synced_at <= clock_timestamp() THEN t.synced_at ELSE '-infinity' END")

# Whether a run of only the row's company began after this one and is already merged: its copy of the row is newer, and
# so is what it found missing.
_COMPANY_SYNCED_LATER = """COALESCE({company} IN (
    SELECT r.company_source_id FROM psa.sync_runs r
    WHERE r.source = %(source)s AND r.table_name = %(table)s AND r.run_id <> %(run_id)s
      AND r.merged_as_of > %(started_at)s AND r.merged_as_of <= clock_timestamp()), false)"""


@dataclass(frozen=True)
class TablePair:
    """A table, a run's staging table for it, and the ledger entry of the run's extraction.

    A statement calls the table t and the staging table s, and may have these parts in braces:

    - `{target}`, `{staging}`: the two tables;
    - `{stored_copy_at}`: when the copy in t was fetched;
    - `{in_scope}`: whether the run reads the company that the row of t belongs to; always, in a run of all companies;
    - `{asked_by_key}`: whether the run looked for the record of the row of t by its key, as a run has to do that does
      not list everything;
    - `{t_rejected}`: whether the record of the row of t was rejected, or is below a parent that could not be read;
    - `{t_company_synced_later}`, `{s_company_synced_later}`: whether another run knows the row's company better.
    """

    staging: Staging
    entry: LedgerEntry

    @property
    def table(self) -> Table:
        """The table that the staged rows are for."""
        return self.staging.table

    def execute(self, statement: LiteralString, **parts: sql.Composable) -> int:
        """Run a statement; the number of rows that it changed."""
        return self.staging.connection.execute(self._composed(statement, parts), self._values()).rowcount

    def first(self, statement: LiteralString, **parts: sql.Composable) -> tuple[Any, ...] | None:
        """The first row of a query, or None."""
        row = self.staging.connection.execute(self._composed(statement, parts), self._values()).fetchone()
        return None if row is None else tuple(row)

    def row(self, statement: LiteralString, **parts: sql.Composable) -> tuple[Any, ...]:
        """The one row of an aggregate."""
        row = self.first(statement, **parts)
        if row is None:
            raise WarehouseError("Postgres returned no row for an aggregate.")
        return row

    def number(self, statement: LiteralString, **parts: sql.Composable) -> int:
        """The one number of an aggregate."""
        return int(self.row(statement, **parts)[0])

    def each_fact(self, template: LiteralString) -> sql.Composed:
        """The template for each of the vendor's columns, with commas: {0} is the column, {1} its name as text."""
        return sql.SQL(", ").join(sql.SQL(template).format(sql.Identifier(fact), fact) for fact in self.table.facts)

    def compared(self, alias: str) -> sql.Composed:
        """The vendor's columns of t or s, with commas, so that no change of a value goes unseen.

        JSON is compared as text: as JSON, 10.50 equals 10.5.
        """
        types = {column.name: column.type for column in self.table.columns}
        columns = ((sql.Identifier(alias, fact), types[fact] == "jsonb") for fact in self.table.facts)
        return sql.SQL(", ").join(sql.SQL("{}::text" if is_json else "{}").format(name) for name, is_json in columns)

    def _composed(self, statement: LiteralString, parts: dict[str, sql.Composable]) -> sql.Composed:
        return sql.SQL(statement).format(
            target=sql.Identifier(SCHEMA, self.table.name),
            staging=self.staging.identifier,
            stored_copy_at=_STORED_COPY_AT,
            in_scope=self._in_scope(),
            asked_by_key=self._asked_by_key(),
            t_rejected=self._t_rejected(),
            t_company_synced_later=self._company_synced_later("t"),
            s_company_synced_later=self._company_synced_later("s"),
            **parts,
        )

    def _in_scope(self) -> sql.Composable:
        if self.entry.company_source_id is None:
            return sql.SQL("true")
        return sql.SQL("t.{} = %(company)s").format(sql.Identifier(self.table.company_column or ""))

    def _asked_by_key(self) -> sql.Composable:
        if self.entry.company_source_id is None and self.entry.since is None:
            return sql.SQL("true")
        if not self._has_asked:
            return sql.SQL("false")
        return sql.SQL("t.source_id IN (SELECT source_id FROM {})").format(self.staging.asked_identifier)

    @cached_property
    def _has_asked(self) -> bool:
        """Whether there is a table with the keys that the run looked for."""
        return bool(existing(self.staging.connection, [self.staging.asked_name]))

    def _t_rejected(self) -> sql.Composable:
        """As values, which Postgres looks up in a hash table: it has no statistics to plan a join with."""
        checks = [
            sql.SQL("COALESCE({} = ANY({}), false)").format(
                sql.Identifier("t", column), sql.Placeholder(f"rejected_{column}")
            )
            for column in self._rejects
        ]
        return sql.SQL("({})").format(sql.SQL(" OR ").join(checks))

    @cached_property
    def _rejects(self) -> dict[str, list[str]]:
        """The values by which rows are known to be rejected, by column."""
        run, found = self.staging.run, {"source_id": list[str]()}
        rows = self.staging.connection.execute(
            """SELECT source_id, scope_column, scope_value FROM psa.sync_rejects
               WHERE source = %s AND run_id = %s AND table_name = %s""",
            [run.source, run.run_id, self.table.name],
        ).fetchall()
        for key, scope_column, scope_value in rows:
            if key is not None:
                found["source_id"].append(key)
            if scope_column is not None:
                found.setdefault(scope_column, []).append(scope_value)
        return found

    def _company_synced_later(self, alias: str) -> sql.Composable:
        if self.table.company_column is None:
            return sql.SQL("false")
        return sql.SQL(_COMPANY_SYNCED_LATER).format(company=sql.Identifier(alias, self.table.company_column))

    def _values(self) -> dict[str, Any]:
        run = self.staging.run
        return {
            "source": run.source,
            "run_id": run.run_id,
            "run_kind": run.kind,
            "table": self.table.name,
            "started_at": self.entry.started_at,
            "company": self.entry.company_source_id,
            "since": self.entry.since,
            "looked_until": self.entry.extracted_at,
            **{f"rejected_{column}": values for column, values in self._rejects.items()},
        }
