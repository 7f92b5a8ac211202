"""A Kaseya BMS server that answers what a test says, recorded answers, and what the connector makes of them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from include.connectors import load
from include.connectors.common.mapping import map_page
from include.connectors.contract import ReadContext, Stream
from include.connectors.kaseya_bms.client import KaseyaClient
from include.model.page import Page
from include.model.scope import EVERYTHING, Scope
from include.model.setup import Setup
from tests.support.scripted_server import Asked, Line, Said

SPECS = os.environ.get("PSA_VENDOR_SPECS")
needs_specs = pytest.mark.skipif(not SPECS, reason="PSA_VENDOR_SPECS names no folder with the vendors' descriptions")
BMS = "kaseya_bms"
TOKENS = {
    "accessToken": "access-1",
    "refreshToken": "refresh-1",
    "accessTokenExpireOn": "2099-01-01T00:00:00.1234567Z",
    "refreshTokenExpireOn": "2099-01-02T00:00:00Z",
}

Answers = Callable[[str, dict[str, str]], Any]


def scripted(
    answers: Answers | Mapping[str, Any], **extra: str
) -> tuple[KaseyaClient, list[tuple[str, dict[str, str]]]]:
    """A client of a server that answers by path, and accepts every login; and the requests with what they carried."""
    asked: list[tuple[str, dict[str, str]]] = []

    def answer(request: Asked) -> Said:
        sent = dict(request.form or request.query)
        asked.append((request.path, sent))
        body = answers(request.path, sent) if callable(answers) else answers.get(request.path)
        if body is None and request.path.startswith("/v2/security/"):
            body = good(TOKENS)
        return Said(body, 404 if body is None else 200)

    login = {"login": "api", "password": "pw", "extra": {"tenant": "Example", **extra}}
    client = Line(answer).client(BMS, "https://api.bms.kaseya.com", **login)
    assert isinstance(client, KaseyaClient)
    client.http.sleep = lambda _: None
    return client, asked


def stream(table: str) -> Stream[Any]:
    return next(s for s in load(BMS).streams if s.table == table)


def rows(table: str, records: list[Any], setup: Setup | None = None) -> list[dict[str, Any]]:
    """The rows of records none of which is rejected."""
    mapped = map_page(stream(table), Page(records), setup or Setup())
    assert mapped.rejects == []
    return mapped.rows


def listed(table: str, client: KaseyaClient, setup: Setup | None = None, scope: Scope = EVERYTHING) -> list[Any]:
    """The records that a listing brings."""
    pages = stream(table).read(ReadContext(client, setup or Setup(), scope))
    return [record for page in pages for record in page.records]


def sample(name: str) -> Any:
    return json.loads((Path(SPECS or "") / "samples" / BMS / name).read_text(encoding="utf-8"))


def cases(name: str) -> dict[str, Any]:
    return {case["name"]: case["response"]["body"] for case in sample(name)["cases"]}


def good(result: Any, **more: Any) -> dict[str, Any]:
    return {"success": True, "error": None, "result": result, **more}


def bad(code: Any, message: str = "No") -> dict[str, Any]:
    return {"success": False, "error": {"code": code, "message": message}, "result": None}


def numbered(records: list[Any], *, first: int, size: int = 100) -> Answers:
    """A list whose pages are counted from `first`; a page before that is the first again."""

    def answer(path: str, query: dict[str, str]) -> Any:
        if "PageNumber" not in query:
            return None
        start = max(int(query["PageNumber"]) - first, 0) * size
        return good(records[start : start + size] or None)

    return answer


def lowered_records(body: Any) -> list[Any]:
    """The records of a recorded list, as the client gives them."""
    api, _ = scripted({"/x": body})
    return api.lookup("/x")
