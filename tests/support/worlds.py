"""Worlds for tests: one of each size is generated, and each test gets a copy of its own to change."""

from __future__ import annotations

from copy import copy
from datetime import datetime
from functools import lru_cache

from simulator.table import Table
from simulator.world import World

_generated = lru_cache(maxsize=32)(World)


def new_world(companies: int = 20, *, seed: int = 7, **totals: int | datetime) -> World:
    """A world that shares its immutable rows with others; generating them takes as long as a short test."""
    world = copy(_generated(seed, companies, **totals))
    for name, table in vars(world).items():
        if isinstance(table, Table):
            setattr(world, name, Table(table.values()))
    return world
