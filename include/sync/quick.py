"""Which tables a run asks only for changes, and since when; and why it lists others in full."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from include.connectors.contract import PsaClient, ReadContext, Stream
from include.model.kinds import KINDS, READ_WHOLE
from include.model.request import DUE, QUICK
from include.model.scope import Scope
from include.model.tables import BY_NAME
from include.model.version import __version__
from include.model.wording import counted, moment
from include.sync.run import Sync
from include.warehouse.clock import postgres_now
from include.warehouse.connection import Connection
from include.warehouse.ledger_entry import Extent, LedgerEntry
from include.warehouse.watermarks import Watermark, companies_of_turn, earlier_extent, read_watermark

LATE = timedelta(hours=12)
"""How late a full listing may be before a quick run does it, and how early a nightly run may."""


class ListEverything(Exception):
    """What a quick run has listed cannot be used, and everything has to be listed; the text says why."""


def extent_of(sync: Sync, stream: Stream[PsaClient], connection: Connection) -> Extent:
    """How much of a table this run lists. A further attempt lists as much as the one before it."""
    digest = setup_digest(sync, stream.table)
    if sync.scope.company is not None or sync.request.extent not in (QUICK, DUE):
        return Extent(setup_digest=digest)
    earlier = earlier_extent(connection, sync.run, stream.table)
    if earlier and earlier.setup_digest == digest:
        return earlier
    if sync.request.extent == DUE and (sync.setup.full_every_days == 1 or stream.changed is None):
        return Extent(setup_digest=digest)
    mark = read_watermark(connection, sync.run, stream.table)
    why = _why_full(sync, stream, mark, digest, now=postgres_now(connection))
    if why is not None or mark is None:
        return Extent(None, why or None, digest)
    return Extent(mark.next_since, None, digest)


def _why_full(
    sync: Sync, stream: Stream[PsaClient], mark: Watermark | None, digest: str, *, now: datetime
) -> str | None:
    """Why everything has to be listed, which is empty where no one need know; None if it has not."""
    if stream.changed is None:
        return "" if _kind_of(stream.table) in READ_WHOLE else f"{sync.connector.title} lists no changes of it."
    if _kind_of(stream.table) in sync.request.approved:
        return "Its deletions were approved."
    return _why_due(sync, mark, digest, now=now)


def _why_due(sync: Sync, mark: Watermark | None, digest: str, *, now: datetime) -> str | None:
    """Why its last full listing is not enough; None if it is."""
    if mark is None or mark.full_at is None or mark.next_since is None:
        return "No full listing of it was merged before."
    if mark.setup_digest != digest:
        return "Setup, the connection or the release has changed since the last full listing."
    every = timedelta(days=sync.setup.full_every_days)
    if sync.request.extent == DUE:
        return "" if now - mark.full_at >= every - LATE else None
    if now - mark.full_at > every + LATE:
        days = counted(sync.setup.full_every_days, "day")
        return f"It was listed in full at {moment(mark.full_at)}, and setup wants that every {days}."
    return None


def about_extent(extent: Extent) -> str | None:
    """What is listed, in a sentence, where that is not what every full run lists."""
    if extent.since is not None:
        return f"what changed since {moment(extent.since)} is listed."
    return f"everything is listed. {extent.why_full}" if extent.why_full else None


def scope_of(sync: Sync, stream: Stream[PsaClient], extent: Extent, context: ReadContext[PsaClient]) -> Scope:
    """What is read of a table; in a quick run, of a list below each company, that of the companies that changed.

    Where full listings are days apart, a nightly run between them reads an equal share of the companies as well.
    """
    scope = Scope(sync.scope.company, extent.since)
    if extent.since is None or stream.changed_companies is None:
        return scope
    changed = stream.changed_companies(ReadContext(context.client, context.setup, scope))
    companies = frozenset(changed)
    if sync.request.extent == DUE:
        with sync.warehouse.session() as connection:
            companies |= companies_of_turn(connection, sync.run, stream.table, sync.setup.full_every_days)
    return Scope(scope.company, scope.since, companies)


def left_to_full_run(sync: Sync, kind: str) -> str | None:
    """A sentence, if a quick run leaves the kind to the next full one: it would be listed in full, and is not short.

    A person who chose single kinds gets all of them, and one who syncs for the first time gets everything.
    """
    request = sync.request
    is_chosen = set(request.kinds) != set(KINDS) or kind in request.approved
    streams = [stream for stream in sync.connector.streams_of(kind) if stream.changed is None]
    if not request.is_quick or is_chosen or kind in READ_WHOLE or not streams:
        return None
    with sync.warehouse.session() as connection:
        now = postgres_now(connection)
        marks = {stream.table: read_watermark(connection, sync.run, stream.table) for stream in streams}
    if any(_why_due(sync, mark, setup_digest(sync, table), now=now) for table, mark in marks.items()):
        return None
    return f"{kind}: {sync.connector.title} lists no changes of it, so it is left to the next full run."


def with_extent(sync: Sync, entry: LedgerEntry, note: str | None) -> str | None:
    """The note about a merge, with what a person should know of how much was listed."""
    if entry.since is not None:
        said = _about_quick(sync.connector.stream_of(entry.table_name))
    else:
        said = entry.why_full and f"It was listed in full. {entry.why_full}"
    return " ".join(filter(None, (note, said))) or None


def _about_quick(stream: Stream[PsaClient]) -> str | None:
    """What a quick run cannot have seen of a table that it has asked for changes only, in a sentence."""
    if stream.changed_companies:
        return "Only the lists of companies that changed were read; the others wait for the next full run."
    if stream.keys is None:
        return "Rows that vanished from the PSA are marked deleted by the next full run."
    return None


def setup_digest(sync: Sync, table: str) -> str:
    """Stands for everything that decides which records there are, and how they become rows of a table."""
    setup = sync.setup
    companies, mapped = setup.companies, setup.field_map_of(table)
    said = (
        __version__,
        sync.account(),
        BY_NAME[table].facts,
        (sorted(companies.types), sorted(companies.statuses), companies.status_from),
        sorted(setup.custom_fields_of(table).items()),
        sorted((column, field.field, field.format) for column, field in mapped.items()),
        sorted(setup.custom_field_modules.items()),
    )
    return hashlib.blake2b(repr(said).encode(), digest_size=16).hexdigest()


def is_dated(stream: Stream[PsaClient]) -> bool:
    """Whether the records have dates of change of their own, so that changes alone make the table complete."""
    return stream.changed_companies is None


def _kind_of(table: str) -> str:
    return next(kind for kind, tables in KINDS.items() if table in tables)
