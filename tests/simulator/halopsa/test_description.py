"""Every response is as HaloPSA describes it, and every parameter with an effect is described."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from simulator.halopsa.faults import FilterIgnored
from simulator.halopsa.routes import BY_PATH
from simulator.world import World
from tests.simulator.clients import serve
from tests.simulator.halopsa.client import PAGED, Client
from tests.support.vendor_specs import check_request, check_response, load

# Parameters with which a list has all rows with all fields.
EVERYTHING = {
    "/Client": {"include_custom_fields": "3,4,5", "includeinactive": "true"},
    "/Site": {"includeaddress": "true", "includeinactive": "true"},
    "/Users": {"include_custom_fields": "30,31,33,36,130,131", "exclude_generaluser": "false"},
    "/Asset": {
        "include_custom_fields": "10,11,12,13,14,15,16,17,18,19,21,22,24,25",
        "includeassetfields": "true",
        "assettype_id": "1",
        "includeuser": "true",
        "client_ids": "",
    },
    "/FieldInfo": {"includevalues": "true"},
    "/Team": {"showall": "true", "includeenabled": "true", "includedisabled": "true"},
    "/Status": {"showall": "true"},
}
# Tickets and their entries need a search; test_tickets.py compares them with the description.
LISTED = sorted(path for path, resource in BY_PATH.items() if resource.search is None)
PATHS = pytest.mark.parametrize("path", LISTED)
NO_ZONE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?")


@pytest.fixture(scope="module")
def halo() -> Iterator[Client]:
    """A client of a world that no test changes."""
    with serve(Client, World(seed=3, companies=40)) as client:
        yield client


def as_described(value: Any, name: str = "", *, of_site: bool = False) -> Any:
    """The response without the known differences from the description.

    Date-times have no zone and up to three digits of a second; ids of sites, and of their clients, may be text.
    """
    if isinstance(value, list):
        return [as_described(one, name, of_site=of_site) for one in value]
    if isinstance(value, dict):
        return {key: as_described(one, key, of_site=of_site) for key, one in value.items()}
    if not isinstance(value, str):
        return value
    if of_site and name in ("id", "client_id"):
        return int(value) if name == "id" else float(value)
    return f"{value[:19]}Z" if NO_ZONE.fullmatch(value) else value


@PATHS
def test_lists_are_as_described(halo: Client, path: str) -> None:
    spec, resource = load("halopsa"), BY_PATH[path]
    paging = {**PAGED, "page_no": "1"} if resource.largest_page else {}
    query = {**paging, **EVERYTHING.get(path, {})}
    check_request(spec, "GET", path, query)
    body = halo.rows(path, **query)
    assert body[resource.envelope] if resource.largest_page else body, "a list without rows proves nothing"
    check_response(spec, "GET", path, 200, as_described(body, of_site=path == "/Site"))


@pytest.mark.parametrize("path", [path for path in LISTED if BY_PATH[path].single])
def test_single_records_are_as_described(halo: Client, path: str) -> None:
    spec, resource = load("halopsa"), BY_PATH[path]
    body = halo.rows(path, **({**PAGED, "page_no": "1"} if resource.largest_page else {}))
    for row in (body[resource.envelope] if resource.largest_page else body)[:20]:
        detail = f"{path}/{row['id']}"
        check_request(spec, "GET", detail, {"includedetails": "true"})
        answer = halo.rows(detail, includedetails="true")
        check_response(spec, "GET", detail, 200, as_described(answer, of_site=path == "/Site"))


@PATHS
def test_every_filter_with_an_effect_is_described(path: str) -> None:
    resource = BY_PATH[path]
    assert resource.filters.keys() <= FilterIgnored.parameters
    dates = ("lastupdatefromdate", "lastupdatetodate") if resource.changed_at else ()
    assert set(dates) <= FilterIgnored.parameters
    asked = {**dict.fromkeys(resource.filters, "1"), **dict.fromkeys(dates, "2026-01-31T00:00:00.000Z")}
    check_request(load("halopsa"), "GET", path, asked)


def test_tokens_and_the_own_agent_are_as_described(halo: Client) -> None:
    spec = load("halopsa")
    check_response(spec, "GET", "/authinfo", 200, halo.rows("/authinfo"))
    check_response(spec, "GET", "/Agent/me", 200, halo.rows("/Agent/me"))
    check_request(spec, "POST", "/token", {"tenant": "simulated"})
    check_response(spec, "POST", "/token", 200, halo.token().json())


def test_an_undescribed_key_and_a_wrong_type_are_errors() -> None:
    spec = load("halopsa")
    for row in ({"id": 1, "shoeSize": 44}, {"id": "1"}, {"id": 1, "date_of_birth": "31/12/1999"}):
        with pytest.raises(AssertionError, match="does not answer as described"):
            check_response(spec, "GET", "/Users", 200, as_described({"record_count": 1, "users": [row]}))
