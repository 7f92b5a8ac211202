"""An hour of looking leaves nothing: no ticket's text and no viewer's words in any database, log or file."""

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
from tests.support.hostile_text import dressed
from tests.support.page_client import PageClient
from tests.support.ticket_rig import PageServer
from tests.support.traces import contains, files_written, logged_files, tables_with

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

VIEWERS = 3
LOOKS = 60  # an hour of one a minute
# What a program of the rig writes into its home, into a temporary file, and wherever its author liked.
PLANT = """
import os, sys, tempfile
for file in (tempfile.mkstemp(prefix="temporary-planted-")[1], os.path.expanduser("~/in-home-planted"), sys.argv[2]):
    open(file, "w").write(sys.argv[1])
"""
PROCESSING = ("dag-processor", "--num-runs", "2")  # it reads the DAG files while people look, and ends
STATUSES = (302, 400, 401, 403, 404, 429, 500)


@dataclass(kw_only=True)
class Quoting(Fault):
    """Answers with a status and a ticket's text, as JSON (`whole`), as half of it, or with a line that breaks."""

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
    """A 200 with every number and flag of its records turned into a ticket's text."""

    name: ClassVar[str] = "drifted"
    words: str

    def change_response(self, answer: Response) -> Response:
        with suppress(ValueError):
            return replace(answer, body=json.dumps(self._turned(json.loads(answer.body))).encode())
        return answer

    def _turned(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._turned(one) for name, one in value.items()}
        if isinstance(value, list):
            return [self._turned(one) for one in value]
        return value if isinstance(value, str) else self.words


@dataclass(frozen=True)
class Marks:
    """Words that nobody else uses: a stranger's, a viewer's, and those that are kept on purpose."""

    written: str
    typed: str
    planted: str


@dataclass(frozen=True)
class Evening:
    """A rig in which people have looked at tickets."""

    client: PageClient
    marks: Marks
    server: EmbeddedPostgres
    since: float
    read: int

    def found(self, mark: str) -> list[str]:
        """Every place that contains the word."""
        rig = self.client.rig.airflow
        with psycopg.connect(self.server.url(), autocommit=True) as connection:
            connection.execute("CHECKPOINT")
        folders = (rig.home.parent, self.server.log.parent, Path(os.environ["AIRFLOW_HOME"]))
        rows = [table for at in (rig.warehouse, self.client.metadata) for table in tables_with(at, mark)]
        written = dict.fromkeys([*files_written(folders, since=self.since), *logged_files(self.client.rig.file_log)])
        return [*rows, *(str(file) for file in written if contains(file, mark.encode()))]


@pytest.fixture(scope="module")
def evening(postgres: EmbeddedPostgres, server: PageServer) -> Iterator[Evening]:
    """Viewers have looked, searched, and met every kind of error."""
    marks = Marks(*(f"qz{what}{secrets.token_hex(6)}" for what in ("written", "typed", "planted")))
    since = time.time()
    worlds = {name: marked_world(marks.written) for name in connectors.NAMES}
    with server.rig(worlds) as rig:
        client = PageClient(rig)
        with ThreadPoolExecutor(1 + len(connectors.NAMES)) as pool:
            processing = pool.submit(rig.airflow.cli, *PROCESSING)
            read = looked(client, marks)
            list(pool.map(lambda vendor: troubled(client, vendor, marks), connectors.NAMES))
            processing.result()
        yield Evening(client, marks, postgres, since, read)


def test_what_strangers_wrote_was_shown_and_is_nowhere(evening: Evening) -> None:
    assert evening.read > VIEWERS * LOOKS
    assert evening.found(evening.marks.written) == []


def test_what_viewers_typed_is_nowhere(evening: Evening) -> None:
    assert evening.found(evening.marks.typed) == []


def test_what_is_kept_on_purpose_is_found_where_it_is(evening: Evening) -> None:
    mark, rig = evening.marks.planted, evening.client.rig.airflow
    rig.api.call("POST", "/api/v2/variables", json={"key": "planted-" + mark, "value": "x", "description": mark})
    with psycopg.connect(rig.warehouse, autocommit=True) as connection:
        connection.execute("UPDATE psa.companies SET name = %s WHERE source = 'syncro'", [mark])
    (rig.home / "planted.log").write_text(f"a line\nand {mark} in another\n", encoding="utf-8")
    anywhere = Path(tempfile.gettempdir(), f"anywhere-planted-{secrets.token_hex(6)}")
    try:
        rig.components.run("plant", [sys.executable, "-c", PLANT, mark, str(anywhere)], cwd=rig.home)
        found = evening.found(mark)
    finally:
        anywhere.unlink()
    written = ("planted.log", "temporary-planted", "in-home-planted", "anywhere-planted", "/pg_wal/", "/base/")
    for place in ("psa.companies", "public.variable", *written):
        assert any(place in one for one in found), place


def marked_world(word: str) -> World:
    """Every text of the help desk is the word, with a number."""
    world = World(seed=7, companies=8, contacts=8, tickets_now=datetime.now(timezone.utc))
    return dressed(world, desk=(f"{word} {number}" for number in count()))


def looked(client: PageClient, marks: Marks) -> int:
    """How many of the answers to viewers held a ticket's text."""
    client.token("admin")

    def view(_viewer: int) -> int:
        with requests.Session() as session:
            session.headers["Authorization"] = f"Bearer {client.token('admin')}"
            return sum(
                map(is_seen, (ask(session, vendor, look) for look in range(LOOKS) for vendor in connectors.NAMES))
            )

    def ask(session: requests.Session, vendor: str, look: int) -> str:
        path, body = question(client, vendor, look, marks)
        return session.post(f"{client.rig.url}/api/{vendor}/{path}", json=body, timeout=60).text

    def is_seen(answer: str) -> bool:
        return marks.written in answer

    with ThreadPoolExecutor(VIEWERS) as pool:
        return sum(pool.map(view, range(VIEWERS)))


def question(client: PageClient, vendor: str, look: int, marks: Marks) -> tuple[str, dict[str, str]]:
    """By turns a search for what is there, a ticket, and searches for what is not."""
    again = look // 12
    ids = client.rig.simulators[vendor].world.tickets.ids
    return (
        ("tickets", {"state": "all", "text": f"{marks.written} {again}"}),
        ("ticket", {"key": str(ids[again])}),
        ("tickets", {"state": "all", "text": f"{marks.typed} {again}"}),
        ("companies", {"text": f"{marks.typed} {again}"}),
    )[look % 4]


def troubled(client: PageClient, vendor: str, marks: Marks) -> None:
    """Whatever can go wrong goes wrong, with a ticket's words in the answer and a viewer's in the question."""
    simulator = client.rig.simulators[vendor]
    words, path = marks.written, "*icket*"  # a login that fails would hide what comes after it
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
        with ThreadPoolExecutor(len(asked)) as pool:  # errors take patience
            list(pool.map(lambda one: client.ask_as("admin", "POST", f"/api/{vendor}/{one[0]}", one[1]), asked))
        simulator.faults.clear()
