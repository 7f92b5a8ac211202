"""The two that `bench.rows` compares, each run in a process of its own, which prints what it used.

`ours` is this package's pipeline, without Airflow; `hand-written` is in `bench.hand_written`.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace

from bench.compare.job import Job, job
from bench.compare.pipeline import VENDOR, sync_of
from bench.hand_written import load_by_hand
from include import connectors
from include.connectors.common.mapping import map_columns
from include.connectors.contract import PsaClient, ReadContext, Stream
from include.model.page import Page
from include.sync.extract import extract
from include.sync.load import load


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


def ours(given: Job) -> Used:
    """One run of the pipeline over the three kinds."""
    used = Used()
    connector = connectors.load(VENDOR)
    sync = sync_of(given, replace(connector, streams=tuple(_timed(stream, used) for stream in connector.streams)))
    elsewhere = 0.0
    for kind in given.listings:
        began, began_here = time.process_time(), time.thread_time()
        extract(sync, kind)
        extracted, here = time.process_time(), time.thread_time() - began_here
        used.counts |= {table: asdict(counts) for table, counts in load(sync, kind).items()}
        used.merge += time.process_time() - extracted
        used.copy += here
        elsewhere += extracted - began - here  # requests in flight have threads of their own
    used.copy -= used.fetch + 2 * used.mapping  # the pages are mapped once more to measure that
    used.fetch += elsewhere
    used.total = used.fetch + used.mapping + used.copy + used.merge
    return used


def _timed(stream: Stream[PsaClient], used: Used) -> Stream[PsaClient]:
    """The stream, with the time for its pages and for a mapping of each noted."""

    def read(context: ReadContext[PsaClient]) -> Iterator[Page]:
        began = time.thread_time()
        for page in stream.read(context):
            read_at = time.thread_time()
            map_columns(stream, page, context.setup)
            mapped_at = time.thread_time()
            used.fetch += read_at - began
            used.mapping += mapped_at - read_at
            yield page
            began = time.thread_time()
        used.fetch += time.thread_time() - began

    return replace(stream, read=read)


def hand_written(given: Job) -> Used:
    """The same tables by hand."""
    began = time.process_time()
    load_by_hand(given)
    return Used(total=time.process_time() - began)


CLIENTS: dict[str, Callable[[Job], Used]] = {"ours": ours, "hand-written": hand_written}


def main(given: Job, client: str) -> None:
    """Run it once."""
    began = time.monotonic()
    used = CLIENTS[client](given)
    used.seconds = time.monotonic() - began
    used.peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(asdict(used)))


if __name__ == "__main__":
    main(job(), *sys.argv[2:])
