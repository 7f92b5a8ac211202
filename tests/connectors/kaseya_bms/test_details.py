"""Columns that Kaseya BMS gives for one record at a time, and custom fields."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from include.connectors.common.mapping import map_details
from include.connectors.contract import ReadContext
from include.model.setup import MappedField, Setup
from tests.connectors.kaseya_bms.scripted import BMS, bad, good, scripted, stream
from tests.support.rig import rig
from tests.support.worlds import new_world


def test_details_are_read_first_of_records_whose_details_were_never_read(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, setup=Setup(details_per_night=120), vendor=BMS) as running:
        for known in (120, 200):
            running.run("assets")
            assert len(running.rows("assets", "source_updated_at IS NOT NULL")) == known


def test_a_custom_field_of_choices_is_stored_by_its_label_and_an_empty_one_leaves_the_column() -> None:
    module, values = "/v2/system/customFields/33", "/v2/system/customFields/33/9"
    setup = Setup(
        custom_fields={"assets": {"tier": "4", "note": "5"}},
        field_map={"assets": {"notes": MappedField("6"), "manufacturer": MappedField("5")}},
        custom_field_modules={"assets": 33},
    )
    answers = {
        "/v2/servicedesk/hardwareasset/9": good({"id": 9, "description": "the PSA's own"}),
        module: good([{"id": 4, "name": "Tier", "settings": [{"id": 1, "name": "Gold"}]}, {"id": 5, "settings": None}]),
        values: good(
            [
                {"customFieldId": 4, "data": "1", "settingsId": 1},
                {"customFieldId": 5, "data": "typed", "settingsId": 0},
                {"customFieldId": 6, "data": "", "settingsId": 0},
            ]
        ),
    }
    details = stream("assets").details
    assert details
    api, asked = scripted(answers)
    row = map_details(stream("assets"), details, details.read(ReadContext(api, setup), "9", "1"), setup, Counter())
    details.read(ReadContext(api, setup), "9", "1")
    assert row["custom_fields"] == {"tier": "Gold", "note": "typed"}
    assert (row["notes"], row["manufacturer"]) == ("the PSA's own", "typed")
    assert [path for path, _ in asked].count(module) == 1


def details_of(table: str, answers: Mapping[str, Any], setup: Setup, company: str | None = None) -> dict[str, Any]:
    """The columns that the details of record 7 fill."""
    details = stream(table).details
    assert details
    api, _ = scripted(answers)
    return map_details(stream(table), details, details.read(ReadContext(api, setup), "7", company), setup, Counter())


@pytest.mark.parametrize(("typed", "website"), [("new.example.org", "new.example.org"), ("", "old.example.org")])
def test_a_custom_field_of_a_company_fills_a_column_unless_it_is_empty(typed: str, website: str) -> None:
    setup = Setup(field_map={"companies": {"website": MappedField("5")}}, custom_field_modules={"companies": 44})
    answers = {
        "/v2/crm/accounts/summary/7": {"id": 7, "accountName": "Acme", "website": "old.example.org"},
        "/v2/system/customFields/44": good([]),
        "/v2/system/customFields/44/7": good([{"customFieldId": 5, "data": typed, "settingsId": 0}]),
    }
    assert details_of("companies", answers, setup)["website"] == website


def test_custom_fields_of_companies_are_read_if_setup_uses_any_and_of_so_many_a_run(
    warehouse_dsn: str,
) -> None:
    mapped = {"companies": {"website": MappedField("3")}}
    for field_map, asked in (({}, 0), (mapped, 5)):
        setup = Setup(details_per_night=5, field_map=field_map, custom_field_modules={"companies": 44})
        with rig(warehouse_dsn, new_world(), setup=setup, vendor=BMS) as running:
            assert running.run("companies")["companies"].fetched > 5
            assert sum("/customFields/44/" in r.path for r in running.simulator.requests) == asked


def test_an_asset_whose_custom_fields_are_not_there_keeps_its_other_details() -> None:
    setup = Setup(custom_fields={"assets": {"tag": "4"}}, custom_field_modules={"assets": 33})
    answers = {
        "/v2/servicedesk/hardwareasset/7": good({"id": 7, "manufacturer": "Dell"}),
        "/v2/system/customFields/33": good([]),
        "/v2/system/customFields/33/7": bad(404),
    }
    row = details_of("assets", answers, setup)
    assert (row["manufacturer"], row["custom_fields"]) == ("Dell", {"tag": None})


def test_an_invalid_definition_of_a_custom_field_does_not_affect_other_fields() -> None:
    setup = Setup(custom_fields={"assets": {"tier": "4"}}, custom_field_modules={"assets": 33})
    answers = {
        "/v2/servicedesk/hardwareasset/7": good({"id": 7}),
        "/v2/system/customFields/33": good(
            [{"id": 3, "settings": "none"}, {"id": 4, "settings": [{"id": 1, "name": "Gold"}]}]
        ),
        "/v2/system/customFields/33/7": good([{"customFieldId": 4.0, "data": "1", "settingsId": 1}]),
    }
    assert details_of("assets", answers, setup)["custom_fields"] == {"tier": "Gold"}


@pytest.mark.parametrize(
    ("body", "city"),
    [({"City": "Oslo", "ZipCode": None}, "Oslo"), (good({"city": "Oslo"}), "Oslo"), (good(None), None)],
)
def test_an_address_of_a_person_comes_with_or_without_an_envelope_or_is_none(body: Any, city: str | None) -> None:
    path = "/v2/crm/accounts/2/contacts/7/summaryinfo"
    assert details_of("contacts", {path: body}, Setup(), "2")["city"] == city
