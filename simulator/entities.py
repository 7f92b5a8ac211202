"""What a PSA holds, free of any vendor's spelling: the truth a synced warehouse is compared with.

Ids are the vendor's keys. `None` means that nobody filled it in; text is never empty here, however a vendor shows
the gap.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address; `state` is the short form a person would type."""

    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None


NO_ADDRESS = Address()


@dataclass(frozen=True, slots=True)
class Status:
    """What a company can be: active, prospect, on hold."""

    id: int
    name: str
    is_default: bool = False
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class CompanyType:
    """What a company is to the MSP: client, vendor, lead."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Company:
    """A customer; deleting one is soft, and its status may no longer exist."""

    id: int
    identifier: str
    name: str
    website: str | None
    status_id: int | None
    type_ids: tuple[int, ...]
    phone: str | None
    address: Address
    is_deleted: bool
    deleted_at: datetime | None
    created_at: datetime
    updated_at: datetime
    custom_fields: dict[int, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Site:
    """A place of a company; at most one of them is primary."""

    id: int
    company_id: int
    name: str
    is_active: bool
    is_primary: bool
    address: Address
    phone: str | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class AssetType:
    """The kind of a machine."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class AssetStatus:
    """Where a machine is in its life."""

    id: int
    name: str
    is_default: bool = False
    is_closed: bool = False


@dataclass(frozen=True, slots=True)
class Asset:
    """A machine, licence or line that somebody looks after."""

    id: int
    company_id: int
    site_id: int | None
    contact_id: int | None
    name: str
    type_id: int
    status_id: int | None
    manufacturer: str | None
    model: str | None
    serial_number: str | None
    os_type: str | None
    purchase_date: date | None
    warranty_expires_on: date | None
    notes: str | None
    is_active: bool
    updated_at: datetime
    custom_fields: dict[int, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ContactType:
    """What a person is for: billing, decision maker, end user."""

    id: int
    name: str


class Email(NamedTuple):
    """One e-mail address of a person."""

    address: str
    kind_label: str
    is_default: bool


class Phone(NamedTuple):
    """One number of a person, fax numbers included."""

    number: str
    extension: str | None
    kind_label: str
    is_default: bool


@dataclass(frozen=True, slots=True)
class Contact:
    """A person. Birthday and portal password are there so that a test can prove they are never copied."""

    id: int
    company_id: int | None
    site_id: int | None
    first_name: str | None
    last_name: str | None
    type_names: tuple[str, ...]
    title: str | None
    emails: tuple[Email, ...]
    phones: tuple[Phone, ...]
    address: Address | None
    is_active: bool
    birthday: date | None
    portal_password: str | None
    updated_at: datetime
    custom_fields: dict[int, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CustomField:
    """A field the MSP added; captions repeat and change, only the id is dependable."""

    id: int
    entity: str
    caption: str
    type: str
    entry_method: str = "EntryField"
    options: tuple[str, ...] = ()
