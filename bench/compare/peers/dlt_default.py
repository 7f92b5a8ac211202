"""dlt as its manual shows it: the rest_api source, every field, nothing set."""

from __future__ import annotations

from bench.compare.job import job
from bench.compare.peers.dlt_pipeline import run, source

if __name__ == "__main__":
    given = job()
    run(given, source(given, "merge"))
