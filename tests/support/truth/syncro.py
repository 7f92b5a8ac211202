"""What the warehouse must hold of a Syncro account, told from the simulator's world."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from include.model.setup import MappedField, Setup
from include.model.tickets import Reference, Ticket, TicketDetail, TicketEntry
from simulator import ticket_entities as desk
from simulator.entities import Address, Asset, Company, Contact, CustomField, Site
from simulator.syncro.assets import reports_manufacturer, reports_system
from simulator.syncro.companies import ADDRESS_IDS, names
from simulator.syncro.formats import day
from simulator.syncro.ticket_entries import first_comment
from simulator.world import World
from tests.support.fault_cases import COMPLETE, HELD, UNTOUCHED, Case, Wire
from tests.support.truth import Rows

# A setup that makes sense here: the tenant has made fields for what Syncro has no column for.
SETTINGS = Setup(
    custom_fields={
        "assets": {
            "asset_tag": "Asset Tag",
            "backup_tier": "Backup Tier",
            "managed": "Managed",
            "lease_ends": "Lease ends",
            "admin_page": "Admin page",
            "remarks": "Remarks",
            "inches": "Größe (Zoll) ",
            "customer_number": "顧客管理番号",
        },
        "contacts": {"language": "Preferred language", "newsletter": "Newsletter", "badge": "Badge number"},
    },
    field_map={
        "companies": {"website": MappedField("Website")},
        "assets": {
            "status": MappedField("Device Status"),
            "manufacturer": MappedField("Make"),
            "purchase_date": MappedField("Purchased", "%m/%d/%Y"),
            "warranty_expires_on": MappedField("Warranty until:"),
            "notes": MappedField("Comments"),
        },
    },
)
# Kind → the endpoint whose listing fills it; company statuses are two fixed ones, so nothing lists them.
LISTS: Mapping[str, str] = {
    "companies": "/customers",
    "sites": "/customers/*",
    "assets": "/customer_assets",
    "contacts": "/contacts",
    "ticket_settings": "*/settings",
}
WIRE = Wire(50, "name", "asset_serial", "contact_id")
FAULTS = (
    Case("bare_rate_limit:path={list},times=1", "429 that does not say how long", COMPLETE),
    Case("no_meta:path={list}", "lists come without `meta`", None),
    Case("renamed_envelope:path={list}", "the records arrive under another key", UNTOUCHED),
    Case(
        "odd_record:path={list},key=updated_at,kind=not_a_date",
        "a time of change that is none",
        COMPLETE,
        stale=1,
    ),
    Case("unstable_slices:path={list}", "records of the end are never listed, others twice", UNTOUCHED),
    Case("missing_right:path={list}", "401 on one path, while the token is good", UNTOUCHED),
    Case("single_customer_user", "the token is one customer's own", HELD, "companies"),
    Case("ignored_parameter:param=include_disabled", "disabled customers stay hidden", UNTOUCHED, "companies"),
)

DATES = ("purchase_date", "warranty_expires_on")
NOWHERE = Address()


def truth(world: World, setup: Setup) -> dict[str, Rows]:
    """Table → source_id → the facts of that row; deleted companies are gone here, and their sites with them."""
    companies = [one for one in world.companies.values() if not one.is_deleted]
    living = {one.id for one in companies}
    further = [site for site in world.sites.values() if not site.is_primary and site.company_id in living]
    return {
        "company_statuses": _by_id(
            [
                {"source_id": "active", "name": "Active", "is_default": True, "source_updated_at": None},
                {"source_id": "disabled", "name": "Disabled", "is_default": False, "source_updated_at": None},
            ]
        ),
        "companies": _by_id(_company(world, one, setup) for one in companies),
        "company_sites": _by_id([*map(_main_site, companies), *map(_further_site, further)]),
        "assets": _by_id(_asset(world, one, setup) for one in world.assets.values()),
        "contacts": _by_id(_contact(world, one, setup) for one in world.contacts.values()),
        "service_boards": _by_id(
            {"source_id": str(b.id), "name": b.name, "is_active": b.is_active, "source_updated_at": None}
            for b in world.boards.values()
        ),
        "ticket_statuses": _by_id(_statuses(world)),
        "ticket_priorities": _by_id(_priorities(world)),
    }


def _by_id(rows: Iterable[dict[str, Any]]) -> Rows:
    return {row["source_id"]: row for row in rows}


def _key(id_: int | None) -> str | None:
    return None if id_ is None else str(id_)


def _name(company: Company) -> str:
    named = names(company)
    return next((name for name in (named.business_name, named.fullname) if name and name.strip()), str(company.id))


def _company(world: World, company: Company, setup: Setup) -> dict[str, Any]:
    status = world.statuses.get(company.status_id) if company.status_id else None
    is_disabled = status is not None and not status.is_active
    fields = {"Website": company.website, **_custom(world.fields_of("company"), company.custom_fields)}
    return {
        "source_id": str(company.id),
        "name": _name(company),
        "website": None,
        "status": "Disabled" if is_disabled else "Active",
        "status_source_id": "disabled" if is_disabled else "active",
        "source_updated_at": company.updated_at,
        **_stand_ins(fields, setup.field_map_of("companies")),
    }


def _address(address: Address) -> dict[str, str | None]:
    return {
        "address_line_1": address.line1,
        "address_line_2": address.line2,
        "city": address.city,
        "state": address.state,
        "postal_code": address.postal_code,
        "country": None,
    }


def _main_site(company: Company) -> dict[str, Any]:
    return {
        "source_id": str(company.id),
        "name": _name(company),
        "company_source_id": str(company.id),
        "is_active": True,
        "is_primary": True,
        **_address(company.address),
        "source_updated_at": company.updated_at,
    }


def _further_site(site: Site) -> dict[str, Any]:
    return {
        "source_id": _site_key(site),
        "name": site.name,
        "company_source_id": str(site.company_id),
        "is_active": True,
        "is_primary": False,
        **_address(site.address),
        "source_updated_at": None,
    }


def _site_key(site: Site | None) -> str | None:
    if site is None:
        return None
    return str(site.company_id) if site.is_primary else f"{site.company_id}/{ADDRESS_IDS + site.id}"


def _asset(world: World, asset: Asset, setup: Setup) -> dict[str, Any]:
    status = world.asset_statuses.get(asset.status_id) if asset.status_id else None
    fields = {
        "Purchased": asset.purchase_date and day(asset.purchase_date, asset.id),
        "Warranty until:": asset.warranty_expires_on and asset.warranty_expires_on.isoformat(),
        "Comments": asset.notes,
        "Device Status": status and status.name,
        "Make": None if asset.os_type else asset.manufacturer,
        **_custom(world.fields_of("asset"), asset.custom_fields),
    }
    return {
        "source_id": str(asset.id),
        "name": asset.name,
        "type": world.asset_types[asset.type_id].name,
        "status": None,
        "is_active": None,
        "manufacturer": asset.manufacturer if reports_manufacturer(asset) else None,
        "serial_number": asset.serial_number,
        "os_type": asset.os_type if reports_system(asset) else None,
        "purchase_date": None,
        "warranty_expires_on": None,
        "notes": None,
        "company_source_id": str(asset.company_id),
        "site_source_id": _site_key(world.sites.get(asset.site_id) if asset.site_id else None),
        "contact_source_id": _key(asset.contact_id),
        "custom_fields": _chosen(fields, setup.custom_fields_of("assets")),
        "source_updated_at": asset.updated_at,
        **_stand_ins(fields, setup.field_map_of("assets")),
    }


def _contact(world: World, contact: Contact, setup: Setup) -> dict[str, Any]:
    e_mail = next((e for e in contact.emails if e.is_default), next(iter(contact.emails), None))
    by_kind = {phone.kind_label: phone for phone in contact.phones}
    line, cell = by_kind.get("Direct") or by_kind.get("Home"), by_kind.get("Cell")
    fields = {"title": contact.title, **_custom(world.fields_of("contact"), contact.custom_fields)}
    return {
        "source_id": str(contact.id),
        "name": " ".join(filter(None, (contact.first_name, contact.last_name))) or None,
        "type": None,
        "title": contact.title,
        "email": e_mail and e_mail.address,
        "phone": line.number if line else cell and cell.number,
        "phone_extension": line.extension if line else None,
        **_address(contact.address or NOWHERE),
        "is_active": True,
        "company_source_id": _key(contact.company_id),
        "site_source_id": None,
        "custom_fields": _chosen(fields, setup.custom_fields_of("contacts")),
        "source_updated_at": contact.updated_at,
        **_stand_ins(fields, setup.field_map_of("contacts")),
    }


def _statuses(world: World) -> Iterable[dict[str, Any]]:
    """The steps of all boards as one list of names, the last of them under the vendor's own word."""
    steps = sorted(world.board_statuses.values(), key=lambda step: (step.sort_order, step.id))
    seen = dict.fromkeys("Resolved" if step.name == "Closed" else step.name for step in steps)
    for place, name in enumerate(seen, start=1):
        yield {
            "source_id": name,
            "name": name,
            "board_source_id": None,
            "is_closed": name == "Resolved",
            "is_active": None,
            "sort_order": place,
            "source_updated_at": None,
        }


