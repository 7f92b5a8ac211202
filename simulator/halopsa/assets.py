"""Assets: a row of the list, the details of a single record, and the asset fields of each type."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from simulator.entities import Asset
from simulator.halopsa import custom_fields
from simulator.halopsa.formats import day, moment, reference_id, with_gaps
from simulator.halopsa.query import Query
from simulator.messages import Record
from simulator.sample_data import MANUFACTURERS
from simulator.world import World

# Licences and certificates: purchased through Halo, with their name in the key field instead of the inventory number.
PURCHASED_TYPES = (12, 15)
COMPUTERS = (1, 2, 4, 7)
MANUFACTURER_LOOKUP = 102


@dataclass(frozen=True)
class AssetField:
    """A field that the MSP added to some asset types."""

    id: int  # the same for all types that have the field
    name: str
    read: Callable[[Asset], str | None]
    lookup: int = 0  # the id of a list of choices
    has: Callable[[int], bool] = lambda _type_id: True  # whether an asset type has the field


ASSET_FIELDS = (
    AssetField(
        24,
        "Purchase Date",
        lambda asset: asset.purchase_date.strftime("%d/%m/%Y") if asset.purchase_date else None,
        has=lambda type_id: type_id not in PURCHASED_TYPES,
    ),
    AssetField(117, "Serial Number", lambda asset: asset.serial_number),
    AssetField(118, "Manufacturer", lambda asset: asset.manufacturer, lookup=MANUFACTURER_LOOKUP),
    AssetField(119, "Model", lambda asset: asset.model),
    AssetField(121, "Operating System", lambda asset: asset.os_type, has=lambda type_id: type_id in COMPUTERS),
)


def is_named_last(row: Asset) -> bool:
    """Whether the asset's name is in the last of its key fields."""
    return row.type_id in PURCHASED_TYPES and row.id % 3 == 1


def asset(world: World, id_: int, query: Query) -> Record:
    """A row of /Asset. It has asset fields only in a list of one type, if they are requested."""
    row = world.assets[id_]
    site = world.sites.get(row.site_id) if row.site_id is not None else None
    owner = world.companies.get(row.company_id)
    status = world.asset_statuses.get(row.status_id) if row.status_id is not None else None
    is_purchased = row.type_id in PURCHASED_TYPES
    record = {
        "id": id_,
        "inventory_number": None if is_purchased else row.name,
        "key_field": (None if is_named_last(row) else row.name) if is_purchased else row.serial_number,
        "key_field2": None if is_named_last(row) else row.model,
        "key_field3": row.name if is_named_last(row) else None,
        "client_name": owner.name if owner else None,
        "site_name": site.name if site else None,
        "assettype_name": world.asset_types[row.type_id].name,
        "status_name": status.name if status else None,
        "warranty_end": day(row.warranty_expires_on, id_),
        "supplier_purchasedate": day(row.purchase_date if is_purchased else None, id_),
        "username": _username(world, row) if "includeuser" in query.flags else None,
    }
    numbers = {
        "client_id": row.company_id,
        "site_id": reference_id(row.site_id, id_),
        "assettype_id": row.type_id,
        "status_id": row.status_id or 0,
        "inactive": not row.is_active,
        "first_user_id": reference_id(row.contact_id, id_),
    }
    fields = {"fields": _asset_fields(row)} if _are_asset_fields_requested(query) else {}
    return with_gaps(id_, record) | numbers | fields | custom_fields.requested(world, "asset", row.custom_fields, query)


def asset_details(world: World, id_: int) -> Record:
    """The fields that only /Asset/{id} has."""
    row = world.assets[id_]
    return {
        "notes": row.notes,
        "dlastupdate": moment(row.updated_at),
        "fields": _asset_fields(row),
        **custom_fields.every(world, "asset", row.custom_fields),
    }


def _are_asset_fields_requested(query: Query) -> bool:
    return "includeassetfields" in query.flags and any(name == "assettype_id" for name, _ in query.filters)


def _asset_fields(row: Asset) -> list[Record]:
    return [_asset_field(one, row) for one in ASSET_FIELDS if one.has(row.type_id)]


def _asset_field(one: AssetField, row: Asset) -> Record:
    """A field with its value, which for a lookup is the id of the choice."""
    text = one.read(row) or ""
    value = MANUFACTURERS.index(text) + 1 if one.lookup and text else text
    return {"id": one.id, "name": one.name, "value": value, "display": text, "lookup": one.lookup, "mandatory": False}


def _username(world: World, row: Asset) -> str | None:
    contact = world.contacts.get(row.contact_id) if row.contact_id is not None else None
    return " ".join(filter(None, (contact.first_name, contact.last_name))) or None if contact else None
