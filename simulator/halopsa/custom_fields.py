"""Custom fields: their definitions, and how a record carries their values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from simulator.entities import CustomField
from simulator.halopsa.query import Query
from simulator.messages import Record
from simulator.world import World

# Values for which HaloPSA has no field, so that the MSP added custom fields.
JOB_TITLE, CONTACT_TYPES = 130, 131

TEXT, MEMO, SELECT, MULTI_SELECT, DATE, CHECK_BOX = 0, 1, 2, 3, 4, 6
TYPES = {"TextArea": MEMO, "MultiSelect": MULTI_SELECT, "Date": DATE, "Checkbox": CHECK_BOX}
# `usage` is the kind of record. Its values are not documented, so a client must not depend on them.
USAGES = {"ticket": 1, "company": 2, "site": 3, "contact": 4, "asset": 5}


def definitions(world: World, entity: str) -> list[CustomField]:
    """The custom fields of one kind of record."""
    fields = world.fields_of(entity)
    if entity == "contact":
        names = tuple(one.name for one in world.contact_types.values())
        fields += [
            CustomField(JOB_TITLE, "contact", "Job title", "Text"),
            CustomField(CONTACT_TYPES, "contact", "Contact types", "MultiSelect", options=names),
        ]
    return fields


def definitions_by_id(world: World) -> dict[int, CustomField]:
    """The custom fields of all kinds of records."""
    return {field.id: field for entity in USAGES for field in definitions(world, entity)}


def field_info(world: World, id_: int, query: Query) -> Record:
    """A row of /FieldInfo. The choices of a select field come if they are requested."""
    field = definitions_by_id(world)[id_]
    record: Record = {**_field_header(field), "custom": 1, "inputtype": 0, "isencrypted": field.type == "Password"}
    if "includevalues" in query.flags and field.options:
        record["values"] = _choices(field.options)
    return record


def requested(world: World, entity: str, values: Mapping[int, object], query: Query) -> Record:
    """The `customfields` of a list row: those requested by id. If none is, the key is missing."""
    if not query.custom_fields:
        return {}
    fields = [field for field in definitions(world, entity) if field.id in query.custom_fields]
    return {"customfields": [_field_with_value(field, values.get(field.id)) for field in fields]}


def every(world: World, entity: str, values: Mapping[int, object]) -> Record:
    """The `customfields` of a single record: all of them."""
    return {"customfields": [_field_with_value(field, values.get(field.id)) for field in definitions(world, entity)]}


def _field_header(field: CustomField) -> Record:
    letters = "".join(letter for letter in field.caption if letter.isalnum())
    type_ = SELECT if field.options and field.type not in TYPES else TYPES.get(field.type, TEXT)
    return {
        "id": field.id,
        "name": f"CF{letters}",
        "label": field.caption,
        "type": type_,
        "usage": USAGES[field.entity],
        "characterlimit": 0,
    }


def _field_with_value(field: CustomField, value: object) -> Record:
    """A field with its value. Encrypted values are not shown."""
    record = _field_header(field)
    if value is None or field.type == "Password":
        return {**record, "value": "" if field.id % 2 else None, "display": ""}
    return {**record, **_value_and_display(field, value)}


def _value_and_display(field: CustomField, value: object) -> Record:
    if isinstance(value, tuple):
        return {"value": [one for one in _choices(field.options) if one["name"] in value], "display": ", ".join(value)}
    if field.options:
        return {"value": field.options.index(str(value)) + 1, "display": value}
    if isinstance(value, date):
        return {"value": f"{value.isoformat()}T00:00:00", "display": value.strftime("%d/%m/%Y")}
    if isinstance(value, bool):
        return {"value": value, "display": "Yes" if value else "No"}
    return {"value": value, "display": str(value)}


def _choices(options: tuple[str, ...]) -> list[Record]:
    return [{"id": id_, "name": name} for id_, name in enumerate(options, start=1)]
