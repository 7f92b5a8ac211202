"""HaloPSA's listings: paging, fields that lists may not contain, filters, and records that lists leave out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from include.connectors import load
from include.connectors.common.setup import discover
from include.connectors.halopsa.client import TEAMS, HaloClient
from include.http.call import Answer
from include.model.choices import Sizes
from include.model.errors import ShapeError, Truncated
from include.model.kinds import KINDS
from include.model.page import Page
from include.model.request import Request
from include.model.setup import CompanyChoice, DeletionGuard, Setup
from tests.connectors.halopsa.scripted import SERIAL, TAG, Scripted, context, needs_specs, read, row, stream, wrong
from tests.support.rig import rig
from tests.support.truth.halopsa import SETTINGS, truth
from tests.support.vendor_specs import check_request
from tests.support.vendor_specs import load as load_spec
from tests.support.worlds import new_world

ALL_DETAILS = Setup(details_per_night=100_000)
PAGED = ("/api/Client", "/api/Site", "/api/Users", "/api/Asset")


@dataclass
class Answering:
    """A client that always gets the same answer."""

    answer: Answer

    def get(self, *_: Any, **__: Any) -> Answer:
        return self.answer


def test_every_request_for_a_list_pages_is_ordered_and_asks_for_inactive_records(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, new_world(companies=60), setup=SETTINGS, vendor="halopsa") as running:
        running.run()
        discover(load("halopsa"), running.client())
        lists = [request.query for request in running.simulator.requests if request.path in PAGED]
        assert len(lists) > 30
        for query in lists:
            assert (query["pageinate"], query["order"], query["orderdesc"]) == ("true", "id", "false")
            assert query["page_no"].isdigit() and query["page_size"].isdigit() and "count" not in query
            assert (query["includeactive"], query["includeinactive"]) == ("true", "true")


@needs_specs
def test_every_request_of_a_run_and_of_setup_is_in_the_vendors_description(warehouse_dsn: str) -> None:
    spec = load_spec("halopsa")
    for setup in (replace(SETTINGS, companies=CompanyChoice(statuses=("Active",))), SETTINGS):
        with rig(warehouse_dsn, new_world(companies=30), setup=setup, vendor="halopsa") as running:
            running.run(request=Request(approved=tuple(KINDS)))
            discover(load("halopsa"), running.client())
            running.run(request=Request(company=running.rows("companies", "deleted_at IS NULL")[3]["name"]))
            undescribed = ("/auth/token", "/api/authinfo")  # the description begins after the login
            asked = [request for request in running.simulator.requests if request.path not in undescribed]
            assert len(asked) > 40
            for request in asked:
                check_request(spec, request.method, request.path.removeprefix("/api"), request.query, request.headers)


@pytest.mark.parametrize("path", ["/Client", "/Asset"])
def test_a_list_that_does_not_page_and_miscounts_is_refused(warehouse_dsn: str, path: str) -> None:
    with rig(warehouse_dsn, new_world(companies=60), vendor="halopsa") as running:
        kind = {"/Client": "companies", "/Asset": "assets"}[path]
        running.run(kind)
        before = running.state()
        running.simulator.faults.add(f"paging_ignored:path={path}")
        with pytest.raises(Truncated, match=f"{path} counts 50 records and has more: it does not page"):
            running.run(kind)
        assert running.state() == before


@pytest.mark.parametrize("fault", ["capped_page:rows=7,path=/Asset", "duplicate_record:path=/Asset"])
def test_pages_shorter_than_asked_and_records_that_come_twice_lose_nothing(warehouse_dsn: str, fault: str) -> None:
    with rig(warehouse_dsn, setup=ALL_DETAILS, vendor="halopsa", faults=[fault]) as running:
        running.run("assets")
        assert wrong(running, "assets") == []


def test_a_page_that_comes_again_without_end_is_refused(warehouse_dsn: str) -> None:
    with (
        rig(warehouse_dsn, vendor="halopsa", faults=["repeated_page:path=/Asset"]) as running,
        pytest.raises(Truncated, match="50 different records were listed, the server counted 200"),
    ):
        running.run("assets")


def test_lists_that_are_wrapped_are_read_by_the_key_of_their_records(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, vendor="halopsa", faults=["wrapped_lookups"]) as running:
        running.run("ticket_settings")
        assert wrong(running, "service_boards", "ticket_statuses", "ticket_priorities") == []


@pytest.mark.parametrize("count", [2, 2.0, "2", None])
def test_a_short_list_may_spell_its_count_as_it_likes(count: Any) -> None:
    client: Any = Answering(Answer({"record_count": count, "teams": [{"id": 1}, {"id": 2}]}, has_next=False))
    assert len(HaloClient(client).unpaged(TEAMS)) == 2


@pytest.mark.parametrize(("count", "error"), [("3", Truncated), ("many", ShapeError)])
def test_a_short_list_that_is_not_as_long_as_it_counts_is_refused(count: str, error: type[Exception]) -> None:
    client: Any = Answering(Answer({"record_count": count, "teams": [{"id": 1}, {"id": 2}]}, has_next=False))
    with pytest.raises(error, match="/Team"):
        HaloClient(client).unpaged(TEAMS)


def test_a_run_costs_what_the_docs_say(warehouse_dsn: str) -> None:
    world = new_world(companies=130)
    with rig(warehouse_dsn, world, setup=Setup(details_per_night=0), vendor="halopsa") as running:
        running.run()
        sizes = Sizes(*(len(table.ids) for table in (world.companies, world.sites, world.assets, world.contacts)))
        assert len(running.simulator.requests) == sum(load("halopsa").cost(sizes).values())


def test_fields_of_types_and_custom_fields_are_stored_where_setup_wants_them(warehouse_dsn: str) -> None:
    setup = replace(SETTINGS, details_per_night=ALL_DETAILS.details_per_night)
    with rig(warehouse_dsn, new_world(companies=30), setup=setup, vendor="halopsa") as running:
        running.run("assets", "contacts")
        assert wrong(running, "assets", "contacts") == []
        serials = sum(asset["serial_number"] is not None for asset in running.rows("assets"))
        assert serials > 100


def test_an_older_server_is_asked_for_each_record_and_the_log_says_so(
    warehouse_dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    with rig(warehouse_dsn, new_world(companies=5), setup=TAG, vendor="halopsa", faults=["older_server"]) as running:
        running.run("assets")
        assert wrong(running, "assets") == []
    assert "/Asset does not contain customfields: each record is asked for on its own" in caplog.text


def test_empty_lists_of_fields_are_believed_once_a_single_record_has_none_either() -> None:
    rows = {"/Asset": [{"id": 1, "customfields": []}, {"id": 2, "customfields": []}]}
    field_10 = {"id": 10, "type": 0, "value": "A-1"}
    honest = Scripted(rows, {"/Asset/1": {"id": 1, "customfields": []}})
    assert (read(honest, "assets", TAG), honest.asked) == (rows["/Asset"], ["/Asset/1"])
    ignoring = Scripted(rows, {f"/Asset/{n}": {"id": n, "customfields": [field_10]} for n in (1, 2)})
    assert [record["customfields"] for record in read(ignoring, "assets", TAG)] == [[field_10], [field_10]]


def test_a_record_whose_details_are_gone_is_a_reject_and_no_deletion() -> None:
    api = Scripted({"/Asset": [{"id": 1}, {"id": 2}]}, {"/Asset/1": {"id": 1, "customfields": []}})
    (page,) = stream("assets").read(context(api, TAG))
    assert ([record["id"] for record in page.records], [reject.source_id for reject in page.rejects]) == ([1], ["2"])


def test_assets_of_a_type_that_is_not_listed_are_read_too() -> None:
    listed = {"id": 1, "assettype_id": 4, "fields": [{"id": 117, "value": "S1"}]}
    hidden = {"id": 2, "assettype_id": 5}

    class TypeByType(Scripted):
        def listing(self, what: Any, resume: object = None, /, **params: str) -> Iterator[Page]:
            yield Page([listed] if params.get("assettype_id") else [listed, hidden])

    api = TypeByType(
        {"/AssetType": [{"id": 4}], "/Asset": [listed, hidden]},
        {"/Asset/2": {"id": 2, "fields": [{"id": 117, "value": "S2"}]}},
    )
    serials = [row("assets", record, SERIAL)["serial_number"] for record in read(api, "assets", SERIAL)]
    assert serials == ["S1", "S2"]


OTHERS: dict[str, list[Any]] = {
    "/Client": [{"id": 7, "name": "Seven", "inactive": False}],
    "/Site": [{"id": 3, "client_id": "8.0"}],
    "/Users": [{"id": 4, "client_id": 8}],
    "/Asset": [{"id": 5, "client_id": 8, "assettype_id": 2}],
    "/AssetType": [{"id": 1}],
}


@pytest.mark.parametrize("table", ["company_sites", "contacts", "assets"])
def test_a_server_that_ignores_the_company_filter_is_refused(table: str) -> None:
    api = Scripted(OTHERS, {"/Client/7": OTHERS["/Client"][0]})
    with pytest.raises(ShapeError, match=r"\?client_id=7 delivered records that were filtered out"):
        read(api, table, company="7")


def test_a_server_that_ignores_the_filter_by_type_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"/Asset\?assettype_id=1 delivered records that were filtered out"):
        read(Scripted(OTHERS), "assets", SERIAL)


def test_setup_can_leave_inactive_companies_out_with_all_their_records(warehouse_dsn: str) -> None:
    setup = Setup(companies=CompanyChoice(statuses=("Active",)))
    with rig(warehouse_dsn, new_world(companies=60), setup=setup, vendor="halopsa") as running:
        running.run()
        expected = truth(running.simulator.world, setup)
        active = {key for key, company in expected["companies"].items() if company["status"] == "Active"}
        assert {company["source_id"] for company in running.rows("companies")} == active
        for table in ("company_sites", "assets", "contacts"):
            of_active = {k for k, r in expected[table].items() if r["company_source_id"] in active}
            assert {r["source_id"] for r in running.rows(table)} == of_active
            assert len(of_active) < len(expected[table])


def test_a_contact_without_a_company_belongs_to_that_of_its_site() -> None:
    rows = {"/Users": [{"id": 1, "name": "Ann", "site_id": 3.0}, {"id": 2, "client_id": 9}], "/Site": OTHERS["/Site"]}
    assert [row("contacts", r)["company_source_id"] for r in read(Scripted(rows), "contacts")] == ["8", "9"]


def test_a_site_with_an_invalid_company_leaves_the_other_contacts_theirs() -> None:
    @dataclass
    class Counting(Scripted):
        def listing(self, what: Any, resume: object = None, /, **params: str) -> Iterator[Page]:
            self.asked.append(what.path)
            yield from super().listing(what, resume, **params)

    sites = [{"id": 3, "client_id": "8.0"}, {"id": 5, "client_id": "eight"}]
    api: Any = Counting(
        {"/Users": [{"id": n, "site_id": site} for n, site in ((1, 5), (2, 3), (4, 5))], "/Site": sites}
    )
    assert [row("contacts", r)["company_source_id"] for r in read(api, "contacts")] == [None, "8", None]
    assert api.asked == ["/Users", "/Site"]


def test_missing_records_are_asked_for_by_id_before_they_are_marked_deleted(warehouse_dsn: str) -> None:
    guard = DeletionGuard(rows=50)  # of more than the deletion guard allows, none is asked for
    setup = replace(ALL_DETAILS, deletion_guard=guard)
    with rig(warehouse_dsn, new_world(), setup=setup, vendor="halopsa") as running:
        running.run("companies", "assets", "contacts")
        running.simulator.faults.add("active_only")
        counts = running.run("companies", "assets", "contacts")
        assert [counts[table].deleted for table in ("companies", "assets", "contacts")] == [0, 0, 0]
        assert wrong(running, "companies", "assets", "contacts") == []


@pytest.mark.parametrize("nothing", ["nothing_to_see", "empty_body", "null_body"])
def test_a_missing_record_that_is_answered_with_nothing_is_marked_deleted(warehouse_dsn: str, nothing: str) -> None:
    with rig(warehouse_dsn, new_world(), vendor="halopsa") as running:
        running.run("assets")
        for fault in ("active_only:path=/Asset", f"{nothing}:path=/Asset/*,times=99"):
            running.simulator.faults.add(fault)
        counts = running.run("assets")["assets"]
        assert counts.deleted == 200 - counts.fetched > 0


def test_records_that_setup_leaves_out_are_not_found_by_their_ids_either() -> None:
    clients = {f"/Client/{key}": {"id": key, "inactive": key == 8} for key in (7, 8)}
    paths = ("/Asset", "/Users", "/Site")
    records = {f"{path}/{key}": {"id": key, "client_id": key} for path in paths for key in (7, 8)}
    without_company = {f"{path}/6": {"id": 6, "client_id": -1} for path in paths}
    api: Any = Scripted(details={**clients, **records, **without_company})
    for table in ("companies", "assets", "contacts", "company_sites"):
        find = stream(table).find
        assert find is not None
        pages = find(context(api, Setup(companies=CompanyChoice(statuses=("active",)))), ["6", "7", "8", "9"])
        assert [record["id"] for page in pages for record in page.records] == [7], table
