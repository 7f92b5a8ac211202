"""What the warehouse must hold of a ConnectWise tenant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from include.model.setup import Setup
from include.model.tickets import NO_REFERENCE, Reference, Ticket, TicketDetail, TicketEntry
from simulator import ticket_entities as entities
from simulator.connectwise.ticket_entries import description_note
from simulator.entities import Contact
from simulator.world import START, World
from tests.support.fault_cases import COMPLETE, UNTOUCHED, Case, Wire
from tests.support.truth import Rows

ADDRESS = ("address_line_1", "address_line_2", "city", "state", "postal_code", "country")
SETTINGS = Setup(
    custom_fields={"assets": {"tag": "10", "tier": "11", "lease_ends": "15"}, "contacts": {"language": "30"}}
)
LISTS: Mapping[str, str] = {
    "statuses": "/company/companies/statuses",
    "companies": "/company/companies",
    "sites": "/company/companies/*/sites",
    "assets": "/company/configurations",
    "contacts": "/company/contacts",
    "ticket_settings": "/service/boards",
}
WIRE = Wire(1000, "name", "serialNumber", "purchaseDate")
FAULTS = (
    Case("expired_credentials:after=3 login_404_html", "wrong keys are answered 404 and HTML", UNTOUCHED),
    Case("codebase_upgraded:after=3", "the tenant moves to a new codebase during the run", COMPLETE),
    Case("odd_record:path={list},key=type,kind=list", "a list where an object is expected", COMPLETE),
    Case("odd_record:path={list},key=_info,kind=text", "a time of change that is none", COMPLETE, stale=1),
    Case("older_model:path=/company/*", "sites in the shape of an older version", COMPLETE, "sites"),
    Case("server_error:path={list},after=9,times=2", "500 twice among the sites", COMPLETE, "sites"),
    Case("null_body:path={list},after=9,times=1", "`null` for one company's sites", UNTOUCHED, "sites"),
    Case("forbidden_board", "403 on the statuses of one board", COMPLETE, "ticket_settings"),
    Case("lost_right:path=/service/boards/*/statuses", "… of every board", UNTOUCHED, "ticket_settings"),
)


def truth(world: World, setup: Setup | None = None) -> dict[str, Rows]:
    """Table → source_id → the facts of that row."""
    chosen = setup.custom_fields if setup else {}
    return {
        "company_statuses": _by_id(
            {
                "source_id": s.id,
                "name": s.name,
                "is_default": s.is_default,
                "source_updated_at": START if s.id % 2 else None,  # records of setup tables may have no `_info`
            }
            for s in world.statuses.values()
        ),
        "companies": _by_id(_company(world, company) for company in world.companies.values()),
        "company_sites": _by_id(_site(site) for site in world.sites.values()),
        "assets": _by_id(_asset(world, asset, chosen.get("assets")) for asset in world.assets.values()),
        "contacts": _by_id(_contact(world, contact, chosen.get("contacts")) for contact in world.contacts.values()),
        "service_boards": _by_id(
            {"source_id": b.id, "name": b.name, "is_active": b.is_active, "source_updated_at": START}
            for b in world.boards.values()
        ),
        "ticket_statuses": _by_id(
            {
                "source_id": s.id,
                "name": s.name,
                "board_source_id": str(s.board_id),
                "is_closed": s.is_closed,
                "is_active": s.is_active,
                "sort_order": s.sort_order,
                "source_updated_at": START,
            }
            for s in world.board_statuses.values()
        ),
        "ticket_priorities": _by_id(
            {
                "source_id": p.id,
                "name": p.name,
                "color": p.color,
                "sort_order": p.sort_order,
                "source_updated_at": START if p.sort_order else None,
            }
            for p in world.priorities.values()
        ),
    }


def _by_id(rows: Iterable[dict[str, Any]]) -> Rows:
    return {str(row["source_id"]): row | {"source_id": str(row["source_id"])} for row in rows}


def _text(key: int | None) -> str | None:
    return None if key is None else str(key)


def _company(world: World, company: Any) -> dict[str, Any]:
    status = world.statuses.get(company.status_id)
    return {
        "source_id": company.id,
        "name": company.name,
        "website": company.website,
        "status": status.name if status else None,  # of a deleted status ConnectWise shows the key alone
        "status_source_id": _text(company.status_id),
        "deleted_at": company.deleted_at if company.is_deleted else None,
        "source_updated_at": company.updated_at,
    }


def _address(address: Any) -> dict[str, Any]:
    parts = (
        (address.line1, address.line2, address.city, address.state, address.postal_code, address.country)
        if address
        else (None,) * len(ADDRESS)
    )
    return dict(zip(ADDRESS, parts, strict=True))


def _site(site: Any) -> dict[str, Any]:
    return {
        "source_id": site.id,
        "name": site.name,
        "company_source_id": str(site.company_id),
        "is_active": site.is_active,
        "is_primary": site.is_primary,
        **_address(site.address),
        "source_updated_at": site.updated_at,
    }


def _asset(world: World, asset: Any, chosen: Mapping[str, str] | None) -> dict[str, Any]:
    status = world.asset_statuses.get(asset.status_id)
    return {
        "source_id": asset.id,
        "name": asset.name,
        "type": world.asset_types[asset.type_id].name,
        "status": status.name if status else None,
        "is_active": asset.is_active,
        "manufacturer": asset.manufacturer,
        "serial_number": asset.serial_number,
        "os_type": asset.os_type,
        "purchase_date": asset.purchase_date,
        "warranty_expires_on": asset.warranty_expires_on,
        "notes": asset.notes,
        "company_source_id": str(asset.company_id),
        "site_source_id": _text(asset.site_id),
        "contact_source_id": _text(asset.contact_id),
        "custom_fields": _chosen(asset, chosen),
        "source_updated_at": asset.updated_at,
    }


def _contact(world: World, contact: Any, chosen: Mapping[str, str] | None) -> dict[str, Any]:
    e_mail = next((e for e in contact.emails if e.is_default), next(iter(contact.emails), None))
    voice = [p for p in contact.phones if "fax" not in p.kind_label.lower()]
    phone = next((p for p in voice if p.is_default), next(iter(voice), None))
    types = sorted(contact.type_names, key=lambda name: min(world.contact_types.by("name")[name]))
    return {
        "source_id": contact.id,
        "name": " ".join(filter(None, (contact.first_name, contact.last_name))) or None,
        "type": ", ".join(types) or None,
        "title": contact.title,
        "email": e_mail.address if e_mail else None,
        "phone": phone.number if phone else None,
        "phone_extension": phone.extension if phone else None,
        **_address(contact.address),
        "is_active": contact.is_active,
        "company_source_id": _text(contact.company_id),
        "site_source_id": _text(contact.site_id),
        "custom_fields": _chosen(contact, chosen),
        "source_updated_at": contact.updated_at,
    }


def _chosen(entity: Any, chosen: Mapping[str, str] | None) -> dict[str, Any] | None:
    """The values of the chosen custom fields; dates as JSON has them."""
    values = {name: entity.custom_fields.get(int(key)) for name, key in (chosen or {}).items()}
    return {name: v.isoformat() if isinstance(v, date) else v for name, v in values.items()} if chosen else None


def tickets(world: World) -> dict[str, Ticket]:
    """Key → the row of the list, with the names of all references; project tickets are another list."""
    return {str(id_): _ticket(world, one) for id_, one in world.tickets.items() if not one.is_project}


def detail(world: World, key: str) -> TicketDetail:
    """The customer's request is a note like any other; of assets only the keys are listed."""
    one = world.tickets[int(key)]
    site = world.sites.get(one.site_id) if one.site_id is not None else None
    entries = [
        _note(world, description_note(one)),
        *(_note(world, world.notes[id_]) for id_ in world.notes.by("ticket_id").get(one.id, ())),
        *(_time(world, world.time_entries[id_]) for id_ in world.time_entries.by("ticket_id").get(one.id, ())),
    ]
    return TicketDetail(
        ticket=_ticket(world, one),
        site=Reference(str(site.id), site.name) if site else NO_REFERENCE,
        assets=[Reference(str(id_)) for id_ in sorted(one.asset_ids) if id_ in world.assets],
        entries=sorted(entries, key=lambda entry: (entry.at, entry.key)),
        attachments=one.attachments,
    )


