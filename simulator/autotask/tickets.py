"""Tickets: each field of a record and where its value comes from. Every queue has the same statuses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache

from simulator.autotask.formats import exact
from simulator.autotask.resource import Field, Resource, moment, text, unfilled
from simulator.autotask.setup import COMPLETE, priorities, queues, statuses
from simulator.ticket_entities import Ticket
from simulator.world import World


def status_value(world: World, ticket: Ticket) -> int | None:
    """The picklist value of the ticket's status."""
    return _status_values(world, world.board_statuses.version).get(ticket.status_id)


@lru_cache(maxsize=4)
def _status_values(world: World, version: int) -> Mapping[int, int]:  # noqa: ARG001  # a new version is a new answer
    values = {one.label: int(one.value) for one in statuses(world)}
    return {id_: values[one.name] for id_, one in world.board_statuses.items()}


def is_complete(world: World, ticket: Ticket) -> bool:
    """Whether the ticket is closed: only Autotask's own status Complete means that."""
    return status_value(world, ticket) == int(COMPLETE)


def number(ticket: Ticket) -> str:
    """The number of the ticket that users see."""
    return f"T{ticket.created_at:%Y%m%d}.{ticket.id // 1000 % 10_000:04}.{ticket.id % 1000:03}"


def moment_of_ticket(of: Callable[[Ticket], datetime]) -> Field[Ticket]:
    """A timestamp that every ticket has."""
    return moment(lambda _, k: exact(of(k)))


TICKET: Resource[Ticket] = Resource(
    path="Tickets",
    name="Ticket",
    kind="tickets",
    source=lambda world: (world.tickets, world.tickets.ids),
    custom="ticket",
    indexes={
        "companyID": "company_id",
        "contactID": "contact_id",
        "queueID": "board_id",
        "priority": "priority_id",
        "assignedResourceID": "owner_id",
    },
    fields={
        **unfilled("long", "contractServiceBundleID contractServiceID"),
        **unfilled(
            "integer",
            """apiVendorID assignedResourceRoleID billingCodeID changeApprovalBoard changeApprovalStatus
            changeApprovalType completedByResourceID contractID creatorResourceID creatorType
            currentServiceThermometerRating firstResponseAssignedResourceID firstResponseInitiatingResourceID
            impersonatorCreatorResourceID issueType lastActivityPersonType lastActivityResourceID monitorID
            monitorTypeID opportunityID organizationalLevelAssociationID previousServiceThermometerRating
            problemTicketId projectID rmaStatus rmaType serviceLevelAgreementID serviceThermometerTemperature source
            subIssueType ticketCategory ticketType""",
        ),
        **unfilled(
            "string",
            """changeInfoField1 changeInfoField2 changeInfoField3 changeInfoField4 changeInfoField5 externalID
            purchaseOrderNumber resolution rmmAlertID""",
        ),
        **unfilled(
            "datetime",
            """dueDateTime firstResponseDateTime firstResponseDueDateTime lastCustomerNotificationDateTime
            lastCustomerVisibleActivityDateTime resolutionPlanDateTime resolutionPlanDueDateTime resolvedDateTime
            resolvedDueDateTime""",
        ),
        **unfilled("double", "estimatedHours hoursToBeScheduled serviceLevelAgreementPausedNextEventHours"),
        **unfilled("boolean", "serviceLevelAgreementHasBeenMet"),
        "id": Field("long", lambda _, k: k.id),
        "ticketNumber": text(lambda _, k: number(k), 50),
        "title": text(lambda _, k: k.summary, 255),
        "description": text(lambda _, k: k.description or None, 8000),
        "priority": Field("integer", lambda _, k: k.priority_id, choices=priorities),
        "queueID": Field("integer", lambda _, k: k.board_id, choices=queues),
        "status": Field("integer", status_value, choices=statuses),
        "companyID": Field("integer", lambda _, k: k.company_id, refers_to="Company"),
        "companyLocationID": Field("integer", lambda _, k: k.site_id, refers_to="CompanyLocation"),
        "contactID": Field("integer", lambda _, k: k.contact_id, refers_to="Contact"),
        "assignedResourceID": Field("integer", lambda _, k: k.owner_id, refers_to="Resource"),
        # The first asset; the others are a resource of their own.
        "configurationItemID": Field(
            "integer", lambda _, k: next(iter(k.asset_ids), None), refers_to="ConfigurationItem"
        ),
        "createDate": moment_of_ticket(lambda k: k.created_at),
        "lastActivityDate": moment_of_ticket(lambda k: k.updated_at),
        # Few edits set it, so it may be years old.
        "lastTrackedModificationDateTime": moment_of_ticket(lambda k: k.created_at),
        "completedDate": moment(lambda w, k: exact(k.closed_at or k.updated_at) if is_complete(w, k) else None),
    },
)
