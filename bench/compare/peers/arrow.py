"""What the Arrow resources have in common: the columns, which are those that this package stores."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import dlt
import pyarrow as pa

from bench.compare.job import Job
from bench.compare.peers.dlt_pipeline import UPSERT, run

SETTINGS = {"DATA_WRITER__DISABLE_COMPRESSION": "true", "EXTRACT__WORKERS": "4", "LOAD__WORKERS": "4"}
TYPES = {
    "id": pa.int64(),
    "is_active": pa.bool_(),
    "purchase_date": pa.date32(),
    "warranty_expires_on": pa.date32(),
    "deleted_at": pa.timestamp("us", tz="UTC"),
    "updated_at": pa.timestamp("us", tz="UTC"),
}
NAMES = {
    "companies": "id name website status status_id deleted_at updated_at",
    "contacts": "id name type title email phone phone_extension address_line_1 address_line_2 city state postal_code "
    "country is_active company_id site_id updated_at",
    "assets": "id name type status is_active manufacturer serial_number os_type purchase_date warranty_expires_on "
    "notes company_id site_id contact_id updated_at",
}
READ = (pa.int64(), pa.bool_())
"""What is not text in JSON."""


def _type(name: str) -> pa.DataType:
    return TYPES.get(name, pa.int64() if name.endswith("_id") else pa.string())


SCHEMAS = {kind: pa.schema([(name, _type(name)) for name in names.split()]) for kind, names in NAMES.items()}


def table(kind: str, columns: Sequence[Sequence[Any]]) -> pa.Table:
    """A page as a table; dates and times come as text, in ISO 8601."""
    schema = SCHEMAS[kind]
    types = [one.type if one.type in READ else pa.string() for one in schema]
    arrays = [pa.array(values, type_) for values, type_ in zip(columns, types, strict=True)]
    return pa.Table.from_arrays(arrays, names=schema.names).cast(schema)


def run_arrow(given: Job, pages: Callable[[Job, str], Iterator[pa.Table]]) -> None:
    """Load these pages of all kinds, several kinds at once."""
    os.environ |= SETTINGS
    resources = [
        dlt.resource(pages(given, kind), name=kind, primary_key="id", write_disposition=UPSERT, parallelized=True)
        for kind in given.listings
    ]
    run(given, resources, loader_file_format="csv")
