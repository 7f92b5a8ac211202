"""What is odd about Autotask's tickets."""

from __future__ import annotations

import operator
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from json import dumps, loads
from pathlib import Path
from threading import Barrier
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from include.connectors import load
from include.connectors.autotask.client import WEB, AutotaskClient
from include.connectors.autotask.conditions import mentioning
from include.connectors.autotask.newest_tickets import MAX_ANSWERS, SHOWN
from include.connectors.autotask.ticket_columns import TICKET_COLUMNS
from include.connectors.autotask.ticket_detail import is_internal
from include.connectors.autotask.tickets import TICKET_SOURCE
from include.connectors.common.ticket_mapping import map_ticket
from include.http.session import PsaLogin
from include.model.errors import FormError, NotFound, RateLimited, RightsError, ShapeError, Truncated
from include.model.tickets import Reference, State, Ticket, TicketQuery
from tests.support.rig import Unpaced, rig
from tests.support.worlds import new_world

SPECS = os.environ.get("PSA_VENDOR_SPECS")
needs_specs = pytest.mark.skipif(not SPECS, reason="PSA_VENDOR_SPECS names no folder with the vendors' descriptions")
NOWHERE = ""  # no warehouse: these tests only ask
NOW = datetime(2026, 5, 4, 12, tzinfo=timezone.utc)
LOGIN = PsaLogin("psa_autotask", "https://webservices.autotask.net", "user@msp", "pass", {"integrationCode": "CODE"})
EVERY = TicketQuery(state=State.ALL)

Record = dict[str, Any]
OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "noteq": operator.ne,
    "in": lambda value, wanted: value in wanted,
    "gt": operator.gt,
    "gte": operator.ge,  # stamps of one form compare as text
    "lte": operator.le,
    "contains": lambda value, wanted: wanted.casefold() in value.casefold(),
}


class Tenant:
    """A session at a tenant that has these records: filters, counts, and gives the 500 with the lowest keys."""

    def __init__(self, **entities: Sequence[Record]) -> None:
        self.entities = entities
        self.labels = {"1": "All Autotask Users", "2": "Internal Project Team", "3": "Partners"}
        self.refused: set[str] = set()
        self.used = 0
        self.web: Any = "https://ww5.autotask.net/"
        self.asked: list[tuple[str, Any]] = []
        self.answers: dict[str, Any] = {}

    def request(self, method: str, url: str, *, json: Any = None, **_: Any) -> requests.Response:
        path = urlsplit(url).path.rpartition("/V1.0/")[2]
        self.asked.append((f"{method} {path}", json))
        response = requests.Response()
        response.status_code = 403 if path.split("/")[0] in self.refused or path in self.refused else 200
        body = self.answers[path] if path in self.answers else self.answer(path, json)
        response._content = dumps(body).encode()
        return response

    def answer(self, path: str, query: Any) -> Any:
        if path == "ZoneInformation":
            return {"url": "https://webservices5.autotask.net/ATServicesRest/", "webUrl": self.web}
        if path == "ThresholdInformation":
            return {"externalRequestThreshold": 10000, "currentTimeframeRequestCount": self.used}
        if path == "TicketNotes/entityInformation/fields":
            values = [{"value": value, "label": label} for value, label in self.labels.items()]
            return {"fields": [{"name": "publish", "picklistValues": values}]}
        entity, _, part = path.partition("/")
        met = [one for one in self.entities.get(entity, ()) if all(meets(one, part) for part in query["filter"])]
        if part == "query/count":
            return {"queryCount": len(met)}
        page = sorted(met, key=lambda one: one["id"])[: query["MaxRecords"]]
        names = query.get("IncludeFields") or {name for one in page for name in one}
        items = [{name: one.get(name) for name in names} for one in page]
        return {"items": items, "pageDetails": {"nextPageUrl": "more" if len(met) > len(page) else None}}

    @property
    def paths(self) -> list[str]:
        """What was asked after the zone and the used share of the hour."""
        return [path.partition(" ")[2] for path, _ in self.asked[2:]]


