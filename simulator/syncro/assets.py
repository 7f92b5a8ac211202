"""Assets as the API shows them: the whole customer inside, and the agent's report in one of its two places."""

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


def asset(world: World, machine: Asset) -> Record:
    """One machine; there is no status, no type id and no column for dates or notes."""
    company = world.companies.get(machine.company_id)
    changed = stamp(machine.updated_at)
    return {
        "id": machine.id,
        "name": machine.name,
        "customer_id": machine.company_id,
        "contact_id": machine.contact_id,
        "created_at": stamp(created(machine.id, machine.updated_at)),
        "updated_at": changed,
        "properties": {**asset_properties(world, machine), **_in_properties(machine)},
        "asset_type": world.asset_types[machine.type_id].name,
        "asset_serial": machine.serial_number,
        "external_rmm_link": None,
        "customer": customer(world, company) if company and not company.is_deleted else None,
        "rmm_links": [],
        "has_live_chat": False,
        "snmp_enabled": True if machine.type_id == NETWORK_DEVICE else None,
        "device_info": {"snmp_config": {"port": 161, "enabled": False, "version": 2, "community": "s3cret-community"}},
        "since_updated_at": changed,
        "rmm_store": _store(machine),
        **place(world, machine.site_id, machine.id),
    }


def place(world: World, site_id: int | None, row_id: int) -> Record:
    """Where a machine stands, or a ticket is about; without a site the key is null, or not there at all."""
    site = world.sites.get(site_id) if site_id is not None else None
    if site is None:
        return {"address": None} if row_id % 2 else {}
    if site.is_primary:
        return {"address": main_address(world.companies.get(site.company_id), site)}
    return {"address": address(world, site)}


def _report(machine: Asset) -> Record:
    general = {"name": machine.name, "manufacturer": machine.manufacturer, "model": machine.model}
    return {
        "general": {key: value for key, value in general.items() if value is not None},
        "os": {"name": machine.os_type, "architecture": "64-bit"},
    }


def _in_properties(machine: Asset) -> Record:
    """The report as an object; half of it, or text in its place, where the agent went wrong."""
    if machine.os_type is None or machine.id % 8 in (3, 4, 7):
        return {}
    if not tells_system(machine):
        return {"kabuto_information": "agent offline"}
    report = _report(machine)
    return {"kabuto_information": report if tells_maker(machine) else {**report, "general": "pending"}}


def _store(machine: Asset) -> Record | None:
    """What the vendor's own monitoring keeps; the report is JSON as text here, or not even that."""
    if machine.os_type is None and machine.id % 2:
        return None
    general = {}
    if machine.os_type is not None and machine.id % 8 in (3, 4, 7):
        general = {"info": json.dumps(_report(machine)) if tells_system(machine) else "no report yet"}
    began = stamp(created(machine.id, machine.updated_at))
    return {
        "id": STORE_IDS + machine.id,
        "asset_id": machine.id,
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


def tells_system(asset: Asset) -> bool:
    """Whether the agent's report can be read: no agent, no report yet and a broken one all tell nothing."""
    return asset.os_type is not None and asset.id % 8 not in (6, 7)


def tells_maker(asset: Asset) -> bool:
    """Whether that report also has its general part."""
    return tells_system(asset) and asset.id % 8 != 5
