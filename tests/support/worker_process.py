"""A worker that does one task in a process of its own, which a test kills or which kills itself."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from multiprocessing.connection import Connection as Pipe
from multiprocessing.context import ForkServerProcess
from threading import Lock
from typing import Any, ClassVar

import psycopg
import requests

from include import connectors
from include.http.auth import SharedToken
from include.http.session import PsaLogin
from include.model.company import Company
from include.model.limits import Lane
from include.model.run import Run
from include.model.setup import Setup
from include.sync.approval import answer
from include.sync.details import read_details
from include.sync.extract import extract
from include.sync.load import load
from include.sync.run import Sync
from include.sync.shared_tokens import SharedTokens
from include.warehouse.budget import shared_budget
from include.warehouse.connection import Warehouse
from simulator.faults.base import Fault
from simulator.messages import Request
from tests.support.rig import Clock, Rig

AS_OFTEN_AS_NEEDED = 10**6
STEPS: Mapping[str, Callable[[Sync, str], object]] = {
    "extract": extract,
    "load": load,
    "details": read_details,
    "approve": partial(answer, option="Approve", user="ada"),
}
# Each worker is forked from a process that has no threads, and has imported what takes long.
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(
    [__name__, "airflow.sdk.log", *(f"include.connectors.{name}" for name in connectors.NAMES)]
)


@dataclass(frozen=True)
class Task:
    """What the process does, in values that can be sent to it."""

    step: str
    dsn: str
    login: PsaLogin
    vendor: str
    run: Run
    kind: str
    setup: Setup
    company: Company | None
    known: dict[str, str]
    """What preflight has found out."""
    token: SharedToken | None
    """The token that preflight was given."""
    is_retry: bool
    dies_at: int
    """The number of the statement in place of which the process kills itself; 0: none."""
    instead: tuple[int, int] | None
    """Another process, and the signal that ends it at that statement instead."""


@dataclass(frozen=True)
class Worker:
    """The process, and what it reports at its end."""

    process: ForkServerProcess
    _statements: Pipe

    @property
    def statements(self) -> int:
        """How many statements it sent to Postgres, once it has come to its end."""
        return int(self._statements.recv())

    def kill(self) -> None:
        """End it at once, by SIGKILL."""
        self.process.kill()

    def wait(self) -> int | None:
        """How it ended: 0, or the negative number of the signal that killed it."""
        self.process.join()
        return self.process.exitcode


@contextmanager
def at_work(
    running: Rig, sync: Sync, step: str, kind: str, *, dies_at: int = 0, instead: tuple[int, int] | None = None
) -> Iterator[Worker]:
    """A worker at a task of this run; it has ended after the block."""
    of_run = (sync.run, kind, sync.setup, sync.company, sync.known, sync.tokens.find(), sync.is_retry)
    task = Task(step, running.dsn, running.login(), running.vendor, *of_run, dies_at, instead)
    receiving, sending = CONTEXT.Pipe(duplex=False)
    with receiving:
        process = CONTEXT.Process(target=_work, args=(task, sending))
        process.start()
        sending.close()
        try:
            yield Worker(process, receiving)
        finally:
            process.kill()
            process.join()
            process.close()


@dataclass(kw_only=True)
class Deadly(Fault):
    """Kills a process when a request arrives, and answers the request as usual."""

    name: ClassVar[str] = "deadly"
    kill: Callable[[], None]
    times: int = 1

    def applies_to(self, request: Request) -> bool:
        if super().applies_to(request):
            self.kill()
        return False


@dataclass
class _Statements:
    """Counts the statements of this process, and kills it, or another one, at one of them."""

    dies_at: int
    instead: tuple[int, int] | None
    sent: int = 0
    _counting: Lock = field(default_factory=Lock)

    def count(self) -> None:
        with self._counting:
            self.sent += 1
            if self.sent == self.dies_at:
                os.kill(*(self.instead or (os.getpid(), signal.SIGKILL)))

    def connect(self, dsn: str) -> psycopg.Connection[Any]:
        count = self.count

        class Counted(psycopg.Cursor[Any]):
            def execute(self, *args: Any, **options: Any) -> Any:
                count()
                return super().execute(*args, **options)

            def executemany(self, *args: Any, **options: Any) -> None:
                count()
                super().executemany(*args, **options)

            def copy(self, *args: Any, **options: Any) -> Any:
                count()
                return super().copy(*args, **options)

        return psycopg.connect(dsn, cursor_factory=Counted)


def _work(task: Task, done: Pipe) -> None:
    statements, clock = _Statements(task.dies_at, task.instead), Clock()
    connector, warehouse = connectors.load(task.vendor), Warehouse(lambda: statements.connect(task.dsn))

    @contextmanager
    def open_client() -> Iterator[Any]:
        with requests.Session() as session:
            session.trust_env = False
            limits = replace(connector.limits, requests=AS_OFTEN_AS_NEEDED)
            with shared_budget(warehouse, connector.account_key(task.login), limits, Lane.NIGHTLY) as budget:
                budget.now, budget.sleep, budget.clock = clock.moment, clock.sleep, clock
                client: Any = connector.connect(session, task.login, budget)
                client.http.sleep = clock.sleep
                yield client

    sync = Sync(
        connector,
        task.run,
        task.setup,
        warehouse,
        open_client,
        company=task.company,
        known=task.known,
        is_retry=task.is_retry,
        tokens=SharedTokens(task.token),
    )
    STEPS[task.step](sync, task.kind)
    done.send(statements.sent)
