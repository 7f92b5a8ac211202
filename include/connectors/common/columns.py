"""Where a column comes from: the vendor's fields, and how they are read.

A table's columns are said in one place per vendor.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Generic, TypeAlias, TypeVar

from include.connectors.common.many_values import pick_all
from include.connectors.common.values import InvalidValue, boolean, instant, pick, text
from include.model.numbers import whole_number
from include.model.page import Record

X_contra = TypeVar("X_contra", contravariant=True)
X = TypeVar("X")

FIRST = "the first that is filled in"
EXTENSION = "what follows `x` or `ext` at the end of that number"
OWN_EXTENSION = f"of the first number; otherwise {EXTENSION}"
# At least four digits before it, so that nothing but a number with its extension is taken for one.
_EXTENSION = re.compile(
    r"(?:[^0-9]*[0-9]){4,}[\s,;(./-]*(?:x|ext(?:n|ension)?)[\s.:=#]*([0-9]{1,7})[\s)]*", re.IGNORECASE
)

ADDRESS = ("address_line_1", "address_line_2", "city", "state", "postal_code", "country")

OPTIONAL = ("is_deleted", "deleted_at", "kept")
"""Keys of a row beside its columns: whether and when the vendor deleted the record, where it keeps deleted ones; and
the columns that this record does not show, whose stored values stay."""

BOOKKEEPING = ("source_updated_at", "deleted_at")
"""Columns whose value is no reason to reject a record: an invalid one is left out and reported."""


@dataclass(frozen=True)
class Column(Generic[X_contra]):
    """How one column is read from a record.

    X is what `read` needs beside the record: setup for the columns of a table, the client for those of a ticket.
    """

    fields: tuple[str, ...]
    """The vendor's fields that it reads, as dotted paths."""
    read: Callable[[Record, X_contra], object]
    """Pure; raises InvalidValue."""
    note: str = ""
    """What a reader of the documentation should know."""
    older: tuple[str, ...] = ()
    """Names of the fields in past versions of the API: understood, and not asked for."""
    is_available: bool = True
    """False where the vendor has nothing of the kind; then `note` says so."""
    many: Callable[[Sequence[Record], X_contra], list[object]] | None = None
    """What `read` reads, of many records at once, where that is quicker."""

    def read_all(self, records: Sequence[Record], given: X_contra) -> list[object]:
        """The values of records that are objects; raises InvalidValue if one of them is invalid."""
        if self.many:
            return self.many(records, given)
        return [self.read(record, given) for record in records]

    def if_readable(self, record: Record, given: X_contra) -> object:
        """The value; None where it is invalid."""
        try:
            return self.read(record, given)
        except InvalidValue:
            return None


def of_many(
    fields: tuple[str, ...],
    many: Callable[[Sequence[Record], X], list[Record]],
    note: str = "",
    older: tuple[str, ...] = (),
) -> Column[X]:
    """A column that is read from many records at once, also where there is only one."""
    return Column(fields, lambda record, given: many([record], given)[0], note, older, many=many)


Columns: TypeAlias = Mapping[str, Column[X]]


def at(convert: Callable[[Record], object], path: str, *, older: str = "", note: str = "") -> Column[object]:
    """The value at a dotted path; `older` is the path in past versions of the API, read where the new one is absent."""
    steps, older_steps = path.split("."), older.split(".")

    def read(record: Record, _: object) -> object:
        return pick(convert, record, *steps)

    def read_all(records: Sequence[Record], _: object) -> list[object]:
        return pick_all(convert, records, *steps)

    def read_either(record: Record, _: object) -> object:
        is_older = isinstance(record, dict) and steps[0] not in record
        return pick(convert, record, *(older_steps if is_older else steps))

    return Column((path,), read_either, note, (older,)) if older else Column((path,), read, note, many=read_all)


def either(*columns: Column[X], note: str = "") -> Column[X]:
    """The value of the first of these columns that is not empty."""

    reads = [column.read for column in columns]

    def read(record: Record, given: X) -> object:
        for read_column in reads:
            value = read_column(record, given)
            if value is not None:
                return value
        return None

    def read_all(records: Sequence[Record], given: X) -> list[object]:
        values: list[object] = [*columns[0].read_all(records, given)] if columns else [None] * len(records)
        for column in columns[1:]:
            _fill(values, column, records, given)
        return values

    fields = tuple(name for column in columns for name in column.fields)
    older = tuple(name for column in columns for name in column.older)
    return Column(fields, read, note or (FIRST if len(columns) > 1 else ""), older, many=read_all)


