"""Listings of Kaseya BMS: envelopes, pages, active and inactive records, sites."""

from __future__ import annotations

from typing import Any

import pytest

from include.connectors.common.mapping import map_page
from include.connectors.contract import ReadContext
from include.connectors.kaseya_bms.client import Listing
from include.connectors.kaseya_bms.companies import COMPANIES
from include.connectors.kaseya_bms.listings import ASSETS, CONTACTS
from include.model.errors import (
    NotFound,
    PsaError,
    RateLimited,
    RightsError,
    ServerError,
    ShapeError,
    Truncated,
)
from include.model.scope import Scope
from include.model.setup import Setup
from tests.connectors.kaseya_bms.scripted import (
    BMS,
    bad,
    cases,
    good,
    listed,
    needs_specs,
    numbered,
    rows,
    scripted,
    stream,
)
from tests.support.rig import rig
from tests.support.truth import differences, vendor
from tests.support.worlds import new_world


@needs_specs
@pytest.mark.parametrize("end", ["page 2, empty", "page 2, null", "page 2 repeats page 1"])
def test_a_listing_without_a_total_ends_with_a_page_that_brings_nothing_new(end: str) -> None:
    recorded = cases("07_hardware_assets_list.json")

    def answers(path: str, query: dict[str, str]) -> Any:
        return recorded["page 1, full" if int(query["PageNumber"]) < 2 else end] if path == ASSETS else None

    api, _ = scripted(answers)
    listing = Listing(ASSETS, is_counted=False, may_be_null=False)
    keys = [r["id"] for page in api.pages(listing) for r in page.records]
    assert sorted(set(keys)) == [9001, 9002, 9003]
    assert not stream("assets").is_counted


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (bad(403), RightsError),
        (bad(429), RateLimited),
        (bad(500), ServerError),
        (bad(0), ServerError),
        (bad("403"), RightsError),
        (bad(0, "You do not have permission to view this"), RightsError),
        (bad(None, "Access denied: the object was not found"), RightsError),
        (bad(0, "Too many requests"), RateLimited),
        (bad(1404, "Object not found"), NotFound),
        (bad("NOT_FOUND", "The object does not exist"), NotFound),
        ({"Success": False, "Error": None, "Result": []}, ServerError),
        ({"Status": "OK", "Result": [], "TotalRecords": 0}, ShapeError),  # version 1
        ({"ResponseCode": 200, "Data": []}, ShapeError),
        ({"success": True}, ShapeError),
        (good({"id": 1}), ShapeError),
        (good(None), ShapeError),
        ([], ShapeError),
    ],
)
def test_a_200_that_is_not_a_good_answer_is_never_an_empty_list(body: Any, error: type[PsaError]) -> None:
    api, _ = scripted({"/v2/system/queues/lookup": body})
    with pytest.raises(error):
        api.lookup("/v2/system/queues/lookup")


@pytest.mark.parametrize("fault", ["pascal_case", "enveloped_summary", "locations_left_out", "last_page_repeats"])
def test_another_spelling_of_the_same_answer_changes_no_row(warehouse_dsn: str, fault: str) -> None:
    psa = vendor(BMS)
    world = new_world(companies=20, assets=130, contacts=30)
    with rig(warehouse_dsn, world, setup=psa.setup, vendor=BMS, faults=[fault]) as running:
        running.run()
        wrong = [d for name, rows in psa.truth(world, psa.setup).items() for d in differences(running.rows(name), rows)]
    assert wrong == []


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("success_false:path=/v2/crm/contacts/summary", ServerError),
        ("foreign_envelope:path=/v2/crm/contacts/summary", ShapeError),
        ("null_result:path=/v2/crm/contacts/summary", Truncated),
        ("filter_ignored", ShapeError),
    ],
)
def test_a_listing_that_proves_nothing_leaves_every_row_as_it_is(
    warehouse_dsn: str, fault: str, error: type[PsaError]
) -> None:
    with rig(warehouse_dsn, vendor=BMS) as running:
        running.run("contacts")
        before = running.state()
        running.simulator.faults.add(fault)
        with pytest.raises(error):
            running.run("contacts")
        assert running.state() == before


def test_null_instead_of_the_first_page_of_assets_does_not_prove_that_there_are_none(warehouse_dsn: str) -> None:
    with (
        rig(warehouse_dsn, vendor=BMS, faults=[f"null_result:path={ASSETS}"]) as running,
        pytest.raises(ShapeError, match="null"),
    ):
        running.run("assets")


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("many", [0, 70, 100, 250])
def test_pages_counted_from_0_or_from_1_are_all_read(first: int, many: int) -> None:
    api, _ = scripted(numbered([{"id": n} for n in range(many)], first=first))
    for _ in range(2):  # what the first listing has shown is known to the second
        assert {r["id"] for page in api.pages(Listing("/list", is_counted=False)) for r in page.records} == set(
            range(many)
        )


