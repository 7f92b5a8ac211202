"""What Autotask tells about an entity: the values of its fields, its user-defined fields, what this user may see."""

from __future__ import annotations

from typing import Any

from include.connectors.autotask.client import AutotaskClient, required
from include.connectors.autotask.columns import spelled
from include.connectors.common.values import pick, text
from include.model.errors import ShapeError


def fields(api: AutotaskClient, entity: str, part: str = "fields") -> list[Any]:
    """Every field, or with `userDefinedFields` those that the tenant added."""
    found = required(api.about(entity, part), "fields", f"{entity}/entityInformation/{part}")
    return _objects(found, f"{part} of {entity}")


def picklist(api: AutotaskClient, entity: str, name: str) -> list[Any]:
    """The values a field can have, which may be none; releases differ in the case of its name."""
    for one in fields(api, entity):
        if str(one.get("name")).casefold() == name.casefold():
            return _objects(one.get("picklistValues") or [], f"values of {name} of {entity}")
    raise ShapeError(f"Autotask: {entity} has no field {name}.")


def labels(api: AutotaskClient, entity: str, name: str) -> dict[str, str]:
    """Value → label of such a field."""
    return _labels(picklist(api, entity, name))


def custom_labels(api: AutotaskClient, entity: str) -> dict[str, dict[str, str]]:
    """Name of a user-defined field that is a list → value → label."""
    return {
        pick(text, one, "name") or "": _labels(_objects(values, f"values of a user-defined field of {entity}"))
        for one in fields(api, entity, "userDefinedFields")
        if (values := one.get("picklistValues"))
    }


def access(api: AutotaskClient, entity: str) -> str:
    """How much of an entity this user may query, in the vendor's words; "" where they are missing."""
    info = required(api.about(entity), "info", f"{entity}/entityInformation")
    return str(info.get("userAccessForQuery") or "") if isinstance(info, dict) else ""


def _labels(values: list[Any]) -> dict[str, str]:
    return {pick(spelled, one, "value") or "": pick(text, one, "label") or "" for one in values}


def _objects(value: Any, what: str) -> list[Any]:
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise ShapeError(f"Autotask: the {what} are not a list of objects.")
    return value
