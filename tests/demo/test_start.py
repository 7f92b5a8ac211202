"""What the demo checks before it starts anything, and what it keeps from one time to the next."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from demo import options, ports
from demo.errors import DemoError
from demo.options import Options
from demo.state import State


def test_nothing_said_means_the_usual() -> None:
    assert options.read({}) == Options(once=False, port=8080, companies=None)


def test_what_is_said_counts() -> None:
    said = options.read({"ONCE": "1", "PORT": "8081", "COMPANIES": "50"})
    assert said == Options(once=True, port=8081, companies=50)


@pytest.mark.parametrize("text", ["abc", "0", "-1", "65536", "8080.0", "²"])
def test_a_port_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(DemoError, match="PORT="):
        options.read({"PORT": text})


def test_a_busy_port_is_named_with_its_holder_and_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(DemoError, match=rf"Port {port}.*process {os.getpid()}.*\n.*PORT=\d+ make demo"):
            ports.insist_on(port)


def test_a_free_port_is_no_reason_to_complain() -> None:
    ports.insist_on(ports.free_port())


def test_an_msp_keeps_its_size_and_another_size_is_refused_with_the_ways_out(tmp_path: Path) -> None:
    state = State(tmp_path)
    assert state.companies(50) == 50
    assert state.companies(None) == state.companies(50) == 50
    with pytest.raises(DemoError, match=r"(?s)50 companies.*make clean && make demo COMPANIES=1000"):
        state.companies(1000)


def test_secrets_are_made_up_once_and_for_our_eyes_only(tmp_path: Path) -> None:
    first = State(tmp_path).secrets()
    assert State(tmp_path).secrets() == first
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_a_second_demo_at_the_same_time_is_told_about_the_first(tmp_path: Path) -> None:
    state = State(tmp_path / ".demo")
    told = pytest.raises(DemoError, match=rf"already running here \(process {os.getpid()}\)")
    with state.locked(), told, state.locked():
        pass


def test_the_lock_goes_with_its_holder(tmp_path: Path) -> None:
    state = State(tmp_path / ".demo")
    with state.locked():
        pass
    with state.locked():
        pass
