"""Custom fields: their definitions, and how a record carries their values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from simulator.connectwise.formats import day, info
from simulator.connectwise.resource import Fields
from simulator.entities import CustomField
from simulator.world import START

# Pod and screen of the custom fields, by kind of record.
SCREENS = {
    "company": (1, "co150"),
    "asset": (34, "cf300"),
    "contact": (7, "ct200"),
    "site": (9, "co160"),
    "ticket": (12, "sr100"),
}


def custom_fields(fields: list[CustomField], row_id: int, values: Mapping[int, object]) -> list[dict[str, object]]:
    """The custom fields of a record. Every fourth field is limited to some locations, so not all records have it."""
    shown = []
    for field in fields:
        if field.id % 4 == 0 and row_id % 2 and field.id not in values:
            continue
        one: dict[str, object] = {
            "id": field.id,
            "caption": field.caption,
            "type": field.type,
            "entryMethod": field.entry_method,
            "numberOfDecimals": 2 if field.type in ("Currency", "Percent") else 0,
        }
        if field.id in values:
            value = values[field.id]
            one["value"] = day(value) if isinstance(value, date) else value
        shown.append(one)
    return shown


USER_DEFINED_FIELD: Fields[CustomField] = {
    "id": lambda _, f: f.id,
    "podId": lambda _, f: SCREENS[f.entity][0],
    "caption": lambda _, f: f.caption,
    "sequenceNumber": lambda _, f: f.id,
    "screenId": lambda _, f: SCREENS[f.entity][1],
    "fieldTypeIdentifier": lambda _, f: f.type,
    "numberDecimals": lambda _, f: 2 if f.type in ("Currency", "Percent") else 0,
    "entryTypeIdentifier": lambda _, f: f.entry_method,
    "requiredFlag": lambda *_: False,
    "displayOnScreenFlag": lambda *_: True,
    "readOnlyFlag": lambda *_: False,
    "listViewFlag": lambda *_: False,
    "options": lambda _, f: [
        {"id": f.id * 100 + i, "optionValue": option, "defaultFlag": i == 0, "inactiveFlag": False, "sortOrder": i}
        for i, option in enumerate(f.options)
    ],
    "businessUnitIds": lambda *_: [],
    "locationIds": lambda _, f: [2] if f.id % 4 == 0 else [],
    "_info": lambda *_: info(START),
}
