"""The tickets of Autotask: a page of the list, and everyone whom a ticket can be assigned to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from include.connectors.autotask.client import KEYS_PER_QUERY, AutotaskClient
from include.connectors.autotask.columns import COMPLETE
from include.connectors.autotask.conditions import Condition, mentioning, one_of, other_than
from include.connectors.autotask.newest_tickets import newest
from include.connectors.autotask.ticket_columns import TICKET_COLUMNS
from include.connectors.autotask.ticket_detail import NAME_FIELDS, detail, person
from include.connectors.common.ticket_filters import chosen
from include.connectors.common.tickets import people_of, ticket_key, try_pick
from include.connectors.common.values import negated, text
from include.connectors.contract import TicketSource
from include.model.errors import FormError
from include.model.tickets import Reference, State, TicketPage, TicketQuery

FIELDS = {
    "board": "queueID",
    "status": "status",
    "priority": "priority",
    "company": "companyID",
    "owner": "assignedResourceID",
}
SEARCHED = ("title", "ticketNumber")


def search(client: AutotaskClient, query: TicketQuery) -> TicketPage:
    """A page of the tickets that meet every filter, the newest activity first."""
    return newest(client, list(conditions(query)), query.page)


def conditions(query: TicketQuery) -> Iterator[Condition]:
    """The filters, as conditions of a query."""
    for name, wanted in chosen(query).items():
        yield one_of(FIELDS[name], keys(wanted))
    if query.state is State.OPEN:
        yield other_than("status", COMPLETE)
    if query.state is State.CLOSED:
        yield one_of("status", [COMPLETE])
    words = (text(query.text) or "").strip()
    if words:
        yield mentioning(SEARCHED, words)


def keys(wanted: Sequence[Reference]) -> list[str]:
    """The keys of what was chosen in a browser; raises FormError for what is not a key."""
    found = {whole(one.key) for one in wanted}
    if len(found) > KEYS_PER_QUERY:
        raise FormError(f"More than {KEYS_PER_QUERY} choices at once are more than Autotask takes.")
    return sorted(found)


def whole(key: str | None) -> str:
    """A key as a whole number; 0 is the MSP's own company."""
    return "0" if key == "0" else ticket_key(key, "choice")


def people(client: AutotaskClient) -> list[Reference]:
    """All resources."""
    resources = client.records("Resources", (*NAME_FIELDS, "isActive"))
    return people_of(resources, person, lambda record: try_pick(negated, record, "isActive"))


TICKET_SOURCE: TicketSource[AutotaskClient] = TicketSource(
    board="Queue", columns=TICKET_COLUMNS, search=search, detail=detail, people=people
)
