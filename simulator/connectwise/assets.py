"""Configurations, as ConnectWise calls assets: each field of a record and where its value comes from."""

from __future__ import annotations

from simulator.connectwise.custom_fields import custom_fields
from simulator.connectwise.formats import day, info
from simulator.connectwise.resource import Fields
from simulator.entities import Asset
from simulator.table import Rows
from simulator.world import World


def has_os_info(asset: Asset) -> bool:
    """Whether the operating system is in the field for more about it."""
    return asset.id % 7 == 4


def has_vendor_notes(asset: Asset) -> bool:
    """Whether the notes are in the field for those of the vendor."""
    return asset.id % 5 == 2


CONFIGURATION: Fields[Asset] = {
    "id": lambda _, a: a.id,
    "name": lambda _, a: a.name,
    "type": lambda t, a: t.named_reference("type", "company/configurations/types", a.type_id, t.world.asset_types),
    "status": lambda t, a: t.named_reference(
        "status", "company/configurations/statuses", a.status_id, t.world.asset_statuses
    ),
    "company": lambda t, a: t.company(a.company_id),
    "contact": lambda t, a: t.contact(a.contact_id),
    "site": lambda t, a: t.site(a.site_id, a.company_id),
    "serialNumber": lambda _, a: a.serial_number,
    "modelNumber": lambda _, a: a.model,
    "purchaseDate": lambda _, a: day(a.purchase_date),
    "warrantyExpirationDate": lambda _, a: day(a.warranty_expires_on),
    "notes": lambda _, a: None if has_vendor_notes(a) else a.notes,
    "vendorNotes": lambda _, a: a.notes if has_vendor_notes(a) else None,
    "billFlag": lambda *_: False,
    "osType": lambda _, a: None if has_os_info(a) else a.os_type,
    "osInfo": lambda _, a: a.os_type if has_os_info(a) else None,
    "manufacturer": lambda t, a: t.manufacturer(a.manufacturer),
    "activeFlag": lambda _, a: a.is_active,
    "needsRenewalFlag": lambda *_: False,
    "customFields": lambda t, a: custom_fields(t.world.fields_of("asset"), a.id, a.custom_fields),
    "_info": lambda _, a: info(a.updated_at),
}

# The configurations of a ticket.
CONFIGURATION_REFERENCE: Fields[Asset] = {
    "id": lambda _, a: a.id,
    "deviceIdentifier": lambda _, a: a.name,
    "_info": lambda t, a: {"configuration_href": f"{t.root}//company/configurations/{a.id}"},
}


def assets_of_ticket(world: World, parent: int) -> Rows:
    """The rows of a ticket's configurations."""
    return world.assets, sorted(id_ for id_ in world.tickets[parent].asset_ids if id_ in world.assets)
