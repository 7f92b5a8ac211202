"""Custom fields of Kaseya BMS: those of a record are one more request, and their options are named elsewhere."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from include.connectors.common.values import InvalidValue, integer, items, pick, text
from include.connectors.kaseya_bms.client import KaseyaClient, listed
from include.model.errors import ConfigError, NotFound
from include.model.setup import Setup

FIELDS = "/v2/system/customFields/{moduleId}"
VALUES = "/v2/system/customFields/{moduleId}/{objectId}"


def custom_fields_of(api: KaseyaClient, setup: Setup, table: str, key: str) -> dict[str, Any]:
    """The record's custom fields with the labels of chosen options, if setup wants any; one request.

    A record has been found before, so that nothing under its key means no values, not that it is gone.
    """
    if not setup.field_ids(table):
        return {}
    module = module_of(setup, table)
    path = VALUES.replace("{moduleId}", module).replace("{objectId}", key)
    values: Any = None
    with suppress(NotFound):
        values = api.result(path, endpoint=VALUES)
    labels = options(api, module)
    fields = (
        [] if values is None else [dict(value) for value in pick(items, {"result": listed(values, VALUES)}, "result")]
    )
    return {"customfields": [field | {"option": labels.get(option_key(field))} for field in fields]}


def options(api: KaseyaClient, module: str) -> dict[tuple[Any, Any], str]:
    """(Field, option) → label, for the fields that are a choice; asked for once. An odd definition has none."""
    if module not in api.options:
        labels: dict[tuple[Any, Any], str] = {}
        for field in definitions(api, module):
            with suppress(InvalidValue):
                for option in pick(items, field, "settings"):
                    key = pick(integer, field, "id"), pick(integer, option, "id")
                    labels[key] = pick(text, option, "name") or ""
        api.options[module] = labels
    return api.options[module]


def option_key(field: Any) -> tuple[Any, Any]:
    return pick(integer, field, "customfieldid"), pick(integer, field, "settingsid")


def definitions(api: KaseyaClient, module: str) -> list[Any]:
    """The custom fields of a module; inactive ones may still hold values."""
    found = api.result(FIELDS.replace("{moduleId}", module), {"withInactive": "true"}, endpoint=FIELDS)
    return [] if found is None else listed(found, FIELDS)


def module_of(setup: Setup, table: str) -> str:
    """The module that setup names for a table."""
    if table not in setup.custom_field_modules:
        raise ConfigError(
            f"custom_field_modules.{table} is missing. Kaseya BMS keeps custom fields by the number of a module, "
            "which it does not publish: `python -m include.tools.discover` lists the numbers that have fields here."
        )
    return str(setup.custom_field_modules[table])
