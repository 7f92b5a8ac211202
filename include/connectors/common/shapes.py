"""What records look like: which of the vendor's fields they have, and of which type of JSON the values are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeAlias

from include.connectors.common.columns import Columns
from include.connectors.common.values import is_empty
from include.model.page import Record

Tree: TypeAlias = "dict[str, Tree]"
"""Fields by name, each with the fields inside it."""

TYPES: Mapping[type, str] = {
    str: "text",
    bool: "boolean",
    int: "number",
    float: "number",
    Decimal: "number",
    list: "list",
    dict: "object",
}


@dataclass
class Field:
    """What was seen of a field."""

    path: str
    looked_at: int = 0
    """Records, or objects around the field, that could have it."""
    present: int = 0
    """How many of them have it, null included."""
    types: set[str] = field(default_factory=set)
    """The types of its values; empty ones in any form do not count."""

    def add_types(self, values: Sequence[Record]) -> None:
        """Add the types of these values."""
        kinds = {type(value) for value in values if value or value == 0}
        new = {TYPES[kind] for kind in kinds if kind in TYPES} - self.types
        if "text" in new and all(is_empty(value) for value in values if type(value) is str):
            new.discard("text")
        self.types |= new

    @property
    def share(self) -> float:
        """In which share of the records it is, as a whole percentage: small changes of it say nothing."""
        return round(self.present / self.looked_at, 2) if self.looked_at else 0.0


@dataclass
class Shapes:
    """What was seen of the fields that columns read."""

    tree: Tree
    fields: dict[str, Field] = field(default_factory=dict)
    """By dotted path, as the vendor's document spells it."""

    def look(self, records: Sequence[Record]) -> None:
        """Look at the fields of these records."""
        self._look(_objects(records), self.tree, "")

    def _look(self, objects: Sequence[dict[str, Record]], tree: Tree, above: str) -> None:
        for name, below in tree.items():
            path, values = above + name, _values(objects, name)
            one = self.fields.setdefault(path, Field(path))
            one.looked_at += len(objects)
            one.present += len(values)
            one.add_types(values)
            if below and values:
                self._look(_objects(values), below, f"{path}.")


def tree_of(columns: Columns[Any]) -> Tree:
    """The fields that these columns read, with the fields around them."""
    tree: Tree = {}
    for path in dict.fromkeys(path for column in columns.values() for path in column.fields):
        place = tree
        for name in path.replace("[]", "").split("."):
            place = place.setdefault(name, {})
    return tree


def has_field(records: Iterable[Record], path: str) -> bool:
    """Whether one of these records has the field."""
    values: Iterable[Record] = records
    for name in path.split("."):
        values = _values(_objects(values), name)
    return bool(values)


def _objects(values: Iterable[Record]) -> list[dict[str, Record]]:
    """The objects among these values, and in lists among them."""
    objects: list[dict[str, Record]] = []
    for value in values:
        if type(value) is dict:
            objects.append(value)
        elif type(value) is list:
            objects += [entry for entry in value if type(entry) is dict]
    return objects


def _values(objects: Sequence[dict[str, Record]], name: str) -> list[Record]:
    """The values of a field, also where the client of a vendor gives all names in lower case."""
    found = [one[name] for one in objects if name in one]
    lower = name.lower()
    return found if found or lower == name else [one[lower] for one in objects if lower in one]
