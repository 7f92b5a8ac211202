"""The tickets of Kaseya BMS at this moment: the list and who can have one; a single one is in `ticket`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from include.connectors.common.ticket_filters import is_ignored
from include.connectors.common.tickets import Place, folded, newest_first, place, ticket_key, try_pick, words
from include.connectors.common.values import text
from include.connectors.contract import TicketSource
from include.connectors.kaseya_bms.client import KaseyaClient, Listing, key_of, usable_key
from include.connectors.kaseya_bms.columns import reference
from include.connectors.kaseya_bms.ticket_columns import FEW_TRIES, TICKETS, is_closed, ticket
from include.connectors.kaseya_bms.ticket_detail import detail
from include.model.errors import FormError, ShapeError
from include.model.tickets import Reference, State, TicketPage, TicketQuery

ASSIGNEES = "/v2/hr/assignees/lookup"
WORD = re.compile(r"[^\W_]+")
STATES = {  # there is no filter for completed ones alone, but these have a date of it
    State.OPEN: {"Filter.ExcludeCompleted": "1"},
    State.CLOSED: {"Filter.CompletedDateFrom": "1990-01-01T00:00:00Z"},
}
RENAMED = (
    "Kaseya BMS filters by the names of queues, statuses and priorities, and is asked for those of the last sync: one "
    "that was renamed since finds nothing."
)


def search(api: KaseyaClient, query: TicketQuery) -> TicketPage:
    """A page, sorted here. That there are more is told by how many came so far: a page can be cut short."""
    start = place(query.page)
    listing = Listing(TICKETS, filters=filters(query), tries=FEW_TRIES)
    if start:
        sheet = api.page(listing, start.number)
    else:
        sheet, number = api.opening(listing)
        start = Place(number)
    seen, total = start.before + len(sheet.records), sheet.total or 0
    if not sheet.records and seen < total:
        raise ShapeError(f"Kaseya BMS: {TICKETS} counts {total:,} tickets and lists {seen:,}.")
    usable = {key: record for record in sheet.records if (key := usable_key(record)) is not None}
    remarks = doubts(query, list(usable.values()))
    shown = [ticket(api, record) for record in usable.values() if wanted(query, record)]
    if not shown and (query.board or query.statuses or query.priorities):
        remarks.append(RENAMED)
    return TicketPage(
        newest_first(shown),
        next=str(Place(start.number + 1, seen)) if sheet.records and seen < total else None,
        total=total if len(shown) == len(usable) else None,
        unreadable=sum(usable_key(record) is None for record in sheet.records),
        remark=" ".join(remarks),
    )


def filters(query: TicketQuery) -> dict[str, str]:
    """What the server is to leave out: mostly by name, several of them between commas."""
    asked = dict(STATES.get(query.state, {}))
    if query.board:
        asked["Filter.QueueNames"] = names([query.board], "queue")
    if query.statuses:
        asked["Filter.StatusNames"] = names(query.statuses, "status")
    if query.priorities:
        asked["Filter.PriorityNames"] = names(query.priorities, "priority")
    if query.company:
        asked["Filter.AccountIds"] = ticket_key(query.company.key, "company")
    if query.owner:
        asked["Filter.AssigneeName"] = named(query.owner, "person")
    if typed := text(query.text):
        asked["Filter.Title"] = typed.strip()
    return asked


def names(chosen: Sequence[Reference], what: str) -> str:
    """A list of names, which a name with a comma would break in two."""
    found = list(dict.fromkeys(named(one, what) for one in chosen))
    if broken := [name for name in found if "," in name]:
        raise FormError(f"Kaseya BMS cannot filter by '{broken[0]}': it would take the comma for the end of the name.")
    return ",".join(found)


def named(chosen: Reference, what: str) -> str:
    ticket_key(chosen.key, what)
    if not chosen.name or not (name := chosen.name.strip()):
        raise FormError("Kaseya BMS filters by name, and the last sync knows no name for this.")
    return name


def doubts(query: TicketQuery, records: Sequence[Any]) -> list[str]:
    """Sentences about rows that do not bear a filter out; raises ShapeError where they show that it was ignored."""
    remarks = doubts_of_text(query.text, records)
    for what, chosen in pointers(query):
        foreign = sum(is_foreign(what, chosen, record) for record in records)
        if is_ignored(foreign, len(records)):
            raise ignored(what)
        if foreign:
            remarks.append(f"Kaseya BMS also listed {foreign:,} of another {what}, left out here.")
    return remarks


def doubts_of_text(typed: str, records: Sequence[Any]) -> list[str]:
    """A database finds more in a title than can be compared here, so that one that fits keeps the page."""
    sought = WORD.findall(folded(typed))
    fitting = sum(has_a_word(sought, record) for record in records)
    if not sought or 2 * fitting >= len(records):
        return []
    if not fitting and len(records) > 1:
        raise ignored("title")
    return ["Most of these titles have nothing of the text: Kaseya BMS may not have filtered by it."]


def has_a_word(sought: Sequence[str], record: Any) -> bool:
    title = folded(words(record, "title"))
    return any(word in title for word in sought)


def pointers(query: TicketQuery) -> list[tuple[str, Sequence[Reference]]]:
    """What a ticket has to point at, by its fields' names."""
    single = {"account": query.company, "queue": query.board, "assignee": query.owner}
    several = {"status": query.statuses, "priority": query.priorities}
    chosen = {**{what: [one] for what, one in single.items() if one}, **several}
    return [(what, some) for what, some in chosen.items() if some]


def wanted(query: TicketQuery, record: Any) -> bool:
    """Whether the ticket was asked for."""
    return fits_state(query.state, record) and all(fits(what, some, record) for what, some in pointers(query))


def fits_state(state: State, record: Any) -> bool:
    """What the number behind ExcludeCompleted means is not documented, and reopened tickets keep a date: told here."""
    closed = is_closed(record)
    return state is State.ALL or closed is None or closed == (state is State.CLOSED)


def fits(what: str, chosen: Sequence[Reference], record: Any) -> bool:
    return try_pick(reference, record, f"{what}id") in {one.key for one in chosen}


def is_foreign(what: str, chosen: Sequence[Reference], record: Any) -> bool:
    """Whether no filter lets it through: by name others come too, where a name may be taken for a part of theirs."""
    if fits(what, chosen, record):
        return False
    name = folded(words(record, f"{what}name"))
    return what == "account" or not any(folded(one.name or "").strip() in name for one in chosen)


def ignored(what: str) -> ShapeError:
    return ShapeError(f"Kaseya BMS: {TICKETS} delivered tickets that were filtered out by {what}.")


def people(api: KaseyaClient) -> list[Reference]:
    """Who a ticket can be assigned to; nobody counts them."""
    pages = api.pages(Listing(ASSIGNEES, is_counted=False, may_be_null=False))
    known = {key_of(record, ASSIGNEES): try_pick(text, record, "name") for page in pages for record in page.records}
    return [Reference(key, name) for key, name in known.items()]


TICKET_SOURCE = TicketSource(
    board="Queue",
    search=search,
    detail=detail,
    people=people,
    order=(
        "Kaseya BMS does not say in which order it lists tickets: each page is sorted by last activity, but a later "
        "page can hold newer ones."
    ),
)
