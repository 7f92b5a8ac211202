"""What the numbers in Autotask's records stand for, put beside them for the mapping to look up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from include.connectors.autotask import metadata
from include.connectors.autotask.account import KEYS_PER_QUERY, Autotask
from include.connectors.autotask.cells import ASSET_TYPES, COMPANY_TYPES, COUNTRIES, MANUFACTURERS, PRODUCTS
from include.connectors.autotask.conditions import one_of
from include.connectors.values import OddValue, pick, text
from include.http.paging import Page
from include.settings import Settings

PRODUCT_FIELDS = ("id", "name", "manufacturerName")

Lists = dict[str, Mapping[str, Any]]
Beside = Callable[[list[Any]], Lists]  # a page's records → the lists that go beside each of them


def labelled(pages: Iterable[Page], beside: Beside) -> Iterator[Page]:
    for page in pages:
        lists = beside(page.records)
        yield replace(page, records=[r | lists if isinstance(r, dict) else r for r in page.records])


def of_companies(api: Autotask, settings: Settings) -> Beside:
    """Types are asked for only when they stand in for the status."""
    types = metadata.labels(api, "Companies", "companyType") if settings.status_from == "type" else {}
    return lambda _: {COMPANY_TYPES: types}


def of_addresses(api: Autotask, _: Settings) -> Beside:
    countries = names(api, "Countries", "displayName")
    return lambda _: {COUNTRIES: countries}


def of_assets(api: Autotask, _: Settings) -> Beside:
    """Products are asked for as they turn up: a catalogue can be longer than the list of assets."""
    types = names(api, "ConfigurationItemTypes", "name")
    manufacturers = metadata.labels(api, "ConfigurationItems", "rmmDeviceAuditManufacturerID")
    products: dict[str, Any] = {}

    def beside(records: list[Any]) -> Lists:
        learn(api, products, records)
        return {ASSET_TYPES: types, MANUFACTURERS: manufacturers, PRODUCTS: products}

    return beside


def names(api: Autotask, entity: str, field: str) -> dict[str, str]:
    """Key → name of a short list."""
    records = [record for page in api.listing(entity, ("id", field), counted=False) for record in page.records]
    return {pick(text, record, "id") or "": pick(text, record, field) or "" for record in records}


def learn(api: Autotask, products: dict[str, Any], records: list[Any]) -> None:
    """Ask for the products of these records that are not known; one that is not there is not asked for again."""
    unknown: dict[str, None] = {}
    for record in records:
        with suppress(OddValue):  # the mapping rejects it
            key = pick(text, record, "productID")
            if key is not None and key.isdecimal() and key not in products:
                unknown[key] = None
    keys = list(unknown)
    products |= dict.fromkeys(keys)
    for start in range(0, len(keys), KEYS_PER_QUERY):
        asked = [one_of("id", keys[start : start + KEYS_PER_QUERY])]
        for page in api.listing("Products", PRODUCT_FIELDS, asked, counted=False):
            products |= {pick(text, one, "id") or "": {n: one.get(n) for n in PRODUCT_FIELDS} for one in page.records}
