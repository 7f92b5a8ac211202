"""Extract: list the records of a kind in the PSA, and copy them into this run's staging."""

from __future__ import annotations

import logging

from include.connectors.contract import PsaClient, ReadContext
from include.http.shared_token import use_shared_token
from include.model.errors import RightsError
from include.model.kinds import KINDS, OF_SHORT_LISTS
from include.sync.failures import recorded_failure
from include.sync.garbage import rare_searches
from include.sync.listing import stage_listing
from include.sync.quick import left_to_full_run
from include.sync.run import Sync
from include.warehouse.ledger import Ledger
from include.warehouse.schema import ensure_ledger
from include.warehouse.staged_tables import drop_unneeded

log = logging.getLogger(__name__)


def extract(sync: Sync, kind: str) -> str | None:
    """Copy a kind's records from the PSA into this run's staging: completely, or not at all.

    Returns a sentence instead when nothing had to be read, because another run has already synced the kind.
    """
    if kind not in sync.request.planned:
        return f"{kind}: not asked for."
    with recorded_failure(sync.warehouse, sync.run, kind) as attempt:
        ensure_ledger(sync.warehouse)
        if left := left_to_full_run(sync, kind):
            return left
        scope = sync.scope
        if already := _already_synced(sync, kind):
            return already
        with sync.open_client() as client, rare_searches():
            prepare(client, sync, kind, asks_again=sync.is_retry and _has_failed(sync, kind))
            context = ReadContext(client, sync.setup, scope)
            try:
                for stream in sync.connector.streams_of(kind):
                    attempt.begin_listing(client, sync.run, stream.table)
                    stage_listing(sync, attempt, stream, context)
            except RightsError as error:
                raise RightsError(f"{error.said} It needs the right: {sync.connector.rights[kind]}.") from None
    return None


def prepare(client: PsaClient, sync: Sync, kind: str, *, asks_again: bool) -> None:
    """Set what setup says about requests, and what preflight has found out, unless this task asks for it again."""
    client.http.at_once = sync.setup.requests_in_flight
    client.http.remembers = kind in OF_SHORT_LISTS
    is_same_server = sync.known.get("server") == client.http.base_url  # the connection may have been changed meanwhile
    if is_same_server and not asks_again:
        client.http.known.update(sync.known)
        use_shared_token(client.http, sync.tokens.find)


def _has_failed(sync: Sync, kind: str) -> bool:
    """Whether the earlier attempt failed, perhaps by what preflight has found out. One that was killed did not."""
    with sync.warehouse.session() as connection:
        entries = Ledger(connection, sync.run).entries()
    return any(entries[table].state in ("failed", "held") for table in KINDS[kind] if table in entries)


def _already_synced(sync: Sync, kind: str) -> str | None:
    """Copy the result of another run that began after this one was asked for: listing again would find the same.

    Not where a person has approved deletions, which the other run has left.
    """
    if sync.asked_at is None or sync.request.dry_run or kind in sync.request.approved:
        return None
    with sync.warehouse.session() as connection:
        with connection.transaction():
            ledger = Ledger(connection, sync.run)
            other = ledger.already_synced_by(
                KINDS[kind], sync.scope.company, sync.asked_at, is_quick=sync.request.is_quick
            )
            if other is None:
                return None
            note = f"{other} began to list it after this run was asked for, and has merged it: nothing was left to do."
            for table in KINDS[kind]:
                ledger.copy_result(table, other, sync.scope.company, note=note)
        drop_unneeded(connection, sync.run.source)  # what an earlier attempt of this run has left
    return f"{kind}: {note}"
