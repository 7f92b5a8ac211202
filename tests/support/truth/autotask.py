"""What the warehouse must hold of an Autotask tenant, told from the simulator's world."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from include.connectors.common.tickets import oldest_first
from include.model.setup import MappedField, Setup
from include.model.tickets import Reference, Ticket, TicketDetail, TicketEntry
from simulator import ticket_entities
from simulator.autotask.assets import has_category_only, is_named_by_product, last_modified
from simulator.autotask.custom_fields import CATEGORIES, PURCHASE_DATE, Udf, category_of, udfs_of
from simulator.autotask.formats import exact
from simulator.autotask.products import product_name
from simulator.autotask.setup import COMPLETE as COMPLETED
from simulator.autotask.setup import priorities, queues, statuses
from simulator.autotask.ticket_entries import hours, title
from simulator.autotask.tickets import number
from simulator.entities import Address, Asset, Company, Contact, Site
from simulator.world import World
from tests.support.fault_cases import COMPLETE, UNTOUCHED, Case, Wire
from tests.support.truth import Rows

# A setup that makes sense here: the account has a field for the purchase, and notes leases and remarks in others.
SETTINGS = Setup(
    custom_fields={
        "assets": {
            "asset_tag": "Asset Tag",
            "backup_tier": "Backup Tier",
            "disk_used": "Disk used",
            "managed": "Managed",
            "inches": "Größe (Zoll) ",
            "customer_number": "顧客管理番号",
        },
        "contacts": {"language": "Preferred language", "newsletter": "Newsletter", "badge": "Badge number"},
    },
    field_map={
        "assets": {
            "purchase_date": MappedField(PURCHASE_DATE),
            "warranty_expires_on": MappedField("Lease ends"),
            "notes": MappedField("Remarks"),
        },
    },
)
# Kind → the endpoint whose listing fills it; company statuses are two fixed ones, so nothing lists them.
LISTS: Mapping[str, str] = {
    "companies": "/Companies/query*",
    "sites": "/CompanyLocations/query*",
    "assets": "/ConfigurationItems/query*",
    "contacts": "/Contacts/query*",
    "ticket_settings": "/Tickets/entityInformation/fields",
}
WIRE = Wire(500, "referenceTitle", "serialNumber", "warrantyExpirationDate")
FAULTS = (
    Case("tenant_moved:after=3", "the tenant moves to another zone in mid-run", COMPLETE),
    Case("filter_ignored:path={list}", "conditions are ignored, but for the position", COMPLETE),
    Case("filter_ignored:path={list},field=id", "the position in the listing is ignored", None),
    Case("inadequate_permissions:path={list}", "a missing right, told by 500 and words", UNTOUCHED),
    Case("thread_limit:path={list},times=1", "too many calls at once, since another tool called", COMPLETE),
    Case(
        "odd_record:path={list},key=lastModifiedTime,kind=not_a_date",
        "a time of change that is none",
        COMPLETE,
        stale=1,
    ),
    Case("busy_tenant", "the tenant's other tools have used most of the hour", UNTOUCHED),
    Case("udfs_as_object:path={list}", "user-defined fields are {{}} instead of a list", None),
    Case("numeric_postal_codes:path={list}", "postal codes arrive as numbers", COMPLETE, "sites"),
    Case("ownerless_contacts:path={list}", "inactive contacts are listed with company 0", None, "contacts"),
    Case("newer_release:path={list}", "records have keys that no one knows yet", COMPLETE),
    Case("empty_picklists", "picklists come without values", None, "ticket_settings"),
    Case("pascal_fields", "fields are spelled as in older releases", None, "ticket_settings"),
)

DATES = ("purchase_date", "warranty_expires_on")
OWN_COMPANY_ID = 0


def truth(world: World, setup: Setup) -> dict[str, Rows]:
    """Table → source_id → the facts of that row; deleted companies are gone here, the MSP's own never is."""
    companies = [one for one in world.companies.values() if not one.is_deleted or one.id == OWN_COMPANY_ID]
    assets, contacts = _Custom.of(world, "asset", setup), _Custom.of(world, "contact", setup)
    return {
        "company_statuses": _by_id(
            {"source_id": name.lower(), "name": name, "is_default": name == "Active", "source_updated_at": None}
            for name in ("Active", "Inactive")
        ),
        "companies": _by_id(_company(world, one) for one in companies),
        "company_sites": _by_id(map(_site, world.sites.values())),
        "assets": _by_id(_asset(world, one) | assets.values_of(one) for one in world.assets.values()),
        "contacts": _by_id(_contact(one) | contacts.values_of(one) for one in world.contacts.values()),
        "service_boards": _by_id(
            {"source_id": one.value, "name": one.label, "is_active": one.is_active, "source_updated_at": None}
            for one in queues(world)
        ),
        "ticket_statuses": _by_id(
            {
                "source_id": one.value,
                "name": one.label,
                "board_source_id": None,
                "is_closed": one.value == COMPLETED,
                "is_active": one.is_active,
                "sort_order": one.sort_order,
                "source_updated_at": None,
            }
            for one in statuses(world)
        ),
        "ticket_priorities": _by_id(
            {
                "source_id": one.value,
                "name": one.label,
                "color": None,
                "sort_order": one.sort_order,
                "source_updated_at": None,
            }
            for one in priorities(world)
        ),
    }


