"""The live tickets of Syncro."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from include.connectors import load
from include.model.errors import AuthError, FormError, NotFound, PsaError, ShapeError
from include.model.tickets import Reference, State, TicketDetail, TicketPage, TicketQuery
from tests.support.rig import rig
from tests.support.scripted_server import Asked, Line, Said
from tests.support.vendor_specs import check_request
from tests.support.vendor_specs import load as load_spec
from tests.support.worlds import new_world

SPECS = os.environ.get("PSA_VENDOR_SPECS")
needs_specs = pytest.mark.skipif(not SPECS, reason="PSA_VENDOR_SPECS names no folder with the vendors' descriptions")
HOST = "https://acme.syncromsp.com"


def desk() -> Any:
    return load("syncro").tickets


def client(answer: Callable[[Asked], Any]) -> tuple[Line, Any]:
    line = Line(answer)
    return line, line.client("syncro", HOST)


def listed(*records: Any, pages: int | None = 1) -> dict[str, Any]:
    return {"tickets": list(records), **({} if pages is None else {"meta": {"total_pages": pages, "page": 1}})}


def searched(*records: Any, pages: int | None = 1, **query: Any) -> TicketPage:
    page: TicketPage = desk().search(client(lambda _: listed(*records, pages=pages))[1], TicketQuery(**query))
    return page


def sent(**query: Any) -> Mapping[str, str]:
    """The parameters of the one request that a query costs."""
    line, api = client(lambda _: listed())
    desk().search(api, TicketQuery(**query))
    (request,) = line.asked
    assert request.path == "/api/v1/tickets"
    return request.query


def opened(ticket: Mapping[str, Any], comments: Any = None) -> TicketDetail:
    """Ticket 7 with these comments, the newest first."""
    answers = {
        "/api/v1/tickets/7": {"ticket": {"id": 7, **ticket}},
        "/api/v1/tickets/7/comments": {"comments": []} if comments is None else comments,
        "/api/v1/me": {},
    }
    detail: TicketDetail = desk().detail(client(lambda asked: answers[asked.path])[1], "7")
    return detail


def label(name: str) -> Reference:
    return Reference(name, name)


# ---- one ticket ----


@needs_specs
def test_the_recorded_tickets_map() -> None:
    recorded = Path(SPECS or "") / "samples" / "syncro" / "04_tickets_list_recorded.json"
    body = json.loads(recorded.read_text(encoding="utf-8"))["response"]["body"]
    page = desk().search(client(lambda _: body)[1], TicketQuery(state=State.ALL))
    assert (page.next, page.total, page.unreadable) == (None, 2, 0)
    ticket = page.tickets[0]
    assert (ticket.key, ticket.number, ticket.url) == ("82012345", "1001", f"{HOST}/tickets/82012345")
    assert ticket.company == Reference("18005432", "Roderon Yogonemal")
    assert ticket.contact == Reference("1751247", "Gowiden Rin")
    assert ticket.owner == Reference("101202", "Yozal Denu")
    assert (ticket.board, ticket.status, ticket.priority) == (label("Kasufi Tamarov"), label("Resolved"), Reference())
    assert ticket.is_closed is True
    assert ticket.updated_at.isoformat() == "2025-03-08T19:17:39.380000+00:00"


def test_the_type_goes_before_the_problem_and_a_ticket_by_itself_names_it_elsewhere() -> None:
    in_list = {"id": 7, "ticket_type_id": 12, "ticket_type_name": "Devices", "problem_type": "Virus"}
    exclusive = {"ticket_type": {"id": 12, "name": "Devices"}, "contact": {"id": 5, "name": "Ann"}, "user": {"id": 101}}
    (ticket,) = searched(in_list, state=State.ALL).tickets
    detail = opened(exclusive)
    assert ticket.board == detail.ticket.board == Reference("12", "Devices")
    assert (detail.ticket.contact, detail.ticket.owner) == (Reference("5", "Ann"), Reference("101"))


def test_an_odd_value_is_left_out_and_a_record_without_a_key_is_counted() -> None:
    odd = {"id": 7, "subject": ["x"], "status": None, "priority": "", "user": "me", "updated_at": "soon"}
    page = searched(odd, {"id": None}, {}, "text", None, state=State.ALL)
    (ticket,) = page.tickets
    assert (ticket.number, ticket.summary, ticket.updated_at, ticket.is_closed) == ("7", None, None, None)
    assert (ticket.status, ticket.priority, ticket.owner, ticket.board) == (Reference(),) * 4
    assert page.unreadable == 4


# ---- the list ----


def test_every_filter_that_syncro_has_is_sent() -> None:
    assert sent(company=Reference("19", "Acme"), owner=Reference("101", "Jane"), text=" printer ") == {
        "page": "1",
        "status": "Not Closed",
        "customer_id": "19",
        "user_id": "101",
        "query": "printer",
    }
    assert sent(state=State.CLOSED) == {"page": "1", "status": "Resolved"}
    assert sent(state=State.ALL, page="4") == {"page": "4"}


@pytest.mark.parametrize("typed", ['a" or 1=1', "50% off & status=x", "a*b\\c", "(it's), [and]#", "?page=9"])
def test_a_text_stays_one_parameter(typed: str) -> None:
    assert sent(state=State.ALL, text=typed) == {"page": "1", "query": typed}


def test_what_no_address_can_hold_is_taken_out_of_a_text() -> None:
    assert sent(state=State.ALL, text="a\x00b\ud800")["query"] == "ab\ufffd"
    assert "query" not in sent(state=State.ALL, text=" \x00 ")


@pytest.mark.parametrize("typed", ["1001", "#1001", " 01001 "])
def test_a_number_finds_the_ticket_that_has_it(typed: str) -> None:
    assert sent(state=State.ALL, text=typed) == {"page": "1", "number": "1001"}
    assert "number" not in sent(state=State.ALL, text="9" * 5000)


@pytest.mark.parametrize(
    ("state", "status", "asked"),
    [
        (State.OPEN, "New", "New"),
        (State.ALL, "New", "New"),
        (State.ALL, "Resolved", "Resolved"),
        (State.CLOSED, "Resolved", "Resolved"),
        (State.OPEN, "Resolved", None),
        (State.CLOSED, "New", None),
    ],
)
def test_a_status_that_the_state_excludes_gives_nothing_and_costs_nothing(
    state: State, status: str, asked: str | None
) -> None:
    if asked:
        assert sent(state=state, statuses=[label(status)])["status"] == asked
    else:
        line, api = client(lambda _: listed())
        assert desk().search(api, TicketQuery(state=state, statuses=[label(status)])) == TicketPage([], total=0)
        assert line.asked == []


FITTING = {"number": 9, "status": "New", "customer_id": 9, "user_id": 9}


@pytest.mark.parametrize(
    "wish",
    [
        {"state": State.OPEN},
        {"statuses": [label("New")], "state": State.ALL},
        {"company": Reference("9", "x"), "state": State.ALL},
        {"owner": Reference("9", "x"), "state": State.ALL},
        {"text": "9", "state": State.ALL},
    ],
)
def test_a_server_that_ignores_a_filter_is_refused(wish: dict[str, Any]) -> None:
    others = [{"id": n, "number": 1, "status": "Resolved", "customer_id": 1, "user_id": 2} for n in (7, 8)]
    with pytest.raises(ShapeError, match="filtered out"):
        searched(*others, **wish)
    (fitting,) = (other | FITTING for other in others[:1])
    page = searched(others[1], fitting, **wish)
    assert [ticket.key for ticket in page.tickets] == ["7"]
    assert page.remark.startswith("Left out here: 1 ticket with another ")


@pytest.mark.parametrize(
    "wish",
    [{name: Reference(key, "x")} for name in ("company", "owner") for key in (None, "", "0", "1&page=2", "x", "٣")],
)
@pytest.mark.parametrize("state", list(State))
def test_keys_that_are_not_ours_are_refused_before_anything_is_asked(wish: dict[str, Any], state: State) -> None:
    line, api = client(lambda _: listed())
    with pytest.raises(FormError):
        desk().search(api, TicketQuery(state=state, **wish))
    assert line.asked == []


@pytest.mark.parametrize(
    "wish",
    [{"board": Reference()}, {"priorities": [Reference()]}, {"statuses": [Reference()]}]
    + [{"page": page} for page in ("0", "-1", "2&x=1", "1\n", "x", "9" * 19)],
)
def test_a_filter_without_a_key_or_a_page_that_is_none_is_refused(wish: dict[str, Any]) -> None:
    with pytest.raises(FormError):
        searched(**wish)


def test_tickets_are_picked_by_type_and_priority_out_of_up_to_three_pages() -> None:
    def answer(asked: Asked) -> Any:
        number = int(asked.query["page"])
        wanted = {"id": number, "status": "New", "ticket_type_id": 12, "priority": "1 High"}
        other = {"id": number + 100, "status": "New", "ticket_type_id": 13, "priority": "1 High"}
        low = {"id": number + 200, "status": "New", "ticket_type_id": 12, "priority": None}
        return listed(wanted, other, low, pages=5)

    line, api = client(answer)
    wish: dict[str, Any] = {"board": Reference("12", "x"), "priorities": [label("1 High"), label("0 Urgent")]}
    page = desk().search(api, TicketQuery(**wish))
    assert (sorted(t.key for t in page.tickets), page.next, page.total) == (["1", "2", "3"], "4", None)
    assert len(line.asked) == 3
    page = desk().search(api, TicketQuery(page="4", **wish))
    assert (sorted(t.key for t in page.tickets), page.next) == (["4", "5"], None)


def test_a_page_that_has_enough_is_not_followed_by_another() -> None:
    line, api = client(lambda _: listed(*({"id": n, "priority": "1 High"} for n in range(1, 26)), pages=9))
    page = desk().search(api, TicketQuery(priorities=[label("1 High")], state=State.ALL))
    assert (len(page.tickets), page.next, len(line.asked)) == (25, "2", 1)


def test_two_statuses_are_picked_since_syncro_takes_one() -> None:
    records = [{"id": n, "status": status} for n, status in enumerate(("New", "Waiting", "Resolved"), 1)]
    line, api = client(lambda _: listed(*records))
    page = desk().search(api, TicketQuery(statuses=[label("New"), label("Resolved"), label("new")], state=State.OPEN))
    assert [ticket.key for ticket in page.tickets] == ["1"]
    assert "status" not in line.asked[0].query


def test_each_page_is_sorted_and_a_ticket_that_comes_twice_is_shown_once() -> None:
    def answer(asked: Asked) -> Any:
        days = {"1": (1, 3), "2": (2, 3)}[asked.query["page"]]
        stamps = [{"id": day, "priority": "Low", "updated_at": f"2026-01-0{day}T00:00:00Z"} for day in days]
        return listed(*stamps, pages=2)

    page = desk().search(client(answer)[1], TicketQuery(priorities=[label("Low")], state=State.ALL))
    assert [ticket.key for ticket in page.tickets] == ["3", "2", "1"]


@pytest.mark.parametrize(
    ("pages", "number", "following"), [(1, "", None), (3, "2", "3"), (3, "3", None), (None, "", "2")]
)
def test_the_server_says_how_many_pages_there_are(pages: int | None, number: str, following: str | None) -> None:
    page = searched({"id": 7}, pages=pages, page=number, state=State.ALL)
    assert page.next == following
    assert page.total == (1 if following is None and not number else None)


@pytest.mark.parametrize(
    "wish", [{"statuses": [label("New")]}, {"priorities": [label("1 High")]}, {"board": label("Virus")}]
)
def test_where_a_filter_by_a_name_finds_nothing_it_is_said_that_the_name_may_be_an_old_one(wish: Any) -> None:
    assert "renamed since" in searched(**wish).remark
    assert "renamed since" in searched(page="3", pages=3, **wish).remark
    one = {"id": 7, "status": "New", "priority": "1 High", "problem_type": "Virus"}
    assert searched(one, **wish).remark == ""


@pytest.mark.parametrize(
    "wish", [{}, {"board": Reference("12", "Devices")}, {"company": Reference("9", "x")}, {"text": "printer"}]
)
def test_where_a_filter_by_anything_else_finds_nothing_there_is_nothing_to_say(wish: Any) -> None:
    assert searched(**wish).remark == ""


def test_an_empty_page_ends_a_listing_that_does_not_say_how_long_it_is() -> None:
    assert searched(pages=None) == TicketPage([], total=0)


@pytest.mark.parametrize(
    "body", [None, [], {}, {"tickets": None}, {"tickets": {}}, {"meta": {}}, listed(pages=2), {"success": False}]
)
def test_an_answer_without_its_list_is_no_empty_list(body: Any) -> None:
    with pytest.raises(ShapeError):
        desk().search(client(lambda _: body)[1], TicketQuery())


# ---- a ticket opened ----


def test_comments_and_time_come_in_one_list_oldest_first() -> None:
    detail = opened(
        {"ticket_timers": [{"id": 1, "user_id": 101, "start_time": "2026-01-02T10:00:00.000-05:00", "notes": "called",
                            "end_time": "2026-01-02T15:30:00Z"}]},
        {"comments": [
            {"id": 3, "created_at": "2026-01-03T00:00:00Z", "body": "x", "hidden": True, "tech": None, "user_id": None},
            {"id": 2, "created_at": "2026-01-01T00:00:00Z", "body": "help", "subject": "Initial Issue",
             "hidden": False, "tech": "Jane Doe", "user_id": 101},
        ], "meta": {"total_pages": 1}},
    )  # fmt: skip
    assert [(e.key, e.author, e.text, e.title, e.is_internal, e.hours) for e in detail.entries] == [
        ("comment-2", Reference("101", "Jane Doe"), "help", "Initial Issue", False, None),
        ("timer-1", Reference("101"), "called", None, None, 0.5),
        ("comment-3", Reference(), "x", None, True, None),
    ]
    assert detail.missing == []


@pytest.mark.parametrize("hidden", [None, "perhaps", [], {}])
def test_a_comment_that_does_not_say_whether_it_is_hidden_is_not_shown_as_public(hidden: Any) -> None:
    (entry,) = opened({}, {"comments": [{"id": 1, "hidden": hidden}], "meta": {"total_pages": 1}}).entries
    assert entry.is_internal is None


def test_comments_are_asked_for_as_plain_text_newest_first() -> None:
    line, api = client(lambda a: {"ticket": {"id": 7}} if a.path.endswith("/7") else {"comments": []})
    desk().detail(api, "7")
    assert line.asked[1].query == {
        "page": "1",
        "per_page": "100",
        "sort_by": "created_at",
        "sort_direction": "DESC",
        "comment_format": "plaintext",
    }
    assert len(line.asked) == 2


@pytest.mark.parametrize(("length", "requests", "shown"), [(100, 2, 200), (10, 4, 40)])
def test_of_a_long_ticket_the_newest_comments_are_shown_and_it_says_so(length: int, requests: int, shown: int) -> None:
    def answer(asked: Asked) -> Any:
        if asked.path.endswith("/7"):
            return {"ticket": {"id": 7}}
        first = int(asked.query["page"]) * length
        return {"comments": [{"id": first + n} for n in range(length)], "meta": {"total_pages": 30}}

    line, api = client(answer)
    detail = desk().detail(api, "7")
    assert (len(detail.entries), len(line.asked) - 1) == (shown, requests)
    assert detail.missing == [f"There are more comments than the newest {shown} that are shown."]


@pytest.mark.parametrize(
    ("meta", "missing"),
    [({}, []), ({"total_pages": 9}, ["There are more comments than the newest 4 that are shown."])],
)
def test_a_server_that_gives_the_same_comments_for_every_page_is_asked_twice(
    meta: dict[str, int], missing: list[str]
) -> None:
    records = [{"id": 3}, {"id": 2}, {"body": "no id"}, {"body": "nor here"}]

    def answer(asked: Asked) -> Any:
        return {"ticket": {"id": 7}} if asked.path.endswith("/7") else {"comments": records, "meta": meta}

    line, api = client(answer)
    detail = desk().detail(api, "7")
    assert (len(detail.entries), len(line.asked) - 1, detail.missing) == (4, 2, missing)


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-01-02T10:00:00Z", "2026-01-02T09:00:00Z", None),
        ("1990-01-01T00:00:00Z", "2026-01-01T00:00:00Z", None),
        ("soon", "2026-01-01T00:00:00Z", None),
        ("2026-01-01T00:00:00Z", None, None),
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", 0.0),
    ],
)
def test_time_that_cannot_have_been_clocked_is_left_out(start: str, end: str | None, hours: float | None) -> None:
    (entry,) = opened({"ticket_timers": [{"id": 1, "start_time": start, "end_time": end}]}).entries
    assert entry.hours == hours


@pytest.mark.parametrize("refused", [Said({"error": "Not authorized."}, 401), Said({"error": "x"}, 404)])
def test_comments_that_may_not_be_read_are_said_and_the_ticket_still_opens(refused: Said) -> None:
    detail = opened({"subject": "x"}, refused)
    assert (detail.ticket.summary, detail.entries) == ("x", [])
    assert detail.missing == ["The comments could not be read. Has the API token the right to them?"]


def test_a_dead_token_is_no_missing_right() -> None:
    def answer(asked: Asked) -> Any:
        return {"ticket": {"id": 7}} if asked.path.endswith("/7") else Said({"error": "x"}, 401)

    with pytest.raises(AuthError):
        desk().detail(client(answer)[1], "7")


def test_site_assets_and_attachments_are_named_and_no_address_of_a_file_comes_along() -> None:
    detail = opened(
        {
            "customer_id": 19,
            "address_id": 4,
            "assets": [{"id": 3, "name": "PC", "customer": {"id": 1}}, {"name": "no key"}],
            "attachments": [
                {"file_name": "a.png", "file": {"url": "https://files/?signature=x"}},
                {"url": "https://x"},
            ],
            "comments": [{"id": 1, "body": "the ticket's own copy"}],
        }
    )
    assert (detail.site, detail.assets, detail.attachments) == (Reference("19/4"), [Reference("3", "PC")], ["a.png"])
    assert detail.entries == []
    assert opened({"customer_id": 19, "address": {"id": 19}}).site == Reference("19")
    assert opened({"customer_id": 19, "address": None}).site == Reference()


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (Said({"message": "Not found"}, 404), NotFound),
        ({"ticket": {"id": 8}}, ShapeError),
        ({"ticket": None}, ShapeError),
        ({"id": 7}, ShapeError),
        (None, ShapeError),
    ],
)
def test_a_ticket_that_is_gone_or_another_one_is_not_shown(body: Any, error: type[PsaError]) -> None:
    with pytest.raises(error):
        desk().detail(client(lambda _: body)[1], "7")


@pytest.mark.parametrize("key", ["", "0", "7/../8", "7?x", "\uff17", "7 ", "7\n", "settings", "9" * 19])
def test_a_key_that_is_not_ours_is_refused_before_anything_is_asked(key: str) -> None:
    line, api = client(lambda _: {"ticket": {"id": 7}})
    with pytest.raises(FormError):
        desk().detail(api, key)
    assert line.asked == []


# ---- people ----


def test_technicians_come_as_pairs() -> None:
    body = {"users": [[101, "Jane Doe"], [104, None], ["x", "y"], [1], None]}
    assert desk().people(client(lambda _: body)[1]) == [Reference("101", "Jane Doe"), Reference("104")]


@pytest.mark.parametrize("body", [None, {}, {"users": None}, {"users": [{"id": 1, "name": "Jane"}]}])
def test_technicians_in_another_form_are_refused(body: Any) -> None:
    with pytest.raises(ShapeError):
        desk().people(client(lambda _: body)[1])


# ---- the simulator, and the description ----


def test_all_pages_together_are_every_ticket() -> None:
    world = new_world(companies=40)
    with rig("", world, vendor="syncro") as running:
        api, seen, page = running.client(), [], ""
        while True:
            found = desk().search(api, TicketQuery(state=State.ALL, page=page))
            seen += found.tickets
            if not found.next:
                break
            page = found.next
    assert len(seen) > 50
    assert sorted(int(ticket.key) for ticket in seen) == sorted(world.tickets.ids)


@needs_specs
def test_every_request_of_the_ticket_page_is_in_the_vendors_description() -> None:
    spec = load_spec("syncro")
    with rig("", new_world(), vendor="syncro") as running:
        api = running.client()
        every = desk().search(api, TicketQuery(state=State.ALL))
        one = next(ticket for ticket in every.tickets if ticket.owner.key)
        wish = TicketQuery(
            statuses=[one.status], company=one.company, owner=one.owner, board=one.board, state=State.ALL
        )
        assert one.key in {ticket.key for ticket in desk().search(api, wish).tickets}
        assert [t.key for t in desk().search(api, TicketQuery(state=State.ALL, text=one.number)).tickets] == [one.key]
        assert not any(ticket.is_closed for ticket in desk().search(api, TicketQuery(text="printer")).tickets)
        for ticket in every.tickets[:10]:
            assert desk().detail(api, ticket.key).ticket == ticket
        assert Reference("101", "Jane Doe") in desk().people(api)
        for request in running.simulator.requests:
            path = request.path.removeprefix("/api/v1")
            check_request(spec, request.method, path, request.query, request.headers)
