"""What a PSA tells of one record at a time only: read for as many records as setup allows, the neediest first."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

from include.connectors.common.mapping import map_details
from include.connectors.common.values import InvalidValue
from include.connectors.contract import Connector, Details, PsaClient, ReadContext, Stream
from include.http.paging import MOST_SKIPPED
from include.model.errors import NotFound, RateLimited, RequestRefused, ServerError, ShapeError, Unreachable
from include.model.wording import counted, wrapped
from include.warehouse.staging import Staging

log = logging.getLogger(__name__)


def read_details(
    staging: Staging,
    stream: Stream[PsaClient],
    connector: Connector[PsaClient],
    context: ReadContext[PsaClient],
    now: Callable[[], datetime],
) -> Counter[str]:
    """Fill in the details of staged records; by column, how often a custom field could not fill it.

    When the account's budget is used up the rest waits for another night: what is known of it stays. So does what is
    known of a few records whose details the server cannot deliver.
    """
    unread: Counter[str] = Counter()
    skipped = 0
    if stream.details is None or not stream.unlisted(context.setup):
        return unread
    table = staging.table
    for key, company in staging.next_details(context.setup.details_per_night):
        asked_at = now()
        try:
            row = _detail(stream, stream.details, connector, context, key, company, unread)
        except RateLimited as error:
            _say(logging.WARNING, f"{table.name}: no more details can be read in this run. {error.said}")
            break
        except (ServerError, Unreachable, RequestRefused, ShapeError) as error:
            row = None
            skipped += 1
            _say(logging.WARNING, f"{table.name} {key}: no details. {error.said}")
        if row is not None:
            staging.fill_details(key, row, asked_at)
        else:
            staging.skip_details(key, asked_at)
        if skipped > MOST_SKIPPED:
            _say(
                logging.WARNING, f"{table.name}: no more details are asked for in this run: too many could not be had."
            )
            break
    read, never, oldest = staging.detail_ages()
    known = f"; the others' are from {oldest:%Y-%m-%d} or later" if oldest else ""
    unknown = f"; those of {counted(never, 'record')} were never read" if never else ""
    _say(logging.INFO, f"{table.name}: details of {counted(read, 'record')} were read in this run{known}{unknown}.")
    return unread


def _detail(
    stream: Stream[PsaClient],
    details: Details[PsaClient],
    connector: Connector[PsaClient],
    context: ReadContext[PsaClient],
    key: str,
    company: str | None,
    unread: Counter[str],
) -> dict[str, Any] | None:
    """The columns of one record; None when it is gone or odd, which concerns nothing but its details."""
    try:
        return map_details(stream, details, connector.call(details.read, context, key, company), context.setup, unread)
    except NotFound:
        log.info("%s %s was deleted while the details were being read.", stream.table, key)
    except InvalidValue as error:
        _say(logging.WARNING, f"{stream.table} {key}: its details cannot be used: {error}")
    return None


def _say(level: int, sentence: str) -> None:
    for line in wrapped(sentence):
        log.log(level, "%s", line)
