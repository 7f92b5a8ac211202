"""An entity: which rows a path serves, each field of the answer with its type, and how a value looks on the wire."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timezone
from functools import cached_property
from typing import Any, Generic, TypeVar

from simulator.autotask.custom_fields import Udf, udfs_of, values
from simulator.autotask.formats import shown
from simulator.messages import ApiError, Record
from simulator.world import World

T = TypeVar("T")

Get = Callable[[World, T], object]
# The rows of an entity, and the ids in order of those that can be seen.
Source = Callable[[World], tuple[Mapping[int, Any], Sequence[int]]]


@dataclass(frozen=True)
class Choice:
    """One value of a picklist; the value is a number that the metadata writes as text."""

    value: str
    label: str
    sort_order: int = 0
    is_active: bool = True
    is_default: bool = False
    is_system: bool = False


@dataclass(frozen=True)
class Field(Generic[T]):
    """`type` as the metadata spells it; a field without `value` is one that this world never fills."""

    type: str
    value: Get[T] | None = None
    choices: Callable[[World], Sequence[Choice]] | None = None
    refers_to: str = ""
    length: int = 0
    queryable: bool = True


def text(value: Callable[[World, T], str | None], length: int = 0) -> Field[T]:
    """Text. `length` is what the metadata promises; longer values occur."""
    return Field("string", value, length=length)


def moment(value: Callable[[World, T], datetime | None]) -> Field[T]:
    """A moment."""
    return Field("datetime", value)


def day(value: Callable[[World, T], date | None]) -> Field[T]:
    """A calendar date, which the API writes as that day's midnight."""

    def midnight(world: World, row: T) -> datetime | None:
        found = value(world, row)
        return datetime.combine(found, time(), tzinfo=timezone.utc) if found else None

    return Field("datetime", midnight)


def unfilled(type_: str, names: str, *, queryable: bool = True) -> dict[str, Field[Any]]:
    """Fields that every record has and that nobody filled in."""
    return {name: Field(type_, queryable=queryable) for name in names.split()}


@dataclass(frozen=True)
class Entity(Generic[T]):
    """`path` is the vendor's plural, `name` its singular, `kind` the world's word for the rows.

    `custom` is the world's word for whose custom fields they are; `indexes` are fields that an attribute of the
    rows answers for. Some entities can only be queried: no single record, no count, no metadata.
    """

    path: str
    name: str
    kind: str
    fields: Mapping[str, Field[T]]
    source: Source
    custom: str = ""
    indexes: Mapping[str, str] = field(default_factory=dict)
    query_only: bool = False

    def field_named(self, name: str) -> str:
        """The field's own spelling; case does not matter to the API, existence does."""
        if name.casefold() not in self._spellings:
            raise ApiError(500, f"Unable to find {name} in the {self.name} Entity.")
        return self._spellings[name.casefold()]

    def udfs(self, world: World) -> list[Udf]:
        """The user-defined fields."""
        return udfs_of(world, self.custom) if self.custom else []

    def value(self, world: World, row: T, name: str) -> object:
        """What a filter sees under the name."""
        get = self.fields[name].value
        return get(world, row) if get else None

    def records(self, world: World, rows: Iterable[tuple[int, T]], include: Sequence[str]) -> list[Record]:
        """The records of the rows, whole or with the fields asked for."""
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
        """How empty fields look: null, and on every other row "" where there could be text."""
        return (
            dict.fromkeys(self.fields),
            {name: "" if one.type == "string" else None for name, one in self.fields.items()},
        )