def _priorities(world: World) -> Iterable[dict[str, Any]]:
    """The empty name has the first place and no row."""
    for place, one in enumerate(sorted(world.priorities.values(), key=lambda p: (p.sort_order or 99, p.id)), start=2):
        row = {"source_id": one.name, "name": one.name, "color": None, "sort_order": place}
        yield row | {"source_updated_at": None}


def _custom(fields: Iterable[CustomField], values: Mapping[int, object]) -> dict[str, object]:
    """Values by display name; of two fields with one name the later one is seen."""
    return {field.caption: _as_shown(field, values[field.id]) for field in fields if field.id in values}


def _as_shown(field: CustomField, value: object) -> object:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, date):
        return value.isoformat()
    if field.entry_method == "List":
        return [value]
    return {"url": value, "label": field.caption} if field.type == "Hyperlink" else value


def _chosen(fields: Mapping[str, object], chosen: Mapping[str, str]) -> dict[str, object] | None:
    return {name: fields.get(key) for name, key in chosen.items()} or None


def _stand_ins(fields: Mapping[str, Any], mapped: Mapping[str, MappedField]) -> dict[str, object]:
    """The columns that a filled-in custom field overrides; of dates those that can be read."""
    found = {}
    for column, one in mapped.items():
        value = fields.get(one.field)
        if value and column in DATES:
            value = _date(value, one.format)
        if value:
            found[column] = value
    return found


