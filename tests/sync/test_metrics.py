"""The metrics of a run, as Airflow's own Stats passes them on."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import psycopg
import pytest
from airflow.sdk._shared.observability.metrics.base_stats_logger import NoStatsLogger
from airflow.sdk.observability import stats

from include.model.counts import Counts
from include.model.run import Run
from include.sync.metrics import send_metrics
from include.warehouse.connection import Connection, Warehouse
from tests.support.ledgers import PastRuns

RUN = "scheduled__1"


class Recorder:
    """A backend of Airflow's metrics that keeps the gauges."""

    def __init__(self) -> None:
        self.gauges: dict[tuple[str, str], float] = {}

    def gauge(self, stat: str, value: float, *, tags: dict[str, str] | None = None, **_: Any) -> None:
        self.gauges[stat, ",".join((tags or {}).values())] = value


@pytest.fixture
def sent() -> Iterator[dict[tuple[str, str], float]]:
    """The gauges by name and tags."""
    recorder = Recorder()
    stats.initialize(factory=lambda: recorder, export_legacy_names=False)  # type: ignore[arg-type,return-value]
    yield recorder.gauges
    stats.initialize(factory=NoStatsLogger, export_legacy_names=True)


@pytest.fixture
def connection(warehouse_dsn: str) -> Iterator[Connection]:
    with psycopg.connect(warehouse_dsn, autocommit=True) as connection:
        yield connection


def send(runs: PastRuns, name: str = RUN) -> None:
    send_metrics(Warehouse(lambda: nullcontext(runs.connection)), runs.ledger(name).run)


def test_each_metric_is_sent_with_tags_and_by_a_name_that_has_them(
    connection: Connection, sent: dict[tuple[str, str], float]
) -> None:
    runs = PastRuns(connection)
    connection.execute("INSERT INTO psa.assets (source, source_id) VALUES ('connectwise', '1')")
    runs.run(RUN, hours_ago=2, counts=Counts(fetched=3, inserted=2, rejected=1, deleted=4))
    send(runs)
    tagged = {name.removeprefix("psa."): value for (name, tags), value in sent.items() if tags == "connectwise,assets"}
    named = {name.removeprefix("psa.connectwise.assets."): value for (name, tags), value in sent.items() if not tags}
    assert tagged.keys() == {
        *("loaded", "age_seconds", "complete_as_of", "rows", "duration_seconds", "requests", "waited_seconds"),
        *("fetched", "inserted", "updated", "unchanged", "duplicate", "rejected", "deleted"),
    }
    assert tagged.items() <= named.items()
    assert tagged["age_seconds"] == pytest.approx(7200, abs=60)
    assert tagged["complete_as_of"] == pytest.approx(runs.at(2).timestamp(), abs=60)
    counts = {name: tagged[name] for name in ("loaded", "rows", "fetched", "inserted", "rejected", "deleted")}
    assert counts == {"loaded": 1, "rows": 1, "fetched": 3, "inserted": 2, "rejected": 1, "deleted": 4}


def test_a_table_that_was_not_loaded_has_its_age_and_no_counts(
    connection: Connection, sent: dict[tuple[str, str], float]
) -> None:
    runs = PastRuns(connection)
    runs.run("scheduled__0", hours_ago=26)
    runs.failed(RUN, "contacts", hours_ago=2)
    send(runs)
    assert sent["psa.loaded", "connectwise,contacts"] == 0
    assert sent["psa.age_seconds", "connectwise,contacts"] == pytest.approx(26 * 3600, abs=60)
    assert ("psa.inserted", "connectwise,contacts") not in sent
    assert ("psa.loaded", "connectwise,assets") not in sent


def test_runs_of_one_company_and_dry_runs_send_nothing(
    connection: Connection, sent: dict[tuple[str, str], float]
) -> None:
    runs = PastRuns(connection)
    runs.run("manual__1", hours_ago=2, company="7")
    runs.run("manual__2", hours_ago=1, dry_run=True)
    send(runs, "manual__1")
    send(runs, "manual__2")
    assert sent == {}


def test_a_name_with_a_full_stop_is_one_part_of_a_metrics_name(
    connection: Connection, sent: dict[tuple[str, str], float]
) -> None:
    runs = PastRuns(connection, "halo.uk")
    runs.run(RUN, hours_ago=2, kinds=["assets"])
    send(runs)
    assert sent["psa.halo__uk.assets.loaded", ""] == 1


def test_before_there_is_a_ledger_and_when_it_is_down_nothing_fails(
    empty_dsn: str, caplog: pytest.LogCaptureFixture, sent: dict[tuple[str, str], float]
) -> None:
    caplog.set_level(logging.WARNING)
    send_metrics(Warehouse(lambda: psycopg.connect(empty_dsn)), Run("connectwise", RUN))
    assert caplog.messages == []
    send_metrics(Warehouse(lambda: psycopg.connect("host=127.0.0.1 port=1")), Run("connectwise", RUN))
    assert caplog.messages == ["The metrics of this run were not sent: WarehouseDown."]
    assert sent == {}
