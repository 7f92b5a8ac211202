"""What Kaseya BMS says has changed since a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from include.connectors.contract import ReadContext
from include.connectors.kaseya_bms.companies import COMPANIES
from include.connectors.kaseya_bms.listings import CONTACTS
from include.model.errors import FilterIgnored
from include.model.request import QUICK, Request
from include.model.scope import Scope
from include.model.setup import CompanyChoice, Setup
from include.sync.extract import extract
from include.sync.load import load
from simulator.daily_changes import apply_daily_changes
from simulator.world import World
from tests.connectors.kaseya_bms.scripted import BMS, good, scripted, stream
from tests.support.rig import Rig, rig
from tests.support.truth import differences, vendor
from tests.support.worlds import new_world

NOWHERE = "postgresql://nowhere.invalid/none"
SINCE = datetime(2026, 11, 24, 12, tzinfo=timezone.utc)


def changed(
    table: str, client: Any, since: datetime = SINCE, *, setup: Setup | None = None, company: str | None = None
) -> list[Any]:
    """The records that changed, as a quick run reads them."""
    read, changed_companies = stream(table).changed, stream(table).changed_companies
    assert read is not None
    context: ReadContext[Any] = ReadContext(client, setup or Setup(), Scope(company, since))
    if changed_companies:
        context = replace(context, scope=replace(context.scope, companies=frozenset(changed_companies(context))))
    pages = read(context)
    return [record for page in pages for record in page.records]


def keys(records: list[Any]) -> set[int]:
    return {int(record["id"]) for record in records}


def changed_in(running: Rig, table: str, since: datetime, **more: Any) -> set[int]:
    return keys(changed(table, running.client(), since, **more))


@pytest.fixture
def world() -> World:
    return new_world(companies=60)


def test_accounts_and_contacts_that_changed_are_read_and_few_others(world: World) -> None:
    since = world.now
    day = apply_daily_changes(world, adds=3, edits=4, deletes=2)
    with rig(NOWHERE, world, vendor=BMS) as running:
        for table in ("companies", "contacts"):
            found = changed_in(running, table, since)
            alive = set(day.edited[table]) | set(day.added[table])
            assert found == alive - set(day.deleted[table])


def test_the_sites_of_accounts_that_changed_are_read(world: World) -> None:
    since = world.now
    day = apply_daily_changes(world, adds=0, edits={"companies": 5}, deletes=0)
    with rig(NOWHERE, world, vendor=BMS) as running:
        found = changed("company_sites", running.client(), since)
    assert {int(site["accountid"]) for site in found} <= set(day.edited["companies"])
    assert keys(found) == {site.id for site in world.sites.values() if site.company_id in day.edited["companies"]}


@pytest.mark.parametrize("hours", [-12, -8, 14])
def test_no_change_is_missed_where_dates_are_in_the_time_of_the_tenant(world: World, hours: int) -> None:
    since = world.now
    day = apply_daily_changes(world, adds=0, edits=4, deletes=0)
    with rig(NOWHERE, world, vendor=BMS, faults=[f"local_times:hours={hours}"]) as running:
        overlap = running.sync().connector.overlap
        assert changed_in(running, "contacts", since - overlap) >= set(day.edited["contacts"])


@pytest.mark.parametrize("table", ["companies", "company_sites", "contacts"])
@pytest.mark.parametrize("field", ["ModifiedOnFrom", "CreatedOnFrom"])
def test_a_server_that_ignores_the_date_is_noticed(world: World, table: str, field: str) -> None:
    faults = [f"filter_ignored:field={field}"]
    with rig(NOWHERE, world, vendor=BMS, faults=faults) as running, pytest.raises(FilterIgnored, match=field):
        changed_in(running, table, world.now)


def test_setup_and_the_scope_choose_companies_as_in_a_full_listing(world: World) -> None:
    since, setup = world.now, Setup(companies=CompanyChoice(statuses=("active",)))
    day = apply_daily_changes(world, adds=0, edits={"companies": 60, "contacts": 60}, deletes=0)
    with rig(NOWHERE, world, vendor=BMS) as running:
        active = {int(record["id"]) for record in changed("companies", running.client(), since, setup=setup)}
        assert active == {key for key in world.companies.ids if is_active(world, key)}
        edited = [world.contacts[key] for key in day.edited["contacts"]]
        expected = {one.id for one in edited if one.company_id in active}
        assert changed_in(running, "contacts", since, setup=setup) == expected
        one = next(one for one in edited if one.company_id)
        theirs = {other.id for other in edited if other.company_id == one.company_id}
        assert changed_in(running, "contacts", since, company=str(one.company_id)) == theirs


def is_active(world: World, key: int) -> bool:
    company = world.companies[key]
    status = world.statuses.get(company.status_id or 0)
    return not company.is_deleted and (status is None or status.is_active)


def test_a_record_that_no_one_has_modified_is_found_by_its_creation() -> None:
    new = {"id": 1, "isActive": True, "createdOn": "2026-11-24T13:00:00", "modifiedOn": None}
    zero = {**new, "id": 2, "modifiedOn": "0001-01-01T00:00:00"}
    both = {**new, "id": 3, "modifiedOn": "2026-11-24T13:30:00"}

    def answers(path: str, query: dict[str, str]) -> Any:
        if path != COMPANIES:
            return None
        asked = {name for name in query if name.endswith("From")}
        found = {"Filter.ModifiedOnFrom": [both], "Filter.CreatedOnFrom": [new, zero, both]}[asked.pop()]
        return good(found if query["Filter.IsActive"] == "true" else [], totalRecords=len(found))

    api, asked = scripted(lambda path, query: _counted(answers(path, query)))
    assert [record["id"] for record in changed("companies", api)] == [3, 1, 2]
    assert {query.get("Filter.ModifiedOnFrom", "2026-11-24T12:00:00Z") for _, query in asked} == {
        "2026-11-24T12:00:00Z"
    }


def _counted(body: Any) -> Any:
    return body and {**body, "totalRecords": len(body["result"])}


def test_a_record_without_any_date_proves_nothing_about_the_filter() -> None:
    odd = [{"id": 1, "isActive": True}, {"id": 2, "isActive": True, "modifiedOn": "soon", "createdOn": None}]

    def answers(path: str, query: dict[str, str]) -> Any:
        wanted = path == CONTACTS and query["Filter.IsActive"] == "true" and "Filter.ModifiedOnFrom" in query
        return good(odd if wanted else [], totalRecords=2 if wanted else 0) if path == CONTACTS else None

    api, _ = scripted(answers)
    assert keys(changed("contacts", api)) == {1, 2}


def test_few_requests_are_sent_where_nothing_changed(world: World) -> None:
    with rig(NOWHERE, world, vendor=BMS) as running:
        before = len(running.simulator.requests)
        changed_in(running, "companies", world.now + timedelta(hours=1))
        assert len(running.simulator.requests) - before <= 8


def test_a_quick_run_lists_everything_where_the_server_ignores_the_date(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, new_world(), vendor=BMS) as running:
        running.run("companies", "sites", "contacts")
        running.simulator.faults.add("filter_ignored:field=ModifiedOnFrom")
        apply_daily_changes(running.simulator.world, adds=2, edits=2, deletes=1)
        running.run(request=Request(kinds=("companies", "sites", "contacts"), extent=QUICK))
        last = running.rows("sync_runs", f"run_id LIKE '%run {running.runs}'")
        assert {row["table_name"] for row in last if "ModifiedOnFrom" in row["note"]} == {
            "companies",
            "company_sites",
            "contacts",
        }
        expected = vendor(BMS).truth(running.simulator.world, running.setup)
        tables = ("companies", "company_sites")
        assert [line for table in tables for line in differences(running.rows(table), expected[table])] == []


def test_a_quick_run_lists_everything_where_the_server_refuses_the_filter(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, new_world(), vendor=BMS) as running:
        running.run("contacts")
        run = running.sync(request=Request(kinds=("contacts",), extent=QUICK))
        running.simulator.faults.add(f"refusal:path={CONTACTS},times=1")
        extract(run, "contacts")
        assert load(run, "contacts")["contacts"].fetched == len(running.simulator.world.contacts)
        (entry,) = running.rows("sync_runs", f"run_id = '{run.run.run_id}'")
        assert "answered 400" in entry["note"]
