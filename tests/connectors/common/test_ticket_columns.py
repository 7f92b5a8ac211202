"""Fields of a ticket that several vendors read alike: a page shows what can be read, and leaves the rest out."""

from __future__ import annotations

import pytest

from include.connectors.common.tickets import first_readable, reference
from include.connectors.common.values import instant, text
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