def _ticket(world: World, one: entities.Ticket) -> Ticket:
    contact = _person(world.contacts.get(one.contact_id or 0), one.contact_id)
    return Ticket(
        key=str(one.id),
        number=str(one.id),
        summary=one.summary,
        company=Reference(str(one.company_id), world.companies[one.company_id].name),
        contact=contact if contact.name else Reference(contact.key, one.contact_name),
        board=Reference(str(one.board_id), world.boards[one.board_id].name),
        status=Reference(str(one.status_id), world.board_statuses[one.status_id].name),
        priority=Reference(str(one.priority_id), world.priorities[one.priority_id].name),
        owner=_person(world.members.get(one.owner_id or 0), one.owner_id),
        created_at=_at(one.created_at),
        updated_at=_at(one.updated_at),
        is_closed=one.is_closed,
    )


def _person(person: Contact | entities.Member | None, id_: int | None) -> Reference:
    """Of a person who was deleted there is only the key."""
    name = " ".join(filter(None, (person.first_name, person.last_name))) if person else ""
    return Reference(_text(id_), name or None)


def _note(world: World, note: entities.Note) -> TicketEntry:
    """Authors who are contacts have a name and no key: an author's key is that of a member."""
    if note.contact_id is not None:
        author = Reference(None, _person(world.contacts.get(note.contact_id), note.contact_id).name)
    else:
        author = _person(world.members.get(note.member_id or 0), note.member_id)
    marks = [mark for mark, is_set in (("Internal", note.is_internal), ("Resolution", note.is_resolution)) if is_set]
    title = ", ".join(marks) or "Discussion"
    return TicketEntry(f"note-{note.id}", _at(note.created_at), author, note.text, note.is_internal, title=title)


def _time(world: World, entry: entities.TimeEntry) -> TicketEntry:
    """Internal notes are flagged; of other notes nothing says whether customers see them."""
    hours = (entry.ended_at - entry.started_at).total_seconds() / 3600
    author = _person(world.members.get(entry.member_id), entry.member_id)
    at, is_internal = _at(entry.started_at), entry.is_internal or None
    return TicketEntry(f"time-{entry.id}", at, author, entry.notes, is_internal, hours=hours)


def _at(moment: datetime) -> datetime:
    """Whole seconds."""
    return moment.replace(microsecond=0)
