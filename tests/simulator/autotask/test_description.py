"""Every response is as Autotask's Swagger 2 document describes it, except for known errors of the document."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from simulator.autotask.resource import Resource
from simulator.autotask.routes import RESOURCES
from simulator.world import World
from tests.simulator.autotask.client import Client
from tests.simulator.clients import serve

# Known errors of the document:
# - names are PascalCase in the document and camelCase in records (x-wire-name);
# - a query has an envelope of items and pageDetails, a single record one of item; the document has no envelope;
# - any value may be null, which Swagger 2 cannot express;
# - these two are documented as objects without properties.
SCALARS = {
    "#/definitions/RestUserAccessLevel": {"enum": ["None", "Restricted", "All"]},
    "#/definitions/Object": {"type": "boolean"},
}
PAGE_DETAILS = {
    "type": "object",
    "additionalProperties": False,
    "required": ["count", "requestCount", "prevPageUrl", "nextPageUrl"],
    "properties": {
        "count": {"type": "integer"},
        "requestCount": {"type": "integer"},
        "prevPageUrl": {"type": ["string", "null"]},
        "nextPageUrl": {"type": ["string", "null"]},
    },
}
FORMATS = FormatChecker(formats=())
BY_PATH = pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.path)
WHOLE = pytest.mark.parametrize(
    "resource", [one for one in RESOURCES if not one.query_only], ids=lambda resource: resource.path
)


@FORMATS.checks("date-time")
def _is_moment(value: object) -> bool:
    """Up to three digits of a second, and not always a Z."""
    return not isinstance(value, str) or bool(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z?", value))


@FORMATS.checks("int32")
def _is_int32(value: object) -> bool:
    return not isinstance(value, int) or -(2**31) <= value < 2**31


@lru_cache
def document() -> dict[str, Any]:
    folder = os.environ.get("PSA_VENDOR_SPECS")
    if not folder:
        pytest.skip("PSA_VENDOR_SPECS does not name the folder with the vendors' API descriptions")
    loaded: dict[str, Any] = json.loads((Path(folder) / "autotask.openapi.json").read_text())
    return loaded


def as_sent(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with the names and nulls of real records. Unknown keys are errors."""
    if "$ref" in schema:
        return {"anyOf": [SCALARS.get(schema["$ref"], schema), {"type": "null"}]}
    if "properties" in schema:
        names = schema.get("x-wire-names", {})
        properties = {one.get("x-wire-name") or names[key]: as_sent(one) for key, one in schema["properties"].items()}
        return {"type": "object", "additionalProperties": False, "properties": properties}
    loose: dict[str, Any] = {"type": [schema["type"], "null"]}
    loose |= {"items": as_sent(schema["items"])} if "items" in schema else {}
    return loose | ({"format": schema["format"]} if "format" in schema else {})


@lru_cache
def definitions() -> dict[str, Any]:
    return {name: as_sent(schema) for name, schema in document()["definitions"].items()}


def check(path: str, body: object, *, envelope: str = "") -> None:
    """Fail unless the body is as described, within an envelope that the document does not have."""
    schema = document()["paths"][f"/V1.0{path}"]["get"]["responses"]["200"]["schema"]
    if envelope == "item":
        schema = {"type": "object", "required": ["item"], "properties": {"item": schema}}
    if envelope == "items":
        properties = {"items": {"type": "array", "items": schema}, "pageDetails": PAGE_DETAILS}
        schema = {"type": "object", "required": list(properties), "properties": properties}
    validator = Draft202012Validator({**schema, "definitions": definitions()}, format_checker=FORMATS)
    found = [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(body)]
    assert not found, f"{path} does not answer as described: {found[:5]}"


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with serve(Client, World(seed=3, companies=40)) as one:
        yield one


@WHOLE
def test_queries_counts_and_single_records_are_as_described(client: Client, resource: Resource[Any]) -> None:
    page = client.page(resource.path)
    assert page["items"], "a listing without rows proves nothing"
    check(f"/{resource.path}/query", page, envelope="items")
    search = {"search": json.dumps({"filter": [{"op": "exist", "field": "id"}]})}
    counted = client.ask(f"/{resource.path}/query/count", params=search).json()
    check(f"/{resource.path}/query/count", counted)
    assert counted["queryCount"] == len(page["items"])
    single = client.ask(f"/{resource.path}/{page['items'][-1]['id']}").json()
    check(f"/{resource.path}/{{id}}", single, envelope="item")


@WHOLE
def test_metadata_is_as_described(client: Client, resource: Resource[Any]) -> None:
    for path in ("entityInformation", "entityInformation/fields", "entityInformation/userDefinedFields"):
        check(f"/{resource.path}/{path}", client.ask(f"/{resource.path}/{path}").json())


@BY_PATH
def test_records_have_exactly_the_described_fields(resource: Resource[Any]) -> None:
    described = definitions()[f"{resource.name}Model"]["properties"]
    assert {*resource.fields, "userDefinedFields"} == set(described)
    kinds = {"string": "string", "number": "double", "boolean": "boolean", "integer": "integer", "object": "object"}
    for name, field in resource.fields.items():
        one = described[name]
        known = {"date-time": "datetime", "int64": "long"}.get(one.get("format", ""), kinds[one["type"][0]])
        assert field.type == known, name


def test_zone_and_threshold_are_as_described(client: Client) -> None:
    zone = client.ask("/ZoneInformation", params={"user": client.simulator.connection["login"]}).json()
    check("/ZoneInformation", zone)
    check("/ThresholdInformation", client.ask("/ThresholdInformation").json())


def test_the_check_itself_finds_errors() -> None:
    for body in ({"queryCount": "1"}, {"queryCount": 1, "total": 1}, {"queryCount": 2**40}):
        with pytest.raises(AssertionError, match="does not answer as described"):
            check("/Contacts/query/count", body)
    with pytest.raises(AssertionError, match="date-time"):
        check("/Contacts/{id}", {"item": {"lastModifiedDate": "31/12/2024"}}, envelope="item")
