"""From tickets to what the page is sent: every text made safe to encode and cut to what a person can read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from include.connectors.common.tickets import Entry, Reference, Ticket, TicketDetail, TicketPage
from include.tickets.names import PEOPLE, Names

LONGEST_LINE = 1_000
LONGEST_TEXT = 100_000
LONGEST_TICKET = 1_000_000  # of all that was said on it
COLOR = re.compile(r"#[0-9a-fA-F]{3,8}|[A-Za-z]{3,20}")
# What moves no text about and ends no line: the page shows tabs and line ends, and of other controls nothing.
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def page(found: TicketPage, names: Names) -> dict[str, Any]:
    return {
        "tickets": [ticket(one, names) for one in found.tickets],
        "next": found.next,
        "total": found.total,
        "unreadable": found.unreadable,
        "remark": found.remark,
    }


def ticket(one: Ticket, names: Names) -> dict[str, Any]:
    priority = named(names, "ticket_priorities", one.priority)
    return {
        "key": line(one.key),
        "number": line(one.number),
        "summary": line(one.summary),
        "company": named(names, "companies", one.company),
        "contact": named(names, "contacts", one.contact),
        "board": named(names, "service_boards", one.board),
        "status": named(names, "ticket_statuses", one.status),
        "priority": {**priority, "color": color(names.colors.get(priority["name"] or ""))},
        "owner": named(names, PEOPLE, one.owner),
        "created_at": moment(one.created_at),
        "updated_at": moment(one.updated_at),
        "is_closed": one.is_closed,
        "url": address(one.url),
    }


def detail(found: TicketDetail, names: Names) -> dict[str, Any]:
    description, cut = text(found.description)
    entries = []
    left = LONGEST_TICKET
    for one in reversed(found.entries):  # the newest are worth most
        entries.append(entry(one, names, most=left))
        left = max(left - len(entries[-1]["text"] or ""), 0)
    return {
        "ticket": ticket(found.ticket, names),
        "description": description,
        "cut": cut,
        "site": named(names, "company_sites", found.site),
        "assets": [named(names, "assets", one) for one in found.assets],
        "entries": entries[::-1],
        "attachments": lines(found.attachments),
        "missing": list(found.missing),
    }


def entry(one: Entry, names: Names, *, most: int) -> dict[str, Any]:
    said, cut = text(one.text, most)
    return {
        "key": line(one.key),
        "at": moment(one.at),
        "author": named(names, PEOPLE, one.author),
        "text": said,
        "cut": cut,
        "is_internal": one.is_internal,
        "title": line(one.title),
        "hours": one.hours,
        "attachments": lines(one.attachments),
    }


def named(names: Names, table: str, one: Reference) -> dict[str, Any]:
    return {"key": line(one.key), "name": line(names.name(table, one))}


def listed(found: Iterable[tuple[str | None, str | None]]) -> list[dict[str, Any]]:
    """Choices of a filter."""
    return [{"key": key, "name": line(name)} for key, name in found]


def moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def line(value: str | None) -> str | None:
    """One line."""
    return " ".join(safe(value[: 2 * LONGEST_LINE]).split())[:LONGEST_LINE] if value else None


def lines(values: Sequence[str]) -> list[str]:
    return [line(value) or "" for value in values]


def text(value: str | None, most: int = LONGEST_TEXT) -> tuple[str | None, int]:
    """A text, and how many of its characters were left out at its end."""
    most, whole = min(most, LONGEST_TEXT), value or ""
    said = safe(whole[:most]).replace("\r\n", "\n").replace("\r", "\n")
    return said or None, max(len(whole) - most, 0)


def safe(value: str) -> str:
    """Without control characters and without what cannot be encoded."""
    return CONTROLS.sub("", value.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


def color(value: str | None) -> str | None:
    """As CSS knows it, None for anything that could be more than a colour."""
    return value.lower() if value and COLOR.fullmatch(value.strip()) else None


def address(url: str | None) -> str | None:
    """Only what leads to a web page."""
    return url if url and url.startswith(("https://", "http://")) and url.isprintable() else None
