"""What preflight asks HaloPSA, and what setup can choose there."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import suppress

from include.connectors.common import choices
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
    with suppress(*choices.ONE_LIST_ONLY):  # the probe reports it
        if not client.count(CLIENTS):
            return [
                "HaloPSA shows this login no company at all, not even the built-in one: let the agent of the API "
                "application see all customers and all teams."
            ]
    return []


def known_fields(client: HaloClient, table: str, setup: Setup) -> dict[str, Choice]:
    """The fields that can be chosen; definitions are read only where records do not show a wanted field."""
    wanted = setup.field_ids(table)
    known = choices.by_id(on_records(table, CUSTOM, [_example_record(client, table)]))
    if table == "contacts":
        known |= choices.by_id(_free_texts(client))
    if any(map(OF_TYPE.is_key, wanted)):
        known = _defined(client, table, OF_TYPE, wanted) | known
    if not known.keys() >= wanted:
        known = _defined(client, table, CUSTOM, wanted) | known
    return known


def _example_record(client: HaloClient, table: str) -> Record:
    """A single record, which has all custom fields: the last of a page, since the first company is the built-in one."""
    keys = [key for key in map(record_key, client.first_page(LISTINGS[table])) if key is not None]
    with suppress(NotFound):
        if keys:
            return client.record(LISTINGS[table], str(keys[-1]))
    return {}


def _defined(client: HaloClient, table: str, sort: FieldSort, wanted: Iterable[str] = ()) -> dict[str, Choice]:
    """The fields of the tenant. Where they cannot be read, the wanted ones are not checked."""
    try:
        fields = [field for field in client.unpaged(DEFINITIONS[sort]) if record_key(field) is not None]
    except (RightsError, NotFound, RequestRefused) as error:
        log.warning("The list of fields cannot be read, so fields that no record shows are not checked: %s", error.said)
        unchecked = dict.fromkeys(filter(sort.is_key, wanted), "")
        return choices.by_id(choices.labelled(choices.custom_fields_of(table), unchecked))
    return choices.by_id(_choice(table, sort, field, on_records=sort is OF_TYPE) for field in fields)


def on_records(table: str, sort: FieldSort, records: Iterable[Record]) -> Iterator[Choice]:
    """A choice for each field that the records have, with a few of its values."""
    examples, fields = choices.Examples(), sort.fields_on_any(records)
    for field in fields:
        examples.add(sort.key(field), sort.value(field))
    for key, field in {sort.key(field): field for field in fields}.items():
        yield _choice(table, sort, field, examples=examples.of(key))


def _choice(
    table: str, sort: FieldSort, field: Record, *, on_records: bool = True, examples: tuple[str, ...] = ()
) -> Choice:
    name, label = words(field, "name"), words(field, "label")
    return Choice(
        choices.custom_fields_of(table),
        sort.key(field),
        label or name,
        "field of the asset's type" if sort is OF_TYPE else name if label else "",
        on_records=on_records,
        examples=examples,
        refused=refused(field),
    )


def _free_texts(client: HaloClient) -> Iterator[Choice]:
    records = [record for record in client.first_page(USERS) if isinstance(record, dict)]
    for name in FREE_TEXTS:
        examples = choices.Examples()
        for record in records:
            examples.add(name, stored(record.get(name)))
        yield Choice(choices.custom_fields_of("contacts"), name, f"Other {name[-1]}", examples=examples.of(name))


def other_choices(client: HaloClient) -> list[Choice]:
    """Custom fields, fields of asset types, and the free texts of contacts."""
    found: list[Choice] = []
    for table in choices.CUSTOM_FIELD_TABLES:
        found += _custom_choices(client, table)
        found += _asset_choices(client) if table == "assets" else []
    return found + list(_free_texts(client))


def _custom_choices(client: HaloClient, table: str) -> Iterator[Choice]:
    """The fields of a single record, with examples from a page of others where the list contains them."""
    single = _example_record(client, table)
    ids = ",".join(map(CUSTOM.key, (field for field in CUSTOM.fields_on_any([single]) if not refused(field))))
    page = client.first_page(LISTINGS[table], include_custom_fields=ids) if ids else []
    return on_records(table, CUSTOM, [*page, single])


def _asset_choices(client: HaloClient) -> list[Choice]:
    """The fields of all types of assets, first those that are in use."""
    pages = (client.first_page(ASSETS, includeassetfields="true", assettype_id=key) for key in asset_types(client))
    used = choices.by_id(on_records("assets", OF_TYPE, (record for page in pages for record in page)))
    return list((used | _defined(client, "assets", OF_TYPE) | used).values())
