"""One MSP's companies, sites, contacts, assets and tickets: seeded, of any size, the same for every vendor."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone

from simulator import generators, setup_tables
from simulator.entities import Asset, Company, Contact, CustomField, Site
from simulator.seeded_random import SeededRandom, shares
from simulator.table import Table
from simulator.ticket_entities import Note, Ticket, TimeEntry
from simulator.ticket_generators import note, ticket, time_entry

# Per company, unless other totals are given.
SITES, ASSETS, CONTACTS, TICKETS = 2, 10, 5, 4
START = datetime(2026, 1, 10, 1, 0, tzinfo=timezone.utc)


class World:
    """All rows that a PSA has. Rows are immutable: a change puts a new row into the table."""

    def __init__(
        self,
        seed: int = 7,
        companies: int = 1000,
        *,
        sites: int | None = None,
        assets: int | None = None,
        contacts: int | None = None,
        tickets: int | None = None,
        tickets_now: datetime = START,
    ) -> None:
        """Totals default to the proportions above; the newest tickets changed shortly before `tickets_now`."""
        self.seed = seed
        self.now = START
        self.tickets_now = tickets_now
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
        """Increases with every change to any table."""
        return sum(table.version for table in vars(self).values() if isinstance(table, Table))

    def fields_of(self, entity: str) -> list[CustomField]:
        """The custom fields of one kind of record."""
        return [self.custom_fields[id_] for id_ in self.custom_fields.by("entity").get(entity, ())]

    def _rng(self, purpose: str) -> SeededRandom:
        return SeededRandom(f"{self.seed}/{purpose}")

    def _owners(self, rng: SeededRandom, total: int, *, least: int = 0) -> list[int]:
        """A company id for each row to make, shuffled so that a row's id says nothing about its company."""
        companies = self.companies.ids
        counts = shares(rng, total, len(companies), least=least)
        return rng.shuffled([id_ for id_, count in zip(companies, counts, strict=True) for _ in range(count)])

    def _companies(self, total: int) -> Iterator[Company]:
        rng, fields = self._rng("companies"), self.fields_of("company")
        for _, id_ in zip(range(total), rng.ids(19), strict=False):
            yield generators.company(rng, id_=id_, now=self.now, custom_fields=fields)

    def _sites(self, total: int) -> Iterator[Site]:
        rng = self._rng("sites")
        with_site: set[int] = set()
        for company_id, id_ in zip(self._owners(rng, total, least=1), rng.ids(1004), strict=False):
            yield generators.site(
                rng, id_=id_, company_id=company_id, is_primary=company_id not in with_site, now=self.now
            )
            with_site.add(company_id)

    def _contacts(self, total: int) -> Iterator[Contact]:
        rng, fields, sites = self._rng("contacts"), self.fields_of("contact"), self.sites.by("company_id")
        for owner, id_ in zip(self._owners(rng, total), rng.ids(301), strict=False):
            company_id = owner if rng.likely(0.99) else None
            site_ids = sites.get(company_id, ())
            yield generators.contact(
                rng, id_=id_, company_id=company_id, site_ids=site_ids, now=self.now, custom_fields=fields
            )

    def _assets(self, total: int) -> Iterator[Asset]:
        rng, fields = self._rng("assets"), self.fields_of("asset")
        sites, contacts = self.sites.by("company_id"), self.contacts.by("company_id")
        for company_id, id_ in zip(self._owners(rng, total), rng.ids(5002), strict=False):
            yield generators.asset(
                rng,
                id_=id_,
                company_id=company_id,
                site_ids=sites.get(company_id, ()),
                contact_ids=contacts.get(company_id, ()),
                now=self.now,
                custom_fields=fields,
            )

    def _tickets(self, total: int) -> Iterator[Ticket]:
        rng = self._rng("tickets")
        sites, contacts, assets = (table.by("company_id") for table in (self.sites, self.contacts, self.assets))
        for company_id, id_ in zip(self._owners(rng, total), rng.ids(70_011), strict=False):
            yield ticket(
                rng,
                id_=id_,
                company_id=company_id,
                site_id=rng.maybe(0.8, sites.get(company_id) or (None,)),
                contact=self.requester(rng.maybe(0.8, contacts.get(company_id) or (None,))),
                asset_ids=tuple(rng.choose(assets.get(company_id, ())[:50], rng.pick((0, 0, 1, 2)))),
                now=self.tickets_now,
            )

    def requester(self, contact_id: int | None) -> tuple[int | None, str | None]:
        """Id and name of the person who opened a ticket."""
        if contact_id is None:
            return None, "Walk-in caller"
        person = self.contacts[contact_id]
        return contact_id, " ".join(filter(None, (person.first_name, person.last_name))) or None

    def _notes(self) -> Iterator[Note]:
        rng = self._rng("notes")
        ids = rng.ids(900_001)
        for one in self.tickets.values():
            for _ in range(rng.pick((0, 1, 2, 2, 3))):
                yield note(rng, id_=next(ids), on=one)

    def _time_entries(self) -> Iterator[TimeEntry]:
        rng = self._rng("time")
        ids = rng.ids(400_001)
        for one in self.tickets.values():
            for _ in range(rng.pick((0, 0, 1, 2))):
                yield time_entry(rng, id_=next(ids), on=one)
