"""Configuration items, as Autotask calls assets: each field of a record and where its value comes from."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from simulator.autotask.custom_fields import category_of
from simulator.autotask.products import is_audited, manufacturers, number_for, product_id, product_of
from simulator.autotask.resource import Field, Resource, day, moment, text, unfilled
from simulator.autotask.setup import asset_types
from simulator.entities import Asset
from simulator.world import START


def reference_title(asset: Asset) -> str | None:
    """The asset's name. It is empty for assets whose name is only in the RMM audit or in their product."""
    elsewhere = is_named_by_audit(asset) or is_named_by_product(asset) or is_named_by_appliance(asset)
    return None if elsewhere else asset.name


def is_named_by_audit(asset: Asset) -> bool:
    """Whether only the RMM audit has the asset's name."""
    return is_audited(asset) and asset.id % 5 == 0


def is_named_by_product(asset: Asset) -> bool:
    """Whether only the product's name is shown, and the asset's own name nowhere."""
    return not is_audited(asset) and asset.id % 7 == 0 and product_of(asset) is not None


def is_named_by_appliance(asset: Asset) -> bool:
    """Whether only the field for Datto appliances has the asset's name."""
    return not is_audited(asset) and asset.id % 7 == 3


def has_category_only(asset: Asset) -> bool:
    """Whether the asset has a category and no type."""
    return asset.id % 23 == 9


def hostname(asset: Asset) -> str | None:
    """The host name of the RMM audit; it differs from the reference title if there is one."""
    if not is_audited(asset):
        return None
    return asset.name if is_named_by_audit(asset) else f"host{asset.id}.corp.example"


def has_datto_serial(asset: Asset) -> bool:
    """Whether the serial number is in the field for Datto appliances."""
    return asset.id % 11 == 0


def installed_on(asset: Asset) -> date | None:
    """A date some days after the purchase, so never the purchase date itself."""
    return asset.purchase_date + timedelta(days=10) if asset.purchase_date else None


def audited_manufacturer(asset: Asset) -> int | None:
    """The manufacturer that the RMM audit found, as a picklist value."""
    return number_for(asset.manufacturer) if asset.manufacturer and is_audited(asset) else None


def last_modified(asset: Asset) -> datetime | None:
    """The time of the last change; some that were never changed since the world began have none."""
    return None if asset.id % 97 == 4 and asset.updated_at < START else asset.updated_at


CONFIGURATION_ITEM: Resource[Asset] = Resource(
    path="ConfigurationItems",
    name="ConfigurationItem",
    kind="assets",
    source=lambda world: (world.assets, world.assets.ids),
    custom="asset",
    indexes={"companyID": "company_id"},
    fields={
        **unfilled(
            "long",
            """dattoAvailableKilobytes dattoOffsiteUsedBytes dattoProtectedKilobytes dattoUsedKilobytes
            rmmDeviceAuditMemoryBytes rmmDeviceAuditStorageBytes rmmDeviceID""",
        ),
        **unfilled(
            "integer",
            """apiVendorID contractID contractServiceBundleID contractServiceID createdByPersonID
            dattoDeviceMemoryMegabytes dattoKernelVersionID dattoNICSpeedKilobitsPerSecond dattoNumberOfAgents
            dattoNumberOfDrives dattoNumberOfVolumes dattoOSVersionID dattoUptimeSeconds dattoZFSVersionID
            impersonatorCreatorResourceID installedByContactID installedByID lastActivityPersonID
            lastActivityPersonType parentConfigurationItemID rmmDeviceAuditAntivirusStatusID
            rmmDeviceAuditArchitectureID rmmDeviceAuditBackupStatusID rmmDeviceAuditDeviceTypeID
            rmmDeviceAuditDisplayAdaptorID rmmDeviceAuditDomainID rmmDeviceAuditMissingPatchCount
            rmmDeviceAuditMobileNetworkOperatorID rmmDeviceAuditModelID rmmDeviceAuditMotherboardID
            rmmDeviceAuditPatchStatusID rmmDeviceAuditProcessorID rmmDeviceAuditServicePackID
            rmmDeviceAuditSoftwareStatusID rmmOpenAlertCount serviceBundleID serviceID serviceLevelAgreementID
            sourceChargeID sourceChargeType vendorID""",
        ),
        **unfilled("double", "dailyCost dattoPercentageUsed hourlyCost monthlyCost numberOfUsers perUseCost setupFee"),
        **unfilled("boolean", "dattoDrivesErrors"),
        **unfilled("datetime", "createDate dattoLastCheckInDateTime"),
        **unfilled(
            "string",
            """dattoInternalIP dattoRemoteIP deviceNetworkingID location referenceNumber
            rmmDeviceAuditDescription rmmDeviceAuditExternalIPAddress rmmDeviceAuditIPAddress
            rmmDeviceAuditLastUser rmmDeviceAuditMacAddress rmmDeviceAuditMobileNumber rmmDeviceAuditSNMPContact
            rmmDeviceAuditSNMPLocation rmmDeviceAuditSNMPName rmmDeviceUID""",
        ),
        "id": Field("long", lambda _, a: a.id),
        "companyID": Field("integer", lambda _, a: a.company_id, refers_to="Company"),
        "companyLocationID": Field("integer", lambda _, a: a.site_id, refers_to="CompanyLocation"),
        "contactID": Field("integer", lambda _, a: a.contact_id, refers_to="Contact"),
        "configurationItemType": Field(
            "integer", lambda _, a: None if has_category_only(a) else a.type_id, choices=asset_types
        ),
        "configurationItemCategoryID": Field("integer", lambda _, a: category_of(a.type_id)),
        "productID": Field("integer", lambda _, a: product_id(a), refers_to="Product"),
        "referenceTitle": text(lambda _, a: reference_title(a), 200),
        "dattoHostname": text(lambda _, a: a.name if is_named_by_appliance(a) else None, 255),
        "rmmDeviceAuditHostname": text(lambda _, a: hostname(a), 255),
        "rmmDeviceAuditManufacturerID": Field("integer", lambda _, a: audited_manufacturer(a), choices=manufacturers),
        "rmmDeviceAuditOperatingSystem": text(lambda _, a: a.os_type, 255),
        "serialNumber": text(lambda _, a: None if has_datto_serial(a) else a.serial_number, 100),
        "dattoSerialNumber": text(lambda _, a: a.serial_number if has_datto_serial(a) else None, 100),
        "installDate": day(lambda _, a: installed_on(a)),
        "warrantyExpirationDate": day(lambda _, a: a.warranty_expires_on),
        "notes": text(lambda _, a: a.notes, 5000),
        "isActive": Field("boolean", lambda _, a: a.is_active),
        "lastModifiedTime": moment(lambda _, a: last_modified(a)),
    },
)
