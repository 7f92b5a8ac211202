"""Questions that the ticket page answers late or not at all, and how late: by its real figures, in threads."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import psycopg

from tests.support.page_client import PageClient, Reply

VIEWER = "patient"
LATE_SECONDS = 4.0  # how much later than due an answer may come, on a machine that is busy with other tests
HANGING, FULL, SLOW, BUSY = "waits_hanging", "waits_full", "waits_slow", "waits_busy"
LISTING, TICKETS, MEMBERS = "/service/tickets", "/service/tickets/*", "/system/members"
ALL = {"state": "all"}


@dataclass(frozen=True)
class Timed:
    """An answer of the page, and how long it took."""

    reply: Reply
    seconds: float

    def came_after(self, seconds: float) -> bool:
        return seconds <= self.seconds < seconds + LATE_SECONDS


@dataclass(frozen=True)
class Turns:
    """Answers of a page whose budget in Postgres was paused, and what followed."""

    in_four_seconds: Timed
    """The next turn came within the page's patience."""
    in_six_seconds: Timed
    """The next turn would have come later."""
    seconds_shared: float
    """The time between the answers of two requests to the PSA for one question that is asked all the time."""


@dataclass(frozen=True)
class Waits:
    """What the page answers; each result is there when it has waited."""

    full: Future[Sequence[Timed]]
    """Four questions at once to a PSA that never answers: one more than the page has threads for it."""
    slow: Future[tuple[Timed, Timed]]
    """A list whose people take longer, and a ticket of which each part takes twenty seconds."""
    turns: Future[Turns]


@contextmanager
def waits(client: PageClient) -> Iterator[Waits]:
    """Ask everything that takes long, and let the caller do other things meanwhile."""
    client.rig.simulators[FULL].faults.add(f"hang:path={LISTING}")
    client.ask_as(VIEWER, "GET", "/api/psas")  # Airflow imports the page on its first request, which takes seconds
    with ThreadPoolExecutor() as pool:
        yield Waits(
            full=pool.submit(ask_at_once, client, FULL, 4),
            slow=pool.submit(_slow, client),
            turns=pool.submit(_turns, client),
        )


def use_budget_up(client: PageClient, source: str) -> None:
    """Let the PSA's row in the warehouse say that the whole limit was used just now."""
    _update_budget(
        client, source, "totals = totals[: cardinality(totals) - 1] || totals[cardinality(totals)] + 1000000"
    )


def refill_budget(client: PageClient, source: str) -> None:
    """Let it say that nothing was used, and no pause asked for."""
    _update_budget(client, source, "totals = array_fill(0, ARRAY[cardinality(totals)]), paused_until = '-infinity'")


def _pause(client: PageClient, source: str, seconds: int) -> None:
    """As after a 429 of the PSA that says for how long."""
    _update_budget(client, source, f"paused_until = clock_timestamp() + interval '{seconds} s'")


def _update_budget(client: PageClient, source: str, change: str) -> None:
    host = client.rig.simulators[source].url.partition("//")[2]
    with psycopg.connect(client.rig.airflow.warehouse, autocommit=True) as connection:
        statement = f"UPDATE psa.request_budget SET {change} WHERE position(%s IN account) > 0 AND endpoint = ''"
        assert connection.execute(statement, [host]).rowcount == 1


def ask_at_once(client: PageClient, source: str, questions: int, *, user: str = VIEWER) -> Sequence[Timed]:
    """The answers, the quickest first."""
    with ThreadPoolExecutor(questions) as pool:
        asked = [
            pool.submit(_ask, client, source, "tickets", {**ALL, "text": f"text {number}"}, user)
            for number in range(questions)
        ]
    return sorted((one.result() for one in asked), key=lambda one: one.seconds)


def _slow(client: PageClient) -> tuple[Timed, Timed]:
    simulator = client.rig.simulators[SLOW]
    simulator.faults.add(f"slow:ms=6000,path={MEMBERS}")
    listed = _ask(client, SLOW, "tickets", ALL)
    simulator.faults.add(f"slow:ms=20000,path={TICKETS}")
    return listed, _ask(client, SLOW, "ticket", {"key": str(simulator.world.tickets.ids[0])})


def _turns(client: PageClient) -> Turns:
    assert _ask(client, BUSY, "tickets", ALL).reply.status == 200  # opens a session, and the row of the budget
    _pause(client, BUSY, 4)
    soon = _ask(client, BUSY, "tickets", {**ALL, "text": "a"})
    _pause(client, BUSY, 6)
    late = _ask(client, BUSY, "tickets", {**ALL, "text": "b"})
    refill_budget(client, BUSY)
    return Turns(soon, late, _seconds_shared(client))


def _seconds_shared(client: PageClient) -> float:
    def fetched_at() -> datetime:
        return datetime.fromisoformat(_ask(client, BUSY, "tickets", {**ALL, "text": "c"}).reply.json["fetched_at"])

    first = fetched_at()
    return (client.rig.airflow.until(lambda: at if (at := fetched_at()) != first else None) - first).total_seconds()


def _ask(client: PageClient, source: str, path: str, body: dict[str, str], user: str = VIEWER) -> Timed:
    begun = time.monotonic()
    reply = client.ask_as(user, "POST", f"/api/{source}/{path}", body)
    return Timed(reply, time.monotonic() - begun)
