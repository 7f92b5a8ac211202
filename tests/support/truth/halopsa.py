"""What the warehouse must hold of a HaloPSA tenant, worked out from the simulator's world."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from include.model.setup import MappedField, Setup
from include.model.tickets import NO_REFERENCE, Reference, Ticket, TicketDetail, TicketEntry
from simulator import ticket_entities
from simulator.entities import Address, Asset, Company, Contact, CustomField, Phone, Site
from simulator.halopsa.companies import is_named_with_client
from simulator.halopsa.contacts import as_typed
from simulator.halopsa.setup import sla_id
from simulator.halopsa.ticket_entries import entries_of_ticket
from simulator.world import World
from tests.support.fault_cases import COMPLETE, UNTOUCHED, Case, Wire
from tests.support.truth import Rows

# A setup that makes sense here: serial, maker, system and date of purchase are fields of the MSP's own on each type
# of asset, job title and type are custom fields of users.
SETTINGS = Setup(
    custom_fields={
        "assets": {
            "asset_tag": "10",
            "backup_tier": "11",
            "ram": "12",
            "lease_cost": "14",
            "lease_ends": "15",
            "managed": "16",
            "remarks": "24",
            "model": "field:119",
        },
        "contacts": {"language": "30", "newsletter": "31", "badge": "33"},
    },
    field_map={
        "assets": {
            "serial_number": MappedField("field:117"),
            "manufacturer": MappedField("field:118"),
            "os_type": MappedField("field:121"),
            "purchase_date": MappedField("field:24", "%d/%m/%Y"),
        },
        "contacts": {"title": MappedField("130"), "type": MappedField("131")},
    },
)
# Kind → the endpoint whose listing fills it; company statuses are two fixed ones, so nothing lists them.
LISTS: Mapping[str, str] = {
    "companies": "/Client",
    "sites": "/Site",
    "assets": "/Asset",
    "contacts": "/Users",
    "ticket_settings": "/Team",
}
WIRE = Wire(50, "inventory_number", "fields", "warranty_end")
FAULTS = (
    Case("paging_ignored:path={list}", "the path does not page, and counts what it served", None),
    Case("filter_ignored:path={list}", "filters are passed over", None),
    Case("active_only:path={list}", "records out of use stay hidden", None),
    Case("older_server", "a server of 2025: no custom fields in lists", None),
    Case("wrapped_lookups", "bare lists come in an envelope", COMPLETE, "ticket_settings"),
    Case("token_ended:after=5,times=1", "the token ends in mid-run", COMPLETE),
    Case("unauthorized_path:path={list}", "401 on one path, while the token is good", UNTOUCHED),
    Case("silent_rate_limit:path={list},times=1", "429 that does not say how long", COMPLETE),
    Case("redirected:path={list}", "302 to the login page", UNTOUCHED),
    Case("nothing_to_see:path={list}", "204 and nothing", UNTOUCHED),
)

ADDRESS = ("address_line_1", "address_line_2", "city", "state", "postal_code", "country")
UNDATED = {"source_updated_at": None}
DATES = ("purchase_date", "warranty_expires_on")
# Licences and certificates are bought through the PSA, which then knows the date without a field of the MSP's own.
BOUGHT_IN_PSA = (12, 15)
SLA_IDS = (1, 2)


def truth(world: World, setup: Setup) -> dict[str, Rows]:
    """Table → source_id → the facts of that row; a deleted company is gone, what belonged to it stays."""
    return {
        "company_statuses": _by_id(
            [
                {"source_id": "active", "name": "Active", "is_default": True, **UNDATED},
                {"source_id": "inactive", "name": "Inactive", "is_default": False, **UNDATED},
            ]
        ),
        "companies": _by_id(_company(world, one) for one in world.companies.values() if not one.is_deleted),
        "company_sites": _by_id(_site(world, one) for one in world.sites.values()),
        "assets": _by_id(_asset(world, one, setup) for one in world.assets.values()),
        "contacts": _by_id(_contact(world, one, setup) for one in world.contacts.values()),
        "service_boards": _by_id(
            {"source_id": str(b.id), "name": b.name, "is_active": b.is_active, **UNDATED} for b in world.boards.values()
        ),
        "ticket_statuses": _by_id(_statuses(world)),
        "ticket_priorities": _by_id(
            {"source_id": f"{sla_id}/{p.id}", "name": p.name, "color": p.color, "sort_order": p.id, **UNDATED}
            for sla_id in SLA_IDS
            for p in world.priorities.values()
        ),
    }


def _by_id(rows: Iterable[dict[str, Any]]) -> Rows:
    return {row["source_id"]: row for row in rows}


def _text(key: int | None) -> str | None:
    return None if key is None else str(key)


def _company(world: World, company: Company) -> dict[str, Any]:
    status = world.statuses.get(company.status_id) if company.status_id is not None else None
    label = "Inactive" if status and not status.is_active else "Active"
    return {
        "source_id": str(company.id),
        "name": company.name,
        "website": company.website,
        "status": label,
        "status_source_id": label.lower(),
        **UNDATED,
    }


def _site(world: World, site: Site) -> dict[str, Any]:
    """Only the company says which site is its main one: not known for the sites of a deleted company."""
    owner = world.companies.get(site.company_id)
    at = site.address
    return {
        "source_id": str(site.id),
        "name": f"{owner.name} / {site.name}" if owner and is_named_with_client(world, site) else site.name,
        "company_source_id": str(site.company_id),
        "is_active": site.is_active,
        "is_primary": site.is_primary if owner and not owner.is_deleted else None,
        **dict(zip(ADDRESS, (at.line1, at.line2, at.city, at.state, at.postal_code, at.country), strict=True)),
        **UNDATED,
    }


def _asset(world: World, asset: Asset, setup: Setup) -> dict[str, Any]:
    status = world.asset_statuses.get(asset.status_id) if asset.status_id is not None else None
    values = _asset_values(world, asset)
    row = {
        "source_id": str(asset.id),
        "name": asset.name,
        "type": world.asset_types[asset.type_id].name,
        "status": status.name if status else None,
        "is_active": asset.is_active,
        "manufacturer": None,
        "serial_number": None,
        "os_type": None,
        "purchase_date": asset.purchase_date if asset.type_id in BOUGHT_IN_PSA else None,
        "warranty_expires_on": asset.warranty_expires_on,
        "notes": asset.notes,
        "company_source_id": str(asset.company_id),
        "site_source_id": _text(asset.site_id),
        "contact_source_id": _text(asset.contact_id),
        "custom_fields": _chosen(values, setup.custom_fields_of("assets")),
        "source_updated_at": _at(asset.updated_at),
    }
    return row | _mapped(values, setup.field_map_of("assets"))


def _contact(world: World, contact: Contact, setup: Setup) -> dict[str, Any]:
    e_mail = next((e for e in contact.emails if e.is_default), next(iter(contact.emails), None))
    phone = _phone(contact)
    at = contact.address or Address()
    values = _custom_values(world, "contact", contact.custom_fields)
    values |= {"130": contact.title, "131": ", ".join(contact.type_names) or None}
    row = {
        "source_id": str(contact.id),
        "name": " ".join(filter(None, (contact.first_name, contact.last_name))) or None,
        "type": "Important contact" if "VIP ★" in contact.type_names else None,
        "title": None,
        "email": e_mail.address if e_mail else None,
        "phone": phone and as_typed(phone, contact.id),
        "phone_extension": phone.extension if phone and as_typed(phone, contact.id) != phone.number else None,
        **dict(zip(ADDRESS, (at.line1, at.line2, at.city, at.state, at.postal_code, None), strict=True)),
        "is_active": contact.is_active,
        "company_source_id": _text(contact.company_id),
        "site_source_id": _text(contact.site_id),
        "custom_fields": _chosen(values, setup.custom_fields_of("contacts")),
        "source_updated_at": _at(contact.updated_at),
    }
    return row | _mapped(values, setup.field_map_of("contacts"))


def _phone(contact: Contact) -> Phone | None:
    """The preferred number, else the one at work, else the mobile, else the one at home."""
    preferred = next((phone for phone in contact.phones if phone.is_default and phone.kind_label != "Fax"), None)
    numbers = {phone.kind_label: phone for phone in contact.phones}
    return preferred or numbers.get("Direct") or numbers.get("Cell") or numbers.get("Home")


def _statuses(world: World) -> Iterable[dict[str, Any]]:
    """Steps of the same name on several boards are one status here; it is closed when the first of them is."""
    seen: set[str] = set()
    for _, step in sorted(world.board_statuses.items()):
        if step.name not in seen:
            seen.add(step.name)
            yield {
                "source_id": str(step.id),
                "name": step.name,
                "board_source_id": None,
                "is_closed": step.is_closed,
                "is_active": None,
                "sort_order": step.sort_order,
                **UNDATED,
            }


def _asset_values(world: World, asset: Asset) -> dict[str, Any]:
    """Everything a person can choose of an asset, by the key it is chosen with."""
    bought = asset.purchase_date if asset.type_id not in BOUGHT_IN_PSA else None
    return _custom_values(world, "asset", asset.custom_fields) | {
        "field:24": bought.strftime("%d/%m/%Y") if bought else None,
        "field:117": asset.serial_number,
        "field:118": asset.manufacturer,
        "field:119": asset.model,
        "field:121": asset.os_type,
    }


def _custom_values(world: World, entity: str, values: Mapping[int, object]) -> dict[str, Any]:
    return {str(field.id): _value(field, values.get(field.id)) for field in world.fields_of(entity)}


def _value(field: CustomField, value: object) -> object:
    """Dates as the API writes them; an encrypted value is not given."""
    if field.type == "Password":
        return None
    return f"{value.isoformat()}T00:00:00" if isinstance(value, date) else value


def _chosen(values: Mapping[str, Any], chosen: Mapping[str, str]) -> dict[str, Any] | None:
    return {name: values.get(key) for name, key in chosen.items()} if chosen else None


def _mapped(values: Mapping[str, Any], mapped: Mapping[str, MappedField]) -> dict[str, Any]:
    """The columns that a custom field stands in for, where it is filled in and can be read."""
    found = {column: values.get(to.field) for column, to in mapped.items()}
    found |= {column: _date(found[column], mapped[column].format) for column in DATES if found.get(column)}
    return {column: value for column, value in found.items() if value is not None}


def _date(text: object, pattern: str | None) -> date | None:
    try:
        return datetime.strptime(str(text), pattern).date() if pattern else date.fromisoformat(str(text)[:10])  # noqa: DTZ007  # a calendar date has no zone
    except ValueError:
        return None


def tickets(world: World) -> dict[str, Ticket]:
    """Key → the ticket as the list has it: the team by its name alone, and others by their keys alone."""
    return {str(id_): _ticket(world, one) for id_, one in world.tickets.items()}


def detail(world: World, key: str) -> TicketDetail:
    """Team and priority have key and name here; spent time is an action like any other."""
    one = world.tickets[int(key)]
    row = _ticket(world, one)
    site = world.sites.get(one.site_id) if one.site_id is not None else None
    entries = [_entry(world, said.number, said.entry) for said in entries_of_ticket(world, one.id)]
    return TicketDetail(
        ticket=replace(
            row,
            board=Reference(str(one.board_id), row.board.name),
            priority=Reference(row.priority.key, world.priorities[one.priority_id].name),
        ),
        description=one.description or None,
        site=Reference(str(site.id), site.name) if site else NO_REFERENCE,
        assets=[Reference(str(id_), world.assets[id_].name) for id_ in one.asset_ids if id_ in world.assets],
        entries=sorted(entries, key=lambda entry: (entry.at, entry.key)),
        attachments=one.attachments,
    )


def _ticket(world: World, one: ticket_entities.Ticket) -> Ticket:
    step = world.board_statuses[one.status_id]
    return Ticket(
        key=str(one.id),
        number=str(one.id),
        summary=one.summary,
        company=Reference(str(one.company_id), world.companies[one.company_id].name),
        contact=Reference(_text(one.contact_id), one.contact_name),
        board=Reference(None, world.boards[one.board_id].name),
        status=Reference(str(min(s.id for s in world.board_statuses.values() if s.name == step.name))),
        priority=Reference(f"{sla_id(one)}/{one.priority_id}"),
        owner=Reference(_text(one.owner_id)),
        created_at=_at(one.created_at),
        updated_at=_at(one.updated_at),
        is_closed=one.is_closed,
    )


def _entry(world: World, number: int, entry: ticket_entities.Note | ticket_entities.TimeEntry) -> TicketEntry:
    """Contacts are named without a key; people who do not exist any more have a key without a name."""
    hours = None
    if isinstance(entry, ticket_entities.TimeEntry):
        at, words, title = entry.ended_at, entry.notes, "Time"
        hours = (entry.ended_at - entry.started_at).total_seconds() / 3600
    else:
        at, words = entry.created_at, entry.text
        title = "Private Note" if entry.is_internal else "Email Received" if entry.contact_id else "Public Note"
    author = _author(world, entry)
    return TicketEntry(str(number), _at(at), author, words, entry.is_internal, title=title, hours=hours)


def _author(world: World, entry: ticket_entities.Note | ticket_entities.TimeEntry) -> Reference:
    contact_id = entry.contact_id if isinstance(entry, ticket_entities.Note) else None
    person = world.contacts.get(contact_id) if contact_id is not None else world.members.get(entry.member_id or 0)
    name = " ".join(filter(None, (person.first_name, person.last_name))) or None if person else None
    return Reference(None if contact_id is not None else _text(entry.member_id), name)


def _at(moment: datetime) -> datetime:
    """With the fractions of seconds that the simulator writes."""
    return moment.replace(microsecond=(0, 500_000, 250_000, 357_000)[moment.second % 4])
