"""The lists an MSP sets up once, the technicians, and the API user."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import groupby

from simulator.entities import CompanyType
from simulator.kaseya_bms.auth import TENANT
from simulator.messages import Record
from simulator.table import Rows
from simulator.ticket_entities import Board, BoardStatus, Member, Priority, Ticket
from simulator.world import World

OPEN_TYPE_ID, CLOSED_TYPE_ID = 1, 3  # not documented
MENU_IDS = (1, 2, 3, 5)  # what a permission is about; the numbers are not documented


def statuses(world: World, _ids: Sequence[int]) -> Rows:
    """The statuses of all boards, one for each name and activity. BMS has no statuses per queue."""
    found = {one.id: one for one in _status_by_id(world, world.board_statuses.version).values()}
    return found, sorted(found)


def status_of(world: World, ticket: Ticket) -> BoardStatus | None:
    """The ticket's status, as the lookup has it."""
    return _status_by_id(world, world.board_statuses.version).get(ticket.status_id)


@lru_cache(maxsize=4)
def _status_by_id(world: World, version: int) -> Mapping[int, BoardStatus]:  # noqa: ARG001  # a new version is a new answer
    """The id of a board's status → the status that represents all of its name and activity."""
    rows = sorted(world.board_statuses.values(), key=lambda one: (one.name, one.is_active, one.id))
    groups = (list(group) for _, group in groupby(rows, key=lambda one: (one.name, one.is_active)))
    return {one.id: group[0] for group in groups for one in group}


def status(_world: World, one: BoardStatus) -> Record:
    """A status. It has a type, but nothing says which type means closed."""
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
    """A priority. All listed priorities are active."""
    return {"id": one.id, "name": one.name, "color": one.color, "isDefault": one.sort_order == 3}


def account_type(_world: World, one: CompanyType) -> Record:
    """A type of accounts."""
    is_vendor = one.name == "Vendor"
    return {"id": one.id, "name": one.name, "isActive": True, "isClient": not is_vendor, "isVendor": is_vendor}


def user_info(world: World) -> Record:
    """The API user: its permissions, and its time zone, which is UTC."""
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
            for menu in MENU_IDS
        ],
        "currencyCode": "USD",
        "cultureCode": "en-US",
        "newTicketingUI": True,
        "isUserSystemAdmin": False,
        "productName": "BMS",
    }


def active_members(world: World, _ids: Sequence[int]) -> Rows:
    """The technicians who can be assigned to a ticket."""
    return world.members, world.members.by("is_active").get(True, ())


def member_name(member: Member | None) -> str | None:
    """The name of a technician; None if it was deleted."""
    return f"{member.first_name} {member.last_name}" if member else None


def employee(_world: World, one: Member) -> Record:
    """A technician in the lookup of employees, which does not say who is active."""
    return {"id": one.id, "name": member_name(one)}


def assignee(_world: World, one: Member) -> Record:
    """A technician in the lookup of those who can be assigned to a ticket."""
    unfilled = dict.fromkeys(("url", "jobTitle", "pictureName", "pictureURL"))
    return {**unfilled, "id": one.id, "name": member_name(one), "emailAddress": one.email}
