"""The sites of Kaseya BMS: they come with their account, or, where the list leaves them out, one by one."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from include.connectors.common.values import InvalidValue, items, pick
from include.connectors.kaseya_bms.client import COMPANY, KaseyaClient, known_key, listed, usable_key
from include.http.paging import MOST_SKIPPED, integer_key
from include.model.errors import NotFound, ShapeError
from include.model.page import Page, Reject

log = logging.getLogger(__name__)

LOCATIONS = "/v2/crm/accounts/{accountId}/locations/lookup"
LOCATION = "/v2/crm/accounts/{accountId}/locations/{locationId}"


def sites_of(api: KaseyaClient, accounts: Iterable[Page]) -> Iterator[Page]:
    """The sites of these accounts; an account whose sites cannot be read keeps those that are known."""
    unread = 0
    for page in accounts:
        records: list[Any] = []
        rejects: list[Reject] = []
        for account in page.records:
            key = usable_key(account)
            if key is None:
                rejects.append(Reject(None, "the sites of an account without a usable Id"))
                continue
            try:
                records += [site | {"accountid": key} for site in locations(api, account, key)]
            except InvalidValue as error:
                reason = f"the sites of account {key}: {error}"
                rejects.append(Reject(None, reason, scope=("company_source_id", key)))
        unread += len(rejects)
        if unread > MOST_SKIPPED:  # then it is not about these accounts
            raise ShapeError(f"Kaseya BMS: of {unread} accounts the sites cannot be read, such as {rejects[0].reason}")
        yield replace(page, records=records, rejects=rejects)


def locations(api: KaseyaClient, account: Any, key: str) -> list[dict[str, Any]]:
    """The account's own list; where that is null or empty nobody knows whether the server fills it."""
    own = [dict(record) for record in pick(items, account, "locations")]
    return with_one_primary(own or looked_up(api, key))


def looked_up(api: KaseyaClient, account: str) -> list[dict[str, Any]]:
    """Each location by itself: the look-up has their ids, but neither address nor activity."""
    try:
        found = api.result(LOCATIONS.replace("{accountId}", account), endpoint=LOCATIONS)
    except NotFound as error:
        if not lives(api, account):
            log.info("Account %s was deleted while the sites were being read.", account)
            return []
        raise InvalidValue(f"they are not there, though it is: {error.said}") from None
    if found is None:
        raise InvalidValue("their look-up answered null, which does not prove that there are none")
    return [
        site for record in listed(found, LOCATIONS) if (site := location(api, account, known_key(record, LOCATIONS)))
    ]


def location(api: KaseyaClient, account: str, key: str) -> dict[str, Any] | None:
    path = LOCATION.replace("{accountId}", account).replace("{locationId}", key)
    try:
        return api.record(path, key, endpoint=LOCATION)
    except NotFound:
        log.info("Location %s was deleted while the sites were being read.", key)
        return None


def lives(api: KaseyaClient, account: str) -> bool:
    try:
        api.record(COMPANY.replace("{id}", account), account, endpoint=COMPANY)
    except NotFound:
        return False
    return True


def with_one_primary(sites: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Several locations can claim to be the main one; the lowest id is."""
    mains = [key for site in sites if site.get("ismain") is True and (key := integer_key(site)) is not None]
    return [site | {"ismain": False} if integer_key(site) in sorted(mains)[1:] else site for site in sites]
