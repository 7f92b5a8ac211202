"""Turns tickets into the JSON of the page: every text can be encoded and has a length that a person can read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from include.model.tickets import Reference, Ticket, TicketDetail, TicketEntry, TicketPage
from include.tickets.names import PEOPLE, Names

# All in characters.
MAX_LINE = 1_000
MAX_TEXT = 100_000
MAX_ENTRIES = 1_000_000  # of all notes and time entries of a ticket together
COLOR = re.compile(r"#[0-9a-fA-F]{3,8}|[A-Za-z]{3,20}")
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")  # all but tab and line ends


def page(found: TicketPage, names: Names) -> dict[str, Any]:
    return {
        "tickets": [ticket(one, names) for one in found.tickets],
        "next": found.next,
        "total": found.total,
        "unreadable": found.unreadable,
        "remark": found.remark,
    }


def ticket(one: Ticket, names: Names) -> dict[str, Any]:
    priority = reference(names, "ticket_priorities", one.priority)
    return {
        "key": line(one.key),
        "number": line(one.number),
        "summary": line(one.summary),
        "company": reference(names, "companies", one.company),
        "contact": reference(names, "contacts", one.contact),
        "board": reference(names, "service_boards", one.board),
        "status": reference(names, "ticket_statuses", one.status),
        "priority": {**priority, "color": color(names.colors.get(priority["name"] or ""))},
        "owner": reference(names, PEOPLE, one.owner),
        "created_at": timestamp(one.created_at),
        "updated_at": timestamp(one.updated_at),
        "is_closed": one.is_closed,
        "url": web_address(one.url),
    }


def detail(found: TicketDetail, names: Names) -> dict[str, Any]:
    description, cut = text(found.description)
    entries = []
    left = MAX_ENTRIES
    for one in reversed(found.entries):  # the newest entries are shown in full
        entries.append(entry(one, names, max_length=left))
        left = max(left - len(entries[-1]["text"] or ""), 0)
    return {
        "ticket": ticket(found.ticket, names),
        "description": description,
        "cut": cut,
        "site": reference(names, "company_sites", found.site),
        "assets": [reference(names, "assets", one) for one in found.assets],
        "entries": entries[::-1],
        "attachments": lines(found.attachments),
        "missing": list(found.missing),
    }


def entry(one: TicketEntry, names: Names, *, max_length: int) -> dict[str, Any]:
    shown, cut = text(one.text, max_length)
    return {
        "key": line(one.key),
        "at": timestamp(one.at),
        "author": reference(names, PEOPLE, one.author),
        "text": shown,
        "cut": cut,
        "is_internal": one.is_internal,
        "title": line(one.title),
        "hours": one.hours,
        "attachments": lines(one.attachments),
    }


def reference(names: Names, table: str, one: Reference) -> dict[str, Any]:
    return {"key": line(one.key), "name": line(names.name(table, one))}


def choices(found: Iterable[tuple[str | None, str | None]]) -> list[dict[str, Any]]:
    """The choices of a filter, from pairs of key and name."""
    return [{"key": key, "name": line(name)} for key, name in found]


def timestamp(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def line(value: str | None) -> str | None:
    """The text on one line, with runs of white space as one space."""
    if not value:
        return None
    if len(value) <= MAX_LINE and value.isprintable() and "  " not in value and value.strip() == value:
        return value  # nearly every text
    return " ".join(encodable(value[: 2 * MAX_LINE]).split())[:MAX_LINE]


def lines(values: Sequence[str]) -> list[str]:
    return [line(value) or "" for value in values]


def text(value: str | None, max_length: int = MAX_TEXT) -> tuple[str | None, int]:
    """A text of several lines, and how many characters were cut off at its end."""
    max_length, whole = min(max_length, MAX_TEXT), value or ""
    shown = encodable(whole[:max_length]).replace("\r\n", "\n").replace("\r", "\n")
    return shown or None, max(len(whole) - max_length, 0)


def encodable(value: str) -> str:
    """Without control characters, and with lone surrogates replaced."""
    if value.isprintable():  # nearly every text
        return value
    return CONTROLS.sub("", value.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


def color(value: str | None) -> str | None:
    """A color for CSS, None for text that could be more than a color."""
    return value.lower() if value and COLOR.fullmatch(value.strip()) else None


def web_address(url: str | None) -> str | None:
    """The address if it is http or https, else None."""
    return url if url and url.startswith(("https://", "http://")) and url.isprintable() else None
