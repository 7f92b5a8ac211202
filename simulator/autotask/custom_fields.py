"""User-defined fields (UDFs). Their name is their only key, and every value is text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from simulator.entities import CustomField
from simulator.world import World

# A field that the MSP added because configuration items have no purchase date.
PURCHASE_DATE = "Purchase Date"
CATEGORIES = ("Standard", "Datto", "Lines")
TYPES = {"Number": "double", "Percent": "double", "Currency": "double", "Date": "datetime"}
YES_NO = ("Yes", "No")


@dataclass(frozen=True)
class Udf:
    """A user-defined field."""

    name: str
    type: str
    value: Callable[[Any], str | None]  # reads it from a row
    options: Mapping[str, str]  # label by value
    category: int | None = None  # only assets of this category have the field
    is_protected: bool = False  # values of protected fields are not shown


def udfs_of(world: World, entity: str) -> list[Udf]:
    """The fields of one kind of record."""
    known: set[str] = set()
    found = []
    for one in world.fields_of(entity):
        # Since the name is the key, the second of two equal captions needs another name.
        name = f"{one.caption} ({one.id})" if one.caption in known else one.caption
        known.add(name)
        found.append(_udf(one, name))
    return [*found, Udf(PURCHASE_DATE, "datetime", _purchase_date, {})] if entity == "asset" else found


def values(udfs: Sequence[Udf], row: Any) -> list[dict[str, str | None]]:
    """All fields of a record, null if empty, without empty fields of another category."""
    category = category_of(row.type_id) if hasattr(row, "type_id") else None
    shown = []
    for udf in udfs:
        value = udf.value(row)
        if value is not None or udf.category in (None, category):
            shown.append({"name": udf.name, "value": value})
    return shown


def category_of(type_id: int) -> int:
    """The category of an asset, which depends on its type."""
    return 1 + type_id % len(CATEGORIES)


def _udf(one: CustomField, name: str) -> Udf:
    options = _options(one)
    is_protected = one.type == "Password"
    values = {label: value for value, label in options.items()}

    def value(row: Any) -> str | None:
        found = getattr(row, "custom_fields", {}).get(one.id)
        return None if found is None or is_protected else _text(found, values)

    category = 1 if one.entity == "asset" and one.id % 4 == 0 else None
    return Udf(name, TYPES.get(one.type, "string"), value, options, category, is_protected)


def _options(one: CustomField) -> Mapping[str, str]:
    """The labels by value. The values of a list are numbers; those of a checkbox are its labels."""
    if one.type == "Checkbox":
        return dict(zip(YES_NO, YES_NO, strict=True))
    return {str(number): label for number, label in enumerate(one.options, start=1)}


def _text(value: object, values: Mapping[str, str]) -> str:
    if isinstance(value, bool):
        return YES_NO[not value]
    if isinstance(value, (int, float)):
        return f"{value:.4f}"
    if isinstance(value, date):
        return f"{value.isoformat()}T00:00:00"
    return values.get(str(value), str(value))


def _purchase_date(asset: Any) -> str | None:
    return f"{asset.purchase_date.isoformat()}T00:00:00" if asset.purchase_date else None
