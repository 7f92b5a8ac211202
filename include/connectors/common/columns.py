"""Where a column comes from: the vendor's fields, and how they are read.

A table's columns are said in one place per vendor. `check_columns` makes loading the connector fail when a name is
misspelt, or when a vendor does not say of a column where it comes from or that there is nothing to read.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeAlias, TypeVar

from include.connectors.common.values import InvalidValue, boolean, instant, integer, pick, text
from include.model.page import Record
from include.model.tables import BY_NAME
from include.model.wording import suggestion

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
"""Of a row, beside its columns: whether and when the vendor deleted the record, where it keeps deleted ones; and the
columns that this record does not tell, whose stored values stay."""

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

    def if_readable(self, record: Record, given: X_contra) -> object:
        """The value; None where it is invalid."""
        try:
            return self.read(record, given)
        except InvalidValue:
            return None


Columns: TypeAlias = Mapping[str, Column[X]]


def at(convert: Callable[[Record], object], path: str, *, older: str = "", note: str = "") -> Column[object]:
    """The value at a dotted path; `older` is the path in past versions of the API, read where the new one is absent."""
    steps, older_steps = path.split("."), older.split(".")

    def read(record: Record, _: object) -> object:
        return pick(convert, record, *steps)

    def read_either(record: Record, _: object) -> object:
        is_older = isinstance(record, dict) and steps[0] not in record
        return pick(convert, record, *(older_steps if is_older else steps))

    return Column((path,), read_either, note, (older,)) if older else Column((path,), read, note)


def either(*columns: Column[X], note: str = "") -> Column[X]:
    """The value of the first of these columns that is not empty."""

    reads = [column.read for column in columns]

    def read(record: Record, given: X) -> object:
        for read_column in reads:
            value = read_column(record, given)
            if value is not None:
                return value
        return None

    fields = tuple(name for column in columns for name in column.fields)
    older = tuple(name for column in columns for name in column.older)
    return Column(fields, read, note or (FIRST if len(columns) > 1 else ""), older)


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

    return Column(paths, read, "the later one")


def joined(*paths: str, note: str = "") -> Column[object]:
    """The texts at these paths, separated by spaces; empty ones are left out."""
    texts = [at(text, path) for path in paths]

    def read(record: Record, given: object) -> object:
        return " ".join(str(value) for part in texts if (value := part.read(record, given))) or None

    return Column(paths, read, note)


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
    return Column(number.fields, lambda record, given: extension_in(number.read(record, given)), EXTENSION)


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
    """The entries of a list inside a record in an order that is not the list's: by id, those without one last."""
    return sorted(entries, key=lambda entry: (_id_of(entry), json.dumps(entry, sort_keys=True, default=str)))


def _id_of(entry: Record) -> float:
    try:
        key = pick(integer, entry, "id")
    except InvalidValue:
        key = None
    return math.inf if key is None else key


def flagged_or_first(entries: Iterable[Record], flag: str) -> Record:
    """The first entry with the flag, otherwise the first one, in the order of `by_id`; None where there are none."""
    return min(by_id(entries), key=lambda entry: not pick(boolean, entry, flag), default=None)


def not_available(note: str = "") -> Column[object]:
    """A column that the vendor has nothing for: it is null unless setup's field map fills it."""
    return Column((), lambda _record, _: None, note, is_available=False)


def check_columns(
    table: str,
    columns: Mapping[str, object],
    details: Mapping[str, object] | None = None,
    *,
    has_custom: bool = False,
    expected: Sequence[str] = (),
) -> None:
    """Raise ValueError unless exactly the columns of a table are said, in the listing's or the details' mapping."""
    names = tuple(expected) or ("source_id", *BY_NAME[table].facts)
    said = {*columns, *(details or {}), *(["custom_fields"] if has_custom else [])}
    problems = [
        f"'{name}' is not a column of {table}.{suggestion(name, names)}"
        for name in sorted(said - {*names, *OPTIONAL, "custom_fields"})
    ]
    problems += [
        f"{table}.{name}: say where it comes from, or `not_available(…)` where the vendor has nothing of the kind."
        for name in names
        if name not in said
    ]
    if problems:
        raise ValueError(" ".join(problems))
