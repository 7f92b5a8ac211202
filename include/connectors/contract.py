"""What a connector is: facts about a vendor, and streams of records that become rows of our tables.

Everything is generic over C, the vendor's own client, so that a type checker follows it from `connect` to each stream.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, Protocol, TypeVar

from include.connectors.common.column_check import check_columns
from include.connectors.common.columns import Column, Columns
from include.http.client import HttpClient
from include.http.session import PsaLogin, Session
from include.model.choices import Choice, ConnectionField, Sizes
from include.model.kinds import KINDS
from include.model.limits import Limits, Pace
from include.model.page import Page, Position, Record
from include.model.scope import EVERYTHING, Scope
from include.model.setup import Setup
from include.model.tickets import Reference, Ticket, TicketDetail, TicketPage, TicketQuery


class PsaClient(Protocol):
    """An open login at a PSA, as far as the pipeline needs to know it."""

    @property
    def http(self) -> HttpClient:
        """What sends its requests."""


C = TypeVar("C", bound=PsaClient)


@dataclass(frozen=True)
class ReadContext(Generic[C]):
    """What a function that reads from a PSA needs to know."""

    client: C
    setup: Setup
    scope: Scope = EVERYTHING
    resume: Position | None = None
    """Where the listing goes on, for pages with positions; a listing that cannot go on there raises PositionLost."""


@dataclass(frozen=True)
class Details(Generic[C]):
    """Columns that a vendor gives for one record at a time only."""

    read: Callable[[ReadContext[C], str, str | None], Record]
    """`read(context, key, company_key)` gives the whole record; raises NotFound when it is gone."""
    usual_hours: float
    """For how long a nightly run reads details, unless setup says otherwise."""
    columns: Columns[Setup]
    """Where these columns come from in that record. A column that the listing has as well is only completed: what the
    listing says goes first."""
    custom: Column[Setup] | None = None
    """Where custom fields come from, where only details have them."""


@dataclass(frozen=True)
class Stream(Generic[C]):
    """The records that fill one table."""

    table: str
    read: Callable[[ReadContext[C]], Iterator[Page]]
    """Yields every page of the listing within the scope, or raises."""
    columns: Columns[Setup]
    """Where each column comes from; together with the details' every column of the table."""
    essential: tuple[str, ...] = ("id", "name")
    """Keys that records of this vendor always have: a listing in which no record has one of them is refused."""
    find: Callable[[ReadContext[C], Sequence[str]], Iterator[Page]] | None = None
    """Yields the records with these keys that still exist, whatever company they belong to now. None where a record
    cannot change its company, so that the company's own listing is enough."""
    custom: Column[Setup] | None = None
    """Where custom fields come from: a mapping from the vendor's field id to the value."""
    details: Details[C] | None = None
    is_counted: bool = True
    """Whether a trustworthy count proves the end of the listing. Otherwise records that it did not contain are asked
    for by `find`; one that exists proves that the listing was not complete."""
    may_hide: Callable[[Record], bool] = lambda _: False
    """Whether the vendor may leave this record out of listings although it exists."""
    changed: Callable[[ReadContext[C]], Iterator[Page]] | None = None
    """Yields the records that changed since `context.scope.since`, as the vendor's own dates say; raises FilterIgnored
    when the server delivers older ones, or leaves out newer ones. None where the vendor cannot be asked for changes."""
    changed_companies: Callable[[ReadContext[C]], Iterable[str]] | None = None
    """For a list below each company, which has no dates of its own: yields the keys of the companies that changed since
    `context.scope.since`. `changed` then reads the whole lists of `context.scope.companies`."""
    count: Callable[[ReadContext[C]], int | None] | None = None
    """Gives how many live records there are of all companies, by the server's own count: a quick run lists no keys if
    there are as many rows. None where the server does not count."""
    keys: Callable[[ReadContext[C]], Iterator[Page]] | None = None
    """Yields all live records of the listing with little more than their keys, and proves its end, so that a quick run
    finds the missing ones. None where this would cost about as much as the listing itself."""

    def __post_init__(self) -> None:
        details = self.details
        check_columns(
            self.table,
            self.columns,
            details.columns if details else {},
            has_custom=self.custom is not None or bool(details and details.custom),
        )

    def from_details(self, setup: Setup) -> list[str]:
        """The columns that setup fills from custom fields of the details: what the listing says does not count."""
        if self.details is None or self.details.custom is None:
            return []
        return [*setup.field_map_of(self.table), *(["custom_fields"] if setup.custom_fields_of(self.table) else [])]

    def unlisted(self, setup: Setup) -> set[str]:
        """The columns that no listing fills. Details are read where there are any."""
        columns = self.details.columns if self.details else {}
        return {*(name for name in columns if name not in self.columns), *self.from_details(setup)}

    def reads_details(self, setup: Setup) -> bool:
        """Whether runs read details: there are columns that no listing fills, and setup allows it."""
        return bool(self.unlisted(setup)) and setup.details_per_night != 0

    def kept(self, columns: Mapping[str, Sequence[object]], rows: int, setup: Setup) -> list[list[str] | None]:
        """Of each listed row, the columns that keep their stored value until the record's details are read.

        A column that both have is kept where the listing has nothing, as long as details are read at all.
        """
        unlisted, replaced = self.unlisted(setup), self.from_details(setup)
        completed = self.details.columns if self.details and self.reads_details(setup) else {}
        names = sorted(unlisted | completed.keys())
        kept = [[name] * rows if name in replaced else _if_empty(name, columns.get(name), rows) for name in names]
        return [[name for name in row if name] or None for row in zip(*kept, strict=True)] or [None] * rows


