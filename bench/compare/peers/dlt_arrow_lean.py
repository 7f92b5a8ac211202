"""dlt with Arrow resources as lean as we can make them: msgspec decodes JSON straight into structs of the fields."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pyarrow as pa
import requests

from bench.compare.job import Job, job
from bench.compare.peers.arrow import run_arrow, table


class Reference(msgspec.Struct):
    """What a record says of another one."""

    id: int | None = None
    name: str | None = None


class Info(msgspec.Struct, rename="camel"):
    """When a record was changed."""

    last_updated: str | None = None


class Item(msgspec.Struct, rename="camel"):
    """An e-mail address or a telephone number."""

    value: str | None = None
    extension: str | None = None
    default_flag: bool = False
    communication_type: str | None = None


NONE, NO_INFO, NO_ITEM = Reference(), Info(), Item()


class Company(msgspec.Struct, rename="camel"):
    """The fields of a company that are asked for."""

    id: int
    identifier: str | None = None
    name: str | None = None
    status: Reference | None = None
    website: str | None = None
    date_deleted: str | None = None
    info: Info | None = msgspec.field(default=None, name="_info")


class Asset(msgspec.Struct, rename="camel"):
    """The fields of a configuration that are asked for."""

    id: int
    name: str | None = None
    type: Reference | None = None
    status: Reference | None = None
    active_flag: bool | None = None
    manufacturer: Reference | None = None
    serial_number: str | None = None
    os_type: str | None = None
    os_info: str | None = None
    purchase_date: str | None = None
    warranty_expiration_date: str | None = None
    notes: str | None = None
    vendor_notes: str | None = None
    company: Reference | None = None
    site: Reference | None = None
    contact: Reference | None = None
    info: Info | None = msgspec.field(default=None, name="_info")


class Contact(msgspec.Struct, rename="camel"):
    """The fields of a contact that are asked for."""

    id: int
    first_name: str | None = None
    last_name: str | None = None
    types: list[Reference] | None = None
    title: str | None = None
    communication_items: list[Item] | None = None
    address_line_1: str | None = msgspec.field(default=None, name="addressLine1")
    address_line_2: str | None = msgspec.field(default=None, name="addressLine2")
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    country: Reference | None = None
    inactive_flag: bool | None = None
    company: Reference | None = None
    site: Reference | None = None
    info: Info | None = msgspec.field(default=None, name="_info")


def company(r: Company) -> tuple[Any, ...]:
    """The columns of a company."""
    status = r.status or NONE
    return r.id, r.name or r.identifier, r.website, status.name, status.id, r.date_deleted, _updated(r)


def asset(r: Asset) -> tuple[Any, ...]:
    """The columns of an asset."""
    return (
        *(r.id, r.name, (r.type or NONE).name, (r.status or NONE).name, r.active_flag, (r.manufacturer or NONE).name),
        *(r.serial_number or None, r.os_type or r.os_info, _day(r.purchase_date), _day(r.warranty_expiration_date)),
        *(r.notes or r.vendor_notes or None, (r.company or NONE).id, (r.site or NONE).id, (r.contact or NONE).id),
        _updated(r),
    )


def contact(r: Contact) -> tuple[Any, ...]:
    """The columns of a contact."""
    email, phone = _main(r, "Email"), _main(r, "Phone")
    return (
        *(r.id, " ".join(filter(None, (r.first_name, r.last_name)))),
        *(", ".join(filter(None, [one.name for one in r.types or ()])) or None, r.title or None),
        *(email.value, phone.value, phone.extension, r.address_line_1, r.address_line_2 or None, r.city),
        *(r.state or None, r.zip, (r.country or NONE).name, None if r.inactive_flag is None else not r.inactive_flag),
        *((r.company or NONE).id, (r.site or NONE).id, _updated(r)),
    )


def _main(r: Contact, kind: str) -> Item:
    found = [one for one in r.communication_items or () if one.communication_type == kind]
    return next((one for one in found if one.default_flag), found[0] if found else NO_ITEM)


def _day(written: str | None) -> str | None:
    return written[:10] if written else None


def _updated(r: Company | Asset | Contact) -> str | None:
    return (r.info or NO_INFO).last_updated


ROWS: dict[str, tuple[type, Callable[[Any], tuple[Any, ...]]]] = {
    "companies": (Company, company),
    "contacts": (Contact, contact),
    "assets": (Asset, asset),
}


def pages(given: Job, kind: str) -> Iterator[pa.Table]:
    """The pages of a listing, each as a table."""
    struct, row = ROWS[kind]
    decoder = msgspec.json.Decoder(list[struct])  # type: ignore[valid-type]
    params: dict[str, Any] = {"pageSize": given.page_size, "fields": given.fields[kind]}
    url: str | None = f"{given.root}{given.listings[kind]}"
    with requests.Session() as session:
        session.trust_env = False
        session.headers.update(given.headers)
        while url:
            answer = session.get(url, params=params, timeout=60)
            yield table(kind, list(zip(*map(row, decoder.decode(answer.content)), strict=True)))
            following, params = answer.links.get("next"), {}
            url = following["url"] if following else None


if __name__ == "__main__":
    run_arrow(job(), pages)
