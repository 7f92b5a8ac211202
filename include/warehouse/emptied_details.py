"""The deletion guard for details: a key that was renamed in them must not empty a column, batch after batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from psycopg import sql
from psycopg.rows import dict_row

from include.model.errors import HeldBack
from include.model.setup import DeletionGuard
from include.model.tables import CUSTOM_FIELDS, SCHEMA, Table
from include.model.wording import counted
from include.warehouse.connection import Connection
from include.warehouse.detail_reads import JOINED, Answer


@dataclass
class EmptiedDetails:
    """Counts over all batches of an attempt in how many records each column was filled, and in how many it is now."""

    connection: Connection
    source: str
    table: Table
    guard: DeletionGuard
    _records: int = 0
    _had: Counter[str] = field(default_factory=Counter)
    _has: Counter[str] = field(default_factory=Counter)

    def check(self, answers: Collection[Answer], always: Collection[str]) -> None:
        """Raise HeldBack if a column that was filled in more rows than the guard allows is empty in every record.

        Only columns count that the details decide about. Those that serve bookkeeping hold nothing back.
        """
        read = {answer.key: answer.columns for answer in answers if answer.columns is not None}
        stored = self._stored(list(read))
        self._records += len(read)
        for key, row in stored.items():
            decided = {name for name in read[key] if name in always or name in (row["unlisted"] or ())}
            self._had.update(_filled(row, decided))
            self._has.update(_filled(read[key], decided))
        for column, had in self._had.items():
            if had > self.guard.rows and not self._has[column]:
                raise self._held(column, had)

    def _stored(self, keys: list[str]) -> dict[str, Mapping[str, Any]]:
        with self.connection.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(
                sql.SQL(
                    "SELECT t.*, d.unlisted FROM {} t "
                    + JOINED
                    + " WHERE t.source = %(source)s AND t.source_id = ANY(%(keys)s)"
                ).format(sql.Identifier(SCHEMA, self.table.name)),
                {"source": self.source, "table": self.table.name, "keys": keys},
            ).fetchall()
        return {row["source_id"]: row for row in rows}

    def _held(self, column: str, had: int) -> HeldBack:
        return HeldBack(
            f"{SCHEMA}.{self.table.name}: '{column}' is filled in {had:,} stored rows, and in none of the details of "
            f"{counted(self._records, 'record')} that were read now, as if it had been renamed or hidden. The deletion "
            f"guard allows {counted(self.guard.rows, 'row')}. Look at the PSA and at the rights of the API account. If "
            "it is right, trigger this DAG with 'Approve deletions' for this kind."
        )


def _filled(row: Mapping[str, Any], decided: Collection[str]) -> Iterator[str]:
    """The columns, and the chosen custom fields, that have a value."""
    for name in decided:
        if name == CUSTOM_FIELDS:
            yield from (f"custom field {field}" for field, value in (row[name] or {}).items() if value is not None)
        elif name != "source_updated_at" and row[name] is not None:
            yield name
