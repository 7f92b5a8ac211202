"""What the numbers in Autotask's records stand for, put beside them for the mapping to look up."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeVar

from include.connectors.autotask import picklists
from include.connectors.autotask.client import KEYS_PER_QUERY, AutotaskClient
from include.connectors.autotask.columns import (
    ASSET_TYPES,
    COMPANY_TYPES,
    COUNTRIES,
    CUSTOM_LABELS,
    MANUFACTURERS,
    PRODUCTS,
    spelled,
)
from include.connectors.autotask.conditions import one_of
from include.connectors.common.values import InvalidValue, pick, text
from include.model.errors import RightsError
from include.model.page import Page
from include.model.setup import Setup

log = logging.getLogger(__name__)
T = TypeVar("T")

PRODUCT_FIELDS = ("id", "name", "manufacturerName")

Lists = dict[str, Mapping[str, Any] | None]  # None: the API user may not read it
Beside = Callable[[list[Any]], Lists]  # a page's records → the lists that go beside each of them


def labelled(pages: Iterable[Page], beside: Beside) -> Iterator[Page]:
    for page in pages:
        lists = beside(page.records)
        yield replace(page, records=[r | lists if isinstance(r, dict) else r for r in page.records])


def of_companies(api: AutotaskClient, setup: Setup) -> Beside:
    """Types are asked for only when they stand in for the status."""
    types = picklists.labels(api, "Companies", "companyType") if setup.companies.status_from == "type" else {}
    lists = {COMPANY_TYPES: types, **of_custom_fields(api, "Companies", setup.field_ids("companies"))}
    return lambda _: lists


def of_sites(api: AutotaskClient, _: Setup) -> Beside:
    countries = names(api, "Countries", "displayName")
    return lambda _: {COUNTRIES: countries}


def of_contacts(api: AutotaskClient, setup: Setup) -> Beside:
    countries = names(api, "Countries", "displayName")
    lists = {COUNTRIES: countries, **of_custom_fields(api, "Contacts", setup.field_ids("contacts"))}
    return lambda _: lists


def of_custom_fields(api: AutotaskClient, entity: str, wanted: Collection[str]) -> Lists:
    """The values of those that are lists are asked for only when setup wants some field."""
    return {CUSTOM_LABELS: picklists.custom_labels(api, entity)} if wanted else {}


def of_assets(api: AutotaskClient, setup: Setup) -> Beside:
    """Products are asked for as they turn up: a catalogue can be longer than the list of assets."""
    types = names(api, "ConfigurationItemTypes", "name")
    manufacturers = picklists.labels(api, "ConfigurationItems", "rmmDeviceAuditManufacturerID")
    custom = of_custom_fields(api, "ConfigurationItems", setup.field_ids("assets"))
    products: dict[str, Any] = {}

    def beside(records: list[Any]) -> Lists:
        known = told(api, "Products", lambda: learn(api, products, records))
        return {ASSET_TYPES: types, MANUFACTURERS: manufacturers, PRODUCTS: known, **custom}

    return beside


def told(api: AutotaskClient, entity: str, read: Callable[[], T]) -> T | None:
    """What was read, None without the right to it: names are no reason to leave out the records they belong to."""
    if entity in api.untold:
        return None
    try:
        return read()
    except RightsError as refused:
        log.warning("Names from %s stay as they were known, the right is missing: %s", entity, refused.said)
        api.untold.add(entity)
        return None


def names(api: AutotaskClient, entity: str, field: str) -> dict[str, str] | None:
    """Key → name of a short list."""

    def read() -> dict[str, str]:
        records = [record for page in api.listing(entity, ("id", field), counted=False) for record in page.records]
        return {pick(spelled, record, "id") or "": pick(text, record, field) or "" for record in records}

    return told(api, entity, read)


def learn(api: AutotaskClient, products: dict[str, Any], records: list[Any]) -> dict[str, Any]:
    """Ask for the products of these records that are not known; one that is not there is not asked for again."""
    unknown: dict[str, None] = {}
    for record in records:
        with suppress(InvalidValue):  # the mapping rejects it
            key = pick(spelled, record, "productID")
            if key is not None and key.isdecimal() and key not in products:
                unknown[key] = None
    keys = list(unknown)
    products |= dict.fromkeys(keys)
    for start in range(0, len(keys), KEYS_PER_QUERY):
        asked = [one_of("id", keys[start : start + KEYS_PER_QUERY])]
        for page in api.listing("Products", PRODUCT_FIELDS, asked, counted=False):
            for one in page.records:
                products[pick(spelled, one, "id") or ""] = {name: one.get(name) for name in PRODUCT_FIELDS}
    return products
