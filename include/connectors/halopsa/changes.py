"""What changed at HaloPSA since a time: the lists' own filter, if a probe shows that the server honours it.

The vendor's description calls the filter a boolean, and a list does not show when its records changed, so that its
answer cannot be checked.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import cached_property

from include.connectors.common.companies import company_filter
from include.connectors.common.filters import keep_wanted
from include.connectors.common.values import InvalidValue
from include.connectors.contract import ReadContext
from include.connectors.halopsa.client import CLIENTS, PAGE_SIZE, HaloClient, Listing, existing, record_key
from include.connectors.halopsa.columns import COLUMNS, FIRST_YEAR
from include.connectors.halopsa.companies import CHOICES, of_run, owner
from include.model.errors import FilterIgnored, RequestRefused, ServerError
from include.model.page import Page, Record

FROM = "lastupdatefromdate"
EARLIEST = datetime(FIRST_YEAR, 1, 1, tzinfo=timezone.utc)
TEN_YEARS = timedelta(days=3650)
FEW = 5
"""So many records are asked for one by one before the server is asked how long their list is."""

KeyOf = Callable[[Record], "str | None"]
"""Gives the key of the record that another one refers to; raises InvalidValue."""


def changed_since(context: ReadContext[HaloClient], what: Listing) -> dict[str, str]:
    """The parameter that asks a list for changes; raises FilterIgnored unless the server honours it.

    A server does, if no record changed in the future, and some have changed in the past.
    """
    since = context.scope.since or EARLIEST
    if later := _count(context.client, what, since + TEN_YEARS):
        raise FilterIgnored(f"HaloPSA: {what.path} ignores {FROM}: it counts {later:,} records for a future date.")
    if not _count(context.client, what, EARLIEST):
        raise FilterIgnored(f"HaloPSA: {what.path} counts no record that changed since {FIRST_YEAR}.")
    return {FROM: _written(since)}


def _count(client: HaloClient, what: Listing, since: datetime) -> int:
    try:
        return client.count(what, **{FROM: _written(since)})
    except (RequestRefused, ServerError) as refused:
        raise FilterIgnored(f"HaloPSA: {what.path} cannot be asked for changes. {refused.said}") from None


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


@dataclass
class Lookup:
    """Fields of the records that others refer to: read one by one, or as a list where that costs fewer requests."""

    client: HaloClient
    what: Listing
    fields: tuple[str, ...]
    _found: dict[str, Record] = field(default_factory=dict)
    _asked: int = 0
    _is_listed: bool = False

    def ahead(self, pages: Iterable[Page], key_of: KeyOf) -> Iterator[Page]:
        """The pages, each once the records that its own refer to are known."""
        for page in pages:
            self._read(dict.fromkeys(filter(None, (_readable(key_of, record) for record in page.records))))
            yield page

    def get(self, key: str | None) -> Record:
        """The fields of a record; None if it does not exist."""
        return self._found.get(key) if key else None

    def _read(self, keys: Iterable[str]) -> None:
        unknown = [] if self._is_listed else [key for key in keys if key not in self._found]
        for page in self._pages(unknown) if unknown else ():
            found = ((record_key(record), record) for record in page.records)
            self._found |= {
                str(key): {name: r.get(name) for name in self.fields} for key, r in found if key is not None
            }
        self._found |= {key: None for key in unknown if key not in self._found}

    def _pages(self, keys: list[str]) -> Iterator[Page]:
        self._asked += len(keys)
        if self._asked > FEW and self._asked > self._pages_of_list:
            self._is_listed = True
            return self.client.listing(self.what)
        return existing(self.client, self.what, keys)

    @cached_property
    def _pages_of_list(self) -> int:
        return pages_of(self.client, self.what)


def pages_of(client: HaloClient, what: Listing) -> int:
    """How many pages a list of companies or sites has."""
    return math.ceil(client.count(what) / PAGE_SIZE)


def _readable(key_of: KeyOf, record: Record) -> str | None:
    try:
        return key_of(record)
    except InvalidValue:
        return None


def of_changed(context: ReadContext[HaloClient], what: Listing, pages: Iterable[Page]) -> Iterator[Page]:
    """The changed records that belong to companies of the run. Setup's filter is checked for their companies only."""
    if context.scope.company or not context.setup.filters_companies:
        return of_run(context, what, pages)
    companies = Lookup(context.client, CLIENTS, ("inactive",))
    chosen, status = company_filter(CHOICES, context.client, context.setup), COLUMNS["companies"]["status_source_id"]

    def is_selected(record: Record) -> bool:
        company = companies.get(owner(record))
        return company is not None and chosen.selects(status=status.read(company, context.setup), types=())

    return keep_wanted(companies.ahead(pages, owner), is_selected)