def test_null_after_page_0_is_the_end_where_pages_are_counted_from_0() -> None:
    """Only null instead of the first page proves nothing."""
    api, _ = scripted(numbered([{"id": n} for n in range(70)], first=0))
    api.first_page = 0
    listing = Listing("/list", is_counted=False, may_be_null=False)
    assert len([r for page in api.pages(listing) for r in page.records]) == 70


def test_a_server_that_refuses_page_0_counts_from_1() -> None:
    def answers(path: str, query: dict[str, str]) -> Any:
        number = query.get("PageNumber")
        return {"0": bad(0, "PageNumber must be positive"), "1": good([{"id": 1}]), "2": good([])}.get(number or "")

    api, _ = scripted(answers)
    assert [r["id"] for page in api.pages(Listing("/list", is_counted=False)) for r in page.records] == [1]
    assert api.first_page == 1


def test_a_contact_that_becomes_active_between_the_two_listings_is_read() -> None:
    """It is in neither list: when the active ones were read it was not active, when the others were, it was."""
    active = [{"id": 1, "isActive": True, "accountId": 5}]

    def answers(path: str, query: dict[str, str]) -> Any:
        if path != CONTACTS:
            return None
        if query["Filter.IsActive"] == "false":
            active.append({"id": 2, "isActive": True, "accountId": 5})
            return good([], totalRecords=0)
        return good(active[: int(query["PageSize"])], totalRecords=len(active))

    api, _ = scripted(answers)
    read = {r["id"] for r in listed("contacts", api)}
    assert read == {1, 2}


def test_a_listing_without_an_asset_that_is_found_by_its_key_was_not_complete(warehouse_dsn: str) -> None:
    world = new_world()
    with rig(warehouse_dsn, world, setup=Setup(details_per_night=0), vendor=BMS) as running:
        running.run("assets")
        before = running.state()
        running.simulator.faults.add(f"early_end:path={ASSETS},rows=170")
        with pytest.raises(Truncated, match="which exists when it is asked for by its key"):
            running.run("assets")
        assert running.state() == before


def test_an_account_without_an_id_is_rejected_and_the_others_keep_their_sites() -> None:
    site = {"id": 1, "locationName": "Main", "isMain": True}
    accounts = [
        {"id": None, "isActive": True, "locations": [site]},
        {"id": 8.0, "isActive": True, "locations": [{**site, "id": 2}]},
    ]

    def answers(path: str, query: dict[str, str]) -> Any:
        part = accounts if query.get("Filter.IsActive") == "true" else []
        return good(part, totalRecords=str(len(part))) if path == COMPANIES else None

    api, _ = scripted(answers)
    pages = list(stream("company_sites").read(ReadContext(api, Setup())))
    assert [r["company_source_id"] for r in rows("company_sites", [r for p in pages for r in p.records])] == ["8"]
    assert [reject.reason for p in pages for reject in p.rejects] == ["the sites of an account without a usable Id"]


def test_a_total_that_is_spelled_as_text_is_read_and_one_that_is_no_number_is_refused() -> None:
    api, _ = scripted({"/list": good([], totalRecords="250"), "/none": good([], totalRecords="many")})
    assert api.total(Listing("/list")) == 250
    with pytest.raises(ShapeError, match="invalid count: totalrecords"):
        api.total(Listing("/none"))


@pytest.mark.parametrize("entry", [{}, None, ""])
def test_an_empty_location_could_be_any_site(entry: Any) -> None:
    account = {"id": 7, "isactive": True, "locations": [{"id": 8, "locationname": "Main"}, entry]}
    api, _ = scripted({"/v2/crm/accounts/summary/7": account})
    (page,) = stream("company_sites").read(ReadContext(api, Setup(), Scope("7")))
    mapped = map_page(stream("company_sites"), page, Setup())
    assert [row["source_id"] for row in mapped.rows] == ["8"]
    assert [reject.reason for reject in mapped.rejects] == ["the record has no id"]


def test_sites_that_cannot_be_looked_up_stay_as_they_are() -> None:
    client = {"id": 7, "isactive": True, "locations": None}
    api, _ = scripted({"/v2/crm/accounts/summary/7": client})
    (page,) = stream("company_sites").read(ReadContext(api, Setup(), Scope("7")))
    assert [reject.scope for reject in page.rejects] == [("company_source_id", "7")]
