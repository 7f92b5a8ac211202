"""The clock that measurements share with their processes."""

from __future__ import annotations

import multiprocessing
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from bench.shared_clock import ClockServer, SharedClock

AN_HOUR = 3600.0
_processes = multiprocessing.get_context("forkserver")


def sleep_often(folder: Path, times: int, seconds: float, line: Connection) -> None:
    clock = SharedClock(folder)
    for _ in range(times):
        clock.sleep(seconds)
        line.send((seconds, clock()))


@pytest.mark.timeout(60)
def test_hours_of_waiting_in_several_processes_pass_in_their_order(tmp_path: Path) -> None:
    ours, theirs = _processes.Pipe(duplex=False)
    jobs = ((3, AN_HOUR), (2, 2.5 * AN_HOUR))
    workers = [_processes.Process(target=sleep_often, args=[tmp_path, *job, theirs]) for job in jobs]
    with ClockServer(tmp_path) as clock:
        for worker in workers:
            worker.start()
        clock.run_until(lambda: not any(worker.is_alive() for worker in workers))
        assert clock.clock() == 5 * AN_HOUR
    woken = [ours.recv() for _ in range(5)]
    assert [at for _, at in woken] == [AN_HOUR, 2 * AN_HOUR, 2.5 * AN_HOUR, 3 * AN_HOUR, 5 * AN_HOUR]
