"""The PSA goes on being used between two attempts: nothing is missed, and nothing is deleted wrongly."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from include.model.setup import CompanyChoice, Setup
from include.sync.extract import extract
from include.sync.load import load
from include.sync.preflight import preflight
from include.sync.run import Sync
from simulator.daily_changes import apply_daily_changes
from simulator.world import World
from tests.support.attempts import asked, interrupted, unbalanced, wrong
from tests.support.rig import Rig, rig
from tests.support.truth import vendor
from tests.support.worlds import new_world

ALL = ["autotask", "connectwise", "halopsa", "kaseya_bms", "syncro"]
# PSAs whose lists are asked for by some hundred companies at a time, where setup selects companies; and how many
# companies take three requests.
IN_PARTS = [("autotask", 900), ("connectwise", 250)]
PATHS = {"autotask": "/ConfigurationItems/query", "connectwise": "/company/configurations"}


@contextmanager
def filtered(dsn: str, name: str, companies: int) -> Iterator[tuple[Rig, Sync]]:
    """A tenant whose setup selects its active companies, and a run that is about to list it for the first time."""
    world = new_world(companies=companies, assets=companies, contacts=10)
    for company in list(world.companies.values()):
        world.companies.add(replace(company, status_id=1, is_deleted=False, deleted_at=None))
    setup = Setup(companies=CompanyChoice(statuses=("Active",)), details_per_night=0, requests_in_flight=1)
    with rig(dsn, world, setup=setup, vendor=name) as running:
        sync = running.sync()
        preflight(sync)
        yield running, sync


def stopped_in_the_last_part(running: Rig, sync: Sync) -> None:
    """The run, after an attempt at its assets that had read two parts of three: a count and a page of each."""
    interrupted(running, sync, "assets", after=5, path=PATHS[running.vendor])


def assets_of_companies(world: World) -> list[int]:
    """The assets in the order of their companies."""
    return sorted(world.assets, key=lambda key: (world.assets[key].company_id, key))


@pytest.mark.parametrize(("name", "companies"), IN_PARTS)
def test_parts_that_were_read_are_counted_and_not_read_again(warehouse_dsn: str, name: str, companies: int) -> None:
    with filtered(warehouse_dsn, name, companies) as (running, sync):
        stopped_in_the_last_part(running, sync)
        before = len(running.simulator.requests)
        extract(sync, "assets")
        pages = [request for request in running.simulator.requests[before:] if request.endpoint == PATHS[name]]
        assert len(pages) == 1
        load(sync, "assets")
        assert (unbalanced(running, sync, "assets"), wrong(running, vendor(name), "assets")) == ([], [])


@pytest.mark.parametrize(("name", "companies"), IN_PARTS)
def test_a_record_that_moved_to_a_company_that_was_read_is_not_missed(
    warehouse_dsn: str, name: str, companies: int
) -> None:
    with filtered(warehouse_dsn, name, companies) as (running, sync):
        stopped_in_the_last_part(running, sync)
        assets, of_companies = running.simulator.world.assets, assets_of_companies(running.simulator.world)
        first, last = assets[of_companies[0]], assets[of_companies[-1]]
        assets.add(replace(last, company_id=first.company_id, site_id=None, contact_id=None))
        extract(sync, "assets")
        load(sync, "assets")
        assert (unbalanced(running, sync, "assets"), wrong(running, vendor(name), "assets")) == ([], [])


@pytest.mark.parametrize(("name", "companies"), IN_PARTS)
def test_other_companies_make_the_listing_begin_again(
    warehouse_dsn: str, caplog: pytest.LogCaptureFixture, name: str, companies: int
) -> None:
    with filtered(warehouse_dsn, name, companies) as (running, sync):
        stopped_in_the_last_part(running, sync)
        world = running.simulator.world
        company = world.assets[assets_of_companies(world)[0]].company_id
        world.companies.add(replace(world.companies[company], status_id=5))
        extract(sync, "assets")
        assert "assets: the listing begins again: the list that says what to read has changed." in caplog.text
        load(sync, "assets")
        assert not running.rows("assets", f"company_source_id = '{company}'")
        assert unbalanced(running, sync, "assets") == []


def delete_early(world: World) -> None:
    del world.assets[min(world.assets)]


def delete_late(world: World) -> None:
    del world.assets[max(world.assets)]


def add(world: World) -> None:
    last = world.assets[max(world.assets)]
    world.assets.add(replace(last, id=last.id + 7, name="NEW-1"))


def move(world: World) -> None:
    asset, other = world.assets[max(world.assets)], min(world.companies)
    world.assets.add(replace(asset, company_id=other, site_id=None, contact_id=None))


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("edit", [delete_early, delete_late, add, move])
def test_what_was_edited_between_attempts_arrives(warehouse_dsn: str, name: str, edit: Callable[[World], None]) -> None:
    world = new_world(companies=20, assets=1200 if name in ("autotask", "connectwise") else 300, contacts=10)
    with rig(warehouse_dsn, world, setup=Setup(details_per_night=0), vendor=name) as running:
        sync = running.sync()
        preflight(sync)
        whole = asked(running, running.sync(), "assets")
        interrupted(running, sync, "assets", after=whole * 2 // 3)
        first = min(world.assets)
        edit(world)
        extract(sync, "assets")
        load(sync, "assets")
        assert unbalanced(running, sync, "assets") == []
        living = {int(row["source_id"]) for row in running.rows("assets", "deleted_at IS NULL")}
        assert living - {first} == set(world.assets) - {first}
        running.run("assets")
        assert wrong(running, vendor(name), "assets") == []


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("is_synced_meanwhile", [True, False])
def test_a_run_that_is_cleared_the_next_morning_goes_on_and_stores_nothing_older(
    warehouse_dsn: str, caplog: pytest.LogCaptureFixture, name: str, is_synced_meanwhile: bool
) -> None:
    caplog.set_level(logging.INFO)
    world = new_world(companies=20, assets=300, contacts=10)
    with rig(warehouse_dsn, world, setup=Setup(details_per_night=0), vendor=name) as running:
        running.run("assets")
        sync = running.sync()
        whole = asked(running, running.sync(), "assets")
        interrupted(running, sync, "assets", after=whole - 1)
        apply_daily_changes(world, deletes={"assets": 2}, adds={"assets": 3})
        if is_synced_meanwhile:
            running.run("assets")
        extract(sync, "assets")
        load(sync, "assets")
        assert unbalanced(running, sync, "assets") == []
        if not is_synced_meanwhile:
            running.run("assets")
        assert wrong(running, vendor(name), "assets") == []
