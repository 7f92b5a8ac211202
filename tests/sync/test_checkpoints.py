"""A further attempt of a run goes on behind what the earlier one has staged, or begins again and says why."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from psycopg import sql

from include.model.errors import Truncated
from include.model.setup import Setup
from include.model.tables import BY_NAME
from include.sync.extract import extract
from include.sync.load import load
from include.sync.preflight import preflight
from include.sync.run import Sync
from include.warehouse.staging import Staging
from simulator.world import World
from tests.support.attempts import asked, interrupted, killed, wrong
from tests.support.rig import Rig, rig
from tests.support.truth import Vendor, vendor

# Kinds whose listings take a dozen requests: pages by key, pages by number, and a list for each company.
LISTINGS = [
    ("connectwise", "assets"),
    ("connectwise", "sites"),
    ("autotask", "assets"),
    ("halopsa", "assets"),
    ("kaseya_bms", "assets"),
    ("syncro", "assets"),
    ("syncro", "sites"),
]
TABLES = {"sites": "company_sites", "assets": "assets"}


@contextmanager
def tenant(dsn: str, psa: Vendor, **changes: Any) -> Iterator[tuple[Rig, Sync]]:
    """A tenant with many records, and a run that is about to list them for the first time."""
    assets = {"connectwise": 2_800, "autotask": 5_000, "kaseya_bms": 1_200}.get(psa.name, 400)
    world = World(seed=7, companies=30, assets=assets, contacts=10)
    setup = Setup(details_per_night=0, requests_in_flight=2)
    with rig(dsn, world, setup=setup, vendor=psa.name) as running:
        run = running.sync(clock=itertools.count().__next__, **changes)
        yield running, replace(run, company=preflight(run))


@pytest.mark.parametrize(
    ("name", "kind", "stop"),
    [*((*listing, killed) for listing in LISTINGS), ("connectwise", "sites", interrupted)],
)
def test_what_an_attempt_has_staged_is_not_listed_again(
    warehouse_dsn: str, name: str, kind: str, stop: Callable[..., None]
) -> None:
    psa = vendor(name)
    with tenant(warehouse_dsn, psa) as (running, sync):
        whole = asked(running, running.sync(setup=sync.setup), kind)
        after = whole * 2 // 3
        stop(running, sync, kind, after=after)
        rest = asked(running, sync, kind)
        assert after + rest <= 1.1 * whole + 9, "a login, lists of names, two counts, and what was in flight"
        counts = load(sync, kind)[TABLES[kind]]
        assert (counts.fetched, counts.duplicate) == (counts.inserted, 0)
        assert wrong(running, psa, kind) == []


def test_a_changed_setup_begins_the_listing_again(warehouse_dsn: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    psa = vendor("connectwise")
    with tenant(warehouse_dsn, psa) as (running, sync):
        whole = asked(running, running.sync(setup=sync.setup), "sites")
        interrupted(running, sync, "sites", after=whole * 2 // 3)
        changed = replace(sync, setup=replace(sync.setup, requests_in_flight=3))
        assert asked(running, changed, "sites") >= whole - 1
        assert "company_sites: an earlier attempt cannot be continued: setup or the release has changed" in caplog.text


def test_staging_that_a_crash_has_emptied_is_filled_again(warehouse_dsn: str) -> None:
    psa = vendor("connectwise")
    with tenant(warehouse_dsn, psa) as (running, sync):
        whole = asked(running, running.sync(setup=sync.setup), "sites")
        interrupted(running, sync, "sites", after=whole * 2 // 3)
        with psycopg.connect(warehouse_dsn) as connection:
            staging = Staging(connection, sync.run, BY_NAME["company_sites"])
            connection.execute(sql.SQL("TRUNCATE {}").format(staging.identifier))
        assert asked(running, sync, "sites") >= whole - 1
        load(sync, "sites")
        assert wrong(running, psa, "sites") == []


@pytest.mark.parametrize("name", ["halopsa", "syncro"])
def test_pages_that_have_moved_meanwhile_are_all_read_again(
    warehouse_dsn: str, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    psa = vendor(name)
    with tenant(warehouse_dsn, psa) as (running, sync):
        whole = asked(running, running.sync(setup=sync.setup), "assets")
        interrupted(running, sync, "assets", after=whole * 2 // 3)
        del running.simulator.world.assets[min(running.simulator.world.assets)]
        extract(sync, "assets")
        assert "assets: the listing begins again: the PSA counts 399 records now, and counted 400." in caplog.text
        load(sync, "assets")
        assert wrong(running, psa, "assets") == []


def test_a_listing_that_proved_wrong_is_not_continued(warehouse_dsn: str) -> None:
    psa = vendor("connectwise")
    with tenant(warehouse_dsn, psa) as (running, sync):
        whole = asked(running, running.sync(setup=sync.setup), "assets")
        fault = running.simulator.faults.add("early_end:path=/company/configurations,after=2")
        with pytest.raises(Truncated):
            extract(sync, "assets")
        running.simulator.faults.remove(fault)
        assert asked(running, sync, "assets") >= whole - 1
        load(sync, "assets")
        assert wrong(running, psa, "assets") == []


def test_a_listing_that_cannot_be_continued_begins_again_and_stages_nothing_twice(
    warehouse_dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    """HaloPSA's assets by type: a record that was read can have another type by now."""
    caplog.set_level(logging.INFO)
    psa = vendor("halopsa")
    with tenant(warehouse_dsn, psa) as (running, _):
        running.setup = replace(running.setup, custom_fields={"assets": {"model": "field:119"}})
        sync = running.sync()
        interrupted(running, sync, "assets", after=8)
        extract(sync, "assets")
        assert "assets: an earlier attempt cannot be continued: its listing has no place to go on from" in caplog.text
        counts = load(sync, "assets")["assets"]
        assert (counts.fetched, counts.duplicate) == (400, 0)
        assert wrong(running, psa, "assets") == []
