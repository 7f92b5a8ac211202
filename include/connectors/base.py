"""What a connector is: facts about a vendor, and streams of records that become rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from include.connectors.values import OddValue, pick, text
from include.errors import FormError
from include.http.client import Traffic
from include.http.paging import Page, Reject
from include.http.session import PsaLogin
from include.kinds import KINDS
from include.settings import Settings

Row = dict[str, Any]  # by column of the table, and `is_deleted`, `deleted_at` where the vendor keeps deleted records


class Account(Protocol):
    """An open login at a PSA, as far as the pipeline needs to know it."""

    @property
    def traffic(self) -> Traffic:
        """What it asked the PSA so far."""


@dataclass(frozen=True)
class Cell:
    """Where a column comes from: the vendor's fields it reads, how, and what a reader of the docs should know.

    `read(record, settings)` is pure and raises OddValue. `older` are names of past versions of the API, understood
    but not asked for.
    """

    fields: tuple[str, ...]
    read: Callable[[Any, Settings], Any]
    note: str = ""
    older: tuple[str, ...] = ()


def at(convert: Callable[[Any], Any], path: str, *, older: str = "", note: str = "") -> Cell:
    """The value at a dotted path; `older` is the path in past versions of the API, read where the new one is absent."""

    def read(record: Any, _: Settings) -> Any:
        first = path.split(".")[0]
        chosen = older if older and isinstance(record, dict) and first not in record else path
        return pick(convert, record, *chosen.split("."))

    return Cell((path,), read, note, (older,) if older else ())


@dataclass(frozen=True)
class Stream:
    """One table's worth of records.

    `read` yields every page or raises. `cells` say what becomes of a record, by column.
    `essential` are keys that every record of the vendor has: a listing in which none has one is refused.
    `find` yields the records with these keys that are still there, whatever company they belong to now; None where a
    record cannot change its company, so that a company's own list says all.
    """

    table: str
    read: Callable[[Any, Settings], Iterator[Page]]
    cells: Mapping[str, Cell]
    essential: tuple[str, ...] = ("id", "name")
    find: Callable[[Any, Settings, Sequence[str]], Iterator[Page]] | None = None


@dataclass(frozen=True)
class Choice:
    """Something setup can choose: a custom field, type, status or board; `on_records`: it was seen in use."""

    group: str
    id: str
    label: str
    note: str = ""
    on_records: bool = True


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
class Connector:
    """A vendor, as data.

    `find_company` finds the one that a person named, or raises FormError, also when setup leaves that company out.
    `overlap` is taken off the start of an extraction to make its watermark. `probe` asks for as little of a kind as
    shows that it may be read, and gives its count where there is one.
    """

    title: str
    overlap: timedelta
    connect: Callable[[Any, PsaLogin, str], Account]
    probe: Callable[[Any, str], int | None]
    find_company: Callable[[Any, Settings, str], Company]
    check_settings: Callable[[Any, Settings], list[str]]
    discover: Callable[[Any], list[Choice]]
    streams: Sequence[Stream]

    def streams_of(self, kind: str) -> list[Stream]:
        """The streams that fill the tables of a kind, in the order of KINDS."""
        by_table = {stream.table: stream for stream in self.streams}
        return [by_table[table] for table in KINDS[kind]]


def rows_and_rejects(stream: Stream, page: Page, settings: Settings) -> tuple[list[Row], list[Reject]]:
    """Map a page; each record ends up in exactly one of the two lists."""
    rows, rejects = [], list(page.rejects)
    for record in page.records:
        try:
            row = {column: cell.read(record, settings) for column, cell in stream.cells.items()}
            if not row["source_id"]:
                raise OddValue("the record has no id")
        except OddValue as error:
            rejects.append(Reject(key_of(record), str(error)))
        else:
            rows.append(row)
    return rows, rejects


def key_of(record: Any) -> str | None:
    """The vendor's key of a record that could not be mapped, if it has one."""
    try:
        return pick(text, record, "id")
    except OddValue:
        return None
