"""From a page of a vendor's records to rows and rejects, with what setup says about custom fields."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from include.connectors.common.custom_values import stand_in
from include.connectors.common.values import OddValue
from include.connectors.contract import Cell, Details, Row, Stream
from include.model.page import Page, Reject
from include.model.setup import Settings


@dataclass
class Rows:
    """A page's records: each is a row or a reject. `unread` counts, by column, what a custom field could not fill."""

    rows: list[Row] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    unread: Counter[str] = field(default_factory=Counter)


def rows_of(stream: Stream, page: Page, settings: Settings) -> Rows:
    """Map a page."""
    mapped = Rows(rejects=list(page.rejects))
    unlisted = stream.unlisted(settings)
    for record in page.records:
        try:
            row = _filled(stream.table, stream.cells, stream.custom, record, settings, mapped.unread)
            if not row["source_id"]:
                raise OddValue("the record has no id")
        except OddValue as error:
            mapped.rejects.append(Reject(_key(stream, record, settings), str(error)))
        else:
            mapped.rows.append(row | {"kept": unlisted} if unlisted else row)
    return mapped


def detail_of(stream: Stream, details: Details, record: Any, settings: Settings, unread: Counter[str]) -> Row:
    """The columns that a record's details fill; raises OddValue."""
    return _filled(stream.table, details.cells, details.custom, record, settings, unread)


def _filled(
    table: str, cells: Mapping[str, Cell], custom: Cell | None, record: Any, settings: Settings, unread: Counter[str]
) -> Row:
    row = {column: cell.read(record, settings) for column, cell in cells.items()}
    if custom is None or not settings.fields(table):
        return row
    values = custom.read(record, settings)
    chosen = settings.chosen(table)
    if chosen:
        row["custom_fields"] = {name: values.get(key) for name, key in chosen.items()}
    for column, mapped in settings.mapped(table).items():
        try:
            value = stand_in(column, values.get(mapped.field), mapped.format)
        except OddValue:  # what people type into a field of their own is no reason to refuse the record
            unread[column] += 1
        else:
            if value is not None:  # an empty one leaves the column to the vendor's own field
                row[column] = value
    return row


def _key(stream: Stream, record: Any, settings: Settings) -> str | None:
    """The key that the record would have had as a row, so that the row it means is not taken for gone."""
    try:
        key: str | None = stream.cells["source_id"].read(record, settings)
    except OddValue:
        return None
    return key


def key_of(stream: Stream, record: Any, settings: Settings) -> str:
    """The record's key as a message can show it."""
    return _key(stream, record, settings) or "a record without a usable key"
