"""Play a plan: every run in a thread of its own, one turn after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import psycopg
from hypothesis import note

from include.model.company import Company
from include.model.errors import Truncated
from include.model.request import EVERYTHING, QUICK, Request
from include.sync.extract import extract
from include.sync.preflight import preflight
from include.sync.run import Sync
from tests.support.overlap.history import History
from tests.support.overlap.plans import Change, ChangingWorld, Load, Plan, Read, RunPlan
from tests.support.overlap.turns import Cut, Turns
from tests.support.replay import Snapshot, rows
from tests.support.rig import Rig, Unpaced

ATTEMPTS = 100
LOADS = "loads"
LAST = RunPlan()


def play(plan: Plan, rig: Rig) -> None:
    """Every run to its end. One more run of all begins after the last change."""
    with psycopg.connect(rig.dsn, autocommit=True) as connection, Turns() as turns:
        history = History(rig.simulator.world, connection)
        try:
            _Players(plan, rig, turns, history).play()
        finally:
            note("\n".join(turns.taken))


@dataclass
class _Players:
    plan: Plan
    rig: Rig
    turns: Turns
    history: History

    def play(self) -> None:
        kind = self.plan.kind
        first = self.rig.sync(request=Request(kinds=(kind,)))
        preflight(first)
        extract(first, kind)
        self.history.load(first, kind)
        snapshot = Snapshot(self.rig.dsn)
        for number, run in enumerate(self.plan.runs):
            self._add(f"run {number}", run)
        self._take_steps()
        self.turns.take_all()
        assert snapshot.replayed(self.rig.dsn) == rows(self.rig.dsn)

    def _take_steps(self) -> None:
        world = ChangingWorld(self.rig.simulator.world)
        changes_left = sum(isinstance(step, Change) for step in self.plan.steps)
        for step in self.plan.steps:
            if isinstance(step, Read):
                self._read(step)
                continue
            if isinstance(step, Load):
                self._load(step)
                continue
            self.turns.taken.append(f"    the world {world.apply(self.plan.kind, step)}")
            self.history.changed()
            changes_left -= 1
            if not changes_left:
                self._add("last run", LAST)

    def _read(self, step: Read) -> None:
        waiting, taken = self.turns.waiting, 0
        if not waiting:
            return
        actor = waiting[step.run % len(waiting)]
        while not (actor.done or actor.doing == LOADS or taken == step.turns):
            self.turns.take(actor)
            taken += 1

    def _load(self, step: Load) -> None:
        if ready := [actor for actor in self.turns.waiting if actor.doing == LOADS]:
            self.turns.take(ready[step.run % len(ready)])

    def _add(self, name: str, plan: RunPlan) -> None:
        companies = self.rig.simulator.world.companies.ids
        company = None if plan.company is None else str(companies[plan.company % len(companies)])
        kinds = (self.plan.kind,)
        # The few rows of one company may be all that vanish.
        request = Request(
            kinds=kinds,
            company=company,
            dry_run=plan.is_dry,
            approved=kinds if company else (),
            extent=QUICK if plan.is_quick else EVERYTHING,
        )
        # One request at a time, since requests in flight would have no order that can be repeated.
        run = self.rig.sync(request=request, setup=replace(self.rig.setup, requests_in_flight=1))
        pace = _Pace(self.turns)
        if company:
            run = replace(run, company=Company(company, "found by preflight"))

        @contextmanager
        def client() -> Iterator[Any]:
            opened = self.rig.client()
            opened.http.pace = pace
            yield opened

        def run_to_its_end() -> None:
            asked_at = self.rig.now() if plan.was_asked_early else None
            going, cuts = replace(run, open_client=client, asked_at=asked_at), iter((*plan.cuts, *[0] * ATTEMPTS))
            for _ in range(plan.times):
                self._extract(going, pace, cuts)
                self.turns.pause(LOADS)
                self.history.load(going, self.plan.kind)

        self.turns.add(name, run_to_its_end)

    def _extract(self, run: Sync, pace: _Pace, cuts: Iterable[int]) -> None:
        for cut_at in cuts:
            self.turns.pause("extracts")
            pace.cut_at = cut_at
            try:
                extract(run, self.plan.kind)
                return
            except (Cut, Truncated) as error:
                self.turns.taken.append(f"    {type(error).__name__}")
            finally:
                pace.cut_at = 0


@dataclass
class _Pace(Unpaced):
    """Before each request it is the turn of others; at request `cut_at` the worker dies (0: never)."""

    turns: Turns
    cut_at: int = 0

    def turn(self, endpoint: str) -> AbstractContextManager[float]:
        self.turns.pause("asks")
        if self.cut_at:
            self.cut_at -= 1
            if not self.cut_at:
                raise Cut
        return super().turn(endpoint)
