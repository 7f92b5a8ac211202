"""Setup tables as the API shows them, and the ones that only this vendor has."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.connectwise.references import info
from simulator.connectwise.resource import Fields
from simulator.entities import AssetStatus, AssetType, CompanyType, ContactType, CustomField, Status
from simulator.sample_data import COUNTRIES, EMAIL_KINDS, MANUFACTURERS, PHONE_KINDS, STATES
from simulator.table import Table
from simulator.world import BIRTH


@dataclass(frozen=True)
class Named:
    """A row of a list that the world knows by name only."""

    id: int
    name: str


def _numbered(names: tuple[str, ...]) -> Table[Named]:
    return Table(Named(id_, name) for id_, name in enumerate(names, start=1))


COMMUNICATION_TYPES = _numbered(EMAIL_KINDS + PHONE_KINDS)
COMMUNICATION_TYPE_IDS = {row.name: row.id for row in COMMUNICATION_TYPES.values()}
COUNTRY_TABLE = _numbered(tuple(COUNTRIES))
STATE_TABLE = _numbered(tuple(STATES))
MANUFACTURER_TABLE = _numbered(MANUFACTURERS)
# Where the custom fields of an entity live: pod and screen.
SCREENS = {
    "company": (1, "co150"),
    "asset": (34, "cf300"),
    "contact": (7, "ct200"),
    "site": (9, "co160"),
    "ticket": (12, "sr100"),
}

STATUS: Fields[Status] = {
    "id": lambda _, s: s.id,
    "name": lambda _, s: s.name,
    "defaultFlag": lambda _, s: s.is_default,
    "inactiveFlag": lambda _, s: not s.is_active,
    "notifyFlag": lambda *_: False,
    "_info": lambda _, s: info(BIRTH) if s.id % 2 else None,
}
COMPANY_TYPE: Fields[CompanyType] = {
    "id": lambda _, c: c.id,
    "name": lambda _, c: c.name,
    "defaultFlag": lambda _, c: c.id == 1,
    "vendorFlag": lambda _, c: c.name == "Vendor",
    "_info": lambda *_: info(BIRTH),
}
ASSET_STATUS: Fields[AssetStatus] = {
    "id": lambda _, s: s.id,
    "description": lambda _, s: s.name,
    "closedFlag": lambda _, s: s.is_closed,
    "defaultFlag": lambda _, s: s.is_default,
    "_info": lambda *_: info(BIRTH, updatedBy=None),
}
ASSET_TYPE: Fields[AssetType] = {
    "id": lambda _, a: a.id,
    "name": lambda _, a: a.name,
    "inactiveFlag": lambda *_: False,
    "systemFlag": lambda *_: False,
    "_info": lambda *_: info(BIRTH),
}
CONTACT_TYPE: Fields[ContactType] = {
    "id": lambda _, c: c.id,
    "description": lambda _, c: c.name,
    "defaultFlag": lambda *_: False,
    "_info": lambda *_: info(BIRTH),
}
COMMUNICATION_TYPE: Fields[Named] = {
    "id": lambda _, c: c.id,
    "description": lambda _, c: c.name,
    "phoneFlag": lambda _, c: c.name in PHONE_KINDS and c.name != "Fax",
    "faxFlag": lambda _, c: c.name == "Fax",
    "emailFlag": lambda _, c: c.name in EMAIL_KINDS,
    "defaultFlag": lambda _, c: c.name in ("Email", "Direct"),
    "_info": lambda *_: info(BIRTH),
}
MANUFACTURER: Fields[Named] = {
    "id": lambda _, m: m.id,
    "name": lambda _, m: m.name,
    "inactiveFlag": lambda *_: False,
    "_info": lambda *_: info(BIRTH),
}
COUNTRY: Fields[Named] = {
    "id": lambda _, c: c.id,
    "name": lambda _, c: c.name,
    "defaultFlag": lambda _, c: c.id == 1,
    "countryCode": lambda _, c: COUNTRIES[c.name],
    "_info": lambda *_: info(BIRTH),
}
STATE: Fields[Named] = {
    "id": lambda _, s: s.id,
    "identifier": lambda _, s: s.name,
    "name": lambda _, s: STATES[s.name][0],
    "country": lambda t, s: t.country(STATES[s.name][1]),
    "_info": lambda *_: info(BIRTH),
}
USER_DEFINED_FIELD: Fields[CustomField] = {
    "id": lambda _, f: f.id,
    "podId": lambda _, f: SCREENS[f.entity][0],
    "caption": lambda _, f: f.caption,
    "sequenceNumber": lambda _, f: f.id,
    "screenId": lambda _, f: SCREENS[f.entity][1],
    "fieldTypeIdentifier": lambda _, f: f.type,
    "numberDecimals": lambda _, f: 2 if f.type in ("Currency", "Percent") else 0,
    "entryTypeIdentifier": lambda _, f: f.entry_method,
    "requiredFlag": lambda *_: False,
    "displayOnScreenFlag": lambda *_: True,
    "readOnlyFlag": lambda *_: False,
    "listViewFlag": lambda *_: False,
    "options": lambda _, f: [
        {"id": f.id * 100 + i, "optionValue": option, "defaultFlag": i == 0, "inactiveFlag": False, "sortOrder": i}
        for i, option in enumerate(f.options)
    ],
    "businessUnitIds": lambda *_: [],
    "locationIds": lambda _, f: [2] if f.id % 4 == 0 else [],
    "_info": lambda *_: info(BIRTH),
}
