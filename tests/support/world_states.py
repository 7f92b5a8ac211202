"""What a PSA's world was after every change, and what runs that list only changes may have left of it in the tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from include.connectors.contract import Connector, PsaClient
from include.model.kinds import KINDS
from include.model.setup import Setup
from include.sync.quick import is_dated
from simulator.world import World
from tests.support.overlap.history import is_same
from tests.support.rig import Rig
from tests.support.truth import Rows, Vendor

STAMPED = ("adds", "edits", "moves")
"""Changes that a PSA dates; a record that is again as it was has its old date."""


@dataclass
class WorldStates:
    """The states so far, by number, and the oldest one of each table and row that may still be stored."""

    psa: Vendor
    world: World
    connector: Connector[PsaClient]
    _states: list[dict[str, Rows]] = field(default_factory=list)
    _stamped: list[tuple[int, str, str]] = field(default_factory=list)
    """State, table and key of every change that has a date."""
    _oldest: dict[str, int] = field(default_factory=dict)
    _oldest_of_row: dict[tuple[str, str], int] = field(default_factory=dict)

    @property
    def last(self) -> int:
        return len(self._states) - 1

    def begin_again(self, setup: Setup) -> None:
        """Rows of other setups are not looked at: the next full run rewrites them."""
        self._states, self._stamped = [self.psa.truth(self.world, setup)], []
        self._oldest, self._oldest_of_row = {}, {}

    def changed(self, kind: str, what: str, setup: Setup) -> None:
        """The world has changed just now."""
        self._states.append(self.psa.truth(self.world, setup))
        before, now = self._states[-2:]
        for table in KINDS[kind] if what in STAMPED else ():
            self._stamped += [
                (self.last, table, key) for key, row in now[table].items() if before[table].get(key) != row
            ]

    def listed(self, kind: str, begun: int, *, is_quick: bool) -> None:
        """A run of all companies that began at that state has loaded a kind."""
        for stream in self.connector.streams_of(kind):
            if not is_quick:
                self._oldest[stream.table] = max(begun, self._oldest.get(stream.table, 0))
            elif stream.changed and is_dated(stream):
                for number, table, key in self._stamped:
                    if table == stream.table and number <= begun:
                        self._oldest_of_row[table, key] = max(number, self._oldest_of_row.get((table, key), 0))

    def wrong(self, running: Rig) -> Iterator[str]:
        """Stored rows that are as the world has not been since they were listed last, but for columns of details."""
        for table, oldest in self._oldest.items():
            stream = next(one for one in self.connector.streams if one.table == table)
            details = set(stream.details.columns) if stream.details else set()
            rows = {row["source_id"]: row for row in running.rows(table)}
            for key in {*rows, *(key for state in self._states for key in state[table])}:
                since = max(oldest, self._oldest_of_row.get((table, key), 0))
                states = [state[table].get(key) for state in self._states[since:]]
                listed = [one and {name: one[name] for name in one.keys() - details} for one in states]
                if not any(is_same(rows.get(key), one) for one in listed):
                    yield f"{table} {key} is {rows.get(key)}, and was never so since state {since}: {listed}"
