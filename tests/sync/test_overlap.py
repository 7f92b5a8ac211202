"""Nightly and forced syncs over each other, with the PSA changing meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import psycopg
import pytest
from hypothesis import given

from include.connectors.contract import PsaClient
from include.model.errors import ServerError, Truncated
from include.model.kinds import KINDS, OF_COMPANIES
from include.model.request import QUICK, Request
from include.model.setup import DeletionGuard, Setup
from include.sync.extract import extract
from include.sync.load import load
from include.sync.preflight import preflight
from include.sync.run import Sync
from simulator.faults.base import Fault
from simulator.messages import Response
from simulator.seeded_random import SeededRandom
from tests.support.databases import EmptyWarehouses
from tests.support.overlap.plans import WHATS, Change, ChangingWorld, Plan, plans
from tests.support.overlap.play import play
from tests.support.rig import Rig, Unpaced, rig
from tests.support.truth import differences
from tests.support.truth.connectwise import truth
from tests.support.worlds import new_world

NO_GUARD = Setup(deletion_guard=DeletionGuard(share=1.0, rows=1000))
# What is on the last page of a listing is read later than the listing began.
SHORT_PAGES: dict[str, Any] = {"faults": ["capped_page:rows=2"], "rate_limit": 100_000}
ENOUGH_SECONDS = 60.0  # nine runs side by side take a few


@pytest.mark.timeout(900)  # a plan that fails is shortened first
@given(plan=plans)
def test_however_runs_overlap_no_row_is_lost_or_goes_back(warehouses: EmptyWarehouses, plan: Plan) -> None:
    """`pytest tests/sync/test_overlap.py --hypothesis-profile search` tries hundreds of plans, others each time."""
    world = new_world(seed=plan.world_seed, companies=2, sites=3, contacts=3, assets=3, tickets=0)
    with (
        warehouses.borrow() as dsn,
        rig(dsn, world, setup=NO_GUARD, faults=["capped_page:rows=1"], rate_limit=100_000) as running,
    ):
        world.now = running.now().replace(microsecond=0)  # quick runs ask for what changed since yesterday
        play(plan, running)
        assert wrong(running, (plan.kind,)) == []


def wrong(running: Rig, kinds: tuple[str, ...] = tuple(KINDS)) -> list[str]:
    expected = truth(running.simulator.world)
    return [
        line for kind in kinds for table in KINDS[kind] for line in differences(running.rows(table), expected[table])
    ]


@dataclass(kw_only=True)
class Unrest(Fault):
    """Every few requests the PSA is another, until `times` requests were answered."""

    name: ClassVar[str] = "unrest"
    change: Callable[[], object]

    def replacement(self) -> Response | None:
        if self._seen % 5 == 0:
            self.change()
        return None


@pytest.mark.parametrize("seed", range(2))
def test_nine_runs_at_the_same_time_do_not_block_each_other(warehouse_dsn: str, seed: int) -> None:
    world = new_world(seed=seed, companies=5, tickets=0)
    with rig(warehouse_dsn, world, setup=NO_GUARD, faults=["capped_page:rows=9"], rate_limit=100_000) as running:
        changing, rng = ChangingWorld(world), SeededRandom(f"unrest/{seed}")

        def change() -> None:
            changing.apply(rng.pick(OF_COMPANIES), Change(rng.pick(WHATS), rng.number(0, 1000)))

        running.simulator.faults.add(Unrest(change=change, times=300))
        companies = [Request(company=str(id_), approved=OF_COMPANIES) for id_ in world.companies.ids[:3]]
        world.now = running.now().replace(microsecond=0)
        all_of_it = [Request(), Request(extent=QUICK)] * 3
        runs = [patient(running, running.sync(request=request)) for request in all_of_it + companies]
        with ThreadPoolExecutor(len(runs)) as threads:
            ends = [threads.submit(whole, run) for run in runs]
            for end in ends:
                end.result(timeout=ENOUGH_SECONDS)
        running.simulator.faults.clear()
        running.run()
        assert wrong(running) == []
        for entry in running.rows("sync_runs"):
            counts = ("inserted", "updated", "unchanged", "duplicate", "rejected")
            assert entry["state"] == "loaded"
            assert entry["fetched"] == sum(entry[name] for name in counts)


def copy_of_what_is_gone_since(running: Rig) -> tuple[Sync, str]:
    """A run that has read an asset which then was deleted, and the company it belonged to."""
    preflight(running.sync())
    assets = running.simulator.world.assets
    key, asset = next(iter(assets.items()))
    older = running.sync()
    extract(older, "assets")
    del assets[key]
    return older, str(asset.company_id)


def test_what_a_company_has_no_more_is_not_brought_back_by_an_older_copy(warehouse_dsn: str) -> None:
    world = new_world(companies=5)
    with rig(warehouse_dsn, world, setup=NO_GUARD) as running:
        older, company = copy_of_what_is_gone_since(running)
        running.run(request=Request(kinds=("assets",), company=company))
        load(older, "assets")
        assert differences(running.rows("assets"), truth(world)["assets"]) == []


def test_what_an_older_run_brings_into_a_company_is_not_swept_unasked(warehouse_dsn: str) -> None:
    world = new_world(companies=5)
    with rig(warehouse_dsn, world, setup=NO_GUARD) as running:
        first, there, last = world.companies.ids[:3]
        key = world.contacts.by("company_id")[first][0]
        running.run("contacts")
        world.contacts.add(replace(world.contacts[key], company_id=there, site_id=None))
        older = running.sync()
        extract(older, "contacts")
        world.contacts.add(replace(world.contacts[key], company_id=last, site_id=None))
        beside = running.sync()
        extract(beside, "contacts")
        one = running.sync(request=Request(kinds=("contacts",), company=str(there)))
        one = replace(one, company=preflight(one))
        extract(one, "contacts")  # the row is neither there, nor known here to have been there
        load(older, "contacts")
        load(one, "contacts")
        assert running.rows("contacts", "deleted_at IS NOT NULL") == []
        load(beside, "contacts")
        assert wrong(running, ("contacts",)) == []


@pytest.mark.parametrize("alone", [False, True])
def test_a_run_that_is_cleared_after_it_was_merged_still_goes_before_older_ones(
    warehouse_dsn: str, alone: bool
) -> None:
    world = new_world(companies=5)
    with rig(warehouse_dsn, world, setup=NO_GUARD) as running:
        older, company = copy_of_what_is_gone_since(running)
        newer = running.sync(request=Request(kinds=("assets",), company=company if alone else None))
        newer = replace(newer, company=preflight(newer))
        extract(newer, "assets")
        load(newer, "assets")
        running.simulator.faults.add("server_error:path=/company/configurations")
        with pytest.raises(ServerError):
            extract(newer, "assets")
        load(older, "assets")
        assert wrong(running, ("assets",)) == []


def test_a_row_found_as_it_was_is_not_swept_by_a_run_that_looked_earlier(warehouse_dsn: str) -> None:
    world = new_world(companies=5)
    with rig(warehouse_dsn, world, setup=NO_GUARD, **SHORT_PAGES) as running:
        running.run("assets")
        key, asset = list(world.assets.items())[-1]
        quick = running.sync()

        def before_it_reads() -> None:
            del world.assets[key]
            extract(quick, "assets")
            world.assets.add(asset)

        slow = slow_to_read(running, before_it_reads)
        extract(slow, "assets")
        load(slow, "assets")
        load(quick, "assets")
        assert differences(running.rows("assets"), truth(world)["assets"]) == []


def slow_to_read(running: Rig, meanwhile: Callable[[], None]) -> Sync:
    """A run during which something happens between its beginning and its first request."""
    pace = InterruptedOnce(meanwhile)

    @contextmanager
    def client() -> Iterator[PsaClient]:
        opened = running.client()
        opened.http.pace = pace
        yield opened

    return running.sync(open_client=client)


@dataclass
class InterruptedOnce(Unpaced):
    """Lets something happen before the first request."""

    action: Callable[[], None]
    happened: bool = False

    def turn(self, endpoint: str) -> AbstractContextManager[float]:
        if not self.happened:
            self.happened = True
            self.action()
        return super().turn(endpoint)


def test_a_deletion_that_is_known_to_be_undone_is_not_counted(warehouse_dsn: str) -> None:
    world = new_world(companies=5)
    with rig(warehouse_dsn, world, setup=NO_GUARD, **SHORT_PAGES) as running:
        running.run("companies")
        company = world.companies[world.companies.ids[-1]]
        quick = running.sync()

        def before_it_reads() -> None:
            world.companies.add(replace(company, is_deleted=True, deleted_at=world.now))
            extract(quick, "companies")
            world.companies.add(replace(company, name="Here again"))

        slow = slow_to_read(running, before_it_reads)
        extract(slow, "companies")
        load(slow, "companies")
        assert load(quick, "companies")["companies"].deleted == 0
        assert wrong(running, ("companies",)) == []


def test_a_run_that_finds_all_done_leaves_no_stage_of_an_earlier_attempt(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, new_world(companies=5)) as running:
        preflight(running.sync())
        run = running.sync(asked_at=running.now())
        running.simulator.faults.add("server_error:path=/company/configurations")
        with pytest.raises(ServerError):
            extract(run, "assets")
        running.simulator.faults.clear()
        running.run("assets")
        assert extract(run, "assets") is not None
        with psycopg.connect(warehouse_dsn) as connection:
            stages = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'psa_staging'").fetchall()
        assert stages == []


def patient(running: Rig, run: Sync) -> Sync:
    """Nine at once share this machine."""

    @contextmanager
    def client() -> Iterator[PsaClient]:
        with running.open_client() as opened:
            opened.http.timeout_seconds = (20.0, 20.0)
            yield opened

    return replace(run, open_client=client)


def whole(run: Sync) -> Mapping[str, str | None]:
    """A run from its first task to its last; what each extract said."""
    run = replace(run, company=preflight(run))
    said = {}
    for kind in run.request.planned:
        said[kind] = extracted(run, kind)
        if said[kind] is None or run.asked_at:
            load(run, kind)
    return said


def extracted(run: Sync, kind: str) -> str | None:
    """Rows that come in the moment after a listing ended can make it look cut short: then once more."""
    try:
        return extract(run, kind)
    except Truncated:
        return extract(run, kind)


def test_of_three_people_who_press_at_once_the_last_finds_all_done(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, new_world(companies=5)) as running:
        preflight(running.sync())
        pressed = running.now()
        one, two, three = (patient(running, running.sync(asked_at=pressed)) for _ in range(3))
        with ThreadPoolExecutor(2) as threads:
            for end in [threads.submit(whole, run) for run in (one, two)]:
                end.result(timeout=ENOUGH_SECONDS)
        assert wrong(running) == []
        before, asked = running.state(), len(running.simulator.requests)
        for kind in KINDS:
            said = extract(three, kind)
            assert said is not None
            assert "began to list it after this run was asked for" in said
            assert load(three, kind) == {}
        assert running.state() == before
        assert len(running.simulator.requests) == asked
        of_three = [entry for entry in running.rows("sync_runs") if entry["run_id"] == three.run.run_id]
        assert {(entry["state"], entry["requests"], entry["fetched"]) for entry in of_three} == {("loaded", 0, 0)}


def test_a_run_reads_for_itself_what_others_began_to_read_before_it_was_asked_for(warehouse_dsn: str) -> None:
    world = new_world(companies=5)
    with rig(warehouse_dsn, world) as running:
        running.run("assets")
        del world.assets[world.assets.ids[0]]
        late = running.sync(asked_at=running.now())
        assert extract(late, "assets") is None
        assert load(late, "assets")["assets"].deleted == 1
