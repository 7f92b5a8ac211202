"""What a connector is: facts about a vendor, and streams of records that become rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from include.connectors.common.tickets import TicketSource
from include.connectors.common.values import pick
from include.http.client import HttpClient
from include.http.session import PsaLogin
from include.model.errors import FormError
from include.model.kinds import KINDS
from include.model.limits import Limits, Pace
from include.model.page import Page
from include.model.setup import Setup

Row = dict[
    str, Any
]  # by column of the table; `is_deleted`, `deleted_at` where the vendor keeps deleted records; `kept`


class PsaClient(Protocol):
    """An open login at a PSA, as far as the pipeline needs to know it."""

    @property
    def http(self) -> HttpClient:
        """What it asks the PSA with."""


@dataclass(frozen=True)
class Column:
    """Where a column comes from: the vendor's fields it reads, how, and what a reader of the docs should know.

    `read(record, settings)` is pure and raises OddValue. `older` are names of past versions of the API, understood
    but not asked for.
    """

    fields: tuple[str, ...]
    read: Callable[[Any, Setup], Any]
    note: str = ""
    older: tuple[str, ...] = ()


def at(convert: Callable[[Any], Any], path: str, *, older: str = "", note: str = "") -> Column:
    """The value at a dotted path; `older` is the path in past versions of the API, read where the new one is absent."""

    def read(record: Any, _: Setup) -> Any:
        first = path.split(".")[0]
        chosen = older if older and isinstance(record, dict) and first not in record else path
        return pick(convert, record, *chosen.split("."))

    return Column((path,), read, note, (older,) if older else ())


@dataclass(frozen=True)
class Details:
    """What a vendor tells of one record at a time only: `columns` are unknown to the listing.

    `read(account, settings, key, company_key)` gives the record, or raises NotFound when it is gone. Each run reads as
    many as setup allows, the unknown and the longest unread ones first; a row keeps what was read last.
    """

    names: tuple[str, ...]
    read: Callable[[Any, Setup, str, str | None], Any]
    columns: Mapping[str, Column]
    custom: Column | None = None


@dataclass(frozen=True)
class Stream:
    """One table's worth of records.

    `read` yields every page or raises. `cells` say what becomes of a record, by column; `custom` reads its custom
    fields, by the keys that setup knows them by.
    `essential` are keys that every record of the vendor has: a listing in which none has one is refused.
    `find` yields the records with these keys that are still there, whatever company they belong to now; None where a
    record cannot change its company, so that a company's own list says all.
    `counted` is whether the listing's end is proven by a count that can be trusted; else what it lacks is looked for by
    `find`, and proves by being found that the listing was not complete, unless the vendor `may_hide` such a record.
    """

    table: str
    read: Callable[[Any, Setup], Iterator[Page]]
    columns: Mapping[str, Column]
    essential: tuple[str, ...] = ("id", "name")
    find: Callable[[Any, Setup, Sequence[str]], Iterator[Page]] | None = None
    custom: Column | None = None
    details: Details | None = None
    counted: bool = True
    may_hide: Callable[[Any], bool] = lambda _: False

    def unlisted(self, setup: Setup) -> list[str]:
        """The columns that no listing fills: the details', and what custom fields stand in for if they are details."""
        if self.details is None:
            return []
        custom = ["custom_fields"] * bool(setup.custom_fields_of(self.table)) + list(setup.field_map_of(self.table))
        return sorted({*self.details.names, *(custom if self.details.custom else ())})


@dataclass(frozen=True)
class Choice:
    """Something setup can choose: a custom field, type, status or board.

    `on_records`: it was seen in use, `examples` are a few values of it there; `refused` says why it cannot be chosen.
    """

    group: str
    id: str
    label: str
    note: str = ""
    on_records: bool = True
    examples: tuple[str, ...] = ()
    refused: str = ""


@dataclass(frozen=True)
class Company:
    """One company, by the vendor's key."""

    id: str
    name: str
    is_deleted: bool = False

    def __str__(self) -> str:
        return f"{self.name} ({self.id}{', deleted' if self.is_deleted else ''})"


def one_company(typed: str, found: Sequence[Company]) -> Company:
    """The company that a person meant by a name or key; raises FormError with those it could be.

    `found` holds those that match, or similar ones if none does. A key goes before a name, a living company before
    deleted ones of the same name.
    """
    named = [company for company in found if company.name.casefold() == typed.casefold()]
    matches = (
        [company for company in found if company.id == typed]
        or [company for company in named if not company.is_deleted]
        or named
    )
    if len(matches) == 1:
        return matches[0]
    offered = ", ".join(map(str, matches or found))
    if matches:
        raise FormError(f"Several companies are called '{typed}': {offered}. Give the number of the one you mean.")
    raise FormError(
        f"There is no company '{typed}'.{f' Similar: {offered}. Give the whole name or the number.' if offered else ''}"
    )


@dataclass(frozen=True)
class ConnectionField:
    """What a person types into a field of the Airflow connection, and an example."""

    meaning: str
    example: str
    required: bool = True


@dataclass(frozen=True)
class Sizes:
    """How much a tenant has."""

    companies: int
    sites: int
    assets: int
    contacts: int
    boards: int = 5


@dataclass(frozen=True)
class Connector:
    """A vendor, as data.

    `connection` are the fields of the Airflow connection: host, login, password, and `extra.<name>`.
    `limits` are the vendor's; `account_key` says which logins share them. `rights` names what each kind needs.
    `find_company` finds the one that a person named, or raises FormError, also when setup leaves that company out.
    `desk` is what the ticket page asks.
    `overlap` is taken off the start of an extraction to make its watermark. `probe` asks for as little of a kind as
    shows that it may be read, and gives its count where there is one. `remarks` are sentences about an account that
    may not see all. `cost` is how many requests a run sends, by endpoint, for a tenant of these sizes.
    """

    title: str
    connection: Mapping[str, ConnectionField]
    limits: Limits
    account_key: Callable[[PsaLogin], str]
    rights: Mapping[str, str]
    connect: Callable[[Any, PsaLogin, Pace], PsaClient]
    probe: Callable[[Any, str], int | None]
    find_company: Callable[[Any, Setup, str], Company]
    check_setup: Callable[[Any, Setup], list[str]]
    discover: Callable[[Any], list[Choice]]
    streams: Sequence[Stream]
    cost: Callable[[Sizes], Mapping[str, int]]
    tickets: TicketSource
    remarks: Callable[[Any], list[str]] = lambda _: []
    overlap: timedelta = timedelta(days=1)

    def streams_of(self, kind: str) -> list[Stream]:
        """The streams that fill the tables of a kind, in the order of KINDS."""
        by_table = {stream.table: stream for stream in self.streams}
        return [by_table[table] for table in KINDS[kind]]


def field_problems(table: str, setup: Setup, known: Mapping[str, Choice]) -> list[str]:
    """A sentence for each custom field in setup that the tenant does not have, or that may not be chosen."""
    shown = (choice for choice in known.values() if choice.on_records and not choice.refused)
    offered = ", ".join(c.id if c.label == c.id else f"{c.id} ({c.label})" for c in shown)
    wanted = {f"custom_fields.{table}.{name}": key for name, key in setup.custom_fields_of(table).items()}
    wanted |= {f"field_map.{table}.{column}": mapped.field for column, mapped in setup.field_map_of(table).items()}
    problems = []
    for place, key in wanted.items():
        if key not in known:
            problems.append(f"{place}: there is no custom field {key}. There are: {offered or 'none'}.")
        elif known[key].refused:
            problems.append(f"{place}: field {key} {known[key].refused}.")
    return problems
