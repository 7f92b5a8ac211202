"""Attempts at a run that broke off, and what has to hold when a further attempt has come to its end."""

from __future__ import annotations

from include.model.kinds import KINDS
from include.sync.run import Sync
from tests.support.rig import Rig
from tests.support.truth import Vendor, differences

COUNTED = ("inserted", "updated", "unchanged", "duplicate", "rejected")


def wrong(running: Rig, psa: Vendor, kind: str) -> list[str]:
    """All differences between a kind's rows and the truth, but for columns that only details have."""
    expected, found = psa.truth(running.simulator.world, running.setup), []
    for stream in running.sync().connector.streams_of(kind):
        details = set(stream.details.columns) if stream.details else set()
        listed = {
            key: {name: row[name] for name in row.keys() - details} for key, row in expected[stream.table].items()
        }
        found += [f"{stream.table} {line}" for line in differences(running.rows(stream.table), listed)]
    return found


def unbalanced(running: Rig, sync: Sync, kind: str) -> list[str]:
    """The tables of a kind that a run has not loaded, or whose counts do not add up."""
    entries = {row["table_name"]: row for row in running.rows("sync_runs", f"run_id = '{sync.run.run_id}'")}
    return [
        f"{table}: {entries.get(table)}"
        for table in KINDS[kind]
        if table not in entries
        or entries[table]["state"] != "loaded"
        or entries[table]["fetched"] != sum(entries[table][name] for name in COUNTED)
    ]


def requests_in_ledger(running: Rig, sync: Sync, kind: str) -> int:
    """How many requests all attempts at a kind have sent, by the ledger."""
    entries = running.rows("sync_runs", f"run_id = '{sync.run.run_id}'")
    return sum(entry["requests"] for entry in entries if entry["table_name"] in KINDS[kind])
