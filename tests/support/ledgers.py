"""Runs in the ledger, as the tasks of a sync write them, some hours ago."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from include.model.counts import Counts
from include.model.kinds import KINDS
from include.model.page import Reject
from include.model.run import Run
from include.model.traffic import Traffic
from include.warehouse.clock import postgres_now
from include.warehouse.connection import Connection
from include.warehouse.ledger import Ledger

HELD = "psa.contacts: the PSA listed 0 records; 120 of the 120 live rows would be marked deleted."


@dataclass(frozen=True)
class PastRuns:
    """Writes runs of one PSA into the ledger."""

    connection: Connection
    source: str = "connectwise"

    def at(self, hours_ago: float) -> datetime:
        return postgres_now(self.connection) - timedelta(hours=hours_ago)

    def ledger(self, name: str) -> Ledger:
        return Ledger(self.connection, Run(self.source, f"psa_{self.source}/{name}"))

    def run(
        self,
        name: str,
        *,
        hours_ago: float,
        kinds: Sequence[str] = tuple(KINDS),
        company: str | None = None,
        dry_run: bool = False,
        counts: Counts | None = None,
    ) -> Ledger:
        """A run that loaded, or compared, all tables of some kinds."""
        ledger, began, counted = self.ledger(name), self.at(hours_ago), counts or Counts()
        for table in (table for kind in kinds for table in KINDS[kind]):
            ledger.begin(table, began, company=company, dry_run=dry_run)
            ledger.mark_extracted(table, fetched=counted.fetched, rejected=counted.rejected, traffic=Traffic())
            if dry_run:
                ledger.mark_compared(table, counted, note=None)
            else:
                ledger.mark_loaded(table, counted, watermark=began, note=None)
        return ledger

    def held(self, name: str, kind: str, *, hours_ago: float, note: str = HELD) -> Ledger:
        """A run in which the deletion guard held a kind."""
        ledger = self.ledger(name)
        for table in KINDS[kind]:
            ledger.begin(table, self.at(hours_ago), company=None, dry_run=False)
            ledger.mark_extracted(table, fetched=0, rejected=0, traffic=Traffic())
        ledger.mark_failed(KINDS[kind], state="held", note=note, traffic=None)
        return ledger

    def failed(self, name: str, kind: str, *, hours_ago: float, note: str = "The PSA did not answer.") -> Ledger:
        """A run that could not list a kind."""
        ledger = self.ledger(name)
        began = self.at(hours_ago)
        ledger.begin(KINDS[kind][0], began, company=None, dry_run=False)
        ledger.mark_failed(KINDS[kind], state="failed", note=note, traffic=None)
        self.connection.execute(
            "UPDATE psa.sync_runs SET started_at = %s WHERE source = %s AND run_id = %s",
            [began, self.source, ledger.run.run_id],
        )
        return ledger

    def rejecting(self, name: str, table: str, *, hours_ago: float, rejects: Sequence[Reject]) -> Ledger:
        """A run that loaded a table except for some records."""
        ledger, began = self.ledger(name), self.at(hours_ago)
        ledger.begin(table, began, company=None, dry_run=False)
        ledger.add_rejects(table, rejects)
        ledger.mark_extracted(table, fetched=len(rejects), rejected=len(rejects), traffic=Traffic())
        counts = Counts(fetched=len(rejects), rejected=len(rejects))
        ledger.mark_loaded(table, counts, watermark=began, note=None)
        return ledger
