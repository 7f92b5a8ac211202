"""The sites of accounts: they come with their account, or, where the listing leaves them out, one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial

from include.connectors.common.responses import listed
from include.connectors.common.tickets import try_pick
from include.connectors.common.values import InvalidValue, boolean, objects, pick
from include.connectors.kaseya_bms.client import COMPANY, KaseyaClient, at_endpoint, key_of, usable_key
from include.http.in_flight import in_flight
from include.http.paging import MOST_SKIPPED, integer_key
from include.http.positions import digest, place_in
from include.model.errors import NotFound, ShapeError
from include.model.page import Page, Position, PositionLost, Record, Reject

LOCATIONS = "/v2/crm/accounts/{accountId}/locations/lookup"
LOCATION = "/v2/crm/accounts/{accountId}/locations/{locationId}"


@dataclass(frozen=True)
class AccountMark:
    """A place within a page of the list of accounts."""

    behind: Sequence[Record] = ("", None)
    """What was listed, and the place in it, of the position before the page."""
    done: int = 0
    """How many accounts of the page were read."""
    keys: str = digest([])
    """The digest of their keys."""

    def position(self) -> Position:
        """This place as a position."""
        return Position(LOCATIONS, asdict(self))

    def rest(self, accounts: list[Record]) -> list[Record]:
        """The accounts of the page that are still to be read; raises PositionLost."""
        if digest(map(usable_key, accounts[: self.done])) != self.keys:
            raise PositionLost("the list of accounts has changed")
        return accounts[self.done :]


def sites_of(
    client: KaseyaClient, accounts: Callable[[Position | None], Iterator[Page]], resume: Position | None
) -> Iterator[Page]:
    """The sites of these accounts. Where those of an account cannot be read, its stored rows stay as they are."""
    begun, unread = AccountMark(**(place_in(resume, LOCATIONS) or {})), 0
    behind = begun.behind
    for page in accounts(Position(*behind) if resume else None):
        rest, place = page.records, page.position
        if begun.done and not rest:  # the page before the position, which was read
            place = None
        if place:
            rest, begun = begun.rest(rest), AccountMark()
        for left, records, rejects in _read(client, rest):
            unread += len(rejects)
            if unread > MOST_SKIPPED:  # so many are no longer about single accounts
                raise ShapeError(
                    f"Kaseya BMS: the sites of {unread} accounts cannot be read, such as {rejects[0].reason}"
                )
            done = page.records[: len(page.records) - left]
            mark = AccountMark(behind, len(done), digest(map(usable_key, done)))
            if place and not left:
                behind = (place.listing, place.at)
                mark = AccountMark(behind)
            yield replace(page, records=records, rejects=rejects, position=mark.position() if place else None)


def _read(client: KaseyaClient, accounts: Sequence[Record]) -> Iterator[tuple[int, list[Record], list[Reject]]]:
    """Sites and rejects of the accounts up to each one whose sites have to be looked up, and how many are left."""
    left = len(accounts)
    for asked in in_flight(partial(_sites, client), _with_look_up(accounts), client.http.at_once):
        left -= len(asked.item)
        yield left, *asked.result()


def _with_look_up(accounts: Sequence[Record]) -> Iterator[Sequence[Record]]:
    """The accounts in groups that end with one whose sites have to be looked up, or with the last account."""
    begin = 0
    for end, account in enumerate(accounts, start=1):
        if end == len(accounts) or not try_pick(objects, account, "locations"):
            yield accounts[begin:end]
            begin = end
    if not accounts:
        yield accounts


def _sites(client: KaseyaClient, accounts: Sequence[Record]) -> tuple[list[Record], list[Reject]]:
    records: list[Record] = []
    rejects: list[Reject] = []
    for account in accounts:
        try:
            records += _locations(client, account)
        except InvalidValue as error:
            rejects.append(_unread(usable_key(account), str(error)))
    return records, rejects


def _unread(account: str | None, reason: str) -> Reject:
    if account is None:
        return Reject(None, "the sites of an account without a usable Id")
    return Reject(None, f"the sites of account {account}: {reason}", scope=("company_source_id", account))


def _locations(client: KaseyaClient, account: Record) -> list[Record]:
    """The account's own list; where that is null or empty the server may not fill it, and the look-up is asked."""
    key = usable_key(account)
    if key is None:
        raise InvalidValue("it has no usable Id")
    sites = _with_one_main(pick(objects, account, "locations") or _looked_up(client, key))
    return [site | {"accountid": key} for site in sites]


def _looked_up(client: KaseyaClient, account: str) -> list[Record]:
    """Each location by its own request: the look-up has their ids, but neither address nor activity."""
    try:
        found = client.result(LOCATIONS, account)
    except NotFound as error:
        if not any(client.records("account", COMPANY, [account])):
            return []
        raise InvalidValue(f"they are not there, though it is: {error.said}") from None
    if found is None:
        raise InvalidValue("their look-up answered null, which does not prove that there are none")
    keys = [key_of(record, LOCATIONS) for record in listed(found, at_endpoint(LOCATIONS))]
    return [site for page in client.records("location", LOCATION, keys, account) for site in page.records]


def _with_one_main(sites: list[Record]) -> list[Record]:
    """Several locations can claim to be the main one; the one with the lowest id is."""
    mains = [key for site in sites if try_pick(boolean, site, "ismain") and (key := integer_key(site)) is not None]
    return [site | {"ismain": False} if integer_key(site) in sorted(mains)[1:] else site for site in sites]
