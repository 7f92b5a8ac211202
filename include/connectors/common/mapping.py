"""From a page of a vendor's records to rows and rejects, with what setup says about custom fields."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from include.connectors.common.custom_values import stand_in
from include.connectors.common.values import InvalidValue
from include.connectors.contract import Column, Details, Row, Stream
from include.model.page import Page, Reject
from include.model.setup import Setup


@dataclass
class Rows:
    """A page's records: each is a row or a reject. `unread` counts, by column, what a custom field could not fill."""

    rows: list[Row] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    unread: Counter[str] = field(default_factory=Counter)


def map_page(stream: Stream, page: Page, setup: Setup) -> Rows:
    """Map a page."""
    mapped = Rows(rejects=list(page.rejects))
    unlisted = stream.unlisted(setup)
    for record in page.records:
        try:
            row = _filled(stream.table, stream.columns, stream.custom, record, setup, mapped.unread)
            if not row["source_id"]:
                raise InvalidValue("the record has no id")
        except InvalidValue as error:
            mapped.rejects.append(Reject(_key(stream, record, setup), str(error)))
        else:
            mapped.rows.append(row | {"kept": unlisted} if unlisted else row)
    return mapped


def map_details(stream: Stream, details: Details, record: Any, setup: Setup, unread: Counter[str]) -> Row:
    """The columns that a record's details fill; raises OddValue."""
    return _filled(stream.table, details.columns, details.custom, record, setup, unread)


def _filled(
    table: str, columns: Mapping[str, Column], custom: Column | None, record: Any, setup: Setup, unread: Counter[str]
) -> Row:
    row = {column: cell.read(record, setup) for column, cell in columns.items()}
    if custom is None or not setup.field_ids(table):
        return row
    values = custom.read(record, setup)
    chosen = setup.custom_fields_of(table)
    if chosen:
        row["custom_fields"] = {name: values.get(key) for name, key in chosen.items()}
    for column, mapped in setup.field_map_of(table).items():
        try:
            value = stand_in(column, values.get(mapped.field), mapped.format)
        except InvalidValue:  # what people type into a field of their own is no reason to refuse the record
            unread[column] += 1
        else:
            if value is not None:  # an empty one leaves the column to the vendor's own field
                row[column] = value
    return row


def _key(stream: Stream, record: Any, setup: Setup) -> str | None:
    """The key that the record would have had as a row, so that the row it means is not taken for gone."""
    try:
        key: str | None = stream.columns["source_id"].read(record, setup)
    except InvalidValue:
        return None
    return key


def key_of(stream: Stream, record: Any, setup: Setup) -> str:
    """The record's key as a message can show it."""
    return _key(stream, record, setup) or "a record without a usable key"