def meets(record: Record, asked: Mapping[str, Any]) -> bool:
    if asked["op"] == "or":
        return any(meets(record, one) for one in asked["items"])
    value, wanted = record.get(asked["field"]), asked.get("value")
    if asked["op"] == "notExist" or value is None:
        return asked["op"] == "notExist" and value is None
    return OPERATORS[asked["op"]](value, wanted)


def a_ticket(key: int, at: datetime | None = NOW, **fields: Any) -> Record:
    stamp = at and f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"
    return {"id": key, "ticketNumber": f"T{key}", "title": f"Title {key}", "status": 1, "companyID": 0} | {
        "lastActivityDate": stamp,
        **fields,
    }


def client(tenant: Any) -> AutotaskClient:
    opened = load("autotask").connect(tenant, LOGIN, Unpaced())
    assert isinstance(opened, AutotaskClient)
    opened.http.sleep = lambda _: None
    opened.http.now = lambda: NOW
    return opened


def walked(api: AutotaskClient, query: TicketQuery = EVERY) -> list[Ticket]:
    """All pages, each of them but the last one full."""
    seen: list[Ticket] = []
    page: str | None = ""
    while page is not None:
        found = TICKET_SOURCE.search(api, replace(query, page=page))
        seen += found.tickets
        page = found.next
        assert len(found.tickets) == SHOWN or page is None
    return seen


def keys(tickets: Sequence[Ticket]) -> list[str]:
    return [one.key for one in tickets]


# ---- a page of the list ----


@needs_specs
def test_the_recorded_ticket_maps() -> None:
    api = client(Tenant())
    api.http.known[WEB] = "https://ww5.autotask.net"
    page = loads((Path(SPECS or "") / "samples/autotask/tickets_query_live.json").read_text(encoding="utf-8"))
    found = map_ticket(TICKET_COLUMNS, page["items"][0], api)
    assert found is not None
    assert (found.key, found.number, found.summary) == ("29296", "T20200924.0046.051", "ROR Pipifine")
    assert (found.company, found.contact, found.board) == (
        Reference("629"),
        Reference("30684718"),
        Reference("29683354"),
    )
    assert (found.status, found.priority, found.owner) == (Reference("5"), Reference("2"), Reference("29682899"))
    assert found.is_closed is True
    assert found.created_at and found.created_at.isoformat() == "2020-11-01T09:40:14.113000+00:00"
    assert found.updated_at and found.updated_at.isoformat() == "2023-01-14T09:15:52.407000+00:00"


def test_odd_values_are_left_out_and_a_record_without_a_key_is_counted() -> None:
    odd: Record = {"title": {}, "status": None, "createDate": "yesterday", "companyID": "x", "ticketNumber": None}
    page = TICKET_SOURCE.search(client(Tenant(Tickets=[a_ticket(1, **odd)])), EVERY)
    assert page.tickets == [Ticket("1", "1", None, updated_at=NOW, url=page.tickets[0].url)]
    keyless = Tenant(Tickets=[])
    keyless.answers["Tickets/query"] = {"items": [{"title": "x"}, None, 7], "pageDetails": {"nextPageUrl": None}}
    assert TICKET_SOURCE.search(client(keyless), EVERY).unreadable == 3


def test_what_fits_into_one_answer_costs_a_count_and_a_query() -> None:
    tenant = Tenant(Tickets=[a_ticket(key, NOW - timedelta(days=key)) for key in range(1, 121)])
    api = client(tenant)
    first = TICKET_SOURCE.search(api, EVERY)
    assert keys(first.tickets) == [str(key) for key in range(1, 51)]
    assert (first.total, tenant.paths) == (120, ["Tickets/query/count", "Tickets/query"])
    assert keys(walked(api)) == [str(key) for key in range(1, 121)]
    assert tenant.paths.count("ThresholdInformation") == 0  # asked once, before all this


