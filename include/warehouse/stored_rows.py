"""What is stored of a PSA now, counted to say what another setup would change."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from psycopg import sql

from include.model.tables import SCHEMA, TABLES
from include.warehouse.connection import Connection

OF_A_COMPANY = tuple(table.name for table in TABLES if table.company_column and table.name != "companies")
"""The tables whose rows belong to a company."""

_LIVE = sql.SQL("SELECT count(*) FROM {} WHERE source = %s AND deleted_at IS NULL")
_OF_OTHERS = sql.SQL(" AND (company_source_id = ANY(%s::text[])) IS NOT TRUE")
_FILLED = sql.SQL(" AND {} IS NOT NULL")
_FIELD = sql.SQL(" AND custom_fields ->> %s IS NOT NULL")


@dataclass(frozen=True)
class StoredRows:
    """The live rows of one PSA, read on this connection."""

    connection: Connection
    source: str

    def live(self, table: str) -> int:
        """How many there are."""
        return self._count(table, sql.SQL(""))

    def companies(self) -> dict[str, str]:
        """The names of the companies by key."""
        rows = self.connection.execute(
            "SELECT source_id, coalesce(name, source_id) FROM psa.companies WHERE source = %s AND deleted_at IS NULL",
            [self.source],
        )
        return dict(rows.fetchall())

    def of_other_companies(self, table: str, keys: Collection[str]) -> int:
        """How many belong to none of these companies, or to no company."""
        return self._count(table, _OF_OTHERS, list(keys))

    def filled(self, table: str, column: str) -> int:
        """In how many a column has a value."""
        return self._count(table, _FILLED.format(sql.Identifier(column)))

    def filled_field(self, table: str, name: str) -> int:
        """In how many a custom field has a value, by its name in the warehouse."""
        return self._count(table, _FIELD, name)

    def _count(self, table: str, condition: sql.Composable, *values: object) -> int:
        query = _LIVE.format(sql.Identifier(SCHEMA, table)) + condition
        row = self.connection.execute(query, [self.source, *values]).fetchone()
        return int(row[0]) if row else 0
