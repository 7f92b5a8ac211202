"""Threads of which one goes at a time, so that what they do together can be repeated."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

STUCK_SECONDS = 20.0  # a turn takes milliseconds; one that takes this long waits for an actor that cannot go on


class Cut(Exception):
    """The worker died."""


@dataclass
class Actor:
    """One of the threads."""

    name: str
    thread: threading.Thread
    go: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    doing: str = "begins"
    """What its next turn begins with."""
    error: BaseException | None = None
    done: bool = False


class Turns:
    """Lets one actor go at a time. Between two turns no one is at work."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self._actors: list[Actor] = []
        self._going: Actor | None = None
        self._back = threading.Semaphore(0)
        self._over = False

    def __enter__(self) -> Turns:
        return self

    def __exit__(self, *_: object) -> None:
        """Cut off those that have not finished."""
        self._over = True
        for actor in self._actors:
            actor.go.release()
            actor.thread.join(STUCK_SECONDS)

    @property
    def waiting(self) -> list[Actor]:
        """Those that have not finished."""
        return [actor for actor in self._actors if not actor.done]

    def add(self, name: str, play: Callable[[], None]) -> None:
        """One more actor."""
        actor = Actor(name, threading.Thread(target=lambda: self._act(actor, play), name=name, daemon=True))
        self._actors.append(actor)
        actor.thread.start()

    def pause(self, doing: str) -> None:
        """Called by the actor whose turn it is: end the turn, and go on when the next one comes."""
        actor = self._going
        assert actor is not None
        if not self._over:
            actor.doing = doing
            self._back.release()
            actor.go.acquire()
        if self._over:
            raise Cut

    def take(self, actor: Actor) -> None:
        """One turn of this actor; raises what the actor raised."""
        self._going = actor
        self.taken.append(f"{actor.name} {actor.doing}")
        actor.go.release()
        if not self._back.acquire(timeout=STUCK_SECONDS):
            raise AssertionError(f"{actor.name} is stuck since it {actor.doing}")
        if actor.error:
            raise actor.error

    def take_all(self) -> None:
        """All turns that are left, one actor after the other, and those that were added last first."""
        while waiting := self.waiting:
            self.take(waiting[-1])

    def _act(self, actor: Actor, play: Callable[[], None]) -> None:
        actor.go.acquire()
        try:
            if not self._over:
                play()
        except BaseException as error:
            actor.error = error
        actor.done = True
        self._back.release()
