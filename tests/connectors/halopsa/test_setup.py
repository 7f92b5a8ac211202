"""What preflight reports about HaloPSA, and what setup can choose there."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from include.connectors import load
from include.connectors.common.choices import field_choices
from include.connectors.common.setup import check_setup, discover
from include.connectors.halopsa.custom_fields import CUSTOM
from include.connectors.halopsa.setup import on_records, remarks
from include.model.setup import CompanyChoice, MappedField, Setup
from include.sync.preflight import preflight
from tests.connectors.halopsa.scripted import Scripted
from tests.support.rig import rig
from tests.support.truth.halopsa import SETTINGS
from tests.support.worlds import new_world


def test_preflight_names_wrong_choices_and_offers_right_ones(warehouse_dsn: str) -> None:
    setup = Setup(
        companies=CompanyChoice(types=("Client",), statuses=("Activ",), status_from="type"),
        custom_fields={"assets": {"tag": "9999"}, "contacts": {"language": "30"}},
        field_map={
            "assets": {"serial_number": MappedField("field:9999")},
            "contacts": {"title": MappedField("other9"), "type": MappedField("other1")},
        },
    )
    with rig(warehouse_dsn, setup=setup, vendor="halopsa") as running:
        problems = " ".join(check_setup(load("halopsa"), running.client(), setup))
    assert "There is no company status 'Activ'. Did you mean 'Active'?" in problems
    assert "companies.types: HaloPSA has no company types, take this out" in problems
    assert "companies.status_from: HaloPSA has only 'activity'" in problems
    assert "custom_fields.assets.tag: there is no custom field 9999. There are: 10 (Asset Tag)" in problems
    assert "field_map.assets.serial_number: there is no custom field field:9999." in problems
    assert "field:117 (Serial Number)" in problems
    assert "field_map.contacts.title: there is no custom field other9." in problems
    assert "custom_fields.contacts.language" not in problems
    assert "field_map.contacts.type" not in problems


def test_a_field_that_seems_by_its_name_to_hold_secrets_is_refused_in_setup() -> None:
    password = {"id": 19, "name": "CFAdminPassword", "label": "Admin", "type": 0, "value": "hunter2"}
    api: Any = Scripted({}, {"/Asset/1": {"id": 1, "customfields": [password]}})
    api.first_page = lambda _: [{"id": 1}]
    (problem,) = check_setup(load("halopsa"), api, Setup(custom_fields={"assets": {"admin": "19"}}))
    assert problem == (
        "custom_fields.assets.admin: field 19 seems by its name to hold secrets, which are never synced."
    )


@pytest.mark.parametrize(
    "fault",
    [
        "lost_right:path=/Asset*",
        "nothing_to_see:path=/Asset",
        "html_200:path=/Asset,times=99",
        "lost_right:path=/Field*",
    ],
)
def test_trouble_with_the_fields_of_one_kind_does_not_stop_the_others(warehouse_dsn: str, fault: str) -> None:
    with rig(warehouse_dsn, setup=SETTINGS, vendor="halopsa", faults=[fault]) as running:
        assert running.run("contacts")["contacts"].inserted == 100


def test_fields_that_cannot_be_looked_up_are_not_called_wrong(
    warehouse_dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    setup = Setup(
        custom_fields={"assets": {"tag": "9999"}},
        field_map={"assets": {"serial_number": MappedField("field:117"), "notes": MappedField("notes")}},
    )
    with rig(warehouse_dsn, setup=setup, vendor="halopsa", faults=["lost_right:path=/Field*"]) as running:
        (problem,) = check_setup(load("halopsa"), running.client(), setup)
    assert "there is no custom field notes" in problem
    assert "The list of fields cannot be read" in caplog.text


def test_an_account_that_sees_no_company_is_reported(warehouse_dsn: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with rig(warehouse_dsn, vendor="halopsa", faults=["emptied_list:path=/Client"]) as running:
        preflight(running.sync())
    assert "shows this login no company at all" in caplog.text
    with rig(warehouse_dsn, vendor="halopsa") as running:
        assert remarks(running.client()) == []


def test_discovery_lists_what_setup_can_choose_with_examples_but_never_secrets(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, new_world(), vendor="halopsa") as running:
        choices = {(choice.group, choice.id): choice for choice in discover(load("halopsa"), running.client())}
        boards = {str(board) for board in running.simulator.world.boards}
    assert {key for group, key in choices if group == "boards"} == boards
    assert choices["custom fields of assets", "field:118"].label == "Manufacturer"
    assert "Dell" in choices["custom fields of assets", "field:118"].examples
    assert choices["custom fields of contacts", "130"].examples
    assert choices["custom fields of assets", "19"].label == "Local Admin Password"
    assert choices["custom fields of assets", "19"].examples == ()


def test_secrets_encrypted_fields_and_tables_cannot_be_chosen_and_have_no_examples() -> None:
    entries = [
        {"id": 1, "label": "Wi-Fi password", "value": "hunter2"},
        {"id": 2, "label": "Notes", "value": "hunter2", "isencrypted": True},
        {"id": 3, "label": "Contracts", "type": 7, "value": [{"id": 1}]},
        {"id": 4, "label": "Colour", "value": "red"},
    ]
    choices = field_choices("custom fields", on_records(CUSTOM, [{"id": 1, "customfields": entries}]))
    assert [(c.id, c.examples, bool(c.refused)) for c in choices.values()] == [
        ("1", (), True),
        ("2", (), True),
        ("3", (), True),
        ("4", ("red",), False),
    ]
