"""Tickets: a row of the list, the single record, and the short list."""

from __future__ import annotations

from datetime import datetime

from simulator.kaseya_bms.companies import account_name
from simulator.kaseya_bms.contacts import full_name
from simulator.kaseya_bms.formats import day, name_in_table, optional_id, stamp, text, text_or_html
from simulator.kaseya_bms.setup import member_name, status_of
from simulator.messages import Record
from simulator.ticket_entities import Ticket, TimeEntry
from simulator.world import World

COMMON_UNFILLED = dict.fromkeys(
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
    """The number of the ticket that users see, which is not its id."""
    return f"{ticket.created_at:%y}-{ticket.id:07}"


def contact_name(world: World, id_: int | None) -> str | None:
    """The name of a contact, unless it was deleted."""
    return full_name(world.contacts.get(id_ or 0))


def assignee_name(world: World, ticket: Ticket) -> str | None:
    """The name of the ticket's owner."""
    return member_name(world.members.get(ticket.owner_id or 0))


def asset_id(ticket: Ticket) -> int:
    """The only asset that a ticket can have; 0 for none."""
    return next(iter(ticket.asset_ids), 0)


def hours(entry: TimeEntry) -> float:
    """The duration in hours."""
    return (entry.ended_at - entry.started_at).total_seconds() / 3600


def ticket_row(world: World, one: Ticket) -> Record:
    """A row of the list, with the names of all referenced rows."""
    return {
        **_common_fields(world, one),
        "tenantName": "simulated",
        "createdByName": contact_name(world, one.contact_id),
        "hardwareAssetId": asset_id(one),
        "hardwareAssetName": name_in_table(world.assets, asset_id(one)),
        "customFields": None,
    }


def ticket_detail(world: World, one: Ticket) -> Record:
    """A single ticket."""
    work = [world.time_entries[id_] for id_ in world.time_entries.by("ticket_id").get(one.id, ())]
    others = [world.members.get(id_) for id_ in one.member_ids if id_ != one.owner_id]
    return {
        **DETAIL_UNFILLED,
        **_common_fields(world, one),
        "tenantId": 1,
        "createdByName": contact_name(world, one.contact_id),
        "hardwareAssetId": optional_id(asset_id(one), one.id),
        "hardwareAssetName": name_in_table(world.assets, asset_id(one)),
        "hasPostedEntries": bool(work),
        "secondaryAssignees": [{"userId": other.id, "fullName": member_name(other)} for other in others if other]
        or None,
        "totalTimeSpent": sum(map(hours, work)) if work else None,
        "isReadOnly": False,
        "openDateLocked": False,
    }


def ticket_choice(world: World, one: Ticket) -> Record:
    """A row of the short list, from which users choose a ticket."""
    status = status_of(world, one)
    return {
        "id": one.id,
        "ticketNumber": number(one),
        "title": one.summary,
        "queueId": one.board_id,
        "queueName": name_in_table(world.boards, one.board_id),
        "assigneeId": optional_id(one.owner_id, one.id),
        "assigneeName": assignee_name(world, one),
        "openDate": stamp(one.created_at, one.id),
        "statusName": status.name if status else None,
        "statusId": status.id if status else None,
        "statusColor": None,
    }


def sla_info(world: World, one: Ticket) -> Record:
    """The figures of a ticket's service level. No ticket has one."""
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


def _common_fields(world: World, one: Ticket) -> Record:
    """The fields that the list and the single record share."""
    status, priority = status_of(world, one), world.priorities.get(one.priority_id)
    return {
        **COMMON_UNFILLED,
        "id": one.id,
        "createdBy": None,
        "createdOn": stamp(one.created_at, one.id),
        "modifiedOn": stamp(one.updated_at, one.id),
        "ticketNumber": number(one),
        "title": one.summary,
        "details": text(text_or_html(one.description, one.id), one.id),
        "accountId": one.company_id,
        "accountCode": f"{one.company_id:06}",
        "accountName": account_name(world, one.company_id),
        "locationId": optional_id(one.site_id, one.id),
        "locationName": name_in_table(world.sites, one.site_id),
        "contactId": optional_id(one.contact_id, one.id),
        "contactName": contact_name(world, one.contact_id),
        "queueId": one.board_id,
        "queueName": name_in_table(world.boards, one.board_id),
        "statusId": status.id if status else 0,
        "statusName": status.name if status else None,
        "statusOrder": status.sort_order if status else 0,
        "priorityId": one.priority_id,
        "priorityName": priority.name if priority else None,
        "priorityColor": priority.color if priority else None,
        "assigneeId": optional_id(one.owner_id, one.id),
        "assigneeName": assignee_name(world, one),
        "isScheduled": 0,
        "openDate": stamp(one.created_at, one.id),
        "completedDate": _moment(one.closed_at, one.id),
        "lastActivityUpdate": stamp(one.updated_at, one.id),
        "lastStatusUpdate": _moment(one.closed_at, one.id),
    }


def _moment(at: datetime | None, id_: int) -> str | None:
    """A timestamp that may be missing."""
    return stamp(at, id_) if at else day(None, id_)
