"""The tickets of Kaseya BMS at this moment: the list and who can have one; a single one is in `ticket`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from include.connectors.kaseya_bms.account import KaseyaBms, known_key, usable_key
from include.connectors.kaseya_bms.cells import reference
from include.connectors.kaseya_bms.ticket import FEW_TRIES, TICKETS, detail, is_closed, ticket, whole
from include.connectors.tickets import Desk, Named, Query, State, TicketPage, newest_first, peek, words
from include.connectors.values import text
from include.errors import FormError, ShapeError

ASSIGNEES = "/v2/hr/assignees/lookup"
CURSOR = re.compile(r"(0|[1-9][0-9]{0,5})-([0-9]{1,8})")
WORD = re.compile(r"[^\W_]+")
STATES = {  # there is no filter for completed ones alone, but these have a date of it
    State.OPEN: {"Filter.ExcludeCompleted": "1"},
    State.CLOSED: {"Filter.CompletedDateFrom": "1990-01-01T00:00:00Z"},
}


def search(api: KaseyaBms, query: Query) -> TicketPage:
    """A page, sorted here. That there are more is told by how many came so far: a page can be cut short."""
    asked = filters(query)
    if query.page:
        number, before = position(query.page)
        sheet = api.sheet(TICKETS, asked, number, counted=True, tries=FEW_TRIES)
    else:
        before = 0
        sheet, number = api.opening(TICKETS, asked, counted=True, tries=FEW_TRIES)
        if sheet.total and not sheet.records:
            raise ShapeError(f"Kaseya BMS: {TICKETS} counts {sheet.total:,} tickets and lists none.")
    usable = {key: record for record in sheet.records if (key := usable_key(record)) is not None}
    shown = [ticket(api, record) for record in usable.values() if wanted(query, record)]
    seen, total = before + len(sheet.records), sheet.total or 0
    return TicketPage(
        newest_first(shown),
        next=f"{number + 1}-{seen}" if sheet.records and seen < total else None,
        total=total if len(shown) == len(usable) else None,
        unreadable=sum(usable_key(record) is None for record in sheet.records),
    )


def position(cursor: str) -> tuple[int, int]:
    """The number of the page, and how many tickets came before it."""
    found = CURSOR.fullmatch(cursor)
    if not found:
        raise FormError("This is not the address of a page of tickets.")
    return int(found[1]), int(found[2])


def filters(query: Query) -> dict[str, str]:
    """What the server is to leave out: mostly by name, several of them between commas."""
    asked = dict(STATES.get(query.state, {}))
    if query.board:
        asked["Filter.QueueNames"] = names([query.board])
    if query.statuses:
        asked["Filter.StatusNames"] = names(query.statuses)
    if query.priorities:
        asked["Filter.PriorityNames"] = names(query.priorities)
    if query.company:
        asked["Filter.AccountIds"] = whole(query.company.key)
    if query.owner:
        asked["Filter.AssigneeName"] = named(query.owner)
    if typed := text(query.text):
        asked["Filter.Title"] = typed.strip()
    return asked


def names(chosen: Sequence[Named]) -> str:
    """A list of names, which a name with a comma would break in two."""
    found = list(dict.fromkeys(map(named, chosen)))
    if broken := [name for name in found if "," in name]:
        raise FormError(f"Kaseya BMS cannot filter by '{broken[0]}': it would take the comma for the end of the name.")
    return ",".join(found)


def named(chosen: Named) -> str:
    whole(chosen.key)
    if not chosen.name or not (name := chosen.name.strip()):
        raise FormError("Kaseya BMS filters by name, and the last sync knows no name for this.")
    return name


def wanted(query: Query, record: Any) -> bool:
    """Whether the ticket was asked for; raises ShapeError where it shows that the server ignored a filter."""
    if query.company and peek(reference, record, "accountid") != query.company.key:
        raise ignored("AccountIds")
    typed, title = WORD.findall(query.text.casefold()), words(record, "title").casefold()
    if typed and not any(word in title for word in typed):
        raise ignored("Title")
    chosen = {
        "queue": [query.board] if query.board else [],
        "status": query.statuses,
        "priority": query.priorities,
        "assignee": [query.owner] if query.owner else [],
    }
    return fits_state(query.state, record) and all(fits(what, several, record) for what, several in chosen.items())


def fits_state(state: State, record: Any) -> bool:
    """What the number behind ExcludeCompleted means is not documented, and reopened tickets keep a date: told here."""
    closed = is_closed(record)
    return state is State.ALL or closed is None or closed == (state is State.CLOSED)


def fits(what: str, chosen: Sequence[Named], record: Any) -> bool:
    """Whether it has one of the chosen. A name may be taken for a part of one, so that others come: not ignored."""
    if not chosen or peek(reference, record, f"{what}id") in {one.key for one in chosen}:
        return True
    name = words(record, f"{what}name").casefold()
    if not any(named(one).casefold() in name for one in chosen):
        raise ignored(f"{what} names")
    return False


def ignored(name: str) -> ShapeError:
    return ShapeError(f"Kaseya BMS: {TICKETS} delivered tickets that were filtered out by {name}.")


def people(api: KaseyaBms) -> list[Named]:
    """Who a ticket can be assigned to; nobody counts them."""
    pages = api.listing(ASSIGNEES, {}, counted=False, null_ends=False)
    known = {known_key(record, ASSIGNEES): peek(text, record, "name") for page in pages for record in page.records}
    return [Named(key, name) for key, name in known.items()]


DESK = Desk(
    board="Queue",
    search=search,
    detail=detail,
    people=people,
    order=(
        "Kaseya BMS does not say in which order it lists tickets: each page is sorted by last activity, but a later "
        "page can hold newer ones."
    ),
)
