"""What rows of a HaloPSA list carry only if the server listens: custom fields, the fields of an asset's type."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from include.connectors.halopsa.client import HaloClient, Listing, record_key
from include.connectors.halopsa.custom_fields import CUSTOM, OF_TYPE
from include.model.errors import NotFound
from include.model.page import Page, Reject
from include.model.setup import Setup

log = logging.getLogger(__name__)


def asked(setup: Setup, table: str) -> dict[str, str]:
    """The parameter that brings the wanted custom fields into a list; older servers ignore it without a word."""
    ids = CUSTOM.chosen(setup, table)
    return {"include_custom_fields": ",".join(ids)} if ids else {}


def completed(api: HaloClient, what: Listing, pages: Iterable[Page], setup: Setup, table: str) -> Iterator[Page]:
    """The pages with all that setup wants in them, from single records where the list did not bring it."""
    wanted = [sort.place for sort in (CUSTOM, OF_TYPE) if sort.chosen(setup, table)]
    told = False
    for page in pages:
        lacking = [key for key in wanted if not brought(api, what, page.records, key)]
        if lacking and not told:
            log.warning("%s does not bring %s: each record is asked for by itself.", what.path, " and ".join(lacking))
            told = True
        yield from_details(api, what, page, lacking) if lacking else page


def brought(api: HaloClient, what: Listing, records: Sequence[Any], key: str) -> bool:
    """Whether the list listens. A page of nothing but empty lists may not: then its first record tells."""
    rows = [record for record in records if isinstance(record, dict)]
    if not rows or any(row.get(key) for row in rows):
        return True
    first = next((row for row in rows if isinstance(row.get(key), list) and record_key(row) is not None), None)
    if first is None:
        return False
    try:
        return not api.record(what, str(record_key(first))).get(key)
    except NotFound:
        return False


def from_details(api: HaloClient, what: Listing, page: Page, keys: Sequence[str]) -> Page:
    """A record that is not there any more is a reject: whether it is gone, the next listing says."""
    records: list[Any] = []
    rejects = list(page.rejects)
    for record in page.records:
        number = record_key(record)
        if number is None:  # left to its mapping to reject
            records.append(record)
            continue
        try:
            whole = api.record(what, str(number))
        except NotFound as error:
            rejects.append(Reject(str(number), f"its details are not there: {error.said}"))
        else:
            records.append({**record, **{key: whole.get(key) for key in keys}})
    return replace(page, records=records, rejects=rejects)
