"""From the records of an answer to a page of tickets."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from include.connectors.common.columns import Columns, at
from include.connectors.common.ticket_page import column_filters, numbered_page, ticket_page
from include.connectors.common.tickets import Place, first_readable, reference
from include.connectors.common.values import boolean, instant, text, whole_key
from include.http.auth import Keys
from include.http.client import HttpClient
from include.model.errors import ShapeError
from include.model.tickets import Reference, State, TicketPage, TicketQuery
from tests.support.rig import Unpaced


class Client:
    http = HttpClient("PSA", requests.Session(), "https://psa.example.org", Unpaced(), Keys({}))


COLUMNS: Columns[Client] = {
    "key": at(whole_key, "id"),
    "number": at(text, "number"),
    "summary": at(text, "title"),
    "board": reference("board.id", "board.name"),
    "updated_at": first_readable(instant, "changed"),
    "is_closed": at(boolean, "closed"),
}
HELP, SALES = Reference("1", "Help"), Reference("2", "Sales")


def record(id_: int, *, board: int | None = 1, day: int = 1, **rest: Any) -> dict[str, Any]:
    return {"id": id_, "board": board and {"id": board}, "changed": f"2026-01-0{day}T00:00:00Z", **rest}


def page(records: list[Any], query: TicketQuery, **rest: str) -> TicketPage:
    return ticket_page(COLUMNS, records, Client(), column_filters(query, COLUMNS, Client()), "PSA: /tickets", **rest)


ALL = TicketQuery(state=State.ALL)


def test_tickets_come_newest_first_and_records_without_a_key_are_counted() -> None:
    found = page([record(1), record(2, day=2), {"title": "no key"}, None, "text"], ALL)
    assert ([ticket.key for ticket in found.tickets], found.unreadable) == (["2", "1"], 3)
    assert found.remark == ""


def test_a_ticket_that_comes_twice_is_shown_once() -> None:
    found = page([record(1), record(2, day=2), record(1)], ALL)
    assert ([ticket.key for ticket in found.tickets], found.unreadable) == (["2", "1"], 0)


def test_the_next_page_begins_behind_what_came_and_the_count_is_shown_if_nothing_is_left_out() -> None:
    found = page([record(1), record(2), None], ALL)
    first = numbered_page(found, found.tickets, Place(1), came=3, total=5)
    assert (first.next, first.total, len(first.tickets)) == ("2-3", 5, 2)
    last = numbered_page(found, found.tickets[:1], Place(2, 3), came=3, total=6)
    assert (last.next, last.total, len(last.tickets)) == (None, None, 1)


def test_a_server_that_sorts_otherwise_than_it_was_asked_to_is_remarked() -> None:
    assert page([record(1), record(2, day=2)], ALL, unsorted="Not sorted.").remark == "Not sorted."
    assert page([record(1, day=2), record(2)], ALL, unsorted="Not sorted.").remark == ""


def test_a_ticket_that_contradicts_a_filter_is_left_out_also_one_that_points_at_nothing() -> None:
    query = TicketQuery(board=HELP, state=State.ALL)
    found = page([record(1), record(2), record(3), record(4, board=2), record(5, board=None)], query)
    assert sorted(ticket.key for ticket in found.tickets) == ["1", "2", "3"]
    assert found.remark == "Left out here: 2 tickets with another board that the server listed too."


def test_a_filter_that_most_tickets_contradict_was_ignored() -> None:
    with pytest.raises(ShapeError, match="PSA: /tickets delivered tickets that were filtered out by board"):
        page([record(1), record(2)], TicketQuery(board=SALES, state=State.ALL))


@pytest.mark.parametrize(("state", "kept"), [(State.OPEN, ["2", "3"]), (State.CLOSED, ["1", "3"])])
def test_the_state_is_judged_where_a_ticket_says_it(state: State, kept: list[str]) -> None:
    records = [record(1, closed=True), record(2, closed=False), record(3)]
    assert sorted(ticket.key for ticket in page(records, TicketQuery(state=state)).tickets) == kept


def test_a_filter_is_called_what_people_call_it() -> None:
    (board,) = column_filters(TicketQuery(board=HELP, state=State.ALL), COLUMNS, Client(), {"board": "queue"})
    assert board.name == "queue"
