"""How long a run reads details, and what it does when the budget is used up before that."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from itertools import count
from typing import Any

import pytest

from include import connectors
from include.model.kinds import KINDS
from include.model.setup import Setup
from include.sync.details import read_details
from include.sync.details_time import details_end
from include.sync.extract import extract
from include.sync.load import load
from include.sync.preflight import preflight
from include.sync.run import Sync
from tests.support.rig import Rig, rig
from tests.support.worlds import new_world

ONE = "/v2/servicedesk/hardwareasset/[0-9]*"
DUE = datetime(2026, 11, 26, tzinfo=timezone.utc)


@contextmanager
def tenant(dsn: str, **setup: Any) -> Iterator[Rig]:
    with rig(dsn, new_world(companies=6, assets=60), setup=Setup(**setup), vendor="kaseya_bms") as running:
        yield running


def loaded(running: Rig, **changes: Any) -> Sync:
    """A run whose assets are loaded."""
    run = running.sync(**changes)
    preflight(run)
    extract(run, "assets")
    load(run, "assets")
    return run


def read(running: Rig) -> int:
    return len(running.rows("detail_reads", "read_at IS NOT NULL"))


def note(running: Rig) -> str:
    (entry,) = running.rows("detail_runs")
    return f"{entry['state']}: {entry['note']}"


def hours_ago(running: Rig, hours: float) -> datetime:
    return running.now() - timedelta(hours=hours)


@pytest.mark.parametrize(
    ("setup", "hours"),
    [
        ({}, 6),
        ({"details_hours": 2.5}, 2.5),
        ({"details_hours": 0}, 0),
        ({"details_until": "05:00"}, 5),
        ({"details_until": "05:00 Europe/Berlin"}, 4),
        ({"details_until": "00:00"}, 24),
        ({"details_until": "05:00", "details_hours": 3}, 3),
        ({"details_until": "05:00", "details_hours": 8}, 5),
    ],
)
def test_the_time_for_details_of_a_nightly_run_counts_from_when_it_was_due(setup: dict[str, Any], hours: float) -> None:
    stream = connectors.load("kaseya_bms").streams_of("assets")[0]
    sync: Any = Sync(connectors.load("kaseya_bms"), Any, Setup(**setup), Any, Any, due_at=DUE)  # type: ignore[arg-type]
    assert details_end(sync, stream, DUE + timedelta(hours=1)).at == DUE + timedelta(hours=hours)
    forced = details_end(replace(sync, is_forced=True), stream, DUE + timedelta(hours=1)).at
    assert forced == DUE + timedelta(hours=1, minutes=15)


@pytest.mark.parametrize(("name", "hours"), [("kaseya_bms", 6), ("halopsa", 1)])
def test_how_many_hours_are_usual_differs_from_vendor_to_vendor(name: str, hours: float) -> None:
    for kind in KINDS:
        for stream in connectors.load(name).streams_of(kind):
            assert stream.details is None or stream.details.usual_hours == hours


def test_a_run_whose_time_for_details_is_over_asks_for_none_and_is_green(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn) as running:
        run = loaded(running, due_at=hours_ago(running, 6.1))
        before = len([request for request in running.simulator.requests if "hardwareasset/" in request.path])
        assert read_details(run, "assets").go_on_in_seconds == 0
        assert len([request for request in running.simulator.requests if "hardwareasset/" in request.path]) == before
        assert (len(running.rows("assets")), read(running)) == (60, 0)
        assert (
            note(running)
            == "ended: The time for details has ended: details are read for 6 h 0 min after the run was due."
        )


def test_the_time_may_end_in_the_middle_and_what_was_read_is_merged(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn, details_hours=1) as running:
        minutes = count()
        run = loaded(running, due_at=hours_ago(running, 0))
        read_details(replace(run, clock=lambda: 60.0 * next(minutes)), "assets")
        assert 5 < read(running) < 55
        assert "The time for details has ended" in note(running)
        assert len(running.rows("assets", "manufacturer IS NOT NULL")) > 0


def test_a_run_whose_budget_is_used_up_goes_on_later_and_asks_for_no_record_twice(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn, requests_in_flight=1) as running:
        run = loaded(running, due_at=hours_ago(running, 1))
        running.simulator.faults.add(f"rate_limit:path={ONE},after=20,wait=3600,times=1")
        assert read_details(run, "assets").go_on_in_seconds == 3600
        assert note(running).startswith("waiting: Kaseya BMS: ")
        first = read(running)
        assert 0 < first < 60
        running.clock.sleep(3600)
        assert read_details(run, "assets").go_on_in_seconds == 0
        assert note(running) == "ended: The details of every record were asked for."
        (entry,) = running.rows("detail_runs")
        assert (entry["asked"], read(running)) == (60, 60)


@pytest.mark.parametrize(("is_forced", "hours"), [(False, 5.5), (True, 0)])
def test_a_run_does_not_wait_for_a_budget_that_comes_after_its_time(
    warehouse_dsn: str, is_forced: bool, hours: float
) -> None:
    with tenant(warehouse_dsn) as running:
        run = loaded(running, due_at=hours_ago(running, hours), is_forced=is_forced)
        running.simulator.faults.add(f"rate_limit:path={ONE},after=20,wait=3600,times=0")
        assert read_details(run, "assets").go_on_in_seconds == 0
        assert note(running).startswith("ended: ")
        assert "The time for details ends before that" in note(running)
        assert 0 < read(running) < 60


def test_the_number_counts_over_all_attempts_of_a_run(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn, details_per_night=25) as running:
        run = loaded(running)
        for _ in range(2):
            read_details(run, "assets")
            assert read(running) == 25
        assert note(running) == "ended: details_per_night allows 25 records of a table in a run."
