"""Filters are checked against the tables of the last sync before they are sent to the PSA."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from include import connectors
from include.model.errors import FormError
from include.model.tickets import Reference, State
from include.tickets.query import Filters, query
from include.tickets.sessions import Session
from include.warehouse.lookups import Lookups
from tests.support.rig import rig
from tests.support.worlds import new_world

PEOPLE = [Reference("101", "Jane Doe")]


@pytest.fixture(scope="module")
def session(module_dsn: str) -> Iterator[Session]:
    with rig(module_dsn, new_world()) as running:
        running.run("companies", "ticket_settings")
        with psycopg.connect(module_dsn) as connection:
            no_client: Any = None
            yield Session(connectors.load("connectwise"), no_client, connection)


def asked(session: Session, **filters: Any) -> Any:
    return query(Filters(**filters), session.connector.tickets, Lookups(session.warehouse, "connectwise"), PEOPLE)


def test_without_a_choice_open_tickets_are_asked_for(session: Session) -> None:
    found = asked(session)
    assert (found.board, found.statuses, found.state, found.text) == (None, [], State.OPEN, "")


def test_a_label_stands_for_the_status_of_that_name_on_every_board(session: Session) -> None:
    everywhere = asked(session, status="New").statuses
    on_one = asked(session, status="New", board="4").statuses
    assert len(everywhere) == 5
    assert set(on_one) < set(everywhere)
    assert len(on_one) == 1


def test_keys_get_their_names(session: Session) -> None:
    found = asked(session, board="1", owner="101", priority="Niedrig")
    assert (found.board, found.owner) == (Reference("1", "Service Desk"), PEOPLE[0])
    assert found.priorities == [Reference("13", "Niedrig")]


@pytest.mark.parametrize(
    "filters",
    [
        {"board": "999"},
        {"board": "1 or 1=1"},
        {"status": "No such"},
        {"priority": "'; DROP TABLE psa.companies"},
        {"company": "http://other.example/"},
        {"owner": "666"},
        {"text": "x" * 201},
        {"text": "a\x00b"},
        {"page": "2\r\nHost: other.example"},
    ],
)
def test_a_choice_that_is_not_in_the_warehouse_is_refused(session: Session, filters: dict[str, Any]) -> None:
    with pytest.raises(FormError):
        asked(session, **filters)


def test_text_in_any_script_may_be_searched_for(session: Session) -> None:
    assert asked(session, text=" メール 👨‍👩‍👧 שלום ").text == "メール 👨‍👩‍👧 שלום"


def test_companies_are_found_by_a_part_of_their_name_and_wildcards_are_plain_text(session: Session) -> None:
    lookups = Lookups(session.warehouse, "connectwise")
    names = [name.lower() for _, name in lookups.companies("C")]
    assert all("c" in name for name in names)
    begin_with_it = [name.startswith("c") for name in names]
    assert begin_with_it == sorted(begin_with_it, reverse=True)
    assert set(begin_with_it) == {True, False}
    assert lookups.companies("%") == []
    assert lookups.companies("_") == []


def test_before_the_first_sync_there_is_nothing_to_choose(session: Session) -> None:
    assert Lookups(session.warehouse, "another").choices() == {
        "boards": [],
        "statuses": [],
        "priorities": [],
        "as_of": None,
    }


def test_choices_are_the_boards_statuses_and_priorities_of_the_last_sync(session: Session) -> None:
    found = Lookups(session.warehouse, "connectwise").choices()
    assert [board["is_active"] for board in found["boards"]] == [True] * 4 + [False]
    assert [status["name"] for status in found["statuses"]][:2] == ["New", "In Progress"]
    assert {"name": "Niedrig", "color": None} in found["priorities"]
    assert found["as_of"] is not None
