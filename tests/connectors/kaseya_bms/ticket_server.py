"""A Kaseya BMS server for tickets, whose answers a test gives by path and page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from include.connectors.kaseya_bms.client import KaseyaClient
from include.http.call import Answer
from include.model.errors import PsaError, RequestRefused

TICKETS = "/v2/servicedesk/tickets"
ROW = {
    "id": 5,
    "ticketNumber": "2026-00005",
    "title": "Printer on fire",
    "accountId": 17,
    "accountName": "Acme",
    "contactId": 0,
    "contactName": None,
    "queueId": 3,
    "queueName": "Level 1",
    "statusId": 4,
    "statusName": "New",
    "priorityId": 1,
    "priorityName": "High",
    "assigneeId": 8,
    "assigneeName": "Doe, John",
    "openDate": "2026-11-10T06:24:10.1234567",
    "lastActivityUpdate": "2026-11-11T08:00:00",
    "completedDate": "0001-01-01T00:00:00",
    "reOpenedDate": None,
}
NOTE = {
    "id": 1,
    "details": "<p>Please<br>help</p>",
    "isInternal": False,
    "typeName": "Note",
    "createdByName": "Ann",
    "createdOn": "2026-11-10T08:00:00",
    "attachments": [{"originalFileName": "a.png", "url": "https://files.example.org/?sig=1"}, {"aliasName": "b.png"}],
}
TIME = {
    "id": 1,
    "ticketId": 5,
    "notes": "Done",
    "internalNotes": "<b>Sigh</b>",
    "isInternal": 0,
    "timeSpent": 0.5,
    "workTypeName": "Remote",
    "createdByName": "John",
    "createdOn": "2026-11-11T08:00:00",
}


@dataclass
class Server:
    """Answers by path and page, and remembers what it was asked."""

    answers: Mapping[str, Any]
    asked: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    base_url: str = "https://api.bmsemea.kaseya.com"
    at_once: int = 1

    def get(self, path: str, params: Any, *, endpoint: str, tries: int) -> Answer:
        asked = {name: str(value) for name, value in (params or {}).items()}
        self.asked.append((path, asked, endpoint))
        answer = self.answers[path]
        if callable(answer):
            answer = answer(int(asked["PageNumber"]), int(asked["PageSize"]))
        if isinstance(answer, PsaError):
            raise answer
        return Answer(answer, has_next=False)

    @property
    def api(self) -> KaseyaClient:
        client: Any = self
        return KaseyaClient(client)


def listing(*rows: Any, total: int | None = None) -> Server:
    return Server({TICKETS: envelope(list(rows), total=len(rows) if total is None else total)})


def envelope(result: Any, **others: int) -> dict[str, Any]:
    return {"success": True, "error": None, "result": result, **{f"{name}Records": n for name, n in others.items()}}


def paged(rows: list[Any], *, first: int, counted: bool = True, cut: int = 100) -> Callable[[int, int], Any]:
    """A listing that counts its pages from `first`, and has no others."""

    def answer(number: int, size: int) -> Any:
        if number < first:
            return RequestRefused("There is no such page.")
        begin = (number - first) * min(size, cut)
        return envelope(rows[begin : begin + min(size, cut)], **({"total": len(rows)} if counted else {}))

    return answer


def one(ticket: Any = None, *, notes: Any = (), activities: Any = ()) -> Server:
    below = {
        "/notes": notes if callable(notes) or isinstance(notes, PsaError) else envelope(list(notes)),
        "/activities": activities
        if callable(activities) or isinstance(activities, PsaError)
        else envelope(list(activities), total=len(activities)),
    }
    return Server({f"{TICKETS}/5": envelope(ticket or ROW), **{f"{TICKETS}/5{p}": body for p, body in below.items()}})
