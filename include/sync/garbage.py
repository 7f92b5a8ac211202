"""Python's search for objects that refer to each other, which reading pages would trigger a thousand times."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

NEW_OBJECTS = 50_000
"""How many new objects begin a search: a page of 1,000 records has about 10,000, and is freed without one."""


@contextmanager
def rare_searches() -> Iterator[None]:
    """A block that creates very many objects and few that refer to each other."""
    usual, *others = gc.get_threshold()
    gc.set_threshold(max(usual, NEW_OBJECTS), *others)
    try:
        yield
    finally:
        gc.set_threshold(usual, *others)
