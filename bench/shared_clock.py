"""A clock that several processes share, and that jumps as soon as all of them are idle.

Whoever has to wait says until when. When every thread of every process below this one waits for something, time jumps
to the earliest of these moments. So an hour of waiting takes as long as the work in between, and work takes no time.
"""

from __future__ import annotations

import asyncio
import mmap
import os
import socket
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cached_property
from heapq import heappop, heappush
from pathlib import Path
from types import TracebackType

from include.model.waiting import GivenUp, given_up

_MOMENT = struct.Struct("d")
_POLL_SECONDS = 0.0005
_LOOKS = 2  # a thread that was woken a moment ago may be seen asleep once


@dataclass(frozen=True)
class SharedClock:
    """The clock as a process reads it, also after it was sent to that process."""

    folder: Path
    """Where its two files are: the time, and the socket on which sleepers say until when."""

    def __call__(self) -> float:
        """Seconds since the clock was started."""
        moment: float = _MOMENT.unpack_from(self._time)[0]
        return moment

    def moment(self) -> datetime:
        """The same as a date."""
        return datetime(2026, 11, 22, tzinfo=timezone.utc) + timedelta(seconds=self())

    def sleep(self, seconds: float) -> None:
        """Wait; raises GivenUp afterwards if no one wants the answer any more."""
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(self._socket))
            line.sendall(_MOMENT.pack(self() + seconds))
            line.recv(1)
        event = given_up.get()
        if event is not None and event.is_set():
            raise GivenUp

    async def sleep_async(self, seconds: float) -> None:
        """Wait, in an event loop."""
        reader, writer = await asyncio.open_unix_connection(self._socket)
        try:
            writer.write(_MOMENT.pack(self() + seconds))
            await reader.read(1)
        finally:
            writer.close()

    @cached_property
    def _time(self) -> mmap.mmap:
        with (self.folder / "time").open("r+b") as file:
            return mmap.mmap(file.fileno(), _MOMENT.size)

    @property
    def _socket(self) -> Path:
        return self.folder / "sleepers"


class ClockServer:
    """Moves a shared clock, in the process above all that use it."""

    def __init__(self, folder: Path) -> None:
        (folder / "time").write_bytes(_MOMENT.pack(0.0))
        self.clock = SharedClock(folder)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / "sleepers"))
        self._listener.listen(256)
        self._listener.setblocking(False)
        self._sleepers: list[tuple[float, int, socket.socket]] = []
        self._count = 0

    def __enter__(self) -> ClockServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()
        for *_, line in self._sleepers:
            line.close()

    def run_until(self, is_done: Callable[[], bool]) -> None:
        """Move the clock until something is done."""
        while not is_done():
            self._accept()
            if all(_is_idle(os.getpid()) for _ in range(_LOOKS)):
                self._accept()
                self._jump()
            else:
                time.sleep(_POLL_SECONDS)

    def _accept(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except BlockingIOError:
                return
            line.setblocking(True)
            self._count += 1
            heappush(self._sleepers, (*_MOMENT.unpack(line.recv(_MOMENT.size)), self._count, line))

    def _jump(self) -> None:
        if not self._sleepers:
            time.sleep(_POLL_SECONDS)
            return
        _MOMENT.pack_into(self.clock._time, 0, max(self.clock(), self._sleepers[0][0]))
        while self._sleepers and self._sleepers[0][0] <= self.clock():
            heappop(self._sleepers)[-1].close()


def _is_idle(process: int) -> bool:
    """Whether no thread of the processes below this one is running or about to run, by what Linux says of them."""
    return not any(state in b"RD" for child in _children(process) for state in _states(child))


def _states(process: int) -> Iterator[bytes]:
    for thread in _threads(process):
        yield _read(f"{thread}/stat").rpartition(b") ")[2][:1]
    for child in _children(process):
        yield from _states(child)


def _children(process: int) -> list[int]:
    return [int(child) for thread in _threads(process) for child in _read(f"{thread}/children").split()]


def _threads(process: int) -> list[str]:
    try:
        return [f"/proc/{process}/task/{thread}" for thread in os.listdir(f"/proc/{process}/task")]  # noqa: PTH208 - likewise
    except FileNotFoundError:
        return []


def _read(file: str) -> bytes:
    """What a file says; nothing if its thread has just ended, which counts as running."""
    try:
        with open(file, "rb") as opened:  # noqa: PTH123 - in half the time of a Path: hundreds are read for each jump
            return opened.read()
    except (FileNotFoundError, ProcessLookupError):
        return b""
