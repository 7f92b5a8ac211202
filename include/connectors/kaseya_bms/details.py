"""Columns that Kaseya BMS gives for one record at a time: most of an asset, a person's address, custom fields."""

from __future__ import annotations

from collections.abc import Callable

from include.connectors.contract import ReadContext
from include.connectors.kaseya_bms.client import ASSET, COMPANY, KaseyaClient, at_endpoint
from include.connectors.kaseya_bms.columns import ADDRESS
from include.connectors.kaseya_bms.custom_fields import custom_fields_of
from include.model.errors import ShapeError
from include.model.page import Record

CONTACT_INFO = "/v2/crm/accounts/{accountId}/contacts/{contactId}/summaryinfo"


def whole_record(table: str, endpoint: str) -> Callable[[ReadContext[KaseyaClient], str, str | None], Record]:
    """Reads the whole record and its custom fields: where one is empty, the column keeps the record's own value."""

    def read(context: ReadContext[KaseyaClient], key: str, _: str | None) -> Record:
        return context.client.record(endpoint, key) | custom_fields_of(context, table, key)

    return read


company_details = whole_record("companies", COMPANY)
asset_details = whole_record("assets", ASSET)


def contact_details(context: ReadContext[KaseyaClient], key: str, company: str | None) -> Record:
    """The address of a person, which can be asked for below a company only; null means that there is none."""
    bare = [name.lower() for name in ADDRESS.values()]
    info = context.client.result(CONTACT_INFO, company, key, bare=bare) if company else None
    if not isinstance(info or {}, dict):
        raise ShapeError(
            f"{at_endpoint(CONTACT_INFO)} answered with {type(info).__name__} as Result, not with an object."
        )
    return (info or {}) | custom_fields_of(context, "contacts", key)
