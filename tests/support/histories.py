"""Weeks in the life of one PSA's sync, drawn by Hypothesis: edits, other setups, runs of every sort, and accidents."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from hypothesis import note
from hypothesis import strategies as st

from include import connectors
from include.model.kinds import KINDS, OF_COMPANIES
from include.model.request import EVERYTHING, QUICK, Request
from include.model.setup import DeletionGuard, Setup
from include.sync.details import read_details
from include.sync.extract import extract
from include.sync.load import load
from include.sync.preflight import preflight
from include.sync.quick import left_to_full_run
from include.sync.run import Sync
from tests.support.attempts import Dying, unbalanced
from tests.support.overlap.plans import OFTEN, WHATS, Change, ChangingWorld
from tests.support.replay import Snapshot, rows
from tests.support.rig import Rig
from tests.support.truth import Vendor, differences
from tests.support.world_states import WorldStates

NO_GUARD = DeletionGuard(share=1.0, rows=1000)


@dataclass(frozen=True)
class Edit:
    """A change in the PSA."""

    kind: str
    change: Change


@dataclass(frozen=True)
class OtherSetup:
    """A person chooses other custom fields."""

    fields: int
    """How many of those that the vendor's usual setup has, counted from the first."""


@dataclass(frozen=True)
class Accident:
    """What ends a run's first attempt at a kind."""

    kind: str
    after: int
    """The worker is killed in place of this request."""
    in_load: bool = False
    """Whether the worker is killed after the rows were extracted, so that the load is another attempt."""


@dataclass(frozen=True)
class WholeRun:
    """A run to its end, with others that begin while it is under way."""

    kinds: tuple[str, ...] = tuple(KINDS)
    company: int | None = None
    """The place of the only company, among those of the world."""
    is_dry: bool = False
    is_quick: bool = False
    """Whether it lists what changed, as far as the PSA can be asked for that."""
    accident: Accident | None = None
    meanwhile: tuple[Edit | WholeRun, ...] = ()
    """What happens after it has extracted everything, and before it loads."""

    @property
    def is_full(self) -> bool:
        return self.company is None and not (self.is_dry or self.is_quick) and self.kinds == tuple(KINDS)


Step = Edit | OtherSetup | WholeRun

edits = st.builds(
    Edit,
    kind=st.sampled_from(OF_COMPANIES),
    change=st.builds(Change, st.sampled_from((*WHATS, *OFTEN)), st.sampled_from((0, 0, 1, 2))),
)
kinds = st.sampled_from((tuple(KINDS), *((kind,) for kind in OF_COMPANIES)))
accidents = st.builds(Accident, kind=st.sampled_from(OF_COMPANIES), after=st.integers(0, 6), in_load=st.booleans())
short_runs = st.builds(
    WholeRun,
    kinds=kinds,
    company=st.sampled_from((None, None, 0, 1)),
    is_dry=st.sampled_from((False, False, False, True)),
    is_quick=st.booleans(),
    accident=st.one_of(st.none(), accidents),
)
runs = st.builds(
    WholeRun,
    kinds=kinds,
    company=st.sampled_from((None, None, 0, 1)),
    is_quick=st.booleans(),
    accident=st.one_of(st.none(), accidents),
    meanwhile=st.lists(st.one_of(edits, edits, short_runs), max_size=4).map(tuple),
)
histories = st.lists(
    st.one_of(edits, edits, runs, runs, st.builds(OtherSetup, st.integers(0, 3))), min_size=3, max_size=8
).map(tuple)


