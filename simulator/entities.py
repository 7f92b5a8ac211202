"""The rows of a PSA, independent of any vendor. Tests compare a synced warehouse with them.

Ids are the vendor's keys. `None` means that a value is missing. Text is never empty here, however a vendor shows a
missing value.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address."""

    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    state: str | None = None  # in its short form, such as TX
    postal_code: str | None = None
    country: str | None = None


NO_ADDRESS = Address()


@dataclass(frozen=True, slots=True)
class Status:
    """The status of a company: active, prospect, on hold."""

    id: int
    name: str
    is_default: bool = False
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class CompanyType:
    """The relation of a company to the MSP: client, vendor, prospect."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Company:
    """A customer of the MSP."""

    id: int
    identifier: str  # a short name, unique
    name: str
    website: str | None
    status_id: int | None  # of a status that may have been deleted
    type_ids: tuple[int, ...]
    phone: str | None
    address: Address
    is_deleted: bool  # deleted companies stay in the table
    deleted_at: datetime | None
    created_at: datetime
    updated_at: datetime
    custom_fields: dict[int, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Site:
    """A location of a company."""

    id: int
    company_id: int
    name: str
    is_active: bool
    is_primary: bool  # true for at most one site of a company
    address: Address
    phone: str | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class AssetType:
    """The type of an asset: server, laptop, licence."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class AssetStatus:
    """The status of an asset: active, in stock, retired."""

    id: int
    name: str
    is_default: bool = False
    is_closed: bool = False


@dataclass(frozen=True, slots=True)
class Asset:
    """A device, licence or certificate that the MSP looks after."""

    id: int
    company_id: int
    site_id: int | None
    contact_id: int | None  # its user
    name: str
    type_id: int
    status_id: int | None  # of a status that may have been deleted
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
    """The role of a contact: billing, decision maker, end user."""

    id: int
    name: str


class Email(NamedTuple):
    """An e-mail address of a contact."""

    address: str
    kind_label: str
    is_default: bool


class Phone(NamedTuple):
    """A phone or fax number of a contact."""

    number: str
    extension: str | None
    kind_label: str
    is_default: bool


@dataclass(frozen=True, slots=True)
class Contact:
    """A person at a company."""

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
    birthday: date | None  # this and the password exist so that tests can prove that they are never copied
    portal_password: str | None
    updated_at: datetime
    custom_fields: dict[int, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CustomField:
    """A field that the MSP added."""

    id: int
    entity: str  # the kind of record that has it
    caption: str  # may repeat, and may change
    type: str
    entry_method: str = "EntryField"
    options: tuple[str, ...] = ()
