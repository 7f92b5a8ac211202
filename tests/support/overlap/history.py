"""What the PSA's world was at every moment so far, and what a merge may therefore leave in the warehouse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from typing import Any

from psycopg.rows import dict_row

from include.model.counts import Counts
from include.model.kinds import KINDS
from include.model.tables import BY_NAME
from include.sync.load import load
from include.sync.run import Sync
from include.warehouse.clock import postgres_now
from include.warehouse.connection import Connection
from include.warehouse.staged_tables import ASKED, table_name
from simulator.world import World
from tests.support.truth import Rows
from tests.support.truth.connectwise import truth

Row = dict[str, Any]


class History:
    """Compares every merge with all states that the world had so far.

    What a run has merged is, from the beginning of that run on, as the world was then or later, whoever merges
    afterwards. A row that was found in the PSA as it is stored here never becomes again what it was before. Two merges
    prove nothing: of rows that a run which began later has merged already, and of a run that left the reading to
    another one.
    """

    def __init__(self, world: World, connection: Connection) -> None:
        self._world, self._connection = world, connection
        self._states: list[tuple[datetime, dict[str, Rows]]] = []
        self._merged: dict[tuple[str, str | None], datetime] = {}
        """By table and company: when the run began that was merged last."""
        self._not_older_than: dict[tuple[str, str], datetime] = {}
        """By table and key: no state of the row from before may be stored."""
        self._unproven: set[tuple[str, str | None, str]] = set()
        """Table, company and key of rows of which the merge of that company proved nothing."""
        self.changed()

    def changed(self) -> None:
        """The world has changed just now."""
        self._states.append((postgres_now(self._connection), truth(self._world)))

    def load(self, run: Sync, kind: str) -> None:
        """Load a run's kind, and compare the tables with the states of the world."""
        before = {table: self._rows(f"psa.{table}") for table in KINDS[kind]}
        staged = {table: self._staged(run, table) or {} for table in KINDS[kind]}
        asked = {table: self._staged(run, table + ASKED) for table in KINDS[kind]}
        counts = load(run, kind)
        for table in KINDS[kind]:
            now = self._rows(f"psa.{table}")
            if run.request.dry_run:
                assert now == before[table]
                continue
            if table in counts:
                check_counts(table, counts[table], before[table], staged[table], now)
            self._note(self._entry(run, table), table, staged[table], asked[table], now)
            for key in {*now, *self._keys(table)}:
                self._check(table, key, now.get(key))

    def _note(
        self, entry: Row, table: str, staged: Mapping[str, Row], asked: Mapping[str, Row] | None, now: Mapping[str, Row]
    ) -> None:
        """Note what a merge has proven."""
        began: datetime = entry["started_at"]
        company, column = entry["company_source_id"], BY_NAME[table].company_column

        def merged_later(of: str | None) -> bool:
            return self._merged.get((table, of), began) > began

        if was_copied(entry) or was_dropped(entry) or merged_later(None) or merged_later(company):
            return
        if entry["since"] is not None:
            self._note_quick(began, table, staged, asked or {}, now)
            return
        self._merged[table, company] = began
        for key in self._keys(table):
            copy = staged.get(key)
            self._unproven.discard((table, company, key))
            # Another run stored the row when it was too late for this one to ask for it.
            was_stored_meanwhile = asked is not None and not copy and key not in asked
            if was_stored_meanwhile or (copy and column and merged_later(copy[column])):
                self._unproven.add((table, company, key))
                continue
            proven = [self._oldest(table, key)]
            if company is None:
                proven.append(began)
            if copy and key in now and all(now[key][fact] == copy[fact] for fact in BY_NAME[table].facts):
                proven.append(copy["fetched_at"])
            self._not_older_than[table, key] = max(proven)

    def _note_quick(
        self, began: datetime, table: str, staged: Mapping[str, Row], asked: Mapping[str, Row], now: Mapping[str, Row]
    ) -> None:
        """Note what a merge of changes has proven: nothing of rows that it neither listed nor found missing."""
        for key in now:
            copy, proven = staged.get(key), [self._oldest(table, key)]
            if copy and all(now[key][fact] == copy[fact] for fact in BY_NAME[table].facts):
                proven.append(copy["fetched_at"])
            elif not copy and key in asked and now[key]["deleted_at"] is not None:
                proven.append(began)
            self._not_older_than[table, key] = max(proven)

    def _check(self, table: str, key: str, row: Row | None) -> None:
        since = max([self._oldest(table, key), *self._runs_of_companies(table, key, row)])
        if not any(is_same(row, state[table].get(key)) for state in self._states_since(since)):
            states = [f"{at:%H:%M:%S.%f} {state[table].get(key)}" for at, state in self._states]
            distinct = [one for one, last in zip(states, ["", *states], strict=False) if one[16:] != last[16:]]
            raise AssertionError("\n".join([f"{table} {key} was never so since {since:%H:%M:%S.%f}: {row}", *distinct]))

    def _runs_of_companies(self, table: str, key: str, row: Row | None) -> Iterator[datetime]:
        """The beginnings of the runs of one company that have read this row.

        These are the runs of the company that the row is stored with, and of the one it belonged to all the time since.
        """
        column = BY_NAME[table].company_column
        for (name, company), began in self._merged.items():
            if name == table and company and column and (table, company, key) not in self._unproven:
                stored_there = row is not None and row["deleted_at"] is None and row[column] == company
                owners = {(state[table].get(key) or {}).get(column) for state in self._states_since(began)}
                if stored_there or owners == {company}:
                    yield began

    def _oldest(self, table: str, key: str) -> datetime:
        return self._not_older_than.get((table, key), self._states[0][0])

    def _keys(self, table: str) -> set[str]:
        """The keys of all rows that ever were in the world."""
        return {key for _, state in self._states for key in state[table]}

    def _states_since(self, since: datetime) -> list[dict[str, Rows]]:
        """The state at that time, and all later ones."""
        ends = [at for at, _ in self._states[1:]] + [datetime.max.replace(tzinfo=timezone.utc)]
        return [state for (_, state), end in zip(self._states, ends, strict=True) if end > since]

    def _entry(self, run: Sync, table: str) -> Row:
        """The run's entry in the ledger."""
        query = "SELECT * FROM psa.sync_runs WHERE run_id = %s AND table_name = %s"
        with self._connection.cursor(row_factory=dict_row) as cursor:
            entry = cursor.execute(query, [run.run.run_id, table]).fetchone()
        assert entry is not None
        assert entry["state"] == "loaded"
        if was_copied(entry):
            assert run.asked_at is not None
            assert entry["started_at"] > run.asked_at, "the other run had read before this one was asked for"
        return entry

    def _staged(self, run: Sync, table: str) -> dict[str, Row] | None:
        name = f"psa_staging.{table_name(run.run, table)}"
        found = self._connection.execute("SELECT to_regclass(%s)", [name]).fetchone()
        return self._rows(name) if found and found[0] else None

    def _rows(self, table: str) -> dict[str, Row]:
        with self._connection.cursor(row_factory=dict_row) as cursor:
            return {row["source_id"]: row for row in cursor.execute(f"SELECT * FROM {table}").fetchall()}


