"""What single records of HaloPSA have and lists do not: details, and on older servers the fields that setup chose."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from include.connectors.common.values import is_empty
from include.connectors.contract import Details, ReadContext
from include.connectors.halopsa.client import GONE_TRIES, HaloClient, Listing, record_key
from include.connectors.halopsa.columns import DETAIL_COLUMNS
from include.connectors.halopsa.custom_fields import CUSTOM, OF_TYPE
from include.http.in_flight import in_flight
from include.model.errors import NotFound
from include.model.page import Page, Record, Reject
from include.model.setup import Setup

log = logging.getLogger(__name__)

USUAL_HOURS = 1.0  # of each night: 5,400 records, of assets and contacts together


def details_of(what: Listing, table: str) -> Details[HaloClient]:
    """The columns that only single records have."""

    def read(context: ReadContext[HaloClient], key: str, _: str | None) -> Record:
        return context.client.record(what, key, tries=GONE_TRIES)

    return Details(read, USUAL_HOURS, DETAIL_COLUMNS[table])


def asked(setup: Setup, table: str) -> dict[str, str]:
    """The parameter that asks a list for the chosen custom fields; older servers ignore it silently."""
    ids = CUSTOM.chosen(setup, table)
    return {"include_custom_fields": ",".join(ids)} if ids else {}


def completed(context: ReadContext[HaloClient], what: Listing, pages: Iterable[Page], table: str) -> Iterator[Page]:
    """The pages with all fields that setup chose; records are asked for one by one where a list left them out."""
    client, wanted = context.client, [sort.place for sort in (CUSTOM, OF_TYPE) if sort.chosen(context.setup, table)]
    is_logged = False
    for page in pages:
        missing = [key for key in wanted if not _is_listed(client, what, page.records, key)]
        if missing and not is_logged:
            log.warning(
                "%s does not contain %s: each record is asked for on its own.", what.path, " and ".join(missing)
            )
            is_logged = True
        yield _from_single_records(client, what, page, missing) if missing else page


def _is_listed(client: HaloClient, what: Listing, records: Sequence[Record], key: str) -> bool:
    """Whether a list contains the fields. Where all of a page are empty, its first single record decides."""
    objects = [record for record in records if isinstance(record, dict)]
    if not objects or not all(is_empty(record.get(key)) for record in objects):
        return True
    first = next((r for r in objects if r.get(key) is not None and record_key(r) is not None), None)
    if first is None:
        return False
    try:
        return is_empty(client.record(what, str(record_key(first))).get(key))
    except NotFound:
        return False


def _from_single_records(client: HaloClient, what: Listing, page: Page, keys: Sequence[str]) -> Page:
    """A record that does not exist any more is a reject: the next listing decides whether it was deleted."""
    records: list[Record] = []
    rejects = list(page.rejects)
    for asked in in_flight(partial(_single, client, what), page.records, client.http.at_once):
        record = asked.item
        try:
            single = asked.result()
        except NotFound as error:
            rejects.append(Reject(str(record_key(record)), f"its single record does not exist: {error.said}"))
        else:  # a record without a usable id is left for its mapping to reject
            records.append({**record, **{key: single.get(key) for key in keys}} if single else record)
    return replace(page, records=records, rejects=rejects)


def _single(client: HaloClient, what: Listing, record: Record) -> Record:
    """The single record; None for one without a usable id."""
    number = record_key(record)
    return None if number is None else client.record(what, str(number))
