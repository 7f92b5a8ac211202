"""The command line: it prints its address, stops without output, and explains its arguments."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from simulator.__main__ import main
from tests.simulator.connectwise.client import Client

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_its_address_and_stops_without_output(number: signal.Signals) -> None:
    command = [sys.executable, "-m", "simulator", "--companies", "3", "--port", "0"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            printed = "".join(process.stdout.readline() for _ in range(4))
            process.send_signal(number)
            rest = process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    assert "3 companies, 6 sites, 30 assets, 15 contacts: http://127.0.0.1:" in printed
    assert "password" in printed
    assert (process.returncode, rest) == (0, ("", ""))


def test_with_life_tickets_change_while_it_serves() -> None:
    command = [sys.executable, "-m", "simulator", "--companies", "3", "--port", "0", "--life", "0.01"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        try:
            deadline = time.monotonic() + 30
            while (health := requests.get(f"{url}/_simulator/health", timeout=5).json())["rows"]["tickets"] == 12:
                assert time.monotonic() < deadline, health
        finally:
            process.send_signal(signal.SIGINT)


def test_a_busy_port_is_one_line_and_exit_code_1(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    port = client.simulator.url.rpartition(":")[2]
    assert main(["--companies", "1", "--port", port]) == 1
    assert capsys.readouterr().err == f"cannot listen on 127.0.0.1:{port}: Address already in use\n"


def test_the_faults_are_listed_with_their_parameters(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list-faults"]) == 0
    assert "slow:path=*,after=0,times=0,ms=1000\n" in capsys.readouterr().out


def test_a_misspelt_fault_ends_with_a_hint(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--fault", "slwo"])
    assert stopped.value.code == 2
    assert "no fault is called 'slwo'" in capsys.readouterr().err
