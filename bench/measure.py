"""What a program costs: its own processor time and memory, and the processor time of Postgres."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg

ROOT = Path(__file__).parent.parent
POLL_SECONDS = 0.02
LAST_LINES = 20
CONNECTED = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
MIB = 1024 if sys.platform == "linux" else 1024**2
"""How many of the units of `ru_maxrss` are a MiB."""


@dataclass(frozen=True)
class Cost:
    """What a program cost."""

    wall_seconds: float
    client_seconds: float
    """The processor time of its processes."""
    postgres_seconds: float
    """The processor time of Postgres meanwhile."""
    peak_mib: float
    """The most memory that its processes held, added up."""

    @property
    def cpu_seconds(self) -> float:
        """The processor time of both."""
        return self.client_seconds + self.postgres_seconds


@dataclass
class PostgresClock:
    """The processor time of a Postgres with all its processes, also of those that have ended."""

    dsn: str
    _postmaster: psutil.Process = field(init=False, repr=False)

    def __post_init__(self) -> None:
        with psycopg.connect(self.dsn) as connection:
            self._postmaster = psutil.Process(psutil.Process(connection.info.backend_pid).ppid())

    @contextmanager
    def measured(self) -> Iterator[list[float]]:
        """The processor time during the block, in a list that is filled at its end."""
        seconds: list[float] = []
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute("CHECKPOINT")  # what was written before is not counted
        before = self.seconds()
        yield seconds
        self.wait_until_unused()
        seconds.append(self.seconds() - before)

    def wait_until_unused(self) -> None:
        """Wait until no one else is connected to the database: a session ends after its client."""
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            while connection.execute(CONNECTED).fetchone() != (1,):
                time.sleep(POLL_SECONDS)

    def seconds(self) -> float:
        """The processor time so far."""
        while True:
            with suppress(psutil.NoSuchProcess):  # a process has ended meanwhile: look again
                before = self._postmaster.cpu_times()
                running = [one.cpu_times() for one in self._postmaster.children()]
                after = self._postmaster.cpu_times()
                ended = after.children_user + after.children_system
                if ended == before.children_user + before.children_system:
                    return ended + sum(one.user + one.system for one in (after, *running))


def cost_of(
    commands: Sequence[Sequence[str]], clock: PostgresClock, *, log: Path, environment: Mapping[str, str] | None = None
) -> Cost:
    """Run programs, each of which reads what the one before writes, and measure all of them together.

    Their messages go to the file `log`. Raises SystemExit if one of them fails.
    """
    with ExitStack() as stack, clock.measured() as postgres, log.open("ab") as messages:
        begun = time.perf_counter()
        processes: list[subprocess.Popen[bytes]] = []
        for command in commands:
            is_last = len(processes) == len(commands) - 1
            process = subprocess.Popen(  # noqa: S603
                command,
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
                stdin=processes[-1].stdout if processes else subprocess.DEVNULL,
                stdout=messages if is_last else subprocess.PIPE,
                stderr=messages,
            )
            if processes and processes[-1].stdout:
                processes[-1].stdout.close()  # so that it notices when its reader ends
            stack.callback(_end, process)
            processes.append(process)
        used = [_waited(process, log) for process in processes]
        wall = time.perf_counter() - begun
    client = sum(one.ru_utime + one.ru_stime for one in used)
    return Cost(wall, client, postgres[0], sum(one.ru_maxrss for one in used) / MIB)


def _waited(process: subprocess.Popen[bytes], log: Path) -> resource.struct_rusage:
    """What it used, once it has ended."""
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        said = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-LAST_LINES:])
        raise SystemExit(f"A loader ended with {process.returncode}. The end of its log:\n{said}")
    return used


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.returncode is None:
        process.kill()
        process.wait()