def _if_empty(name: str, values: Sequence[object] | None, rows: int) -> list[str | None]:
    return [name if value is None else None for value in values] if values else [name] * rows


@dataclass(frozen=True)
class CompanyChoices(Generic[C]):
    """What setup's company filter can choose from at a vendor, as labels by key."""

    title: str
    """The vendor's name, for messages."""
    statuses: Callable[[C], Mapping[str, str]]
    types: Callable[[C], Mapping[str, str]] | None = None
    """None where the vendor has no company types."""
    status_from_type: bool = False
    """Whether setup may say that a company's type stands for its status (`companies.status_from`)."""
    has_statuses: bool = False
    """Whether companies have a status of their own, so that nothing has to stand for it."""


@dataclass(frozen=True)
class TypedCompany:
    """What a person typed to name a company."""

    text: str
    key: str | None
    """The same as a key, where it can be one."""
    word: str
    """Its longest word, for a search; empty where it has none."""


@dataclass(frozen=True)
class CompanySearch(Generic[C]):
    """How a vendor is asked for companies by name or number."""

    max_key: int
    """The vendor's keys are below."""
    columns: Columns[Setup]
    """Where key, name and `is_deleted` come from in the vendor's records."""
    candidates: Callable[[C, TypedCompany], Iterable[Iterable[Page]]]
    """Companies that may be meant, the most likely ones first; each listing costs requests only when it is reached."""
    companies: Callable[[ReadContext[C]], Iterator[Page]]
    """The companies that setup selects; of a company in scope that one alone, if setup selects it."""


@dataclass(frozen=True)
class TicketSource(Generic[C]):
    """Live tickets of a vendor, for the ticket page."""

    board: str
    """What the vendor calls a board."""
    columns: Columns[C]
    """Where each field of a ticket comes from, by the names of Ticket's fields."""
    search: Callable[[C, TicketQuery], TicketPage]
    """A page of tickets."""
    detail: Callable[[C, str], TicketDetail]
    """A ticket by its key; raises NotFound when it is gone."""
    people: Callable[[C], Sequence[Reference]]
    """Everyone whom a ticket can be assigned to."""
    order: str = ""
    """A sentence about what keeps the newest activity from coming first over all pages."""

    def __post_init__(self) -> None:
        check_columns(Ticket.__name__, self.columns, expected=tuple(Ticket.__dataclass_fields__))


@dataclass(frozen=True)
class Connector(Generic[C]):
    """A vendor, as data."""

    title: str
    """The product's name."""
    connection: Mapping[str, ConnectionField]
    """The fields of the Airflow connection: host, login, password, and `extra.<name>`."""
    limits: Limits
    """The vendor's request limits."""
    account_key: Callable[[PsaLogin], str]
    """Which account's limits a login spends: logins with the same key share them."""
    rights: Mapping[str, str]
    """The right that each kind needs, in the vendor's words."""
    connect: Callable[[Session, PsaLogin, Pace], C]
    """Opens a client; checks what was typed into the connection and sends nothing yet."""
    probe: Callable[[C, str], int | None]
    """Asks for as little of a kind as shows that it may be read; gives its count where there is one."""
    company_choices: CompanyChoices[C]
    company_search: CompanySearch[C]
    custom_fields: Callable[[C, str, Setup | None], Mapping[str, Choice]]
    """`custom_fields(client, table, setup)` gives the custom fields of a table by id: at least those that setup uses;
    all of them, with examples, where setup is None."""
    streams: Sequence[Stream[C]]
    cost: Callable[[Sizes], Mapping[str, int]]
    """How many requests a first run sends, by endpoint, for a tenant of these sizes."""
    tickets: TicketSource[C]
    other_choices: Callable[[C], Iterable[Choice]] = lambda _: ()
    """What else setup can choose, such as company types. Statuses and boards are rows of tables."""
    custom_field_modules: Callable[[C], Mapping[str, Sequence[Choice]]] | None = None
    """The custom fields of each module by its number, where setup says which module a table's custom fields are read
    from (`custom_field_modules`). None where the vendor has no modules."""
    remarks: Callable[[C], list[str]] = lambda _: []
    """Sentences about signs that this login does not see everything."""
    overlap: timedelta = timedelta(days=1)
    """Taken off the start of an extraction to make its watermark."""

    def stream_of(self, table: str) -> Stream[C]:
        """The stream that fills a table."""
        return next(stream for stream in self.streams if stream.table == table)

    def streams_of(self, kind: str) -> list[Stream[C]]:
        """The streams that fill the tables of a kind, in the order of KINDS."""
        by_table = {stream.table: stream for stream in self.streams}
        return [by_table[table] for table in KINDS[kind]]
