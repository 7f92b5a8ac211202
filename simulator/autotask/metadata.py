"""The metadata of a resource: permissions, fields with their picklists, and user-defined fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from simulator.autotask.custom_fields import Udf
from simulator.autotask.faults import MetadataFault, RestrictedAccess
from simulator.autotask.resource import Choice, Resource
from simulator.faults.base import Fault
from simulator.messages import Record
from simulator.world import World


def information(resource: Resource[Any], world: World, faults: Sequence[Fault]) -> Record:
    """The permissions of the API user: read access to all rows, or to some if it is restricted."""
    is_narrowed = any(isinstance(fault, RestrictedAccess) for fault in faults)
    return {
        "info": {
            "name": resource.name,
            "canCreate": False,
            "canDelete": False,
            "canQuery": True,
            "canUpdate": False,
            "userAccessForCreate": "None",
            "userAccessForDelete": "None",
            "userAccessForQuery": "Restricted" if is_narrowed else "All",
            "userAccessForUpdate": "None",
            "hasUserDefinedFields": bool(resource.udfs(world)),
            "supportsWebhookCallouts": resource.name in ("Company", "ConfigurationItem", "Contact", "Ticket"),
        }
    }


def fields(resource: Resource[Any], world: World, faults: Sequence[Fault]) -> Record:
    """The fields of the resource itself."""
    return _answer([_field(resource, world, name) for name in resource.fields], faults)


def udfs(resource: Resource[Any], world: World, faults: Sequence[Fault]) -> Record:
    """The user-defined fields."""
    return _answer([_udf(one) for one in resource.udfs(world)], faults)


def _answer(rows: list[Record], faults: Sequence[Fault]) -> Record:
    for fault in faults:
        if isinstance(fault, MetadataFault):
            rows = [fault.change_description(row) for row in rows]
    return {"fields": rows}


def _field(resource: Resource[Any], world: World, name: str) -> Record:
    one = resource.fields[name]
    return {
        "name": name,
        "dataType": one.type,
        "length": one.length,
        "isRequired": name == "id",
        "isReadOnly": name == "id",
        "isQueryable": one.queryable,
        "isReference": bool(one.refers_to),
        "referenceEntityType": one.refers_to,
        "isPickList": one.choices is not None,
        "picklistValues": [_choice(choice) for choice in one.choices(world)] if one.choices else None,
        "picklistParentValueField": "",
        "isSupportedWebhookField": False,
    }


def _udf(one: Udf) -> Record:
    choices = [Choice(value, label, order) for order, (value, label) in enumerate(one.options.items())]
    return {
        "name": one.name,
        "label": one.name,
        "type": one.type,
        "length": 8000 if one.type == "string" else 0,
        "description": "",
        "isRequired": False,
        "isReadOnly": False,
        "isQueryable": not one.is_protected,
        "isReference": False,
        "referenceEntityType": "",
        "isPickList": bool(one.options),
        "picklistValues": [_choice(choice) for choice in choices] or None,
        "picklistParentValueField": "",
        "defaultValue": None,
        "isSupportedWebhookField": False,
    }


def _choice(one: Choice) -> Record:
    return {
        "value": one.value,
        "label": one.label,
        "isDefaultValue": one.is_default,
        "sortOrder": one.sort_order,
        "parentValue": "",
        "isActive": one.is_active,
        "isSystem": one.is_system,
    }
