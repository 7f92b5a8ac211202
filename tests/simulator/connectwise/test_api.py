"""The simulated ConnectWise API: credentials, conditions, fields, missing values and errors."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from simulator.world import World
from tests.simulator.connectwise.client import Client


def code_of(client: Client, path: str, **query: Any) -> tuple[int, str]:
    """Status and error code."""
    answer = client.ask(path, **query)
    return answer.status_code, answer.json()["code"]


def company_info(client: Client, company_id: str) -> object:
    """The company info of the login service."""
    return client.session.get(f"{client.simulator.url}/login/companyinfo/{company_id}", timeout=10).json()


def test_company_info_names_the_codebase(client: Client) -> None:
    info = company_info(client, client.simulator.connection["login"].partition("+")[0])
    assert isinstance(info, dict)
    assert info["Codebase"] == "v2025_1/"


def test_an_unknown_company_is_null(client: Client) -> None:
    assert company_info(client, "nobody") is None


@pytest.mark.parametrize(("codebase", "status"), [("v2025_1", 200), ("v4_6_release", 200), ("v2019_1", 404)])
def test_only_the_current_codebase_and_the_router_respond(client: Client, codebase: str, status: int) -> None:
    assert client.ask("/company/companies/count", codebase=codebase).status_code == status


def test_a_wrong_key_is_refused(client: Client) -> None:
    client.session.auth = ("simulated+wrong", "wrong")
    assert code_of(client, "/company/companies/count") == (401, "Unauthorized")


def test_a_missing_client_id_is_refused(client: Client) -> None:
    assert client.ask("/company/companies/count", headers={"clientId": None}).status_code == 403


def test_an_unknown_version_is_refused(client: Client) -> None:
    headers = {"Accept": "application/vnd.connectwise.com+json; version=2019.5"}
    assert client.ask("/company/companies/count", headers=headers).status_code == 406


def test_system_info_needs_no_credentials(client: Client) -> None:
    client.session.auth = None
    assert client.rows("/system/info")["version"].startswith("v2025.1")


@pytest.mark.parametrize(
    "path", ["/company/nothing", "/company/companies/1", "/company/companies/1/sites", "/service/boards/2/statuses"]
)
def test_an_unknown_path_is_not_found(client: Client, path: str) -> None:
    assert code_of(client, path) == (404, "NotFound")


def test_only_searches_take_a_post(client: Client) -> None:
    url = f"{client.simulator.url}/v4_6_release/apis/3.0/company/companies"
    assert client.session.post(url, timeout=10).status_code == 405


@pytest.mark.parametrize(
    ("path", "conditions"),
    [
        ("/company/companies", "nonsense=1"),
        ("/company/companies", "types/id=1"),
        ("/company/companies", "customFields/value=1"),
        ("/company/companies/{company}/sites", "defaultFlag=True"),
        ("/service/tickets/{ticket}/allNotes", 'noteType="TicketNote"'),
    ],
)
def test_a_name_that_cannot_be_filtered_is_refused(
    client: Client, small_world: World, path: str, conditions: str
) -> None:
    ticket = small_world.tickets.by("is_project")[False][0]
    where = path.format(company=small_world.companies.ids[0], ticket=ticket)
    assert code_of(client, where, conditions=conditions) == (400, "ApiFindCondition")


def test_child_conditions_must_all_hold_for_one_element(client: Client, small_world: World) -> None:
    condition = 'communicationItems/communicationType="Phone" and communicationItems/type/name="Cell"'
    wanted = [
        id_ for id_, contact in small_world.contacts.items() if any(one.kind_label == "Cell" for one in contact.phones)
    ]
    assert client.ids("/company/contacts", childConditions=condition, pageSize=1000) == wanted


def test_child_conditions_on_a_field_that_is_not_a_list_are_refused(client: Client) -> None:
    assert code_of(client, "/company/contacts", childConditions="company/id=1") == (400, "ApiFindCondition")


def test_custom_field_conditions_must_hold_for_one_field(client: Client, small_world: World) -> None:
    wanted = [id_ for id_, asset in small_world.assets.items() if asset.custom_fields.get(11) == "Gold"]
    condition = 'caption="Backup Tier" AND value="Gold"'
    assert client.ids("/company/configurations", customFieldConditions=condition, pageSize=1000) == wanted


def test_a_company_filter_finds_the_companys_rows(client: Client, small_world: World) -> None:
    busiest = max(small_world.assets.by("company_id").items(), key=lambda item: len(item[1]))
    assert client.ids("/company/configurations", conditions=f"company/id={busiest[0]}", pageSize=1000) == list(
        busiest[1]
    )


def test_a_list_of_ids_finds_those_that_exist(client: Client, small_world: World) -> None:
    first, second, *_ = small_world.companies.ids
    assert client.ids("/company/companies", conditions=f"id in ({second},{first},999999)") == [first, second]


def test_last_updated_finds_later_changes(client: Client, small_world: World) -> None:
    since = sorted(asset.updated_at for asset in small_world.assets.values())[-10]
    text = f"lastUpdated>[{since:%Y-%m-%dT%H:%M:%SZ}]"
    found = client.ids("/company/configurations", conditions=text, pageSize=1000)
    assert found == [id_ for id_, asset in small_world.assets.items() if asset.updated_at > since]


def test_a_filtered_listing_shows_changes_of_the_world(own_client: Client, own_world: World) -> None:
    query = {"conditions": "activeFlag=True", "pageSize": 1000}
    first, *others = own_client.ids("/company/configurations", **query)
    own_world.assets.add(replace(own_world.assets[first], is_active=False))
    assert own_client.ids("/company/configurations", **query) == others


def test_tickets_are_found_by_their_configuration(client: Client, small_world: World) -> None:
    ticket = next(one for one in small_world.tickets.values() if one.asset_ids and not one.is_project)
    assert ticket.id in client.ids("/service/tickets", conditions=f"configuration/id={ticket.asset_ids[0]}")


def test_a_search_has_its_filters_in_the_body_and_its_paging_in_the_address(client: Client, small_world: World) -> None:
    url = f"{client.simulator.url}/v4_6_release/apis/3.0/service/tickets/search"
    body = {"conditions": "closedFlag=True", "orderBy": "id desc"}
    found = client.session.post(url, params={"pageSize": 3}, json=body, timeout=10).json()
    closed = [one.id for one in small_world.tickets.values() if one.is_closed and not one.is_project]
    assert [row["id"] for row in found] == closed[-1:-4:-1]


def test_only_selected_fields_come(client: Client) -> None:
    rows = client.rows("/company/contacts", fields="id,lastName,company/id,types/id", pageSize=100)
    assert {key for row in rows for key in row} == {"id", "lastName", "company", "types"}
    assert {key for row in rows for key in row.get("company") or {}} == {"id"}


def test_fields_of_list_elements_can_be_selected(client: Client) -> None:
    rows = client.rows("/company/contacts", fields="communicationItems/type/name,communicationItems/value", pageSize=50)
    items = [item for row in rows for item in row["communicationItems"]]
    assert {key for item in items for key in item} == {"type", "value"}
    assert {key for item in items for key in item["type"]} == {"name"}


def test_info_comes_only_if_it_is_selected(client: Client) -> None:
    assert "_info" not in client.rows("/company/contacts", fields="id", pageSize=1)[0]
    assert set(client.rows("/company/contacts", fields="id,_info/lastUpdated", pageSize=1)[0]["_info"]) == {
        "lastUpdated"
    }


def test_an_unknown_field_is_refused(client: Client) -> None:
    assert client.ask("/company/contacts", fields="id,shoeSize").status_code == 400


def test_a_field_that_is_always_empty_can_be_selected(client: Client) -> None:
    assert set(client.rows("/company/contacts", fields="id,nickName", pageSize=1)[0]) == {"id"}


def test_the_second_address_line_of_sites_cannot_be_selected(client: Client, small_world: World) -> None:
    path = f"/company/companies/{small_world.companies.ids[0]}/sites"
    assert client.ask(path, fields="id,addressLine2").status_code == 400


def test_without_selected_fields_contacts_contain_what_must_not_be_copied(client: Client) -> None:
    keys = {key for row in client.rows("/company/contacts", pageSize=1000) for key in row}
    assert {"portalPassword", "birthDay"} <= keys


def test_a_missing_value_is_a_missing_key_or_null_or_empty(client: Client) -> None:
    websites = [row.get("website", "missing") for row in client.rows("/company/companies", pageSize=1000)]
    assert {None, "", "missing"} <= set(websites)


def test_an_empty_custom_field_has_no_value(client: Client, small_world: World) -> None:
    asset = next(one for one in small_world.assets.values() if 0 < len(one.custom_fields) < 5)
    shown = client.rows(f"/company/configurations/{asset.id}")["customFields"]
    assert {field["id"] for field in shown if "value" in field} == set(asset.custom_fields)
    assert len(shown) > len(asset.custom_fields)


def test_a_reference_to_a_deleted_row_has_its_id(client: Client, small_world: World) -> None:
    lost = next(
        one for one in small_world.assets.values() if one.status_id and one.status_id not in small_world.asset_statuses
    )
    status = client.rows(f"/company/configurations/{lost.id}")["status"]
    assert (status["id"], "name" in status) == (lost.status_id, False)


def test_dates_are_midnights_in_utc(client: Client, small_world: World) -> None:
    asset = next(one for one in small_world.assets.values() if one.purchase_date)
    shown = client.rows(f"/company/configurations/{asset.id}")["purchaseDate"]
    assert shown == f"{asset.purchase_date}T00:00:00Z"


def test_a_deleted_company_is_still_listed(client: Client, small_world: World) -> None:
    deleted = [company.id for company in small_world.companies.values() if company.is_deleted]
    assert client.ids("/company/companies", conditions="deletedFlag=True") == deleted


def test_all_notes_contain_notes_and_time_entries(client: Client, small_world: World) -> None:
    spent = {entry.ticket_id for entry in small_world.time_entries.values()}
    noted = {note.ticket_id for note in small_world.notes.values()}
    ticket = next(id_ for id_ in sorted(spent & noted) if not small_world.tickets[id_].is_project)
    kinds = {note["noteType"] for note in client.rows(f"/service/tickets/{ticket}/allNotes")}
    assert kinds == {"TicketNote", "TimeEntryNote"}


def test_time_entries_are_found_by_the_ticket_they_are_charged_to(client: Client, small_world: World) -> None:
    entry = next(one for one in small_world.time_entries.values() if not small_world.tickets[one.ticket_id].is_project)
    condition = f'chargeToId={entry.ticket_id} and chargeToType="ServiceTicket"'
    assert client.ids("/time/entries", conditions=condition) == list(
        small_world.time_entries.by("ticket_id")[entry.ticket_id]
    )


def test_project_tickets_are_listed_separately(client: Client, small_world: World) -> None:
    rows = client.rows("/project/tickets", pageSize=1000)
    assert {small_world.tickets[row["id"]].is_project for row in rows} == {True}
    assert not any("recordType" in row for row in rows)


def test_a_body_that_is_not_json_is_refused(client: Client) -> None:
    url = f"{client.simulator.url}/v4_6_release/apis/3.0/service/tickets/search"
    answer = client.session.post(url, data="{", timeout=10)
    assert (answer.status_code, json.loads(answer.text)["code"]) == (400, "InvalidObject")