def test_of_very_many_tickets_a_page_is_found_in_a_few_requests_and_the_next_one_in_fewer() -> None:
    tenant = Tenant(Tickets=[a_ticket(5000 - key, NOW - timedelta(hours=key)) for key in range(5000)])
    api = client(tenant)
    first = TICKET_SOURCE.search(api, EVERY)
    assert keys(first.tickets) == [str(key) for key in range(5000, 4950, -1)]
    assert len(tenant.paths) == 3
    second = TICKET_SOURCE.search(api, replace(EVERY, page=first.next or ""))
    assert keys(second.tickets) == [str(key) for key in range(4950, 4900, -1)]
    assert (len(tenant.paths), second.total) == (5, None)


@pytest.mark.parametrize("minutes", [0.002, 1, 60, 60 * 24 * 7])
def test_every_ticket_comes_once_and_in_order_however_close_together_they_were_changed(minutes: float) -> None:
    tickets = [a_ticket(key, NOW - timedelta(minutes=(key * 7919 % 400) * minutes)) for key in range(1, 1201)]
    never = [a_ticket(key, None) for key in range(2001, 2071)]
    api = client(Tenant(Tickets=[*tickets, *never]))
    found = walked(api)
    assert len(found) == len(set(keys(found))) == 1270
    stamps = [one.updated_at for one in found]
    assert stamps[:1200] == sorted(filter(None, stamps), reverse=True)


@pytest.mark.parametrize(("tickets", "requests"), [(1000, 3), (3000, 4), (6000, 4), (20000, 5)])
def test_where_activity_follows_the_key_a_page_is_found_as_soon(tickets: int, requests: int) -> None:
    """As at a desk of alerts, which are closed as they come; so many within 48 hours."""
    alerts = [a_ticket(key, NOW - timedelta(hours=48 * (tickets - key) / tickets)) for key in range(1, tickets + 1)]
    tenant = Tenant(Tickets=[a_ticket(0, NOW - timedelta(days=9)), *alerts])
    found = TICKET_SOURCE.search(client(tenant), EVERY)
    assert keys(found.tickets) == [str(tickets - place) for place in range(SHOWN)]
    assert len(tenant.paths) <= requests


@pytest.mark.parametrize("step", [1, 7])  # in the order of keys, and in none
@pytest.mark.parametrize(
    ("tickets", "seconds", "days", "requests"),
    [(2000, 60, 100, 9), (2000, 36000, 3, 9), (2000, 1, 3000, 12), (6001, 3600, 100, 20), (700, 0, 100, 7)],
)
def test_a_burst_long_ago_is_found(tickets: int, seconds: int, days: int, requests: int, step: int) -> None:
    moments = [timedelta(days=days, seconds=seconds * (key * step % tickets) / tickets) for key in range(tickets)]
    tenant = Tenant(Tickets=[a_ticket(key, NOW - moment) for key, moment in enumerate(reversed(moments), 1)])
    first = TICKET_SOURCE.search(client(tenant), EVERY)
    newest = sorted(tenant.entities["Tickets"], key=lambda one: (one["lastActivityDate"], str(one["id"])))[-SHOWN:]
    assert keys(first.tickets) == [str(one["id"]) for one in reversed(newest)]
    assert len(tenant.paths) <= requests


def test_tickets_that_a_fast_clock_stamped_are_listed_too() -> None:
    tickets = [a_ticket(key, NOW + timedelta(minutes=5, seconds=key % 90)) for key in range(1, 1001)]
    assert len(walked(client(Tenant(Tickets=tickets)))) == 1000


def test_more_tickets_than_can_be_read_with_one_and_the_same_stamp_are_refused_in_words() -> None:
    tenant = Tenant(Tickets=[a_ticket(key) for key in range(1, 500 * MAX_ANSWERS + 2)])
    with pytest.raises(FormError) as refused:
        TICKET_SOURCE.search(client(tenant), EVERY)
    assert "choose a company, a queue or a person" in refused.value.said
    assert len(walked(client(Tenant(Tickets=tenant.entities["Tickets"][:700])))) == 700


