"""Tickets, and the MSP's own people, as the API shows them."""

from __future__ import annotations

from datetime import datetime

from simulator.kaseya_bms.companies import account_name
from simulator.kaseya_bms.contacts import full_name
from simulator.kaseya_bms.formats import day, key, label, stamp, text, written
from simulator.kaseya_bms.setup import name_of, status_of
from simulator.messages import Record
from simulator.ticket_entities import Ticket, TimeEntry
from simulator.world import World

SHARED_UNFILLED = dict.fromkeys(
    (
        "modifiedBy", "typeId", "typeName", "issueTypeId", "issueTypeName", "subIssueTypeId", "subIssueTypeName",
        "contractId", "contractNumber", "contractName", "workTypeId", "workTypeName", "ticketRecurringMasterId",
        "recurring", "slaStatusEventId", "sourceId", "slaId", "slaObjectiveId", "slaName", "hasMetSLA",
        "actualPauseMinutes", "actualFirstResponseMinutes", "actualResolutionMinutes", "isSLAPaused", "slaStatusEnum",
        "dueDate", "reOpenedDate", "resolutionTargetTime", "resolutionActualTime", "firstResponseTargetTime",
        "firstResponseActualTime", "slaLastPausedTime", "slaLastResumedTime", "lastPriorityUpdate", "lastQueueUpdate",
        "statusColor", "statusForeColor",
    )
)  # fmt: skip
DETAIL_UNFILLED = dict.fromkeys(
    (
        "locationPhone", "contactPhone", "contactEmail", "softwareAssetId", "softwareAssetName", "vsaAssetId",
        "hasVsaAgent", "sourceName", "occurrenceCount", "lastOccurrenceDate", "ccs", "rmmTicketReference",
        "totalExpenses", "integrationTypeId",
    )
)  # fmt: skip


def number(ticket: Ticket) -> str:
    """What people call it, which is not its id."""
    return f"{ticket.created_at:%y}-{ticket.id:07}"


def contact_name(world: World, id_: int | None) -> str | None:
    """The name of a contact that is still there."""
    return full_name(world.contacts.get(id_ or 0))


def assignee_name(world: World, ticket: Ticket) -> str | None:
    """Who works on it."""
    return name_of(world.members.get(ticket.owner_id or 0))


def asset_id(ticket: Ticket) -> int:
    """The one machine that a ticket can have here; 0 for none."""
    return next(iter(ticket.asset_ids), 0)


def hours(entry: TimeEntry) -> float:
    """How long the work took."""
    return (entry.ended_at - entry.started_at).total_seconds() / 3600


def ticket_row(world: World, one: Ticket) -> Record:
    """A row of the list: all names are there, and what was not filled in is null, 0, or the first day of all days."""
    return {
        **_shared(world, one),
        "tenantName": "simulated",
        "createdByName": contact_name(world, one.contact_id),
        "hardwareAssetId": asset_id(one),
        "hardwareAssetName": label(world.assets, asset_id(one)),
        "customFields": None,
    }


def ticket_detail(world: World, one: Ticket) -> Record:
    """A ticket alone."""
    work = [world.time_entries[id_] for id_ in world.time_entries.by("ticket_id").get(one.id, ())]
    others = [world.members.get(id_) for id_ in one.member_ids if id_ != one.owner_id]
    return {
        **DETAIL_UNFILLED,
        **_shared(world, one),
        "tenantId": 1,
        "createdByName": contact_name(world, one.contact_id),
        "hardwareAssetId": key(asset_id(one), one.id),
        "hardwareAssetName": label(world.assets, asset_id(one)),
        "hasPostedEntries": bool(work),
        "secondaryAssignees": [{"userId": other.id, "fullName": name_of(other)} for other in others if other] or None,
        "totalTimeSpent": sum(map(hours, work)) if work else None,
        "isReadOnly": False,
        "openDateLocked": False,
    }


def ticket_choice(world: World, one: Ticket) -> Record:
    """A row of the short list."""
    status = status_of(world, one)
    return {
        "id": one.id,
        "ticketNumber": number(one),
        "title": one.summary,
        "queueId": one.board_id,
        "queueName": label(world.boards, one.board_id),
        "assigneeId": key(one.owner_id, one.id),
        "assigneeName": assignee_name(world, one),
        "openDate": stamp(one.created_at, one.id),
        "statusName": status.name if status else None,
        "statusId": status.id if status else None,
        "statusColor": None,
    }


def agreement(world: World, one: Ticket) -> Record:
    """How a ticket does against its service level, which none has."""
    figures = (
        "respondGoal", "respondActual", "respondRemaining", "resolveGoal", "resolveActual", "resolveRemaining",
        "waitingActual", "reopenActual", "timeTotalGoal", "timeTotalActual", "timeTotalRemaining",
    )  # fmt: skip
    priority = world.priorities.get(one.priority_id)
    return {
        **dict.fromkeys(figures, 0.0),
        "slaStage": 0,
        "slaName": None,
        "ticketPriorityName": priority.name if priority else None,
        "ticketPriorityColor": priority.color if priority else None,
    }


def _shared(world: World, one: Ticket) -> Record:
    """What the list and the ticket alone have in common."""
    status, priority = status_of(world, one), world.priorities.get(one.priority_id)
    return {
        **SHARED_UNFILLED,
        "id": one.id,
        "createdBy": None,
        "createdOn": stamp(one.created_at, one.id),
        "modifiedOn": stamp(one.updated_at, one.id),
        "ticketNumber": number(one),
        "title": one.summary,
        "details": text(written(one.description, one.id), one.id),
        "accountId": one.company_id,
        "accountCode": f"{one.company_id:06}",
        "accountName": account_name(world, one.company_id),
        "locationId": key(one.site_id, one.id),
        "locationName": label(world.sites, one.site_id),
        "contactId": key(one.contact_id, one.id),
        "contactName": contact_name(world, one.contact_id),
        "queueId": one.board_id,
        "queueName": label(world.boards, one.board_id),
        "statusId": status.id if status else 0,
        "statusName": status.name if status else None,
        "statusOrder": status.sort_order if status else 0,
        "priorityId": one.priority_id,
        "priorityName": priority.name if priority else None,
        "priorityColor": priority.color if priority else None,
        "assigneeId": key(one.owner_id, one.id),
        "assigneeName": assignee_name(world, one),
        "isScheduled": 0,
        "openDate": stamp(one.created_at, one.id),
        "completedDate": _moment(one.closed_at, one.id),
        "lastActivityUpdate": stamp(one.updated_at, one.id),
        "lastStatusUpdate": _moment(one.closed_at, one.id),
    }


def _moment(at: datetime | None, id_: int) -> str | None:
    """A moment that may be missing."""
    return stamp(at, id_) if at else day(None, id_)
