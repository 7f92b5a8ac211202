"""From a page of a vendor's records to rows and rejects, with what setup says about custom fields."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from include.connectors.common.columns import BOOKKEEPING, Column, Columns
from include.connectors.common.custom_values import chosen_values, column_value
from include.connectors.common.values import InvalidValue, text_key
from include.connectors.contract import C, Details, Stream
from include.model.errors import ShapeError
from include.model.page import Page, Record, Reject
from include.model.setup import Setup
from include.model.tickets import NO_REFERENCE, Reference, Ticket

Row: TypeAlias = dict[str, Any]
"""Values by column; see `columns.OPTIONAL` for the keys beside the table's columns."""
MAX_KEY_BYTES = 2_000
"""Of a record's key: Postgres' indexes hold no more than 2,704 bytes, with the name of the PSA."""


@dataclass
class Rows:
    """The records of a page, each as a row or as a reject."""

    rows: list[Row] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    unread: Counter[str] = field(default_factory=Counter)
    """By column, how many custom fields held something that the column cannot, and how many dates were invalid that
    only serve bookkeeping."""


def map_page(stream: Stream[C], page: Page, setup: Setup) -> Rows:
    """Map a page."""
    mapped = Rows(rejects=list(page.rejects))
    for record in page.records:
        try:
            require_object(record)
            row = _filled(stream.table, stream.columns, stream.custom, record, setup, mapped.unread)
            _check_key(row["source_id"])
        except InvalidValue as error:
            mapped.rejects.append(Reject(_key(stream, record, setup), str(error)))
        else:
            kept = stream.kept(row, setup)
            mapped.rows.append(row | {"kept": kept} if kept else row)
    return mapped


def map_details(stream: Stream[C], details: Details[C], record: Record, setup: Setup, unread: Counter[str]) -> Row:
    """The columns that a record's details fill; raises InvalidValue."""
    return _filled(stream.table, details.columns, details.custom, record, setup, unread)


def map_ticket(columns: Columns[C], record: Record, client: C) -> Ticket | None:
    """A record as the ticket page shows it: a value that cannot be read is left out. None without a usable key."""
    values: dict[str, Any] = {name: column.if_readable(record, client) for name, column in columns.items()}
    if not values["key"]:
        return None
    for name in _REFERENCES:
        if not isinstance(values.get(name), Reference):
            values[name] = NO_REFERENCE
    return Ticket(**{**values, "number": values["number"] or values["key"]})


def map_one_ticket(columns: Columns[C], record: Record, client: C, key: str, what: str) -> Ticket:
    """The ticket with this key; raises ShapeError for any other. `what` names vendor and path."""
    ticket = map_ticket(columns, record, client)
    if ticket is None or ticket.key != key:
        raise ShapeError(f"{what} answered with another record than the one that was asked for.")
    return ticket


_REFERENCES = {name for name, one in Ticket.__dataclass_fields__.items() if one.default is NO_REFERENCE}


def _filled(
    table: str,
    columns: Mapping[str, Column[Setup]],
    custom: Column[Setup] | None,
    record: Record,
    setup: Setup,
    unread: Counter[str],
) -> Row:
    row = _row(columns, record, setup, unread)
    if custom is None or not setup.field_ids(table):
        return row
    values = _custom_values(custom, record, setup)
    chosen = setup.custom_fields_of(table)
    if chosen:
        row["custom_fields"] = chosen_values(values, chosen)
    for name, mapped in setup.field_map_of(table).items():
        try:
            value = column_value(name, values.get(mapped.field), mapped.format)
        except InvalidValue:  # what people type into a field of their own is no reason to refuse the record
            unread[name] += 1
        else:
            if value is not None:  # an empty one leaves the column to the vendor's own field
                row[name] = value
    return row


def _custom_values(custom: Column[Setup], record: Record, setup: Setup) -> dict[str, Record]:
    try:
        values: Any = custom.read(record, setup)
    except RecursionError:
        raise InvalidValue("custom fields are nested too deeply") from None
    return dict(values)


def require_object(record: Record) -> None:
    """Raise InvalidValue for a record that is none."""
    if not isinstance(record, dict):
        raise InvalidValue(f"an object expected, got {type(record).__name__}")


def _row(columns: Mapping[str, Column[Setup]], record: Record, setup: Setup, unread: Counter[str]) -> Row:
    try:
        return {name: column.read(record, setup) for name, column in columns.items()}
    except InvalidValue:  # rare, and then it is worth the time to see what can still be used
        return {name: _value(name, column, record, setup, unread) for name, column in columns.items()}


def _value(name: str, column: Column[Setup], record: Record, setup: Setup, unread: Counter[str]) -> object:
    try:
        return column.read(record, setup)
    except InvalidValue as error:
        if name not in BOOKKEEPING:
            raise
        unread[name] += 1
        return error.usable


def _check_key(key: object) -> None:
    """Raise InvalidValue for a key that no row can have."""
    usable = text_key(key)
    if not usable:
        raise InvalidValue("the record has no id")
    if len(usable.encode()) > MAX_KEY_BYTES:
        raise InvalidValue(f"its id has more than the {MAX_KEY_BYTES:,} bytes that an index can hold")


def _key(stream: Stream[C], record: Record, setup: Setup) -> str | None:
    """The key that the record would have had as a row, so that the row it means is not marked deleted."""
    try:
        require_object(record)
        return text_key(stream.columns["source_id"].read(record, setup))
    except InvalidValue:
        return None


def key_of(stream: Stream[C], record: Record, setup: Setup) -> str:
    """The record's key as a message can show it."""
    return _key(stream, record, setup) or "a record without a usable key"
