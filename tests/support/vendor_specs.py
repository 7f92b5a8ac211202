"""Holds requests and answers to the vendors' own API descriptions.

The descriptions are not ours to ship: `PSA_VENDOR_SPECS` names the folder that has them. What a description gets wrong
is listed here with the reason; everything else in it is binding, and a key it does not know is an error.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

# Keywords of a vendor's description that its live answers break.
UNTRUE_KEYWORDS: Mapping[str, Mapping[str, str]] = {
    "connectwise": {
        "required": "says what a POST must send; answers leave empty fields out",
        "maxLength": "values longer than the documented maximum were seen on live systems",
    },
}
# Vendors whose live answers carry null where the description does not allow it.
NULL_MEANS_ABSENT = frozenset({"connectwise"})

FORMATS = FormatChecker(formats=())


@FORMATS.checks("date-time")
def _is_moment(value: object) -> bool:
    """Only whole seconds in UTC, which is how these vendors write them."""
    if not isinstance(value, str):
        return True
    try:
        datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ")  # noqa: DTZ007  # the Z is matched as text
    except ValueError:
        return False
    return True


@FORMATS.checks("int32")
def _is_int32(value: object) -> bool:
    return not isinstance(value, int) or -(2**31) <= value < 2**31


@dataclass(frozen=True, eq=False)
class Spec:
    """One vendor's description."""

    vendor: str
    document: Mapping[str, Any]

    def template(self, method: str, path: str) -> str:
        """The path of the description that serves the path; a literal one goes before one with parameters."""
        found = [template for template in self.document["paths"] if _fits(template, path)]
        assert found, f"the description has no path for {path}"
        template = min(found, key=lambda one: one.count("{"))
        assert method.lower() in self.document["paths"][template], f"the description has no {method} {template}"
        return str(template)

    def operation(self, method: str, path: str) -> Mapping[str, Any]:
        """What the description says about the request."""
        item = self.document["paths"][self.template(method, path)]
        operation: dict[str, Any] = dict(item[method.lower()])
        operation["parameters"] = [*item.get("parameters", ()), *operation.get("parameters", ())]
        return operation

    def answer_schema(self, method: str, path: str, status: int) -> Mapping[str, Any]:
        """The schema of the answer's body."""
        responses = self.operation(method, path)["responses"]
        assert str(status) in responses, f"the description has no answer {status} for {method} {path}"
        content = responses[str(status)]["content"]
        schema: Mapping[str, Any] = next(iter(content.values()))["schema"]
        return schema

    def resolve(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """The schema itself where there was a reference to it."""
        while "$ref" in schema:
            schema = self.document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return schema


def load(vendor: str) -> Spec:
    """The vendor's description; the test is skipped where there is none."""
    folder = os.environ.get("PSA_VENDOR_SPECS")
    if not folder:
        pytest.skip("PSA_VENDOR_SPECS does not name the folder with the vendors' API descriptions")
    return _load(vendor, Path(folder))


@lru_cache
def _load(vendor: str, folder: Path) -> Spec:
    return Spec(vendor, json.loads((folder / f"{vendor}.openapi.json").read_text()))


def check_request(
    spec: Spec, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str] | None = None
) -> None:
    """Fails unless the description has the endpoint, its parameters, and every field that is asked for by name."""
    operation = spec.operation(method, path)
    known = {one["name"]: one for one in operation["parameters"] if one["in"] == "query"}
    if method == "POST" and "get" in (listed := spec.document["paths"].get(path.rpartition("/")[0], {})):
        # A search is the listing with its filter in the body: paging stays in the address.
        known |= {one["name"]: one for one in listed["get"]["parameters"] if one["in"] == "query"}
    for name, value in query.items():
        assert name in known, f"{path} has no parameter {name!r}; it has {sorted(known)}"
        if known[name]["schema"].get("type") == "integer":
            assert value.lstrip("-").isdecimal(), f"{name} of {path} is a whole number, not {value!r}"
    given = {name.lower() for name in headers or {}}
    for one in operation["parameters"]:
        if headers is not None and one["in"] == "header" and one.get("required"):
            assert one["name"].lower() in given, f"{path} demands the header {one['name']}"
    for name in filter(None, query.get("fields", "").split(",")):
        _check_field(spec, spec.answer_schema(method, path, 200), name.strip(), path)


def check_response(spec: Spec, method: str, path: str, status: int, body: object) -> None:
    """Fails unless the body of a good answer is what the description says, and nothing more."""
    operation = spec.answer_schema(method, path, status)
    if spec.vendor in NULL_MEANS_ABSENT:
        body = _without_nulls(body)
    errors = [f"{error.json_path}: {error.message[:200]}" for error in _validator(spec, operation).iter_errors(body)]
    assert not errors, f"{method} {path} does not answer as described: {errors[:5]}"


def _validator(spec: Spec, schema: Mapping[str, Any]) -> Draft202012Validator:
    strict = {"components": {"schemas": _strict_schemas(spec)}, **_strict(schema, spec.vendor)}
    return Draft202012Validator(strict, format_checker=FORMATS)


@lru_cache
def _strict_schemas(spec: Spec) -> Mapping[str, Any]:
    return {name: _strict(one, spec.vendor) for name, one in spec.document["components"]["schemas"].items()}


def _strict(schema: Any, vendor: str) -> Any:
    """JSON Schema for OpenAPI 3.0: `nullable` becomes a type, and unknown keys become errors."""
    if isinstance(schema, list):
        return [_strict(one, vendor) for one in schema]
    if not isinstance(schema, dict):
        return schema
    untrue = UNTRUE_KEYWORDS.get(vendor, {})
    strict = {
        key: {name: _strict(one, vendor) for name, one in value.items()}
        if key == "properties"
        else _strict(value, vendor)
        for key, value in schema.items()
        if key not in untrue and key != "nullable"
    }
    if schema.get("nullable") and isinstance(schema.get("type"), str):
        strict["type"] = [schema["type"], "null"]
    if "properties" in schema and "additionalProperties" not in schema:
        strict["additionalProperties"] = False
    return strict


def _without_nulls(body: Any) -> Any:
    if isinstance(body, list):
        return [_without_nulls(one) for one in body]
    if isinstance(body, dict):
        return {name: _without_nulls(value) for name, value in body.items() if value is not None}
    return body


def _check_field(spec: Spec, schema: Mapping[str, Any], name: str, path: str) -> None:
    for step in name.split("/"):
        schema = spec.resolve(schema)
        if schema.get("type") == "array":
            schema = spec.resolve(schema["items"])
        properties = schema.get("properties", {})
        if step not in properties and schema.get("additionalProperties"):
            return
        assert step in properties, f"{path} has no field {name!r}"
        schema = properties[step]


def _fits(template: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"\\\{[^/]+?\\\}", "[^/]+", re.escape(template)), path) is not None
