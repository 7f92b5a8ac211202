"""From staging to the table, in one short transaction: newest row per key, only what differs, deletes with a brake."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psycopg import sql

from include.errors import HeldBack, WarehouseError
from include.settings import Brake
from include.warehouse import ledger, stage
from include.warehouse.connection import Connection
from include.warehouse.ledger import Books, Run
from include.warehouse.tables import SCHEMA, Table
from include.words import counted

if TYPE_CHECKING:
    from typing_extensions import LiteralString

# The deletion a row asserts about itself: the vendor's date, else the one known, else when it was seen.
_DELETED = "CASE WHEN s.is_deleted THEN COALESCE(s.deleted_at, t.deleted_at, s.fetched_at) END"

# A row without a stamp is older than any copy: somebody dropped the column, and it was made anew.
_HELD_SINCE = sql.SQL("COALESCE(t.synced_at, '-infinity')")

# Of a company that a run of that company alone has listed later, everything staged here is older than what it merged.
_KNOWN_BETTER = """{company} IN (
    SELECT r.company_source_id FROM psa.sync_runs r
    WHERE r.source = %(source)s AND r.table_name = %(table)s AND r.state = 'loaded' AND r.run_id <> %(run_id)s
      AND r.started_at > %(started_at)s AND r.started_at <= now())"""

# Live rows that the listing did not have. Rows that were refused are not gone; nor are those that another run fetched
# after this extraction began, or that belong to a company whose records another run knows better.
_GONE = """
    t.source = %(source)s AND {in_scope} AND t.deleted_at IS NULL AND {held_since} < %(started_at)s AND NOT {t_known}
    AND NOT EXISTS (SELECT 1 FROM {stage} s WHERE s.source_id = t.source_id)
    AND NOT EXISTS (
        SELECT 1 FROM psa.sync_rejects r
        WHERE r.source = %(source)s AND r.run_id = %(run_id)s AND r.table_name = %(table)s
          AND (r.source_id = t.source_id OR to_jsonb(t) ->> r.scope_column = r.scope_value))