def test_a_list_shorter_than_its_count_is_refused() -> None:
    tenant = Tenant(Tickets=[a_ticket(1)])
    tenant.answers["Tickets/query"] = {"items": [], "pageDetails": {"nextPageUrl": None}}
    with pytest.raises(Truncated):
        TICKET_SOURCE.search(client(tenant), EVERY)


@pytest.mark.parametrize("page", ["x", "1", "1.2", "1.2.3.4", "-1.2.3", "1.2.3\n", "1.2.٣", "9" * 17 + ".1.1", " "])
def test_a_page_that_is_not_ours_is_refused(page: str) -> None:
    with pytest.raises(FormError, match="begin at the first"):
        TICKET_SOURCE.search(client(Tenant()), TicketQuery(page=page))


def test_a_busy_tenant_is_left_alone() -> None:
    tenant = Tenant()
    tenant.used = 7501
    with pytest.raises(RateLimited):
        TICKET_SOURCE.search(client(tenant), EVERY)


# ---- filters ----


def filters(query: TicketQuery) -> list[Any]:
    tenant = Tenant(Tickets=[])
    TICKET_SOURCE.search(client(tenant), query)
    return [one for one in tenant.asked[-1][1]["filter"] if one.get("field") != "id"]


def test_each_filter_is_asked_of_the_server() -> None:
    two = (Reference("8", "New"), Reference("9", "New"))
    assert filters(TicketQuery(Reference("5"), two, two, Reference("0"), Reference("7"), State.OPEN, " 50% ")) == [
        {"op": "in", "field": "queueID", "value": [5]},
        {"op": "in", "field": "status", "value": [8, 9]},
        {"op": "in", "field": "priority", "value": [8, 9]},
        {"op": "in", "field": "companyID", "value": [0]},
        {"op": "in", "field": "assignedResourceID", "value": [7]},
        {"op": "noteq", "field": "status", "value": 5},
        {
            "op": "or",
            "items": [
                {"op": "contains", "field": "title", "value": "50%"},
                {"op": "contains", "field": "ticketNumber", "value": "50%"},
            ],
        },
    ]
    assert filters(TicketQuery(state=State.CLOSED)) == [{"op": "in", "field": "status", "value": [5]}]
    assert filters(EVERY) == []


@pytest.mark.parametrize("words", ['" or 1=1', "'); drop", "a\\", "x*y", "[a]", "100%", "Straße", "ÉTÉ", "a,b", '"}]}'])
def test_searched_text_is_a_value_and_finds_what_has_it(words: str) -> None:
    tenant = Tenant(Tickets=[a_ticket(1, title=f"We saw {words} here"), a_ticket(2, title="Nothing")])
    assert keys(TICKET_SOURCE.search(client(tenant), replace(EVERY, text=words)).tickets) == ["1"]
    assert filters(replace(EVERY, text=words))[0]["items"][0]["value"] == words


def test_searched_text_is_compared_as_databases_do() -> None:
    holds = mentioning(("title",), "Café Straße").holds
    assert [holds({"title": title}) for title in ("the CAFE STRASSE", "\uff23AFE\u0301 strasse", "coffee", None)] == [
        True,
        True,
        False,
        False,
    ]


def test_what_a_server_may_take_for_a_wildcard_is_not_held_against_its_answer() -> None:
    assert mentioning(("title",), "50%").holds({"title": "50 apples"})


@pytest.mark.parametrize("key", [None, "", "x", "1 or 1=1", "-1", "1.5", "٣", "9" * 19, "1\n", "0007"])
def test_keys_that_are_no_numbers_never_leave(key: str | None) -> None:
    tenant = Tenant()
    for query in (
        TicketQuery(board=Reference(key, "Any")),
        TicketQuery(statuses=[Reference(key)]),
        TicketQuery(owner=Reference(key)),
    ):
        with pytest.raises(FormError, match="number of a choice"):
            TICKET_SOURCE.search(client(tenant), query)
    for typed in (key or "", "0"):
        with pytest.raises(FormError, match="number of a ticket"):
            TICKET_SOURCE.detail(client(tenant), typed)
    assert tenant.asked == []


