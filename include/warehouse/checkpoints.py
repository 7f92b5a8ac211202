"""How far the listing of a table was read, as the ledger keeps it for a further attempt of the run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from include.model.run import Run
from include.warehouse.connection import Connection


@dataclass(frozen=True)
class LedgerCheckpoint:
    """The checkpoint of one table in one run, written on this connection and in its transaction."""

    connection: Connection
    run: Run
    table: str

    def read(self) -> dict[str, Any] | None:
        """What an attempt saved that did not come to the end of its listing: nothing where it could not go on."""
        row = self.connection.execute(
            """SELECT checkpoint FROM psa.sync_runs WHERE source = %s AND run_id = %s AND table_name = %s
               AND state IN ('extracting', 'failed')""",
            self._key,
        ).fetchone()
        return (row[0] or {}) if row else None

    def write(self, checkpoint: Mapping[str, Any] | None) -> None:
        """Save how far this attempt has read; None lets the next one begin again."""
        self.connection.execute(
            "UPDATE psa.sync_runs SET checkpoint = %s WHERE source = %s AND run_id = %s AND table_name = %s",
            [checkpoint and Jsonb(checkpoint), *self._key],
        )

    def reopen(self, *, rejected: int) -> None:
        """Go on with the entry of the earlier attempt, and keep so many of the records that it was first to reject."""
        self.connection.execute(
            """UPDATE psa.sync_runs SET state = 'extracting', note = NULL
               WHERE source = %s AND run_id = %s AND table_name = %s""",
            self._key,
        )
        self.connection.execute(
            """DELETE FROM psa.sync_rejects WHERE reject_id IN (
                 SELECT reject_id FROM psa.sync_rejects WHERE source = %s AND run_id = %s AND table_name = %s
                 ORDER BY rejected_at OFFSET %s)""",
            [*self._key, rejected],
        )

    @property
    def _key(self) -> list[str]:
        return [self.run.source, self.run.run_id, self.table]
