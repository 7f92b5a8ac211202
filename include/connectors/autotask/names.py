"""Names for the numbers in Autotask's records: the mapping looks them up in lists that each record carries.

Only Autotask needs this: its records have keys of countries, types, products and manufacturers, but not their names.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cache
from typing import TypeVar

from include.connectors.autotask import picklists
from include.connectors.autotask.client import KEYS_PER_QUERY, AutotaskClient
from include.connectors.autotask.columns import (
    ASSET_CATEGORIES,
    ASSET_TYPES,
    COMPANY_TYPES,
    COUNTRIES,
    CUSTOM_LABELS,
    MANUFACTURERS,
    PRODUCTS,
    key_in,
    lookup_key,
)
from include.connectors.autotask.companies import Context, company_types
from include.connectors.autotask.conditions import one_of
from include.connectors.common.by_key import in_chunks
from include.connectors.common.tickets import first_readable, words
from include.connectors.common.values import InvalidValue, is_empty, pick, text
from include.model.errors import RightsError
from include.model.numbers import whole_number
from include.model.page import Page, Record

log = logging.getLogger(__name__)
T = TypeVar("T")

PRODUCT_FIELDS = ("id", "name", "manufacturerName")

Lists = dict[str, Mapping[str, Record] | None]
"""Lists of names by the key under which a record carries them; None where the API user may not read the list."""
Beside = Callable[[list[Record]], Lists]
"""Gives the lists that each record of a page carries, from the records of that page."""


def with_names(context: Context, pages: Iterable[Page], names_of: Callable[[Context], Beside]) -> Iterator[Page]:
    """The pages, each record with the lists of names.

    These are asked for before the listing, when none of its requests is in flight: the vendor allows few at once. There
    may be no changes at all, so among changes the names wait for the first record.
    """
    beside: Beside | None = None if context.scope.since else names_of(context)
    for page in pages:
        if page.records and beside is None:
            beside = names_of(context)
        lists = beside(page.records) if beside else {}
        yield replace(page, records=[r | lists if isinstance(r, dict) else r for r in page.records])


def of_companies(context: Context) -> Beside:
    """Types are asked for only when they stand for the status."""
    types = company_types(context.client) if context.setup.companies.status_from == "type" else {}
    lists = {COMPANY_TYPES: types, **of_custom_fields(context, "companies", "Companies")}
    return lambda _: lists


def of_sites(context: Context) -> Beside:
    countries = names(context.client, "Countries", "displayName", "name", "countryCode")
    return lambda _: {COUNTRIES: countries}


def of_contacts(context: Context) -> Beside:
    countries = names(context.client, "Countries", "displayName", "name", "countryCode")
    lists = {COUNTRIES: countries, **of_custom_fields(context, "contacts", "Contacts")}
    return lambda _: lists


def of_custom_fields(context: Context, table: str, entity: str) -> Lists:
    """The labels of custom fields that are lists, asked for only when setup uses some field of the table."""
    return {CUSTOM_LABELS: picklists.custom_labels(context.client, entity)} if context.setup.field_ids(table) else {}


def of_assets(context: Context) -> Beside:
    """Products are asked for as assets name them: a catalogue can be longer than the list of assets."""
    client, types = context.client, names(context.client, "ConfigurationItemTypes", "name")
    manufacturers = picklists.labels(context.client, "ConfigurationItems", "rmmDeviceAuditManufacturerID")
    custom = of_custom_fields(context, "assets", "ConfigurationItems")
    products: dict[str, Record] = {}

    @cache
    def categories() -> dict[str, str] | None:
        return names(client, "ConfigurationItemCategories", "name")

    def beside(records: list[Record]) -> Lists:
        known = if_allowed(client, "Products", lambda: add_products(client, products, records))
        untyped = any(isinstance(record, dict) and is_empty(record.get("configurationItemType")) for record in records)
        lists = {ASSET_TYPES: types, ASSET_CATEGORIES: categories() if untyped else {}, MANUFACTURERS: manufacturers}
        return {**lists, PRODUCTS: known, **custom}

    return beside


def if_allowed(client: AutotaskClient, entity: str, read: Callable[[], T]) -> T | None:
    """What `read` gives; None without the right to read the entity: records are synced without these names, too."""
    if entity in client.unreadable_names:
        return None
    try:
        return read()
    except RightsError as refused:
        log.warning("Names from %s stay as they are stored, because the right is missing: %s", entity, refused.said)
        client.unreadable_names.add(entity)
        return None


def names(client: AutotaskClient, entity: str, *fields: str) -> dict[str, str] | None:
    """Key → name of a short list: the first of these fields that is filled in."""
    name = first_readable(text, *fields)

    def read() -> dict[str, str]:
        records = client.records(entity, ("id", *fields))
        return {key_in(record, "id"): str(name.read(record, None) or "") for record in records}

    return if_allowed(client, entity, read)


def add_products(client: AutotaskClient, products: dict[str, Record], records: list[Record]) -> dict[str, Record]:
    """Ask for the products of these records that are not known yet; one that does not exist is not asked for again."""
    unknown: dict[str, None] = {}
    for record in records:
        with suppress(InvalidValue):  # the mapping rejects it
            key = pick(lookup_key, record, "productID")
            if key is not None and whole_number(key) is not None and key not in products:
                unknown[key] = None
    keys = list(unknown)
    products |= dict.fromkeys(keys)
    for chunk in in_chunks(keys, KEYS_PER_QUERY):
        for one in client.records("Products", PRODUCT_FIELDS, [one_of("id", chunk)]):
            products[key_in(one, "id")] = {name: words(one, name) for name in PRODUCT_FIELDS}
    return products
