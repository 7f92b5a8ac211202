"""What the pipelines of dlt have in common: the same records, merged on their key into Postgres."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dlt
from dlt.sources.helpers.rest_client.auth import HttpBasicAuth
from dlt.sources.rest_api import rest_api_source

from bench.compare.job import Job

SCHEMA = "loaded"
UPSERT = {"disposition": "merge", "strategy": "upsert"}


def source(given: Job, disposition: Any, fields: Mapping[str, str] | None = None) -> Any:
    """All listings, with these fields or with all. The PSA links each page to the next one."""
    resources = []
    for kind, path in given.listings.items():
        params = {"pageSize": given.page_size, **({"fields": fields[kind]} if fields else {})}
        resources.append({"name": kind, "endpoint": {"path": path.lstrip("/"), "params": params}})
    client = {
        "base_url": f"{given.root}/",
        "headers": {"clientId": given.headers["clientId"]},
        "auth": HttpBasicAuth(given.connection["login"], given.connection["password"]),
        "paginator": "header_link",
    }
    defaults = {"primary_key": "id", "write_disposition": disposition}
    return rest_api_source({"client": client, "resource_defaults": defaults, "resources": resources})


def run(given: Job, data: Any, **options: Any) -> None:
    """Load it with a pipeline that keeps its state between the runs."""
    pipeline = dlt.pipeline(
        pipeline_name="psa",
        pipelines_dir=given.folder,
        destination=dlt.destinations.postgres(given.dsn),
        dataset_name=SCHEMA,
    )
    pipeline.run(data, **options).raise_on_failed_jobs()