@pytest.mark.parametrize(
    "query",
    [
        TicketQuery(board=Reference("5"), state=State.ALL),
        TicketQuery(statuses=[Reference("2")], state=State.ALL),
        TicketQuery(company=Reference("7"), state=State.ALL),
        TicketQuery(owner=Reference("7"), state=State.ALL),
        TicketQuery(state=State.CLOSED),
        TicketQuery(text="words", state=State.ALL),
    ],
)
def test_a_server_that_drops_a_filter_is_refused(query: TicketQuery) -> None:
    tenant = Tenant()
    tenant.answers["Tickets/query"] = {"items": [a_ticket(1)], "pageDetails": {"nextPageUrl": None}}
    with pytest.raises(ShapeError, match="filtered out"):
        TICKET_SOURCE.search(client(tenant), query)


@pytest.mark.parametrize("body", [{}, {"items": None, "pageDetails": {}}, {"items": [], "pageDetails": {}}, []])
def test_an_answer_without_its_envelope_is_no_empty_page(body: Any) -> None:
    tenant = Tenant()
    tenant.answers["Tickets/query"] = body
    with pytest.raises(ShapeError):
        TICKET_SOURCE.search(client(tenant), EVERY)


# ---- one ticket ----


def test_a_ticket_has_its_notes_and_time_in_order_and_says_what_is_internal() -> None:
    tenant = Tenant(
        Tickets=[a_ticket(4, description="No\x00 ink", companyLocationID=6, configurationItemID=8)],
        TicketNotes=[
            {"id": 1, "ticketID": 4, "publish": 2, "creatorResourceID": 9, "createDateTime": "2026-05-01T10:00:00Z"},
            {"id": 2, "ticketID": 4, "publish": 1, "createdByContactID": 3, "createDateTime": "2026-05-01T09:00:00Z"}
            | {"title": "Hello", "description": "<b>as typed</b>"},
            {"id": 3, "ticketID": 4, "publish": 3, "createDateTime": "2026-05-01T12:00:00Z"},
            {"id": 4, "ticketID": 5, "publish": 1},
        ],
        TimeEntries=[
            {"id": 1, "ticketID": 4, "resourceID": 9, "startDateTime": "2026-05-01T11:00:00Z", "hoursWorked": 0.25}
            | {"summaryNotes": "Refilled", "internalNotes": "They drink it"},
            {
                "id": 2,
                "ticketID": 4,
                "dateWorked": "2026-05-02T00:00:00Z",
                "hoursWorked": "1",
                "internalNotes": "Alone",
            },
        ],
        Contacts=[{"id": 3, "firstName": "Ada", "lastName": "Lo"}],
        TicketAdditionalConfigurationItems=[{"id": 1, "ticketID": 4, "configurationItemID": 9}],
    )
    found = TICKET_SOURCE.detail(client(tenant), "4")
    assert (found.description, found.site, found.assets) == ("No ink", Reference("6"), [Reference("8"), Reference("9")])
    assert found.ticket.url == (
        "https://ww5.autotask.net/Autotask/AutotaskExtend/ExecuteCommand.aspx?Code=OpenTicketDetail&TicketID=4"
    )
    assert [(one.key, one.author, one.text, one.is_internal, one.hours) for one in found.entries] == [
        ("note 2", Reference(None, "Ada Lo"), "<b>as typed</b>", False, None),
        ("note 1", Reference("9"), "", True, None),
        ("time 1", Reference("9"), "Refilled", False, 0.25),
        ("time 1 internal", Reference("9"), "They drink it", True, None),
        ("note 3", Reference(None), "", None, None),
        ("time 2 internal", Reference(None), "Alone", True, 1.0),
    ]
    assert found.missing == []
    assert len(tenant.paths) == 6


