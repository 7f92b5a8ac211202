"""Every response is as ConnectWise describes it, and every described field can be selected."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from simulator.connectwise.resource import Resource
from simulator.connectwise.routes import ALL
from simulator.connectwise.unfilled_fields import UNFILLED
from simulator.world import World
from tests.simulator.connectwise.client import Client
from tests.support.vendor_specs import check_request, check_response, load

BY_PATH = pytest.mark.parametrize("resource", ALL, ids=lambda resource: resource.path)


def paths(resource: Resource[Any], world: World) -> Iterator[tuple[str, list[int]]]:
    """The paths that list a resource (a few of them, if there is one per parent), and the ids that they list."""
    parents = list(resource.parent(world, 0)[1])[:8] if resource.parent else [0]
    for parent in parents:
        yield resource.path.replace("#", str(parent)), list(resource.source(world, parent)[1])


@BY_PATH
def test_listings_are_as_described(client: Client, small_world: World, resource: Resource[Any]) -> None:
    spec = load("connectwise")
    seen = 0
    for path, ids in paths(resource, small_world):
        query = {"pageSize": "1000", "orderBy": "id asc", "page": "1"}
        check_request(spec, "GET", path, query, dict(client.session.headers))  # type: ignore[arg-type]  # requests may hold bytes here, ours does not
        body = client.rows(path, **query)
        check_response(spec, "GET", path, 200, body)
        assert [row["id"] for row in body] == ids
        seen += len(body)
    assert seen, "a listing without rows proves nothing"


@BY_PATH
def test_counts_and_single_records_are_as_described(
    client: Client, small_world: World, resource: Resource[Any]
) -> None:
    spec = load("connectwise")
    for path, ids in paths(resource, small_world):
        wanted = [f"{path}/count"] if resource.counted else []
        wanted += [f"{path}/{id_}" for id_ in ids[:3]] if resource.single else []
        for one in wanted:
            check_response(spec, "GET", one, 200, client.rows(one))


@BY_PATH
def test_exactly_the_described_fields_can_be_selected(resource: Resource[Any]) -> None:
    spec = load("connectwise")
    described = spec.document["components"]["schemas"][resource.model]["properties"]
    assert {*resource.fields, *UNFILLED.get(resource.model, ())} == set(described)


@pytest.mark.parametrize("path", ["/service/tickets/search", "/project/tickets/search"])
def test_searches_are_as_described(client: Client, path: str) -> None:
    spec = load("connectwise")
    if path not in spec.document["paths"]:
        pytest.skip("the description does not have this search; the guide does")
    check_request(spec, "POST", path, {"pageSize": "5"})
    answer = client.session.post(f"{client.simulator.url}/v4_6_release/apis/3.0{path}", json={}, timeout=10)
    check_response(spec, "POST", path, 200, answer.json())


def test_system_info_is_as_described(client: Client) -> None:
    check_response(load("connectwise"), "GET", "/system/info", 200, client.rows("/system/info"))


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(AssertionError, match="shoeSize"):
        check_response(load("connectwise"), "GET", "/company/contacts", 200, [{"id": 1, "shoeSize": 44}])


def test_a_wrong_type_is_an_error() -> None:
    with pytest.raises(AssertionError, match="is not of type"):
        check_response(load("connectwise"), "GET", "/company/contacts", 200, [{"id": "1"}])


def test_a_malformed_date_is_an_error() -> None:
    body = [{"id": 1, "purchaseDate": "31/12/2024"}]
    with pytest.raises(AssertionError, match="date-time"):
        check_response(load("connectwise"), "GET", "/company/configurations", 200, body)


def test_an_unknown_parameter_or_field_or_path_is_an_error() -> None:
    spec = load("connectwise")
    with pytest.raises(AssertionError, match="pagesize"):
        check_request(spec, "GET", "/company/contacts", {"pagesize": "5"})
    with pytest.raises(AssertionError, match="shoeSize"):
        check_request(spec, "GET", "/company/contacts", {"fields": "id,company/shoeSize"})
    with pytest.raises(AssertionError, match="no path"):
        check_request(spec, "GET", "/company/shoes", {})
