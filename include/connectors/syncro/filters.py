"""How lists of Syncro follow setup's company filter, and how single records are asked for."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from include.connectors.common.values import InvalidValue, integer, pick
from include.connectors.syncro.client import CUSTOMERS, Entity, SyncroClient
from include.connectors.syncro.columns import STATUSES, company_status
from include.http.paging import integer_key
from include.model.errors import ConfigError, NotFound, ShapeError
from include.model.page import Page, Reject
from include.model.setup import CompanyChoice, Setup, resolve

log = logging.getLogger(__name__)

Wanted = Callable[[Any], bool]


def company_filter(setup: Setup) -> tuple[list[str], list[str]]:
    """Keys of the statuses that setup wants, none for all; and a sentence for each wish that cannot be granted."""
    statuses, problems = resolve(setup.companies.statuses, STATUSES, what="company status")
    if setup.companies.types:
        problems.append("Syncro has no company types: take companies.types out; there are companies.statuses.")
    if setup.companies.status_from != CompanyChoice.status_from:
        problems.append(
            f"Syncro has no company types: companies.status_from can only be '{CompanyChoice.status_from}'."
        )
    return statuses, problems


def wanted_companies(setup: Setup) -> Wanted:
    """Whether setup wants a company."""
    statuses, problems = company_filter(setup)
    if problems:
        raise ConfigError(" ".join(problems))
    return lambda record: not statuses or company_status(record) in statuses


def wanted_owners(api: SyncroClient, setup: Setup) -> tuple[Wanted, list[Reject]]:
    """Whether setup wants the company that a record belongs to; a reject for each company that cannot be told."""
    if not setup.filters_companies:
        return (lambda _: True), []
    keys, unknown = keys_of(kept(api.listing(CUSTOMERS), wanted_companies(setup)))
    ids = frozenset(keys)
    return (lambda record: owner(record) in ids), unknown


def kept(pages: Iterable[Page], wanted: Wanted) -> Iterator[Page]:
    """The pages without the records that setup leaves out; an odd one is left to its mapping to reject."""
    for page in pages:
        yield replace(page, records=[record for record in page.records if _or_odd(wanted, record)])


def obeyed(pages: Iterable[Page], company: int, entity: Entity) -> Iterator[Page]:
    """The pages, unless one holds a record of another company than the one that was asked for."""
    for page in pages:
        if not all(_or_odd(lambda record: owner(record) == company, record) for record in page.records):
            raise ShapeError(
                f"Syncro: {entity.path} delivered records of other companies than the one that was asked for: "
                "the filter was ignored."
            )
        yield page


def those_there(
    api: SyncroClient, entity: Entity, keys: Sequence[str], *, most_gone: float = math.inf
) -> Iterator[Page]:
    """A page per record that was not deleted; of those listed a moment ago, more than `most_gone` cannot have been."""
    gone = 0
    for done, key in enumerate(keys, start=1):
        try:
            record = api.record(entity, key)
        except NotFound:
            gone += 1
            if gone > most_gone:
                raise
            log.info("Syncro %s/%s was deleted.", entity.path, key)
        else:
            yield Page([record], done=done, expected=len(keys))


def owner(record: Any) -> int | None:
    """The id of the company that a record belongs to."""
    return pick(integer, record, "customer_id")


def keys_of(companies: Iterable[Page]) -> tuple[list[int], list[Reject]]:
    """The ids of companies that other records hang on; a reject for each without one: what it has is unknown."""
    keys = [integer_key(record) for page in companies for record in page.records]
    unknown = [Reject(None, "its company has no usable 'id'")] * keys.count(None)
    return [key for key in keys if key is not None], unknown


def _or_odd(wanted: Wanted, record: Any) -> bool:
    try:
        return wanted(record)
    except InvalidValue:
        return True