def test_how_a_note_is_published_is_read_from_the_label() -> None:
    assert [is_internal(label) for label in ("All Autotask Users", " ALL  autotask users ")] == [False, False]
    told = ("Internal Project Team", "Internal & Co-Managed", "All internal users", "INTERNAL")
    assert [is_internal(label) for label in told] == [True] * 4
    unsaid = ("All Technicians", "All Autotask Users except contacts", "Not All Autotask Users", "All", "Allies", "")
    assert [is_internal(label) for label in unsaid] == [None] * 6


@pytest.mark.parametrize("spent", [True, "soon", {}, -1, "1e400", 10**400])
def test_time_that_is_no_number_of_hours_is_left_out(spent: Any) -> None:
    work = [{"id": 1, "ticketID": 4, "hoursWorked": spent, "summaryNotes": "Done"}]
    (entry,) = TICKET_SOURCE.detail(client(Tenant(Tickets=[a_ticket(4)], TimeEntries=work)), "4").entries
    assert (entry.text, entry.hours) == ("Done", None)


def test_a_ticket_that_is_gone_is_not_found() -> None:
    with pytest.raises(NotFound):
        TICKET_SOURCE.detail(client(Tenant()), "4")
    other = Tenant()
    other.answers["Tickets/query"] = {"items": [a_ticket(5)], "pageDetails": {"nextPageUrl": None}}
    with pytest.raises(ShapeError):
        TICKET_SOURCE.detail(client(other), "4")


def test_what_may_not_be_read_is_said_and_the_rest_is_shown() -> None:
    notes = [{"id": 1, "ticketID": 4, "publish": 1, "createdByContactID": 3, "description": "Hi"}]
    tenant = Tenant(Tickets=[a_ticket(4)], TicketNotes=notes)
    tenant.refused = {"TimeEntries", "Contacts", "TicketNotes/entityInformation/fields"}
    found = TICKET_SOURCE.detail(client(tenant), "4")
    (entry,) = found.entries
    assert (entry.text, entry.is_internal, entry.author.name) == ("Hi", None, "a contact")
    assert [line.split(" ")[0] for line in found.missing] == ["Which", "Time"]
    tenant.refused = {"TicketNotes", "TicketAdditionalConfigurationItems"}
    assert TICKET_SOURCE.detail(client(tenant), "4").missing == [
        "Notes are not shown: the API user may not read them.",
        "Further assets are not shown: the API user may not read them.",
    ]
    tenant.refused = {"Tickets"}
    with pytest.raises(RightsError):
        TICKET_SOURCE.detail(client(tenant), "4")


@pytest.mark.parametrize(
    "fields",
    [[], [{"name": "publish", "picklistValues": None}], [{"name": "publish", "picklistValues": [{"value": {}}]}]],
)
def test_a_note_whose_label_nobody_tells_is_neither_public_nor_internal(fields: Any) -> None:
    tenant = Tenant(Tickets=[a_ticket(4)], TicketNotes=[{"id": 1, "ticketID": 4, "publish": 1}])
    tenant.answers["TicketNotes/entityInformation/fields"] = {"fields": fields}
    (entry,) = TICKET_SOURCE.detail(client(tenant), "4").entries
    assert entry.is_internal is None


@pytest.mark.parametrize(
    ("notes", "first", "requests", "missing"),
    [
        (499, 1, 1, []),
        (501, 2, 2, ["Notes: the oldest 1 are not shown."]),
        (1999, 1500, 4, ["Notes: the oldest 1,499 are not shown."]),
        (2001, 1501, 4, ["Notes: only 500 are shown, and not the newest: there are more than 2,000."]),
    ],
)
def test_of_very_many_notes_the_newest_are_shown(notes: int, first: int, requests: int, missing: list[str]) -> None:
    tenant = Tenant(Tickets=[a_ticket(4)], TicketNotes=[{"id": key, "ticketID": 4} for key in range(1, notes + 1)])
    found = TICKET_SOURCE.detail(client(tenant), "4")
    assert {one.key for one in found.entries} == {f"note {key}" for key in range(first, min(notes, first + 499) + 1)}
    assert (found.missing, tenant.paths.count("TicketNotes/query")) == (missing, requests)


