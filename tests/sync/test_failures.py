"""Whatever ends a task is in the ledger and in the summary as what it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowTaskTerminated, AirflowTaskTimeout

from include.http.session import mask
from include.model.errors import ConfigError, WarehouseDown
from include.model.page import Page
from include.model.request import Request
from include.sync.extract import extract
from include.sync.failures import UNFORESEEN, recorded_failure
from include.sync.load import load
from include.sync.preflight import preflight
from include.sync.report import report
from include.sync.run import Sync
from include.warehouse.connection import Warehouse
from tests.support.rig import LIMITS, Rig, rig, trigger
from tests.support.worlds import new_world

SECRET = "s3cret-of-the-connection"


@pytest.fixture
def running(warehouse_dsn: str) -> Iterator[Rig]:
    with rig(warehouse_dsn, new_world(companies=3)) as running:
        preflight(running.sync())
        yield running


def failing(sync: Sync, table: str, error: BaseException) -> Sync:
    """The run, whose listing of a table breaks off after a page."""

    def read(_: Any) -> Iterator[Page]:
        yield Page([])
        raise error

    streams = [replace(s, read=read) if s.table == table else s for s in sync.connector.streams]
    return replace(sync, connector=replace(sync.connector, streams=streams))


def what_to_do(running: Rig, sync: Sync, kind: str, task: str = "extract") -> str:
    states = {"preflight": "success", f"{kind}.{task}": "failed"}
    return " ".join(report(running.warehouse, sync.run, states, trigger(Request(kinds=(kind,))), LIMITS).problems)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (KeyError("id"), f"KeyError: 'id'. {UNFORESEEN}"),
        (ValueError(f"bad\n{SECRET} in it"), f"ValueError: bad *** in it. {UNFORESEEN}"),
        (MemoryError(), f"MemoryError. {UNFORESEEN}"),
        (AirflowTaskTimeout("late"), "The task was ended before it was done (AirflowTaskTimeout: late). Clear it."),
        (AirflowTaskTerminated("SIGTERM"), "The task was ended before it was done (AirflowTaskTerminated: SIGTERM)."),
        (ConfigError("No clientId."), "No clientId. Fix it, then clear this task."),
    ],
)
def test_what_breaks_a_listing_off_is_named_as_itself(running: Rig, error: BaseException, said: str) -> None:
    mask(SECRET)
    run = failing(running.sync(), "ticket_statuses", error)
    with pytest.raises(type(error)):
        extract(run, "ticket_settings")
    assert said in what_to_do(running, run, "ticket_settings")
    states = {row["table_name"]: row["state"] for row in running.rows("sync_runs")}
    assert states == dict.fromkeys(("service_boards", "ticket_priorities", "ticket_statuses"), "failed")


@contextmanager
def no_client(error: BaseException) -> Iterator[Any]:
    raise error
    yield


@pytest.mark.parametrize("error", [ConfigError("No clientId."), TypeError("unhashable type: 'list'")])
def test_what_fails_before_anything_is_listed_is_in_the_ledger_too(running: Rig, error: Exception) -> None:
    run = running.sync(open_client=lambda: no_client(error))
    with pytest.raises(type(error)):
        extract(run, "assets")
    assert str(error) in what_to_do(running, run, "assets")
    (entry,) = running.rows("sync_runs")
    assert (entry["state"], entry["requests"]) == ("failed", 0)
    extract(running.sync(run=run.run), "assets")  # the next attempt begins as if nothing had been written
    assert running.rows("sync_runs")[0]["state"] == "extracted"


def test_what_breaks_a_merge_off_is_named_and_what_was_loaded_stays_loaded(running: Rig) -> None:
    run = running.sync()
    extract(run, "assets")
    odd: Any = "a day"
    with pytest.raises(TypeError):
        load(replace(run, connector=replace(run.connector, overlap=odd)), "assets")
    assert "TypeError: unsupported operand" in what_to_do(running, run, "assets", "load")
    load(run, "assets")
    with pytest.raises(KeyError), recorded_failure(running.warehouse, run.run, "assets"):
        raise KeyError("later")
    assert running.rows("sync_runs")[0]["state"] == "loaded"


def test_a_ledger_that_cannot_be_written_hides_no_error(running: Rig, caplog: pytest.LogCaptureFixture) -> None:
    def connect() -> Any:
        raise WarehouseDown(f"no route; {SECRET}")

    with pytest.raises(KeyError), recorded_failure(Warehouse(connect), running.sync().run, "assets"):
        raise KeyError("id")
    assert "could not be written to psa.sync_runs either: no route" in caplog.text
