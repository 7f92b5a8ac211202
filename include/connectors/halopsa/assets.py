"""The assets of HaloPSA: one list, or one per type, since only so the fields of a type come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from include.connectors.halopsa.client import ASSETS, HaloClient, Listing, existing, record_key
from include.connectors.halopsa.custom_fields import OF_TYPE
from include.connectors.halopsa.details import asked, completed
from include.connectors.halopsa.filters import obeyed, of_companies, of_one, wanted_ones
from include.model.errors import ShapeError
from include.model.page import Page
from include.model.setup import Setup

ASSET_TYPES = Listing("/AssetType", "assettypes")


def assets(api: HaloClient, setup: Setup) -> Iterator[Page]:
    params = {**of_one(setup), **asked(setup, "assets")}
    pages = by_type(api, params) if OF_TYPE.chosen(setup, "assets") else api.listing(ASSETS, **params)
    yield from completed(api, ASSETS, of_companies(api, ASSETS, setup, pages), setup, "assets")


def by_type(api: HaloClient, params: dict[str, str]) -> Iterator[Page]:
    """Type by type, since only so the fields of a type come; then whatever has none of the types that are listed."""
    before = api.count(ASSETS, **params)
    known: set[int] = set()
    for type_id in asset_types(api):
        typed = api.listing(ASSETS, **params, includeassetfields="true", assettype_id=type_id)
        yield from unknown_ones(obeyed(typed, ASSETS, "assettype_id", type_id), known)
    if not before == api.count(ASSETS, **params) == len(known):
        yield from unknown_ones(api.listing(ASSETS, **params), known)


def unknown_ones(pages: Iterable[Page], known: set[int]) -> Iterator[Page]:
    """Each record once: one can change its type meanwhile. Those without a usable id are left to be rejected."""
    for page in pages:
        yield replace(page, records=[record for record in page.records if record_key(record) not in known])
        known.update(key for key in map(record_key, page.records) if key is not None)


def asset_types(api: HaloClient) -> list[str]:
    keys = [record_key(record) for record in api.unpaged(ASSET_TYPES)]
    if None in keys:
        raise ShapeError(f"HaloPSA: a record of {ASSET_TYPES.path} has no usable 'id'.")
    return [str(key) for key in keys]


def find_assets(api: HaloClient, setup: Setup, keys: Sequence[str]) -> Iterator[Page]:
    yield from wanted_ones(api, setup, existing(api, ASSETS, keys))
