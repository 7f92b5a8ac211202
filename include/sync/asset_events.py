"""What the Airflow event of a loaded table says, for the DAGs that it starts."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from include.model.counts import NUMBERS
from include.sync.run import Sync
from include.warehouse.ledger import Ledger


class LoadedTable(TypedDict):
    """The `extra` of an asset event. Airflow keeps it in its database, so it has no value of the PSA's."""

    run_id: str
    """The run in psa.sync_runs: DAG id / run id."""
    run_kind: str
    """`Nightly sync`, `Force Sync` and so on."""
    company_source_id: str | None
    """The key of the only company that the run was asked for; None when it read all of them."""
    complete_as_of: str | None
    """In ISO 8601: every change before it is in the table. None until all companies were read once."""
    counts: dict[str, int]
    """The counts of the run, with the names that they have in psa.sync_runs."""


def loaded_tables(sync: Sync, tables: tuple[str, ...], run_kind: str) -> dict[str, LoadedTable]:
    """What this run, by any of its attempts, has loaded, by table."""
    with sync.warehouse.session() as connection:
        ledger = Ledger(connection, sync.run)
        entries, complete = ledger.entries(), ledger.complete_as_of()
    return {
        table: LoadedTable(
            run_id=sync.run.run_id,
            run_kind=run_kind,
            company_source_id=entries[table].company_source_id,
            complete_as_of=_iso(complete.get(table)),
            counts={name: getattr(entries[table], name) for name in NUMBERS},
        )
        for table in tables
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
