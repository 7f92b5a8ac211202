"""What one record, a missing right, a kill or a held kind does to the details of the others."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from include.model.errors import HeldBack, RightsError, WarehouseError
from include.model.request import Request
from include.model.setup import Setup
from include.sync.detail_reader import BATCH
from include.sync.details import read_details
from include.sync.extract import extract
from include.sync.load import load
from include.sync.preflight import preflight
from include.sync.run import Sync
from tests.support.rig import Rig, rig
from tests.support.truth import vendor
from tests.support.worlds import new_world

PSA = vendor("kaseya_bms")
ONE = "/v2/servicedesk/hardwareasset"
LIST = PSA.lists["assets"]


@contextmanager
def tenant(dsn: str, *, assets: int = 60, details: int | None = None) -> Iterator[Rig]:
    world = new_world(companies=6, assets=assets)
    setup = Setup(details_per_night=details, requests_in_flight=2)
    with rig(dsn, world, setup=setup, vendor="kaseya_bms") as running:
        yield running


def loaded(running: Rig, **changes: object) -> Sync:
    """A run whose assets are loaded."""
    run = running.sync(**{"request": Request(kinds=("assets",)), **changes})
    run = replace(run, company=preflight(run))
    extract(run, "assets")
    load(run, "assets")
    return run


def read(running: Rig) -> set[str]:
    return {row["source_id"] for row in running.rows("detail_reads", "read_at IS NOT NULL")}


def asked(running: Rig, since: int) -> list[str]:
    """The records whose details were asked for since a number of requests, with repetitions."""
    paths = [request.path for request in running.simulator.requests[since:]]
    return [path.rpartition("/")[2] for path in paths if path.startswith(f"{ONE}/") and path[-1].isdigit()]


@pytest.mark.parametrize("fault", ["lost_right", "edge_block", "null_body", "server_error", "html_200", "not_json"])
def test_a_record_that_is_refused_is_logged_with_its_key_and_does_not_stop_the_others(
    warehouse_dsn: str, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    caplog.set_level(logging.INFO)
    with tenant(warehouse_dsn) as running:
        run = loaded(running)
        refused = str(list(running.simulator.world.assets)[30])
        running.simulator.faults.add(f"{fault}:path={ONE}/{refused}")
        read_details(run, "assets")
        assert read(running) == {str(key) for key in running.simulator.world.assets} - {refused}
        assert f"assets {refused}: no details." in caplog.text
        (row,) = running.rows("detail_reads", f"source_id = '{refused}'")
        assert "Kaseya BMS" in row["problem"]
        (entry,) = running.rows("detail_runs")
        assert (entry["state"], entry["asked"], entry["updated"], entry["failed"]) == ("ended", 60, 59, 1)


def test_a_record_that_was_deleted_after_its_listing_is_no_problem_of_the_run(
    warehouse_dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with tenant(warehouse_dsn) as running:
        run = loaded(running)
        gone = next(iter(running.simulator.world.assets))
        del running.simulator.world.assets[gone]
        read_details(run, "assets")
        assert f"assets {gone} was deleted before its details could be read." in caplog.text
        assert len(read(running)) == 59
        assert loaded(running) is not None
        assert [row["source_id"] for row in running.rows("assets", "deleted_at IS NOT NULL")] == [str(gone)]


def test_a_record_that_moved_after_its_listing_gets_its_details_and_its_company_with_the_next_one(
    warehouse_dsn: str,
) -> None:
    with tenant(warehouse_dsn) as running:
        run = loaded(running)
        key, asset = next(iter(running.simulator.world.assets.items()))
        other = next(id_ for id_ in running.simulator.world.companies.ids if id_ != asset.company_id)
        running.simulator.world.assets.add(replace(asset, company_id=other, site_id=None, contact_id=None))
        read_details(run, "assets")
        (row,) = running.rows("assets", f"source_id = '{key}'")
        assert (row["company_source_id"], row["status"] is None) == (str(asset.company_id), False)
        loaded(running)
        (row,) = running.rows("assets", f"source_id = '{key}'")
        assert (row["company_source_id"], row["status"] is None) == (str(other), False)


def test_without_the_right_to_details_the_task_is_red_after_a_few_records_and_the_rows_stay(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn) as running:
        run, before = loaded(running), len(running.simulator.requests)
        running.simulator.faults.add(f"lost_right:path={ONE}/[0-9]*")
        with pytest.raises(RightsError, match="Give the API account the right"):
            read_details(run, "assets")
        assert len(running.rows("assets")) == 60
        assert len(set(asked(running, before))) < 20
        (entry,) = running.rows("detail_runs")
        assert (entry["state"], "the right" in entry["note"]) == ("failed", True)
        running.simulator.faults.clear()
        read_details(run, "assets")
        assert running.rows("detail_runs")[0]["state"] == "ended"


class Kill(BaseException):
    """The end of a worker."""


def killing(after: int) -> Callable[[], float]:
    """A clock that ends the worker when it was looked at so many times."""
    looks = iter(range(after))

    def clock() -> float:
        if next(looks, None) is None:
            raise Kill
        return 0.0

    return clock


def test_what_was_read_before_a_kill_is_kept_and_a_further_attempt_goes_on_behind_it(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn, assets=3 * BATCH) as running:
        run, before = loaded(running), len(running.simulator.requests)
        with pytest.raises(Kill):
            read_details(replace(run, clock=killing(after=5 * BATCH)), "assets")
        kept = read(running)
        assert len(kept) in (BATCH, 2 * BATCH)
        in_first = asked(running, before)
        read_details(run, "assets")
        assert len(read(running)) == 3 * BATCH
        again = asked(running, before)[len(in_first) :]
        assert not kept & set(again)
        assert len(in_first) + len(again) <= 4 * BATCH
        (entry,) = running.rows("detail_runs")
        assert (entry["asked"], entry["updated"]) == (3 * BATCH, 3 * BATCH)


def test_a_row_that_postgres_refuses_is_quoted_nowhere_and_its_batch_is_read_again(
    warehouse_dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with tenant(warehouse_dsn) as running:
        run = loaded(running)
        with running.warehouse.session() as connection:
            connection.execute("ALTER TABLE psa.assets ADD CONSTRAINT ours CHECK (manufacturer IS NULL)")
        with pytest.raises(WarehouseError, match="If someone has added a constraint"):
            read_details(run, "assets")
        (entry,) = running.rows("detail_runs")
        assert (entry["state"], entry["asked"], "ours" in entry["note"]) == ("failed", 0, True)
        assert "Failing row" not in entry["note"] + caplog.text
        assert running.rows("detail_reads", "claimed_by IS NOT NULL") == []
        with running.warehouse.session() as connection:
            connection.execute("ALTER TABLE psa.assets DROP CONSTRAINT ours")
        read_details(run, "assets")
        assert len(read(running)) == 60


def test_a_held_kind_does_not_stop_the_details_of_rows_that_exist(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn) as running:
        loaded(running)
        assets = running.simulator.world.assets
        for gone in list(assets)[:40]:
            del assets[gone]
        run = running.sync(request=Request(kinds=("assets",)))
        preflight(run)
        extract(run, "assets")
        assert load(run, "assets")["assets"].held == 40
        read_details(run, "assets")
        assert read(running) == {str(key) for key in assets}


def test_a_kind_of_which_nothing_is_merged_does_not_stop_the_details_of_rows_that_exist(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn) as running:
        loaded(running)
        assets = running.simulator.world.assets
        run = running.sync(request=Request(kinds=("assets",)))
        preflight(run)
        running.simulator.faults.add(f"renamed_key:path={LIST},key={PSA.wire.serial},to=sn")
        extract(run, "assets")
        with pytest.raises(HeldBack):
            load(run, "assets")
        running.simulator.faults.clear()
        read_details(run, "assets")
        assert read(running) == {str(key) for key in assets}
        assert running.rows("sync_runs", f"run_id = '{run.run.run_id}'")[0]["state"] == "held"


def test_details_that_are_held_back_are_merged_once_a_person_approves(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn) as running:
        read_details(loaded(running), "assets")
        known = len(running.rows("assets", "status IS NOT NULL"))
        running.simulator.faults.add(f"renamed_key:path={ONE}/[0-9]*,key=state,to=phase")
        with pytest.raises(HeldBack, match="trigger this DAG with 'Approve deletions' for this kind"):
            read_details(loaded(running), "assets")
        assert len(running.rows("assets", "status IS NOT NULL")) == known
        assert running.rows("detail_runs", "state = 'held'")
        read_details(loaded(running, request=Request(kinds=("assets",), approved=("assets",))), "assets")
        assert running.rows("assets", "status IS NOT NULL") == []


def test_a_run_of_one_company_reads_the_details_of_that_company(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn) as running:
        company = running.simulator.world.companies.ids[0]
        run = loaded(running, request=Request(kinds=("assets",), company=str(company)), is_forced=True)
        loaded(running)
        read_details(run, "assets")
        of_company = {str(key) for key, one in running.simulator.world.assets.items() if one.company_id == company}
        assert read(running) == of_company
        assert of_company


def test_two_runs_at_the_same_time_read_different_records(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn) as running:
        nightly, forced = loaded(running), loaded(running, is_forced=True)
        before = len(running.simulator.requests)
        read_details(replace(nightly, setup=replace(running.setup, details_per_night=35)), "assets")
        read_details(forced, "assets")
        read_details(nightly, "assets")
        keys = asked(running, before)
        assert sorted(set(keys), key=int) == sorted(map(str, running.simulator.world.assets), key=int)
        assert len(read(running)) == 60
