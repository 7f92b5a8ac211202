"""Tickets of Kaseya BMS as the page asks for them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import Any

import pytest

from include.connectors import load
from include.connectors.kaseya_bms.client import KaseyaClient
from include.connectors.kaseya_bms.tickets import TICKET_SOURCE
from include.http.call import Answer
from include.model.errors import FormError, NotFound, PsaError, RequestRefused, RightsError, ShapeError
from include.model.tickets import Reference, State, Ticket, TicketQuery
from simulator.world import World
from tests.support.rig import rig
from tests.support.vendor_specs import check_request
from tests.support.vendor_specs import load as load_spec

SPECS = os.environ.get("PSA_VENDOR_SPECS")
needs_specs = pytest.mark.skipif(not SPECS, reason="PSA_VENDOR_SPECS names no folder with the vendors' descriptions")
TICKETS = "/v2/servicedesk/tickets"
ROW = {
    "id": 5,
    "ticketNumber": "2026-00005",
    "title": "Printer on fire",
    "accountId": 17,
    "accountName": "Acme",
    "contactId": 0,
    "contactName": None,
    "queueId": 3,
    "queueName": "Level 1",
    "statusId": 4,
    "statusName": "New",
    "priorityId": 1,
    "priorityName": "High",
    "assigneeId": 8,
    "assigneeName": "Doe, John",
    "openDate": "2026-11-10T06:24:10.1234567",
    "lastActivityUpdate": "2026-11-11T08:00:00",
    "completedDate": "0001-01-01T00:00:00",
    "reOpenedDate": None,
}
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


@dataclass
class Server:
    """Answers by path and page, and remembers what it was asked."""

    answers: Mapping[str, Any]
    asked: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    base_url: str = "https://api.bmsemea.kaseya.com"

    def get(self, path: str, params: Any, *, endpoint: str, tries: int) -> Answer:
        asked = {name: str(value) for name, value in (params or {}).items()}
        self.asked.append((path, asked, endpoint))
        answer = self.answers[path]
        if callable(answer):
            answer = answer(int(asked["PageNumber"]), int(asked["PageSize"]))
        if isinstance(answer, PsaError):
            raise answer
        return Answer(answer, has_next=False)

    @property
    def api(self) -> KaseyaClient:
        client: Any = self
        return KaseyaClient(client)


def listing(*rows: Any, total: int | None = None) -> Server:
    return Server({TICKETS: envelope(list(rows), total=len(rows) if total is None else total)})


def envelope(result: Any, **others: int) -> dict[str, Any]:
    return {"success": True, "error": None, "result": result, **{f"{name}Records": n for name, n in others.items()}}


def paged(rows: list[Any], *, first: int, counted: bool = True, cut: int = 100) -> Callable[[int, int], Any]:
    """A listing that counts its pages from `first`, and has no others."""

    def answer(number: int, size: int) -> Any:
        if number < first:
            return RequestRefused("There is no such page.")
        begin = (number - first) * min(size, cut)
        return envelope(rows[begin : begin + min(size, cut)], **({"total": len(rows)} if counted else {}))

    return answer


def one(ticket: Any = None, *, notes: Any = (), activities: Any = ()) -> Server:
    hung = {
        "/notes": notes if callable(notes) or isinstance(notes, PsaError) else envelope(list(notes)),
        "/activities": activities
        if callable(activities) or isinstance(activities, PsaError)
        else envelope(list(activities), total=len(activities)),
    }
    return Server({f"{TICKETS}/5": envelope(ticket or ROW), **{f"{TICKETS}/5{p}": body for p, body in hung.items()}})


def test_a_row_tells_keys_and_names_in_whatever_case_they_come() -> None:
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


def test_a_host_that_is_not_the_vendors_has_no_known_address_of_a_ticket() -> None:
    server = listing(ROW)
    server.base_url = "https://api.bms.kaseya.com.example.org"
    assert TICKET_SOURCE.search(server.api, TicketQuery()).tickets[0].url is None


def test_odd_values_do_no_harm_and_a_record_without_an_id_is_counted() -> None:
    odd = {**ROW, "title": {}, "openDate": "soon", "accountId": "x", "ticketNumber": ""}
    page = TICKET_SOURCE.search(listing(odd, {**ROW, "id": None}, odd).api, TicketQuery())
    assert page.unreadable == 1
    ((number, summary, company),) = [(t.number, t.summary, t.company.key) for t in page.tickets]
    assert (number, summary, company) == ("5", None, None)


def test_every_filter_is_one_parameter_that_no_text_can_leave() -> None:
    server = listing(ROW)
    TICKET_SOURCE.search(server.api, EVERY_FILTER)
    assert server.asked == [
        (
            TICKETS,
            {
                "PageSize": "100",
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
def test_a_row_that_does_not_fit_is_left_out_and_the_others_are_shown(query: TicketQuery, row: Any, what: str) -> None:
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


def test_a_list_that_ends_before_all_that_it_counts_is_refused() -> None:
    with pytest.raises(ShapeError, match="counts 300 tickets and lists 200"):
        TICKET_SOURCE.search(listing(total=300).api, TicketQuery(page="3-200"))
    assert TICKET_SOURCE.search(listing(total=200).api, TicketQuery(page="3-200")).tickets == []


def test_a_name_that_is_a_part_of_another_lets_through_its_own_tickets_alone() -> None:
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


@pytest.mark.parametrize(("first", "following"), [(0, "1-100"), (1, "2-100")])
@pytest.mark.parametrize("moves", [0, 1, 30])
def test_tickets_that_are_worked_on_between_two_looks_hide_no_page(first: int, following: str, moves: int) -> None:
    order = list(range(1, 251))

    def answer(number: int, size: int) -> Any:
        begin = max(number - first, 0) * size  # what is before the first page is the first
        shown = order[begin : begin + size]
        order.sort(key=lambda key: not 151 <= key < 151 + moves)
        return envelope([{**ROW, "id": key} for key in shown], total=250)

    api = Server({TICKETS: answer}).api
    page = TICKET_SOURCE.search(api, TicketQuery())
    newest = {*range(151, 151 + moves), *range(1, 101 - moves)} if first == 0 else set(range(1, 101))
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
def test_the_address_of_no_page_is_refused(cursor: str) -> None:
    with pytest.raises(FormError):
        TICKET_SOURCE.search(listing(ROW).api, TicketQuery(page=cursor))


@pytest.mark.parametrize("key", ["", None, "0", "-1", "1,2", "1/../2", "7\n", "\u0667", "1e5", "9" * 20])
def test_keys_that_bms_never_gave_are_refused_before_anything_is_asked(key: Any) -> None:
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


NOTE = {
    "id": 1,
    "details": "<p>Please<br>help</p>",
    "isInternal": False,
    "typeName": "Note",
    "createdByName": "Ann",
    "createdOn": "2026-11-10T08:00:00",
    "attachments": [{"originalFileName": "a.png", "url": "https://files.example.org/?sig=1"}, {"aliasName": "b.png"}],
}
TIME = {
    "id": 1,
    "ticketId": 5,
    "notes": "Done",
    "internalNotes": "<b>Sigh</b>",
    "isInternal": 0,
    "timeSpent": 0.5,
    "workTypeName": "Remote",
    "createdByName": "John",
    "createdOn": "2026-11-11T08:00:00",
}


def test_a_ticket_tells_notes_and_time_oldest_first_and_nothing_internal_as_public() -> None:
    aside = {**TIME, "id": 2, "notes": None, "internalNotes": "only us", "createdOn": "2026-11-12T08:00:00"}
    moved = {**TIME, "id": 3, "timeSpent": 0, "notes": "New -> Open"}
    own = {**NOTE, "id": 2, "isInternal": True, "attachments": None, "createdOn": "2026-11-13T08:00:00"}
    unsaid = {**own, "id": 3, "isInternal": None, "details": "a < b", "createdOn": "2026-11-14T08:00:00"}
    spelled = {**TIME, "id": 4, "timeSpent": "0.25", "internalNotes": None, "createdOn": "2026-11-15T08:00:00"}
    hung = {"details": "It&nbsp;<b>burns</b>", "locationId": 21, "locationName": "Main", "hardwareAssetId": 9}
    server = one({**ROW, **hung}, notes=[unsaid, own, NOTE], activities=[aside, moved, TIME, spelled])
    found = TICKET_SOURCE.detail(server.api, "5")
    assert (found.ticket.key, found.description, found.site) == ("5", "It burns", Reference("21", "Main"))
    assert (found.assets, found.missing) == ([Reference("9")], [])
    assert [(entry.text, entry.is_internal, entry.hours) for entry in found.entries] == [
        ("Please\nhelp", False, None),
        ("Done", False, 0.5),
        ("Sigh", True, None),
        ("only us", True, 0.5),
        ("Please\nhelp", True, None),
        ("a < b", None, None),
        ("Done", False, 0.25),
    ]
    assert found.entries[0].attachments == ["a.png", "b.png"]
    assert len({entry.key for entry in found.entries}) == 7
    assert [endpoint for *_, endpoint in server.asked] == [
        f"{TICKETS}/{{ticketId}}",
        f"{TICKETS}/{{ticketId}}/activities",
        f"{TICKETS}/{{ticketId}}/notes",
    ]


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize(("count", "cut"), [(0, 100), (3, 100), (100, 100), (40, 20), (150, 100)])
def test_all_notes_are_found_wherever_the_server_begins_to_count(first: int, count: int, cut: int) -> None:
    notes = [{**NOTE, "id": number} for number in range(1, count + 1)]
    activities = [{**TIME, "id": number, "timeSpent": 0} for number in range(1, count + 1)]
    server = one(
        notes=paged(notes, first=first, counted=False, cut=cut), activities=paged(activities, first=first, cut=cut)
    )
    found = TICKET_SOURCE.detail(server.api, "5")
    assert ({entry.key for entry in found.entries}, found.missing) == ({f"note-{note['id']}" for note in notes}, [])
    assert len(server.asked) <= 7


def test_a_ticket_with_hundreds_of_notes_says_that_there_are_more() -> None:
    notes = [{**NOTE, "id": number} for number in range(1, 400)]
    found = TICKET_SOURCE.detail(one(notes=paged(notes, first=1, counted=False)).api, "5")
    assert (len(found.entries), found.missing) == (200, ["There may be more than the 200 notes that were read."])


def test_activities_of_another_ticket_are_never_shown() -> None:
    with pytest.raises(ShapeError, match="of other tickets"):
        TICKET_SOURCE.detail(one(activities=[{**TIME, "ticketId": 6}]).api, "5")


@pytest.mark.parametrize("refusal", [RightsError("no"), NotFound("no")])
def test_a_ticket_whose_notes_or_time_may_not_be_read_is_shown_without_them(refusal: PsaError) -> None:
    found = TICKET_SOURCE.detail(one(notes=[NOTE], activities=refusal).api, "5")
    assert [entry.key for entry in found.entries] == ["note-1"]
    assert found.missing == ["Kaseya BMS does not let this login read the activities, and so the time that was spent."]
    found = TICKET_SOURCE.detail(one(notes=refusal, activities=[TIME]).api, "5")
    assert [entry.key for entry in found.entries] == ["time-1", "time-1-internal"]
    assert found.missing == ["Kaseya BMS does not let this login read the notes."]


@pytest.mark.parametrize("answer", [NotFound("gone"), envelope(None)])
def test_a_ticket_that_is_gone_is_not_found(answer: Any) -> None:
    with pytest.raises(NotFound):
        TICKET_SOURCE.detail(Server({f"{TICKETS}/5": answer}).api, "5")


def test_another_ticket_than_the_one_asked_for_is_refused() -> None:
    with pytest.raises(ShapeError):
        TICKET_SOURCE.detail(one({**ROW, "id": 6}).api, "5")


def test_people_are_those_a_ticket_can_be_assigned_to() -> None:
    people = [{"id": 8, "name": "Doe, John"}, {"id": 9, "name": "Eve"}]
    server = Server({"/v2/hr/assignees/lookup": paged(people, first=1, counted=False)})
    assert TICKET_SOURCE.people(server.api) == [Reference("8", "Doe, John"), Reference("9", "Eve")]
    with pytest.raises(ShapeError):
        TICKET_SOURCE.people(Server({"/v2/hr/assignees/lookup": envelope(None)}).api)


def test_the_connector_has_this_desk_and_says_what_its_order_is_worth() -> None:
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
    with rig("", World(seed=7, companies=40), vendor="kaseya_bms") as running:
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
    with rig("", World(seed=7, companies=40), vendor="kaseya_bms") as running:
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
