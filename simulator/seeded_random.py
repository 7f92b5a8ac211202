"""A seeded random generator: the same seed gives the same world on every machine and every Python version."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import TypeVar

T = TypeVar("T")


class SeededRandom(random.Random):
    """The draws a world needs. All are based on `random()`, whose sequence Python keeps stable."""

    def likely(self, share: float) -> bool:
        """Return True in this share of the draws."""
        return self.random() < share

    def pick(self, options: Sequence[T]) -> T:
        """One of the options."""
        return options[int(self.random() * len(options))]

    def maybe(self, share: float, options: Sequence[T]) -> T | None:
        """One of the options in this share of the draws, otherwise None."""
        return self.pick(options) if self.random() < share else None

    def number(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return low + int(self.random() * (high - low + 1))

    def moment_before(self, end: datetime, *, days: int) -> datetime:
        """A time, in whole seconds, within the days before the end."""
        return end - timedelta(seconds=self.number(1, days * 86_400))

    def day_near(self, middle: datetime, *, back: int, ahead: int) -> date:
        """A calendar date around the middle."""
        return (middle + timedelta(days=self.number(-back, ahead))).date()

    def shuffled(self, items: list[T]) -> list[T]:
        """The items in random order."""
        return sorted(items, key=lambda _: self.random())

    def choose(self, items: Sequence[T], count: int) -> list[T]:
        """This many different items, or all of them if there are fewer."""
        return self.shuffled(list(items))[:count]

    def ids(self, first: int) -> Iterator[int]:
        """Ascending ids, with gaps as if rows had been deleted."""
        id_ = first
        while True:
            yield id_
            id_ += 1 if self.random() < 0.9 else self.number(2, 9)


def shares(rng: SeededRandom, total: int, among: int, *, least: int = 0) -> list[int]:
    """Split the total as an MSP's customers do: a few large shares, many small ones, and the sum exact."""
    if among == 0:
        return []
    least = least if total >= least * among else 0
    rest = total - least * among
    weights = [rng.paretovariate(1.6) for _ in range(among)]
    scale = rest / sum(weights)
    exact = [weight * scale for weight in weights]
    counts = [int(share) for share in exact]
    by_remainder = sorted(range(among), key=lambda i: (counts[i] - exact[i], i))
    for i in by_remainder[: rest - sum(counts)]:
        counts[i] += 1
    return [least + count for count in counts]
