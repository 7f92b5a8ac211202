"""What preflight checks at ConnectWise, and what setup can choose there."""

from __future__ import annotations

import pytest

from include.connectors import load
from include.connectors.common.setup import check_setup, discover
from include.model.errors import ConfigError, NotFound, RightsError
from include.model.setup import CompanyChoice, Setup
from include.sync.preflight import preflight
from tests.support.rig import rig
from tests.support.worlds import new_world


@pytest.mark.parametrize(
    "fault",
    [
        "poisoned_record:path=/company/configurations,nth=3",
        "lost_right:path=/company/configurations",
        "lost_right:path=/system/userDefinedFields",
        "odd_record:path=/company/configurations,key=customFields,kind=text",
    ],
)
def test_errors_about_custom_fields_do_not_stop_the_other_kinds(warehouse_dsn: str, fault: str) -> None:
    setup = Setup(custom_fields={"assets": {"agent": "10"}})
    with rig(warehouse_dsn, setup=setup, faults=[fault]) as running:
        assert running.run("contacts")["contacts"].inserted == 100


def test_preflight_fails_when_the_cloud_answers_404_to_wrong_keys(warehouse_dsn: str) -> None:
    with (
        rig(warehouse_dsn, faults=["expired_credentials", "login_404_html"]) as running,
        pytest.raises(NotFound, match="The cloud also answers 404 to wrong credentials"),
    ):
        preflight(running.sync())


def test_a_choice_that_the_tenant_does_not_have_is_named_with_what_it_has(warehouse_dsn: str) -> None:
    setup = Setup(companies=CompanyChoice(types=("Cliant",)), custom_fields={"assets": {"agent": "9999"}})
    with rig(warehouse_dsn, setup=setup) as running, pytest.raises(ConfigError) as caught:
        preflight(running.sync())
    said = str(caught.value)
    assert said.startswith(
        "Airflow Variable 'psa_connectwise': There is no company type 'Cliant'. Did you mean 'Client'?"
    )
    assert "custom_fields.assets.agent: there is no custom field 9999. There are: 10 (" in said


def test_a_custom_field_of_passwords_is_refused(warehouse_dsn: str) -> None:
    world = new_world()
    key = next(f.id for f in world.custom_fields.values() if f.type == "Password")
    with (
        rig(warehouse_dsn, world, setup=Setup(custom_fields={"assets": {"admin": str(key)}})) as running,
        pytest.raises(ConfigError, match="holds passwords, which are never synced"),
    ):
        preflight(running.sync())


def test_preflight_names_each_kind_that_may_not_be_read(warehouse_dsn: str, caplog: pytest.LogCaptureFixture) -> None:
    with rig(warehouse_dsn, faults=["lost_right:path=/company/contacts"]) as running:
        preflight(running.sync())
    assert "contacts will fail" in caplog.text
    assert "assets will fail" not in caplog.text


def test_an_account_that_may_read_nothing_stops_the_run(warehouse_dsn: str) -> None:
    with (
        rig(warehouse_dsn, faults=["lost_right:path=/company/*", "lost_right:path=/service/*"]) as running,
        pytest.raises(RightsError, match="Give the API account the right"),
    ):
        preflight(running.sync())


def test_discovery_lists_what_setup_can_choose(warehouse_dsn: str) -> None:
    world = new_world()
    with rig(warehouse_dsn, world) as running:
        groups: dict[str, set[str]] = {}
        for choice in discover(load("connectwise"), running.client()):
            groups.setdefault(choice.group, set()).add(choice.id)
    assert groups["company types"] == {str(t) for t in world.company_types}
    assert groups["company statuses"] == {str(s) for s in world.statuses}
    assert groups["boards"] == {str(b) for b in world.boards}
    assert groups["custom fields of assets"] >= {str(f.id) for f in world.custom_fields.values() if f.entity == "asset"}


@pytest.mark.parametrize(("chosen", "asked"), [("10", 0), ("4711", 2)])
def test_the_list_of_custom_fields_is_asked_for_only_when_the_first_page_does_not_have_all(
    warehouse_dsn: str, chosen: str, asked: int
) -> None:
    with rig(warehouse_dsn, new_world()) as running:
        check_setup(load("connectwise"), running.client(), Setup(custom_fields={"assets": {"any": chosen}}))
        paths = [request.path for request in running.simulator.requests]
    assert sum("/system/userDefinedFields" in path for path in paths) == asked
