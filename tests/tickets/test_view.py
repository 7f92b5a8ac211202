"""The JSON for the page: text that can be encoded, cut to a readable length, and names for keys."""

from __future__ import annotations

import json
from datetime import datetime, timezone

import pytest

from include.model.tickets import Reference, Ticket, TicketDetail, TicketEntry, TicketPage
from include.tickets import view
from include.tickets.names import Names

NOTHING = Names({}, {})


def test_text_that_cannot_be_encoded_is_cleaned() -> None:
    shown, cut = view.text("a\x00b\ud800c\x1b[31m\r\nd")
    assert (shown, cut) == ("ab�c[31m\nd", 0)
    json.dumps(shown, ensure_ascii=False).encode()


def test_a_megabyte_is_cut_and_the_cut_is_counted() -> None:
    shown, cut = view.text("x" * 1_000_000)
    assert (len(shown or ""), cut) == (view.MAX_TEXT, 1_000_000 - view.MAX_TEXT)


def test_a_line_is_one_line() -> None:
    assert view.line("  a\n\tb\u2028c ") == "a b c"


def test_markup_is_kept_as_text() -> None:
    assert view.line("<b>&amp;</b>") == "<b>&amp;</b>"


@pytest.mark.parametrize(
    ("value", "sent"),
    [("Red", "red"), ("#FF0000", "#ff0000"), ("red;background:url(//x)", None), ("expression(1)", None), (None, None)],
)
def test_only_a_colour_is_sent_as_a_colour(value: str | None, sent: str | None) -> None:
    assert view.color(value) == sent


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//other.example", "https://a\n", None])
def test_only_a_web_address_becomes_a_link(url: str | None) -> None:
    assert view.web_address(url) is None


def test_a_web_address_is_kept() -> None:
    assert view.web_address("https://psa.example/tickets/1") == "https://psa.example/tickets/1"


def test_a_ticket_that_is_too_long_shows_its_newest_entries_in_full() -> None:
    entries = [TicketEntry(str(number), None, Reference(), "x" * 90_000, None) for number in range(15)]
    shown = view.detail(TicketDetail(Ticket("1", "1", None), entries=entries), NOTHING)["entries"]
    assert [entry["cut"] for entry in shown] == [90_000] * 3 + [80_000] + [0] * 11
    assert [entry["key"] for entry in shown] == [str(number) for number in range(15)]


def test_keys_get_the_names_of_the_last_sync_and_of_people() -> None:
    names = Names({"companies": {"19": "Acme"}}, {"High": "Orange"}).with_people([Reference("101", "Jane Doe")])
    ticket = Ticket(
        "1",
        "T1",
        "s",
        company=Reference("19"),
        owner=Reference("101"),
        priority=Reference("7", "High"),
        status=Reference("3", "New"),
    )
    row = view.ticket(ticket, names)
    assert row["company"] == {"key": "19", "name": "Acme"}
    assert row["owner"] == {"key": "101", "name": "Jane Doe"}
    assert row["priority"] == {"key": "7", "name": "High", "color": "orange"}
    assert row["status"] == {"key": "3", "name": "New"}
    assert row["contact"] == {"key": None, "name": None}


def test_a_page_and_a_ticket_are_plain_json() -> None:
    at = datetime(2026, 11, 23, tzinfo=timezone.utc)
    ticket = Ticket("1", "1", None, updated_at=at)
    entry = TicketEntry("5", at, Reference(), "said", True, hours=0.25, attachments=["<a>.png"])
    page = view.page(TicketPage([ticket], next="2", total=70), NOTHING)
    detail = view.detail(TicketDetail(ticket, entries=[entry]), NOTHING)
    assert json.loads(json.dumps(page))["tickets"][0]["updated_at"] == "2026-11-23T00:00:00+00:00"
    assert detail["entries"][0]["is_internal"] is True
    assert detail["entries"][0]["attachments"] == ["<a>.png"]