def tickets(world: World) -> dict[str, Ticket]:
    """Key → the ticket as the list must show it. The vendor tells keys alone; only its own Complete is closed."""
    values = {one.label: one.value for one in statuses(world)}
    return {
        str(one.id): _ticket(one, values[world.board_statuses[one.status_id].name]) for one in world.tickets.values()
    }


def detail(world: World, key: str) -> TicketDetail:
    """The ticket with all that the vendor tells about it; attachments are not part of its described API."""
    one = world.tickets[int(key)]
    notes = (world.notes[id_] for id_ in world.notes.by("ticket_id").get(one.id, ()))
    work = (world.time_entries[id_] for id_ in world.time_entries.by("ticket_id").get(one.id, ()))
    return TicketDetail(
        ticket=tickets(world)[key],
        description=one.description,
        site=Reference(_text(one.site_id)),
        assets=[Reference(str(id_)) for id_ in one.asset_ids],
        entries=oldest_first([*map(_said, notes), *map(_worked, work)]),
    )


def _ticket(one: ticket_entities.Ticket, status: str) -> Ticket:
    return Ticket(
        key=str(one.id),
        number=number(one),
        summary=one.summary,
        company=Reference(str(one.company_id)),
        contact=Reference(_text(one.contact_id)),
        board=Reference(str(one.board_id)),
        status=Reference(status),
        priority=Reference(str(one.priority_id)),
        owner=Reference(_text(one.owner_id)),
        created_at=exact(one.created_at),
        updated_at=exact(one.updated_at),
        is_closed=status == COMPLETED,
    )


def _said(note: ticket_entities.Note) -> TicketEntry:
    """Of a contact's note the author is not told."""
    author = Reference(_text(note.member_id))
    return TicketEntry(str(note.id), exact(note.created_at), author, note.text, note.is_internal, title=title(note))


def _worked(entry: ticket_entities.TimeEntry) -> TicketEntry:
    author = Reference(str(entry.member_id))
    return TicketEntry(
        str(entry.id), exact(entry.started_at), author, entry.notes, entry.is_internal, hours=hours(entry)
    )


def _by_id(rows: Iterable[dict[str, Any]]) -> Rows:
    return {str(row["source_id"]): row | {"source_id": str(row["source_id"])} for row in rows}


def _text(key: int | None) -> str | None:
    return None if key is None else str(key)


def _company(world: World, company: Company) -> dict[str, Any]:
    status = world.statuses.get(company.status_id) if company.status_id is not None else None
    name = "Active" if status is None or status.is_active else "Inactive"
    return {
        "source_id": company.id,
        "name": company.name,
        "website": company.website,
        "status": name,
        "status_source_id": name.lower(),
        "source_updated_at": company.updated_at,
    }


