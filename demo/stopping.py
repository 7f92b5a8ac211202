"""Ctrl-C, `kill` and a closed terminal, turned into one exception that is raised once."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """The person has seen enough."""


@contextmanager
def stoppable() -> Iterator[None]:
    """Signals interrupt the body; after it they are ignored, so that nothing interrupts the cleaning up."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        _ignore()
        raise Stopped

    for number in SIGNALS:
        signal.signal(number, stop)
    try:
        yield
    finally:
        _ignore()


def _ignore() -> None:
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
