"""One ticket of Kaseya BMS with its notes and time."""

from __future__ import annotations

from typing import Any

import pytest

from include.connectors.kaseya_bms.tickets import TICKET_SOURCE
from include.model.errors import NotFound, PsaError, RightsError, ShapeError
from include.model.tickets import Reference
from tests.connectors.kaseya_bms.ticket_server import NOTE, ROW, TICKETS, TIME, Server, envelope, one, paged


def test_notes_and_time_come_oldest_first_and_nothing_internal_is_shown_as_public() -> None:
    aside = {**TIME, "id": 2, "notes": None, "internalNotes": "only us", "createdOn": "2026-11-12T08:00:00"}
    moved = {**TIME, "id": 3, "timeSpent": 0, "notes": "New -> Open"}
    own = {**NOTE, "id": 2, "isInternal": True, "attachments": None, "createdOn": "2026-11-13T08:00:00"}
    unsaid = {**own, "id": 3, "isInternal": None, "details": "a < b", "createdOn": "2026-11-14T08:00:00"}
    spelled = {**TIME, "id": 4, "timeSpent": "0.25", "internalNotes": None, "createdOn": "2026-11-15T08:00:00"}
    more = {"details": "It&nbsp;<b>burns</b>", "locationId": 21, "locationName": "Main", "hardwareAssetId": 9}
    server = one({**ROW, **more}, notes=[unsaid, own, NOTE], activities=[aside, moved, TIME, spelled])
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
def test_a_ticket_is_shown_without_notes_or_time_that_may_not_be_read(refusal: PsaError) -> None:
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
