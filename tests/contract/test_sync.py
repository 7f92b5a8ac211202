"""What every PSA has to keep, whatever its API is like: the same tests for all of them."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from bench.requests import MOST_OF_ONE_COMPANY, MOST_WITHOUT_DATA, one_company, sent_by, without_data
from include import connectors
from include.model.choices import Sizes
from include.model.errors import AuthError, ConfigError, FormError, PsaError
from include.model.kinds import KINDS, OF_COMPANIES
from include.model.limits import Lane
from include.model.request import Request
from include.model.run import Run
from include.model.setup import Setup
from include.sync.details import read_details
from include.sync.extract import extract
from include.sync.load import load
from include.sync.preflight import preflight
from simulator.daily_changes import apply_daily_changes
from simulator.world import World
from tests.support.databases import FilledWarehouses
from tests.support.rig import Rig, rig
from tests.support.truth import Vendor, differences, unmentioned, vendor
from tests.support.worlds import new_world

EVERY_VENDOR = pytest.mark.parametrize("psa", sorted(connectors.NAMES), indirect=True)
HOUR_SECONDS = 3600  # after a first run: its requests are in no window any more
WATCHED = ("companies", "sites", "assets", "contacts")


@pytest.fixture
def psa(request: pytest.FixtureRequest) -> Vendor:
    return vendor(request.param)


def small_world(seed: int = 7) -> World:
    """More machines and people than the smallest pages hold, and no more: with some vendors each is a request."""
    return new_world(seed=seed, companies=30, assets=150, contacts=120)


@contextmanager
def tenant(dsn: str, psa: Vendor, world: World | None = None, **changes: Any) -> Iterator[Rig]:
    """A tenant with a setup that makes sense there, where every detail may be read in one night."""
    setup = replace(psa.setup, details_per_night=100_000)
    with rig(dsn, world or small_world(), setup=setup, vendor=psa.name, **changes) as running:
        yield running


@contextmanager
def synced(warehouses: FilledWarehouses, psa: Vendor) -> Iterator[Rig]:
    """A tenant after its first run."""

    def fill(dsn: str) -> None:
        with tenant(dsn, psa) as running:
            running.run()

    with tenant(warehouses.like(("contract", psa.name), fill), psa) as running:
        running.runs = 1
        running.clock.sleep(HOUR_SECONDS)
        yield running


def wrong(running: Rig, psa: Vendor) -> list[str]:
    """All differences between warehouse and world."""
    expected = psa.truth(running.simulator.world, running.setup)
    return [f"{table} {line}" for table, rows in expected.items() for line in differences(running.rows(table), rows)]


def sizes(world: World) -> Sizes:
    return Sizes(len(world.companies), len(world.sites), len(world.assets), len(world.contacts), len(world.boards))


@EVERY_VENDOR
def test_the_truth_names_every_column_of_every_table(psa: Vendor) -> None:
    assert unmentioned(psa.truth(small_world(), psa.setup)) == []


@EVERY_VENDOR
def test_every_promised_field_arrives_and_a_second_run_writes_nothing(warehouse_dsn: str, psa: Vendor) -> None:
    with tenant(warehouse_dsn, psa) as running:
        counts = running.run()
        assert wrong(running, psa) == []
        assert all(b.inserted == b.fetched - b.duplicate for b in counts.values()), counts
        before = running.state()
        counts = running.run()
        assert running.state() == before
        assert all(b.unchanged == b.fetched - b.duplicate and not b.deleted for b in counts.values()), counts


@EVERY_VENDOR
@pytest.mark.parametrize("seed", [1, 2])
def test_a_night_of_changes_is_followed(warehouse_dsn: str, psa: Vendor, seed: int) -> None:
    world = small_world(seed)
    with tenant(warehouse_dsn, psa, world) as running:
        running.run()
        apply_daily_changes(world, seed=seed, adds=4, edits=6, deletes=3, moves=2)
        running.run()
        assert wrong(running, psa) == []


@EVERY_VENDOR
def test_one_company_is_read_alone_and_the_others_are_left_alone(
    filled_warehouses: FilledWarehouses, psa: Vendor
) -> None:
    with synced(filled_warehouses, psa) as running:
        world = running.simulator.world
        company = next(row["source_id"] for row in running.rows("companies", "deleted_at IS NULL") if row["name"])
        others = {kind: running.rows(kind, f"company_source_id <> '{company}'") for kind in ("assets", "contacts")}
        apply_daily_changes(world, seed=4, adds=3, edits=60, deletes=0)
        asked = len(running.simulator.requests)
        running.run(request=Request(kinds=OF_COMPANIES, company=company))
        assert len(running.simulator.requests) - asked < 90
        expected = psa.truth(world, running.setup)
        for table in ("assets", "contacts", "company_sites"):
            mine = {key: row for key, row in expected[table].items() if row["company_source_id"] == company}
            assert differences(running.rows(table, f"company_source_id = '{company}'"), mine) == []
        for kind, rows in others.items():
            assert running.rows(kind, f"company_source_id <> '{company}'") == rows


@EVERY_VENDOR
def test_a_company_that_is_not_there_is_refused_before_anything_is_read(warehouse_dsn: str, psa: Vendor) -> None:
    with tenant(warehouse_dsn, psa) as running, pytest.raises(FormError, match="There is no company 'Nobody & Sons'"):
        running.run(request=Request(company="Nobody & Sons"))


@EVERY_VENDOR
def test_a_run_costs_no_more_requests_than_its_page_says_and_few_that_bring_no_data(
    warehouse_dsn: str, psa: Vendor
) -> None:
    with tenant(warehouse_dsn, psa) as running:
        first = sent_by(running, setup=Setup(details_per_night=0))
        cost = connectors.load(psa.name).cost(sizes(running.simulator.world))
        assert len(first) == len(running.simulator.requests)
        beyond = sum("/locations/" in request.path for request in running.simulator.requests)  # as Kaseya's page says
        assert len(first) - beyond <= sum(cost.values()) * 1.05
        assert without_data(sent_by(running)) <= MOST_WITHOUT_DATA[psa.name]
        assert len(sent_by(running, one_company(running))) <= MOST_OF_ONE_COMPANY[psa.name]


@EVERY_VENDOR
def test_lists_inside_records_in_another_order_write_no_row(filled_warehouses: FilledWarehouses, psa: Vendor) -> None:
    with synced(filled_warehouses, psa) as running:
        before = running.state()
        running.simulator.faults.add("reordered_lists")
        running.run(*WATCHED)
        assert running.state() == before


@EVERY_VENDOR
def test_wrong_credentials_stop_the_run_at_once_and_nothing_secret_is_in_the_log(
    warehouse_dsn: str, psa: Vendor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with tenant(warehouse_dsn, psa) as running:
        with pytest.raises((AuthError, ConfigError)) as refused:
            connectors.load(psa.name).probe(running.client(password="wrong-secret-0815"), "companies")
        assert len(running.simulator.requests) <= 4
        running.run()
        secrets = [running.simulator.connection["password"], "wrong-secret-0815"]
        assert not any(secret in caplog.text + str(refused.value) for secret in secrets)


@EVERY_VENDOR
def test_a_kind_whose_right_is_missing_is_named_with_the_right_and_the_others_go_on(
    warehouse_dsn: str, psa: Vendor, caplog: pytest.LogCaptureFixture
) -> None:
    with tenant(warehouse_dsn, psa) as running:
        running.simulator.faults.add(f"lost_right:path={psa.lists['assets']}")
        preflight(running.sync())
        said = " ".join(word for record in caplog.records for word in record.getMessage().split())
        assert "assets will fail" in said
        assert connectors.load(psa.name).rights["assets"] in said
        assert "contacts: may be read" in said
        running.run("contacts")


@EVERY_VENDOR
def test_two_tenants_of_one_vendor_are_told_apart(warehouse_dsn: str, psa: Vendor) -> None:
    with tenant(warehouse_dsn, psa) as one, tenant(warehouse_dsn, psa, new_world(seed=8, companies=10)) as other:
        one.run("companies")
        run = replace(other.sync(), run=Run("another", "psa_another/run 1"))
        extract(run, "companies")
        load(run, "companies")
        read_details(run, "companies")
        assert wrong_of(one, psa, "companies", psa.name) == []
        assert wrong_of(other, psa, "companies", "another") == []


def wrong_of(running: Rig, psa: Vendor, table: str, source: str) -> list[str]:
    expected = psa.truth(running.simulator.world, running.setup)[table]
    return differences(running.rows(table, f"source = '{source}'"), expected)


@EVERY_VENDOR
def test_every_request_of_a_listing_is_counted_in_the_ledger_and_no_endpoint_there_has_a_key(
    warehouse_dsn: str, psa: Vendor
) -> None:
    with tenant(warehouse_dsn, psa, new_world(companies=10)) as running:
        run = running.sync()
        preflight(run)
        before = len(running.simulator.requests)
        for kind in KINDS:
            extract(run, kind)
        entries = running.rows("sync_runs")
        assert sum(entry["requests"] for entry in entries) == len(running.simulator.requests) - before
        assert all(sum(entry["endpoints"].values()) == entry["requests"] for entry in entries)
        assert [name for entry in entries for name in entry["endpoints"] if re.search(r"/\d+(/|$)", name)] == []


@EVERY_VENDOR
def test_a_nightly_and_a_forced_run_on_two_workers_stay_inside_the_vendors_limits(
    warehouse_dsn: str, psa: Vendor
) -> None:
    with tenant(warehouse_dsn, psa, new_world(companies=10), latency_ms=3) as running:
        preflight(running.sync())
        failures: list[BaseException] = []

        def work(lane: Lane) -> None:
            mine = replace(running, lane=lane)
            run = replace(mine.sync(), run=Run(psa.name, f"psa_{psa.name}/{lane.name}"))
            try:
                for kind in WATCHED:
                    extract(run, kind)
                    load(run, kind)
                    read_details(run, kind)
            except PsaError as error:
                failures.append(error)

        workers = [threading.Thread(target=work, args=(lane,)) for lane in (Lane.NIGHTLY, Lane.FORCED)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert failures == []
        assert running.simulator.budget.refused == 0
        most = connectors.load(psa.name).limits.in_flight
        assert most is None or max(running.simulator.budget.most_in_flight.values()) <= most
        assert [line for line in wrong(running, psa) if line.split()[0] in {t for k in WATCHED for t in KINDS[k]}] == []