@dataclass
class Life:
    """Lives a history, and looks at the tables whenever nothing is under way."""

    rig: Rig
    psa: Vendor
    world: ChangingWorld = field(init=False)
    states: WorldStates = field(init=False)

    def __post_init__(self) -> None:
        self.world = ChangingWorld(self.rig.simulator.world)
        self.states = WorldStates(self.psa, self.rig.simulator.world, connectors.load(self.psa.name))
        self._choose(0)

    def live(self, history: tuple[Step, ...]) -> None:
        """Every step; then a full run, after which the tables are what the PSA has, and two that write nothing."""
        self._run(WholeRun())
        # Later than what was listed; the PSAs' dates have no fractions.
        self.rig.simulator.world.now = (self.rig.now() + timedelta(seconds=1)).replace(microsecond=0)
        snapshot = Snapshot(self.rig.dsn)
        for step in history:
            self._take(step)
        self._run(WholeRun())
        before = self.rig.state()
        self._run(WholeRun())
        self._run(WholeRun(is_quick=True))
        assert self.rig.state() == before
        assert snapshot.replayed(self.rig.dsn) == rows(self.rig.dsn)

    def _take(self, step: Step) -> None:
        if isinstance(step, Edit):
            note(self.world.apply(step.kind, step.change))
            self.states.changed(step.kind, step.change.what, self.rig.setup)
        elif isinstance(step, OtherSetup):
            note(f"setup has {step.fields} custom fields of each table")
            self._choose(step.fields)
        else:
            self._run(step)

    def _choose(self, fields: int) -> None:
        chosen = {table: dict(list(names.items())[:fields]) for table, names in self.psa.setup.custom_fields.items()}
        self.rig.setup = replace(
            self.psa.setup,
            custom_fields={table: names for table, names in chosen.items() if names},
            details_per_night=100_000,
            deletion_guard=NO_GUARD,
        )
        self.states.begin_again(self.rig.setup)

    def _run(self, plan: WholeRun) -> None:
        sync, begun = self._begun(plan), self.states.last
        note(f"{sync.run.run_id} begins: {sync.request}")
        for kind in self._listed(sync):
            self._extract(sync, kind, plan.accident)
        for step in plan.meanwhile:
            self._take(step)
        for kind in self._listed(sync):
            self._load(sync, kind, plan.accident)
        note(f"{sync.run.run_id} ends")
        if plan.is_full and not plan.meanwhile:
            assert self.wrong(sync.setup) == []
        if not plan.is_dry:
            assert [line for kind in self._listed(sync) for line in unbalanced(self.rig, sync, kind)] == []
        if not (plan.is_dry or plan.company is not None):
            for kind in self._listed(sync):
                self.states.listed(kind, begun, is_quick=plan.is_quick)
        assert list(self.states.wrong(self.rig)) == []

    def _listed(self, sync: Sync) -> list[str]:
        return [kind for kind in sync.request.planned if not left_to_full_run(sync, kind)]

    def _begun(self, plan: WholeRun) -> Sync:
        companies = [id_ for id_, one in self.rig.simulator.world.companies.items() if not one.is_deleted]
        company = str(companies[plan.company % len(companies)]) if plan.company is not None and companies else None
        request = Request(
            kinds=plan.kinds, company=company, dry_run=plan.is_dry, extent=QUICK if plan.is_quick else EVERYTHING
        )
        approved = tuple(kind for kind in request.planned if kind in OF_COMPANIES)
        sync = self.rig.sync(request=replace(request, approved=approved))
        return replace(sync, company=preflight(sync))

    def _extract(self, sync: Sync, kind: str, accident: Accident | None) -> None:
        if accident and accident.kind == kind and not accident.in_load:
            try:
                extract(replace(sync, open_client=lambda: self._dying(accident.after)), kind)
            except KeyboardInterrupt:
                note(f"{kind}: the worker is killed in place of request {accident.after}")
        extract(sync, kind)

    def _load(self, sync: Sync, kind: str, accident: Accident | None) -> None:
        load(sync, kind)
        if accident and accident.kind == kind and accident.in_load:
            load(sync, kind)  # the worker was killed after the commit
        read_details(sync, kind)

    @contextmanager
    def _dying(self, after: int) -> Iterator[Any]:
        yield self.rig.connected(Dying(after), self.rig.login())

    def wrong(self, setup: Setup) -> list[str]:
        """All differences between the warehouse and the PSA."""
        expected = self.psa.truth(self.rig.simulator.world, setup)
        return [
            f"{table} {line}" for table, rows in expected.items() for line in differences(self.rig.rows(table), rows)
        ]