def test_notes_that_come_again_instead_of_the_next_ones_are_refused() -> None:
    tenant = Tenant(Tickets=[a_ticket(4)])
    again = [{"id": key, "ticketID": 4} for key in range(1, 501)]
    tenant.answers["TicketNotes/query"] = {"items": again, "pageDetails": {"nextPageUrl": "more"}}
    with pytest.raises(ShapeError, match="filtered out"):
        TICKET_SOURCE.detail(client(tenant), "4")


@pytest.mark.parametrize("web", [None, "", "https://evil.example/", "javascript:alert(1)", "https://[", 7])
def test_a_link_leads_to_autotask_or_nowhere(web: Any) -> None:
    tenant = Tenant(Tickets=[a_ticket(4)])
    tenant.web = web
    assert TICKET_SOURCE.detail(client(tenant), "4").ticket.url is None


def test_people_are_resources_the_active_ones_first() -> None:
    people = [
        {"id": 1, "firstName": "Zoe", "lastName": "A", "isActive": True},
        {"id": 2, "firstName": "Bob", "lastName": None, "isActive": False},
        {"id": 3, "firstName": "amy", "lastName": "B", "isActive": True},
    ]
    assert TICKET_SOURCE.people(client(Tenant(Resources=people))) == [
        Reference("3", "amy B"),
        Reference("1", "Zoe A"),
        Reference("2", "Bob"),
    ]


# ---- a whole help desk ----


def test_every_ticket_of_a_help_desk_is_listed_and_opens() -> None:
    world = new_world(companies=60)
    with rig(NOWHERE, world, vendor="autotask", faults=["newer_release"]) as running:
        api = running.client()
        everything = walked(api)
        stamps = {one.id: one.updated_at.replace(microsecond=0) for one in world.tickets.values()}
        assert sorted(keys(everything)) == sorted(map(str, stamps))
        assert [one.updated_at for one in everything] == sorted(
            (one.updated_at for one in everything if one.updated_at), reverse=True
        )
        assert all(
            one.updated_at and stamps[int(one.key)] == one.updated_at.replace(microsecond=0) for one in everything
        )
        still_open, closed = walked(api, TicketQuery()), walked(api, TicketQuery(state=State.CLOSED))
        assert {one.is_closed for one in still_open} == {False} and {one.is_closed for one in closed} == {True}
        assert len(still_open) + len(closed) == len(everything)
        many = next(one for one in world.tickets.values() if len(one.asset_ids) > 1)
        said = [one for one in world.notes.values() if one.ticket_id == many.id]
        done = [one for one in world.time_entries.values() if one.ticket_id == many.id]
        found = TICKET_SOURCE.detail(api, str(many.id))
        assert [one.key for one in found.assets] == [str(one) for one in many.asset_ids]
        assert {one.key: one.is_internal for one in found.entries if one.hours is None} == {
            f"note {one.id}": one.is_internal for one in said
        }
        assert sum(one.hours or 0 for one in found.entries) == sum(
            (one.ended_at - one.started_at).total_seconds() / 3600 for one in done
        )
        assert found.missing == []
        people = {one.key: one.name for one in TICKET_SOURCE.people(api)}
        assert set(people) == {str(one) for one in world.members}
        assert list(people)[-1] in {str(one.id) for one in world.members.values() if not one.is_active}


@needs_specs
def test_every_request_for_tickets_is_in_the_vendors_description() -> None:
    with rig(NOWHERE, new_world(companies=60), vendor="autotask", faults=["newer_release"]) as running:
        api = running.client()
        some = TicketQuery(
            Reference("1"), [Reference("1")], [Reference("1")], Reference("0"), Reference("101"), State.OPEN, 'a "word"'
        )
        TICKET_SOURCE.search(api, some)
        first = TICKET_SOURCE.search(api, EVERY)
        TICKET_SOURCE.search(api, replace(EVERY, page=first.next or ""))
        for one in first.tickets[:20]:
            TICKET_SOURCE.detail(api, one.key)
        TICKET_SOURCE.people(api)
        assert {request.path.split("/V1.0/")[1].split("/")[0] for request in running.simulator.requests} >= {
            "TicketNotes",
            "TimeEntries",
            "TicketAdditionalConfigurationItems",
            "Contacts",
            "Resources",
        }
        for request in running.simulator.requests:
            check(request)