def _address(address: Address | None) -> dict[str, str | None]:
    shown = address or Address()
    return {
        "address_line_1": shown.line1,
        "address_line_2": shown.line2,
        "city": shown.city,
        "state": shown.state,
        "postal_code": shown.postal_code,
        "country": shown.country,
    }


def _site(site: Site) -> dict[str, Any]:
    return {
        "source_id": site.id,
        "name": site.name,
        "company_source_id": str(site.company_id),
        "is_active": site.is_active,
        "is_primary": site.is_primary,
        **_address(site.address),
        "source_updated_at": None,
    }


def _asset(world: World, asset: Asset) -> dict[str, Any]:
    return {
        "source_id": asset.id,
        "name": product_name(asset) if is_named_by_product(asset) else asset.name,
        "type": CATEGORIES[category_of(asset.type_id) - 1]
        if has_category_only(asset)
        else world.asset_types[asset.type_id].name,
        "status": "Active" if asset.is_active else "Inactive",
        "is_active": asset.is_active,
        "manufacturer": asset.manufacturer,
        "serial_number": asset.serial_number,
        "os_type": asset.os_type,
        "purchase_date": None,
        "warranty_expires_on": asset.warranty_expires_on,
        "notes": asset.notes,
        "company_source_id": str(asset.company_id),
        "site_source_id": _text(asset.site_id),
        "contact_source_id": _text(asset.contact_id),
        "source_updated_at": last_modified(asset),
    }


def _contact(contact: Contact) -> dict[str, Any]:
    email = next((one for one in contact.emails if one.is_default), next(iter(contact.emails), None))
    by_kind = {one.kind_label: one for one in contact.phones}
    phone = next((by_kind[kind] for kind in ("Direct", "Cell", "Home") if kind in by_kind), None)
    return {
        "source_id": contact.id,
        "name": " ".join(filter(None, (contact.first_name, contact.last_name))) or None,
        "type": "Primary contact" if "Decision Maker" in contact.type_names else None,
        "title": contact.title,
        "email": email.address if email else None,
        "phone": phone.number if phone else None,
        "phone_extension": phone.extension if phone and phone.kind_label == "Direct" else None,
        **_address(contact.address),
        "is_active": contact.is_active,
        "company_source_id": _owner(contact),
        "site_source_id": _text(contact.site_id),
        "source_updated_at": contact.updated_at,
    }


def _owner(contact: Contact) -> str | None:
    """Nobody's contacts are the MSP's own, unless they are inactive: then the vendor may only be hiding the company."""
    owner = contact.company_id or OWN_COMPANY_ID
    return None if owner == OWN_COMPANY_ID and not contact.is_active else str(owner)


@dataclass(frozen=True)
class _Custom:
    """What setup chose of the user-defined fields of one kind of record."""

    udfs: Mapping[str, Udf]
    chosen: Mapping[str, str]
    mapped: Mapping[str, MappedField]

    @classmethod
    def of(cls, world: World, entity: str, setup: Setup) -> _Custom:
        table = f"{entity}s"
        return cls(
            {udf.name: udf for udf in udfs_of(world, entity)}, setup.custom_fields_of(table), setup.field_map_of(table)
        )

    def values_of(self, row: Any) -> dict[str, Any]:
        """The columns that it fills or that it fills in for."""
        chosen = {name: self.shown(field, row) for name, field in self.chosen.items()}
        mapped = {column: _as(column, one, self.shown(one.field, row)) for column, one in self.mapped.items()}
        filled = {column: value for column, value in mapped.items() if value is not None}
        return {"custom_fields": chosen or None, **filled}

    def shown(self, field: str, row: Any) -> str | None:
        """What people see: of a list the label."""
        value = self.udfs[field].value(row)
        return None if value is None else self.udfs[field].options.get(value, value)


def _as(column: str, mapped: MappedField, value: str | None) -> str | date | None:
    """What the column gets; None where it keeps the vendor's own."""
    if value is None or column not in DATES:
        return value
    try:
        found = datetime.strptime(value, mapped.format) if mapped.format else datetime.fromisoformat(value)  # noqa: DTZ007  # dates have no zone
    except ValueError:
        return None
    return found.date()
