"""Every response is as Kaseya's document describes it, with all keys, and every list has the described filters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from simulator.kaseya_bms.faults import SECURITY
from simulator.kaseya_bms.resource import Resource
from simulator.kaseya_bms.routes import ALL
from simulator.world import World
from tests.simulator.clients import serve
from tests.simulator.kaseya_bms.client import Client
from tests.support.vendor_specs import Spec, load

VENDOR = "kaseya_bms"
BY_PATH = pytest.mark.parametrize("resource", ALL, ids=lambda resource: resource.path)
PAGING = {"Sort", "Exclude", "PageSize", "PageNumber"}
# Known errors of the document, from responses of real servers:
# - names: it has PascalCase and servers camelCase, so names are compared without regard to case;
# - null: `Error` is a reference, which OpenAPI 3.0 cannot call nullable, and successful responses have null there;
# - times: servers mostly leave out the time zone that RFC 3339 demands, and write any number of digits.
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?Z?")
FORMATS = FormatChecker(formats=())


@FORMATS.checks("date-time")
def _is_moment(value: object) -> bool:
    return not isinstance(value, str) or MOMENT.fullmatch(value) is not None


@FORMATS.checks("int32")
def _is_int32(value: object) -> bool:
    return not isinstance(value, int) or -(2**31) <= value < 2**31


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """A client of a world that no test changes."""
    with serve(Client, World(seed=3, companies=40)) as one:
        yield one


def strict(spec: Spec, schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema with its references resolved. A body must have exactly its keys, in any case."""
    schema = spec.resolve(schema)
    made = dict(schema)
    if "properties" in schema:
        made["properties"] = {name.lower(): _property(spec, one) for name, one in schema["properties"].items()}
        made |= {"additionalProperties": False, "required": sorted(made["properties"])}
    if "items" in schema:
        made["items"] = strict(spec, schema["items"])
    if made.pop("nullable", False):
        made["type"] = [made["type"], "null"]
    return made


def _property(spec: Spec, schema: Mapping[str, Any]) -> dict[str, Any]:
    filled = strict(spec, schema)
    return {"anyOf": [filled, {"type": "null"}]} if "$ref" in schema else filled


def lowered(body: Any) -> Any:
    """The body with its names in lower case."""
    if isinstance(body, list):
        return [lowered(one) for one in body]
    if isinstance(body, dict):
        return {name.lower(): lowered(value) for name, value in body.items()}
    return body


def check(method: str, path: str, body: object) -> None:
    """Fail unless the body is as described."""
    spec = load(VENDOR)
    schema = strict(spec, spec.answer_schema(method, path, 200))
    errors = Draft202012Validator(schema, format_checker=FORMATS).iter_errors(lowered(body))
    found = [f"{error.json_path}: {error.message[:200]}" for error in errors]
    assert not found, f"{method} {path} does not answer as described: {found[:5]}"


def places(resource: Resource, world: World) -> Iterator[str]:
    """Some paths that the resource serves; below a record, those that have rows."""
    if "customFields" in resource.path:
        yield from (resource.path.format(moduleId=33, objectId=id_) for id_ in world.assets.ids[:5])
    elif "{" not in resource.path:
        yield resource.path
    elif resource.path.count("{") == 1 and resource.kind == "sites":
        yield from (resource.path.format(accountId=row.company_id) for row in list(world.sites.values())[:20])
    else:
        rows: Any = getattr(world, resource.kind)
        for row in list(rows.values())[:30]:
            own = dict.fromkeys(("id", "assetId", "locationId", "contactId"), row.id)
            own["ticketId"] = getattr(row, "ticket_id", row.id)
            yield resource.path.format(accountId=getattr(row, "company_id", None) or 0, **own)


@BY_PATH
def test_responses_are_as_described(client: Client, resource: Resource) -> None:
    deleted = {str(id_) for id_, row in client.simulator.world.companies.items() if row.is_deleted}
    seen = 0
    for path in places(resource, client.simulator.world):
        if deleted & set(path.split("/")):
            continue
        for query in ({"PageSize": 100}, {"Filter_IsActive": False}) if resource.filters else ({},):
            body = (client.search(path) if resource.method == "POST" else client.ask(path, **query)).json()
            check(resource.method, path, body)
            seen += len(body.get("result", body) or ())
    assert seen, "an answer without rows proves nothing"


def asked(spec: Spec, resource: Resource) -> set[str]:
    """The parameters of a request, by their name in an address."""
    operation = spec.operation(resource.method, resource.path)
    if resource.method == "GET":
        return {one["name"] for one in operation["parameters"] if one["in"] == "query"}
    body = spec.resolve(operation["requestBody"]["content"]["application/json"]["schema"])["properties"]
    return {*body, *(f"Filter.{name}" for name in spec.resolve(body["Filter"])["properties"])}


@BY_PATH
def test_a_path_has_the_described_shape_and_filters(resource: Resource) -> None:
    spec = load(VENDOR)
    known = asked(spec, resource)
    schema = spec.resolve(spec.answer_schema(resource.method, resource.path, 200))["properties"]
    filters = {name for name in known - PAGING if name.startswith(resource.prefix)}
    assert {f"{resource.prefix}{name}" for name in resource.filters} == filters
    assert (resource.shape == "bare") == ("Success" not in schema)
    assert (resource.shape == "pages with total") == ("TotalRecords" in schema)
    assert (known >= PAGING) == resource.shape.startswith("pages")


def test_logins_renewals_and_the_user_are_as_described(client: Client) -> None:
    check("POST", f"{SECURITY}authenticate", client.authenticate().json())
    renewed = client.refresh().json()
    check("POST", f"{SECURITY}refreshtoken", renewed)
    client.use(renewed["result"])
    check("GET", f"{SECURITY}userinfo", client.ask(f"{SECURITY}userinfo").json())


def test_errors_are_as_described(client: Client) -> None:
    check("POST", f"{SECURITY}authenticate", client.authenticate(Password="no").json())
    missing = "/v2/servicedesk/hardwareasset/1"
    check("GET", missing, client.ask(missing).json())


@BY_PATH
def test_the_spelling_of_the_fault_is_the_spelling_of_the_document(client: Client, resource: Resource) -> None:
    spec = load(VENDOR)
    schema = spec.answer_schema(resource.method, resource.path, 200)
    fault = client.simulator.faults.add("pascal_case")
    try:
        for path in places(resource, client.simulator.world):
            body = (client.search(path) if resource.method == "POST" else client.ask(path)).json()
            assert sorted(set(misspelled(spec, schema, body))) == [], path
    finally:
        client.simulator.faults.remove(fault)


def misspelled(spec: Spec, schema: Mapping[str, Any], body: Any) -> Iterator[str]:
    """The names in the body that the description does not have in this spelling."""
    schema = spec.resolve(schema)
    for one in body if isinstance(body, list) else ():
        yield from misspelled(spec, schema["items"], one)
    for name, value in body.items() if isinstance(body, dict) else ():
        if name in schema["properties"]:
            yield from misspelled(spec, schema["properties"][name], value)
        else:
            yield name


def test_a_key_too_few_or_too_many_is_an_error() -> None:
    right = {"id": 1, "name": "One", "isActive": True}
    envelope = {"success": True, "error": None}
    check("GET", "/v2/system/queues/lookup", {**envelope, "result": [right]})
    for wrong in ({"id": 1, "name": "One"}, {**right, "shoeSize": 44}, {**right, "id": "1"}):
        with pytest.raises(AssertionError, match="does not answer as described"):
            check("GET", "/v2/system/queues/lookup", {**envelope, "result": [wrong]})
