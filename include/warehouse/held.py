"""Rows that the deletion guard did not let a run mark deleted, and what becomes of them once a person has decided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg import sql

from include.model.tables import BY_NAME
from include.model.wording import counted
from include.warehouse.changes import Changes
from include.warehouse.clock import lock_merges
from include.warehouse.deletions import APPROVED, HELD, HELD_BY_OTHERS, MISSING, REPORTED
from include.warehouse.ledger import Ledger
from include.warehouse.newer_runs import newer_run
from include.warehouse.staging import Staging
from include.warehouse.table_pair import TablePair

if TYPE_CHECKING:
    from typing_extensions import LiteralString

    from include.model.run import Run
    from include.warehouse.connection import Connection

APPROVED_BY_PERSON, REJECTED, UNANSWERED = "approved", "rejected", "unanswered"


def hold_deletions(pair: TablePair, doubts: str | None, *, missing: int) -> bool:
    """Remember the rows that would be marked deleted, if there are `doubts`; whether they were held.

    Those that the PSA reports as deleted are staged as if it did not. What earlier attempts and runs have held is
    forgotten, because this listing is newer.
    """
    if pair.entry.dry_run:
        return False
    _forget(pair)
    if doubts:
        _hold(pair, missing=missing)
    return bool(doubts)


def _hold(pair: TablePair, *, missing: int) -> None:
    columns: LiteralString = (
        "INSERT INTO psa.held_deletions (source, run_id, table_name, source_id, is_reported, as_of, deleted_at) "
        "SELECT %(source)s, %(run_id)s, %(table)s, t.source_id, "
    )
    if missing:
        pair.execute(columns + "false, %(started_at)s, %(started_at)s FROM {target} t WHERE " + MISSING)
    pair.execute(columns + "true, s.fetched_at, COALESCE(s.deleted_at, s.fetched_at) " + REPORTED)
    pair.execute(
        "UPDATE {staging} s SET is_deleted = false, deleted_at = NULL FROM psa.held_deletions h WHERE "
        + HELD
        + "AND h.is_reported AND h.source_id = s.source_id"
    )


def leave_to_earlier_questions(pair: TablePair) -> str | None:
    """In a quick run, leave the deletions that earlier runs have held to their questions; how many, in a sentence.

    Otherwise each quick run would ask again. The next full run does.
    """
    if pair.entry.since is None:
        return None
    pair.execute(
        "UPDATE {staging} s SET is_deleted = false, deleted_at = NULL FROM psa.held_deletions h WHERE "
        + HELD_BY_OTHERS
        + "AND h.is_reported AND h.source_id = s.source_id"
    )
    rows = pair.number(
        "SELECT count(*) FROM {target} t WHERE t.source = %(source)s AND t.deleted_at IS NULL AND t.source_id IN "
        "(SELECT h.source_id FROM psa.held_deletions h WHERE " + HELD_BY_OTHERS + ")"
    )
    return (
        f"{counted(rows, 'row')} stay as they are: an earlier run has asked whether to mark them deleted."
        if rows
        else None
    )


def _forget(pair: TablePair) -> None:
    """What was marked deleted after an approval stays on record.

    Only a run of everything forgets what others have held: quick runs leave that to the questions of these.
    """
    pair.execute(
        "DELETE FROM psa.held_deletions h WHERE h.source = %(source)s AND h.table_name = %(table)s AND (h.run_id = "
        "%(run_id)s OR %(company)s::text IS NULL AND %(since)s::timestamptz IS NULL "
        "AND h.outcome IS DISTINCT FROM 'deleted')"
    )


def rows_that_wait(connection: Connection, run: Run) -> dict[str, int]:
    """By table, how many rows of a run wait for a person's decision."""
    rows = connection.execute(
        """SELECT table_name, count(*) FROM psa.held_deletions
           WHERE source = %s AND run_id = %s AND decision IS NULL GROUP BY table_name""",
        [run.source, run.run_id],
    ).fetchall()
    return {row[0]: row[1] for row in rows}


