"""The bound that `bench.rows` compares with: what a careful person would write for three tables and no others.

`json.loads`, a tuple of the same columns, COPY into a staging table, one INSERT … ON CONFLICT. It proves, counts,
rejects and guards nothing, and takes each value as it comes.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import psycopg
import requests
from psycopg import sql

from bench.compare.job import Job


def _company(r: Any) -> tuple[Any, ...]:
    status = r.get("status") or {}
    return r["id"], r["name"] or r["identifier"], r.get("website"), status.get("name"), status.get("id"), _updated(r)


def _contact(r: Any) -> tuple[Any, ...]:
    items = r.get("communicationItems") or ()
    email: Any = next((one for one in items if one["communicationType"] == "Email" and one["defaultFlag"]), {})
    phone: Any = next((one for one in items if one["communicationType"] == "Phone" and one["defaultFlag"]), {})
    return (
        *(r["id"], f"{r.get('firstName')} {r.get('lastName')}", ", ".join(one["name"] for one in r.get("types") or ())),
        *(r.get("title"), email.get("value"), phone.get("value"), phone.get("extension")),
        *(r.get("addressLine1"), r.get("addressLine2"), r.get("city"), r.get("state"), r.get("zip")),
        *((r.get("country") or {}).get("name"), not r.get("inactiveFlag")),
        *((r.get("company") or {}).get("id"), (r.get("site") or {}).get("id"), None, _updated(r)),
    )


def _asset(r: Any) -> tuple[Any, ...]:
    bought, warranty = r.get("purchaseDate"), r.get("warrantyExpirationDate")
    return (
        *(r["id"], r.get("name"), (r.get("type") or {}).get("name"), (r.get("status") or {}).get("name")),
        *(r.get("activeFlag"), (r.get("manufacturer") or {}).get("name"), r.get("serialNumber")),
        *(r.get("osType") or r.get("osInfo"), bought and bought[:10], warranty and warranty[:10]),
        *(r.get("notes") or r.get("vendorNotes"), (r.get("company") or {}).get("id")),
        *((r.get("site") or {}).get("id"), (r.get("contact") or {}).get("id"), None, _updated(r)),
    )


def _updated(r: Any) -> Any:
    return (r.get("_info") or {}).get("lastUpdated")


ROWS: dict[str, Callable[[Any], tuple[Any, ...]]] = {"companies": _company, "contacts": _contact, "assets": _asset}
_PLACE = ("address_line_1", "address_line_2", "city", "state", "postal_code", "country", "is_active")
_BELONGS_TO = ("company_source_id", "site_source_id")
_ASSET = ("name", "type", "status", "is_active", "manufacturer", "serial_number", "os_type", "purchase_date")
FACTS = {
    "companies": ("name", "website", "status", "status_source_id", "source_updated_at"),
    "contacts": (
        *("name", "type", "title", "email", "phone", "phone_extension", *_PLACE, *_BELONGS_TO, "custom_fields"),
        "source_updated_at",
    ),
    "assets": (
        *(*_ASSET, "warranty_expires_on", "notes", *_BELONGS_TO, "contact_source_id", "custom_fields"),
        "source_updated_at",
    ),
}
_MERGE = sql.SQL(
    "INSERT INTO psa.{table} AS t (source, synced_at, changed_at, run_id, source_id, {facts}) "
    "SELECT 'acme', now(), now(), {run_id}, source_id, {facts} FROM {staging} "
    "ON CONFLICT (source, source_id) DO UPDATE SET ({facts}, synced_at, changed_at, run_id) = "
    "ROW({excluded}, now(), now(), excluded.run_id) WHERE ({stored}) IS DISTINCT FROM ({excluded})"
)


def load_by_hand(given: Job) -> None:
    """One run over the three tables."""
    with requests.Session() as session, psycopg.connect(given.dsn) as connection:
        session.trust_env = False
        session.headers.update(given.headers)
        for table in given.listings:
            _load(connection, session, given, table)


def _load(connection: psycopg.Connection[Any], session: requests.Session, given: Job, table: str) -> None:
    parts: dict[str, sql.Composable] = {
        "table": sql.Identifier(table),
        "staging": sql.Identifier(f"staged_{table}"),
        "run_id": sql.Literal(given.run),
        "facts": _joined("{}", table),
        "excluded": _joined("excluded.{}", table),
        "stored": _joined("t.{}", table),
    }
    create = "CREATE TEMP TABLE {staging} AS SELECT source_id, {facts} FROM psa.{table} LIMIT 0"
    connection.execute(sql.SQL(create).format(**parts))
    copy = sql.SQL("COPY {staging} (source_id, {facts}) FROM STDIN").format(**parts)
    after = 0
    while records := json.loads(_page(session, given, table, after)):
        after = records[-1]["id"]
        with connection.cursor().copy(copy) as out:
            for record in records:
                out.write_row(ROWS[table](record))
    connection.execute(_MERGE.format(**parts))


def _joined(template: str, table: str) -> sql.Composed:
    return sql.SQL(", ").join(sql.SQL(template.replace("{}", fact)) for fact in FACTS[table])


def _page(session: requests.Session, given: Job, table: str, after: int) -> bytes:
    params = {"fields": given.fields[table], "conditions": f"id>{after}", "orderBy": "id asc", "pageSize": "1000"}
    return session.get(f"{given.root}{given.listings[table]}", params=params).content
