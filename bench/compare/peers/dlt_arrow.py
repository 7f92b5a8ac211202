"""dlt with Arrow resources made by hand: dlt's own REST client, and a function of each kind that picks the columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
from dlt.sources.helpers.rest_client import RESTClient
from dlt.sources.helpers.rest_client.paginators import HeaderLinkPaginator

from bench.compare.job import Job, job
from bench.compare.peers.arrow import run_arrow, table

Record = dict[str, Any]
Row = tuple[Any, ...]


def company(r: Record) -> Row:
    """The columns of a company."""
    status = r.get("status") or {}
    name = r.get("name") or r.get("identifier")
    return r["id"], name, r.get("website"), status.get("name"), status.get("id"), r.get("dateDeleted"), _updated(r)


def contact(r: Record) -> Row:
    """The columns of a contact."""
    email, phone, inactive = _main(r, "Email"), _main(r, "Phone"), r.get("inactiveFlag")
    return (
        r["id"],
        " ".join(filter(None, (r.get("firstName"), r.get("lastName")))),
        ", ".join(filter(None, [one.get("name") for one in r.get("types") or ()])) or None,
        r.get("title") or None,
        email.get("value"),
        phone.get("value"),
        phone.get("extension"),
        r.get("addressLine1"),
        r.get("addressLine2") or None,
        r.get("city"),
        r.get("state") or None,
        r.get("zip"),
        _of(r, "country", "name"),
        None if inactive is None else not inactive,
        _of(r, "company", "id"),
        _of(r, "site", "id"),
        _updated(r),
    )


def asset(r: Record) -> Row:
    """The columns of an asset."""
    return (
        r["id"],
        r.get("name"),
        _of(r, "type", "name"),
        _of(r, "status", "name"),
        r.get("activeFlag"),
        _of(r, "manufacturer", "name"),
        r.get("serialNumber") or None,
        r.get("osType") or r.get("osInfo"),
        _day(r.get("purchaseDate")),
        _day(r.get("warrantyExpirationDate")),
        r.get("notes") or r.get("vendorNotes") or None,
        _of(r, "company", "id"),
        _of(r, "site", "id"),
        _of(r, "contact", "id"),
        _updated(r),
    )


def _of(r: Record, name: str, part: str) -> Any:
    return (r.get(name) or {}).get(part)


def _main(r: Record, kind: str) -> Record:
    found = [one for one in r.get("communicationItems") or () if one.get("communicationType") == kind]
    return next((one for one in found if one.get("defaultFlag")), found[0] if found else {})


def _day(written: str | None) -> str | None:
    return written[:10] if written else None


def _updated(r: Record) -> str | None:
    return (r.get("_info") or {}).get("lastUpdated")


ROWS: dict[str, Callable[[Record], Row]] = {"companies": company, "contacts": contact, "assets": asset}


def pages(given: Job, kind: str) -> Iterator[pa.Table]:
    """The pages of a listing, each as a table."""
    client = RESTClient(given.root, dict(given.headers), paginator=HeaderLinkPaginator())
    params = {"pageSize": given.page_size, "fields": given.fields[kind]}
    for page in client.paginate(given.listings[kind], params=params):
        yield table(kind, list(zip(*map(ROWS[kind], page), strict=True)))


if __name__ == "__main__":
    run_arrow(job(), pages)
