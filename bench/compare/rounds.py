"""Runs the loaders side by side: in each phase one after the other, on the same server and the same Postgres."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from bench.compare.job import Job
from bench.compare.loaders import QUIET, Loader
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
FIRST, UNCHANGED, CHANGED, DELETED = PHASES = ("first load", "nothing changed", "1 % changed", "0.5 % deleted")
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
        with _server(size, latency_ms, loaders) as server, ExitStack() as stack:
            dsns = {loader: stack.enter_context(database(self.postgres)) for loader in loaders}
            folders = {loader: tempfile.mkdtemp(dir=self.folder) for loader in loaders}
            for phase in phases:
                _change(server, size, phase)
                for loader in loaders:
                    job = _job(server, dsns[loader], folders[loader], phase)
                    measured = self._measured(loader, size, latency_ms, phase, job, server)
                    self.report(measured)
                    yield measured

    def _measured(self, loader: Loader, size: Size, latency_ms: int, phase: str, job: Job, server: Server) -> Measured:
        clock, log = PostgresClock(job.dsn), self.folder / f"{loader.name}.log"
        _tidy(job.dsn)
        requests, written = server.requests, _written(loader, job.dsn)
        cost = cost_of(loader.commands(job.dumped()), clock, log=log, environment=QUIET)
        _check(loader, size, job.dsn)
        written = _written(loader, job.dsn) - written
        return Measured(loader, size, latency_ms, phase, cost, server.requests - requests, written)


@contextmanager
def _server(size: Size, latency_ms: int, loaders: Sequence[Loader]) -> Iterator[Server]:
    sizes = {kind: getattr(size, kind) for kind in LISTINGS}
    with prepared_server(**sizes, sites=2 * size.companies, latency_ms=latency_ms) as server:
        if any(loader.same_fields for loader in loaders):
            server.render(FIELDS)
        if not all(loader.same_fields for loader in loaders):
            server.render(ALL_FIELDS)
        yield server


def _job(server: Server, dsn: str, folder: str, phase: str) -> Job:
    return Job(
        url=server.url,
        root=server.root,
        connection=server.connection,
        headers=server.headers,
        listings=LISTINGS,
        fields=FIELDS,
        page_size=PAGE_SIZE,
        dsn=dsn,
        folder=folder,
        run=f"psa_connectwise/{phase}",
    )


def _change(server: Server, size: Size, phase: str) -> None:
    if phase == CHANGED:
        server.edit(size.share(CHANGED_SHARE))
    if phase == DELETED:
        server.delete(size.share(DELETED_SHARE))


def _tidy(dsn: str) -> None:
    """What autovacuum would have done until the next night; it is switched off, since it would come at any moment."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")


def _written(loader: Loader, dsn: str) -> int:
    with psycopg.connect(dsn) as connection:
        found = connection.execute(WRITTEN, [loader.schema, list(LISTINGS)]).fetchone()
    return int(found[0]) if found else 0


def _check(loader: Loader, size: Size, dsn: str) -> None:
    """Raise SystemExit unless every record is there. Those that were deleted in the PSA are kept by all loaders."""
    with psycopg.connect(dsn) as connection:
        for kind in LISTINGS:
            table = sql.Identifier(loader.schema, kind)
            count = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(table)).fetchone()
            if count != (getattr(size, kind),):
                raise SystemExit(f"{loader.title} has {count} {kind} of {getattr(size, kind):,}.")
