"""Runs of one PSA over each other, turn by turn, while its world changes; and what must hold after every merge."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from typing import Any, cast

import psycopg
from psycopg.rows import dict_row

from include.model.company import Company
from include.model.counts import Counts
from include.model.errors import Truncated
from include.model.kinds import KINDS
from include.model.request import Request
from include.model.tables import BY_NAME
from include.sync.extract import extract
from include.sync.load import load
from include.sync.preflight import preflight
from include.sync.run import Sync
from include.warehouse.connection import Connection, Warehouse
from include.warehouse.staging import table_name
from simulator.daily_changes import apply_daily_changes
from simulator.seeded_random import SeededRandom
from simulator.world import World
from tests.support.rig import Rig, Unpaced
from tests.support.truth import Rows
from tests.support.truth.connectwise import truth

STUCK_SECONDS = 20.0  # a turn takes milliseconds: whoever needs longer waits for somebody who cannot go on

# What the runs of one seed are about; only people and machines move, and a company is deleted by a mark.
OFTEN = (("assets",), ("contacts",), ("assets",), ("contacts",), ("sites",), ("companies",))

Row = dict[str, Any]


class Cut(Exception):
    """The worker died."""


class Clock:
    """Hours behind Postgres' own and a second on at every look: no two stamps are alike, none is from the future."""

    def __init__(self) -> None:
        self._last = datetime.now(timezone.utc) - timedelta(hours=20)

    def __call__(self) -> datetime:
        self._last += timedelta(seconds=1)
        return self._last


@dataclass
class Actor:
    """One who wants to go on; `doing` is what the next turn begins with."""

    name: str
    thread: threading.Thread
    go: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    doing: str = "begins"
    error: BaseException | None = None
    done: bool = False


class Turns:
    """Lets one thread go at a time, as seeded chance has it; `between` two turns nobody is at work."""

    def __init__(self, chance: SeededRandom, between: Callable[[], None]) -> None:
        self.taken: list[str] = []
        self._chance = chance
        self._between = between
        self._staying = chance.pick((0.0, 0.3, 0.6))  # how likely the same one goes on
        self._actors: list[Actor] = []
        self._going: Actor | None = None
        self._back = threading.Semaphore(0)
        self._over = False

    def add(self, name: str, play: Callable[[], None]) -> None:
        """One more actor."""
        actor = Actor(name, threading.Thread(target=lambda: self._act(actor, play), name=name, daemon=True))
        self._actors.append(actor)
        actor.thread.start()

    def pause(self, doing: str) -> None:
        """Hand the baton back, and go on when it comes again."""
        actor = self._going
        assert actor is not None
        if not self._over:
            actor.doing = doing
            self._back.release()
            actor.go.acquire()
        if self._over:
            raise Cut

    def play(self) -> None:
        """Until all are done; raises what one of them raised."""
        try:
            while waiting := [actor for actor in self._actors if not actor.done]:
                self._between()
                self._turn(self._next(waiting))
        except BaseException:
            self._over = True
            raise
        finally:
            for actor in self._actors:
                actor.go.release()
                actor.thread.join(STUCK_SECONDS)

    def _next(self, waiting: list[Actor]) -> Actor:
        stays = self._going in waiting and self._chance.likely(self._staying)
        return self._going if stays and self._going else self._chance.pick(waiting)

    def _turn(self, actor: Actor) -> None:
        self._going = actor
        self.taken.append(f"{actor.name} {actor.doing}")
        actor.go.release()
        if not self._back.acquire(timeout=STUCK_SECONDS):
            raise AssertionError(f"{actor.name} is stuck since it {actor.doing}")
        if actor.error:
            raise actor.error

    def _act(self, actor: Actor, play: Callable[[], None]) -> None:
        actor.go.acquire()
        try:
            if not self._over:
                play()
        except BaseException as error:
            actor.error = error
        actor.done = True
        self._back.release()


