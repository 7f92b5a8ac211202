"""From a page of a vendor's records to rows and rejects, with what setup says about custom fields."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from include.connectors.common.columns import BOOKKEEPING, Column
from include.connectors.common.custom_values import chosen_values, column_value
from include.connectors.common.many_values import check_keys
from include.connectors.common.values import InvalidValue, check_key, text_key
from include.connectors.contract import C, Details, Stream
from include.model.page import Page, Record, Reject
from include.model.setup import MappedField, Setup

Row: TypeAlias = dict[str, Any]
"""Values by column; see `columns.OPTIONAL` for the keys beside the table's columns."""
ColumnValues: TypeAlias = dict[str, list[Record]]
"""By column, as in a Row, its value in each row."""


@dataclass
class Mapped:
    """The records of a page, each as a row or as a reject; the rows column by column."""

    columns: ColumnValues = field(default_factory=dict)
    rows: int = 0
    """How many there are."""
    rejects: list[Reject] = field(default_factory=list)
    unread: Counter[str] = field(default_factory=Counter)
    """By column, how many custom fields held something that the column cannot, and how many dates were invalid that
    only serve bookkeeping."""

    def add(self, columns: ColumnValues, rows: int) -> None:
        """Append rows. Where only some rows have a column, it is empty in the others."""
        for name in {**self.columns, **columns}:
            self.columns.setdefault(name, [None] * self.rows).extend(columns.get(name) or [None] * rows)
        self.rows += rows


@dataclass
class Rows:
    """The records of a page, each as a row or as a reject."""

    rows: list[Row] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    unread: Counter[str] = field(default_factory=Counter)
    """As of Mapped."""


def map_page(stream: Stream[C], page: Page, setup: Setup) -> Rows:
    """Map a page, row by row."""
    mapped = map_columns(stream, page, setup)
    rows = [dict(zip(mapped.columns, values, strict=True)) for values in zip(*mapped.columns.values(), strict=True)]
    return Rows(rows, mapped.rejects, mapped.unread)


def map_columns(stream: Stream[C], page: Page, setup: Setup) -> Mapped:
    """Map a page, column by column."""
    mapped = Mapped(rejects=list(page.rejects))
    if page.records:
        _map(stream, page.records, setup, mapped)
    return mapped


def _map(stream: Stream[C], records: Sequence[Record], setup: Setup, mapped: Mapped) -> None:
    """Map records all at once; where some are invalid, half of them at a time, so that the others are quick."""
    try:
        columns, unread = _read_all(stream, records, setup)
    except InvalidValue:
        if len(records) == 1:
            _map_one(stream, records[0], setup, mapped)
            return
        half = len(records) // 2
        _map(stream, records[:half], setup, mapped)
        _map(stream, records[half:], setup, mapped)
    else:
        mapped.add(_with_kept(stream, columns, len(records), setup), len(records))
        mapped.unread += unread


def _map_one(stream: Stream[C], record: Record, setup: Setup, mapped: Mapped) -> None:
    """Map a record of which something is invalid: that can be the reason for a reject, or only for an empty column."""
    try:
        require_object(record)
        row = _filled(stream.table, stream.columns, stream.custom, record, setup, mapped.unread)
        check_key(row["source_id"])
    except InvalidValue as error:
        mapped.rejects.append(Reject(_key(stream, record, setup), str(error)))
    else:
        mapped.add(_with_kept(stream, {name: [value] for name, value in row.items()}, 1, setup), 1)


def _read_all(stream: Stream[C], records: Sequence[Record], setup: Setup) -> tuple[ColumnValues, Counter[str]]:
    """The columns of all these records, and what custom fields did not fill; raises InvalidValue."""
    for record in records:
        require_object(record)
    columns = {name: column.read_all(records, setup) for name, column in stream.columns.items()}
    check_keys(columns["source_id"])
    unread: Counter[str] = Counter()
    if stream.custom and setup.field_ids(stream.table):
        values = [_custom_values(stream.custom, record, setup) for record in records]
        _fill_from_custom_fields(columns, stream.table, values, setup, unread)
    return columns, unread


def _fill_from_custom_fields(
    columns: ColumnValues, table: str, values: Sequence[Mapping[str, Record]], setup: Setup, unread: Counter[str]
) -> None:
    """Fill what setup chose; an empty custom field leaves a column to the vendor's own field."""
    if chosen := setup.custom_fields_of(table):
        columns["custom_fields"] = [chosen_values(one, chosen) for one in values]
    for name, mapped in setup.field_map_of(table).items():
        filled = [_from_custom_field(name, mapped, one, unread) for one in values]
        if name in columns:
            columns[name] = [own if new is None else new for new, own in zip(filled, columns[name], strict=True)]
        elif any(new is not None for new in filled):
            columns[name] = filled


def _with_kept(stream: Stream[C], columns: ColumnValues, rows: int, setup: Setup) -> ColumnValues:
    kept = stream.kept(columns, rows, setup)
    return columns | {"kept": kept} if any(kept) else columns


def map_details(stream: Stream[C], details: Details[C], record: Record, setup: Setup, unread: Counter[str]) -> Row:
    """The columns that a record's details fill; raises InvalidValue."""
    return _filled(stream.table, details.columns, details.custom, record, setup, unread)


def _filled(
    table: str,
    columns: Mapping[str, Column[Setup]],
    custom: Column[Setup] | None,
    record: Record,
    setup: Setup,
    unread: Counter[str],
) -> Row:
    read = {name: [value] for name, value in _row(columns, record, setup, unread).items()}
    if custom and setup.field_ids(table):
        _fill_from_custom_fields(read, table, [_custom_values(custom, record, setup)], setup, unread)
    return {name: value for name, (value,) in read.items()}


def _from_custom_field(name: str, mapped: MappedField, values: Mapping[str, Record], unread: Counter[str]) -> object:
    """What a custom field fills the column with; None where it is empty or cannot be used."""
    try:
        return column_value(name, values.get(mapped.field), mapped.format)
    except InvalidValue:  # what people type into a field of their own is no reason to refuse the record
        unread[name] += 1
        return None


def _custom_values(custom: Column[Setup], record: Record, setup: Setup) -> dict[str, Record]:
    try:
        values: Any = custom.read(record, setup)
    except RecursionError:
        raise InvalidValue("custom fields are nested too deeply") from None
    return dict(values)


def require_object(record: Record) -> None:
    """Raise InvalidValue for a record that is not an object."""
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


def _key(stream: Stream[C], record: Record, setup: Setup) -> str | None:
    """The key of the row that the record stands for, so that this row is not marked deleted."""
    try:
        require_object(record)
        return text_key(stream.columns["source_id"].read(record, setup))
    except InvalidValue:
        return None


def key_of(stream: Stream[C], record: Record, setup: Setup) -> str:
    """The record's key as a message can show it."""
    return _key(stream, record, setup) or "a record without a usable key"
