"""Custom fields: an object by display name, in which only the last of several equal names is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from simulator.entities import Asset, Company, CustomField
from simulator.messages import Record
from simulator.syncro.formats import day
from simulator.world import World

# Values for which Syncro has no field, so that the account added custom fields.
COMPANY_FIELDS: Mapping[str, Callable[[World, Company], str | None]] = {
    "Website": lambda _, company: company.website,
}
ASSET_FIELDS: Mapping[str, Callable[[World, Asset], str | None]] = {
    "Purchased": lambda _, asset: day(asset.purchase_date, asset.id) if asset.purchase_date else None,
    "Warranty until:": lambda _, asset: asset.warranty_expires_on.isoformat() if asset.warranty_expires_on else None,
    "Comments": lambda _, asset: asset.notes,
    "Device Status": lambda world, asset: _status(world, asset),
    "Make": lambda _, asset: None if asset.os_type else asset.manufacturer,
}


def custom(fields: list[CustomField], values: Mapping[int, object], row_id: int) -> Record:
    """The values by display name. A missing value is "" in every second row, and absent in others."""
    shown: Record = {}
    for field in fields:
        if field.id in values:
            shown[field.caption] = _shown(field, values[field.id])
        elif row_id % 2:
            shown.setdefault(field.caption, "")
    return shown


def as_texts(texts: Mapping[str, str | None], row_id: int) -> Record:
    """Texts by display name, with missing values as in `custom`."""
    return {name: text or "" for name, text in texts.items() if text is not None or row_id % 2}


def company_properties(world: World, company: Company) -> Record:
    """The custom fields of a customer, after keys of the system."""
    notifications = {f"notification_{what}": str(company.id % 2) for what in ("billing", "reports", "marketing")}
    own = {name: value(world, company) for name, value in COMPANY_FIELDS.items()}
    return {
        **notifications,
        **as_texts(own, company.id),
        **custom(world.fields_of("company"), company.custom_fields, company.id),
    }


def asset_properties(world: World, asset: Asset) -> Record:
    """The custom fields of an asset, without its agent's report."""
    own = {name: value(world, asset) for name, value in ASSET_FIELDS.items()}
    return {**as_texts(own, asset.id), **custom(world.fields_of("asset"), asset.custom_fields, asset.id)}


def _shown(field: CustomField, value: object) -> object:
    """A value by its type: "1" or "0" for a checkbox, a list for a choice, an object for a link, text for a date."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, date):
        return value.isoformat()
    if field.options:
        return [value]
    return {"url": value, "label": field.caption} if field.type == "Hyperlink" else value


def _status(world: World, asset: Asset) -> str | None:
    status = world.asset_statuses.get(asset.status_id) if asset.status_id else None
    return status.name if status else None
