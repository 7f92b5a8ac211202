"""Runs the loaders side by side: in each phase one after the other, on the same server and the same Postgres."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from bench.compare.in_airflow import running_airflow
from bench.compare.job import Job
from bench.compare.loaders import IN_AIRFLOW, QUIET, Loader
from bench.measure import Cost, PostgresClock, cost_of
from bench.prepared_server import LISTINGS, PAGE_SIZE, Server, prepared_server
from demo.postgres import EmbeddedPostgres
from include.connectors.connectwise import columns
from tests.support.databases import database

FIELDS: Mapping[str, str] = {
    "companies": columns.requested(columns.COMPANY_COLUMNS),
    "contacts": columns.requested(columns.CONTACT_COLUMNS),
    "assets": columns.requested(columns.ASSET_COLUMNS),
}
ALL_FIELDS = dict.fromkeys(FIELDS, "")
FIRST, UNCHANGED, CHANGED, ALL_CHANGED, DELETED = PHASES = (
    *("first load", "nothing changed", "1 % changed", "everything changed", "0.5 % deleted"),
)
CHANGED_SHARE, DELETED_SHARE = 0.01, 0.005
# What is inserted, updated and deleted in the tables that people read, child tables included.
WRITTEN = """
    SELECT COALESCE(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::bigint FROM pg_stat_user_tables
    WHERE schemaname = %s AND (split_part(relname, '__', 1) = ANY(%s))
"""


@dataclass(frozen=True)
class Size:
    """How many records there are."""

    name: str
    companies: int
    contacts: int
    assets: int

    @property
    def rows(self) -> int:
        """All of them."""
        return self.companies + self.contacts + self.assets

    def share(self, share: float) -> dict[str, int]:
        """The part of each kind."""
        return {kind: round(getattr(self, kind) * share) for kind in LISTINGS}


SMALL = Size("S", 1_000, 5_000, 10_000)
SIZES = {size.name: size for size in (SMALL, Size("M", 4_000, 20_000, 40_000), Size("L", 10_000, 50_000, 100_000))}


@dataclass(frozen=True)
class Measured:
    """One run of one loader."""

    loader: Loader
    size: Size
    latency_ms: int
    phase: str
    cost: Cost
    requests: int
    written: int

    @property
    def row_us(self) -> float:
        """The processor time for a record that is listed, in microseconds."""
        return self.cost.cpu_seconds / self.size.rows * 1_000_000


@dataclass(frozen=True)
class Bench:
    """What every round uses."""

    postgres: EmbeddedPostgres
    folder: Path
    report: Callable[[Measured], None]
    """Is given each run as it ends."""

    @property
    def version(self) -> str:
        """That of Postgres."""
        with psycopg.connect(self.postgres.url()) as connection:
            return f"{connection.info.server_version // 10000}"

    def round(
        self, loaders: Sequence[Loader], size: Size, latency_ms: int, phases: Iterable[str]
    ) -> Iterator[Measured]:
        """All phases of all loaders, each with a database of its own."""
        selections = [FIELDS, *([] if all(loader.same_fields for loader in loaders) else [ALL_FIELDS])]
        with server_of(size, latency_ms, *selections) as server, ExitStack() as stack:
            places = [stack.enter_context(self._place(loader, server)) for loader in loaders]
            for phase in phases:
                change(server, size, phase)
                for place in places:
                    measured = _measured(place, size, latency_ms, phase, server)
                    self.report(measured)
                    yield measured

    @contextmanager
    def _place(self, loader: Loader, server: Server) -> Iterator[Place]:
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        folder.chmod(0o711)
        if loader is IN_AIRFLOW:
            with running_airflow(self.postgres, folder, server) as airflow:
                yield Place(loader, airflow.dsn, folder, airflow.run)
            return

        def run(job: Job, clock: PostgresClock) -> Cost:
            return cost_of(loader.commands(job.dumped()), clock, log=folder / "log", environment=QUIET)

        with database(self.postgres) as dsn:
            yield Place(loader, dsn, folder, run)


@dataclass(frozen=True)
class Place:
    """Where a loader works in one round."""

    loader: Loader
    dsn: str
    """Its warehouse, as the superuser."""
    folder: Path
    """Where it may keep files between its runs."""
    run: Callable[[Job, PostgresClock], Cost]


def _measured(place: Place, size: Size, latency_ms: int, phase: str, server: Server) -> Measured:
    _tidy(place.dsn)
    requests, written = server.requests, _written(place)
    cost = place.run(job_of(server, place.dsn, place.folder, phase), PostgresClock(place.dsn))
    _check(place, size)
    return Measured(place.loader, size, latency_ms, phase, cost, server.requests - requests, _written(place) - written)


@contextmanager
def server_of(size: Size, latency_ms: int, *selections: Mapping[str, str]) -> Iterator[Server]:
    """A server with so many records, which are rendered with these selections of fields."""
    sizes = {kind: getattr(size, kind) for kind in LISTINGS}
    with prepared_server(**sizes, sites=2 * size.companies, latency_ms=latency_ms) as server:
        for selection in selections:
            server.render(selection)
        yield server


def job_of(server: Server, dsn: str, folder: Path, phase: str) -> Job:
    """What a loader is to do in a phase."""
    return Job(
        url=server.url,
        root=server.root,
        connection=server.connection,
        headers=server.headers,
        listings=LISTINGS,
        fields=FIELDS,
        page_size=PAGE_SIZE,
        dsn=dsn,
        folder=str(folder),
        run=f"psa_connectwise/{phase}",
    )


def change(server: Server, size: Size, phase: str) -> None:
    """Change the records that are changed before a phase."""
    if phase == CHANGED:
        server.edit(size.share(CHANGED_SHARE))
    if phase == ALL_CHANGED:
        server.edit(size.share(1.0))
    if phase == DELETED:
        server.delete(size.share(DELETED_SHARE))


def _tidy(dsn: str) -> None:
    """What autovacuum would have done until the next night; it is switched off, since it would come at any moment."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")


def _written(place: Place) -> int:
    with psycopg.connect(place.dsn) as connection:
        found = connection.execute(WRITTEN, [place.loader.schema, list(LISTINGS)]).fetchone()
    return int(found[0]) if found else 0


def _check(place: Place, size: Size) -> None:
    """Raise SystemExit unless every record is there. Those that were deleted in the PSA are kept by all loaders."""
    with psycopg.connect(place.dsn) as connection:
        for kind in LISTINGS:
            table = sql.Identifier(place.loader.schema, kind)
            count = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(table)).fetchone()
            if count != (getattr(size, kind),):
                raise SystemExit(f"{place.loader.title} has {count} {kind} of {getattr(size, kind):,}.")
