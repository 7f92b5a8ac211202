"""A dict of rows by id that counts its changes, so that nothing derived from it becomes stale."""

from __future__ import annotations

from bisect import bisect_left
from collections import UserDict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

# The rows of a listing by id, and the ids of those that exist for the caller, ascending.
Rows = tuple[Mapping[int, Any], Sequence[int]]


def contains(ids: Sequence[int], id_: int) -> bool:
    """Whether the id is among ascending ids."""
    at = bisect_left(ids, id_)
    return at < len(ids) and ids[at] == id_


class HasId(Protocol):
    """Anything with an integer id."""

    @property
    def id(self) -> int:
        """Unique within one table."""
        ...


T = TypeVar("T", bound=HasId)


class Table(UserDict[int, T]):
    """Rows by id; `ids` and `by` are computed once per version."""

    def __init__(self, rows: Iterable[T] = ()) -> None:
        self.version = 0
        self._derived: dict[str, tuple[int, Mapping[object, Sequence[int]]]] = {}
        super().__init__()
        for row in rows:
            self.add(row)

    def __setitem__(self, key: int, row: T) -> None:
        super().__setitem__(key, row)
        self.version += 1

    def __delitem__(self, key: int) -> None:
        super().__delitem__(key)
        self.version += 1

    def add(self, row: T) -> T:
        """Store the row under its id; replaces a row that has the same id."""
        self[row.id] = row
        return row

    @property
    def ids(self) -> Sequence[int]:
        """All ids, ascending."""
        return self._index("")[None]

    def by(self, attribute: str) -> Mapping[object, Sequence[int]]:
        """The ascending ids of the rows for each value of the attribute."""
        return self._index(attribute)

    def next_id(self) -> int:
        """One more than the highest id."""
        return self.ids[-1] + 1 if self.data else 1

    def _index(self, attribute: str) -> Mapping[object, Sequence[int]]:
        version, index = self._derived.get(attribute, (-1, {}))
        if version != self.version:
            index = self._group(attribute)
            self._derived[attribute] = (self.version, index)
        return index

    def _group(self, attribute: str) -> Mapping[object, Sequence[int]]:
        ids = sorted(self.data)
        if not attribute:
            return {None: ids}
        groups: dict[object, list[int]] = {}
        for id_ in ids:
            groups.setdefault(getattr(self.data[id_], attribute), []).append(id_)
        return groups