def check(request: Any) -> None:
    """Fails unless the description has the request, its operators and its fields."""
    described = loads((Path(SPECS or "") / "autotask.openapi.json").read_text(encoding="utf-8"))
    path = request.path.rpartition("/ATServicesRest")[2]
    assert request.method.lower() in described["paths"][path]
    if request.method == "GET":
        return
    operation = described["paths"][path.removesuffix("/count")]["post"]
    model = operation["responses"]["200"]["schema"]["$ref"].rpartition("/")[2]
    fields = {one["x-wire-name"] for one in described["definitions"][model]["properties"].values()}
    body = loads(request.body)
    asked = [one for group in body["filter"] for one in (group, *group.get("items", ()))]
    assert {one["op"] for one in asked} <= {"in", "or", "contains", "noteq", "gt", "gte", "lte", "notExist"}
    assert {one["field"] for one in asked if "field" in one} | {*body.get("IncludeFields", ())} <= fields


@pytest.mark.parametrize(
    ("field", "query"),
    [
        ("status", TicketQuery()),
        ("companyID", TicketQuery(company=Reference("3"))),
        ("queueID", TicketQuery(board=Reference("1"))),
        ("lastActivityDate", EVERY),
    ],
)
def test_a_help_desk_that_ignores_a_filter_is_noticed(field: str, query: TicketQuery) -> None:
    faults = [f"filter_ignored:field={field}"]
    with (
        rig(NOWHERE, new_world(companies=200), vendor="autotask", faults=faults) as running,
        pytest.raises(ShapeError, match="filtered out"),
    ):
        TICKET_SOURCE.search(running.client(), query)


class SideBySide(Tenant):
    """A tenant that answers its first two questions for tickets only while both are in flight.

    `later` are tickets that come after the listing and before the count.
    """

    def __init__(self, tickets: Sequence[Record], later: Sequence[Record] = ()) -> None:
        super().__init__(Tickets=tickets)
        self.later, self.both = later, Barrier(2)

    def answer(self, path: str, query: Any) -> Any:
        if path not in ("Tickets/query", "Tickets/query/count") or self.paths[2:]:
            return super().answer(path, query)
        listed = super().answer(path, query)
        self.both.wait(timeout=10)
        if path == "Tickets/query":
            return listed
        self.entities = {"Tickets": [*self.entities["Tickets"], *self.later]}
        return super().answer(path, query)


@pytest.mark.parametrize("later", [0, 1])
def test_tickets_that_fit_into_one_answer_are_counted_and_listed_side_by_side(later: int) -> None:
    tenant = SideBySide([a_ticket(key) for key in range(1, 8)], [a_ticket(key) for key in range(8, 8 + later)])
    api = client(tenant)
    api.tickets_fit = True
    page = TICKET_SOURCE.search(api, EVERY)
    assert (len(page.tickets), page.total) == (7 + later, 7 + later)
    assert sorted(tenant.paths) == ["Tickets/query"] * (1 + later) + ["Tickets/query/count"]


@pytest.mark.parametrize(("tickets", "fit"), [(7, True), (600, False)])
def test_the_next_question_is_asked_side_by_side_if_the_last_ones_tickets_fit(tickets: int, fit: bool) -> None:
    for before in (True, False):
        tenant = Tenant(Tickets=[a_ticket(key) for key in range(1, tickets + 1)])
        api = client(tenant)
        api.tickets_fit = before
        assert len(TICKET_SOURCE.search(api, EVERY).tickets) == min(tickets, SHOWN)
        assert api.tickets_fit is fit
