"""The lists an MSP sets up once, and what the API says of its user."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import groupby

from simulator.entities import CompanyType
from simulator.kaseya_bms.auth import TENANT
from simulator.kaseya_bms.resource import Rows
from simulator.messages import Record
from simulator.ticket_entities import Board, BoardStatus, Member, Priority, Ticket
from simulator.world import World

OPEN_TYPE_ID, CLOSED_TYPE_ID = 1, 3  # not documented
MENUS = (1, 2, 3, 5)  # what a right is about is a number, and the numbers are not documented


def statuses(world: World, _ids: Sequence[int]) -> tuple[Mapping[int, BoardStatus], Sequence[int]]:
    """Statuses belong to no queue here: one for all boards' steps of a name, apart from the retired ones."""
    found = {one.id: one for one in _shared(world, world.board_statuses.version).values()}
    return found, sorted(found)


def status_of(world: World, ticket: Ticket) -> BoardStatus | None:
    """The ticket's status as the look-up has it."""
    return _shared(world, world.board_statuses.version).get(ticket.status_id)


@lru_cache(maxsize=4)
def _shared(world: World, version: int) -> Mapping[int, BoardStatus]:  # noqa: ARG001  # a new version is a new answer
    """Step → the one that stands for all of its name."""
    rows = sorted(world.board_statuses.values(), key=lambda one: (one.name, one.is_active, one.id))
    groups = (list(group) for _, group in groupby(rows, key=lambda one: (one.name, one.is_active)))
    return {one.id: group[0] for group in groups for one in group}


def status(_world: World, one: BoardStatus) -> Record:
    """A status; it says of what type it is, but not which type counts as closed."""
    return {
        "id": one.id,
        "name": one.name,
        "fontColor": None,
        "color": None,
        "statusOrder": one.sort_order,
        "typeId": CLOSED_TYPE_ID if one.is_closed else OPEN_TYPE_ID,
        "isSystemStatus": int(one.is_default),
        "slaEventId": None,
        "isActive": one.is_active,
    }


def queue(_world: World, board: Board) -> Record:
    """A queue."""
    return {"id": board.id, "name": board.name, "isActive": board.is_active}


def priority(_world: World, one: Priority) -> Record:
    """A priority; it is in use as long as it is listed."""
    return {"id": one.id, "name": one.name, "color": one.color, "isDefault": one.sort_order == 3}


def account_type(_world: World, one: CompanyType) -> Record:
    """A type of accounts, the nearest thing to a status; none is the default one."""
    is_vendor = one.name == "Vendor"
    return {"id": one.id, "name": one.name, "isActive": True, "isClient": not is_vendor, "isVendor": is_vendor}


def user_info(world: World) -> Record:
    """The API user: what it may see, and that its clock is UTC."""
    unfilled = (
        "accountId", "locationId", "contactId", "specialFeatures", "viewsMenus", "queuesMenus", "filesVersionNumber",
        "pictureUrl", "openIdRealmId",
    )  # fmt: skip
    return {
        **dict.fromkeys(unfilled),
        "userId": 17,
        "fullName": "PSA Sync",
        "emailAddress": "psa.sync@msp.example",
        "timeStamp": f"{world.now:%Y-%m-%dT%H:%M:%S}",
        "timeZoneValue": 0.0,
        "timeZoneName": "UTC",
        "olsonTimeZoneName": "Etc/UTC",
        "dateFormat": "MM/dd/yyyy",
        "timeFormat": "HH:mm",
        "timeFormatWithSeconds": "HH:mm:ss",
        "tenantId": 1,
        "businessName": TENANT,
        "userAccessRights": [
            {
                "canView": True,
                "canModify": False,
                "canDelete": False,
                "mainMenuId": menu,
                "menuCategoryId": menu,
                "listingIDEnum": menu,
            }
            for menu in MENUS
        ],
        "currencyCode": "USD",
        "cultureCode": "en-US",
        "newTicketingUI": True,
        "isUserSystemAdmin": False,
        "productName": "BMS",
    }


def active_members(world: World, _ids: Sequence[int]) -> Rows:
    """Those who can still be given a ticket."""
    return world.members, world.members.by("is_active").get(True, ())


def name_of(member: Member | None) -> str | None:
    """First and last name; of somebody who was deleted there is none."""
    return f"{member.first_name} {member.last_name}" if member else None


def employee(_world: World, one: Member) -> Record:
    """An employee; whether he is still there is not told."""
    return {"id": one.id, "name": name_of(one)}


def assignee(_world: World, one: Member) -> Record:
    """Somebody who can be given a ticket."""
    unfilled = dict.fromkeys(("url", "jobTitle", "pictureName", "pictureURL"))
    return {**unfilled, "id": one.id, "name": name_of(one), "emailAddress": one.email}
