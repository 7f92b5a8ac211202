"""Asks a PSA for the details of one table's records, several at a time, and merges the answers in batches."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from include.connectors.common.mapping import map_details
from include.connectors.common.values import InvalidValue
from include.connectors.contract import Details, PsaClient, ReadContext, Stream
from include.http.in_flight import Asked, in_flight
from include.http.paging import MOST_SKIPPED
from include.model.errors import (
    Blocked,
    NotFound,
    PsaError,
    RateLimited,
    RequestRefused,
    RightsError,
    ServerError,
    ShapeError,
    Unreachable,
    WarehouseError,
)
from include.model.page import Record
from include.model.wording import log_sentence
from include.sync.detail_progress import DetailProgress
from include.sync.drift import Drift
from include.sync.run import Sync
from include.warehouse.clock import read_clock
from include.warehouse.detail_reads import Answer
from include.warehouse.detail_runs import DetailLedger
from include.warehouse.details import DetailQueue
from include.warehouse.emptied_details import EmptiedDetails

log = logging.getLogger(__name__)

REFUSALS = (RightsError, Blocked)
ONE_RECORD_ONLY = (ServerError, Unreachable, RequestRefused, ShapeError, *REFUSALS)
"""Errors that a single record may cause: the details of others may still be readable."""
BATCH = 50
"""The most answers that are merged at once, and may be lost with the worker."""
CLAIMED_AT_ONCE = 20
REFUSED = 10
"""How many records in a row, from the first one on, show that the account may not read any details."""

Wanted = tuple[str, str | None]  # key and company


@dataclass
class DetailReader:
    """One attempt to read the details of one table."""

    sync: Sync
    stream: Stream[PsaClient]
    details: Details[PsaClient]
    context: ReadContext[PsaClient]
    queue: DetailQueue
    ledger: DetailLedger
    emptied: EmptiedDetails | None
    """What holds back details that would empty a column; None if a person has approved it."""
    ends_at: float
    """When the time for details ends, by the sync's clock."""
    drift: Drift
    """What the details look like, beside what is known."""
    left: float
    """How many records the run may still ask for; infinite if setup does not say."""
    read: int = 0
    """Records whose details were read, by earlier attempts of the run as well."""
    unread: Counter[str] = field(default_factory=Counter)
    """By column, how many values could not be used."""
    limited: RateLimited | None = None
    """Why the budget ended the attempt, if it did."""
    _failed: int = 0
    _refused: list[PsaError] = field(default_factory=list)
    _answers: list[Answer] = field(default_factory=list)
    _progress: DetailProgress = field(init=False)

    def __post_init__(self) -> None:
        http = self.context.client.http
        self._progress = DetailProgress(self.stream.table, self.sync.clock, lambda: http.in_flight, self.sync.show)

    @property
    def is_out_of_time(self) -> bool:
        """Whether the time for details has ended."""
        return self.sync.clock() >= self.ends_at

    @property
    def gave_up(self) -> bool:
        """Whether too many records could not be read."""
        return self._failed > MOST_SKIPPED

    def run(self) -> None:
        """Read until there are no more, or the run may ask for no more. What was read is merged, whatever happens."""
        try:
            ended_by = self._read_all()
            self._merge()
        finally:
            with suppress(Exception):  # a claim that cannot be released ends when its time is over
                self.queue.release()
        if isinstance(ended_by, RateLimited):
            self.limited = ended_by
        elif ended_by:
            raise ended_by
        elif self._is_without_right(1):
            raise self._refused[-1]

    def _read_all(self) -> PsaError | None:
        """What the PSA answered that ended the attempt, if something did."""
        at_once = self.context.client.http.at_once
        try:
            for asked in in_flight(self._ask, self._wanted(), at_once):
                self._answers.append(self._answer(asked))
                if len(self._answers) >= BATCH or self._progress.is_merge_due():
                    self._merge()
                if self.gave_up or self._is_without_right(REFUSED):
                    break
        except WarehouseError:
            raise
        except PsaError as error:
            return error
        return None

    def _wanted(self) -> Iterator[Wanted]:
        """The records to ask for, claimed a few at a time."""
        while found := self.queue.next():
            for first in range(0, len(found), CLAIMED_AT_ONCE):
                some = dict(found[first : first + CLAIMED_AT_ONCE])
                for key in sorted(self.queue.claim(some), key=list(some).index):
                    if self.left < 1 or self.is_out_of_time:
                        return
                    self.left -= 1
                    yield key, some[key]

    def _ask(self, wanted: Wanted) -> Record:
        return self.details.read(self.context, *wanted)

    def _answer(self, asked: Asked[Wanted, Record]) -> Answer:
        """What came back; raises what concerns more than this record."""
        key, table = asked.item[0], self.stream.table
        asked_at = read_clock(self.queue.connection).moment_of(asked.asked_at)
        try:
            record = asked.result()
            self.drift.add_records([record])
            row = map_details(self.stream, self.details, record, self.context.setup, self.unread)
            self.drift.add_rows({name: [value] for name, value in row.items()})
        except NotFound:
            log.info("%s %s was deleted before its details could be read.", table, key)
            return Answer(key, asked_at, problem="The record does not exist any more.")
        except InvalidValue as error:
            _warn(f"{table} {key}: its details cannot be used: {error}")
            return Answer(key, asked_at, problem=f"They cannot be used: {error}")
        except ONE_RECORD_ONLY as error:
            self._failed += 1
            self._refused += [error] if isinstance(error, REFUSALS) else []
            _warn(f"{table} {key}: no details. {error.said}")
            return Answer(key, asked_at, problem=error.said)
        self.read += 1
        return Answer(key, asked_at, row)

    def _merge(self) -> None:
        """Merge the answers so far in a transaction of their own, with their counts."""
        answers, self._answers = self._answers, []
        always = {*self.stream.unlisted(self.context.setup)}
        with self.queue.connection.transaction():
            counts = self.queue.merge(answers, always=always, emptied=self.emptied)
            self.ledger.add(self.stream.table, counts)
        self.queue.merged(answers)
        self._progress.add(counts, seconds_left=self.ends_at - self.sync.clock())

    def _is_without_right(self, least: int) -> bool:
        """Whether at least so many records were refused, and nothing else has come of any record."""
        return not self.read and least <= len(self._refused) == self._failed


def _warn(sentence: str) -> None:
    log_sentence(log, logging.WARNING, sentence)
