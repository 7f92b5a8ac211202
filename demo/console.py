"""The demo's messages."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def step(what: str) -> Iterator[None]:
    """Prints one line: the step, and how long it took."""
    began = time.monotonic()
    print(f"  {what:<46}", end="", flush=True)
    try:
        yield
    except BaseException:
        print(flush=True)
        raise
    print(f"{time.monotonic() - began:6.1f} s", flush=True)


def say(text: str = "") -> None:
    print(text, flush=True)
