"""The ticket's fields: queues, statuses and priorities are picklists of it, and the same in every queue."""

from __future__ import annotations

from typing import Any

from include.simulator.autotask.entity import Choice, Entity, Field, unfilled
from include.simulator.world import World

NEW, COMPLETE = "1", "5"  # the two values that every account has


def queues(world: World) -> list[Choice]:
    """Boards are queues here."""
    return [Choice(str(one.id), one.name, order, one.is_active) for order, one in enumerate(world.boards.values())]


def statuses(world: World) -> list[Choice]:
    """The steps of all boards by their names; the first closed one stands for the system's Complete."""
    steps = sorted(world.board_statuses.values(), key=lambda one: (one.sort_order, one.id))
    complete = next((one.name for one in steps if one.is_closed), None)
    found: dict[str, Choice] = {}
    for one in steps:
        system = COMPLETE if one.name == complete else NEW if one.is_default else ""
        known = found.get(one.name)
        found[one.name] = Choice(
            known.value if known else system or str(one.id),
            one.name,
            known.sort_order if known else one.sort_order,
            is_active=one.is_active or (known is not None and known.is_active),
            is_default=one.is_default,
            is_system=bool(system),
        )
    return list(found.values())


def priorities(world: World) -> list[Choice]:
    """Without a place of its own a priority comes first."""
    return [Choice(str(one.id), one.name, one.sort_order or 0) for one in world.priorities.values()]


TICKET: Entity[Any] = Entity(
    path="Tickets",
    name="Ticket",
    kind="tickets",
    custom="ticket",
    fields={
        **unfilled("long", "id contractServiceBundleID contractServiceID"),
        **unfilled(
            "integer",
            """apiVendorID assignedResourceID assignedResourceRoleID billingCodeID changeApprovalBoard
            changeApprovalStatus changeApprovalType companyID companyLocationID completedByResourceID
            configurationItemID contactID contractID creatorResourceID creatorType currentServiceThermometerRating
            firstResponseAssignedResourceID firstResponseInitiatingResourceID impersonatorCreatorResourceID
            issueType lastActivityPersonType lastActivityResourceID monitorID monitorTypeID opportunityID
            organizationalLevelAssociationID previousServiceThermometerRating problemTicketId projectID rmaStatus
            rmaType serviceLevelAgreementID serviceThermometerTemperature source subIssueType ticketCategory
            ticketType""",
        ),
        **unfilled(
            "string",
            """changeInfoField1 changeInfoField2 changeInfoField3 changeInfoField4 changeInfoField5 description
            externalID purchaseOrderNumber resolution rmmAlertID ticketNumber title""",
        ),
        **unfilled(
            "datetime",
            """completedDate createDate dueDateTime firstResponseDateTime firstResponseDueDateTime lastActivityDate
            lastCustomerNotificationDateTime lastCustomerVisibleActivityDateTime lastTrackedModificationDateTime
            resolutionPlanDateTime resolutionPlanDueDateTime resolvedDateTime resolvedDueDateTime""",
        ),
        **unfilled("double", "estimatedHours hoursToBeScheduled serviceLevelAgreementPausedNextEventHours"),
        **unfilled("boolean", "serviceLevelAgreementHasBeenMet"),
        "priority": Field("integer", choices=priorities),
        "queueID": Field("integer", choices=queues),
        "status": Field("integer", choices=statuses),
    },
)
