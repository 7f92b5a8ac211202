"""Turns Ctrl-C, `kill` and a closed terminal into one exception that is raised once."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """A person stopped the demo."""


@contextmanager
def stoppable() -> Iterator[None]:
    """Signals interrupt the body; after it they are ignored, so that nothing interrupts the cleanup."""

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