@dataclass(frozen=True)
class HeldTable:
    """The rows of a table that wait for a person's decision."""

    table: str
    """The table of the schema psa."""
    rows: int
    """How many."""
    names: tuple[str | None, ...]
    """The names of the first of them, as stored."""


@dataclass(frozen=True)
class Settled:
    """What became of the held rows of a table after an approval."""

    table: str
    """The table of the schema psa."""
    shown: int
    """Rows that the person was asked about."""
    deleted: int
    """Those that were marked deleted. The others were seen again since, or another run had marked them deleted."""


@dataclass(frozen=True)
class HeldDeletions:
    """The deletions that a run has held in some tables, on this connection and in its transaction."""

    connection: Connection
    run: Run
    tables: Sequence[str]
    records_changes: bool = True
    """Whether psa.changes gets the rows that are marked deleted."""

    def waiting(self, shown: int) -> list[HeldTable]:
        """The tables with rows that wait, and the names of the first ones in each."""
        found = []
        for pair in self._pairs():
            names, rows = pair.row(
                "SELECT (array_agg(t.name ORDER BY t.name, t.source_id))[:{shown}], count(*) "
                "FROM psa.held_deletions h JOIN {target} t USING (source, source_id) WHERE "
                + HELD
                + "AND h.outcome IS NULL",
                shown=sql.Literal(shown),
            )
            if rows:
                found.append(HeldTable(pair.table.name, rows, tuple(names)))
        return found

    def newer_run(self) -> str | None:
        """Another run that has read one of these tables later, and has merged it: what it found counts."""
        return next(filter(None, map(newer_run, self._pairs())), None)

    def decision(self) -> tuple[str, str | None, bool] | None:
        """What was decided about the rows that have not been marked deleted yet, by whom, and whether just now."""
        row = self.connection.execute(
            """SELECT decision, decided_by, decided_at > clock_timestamp() - interval '1 minute'
               FROM psa.held_deletions WHERE source = %s AND run_id = %s
               AND table_name = ANY(%s) AND outcome IS NULL AND decision IS NOT NULL LIMIT 1""",
            self._key(),
        ).fetchone()
        return (row[0], row[1], row[2]) if row else None

    def save_decision(self, decision: str | None, by: str | None) -> None:
        """Save what a person decided, so that a further attempt need not ask again; None takes it back."""
        self.connection.execute(
            """UPDATE psa.held_deletions SET decision = %s, decided_by = %s, decided_at = clock_timestamp()
               WHERE source = %s AND run_id = %s AND table_name = ANY(%s) AND outcome IS NULL""",
            [decision, by, *self._key()],
        )

    def delete(self) -> list[Settled]:
        """Mark the held rows deleted, unless they were seen again since; only rows that `waiting` has counted."""
        return [_delete(pair, Changes(pair, is_on=self.records_changes)) for pair in self._pairs()]

    def lock(self) -> None:
        """Let no other run merge these tables before the end of the transaction."""
        for table in self.tables:
            lock_merges(self.connection, table)

    def _pairs(self) -> Iterator[TablePair]:
        entries = Ledger(self.connection, self.run).entries()
        for table in self.tables:
            if table in entries:
                yield TablePair(Staging(self.connection, self.run, BY_NAME[table]), entries[table])

    def _key(self) -> list[object]:
        return [self.run.source, self.run.run_id, list(self.tables)]


def _delete(pair: TablePair, changes: Changes) -> Settled:
    changes.record_approved()
    deleted = pair.execute(
        "UPDATE {target} t SET deleted_at = h.deleted_at, synced_at = h.as_of, changed_at = now(), "
        "run_id = %(run_id)s FROM psa.held_deletions h WHERE " + APPROVED
    )
    shown = pair.execute(
        "UPDATE psa.held_deletions h SET outcome = CASE WHEN t.deleted_at = h.deleted_at AND t.run_id = h.run_id "
        "THEN 'deleted' ELSE 'kept' END FROM {target} t WHERE "
        + HELD
        + "AND h.outcome IS NULL AND t.source = h.source AND t.source_id = h.source_id"
    )
    return Settled(pair.table.name, shown, deleted)
