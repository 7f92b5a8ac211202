"""Setup: what a person can choose, and the message about each mistake."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from include.model.errors import ConfigError
from include.model.setup import CompanyChoice, DeletionGuard, MappedField, Setup, parse, resolve, schema

WHERE = "Airflow Variable 'psa_connectwise'"
# Every setting that release 0.3.0 knew, in each of the forms that it took.
OLD_VARIABLE: dict[str, Any] = {
    "companies": {"types": ["Client", 4], "statuses": ["Active"], "status_from": "type"},
    "custom_fields": {"assets": {"agent": 12}, "contacts": {"vip": "7"}},
    "field_map": {
        "companies": {"website": "Website", "status": 3},
        "assets": {
            "purchase_date": {"field": 15, "format": "%m/%d/%Y"},
            "warranty_expires_on": {"field": "field:24"},
            "type": 1,
            "status": 2,
            "manufacturer": 3,
            "serial_number": 4,
            "os_type": 5,
            "notes": {"field": 6, "format": "% of it"},
        },
        "contacts": {"type": "Kind", "title": 130},
    },
    "custom_field_modules": {"companies": 1, "assets": 33, "contacts": -2},
    "details_per_night": 200,
    "brake": {"share": 0.25, "rows": 3},
}
AS_SETUP = Setup(
    companies=CompanyChoice(types=("Client", "4"), statuses=("Active",), status_from="type"),
    custom_fields={"assets": {"agent": "12"}, "contacts": {"vip": "7"}},
    field_map={
        "companies": {"website": MappedField("Website"), "status": MappedField("3")},
        "assets": {
            "purchase_date": MappedField("15", "%m/%d/%Y"),
            "warranty_expires_on": MappedField("field:24"),
            "type": MappedField("1"),
            "status": MappedField("2"),
            "manufacturer": MappedField("3"),
            "serial_number": MappedField("4"),
            "os_type": MappedField("5"),
            "notes": MappedField("6", "% of it"),
        },
        "contacts": {"type": MappedField("Kind"), "title": MappedField("130")},
    },
    custom_field_modules={"companies": 1, "assets": 33, "contacts": -2},
    details_per_night=200,
    deletion_guard=DeletionGuard(share=0.25, rows=3),
)
SETTINGS = (
    "changes_days, companies, custom_field_modules, custom_fields, deletion_guard, details_hours, details_per_night, "
    "details_until, field_map, freshness_hours, full_every_days, requests_in_flight"
)
ASSET_COLUMNS = "manufacturer, notes, os_type, purchase_date, serial_number, status, type, warranty_expires_on"
COUNT = "a whole number, 0 or more"
ID = "text or a whole number"
# What is wrong → the message, without the name of the Variable.
MISTAKES = {
    # the whole
    "[]": "The whole value must be an object, not [].",
    '"{}"': "The whole value is a text, as if it had been encoded twice. It has quotes around it: take these away, and "
    "the backslashes inside.",
    "null": "The whole value must be an object, not null.",
    # unknown keys at each level
    '{"custom_field": {}}': f"'custom_field' is not a setting. Did you mean 'custom_fields'? Allowed here: {SETTINGS}.",
    '{"boards": [1]}': f"'boards' is not a setting. Allowed here: {SETTINGS}.",
    '{"companies": {"type": ["Client"]}}': (
        "'companies.type' is not a setting. Did you mean 'types'? Allowed here: status_from, statuses, types."
    ),
    '{"custom_fields": {"asset": {}}}': (
        "'custom_fields.asset' is not a setting. Did you mean 'assets'? Allowed here: assets, contacts."
    ),
    '{"custom_fields": {"companies": {"a": 1}}}': (
        "'custom_fields.companies' is not a setting. Allowed here: assets, contacts."
    ),
    '{"field_map": {"contact": {"title": 5}}}': (
        "'field_map.contact' is not a setting. Did you mean 'contacts'? Allowed here: assets, companies, contacts."
    ),
    '{"field_map": {"contacts": {"email": 5}}}': (
        "'field_map.contacts.email' is not a setting. Allowed here: title, type."
    ),
    '{"field_map": {"assets": {"purchased": 5}}}': (
        f"'field_map.assets.purchased' is not a setting. Did you mean 'purchase_date'? Allowed here: {ASSET_COLUMNS}."
    ),
    '{"field_map": {"assets": {"notes": {"field": 5, "formt": "%Y"}}}}': (
        "'field_map.assets.notes.formt' is not a setting. Did you mean 'format'? Allowed here: field, format."
    ),
    '{"custom_field_modules": {"sites": 7}}': (
        "'custom_field_modules.sites' is not a setting. Allowed here: assets, companies, contacts."
    ),
    '{"deletion_guard": {"row": 7}}': (
        "'deletion_guard.row' is not a setting. Did you mean 'rows'? Allowed here: answer_hours, rows, share."
    ),
    '{"brake": {"row": 7}}': (
        "'brake.row' is not a setting. Did you mean 'rows'? Allowed here: answer_hours, rows, share."
    ),
    # wrong types at each level; a number is not text, text and truth are no numbers
    '{"companies": []}': "'companies' must be an object, not [].",
    '{"companies": {"types": "Client"}}': (
        "'companies.types' must be a list of text or whole numbers, not \"Client\"."
    ),
    '{"companies": {"types": {"Client": 1}}}': (
        "'companies.types' must be a list of text or whole numbers, not {\"Client\": 1}."
    ),
    '{"companies": {"statuses": ["Active", null]}}': f"'companies.statuses.1' must be {ID}, not null.",
    '{"companies": {"types": [[4]]}}': f"'companies.types.0' must be {ID}, not [4].",
    '{"companies": {"types": [4.5]}}': f"'companies.types.0' must be {ID}, not 4.5.",
    '{"companies": {"status_from": "typ"}}': (
        "'companies.status_from' must be 'activity' or 'type', not \"typ\". Did you mean 'type'?"
    ),
    '{"companies": {"status_from": null}}': "'companies.status_from' must be 'activity' or 'type', not null.",
    '{"custom_fields": 5}': "'custom_fields' must be an object, not 5.",
    '{"custom_fields": {"assets": [12]}}': "'custom_fields.assets' must be an object, not [12].",
    '{"custom_fields": {"assets": {"agent": null}}}': f"'custom_fields.assets.agent' must be {ID}, not null.",
    '{"custom_fields": {"assets": {"agent": true}}}': f"'custom_fields.assets.agent' must be {ID}, not true.",
    '{"custom_fields": {"assets": {"agent": 1.5}}}': f"'custom_fields.assets.agent' must be {ID}, not 1.5.",
    '{"custom_fields": {"assets": {"agent": {"field": 5}}}}': (
        f"'custom_fields.assets.agent' must be {ID}, not {{\"field\": 5}}."
    ),
    '{"field_map": null}': "'field_map' must be an object, not null.",
    '{"field_map": {"assets": "notes"}}': "'field_map.assets' must be an object, not \"notes\".",
    '{"field_map": {"assets": {"notes": true}}}': (
        "'field_map.assets.notes' must be text, a whole number or an object, not true."
    ),
    '{"field_map": {"assets": {"notes": {"field": []}}}}': f"'field_map.assets.notes.field' must be {ID}, not [].",
    '{"field_map": {"assets": {"notes": {"field": 5, "format": "yyyy"}}}}': (
        '\'field_map.assets.notes.format\' must be text such as "%m/%d/%Y", not "yyyy".'
    ),
    '{"field_map": {"assets": {"notes": {"field": 5, "format": null}}}}': (
        "'field_map.assets.notes.format' must be text such as \"%m/%d/%Y\", not null."
    ),
    '{"field_map": {"assets": {"notes": {"field": 5, "format": ""}}}}': (
        '\'field_map.assets.notes.format\' must be text such as "%m/%d/%Y", not "".'
    ),
    '{"custom_field_modules": {"assets": "33"}}': "'custom_field_modules.assets' must be a whole number, not \"33\".",
    '{"details_per_night": "5"}': f"'details_per_night' must be {COUNT}, not \"5\".",
    '{"details_per_night": null}': f"'details_per_night' must be {COUNT}, not null.",
    '{"details_per_night": true}': f"'details_per_night' must be {COUNT}, not true.",
    '{"details_per_night": 0.5}': f"'details_per_night' must be {COUNT}, not 0.5.",
    '{"details_hours": "6"}': "'details_hours' must be a number from 0 to 24, not \"6\".",
    '{"details_hours": null}': "'details_hours' must be a number from 0 to 24, not null.",
    '{"details_hours": 25}': "'details_hours' must be a number from 0 to 24, not 25.",
    '{"details_hours": -1}': "'details_hours' must be a number from 0 to 24, not -1.",
    **{
        f'{{"details_until": {typed}}}': f"'details_until' must be text such as \"06:00 Europe/Berlin\", not {typed}."
        for typed in ('"6:00"', '"24:00"', '"06:60"', '"6 am"', '"06:00 Berlin"', '"06:00 CEST"', '"06:00 "', '""', "6")
    },
    '{"deletion_guard": 0.1}': "'deletion_guard' must be an object, not 0.1.",
    '{"brake": 0.1}': "'brake' must be an object, not 0.1.",
    '{"deletion_guard": {"share": "0.1"}}': "'deletion_guard.share' must be a number from 0 to 1, not \"0.1\".",
    '{"deletion_guard": {"rows": 2.5}}': f"'deletion_guard.rows' must be {COUNT}, not 2.5.",
    # out of range, empty, missing
    '{"details_per_night": -1}': f"'details_per_night' must be {COUNT}, not -1.",
    '{"changes_days": -1}': "'changes_days' must be a whole number from 0 to 36500, not -1.",
    '{"freshness_hours": 0}': "'freshness_hours' must be a number, 0.1 or more, not 0.",
    '{"requests_in_flight": 0}': "'requests_in_flight' must be a whole number from 1 to 16, not 0.",
    '{"requests_in_flight": 17}': "'requests_in_flight' must be a whole number from 1 to 16, not 17.",
    '{"deletion_guard": {"rows": -1}}': f"'deletion_guard.rows' must be {COUNT}, not -1.",
    '{"deletion_guard": {"share": 2}}': "'deletion_guard.share' must be a number from 0 to 1, not 2.",
    '{"deletion_guard": {"share": -0.1}}': "'deletion_guard.share' must be a number from 0 to 1, not -0.1.",
    '{"deletion_guard": {"share": 1e999}}': "'deletion_guard.share' must be a number from 0 to 1, not Infinity.",
    '{"brake": {"share": 2}}': "'brake.share' must be a number from 0 to 1, not 2.",
    '{"companies": {"types": []}}': "'companies.types' must not be empty. Leave it out instead.",
    '{"companies": {"statuses": [""]}}': "'companies.statuses.0' must not be empty. Leave it out instead.",
    '{"custom_fields": {"assets": {"agent": ""}}}': (
        "'custom_fields.assets.agent' must not be empty. Leave it out instead."
    ),
    '{"custom_fields": {"assets": {"": 5}}}': "'custom_fields.assets' has an empty name. Give it one.",
    '{"field_map": {"assets": {"notes": {"format": "%Y"}}}}': (
        f"'field_map.assets.notes.field' is missing. It must be {ID}."
    ),
    # what Python's reader of JSON would take without a word
    '{"companies": {}, "companies": {"types": ["a"]}}': "'companies' is given twice. Keep one of them.",
    '{"custom_fields": {"assets": {"a": 1, "b": 2, "a": 1}}}': (
        "'custom_fields.assets.a' is given twice. Keep one of them."
    ),
    '{"brake": {}, "deletion_guard": {}}': "'brake' is the old name of 'deletion_guard'. Keep one of them.",
}
NOT_JSON = ["{", "{'companies': {}}", '{"details_per_night": 5,}', '{"deletion_guard": {"share": NaN}}', "Client"]


@pytest.mark.parametrize("raw", [None, "", "  ", "{}"])
def test_no_setup_means_everything_and_no_custom_fields(raw: str | None) -> None:
    assert parse(raw, where=WHERE) == Setup()


def test_every_setting_that_was_valid_in_the_last_release_means_the_same() -> None:
    assert parse(json.dumps(OLD_VARIABLE), where=WHERE) == AS_SETUP


def test_the_new_name_of_the_deletion_guard_means_what_the_old_one_did() -> None:
    renamed = {"deletion_guard" if key == "brake" else key: value for key, value in OLD_VARIABLE.items()}
    assert parse(json.dumps(renamed), where=WHERE) == AS_SETUP


def test_a_part_that_is_left_out_has_its_defaults() -> None:
    raw = '{"companies": {"types": ["Client"]}, "deletion_guard": {"rows": 50}}'
    assert parse(raw, where=WHERE) == Setup(
        companies=CompanyChoice(types=("Client",), statuses=(), status_from="activity"),
        custom_fields={},
        field_map={},
        custom_field_modules={},
        details_per_night=None,
        deletion_guard=DeletionGuard(share=0.1, rows=50),
    )


@pytest.mark.parametrize("raw", ['{"deletion_guard": {"share": 0}}', '{"deletion_guard": {"share": 0.0}}'])
def test_a_limit_itself_is_allowed(raw: str) -> None:
    assert parse(raw, where=WHERE).deletion_guard.share == 0


def test_a_number_without_a_fraction_is_whole_however_it_is_written() -> None:
    setup = parse('{"details_per_night": 2e2, "custom_fields": {"assets": {"agent": 12.0}}}', where=WHERE)
    assert (setup.details_per_night, setup.custom_fields_of("assets")) == (200, {"agent": "12"})


@pytest.mark.parametrize("raw", MISTAKES)
def test_a_mistake_is_named_with_what_is_allowed(raw: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(raw, where=WHERE)
    assert caught.value.said == f"{WHERE}: {MISTAKES[raw]}"


@pytest.mark.parametrize("raw", NOT_JSON)
def test_text_that_is_not_json_is_called_so(raw: str) -> None:
    with pytest.raises(ConfigError, match=r"^Airflow Variable 'psa_connectwise' is not JSON: .*\. Check it for "):
        parse(raw, where=WHERE)


def test_all_mistakes_are_named_at_once_in_the_order_of_their_places() -> None:
    raw = """{
        "details_per_night": "many", "compnies": {}, "deletion_guard": {"rows": -1, "share": 2},
        "brake": {}, "custom_fields": {"assets": {"b": null, "a": null, "c": 1, "c": 2}}
    }"""
    with pytest.raises(ConfigError) as caught:
        parse(raw, where=WHERE)
    assert caught.value.said == (
        f"{WHERE}: 'brake' is the old name of 'deletion_guard'. Keep one of them. "
        f"'compnies' is not a setting. Did you mean 'companies'? Allowed here: {SETTINGS}. "
        f"'custom_fields.assets.a' must be {ID}, not null. "
        f"'custom_fields.assets.b' must be {ID}, not null. "
        "'custom_fields.assets.c' is given twice. Keep one of them. "
        f"'deletion_guard.rows' must be {COUNT}, not -1. "
        "'deletion_guard.share' must be a number from 0 to 1, not 2. "
        f"'details_per_night' must be {COUNT}, not \"many\"."
    )


@pytest.mark.parametrize(
    "format_", ["%d.%m", "%Y-%m", "%H:%M %p", "%e/%m/%Y", "%F", "%U %Y", "%%Y-%m-%d", "%d/%m/%Y %", "%s"]
)
def test_a_format_of_a_date_has_its_year_month_and_day(format_: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(json.dumps({"field_map": {"assets": {"purchase_date": {"field": 5, "format": format_}}}}), where=WHERE)
    said = 'must have year, month and day, as "%m/%d/%Y" has'
    assert caught.value.said == f"{WHERE}: 'field_map.assets.purchase_date.format' {said}, not \"{format_}\"."


@pytest.mark.parametrize(
    "format_", ["%d.%m.%y", "%Y%m%d", "%B %d, %Y", "%Y-%m-%dT%H:%M:%S.%f%z", "%j %Y", "%d/%m/%Y %Z", "%Y年%m月%d日"]
)
def test_a_format_may_write_a_date_in_any_order_and_with_a_time(format_: str) -> None:
    raw = json.dumps({"field_map": {"assets": {"purchase_date": {"field": 5, "format": format_}}}})
    assert parse(raw, where=WHERE).field_map_of("assets")["purchase_date"].format == format_


@pytest.mark.parametrize("name", ["a\u0000b", "\ud800"])
def test_a_name_that_postgres_cannot_store_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match=r"a name that Postgres cannot store: 'a\\x00b'|hex escape"):
        parse(json.dumps({"custom_fields": {"assets": {name: 5}}}), where=WHERE)


def test_a_long_value_is_shortened_in_the_message() -> None:
    with pytest.raises(ConfigError) as caught:
        parse(json.dumps({"companies": {"types": "x" * 1000}}), where=WHERE)
    assert f'not "{"x" * 59}….' in caught.value.said


@pytest.mark.parametrize("raw", [raw for raw, said in MISTAKES.items() if "Keep one of them" not in said])
def test_the_published_schema_refuses_what_the_model_refuses(raw: str) -> None:
    assert not Draft202012Validator(schema().document).is_valid(json.loads(raw))


def test_the_published_schema_is_one_and_accepts_what_the_model_accepts() -> None:
    Draft202012Validator.check_schema(schema().document)
    validator = Draft202012Validator(schema().document)
    for valid in ({}, OLD_VARIABLE, {"deletion_guard": {"share": 1}}):
        validator.validate(valid)


def test_setup_that_code_makes_is_checked_as_well_and_cannot_be_changed() -> None:
    setup = Setup(details_per_night=5)
    with pytest.raises(FrozenInstanceError):
        setup.details_per_night = 6  # type: ignore[misc]
    assert replace(setup, companies=replace(setup.companies, types=("Client",))).companies.statuses == ()
    with pytest.raises(ValidationError):
        Setup(field_map={"assets": {"serial": MappedField("5")}})


def test_a_field_that_is_both_chosen_and_mapped_is_wanted_once() -> None:
    raw = '{"custom_fields": {"assets": {"lease": 5}}, "field_map": {"assets": {"notes": 5, "type": {"field": "6"}}}}'
    assert parse(raw, where=WHERE).field_ids("assets") == {"5", "6"}


def test_names_and_ids_resolve_without_regard_to_case() -> None:
    assert resolve(("client", "4"), {"1": "Client", "4": "Vendor"}, what="company type") == (["1", "4"], [])


def test_a_name_that_several_ids_share_means_all_of_them() -> None:
    assert resolve(("Client",), {"1": "Client", "2": "Client"}, what="company type")[0] == ["1", "2"]


@pytest.mark.parametrize("typed", ["café  gold", "CAFÉ GOLD", "cafe\u0301 gold", " Café Gold "])
def test_case_blanks_and_the_encoding_of_accents_make_no_other_name(typed: str) -> None:
    assert resolve((typed,), {"1": "Café Gold ", "2": "Cafe Gold"}, what="company type") == (["1"], [])


def test_of_names_that_differ_in_case_only_the_very_spelling_counts() -> None:
    assert resolve(("CLIENT",), {"1": "Client", "2": "CLIENT"}, what="company type") == (["2"], [])


@pytest.mark.parametrize(
    ("typed", "available", "could_be"),
    [
        ("client", {"1": "Client", "2": "CLIENT"}, "CLIENT (2), Client (1)"),
        ("4", {"4": "Vendor", "9": "4"}, "4 (9), Vendor (4)"),
    ],
)
def test_a_name_that_could_be_several_is_left_to_the_person(
    typed: str, available: dict[str, str], could_be: str
) -> None:
    ids, problems = resolve((typed, next(iter(available.values()))), available, what="company type")
    assert problems == [f"Which company type is '{typed}'? It could be {could_be}. Write a name or id of one only."]
    assert ids == [next(iter(available))]


@pytest.mark.parametrize("similar", ["Clients", "Client 1", "  ", "%", "*", "Cl_ent", "Client\u200b", "Çlient"])
def test_a_similar_name_is_another_name(similar: str) -> None:
    assert resolve((similar,), {"1": "Client", "2": ""}, what="company type")[0] == []


@pytest.mark.parametrize(("typed", "id_"), [("1.0", "1"), ("1e1", "10"), ("9007199254740993.0", "9007199254740993")])
def test_an_id_that_is_a_number_is_exact(typed: str, id_: str) -> None:
    assert parse(f'{{"custom_fields": {{"assets": {{"a": {typed}}}}}}}', where=WHERE).field_ids("assets") == {id_}


@pytest.mark.parametrize(("typed", "id_"), [('"1.0"', "1.0"), ('"007"', "007"), ('" 1"', " 1"), ('"true"', "true")])
def test_an_id_that_is_text_is_what_was_typed(typed: str, id_: str) -> None:
    assert parse(f'{{"custom_fields": {{"assets": {{"a": {typed}}}}}}}', where=WHERE).field_ids("assets") == {id_}


def test_an_unknown_name_is_answered_with_what_there_is() -> None:
    _, problems = resolve(("Cliant",), {"1": "Client", "4": "Vendor"}, what="company type")
    assert problems == ["There is no company type 'Cliant'. Did you mean 'Client'? There are: Client (1), Vendor (4)."]


@pytest.mark.parametrize(
    ("vanishing", "living", "allowed"), [(10, 11, True), (11, 100, False), (11, 110, True), (500, 5000, True)]
)
def test_the_deletion_guard_allows_a_few_rows_or_a_small_share(vanishing: int, living: int, allowed: bool) -> None:
    assert DeletionGuard(share=0.1, rows=10).allows(vanishing, living) is allowed


@pytest.mark.parametrize("times", [1, 2])
def test_a_variable_that_was_encoded_twice_is_named_as_that_and_not_quoted(times: int) -> None:
    raw = json.dumps({"companies": {"types": ["Client"]}})
    for _ in range(times):
        raw = json.dumps(raw)
    with pytest.raises(
        ConfigError, match=r"is a text, as if it had been encoded twice\. It has quotes around it"
    ) as no:
        parse(raw, where="V")
    assert "Client" not in str(no.value)


@pytest.mark.parametrize("raw", ["'{\"companies\": {}}'", "\u201c{}\u201d", "`{}`"])
def test_quotes_of_another_kind_around_a_variable_are_named(raw: str) -> None:
    with pytest.raises(ConfigError, match=r"is not JSON: .* It has quotes around it: take these away"):
        parse(raw, where="V")


def test_a_mark_at_the_beginning_of_a_file_is_not_part_of_setup() -> None:
    assert parse('\ufeff{"details_per_night": 7}', where="V").details_per_night == 7
