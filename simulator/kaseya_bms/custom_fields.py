"""Custom fields: the definitions of a module, and the values of a single object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from simulator.entities import CustomField
from simulator.messages import ApiError, Record
from simulator.table import Rows
from simulator.world import World

# Module number → the world's name for its kind of record, and their table. Only the number of tickets is public.
MODULES = {
    11: ("contact", "contacts"),
    22: ("ticket", "tickets"),
    33: ("asset", "assets"),
    44: ("company", "companies"),
}
# The document has the numbers 0 to 6 but not their meaning.
TEXT, TEXT_AREA, NUMBER, DATE, CHECKBOX, CHOICE = range(6)
DATA_TYPES = {
    "TextArea": TEXT_AREA, "Number": NUMBER, "Percent": NUMBER, "Currency": NUMBER, "Date": DATE, "Checkbox": CHECKBOX,
}  # fmt: skip


@dataclass(frozen=True)
class Value:
    """The value of one object in one field."""

    owner_id: int
    field: CustomField
    value: object


def definitions(world: World, module_ids: Sequence[int]) -> Rows:
    """The fields of a module. An unknown module has none."""
    entity, _ = MODULES.get(module_ids[0], ("", ""))
    return world.custom_fields, world.custom_fields.by("entity").get(entity, ())


def values(world: World, ids: Sequence[int]) -> Rows:
    """All fields of a module with the values of one object."""
    module, owner_id = ids
    entity, kind = MODULES.get(module, ("", ""))
    owner: Any = getattr(world, kind, {}).get(owner_id)
    if owner is None:
        raise ApiError(200, "Object not found", code="404")
    found = {one.id: Value(owner_id, one, owner.custom_fields.get(one.id)) for one in world.fields_of(entity)}
    return found, sorted(found)


def definition(_world: World, one: CustomField) -> Record:
    """A field with its choices."""
    return {
        "id": one.id,
        "name": one.caption,
        "dataType": data_type(one),
        "isRequired": False,
        "errorMessage": None,
        "isActive": True,
        "settings": [
            {"id": choice_id(one, option), "name": option, "isActive": True} for option in one.options
        ] or None,
    }  # fmt: skip


def value_row(_world: World, found: Value) -> Record:
    """A value: text or the id of a choice. A missing value has neither."""
    one, value = found.field, found.value
    is_missing = value is None
    chosen = choice_id(one, value) if one.options and not is_missing else 0
    return {
        "id": 0 if is_missing else found.owner_id * 100 + one.id,
        "name": one.caption,
        "data": ("" if one.id % 2 else None) if is_missing or chosen else data(value),
        "settingsId": chosen,
        "customFieldType": data_type(one),
        "customFieldId": one.id,
    }


def data(value: object) -> str:
    """A value as text; dates have the American format."""
    if isinstance(value, date):
        return f"{value:%m/%d/%Y}"
    return str(value)


def choice_id(one: CustomField, option: object) -> int:
    """The id of a choice: unique among all fields, and never 0."""
    return one.id * 100 + one.options.index(str(option)) + 1


def data_type(one: CustomField) -> int:
    """The number of a field's data type."""
    return CHOICE if one.options else DATA_TYPES.get(one.type, TEXT)
