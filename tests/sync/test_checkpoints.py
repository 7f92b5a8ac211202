"""A further attempt of a run goes on behind what the earlier one has staged, or begins again and says why."""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from psycopg import sql

from include.model.errors import RateLimited, ShapeError, Truncated
from include.model.setup import Setup
from include.model.tables import BY_NAME
from include.sync.extract import extract
from include.sync.load import load
from include.sync.preflight import preflight
from include.sync.run import Sync
from include.warehouse.staging import Staging
from tests.support.attempts import asked, interrupted, killed, requests_in_ledger, unbalanced, wrong
from tests.support.rig import Rig, rig
from tests.support.truth import Vendor, vendor
from tests.support.worlds import new_world

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
    world = new_world(companies=30, assets=assets, contacts=10)
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


def test_what_was_staged_behind_the_checkpoint_is_read_again_and_not_twice(warehouse_dsn: str) -> None:
    psa = vendor("connectwise")
    with tenant(warehouse_dsn, psa) as (running, sync):
        whole = asked(running, running.sync(setup=sync.setup), "sites")
        interrupted(running, sync, "sites", after=whole * 2 // 3)
        with psycopg.connect(warehouse_dsn) as connection:
            staging = Staging(connection, sync.run, BY_NAME["company_sites"])
            insert = (
                "INSERT INTO {0} (source_id, is_deleted, fetched_at) SELECT source_id, false, now() FROM {0} LIMIT 3"
            )
            connection.execute(sql.SQL(insert).format(staging.identifier))
        extract(sync, "sites")
        assert load(sync, "sites")["company_sites"].duplicate == 0
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


def test_a_table_that_was_read_to_its_end_is_not_read_again(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn, vendor("connectwise")) as (running, sync):
        interrupted(running, sync, "ticket_settings", after=1, path="/service/priorities")
        before = len(running.simulator.requests)
        extract(sync, "ticket_settings")
        again = {request.endpoint for request in running.simulator.requests[before:]}
        assert again == {"/service/priorities", "/service/priorities/count"}
        load(sync, "ticket_settings")
        assert unbalanced(running, sync, "ticket_settings") == []
        assert wrong(running, vendor("connectwise"), "ticket_settings") == []


def test_a_key_that_no_record_of_two_attempts_has_is_refused(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn, vendor("connectwise")) as (running, sync):
        running.simulator.faults.add("renamed_key:path=/company/configurations,key=name")
        interrupted(running, sync, "assets", after=3, path="/company/configurations")
        with pytest.raises(ShapeError, match="none of 2,800 records for assets has name"):
            extract(sync, "assets")


def test_a_key_that_records_of_the_first_attempt_had_is_not_missed_in_the_second(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn, vendor("connectwise")) as (running, sync):
        interrupted(running, sync, "assets", after=3, path="/company/configurations")
        running.simulator.faults.add("renamed_key:path=/company/configurations,key=name")
        extract(sync, "assets")


def test_accounts_that_have_changed_make_the_list_of_their_sites_begin_again(
    warehouse_dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Kaseya BMS: the place is within a page of the accounts."""
    psa = vendor("kaseya_bms")
    with tenant(warehouse_dsn, psa) as (running, sync):
        running.simulator.faults.add("locations_left_out")
        whole = asked(running, running.sync(setup=sync.setup), "sites")
        interrupted(running, sync, "sites", after=whole * 2 // 3)
        world = running.simulator.world
        first = min(site.company_id for site in world.sites.values())
        for key in [key for key, site in world.sites.items() if site.company_id == first]:
            del world.sites[key]
        del world.companies[first]
        extract(sync, "sites")
        assert "company_sites: the listing begins again: the list of accounts has changed." in caplog.text
        load(sync, "sites")
        assert wrong(running, psa, "sites") == []


@pytest.mark.parametrize("name", ["connectwise", "syncro"])
def test_an_attempt_that_the_psa_turns_away_leaves_nothing_in_flight_and_counts_what_it_sent(
    warehouse_dsn: str, name: str
) -> None:
    """429, and a longer wait than a task waits."""
    with tenant(warehouse_dsn, vendor(name)) as (running, sync):
        whole = asked(running, running.sync(setup=sync.setup), "sites")
        before = len(running.simulator.requests)
        fault = running.simulator.faults.add(f"rate_limit:after={whole * 2 // 3},times=0,wait=7200")
        with pytest.raises(RateLimited):
            extract(sync, "sites")
        assert [thread.name for thread in threading.enumerate() if thread.name.startswith("request")] == []
        sent = len(running.simulator.requests) - before
        assert sent <= requests_in_ledger(running, sync, "sites") <= sent + sync.setup.requests_in_flight
        running.simulator.faults.remove(fault)
        running.clock.sleep(7200.0)
        assert sent + asked(running, sync, "sites") <= 1.1 * whole + 12
        load(sync, "sites")
        assert (unbalanced(running, sync, "sites"), wrong(running, vendor(name), "sites")) == ([], [])