def is_same(row: Row | None, expected: Mapping[str, Any] | None) -> bool:
    """Whether a stored row, or none, is what the world has. Deleted companies are rows in the world as well."""
    if row is None or expected is None:
        gone = row is None or row["deleted_at"] is not None
        return gone and expected is None
    living = row["deleted_at"] is None or "deleted_at" in expected
    return living and all(bool(row[name] == value) for name, value in expected.items())


def check_counts(
    table: str, counts: Counts, before: Mapping[str, Row], staged: Mapping[str, Row], now: Mapping[str, Row]
) -> None:
    """The counts are what happened to the table: what was not used is in none of the first three."""
    facts = BY_NAME[table].facts
    used = [key for key, copy in staged.items() if key in now and all(now[key][fact] == copy[fact] for fact in facts)]
    assert counts.inserted + counts.updated + counts.unchanged <= len(used), f"{counts} but {len(used)} are stored"
    assert counts.inserted == len(now.keys() - before.keys())
    vanished = [key for key, row in before.items() if row["deleted_at"] is None and now[key]["deleted_at"] is not None]
    assert counts.deleted == len(vanished), f"{counts} but {vanished} vanished"


def was_dropped(entry: Row) -> bool:
    """Whether nothing of the run was used, because a newer one was merged before."""
    return "nothing of this older copy was used" in str(entry["note"])


def was_copied(entry: Row) -> bool:
    """Whether the run used what another run had listed."""
    return str(entry["note"]).endswith("nothing was left to do.")
