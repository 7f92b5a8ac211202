"""Assets: with their whole customer, and with the report of their agent in one of two places."""

from __future__ import annotations

import json

from simulator.entities import Asset
from simulator.messages import Record
from simulator.syncro.companies import address, customer, main_address
from simulator.syncro.custom_fields import asset_properties
from simulator.syncro.formats import ACCOUNT_ID, created, stamp
from simulator.world import World

STORE_IDS = 5_000_000_000
NETWORK_DEVICE = 7
TRIGGERS = (
    "bsod", "time", "no_av", "defrag", "firewall", "app_crash", "low_hd_space", "agent_offline", "smart_failure",
    "device_manager",
)  # fmt: skip


def asset(world: World, asset: Asset) -> Record:
    """An asset. It has no status, no type id and no fields for dates or notes."""
    company = world.companies.get(asset.company_id)
    changed = stamp(asset.updated_at)
    return {
        "id": asset.id,
        "name": asset.name,
        "customer_id": asset.company_id,
        "contact_id": asset.contact_id,
        "created_at": stamp(created(asset.id, asset.updated_at)),
        "updated_at": changed,
        "properties": {**asset_properties(world, asset), **_in_properties(asset)},
        "asset_type": world.asset_types[asset.type_id].name,
        "asset_serial": asset.serial_number,
        "external_rmm_link": None,
        "customer": customer(world, company) if company and not company.is_deleted else None,
        "rmm_links": [],
        "has_live_chat": False,
        "snmp_enabled": True if asset.type_id == NETWORK_DEVICE else None,
        "device_info": {"snmp_config": {"port": 161, "enabled": False, "version": 2, "community": "s3cret-community"}},
        "since_updated_at": changed,
        "rmm_store": _store(asset),
        **location(world, asset.site_id, asset.id),
    }


def location(world: World, site_id: int | None, row_id: int) -> Record:
    """The address of an asset or a ticket. Without a site it is null or missing."""
    site = world.sites.get(site_id) if site_id is not None else None
    if site is None:
        return {"address": None} if row_id % 2 else {}
    if site.is_primary:
        return {"address": main_address(world.companies.get(site.company_id), site)}
    return {"address": address(world, site)}


def _report(asset: Asset) -> Record:
    general = {"name": asset.name, "manufacturer": asset.manufacturer, "model": asset.model}
    return {
        "general": {key: value for key, value in general.items() if value is not None},
        "os": {"name": asset.os_type, "architecture": "64-bit"},
    }


def _in_properties(asset: Asset) -> Record:
    """The agent's report as an object. After an error of the agent it is incomplete or a text."""
    if asset.os_type is None or asset.id % 8 in (3, 4, 7):
        return {}
    if not reports_system(asset):
        return {"kabuto_information": "agent offline"}
    report = _report(asset)
    return {"kabuto_information": report if reports_manufacturer(asset) else {**report, "general": "pending"}}


def _store(asset: Asset) -> Record | None:
    """The data of Syncro's monitoring. It has the report as JSON in a text, or a text that is not JSON."""
    if asset.os_type is None and asset.id % 2:
        return None
    general = {}
    if asset.os_type is not None and asset.id % 8 in (3, 4, 7):
        general = {"info": json.dumps(_report(asset)) if reports_system(asset) else "no report yet"}
    began = stamp(created(asset.id, asset.updated_at))
    return {
        "id": STORE_IDS + asset.id,
        "asset_id": asset.id,
        "account_id": ACCOUNT_ID,
        "triggers": {f"{name}_triggered": "false" for name in TRIGGERS},
        "windows_updates": {},
        "emsisoft": {},
        "general": general,
        "created_at": began,
        "updated_at": began,
        "override_alert_agent_offline_mins": None,
        "override_alert_agent_rearm_after_mins": None,
        "override_low_hd_threshold": None,
        "override_autoresolve_offline_alert": None,
    }


def reports_system(asset: Asset) -> bool:
    """Whether the asset has an agent whose report can be read."""
    return asset.os_type is not None and asset.id % 8 not in (6, 7)


def reports_manufacturer(asset: Asset) -> bool:
    """Whether the agent's report has its general part, which names the manufacturer."""
    return reports_system(asset) and asset.id % 8 != 5