"""


def merge(connection: Connection, run: Run, table: Table, *, brake: Brake | None) -> tuple[Books, str | None]:
    """Merge and sweep one table; the books, and a note when deletions could not be judged.

    No `brake` means that a person has released it for this run. Raises HeldBack, or WarehouseError when the stage is
    not what the ledger says was extracted.
    """
    return _Merge(connection, run, table, _extracted(connection, run, table.name), brake).merge()


def compare(connection: Connection, run: Run, table: Table, *, brake: Brake | None) -> tuple[Books, str | None]:
    """What `merge` would have done, told by doing it and undoing it; what it would have held back is a note."""
    try:
        with connection.transaction(force_rollback=True):
            return merge(connection, run, table, brake=brake)
    except HeldBack as held:
        with connection.transaction(force_rollback=True):
            books, _ = merge(connection, run, table, brake=None)
        return books, f"it would be held back. {held}"


def _extracted(connection: Connection, run: Run, table: str) -> ledger.Entry:
    entry = ledger.entries(connection, run).get(table)
    staged = stage.size(connection, run, table)
    if entry is None or entry.extracted_at is None or staged is None:
        raise WarehouseError(
            f"There is nothing complete to load into {SCHEMA}.{table}: the extraction of this run did not end. "
            "Clear the task 'extract' of this group; 'load' follows it."
        )
    expected = (entry.fetched or 0) - (entry.rejected or 0)
    if staged > expected:
        raise WarehouseError(
            f"{staged:,} rows are staged for {SCHEMA}.{table}, {staged - expected:,} more than this attempt extracted: "
            "another attempt of the same task was still at work. Clear the task 'extract' of this group."
        )
    if staged < expected:
        raise WarehouseError(
            f"Of {expected:,} rows staged for {SCHEMA}.{table}, {staged:,} are left (Postgres empties staging when it "
            "crashes). Nothing was merged. Clear the task 'extract' of this group."
        )
    return entry


@dataclass(frozen=True)
class _Merge:
    connection: Connection
    run: Run
    table: Table
    entry: ledger.Entry
    brake: Brake | None

    def merge(self) -> tuple[Books, str | None]:
        fetched, rejected = self.entry.fetched or 0, self.entry.rejected or 0
        self._execute("SELECT pg_advisory_xact_lock(hashtextextended('psa.' || %(table)s, 0))")
        duplicate = self._execute(
            """DELETE FROM {stage} WHERE ordinal IN (
                 SELECT ordinal FROM (
                   SELECT ordinal, row_number() OVER (
                     PARTITION BY source_id ORDER BY source_updated_at DESC NULLS LAST, ordinal DESC) AS place
                   FROM {stage}) ranked WHERE place > 1)"""
        )
        self._execute("ANALYZE {stage} (source_id)")
        staged = fetched - rejected - duplicate
        newer = self._newer_run()
        if newer:
            superseded = f"{newer} began later and is merged already, so nothing of this older copy was used."
            return Books(fetched, 0, 0, staged, duplicate, rejected, 0), superseded
        note = self._unjudged()
        deleted = self._vanishing(sweep=note is None)
        if self.brake:
            self._check_rejects(self.brake, fetched, rejected)
            self._check_vanishing(self.brake, fetched, deleted)
            self._check_emptied(self.brake, staged)
        updated = self._update()
        inserted = self._insert()
        if note is None:
            self._sweep()
        return Books(fetched, inserted, updated, staged - inserted - updated, duplicate, rejected, deleted), note

    def _newer_run(self) -> str | None:
        """A complete listing that was begun after this one knows all that this one knows, and later."""
        row = self.connection.execute(
            """SELECT run_id FROM psa.sync_runs WHERE source = %(source)s AND table_name = %(table)s
               AND state = 'loaded' AND started_at > %(started_at)s AND started_at <= now() AND run_id <> %(run_id)s
               AND (company_source_id IS NULL OR company_source_id = %(company)s) LIMIT 1""",
            self._values(),
        ).fetchone()
        return str(row[0]) if row else None

    def _check_vanishing(self, brake: Brake, fetched: int, vanishing: int) -> None:
        living = self._number(
            "SELECT count(*) FROM {target} t WHERE source = %(source)s AND {in_scope} AND deleted_at IS NULL"
        )
        if vanishing and (not fetched or not brake.allows(vanishing, living)):
            raise HeldBack(
                f"{SCHEMA}.{self.table.name}: the PSA listed {fetched:,} records; {vanishing:,} of the {living:,} rows "
                f"that live here{self._whose} would be marked deleted. {self._allowed(brake)}"
            )

    def _check_rejects(self, brake: Brake, fetched: int, rejected: int) -> None:
        odd = rejected - self._number(
            """SELECT count(*) FROM psa.sync_rejects WHERE source = %(source)s AND run_id = %(run_id)s
               AND table_name = %(table)s AND scope_column IS NOT NULL"""
        )  # a board that may not be read is no odd record
        if not brake.allows(odd, fetched):
            raise HeldBack(
                f"{SCHEMA}.{self.table.name}: {odd:,} of {fetched:,} records had to be rejected, as if the API "
                f"had changed; psa.sync_rejects has key and reason of each. {self._allowed(brake)}"
            )

    def _check_emptied(self, brake: Brake, staged: int) -> None:
        """A renamed key or a lost right can blank a column in every row of a listing that looks complete."""
        judged: dict[str, sql.Composable] = {
            fact: sql.Identifier(fact) for fact in self.table.facts if fact != "custom_fields"
        }
        for name in self._chosen_fields():  # a percent sign would be taken for a parameter
            judged[f"custom field {name}"] = sql.SQL("custom_fields ->> {}").format(name.replace("%", "%%"))
        filled = sql.SQL(", ").join(sql.SQL("count({})").format(value) for value in judged.values())
        before = self._row(
            "SELECT {filled} FROM {target} t WHERE source = %(source)s AND {in_scope} AND deleted_at IS NULL",
            filled=filled,
        )
        after = self._row("SELECT {filled} FROM {stage}", filled=filled)
        for fact, had, has in zip(judged, before, after, strict=True):
            if staged and not has and had > brake.rows:
                raise HeldBack(
                    f"{SCHEMA}.{self.table.name}: '{fact}' is filled in {had:,} rows here, and in none of the "
                    f"{staged:,} that the PSA listed now, as if it had been renamed or hidden. {self._allowed(brake)}"
                )

    def _chosen_fields(self) -> list[str]:
        """Custom fields that setup chooses now; one that it chooses no more may go."""
        if "custom_fields" not in self.table.facts:
            return []
        row = self.connection.execute(
            self._bound("SELECT custom_fields FROM {stage} WHERE custom_fields IS NOT NULL LIMIT 1", {})
        ).fetchone()
        return list(row[0]) if row else []

    def _unjudged(self) -> str | None:
        """Why absence proves nothing in this run, if so: a rejected record without a key could be any row."""
        nameless = self._number(
            """SELECT count(*) FROM psa.sync_rejects WHERE source = %(source)s AND run_id = %(run_id)s
               AND table_name = %(table)s AND source_id IS NULL AND scope_column IS NULL"""
        )
        if not nameless:
            return None
        return f"{counted(nameless, 'rejected record')} had no id, so no row was marked deleted: any could be meant."

    def _vanishing(self, *, sweep: bool) -> int:
        by_vendor = self._number(
            """SELECT count(*) FROM {target} t JOIN {stage} s USING (source_id)
               WHERE t.source = %(source)s AND t.deleted_at IS NULL AND s.is_deleted"""
        )
        gone = self._number("SELECT count(*) FROM {target} t WHERE " + _GONE) if sweep else 0
        return by_vendor + gone

    def _update(self) -> int:
        return self._execute(
            "UPDATE {target} t SET {assignments}, deleted_at = "
            + _DELETED
            + ", synced_at = s.fetched_at, changed_at = now(), run_id = %(run_id)s FROM {stage} s "
            "WHERE t.source = %(source)s AND t.source_id = s.source_id AND {held_since} <= s.fetched_at "
            "AND NOT {s_known} AND ({ours}, t.deleted_at) IS DISTINCT FROM ({theirs}, " + _DELETED + ")",
            assignments=self._each_fact("{0} = s.{0}"),
            ours=self._each_fact("t.{}"),
            theirs=self._each_fact("s.{}"),
        )

    def _insert(self) -> int:
        return self._execute(
            "INSERT INTO {target} (source, source_id, {names}, synced_at, changed_at, deleted_at, run_id) "
            "SELECT %(source)s, s.source_id, {values}, s.fetched_at, now(), "
            "CASE WHEN s.is_deleted THEN COALESCE(s.deleted_at, s.fetched_at) END, %(run_id)s FROM {stage} s "
            "WHERE NOT EXISTS (SELECT 1 FROM {target} t WHERE t.source = %(source)s AND t.source_id = s.source_id) "
            "AND NOT {s_known}",
            names=self._each_fact("{}"),
            values=self._each_fact("s.{}"),
        )

    def _sweep(self) -> int:
        return self._execute(
            "UPDATE {target} t SET deleted_at = %(started_at)s, synced_at = %(started_at)s, changed_at = now(), "
            "run_id = %(run_id)s WHERE " + _GONE
        )

    @property
    def _whose(self) -> str:
        return f" of company {self.entry.company_source_id}" if self.entry.company_source_id else ""

    @staticmethod
    def _allowed(brake: Brake) -> str:
        return (
            f"The brake allows {counted(brake.rows, 'row')}, or {brake.share:.0%}. "
            "Look at the PSA and at the rights of the API account. If it is right, trigger this DAG with "
            "'Approve deletions' for this kind."
        )

    def _each_fact(self, template: LiteralString) -> sql.Composed:
        return sql.SQL(", ").join(sql.SQL(template).format(sql.Identifier(fact)) for fact in self.table.facts)

    def _execute(self, statement: LiteralString, **parts: sql.Composable) -> int:
        return self.connection.execute(self._bound(statement, parts), self._values()).rowcount

    def _number(self, statement: LiteralString) -> int:
        return int(self._row(statement)[0])

    def _row(self, statement: LiteralString, **parts: sql.Composable) -> tuple[Any, ...]:
        row = self.connection.execute(self._bound(statement, parts), self._values()).fetchone()
        if row is None:
            raise WarehouseError("Postgres answered a count with nothing.")
        return tuple(row)

    def _bound(self, statement: LiteralString, parts: dict[str, sql.Composable]) -> sql.Composed:
        target = sql.Identifier(SCHEMA, self.table.name)
        staged = stage.identifier(self.run, self.table.name)
        return sql.SQL(statement).format(
            target=target,
            stage=staged,
            held_since=_HELD_SINCE,
            in_scope=self._in_scope(),
            t_known=self._known_better("t"),
            s_known=self._known_better("s"),
            **parts,
        )

    def _in_scope(self) -> sql.Composable:
        """Rows this run speaks for: all, or those of one company."""
        if self.entry.company_source_id is None:
            return sql.SQL("true")
        return sql.SQL("t.{} = %(company)s").format(sql.Identifier(self.table.company_column or ""))

    def _known_better(self, alias: str) -> sql.Composable:
        if self.table.company_column is None:
            return sql.SQL("false")
        company = sql.Identifier(alias, self.table.company_column)
        return sql.SQL("COALESCE({}, false)").format(sql.SQL(_KNOWN_BETTER).format(company=company))

    def _values(self) -> dict[str, Any]:
        return {
            "source": self.run.source,
            "run_id": self.run.run_id,
            "table": self.table.name,
            "started_at": self.entry.started_at,
            "company": self.entry.company_source_id,
        }
