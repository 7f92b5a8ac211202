"""Ending processes: all of ours, none of anybody else's."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from demo.errors import DemoError
from demo.processes import MARK, Components, end_marked, is_gone, marked
from demo.stopping import SIGNALS, Stopped, stoppable

FOR_LONG = "sleep 1000"


@pytest.fixture
def components(tmp_path: Path) -> Iterator[Components]:
    components = Components(tmp_path, logs=tmp_path / "logs", environment=os.environ)
    yield components
    components.stop()


def test_stopping_ends_a_component_and_its_children(components: Components, tmp_path: Path) -> None:
    components.start("family", ["sh", "-c", f"{FOR_LONG} & {FOR_LONG}"], cwd=tmp_path)
    components.stop()
    assert marked(tmp_path) == []


def test_stopping_ends_grandchildren_whose_parents_have_gone(components: Components, tmp_path: Path) -> None:
    components.run("family", ["sh", "-c", f"sh -c '{FOR_LONG} & {FOR_LONG} &'"], cwd=tmp_path)
    orphans = both_orphans(tmp_path)
    components.stop()
    assert all(is_gone(orphan) for orphan in orphans)


def both_orphans(state: Path) -> list[psutil.Process]:
    """A process has no environment to be known by in the moment in which it becomes another program."""
    deadline = time.monotonic() + 10
    while len(found := marked(state)) < 2:
        assert time.monotonic() < deadline
    return found


def test_stopping_ends_what_ignores_a_polite_request(components: Components, tmp_path: Path) -> None:
    """Deaf before it is started: a shell hands an ignored signal on to its children."""
    components.run("deaf", ["sh", "-c", f"trap '' TERM; {FOR_LONG} &"], cwd=tmp_path)
    components.stop()
    assert marked(tmp_path) == []


def test_what_a_killed_demo_left_behind_is_found_again(tmp_path: Path) -> None:
    program = (
        "import os, pathlib, sys; from demo.processes import Components\n"
        "state = pathlib.Path(sys.argv[1])\n"
        "components = Components(state, logs=state / 'logs', environment=os.environ)\n"
        f"components.start('x', ['sh', '-c', '{FOR_LONG}'], cwd=state)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    killed = subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert marked(tmp_path)
    end_marked(tmp_path)
    assert marked(tmp_path) == []


def test_a_demo_of_another_folder_is_none_of_our_business(tmp_path: Path) -> None:
    environment = {**os.environ, MARK: str(tmp_path / "other")}
    with subprocess.Popen(["sleep", "1000"], env=environment) as other:
        try:
            end_marked(tmp_path)
            assert other.poll() is None
        finally:
            other.kill()


def test_a_component_that_died_gets_the_last_word(components: Components, tmp_path: Path) -> None:
    components.start("scheduler", ["sh", "-c", "echo out of luck; exit 3"], cwd=tmp_path).process.wait()
    with pytest.raises(DemoError, match=r"scheduler ended with code 3.*\n +out of luck"):
        components.check()


def test_a_step_that_fails_is_reported_with_its_log(components: Components, tmp_path: Path) -> None:
    with pytest.raises(DemoError, match=r"migrate ended with code 1.*\n +no such table"):
        components.run("migrate", ["sh", "-c", "echo no such table >&2; exit 1"], cwd=tmp_path)


@pytest.fixture
def _same_signals_afterwards() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("_same_signals_afterwards")
@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_stops_the_demo(number: signal.Signals) -> None:
    with pytest.raises(Stopped), stoppable():
        os.kill(os.getpid(), number)


@pytest.mark.usefixtures("_same_signals_afterwards")
@pytest.mark.parametrize("number", SIGNALS)
def test_no_signal_disturbs_the_cleaning_up(number: signal.Signals) -> None:
    with stoppable():
        pass
    os.kill(os.getpid(), number)
