"""HaloPSA's values as rows: recorded answers, unusual ids and dates, custom fields."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from include.connectors.common.mapping import map_details, map_page
from include.model.page import Page
from include.model.setup import MappedField, Setup
from tests.connectors.halopsa.scripted import SERIAL, SPECS, Scripted, needs_specs, read, row, stream


def sample(name: str, case: str) -> Any:
    cases = json.loads((Path(SPECS or "") / "samples" / "halopsa" / name).read_text(encoding="utf-8"))["cases"]
    return next(one for one in cases if one["name"] == case)["response"]["body"]


@needs_specs
def test_recorded_sites_map_whatever_their_ids_look_like() -> None:
    first, second = (
        row("company_sites", record) for record in sample("03_site_client_id_forms.json", "decimal")["sites"]
    )
    assert (first["company_source_id"], first["name"], second["company_source_id"]) == ("21", None, "22")
    found = [row("company_sites", r) for r in sample("03_site_client_id_forms.json", "text, unset and null")["sites"]]
    assert [r["source_id"] for r in found] == ["33", "34", "35", "36"]
    assert [r["company_source_id"] for r in found] == ["21", None, None, "22"]


@needs_specs
def test_recorded_rows_that_hold_little_map() -> None:
    (company,) = sample("07_lists_demo_instance.json", "clients")["clients"]
    assert (row("companies", company)["status"], row("companies", company)["website"]) == ("Active", None)
    (asset,) = sample("07_lists_demo_instance.json", "assets")["assets"]
    assert (row("assets", asset)["name"], row("assets", asset)["company_source_id"]) == ("10CE010100D0G", None)
    (contact,) = sample("07_lists_demo_instance.json", "users")["users"]
    assert (row("contacts", contact)["name"], row("contacts", contact)["is_active"]) == ("Nulu Denu", True)


@needs_specs
def test_recorded_teams_map_and_an_inactive_one_stays_a_board() -> None:
    teams = [row("service_boards", record) for record in sample("13_board_lookups.json", "team")]
    assert [(t["source_id"], t["is_active"]) for t in teams] == [("13", True), ("14", False)]


@pytest.mark.parametrize("none", ["1900-01-01T00:00:00", "1899-12-30T00:00:00.000", "1979-12-31T00:00:00", "", None])
def test_a_date_before_1980_is_none(none: Any) -> None:
    asset = row("assets", {"id": 1, "warranty_end": none, "supplier_purchasedate": "2024-05-06T00:00:00.12"})
    assert (asset["warranty_expires_on"], asset["purchase_date"]) == (None, date(2024, 5, 6))


def test_a_zero_date_in_a_field_of_a_type_stands_for_none_too() -> None:
    fields = [{"id": 24, "value": "1900-01-01T00:00:00", "display": "01/01/1900"}]
    setup = Setup(field_map={"assets": {"warranty_expires_on": MappedField("field:24")}})
    assert row("assets", {"id": 1, "fields": fields}, setup)["warranty_expires_on"] is None


def test_a_field_of_a_type_gives_its_label_but_a_date_as_it_is_stored() -> None:
    fields = [
        {"id": 24, "value": "2024-06-05T00:00:00", "display": "05/06/2024"},
        {"id": 118, "value": 7, "display": "Dell"},
    ]
    mapped = {"purchase_date": MappedField("field:24"), "manufacturer": MappedField("field:118")}
    asset = row("assets", {"id": 1, "fields": fields}, Setup(field_map={"assets": mapped}))
    assert (asset["purchase_date"], asset["manufacturer"]) == (date(2024, 6, 5), "Dell")


@pytest.mark.parametrize("unset", [-1, 0, -99, "-1", -1.0, "", None])
def test_ids_that_mean_none_are_null(unset: Any) -> None:
    asset = row("assets", {"id": "7.0", "client_id": unset, "site_id": unset, "first_user_id": unset})
    keys = [asset[key] for key in ("source_id", "company_source_id", "site_source_id", "contact_source_id")]
    assert keys == ["7", None, None, None]


def test_a_name_counts_before_first_and_last_name() -> None:
    parts = {"id": 1, "firstname": "Ann", "surname": "Lee"}
    found = [row("contacts", {**parts, **more})["name"] for more in ({"name": "A. Lee"}, {"name": ""}, {})]
    assert found == ["A. Lee", "Ann Lee", "Ann Lee"]
    assert row("contacts", {"id": 1, "name": None, "surname": "Lee"})["name"] == "Lee"


@pytest.mark.parametrize(
    ("roles", "kind"),
    [("Approver, Buyer", "Approver, Buyer"), ("3,14", "Important contact"), ("", "Important contact")],
)
def test_the_type_of_a_contact_is_the_names_of_its_roles_otherwise_its_flags(roles: str, kind: str) -> None:
    assert row("contacts", {"id": 1, "role_list": roles, "isimportantcontact": True})["type"] == kind


@pytest.mark.parametrize("flip", [1, -1])
@pytest.mark.parametrize(
    ("main", "street"),
    [
        ({"line1": "Main St", "primary": False}, "Main St"),
        (None, "Second St"),
        ({"line1": " ", "line2": None}, "Second St"),
    ],
)
def test_the_address_of_a_contact_is_the_main_one_otherwise_the_primary_one_in_use(
    main: Any, street: str, flip: int
) -> None:
    addresses = [
        {"id": 1, "line1": "Former St", "primary": True, "inactive": True},
        {"id": 2, "line1": "First St", "primary": False},
        {"id": 9, "line1": "Third St", "primary": True},
        {"id": 4, "line1": "Second St", "primary": True, "postcode": "08000"},
    ]
    details = stream("contacts").details
    assert details
    record = {"id": 7, "primary_address": main, "addresses": addresses[::flip]}
    found = map_details(stream("contacts"), details, record, Setup(), Counter())
    assert (found["address_line_1"], found["postal_code"]) == (
        street,
        None if main and main["line1"] != " " else "08000",
    )


def test_a_site_id_falls_back_to_its_decimal_form() -> None:
    assert row("contacts", {"id": 1, "site_id_int": 0, "site_id": 33.0})["site_source_id"] == "33"


def test_the_same_priority_of_two_slas_is_two_rows() -> None:
    records = [{"id": "8f14e45f-ceea", "slaid": sla, "priorityid": 2, "name": "High"} for sla in (1, 3)]
    assert [row("ticket_priorities", record)["source_id"] for record in records] == ["1/2", "3/2"]
    nameless = map_page(stream("ticket_priorities"), Page([{"id": "8f14e45f-ceea", "priorityid": 2}]), Setup())
    assert [reject.reason for reject in nameless.rejects] == ["the record has no id"]


def test_custom_fields_give_labels_of_selects_and_never_what_is_encrypted() -> None:
    values = [
        {"id": 1, "type": 0, "value": "text", "display": "shown"},
        {"id": 2, "type": 2, "value": 4, "display": "Gold"},
        {"id": 3, "type": 3, "value": [4, 5], "display": "Gold, Silver"},
        {"id": 4, "type": 6, "value": True, "display": "Yes"},
        {"id": 5, "type": 4, "value": "1900-01-01T00:00:00", "display": ""},
        {"id": 6, "type": 0, "value": "hunter2", "isencrypted": True},
        {"id": 7, "type": 0, "value": 9, "value_is_password_id": True},
        {"id": 8, "type": 7, "value": [{"id": 1}], "display": "a table"},
        {"id": 9, "type": 0, "value": "", "display": None},
    ]
    chosen = Setup(custom_fields={"contacts": {str(n): str(n) for n in range(1, 10)}})
    stored = row("contacts", {"id": 1, "name": "Ann", "customfields": values}, chosen)["custom_fields"]
    assert {name: value for name, value in stored.items() if value is not None} == {
        "1": "text",
        "2": "Gold",
        "3": "Gold, Silver",
        "4": True,
    }


def test_a_select_without_a_label_gives_what_was_chosen() -> None:
    values = [
        {"id": 1, "type": 2, "value": 4},
        {"id": 2, "type": 3, "value": [5, 4], "display": ""},
        {"id": 3, "type": 2, "value": -1, "display": None},
    ]
    chosen = Setup(custom_fields={"contacts": {key: key for key in "123"}})
    stored = row("contacts", {"id": 1, "customfields": values}, chosen)["custom_fields"]
    assert stored == {"1": 4, "2": "4, 5", "3": None}


@pytest.mark.parametrize("key", [117, 117.0, "117", "117.0"])
def test_a_field_is_found_however_its_id_is_spelled(key: Any) -> None:
    strange = {"id": "none", "value": "x"}
    asset = {
        "id": 1,
        "customfields": [{"id": key, "value": "own"}, strange],
        "fields": [{"id": key, "value": "of the type"}, strange],
    }
    setup = replace(SERIAL, custom_fields={"assets": {"tag": "117"}})
    found = row("assets", asset, setup)
    assert (found["serial_number"], found["custom_fields"]) == ("of the type", {"tag": "own"})


@pytest.mark.parametrize(
    "name", [{"label": "Wi-Fi password"}, {"name": "CFPIN"}, {"name": "Alarm code", "label": None}]
)
def test_a_field_whose_name_is_that_of_a_secret_is_not_stored(name: dict[str, Any]) -> None:
    value = {"id": 117, "type": 0, "value": "hunter2", "display": "hunter2", **name}
    setup = replace(SERIAL, custom_fields={"assets": {"tag": "117"}})
    found = row("assets", {"id": 1, "customfields": [value], "fields": [value]}, setup)
    assert (found.get("serial_number"), found["custom_fields"]) == (None, {"tag": None})


def test_a_free_text_of_a_contact_can_stand_in_for_the_job_title_which_the_salutation_is_not() -> None:
    contact = {"id": 1, "name": "Ann", "title": "Ms", "other2": "Controller"}
    assert row("contacts", contact).get("title") is None
    mapped = Setup(field_map={"contacts": {"title": MappedField("other2")}})
    assert row("contacts", contact, mapped)["title"] == "Controller"


def test_a_status_is_closed_when_the_list_of_open_ones_does_not_contain_it_and_unknown_when_that_is_ignored() -> None:
    everything = [{"id": 1, "name": "New", "sequence": 1}, {"id": 9, "name": "Closed", "sequence": 2}]
    honouring = Scripted({"/Status": everything, "/Status?excludeclosed": everything[:1]})
    closed = [row("ticket_statuses", record)["is_closed"] for record in read(honouring, "ticket_statuses")]
    assert closed == [False, True]
    ignoring = Scripted({"/Status": everything, "/Status?excludeclosed": everything})
    assert [row("ticket_statuses", record)["is_closed"] for record in read(ignoring, "ticket_statuses")] == [None, None]
