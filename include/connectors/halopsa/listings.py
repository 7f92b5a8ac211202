"""Which lists of HaloPSA are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from typing import Any

from include.connectors.common.values import InvalidValue, boolean, pick
from include.connectors.contract import Stream
from include.connectors.halopsa.assets import assets, find_assets
from include.connectors.halopsa.client import CLIENTS, SITES, TEAMS, USERS, HaloClient, Listing, existing, record_key
from include.connectors.halopsa.columns import (
    ASSET_COLUMNS,
    ASSET_CUSTOM,
    BOARD_COLUMNS,
    COMPANY_COLUMNS,
    COMPANY_CUSTOM,
    CONTACT_COLUMNS,
    CONTACT_CUSTOM,
    PRIORITY_COLUMNS,
    SITE_COLUMNS,
    STATUS_COLUMNS,
    STATUSES,
    TICKET_STATUS_COLUMNS,
    reference_key,
    status_key,
)
from include.connectors.halopsa.details import asked, completed
from include.connectors.halopsa.filters import (
    chosen_companies,
    each,
    kept,
    main_sites,
    of_companies,
    of_one,
    wanted_ones,
    wanted_statuses,
)
from include.model.page import Page
from include.model.setup import Setup

PRIORITIES = Listing("/Priority", "priorities")
TICKET_STATUSES = Listing("/Status", "statuses", {"showall": "true"})


def statuses(_: HaloClient, __: Setup) -> Iterator[Page]:
    """Not asked for: HaloPSA knows active and inactive companies, and nothing else of the kind."""
    records = [{"id": key, "name": name, "is_default": key == "active"} for key, name in STATUSES.items()]
    yield Page(records, done=len(records), expected=len(records))


def companies(api: HaloClient, setup: Setup) -> Iterator[Page]:
    if setup.only_company:
        yield from chosen_companies(api, setup)
    else:
        pages = chosen_companies(api, setup, **asked(setup, "companies"))
        yield from completed(api, CLIENTS, pages, setup, "companies")


def find_companies(api: HaloClient, setup: Setup, keys: Sequence[str]) -> Iterator[Page]:
    wanted = wanted_statuses(setup)
    yield from kept(existing(api, CLIENTS, keys), lambda record: not wanted or status_key(record) in wanted)


def sites(api: HaloClient, setup: Setup) -> Iterator[Page]:
    mains = main_sites(api, setup)
    pages = of_companies(api, SITES, setup, api.listing(SITES, **of_one(setup)), mains)
    yield from each(pages, with_main_site(mains.get))


def find_sites(api: HaloClient, setup: Setup, keys: Sequence[str]) -> Iterator[Page]:
    @cache
    def main_of(company: str) -> Any:
        return next((page.records[0].get("main_site_id") for page in existing(api, CLIENTS, [company])), None)

    yield from each(wanted_ones(api, setup, existing(api, SITES, keys)), with_main_site(main_of))


def with_main_site(main_of: Callable[[str], Any]) -> Callable[[Any], Any]:
    """The site with what its company says of it."""

    def add(record: Any) -> Any:
        company = pick(reference_key, record, "client_id")
        return {**record, "main_site_id": main_of(company) if company else None}

    return add


def contacts(api: HaloClient, setup: Setup) -> Iterator[Page]:
    @cache
    def companies_of_sites() -> dict[str, str | None]:
        listed = (record for page in api.listing(SITES, **of_one(setup)) for record in page.records)
        return {str(key): company_named(r) for r in listed if (key := record_key(r)) is not None}

    pages = api.listing(USERS, **of_one(setup), **asked(setup, "contacts"))
    placed = each(pages, with_company(lambda site: companies_of_sites().get(site)))
    yield from completed(api, USERS, of_companies(api, USERS, setup, placed), setup, "contacts")


def find_contacts(api: HaloClient, setup: Setup, keys: Sequence[str]) -> Iterator[Page]:
    @cache
    def company_of(site: str) -> str | None:
        return next((company_named(page.records[0]) for page in existing(api, SITES, [site])), None)

    yield from wanted_ones(api, setup, each(existing(api, USERS, keys), with_company(company_of)))


def company_named(site: Any) -> str | None:
    """The company of a site; that an odd one is odd, the site's own mapping says."""
    with suppress(InvalidValue):
        return pick(reference_key, site, "client_id")
    return None


def with_company(company_of: Callable[[str], str | None]) -> Callable[[Any], Any]:
    """The contact with its company, by way of its site where it names none."""

    def add(record: Any) -> Any:
        if pick(reference_key, record, "client_id"):
            return record
        site: Any = CONTACT_COLUMNS["site_source_id"].read(record, Setup())
        return {**record, "client_id": company_of(site) if site else None}

    return add


def boards(api: HaloClient, _: Setup) -> Iterator[Page]:
    yield from whole(api.unpaged(TEAMS))


def ticket_statuses(api: HaloClient, _: Setup) -> Iterator[Page]:
    """The list does not say which are closed; asked to leave those out it does, unless the server ignores that."""
    everything = api.unpaged(TICKET_STATUSES)
    still_open = {record_key(r) for r in api.unpaged(TICKET_STATUSES, excludeclosed="true")}
    told = any(record_key(record) not in still_open for record in everything)

    def with_closed(record: Any) -> Any:
        return {**record, "closed": record_key(record) not in still_open if told else None}

    yield from each(whole(everything), lambda r: with_closed(r) if isinstance(r, dict) else r)


def priorities(api: HaloClient, _: Setup) -> Iterator[Page]:
    yield from whole(api.unpaged(PRIORITIES))


def whole(records: list[Any]) -> Iterator[Page]:
    yield Page(records, done=len(records), expected=len(records))


def is_inactive(record: Any) -> bool:
    return bool(pick(boolean, record, "inactive"))


# A server may leave rows out of a list and out of its count, inactive ones or those of another agent, without a word:
# so what a list lacks is asked for by its id before it counts as gone.
UNSURE: Any = {"is_counted": False, "may_hide": is_inactive}
STREAMS: tuple[Stream[HaloClient], ...] = (
    Stream("company_statuses", statuses, STATUS_COLUMNS),
    Stream("companies", companies, COMPANY_COLUMNS, find=find_companies, custom=COMPANY_CUSTOM, **UNSURE),
    Stream("company_sites", sites, SITE_COLUMNS, find=find_sites, **UNSURE),
    Stream(
        "assets",
        assets,
        ASSET_COLUMNS,
        essential=("id", "inventory_number"),
        find=find_assets,
        custom=ASSET_CUSTOM,
        **UNSURE,
    ),
    Stream("contacts", contacts, CONTACT_COLUMNS, find=find_contacts, custom=CONTACT_CUSTOM, **UNSURE),
    Stream("service_boards", boards, BOARD_COLUMNS),
    Stream("ticket_statuses", ticket_statuses, TICKET_STATUS_COLUMNS),
    Stream("ticket_priorities", priorities, PRIORITY_COLUMNS, essential=("slaid", "priorityid", "name")),
)
