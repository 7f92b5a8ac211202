"""A resource: which rows an endpoint serves, each field of the answer, and what may be asked about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from simulator.connectwise.formats import gap
from simulator.connectwise.references import Tenant
from simulator.connectwise.unfilled_fields import UNFILLED
from simulator.messages import ApiError
from simulator.world import World

T = TypeVar("T")

Fields = Mapping[str, Callable[[Tenant, T], object]]
# The rows of a resource below one parent (0: no parent), and their ids in order.
Source = Callable[[World, int], tuple[Mapping[int, Any], Sequence[int]]]

# A field of which no parts were selected.
WHOLE: frozenset[str] = frozenset()
# Lists inside a record: only `childConditions` and `customFieldConditions` look into them.
ARRAYS = frozenset({"customFields", "types", "communicationItems", "options", "businessUnitIds", "locationIds"})


def whole(kind: str) -> Source:
    """All rows of a kind."""

    def source(world: World, _parent: int) -> tuple[Mapping[int, Any], Sequence[int]]:
        table = getattr(world, kind)
        return table, table.ids

    return source


def where(kind: str, attribute: str, value: object) -> Source:
    """The rows of a kind that have that value."""

    def source(world: World, _parent: int) -> tuple[Mapping[int, Any], Sequence[int]]:
        table = getattr(world, kind)
        return table, table.by(attribute).get(value, ())

    return source


def below(kind: str, attribute: str) -> Source:
    """The rows of a kind that belong to the parent."""

    def source(world: World, parent: int) -> tuple[Mapping[int, Any], Sequence[int]]:
        return where(kind, attribute, parent)(world, parent)

    return source


@dataclass(frozen=True)
class Resource(Generic[T]):
    """`path` has # for ids; `kind` is the world's word for the rows, `model` the vendor's."""

    path: str
    kind: str
    model: str
    source: Source
    fields: Fields[T]
    parent: Source | None = None
    unfilterable: frozenset[str] = frozenset()
    unselectable: frozenset[str] = frozenset()
    indexes: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, Callable[[T], object]] = field(default_factory=dict)
    counted: bool = True
    single: bool = True
    forward_only: bool = True

    def knows(self, name: str) -> bool:
        """Whether the model has the field that a (slashed) name starts with."""
        top = name.partition("/")[0]
        return top in self.fields or top in UNFILLED.get(self.model, ())

    def record(self, tenant: Tenant, row: T, row_id: int, selection: Mapping[str, frozenset[str]]) -> dict[str, Any]:
        """The record, of all fields or of those selected, each whole or in the parts selected."""
        record: dict[str, Any] = {}
        for name in filter(self.fields.__contains__, selection or self.fields):
            value = self.fields[name](tenant, row)
            if value is None:
                record.update(gap(name, row_id))
            else:
                record[name] = _parts(value, selection.get(name, WHOLE))
        return record

    def value(self, tenant: Tenant, row: T, name: str) -> object:
        """What a condition or an order sees under the name."""
        if name in self.keys:
            return self.keys[name](row)
        top, _, rest = name.partition("/")
        value = self.fields[top](tenant, row) if top in self.fields else None
        for step in filter(None, rest.split("/")):
            value = value.get(step) if isinstance(value, dict) else None
        return value

    def must_filter(self, name: str) -> None:
        """Refuses a condition on a name that does not exist or cannot be filtered."""
        if name in self.keys:
            return
        if not self.knows(name) or name.partition("/")[0] in ARRAYS | self.unfilterable:
            raise unrecognized(name)

    def lists(self, name: str) -> bool:
        """Whether the name reaches into a list inside the record."""
        top, slash, _ = name.partition("/")
        return bool(slash) and top in ARRAYS and top in self.fields


def unrecognized(name: str) -> ApiError:
    """The refusal of a condition on something that cannot be filtered."""
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