def _fill(values: list[object], column: Column[X], records: Sequence[Record], given: X) -> None:
    empty = [place for place, value in enumerate(values) if value is None]
    if empty:
        for place, value in zip(empty, column.read_all([records[one] for one in empty], given), strict=True):
            values[place] = value


def first_of(convert: Callable[[Record], object], *paths: str, note: str = "") -> Column[object]:
    """The first of these values that is not empty."""
    return either(*(at(convert, path) for path in paths), note=note)


def latest(*paths: str) -> Column[object]:
    """The last of these moments. An invalid one is reported, and the others count."""
    places = [path.split(".") for path in paths]

    def read(record: Record, _: object) -> datetime | None:
        moments, invalid = [], ""
        for steps in places:
            try:
                moments.append(pick(instant, record, *steps))
            except InvalidValue as error:
                invalid = str(error)
        last = max(filter(None, moments), default=None)
        if invalid:
            raise InvalidValue(invalid, usable=last)
        return last

    def read_all(records: Sequence[Record], _: object) -> list[object]:
        moments = (pick_all(instant, records, *steps) for steps in places)
        return [max(filter(None, some), default=None) for some in zip(*moments, strict=True)]

    return Column(paths, read, "the later one", many=read_all)


def joined(*paths: str, note: str = "") -> Column[object]:
    """The texts at these paths, separated by spaces; empty ones are left out."""
    texts = [at(text, path) for path in paths]

    def read_all(records: Sequence[Record], given: object) -> list[object]:
        values = (part.read_all(records, given) for part in texts)
        return [" ".join(filter(None, some)) or None for some in zip(*values, strict=True)]

    return of_many(paths, read_all, note)


def address(*paths: str) -> dict[str, Column[object]]:
    """The columns of an address, whose texts are at these paths: two lines, city, state, postal code and country.

    Fewer paths leave out the last columns.
    """
    return {name: at(text, path) for name, path in zip(ADDRESS, paths, strict=False)}


def phone(*paths: str, extension: str = "") -> dict[str, Column[object]]:
    """The columns of a telephone number: the first of these that is filled in, and its extension.

    The field `extension` belongs to the first path. Otherwise a number may end with its extension.
    """
    number, first, own_extension = first_of(text, *paths), at(text, paths[0]), at(text, extension)

    def read(record: Record, given: object) -> object:
        is_of_number = first.read(record, given) or number.read(record, given) is None
        return own_extension.read(record, given) if is_of_number else None

    inside = extension_of(number)
    own = Column((extension,), read)
    return {"phone": number, "phone_extension": either(own, inside, note=OWN_EXTENSION) if extension else inside}


def extension_of(number: Column[X]) -> Column[X]:
    """The extension inside a telephone number."""
    return of_many(
        number.fields, lambda records, given: list(map(extension_in, number.read_all(records, given))), EXTENSION
    )


def extension_in(number: object) -> str | None:
    """The extension with which a telephone number ends, where that is unmistakable: `555-0100 x12`, `… ext. 12`."""
    found = _EXTENSION.fullmatch(number) if isinstance(number, str) else None
    return found[1] if found else None


def flags(labels: Mapping[str, str]) -> Column[object]:
    """The labels of the flags that are set, comma-separated; `labels` are by path."""

    columns = [(at(boolean, path), label) for path, label in labels.items()]

    def read(record: Record, given: object) -> str | None:
        return ", ".join(label for column, label in columns if column.read(record, given)) or None

    return Column(tuple(labels), read, ", ".join(f"`{label}`" for label in labels.values()))


def by_id(entries: Iterable[Record]) -> list[Record]:
    """The entries of a list inside a record by id, whatever their order in the list; those without an id come last."""
    entries = list(entries)
    if len(entries) < 2:
        return entries
    by_key = sorted([(_id_of(entry), entry) for entry in entries], key=itemgetter(0))
    if len({key for key, _ in by_key}) < len(by_key):
        by_key.sort(key=lambda one: (one[0], json.dumps(one[1], sort_keys=True, default=str)))
    return [entry for _, entry in by_key]


def _id_of(entry: Record) -> float:
    key = whole_number(entry.get("id"))
    return math.inf if key is None else key


def flagged_or_first(entries: Iterable[Record], flag: str) -> Record:
    """The first entry with the flag, otherwise the first one, in the order of `by_id`; None where there are none."""
    entries = list(entries)
    if len(entries) == 1 and type(entries[0].get(flag)) is bool:  # nearly always
        return entries[0]
    return min(by_id(entries), key=lambda entry: not pick(boolean, entry, flag), default=None)


def not_available(note: str = "") -> Column[object]:
    """A column that the vendor has nothing for: it is null unless setup's field map fills it."""
    return Column((), lambda *_: None, note, is_available=False, many=lambda records, _: [None] * len(records))
