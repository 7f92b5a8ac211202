"""Every response is as Syncro describes it, with some keys that real responses have too.

The description's schemas were inferred from examples: they allow any further key, so a test that only validated would
prove little. Here a further key is an error unless it is listed with its reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from simulator.world import World
from tests.simulator.clients import serve
from tests.simulator.syncro.client import ASSETS, CONTACTS, CUSTOMERS, Client
from tests.support.vendor_specs import Spec, check_request, load

# Keys of real responses that the description does not have, by schema.
SEEN_LIVE: Mapping[str, Mapping[str, str]] = {
    "Customer": {"addresses": "further addresses, in the answer for a single customer only"},
    "Asset": {
        "device_info": "in the recorded reply for one asset",
        "has_live_chat": "in the recorded reply for one asset",
        "since_updated_at": "in the recorded reply for one asset",
        "snmp_enabled": "in the recorded reply for one asset, and a documented filter",
    },
    "TicketComment": {
        "account_id": "in the recorded list of tickets",
        "destination_emails": "in the recorded list of tickets",
        "display_order": "in the recorded list of tickets",
        "email_sender": "in the recorded list of tickets",
        "new_sms_body": "in the recorded list of tickets",
        "sms_body": "in the recorded list of tickets",
        "ticket_automation_id": "in the recorded list of tickets",
    },
}
# Objects whose keys depend on the account or on an agent, so that they cannot be described.
FREE = frozenset({"properties", "windows_updates", "emsisoft", "general"})

FORMATS = FormatChecker(formats=())


@FORMATS.checks("date-time")
def _is_moment(value: object) -> bool:
    """With milliseconds and the account's offset, as in real responses; the description's examples have a Z."""
    if not isinstance(value, str):
        return True
    try:
        datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%f%z")
    except ValueError:
        return False
    return True


def strict(schema: Any, *, name: str = "") -> Any:
    """JSON Schema for OpenAPI 3.0: `nullable` becomes a type, and unknown keys become errors."""
    if isinstance(schema, list):
        return [strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: strict(value) for key, value in schema.items() if key not in ("nullable", "properties")}
    if schema.get("nullable") and isinstance(schema.get("type"), str):
        made["type"] = [schema["type"], "null"]
    if "properties" in schema:
        made["properties"] = {key: _below(key, value) for key, value in schema["properties"].items()}
        made["properties"] |= dict.fromkeys(SEEN_LIVE.get(name, ()), True)
        made["additionalProperties"] = False
    return made


def _below(key: str, schema: Any) -> Any:
    return {"type": ["object", "null"]} if key in FREE else strict(schema)


@lru_cache
def schemas(spec: Spec) -> Mapping[str, Any]:
    """The components, each strict."""
    return {name: strict(one, name=name) for name, one in spec.document["components"]["schemas"].items()}


def check(spec: Spec, path: str, body: object, *, status: int = 200) -> None:
    """Fail unless the body is exactly as described."""
    schema = {"components": {"schemas": schemas(spec)}, **strict(spec.answer_schema("GET", path, status))}
    errors = Draft202012Validator(schema, format_checker=FORMATS).iter_errors(body)
    found = [f"{error.json_path}: {error.message[:200]}" for error in errors]
    assert not found, f"{path} does not answer as described: {found[:5]}"


@pytest.fixture(scope="module")
def world() -> World:
    """A world that no test changes."""
    return World(seed=3, companies=40)


@pytest.fixture(scope="module")
def client(world: World) -> Iterator[Client]:
    """A client of that world."""
    with serve(Client, world) as one:
        yield one


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (CUSTOMERS, {"include_disabled": "true", "sort": "id ASC"}),
        (CUSTOMERS, {"query": "a", "business_name": "a"}),
        (CONTACTS, {}),
        (CONTACTS, {"customer_id": "1"}),
        (ASSETS, {}),
        (ASSETS, {"customer_id": "1", "asset_type_id": "2", "snmp_enabled": "true", "query": "a"}),
    ],
)
def test_every_page_of_a_list_is_as_described(client: Client, path: str, query: dict[str, str]) -> None:
    spec = load("syncro")
    pages = client.body(path, **query)["meta"]["total_pages"]
    for page in range(1, pages + 1):
        asked = {**query, "page": str(page)}
        check_request(spec, "GET", path, asked)
        check(spec, path, client.body(path, **asked))


@pytest.mark.parametrize(("path", "kind"), [(CUSTOMERS, "companies"), (CONTACTS, "contacts"), (ASSETS, "assets")])
def test_single_records_are_as_described(client: Client, world: World, path: str, kind: str) -> None:
    spec = load("syncro")
    for id_ in list(getattr(world, kind).ids)[:40]:
        check(spec, f"{path}/{id_}", client.body(f"{path}/{id_}"))


@pytest.mark.parametrize(
    "path", ["/me", "/settings", "/tickets/settings", "/users", "/users/101", "/customers/#/phones"]
)
def test_other_responses_are_as_described(client: Client, world: World, path: str) -> None:
    spec = load("syncro")
    asked = path.replace("#", str(next(one.id for one in world.companies.values() if one.phone)))
    check_request(spec, "GET", asked, {})
    check(spec, asked, client.body(asked))


def test_errors_are_as_described(world: World) -> None:
    spec = load("syncro")
    with serve(Client, world, f"missing_right:path={CONTACTS}") as client:
        check(spec, CONTACTS, client.ask(CONTACTS).json(), status=401)
        check(spec, "/contacts/1", client.ask("/contacts/1").json(), status=404)


def test_added_keys_are_in_responses(client: Client, world: World) -> None:
    shown = {
        "Customer": client.body(f"{CUSTOMERS}/{world.companies.ids[0]}")["customer"],
        "Asset": client.body(ASSETS)["assets"][0],
        "TicketComment": client.body("/tickets")["tickets"][0]["comments"][0],
    }
    for name, added in SEEN_LIVE.items():
        described = load("syncro").document["components"]["schemas"][name]["properties"]
        assert {*added} <= {*shown[name]}
        assert not {*added} & {*described}


@pytest.mark.parametrize(
    ("path", "body", "complaint"),
    [
        (CONTACTS, {"contacts": [{"id": 1, "shoe_size": 44}]}, "shoe_size"),
        (CONTACTS, {"contacts": [{"id": "1"}]}, "is not of type"),
        (ASSETS, {"assets": [{"updated_at": "2025-04-11"}]}, "date-time"),
        (ASSETS, {"customer_assets": []}, "customer_assets"),
    ],
)
def test_a_wrong_response_is_an_error(path: str, body: object, complaint: str) -> None:
    with pytest.raises(AssertionError, match=complaint):
        check(load("syncro"), path, body)