class Changes:
    """Somebody at work in the PSA: rows come, change, move and go; now and then one is again as it was before."""

    def __init__(self, world: World, chance: SeededRandom, kinds: Iterable[str]) -> None:
        self.world, self._chance, self._kinds = world, chance, tuple(kinds)
        self._past: list[tuple[str, int, Any]] = []
        self._count = 0

    def one(self) -> str:
        """Change one row, and say what was done."""
        kind = self._chance.pick(self._kinds)
        what = self._chance.pick(("adds", "edits", "edits", "deletes", "moves", "moves", "undoes", "undoes"))
        table: Any = getattr(self.world, kind)
        before = dict(table)
        if what == "undoes" and self._past:
            return self._undo(*self._past.pop(int(self._chance.random() * len(self._past))))
        self._count += 1
        amounts: dict[str, dict[str, int]] = {"adds": {}, "edits": {}, "deletes": {}, "moves": {}}
        apply_daily_changes(self.world, self._count, **(amounts | {what: {kind: 1}} if what in amounts else amounts))
        touched = [id_ for id_ in sorted({*before, *table}) if before.get(id_) is not table.get(id_)]
        self._past += [(kind, id_, before.get(id_)) for id_ in touched]
        return f"{what} {kind} {', '.join(map(str, touched))}"

    def _undo(self, kind: str, id_: int, row: Any) -> str:
        """As if it had never been; but a company never goes without a mark."""
        table = getattr(self.world, kind)
        if row is not None:
            table.add(row)
        elif kind != "companies":
            table.pop(id_, None)
        return f"undoes {kind} {id_}"


class Watch:
    """Compares every merge with all that the world was so far.

    What a run begun at some moment has merged is from that moment on as the world was then or later, whoever merges
    afterwards; and a row that was found as it stands here at some moment is never again as it was before. Only of what
    is known better from a run begun later, a merge says nothing; nor does one that left the reading to another run.
    """

    def __init__(self, running: Rig, clock: Clock) -> None:
        self._rig, self._clock = running, clock
        self._moments: list[tuple[datetime, dict[str, Rows]]] = []
        self._merged: dict[tuple[str, str | None], datetime] = {}  # by table and company: when the run began
        self._settled: dict[tuple[str, str], datetime] = {}  # by table and key: no older state may be here
        self._unsettled: set[tuple[str, str | None, str]] = set()  # what a run saw in a company that is known better
        self._connection = psycopg.connect(running.dsn, autocommit=True, row_factory=dict_row)
        self.changed()

    def close(self) -> None:
        self._connection.close()

    def changed(self) -> None:
        """The world is another from now on."""
        self._moments.append((self._clock(), truth(self._rig.simulator.world)))

    def load(self, run: Sync, kind: str) -> None:
        """Load, and compare."""
        before = {table: self._rows(f"psa.{table}") for table in KINDS[kind]}
        staged = {table: self._staged(run, table) or {} for table in KINDS[kind]}
        asked = {table: self._staged(run, table + "_asked") for table in KINDS[kind]}
        counts = load(run, kind)
        for table in KINDS[kind]:
            now = self._rows(f"psa.{table}")
            if run.request.dry_run:
                assert now == before[table]
                continue
            if table in counts:
                check_books(counts[table], before[table], now)
            self._settle(self._entry(run, table), table, staged[table], asked[table], now)
            for key in {*now, *(key for _, world in self._moments for key in world[table])}:
                self._check(table, key, now.get(key))

    def _settle(
        self, entry: Row, table: str, staged: Mapping[str, Row], asked: Mapping[str, Row] | None, now: Mapping[str, Row]
    ) -> None:
        """Note what this merge leaves no doubt about."""
        begun: datetime = entry["started_at"]
        only, column = entry["company_source_id"], BY_NAME[table].company_column

        def known_better(company: str | None) -> bool:
            return self._merged.get((table, company), begun) > begun

        if not entry["requests"] or known_better(None) or known_better(only):
            return
        self._merged[table, only] = begun
        for key in {key for _, world in self._moments for key in world[table]}:
            copy = staged.get(key)
            self._unsettled.discard((table, only, key))
            brought = asked is not None and not copy and key not in asked  # by an older run, too late to be asked for
            if brought or (copy and column and known_better(copy[column])):
                self._unsettled.add((table, only, key))
                continue
            since = [begun] if only is None else []
            if copy and key in now and all(now[key][fact] == copy[fact] for fact in BY_NAME[table].facts):
                since.append(copy["fetched_at"])
            self._settled[table, key] = max([self._since(table, key), *since])

    def _check(self, table: str, key: str, row: Row | None) -> None:
        since = max([self._since(table, key), *self._of_companies(table, key, row)])
        if not any(same(row, world[table].get(key)) for world in self._worlds(since)):
            history = [f"{at:%H:%M:%S} {world[table].get(key)}" for at, world in self._moments]
            distinct = [one for one, last in zip(history, ["", *history], strict=False) if one[9:] != last[9:]]
            raise AssertionError("\n".join([f"{table} {key} was never so since {since:%H:%M:%S}: {row}", *distinct]))

    def _of_companies(self, table: str, key: str, row: Row | None) -> Iterator[datetime]:
        """When runs of one company began that know of this row: it is said to be there, or was there all the time."""
        column = BY_NAME[table].company_column
        for (name, company), begun in self._merged.items():
            if name == table and company and column and (table, company, key) not in self._unsettled:
                said = row is not None and row["deleted_at"] is None and row[column] == company
                owners = {(world[table].get(key) or {}).get(column) for world in self._worlds(begun)}
                if said or owners == {company}:
                    yield begun

    def _since(self, table: str, key: str) -> datetime:
        return self._settled.get((table, key), self._moments[0][0])

    def _worlds(self, since: datetime) -> list[dict[str, Rows]]:
        """What the world was at some moment from then on."""
        ends = [at for at, _ in self._moments[1:]] + [datetime.max.replace(tzinfo=timezone.utc)]
        return [world for (_, world), end in zip(self._moments, ends, strict=True) if end > since]

    def _entry(self, run: Sync, table: str) -> Row:
        entry = self._connection.execute(
            "SELECT * FROM psa.sync_runs WHERE run_id = %s AND table_name = %s", [run.run.run_id, table]
        ).fetchone()
        assert entry is not None
        assert entry["state"] == "loaded"
        if entry["requests"] == 0:
            assert run.asked_at is not None
            assert entry["started_at"] > run.asked_at, "what another run had read before is no answer to this one"
        return entry

    def _staged(self, run: Sync, table: str) -> dict[str, Row] | None:
        name = f"psa_staging.{table_name(run.run, table)}"
        found = self._connection.execute("SELECT to_regclass(%s) AS it", [name]).fetchone()
        return self._rows(name) if found and found["it"] else None

    def _rows(self, table: str) -> dict[str, Row]:
        return {row["source_id"]: row for row in self._connection.execute(f"SELECT * FROM {table}").fetchall()}


