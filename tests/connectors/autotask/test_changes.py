"""What Autotask is asked for in a quick run: records whose stamps moved, and the sites of companies that did."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from include.connectors import load
from include.connectors.autotask.conditions import changed_since
from include.connectors.common.mapping import map_page
from include.connectors.contract import ReadContext, Stream
from include.model.errors import FilterIgnored
from include.model.page import Page
from include.model.request import QUICK, Request
from include.model.scope import Scope
from include.model.setup import CompanyChoice, Setup
from simulator.autotask.assets import last_modified
from simulator.daily_changes import DailyChanges, apply_daily_changes
from simulator.world import START
from tests.support.rig import Rig, rig
from tests.support.truth import differences
from tests.support.truth.autotask import SETTINGS, truth
from tests.support.worlds import new_world

NOWHERE = ""  # no warehouse: these tests only ask
STAMPED = ("companies", "assets", "contacts")
KINDS = {"companies": "companies", "company_sites": "sites", "assets": "assets", "contacts": "contacts"}
CLIENTS_ONLY = Setup(companies=CompanyChoice(types=("Client",)))
Reads = Callable[[ReadContext[Any]], Iterator[Page]]


def stream(table: str) -> Stream[Any]:
    return next(s for s in load("autotask").streams if s.table == table)


@contextmanager
def changed_tenant(setup: Setup | None = None, **simulator: Any) -> Iterator[tuple[Rig, DailyChanges]]:
    """A tenant after a day of changes."""
    world = new_world(companies=40, assets=700)
    with rig(NOWHERE, world, setup=setup, vendor="autotask", **simulator) as running:
        yield running, apply_daily_changes(world, seed=2, adds=3, edits=8, deletes=2, moves=3)


def context(running: Rig, since: datetime | None = START, **scope: Any) -> ReadContext[Any]:
    return ReadContext(running.client(), running.setup, Scope(since=since, **scope))


def ids(pages: Iterable[Page]) -> set[int]:
    return {record["id"] for page in pages for record in page.records}


def changed_ids(running: Rig, table: str, since: datetime = START) -> set[int]:
    read = stream(table).changed
    assert read
    return ids(read(context(running, since)))


def really_changed(running: Rig, table: str, since: datetime = START) -> set[int]:
    """The ids that the world says have changed, or may have."""
    rows = getattr(running.simulator.world, KINDS[table])
    unstamped = {id_ for id_, one in rows.items() if table == "assets" and last_modified(one) is None}
    live = {id_ for id_, one in rows.items() if not getattr(one, "is_deleted", False)}
    return {id_ for id_ in live if rows[id_].updated_at >= since} | unstamped


def posted(running: Rig) -> list[str]:
    return [request.path.rpartition("/V1.0")[2] for request in running.simulator.requests]


@pytest.mark.parametrize("table", STAMPED)
def test_every_record_comes_of_which_a_stamp_moved_and_every_one_without_stamps(table: str) -> None:
    with changed_tenant() as (running, day):
        found, kind = changed_ids(running, table), KINDS[table]
        assert found == really_changed(running, table)
        moved = set(day.moved.get(kind, ()))
        assert found >= ({*day.added[kind], *day.edited[kind]} | moved) - set(day.deleted[kind])
        assert len(found) < len(getattr(running.simulator.world, kind)) / 2


@pytest.mark.parametrize("setup", [Setup(), SETTINGS, CLIENTS_ONLY], ids=["plain", "fields", "filter"])
@pytest.mark.parametrize("table", STAMPED)
def test_a_changed_record_gives_the_row_that_a_full_listing_gives(table: str, setup: Setup) -> None:
    with changed_tenant(setup) as (running, _):
        one = stream(table)
        everything, changed = (
            {row["source_id"]: row for page in read(context(running)) for row in map_page(one, page, setup).rows}
            for read in (one.read, one.changed or one.read)
        )
        selected = {str(key) for key in really_changed(running, table)} & everything.keys()
        assert changed == {key: everything[key] for key in selected}
        assert changed


@pytest.mark.parametrize("table", STAMPED)
@pytest.mark.parametrize("hours", [-12, 14])
def test_a_server_that_reads_times_in_its_own_zone_leaves_out_nothing_within_the_overlap(
    table: str, hours: int
) -> None:
    with changed_tenant(faults=[f"local_times:hours={hours}"]) as (running, _):
        since = START - load("autotask").overlap
        assert changed_ids(running, table, since) >= really_changed(running, table)


@pytest.mark.parametrize("table", STAMPED)
def test_a_filter_that_the_server_ignores_is_noticed(table: str) -> None:
    with changed_tenant(faults=["filter_ignored"]) as (running, _), pytest.raises(FilterIgnored, match="was ignored"):
        changed_ids(running, table)


def test_the_sites_of_companies_that_changed_are_read_whole() -> None:
    with changed_tenant() as (running, _):
        sites, world = stream("company_sites"), running.simulator.world
        assert sites.changed and sites.changed_companies
        companies = frozenset(sites.changed_companies(context(running)))
        assert companies == {str(id_) for id_ in really_changed(running, "companies")}
        expected = {id_ for id_, one in world.sites.items() if str(one.company_id) in companies}
        assert ids(sites.changed(context(running, companies=companies))) == expected
        assert ids(sites.changed(context(running))) == set()


def test_a_thousand_companies_are_named_in_three_queries() -> None:
    with rig(NOWHERE, new_world(companies=1000, assets=10, contacts=10), vendor="autotask") as running:
        sites, world = stream("company_sites"), running.simulator.world
        assert sites.changed
        companies = frozenset(map(str, world.companies.ids))
        assert ids(sites.changed(context(running, companies=companies))) == set(world.sites.ids)
        counts = [path for path in posted(running) if path == "/CompanyLocations/query/count"]
        assert len(counts) == 3


@pytest.mark.parametrize("setup", [Setup(), CLIENTS_ONLY], ids=["plain", "filter"])
@pytest.mark.parametrize("table", KINDS)
def test_keys_are_those_of_the_listing_and_the_count_that_of_all_companies(table: str, setup: Setup) -> None:
    with changed_tenant(setup) as (running, _):
        one = stream(table)
        assert one.keys and one.count
        assert ids(one.keys(context(running))) == ids(one.read(context(running, None)))
        everything = replace(context(running, None), setup=Setup())
        assert one.count(context(running)) == len(ids(one.read(everything)))


@pytest.mark.parametrize("table", STAMPED)
def test_of_one_company_only_its_own_changes_are_read(table: str) -> None:
    with changed_tenant() as (running, day):
        world, kind = running.simulator.world, KINDS[table]
        row = getattr(world, kind)[day.edited[kind][0]]
        company = getattr(row, "company_id", row.id)
        read = stream(table).changed
        assert read and company
        found = ids(read(context(running, company=str(company))))
        assert row.id in found
        rows = getattr(world, kind)
        assert all(getattr(rows[id_], "company_id", id_) == company for id_ in found)


def test_when_nothing_changed_no_lists_of_names_are_asked_for() -> None:
    with rig(NOWHERE, new_world(companies=10, assets=20), setup=SETTINGS, vendor="autotask") as running:
        later = START + timedelta(days=9)
        world = running.simulator.world
        for id_, one in world.assets.items():
            world.assets.add(replace(one, updated_at=START + timedelta(seconds=id_)))
        for table in STAMPED:
            assert changed_ids(running, table, later) == set()
        asked = [path for path in posted(running) if "query" in path and not path.endswith("/count")]
        assert asked == ["/Companies/query", "/ConfigurationItems/query", "/Contacts/query"]


@pytest.mark.parametrize(
    ("record", "holds"),
    [
        ({"a": "2026-01-10T01:00:00.3Z", "b": None}, True),
        ({"a": "2019-01-01T00:00:00", "b": "2026-01-10T01:00:00"}, True),
        ({"a": "2026-01-09T01:00:01Z"}, True),
        ({"a": "2026-01-09T00:59:59Z", "b": ""}, False),
        ({"a": "2019-01-01T00:00:00Z", "b": "2018-01-01T00:00:00Z"}, False),
        ({"a": None}, True),
        ({}, True),
    ],
)
def test_a_record_contradicts_the_filter_if_its_last_stamp_is_older_by_more_than_any_time_zone(
    record: Any, holds: bool
) -> None:
    assert changed_since(("a", "b"), START.replace(microsecond=500_000)).holds(record) is holds


# ---- whole runs ----


@pytest.mark.parametrize(
    ("ignored", "full"),
    [("/ConfigurationItems/query", {"assets"}), ("/Companies/query", {"companies", "company_sites"})],
)
def test_a_quick_run_lists_everything_where_the_filter_is_ignored_and_says_so(
    warehouse_dsn: str, ignored: str, full: set[str]
) -> None:
    with rig(warehouse_dsn, new_world(), vendor="autotask") as running:
        running.run()
        running.simulator.faults.add(f"filter_ignored:path={ignored}")
        running.run(request=Request(extent=QUICK))
        entries = running.rows("sync_runs", f"run_id LIKE '%run {running.runs}' AND why_full <> ''")
        assert {entry["table_name"] for entry in entries} == full
        assert all("the filter was ignored" in entry["note"] for entry in entries)


def test_records_that_came_and_went_without_a_new_time_are_found_by_their_keys(warehouse_dsn: str) -> None:
    world = new_world()
    with rig(warehouse_dsn, world, vendor="autotask") as running:
        gone = {kind: getattr(world, kind).ids[0] for kind in ("sites", "assets", "contacts")}
        late = {kind: getattr(world, kind).pop(getattr(world, kind).ids[-1]) for kind in gone}
        running.run()
        for kind, key in gone.items():
            del getattr(world, kind)[key]
            getattr(world, kind).add(late[kind])
        running.run(request=Request(extent=QUICK))
        assert wrong(running) != []  # as many records as before: no one sees a difference
        for kind in gone:
            del getattr(world, kind)[getattr(world, kind).ids[1]]
        running.run(request=Request(extent=QUICK))
        assert wrong(running) == []


def wrong(running: Rig) -> list[str]:
    expected = truth(running.simulator.world, running.setup)
    return [f"{table} {line}" for table in expected for line in differences(running.rows(table), expected[table])]


def test_a_company_that_setup_comes_to_select_brings_its_records_and_another_takes_them_along(
    warehouse_dsn: str,
) -> None:
    world = new_world()
    with rig(warehouse_dsn, world, setup=CLIENTS_ONLY, vendor="autotask") as running:
        running.run()
        client = next(one.id for one in world.company_types.values() if one.name == "Client")
        inside = next(one for one in world.companies.values() if one.type_ids[:1] == (client,) and one.id)
        outside = next(one for one in world.companies.values() if one.type_ids[:1] != (client,) and one.id)
        at = running.now()
        world.companies.add(replace(inside, type_ids=outside.type_ids, updated_at=at))
        world.companies.add(replace(outside, type_ids=inside.type_ids, updated_at=at))
        running.run(request=Request(extent=QUICK))
        for table in ("company_sites", "assets", "contacts"):
            owners = {row["company_source_id"] for row in running.rows(table, "deleted_at IS NULL")}
            assert str(inside.id) not in owners
            assert str(outside.id) in owners or not getattr(world, KINDS[table]).by("company_id").get(outside.id)
