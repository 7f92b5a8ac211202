"""Setup: what a person can choose, and what they are told when they mistype it."""

from __future__ import annotations

import json

import pytest

from include.model.errors import ConfigError
from include.model.setup import CompanyChoice, DeletionGuard, MappedField, Setup, parse, resolve

WHERE = "Airflow Variable 'psa_connectwise'"


@pytest.mark.parametrize("raw", [None, "", "  ", "{}"])
def test_no_setup_means_everything_and_no_custom_fields(raw: str | None) -> None:
    assert parse(raw, where=WHERE) == Setup()


def test_every_setting_is_understood() -> None:
    raw = {
        "companies": {"types": ["Client", 4], "statuses": ["Active"], "status_from": "type"},
        "custom_fields": {"assets": {"agent": 12}, "contacts": {"vip": "7"}},
        "field_map": {
            "companies": {"website": "Website"},
            "assets": {"purchase_date": {"field": 15, "format": "%m/%d/%Y"}},
        },
        "custom_field_modules": {"assets": 33},
        "details_per_night": 200,
        "brake": {"share": 0.25, "rows": 3},
    }
    assert parse(json.dumps(raw), where=WHERE) == Setup(
        companies=CompanyChoice(types=("Client", "4"), statuses=("Active",), status_from="type"),
        custom_fields={"assets": {"agent": "12"}, "contacts": {"vip": "7"}},
        field_map={
            "companies": {"website": MappedField("Website")},
            "assets": {"purchase_date": MappedField("15", "%m/%d/%Y")},
        },
        custom_field_modules={"assets": "33"},
        details_per_night=200,
        deletion_guard=DeletionGuard(share=0.25, rows=3),
    )


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("{", "Airflow Variable 'psa_connectwise' is not JSON"),
        ("[]", "The whole value: [] is not of type 'object'"),
        (
            '{"custom_field": {}}',
            "'custom_field' is not a setting. Did you mean 'custom_fields'? "
            "Allowed here: brake, companies, custom_field_modules, custom_fields, details_per_night, field_map.",
        ),
        ('{"custom_fields": {"asset": {}}}', "'custom_fields.asset' is not a setting. Did you mean 'assets'?"),
        ('{"custom_fields": {"assets": [12]}}', "'custom_fields.assets': [12] is not of type 'object'"),
        ('{"custom_fields": {"assets": {"agent": null}}}', "'custom_fields.assets.agent'"),
        ('{"brake": {"share": 2}}', "'brake.share': 2 is greater than the maximum of 1"),
        ('{"companies": {"types": "Client"}}', "'companies.types': 'Client' is not of type 'array'"),
        ('{"companies": {"status_from": "kind"}}', "'kind' is not one of ['activity', 'type']"),
        ('{"field_map": {"contacts": {"email": 5}}}', "'field_map.contacts': 'email' is not one of ['type', 'title']"),
        ('{"field_map": {"assets": {"notes": {"format": "%Y"}}}}', "'field' is a required property"),
        ('{"field_map": {"assets": {"notes": {"field": 5, "format": "yyyy"}}}}', "'yyyy' does not match '%'"),
        ('{"custom_field_modules": {"sites": 7}}', "'sites' is not one of ['companies', 'assets', 'contacts']"),
        ('{"details_per_night": -1}', "'details_per_night': -1 is less than the minimum of 0"),
    ],
)
def test_a_mistake_is_named_with_what_is_allowed(raw: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(raw, where=WHERE)
    assert said in str(caught.value)


def test_a_field_that_is_both_chosen_and_mapped_is_wanted_once() -> None:
    raw = '{"custom_fields": {"assets": {"lease": 5}}, "field_map": {"assets": {"notes": 5, "type": {"field": "6"}}}}'
    assert parse(raw, where=WHERE).field_ids("assets") == {"5", "6"}


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        parse('{"brake": {"rows": -1}, "compnies": {}}', where=WHERE)
    assert "brake.rows" in str(caught.value)
    assert "compnies" in str(caught.value)


def test_names_and_ids_resolve_without_regard_to_case() -> None:
    assert resolve(("client", "4"), {"1": "Client", "4": "Vendor"}, what="company type") == (["1", "4"], [])


def test_a_name_that_several_ids_share_means_all_of_them() -> None:
    assert resolve(("Client",), {"1": "Client", "2": "Client"}, what="company type")[0] == ["1", "2"]


def test_an_unknown_name_is_answered_with_what_there_is() -> None:
    _, problems = resolve(("Cliant",), {"1": "Client", "4": "Vendor"}, what="company type")
    assert problems == ["There is no company type 'Cliant'. Did you mean 'Client'? There are: Client (1), Vendor (4)."]


@pytest.mark.parametrize(
    ("vanishing", "living", "allowed"), [(10, 11, True), (11, 100, False), (11, 110, True), (500, 5000, True)]
)
def test_the_brake_allows_a_few_rows_or_a_small_share(vanishing: int, living: int, allowed: bool) -> None:
    assert DeletionGuard(share=0.1, rows=10).allows(vanishing, living) is allowed