def _date(text: str, format_: str | None) -> date | None:
    try:
        return datetime.strptime(text, format_ or "%Y-%m-%d").date()  # noqa: DTZ007  # a calendar date has no zone
    except ValueError:
        return None


def tickets(world: World) -> dict[str, Ticket]:
    """Key → the row of the list, where everything has a name; what names a status or a priority is its key as well."""
    return {str(id_): _ticket(world, one) for id_, one in world.tickets.items()}


def detail(world: World, key: str) -> TicketDetail:
    """The request itself is the first comment; of the site only the key is sure."""
    one = world.tickets[int(key)]
    site = world.sites.get(one.site_id) if one.site_id is not None else None
    entries = [
        _comment(world, first_comment(one), title="Initial Issue"),
        *(_comment(world, world.notes[id_]) for id_ in world.notes.by("ticket_id").get(one.id, ())),
        *(_timer(world.time_entries[id_]) for id_ in world.time_entries.by("ticket_id").get(one.id, ())),
    ]
    return TicketDetail(
        ticket=_ticket(world, one),
        site=Reference(_site_key(site)),
        assets=[Reference(str(id_), world.assets[id_].name) for id_ in one.asset_ids if id_ in world.assets],
        entries=sorted(entries, key=lambda entry: (entry.at, entry.key)),
        attachments=one.attachments,
    )


def _ticket(world: World, one: desk.Ticket) -> Ticket:
    step = world.board_statuses[one.status_id].name
    status = "Resolved" if step == "Closed" else step
    priority = world.priorities[one.priority_id].name if one.id % 11 not in (5, 6) else None
    company = world.companies[one.company_id]
    return Ticket(
        key=str(one.id),
        number=str(one.id - 60_000),
        summary=one.summary,
        company=Reference(str(company.id), None if company.is_deleted else _business_then_name(company)),
        contact=_person(world.contacts.get(one.contact_id or 0), one.contact_id),
        board=Reference(str(one.board_id), world.boards[one.board_id].name),
        status=Reference(status, status),
        priority=Reference(priority, priority),
        owner=_person(world.members.get(one.owner_id or 0), one.owner_id),
        created_at=_at(one.created_at),
        updated_at=_at(one.updated_at),
        is_closed=status == "Resolved",
    )


def _business_then_name(company: Company) -> str | None:
    named = names(company)
    return next((name for name in (named.business_name, named.fullname) if name and name.strip()), None)


def _person(person: Contact | desk.Member | None, id_: int | None) -> Reference:
    name = " ".join(filter(None, (person.first_name, person.last_name))) if person else ""
    return Reference(_key(id_), name or None)


def _comment(world: World, note: desk.Note, title: str = "") -> TicketEntry:
    """Who wrote it is told of technicians only."""
    title = title or ("Private Note" if note.is_internal else "Resolution" if note.is_resolution else "Update")
    author = _person(world.members.get(note.member_id or 0), note.member_id)
    return TicketEntry(f"comment-{note.id}", _at(note.created_at), author, note.text, note.is_internal, title=title)


def _timer(entry: desk.TimeEntry) -> TicketEntry:
    """Time names nobody, and does not say whether customers see it."""
    hours = (entry.ended_at - entry.started_at).total_seconds() / 3600
    author = Reference(str(entry.member_id))
    return TicketEntry(f"timer-{entry.id}", _at(entry.started_at), author, entry.notes, None, hours=hours)


def _at(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
