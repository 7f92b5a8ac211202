"""What the warehouse must hold, told from the simulator's world and from nothing that the sync is made of."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from include.model.setup import Setup
from include.model.tables import TABLES
from include.model.tickets import Ticket, TicketDetail
from simulator.world import World
from tests.support.fault_cases import Case, Wire

Rows = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Vendor:
    """What the contract suite knows of a vendor.

    A setup that makes sense there, the listing of each kind, how assets look on the wire, what only it can do wrong;
    tickets by key, and one of them whole, as the page must show them.
    """

    name: str
    truth: Callable[[World, Setup], dict[str, Rows]]
    setup: Setup
    lists: Mapping[str, str]
    wire: Wire
    faults: tuple[Case, ...]
    tickets: Callable[[World], dict[str, Ticket]]
    detail: Callable[[World, str], TicketDetail]


def vendor(name: str) -> Vendor:
    """The vendor whose module lies here."""
    module = importlib.import_module(f"tests.support.truth.{name}")
    return Vendor(
        name,
        module.truth,
        module.SETTINGS,
        module.LISTS,
        module.WIRE,
        module.FAULTS,
        module.tickets,
        module.detail,
    )


def unmentioned(truth: Mapping[str, Rows]) -> list[str]:
    """The columns of synced tables that no row of the truth names, so that nothing would notice a wrong value."""
    return [
        f"{table.name}.{column}"
        for table in TABLES
        for column in ("source_id", *table.facts)
        if not any(column in row for row in truth[table.name].values())
    ]


def differences(rows: Iterable[Mapping[str, Any]], expected: Rows) -> list[str]:
    """A sentence per living row or value that is not as expected; empty when all is right."""
    gone_too = any("deleted_at" in row for row in expected.values())  # companies: deleted ones are still listed
    living = {row["source_id"]: row for row in rows if gone_too or row["deleted_at"] is None}
    found = [f"{key} is missing" for key in expected.keys() - living.keys()]
    found += [f"{key} should not be there" for key in living.keys() - expected.keys()]
    for key in expected.keys() & living.keys():
        found += [
            f"{key}.{name}: {living[key][name]!r}, expected {value!r}"
            for name, value in expected[key].items()
            if living[key][name] != value
        ]
    return sorted(found)
