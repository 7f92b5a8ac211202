"""Hardware assets: a short row in the list, and the single record with all fields."""

from __future__ import annotations

from simulator.entities import Asset
from simulator.kaseya_bms.companies import account_name
from simulator.kaseya_bms.contacts import full_name
from simulator.kaseya_bms.formats import day, name_in_table, optional_id, stamp, text
from simulator.messages import Record
from simulator.sample_data import MANUFACTURERS
from simulator.world import World

UNFILLED = dict.fromkeys(
    (
        "brandId", "businessImpactId", "businessImpact", "locationInfo", "barCode", "vendorId",
        "webRemoteUrl", "vendor", "ipAddress", "subnetMask", "defaultGateway", "dnsServers",
        "dhcpServer", "secondaryWinsServer", "connectionGatewayIp", "majorVersion", "minorVersion",
        "macAddress", "loginName", "lastLoginname", "currentUser", "productName", "machineVersion",
        "motherboardManufacturerId", "motherboardManufacturer", "motherboardProductCode", "motherboardSerialNumber",
        "motherboardVersion", "chassisAssetTag", "chassisManufacturerId", "chassisManufacturer",
        "chassisSerialNumber", "chassisType", "chassisVersion", "busSpeed", "maxMemorySize", "maxMemorySlots",
        "primaryWinsServer", "purchaseCost", "firstCheckIn", "lastCheckIn", "lastReboot", "createdById", "createdBy",
        "modifiedById", "modifiedBy", "contactEmailAddress", "contactPhoneNumber", "agentId", "diskVolumes",
        "integrationTypeId", "statuses",
    )
)  # fmt: skip


def is_named_by_agent(asset: Asset) -> bool:
    """Whether only the agent's machine group has the asset's name."""
    return asset.id % 13 == 5


def is_named_by_tag(asset: Asset) -> bool:
    """Whether only the asset tag of the single record has the asset's name."""
    return asset.serial_number is None and asset.id % 2 == 0 and not is_named_by_agent(asset)


def own_name(asset: Asset) -> str | None:
    """The name of the asset itself; some have none."""
    return text(None if is_named_by_agent(asset) or is_named_by_tag(asset) else asset.name, asset.id)


def asset_row(world: World, asset: Asset) -> Record:
    """A row of the list. It has the site's name but not its id, 0 for no contact, and no time of change."""
    return {
        "id": asset.id,
        "categoryName": name_in_table(world.asset_types, asset.type_id),
        "categoryId": asset.type_id,
        "locationName": name_in_table(world.sites, asset.site_id),
        "assetName": own_name(asset),
        "serialNumber": text(asset.serial_number, asset.id),
        "machineGroupId": asset.name if is_named_by_agent(asset) else None,
        "ipAddress": None,
        "contactId": asset.contact_id or 0,
        "contactName": full_name(world.contacts.get(asset.contact_id or 0)),
        "accountId": asset.company_id,
        "accountName": account_name(world, asset.company_id),
        "isActive": asset.is_active,
    }


def asset_detail(world: World, asset: Asset) -> Record:
    """A single asset. Of a deleted state only the id is left.

    Some have their operating system, manufacturer or end of warranty in another field than most.
    """
    user = world.contacts.get(asset.contact_id or 0)
    manufacturer_id = MANUFACTURERS.index(asset.manufacturer) + 1 if asset.manufacturer else None
    other = asset.id % 5 == 3
    return {
        **UNFILLED,
        "id": asset.id,
        "name": own_name(asset),
        "assetTag": asset.name if is_named_by_tag(asset) else None,
        "machineGroupId": asset.name if is_named_by_agent(asset) else None,
        "accountId": asset.company_id,
        "accountName": account_name(world, asset.company_id),
        "accountLocationId": optional_id(asset.site_id, asset.id),
        "accountLocation": name_in_table(world.sites, asset.site_id),
        "contactId": optional_id(asset.contact_id, asset.id),
        "contactFirstName": user.first_name if user else None,
        "contactLastName": user.last_name if user else None,
        "categoryId": asset.type_id,
        "category": name_in_table(world.asset_types, asset.type_id),
        "serialNumber": text(asset.serial_number, asset.id),
        "stateId": optional_id(asset.status_id, asset.id),
        "state": name_in_table(world.asset_statuses, asset.status_id),
        "description": text(asset.notes, asset.id),
        "isActive": asset.is_active,
        "modelNumber": text(asset.model, asset.id),
        "dhcpEnabled": False,
        "winsEnabled": False,
        "osType": text(None if other else asset.os_type, asset.id),
        "osInfo": text(asset.os_type if other else None, asset.id),
        "manufacturerId": manufacturer_id,
        "manufacturer": text(None if other else asset.manufacturer, asset.id),
        "brand": text(asset.manufacturer if other else None, asset.id),
        "warrantyExpirationDate": day(None if other else asset.warranty_expires_on, asset.id),
        "expirationDate": day(asset.warranty_expires_on if other else None, asset.id),
        "acquisitionDate": day(asset.purchase_date, asset.id),
        "createdOn": stamp(asset.updated_at, asset.id),
        "modifiedOn": stamp(asset.updated_at, asset.id),
    }
