"""What the tests of HaloPSA's connector share: streams, rows, and a client that answers as scripted."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from include.connectors import load
from include.connectors.common.mapping import map_page
from include.connectors.contract import ReadContext, Stream
from include.http.session import PsaLogin
from include.model.errors import NotFound
from include.model.page import Page
from include.model.scope import Scope
from include.model.setup import MappedField, Setup
from tests.support.rig import Rig
from tests.support.truth import differences
from tests.support.truth.halopsa import truth

SPECS = os.environ.get("PSA_VENDOR_SPECS")
needs_specs = pytest.mark.skipif(not SPECS, reason="PSA_VENDOR_SPECS names no folder with the vendors' descriptions")
LOGIN = PsaLogin("psa_halopsa", "https://halo.example.org", "client-id", "client-secret", {})
SERIAL = Setup(field_map={"assets": {"serial_number": MappedField("field:117")}})
TAG = Setup(custom_fields={"assets": {"tag": "10"}})


def stream(table: str) -> Stream[Any]:
    return next(s for s in load("halopsa").streams if s.table == table)


def row(table: str, record: Any, setup: Setup | None = None) -> dict[str, Any]:
    """The one row of a record that is not rejected."""
    mapped = map_page(stream(table), Page([record]), setup or Setup())
    assert mapped.rejects == []
    return mapped.rows[0]


def context(client: Any, setup: Setup | None = None, *, company: str | None = None) -> ReadContext[Any]:
    """What the connector is given, for all companies or for one."""
    return ReadContext(client, setup or Setup(), Scope(company=company))


def read(client: Any, table: str, setup: Setup | None = None, *, company: str | None = None) -> list[Any]:
    """Every record of a table's listing."""
    pages = stream(table).read(context(client, setup, company=company))
    return [record for page in pages for record in page.records]


def wrong(running: Rig, *tables: str) -> list[str]:
    """A sentence for each row of the warehouse that is missing, too many or different."""
    expected = truth(running.simulator.world, running.setup)
    return [sentence for table in tables for sentence in differences(running.rows(table), expected[table])]


@dataclass
class Scripted:
    """A client that answers as scripted, and notes which single records it was asked for."""

    rows: Mapping[str, list[Any]] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    http: Any = field(default_factory=lambda: SimpleNamespace(at_once=1))

    def listing(self, what: Any, _resume: object = None, /, **_: str) -> Iterator[Page]:
        yield Page(list(self.rows.get(what.path, [])))

    def count(self, what: Any, **_: str) -> int:
        return len(self.rows[what.path])

    def unpaged(self, what: Any, **params: str) -> list[Any]:
        return self.rows[f"{what.path}?excludeclosed" if "excludeclosed" in params else what.path]

    def record(self, what: Any, key: str, **_: int) -> Any:
        path = f"{what.path}/{key}"
        self.asked.append(path)
        if path not in self.details:
            raise NotFound(f"{path} is not there.")
        return self.details[path]
