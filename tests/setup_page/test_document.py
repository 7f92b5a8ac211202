"""The text of the Variable on its way to the form and back: nothing of it is lost without a word."""

from __future__ import annotations

import json

import pytest

from include import connectors
from include.model.setup import schema
from include.setup_page.document import NO_FORM, RENAMED, read_document
from include.setup_page.form import CHOSEN_AT_PSA, form


def test_no_variable_is_an_empty_document() -> None:
    for text in ("", "  ", "{}"):
        assert read_document(text, "syncro") == {"document": {}, "problem": "", "remarks": []}


def test_unknown_keys_stay_in_the_document_and_are_named_as_preflight_names_them() -> None:
    text = '{"company": {"types": ["Client"]}, "requests_in_flight": 2}'
    found = read_document(text, "syncro")
    assert found["document"] == json.loads(text)
    assert found["problem"].startswith("Airflow Variable 'psa_syncro': 'company' is not a setting. Did you mean")


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '"{}"',
        '{"custom_fields": {"assets": {"a": 1, "a": 2}}}',
        '{"companies": {"types": ["\\ud800"]}}',
        '{"requests_in_flight": NaN}',
        "[" * 5000,
    ],
)
def test_what_no_form_can_show_is_left_to_the_json(text: str) -> None:
    found = read_document(text, "syncro")
    assert (found["document"], found["remarks"]) == (None, [NO_FORM])
    json.dumps(found, ensure_ascii=False).encode()


def test_the_old_name_of_a_setting_is_replaced_and_named() -> None:
    found = read_document('{"brake": {"rows": 5}}', "syncro")
    assert found == {"document": {"deletion_guard": {"rows": 5}}, "problem": "", "remarks": [RENAMED]}


def test_a_number_that_browsers_would_change_is_text_in_the_document() -> None:
    found = read_document('{"custom_fields": {"assets": {"rack": 9007199254740993}}}', "syncro")
    assert found["document"] == {"custom_fields": {"assets": {"rack": "9007199254740993"}}}


@pytest.mark.parametrize("name", sorted(connectors.NAMES))
def test_each_setting_has_a_field_or_a_list_of_the_page(name: str) -> None:
    shown = {field["path"]: field for field in form(connectors.load(name))["fields"]}
    hidden = {path for path, _ in schema().settings() if path not in shown and not path.startswith(CHOSEN_AT_PSA)}
    assert hidden <= {"companies.status_from", "details_per_night", "details_until", "details_hours"}
    assert shown["deletion_guard.share"]["label"] == "Deletion guard: share"
    assert (shown["requests_in_flight"]["least"], shown["requests_in_flight"]["most"]) == (1, 16)
    assert all(field["meaning"] for field in shown.values())
