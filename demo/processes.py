"""Starts processes, and ends them with all of their descendants, and no other process.

Each process has the state folder as a mark in its environment and passes it on to its children. The mark finds tasks
whose parent has died, and processes of a demo that was killed.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from demo.errors import DemoError

MARK = "PSA_DEMO_STATE"
TERMINATE_SECONDS = 6
KILL_SECONDS = 5
KILL_ROUNDS = 5
LAST_LINES = 15


@dataclass(frozen=True)
class Component:
    """A program that the demo started, and its log."""

    name: str
    process: psutil.Popen
    log: Path


class Components:
    """All programs of one demo except Postgres, which is stopped after them."""

    def __init__(self, state: Path, *, logs: Path, environment: Mapping[str, str]) -> None:
        self._state = state
        self._logs = logs
        # Airflow renames its processes; without SPT_NOENV that would overwrite the environment, and the mark.
        self._environment = {**environment, MARK: str(state), "SPT_NOENV": "1"}
        self._running: list[Component] = []

    def start(self, name: str, command: Sequence[str | Path], *, cwd: Path) -> Component:
        """Starts it in a session of its own: Ctrl-C reaches only the demo, which then ends the others in order."""
        self._logs.mkdir(exist_ok=True)
        log = self._logs / f"{name}.log"
        with log.open("wb") as output:
            process = psutil.Popen(
                [str(word) for word in command],
                cwd=cwd,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        component = Component(name, process, log)
        self._running.append(component)
        return component

    def run(self, name: str, command: Sequence[str | Path], *, cwd: Path) -> None:
        """Runs a program to its end; raises DemoError if it fails."""
        component = self.start(name, command, cwd=cwd)
        code = component.process.wait()
        self._running.remove(component)
        if code != 0:
            raise DemoError(_failure(component, code))

    def check(self) -> None:
        """Raises DemoError with the end of the log if a component has ended."""
        for component in self._running:
            code = component.process.poll()
            if code is not None:
                raise DemoError(_failure(component, code))

    def stop(self) -> None:
        end_marked(self._state)
        for component in self._running:
            component.process.wait()
        self._running.clear()


def adopt_orphans() -> None:
    """Makes this process the parent of orphaned descendants: process 1 of a container often leaves them as zombies."""
    if sys.platform == "linux":
        set_child_subreaper = 36  # PR_SET_CHILD_SUBREAPER of <linux/prctl.h>
        ctypes.CDLL(None).prctl(set_child_subreaper, 1, 0, 0, 0)


def collect_orphans() -> None:
    """Collects children that have ended; only for use when no other code waits for a child."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass


def marked(state: Path) -> list[psutil.Process]:
    """All processes that a demo started for this state folder."""
    found = []
    for process in psutil.process_iter(["environ"]):  # None for processes of other users
        if (process.info["environ"] or {}).get(MARK) == str(state):
            found.append(process)
    return found


def end_marked(state: Path) -> None:
    """Terminates, then kills in several rounds, because a process may fork in the meantime."""
    _terminate(marked(state))
    for _ in range(KILL_ROUNDS):
        if not (left := marked(state)):
            return
        kill(left)


def _terminate(processes: Iterable[psutil.Process]) -> None:
    """Terminates only the topmost processes, which end their own children."""
    family = {process.pid: process for process in processes}
    heads = []
    for process in family.values():
        with suppress(psutil.NoSuchProcess):
            if process.ppid() not in family:
                process.terminate()
                heads.append(process)
    wait_until_gone(heads, seconds=TERMINATE_SECONDS)


def kill(processes: Iterable[psutil.Process]) -> None:
    killed = list(processes)
    for process in killed:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    wait_until_gone(killed, seconds=KILL_SECONDS)


def wait_until_gone(processes: Iterable[psutil.Process], *, seconds: float) -> list[psutil.Process]:
    """Returns the processes that are still there after `seconds`."""
    deadline = time.monotonic() + seconds
    left = list(processes)
    while left := [process for process in left if not is_gone(process)]:
        if time.monotonic() > deadline:
            break
        time.sleep(0.02)
    return left


def is_gone(process: psutil.Process) -> bool:
    """A zombie counts as gone, because process 1 of a container may never collect it."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _failure(component: Component, code: int) -> str:
    lines = component.log.read_text(encoding="utf-8", errors="replace").splitlines()[-LAST_LINES:]
    quoted = "\n".join(f"    {line}" for line in lines)
    return f"{component.name} ended with code {code}. The end of {component.log}:\n{quoted}"
