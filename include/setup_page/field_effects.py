"""What another choice of custom fields, or another field map, would change in the rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from include.connectors.contract import Connector, PsaClient, Stream
from include.model.setup import CUSTOM_FIELDS, FIELD_MAP, MappedField, Setup
from include.model.wording import counted
from include.warehouse.stored_rows import StoredRows

OF_DETAILS = " The PSA gives it for one record at a time, so the rows get it as details are read."


@dataclass(frozen=True)
class Effect:
    """A sentence about what changes."""

    about: str
    """The table or setting that it is about."""
    sentence: str
    kind: str = "change"
    """`change`; `held` for what waits for a person's approval; `note` for how a number was found."""


def field_effects(connector: Connector[PsaClient], stored: StoredRows, old: Setup, new: Setup) -> Iterator[Effect]:
    """The effects on each table, from the rows that are stored now."""
    streams = {stream.table: stream for stream in connector.streams}
    for table in CUSTOM_FIELDS:
        for sentence in _custom(streams[table], stored, old.custom_fields_of(table), new.custom_fields_of(table)):
            yield Effect(table, sentence)
    for table in FIELD_MAP:
        for sentence in _mapped(streams[table], stored, old.field_map_of(table), new.field_map_of(table)):
            yield Effect(table, sentence)


def _custom(
    stream: Stream[PsaClient], stored: StoredRows, old: Mapping[str, str], new: Mapping[str, str]
) -> Iterator[str]:
    table = stream.table
    for name in sorted({*old, *new}):
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        if after is None:
            filled = counted(stored.filled_field(table, name), "row")
            yield f"The custom field '{name}' ({before}) disappears. It has a value in {filled} now."
        elif before is None:
            rows = _up_to(stored.live(table))
            yield f"The custom field '{name}' ({after}) is added to custom_fields: {rows}.{_later(stream)}"
        else:
            rows = _up_to(stored.live(table))
            yield f"The custom field '{name}' is filled from {after} instead of {before}: {rows}.{_later(stream)}"


def _mapped(
    stream: Stream[PsaClient], stored: StoredRows, old: Mapping[str, MappedField], new: Mapping[str, MappedField]
) -> Iterator[str]:
    table = stream.table
    for column in sorted({*old, *new}):
        before, after = old.get(column), new.get(column)
        if before == after:
            continue
        filled = counted(stored.filled(table, column), "row")
        if after is None:
            rest = (
                "has the PSA's own value again" if _has_own(stream, column) else "becomes empty: the PSA has no other"
            )
            yield f"{column} is no longer filled from a custom field, and {rest}. It has a value in {filled} now."
        else:
            dates = f", with dates like {after.format}" if after.format else ""
            rows = _up_to(stored.live(table))
            yield (
                f"{column} is filled from the custom field {after.field}{dates}: {rows}. It has a value in {filled} "
                f"now.{_later(stream)}"
            )


def _up_to(live: int) -> str:
    """How many rows can change: those in which the PSA has a value, which only the run finds out."""
    return f"up to {counted(live, 'row')} change" if live else "there are no rows yet"


def _later(stream: Stream[PsaClient]) -> str:
    return OF_DETAILS if stream.details and stream.details.custom else ""


def _has_own(stream: Stream[PsaClient], column: str) -> bool:
    details = stream.details.columns if stream.details else {}
    found = (columns[column] for columns in (stream.columns, details) if column in columns)
    return any(one.is_available for one in found)
