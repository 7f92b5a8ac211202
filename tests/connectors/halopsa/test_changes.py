"""What HaloPSA is asked for in a quick run, if a probe shows that the server filters by the time of the last change."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import pytest

from include.connectors import load
from include.connectors.common.mapping import map_page
from include.connectors.contract import ReadContext
from include.connectors.halopsa.changes import Lookup, changed_since
from include.connectors.halopsa.client import ASSETS, SITES
from include.model.errors import FilterIgnored, RequestRefused, ServerError
from include.model.page import Page
from include.model.request import QUICK, Request
from include.model.scope import Scope
from include.model.setup import CompanyChoice, Setup
from simulator.daily_changes import DailyChanges, apply_daily_changes, edited
from simulator.world import START
from tests.connectors.halopsa.scripted import SERIAL, TAG, Scripted, needs_specs, stream
from tests.support.rig import Rig, rig
from tests.support.truth.halopsa import SETTINGS
from tests.support.vendor_specs import check_request
from tests.support.vendor_specs import load as load_spec
from tests.support.worlds import new_world

NOWHERE = ""  # no warehouse: these tests only ask
KINDS = {"companies": "companies", "company_sites": "sites", "assets": "assets", "contacts": "contacts"}
PATHS = {"companies": "/Client", "company_sites": "/Site", "assets": "/Asset", "contacts": "/Users"}
ACTIVE = Setup(companies=CompanyChoice(statuses=("Active",)))
EVERY_TABLE = pytest.mark.parametrize("table", KINDS)


@contextmanager
def changed_tenant(setup: Setup | None = None, **simulator: Any) -> Iterator[tuple[Rig, DailyChanges]]:
    """A tenant after a day of changes."""
    world = new_world(companies=40, assets=400)
    with rig(NOWHERE, world, setup=setup, vendor="halopsa", **simulator) as running:
        yield running, apply_daily_changes(world, seed=2, adds=3, edits=8, deletes=2, moves=3)


def context(running: Rig, since: datetime = START, **scope: Any) -> ReadContext[Any]:
    return ReadContext(running.client(), running.setup, Scope(since=since, **scope))


def changed_ids(running: Rig, table: str, since: datetime = START, **scope: Any) -> set[int]:
    read = stream(table).changed
    assert read
    return {int(record["id"]) for page in read(context(running, since, **scope)) for record in page.records}


def really_changed(running: Rig, table: str, since: datetime = START) -> set[int]:
    """The ids that come; with the sites of companies that changed, which here are so many that all sites come."""
    rows = getattr(running.simulator.world, KINDS[table]).items()
    if table == "company_sites" and len(really_changed(running, "companies", since)) > 5:
        return {id_ for id_, _ in rows}
    return {id_ for id_, one in rows if one.updated_at >= since and not getattr(one, "is_deleted", False)}


def asked(running: Rig) -> list[str]:
    return [request.path.removeprefix("/api") for request in running.simulator.requests]


@EVERY_TABLE
def test_every_record_comes_that_changed_and_no_other(table: str) -> None:
    with changed_tenant() as (running, day):
        found = changed_ids(running, table)
        assert found == really_changed(running, table)
        assert found >= {*day.added[KINDS[table]], *day.moved.get(KINDS[table], ())} - set(day.deleted[KINDS[table]])


@EVERY_TABLE
@pytest.mark.parametrize("setup", [Setup(), SETTINGS, ACTIVE], ids=["plain", "fields", "filter"])
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


@EVERY_TABLE
@pytest.mark.parametrize("hours", [-12, 14])
def test_a_server_that_reads_times_in_its_own_zone_leaves_out_nothing_within_the_overlap(
    table: str, hours: int
) -> None:
    with changed_tenant(faults=[f"local_times:hours={hours}"]) as (running, _):
        since = START - load("halopsa").overlap
        assert changed_ids(running, table, since) >= really_changed(running, table)


@EVERY_TABLE
@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("changes_ignored", r"{} ignores lastupdatefromdate: it counts \d+ records for a future date\."),
        ("filter_ignored", r"{} ignores lastupdatefromdate: it counts \d+ records for a future date\."),
        ("changes_hidden", r"{} counts no record that changed since 1980\."),
    ],
)
def test_a_server_that_does_not_filter_is_noticed_before_anything_is_listed(table: str, fault: str, said: str) -> None:
    with changed_tenant(faults=[fault]) as (running, _):
        path = "/Client" if table == "company_sites" else PATHS[table]  # sites are read again when companies changed
        with pytest.raises(FilterIgnored, match=said.format(path)):
            changed_ids(running, table)
        queries = [request.query for request in running.simulator.requests if request.path == f"/api{path}"]
        assert 1 <= len(queries) <= 2
        assert {query["page_size"] for query in queries} == {"1"}


@pytest.mark.parametrize("refusal", [RequestRefused("It said 400."), ServerError("It said 400.", status=500)])
def test_a_server_that_refuses_the_filter_is_not_asked_for_changes(refusal: Exception) -> None:
    def count(*_: Any, **__: Any) -> int:
        raise refusal

    client: Any = SimpleNamespace(count=count)
    with pytest.raises(FilterIgnored, match=r"/Asset cannot be asked for changes\. It said 400\."):
        changed_since(ReadContext(client, Setup(), Scope(since=START)), ASSETS)


def test_the_probe_asks_for_ten_years_later_and_for_1980() -> None:
    dates: list[str] = []

    def count(_: Any, *, lastupdatefromdate: str) -> int:
        dates.append(lastupdatefromdate)
        return 7 * (lastupdatefromdate < "2000")

    client: Any = SimpleNamespace(count=count)
    since = datetime(2026, 1, 31, 12, 30, 15, 999_999, tzinfo=timezone.utc)
    asked_for = changed_since(ReadContext(client, Setup(), Scope(since=since)), ASSETS)
    assert asked_for == {"lastupdatefromdate": "2026-01-31T12:30:15.000Z"}
    assert dates == ["2036-01-29T12:30:15.000Z", "1980-01-01T00:00:00.000Z"]


@EVERY_TABLE
def test_of_one_company_only_its_own_changes_are_read(table: str) -> None:
    with changed_tenant() as (running, day):
        rows = getattr(running.simulator.world, KINDS[table])
        row = rows[day.edited[KINDS[table]][0]]
        company = getattr(row, "company_id", row.id)
        found = changed_ids(running, table, company=str(company))
        assert row.id in found
        assert {getattr(rows[id_], "company_id", id_) for id_ in found} == {company}


def one_changed_company(running: Rig) -> int:
    """Edit a company, and no other."""
    world, at = running.simulator.world, START + timedelta(days=1)
    id_ = world.sites[world.sites.ids[0]].company_id
    world.companies.add(edited(world.companies[id_], at=at))
    world.sites.add(replace(world.sites[world.sites.by("company_id")[id_][0]], updated_at=at))
    return id_


def test_the_sites_of_a_company_that_changed_are_read_since_they_show_facts_of_the_company() -> None:
    with rig(NOWHERE, new_world(companies=40), vendor="halopsa") as running:
        company, world = one_changed_company(running), running.simulator.world
        assert len(really_changed(running, "company_sites")) == 1 < len(world.sites.by("company_id")[company])
        pages = (stream("company_sites").changed or stream("company_sites").read)(context(running))
        found = [int(record["id"]) for page in pages for record in page.records]
        assert sorted(found) == list(world.sites.by("company_id")[company])


def test_a_list_of_one_companys_sites_that_ignores_the_company_is_refused() -> None:
    with rig(NOWHERE, new_world(companies=40), vendor="halopsa") as running:
        one_changed_company(running)
        running.simulator.faults.add("filter_ignored:path=/Site,after=3")
        with pytest.raises(FilterIgnored, match=r"client_id=\d+ delivered records"):
            changed_ids(running, "company_sites")


def test_a_list_of_sites_that_ignores_the_filter_is_noticed_although_that_of_companies_does_not() -> None:
    with rig(NOWHERE, new_world(companies=40), vendor="halopsa") as running:
        one_changed_company(running)
        running.simulator.faults.add("changes_ignored:path=/Site")
        with pytest.raises(FilterIgnored, match="/Site ignores lastupdatefromdate"):
            changed_ids(running, "company_sites")


def test_the_sites_of_many_changed_companies_are_read_from_the_list_of_all() -> None:
    with changed_tenant() as (running, _):
        assert changed_ids(running, "company_sites") == set(running.simulator.world.sites.ids)
        asked_for = [one.query for one in running.simulator.requests if one.path == "/api/Site"]
        assert not any("client_id" in query for query in asked_for)


@pytest.mark.parametrize("setup", [SERIAL, TAG], ids=["fields of types", "custom fields"])
def test_nothing_but_the_probe_and_one_list_is_asked_for_if_nothing_changed(setup: Setup) -> None:
    with changed_tenant(setup) as (running, _):
        for table in KINDS:
            assert changed_ids(running, table, START + timedelta(days=3)) == set()
        lists = [path for path in asked(running) if path in PATHS.values()]
        assert [lists.count(path) for path in PATHS.values()] == [6, 3, 4 if setup is SERIAL else 3, 3]
        assert set(asked(running)) <= {*PATHS.values(), "/authinfo", "/auth/token"}


def test_an_older_server_gives_custom_fields_of_changed_records_one_by_one() -> None:
    with changed_tenant(TAG, faults=["older_server"]) as (running, _):
        found = changed_ids(running, "assets")
        assert found == really_changed(running, "assets")
        singles = [path for path in asked(running) if path.startswith("/Asset/")]
        assert len(singles) <= len(found) + 1


@needs_specs
def test_every_request_for_changes_is_in_the_vendors_description() -> None:
    spec = load_spec("halopsa")
    for setup in (SETTINGS, replace(SETTINGS, companies=ACTIVE.companies)):
        with changed_tenant(setup) as (running, _):
            for table in KINDS:
                changed_ids(running, table)
            lists = [one for one in running.simulator.requests if one.path.startswith("/api/") and one.query]
            assert len(lists) > 20
            for one in lists:
                check_request(spec, one.method, one.path.removeprefix("/api"), one.query, one.headers)


# ---- the records that changed ones refer to ----


@dataclass
class Counted(Scripted):
    """A client that notes how often it was asked for a list."""

    listed: list[str] = field(default_factory=list)

    def listing(self, what: Any, resume: object = None, /, **params: str) -> Iterator[Page]:
        self.listed.append(what.path)
        return super().listing(what, resume, **params)


def sites(number: int) -> Counted:
    records = [{"id": key, "client_id": key * 10, "name": "x"} for key in range(1, number + 1)]
    return Counted(rows={"/Site": records}, details={f"/Site/{one['id']}": one for one in records})


def looked_up(client: Any, *pages: list[int]) -> Lookup:
    lookup = Lookup(client, SITES, ("client_id",))
    found = lookup.ahead([Page([{"site_id": key} for key in page]) for page in pages], lambda r: str(r["site_id"]))
    assert len(list(found)) == len(pages)
    return lookup


def test_few_records_are_looked_up_one_by_one_and_each_once() -> None:
    client = sites(3)
    lookup = looked_up(client, [1, 2, 1], [2, 9], [9])
    assert client.asked == ["/Site/1", "/Site/2", "/Site/9"]
    assert client.listed == []
    assert [lookup.get(key) for key in ("1", "9", None)] == [{"client_id": 10}, None, None]


@pytest.mark.parametrize(("number", "singles"), [(700, 6), (501, 6), (500, 0)])
def test_many_records_are_looked_up_in_their_list_where_that_costs_fewer_requests(number: int, singles: int) -> None:
    client = sites(number)
    lookup = looked_up(client, [1, 2, 3, 4, 5, 6])
    assert (len(client.asked), len(client.listed)) == (singles, 0 if singles else 1)
    assert lookup.get("6") == {"client_id": 60}


def test_a_list_is_read_once_the_single_records_have_become_many() -> None:
    client = sites(100)
    looked_up(client, [1, 2, 3, 4, 5], [6], [7, 8], [9])
    assert (client.asked[-1], client.listed) == ("/Site/5", ["/Site"])


# ---- whole runs ----


@pytest.mark.parametrize("fault", ["changes_ignored", "changes_hidden"])
def test_a_quick_run_lists_everything_where_the_filter_is_not_honoured_and_says_so(
    warehouse_dsn: str, fault: str
) -> None:
    world = new_world()
    with rig(warehouse_dsn, world, setup=Setup(details_per_night=0), vendor="halopsa") as running:
        running.run()
        asset = world.assets[world.assets.ids[0]]
        world.assets.add(edited(asset, at=asset.updated_at))
        running.simulator.faults.add(f"{fault}:path=/Asset")
        counts = running.run(request=Request(extent=QUICK))
        assert (counts["assets"].fetched, counts["assets"].updated) == (len(world.assets), 1)
        (entry,) = running.rows("sync_runs", f"table_name = 'assets' AND run_id LIKE '%run {running.runs}'")
        assert entry["since"] is None
        assert entry["why_full"].startswith("HaloPSA: /Asset ")
        assert counts["contacts"].fetched == 0


def test_a_lost_right_to_sites_marks_none_deleted_below_a_company_that_changed(warehouse_dsn: str) -> None:
    world = new_world(companies=40)
    with rig(warehouse_dsn, world, setup=Setup(details_per_night=0), vendor="halopsa") as running:
        running.run()
        company = world.sites[world.sites.ids[-1]].company_id
        world.companies.add(edited(world.companies[company], at=running.now()))
        running.simulator.faults.add("narrowed_list:rows=3,path=/Site*")
        running.run(request=Request(extent=QUICK))
        assert running.rows("company_sites", "deleted_at IS NOT NULL") == []
