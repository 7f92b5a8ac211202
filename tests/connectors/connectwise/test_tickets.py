"""The live tickets of ConnectWise."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from include.connectors import load
from include.model.errors import FormError, NotFound, PsaError, RequestRefused, ShapeError
from include.model.tickets import Reference, State, Ticket, TicketDetail, TicketPage, TicketQuery
from simulator.world import World
from tests.connectors.connectwise.scripted import HOST, ROOT, client
from tests.support.rig import rig
from tests.support.scripted_server import Asked, Said
from tests.support.vendor_specs import check_request
from tests.support.vendor_specs import load as load_spec
from tests.support.worlds import new_world

SPECS = os.environ.get("PSA_VENDOR_SPECS")
needs_specs = pytest.mark.skipif(not SPECS, reason="PSA_VENDOR_SPECS names no folder with the vendors' descriptions")
# Our copy of the vendor's description does not contain documents; tickets link to them in `_info.documents_href`.
UNDESCRIBED = "/system/documents"


def source() -> Any:
    return load("connectwise").tickets


def searched(body: Any, **query: Any) -> TicketPage:
    page: TicketPage = source().search(client(lambda _: body)[1], TicketQuery(**query))
    return page


def condition(**query: Any) -> str:
    """The condition that is sent for a query."""
    line, api = client(lambda _: [])
    source().search(api, TicketQuery(**query))
    return line.asked[1].query.get("conditions", "")


def opened(ticket: Any = {"id": 7}, **answers: Any) -> TicketDetail:  # noqa: B006 - never changed
    """A ticket whose lists are empty, except those in `answers`, by the last part of their path."""

    def answer(asked: Asked) -> Any:
        step = asked.path.rpartition("/")[2]
        return ticket if step == "7" else answers.get(step, [])

    detail: TicketDetail = source().detail(client(answer)[1], "7")
    return detail


def named(key: str) -> Reference:
    return Reference(key, "any")


# ---- one ticket ----


@needs_specs
def test_the_recorded_ticket_maps() -> None:
    text = (Path(SPECS or "") / "samples" / "connectwise" / "ticket_get.json").read_text(encoding="utf-8")
    (ticket,) = searched([json.loads(text)]).tickets
    assert ticket.created_at is not None
    assert ticket.updated_at is not None
    assert (ticket.created_at.isoformat(), ticket.updated_at.second) == ("2022-10-10T08:29:33+00:00", 34)
    assert ticket == Ticket(
        key="200",
        number="200",
        summary="riza",
        company=Reference("19298", "Roderon Fivepib"),
        contact=Reference("17754", "Gone Gowiden"),
        board=Reference("30", "Goromab Govebaka - Yotan"),
        status=Reference("550", "In Tabatapi"),
        priority=Reference("8", "Zayopiba 4 - Pip"),
        owner=Reference("638", "luro kanelufipif"),
        created_at=ticket.created_at,
        updated_at=ticket.updated_at,
        is_closed=False,
        url=f"{HOST}/v4_6_release/services/system_io/Service/fv_sr100_request.rails?service_recid=200"
        "&companyName=acme%20inc",
    )


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("https://api-eu.myconnectwise.net", "https://eu.myconnectwise.net/v4_6_release/"),
        ("https://api-staging.connectwisedev.com", "https://staging.connectwisedev.com/v4_6_release/"),
        ("https://api-desk.example.org:8443", "https://api-desk.example.org:8443/v4_6_release/"),
    ],
)
def test_a_ticket_leads_to_the_host_that_people_sign_in_at(typed: str, shown: str) -> None:
    (ticket,) = source().search(client(lambda _: [{"id": 7}], typed)[1], TicketQuery()).tickets
    assert ticket.url.startswith(shown)


def test_an_invalid_value_is_left_out_and_a_record_without_a_key_is_counted() -> None:
    invalid = {"id": 7, "summary": ["x"], "status": "New", "owner": {"id": "me"}, "_info": {"lastUpdated": "soon"}}
    page = searched([invalid, {"summary": "no key"}, "text", None, {"id": -1}])
    assert [(t.key, t.summary, t.status, t.owner, t.updated_at) for t in page.tickets] == [
        ("7", None, Reference(), Reference(), None)
    ]
    assert page.unreadable == 4


def test_a_person_who_is_no_contact_has_the_name_that_the_ticket_gives() -> None:
    (ticket,) = searched([{"id": 7, "contactName": "Ann", "owner": {"id": 1, "identifier": "jdoe"}}]).tickets
    assert (ticket.contact, ticket.owner) == (Reference(None, "Ann"), Reference("1", "jdoe"))


# ---- the list ----


def test_the_newest_activity_comes_first_and_the_server_is_asked_for_it() -> None:
    records = [{"id": id_, "_info": {"lastUpdated": f"2026-01-0{id_}T00:00:00Z"}} for id_ in (1, 3, 2)]
    line, api = client(lambda _: records)
    assert [ticket.key for ticket in source().search(api, TicketQuery()).tickets] == ["3", "2", "1"]
    assert line.asked[1].query["orderBy"] == "lastUpdated desc,id desc"
    assert len(line.asked) == 2


def test_tickets_that_changed_together_are_listed_once_and_none_is_missed() -> None:
    """The server may list tickets of the same second in any order, and uses another one for each page."""
    rows = [{"id": id_, "_info": {"lastUpdated": "2026-01-01T00:00:00Z"}} for id_ in range(1, 151)]

    def answer(asked: Asked) -> Any:
        number = int(asked.query["page"])
        listed = rows[::-1] if "id desc" in asked.query["orderBy"].split(",") else rows[number * 20 :] + rows
        begin = (number - 1) * 50
        return Said(listed[begin : begin + 50], more=begin + 50 < len(rows))

    api = client(answer)[1]
    pages = [source().search(api, TicketQuery(page=page)) for page in ("", "2", "3")]
    assert len({ticket.key for page in pages for ticket in page.tickets}) == 150


def test_a_server_that_refuses_two_fields_to_order_by_is_asked_for_one_from_then_on() -> None:
    refused = Said({"code": "InvalidObject", "message": "x"}, 400)
    line, api = client(lambda asked: refused if "," in asked.query["orderBy"] else [{"id": 7}])
    for _ in range(2):
        assert [ticket.key for ticket in source().search(api, TicketQuery()).tickets] == ["7"]
    orders = [request.query["orderBy"] for request in line.asked[1:]]
    assert orders == ["lastUpdated desc,id desc", "lastUpdated desc", "lastUpdated desc"]


def test_a_query_that_is_refused_in_either_order_is_no_reason_to_give_up_an_order() -> None:
    line, api = client(lambda _: Said({"code": "ApiFindCondition", "message": "x"}, 400))
    for _ in range(2):
        with pytest.raises(RequestRefused):
            source().search(api, TicketQuery())
    assert [request.query["orderBy"].count(",") for request in line.asked[1:]] == [1, 0, 1, 0]


@pytest.mark.parametrize(
    ("days", "is_remarkable"), [((3, 2, 2, 1), False), ((2, None, 1), False), ((None,), False), ((2, None, 3), True)]
)
def test_tickets_that_come_in_another_order_are_remarked(days: Any, is_remarkable: bool) -> None:
    stamps = [day and {"lastUpdated": f"2026-01-0{day}T00:00:00Z"} for day in days]
    page = searched([{"id": id_, "_info": stamp} for id_, stamp in enumerate(stamps, 1)])
    assert ("other pages may hold newer ones" in page.remark) is is_remarkable


def test_every_filter_is_sent() -> None:
    assert condition(
        board=named("1"),
        statuses=[named("5"), named("6")],
        priorities=[named("4")],
        company=named("19"),
        owner=named("101"),
        state=State.OPEN,
        text="printer",
    ) == (
        "board/id in (1) and status/id in (5,6) and priority/id in (4) and company/id in (19) and owner/id in (101)"
        ' and closedFlag=False and summary like "*printer*"'
    )
    assert condition(state=State.CLOSED) == "closedFlag=True"
    assert condition(state=State.ALL) == ""


@pytest.mark.parametrize(
    "typed",
    ['a" or id>0 or summary="', "50% off", "a*b", "a_b", "a\\", "[a] (b)", "it's, and/or", "a\x00b\ud800\n", "«é» ü"],
)
def test_a_text_can_neither_end_its_quotation_nor_be_a_pattern(typed: str) -> None:
    sent = condition(state=State.ALL, text=typed)
    match = re.fullmatch(r'summary like "\*(.*)\*"', sent)
    assert match is not None
    assert not re.search(r'["%_\[\]\\\x00-\x1f]', match[1])
    assert re.findall(r"\w", match[1]) == re.findall(r"[^\W_]", typed)


def test_a_number_finds_the_ticket_that_has_it() -> None:
    assert condition(state=State.ALL, text=" 70011 ") == '(id=70011 or summary like "*70011*")'
    assert condition(state=State.ALL, text="9" * 5000) == ""  # in the body of a search: too long for an address


def test_a_text_without_a_word_is_refused_since_it_would_find_everything() -> None:
    with pytest.raises(FormError, match="words and numbers"):
        condition(text="%_*")


def test_what_only_a_wildcard_fits_was_not_searched_for() -> None:
    summaries = {7: "Disk is 90% full", 8: "Disk is 90 GB full", 9: "disk IS 90% FULL", 10: None}
    listed = [{"id": id_, "summary": summary, "closedFlag": False} for id_, summary in summaries.items()]
    assert [ticket.key for ticket in searched(listed, text="90% full").tickets] == ["9", "7"]
    assert len(searched(listed, text="disk").tickets) == len(listed)  # the database compares words in its own way


@pytest.mark.parametrize("typed", ["é" * 400, "word " * 400])
def test_a_long_condition_is_sent_in_the_body(typed: str) -> None:
    line, api = client(lambda _: [])
    source().search(api, TicketQuery(text=typed))
    request = line.asked[1]
    assert (request.method, request.path) == ("POST", f"{ROOT}/service/tickets/search")
    assert request.json["conditions"].startswith("closedFlag=False and summary like")
    assert request.json["orderBy"] == "lastUpdated desc,id desc"
    assert len(request.url) < 2000


@pytest.mark.parametrize(
    "wish",
    [
        {"board": named("9")},
        {"statuses": [named("9"), named("8")]},
        {"priorities": [named("9")]},
        {"company": named("9")},
        {"owner": named("9")},
        {"state": State.CLOSED},
    ],
)
def test_a_server_that_ignores_a_filter_is_refused(wish: dict[str, Any]) -> None:
    with pytest.raises(ShapeError, match="the filter was ignored"):
        searched([{"id": id_, "closedFlag": False, "board": {"id": 1}, "status": {"id": 1}} for id_ in (7, 8)], **wish)


def test_a_ticket_that_does_not_fit_is_left_out_with_a_remark() -> None:
    page = searched([{"id": id_, "closedFlag": False, "board": {"id": id_}} for id_ in (5, 6)], board=named("5"))
    assert [ticket.key for ticket in page.tickets] == ["5"]
    assert page.remark == "Left out here: 1 ticket with another board that the server listed too."
    assert (page.total, page.unreadable) == (1, 0)


@pytest.mark.parametrize("body", [None, {}, {"tickets": []}, "none"])
def test_an_answer_that_is_no_list_is_refused(body: Any) -> None:
    with pytest.raises(ShapeError, match="not with a list"):
        searched(body)


@pytest.mark.parametrize(
    "wish",
    [{name: named(key)} for name in ("board", "company", "owner") for key in ("", "0", "1 or 1=1", "x", "٣")]
    + [{"statuses": [Reference(None, "New")]}, {"page": "0"}, {"page": "../x"}, {"page": "project-"}, {"page": "1\n"}],
)
def test_keys_and_pages_that_are_not_ours_are_refused_before_anything_is_asked(wish: dict[str, Any]) -> None:
    line, api = client(lambda _: [])
    with pytest.raises(FormError):
        source().search(api, TicketQuery(**wish))
    assert line.asked == []


def test_pages_go_on_while_another_is_announced_or_the_page_is_full() -> None:
    full = [{"id": id_} for id_ in range(1, 51)]
    assert (searched(Said([{"id": 7}], more=True)).next, searched(full).next) == ("2", "2")
    assert (searched(full).total, searched([{"id": 7}]).total) == (None, 1)
    line, api = client(lambda _: [{"id": 7}])
    page = source().search(api, TicketQuery(page="12"))
    assert (line.asked[1].query["page"], page.next, page.total) == ("12", None, None)


# ---- boards of projects ----


def with_projects(asked: Asked) -> Any:
    if asked.path == "/service/boards/5":
        return {"id": 5, "projectFlag": True}
    return Said([{"id": 8, "board": {"id": 5}}], more=True) if asked.path == "/project/tickets" else []


def test_a_board_of_projects_shows_project_tickets() -> None:
    line, api = client(with_projects)
    page = source().search(api, TicketQuery(board=named("5")))
    assert [(ticket.key, ticket.number, ticket.url) for ticket in page.tickets] == [("project-8", "8", None)]
    assert page.next == "project-2"
    source().search(api, TicketQuery(board=named("5"), page="project-2"))
    assert (line.asked[-1].path, line.asked[-1].query["page"]) == (f"{ROOT}/project/tickets", "2")
    assert len(line.asked) == 5


@pytest.mark.parametrize("board", [{"id": 5, "projectFlag": False}, {"id": 5}, Said({"code": "NotFound"}, 404)])
def test_an_empty_board_of_another_kind_is_empty(board: Any) -> None:
    line, api = client(lambda asked: board if asked.path.startswith("/service/boards") else [])
    assert source().search(api, TicketQuery(board=named("5"))) == TicketPage([], total=0)
    assert not any("/project/" in request.path for request in line.asked)


def test_a_project_ticket_is_opened_from_the_project_tickets() -> None:
    line, api = client(lambda asked: {"id": 8} if asked.path == "/project/tickets/8" else [])
    assert source().detail(api, "project-8").ticket.key == "project-8"
    assert any('chargeToType="ProjectTicket"' in request.query.get("conditions", "") for request in line.asked)
    assert not any("/service/" in request.path for request in line.asked)


# ---- a ticket opened ----


def test_notes_and_time_come_in_one_list_oldest_first() -> None:
    detail = opened(
        notes=[
            {"id": 2, "text": "done", "dateCreated": "2026-01-03T00:00:00Z", "resolutionFlag": True, "createdBy": "jo"},
            {
                "id": 1,
                "text": "help",
                "dateCreated": "2026-01-01T00:00:00Z",
                "detailDescriptionFlag": True,
                "contact": {"id": 5, "name": "Ann"},
            },
        ],
        entries=[
            {
                "id": 1,
                "chargeToId": 7,
                "timeStart": "2026-01-02T00:00:00Z",
                "actualHours": 1.5,
                "notes": "called",
                "internalNotes": "rude",
                "addToDetailDescriptionFlag": True,
                "member": {"id": 101, "name": "Jo"},
            }
        ],
    )
    assert [(e.key, e.author, e.text, e.is_internal, e.title, e.hours) for e in detail.entries] == [
        ("note-1", Reference(None, "Ann"), "help", False, "Discussion", None),
        ("time-1", Reference("101", "Jo"), "called", False, "Discussion", 1.5),
        ("time-1-internal", Reference("101", "Jo"), "rude", True, None, None),
        ("note-2", Reference(None, "jo"), "done", False, "Resolution", None),
    ]
    assert detail.missing == []


@pytest.mark.parametrize(
    ("flags", "is_internal"),
    [
        ({"internalAnalysisFlag": True, "detailDescriptionFlag": True}, True),
        ({"internalFlag": True, "externalFlag": True}, True),
        ({"internalFlag": "true", "resolutionFlag": True}, True),
        ({"internalFlag": "perhaps", "detailDescriptionFlag": True}, None),
        ({"internalFlag": False, "internalAnalysisFlag": False}, None),
        ({"detailDescriptionFlag": True}, False),
        ({}, None),
    ],
)
def test_only_a_note_without_any_internal_flag_is_public(flags: Any, is_internal: bool | None) -> None:
    (entry,) = opened(notes=[{"id": 1, "text": "x", **flags}]).entries
    assert entry.is_internal is is_internal


def test_time_with_internal_notes_alone_is_one_internal_entry() -> None:
    time = {"id": 1, "chargeToId": 7, "internalNotes": "x", "addToDetailDescriptionFlag": True, "actualHours": "0.25"}
    (entry,) = opened(entries=[time]).entries
    assert (entry.text, entry.is_internal, entry.hours) == ("x", True, 0.25)


@pytest.mark.parametrize("invalid", [True, "long", [], 10**400, "nan", None, ""])
def test_hours_that_are_not_a_number_are_left_out(invalid: Any) -> None:
    (entry,) = opened(entries=[{"id": 1, "chargeToId": 7, "actualHours": invalid}]).entries
    assert entry.hours is None


def test_time_of_another_ticket_is_refused() -> None:
    with pytest.raises(ShapeError, match="the filter was ignored"):
        opened(entries=[{"id": 1, "chargeToId": 8}])


def test_site_configurations_and_documents_are_named() -> None:
    detail = opened(
        ticket={"id": 7, "siteName": "Main", "initialDescription": "It smokes"},
        configurations=[{"id": 3, "deviceIdentifier": "x"}, {"id": 4, "_info": {"name": "PC"}}, {"id": None}],
        documents=[{"id": 1, "fileName": "a.png", "title": "A"}, {"id": 2, "title": "B"}, {"id": 3}],
    )
    assert (detail.description, detail.site) == ("It smokes", Reference(None, "Main"))
    assert detail.assets == [Reference("3"), Reference("4", "PC")]
    assert detail.attachments == ["a.png", "B"]


def test_a_ticket_opens_and_names_the_lists_that_the_member_may_not_read() -> None:
    refused = Said({"code": "Unauthorized"}, 403)
    detail = opened(notes=refused, entries=refused, configurations=refused, documents=Said({"code": "NotFound"}, 404))
    assert [sentence.split(" could")[0] for sentence in detail.missing] == [
        "The notes",
        "The time entries",
        "The configurations",
        "The documents",
    ]


def test_a_long_ticket_says_that_there_is_more() -> None:
    assert opened(notes=Said([{"id": 1}], more=True)).missing == [
        "There are more notes than the newest 200 that are shown."
    ]


@pytest.mark.parametrize(
    ("body", "error"),
    [(Said({"code": "NotFound"}, 404), NotFound), ({"id": 8}, ShapeError), (None, ShapeError), ([], ShapeError)],
)
def test_a_ticket_that_is_gone_or_is_another_one_is_not_shown(body: Any, error: type[PsaError]) -> None:
    with pytest.raises(error):
        opened(ticket=body)


@pytest.mark.parametrize("key", ["", "0", "7/../8", "7?x", "project-", "PROJECT-7", "\uff17", "7 ", "7\n", "9" * 19])
def test_a_key_that_is_not_ours_is_refused_before_anything_is_asked(key: str) -> None:
    line, api = client(lambda _: {"id": 7})
    with pytest.raises(FormError):
        source().detail(api, key)
    assert line.asked == []


# ---- the simulator, and the description ----


def test_all_pages_together_are_every_service_ticket_newest_first() -> None:
    world = new_world(companies=40)
    with rig("", world) as running:
        api, seen, page = running.client(), [], ""
        while True:
            found = source().search(api, TicketQuery(state=State.ALL, page=page))
            seen += found.tickets
            if not found.next:
                break
            page = found.next
    wanted = [one for one in world.tickets.values() if not one.is_project]
    assert len(wanted) > 50
    assert sorted(t.key for t in seen) == sorted(str(one.id) for one in wanted)
    assert [t.updated_at for t in seen] == sorted((one.updated_at for one in wanted), reverse=True)


@needs_specs
def test_every_request_of_the_ticket_page_is_in_the_vendors_description() -> None:
    spec = load_spec("connectwise")
    with rig("", new_world()) as running:
        api = running.client()
        every = source().search(api, TicketQuery(state=State.ALL))
        one = every.tickets[0]
        wish = TicketQuery(board=one.board, statuses=[one.status], priorities=[one.priority], company=one.company)
        assert one.key in {ticket.key for ticket in source().search(api, wish).tickets}
        source().search(api, TicketQuery(text="printer", state=State.ALL))
        source().search(api, TicketQuery(text="long " * 400))
        projects = next(board.id for board in running.simulator.world.boards.values() if board.is_project)
        (project, *_) = source().search(api, TicketQuery(board=named(str(projects)), state=State.ALL)).tickets
        for key in (*(ticket.key for ticket in every.tickets[:5]), project.key):
            assert source().detail(api, key).ticket.key == key
        assert {person.name for person in source().people(api)} > {"Jane Doe", "Bob Gone"}
        asked = [(r, r.path.partition("/apis/3.0")[2]) for r in running.simulator.requests if "/apis/3.0" in r.path]
        assert len(asked) > 30
        for request, path in asked:
            if path != UNDESCRIBED:
                check_request(spec, request.method, path, request.query, request.headers)


def test_members_who_left_come_last() -> None:
    with rig("", World(companies=1)) as running:
        assert [person.name for person in source().people(running.client())][-1] == "Bob Gone"
