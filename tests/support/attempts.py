"""Attempts at a run that broke off, and what has to hold when a further attempt has come to its end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any

import pytest

from include.model.errors import TransientError
from include.model.kinds import KINDS
from include.sync.extract import extract
from include.sync.run import Sync
from tests.support.rig import Rig, Unpaced
from tests.support.truth import Vendor, differences

COUNTED = ("inserted", "updated", "unchanged", "duplicate", "rejected")


class Dying(Unpaced):
    """A pace that ends its task, as a signal does, after so many requests."""

    def __init__(self, after: int) -> None:
        self.left = after

    def turn(self, endpoint: str) -> AbstractContextManager[float]:
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        return super().turn(endpoint)


def asked(running: Rig, sync: Sync, kind: str) -> int:
    """How many requests an attempt sends."""
    before = len(running.simulator.requests)
    extract(sync, kind)
    return len(running.simulator.requests) - before


def interrupted(running: Rig, sync: Sync, kind: str, *, after: int, path: str = "*") -> None:
    """An attempt that an outage ends after so many answers, of an endpoint and its counts."""
    fault = running.simulator.faults.add(f"unavailable:after={after},path={path}")
    with pytest.raises(TransientError):
        extract(sync, kind)
    running.simulator.faults.remove(fault)


def killed(running: Rig, sync: Sync, kind: str, *, after: int) -> None:
    """An attempt whose task is ended after so many requests."""

    @contextmanager
    def open_client() -> Iterator[Any]:
        yield running.connected(Dying(after), running.login())

    with pytest.raises(KeyboardInterrupt):
        extract(replace(sync, open_client=open_client), kind)


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
