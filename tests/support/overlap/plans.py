"""What runs over each other, and in which order: drawn by Hypothesis, which shortens a plan that fails."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from simulator.daily_changes import MOVING, apply_daily_changes, edited
from simulator.world import World

KINDS = ("assets", "contacts", "assets", "contacts", "sites", "companies")
WHATS = ("adds", "edits", "deletes", "moves", "undoes")


@dataclass(frozen=True)
class Change:
    """A change in the PSA."""

    what: str
    number: int
    """Which row is changed, counted from the newest, or which earlier change is undone, counted from the last."""


@dataclass(frozen=True)
class Read:
    """One run goes on reading: so many turns, or until it has read everything."""

    run: int
    """Its place among those that have not finished, counted round."""
    turns: int | None = None


@dataclass(frozen=True)
class Load:
    """One run loads what it has read."""

    run: int
    """Its place among those that have read everything, counted round."""


@dataclass(frozen=True)
class RunPlan:
    """One run."""

    company: int | None = None
    """The place of the company that it is asked for."""
    is_quick: bool = False
    """Whether it lists what changed, if it is of all companies."""
    is_dry: bool = False
    was_asked_early: bool = False
    """Whether it takes over what another run read after it was asked for."""
    times: int = 1
    """How often its kind is extracted and loaded: twice if it is cleared after it was merged."""
    cuts: tuple[int, ...] = ()
    """The worker of its first attempt dies at this request, that of its second attempt at the next; 0: it does not."""


@dataclass(frozen=True)
class Plan:
    """Some runs of one kind over each other."""

    world_seed: int
    kind: str
    runs: tuple[RunPlan, ...]
    steps: tuple[Change | Read | Load, ...]


# Few rows change, and those often: rows that no two runs see differently prove nothing.
OFTEN = ("edits", "edits", "moves", "deletes", "undoes", "undoes", "undoes")
changes = st.builds(Change, st.sampled_from((*WHATS, *OFTEN)), st.sampled_from((0, 0, 0, 1, 2)))
reads = st.builds(Read, st.integers(0, 4), st.sampled_from((None, None, None, 1, 2, 3, 4)))
loads = st.builds(Load, st.integers(0, 4))
runs = st.builds(
    RunPlan,
    company=st.sampled_from((None, None, 0, 1, 2)),
    is_quick=st.booleans(),
    is_dry=st.sampled_from((False,) * 9 + (True,)),
    was_asked_early=st.sampled_from((False,) * 5 + (True,)),
    times=st.sampled_from((1, 1, 1, 2)),
    cuts=st.lists(st.sampled_from((0, 0, 2, 4)), max_size=3).map(tuple),
)
plans = st.builds(
    Plan,
    world_seed=st.integers(0, 3),
    kind=st.sampled_from(KINDS),
    runs=st.lists(runs, min_size=3, max_size=6).map(tuple),
    steps=st.lists(st.one_of(reads, reads, changes, changes, loads), min_size=20, max_size=50).map(tuple),
)


class ChangingWorld:
    """Rows come, change, move and go; now and then one is again as it was before."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._past: list[tuple[str, int, Any]] = []

    def apply(self, kind: str, change: Change) -> str:
        """Change one row, and say what was done."""
        if change.what == "undoes":
            return self._undo(change.number)
        self.world.now += timedelta(hours=1)
        table: Any = getattr(self.world, kind)
        before = dict(table)
        if change.what == "adds":
            apply_daily_changes(self.world, len(self._past), adds={kind: 1}, edits=0, deletes=0)
        else:
            ids = sorted(table)
            self._change(table, ids[-1 - change.number % len(ids)], kind, change.what)
        touched = [id_ for id_ in sorted({*before, *table}) if before.get(id_) is not table.get(id_)]
        self._past += [(kind, id_, before.get(id_)) for id_ in touched]
        return f"{change.what} {kind} {', '.join(map(str, touched))}"

    def _change(self, table: Any, id_: int, kind: str, what: str) -> None:
        row, now = table[id_], self.world.now
        if what == "edits":
            table.add(edited(row, at=now))
        elif what == "deletes" and kind == "companies":
            table.add(replace(row, is_deleted=True, deleted_at=now, updated_at=now))
        elif what == "deletes" and len(table) > 1:
            del table[id_]
        elif what == "moves" and kind in MOVING:
            companies = self.world.companies.ids
            company = companies[companies.index(row.company_id) - 1] if row.company_id else companies[0]
            cleared = {"contact_id": None} if kind == "assets" else {}
            table.add(replace(row, company_id=company, site_id=None, updated_at=now, **cleared))

    def _undo(self, number: int) -> str:
        """As if the change had never been; but a company never goes without a mark."""
        if not self._past:
            return "stays as it is"
        kind, id_, row = self._past.pop(-1 - number % len(self._past))
        table = getattr(self.world, kind)
        if row is not None:
            table.add(row)
        elif kind != "companies":
            table.pop(id_, None)
        return f"undoes {kind} {id_}"
