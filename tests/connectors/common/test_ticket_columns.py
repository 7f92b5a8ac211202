"""Fields of a ticket that several vendors read alike: a page shows what can be read, and leaves the rest out."""

from __future__ import annotations

import pytest

from include.connectors.common.tickets import first_readable, if_allowed, people_of, reference, reference_of, try_pick
from include.connectors.common.values import boolean, instant, text
from include.model.errors import AuthError, NotFound, PsaError, RequestRefused, RightsError
from include.model.page import Record
from include.model.tickets import Reference


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"client_id": 17.0, "client_name": "Acme"}, Reference("17", "Acme")),
        ({"client_id": {}, "client_name": "Acme"}, Reference(None, "Acme")),
        ({"client_id": 17, "client_name": []}, Reference("17", None)),
        ({"client_id": 17, "client": {"name": "Acme"}}, Reference("17", "Acme")),
        ({}, Reference()),
    ],
)
def test_a_reference_shows_key_and_name_as_far_as_they_can_be_read(record: Record, expected: Reference) -> None:
    column = reference("client_id", "client_name", "client.name")
    assert column.read(record, None) == expected
    assert column.fields == ("client_id", "client_name", "client.name")


def test_a_reference_may_have_a_key_or_a_name_alone() -> None:
    assert reference("", "team").read({"team": "Help"}, None) == Reference(None, "Help")
    assert reference("status_id").read({"status_id": 2}, None) == Reference("2", None)
    assert reference("id", "name", convert=text).read({"id": "S-1"}, None) == Reference("S-1", None)


def test_an_invalid_value_gives_way_to_the_next_readable_one() -> None:
    column = first_readable(instant, "last_action", "last_update")
    later = column.read({"last_update": "2026-11-12T00:00:00Z"}, None)
    assert later == column.read({"last_action": "soon", "last_update": "2026-11-12T00:00:00Z"}, None) is not None
    assert column.read({"last_action": "soon"}, None) is None


def test_people_come_by_name_and_those_who_left_come_last() -> None:
    records: list[Record] = [
        {"id": 1, "name": "zoe"},
        {"id": 2, "name": "Ann", "gone": True},
        {"id": 3, "name": "Bob", "gone": "maybe"},
        {"id": 4},
        {"name": "No key"},
        None,
        {"id": 1, "name": "Zoe"},
    ]
    people = people_of(
        records, lambda record: reference_of(record, "id", "name"), lambda record: try_pick(boolean, record, "gone")
    )
    assert [(one.key, one.name) for one in people] == [("4", None), ("3", "Bob"), ("1", "Zoe"), ("2", "Ann")]


@pytest.mark.parametrize("refused", [NotFound("x"), RequestRefused("x"), RightsError("x")])
def test_a_part_of_a_ticket_that_may_not_be_read_becomes_a_sentence(refused: PsaError) -> None:
    missing: list[str] = []
    with if_allowed(missing, "The notes could not be read."):
        raise refused
    assert missing == ["The notes could not be read."]


def test_a_refused_login_is_no_missing_right() -> None:
    with pytest.raises(AuthError), if_allowed([], "The notes could not be read."):
        raise AuthError("x")
