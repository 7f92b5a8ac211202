"""What a resource is made of: its rows, its fields, and what can be asked about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from simulator.connectwise.formats import gap
from simulator.connectwise.references import Tenant
from simulator.connectwise.unfilled_fields import UNFILLED
from simulator.messages import ApiError
from simulator.table import Rows
from simulator.world import World

T = TypeVar("T")

Fields = Mapping[str, Callable[[Tenant, T], object]]
# The rows of a resource below one parent (0: no parent).
Source = Callable[[World, int], Rows]

# The selection of a field without selected parts.
ALL_PARTS: frozenset[str] = frozenset()
# Lists inside a record, which only `childConditions` and `customFieldConditions` can test.
LIST_FIELDS = frozenset({"customFields", "types", "communicationItems", "options", "businessUnitIds", "locationIds"})


def all_rows(kind: str) -> Source:
    """All rows of a kind."""

    def source(world: World, _parent: int) -> Rows:
        table = getattr(world, kind)
        return table, table.ids

    return source


def where(kind: str, attribute: str, value: object) -> Source:
    """The rows of a kind that have this value."""

    def source(world: World, _parent: int) -> Rows:
        table = getattr(world, kind)
        return table, table.by(attribute).get(value, ())

    return source


def of_parent(kind: str, attribute: str) -> Source:
    """The rows of a kind that belong to the parent."""

    def source(world: World, parent: int) -> Rows:
        return where(kind, attribute, parent)(world, parent)

    return source


@dataclass(frozen=True)
class Resource(Generic[T]):
    """The rows that a path serves, and their fields."""

    path: str  # with # for ids
    kind: str  # the world's name for the rows
    model: str  # ConnectWise's name for the records
    source: Source
    fields: Fields[T]
    parent: Source | None = None  # the rows that can have such rows below them
    unfilterable: frozenset[str] = frozenset()
    unselectable: frozenset[str] = frozenset()
    indexes: Mapping[str, str] = field(default_factory=dict)  # field → attribute of the rows that has its value
    keys: Mapping[str, Callable[[T], object]] = field(default_factory=dict)  # values for filters, read from the row
    counted: bool = True  # whether it has a count
    single: bool = True  # whether it has single records
    forward_only: bool = True  # whether it supports forward-only pagination

    def has_field(self, name: str) -> bool:
        """Whether the model has the field that a name such as `status/id` starts with."""
        top = name.partition("/")[0]
        return top in self.fields or top in UNFILLED.get(self.model, ())

    def record(self, tenant: Tenant, row: T, row_id: int, selection: Mapping[str, frozenset[str]]) -> dict[str, Any]:
        """The record, with all fields or with the selected ones, each with its selected parts."""
        record: dict[str, Any] = {}
        for name in filter(self.fields.__contains__, selection or self.fields):
            value = self.fields[name](tenant, row)
            if value is None:
                record.update(gap(name, row_id))
            else:
                record[name] = _parts(value, selection.get(name, ALL_PARTS))
        return record

    def value(self, tenant: Tenant, row: T, name: str) -> object:
        """The value of a field for conditions and orders."""
        if name in self.keys:
            return self.keys[name](row)
        top, _, rest = name.partition("/")
        value = self.fields[top](tenant, row) if top in self.fields else None
        for step in filter(None, rest.split("/")):
            value = value.get(step) if isinstance(value, dict) else None
        return value

    def check_filterable(self, name: str) -> None:
        """Raise `ApiError` for a field that does not exist or cannot be filtered."""
        if name in self.keys:
            return
        if not self.has_field(name) or name.partition("/")[0] in LIST_FIELDS | self.unfilterable:
            raise unknown_name(name)

    def is_list_element(self, name: str) -> bool:
        """Whether the name means the elements of a list inside the record."""
        top, slash, _ = name.partition("/")
        return bool(slash) and top in LIST_FIELDS and top in self.fields


def unknown_name(name: str) -> ApiError:
    """The error for a condition on a field that cannot be filtered."""
    return ApiError(400, f"{name} is not a recognized name.", code="ApiFindCondition")


def _parts(value: object, paths: frozenset[str]) -> object:
    if paths and isinstance(value, list):
        return [_parts(one, paths) for one in value]
    if not paths or not isinstance(value, dict):
        return value
    steps = [path.partition("/") for path in paths]
    return {
        name: _parts(one, frozenset(rest for step, _, rest in steps if step == name and rest))
        for name, one in value.items()
        if any(step == name for step, _, _ in steps)
    }
