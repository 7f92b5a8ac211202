"""The documented filters of tickets, activities and technicians. Statuses, queues and priorities go by name."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from simulator.kaseya_bms import companies, setup, ticket_entries, tickets
from simulator.kaseya_bms.filters import between, boolean, contains, equals, ids, named
from simulator.kaseya_bms.formats import name_in_table
from simulator.kaseya_bms.resource import Filter, Filters
from simulator.kaseya_bms.setup import status_of
from simulator.ticket_entities import Note, Ticket
from simulator.world import World

# The document does not say what these filters do.
WITHOUT_EFFECT = Filter(str, lambda *_: True)
NOT_COMPLETED = Filter(int, lambda _, k, value: not value or k.closed_at is None)


def _account(world: World, one: Ticket) -> str | None:
    return companies.account_name(world, one.company_id)


def _location(world: World, one: Ticket) -> str | None:
    return name_in_table(world.sites, one.site_id)


def _contact(world: World, one: Ticket) -> str | None:
    return tickets.contact_name(world, one.contact_id)


def _asset(world: World, one: Ticket) -> str | None:
    return name_in_table(world.assets, tickets.asset_id(one))


def _status(world: World, one: Ticket) -> str | None:
    status = status_of(world, one)
    return status.name if status else None


def _queue(world: World, one: Ticket) -> str | None:
    return name_in_table(world.boards, one.board_id)


def _priority(world: World, one: Ticket) -> str | None:
    return name_in_table(world.priorities, one.priority_id)


def _never_filled(*_: Any) -> None:
    return None


def _created(one: Ticket) -> datetime:
    return one.created_at


def _is_internal(_world: World, one: ticket_entries.Entry, value: bool) -> bool:
    return one.is_internal or not value


def _activity_type(_world: World, one: ticket_entries.Entry) -> str:
    return (ticket_entries.NOTE if isinstance(one, Note) else ticket_entries.TIME_LOG)[1]


TICKETS: Filters = {
    "IsScheduled": equals(int, lambda *_: 0),
    "IsRecurringTickets": equals(int, lambda *_: 0),
    "Title": contains(lambda _, k: k.summary),
    "Account": contains(_account),
    "LocationName": contains(_location),
    "AccountCode": equals(str, lambda _, k: f"{k.company_id:06}"),
    "AssigneeName": contains(tickets.assignee_name),
    "TicketNumber": contains(lambda _, k: tickets.number(k)),
    "CreatedByName": contains(_contact),
    "Details": contains(lambda _, k: k.description),
    "ContactName": contains(_contact),
    "StatusNames": named(_status),
    "QueueNames": named(_queue),
    "PriorityNames": named(_priority),
    "TicketTypeNames": named(_never_filled),
    "IssueTypeNames": named(_never_filled),
    "ServiceLevelAgreementNames": named(_never_filled),
    "SubIssueTypeNames": named(_never_filled),
    "SourceIds": Filter(ids, lambda *_: False),
    "ExcludeCompleted": NOT_COMPLETED,
    **between("OpenDate", _created),
    **between("CompletedDate", lambda k: k.closed_at),
    **between("LastActivityUpdate", lambda k: k.updated_at),
    **between("CreatedOn", _created),
    **between("LastStatusUpdate", lambda k: k.closed_at),
    **between("LastPriorityUpdate", _never_filled),
    **between("LastQueueUpdate", _never_filled),
    **between("DueDate", _never_filled),
    **between("ResolutionTargetTime", _never_filled),
    "ContactId": equals(int, lambda _, k: k.contact_id),
    "HardwareAssetId": equals(int, lambda _, k: tickets.asset_id(k)),
    "AccountLocationId": equals(int, lambda _, k: k.site_id),
    "AccountIds": Filter(ids, lambda _, k, value: k.company_id in value),
    "SLAEventStatusIds": Filter(ids, lambda *_: False),
    "FromDate": WITHOUT_EFFECT,
    "ToDate": WITHOUT_EFFECT,
    "Value": WITHOUT_EFFECT,
    "ActionType": WITHOUT_EFFECT,
    "HardwareAssetName": contains(_asset),
    "OwnerIds": WITHOUT_EFFECT,  # most likely the assignees, but this is not documented
}
CHOICES: Filters = {
    **{name: TICKETS[name] for name in ("Title", "TicketNumber", "OpenDateFrom", "OpenDateTo", "AssigneeName")},
    "QueueName": equals(str.casefold, lambda w, k: (_queue(w, k) or "").casefold()),
    "StatusName": equals(str.casefold, lambda w, k: (_status(w, k) or "").casefold()),
    "AccountId": equals(int, lambda _, k: k.company_id),
    "ExcludedId": Filter(int, lambda _, k, value: k.id != value),
    "ExcludeCompleted": Filter(boolean, NOT_COMPLETED.holds),
    "SupportsQueueAccess": WITHOUT_EFFECT,
}
ACTIVITIES: Filters = {
    "ActivityType": equals(str, _activity_type),
    "OnlyInternal": Filter(boolean, _is_internal),
}
EMPLOYEES: Filters = {
    "Ids": Filter(ids, lambda _, m, value: m.id in value),
    "Name": contains(lambda _, m: setup.member_name(m)),
}
ASSIGNEES: Filters = {
    **EMPLOYEES,
    "ExcludedIds": Filter(ids, lambda _, m, value: m.id not in value),
    "AccountId": WITHOUT_EFFECT,
}