def same(row: Row | None, expected: Mapping[str, Any] | None) -> bool:
    """Whether a row here, or none, is what the world has; deleted companies are rows there, too."""
    if row is None or expected is None:
        gone = row is None or row["deleted_at"] is not None
        return gone and expected is None
    living = row["deleted_at"] is None or "deleted_at" in expected
    return living and all(bool(row[name] == value) for name, value in expected.items())


def check_books(counts: Counts, before: Mapping[str, Row], now: Mapping[str, Row]) -> None:
    """The counts are what happened to the table."""
    assert counts.inserted == len(now.keys() - before.keys())
    vanished = [key for key, row in before.items() if row["deleted_at"] is None and now[key]["deleted_at"] is not None]
    assert counts.deleted == len(vanished), f"{counts} but {vanished} vanished"


class Lines:
    """Connections that are used again: to make one takes longer than most of what a run does with it."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._all: list[Connection] = []
        self._free: list[Connection] = []

    @contextmanager
    def borrow(self) -> Iterator[Connection]:
        """One that nobody else has meanwhile."""
        if not self._free:
            self._all.append(psycopg.connect(self._dsn))
            self._free.append(self._all[-1])
        connection = self._free.pop()
        try:
            yield connection
        finally:
            connection.rollback()
            self._free.append(connection)

    def close(self) -> None:
        for connection in self._all:
            connection.close()


class Overlap:
    """Some runs over each other, all out of one seed."""

    def __init__(self, running: Rig, seed: int) -> None:
        self.rig = running
        self.chance = chance = SeededRandom(f"overlap/{seed}")
        self.kinds = chance.pick(OFTEN)
        self.clock = Clock()
        self.lines = Lines(running.dsn)
        self.watch = Watch(running, self.clock)
        self.changes = Changes(running.simulator.world, chance, self.kinds)
        self.turns = Turns(chance, self._between)
        self.changes_left = chance.number(10, 60)
        self.often = chance.pick((0.2, 0.5, 0.8))
        self.repeated = 0

    def play(self) -> None:
        """Every run to its end; the last one begins after the last change."""
        first = self._sync(Request(kinds=self.kinds))
        preflight(first)
        for kind in self.kinds:
            extract(first, kind)
            self.watch.load(first, kind)
        nightly, forced, single = self.chance.pick(((3, 2, 0), (3, 1, 1), (2, 1, 2), (1, 1, 3)))
        for number in range(nightly):
            self._add(f"nightly {number}", Request(kinds=self.kinds))
        for number in range(forced):
            self._add(f"forced {number}", Request(kinds=self.kinds), patient=self.chance.likely(0.3))
        for number in range(single):
            company = str(self.chance.pick(self.rig.simulator.world.companies.ids))
            request = Request(kinds=self.kinds, company=company, approved=self.kinds)  # a few rows may be all there are
            self._add(f"company {company} {number}", request, patient=self.chance.likely(0.3))
        if self.chance.likely(0.3):
            self._add("dry", Request(kinds=self.kinds, dry_run=True))
        self.turns.play()
        if self.changes_left:
            self.changes_left = 0
            self._add("last", Request(kinds=self.kinds))
            self.turns.play()

    def close(self) -> None:
        self.watch.close()
        self.lines.close()

    def _between(self) -> None:
        if not self.changes_left or not self.chance.likely(self.often):
            return
        self.changes_left -= 1
        self.turns.taken.append(f"    the world {self.changes.one()}")
        self.watch.changed()
        if not self.changes_left:
            self._add("last", Request(kinds=self.kinds))

    def _sync(self, request: Request) -> Sync:
        warehouse = Warehouse(cast(Callable[[], Connection], self.lines.borrow))
        return self.rig.sync(request=request, now=self.clock, warehouse=warehouse)

    def _add(self, name: str, request: Request, *, patient: bool = False) -> None:
        run = self._sync(request)
        kinds = self.chance.shuffled(list(request.planned))
        times = 1 if request.company else self.chance.pick((1, 1, 1, 1, 2))  # some are cleared when they are done
        steps = [kind for kind in kinds for _ in range(times)]
        cuts = iter([self.chance.pick((0, 0, 0, 0, 2, 4, 6)) for _ in range(100)])
        pace = _Pace(self.turns)

        @contextmanager
        def client() -> Iterator[Any]:
            opened = self.rig.client()
            opened.http.pace = pace
            yield opened

        def play() -> None:
            asked_at = self.clock() if patient else None
            going = replace(run, open_client=client, asked_at=asked_at)
            if request.company:
                going = replace(going, company=Company(request.company, "found by preflight"))
            for kind in steps:
                self._extract(going, kind, pace, cuts)
                self.turns.pause(f"loads {kind}")
                self.watch.load(going, kind)

        self.turns.add(name, play)

    def _extract(self, run: Sync, kind: str, pace: _Pace, cuts: Iterable[int]) -> None:
        for cut_at in cuts:
            self.turns.pause(f"extracts {kind}")
            pace.cut_at = cut_at
            try:
                extract(run, kind)
                return
            except (Cut, Truncated) as error:
                self.turns.taken.append(f"    {type(error).__name__}")
                self.repeated += isinstance(error, Truncated)
            finally:
                pace.cut_at = 0


@dataclass
class _Pace(Unpaced):
    """Before each request comes the turn of others; at request `cut_at` the worker dies (0: never)."""

    turns: Turns
    cut_at: int = 0

    def turn(self, endpoint: str) -> AbstractContextManager[float]:
        self.turns.pause("asks")
        if self.cut_at:
            self.cut_at -= 1
            if not self.cut_at:
                raise Cut
        return super().turn(endpoint)
