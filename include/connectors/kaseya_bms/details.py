"""Columns that Kaseya BMS gives for one record at a time: most of an asset, a person's address, custom fields.

The values of custom fields are one more request for each record; the labels of their options come with definitions.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from include.connectors.common.responses import listed
from include.connectors.common.values import InvalidValue, integer, items, pick, text
from include.connectors.contract import ReadContext
from include.connectors.kaseya_bms.client import ASSET, COMPANY, KaseyaClient, at_endpoint
from include.connectors.kaseya_bms.columns import ADDRESS
from include.model.errors import ConfigError, NotFound, ShapeError
from include.model.page import Record
from include.model.setup import Setup

DEFINITIONS = "/v2/system/customFields/{moduleId}"
VALUES = "/v2/system/customFields/{moduleId}/{objectId}"
USUAL_HOURS = 6.0  # of each night: 8,100 records of a table, as long as setup chooses no custom fields
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


def custom_fields_of(context: ReadContext[KaseyaClient], table: str, key: str) -> dict[str, Record]:
    """The custom fields of a record, with the labels of chosen options, if setup uses any; one request.

    The record itself was found before: *not found* means here that it has no values.
    """
    if not context.setup.field_ids(table):
        return {}
    module = module_of(context.setup, table)
    values: Record = None
    with suppress(NotFound):
        values = context.client.result(VALUES, module, key)
    labels = options(context.client, module)
    fields = [] if values is None else items(listed(values, at_endpoint(VALUES)))
    return {"customfields": [field | {"option": labels.get(_option_key(field))} for field in fields]}


def options(client: KaseyaClient, module: str) -> dict[tuple[int | None, int | None], str]:
    """(Field, option) → label, for fields with options; read once. An invalid definition has none."""
    with client.reading_options:
        if module not in client.options:
            labels: dict[tuple[int | None, int | None], str] = {}
            for field in definitions(client, module):
                with suppress(InvalidValue):
                    for option in pick(items, field, "settings"):
                        key = pick(integer, field, "id"), pick(integer, option, "id")
                        labels[key] = pick(text, option, "name") or ""
            client.options[module] = labels
    return client.options[module]


def definitions(client: KaseyaClient, module: str) -> list[Record]:
    """The custom fields of a module; inactive ones may still hold values."""
    found = client.result(DEFINITIONS, module, params={"withInactive": "true"})
    return [] if found is None else listed(found, at_endpoint(DEFINITIONS))


def module_of(setup: Setup, table: str) -> str:
    """The module that setup names for a table."""
    if table not in setup.custom_field_modules:
        raise ConfigError(
            f"custom_field_modules.{table} is missing. Kaseya BMS keeps custom fields by the number of a module, "
            "which it does not publish: `python -m include.tools.discover` lists the numbers that have fields here."
        )
    return str(setup.custom_field_modules[table])


def _option_key(field: Record) -> tuple[int | None, int | None]:
    return pick(integer, field, "customfieldid"), pick(integer, field, "settingsid")
