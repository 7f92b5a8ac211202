"""Columns of ConnectWise, by the vendor's recorded answers and by invalid records."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from include.connectors import load
from include.connectors.common.mapping import map_page
from include.model.page import Page
from include.model.setup import Setup

SPECS = os.environ.get("PSA_VENDOR_SPECS")
needs_specs = pytest.mark.skipif(not SPECS, reason="PSA_VENDOR_SPECS names no folder with the vendors' descriptions")


def row(table: str, record: Any, setup: Setup | None = None) -> dict[str, Any]:
    """The one row of a record that is not rejected."""
    stream = next(one for one in load("connectwise").streams if one.table == table)
    mapped = map_page(stream, Page([record]), setup or Setup())
    assert mapped.rejects == []
    return mapped.rows[0]


def sample(name: str) -> Any:
    return json.loads((Path(SPECS or "") / "samples" / "connectwise" / name).read_text(encoding="utf-8"))


@needs_specs
def test_the_recorded_deleted_company_maps() -> None:
    record = sample("company_get_deleted_customfields.json")
    mapped = row("companies", record)
    assert mapped["source_id"] == "200"
    assert mapped["status_source_id"] == "1"
    assert mapped["is_deleted"] is True
    assert mapped["deleted_at"].isoformat() == "2018-12-17T21:19:15+00:00"
    assert mapped["source_updated_at"].isoformat() == "2019-07-21T15:27:10+00:00"


@needs_specs
def test_the_recorded_contact_maps() -> None:
    (record,) = sample("contacts_list.json")
    mapped = row("contacts", record)
    assert mapped["name"] == "Fif Roderon"
    assert (mapped["phone"], mapped["phone_extension"]) == ("5550100100", "401")
    assert mapped["email"] == "Fif@example.org"
    assert (mapped["company_source_id"], mapped["site_source_id"]) == ("2", "28")
    assert mapped["type"] is None
    assert mapped["is_active"] is True


@needs_specs
def test_recorded_custom_fields_map_by_id_and_keep_their_type() -> None:
    values = sample("custom_fields_values.json")
    chosen = {"flag": "5", "list": "28", "long": "7", "number": "12", "nowhere": "99"}
    mapped = row("assets", {"id": 1, "name": "PC", "customFields": values}, Setup(custom_fields={"assets": chosen}))
    assert mapped["custom_fields"] == {
        "flag": False,
        "list": "riza",
        "long": "2604140040004895\u200e",
        "number": 7,
        "nowhere": None,
    }


@needs_specs
def test_recorded_priorities_map_with_and_without_colour() -> None:
    first, second = (row("ticket_priorities", record) for record in sample("priorities.json"))
    assert (first["color"], first["sort_order"]) == (None, None)
    assert (second["color"], second["sort_order"]) == ("five", 6)


def test_passwords_in_custom_fields_are_never_stored() -> None:
    record = {"id": 1, "name": "PC", "customFields": [{"id": 9, "type": "Password", "value": "hunter2"}]}
    mapped = row("assets", record, Setup(custom_fields={"assets": {"admin": "9"}}))
    assert mapped["custom_fields"] == {"admin": None}


def test_a_contact_of_an_old_model_and_one_with_only_an_id_are_mapped() -> None:
    assert row("contacts", {"id": 1, "type": {"id": 2, "name": "Owner"}})["type"] == "Owner"
    bare = row("contacts", {"id": 1})
    assert {name: value for name, value in bare.items() if value is not None} == {"source_id": "1"}


def test_the_default_item_wins_over_the_first_and_a_fax_is_no_telephone() -> None:
    contact_items = [
        {"communicationType": "Fax", "value": "1", "defaultFlag": True},
        {"communicationType": "Phone", "value": "2", "defaultFlag": False},
        {"communicationType": "Phone", "value": "3", "extension": "9", "defaultFlag": True},
        {"communicationType": "Email", "value": "a@example.org"},
    ]
    mapped = row("contacts", {"id": 1, "communicationItems": contact_items, "defaultPhoneNbr": "1"})
    assert (mapped["phone"], mapped["phone_extension"], mapped["email"]) == ("3", "9", "a@example.org")
    fax_only = row("contacts", {"id": 1, "communicationItems": contact_items[:1], "defaultPhoneNbr": "1"})
    assert fax_only["phone"] is None


def test_the_quick_phone_counts_where_no_list_came() -> None:
    mapped = row("contacts", {"id": 1, "defaultPhoneNbr": "1", "defaultPhoneExtension": "2"})
    assert (mapped["phone"], mapped["phone_extension"]) == ("1", "2")


def test_a_quick_phone_that_no_item_has_counts_where_the_items_have_no_telephone() -> None:
    items = [{"id": 1, "communicationType": "Fax", "value": "1"}, {"id": 2, "communicationType": "Phone", "value": " "}]
    quick = {"id": 1, "communicationItems": items, "defaultPhoneExtension": "9"}
    found = [row("contacts", {**quick, "defaultPhoneNbr": number}) for number in ("1", "2", None)]
    assert [(one["phone"], one["phone_extension"]) for one in found] == [(None, None), ("2", "9"), (None, "9")]


@pytest.mark.parametrize("flip", [1, -1])
def test_the_order_of_items_and_types_decides_nothing(flip: int) -> None:
    items = [
        {"id": 8, "communicationType": "Phone", "value": "555-0100 x7", "defaultFlag": True},
        {"id": 3, "communicationType": "Phone", "value": "555-0199 x8", "defaultFlag": True},
        {"id": 2, "communicationType": "Email", "value": "b@example.org"},
        {"id": 1, "communicationType": "Email", "value": ""},
    ]
    types = [{"id": 5, "name": "Approver"}, {"id": 4, "name": "Billing"}]
    found = row("contacts", {"id": 1, "communicationItems": items[::flip], "types": types[::flip]})
    assert (found["phone"], found["phone_extension"]) == ("555-0199 x8", "8")
    assert (found["email"], found["type"]) == ("b@example.org", "Billing, Approver")


def test_flags_spelled_as_text_are_read() -> None:
    mails = [{"communicationType": "Email", "value": f"{flag}@x", "defaultFlag": flag} for flag in ("false", "true")]
    assert row("contacts", {"id": 1, "communicationItems": mails})["email"] == "true@x"
