"""What Autotask says about an entity: picklists (the values of a field), user-defined fields, and this user's access.

Only Autotask keeps boards, ticket statuses, priorities and company types as picklists of fields.
"""

from __future__ import annotations

from include.connectors.autotask.client import AutotaskClient
from include.connectors.autotask.columns import key_in
from include.connectors.common.responses import member
from include.connectors.common.tickets import words
from include.connectors.common.values import InvalidValue, is_empty, items
from include.model.errors import ShapeError
from include.model.page import Record


def fields(client: AutotaskClient, entity: str, part: str = "fields") -> list[Record]:
    """Every field, or with `userDefinedFields` those that the tenant added."""
    what = f"Autotask: {entity}/entityInformation/{part}"
    return _objects(member(client.about(entity, part), "fields", list, what), f"{part} of {entity}")


def values(client: AutotaskClient, entity: str, name: str) -> list[Record]:
    """The values that a field can have, possibly none. Releases differ in the case of the field's name."""
    for one in fields(client, entity):
        if str(one.get("name")).casefold() == name.casefold():
            return _objects(one.get("picklistValues"), f"values of {name} of {entity}")
    raise ShapeError(f"Autotask: {entity} has no field {name}.")


def labels(client: AutotaskClient, entity: str, name: str) -> dict[str, str]:
    """Value → label of such a field."""
    return _labels(values(client, entity, name))


def custom_labels(client: AutotaskClient, entity: str) -> dict[str, dict[str, str]]:
    """Name of a user-defined field that is a list → value → label."""
    return {
        words(one, "name"): _labels(_objects(known, f"values of a user-defined field of {entity}"))
        for one in fields(client, entity, "userDefinedFields")
        if not is_empty(known := one.get("picklistValues"))
    }


def access(client: AutotaskClient, entity: str) -> str:
    """How much of an entity this user may query, in the vendor's words; empty where it does not say."""
    info = member(client.about(entity), "info", dict, f"Autotask: {entity}/entityInformation")
    return str(info.get("userAccessForQuery") or "")


def _labels(values: list[Record]) -> dict[str, str]:
    return {key_in(one, "value"): words(one, "label") for one in values}


def _objects(value: Record, what: str) -> list[Record]:
    try:
        return items(value)
    except InvalidValue:
        raise ShapeError(f"Autotask: the {what} are not a list of objects.") from None
