"""Tickets of Kaseya BMS as the ticket page asks for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import pytest

from include.connectors import load
from include.connectors.kaseya_bms.tickets import TICKET_SOURCE
from include.model.errors import FormError, ShapeError
from include.model.tickets import Reference, State, Ticket, TicketQuery
from tests.connectors.kaseya_bms.scripted import needs_specs
from tests.connectors.kaseya_bms.ticket_server import NOTE, ROW, TICKETS, TIME, Server, envelope, listing, one, paged
from tests.support.rig import rig
from tests.support.vendor_specs import check_request
from tests.support.vendor_specs import load as load_spec
from tests.support.worlds import new_world

DONE = {"completedDate": "2026-11-12T08:00:00"}
AGAIN = {**DONE, "reOpenedDate": "2026-11-13T08:00:00"}
EVERY_FILTER = TicketQuery(
    board=Reference("3", "Level 1"),
    statuses=[Reference("4", "New"), Reference("6", "New"), Reference("7", "Newish")],
    priorities=[Reference("1", "High")],
    company=Reference("17", "Acme"),
    owner=Reference("8", "Doe, John"),
    text=" fire&Filter.ExcludeCompleted=0, '%*\" (or) ",
)


def test_keys_and_names_of_a_record_are_read_in_any_case() -> None:
    pascal = {name[0].upper() + name[1:]: value for name, value in ROW.items()}
    for row in (ROW, pascal):
        (ticket,) = TICKET_SOURCE.search(listing(row).api, TicketQuery()).tickets
        assert (ticket.key, ticket.number, ticket.summary) == ("5", "2026-00005", "Printer on fire")
        assert (ticket.company, ticket.contact, ticket.board) == (
            Reference("17", "Acme"),
            Reference(),
            Reference("3", "Level 1"),
        )
        assert (ticket.status, ticket.priority) == (Reference("4", "New"), Reference("1", "High"))
        assert (ticket.owner, ticket.is_closed) == (Reference("8", "Doe, John"), False)
        assert ticket.created_at == datetime(2026, 11, 10, 6, 24, 10, 123456, timezone.utc)
        assert ticket.url == "https://bmsemea.kaseya.com/react/servicedesk/tickets/5"


def test_the_address_of_a_ticket_is_known_at_the_vendors_own_hosts_only() -> None:
    server = listing(ROW)
    server.base_url = "https://api.bms.kaseya.com.example.org"
    assert TICKET_SOURCE.search(server.api, TicketQuery()).tickets[0].url is None


def test_invalid_values_are_left_out_and_a_record_without_an_id_is_counted() -> None:
    invalid = {**ROW, "title": {}, "openDate": "soon", "accountId": "x", "ticketNumber": ""}
    page = TICKET_SOURCE.search(listing(invalid, {**ROW, "id": None}, invalid).api, TicketQuery())
    assert page.unreadable == 1
    ((number, summary, company),) = [(t.number, t.summary, t.company.key) for t in page.tickets]
    assert (number, summary, company) == ("5", None, None)


def test_every_filter_is_one_parameter_whatever_its_text() -> None:
    server = listing(ROW)
    TICKET_SOURCE.search(server.api, EVERY_FILTER)
    assert server.asked == [
        (
            TICKETS,
            {
                "PageSize": "50",
                "PageNumber": "1",
                "Filter.ExcludeCompleted": "1",
                "Filter.QueueNames": "Level 1",
                "Filter.StatusNames": "New,Newish",
                "Filter.PriorityNames": "High",
                "Filter.AccountIds": "17",
                "Filter.AssigneeName": "Doe, John",
                "Filter.Title": "fire&Filter.ExcludeCompleted=0, '%*\" (or)",
            },
            TICKETS,
        )
    ]


@pytest.mark.parametrize("name", ["On hold, customer", None, " "])
def test_a_name_that_cannot_be_filtered_by_is_refused_in_plain_words(name: str | None) -> None:
    server = listing(ROW)
    for query in (
        TicketQuery(board=Reference("3", name)),
        TicketQuery(statuses=[Reference("4", "New"), Reference("9", name)]),
    ):
        with pytest.raises(FormError, match=r"comma|no name"):
            TICKET_SOURCE.search(server.api, query)
    assert server.asked == []


@pytest.mark.parametrize(
    ("query", "row"),
    [
        (TicketQuery(board=Reference("9", "Projects")), {}),
        (TicketQuery(statuses=[Reference("9", "Waiting")]), {}),
        (TicketQuery(priorities=[Reference("9", "Low")]), {}),
        (TicketQuery(company=Reference("18", "Other")), {}),
        (TicketQuery(owner=Reference("9", "Eve")), {}),
        (TicketQuery(owner=Reference("9", "Eve")), {"assigneeId": 0, "assigneeName": None}),
        (TicketQuery(text="toner"), {}),
    ],
)
def test_a_server_that_ignores_a_filter_is_refused(query: TicketQuery, row: Any) -> None:
    with pytest.raises(ShapeError, match="filtered out by") as refused:
        TICKET_SOURCE.search(listing({**ROW, **row}, {**ROW, **row, "id": 6}).api, query)
    assert "Acme" not in str(refused.value)


@pytest.mark.parametrize(
    ("query", "row", "what"),
    [
        (TicketQuery(board=Reference("3", "Level 1")), {"queueId": 9, "queueName": "Projects"}, "queue"),
        (TicketQuery(statuses=[Reference("4", "New")]), {"statusId": 9, "statusName": "Waiting"}, "status"),
        (TicketQuery(company=Reference("17", "Acme")), {"accountId": 18}, "account"),
        (TicketQuery(owner=Reference("8", "Doe, John")), {"assigneeId": 0, "assigneeName": None}, "assignee"),
    ],
)
def test_a_ticket_that_does_not_fit_is_left_out_and_the_others_are_shown(
    query: TicketQuery, row: Any, what: str
) -> None:
    page = TICKET_SOURCE.search(listing(ROW, {**ROW, **row, "id": 6}).api, query)
    assert ([ticket.key for ticket in page.tickets], page.total) == (["5"], None)
    assert page.remark == f"Left out here: 1 ticket with another {what} that the server listed too."


def test_titles_are_compared_as_databases_do_and_one_that_fits_keeps_the_page() -> None:
    rows = [{**ROW, "id": number, "title": title} for number, title in enumerate(("Café", "SØREN", "CAFE\u0301"), 1)]
    page = TICKET_SOURCE.search(listing(*rows[::2]).api, TicketQuery(text="cafe"))
    assert (len(page.tickets), page.total, page.remark) == (2, 2, "")
    page = TICKET_SOURCE.search(listing(*rows).api, TicketQuery(text="soren cafe"))
    assert (len(page.tickets), page.total, page.remark) == (3, 3, "")
    for few in (rows[1:2], [*rows, rows[1] | {"id": 9}, rows[1] | {"id": 10}]):
        page = TICKET_SOURCE.search(listing(*few).api, TicketQuery(text="cafe"))
        assert (len(page.tickets), page.remark[:21]) == (len(few), "Most of these titles ")


def test_an_empty_page_says_that_filters_go_by_the_names_of_the_last_sync() -> None:
    by_name = (
        TicketQuery(board=Reference("3", "Was")),
        TicketQuery(statuses=[Reference("4", "Was")]),
        TicketQuery(priorities=[Reference("1", "Was")]),
    )
    for query in by_name:
        assert "renamed since then finds nothing" in TICKET_SOURCE.search(listing().api, query).remark
    for query in (TicketQuery(), TicketQuery(company=Reference("17", "Acme")), TicketQuery(text="fire")):
        assert TICKET_SOURCE.search(listing().api, query).remark == ""
    assert TICKET_SOURCE.search(listing(ROW).api, EVERY_FILTER).remark == ""


def test_a_list_that_ends_before_as_many_tickets_as_it_counts_is_refused() -> None:
    with pytest.raises(ShapeError, match="counts 300 tickets and lists 200"):
        TICKET_SOURCE.search(listing(total=300).api, TicketQuery(page="3-200"))
    assert TICKET_SOURCE.search(listing(total=200).api, TicketQuery(page="3-200")).tickets == []


def test_tickets_of_a_status_whose_name_contains_the_chosen_one_are_left_out() -> None:
    other = {**ROW, "id": 6, "statusId": 9, "statusName": "Renewed"}
    page = TICKET_SOURCE.search(
        listing(ROW, other, total=300).api, TicketQuery(statuses=[Reference("4", "New")], page="2-100")
    )
    assert ([ticket.key for ticket in page.tickets], page.total, page.next) == (["5"], None, "3-102")


def test_completed_tickets_are_found_by_their_date_unless_they_were_reopened() -> None:
    server = listing({**ROW, **DONE}, {**ROW, "id": 6, **AGAIN})
    for state, key in ((State.CLOSED, "5"), (State.OPEN, "6")):
        page = TICKET_SOURCE.search(server.api, TicketQuery(state=state))
        assert ([ticket.key for ticket in page.tickets], page.total) == ([key], None)
    assert server.asked[0][1]["Filter.CompletedDateFrom"] == "1990-01-01T00:00:00Z"
    everything = TICKET_SOURCE.search(server.api, TicketQuery(state=State.ALL)).tickets
    assert {ticket.key: ticket.is_closed for ticket in everything} == {"5": True, "6": False}
    assert not any(name.startswith("Filter") for name in server.asked[-1][1])


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize(("count", "cut"), [(7, 100), (100, 100), (250, 100), (250, 40)])
def test_every_ticket_is_on_some_page_wherever_the_server_begins_to_count(first: int, count: int, cut: int) -> None:
    server = Server({TICKETS: paged([{**ROW, "id": n} for n in range(1, count + 1)], first=first, cut=cut)})
    keys: list[str] = []
    page = TICKET_SOURCE.search(server.api, TicketQuery())
    keys += [ticket.key for ticket in page.tickets]
    while page.next:
        page = TICKET_SOURCE.search(server.api, TicketQuery(page=page.next))
        keys += [ticket.key for ticket in page.tickets]
    assert (page.total, sorted(map(int, keys))) == (count, list(range(1, count + 1)))


@pytest.mark.parametrize(("first", "following"), [(0, "1-50"), (1, "2-50")])
@pytest.mark.parametrize("moves", [0, 1, 15])
def test_tickets_that_change_between_two_requests_hide_no_page(first: int, following: str, moves: int) -> None:
    order = list(range(1, 251))

    def answer(number: int, size: int) -> Any:
        begin = max(number - first, 0) * size  # what is before the first page is the first
        shown = order[begin : begin + size]
        order.sort(key=lambda key: not 71 <= key < 71 + moves)
        return envelope([{**ROW, "id": key} for key in shown], total=250)

    api = Server({TICKETS: answer}).api
    page = TICKET_SOURCE.search(api, TicketQuery())
    newest = {*range(71, 71 + moves), *range(1, 51 - moves)} if first == 0 else set(range(1, 51))
    assert ({int(ticket.key) for ticket in page.tickets}, page.next) == (newest, following)
    assert api.first_page == (None if moves else first)


def test_a_page_is_sorted_by_last_activity() -> None:
    newer = {**ROW, "id": 6, "lastActivityUpdate": "2026-11-20T00:00:00"}
    never = {**ROW, "id": 7, "lastActivityUpdate": "0001-01-01T00:00:00"}
    assert [ticket.key for ticket in TICKET_SOURCE.search(listing(never, ROW, newer).api, TicketQuery()).tickets] == [
        "6",
        "5",
        "7",
    ]


@pytest.mark.parametrize("cursor", ["2", "-1-2", "2-2&x=1", "2-2\n", "\u0662-\u0662", "../x", "01-1", "2-" + "9" * 99])
def test_a_cursor_that_is_none_is_refused(cursor: str) -> None:
    with pytest.raises(FormError):
        TICKET_SOURCE.search(listing(ROW).api, TicketQuery(page=cursor))


@pytest.mark.parametrize("key", ["", None, "0", "-1", "1,2", "1/../2", "7\n", "\u0667", "1e5", "9" * 20])
def test_invalid_keys_are_refused_before_anything_is_sent(key: Any) -> None:
    server, named = listing(ROW), Reference(key, "x")
    queries = [
        TicketQuery(board=named),
        TicketQuery(company=named),
        TicketQuery(owner=named),
        TicketQuery(statuses=[named]),
    ]
    for query in [*queries, TicketQuery(priorities=[named])]:
        with pytest.raises(FormError):
            TICKET_SOURCE.search(server.api, query)
    with pytest.raises(FormError):
        TICKET_SOURCE.detail(server.api, key)
    assert server.asked == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        None,
        {"success": True, "result": [ROW]},
        {"success": True, "totalRecords": 0},
        envelope({}, total=1),
        envelope(None, total=3),
        {**envelope([], total=0), "success": False},
    ],
)
def test_a_list_without_its_envelope_is_refused(body: Any) -> None:
    with pytest.raises(ShapeError):
        TICKET_SOURCE.search(Server({TICKETS: body}).api, TicketQuery())


def test_people_are_those_a_ticket_can_be_assigned_to() -> None:
    people = [{"id": 8, "name": "Doe, John"}, {"id": 9, "name": "Eve"}]
    server = Server({"/v2/hr/assignees/lookup": paged(people, first=1, counted=False)})
    assert TICKET_SOURCE.people(server.api) == [Reference("8", "Doe, John"), Reference("9", "Eve")]
    with pytest.raises(ShapeError):
        TICKET_SOURCE.people(Server({"/v2/hr/assignees/lookup": envelope(None)}).api)


def test_the_connector_has_this_ticket_source_and_says_how_tickets_are_sorted() -> None:
    assert load("kaseya_bms").tickets is TICKET_SOURCE
    assert TICKET_SOURCE.board == "Queue"
    assert "a later page can hold newer ones" in TICKET_SOURCE.order


def every(api: Any, query: TicketQuery) -> dict[str, Ticket]:
    """All the pages."""
    found: list[Ticket] = []
    page = TICKET_SOURCE.search(api, query)
    found += page.tickets
    while page.next:
        page = TICKET_SOURCE.search(api, replace(query, page=page.next))
        found += page.tickets
    assert len({ticket.key for ticket in found}) == len(found)
    return {ticket.key: ticket for ticket in found}


def test_each_filter_brings_exactly_the_tickets_that_fit_it() -> None:
    with rig("", new_world(companies=40), vendor="kaseya_bms") as running:
        api = running.client()
        known = every(api, TicketQuery(state=State.ALL))
        assert known.keys() == set(map(str, running.simulator.world.tickets.ids))
        some = next(ticket for ticket in known.values() if ticket.owner.name or ticket.owner.key)
        people = {person.key: person for person in TICKET_SOURCE.people(api)}
        owner = next(people[t.owner.key] for t in known.values() if t.owner.key in people)
        cases: list[tuple[TicketQuery, Callable[[Ticket], bool]]] = [
            (TicketQuery(), lambda t: not t.is_closed),
            (TicketQuery(state=State.CLOSED), lambda t: bool(t.is_closed)),
            (TicketQuery(board=some.board), lambda t: t.board.key == some.board.key),
            (TicketQuery(statuses=[some.status]), lambda t: t.status == some.status),
            (TicketQuery(priorities=[some.priority]), lambda t: t.priority.key == some.priority.key),
            (TicketQuery(company=some.company), lambda t: t.company.key == some.company.key),
            (TicketQuery(owner=owner), lambda t: t.owner.key == owner.key),
            (TicketQuery(text="pto"), lambda t: "pto" in (t.summary or "").casefold()),
        ]
        for number, (query, fits) in enumerate(cases):
            state = query.state if number < 2 else State.ALL
            found = every(api, replace(query, state=state))
            assert found.keys() == {key for key, ticket in known.items() if fits(ticket)}, query
        assert every(api, TicketQuery(text="' or 1=1 -- %*,[]()\\\"")) == {}


def test_a_simulator_that_ignores_filters_is_refused() -> None:
    with rig("", new_world(companies=40), vendor="kaseya_bms") as running:
        api = running.client()
        some = next(iter(TICKET_SOURCE.search(api, TicketQuery()).tickets))
        running.simulator.faults.add("filter_ignored")
        for query in (TicketQuery(company=some.company), TicketQuery(board=some.board), TicketQuery(text="zyzzyva")):
            with pytest.raises(ShapeError, match="filtered out"):
                every(api, query)


@needs_specs
def test_every_request_is_in_the_vendors_description() -> None:
    spec = load_spec("kaseya_bms")
    server = one(notes=[NOTE], activities=[TIME])
    server.answers = {**server.answers, **listing(ROW).answers, "/v2/hr/assignees/lookup": envelope([])}
    TICKET_SOURCE.search(server.api, EVERY_FILTER)
    TICKET_SOURCE.search(listing().api, TicketQuery(state=State.CLOSED))
    TICKET_SOURCE.detail(server.api, "5")
    TICKET_SOURCE.people(server.api)
    for path, asked, endpoint in server.asked:
        check_request(spec, "GET", path, asked)
        assert spec.template("GET", path) == endpoint
