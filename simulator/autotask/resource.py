"""What a resource (Autotask says: entity) is made of: its rows, and its fields with their types."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timezone
from functools import cached_property
from typing import Any, Generic, TypeVar

from simulator.autotask.custom_fields import Udf, udfs_of, values
from simulator.autotask.formats import shown
from simulator.messages import ApiError, Record
from simulator.table import Rows
from simulator.world import World

T = TypeVar("T")

Get = Callable[[World, T], object]


@dataclass(frozen=True)
class Choice:
    """A value of a picklist."""

    value: str  # a number, which the metadata writes as text
    label: str
    sort_order: int = 0
    is_active: bool = True
    is_default: bool = False
    is_system: bool = False


@dataclass(frozen=True)
class Field(Generic[T]):
    """A field of a resource."""

    type: str  # as the metadata spells it
    value: Get[T] | None = None  # None: the field is always empty
    choices: Callable[[World], Sequence[Choice]] | None = None  # of a picklist
    refers_to: str = ""  # the name of another resource
    length: int = 0  # as the metadata says; values may be longer
    queryable: bool = True


def text(value: Callable[[World, T], str | None], length: int = 0) -> Field[T]:
    """A text field."""
    return Field("string", value, length=length)


def moment(value: Callable[[World, T], datetime | None]) -> Field[T]:
    """A timestamp field."""
    return Field("datetime", value)


def day(value: Callable[[World, T], date | None]) -> Field[T]:
    """A date field, which the API writes as midnight of that day."""

    def midnight(world: World, row: T) -> datetime | None:
        found = value(world, row)
        return datetime.combine(found, time(), tzinfo=timezone.utc) if found else None

    return Field("datetime", midnight)


def unfilled(type_: str, names: str, *, queryable: bool = True) -> dict[str, Field[Any]]:
    """Fields that are empty in every record."""
    return {name: Field(type_, queryable=queryable) for name in names.split()}


@dataclass(frozen=True)
class Resource(Generic[T]):
    """The rows that a path serves, and their fields."""

    path: str  # Autotask's plural
    name: str  # Autotask's singular
    kind: str  # the world's name for the rows
    fields: Mapping[str, Field[T]]
    source: Callable[[World], Rows]
    custom: str = ""  # the world's name for the kind of record, if it has custom fields
    indexes: Mapping[str, str] = field(default_factory=dict)  # field → attribute of the rows that has its value
    query_only: bool = False  # no single records, no count, no metadata

    def field_named(self, name: str) -> str:
        """The spelling of a field, whose case does not matter. Raises `ApiError` for an unknown one."""
        if name.casefold() not in self._spellings:
            raise ApiError(500, f"Unable to find {name} in the {self.name} Entity.")
        return self._spellings[name.casefold()]

    def udfs(self, world: World) -> list[Udf]:
        """The user-defined fields."""
        return udfs_of(world, self.custom) if self.custom else []

    def value(self, world: World, row: T, name: str) -> object:
        """The value of a field for a filter."""
        get = self.fields[name].value
        return get(world, row) if get else None

    def records(self, world: World, rows: Iterable[tuple[int, T]], include: Sequence[str]) -> list[Record]:
        """The records of these rows, with all fields or only those to include."""
        udfs = self.udfs(world)
        chosen = [udf for udf in udfs if udf.name in include] if include else udfs
        names = [name for name in include if name in self.fields] if include else list(self.fields)
        getters = {name: get for name in names if (get := self.fields[name].value)}
        gaps = [{name: gap[name] for name in names} for gap in self._gaps]
        records = []
        for row_id, row in rows:
            record = gaps[row_id % 2].copy()
            found = {name: get(world, row) for name, get in getters.items()}
            record.update({name: shown(value, row_id) for name, value in found.items() if value is not None})
            if chosen or not include:
                record["userDefinedFields"] = values(chosen, row)
            records.append(record)
        return records

    @cached_property
    def _spellings(self) -> Mapping[str, str]:
        return {name.casefold(): name for name in self.fields}

    @cached_property
    def _gaps(self) -> Sequence[Mapping[str, object]]:
        """How empty fields look: null, and for every other row "" in text fields."""
        return (
            dict.fromkeys(self.fields),
            {name: "" if one.type == "string" else None for name, one in self.fields.items()},
        )
