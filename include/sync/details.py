"""Details: columns that a PSA gives for one record at a time only. A run reads as many as setup allows."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, field

from include.connectors.common.mapping import Row, map_details
from include.connectors.common.values import InvalidValue
from include.connectors.contract import Details, PsaClient, ReadContext, Stream
from include.http.in_flight import Asked, in_flight
from include.http.paging import MOST_SKIPPED
from include.model.errors import NotFound, RateLimited, RequestRefused, ServerError, ShapeError, Unreachable
from include.model.page import Record
from include.model.wording import counted, log_sentence
from include.warehouse.clock import read_clock
from include.warehouse.staging import Staging

log = logging.getLogger(__name__)

ONE_RECORD_ONLY = (ServerError, Unreachable, RequestRefused, ShapeError)
"""Errors that a single record may cause: the details of others may still be readable."""


def read_details(
    staging: Staging,
    stream: Stream[PsaClient],
    context: ReadContext[PsaClient],
) -> Counter[str]:
    """Fill in the details of staged records, those never read first, then those read longest ago.

    Returns, by column, how often a custom field held something that the column cannot. Where details are not read,
    because the account's budget is used up or the server cannot deliver them, the stored values stay.
    """
    if stream.details is None or not stream.unlisted(context.setup):
        return Counter()
    reader = _Reader(stream, stream.details, context)
    failed = 0
    wanted = staging.next_details(stream.details_per_run(context.setup))
    for asked in in_flight(reader.ask, wanted, context.client.http.at_once):
        key, asked_at = asked.item[0], read_clock(staging.connection).moment_of(asked.asked_at)
        try:
            row = reader.row_of(asked)
        except RateLimited as error:
            _warn(f"{stream.table}: no more details can be read in this run. {error.said}")
            break
        except ONE_RECORD_ONLY as error:
            row, failed = None, failed + 1
            _warn(f"{stream.table} {key}: no details. {error.said}")
        if row is None:
            staging.skip_details(key, asked_at)
        else:
            staging.fill_details(key, row, asked_at, replaced=stream.from_details(context.setup))
        if failed > MOST_SKIPPED:
            _warn(f"{stream.table}: no more details are asked for in this run: too many could not be read.")
            break
    _log_ages(stream.table, staging)
    return reader.unread


@dataclass
class _Reader:
    """Reads the details of records, by key and company."""

    stream: Stream[PsaClient]
    details: Details[PsaClient]
    context: ReadContext[PsaClient]
    unread: Counter[str] = field(default_factory=Counter)

    def ask(self, wanted: tuple[str, str | None]) -> Record:
        """The record as the PSA gives it on its own."""
        return self.details.read(self.context, *wanted)

    def row_of(self, asked: Asked[tuple[str, str | None], Record]) -> Row | None:
        """The columns of one record; None when it is gone or invalid, which concerns only its details."""
        key, _ = asked.item
        try:
            return map_details(self.stream, self.details, asked.result(), self.context.setup, self.unread)
        except NotFound:
            log.info("%s %s was deleted while the details were being read.", self.stream.table, key)
        except InvalidValue as error:
            _warn(f"{self.stream.table} {key}: its details cannot be used: {error}")
        return None


def _log_ages(table: str, staging: Staging) -> None:
    read, never, oldest = staging.detail_ages()
    known = f"; the others' are from {oldest:%Y-%m-%d} or later" if oldest else ""
    unknown = f"; those of {counted(never, 'record')} were never read" if never else ""
    log_sentence(
        log, logging.INFO, f"{table}: details of {counted(read, 'record')} were read in this run{known}{unknown}."
    )


def _warn(sentence: str) -> None:
    log_sentence(log, logging.WARNING, sentence)
