"""Tickets of HaloPSA as the page asks for them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from include.connectors import load
from include.connectors.halopsa.client import HaloClient
from include.connectors.halopsa.tickets import TICKET_SOURCE
from include.http.call import Answer
from include.model.errors import FormError, NotFound, PsaError, RightsError, ServerError, ShapeError
from include.model.tickets import Reference, State, Ticket, TicketQuery
from tests.support.rig import rig
from tests.support.vendor_specs import check_request
from tests.support.vendor_specs import load as load_spec
from tests.support.worlds import new_world

SPECS = os.environ.get("PSA_VENDOR_SPECS")
needs_specs = pytest.mark.skipif(not SPECS, reason="PSA_VENDOR_SPECS names no folder with the vendors' descriptions")
ROW = {
    "id": 900001,
    "summary": "Printer",
    "dateoccurred": "2026-11-10T06:24:10.967",
    "lastactiondate": "2026-11-11T08:00:00.5",
    "last_update": "2026-11-12T00:00:00",
    "status_id": 2,
    "agent_id": 37,
    "client_id": 17.0,
    "client_name": "Acme",
    "user_id": 41,
    "user_name": "Ann",
    "sla_id": 3,
    "priority_id": 2,
    "team": "1st Line",
    "hasbeenclosed": None,
}
EVERY_FILTER = TicketQuery(
    board=Reference("13", "1st line"),
    statuses=[Reference("2", "New"), Reference("5", "New")],
    priorities=[Reference("1/2", "High"), Reference("3/2", "High"), Reference("4/1", "High")],
    company=Reference("17", "Acme"),
    owner=Reference("37", "Moril"),
    text=" a&closed_only=true, '%*\" (or) ",
)


@dataclass
class Server:
    """Answers by path, and remembers what it was asked."""

    answers: Mapping[str, Any]
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    base_url: str = "https://acme.halopsa.com"

    def get(self, path: str, params: Any, *, endpoint: str, tries: int) -> Answer:
        self.asked.append((path, {name: str(value) for name, value in params.items()}))
        answer = self.answers[path]
        if isinstance(answer, PsaError):
            raise answer
        return Answer(answer, has_next=False)

    @property
    def api(self) -> HaloClient:
        client: Any = self
        return HaloClient(client)


def listing(*rows: Any, total: int | None = None) -> Server:
    return Server({"/api/Tickets": {"record_count": len(rows) if total is None else total, "tickets": list(rows)}})


def one(key: int = 7, *actions: Any, **changes: Any) -> Server:
    body: Any = {"record_count": len(actions), "actions": list(actions)}
    return Server({f"/api/Tickets/{key}": {**ROW, "id": key, **changes}, "/api/Actions": body})


@needs_specs
def test_recorded_tickets_map() -> None:
    recorded = json.loads((Path(SPECS or "") / "samples/halopsa/18_ticket_list_live_flags.json").read_text())
    server = Server({"/api/Tickets": recorded["response"]["body"]})
    page = TICKET_SOURCE.search(server.api, TicketQuery(state=State.ALL))
    by_key = {ticket.key: ticket for ticket in page.tickets}
    assert (page.total, page.next) == (137329, "2-3")
    assert [by_key[key].is_closed for key in ("900003", "900002", "900001")] == [False, True, False]
    assert (by_key["900003"].owner, by_key["900002"].owner) == (Reference(), Reference("37"))
    assert by_key["900003"].company == Reference("17", "Roderon Zar")
    assert by_key["900003"].created_at == datetime(2026, 11, 10, 6, 24, 10, 967000, timezone.utc)
    assert by_key["900003"].url == "https://acme.halopsa.com/tickets?id=900003"


def test_a_record_has_names_and_keys_as_the_warehouse_has_them() -> None:
    (ticket,) = TICKET_SOURCE.search(listing(ROW).api, TicketQuery()).tickets
    assert (ticket.status, ticket.owner, ticket.board) == (Reference("2"), Reference("37"), Reference(None, "1st Line"))
    assert (ticket.company, ticket.contact, ticket.priority) == (
        Reference("17", "Acme"),
        Reference("41", "Ann"),
        Reference("3/2"),
    )
    assert ticket.updated_at == datetime(2026, 11, 11, 8, 0, 0, 500000, timezone.utc)


def test_dates_before_1980_and_unset_ids_are_none_and_invalid_values_are_left_out() -> None:
    invalid = {
        **ROW,
        "lastactiondate": "1900-01-01T00:00:00",
        "user_id": -1,
        "client_id": {},
        "sla_id": None,
        "summary": [],
    }
    (ticket,) = TICKET_SOURCE.search(listing(invalid).api, TicketQuery()).tickets
    assert ticket.updated_at == datetime(2026, 11, 12, tzinfo=timezone.utc)
    assert (ticket.contact.key, ticket.company.key, ticket.priority.key, ticket.summary) == (None, None, None, None)


@pytest.mark.parametrize("date", [{}, {"dateclosed": None}, {"dateclosed": "1900-01-01T00:00:00"}])
def test_a_ticket_that_was_opened_again_may_be_among_the_open_ones(date: Any) -> None:
    again = {**ROW, "hasbeenclosed": True, **date}
    assert TICKET_SOURCE.search(listing(again).api, TicketQuery()).tickets[0].is_closed is None


def test_a_record_without_a_usable_id_is_counted_and_one_that_comes_twice_is_shown_once() -> None:
    page = TICKET_SOURCE.search(listing(ROW, {**ROW, "id": "x"}, ROW).api, TicketQuery())
    assert (len(page.tickets), page.unreadable) == (1, 1)


def test_every_filter_is_one_parameter_that_no_text_can_leave() -> None:
    server = listing(ROW)
    TICKET_SOURCE.search(server.api, EVERY_FILTER)
    ((path, asked),) = server.asked
    assert path == "/api/Tickets"
    assert asked == {
        "pageinate": "true",
        "page_no": "1",
        "page_size": "50",
        "order": "lastactiondate",
        "orderdesc": "true",
        "order2": "id",
        "orderdesc2": "true",
        "open_only": "true",
        "team": "13",
        "status": "2,5",
        "priority": "2,1",
        "client_id": "17",
        "agent_id": "37",
        "search": "a&closed_only=true, '%*\" (or)",
    }


@pytest.mark.parametrize(
    ("query", "row"),
    [
        (TicketQuery(statuses=[Reference("9", "Closed")]), {}),
        (TicketQuery(priorities=[Reference("3/1", "Low")]), {}),
        (TicketQuery(priorities=[Reference("3/1", "Low")]), {"sla_id": None}),
        (TicketQuery(company=Reference("18", "Other")), {}),
        (TicketQuery(owner=Reference("38", "Eve")), {}),
        (TicketQuery(owner=Reference("38", "Eve")), {"agent_id": 1}),
        (TicketQuery(owner=Reference("38", "Eve")), {"agent_id": None}),
        (TicketQuery(state=State.CLOSED), {}),
        (TicketQuery(), {"hasbeenclosed": True, "dateclosed": "2026-11-09T23:00:00"}),
    ],
)
def test_a_server_that_ignores_a_filter_is_refused(query: TicketQuery, row: Any) -> None:
    with pytest.raises(ShapeError, match="filtered out by") as refused:
        TICKET_SOURCE.search(listing({**ROW, **row}, {**ROW, **row, "id": 2}).api, query)
    assert "Acme" not in str(refused.value)


CLOSED = {"hasbeenclosed": True, "dateclosed": "2026-11-09T23:00:00"}


@pytest.mark.parametrize("others", [0, 1, 5])
def test_a_ticket_that_was_opened_again_and_has_its_old_date_is_shown_with_a_remark(others: int) -> None:
    rows = [{**ROW, **CLOSED}, *({**ROW, "id": number} for number in range(1, others + 1))]
    page = TICKET_SOURCE.search(listing(*rows).api, TicketQuery())
    assert {ticket.key: ticket.is_closed for ticket in page.tickets} == {
        "900001": None,
        **{str(number): False for number in range(1, others + 1)},
    }
    assert page.total == others + 1
    assert page.remark.startswith("The filter by state does not fit 1 of these tickets: what they say about it may be")


@pytest.mark.parametrize(
    ("query", "row", "what"),
    [
        (TicketQuery(statuses=[Reference("2", "New")]), {"status_id": 9}, "status"),
        (TicketQuery(priorities=[Reference("3/2", "High")]), {"priority_id": 9}, "priority"),
        (TicketQuery(company=Reference("17", "Acme")), {"client_id": 18}, "company"),
        (TicketQuery(owner=Reference("37", "Moril")), {"agent_id": 1}, "agent"),
        (TicketQuery(board=Reference("13", "1st line")), {"team": "Projects"}, "team"),
    ],
)
def test_a_ticket_that_does_not_fit_is_left_out_and_the_others_are_shown(
    query: TicketQuery, row: Any, what: str
) -> None:
    page = TICKET_SOURCE.search(listing({**ROW, **row, "id": 2}, ROW).api, query)
    assert ([ticket.key for ticket in page.tickets], page.total) == (["900001"], None)
    assert page.remark == f"Left out here: 1 ticket with another {what} that the server listed too."


def test_one_other_name_of_a_team_is_its_new_one_and_several_are_a_filter_that_was_ignored() -> None:
    renamed = [{**ROW, "id": number, "team": "First line"} for number in (1, 2, 3)]
    query = TicketQuery(board=Reference("13", "1st line"))
    page = TICKET_SOURCE.search(listing(*renamed).api, query)
    assert (len(page.tickets), "the team was renamed" in page.remark) == (3, True)
    with pytest.raises(ShapeError, match="filtered out by team"):
        TICKET_SOURCE.search(listing(*renamed, {**ROW, "team": "Projects"}).api, query)
    accents = TICKET_SOURCE.search(listing({**ROW, "id": 2, "team": " 1ST LÍNE"}, ROW).api, query)
    assert (len(accents.tickets), accents.remark) == (2, "")


@pytest.mark.parametrize(
    ("query", "missing", "what"),
    [
        (TicketQuery(board=Reference("13", "1st line")), "team", "team"),
        (TicketQuery(statuses=[Reference("2", "New")]), "status_id", "status"),
        (TicketQuery(priorities=[Reference("3/2", "High")]), "priority_id", "priority"),
        (TicketQuery(company=Reference("17", "Acme")), "client_id", "company"),
        (TicketQuery(owner=Reference("37", "Moril")), "agent_id", "agent"),
        (TicketQuery(), "hasbeenclosed", "state"),
    ],
)
def test_a_filter_that_no_ticket_shows_has_a_remark(query: TicketQuery, missing: str, what: str) -> None:
    row = {name: value for name, value in ROW.items() if name != missing}
    page = TICKET_SOURCE.search(listing(row, {**row, "id": 2}).api, query)
    assert (len(page.tickets), page.total) == (2, 2)
    assert page.remark == f"Whether the server filtered by {what} cannot be seen: no ticket shows its {what}."
    assert TICKET_SOURCE.search(listing(row, {**ROW, "id": 2}).api, query).remark == ""


def test_pages_that_the_server_did_not_sort_have_a_remark_unless_there_is_only_one() -> None:
    later = {**ROW, "id": 2, "lastactiondate": "2026-11-12T08:00:00"}
    assert TICKET_SOURCE.search(listing(later, ROW, total=9).api, TicketQuery()).remark == ""
    assert TICKET_SOURCE.search(listing(ROW, later).api, TicketQuery()).remark == ""
    for page in ("", "2-2"):
        found = TICKET_SOURCE.search(listing(ROW, later, total=9).api, TicketQuery(page=page))
        assert [ticket.key for ticket in found.tickets] == ["2", "900001"]
        assert found.remark == "HaloPSA did not sort these by their last action: later pages may hold newer tickets."


def test_tickets_of_another_slas_priority_are_left_out_and_then_there_is_no_total() -> None:
    query = TicketQuery(priorities=[Reference("3/2", "High"), Reference("4/1", "High")])
    other = {**ROW, "id": 2, "sla_id": 4}
    page = TICKET_SOURCE.search(listing(ROW, other, total=70).api, query)
    assert ([ticket.key for ticket in page.tickets], page.total, page.next) == (["900001"], None, "2-2")


def test_pages_go_on_until_as_many_came_as_there_are_however_short_they_are() -> None:
    server = listing(ROW, {**ROW, "id": 2}, total=5)
    assert TICKET_SOURCE.search(server.api, TicketQuery()).next == "2-2"
    assert TICKET_SOURCE.search(server.api, TicketQuery(page="2-2")).next == "3-4"
    assert TICKET_SOURCE.search(server.api, TicketQuery(page="3-4")).next is None
    assert [asked["page_no"] for _, asked in server.asked] == ["1", "2", "3"]


@pytest.mark.parametrize("cursor", ["2", "01-1", "-1-2", "2-2&x=1", "2-2\n", "\u0662-\u0662", "../x", "2-" + "9" * 99])
def test_the_address_of_no_page_is_refused(cursor: str) -> None:
    with pytest.raises(FormError):
        TICKET_SOURCE.search(listing(ROW).api, TicketQuery(page=cursor))


@pytest.mark.parametrize("key", ["", None, "0", "-1", "1,2", "1/../2", "7\n", "\u0667", "1e5", "9" * 20])
def test_keys_that_halo_never_gave_are_refused_before_a_request_is_sent(key: Any) -> None:
    server = listing(ROW)
    named = Reference(key, "x")
    queries = [
        TicketQuery(board=named),
        TicketQuery(company=named),
        TicketQuery(owner=named),
        TicketQuery(statuses=[named]),
        TicketQuery(statuses=[named, Reference("2")]),
        TicketQuery(priorities=[replace(named, key=key and f"3/{key}x")]),
    ]
    for query in queries:
        with pytest.raises(FormError):
            TICKET_SOURCE.search(server.api, query)
    with pytest.raises(FormError):
        TICKET_SOURCE.detail(server.api, key)
    assert server.asked == []


@pytest.mark.parametrize("body", [{}, {"tickets": None, "record_count": 0}, {"tickets": []}, [], None])
def test_a_list_without_its_envelope_is_refused(body: Any) -> None:
    with pytest.raises(ShapeError):
        TICKET_SOURCE.search(Server({"/api/Tickets": body}).api, TicketQuery())


ACTION = {
    "id": 2,
    "ticket_id": 7,
    "datetime": "2026-11-11T08:00:00",
    "who": "Moril",
    "who_agentid": 37,
    "note": "a < b",
    "note_html": "<p>other</p>",
    "outcome": "Private Note",
    "hiddenfromuser": True,
    "timetaken": 0.25,
    "attachments": [{"filename": "a.png", "url": "https://files.example.org/?sig=1"}],
}


def test_a_ticket_has_its_text_assets_notes_and_times_oldest_first() -> None:
    first = {
        "id": 1,
        "datetime": "2026-11-10T08:00:00",
        "who_agentid": 0,
        "emailfrom": "ann@example.org",
        "note": "",
        "note_html": "<p>Please<br>help</p>",
        "hiddenfromuser": False,
        "timetaken": 0,
    }
    unknown = {"id": 3, "datetime": "2026-11-12T08:00:00"}
    body = {"details": "", "details_html": "<b>It</b> &amp; me", "site_id": 21.0, "site_name": "Main"}
    assets = [{"id": 5, "inventory_number": "", "key_field": "PC-5"}, {"id": 6, "inventory_number": "PC-6"}]
    server = one(7, ACTION, first, unknown, **body, assets=assets, status_name="New", priority={"name": "High"})
    found = TICKET_SOURCE.detail(server.api, "7")
    assert (found.description, found.site) == ("It & me", Reference("21", "Main"))
    assert found.assets == [Reference("5", "PC-5"), Reference("6", "PC-6")]
    assert (found.ticket.status, found.ticket.priority) == (Reference("2", "New"), Reference("3/2", "High"))
    assert [entry.text for entry in found.entries] == ["Please\nhelp", "a < b", ""]
    assert [entry.is_internal for entry in found.entries] == [False, True, None]
    assert [entry.hours for entry in found.entries] == [None, 0.25, None]
    assert [entry.author for entry in found.entries] == [
        Reference(None, "ann@example.org"),
        Reference("37", "Moril"),
        Reference(),
    ]
    assert (found.entries[1].attachments, found.missing) == (["a.png"], [])
    assert [path for path, _ in server.asked] == ["/api/Tickets/7", "/api/Actions"]
    assert server.asked[1][1]["ticket_id"] == "7"


def test_html_where_plain_text_is_due_is_shown_as_text_and_time_may_be_spelled_as_text() -> None:
    found = TICKET_SOURCE.detail(
        one(7, {**ACTION, "timetaken": "0.5"}, details="It<br>burns", details_html="<p>x</p>").api, "7"
    )
    assert (found.description, found.entries[0].hours) == ("It\nburns", 0.5)
    typed = TICKET_SOURCE.detail(one(7, details="a <br> tag", details_html="<p>a &lt;br&gt; tag</p>").api, "7")
    assert typed.description == "a <br> tag"


def test_actions_of_another_ticket_are_never_shown() -> None:
    with pytest.raises(ShapeError, match="of other tickets"):
        TICKET_SOURCE.detail(one(7, {**ACTION, "ticket_id": 8}).api, "7")


def test_actions_that_are_not_shown_are_reported() -> None:
    long = one(7, *({**ACTION, "id": number} for number in range(1, 201)))
    assert TICKET_SOURCE.detail(long.api, "7").missing == ["There may be more than the 200 actions that are shown."]
    cut = replace(one(7), answers={**one(7).answers, "/api/Actions": {"record_count": 12, "actions": [ACTION]}})
    assert TICKET_SOURCE.detail(cut.api, "7").missing == ["Of 12 actions 1 are shown."]


def test_files_that_no_action_names_are_looked_up_by_name() -> None:
    server = one(7, ACTION, attachment_count=3)
    files = [{"id": n, "filename": name} for n, name in enumerate(("b.pdf", "a.png", "a.png"))]
    with_files = replace(server, answers={**server.answers, "/api/Attachment": {"attachments": files, "folders": []}})
    found = TICKET_SOURCE.detail(with_files.api, "7")
    assert (sorted(found.attachments), found.missing) == (["a.png", "b.pdf"], [])
    assert with_files.asked[-1] == ("/api/Attachment", {"ticket_id": "7"})


@pytest.mark.parametrize(
    "answer", [RightsError("no"), {"attachments": []}, [{"filename": f"{n}.png"} for n in range(9)]]
)
def test_files_that_have_no_name_or_may_be_of_other_tickets_are_counted_alone(answer: Any) -> None:
    server = one(7, {**ACTION, "attachments": None, "attachment_count": 2})
    found = TICKET_SOURCE.detail(replace(server, answers={**server.answers, "/api/Attachment": answer}).api, "7")
    sentence = "HaloPSA counts 2 more attachments, and does not give their names."
    assert (found.attachments, found.missing) == ([], [sentence])


@pytest.mark.parametrize("refusal", [RightsError("no"), NotFound("no")])
def test_a_ticket_whose_actions_may_not_be_read_is_shown_without_them(refusal: PsaError) -> None:
    server = one(7)
    found = TICKET_SOURCE.detail(replace(server, answers={**server.answers, "/api/Actions": refusal}).api, "7")
    assert (found.ticket.key, found.entries) == ("7", [])
    assert found.missing == ["HaloPSA does not let this login read the actions of the ticket."]


@pytest.mark.parametrize("answer", [NotFound("gone"), ServerError("nothing", status=200, empty=True), None])
def test_a_ticket_that_is_gone_is_not_found(answer: Any) -> None:
    with pytest.raises(NotFound):
        TICKET_SOURCE.detail(Server({"/api/Tickets/7": answer}).api, "7")


def test_the_connector_has_this_ticket_source() -> None:
    assert load("halopsa").tickets is TICKET_SOURCE
    assert (TICKET_SOURCE.board, TICKET_SOURCE.order) == ("Team", "")


def test_people_are_the_agents_active_ones_first_without_the_one_for_unassigned_tickets() -> None:
    agents = [
        {"id": 4, "name": "Left", "isdisabled": True},
        {"id": 1, "name": "Unassigned"},
        {"id": 3, "name": "Moril"},
    ]
    for body in (agents, {"results": agents, "record_count": 3}, {"agents": agents}):
        assert TICKET_SOURCE.people(Server({"/api/Agent": body}).api) == [
            Reference("3", "Moril"),
            Reference("4", "Left"),
        ]


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
    with rig("", new_world(companies=40), vendor="halopsa") as running:
        api = running.client()
        tickets = running.simulator.world.tickets
        known = every(api, TicketQuery(state=State.ALL))
        assert known.keys() == set(map(str, tickets.ids))
        some = next(ticket for ticket in known.values() if ticket.owner.name or ticket.owner.key)
        people = {person.key: person for person in TICKET_SOURCE.people(api)}
        owner = next(people[t.owner.key] for t in known.values() if t.owner.key in people)

        def words_of(ticket: Ticket) -> str:
            return f"{ticket.summary} {tickets[int(ticket.key)].description}".casefold()

        cases: list[tuple[TicketQuery, Callable[[Ticket], bool]]] = [
            (TicketQuery(), lambda t: not t.is_closed),
            (TicketQuery(state=State.CLOSED), lambda t: bool(t.is_closed)),
            (TicketQuery(board=Reference("1", "Service Desk")), lambda t: t.board.name == "Service Desk"),
            (TicketQuery(statuses=[some.status]), lambda t: t.status == some.status),
            (TicketQuery(priorities=[some.priority]), lambda t: t.priority.key == some.priority.key),
            (TicketQuery(company=some.company), lambda t: t.company.key == some.company.key),
            (TicketQuery(owner=owner), lambda t: t.owner.key == owner.key),
            (TicketQuery(text="pto"), lambda t: "pto" in words_of(t)),
        ]
        for number, (query, fits) in enumerate(cases):
            state = query.state if number < 2 else State.ALL
            found = every(api, replace(query, state=state))
            assert found.keys() == {key for key, ticket in known.items() if fits(ticket)}, query
        assert every(api, TicketQuery(text="' or 1=1 -- %*,[]()\\\"")) == {}


def test_a_simulator_that_ignores_filters_is_refused() -> None:
    with rig("", new_world(companies=40), vendor="halopsa") as running:
        api = running.client()
        company = next(iter(TICKET_SOURCE.search(api, TicketQuery()).tickets)).company
        running.simulator.faults.add("filter_ignored")
        for query in (
            TicketQuery(company=company),
            TicketQuery(board=Reference("1", "Service Desk")),
            TicketQuery(state=State.CLOSED),
        ):
            with pytest.raises(ShapeError, match="filtered out"):
                every(api, query)
        page = TICKET_SOURCE.search(api, TicketQuery())  # most are open, as it happens
        assert (True in {ticket.is_closed for ticket in page.tickets}, page.remark == "") == (False, False)


@needs_specs
def test_every_request_is_in_the_vendors_description() -> None:
    spec = load_spec("halopsa")
    server = one(7, ACTION)
    server = replace(server, answers={**server.answers, **listing(ROW).answers, "/api/Agent": []})
    TICKET_SOURCE.search(server.api, EVERY_FILTER)
    TICKET_SOURCE.search(server.api, TicketQuery(statuses=[Reference("2")]))
    TICKET_SOURCE.detail(server.api, "7")
    TICKET_SOURCE.people(server.api)
    for path, asked in server.asked:
        check_request(spec, "GET", path.removeprefix("/api"), asked)
