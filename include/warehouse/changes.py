"""psa.changes: each row that a merge writes, with its values before and after, in the transaction of the merge.

What is about to be written is recorded first, by the same conditions. No statement runs here when nothing has changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg import sql

from include.model.tables import SCHEMA
from include.warehouse.compared_columns import Compared, differences, new_values
from include.warehouse.deletions import APPROVED, MISSING
from include.warehouse.staged_rows import DELETED_AT, IS_CHANGED, IS_NEW, NEW_DELETED_AT
from include.warehouse.table_pair import TablePair

if TYPE_CHECKING:
    from typing_extensions import LiteralString

CHANGES, DRY_RUN_CHANGES = "changes", "dry_run_changes"

_RECORD: LiteralString = """
    INSERT INTO {changes}
        (source, table_name, source_id, change, columns, before, after, changed_at, run_id, run_kind)
"""
RECORD_DIFFERENCES: LiteralString = (
    _RECORD + "SELECT %(source)s, %(table)s, source_id, {change}, {columns}, {before}, {after}, now(), %(run_id)s, "
    "%(run_kind)s FROM (SELECT t.source_id, {both_values} "
)
"""Before the rows that are about to be updated, which are called t, and END."""
END: LiteralString = " OFFSET 0) AS differ "  # so that each pair of values is compared once
# Whether the table was merged as a whole before. Entries of old releases have no `merged_as_of`.
_WAS_MERGED: LiteralString = """
    SELECT 1 FROM psa.sync_runs WHERE source = %(source)s AND table_name = %(table)s AND company_source_id IS NULL
    AND (merged_as_of IS NOT NULL OR state = 'loaded') LIMIT 1
"""


@dataclass(frozen=True)
class Changes:
    """The changes of one merge."""

    pair: TablePair
    is_on: bool
    """Whether setup keeps them. A dry run has no other result, so its changes are always recorded."""

    def record(self, *, new: int, changed: int, missing: int) -> None:
        """Record so many rows that are about to be inserted, updated and marked deleted."""
        if not self._is_needed(new + changed + missing):
            return
        if self._is_dry:
            self._forget()
        if changed:
            self._record_changed()
        if new and self._is_first_load():
            self._record_first_load(new)
        elif new:
            self._record_new()
        if missing:
            self._record_missing()

    @property
    def _is_dry(self) -> bool:
        return bool(self.pair.entry.dry_run)

    @property
    def _table(self) -> sql.Identifier:
        return sql.Identifier(SCHEMA, DRY_RUN_CHANGES if self._is_dry else CHANGES)

    def _is_needed(self, rows: int) -> bool:
        return self._is_dry or (self.is_on and rows > 0)

    def _is_first_load(self) -> bool:
        """Whether no run has merged the table as a whole before; in a dry run all rows are of interest."""
        return not self._is_dry and not self.pair.first(_WAS_MERGED)

    def _forget(self) -> None:
        """Delete what an earlier attempt of the dry run has recorded."""
        self.pair.execute(
            "DELETE FROM {changes} WHERE source = %(source)s AND run_id = %(run_id)s AND table_name = %(table)s",
            changes=self._table,
        )

    def _record_changed(self) -> None:
        pair = self.pair
        pair.execute(
            RECORD_DIFFERENCES + "FROM {target} t, {staging} s WHERE " + IS_CHANGED + END,
            changes=self._table,
            stored=pair.compared("t"),
            staged=pair.compared("s"),
            **differences(self._columns(DELETED_AT)),
        )

    def _record_new(self) -> None:
        self.pair.execute(
            _RECORD + "SELECT %(source)s, %(table)s, s.source_id, 'new', NULL, NULL, {after}, now(), %(run_id)s, "
            "%(run_kind)s FROM {staging} s WHERE " + IS_NEW,
            changes=self._table,
            after=new_values(self._columns(NEW_DELETED_AT)),
        )

    def _record_first_load(self, rows: int) -> None:
        """One line for all rows, which have no value before, and are in the table itself."""
        self.pair.execute(
            _RECORD + "SELECT %(source)s, %(table)s, NULL, 'first load', NULL, NULL, "
            "jsonb_build_object('rows', {rows}::bigint), now(), %(run_id)s, %(run_kind)s",
            changes=self._table,
            rows=sql.Literal(rows),
        )

    def _record_missing(self) -> None:
        self.pair.execute(
            _RECORD + "SELECT t.source, %(table)s, t.source_id, 'deleted', ARRAY['deleted_at'], "
            "jsonb_build_object('deleted_at', NULL), jsonb_build_object('deleted_at', %(started_at)s::timestamptz), "
            "now(), %(run_id)s, %(run_kind)s FROM {target} t WHERE " + MISSING,
            changes=self._table,
        )

    def record_approved(self) -> None:
        """Record the held rows that are about to be marked deleted, because a person has approved it."""
        if not self.is_on:
            return
        self.pair.execute(
            _RECORD + "SELECT t.source, %(table)s, t.source_id, 'deleted', ARRAY['deleted_at'], "
            "jsonb_build_object('deleted_at', NULL), jsonb_build_object('deleted_at', h.deleted_at), "
            "now(), %(run_id)s, %(run_kind)s FROM {target} t, psa.held_deletions h WHERE " + APPROVED,
            changes=self._table,
        )

    def _columns(self, deleted_at: LiteralString) -> list[Compared]:
        types = {column.name: column.type for column in self.pair.table.columns}
        written = {fact: sql.Identifier("s", fact) for fact in self.pair.table.facts}
        ours = {"deleted_at": sql.SQL(deleted_at)}
        return [
            Compared(name, types[name], sql.Identifier("t", name), value) for name, value in {**written, **ours}.items()
        ]
