"""dlt as its manual advises for speed: only the fields that are needed, no child tables, CSV and COPY, upsert."""

from __future__ import annotations

import os

from bench.compare.job import job
from bench.compare.peers.dlt_pipeline import UPSERT, run, source

SETTINGS = {
    "DATA_WRITER__BUFFER_MAX_ITEMS": "20000",
    "DATA_WRITER__DISABLE_COMPRESSION": "true",
    "EXTRACT__WORKERS": "4",
    "LOAD__WORKERS": "4",
}

if __name__ == "__main__":
    os.environ |= SETTINGS
    given = job()
    listings = source(given, UPSERT, given.fields)
    listings.max_table_nesting = 0
    run(given, listings.parallelize(), loader_file_format="csv")
