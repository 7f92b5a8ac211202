"""What Kaseya BMS tells of one record at a time: an asset's details, a person's address."""

from __future__ import annotations

from typing import Any

from include.connectors.kaseya_bms.client import ASSET, COMPANY, KaseyaClient
from include.connectors.kaseya_bms.columns import ADDRESS
from include.connectors.kaseya_bms.custom_fields import custom_fields_of
from include.model.errors import ShapeError
from include.model.setup import Setup

CONTACT_INFO = "/v2/crm/accounts/{accountId}/contacts/{contactId}/summaryinfo"


def company_details(api: KaseyaClient, setup: Setup, key: str, _: str | None) -> dict[str, Any]:
    """The whole record: where a custom field is empty the columns have the account's own values."""
    record = api.record(COMPANY.replace("{id}", key), key, endpoint=COMPANY)
    return record | custom_fields_of(api, setup, "companies", key)


def asset_details(api: KaseyaClient, setup: Setup, key: str, _: str | None) -> dict[str, Any]:
    """The whole record."""
    record = api.record(ASSET.replace("{assetId}", key), key, endpoint=ASSET)
    return record | custom_fields_of(api, setup, "assets", key)


def contact_details(api: KaseyaClient, setup: Setup, key: str, company: str | None) -> dict[str, Any]:
    """The address, which is told below the company: of a person without one it cannot be asked for."""
    info: Any = {}
    if company is not None:
        path = CONTACT_INFO.replace("{accountId}", company).replace("{contactId}", key)
        names = [name.lower() for name in ADDRESS.values()]
        info = api.result(path, endpoint=CONTACT_INFO, bare=names)
        info = {} if info is None else info  # nothing is told of a person who is there
    if not isinstance(info, dict):
        raise ShapeError(f"Kaseya BMS: the Result of {CONTACT_INFO} is {type(info).__name__}, not an object.")
    return info | custom_fields_of(api, setup, "contacts", key)
