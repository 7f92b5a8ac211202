"""The keys of all records that a PSA has, as a quick run lists them to find rows whose records have vanished."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psycopg import sql

from include.model.tables import SCHEMA
from include.warehouse.deletions import HELD_BY_OTHERS
from include.warehouse.schema import STAGING_SCHEMA
from include.warehouse.staged_tables import KEYS, table_name
from include.warehouse.staging import Staging

if TYPE_CHECKING:
    from typing_extensions import LiteralString

_LIVE: LiteralString = "{target} t WHERE t.source = %(source)s AND t.deleted_at IS NULL"
_NOT_STAGED: LiteralString = "NOT EXISTS (SELECT FROM {staging} s WHERE s.source_id = t.source_id)"
# Records that were refused since the last full listing began: the PSA counts them, and they are in no table.
_REJECTED: LiteralString = """
    (SELECT DISTINCT j.source_id FROM psa.sync_rejects j JOIN psa.sync_watermarks w
       ON w.source = j.source AND w.table_name = j.table_name AND j.rejected_at >= w.full_at
     WHERE j.source = %(source)s AND j.table_name = %(table)s AND j.source_id IS NOT NULL)
"""
# Rows whose records vanished, which the deletion guard has held in another run: they are left to the question of that.
_HELD: LiteralString = (
    "EXISTS (SELECT FROM psa.held_deletions h WHERE " + HELD_BY_OTHERS + "AND h.source_id = t.source_id)"
)


@dataclass(frozen=True)
class KeyList:
    """The keys, beside a quick run's staging table."""

    staging: Staging

    def alive(self) -> int:
        """How many records the PSA should have, by the rows after the merge and by what was refused."""
        return int(
            self._all(
                "SELECT (SELECT count(*) FROM " + _LIVE + " AND " + _NOT_STAGED + " AND NOT " + _HELD + ") "
                "+ (SELECT count(DISTINCT s.source_id) FROM {staging} s WHERE NOT s.is_deleted) "
                "+ (SELECT count(*) FROM " + _REJECTED + " r WHERE "
                "NOT EXISTS (SELECT FROM {staging} s WHERE s.source_id = r.source_id) "
                "AND NOT EXISTS (SELECT FROM " + _LIVE + " AND t.source_id = r.source_id))"
            )[0][0]
        )

    def create(self) -> None:
        """Create the list empty, whatever an earlier attempt left."""
        self._run("DROP TABLE IF EXISTS {keys}")
        self._run("CREATE UNLOGGED TABLE {keys} (source_id text NOT NULL)")

    def add(self, keys: Iterable[str]) -> None:
        """Add the keys of a page."""
        statement = self._composed("COPY {keys} (source_id) FROM STDIN")
        with self.staging.connection.cursor() as cursor, cursor.copy(statement) as out:
            for key in keys:
                out.write_row([key])

    def size(self) -> int:
        """How many keys were listed, once all are."""
        self._run("ANALYZE {keys}")
        return int(self._all("SELECT count(DISTINCT source_id) FROM {keys}")[0][0])

    def unknown(self, most: int) -> list[str]:
        """Keys of records that are neither rows, nor staged, nor refused: so many at most."""
        rows = self._all(
            "SELECT DISTINCT k.source_id FROM {keys} k "
            "WHERE NOT EXISTS (SELECT FROM " + _LIVE + " AND t.source_id = k.source_id) "
            "AND NOT EXISTS (SELECT FROM {staging} s WHERE s.source_id = k.source_id) "
            "AND NOT EXISTS (SELECT FROM " + _REJECTED + " r WHERE r.source_id = k.source_id) "
            "ORDER BY k.source_id LIMIT {most}",
            most=sql.Literal(most),
        )
        return [str(row[0]) for row in rows]

    def save_missing(self) -> None:
        """Save the keys of live rows that are neither listed nor staged: the merge may mark only these deleted."""
        self._save(
            "SELECT t.source_id FROM " + _LIVE + " AND " + _NOT_STAGED + " AND NOT " + _HELD + " AND NOT EXISTS "
            "(SELECT FROM {keys} k WHERE k.source_id = t.source_id)"
        )
        self._run("DROP TABLE {keys}")

    def save_missing_of(self, companies: Collection[str]) -> None:
        """Save the keys of live rows of these companies, of which everything was listed, that are not staged.

        The merge may mark only these deleted; without companies it may mark none.
        """
        self._save(
            "SELECT t.source_id FROM "
            + _LIVE
            + " AND t.{company} = ANY({companies}::text[]) AND "
            + _NOT_STAGED
            + " AND NOT "
            + _HELD,
            company=sql.Identifier(self.staging.table.company_column or "source_id"),
            companies=sql.Literal(sorted(companies)),
        )

    def _save(self, query: LiteralString, **parts: sql.Composable) -> None:
        self._run("CREATE UNLOGGED TABLE IF NOT EXISTS {asked} (source_id text)")
        self._run("DELETE FROM {asked}")  # of an earlier attempt
        self._run("INSERT INTO {asked} " + query, **parts)

    def _run(self, statement: LiteralString, **parts: sql.Composable) -> None:
        self.staging.connection.execute(self._composed(statement, **parts), self._values())

    def _all(self, query: LiteralString, **parts: sql.Composable) -> list[tuple[Any, ...]]:
        return list(self.staging.connection.execute(self._composed(query, **parts), self._values()).fetchall())

    def _values(self) -> dict[str, str]:
        run = self.staging.run
        return {"source": run.source, "run_id": run.run_id, "table": self.staging.table.name}

    def _composed(self, statement: LiteralString, **parts: sql.Composable) -> sql.Composed:
        staging = self.staging
        return sql.SQL(statement).format(
            target=sql.Identifier(SCHEMA, staging.table.name),
            staging=staging.identifier,
            asked=staging.asked_identifier,
            keys=sql.Identifier(STAGING_SCHEMA, table_name(staging.run, staging.table.name + KEYS)),
            **parts,
        )
