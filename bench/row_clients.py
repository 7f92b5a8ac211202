"""The two that `bench.rows` compares, each run in a process of its own, which prints what it used.

`ours` is this package's pipeline, without Airflow; `hand-written` is in `bench.hand_written`.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import psycopg
import requests

from bench.hand_written import PATHS, load_by_hand
from include import connectors
from include.connectors.common.mapping import map_columns
from include.connectors.contract import PsaClient, ReadContext, Stream
from include.http.session import PsaLogin, mask_nothing_here
from include.model.limits import Lane
from include.model.page import Page
from include.model.run import Run
from include.model.setup import Setup
from include.sync.extract import extract
from include.sync.load import load
from include.sync.run import Sync
from include.warehouse.budget import shared_budget
from include.warehouse.connection import Warehouse


@dataclass
class Used:
    """What one run used."""

    total: float = 0.0
    """CPU seconds of the client, without starting Python and importing."""
    fetch: float = 0.0
    """Of them, for requests, JSON and the proofs of paging."""
    mapping: float = 0.0
    """Of them, from records to rows."""
    copy: float = 0.0
    """Of them, from rows into staging."""
    merge: float = 0.0
    """Of them, for the merge."""
    seconds: float = 0.0
    """On the clock."""
    peak_mib: float = 0.0
    counts: dict[str, dict[str, int]] = field(default_factory=dict)


def ours(dsn: str, origin: str, run_id: str) -> Used:
    """One run of the pipeline over the three kinds."""
    mask_nothing_here()  # so that Airflow is not imported, whose masks have no log here
    used = Used()
    connector = connectors.load("connectwise")
    timed = replace(connector, streams=tuple(_timed(stream, used) for stream in connector.streams))
    warehouse = Warehouse(lambda: psycopg.connect(dsn))
    login = PsaLogin("psa", origin, "acme+key", "secret", {"clientId": "id"})

    @contextmanager
    def open_client() -> Iterator[Any]:
        with requests.Session() as session:
            session.trust_env = False
            with shared_budget(warehouse, connector.account_key(login), connector.limits, Lane.NIGHTLY) as budget:
                yield connector.connect(session, login, budget)

    sync = Sync(timed, Run("connectwise", run_id), Setup(), warehouse, open_client)
    for kind in PATHS:
        began = time.process_time()
        extract(sync, kind)
        extracted = time.process_time()
        used.counts |= {table: asdict(counts) for table, counts in load(sync, kind).items()}
        used.merge += time.process_time() - extracted
        used.copy += extracted - began
    used.copy -= used.fetch + 2 * used.mapping  # the pages are mapped once more to measure that
    used.total = used.fetch + used.mapping + used.copy + used.merge
    return used


def _timed(stream: Stream[PsaClient], used: Used) -> Stream[PsaClient]:
    """The stream, with the time for its pages and for a mapping of each noted."""

    def read(context: ReadContext[PsaClient]) -> Iterator[Page]:
        began = time.process_time()
        for page in stream.read(context):
            read_at = time.process_time()
            map_columns(stream, page, context.setup)
            mapped_at = time.process_time()
            used.fetch += read_at - began
            used.mapping += mapped_at - read_at
            yield page
            began = time.process_time()
        used.fetch += time.process_time() - began

    return replace(stream, read=read)


def hand_written(dsn: str, origin: str, run_id: str) -> Used:
    """The same tables by hand."""
    began = time.process_time()
    load_by_hand(dsn, origin, run_id)
    return Used(total=time.process_time() - began)


CLIENTS: dict[str, Callable[[str, str, str], Used]] = {"ours": ours, "hand-written": hand_written}


def main(client: str, dsn: str, origin: str, run_id: str) -> None:
    """Run it once."""
    began = time.monotonic()
    used = CLIENTS[client](dsn, origin, run_id)
    used.seconds = time.monotonic() - began
    used.peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(asdict(used)))


if __name__ == "__main__":
    main(*sys.argv[1:])
