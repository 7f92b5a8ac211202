"""From records of Kaseya BMS to rows."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from include.connectors.common.mapping import map_details, map_page
from include.connectors.contract import ReadContext
from include.connectors.kaseya_bms.lower_case import lowered
from include.model.errors import (
    RequestRefused,
)
from include.model.page import Page
from include.model.setup import CompanyChoice, Setup
from include.model.strict_json import Ambiguous
from tests.connectors.kaseya_bms.scripted import (
    cases,
    good,
    listed,
    lowered_records,
    needs_specs,
    rows,
    sample,
    scripted,
    stream,
)


@needs_specs
def test_the_recorded_accounts_and_their_sites_map() -> None:
    body = sample("03_accounts_page_camel.json")["response"]["body"]
    lookup = {
        "/v2/crm/accounts/102/locations/lookup": good([{"id": 700, "name": "X", "accountId": 102, "isMain": True}])
    }
    full = {"id": 700, "locationName": "Hidden", "isMain": True, "isActive": True, "addresses": [{"city": "Oslo"}]}

    def answers(path: str, query: dict[str, str]) -> Any:
        if path == "/v2/crm/accounts/summary":
            part = [r for r in body["result"] if str(r["isActive"]).lower() == query["Filter.IsActive"]]
            return {**body, "result": part, "totalRecords": len(part)}
        return good(full) if path == "/v2/crm/accounts/102/locations/700" else lookup.get(path)

    api, _ = scripted(answers)
    first, second = (
        r for page in stream("companies").read(ReadContext(api, Setup())) for r in rows("companies", page.records)
    )
    by_type = Setup(companies=CompanyChoice(status_from="type"))
    typed = [
        r
        for page in stream("companies").read(ReadContext(api, by_type))
        for r in rows("companies", page.records, by_type)
    ]
    sites = [
        r
        for page in stream("company_sites").read(ReadContext(api, Setup()))
        for r in rows("company_sites", page.records)
    ]
    assert (first["status"], first["status_source_id"], first["website"]) == ("Active", "active", None)
    assert first["source_updated_at"].isoformat() == "2026-10-31T01:30:00.500000+00:00"
    assert (second["status_source_id"], second["source_updated_at"]) == ("inactive", None)
    assert [(r["status"], r["status_source_id"]) for r in typed] == [("Customer", "3"), (None, None)]
    found = {site["source_id"]: (site["name"], site["is_primary"], site["is_active"], site["city"]) for site in sites}
    assert found == {
        "501": ("Main", True, True, "Århus"),
        "502": ("Lager ", False, False, None),
        "503": ("Location 503", False, True, None),
        "700": ("Hidden", True, True, "Oslo"),
    }
    assert sites[0]["postal_code"] == "08000"


@needs_specs
def test_the_recorded_assets_map_and_zero_is_none() -> None:
    mapped = rows("assets", lowered_records(cases("07_hardware_assets_list.json")["page 1, full"]))
    assert [(r["serial_number"], r["contact_source_id"], r["type"]) for r in mapped] == [
        ("0000123", None, "Zapifi"),
        ("To be nupiri by O.E.M.", "7001", None),
        (None, None, "Finuwiv"),
    ]
    assert "status" in mapped[0]["kept"]


@needs_specs
def test_the_recorded_lookups_map_and_a_refused_table_is_an_error() -> None:
    recorded = cases("09_lookups.json")
    assert [r["is_active"] for r in rows("service_boards", lowered_records(recorded["queues"]))] == [True, False]
    assert [r["color"] for r in rows("ticket_priorities", lowered_records(recorded["priorities"]))] == ["#00FF00", None]
    statuses = rows("ticket_statuses", lowered_records(recorded["statuses"]))
    assert [(r["source_id"], r["name"], r["sort_order"]) for r in statuses] == [("10", "Luy", 1), ("11", "Luy", 2)]
    api, _ = scripted({"/v2/system/queues/lookup": recorded["lookup table refused"]})
    with pytest.raises(RequestRefused, match="«400 Invalid table name» with Success false"):
        listed("service_boards", api)


def test_of_email_addresses_the_default_counts_otherwise_the_first_that_is_filled_in() -> None:
    def contact(*emails: tuple[str | None, bool]) -> dict[str, Any]:
        return {"id": 1, "emails": [{"emailaddress": address, "isdefault": flag} for address, flag in emails]}

    two_defaults, none, empty = (
        contact(("a", False), ("b", True), ("c", True)),
        contact(("a", False), ("b", False)),
        contact((None, True), ("b", False)),
    )
    assert [r["email"] for r in rows("contacts", [two_defaults, none, empty, {"id": 2, "emails": None}])] == [
        "b",
        "a",
        "b",
        None,
    ]


@pytest.mark.parametrize("flip", [1, -1])
def test_of_two_default_entries_the_one_with_the_lowest_id_counts(flip: int) -> None:
    emails = [{"id": 9, "emailaddress": "a", "isdefault": True}, {"id": 4, "emailaddress": "b", "isdefault": True}]
    phones = [{"id": 9, "phone": "555-0100"}, {"id": 4, "phone": "555-0199 x12"}, {"id": 1, "phone": " "}]
    (row,) = rows("contacts", [{"id": 1, "emails": emails[::flip], "phones": phones[::flip]}])
    assert (row["email"], row["phone"], row["phone_extension"]) == ("b", "555-0199 x12", "12")


@pytest.mark.parametrize("flip", [1, -1])
def test_an_empty_address_does_not_hide_a_filled_one(flip: int) -> None:
    addresses = [
        {"id": 2, "ismain": True, "address1": "", "city": None},
        {"id": 8, "ismain": False, "address1": "Second St", "city": "Oslo"},
        {"id": 5, "ismain": False, "address1": "First St"},
    ]
    (row,) = rows("company_sites", [{"id": 1, "addresses": addresses[::flip]}])
    assert (row["address_line_1"], row["city"]) == ("First St", None)


def test_a_date_of_the_year_one_is_no_date() -> None:
    details = stream("assets").details
    assert details
    record = {
        "acquisitiondate": "0001-01-01T00:00:00",
        "warrantyexpirationdate": "2027-05-01T00:00:00",
        "modifiedon": "0001-01-01T00:00:00+02:00",
    }
    row = map_details(stream("assets"), details, record, Setup(), Counter())
    assert (row["purchase_date"], row["source_updated_at"]) == (None, None)
    assert row["warranty_expires_on"].isoformat() == "2027-05-01"


def test_a_key_is_spelled_alike_wherever_it_comes_from_and_zero_is_none() -> None:
    contact = {"id": 5.0, "accountid": 12.0, "locationid": 0.0}
    (row,) = rows("contacts", [contact])
    assert (row["source_id"], row["company_source_id"], row["site_source_id"]) == ("5", "12", None)
    assert rows("ticket_statuses", [{"id": 3.0}])[0]["source_id"] == "3"
    assert [r["source_id"] for r in rows("company_statuses", [{"id": 3.0}, {"id": "active"}])] == ["3", "active"]


def test_names_that_differ_in_case_only_have_no_value_unless_it_is_the_same() -> None:
    assert lowered([{"Id": 1, "ID": 2, "Name": "A", "name": "A"}]) == [{"id": Ambiguous(), "name": "A"}]
    reject = map_page(stream("contacts"), Page([lowered({"Id": 1, "ID": 2})]), Setup()).rejects[0]
    assert (reject.source_id, reject.reason) == (
        None,
        "id: a whole number expected, got several values under one name",
    )
