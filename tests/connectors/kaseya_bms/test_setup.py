"""Preflight, setup and the number of requests at Kaseya BMS."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from include.connectors import load
from include.connectors.common.companies import ACTIVITY
from include.connectors.common.setup import discover
from include.connectors.kaseya_bms.auth import USER
from include.connectors.kaseya_bms.companies import COMPANIES
from include.connectors.kaseya_bms.listings import ASSETS, CONTACTS, QUEUES
from include.connectors.kaseya_bms.setup import choices_of
from include.model.choices import Sizes
from include.model.errors import (
    ConfigError,
)
from include.model.kinds import KINDS
from include.model.request import Request
from include.model.setup import CompanyChoice, Setup
from include.sync.preflight import preflight
from tests.connectors.kaseya_bms.scripted import BMS, good, needs_specs, scripted
from tests.support.rig import rig
from tests.support.truth import vendor
from tests.support.vendor_specs import check_request
from tests.support.vendor_specs import load as load_spec
from tests.support.worlds import new_world


@needs_specs
def test_every_request_of_a_run_and_of_setup_is_in_the_vendors_description(warehouse_dsn: str) -> None:
    spec = load_spec(BMS)
    world = new_world(companies=30)
    with rig(warehouse_dsn, world, setup=vendor(BMS).setup, vendor=BMS) as running:
        running.run(request=Request(approved=tuple(KINDS)))
        discover(load(BMS), running.client())
        running.run(request=Request(company=running.rows("companies")[0]["source_id"]))
        paths = set()
        for asked in running.simulator.requests:
            check_request(spec, asked.method, asked.path, asked.query)
            paths.add(spec.template(asked.method, asked.path))
        assert len(paths) > 14


def test_a_run_sends_no_more_requests_than_its_formula_says(warehouse_dsn: str) -> None:
    sizes = Sizes(companies=150, sites=300, assets=230, contacts=210)
    world = new_world(companies=sizes.companies, assets=sizes.assets, contacts=sizes.contacts)
    with rig(warehouse_dsn, world, setup=Setup(details_per_night=0), vendor=BMS) as running:
        running.run()
        asked = Counter(r.path for r in running.simulator.requests)
        lists = {end: asked[end] for end in (COMPANIES, CONTACTS, ASSETS, QUEUES, USER)}
    formula = load(BMS).cost(sizes)
    assert {end: n for end, n in lists.items() if n > formula[end]} == {}
    assert {end: n for end, n in lists.items() if n < formula[end] - 3} == {}


def test_preflight_says_which_number_is_missing_and_what_there_is(warehouse_dsn: str) -> None:
    setup = Setup(
        companies=CompanyChoice(types=("Cliant",)),
        custom_fields={"assets": {"tag": "9999"}, "contacts": {"language": "30"}},
        custom_field_modules={"assets": 33},
    )
    with rig(warehouse_dsn, setup=setup, vendor=BMS) as running, pytest.raises(ConfigError) as caught:
        preflight(running.sync())
    said = str(caught.value)
    assert "There is no company type 'Cliant'. Did you mean 'Client'?" in said
    assert "custom_fields.assets.tag: there is no custom field 9999. There are: 10 (" in said
    assert "custom_field_modules.contacts is missing" in said


def test_a_login_of_a_contact_of_a_client_is_remarked() -> None:
    connector = load(BMS)
    api, _ = scripted({"/v2/security/userinfo": good({"userId": 1, "contactId": 44})})
    (remark,) = connector.remarks(api)
    assert "contact 44" in remark
    api, _ = scripted({"/v2/security/userinfo": good({"userId": 1, "contactId": 0})})
    assert connector.remarks(api) == []


def test_discovery_lists_the_modules_that_have_fields_under_their_numbers(warehouse_dsn: str) -> None:
    world = new_world()
    with rig(warehouse_dsn, world, vendor=BMS) as running:
        groups: dict[str, dict[str, Any]] = {}
        for choice in discover(load(BMS), running.client()):
            groups.setdefault(choice.group, {})[choice.id] = choice
    assert groups["company statuses"].keys() == ACTIVITY.keys()
    assert groups["company types"].keys() == {str(key) for key in world.company_types}
    fields = groups["custom fields of module 33"]
    assert fields.keys() == {str(field.id) for field in world.fields_of("asset")}
    assert any(choice.examples for choice in fields.values())


def test_a_field_that_looks_like_a_secret_is_offered_without_examples() -> None:
    options = [{"id": 1, "name": "hunter2"}]
    fields = [{"id": 1, "name": "Admin password", "settings": options}, {"id": 2, "name": "Tier", "settings": options}]
    assert [choice.examples for choice in choices_of("custom fields", fields).values()] == [(), ("hunter2",)]
