"""How many requests of a run bring no data: `python -m bench.requests`, with the names of PSAs to measure only these.

A PSA with 40 companies is synced into an empty warehouse, then again in a plain nightly run, then one of its companies
alone. Each request brings records for the tables or has another purpose: a login, a question about limits, what
preflight asks, a proof that nothing is missing, the end of a list, or records that were read before in the same run.
The last run is one of the same company with its details, each of which is a request that brings a record; the other
runs read none.
"""

from __future__ import annotations

import logging
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from demo import postgres_home
from demo.postgres import EmbeddedPostgres
from include import connectors
from include.model.kinds import OF_COMPANIES
from include.model.request import Request
from include.model.setup import Setup
from include.sync.details import read_details
from include.sync.extract import extract
from include.sync.load import load
from include.sync.preflight import preflight
from simulator.world import World
from tests.support.databases import EmptyWarehouses
from tests.support.rig import Rig, rig

MOST_WITHOUT_DATA = {"connectwise": 11, "autotask": 12, "halopsa": 7, "kaseya_bms": 10, "syncro": 3}
"""How many requests of a nightly run may bring no data."""
MOST_OF_ONE_COMPANY = {"connectwise": 6, "autotask": 12, "halopsa": 11, "kaseya_bms": 13, "syncro": 5}
"""How many requests a run of one company may send, besides one for the details of each record."""
SETUP = Setup(details_per_night=0)
COMPANIES = 40
DATA, PREFLIGHT, DETAILS = "data", "preflight", "details"
LOGIN = re.compile(r"/(ZoneInformation|companyinfo/\w+|authinfo|token|authenticate|refreshtoken)$")
LIMIT = re.compile(r"/ThresholdInformation$")
COUNT = re.compile(r"/count$")
SINGLE = re.compile(r"[?&]page_?size=1(&|$)", re.IGNORECASE)
KEY = re.compile(r"(?<=/)\d+(?=/|$)")
FIELDS = re.compile(r'[?&]fields=[^&]*|, "IncludeFields": \[[^\]]*\]')
BESIDE_RECORDS = ("meta", "pageDetails", "columns")


@dataclass(frozen=True)
class Sent:
    """A request of a run."""

    task: str
    """The task that sent it: preflight, or the kind."""
    line: str
    """Method and path, without keys."""
    purpose: str
    """What it was for; `data` if it brought records."""


@dataclass
class Watch:
    """Notes the requests of a run, and what each of them was for."""

    task: str = PREFLIGHT
    sent: list[Sent] = field(default_factory=list)
    read: set[str | bytes] = field(default_factory=set)
    """What has brought data before: requests without the names of fields, and answers."""

    def note(self, response: requests.Response, **_: Any) -> None:
        """Called by the session for each response."""
        path = urlsplit(str(response.request.url)).path
        line = f"{response.request.method} {KEY.sub('{id}', path)}"
        self.sent.append(Sent(self.task, line, self._purpose(response)))

    def _purpose(self, response: requests.Response) -> str:
        url, body = str(response.request.url), response.request.body or ""
        path = urlsplit(url).path
        for pattern, purpose in ((LOGIN, "login"), (LIMIT, "limit")):
            if pattern.search(path):
                return purpose
        if self.task == PREFLIGHT:
            return PREFLIGHT
        if COUNT.search(path) or SINGLE.search(url):
            return "proof"
        if not has_records(response.json()):
            return "end of a list"
        asked = FIELDS.sub("", f"{url} {body.decode() if isinstance(body, bytes) else body}")
        if not self.read.isdisjoint((asked, response.content)):
            return "read before"
        self.read |= {asked, response.content}
        return DATA


def has_records(body: Any) -> bool:
    """Whether an answer has a record."""
    if not isinstance(body, dict):
        return bool(body)
    return "id" in body or any(
        isinstance(value, (dict, list)) and value for name, value in body.items() if name not in BESIDE_RECORDS
    )


def sent_by(running: Rig, request: Request | None = None, setup: Setup = SETUP) -> list[Sent]:
    """The requests of a whole run, with as many details as setup allows."""
    watch = Watch()

    @contextmanager
    def open_client() -> Iterator[Any]:
        with running.open_client() as client:
            client.http.session.hooks["response"].append(watch.note)
            yield client

    run = running.sync(request=request or Request(), setup=setup, open_client=open_client)
    run = replace(run, company=preflight(run))
    for kind in run.request.planned:
        watch.task = kind
        if extract(run, kind) is None:
            load(run, kind)
        watch.task = f"{kind} {DETAILS}"
        read_details(run, kind)
    return watch.sent


def one_company(running: Rig) -> Request:
    """A request for the company that has as many assets as an average one, by its name."""
    average = len(running.rows("assets")) / len(running.rows("companies"))
    owners = Counter(row["company_source_id"] for row in running.rows("assets"))
    named = [row for row in running.rows("companies") if row["name"]]
    chosen = min(named, key=lambda row: (abs(owners[row["source_id"]] - average), row["source_id"]))
    return Request(kinds=OF_COMPANIES, company=chosen["name"])


def without_data(sent: Sequence[Sent]) -> int:
    """How many of them brought no data."""
    return sum(one.purpose != DATA for one in sent)


def main() -> int:
    logging.disable(logging.CRITICAL)
    home, is_kept = Path(tempfile.mkdtemp(prefix="psa-requests-")), True
    try:
        with EmbeddedPostgres(home, durable=False) as server, ExitStack() as stack:
            warehouses = EmptyWarehouses(server, stack)
            for vendor in sys.argv[1:] or connectors.NAMES:
                with warehouses.borrow() as dsn, rig(dsn, World(companies=COMPANIES), vendor=vendor) as running:
                    is_kept &= _measure(running)
    finally:
        postgres_home.remove(home)
    return 0 if is_kept else 1


def _measure(running: Rig) -> bool:
    """Print the requests of three runs; whether the promises are kept."""
    runs = {"first run": sent_by(running), "nightly run": sent_by(running)}
    runs["one company"] = sent_by(running, one_company(running))
    runs["… with details"] = sent_by(running, one_company(running), Setup())
    for line in table(connectors.NAMES[running.vendor], runs):
        print(line)
    listed = [one for one in runs["… with details"] if one.purpose != DATA or not one.task.endswith(DETAILS)]
    is_kept = without_data(runs["nightly run"]) <= MOST_WITHOUT_DATA[running.vendor]
    return is_kept and all(len(sent) <= MOST_OF_ONE_COMPANY[running.vendor] for sent in (runs["one company"], listed))


def table(title: str, runs: Mapping[str, Sequence[Sent]]) -> Iterator[str]:
    """The requests of some runs in Markdown, by what they were for."""
    yield from ("", f"## {title}", "", f"| purpose | task | request | {' | '.join(runs)} |")
    yield f"| --- | --- | --- |{' ---: |' * len(runs)}"
    counts = [Counter(sent) for sent in runs.values()]
    for one in sorted(set().union(*counts), key=lambda one: (one.purpose, one.task, one.line)):
        yield f"| {one.purpose} | {one.task} | {one.line} | {' | '.join(str(count[one] or '') for count in counts)} |"
    yield f"| **without data** | | | {' | '.join(str(without_data(sent)) for sent in runs.values())} |"
    yield f"| **all** | | | {' | '.join(str(len(sent)) for sent in runs.values())} |"


if __name__ == "__main__":
    sys.exit(main())
