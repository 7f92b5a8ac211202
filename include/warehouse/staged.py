"""Statements about one table and one run's stage of it, with what they have in common said once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psycopg import sql

from include.model.errors import WarehouseError
from include.model.run import Run
from include.model.tables import SCHEMA, Table
from include.warehouse import staging
from include.warehouse.connection import Connection
from include.warehouse.ledger import LedgerEntry

if TYPE_CHECKING:
    from typing_extensions import LiteralString

# A row without a stamp is older than any copy: somebody dropped the column, and it was made anew.
_HELD_SINCE = sql.SQL("COALESCE(t.synced_at, '-infinity')")

# Of a company that a run of that company alone has listed later, everything staged here is older than what it merged.
_KNOWN_BETTER = """COALESCE({company} IN (
    SELECT r.company_source_id FROM psa.sync_runs r
    WHERE r.source = %(source)s AND r.table_name = %(table)s AND r.run_id <> %(run_id)s
      AND r.merged_as_of > %(started_at)s AND r.merged_as_of <= clock_timestamp()), false)"""


@dataclass(frozen=True)
class Staged:
    """A run's stage of a table, beside the table.

    In a statement `{target}` is the table, best called t, and `{stage}` the stage, s. `{held_since}` is how old our
    knowledge of a row of t is; `{in_scope}` holds for rows of t that the run speaks for, `{asked_for}` for those it
    asked for one by one, if it did; `{t_known}` and `{s_known}` where another run knows the company of the row better.
    """

    connection: Connection
    run: Run
    table: Table
    entry: LedgerEntry

    def execute(self, statement: LiteralString, **parts: sql.Composable) -> int:
        """The number of rows it concerned."""
        return self.connection.execute(self._bound(statement, parts), self._values()).rowcount

    def first(self, statement: LiteralString, **parts: sql.Composable) -> tuple[Any, ...] | None:
        """The first row, if there is one."""
        row = self.connection.execute(self._bound(statement, parts), self._values()).fetchone()
        return None if row is None else tuple(row)

    def row(self, statement: LiteralString, **parts: sql.Composable) -> tuple[Any, ...]:
        """The one row of an aggregate."""
        row = self.first(statement, **parts)
        if row is None:
            raise WarehouseError("Postgres answered a count with nothing.")
        return row

    def number(self, statement: LiteralString) -> int:
        """The one number of an aggregate."""
        return int(self.row(statement)[0])

    def each_fact(self, template: LiteralString) -> sql.Composed:
        """The template for each of the vendor's columns, with commas: {0} is the column, {1} its name as text."""
        return sql.SQL(", ").join(sql.SQL(template).format(sql.Identifier(fact), fact) for fact in self.table.facts)

    def _bound(self, statement: LiteralString, parts: dict[str, sql.Composable]) -> sql.Composed:
        return sql.SQL(statement).format(
            target=sql.Identifier(SCHEMA, self.table.name),
            stage=staging.identifier(self.run, self.table.name),
            held_since=_HELD_SINCE,
            in_scope=self._in_scope(),
            asked_for=self._asked_for(),
            t_known=self._known_better("t"),
            s_known=self._known_better("s"),
            **parts,
        )

    def _in_scope(self) -> sql.Composable:
        """All rows, or those of one company."""
        if self.entry.company_source_id is None:
            return sql.SQL("true")
        return sql.SQL("t.{} = %(company)s").format(sql.Identifier(self.table.company_column or ""))

    def _asked_for(self) -> sql.Composable:
        if self.entry.company_source_id is None:
            return sql.SQL("true")
        asked = staging.asked_for(self.run, self.table.name)
        return sql.SQL("t.source_id IN (SELECT source_id FROM {})").format(asked)

    def _known_better(self, alias: str) -> sql.Composable:
        if self.table.company_column is None:
            return sql.SQL("false")
        return sql.SQL(_KNOWN_BETTER).format(company=sql.Identifier(alias, self.table.company_column))

    def _values(self) -> dict[str, Any]:
        return {
            "source": self.run.source,
            "run_id": self.run.run_id,
            "table": self.table.name,
            "started_at": self.entry.started_at,
            "company": self.entry.company_source_id,
        }
