"""A worker that is killed in the middle of a listing."""

from __future__ import annotations

import signal
from typing import Any

import pytest

from include import connectors
from include.model.request import Request
from include.model.setup import Setup
from include.sync.details import read_details
from include.sync.extract import extract
from include.sync.load import load
from include.sync.preflight import preflight
from include.sync.report import report
from tests.support.rig import Rig, rig, trigger
from tests.support.worker_process import at_work
from tests.support.worlds import new_world

IN_FLIGHT = Setup.requests_in_flight


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("vendor", "kind", "table"), [("connectwise", "sites", "company_sites"), ("kaseya_bms", "assets", "assets")]
)
def test_its_requests_are_in_the_ledger_and_in_the_line_of_the_budget(
    warehouse_dsn: str, vendor: str, kind: str, table: str
) -> None:
    with rig(warehouse_dsn, new_world(companies=60), vendor=vendor, latency_ms=10) as running:
        run = running.sync()
        preflight(run)
        before = len(running.simulator.requests)
        with_details = vendor == "kaseya_bms"
        if with_details:
            extract(run, kind)
            load(run, kind)
        with at_work(running, run, "details" if with_details else "extract", kind) as worker:
            while counted(running, table).get("requests", 0) < 20:
                assert worker.process.is_alive()
            worker.kill()
            assert worker.wait() == -signal.SIGKILL
        first, entry = len(running.simulator.requests) - before, counted(running, table)
        assert entry["state"] == ("loaded" if with_details else "extracting")
        assert first <= entry["requests"] <= first + IN_FLIGHT  # some got their turn, and were not sent any more
        if with_details:
            read_details(run, kind)
        else:
            extract(run, kind)
            load(run, kind)
        second = len(running.simulator.requests) - before - first
        total = entry["requests"] + second
        again = counted(running, table)
        assert (again["requests"], sum(again["endpoints"].values())) == (total, total)
        limits = connectors.load(vendor).limits
        lines = report(run.warehouse, run.run, {}, trigger(Request(kinds=(kind,))), limits).lines
        assert any(line.startswith(f"Budget: {total} requests, ") for line in lines)


def counted(running: Rig, table: str) -> dict[str, Any]:
    entries = [entry for entry in running.rows("sync_runs") if entry["table_name"] == table]
    return entries[0] if entries else {}
