"""The simulated Autotask API: queries, records, metadata and faults."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import requests

from simulator.autotask.assets import last_modified
from simulator.daily_changes import apply_daily_changes, edited
from simulator.world import START, World
from tests.simulator.autotask.client import EVERYTHING, Client
from tests.simulator.clients import serve
from tests.support.truth import autotask

CONTACT_STAMPS = ("lastModifiedDate", "lastActivityDate")


@pytest.fixture
def world() -> World:
    return World(seed=3, companies=40)


@pytest.fixture
def client(world: World) -> Iterator[Client]:
    with serve(Client, world) as one:
        yield one


def errors(answer: requests.Response) -> str:
    """The only error message of a 500."""
    assert answer.status_code == 500
    (text,) = answer.json()["errors"]
    return str(text)


def test_the_zone_information_needs_only_a_user_name(client: Client) -> None:
    user = client.simulator.connection["login"]
    zone = requests.get(f"{client.root}/ZoneInformation", params={"user": user}, timeout=10).json()
    assert zone["url"] == f"{client.simulator.url}/ATServicesRest/"
    unknown = client.ask("/ZoneInformation", params={"user": "nobody"})
    assert errors(unknown) == "Zone information could not be determined"


def test_a_wrong_secret_is_401_and_a_wrong_integration_code_is_500(client: Client) -> None:
    wrong = client.ask("/Companies/0", headers={"Secret": "wrong"})
    assert (wrong.status_code, wrong.content) == (401, b"")
    assert errors(client.ask("/Companies/0", headers={"ApiIntegrationCode": "x" * 27})) == "IntegrationCode is invalid."


def test_keyset_paging_from_0_reaches_every_row(client: Client, world: World) -> None:
    assert [row["id"] for row in client.rows("ConfigurationItems", size=150)] == list(world.assets.ids)
    assert client.rows("Companies")[0]["id"] == 0


def test_the_next_page_needs_the_method_and_body_of_the_first(client: Client, world: World) -> None:
    body = {"filter": [EVERYTHING], "MaxRecords": 150}
    page = client.ask("/ConfigurationItems/query", method="POST", body=body).json()
    found = [row["id"] for row in page["items"]]
    assert client.ask(page["pageDetails"]["nextPageUrl"]).status_code == 405
    while url := page["pageDetails"]["nextPageUrl"]:
        page = client.ask(url, method="POST", body=body).json()
        found += [row["id"] for row in page["items"]]
    assert found == list(world.assets.ids)


def test_the_next_page_of_a_get_includes_the_search(client: Client) -> None:
    search = json.dumps({"filter": [EVERYTHING], "maxrecords": 150})
    page = client.ask("/contacts/QUERY", params={"search": search}).json()
    following = client.ask(page["pageDetails"]["nextPageUrl"]).json()
    assert len(following["items"]) == 50
    assert following["items"][0]["id"] > page["items"][-1]["id"]


def test_filters_select_by_company_by_timestamp_and_by_user_defined_field(client: Client, world: World) -> None:
    asset = next(one for one in world.assets.values() if one.custom_fields.get(11) == "Gold")
    of_company = client.rows("ConfigurationItems", {"op": "eq", "field": "companyID", "value": asset.company_id})
    assert {row["id"] for row in of_company} == set(world.assets.by("company_id")[asset.company_id])
    since = {"op": "gt", "field": "lastModifiedTime", "value": f"{asset.updated_at.isoformat()[:19]}.000Z"}
    newer = {id_ for id_, one in world.assets.items() if (at := last_modified(one)) and at > asset.updated_at}
    assert {row["id"] for row in client.rows("ConfigurationItems", since)} == newer
    gold = {"op": "eq", "field": "Backup Tier", "value": "4", "udf": True}
    either = {"op": "or", "items": [gold, {"op": "in", "field": "id", "value": [asset.id, 10**9]}]}
    expected = {id_ for id_, one in world.assets.items() if one.custom_fields.get(11) == "Gold"}
    assert {row["id"] for row in client.rows("ConfigurationItems", either)} == expected


def test_an_asset_that_was_never_changed_has_no_time_of_change_until_someone_edits_it() -> None:
    with serve(Client, World(seed=3, companies=20)) as client:
        world, unstamped = client.simulator.world, {"op": "notExist", "field": "lastModifiedTime"}
        ids = [row["id"] for row in client.rows("ConfigurationItems", unstamped)]
        assert ids and all(world.assets[id_].updated_at < START for id_ in ids)
        world.assets.add(edited(world.assets[ids[0]], at=START))
        assert [row["id"] for row in client.rows("ConfigurationItems", unstamped)] == ids[1:]


@pytest.mark.parametrize("hours", [-5, 10])
def test_local_times_moves_the_times_in_filters_but_not_those_in_records(hours: int) -> None:
    with serve(Client, World(seed=3, companies=20)) as client:
        world, since = client.simulator.world, datetime(2025, 9, 1, tzinfo=timezone.utc)
        stamps = [{"op": "gte", "field": name, "value": f"{since:%Y-%m-%dT%H:%M:%S.000Z}"} for name in CONTACT_STAMPS]
        before = client.rows("Contacts", {"op": "or", "items": stamps})
        client.switch_on(f"local_times:hours={hours}")
        found = client.rows("Contacts", {"op": "or", "items": stamps})
        newer = {id_ for id_, one in world.contacts.items() if one.updated_at >= since - timedelta(hours=hours)}
        assert {row["id"] for row in found} == newer
        assert [row for row in found if row in before] == (before if hours > 0 else found)


def test_a_condition_with_an_unknown_operator_is_silently_ignored(client: Client, world: World) -> None:
    condition = {"op": "ne", "field": "companyID", "value": 1}
    assert len(client.page("Contacts", condition)["items"]) == len(world.contacts)


@pytest.mark.parametrize(
    ("condition", "error"),
    [
        ({"op": "eq", "field": "purchaseDate", "value": "x"}, "Unable to find purchaseDate in the Contact Entity."),
        ({"op": "eq", "field": "companyID", "value": None}, "Invalid query syntax: None is not a integer."),
        ({"op": "eq", "field": "isActive", "value": True}, "Invalid query syntax: True is not a integer."),
        ({"op": "eq", "field": "surveyOptOut", "value": True}, "surveyOptOut of the Contact Entity cannot be queried."),
        (
            {"op": "in", "field": "id", "value": list(range(501))},
            "Queries are limited to 500 or fewer 'OR' conditions.",
        ),
    ],
    ids=lambda given: given.get("field") if isinstance(given, dict) else "",
)
def test_a_mistake_of_the_client_is_a_500_with_a_message(client: Client, condition: dict[str, Any], error: str) -> None:
    assert errors(client.query("Contacts", condition)) == error


def test_a_query_without_a_filter_is_refused(client: Client) -> None:
    bodies: list[dict[str, Any]] = [{}, {"filter": []}]
    for body in bodies:
        assert errors(client.ask("/Contacts/query", method="POST", body=body)) == "Value cannot be null."


def test_a_request_that_is_not_a_query_is_405_or_404(client: Client) -> None:
    listed = client.ask("/Contacts")
    assert (listed.status_code, listed.json()["Message"][:22]) == (405, "The requested resource")
    assert client.ask("/Shoes/query").status_code == 404
    too_long = json.dumps({"filter": [{"op": "in", "field": "id", "value": list(range(1000, 1400))}]})
    answer = client.ask("/Contacts/query", params={"search": too_long})
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "text/html")


def test_only_included_fields_come_and_they_must_include_the_id_above_500_rows() -> None:
    crowd = World(seed=3, companies=4, assets=501)
    with serve(Client, crowd) as client:
        page = client.page("ConfigurationItems", includeFields=["id", "SerialNumber", "Asset Tag"])
        assert set(page["items"][0]) == {"id", "serialNumber", "userDefinedFields"}
        assert [udf["name"] for udf in page["items"][0]["userDefinedFields"]] == ["Asset Tag"]
        assert "IncludeFields" in errors(client.query("ConfigurationItems", includeFields=["serialNumber"]))
        assert "Unable to find make" in errors(client.query("ConfigurationItems", includeFields=["id", "make"]))


def test_a_missing_record_is_a_null_with_200(client: Client) -> None:
    answer = client.ask("/Companies/999999")
    assert (answer.status_code, answer.json()) == (200, {"item": None})


def test_a_count_is_of_the_rows_that_meet_the_filter(client: Client, world: World) -> None:
    inactive = {"op": "eq", "field": "isActive", "value": 0}
    counted = client.ask("/Contacts/query/count", method="POST", body={"filter": [inactive]}).json()
    assert counted == {"queryCount": sum(not one.is_active for one in world.contacts.values())}


def test_an_inactive_contact_has_no_company_in_its_single_record(client: Client, world: World) -> None:
    contact = next(one for one in world.contacts.values() if not one.is_active and one.company_id)
    listed = client.page("Contacts", {"op": "eq", "field": "id", "value": contact.id})["items"][0]
    assert (listed["isActive"], listed["companyID"]) == (0, contact.company_id)
    assert client.ask(f"/Contacts/{contact.id}").json()["item"]["companyID"] == 0


def test_user_defined_values_are_text_and_protected_ones_are_not_shown(client: Client) -> None:
    values: dict[str, set[object]] = {}
    for row in client.rows("ConfigurationItems"):
        for udf in row["userDefinedFields"]:
            values.setdefault(udf["name"], set()).add(udf["value"])
    assert all(isinstance(value, str) for found in values.values() for value in found - {None})
    assert values["Backup Tier"] == {None, "1", "2", "3", "4"}
    assert values["Managed"] == {None, "Yes", "No"}
    assert values["Local Admin Password"] == {None}
    assert {"Remarks", "Remarks (24)"} <= values.keys()


def test_statuses_are_the_same_in_every_queue_and_5_is_complete(client: Client, world: World) -> None:
    choices = client.picklist("Tickets", "status")["picklistValues"]
    labels = {choice["value"]: choice["label"] for choice in choices}
    assert labels["5"] == "Completed"
    assert sorted(labels.values()) == sorted({one.name for one in world.board_statuses.values()})


def test_listings_have_the_rows_of_the_truth(client: Client, world: World) -> None:
    apply_daily_changes(world, deletes=4, moves=2)
    truth = autotask.truth(world, autotask.SETTINGS)
    tables = {
        "companies": "Companies",
        "company_sites": "CompanyLocations",
        "assets": "ConfigurationItems",
        "contacts": "Contacts",
    }
    for table, resource in tables.items():
        assert {str(row["id"]) for row in client.rows(resource)} == truth[table].keys()
    assert sum(one.is_deleted for one in world.companies.values()) == 4


def test_the_msps_own_company_cannot_be_deleted(client: Client, world: World) -> None:
    apply_daily_changes(world, deletes={"companies": 1000}, adds=0)
    assert [row["id"] for row in client.rows("Companies")] == [0]
    assert autotask.truth(world, autotask.SETTINGS)["companies"].keys() == {"0"}


def test_a_manufacturer_is_always_in_the_product_or_in_the_audit(client: Client, world: World) -> None:
    products = {row["id"]: row["manufacturerName"] for row in client.rows("Products")}
    audit = client.picklist("ConfigurationItems", "rmmDeviceAuditManufacturerID")["picklistValues"]
    audited = {int(choice["value"]): choice["label"] for choice in audit}
    shown = {
        row["id"]: products.get(row["productID"]) or audited.get(row["rmmDeviceAuditManufacturerID"])
        for row in client.rows("ConfigurationItems")
    }
    assert shown == {id_: one.manufacturer for id_, one in world.assets.items()}
    assert {row["productID"] for row in client.rows("ConfigurationItems")} - {None} == products.keys()


def test_a_request_above_the_limit_is_429_without_retry_after_and_the_zone_is_not_limited(world: World) -> None:
    with serve(Client, world, rate_limit=1) as client:
        assert client.ask("/ThresholdInformation").json()["currentTimeframeRequestCount"] == 1
        error = client.ask("/Companies/0")
        assert (error.status_code, error.headers.get("Retry-After")) == (429, None)
        user = client.simulator.connection["login"]
        assert client.ask("/ZoneInformation", params={"user": user}).status_code == 200


def test_a_moved_tenant_is_401_at_the_old_address(client: Client) -> None:
    client.switch_on("tenant_moved")
    assert client.ask("/Companies/0").status_code == 401
    user = client.simulator.connection["login"]
    url = client.ask("/ZoneInformation", params={"user": user}).json()["url"]
    assert not url.endswith("/")
    assert client.ask(f"{url}/V1.0/Companies/0").json()["item"]["id"] == 0


def test_too_many_requests_in_flight_have_a_code_in_the_message_and_no_429(client: Client) -> None:
    client.switch_on("thread_limit")
    assert errors(client.query("Contacts")) == "Itgenatr005: The thread threshold of 3 threads has been exceeded."


def test_an_ignored_filter_returns_everything(client: Client, world: World) -> None:
    client.switch_on("filter_ignored:field=companyID")
    page = client.page("Contacts", {"op": "eq", "field": "companyID", "value": 10**6})
    assert len(page["items"]) == len(world.contacts)


def test_restricted_access_shortens_lists_and_shows_in_the_entity_information(client: Client) -> None:
    assert client.ask("/Contacts/entityInformation").json()["info"]["userAccessForQuery"] == "All"
    client.switch_on("restricted_access:path=/Contacts/*,rows=2")
    assert len(client.page("Contacts")["items"]) == 2
    assert client.ask("/Contacts/entityInformation").json()["info"]["userAccessForQuery"] == "Restricted"
    client.switch_on("inadequate_permissions:path=/Companies/*")
    assert errors(client.query("Companies")) == "The logged in Resource does not have the adequate permissions"


def test_the_threshold_includes_requests_of_other_integrations(client: Client) -> None:
    client.switch_on("busy_tenant:used=8000")
    threshold = client.ask("/ThresholdInformation").json()
    assert threshold == {
        "externalRequestThreshold": 10_000,
        "requestThresholdTimeframe": 60,
        "currentTimeframeRequestCount": 8001,
    }


def test_records_can_have_other_formats(client: Client) -> None:
    for fault in ("udfs_as_object", "numeric_postal_codes", "ownerless_contacts", "newer_release"):
        client.switch_on(fault)
    rows = client.page("Contacts")["items"]
    assert all(row["userDefinedFields"] == {} and row["companyCategoryID"] == 1 for row in rows)
    assert any(isinstance(row["zipCode"], int) for row in rows)
    assert {row["companyID"] for row in rows if row["isActive"] == 0} == {0}


def test_metadata_can_come_without_picklists_or_in_the_older_spelling(client: Client) -> None:
    client.switch_on("empty_picklists:path=/Tickets/*")
    assert client.picklist("Tickets", "queueID")["picklistValues"] == []
    client.switch_on("pascal_fields:path=/Companies/*")
    assert client.picklist("Companies", "CompanyType")["isPickList"]


def test_a_repeated_page_still_has_a_next_one(client: Client) -> None:
    client.switch_on("repeated_page")
    condition = {"op": "gt", "field": "id", "value": 5100}
    page = client.page("ConfigurationItems", condition, maxRecords=10)
    assert page["items"][0]["id"] < 5100
    assert page["pageDetails"]["nextPageUrl"]
