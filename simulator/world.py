"""One MSP's customers, machines, people and tickets: seeded, any size, the same for every vendor's fake."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone

from simulator import generators, setup_tables
from simulator.entities import Asset, Company, Contact, CustomField, Site
from simulator.seeded_random import Chance, shares
from simulator.table import Table
from simulator.ticket_entities import Note, Ticket, TimeEntry
from simulator.ticket_generators import note, ticket, time_entry

# Lifelike proportions: per company two sites, ten assets, five contacts and four tickets.
SITES, ASSETS, CONTACTS, TICKETS = 2, 10, 5, 4
BIRTH = datetime(2026, 1, 10, 1, 0, tzinfo=timezone.utc)


class World:
    """The truth. Rows are immutable: a change puts a new row in its table, so whoever holds the old one keeps it."""

    def __init__(
        self,
        seed: int = 7,
        companies: int = 1000,
        *,
        sites: int | None = None,
        assets: int | None = None,
        contacts: int | None = None,
        tickets: int | None = None,
        desk_now: datetime = BIRTH,
    ) -> None:
        """`desk_now` is when the newest tickets were touched: a help desk that people look at is of today."""
        self.seed = seed
        self.now = BIRTH
        self.desk_now = desk_now
        self.statuses = Table(setup_tables.STATUSES)
        self.company_types = Table(setup_tables.COMPANY_TYPES)
        self.asset_types = Table(setup_tables.ASSET_TYPES)
        self.asset_statuses = Table(setup_tables.ASSET_STATUSES)
        self.contact_types = Table(setup_tables.contact_types())
        self.custom_fields = Table(setup_tables.CUSTOM_FIELDS)
        self.boards = Table(setup_tables.BOARDS)
        self.board_statuses = Table(setup_tables.board_statuses())
        self.priorities = Table(setup_tables.PRIORITIES)
        self.members = Table(setup_tables.MEMBERS)
        self.companies = Table(self._companies(companies))
        self.sites = Table(self._sites(companies * SITES if sites is None else sites))
        self.contacts = Table(self._contacts(companies * CONTACTS if contacts is None else contacts))
        self.assets = Table(self._assets(companies * ASSETS if assets is None else assets))
        self.tickets = Table(self._tickets(companies * TICKETS if tickets is None else tickets))
        self.notes = Table(self._notes())
        self.time_entries = Table(self._time_entries())

    @property
    def version(self) -> int:
        """Grows with every change to any table."""
        return sum(table.version for table in vars(self).values() if isinstance(table, Table))

    def fields_of(self, entity: str) -> list[CustomField]:
        """The custom fields of one kind of record."""
        return [self.custom_fields[id_] for id_ in self.custom_fields.by("entity").get(entity, ())]

    def _chance(self, purpose: str) -> Chance:
        return Chance(f"{self.seed}/{purpose}")

    def _owners(self, chance: Chance, total: int, *, least: int = 0) -> list[int]:
        """A company id for every row to make; mixed, so that ids tell nothing about who owns the row."""
        companies = self.companies.ids
        counts = shares(chance, total, len(companies), least=least)
        return chance.mixed([id_ for id_, count in zip(companies, counts, strict=True) for _ in range(count)])

    def _companies(self, total: int) -> Iterator[Company]:
        chance, fields = self._chance("companies"), self.fields_of("company")
        for _, id_ in zip(range(total), chance.ids(19), strict=False):
            yield generators.company(chance, id_=id_, now=self.now, custom_fields=fields)

    def _sites(self, total: int) -> Iterator[Site]:
        chance = self._chance("sites")
        settled: set[int] = set()
        for company_id, id_ in zip(self._owners(chance, total, least=1), chance.ids(1004), strict=False):
            yield generators.site(
                chance, id_=id_, company_id=company_id, is_primary=company_id not in settled, now=self.now
            )
            settled.add(company_id)

    def _contacts(self, total: int) -> Iterator[Contact]:
        chance, fields, sites = self._chance("contacts"), self.fields_of("contact"), self.sites.by("company_id")
        for owner, id_ in zip(self._owners(chance, total), chance.ids(301), strict=False):
            company_id = owner if chance.likely(0.99) else None
            site_ids = sites.get(company_id, ())
            yield generators.contact(
                chance, id_=id_, company_id=company_id, site_ids=site_ids, now=self.now, custom_fields=fields
            )

    def _assets(self, total: int) -> Iterator[Asset]:
        chance, fields = self._chance("assets"), self.fields_of("asset")
        sites, contacts = self.sites.by("company_id"), self.contacts.by("company_id")
        for company_id, id_ in zip(self._owners(chance, total), chance.ids(5002), strict=False):
            yield generators.asset(
                chance,
                id_=id_,
                company_id=company_id,
                site_ids=sites.get(company_id, ()),
                contact_ids=contacts.get(company_id, ()),
                now=self.now,
                custom_fields=fields,
            )

    def _tickets(self, total: int) -> Iterator[Ticket]:
        chance = self._chance("tickets")
        sites, people, assets = (table.by("company_id") for table in (self.sites, self.contacts, self.assets))
        for company_id, id_ in zip(self._owners(chance, total), chance.ids(70_011), strict=False):
            yield ticket(
                chance,
                id_=id_,
                company_id=company_id,
                site_id=chance.maybe(0.8, sites.get(company_id) or (None,)),
                contact=self.caller(chance.maybe(0.8, people.get(company_id) or (None,))),
                asset_ids=tuple(chance.some(assets.get(company_id, ())[:50], chance.pick((0, 0, 1, 2)))),
                now=self.desk_now,
            )

    def caller(self, contact_id: int | None) -> tuple[int | None, str | None]:
        """Who asked, as a ticket has them."""
        if contact_id is None:
            return None, "Walk-in caller"
        person = self.contacts[contact_id]
        return contact_id, " ".join(filter(None, (person.first_name, person.last_name))) or None

    def _notes(self) -> Iterator[Note]:
        chance = self._chance("notes")
        ids = chance.ids(900_001)
        for one in self.tickets.values():
            for _ in range(chance.pick((0, 1, 2, 2, 3))):
                yield note(chance, id_=next(ids), on=one)

    def _time_entries(self) -> Iterator[TimeEntry]:
        chance = self._chance("time")
        ids = chance.ids(400_001)
        for one in self.tickets.values():
            for _ in range(chance.pick((0, 0, 1, 2))):
                yield time_entry(chance, id_=next(ids), on=one)
