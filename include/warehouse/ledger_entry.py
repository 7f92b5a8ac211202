"""An entry of the ledger: what became of one table in one run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Extent:
    """How much of a table a run lists."""

    since: datetime | None = None
    """Only what changed since then; None for everything."""
    why_full: str | None = None
    """Why everything is listed although the run lists only changes, in a sentence."""
    setup_digest: str | None = None
    """Stands for the release and the setup by which records become rows."""


LISTED = Extent()
"""Everything."""


@dataclass(frozen=True)
class LedgerEntry:
    """A row of psa.sync_runs: one table in one run."""

    table_name: str
    """The table of the schema psa."""
    state: str
    """extracting, extracted, loaded, held or failed."""
    company_source_id: str | None
    """The key of the company, when the run was asked for one company only."""
    dry_run: bool | None
    """Whether the counts only say what would have been written; None in entries of old releases."""
    since: datetime | None
    """A quick run listed only what changed since then; None where everything was listed."""
    why_full: str | None
    """Why a run that lists only changes has listed everything, in a sentence."""
    keys_listed: int | None
    """How many keys a quick run has listed to find missing rows; None where it listed none."""
    note: str | None
    """What went wrong or was left out, in a sentence."""
    started_at: datetime
    """When the extraction began."""
    extracted_at: datetime | None
    """When the end of the listing was proven."""
    finished_at: datetime | None
    """When the rows were merged, or compared in a dry run."""
    requests: int
    """Requests sent to the PSA by all attempts, repeated ones included."""
    retries: int
    """Requests that had to be repeated."""
    waited_seconds: float
    """Time spent waiting before repeated requests."""
    queued_seconds: float | None
    """Time spent waiting for a turn in the account's budget; None in entries of old releases."""
    endpoints: dict[str, int] | None
    """Requests by endpoint, as the vendor's limits count them; None in entries of old releases."""
    fetched: int | None
    """Records of the listing; this and `rejected` are set when it was extracted."""
    inserted: int | None
    """Rows that are new; this and the next four are set when the rows were merged or compared."""
    updated: int | None
    """Rows in which something differed."""
    unchanged: int | None
    """Rows that were the same."""
    duplicate: int | None
    """Records that came more than once."""
    rejected: int | None
    """Records that were not stored."""
    deleted: int | None
    """Rows marked deleted."""

    @property
    def settled(self) -> bool:
        """Whether the rows were loaded, or compared in a dry run."""
        return self.state == "loaded" or (bool(self.dry_run) and self.finished_at is not None)
