"""Find rows whose records have vanished from the PSA, in a run that lists only changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from include.connectors.contract import PsaClient, ReadContext, Stream
from include.model.page import Page, Record
from include.model.setup import Setup
from include.sync.quick import ListEverything
from include.warehouse.key_list import KeyList
from include.warehouse.ledger import Ledger
from include.warehouse.staging import Staging

MOST_UNKNOWN = 1000
"""How many records that have no row are asked for by key; if there are more, everything is listed."""


def quick_missing(
    staging: Staging, ledger: Ledger, stream: Stream[PsaClient], context: ReadContext[PsaClient]
) -> Iterator[Page]:
    """Save which rows have vanished, and yield records that are not among the changes although they have no row.

    Keys are listed only if the PSA counts another number of records than there will be rows. A record that has no row
    came back with an old date, or belongs to a company that setup selects only now.
    """
    keys = KeyList(staging)
    keys.save_missing_of(context.scope.companies)
    if stream.keys is None:
        return
    everything = replace(context, scope=replace(context.scope, since=None))
    staging.index_keys()
    # The server counts the records of all companies: where setup selects some, its number says nothing.
    if stream.count and not context.setup.filters_companies and stream.count(everything) == keys.alive():
        return
    keys.create()
    for page in stream.keys(everything):
        keys.add(_live_keys(stream, page, context.setup))
    ledger.add_keys_listed(stream.table, keys.size())
    if unknown := keys.unknown(MOST_UNKNOWN + 1):
        if stream.find is None or len(unknown) > MOST_UNKNOWN:
            raise ListEverything("The PSA has records that are neither rows nor among its changes.")
        yield from stream.find(everything, unknown)
    keys.save_missing()


def _live_keys(stream: Stream[PsaClient], page: Page, setup: Setup) -> Iterator[str]:
    """The keys of the records that the PSA does not report as deleted; raises ListEverything for one without a key."""
    for reject in page.rejects:
        yield _usable(reject.source_id)
    is_deleted = stream.columns.get("is_deleted")
    for record in page.records:
        key = _usable(_key(stream, record, setup))
        if not (is_deleted and is_deleted.if_readable(record, setup)):
            yield key


def _key(stream: Stream[PsaClient], record: Record, setup: Setup) -> object:
    if not isinstance(record, dict):
        return None
    return stream.columns["source_id"].if_readable(record, setup)


def _usable(key: object) -> str:
    if not key:
        raise ListEverything("A record has no usable key, so that it cannot be compared with the rows.")
    return str(key)
