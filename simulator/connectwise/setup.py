"""The lists an MSP sets up once: each field of a record and where its value comes from."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.connectwise.formats import info
from simulator.connectwise.resource import Fields
from simulator.entities import AssetStatus, AssetType, CompanyType, ContactType, Status
from simulator.sample_data import COUNTRIES, EMAIL_KINDS, MANUFACTURERS, PHONE_KINDS, STATES
from simulator.table import Table
from simulator.ticket_entities import Board, BoardStatus, Member, Priority
from simulator.world import START


@dataclass(frozen=True)
class NamedRow:
    """A row of a list of which the world has the names only."""

    id: int
    name: str


def _numbered(names: tuple[str, ...]) -> Table[NamedRow]:
    return Table(NamedRow(id_, name) for id_, name in enumerate(names, start=1))


COMMUNICATION_TYPES = _numbered(EMAIL_KINDS + PHONE_KINDS)
COMMUNICATION_TYPE_IDS = {row.name: row.id for row in COMMUNICATION_TYPES.values()}
COUNTRY_TABLE = _numbered(tuple(COUNTRIES))
STATE_TABLE = _numbered(tuple(STATES))
MANUFACTURER_TABLE = _numbered(MANUFACTURERS)

STATUS: Fields[Status] = {
    "id": lambda _, s: s.id,
    "name": lambda _, s: s.name,
    "defaultFlag": lambda _, s: s.is_default,
    "inactiveFlag": lambda _, s: not s.is_active,
    "notifyFlag": lambda *_: False,
    "_info": lambda _, s: info(START) if s.id % 2 else None,
}
COMPANY_TYPE: Fields[CompanyType] = {
    "id": lambda _, c: c.id,
    "name": lambda _, c: c.name,
    "defaultFlag": lambda _, c: c.id == 1,
    "vendorFlag": lambda _, c: c.name == "Vendor",
    "_info": lambda *_: info(START),
}
ASSET_STATUS: Fields[AssetStatus] = {
    "id": lambda _, s: s.id,
    "description": lambda _, s: s.name,
    "closedFlag": lambda _, s: s.is_closed,
    "defaultFlag": lambda _, s: s.is_default,
    "_info": lambda *_: info(START, updatedBy=None),
}
ASSET_TYPE: Fields[AssetType] = {
    "id": lambda _, a: a.id,
    "name": lambda _, a: a.name,
    "inactiveFlag": lambda *_: False,
    "systemFlag": lambda *_: False,
    "_info": lambda *_: info(START),
}
CONTACT_TYPE: Fields[ContactType] = {
    "id": lambda _, c: c.id,
    "description": lambda _, c: c.name,
    "defaultFlag": lambda *_: False,
    "_info": lambda *_: info(START),
}
COMMUNICATION_TYPE: Fields[NamedRow] = {
    "id": lambda _, c: c.id,
    "description": lambda _, c: c.name,
    "phoneFlag": lambda _, c: c.name in PHONE_KINDS and c.name != "Fax",
    "faxFlag": lambda _, c: c.name == "Fax",
    "emailFlag": lambda _, c: c.name in EMAIL_KINDS,
    "defaultFlag": lambda _, c: c.name in ("Email", "Direct"),
    "_info": lambda *_: info(START),
}
MANUFACTURER: Fields[NamedRow] = {
    "id": lambda _, m: m.id,
    "name": lambda _, m: m.name,
    "inactiveFlag": lambda *_: False,
    "_info": lambda *_: info(START),
}
COUNTRY: Fields[NamedRow] = {
    "id": lambda _, c: c.id,
    "name": lambda _, c: c.name,
    "defaultFlag": lambda _, c: c.id == 1,
    "countryCode": lambda _, c: COUNTRIES[c.name],
    "_info": lambda *_: info(START),
}
STATE: Fields[NamedRow] = {
    "id": lambda _, s: s.id,
    "identifier": lambda _, s: s.name,
    "name": lambda _, s: STATES[s.name][0],
    "country": lambda t, s: t.country(STATES[s.name][1]),
    "_info": lambda *_: info(START),
}

BOARD: Fields[Board] = {
    "id": lambda _, b: b.id,
    "name": lambda _, b: b.name,
    "location": lambda t, _: t.reference("location", "system/locations", 2, {"name": "Head Office"}),
    "department": lambda t, _: t.reference("department", "system/departments", 10, {"name": "Services"}),
    "inactiveFlag": lambda _, b: not b.is_active,
    "projectFlag": lambda _, b: b.is_project,
    "_info": lambda *_: info(START),
}

BOARD_STATUS: Fields[BoardStatus] = {
    "id": lambda _, s: s.id,
    "name": lambda _, s: s.name,
    "board": lambda t, s: t.board(s.board_id),
    "sortOrder": lambda _, s: s.sort_order,
    "displayOnBoard": lambda _, s: not s.is_closed,
    "inactive": lambda _, s: not s.is_active,
    "closedStatus": lambda _, s: s.is_closed,
    "timeEntryNotAllowed": lambda *_: False,
    "defaultFlag": lambda _, s: s.is_default,
    "escalationStatus": lambda _, s: "Resolved" if s.is_closed else "NotResponded",
    "_info": lambda *_: info(START),
}

# A priority without a sort order has only id and name, and no `_info`.
PRIORITY: Fields[Priority] = {
    "id": lambda _, p: p.id,
    "name": lambda _, p: p.name,
    "color": lambda _, p: p.color,
    "sortOrder": lambda _, p: p.sort_order,
    "level": lambda _, p: p.level,
    "defaultFlag": lambda _, p: p.id == 4 if p.sort_order else None,
    "_info": lambda _, p: info(START) if p.sort_order else None,
}

MEMBER: Fields[Member] = {
    "id": lambda _, m: m.id,
    "identifier": lambda _, m: m.identifier,
    "licenseClass": lambda *_: "F",
    "inactiveFlag": lambda _, m: not m.is_active,
    "firstName": lambda _, m: m.first_name,
    "lastName": lambda _, m: m.last_name,
    "hireDate": lambda *_: "2019-03-01T00:00:00Z",
    "officeEmail": lambda _, m: m.email,
    "defaultEmail": lambda *_: "Office",
    "primaryEmail": lambda _, m: m.email,
    "defaultPhone": lambda *_: "Office",
    "securityRole": lambda t, _: t.reference("securityRole", "system/securityRoles", 63, {"name": "Technician"}),
    "_info": lambda *_: info(START),
}
