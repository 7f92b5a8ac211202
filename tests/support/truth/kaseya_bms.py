"""What the warehouse must contain for Kaseya BMS, written from the simulator's world and not from the connector."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from include.connectors.common.tickets import oldest_first
from include.model.setup import MappedField, Setup
from include.model.tickets import Reference, Ticket, TicketDetail, TicketEntry
from simulator import ticket_entities
from simulator.entities import Address, Asset, Company, Contact, CustomField, Site
from simulator.kaseya_bms.contacts import is_named_by_summary, number_as_typed
from simulator.kaseya_bms.formats import is_html
from simulator.kaseya_bms.ticket_entries import TIME_LOG
from simulator.kaseya_bms.tickets import number
from simulator.world import World
from tests.support.fault_cases import COMPLETE, UNTOUCHED, Case, Wire
from tests.support.truth import Rows

SETTINGS = Setup(
    custom_fields={
        "assets": {"asset_tag": "10", "backup_tier": "11", "managed": "16", "customer_no": "25"},
        "contacts": {"language": "30", "badge": "33"},
    },
    field_map={
        "assets": {"purchase_date": MappedField("15", "%m/%d/%Y"), "notes": MappedField("24")},
        "contacts": {"type": MappedField("30")},
    },
    custom_field_modules={"assets": 33, "contacts": 11},
    details_per_night=100_000,
)
# The statuses have no listing: there are two, and every account says which of them it has.
LISTS: Mapping[str, str] = {
    "companies": "/v2/crm/accounts/summary",
    "sites": "/v2/crm/accounts/summary",
    "assets": "/v2/servicedesk/hardwareasset/searchselect",
    "contacts": "/v2/crm/contacts/summary",
    "ticket_settings": "/v2/system/queues/lookup",
}
WIRE = Wire(100, "assetName", "serialNumber", "id")
FAULTS = (
    Case("success_false:path={list}", "200, Success false and an empty list", UNTOUCHED),
    Case("null_result:path={list}", "200, Success true and a Result of null", UNTOUCHED),
    Case("pascal_case", "names are spelled as in the document", COMPLETE),
    Case("foreign_envelope:path={list}", "an answer of another product", UNTOUCHED),
    Case("filter_ignored:path={list}", "filters are ignored", None, "companies"),
    Case("last_page_repeats:path={list}", "beyond the last page the last page comes again", COMPLETE),
    Case(
        "odd_record:path={list},key=modifiedOn,kind=not_a_date",
        "a time of change that is none",
        COMPLETE,
        "companies",
        stale=2,
    ),
    Case("locations_left_out", "no account says which locations it has", COMPLETE, "sites"),
    Case("token_ends_early:after=5,times=1", "the token ends in mid-run", COMPLETE),
    Case("token_ends_early:after=5,times=1 refresh_refused", "… and cannot be renewed", COMPLETE),
)

DATES = ("purchase_date", "warranty_expires_on")
ACTIVITY = {True: ("active", "Active"), False: ("inactive", "Inactive")}


def truth(world: World, setup: Setup) -> dict[str, Rows]:
    """Table → source_id → the facts of that row, once the details of every record were read."""
    companies = [company for company in world.companies.values() if not company.is_deleted]
    listed = {company.id for company in companies}
    sites = [site for site in world.sites.values() if site.company_id in listed]
    return {
        "company_statuses": _by_id(_statuses(world, setup)),
        "companies": _by_id(_company(world, company, setup) for company in companies),
        "company_sites": _by_id(map(_site, sites)),
        "assets": _by_id(_asset(world, asset, setup) for asset in world.assets.values()),
        "contacts": _by_id(_contact(world, contact, setup) for contact in world.contacts.values()),
        "service_boards": _by_id(
            {"source_id": b.id, "name": b.name, "is_active": b.is_active, "source_updated_at": None}
            for b in world.boards.values()
        ),
        "ticket_statuses": _by_id(_ticket_statuses(world)),
        "ticket_priorities": _by_id(
            {"source_id": p.id, "name": p.name, "color": p.color, "sort_order": None, "source_updated_at": None}
            for p in world.priorities.values()
        ),
    }


def tickets(world: World) -> dict[str, Ticket]:
    """Key → the ticket as the list must show it: with every name, unless what it points at was deleted."""
    statuses = {(one["name"], one["is_active"]): str(one["source_id"]) for one in _ticket_statuses(world)}
    return {str(one.id): _ticket(world, one, statuses) for one in world.tickets.values()}


def detail(world: World, key: str) -> TicketDetail:
    """The ticket with one asset, its notes and the time spent on it; its files are those of its notes."""
    one = world.tickets[int(key)]
    notes = (world.notes[id_] for id_ in world.notes.by("ticket_id").get(one.id, ()))
    work = (world.time_entries[id_] for id_ in world.time_entries.by("ticket_id").get(one.id, ()))
    return TicketDetail(
        ticket=tickets(world)[key],
        description=_plain(one.description, one.id) or None,
        site=_pointed(world.sites, one.site_id),
        assets=[_pointed(world.assets, id_) for id_ in one.asset_ids[:1]],
        entries=oldest_first([*(_said(world, note) for note in notes), *(_worked(world, entry) for entry in work)]),
    )


def _ticket(world: World, one: ticket_entities.Ticket, statuses: Mapping[tuple[str, bool], str]) -> Ticket:
    status = world.board_statuses[one.status_id]
    company = world.companies.get(one.company_id)
    return Ticket(
        key=str(one.id),
        number=number(one),
        summary=one.summary,
        company=Reference(str(one.company_id), company.name if company and not company.is_deleted else None),
        contact=Reference(_text(one.contact_id), _person(world.contacts.get(one.contact_id or 0))),
        board=_pointed(world.boards, one.board_id),
        status=Reference(statuses[status.name, status.is_active], status.name),
        priority=_pointed(world.priorities, one.priority_id),
        owner=Reference(_text(one.owner_id), _person(world.members.get(one.owner_id or 0))),
        created_at=_second(one.created_at),
        updated_at=_second(one.updated_at),
        is_closed=one.is_closed,
    )


def _said(world: World, note: ticket_entities.Note) -> TicketEntry:
    """The author is a name alone: whose id comes with it is not documented."""
    author = world.members.get(note.member_id or 0) or world.contacts.get(note.contact_id or 0)
    first = world.notes.by("ticket_id")[note.ticket_id][0]
    return TicketEntry(
        key=str(note.id),
        at=_second(note.created_at),
        author=Reference(name=_person(author)),
        text=_plain(note.text, note.id),
        is_internal=note.is_internal,
        title="Resolution" if note.is_resolution else None,
        attachments=world.tickets[note.ticket_id].attachments if note.id == first else (),
    )


def _worked(world: World, entry: ticket_entities.TimeEntry) -> TicketEntry:
    """At the time when it was logged: how the vendor writes the hours of a day is not documented."""
    return TicketEntry(
        key=str(entry.id),
        at=_second(entry.ended_at),
        author=Reference(name=_person(world.members.get(entry.member_id))),
        text=_plain(entry.notes, entry.id),
        is_internal=entry.is_internal,
        title=TIME_LOG[1],
        hours=(entry.ended_at - entry.started_at).total_seconds() / 3600,
    )


def _pointed(rows: Mapping[int, Any], id_: int | None) -> Reference:
    row = rows.get(id_ or 0)
    return Reference(_text(id_), row.name if row else None)


def _person(one: Contact | ticket_entities.Member | None) -> str | None:
    return " ".join(filter(None, (one.first_name, one.last_name))) or None if one else None


def _plain(text: str, id_: int) -> str:
    """What people wrote; HTML does not show line breaks at its end."""
    return text.strip("\n") if is_html(text, id_) else text


def _second(at: datetime) -> datetime:
    return at.replace(microsecond=0)


def _by_id(rows: Iterable[dict[str, Any]]) -> Rows:
    return {str(row["source_id"]): row | {"source_id": str(row["source_id"])} for row in rows}


def _text(key: int | None) -> str | None:
    return None if key is None else str(key)


def _statuses(world: World, setup: Setup) -> list[dict[str, Any]]:
    found: list[dict[str, Any]]
    if setup.companies.status_from == "type":
        found = [{"source_id": t.id, "name": t.name, "is_default": None} for t in world.company_types.values()]
    else:
        found = [
            {"source_id": key, "name": name, "is_default": is_active} for is_active, (key, name) in ACTIVITY.items()
        ]
    return [row | {"source_updated_at": None} for row in found]


def _company(world: World, company: Company, setup: Setup) -> dict[str, Any]:
    status = world.statuses.get(company.status_id or 0)
    key: str | None
    name: str | None
    key, name = ACTIVITY[status is None or status.is_active]
    if setup.companies.status_from == "type":
        kind = world.company_types.get(next(iter(company.type_ids), 0))
        key, name = (str(kind.id), kind.name) if kind else (None, None)
    row = {
        "source_id": company.id,
        "name": company.name,
        "website": company.website,
        "status": name,
        "status_source_id": key,
        "source_updated_at": company.updated_at,
    }
    return row | _mapped(world.fields_of("company"), company, setup, "companies")


def _address(address: Address | None) -> dict[str, str | None]:
    at = address or Address()
    return {
        "address_line_1": at.line1,
        "address_line_2": at.line2,
        "city": at.city,
        "state": at.state,
        "postal_code": at.postal_code,
        "country": at.country,
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


def _asset(world: World, asset: Asset, setup: Setup) -> dict[str, Any]:
    status = world.asset_statuses.get(asset.status_id or 0)
    fields = world.fields_of("asset")
    row = {
        "source_id": asset.id,
        "name": asset.name,
        "type": world.asset_types[asset.type_id].name,
        # Of a deleted state the record has only the id; which label the vendor gives is not known.
        **({"status": status and status.name} if status or asset.status_id is None else {}),
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
        "custom_fields": _chosen(fields, asset, setup.custom_fields_of("assets")),
        "source_updated_at": asset.updated_at,
    }
    return row | _mapped(fields, asset, setup, "assets")


def _contact(world: World, contact: Contact, setup: Setup) -> dict[str, Any]:
    e_mail = next((e for e in contact.emails if e.is_default), next(iter(contact.emails), None))
    voice = [phone for phone in contact.phones if phone.kind_label != "Fax"]
    phone = next((p for p in voice if p.is_default), next(iter(voice), None))
    typed = phone and number_as_typed(phone, contact.id)
    fields = world.fields_of("contact")
    row = {
        "source_id": contact.id,
        "name": " ".join(filter(None, (contact.first_name, contact.last_name))) or None,
        "type": "Point of contact" if "Decision Maker" in contact.type_names else None,
        "title": contact.title,
        "email": e_mail.address if e_mail else None,
        "phone": typed,
        # Of a number in the summary no extension is read: it could be another number than the list's.
        "phone_extension": phone.extension
        if phone and typed != phone.number and not is_named_by_summary(contact)
        else None,
        # An address is asked for below the account; whether a person without one has an address is not known.
        **(_address(contact.address) if contact.company_id else {}),
        "is_active": contact.is_active,
        "company_source_id": _text(contact.company_id),
        "site_source_id": _text(contact.site_id),
        "custom_fields": _chosen(fields, contact, setup.custom_fields_of("contacts")),
        "source_updated_at": contact.updated_at,
    }
    return row | _mapped(fields, contact, setup, "contacts")


def _ticket_statuses(world: World) -> list[dict[str, Any]]:
    """One for each name, active and inactive, under the lowest id. The vendor does not say which are closed."""
    found: dict[tuple[str, bool], dict[str, Any]] = {}
    for id_, status in sorted(world.board_statuses.items()):
        row = {
            "source_id": id_,
            "name": status.name,
            "board_source_id": None,
            "is_closed": None,
            "is_active": status.is_active,
            "sort_order": status.sort_order,
            "source_updated_at": None,
        }
        found.setdefault((status.name, status.is_active), row)
    return list(found.values())


def _value(fields: Iterable[CustomField], owner: Company | Asset | Contact, key: str) -> str | None:
    """A custom field's value as text, the only form in which the vendor stores it."""
    value = owner.custom_fields.get(int(key)) if any(str(one.id) == key for one in fields) else None
    if isinstance(value, date):
        return value.strftime("%m/%d/%Y")
    return None if value is None else str(value)


def _chosen(
    fields: Iterable[CustomField], owner: Asset | Contact, chosen: Mapping[str, str]
) -> dict[str, str | None] | None:
    return {name: _value(fields, owner, key) for name, key in chosen.items()} or None


def _mapped(
    fields: Iterable[CustomField], owner: Company | Asset | Contact, setup: Setup, table: str
) -> dict[str, Any]:
    """The columns that a custom field fills, where it has a value that can be read."""
    found: dict[str, Any] = {}
    for column, mapped in setup.field_map_of(table).items():
        value = _value(fields, owner, mapped.field)
        read = _day(value, mapped.format) if column in DATES else value
        if read is not None:
            found[column] = read
    return found


def _day(value: str | None, format_: str | None) -> date | None:
    try:
        if format_:
            return datetime.strptime(value or "", format_).date()  # noqa: DTZ007  # a calendar date has no zone
        return date.fromisoformat(value or "")
    except ValueError:
        return None
