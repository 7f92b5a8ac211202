"""An hour of viewing stores nothing: no text of a ticket or of a viewer is in a database, log or file."""

from __future__ import annotations

import json
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from itertools import count
from pathlib import Path
from typing import Any, ClassVar

import psycopg
import pytest
import requests

from demo.postgres import EmbeddedPostgres
from include import connectors
from simulator.faults.base import Fault
from simulator.faults.transport import Hang
from simulator.messages import Response
from simulator.world import World
from tests.support.hostile_text import with_texts
from tests.support.page_client import PageClient
from tests.support.ticket_rig import PageServer
from tests.support.traces import contains, files_written, logged_files, tables_with

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

VIEWERS = 3
REQUESTS = 60  # an hour of one a minute
# Writes a text into a temporary file, into its home, and into any other file.
WRITER = """
import os, sys, tempfile
for file in (tempfile.mkstemp(prefix="temporary-stored-")[1], os.path.expanduser("~/in-home-stored"), sys.argv[2]):
    open(file, "w").write(sys.argv[1])
"""
PROCESSING = ("dag-processor", "--num-runs", "2")  # reads the DAG files while tickets are viewed, and ends
STATUSES = (302, 400, 401, 403, 404, 429, 500)


@dataclass(kw_only=True)
class Quoting(Fault):
    """Answers with a status and a ticket's text, as whole JSON, as half of it, or with a connection that breaks."""

    name: ClassVar[str] = "quoting"
    words: str
    status: int = 500
    form: str = "whole"

    def replacement(self) -> Response:
        said = {"message": self.words, "errors": [self.words], "error": self.words, "items": [{"id": self.words}]}
        body = json.dumps(said).encode()
        headers = {"Content-Type": "application/json", "Location": f"/{self.words}", "Retry-After": "1"}
        answer = Response(self.status, body[: len(body) // 2] if self.form == "half" else body, headers)
        return replace(answer, cut_after_bytes=len(body) // 2) if self.form == "broken" else answer


@dataclass(kw_only=True)
class Drifted(Fault):
    """A 200 with every number and flag of its records replaced by a ticket's text."""

    name: ClassVar[str] = "drifted"
    words: str

    def change_response(self, answer: Response) -> Response:
        with suppress(ValueError):
            return replace(answer, body=json.dumps(self._replaced(json.loads(answer.body))).encode())
        return answer

    def _replaced(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._replaced(one) for name, one in value.items()}
        if isinstance(value, list):
            return [self._replaced(one) for one in value]
        return value if isinstance(value, str) else self.words


@dataclass(frozen=True)
class Marks:
    """Words that occur nowhere else: of tickets, of viewers, and those that are stored on purpose."""

    written: str
    typed: str
    stored: str


@dataclass(frozen=True)
class ViewedTickets:
    """A rig in which tickets have been viewed."""

    client: PageClient
    marks: Marks
    server: EmbeddedPostgres
    since: float
    shown: int

    def found(self, mark: str) -> list[str]:
        """Every table and file that contains the word."""
        rig = self.client.rig.airflow
        with psycopg.connect(self.server.url(), autocommit=True) as connection:
            connection.execute("CHECKPOINT")
        folders = (rig.home.parent, self.server.log.parent, Path(os.environ["AIRFLOW_HOME"]))
        rows = [table for at in (rig.warehouse, self.client.metadata) for table in tables_with(at, mark)]
        written = dict.fromkeys([*files_written(folders, since=self.since), *logged_files(self.client.rig.file_log)])
        return [*rows, *(str(file) for file in written if contains(file, mark.encode()))]


@pytest.fixture(scope="module")
def viewed(postgres: EmbeddedPostgres, server: PageServer) -> Iterator[ViewedTickets]:
    """Viewers have opened lists and tickets, searched, and met every kind of error."""
    marks = Marks(*(f"qz{what}{secrets.token_hex(6)}" for what in ("written", "typed", "stored")))
    since = time.time()
    worlds = {name: marked_world(marks.written) for name in connectors.NAMES}
    with server.rig(worlds) as rig:
        client = PageClient(rig)
        with ThreadPoolExecutor(1 + len(connectors.NAMES)) as pool:
            processing = pool.submit(rig.airflow.cli, *PROCESSING)
            shown = view_tickets(client, marks)
            list(pool.map(lambda vendor: meet_errors(client, vendor, marks), connectors.NAMES))
            processing.result()
        yield ViewedTickets(client, marks, postgres, since, shown)


def test_the_texts_of_tickets_were_shown_and_are_stored_nowhere(viewed: ViewedTickets) -> None:
    assert viewed.shown > VIEWERS * REQUESTS
    assert viewed.found(viewed.marks.written) == []


def test_what_viewers_typed_is_stored_nowhere(viewed: ViewedTickets) -> None:
    assert viewed.found(viewed.marks.typed) == []


def test_a_text_that_is_stored_on_purpose_is_found_in_each_place(viewed: ViewedTickets) -> None:
    mark, rig = viewed.marks.stored, viewed.client.rig.airflow
    rig.api.call("POST", "/api/v2/variables", json={"key": "stored-" + mark, "value": "x", "description": mark})
    with psycopg.connect(rig.warehouse, autocommit=True) as connection:
        connection.execute("UPDATE psa.companies SET name = %s WHERE source = 'syncro'", [mark])
    (rig.home / "stored.log").write_text(f"a line\nand {mark} in another\n", encoding="utf-8")
    anywhere = Path(tempfile.gettempdir(), f"anywhere-stored-{secrets.token_hex(6)}")
    try:
        rig.components.run("writer", [sys.executable, "-c", WRITER, mark, str(anywhere)], cwd=rig.home)
        found = viewed.found(mark)
    finally:
        anywhere.unlink()
    written = ("stored.log", "temporary-stored", "in-home-stored", "anywhere-stored", "/pg_wal/", "/base/")
    for place in ("psa.companies", "public.variable", *written):
        assert any(place in one for one in found), place


def marked_world(word: str) -> World:
    """A world in which every text of a ticket is the word with a number."""
    world = World(seed=7, companies=8, contacts=8, tickets_now=datetime.now(timezone.utc))
    return with_texts(world, texts=(f"{word} {number}" for number in count()))


def view_tickets(client: PageClient, marks: Marks) -> int:
    """View tickets for an hour; how many answers contained a ticket's text."""
    client.token("admin")

    def view(_viewer: int) -> int:
        with requests.Session() as session:
            session.headers["Authorization"] = f"Bearer {client.token('admin')}"
            return sum(ask(session, vendor, number) for number in range(REQUESTS) for vendor in connectors.NAMES)

    def ask(session: requests.Session, vendor: str, number: int) -> bool:
        path, body = question(client, vendor, number, marks)
        answer = session.post(f"{client.rig.url}/api/{vendor}/{path}", json=body, timeout=60)
        return marks.written in answer.text

    with ThreadPoolExecutor(VIEWERS) as pool:
        return sum(pool.map(view, range(VIEWERS)))


def question(client: PageClient, vendor: str, number: int, marks: Marks) -> tuple[str, dict[str, str]]:
    """In turn, a search that finds tickets, a ticket, and two searches that find nothing."""
    again = number // 12
    ids = client.rig.simulators[vendor].world.tickets.ids
    return (
        ("tickets", {"state": "all", "text": f"{marks.written} {again}"}),
        ("ticket", {"key": str(ids[again])}),
        ("tickets", {"state": "all", "text": f"{marks.typed} {again}"}),
        ("companies", {"text": f"{marks.typed} {again}"}),
    )[number % 4]


def meet_errors(client: PageClient, vendor: str, marks: Marks) -> None:
    """Send requests during every kind of error, with a ticket's words in the answer and a viewer's in the request."""
    simulator = client.rig.simulators[vendor]
    words, path = marks.written, "*icket*"  # a failing login would hide the other requests
    errors: list[Fault] = [Quoting(words=words, path=path, status=status) for status in STATUSES]
    errors += [Quoting(words=words, path=path, status=200, form=form) for form in ("half", "broken")]
    errors += [Drifted(words=words, path=path), Quoting(words=words), Hang(path=path)]
    for number, error in enumerate(errors):
        asked: Sequence[tuple[str, Any]] = (
            ("ticket", {"key": str(simulator.world.tickets.ids[number])}),
            ("tickets", {"text": f"{marks.typed} error {number}", "state": "all"}),
            ("ticket", {"key": marks.typed}),
            ("tickets", {"page": marks.typed}),
            ("tickets", {"company": marks.typed, marks.typed: 1}),
        )
        simulator.faults.add(error)
        with ThreadPoolExecutor(len(asked)) as pool:  # errors take their time
            list(pool.map(lambda one: client.ask_as("admin", "POST", f"/api/{vendor}/{one[0]}", one[1]), asked))
        simulator.faults.clear()
