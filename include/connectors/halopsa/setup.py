"""What preflight asks HaloPSA, and what setup can choose there."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from contextlib import suppress

from include.connectors.common.choices import ONE_LIST_ONLY, CustomField, custom_fields_of, field_choices
from include.connectors.common.companies import ACTIVITY
from include.connectors.common.tickets import words
from include.connectors.halopsa.client import ASSETS, CLIENTS, SITES, TEAMS, USERS, HaloClient, Listing, record_key
from include.connectors.halopsa.custom_fields import CUSTOM, FREE_TEXTS, OF_TYPE, FieldSort, refused, stored
from include.connectors.halopsa.listings import asset_types
from include.model.choices import Choice
from include.model.errors import NotFound, RequestRefused, RightsError
from include.model.page import Record
from include.model.setup import Setup

log = logging.getLogger(__name__)

LISTINGS = {"statuses": CLIENTS, "companies": CLIENTS, "sites": SITES, "assets": ASSETS, "contacts": USERS}
DEFINITIONS = {
    CUSTOM: Listing("/FieldInfo", "fields", {"iscustomfieldsetup": "true"}),
    OF_TYPE: Listing("/Field", "fields"),
}
"""All fields of the tenant; these lists are long, and do not say which table a field belongs to."""


def probe(client: HaloClient, kind: str) -> int | None:
    """The count of a kind, with one record; the lists of ticket settings are short and come whole."""
    if kind == "ticket_settings":
        return len(client.unpaged(TEAMS))
    count = client.count(LISTINGS[kind])
    return len(ACTIVITY) if kind == "statuses" else count


def remarks(client: HaloClient) -> list[str]:
    """An agent who may see everything sees at least the company that every HaloPSA comes with."""
    with suppress(*ONE_LIST_ONLY):  # the probe reports it
        if not client.count(CLIENTS):
            return [
                "HaloPSA shows this login no company at all, not even the built-in one: let the agent of the API "
                "application see all customers and all teams."
            ]
    return []


def custom_fields(client: HaloClient, table: str, setup: Setup | None) -> dict[str, Choice]:
    """The fields that can be chosen. Definitions are read where records do not show a field that setup uses."""
    wanted = setup.field_ids(table) if setup else frozenset[str]()
    seen = on_records(CUSTOM, [_example_record(client, table)]) if setup else _with_examples(client, table)
    if table == "contacts":
        seen += _free_texts(client)
    if table == "assets" and setup is None:
        seen += _fields_of_types(client)
    if any(map(OF_TYPE.is_key, wanted)):
        seen += _defined(client, OF_TYPE, wanted)
    is_enough = {field.key for field in seen} >= wanted
    return field_choices(custom_fields_of(table), seen, [] if is_enough else _defined(client, CUSTOM, wanted))


def _example_record(client: HaloClient, table: str) -> Record:
    """A single record, which has all custom fields: the last of a page, since the first company is the built-in one."""
    keys = [key for key in map(record_key, client.first_page(LISTINGS[table])) if key is not None]
    with suppress(NotFound):
        if keys:
            return client.record(LISTINGS[table], str(keys[-1]))
    return {}


def _defined(client: HaloClient, sort: FieldSort, wanted: Iterable[str] = ()) -> list[CustomField]:
    """The fields of the tenant. Where they cannot be read, the wanted ones are not checked."""
    try:
        fields = client.unpaged(DEFINITIONS[sort])
    except (RightsError, NotFound, RequestRefused) as error:
        log.warning("The list of fields cannot be read, so fields that no record shows are not checked: %s", error.said)
        return [CustomField(key) for key in wanted if sort.is_key(key)]
    return [_field(sort, field) for field in fields if record_key(field) is not None]


def on_records(sort: FieldSort, records: Iterable[Record]) -> list[CustomField]:
    """The fields that the records have, with their values."""
    return [_field(sort, field, sort.value(field)) for field in sort.fields_on_any(records)]


def _field(sort: FieldSort, field: Record, value: Record = None) -> CustomField:
    name, label = words(field, "name"), words(field, "label")
    note = "field of the asset's type" if sort is OF_TYPE else name if label else ""
    return CustomField(sort.key(field), label or name, note, refused(field), (value,))


def _free_texts(client: HaloClient) -> list[CustomField]:
    records = [record for record in client.first_page(USERS) if isinstance(record, dict)]
    return [
        CustomField(name, f"Other {name[-1]}", values=tuple(stored(record.get(name)) for record in records))
        for name in FREE_TEXTS
    ]


def _with_examples(client: HaloClient, table: str) -> list[CustomField]:
    """The fields of a single record, with examples from a page of others where the list contains them."""
    single = _example_record(client, table)
    ids = ",".join(map(CUSTOM.key, (field for field in CUSTOM.fields_on_any([single]) if not refused(field))))
    page = client.first_page(LISTINGS[table], include_custom_fields=ids) if ids else []
    return on_records(CUSTOM, [*page, single])


def _fields_of_types(client: HaloClient) -> list[CustomField]:
    """The fields of all types of assets, first those that are in use."""
    pages = (client.first_page(ASSETS, includeassetfields="true", assettype_id=key) for key in asset_types(client))
    return on_records(OF_TYPE, (record for page in pages for record in page)) + _defined(client, OF_TYPE)
