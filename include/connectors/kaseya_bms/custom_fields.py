"""Custom fields: their values are one request for each record, and options' labels come with the definitions."""

from __future__ import annotations

from contextlib import suppress

from include.connectors.common.responses import listed
from include.connectors.common.values import InvalidValue, integer, items, pick, text
from include.connectors.contract import ReadContext
from include.connectors.kaseya_bms.client import KaseyaClient, at_endpoint
from include.model.errors import ConfigError, NotFound
from include.model.page import Record
from include.model.setup import Setup

DEFINITIONS = "/v2/system/customFields/{moduleId}"
VALUES = "/v2/system/customFields/{moduleId}/{objectId}"


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
