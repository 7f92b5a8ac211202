"""Remembers the results of the last filters, since every page of a listing asks for the same ones."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

MAX_RESULTS = 16


class ResultCache:
    """The ids that the last filters found. A key must contain the world's version, so that no result becomes stale."""

    def __init__(self) -> None:
        self._results: dict[Hashable, Sequence[int]] = {}

    def get(self, key: Hashable, find: Callable[[], Sequence[int]]) -> Sequence[int]:
        """The result for this key, found now if it is not known."""
        if key not in self._results:
            while len(self._results) >= MAX_RESULTS:
                del self._results[next(iter(self._results))]
            self._results[key] = find()
        return self._results[key]
