"""Details, columns that a PSA gives for one record at a time: read in portions, new records first, and kept."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from include.model.errors import HeldBack, Truncated
from include.model.request import Request
from include.model.setup import DeletionGuard
from include.sync.detail_report import report_details
from include.sync.details import read_details
from include.sync.extract import extract
from include.sync.load import load
from include.sync.preflight import preflight
from include.sync.report import report
from simulator.kaseya_bms.contacts import is_named_by_summary
from tests.support.rig import LIMITS, Rig, rig, trigger
from tests.support.truth import differences, vendor
from tests.support.worlds import new_world

PSA = vendor("kaseya_bms")
ONE = "/v2/servicedesk/hardwareasset/[0-9]*"
LIST = PSA.lists["assets"]


@contextmanager
def tenant(dsn: str, *, a_night: int, assets: int = 60, in_flight: int = 4) -> Iterator[Rig]:
    world = new_world(companies=6, assets=assets)
    setup = replace(PSA.setup, details_per_night=a_night, requests_in_flight=in_flight)
    with rig(dsn, world, setup=setup, vendor=PSA.name) as running:
        yield running


def detailed(running: Rig) -> set[str]:
    return {row["source_id"] for row in running.rows("assets", "status IS NOT NULL")}


def read(running: Rig, table: str = "assets") -> list[dict[str, Any]]:
    """The records whose details were read."""
    return running.rows("detail_reads", f"table_name = '{table}' AND read_at IS NOT NULL")


def wrong(running: Rig) -> list[str]:
    return differences(running.rows("assets"), PSA.truth(running.simulator.world, running.setup)["assets"])


def edit(running: Rig, **changes: Any) -> None:
    assets = running.simulator.world.assets
    for asset in list(assets.values()):
        assets.add(replace(asset, **changes))


def test_every_row_is_there_in_the_first_night_and_its_details_follow_so_many_a_night(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn, a_night=25) as running:
        for known in (25, 50, 60):
            counts = running.run("assets")["assets"]
            assert (counts.fetched, len(running.rows("assets"))) == (60, 60)
            assert len(read(running)) == known
        assert wrong(running) == []


def test_a_run_whose_rows_a_release_without_todays_ledger_has_loaded_goes_on_with_details(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn, a_night=60) as running:
        run = running.sync(request=Request(kinds=("assets",)))
        preflight(run)
        extract(run, "assets")
        load(run, "assets")
        with running.connections.borrow() as connection:
            connection.execute("ALTER TABLE psa.sync_runs DROP COLUMN live")
            connection.execute("DROP TABLE psa.changes, psa.seen_shapes, psa.held_deletions")
            connection.commit()
        assert report(running.warehouse, run.run, {}, trigger(run.request), LIMITS).problems
        assert report_details(running.warehouse, run.run, ("assets",), {}, trigger(run.request)).lines
        read_details(run, "assets")
        assert wrong(running) == []
        assert {row["change"] for row in running.rows("changes")} == {"changed"}
        assert report(running.warehouse, run.run, {}, trigger(run.request), LIMITS).problems == []


def test_a_night_that_reads_nothing_new_writes_no_row_and_moves_the_ages_alone(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn, a_night=60) as running:
        running.run("assets")
        before, ages = running.state(), running.rows("detail_reads")
        running.run("assets")
        assert running.state() == before
        assert running.rows("detail_reads") != ages


def test_what_was_read_longest_ago_is_read_next_and_the_rest_keeps_what_is_known(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn, a_night=30) as running:
        running.run("assets")
        first = {row["source_id"] for row in read(running)}
        running.run("assets")
        edit(running, os_type="changed since")
        running.run("assets")
        changed = {row["source_id"] for row in running.rows("assets", "os_type = 'changed since'")}
        assert changed == first
        assert running.rows("assets", "status IS NOT NULL AND os_type IS DISTINCT FROM 'changed since'")


def test_the_log_says_how_old_the_details_are(warehouse_dsn: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with tenant(warehouse_dsn, a_night=20) as running:
        running.run("assets")
        assert "details of 20 records were read in this run (20 changed their rows); those of 40" in caplog.text
        assert running.rows("detail_runs")[0]["unread"] == 40


def test_when_the_budget_is_used_up_the_rest_waits_for_another_night(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn, a_night=60, in_flight=1) as running:
        running.simulator.faults.add(f"rate_limit:path={ONE},after=10,wait=3600,times=0")
        counts = running.run("assets")["assets"]
        assert counts.inserted == 60
        assert len(read(running)) == 9  # preflight had asked for one as well


def test_a_record_whose_details_cannot_be_delivered_does_not_stop_the_others(
    warehouse_dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with tenant(warehouse_dsn, a_night=60, in_flight=1) as running:
        running.simulator.faults.add(f"server_error:path={ONE},after=3,times=5")  # five tries of one record
        assert running.run("assets")["assets"].inserted == 60
        assert "details of 59 records were read in this run" in caplog.text


def test_a_server_that_delivers_no_details_at_all_is_left_alone_after_a_while(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn, a_night=100, assets=100, in_flight=1) as running:
        running.simulator.faults.add(f"server_error:path={ONE},after=1")
        assert running.run("assets")["assets"].inserted == 100
        asked = {r.path for r in running.simulator.requests if r.path.rpartition("/")[2].isdecimal()}
        assert len(asked) <= 53


def test_details_that_cannot_be_had_do_not_keep_others_waiting(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn, a_night=20, assets=40) as running:
        running.simulator.faults.add(f"null_body:path={ONE},after=1,times=20")
        running.run("assets")
        assert detailed(running) == set()
        running.run("assets")
        assert len(detailed(running)) >= 15


def test_a_key_that_is_renamed_in_the_details_is_held_back(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn, a_night=30, assets=60) as running:
        running.run("assets")
        running.run("assets")
        before = running.state()
        running.simulator.faults.add(f"renamed_key:path={ONE},key=state,to=phase")
        with pytest.raises(HeldBack, match="'status' is filled in"):
            running.run("assets")
        assert running.state() == before


def test_details_complete_what_the_listing_says_and_do_not_replace_it(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn, a_night=100) as running:
        contacts = running.simulator.world.contacts
        by_summary = [one for one in contacts.values() if is_named_by_summary(one) and one.emails]
        assert by_summary
        running.run("contacts")
        before = {row["source_id"]: row["email"] for row in running.rows("contacts")}
        assert all(before[str(one.id)] for one in by_summary)
        running.simulator.faults.add("renamed_key:path=*/summaryinfo,key=contactEmailAddress,to=mail")
        running.run("contacts")
        after = {row["source_id"]: row["email"] for row in running.rows("contacts")}
        assert {key for key in before if before[key] != after[key]} == {str(one.id) for one in by_summary}


def test_what_only_details_say_is_kept_until_they_are_read_again(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn, a_night=100) as running:
        running.run("contacts")
        before = running.state()
        running.setup = replace(running.setup, details_per_night=1)
        running.run("contacts")
        assert running.state() == before


def test_without_any_details_the_listing_alone_says_what_it_has(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn, a_night=100) as running:
        running.run("contacts")
        key = next(str(one.id) for one in running.simulator.world.contacts.values() if is_named_by_summary(one))
        running.setup = replace(running.setup, details_per_night=0)
        running.run("contacts")
        (row,) = running.rows("contacts", f"source_id = '{key}'")
        assert (row["name"], row["email"], row["phone"]) == (None, None, None)


def test_a_dry_run_reads_no_details(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn, a_night=60) as running:
        run = running.sync(request=Request(kinds=("assets",), dry_run=True))
        preflight(run)
        extract(run, "assets")
        load(run, "assets")
        before = len(running.simulator.requests)
        assert read_details(run, "assets").nothing_to_do == "assets: a dry run reads no details."
        assert len(running.simulator.requests) == before
        assert running.rows("detail_reads") == running.rows("detail_runs") == running.rows("assets") == []


def test_what_a_listing_without_a_count_lacks_is_asked_for_before_it_is_called_gone(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn, a_night=0) as running:
        running.run("assets")
        gone = next(iter(running.simulator.world.assets))
        del running.simulator.world.assets[gone]
        counts = running.run("assets")["assets"]
        assert (counts.fetched, counts.deleted) == (59, 1)
        assert [row["source_id"] for row in running.rows("assets", "deleted_at IS NOT NULL")] == [str(gone)]
        assert any(request.path.endswith(f"/{gone}") for request in running.simulator.requests)


def test_a_listing_that_lacks_what_is_there_was_not_complete(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn, a_night=0) as running:
        running.run("assets")
        before = running.state()
        running.simulator.faults.add(f"early_end:path={LIST},rows=50")
        with pytest.raises(Truncated, match="asked for by its key: the listing was not complete"):
            running.run("assets")
        assert running.state() == before


def test_more_than_the_deletion_guard_allows_are_not_asked_for_but_held_back(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn, a_night=0, assets=300) as running:
        running.run("assets")
        asked = len(running.simulator.requests)
        running.simulator.faults.add(f"early_end:path={LIST},rows=150")
        assert running.run("assets")["assets"].held > 100
        assert len(running.rows("assets", "deleted_at IS NOT NULL")) == 0
        assert len(running.simulator.requests) - asked < 40
        running.run(request=Request(kinds=("assets",), approved=("assets",)))
        assert len(running.rows("assets", "deleted_at IS NOT NULL")) > 100


def test_of_many_that_may_go_a_sample_is_asked_for(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn, a_night=0, assets=400) as running:
        running.setup = replace(running.setup, deletion_guard=DeletionGuard(share=0.5))
        running.run("assets")
        for gone in list(running.simulator.world.assets)[:150]:
            del running.simulator.world.assets[gone]
        asked = len(running.simulator.requests)
        assert running.run("assets")["assets"].deleted == 150
        assert 100 <= len(running.simulator.requests) - asked < 150


def test_a_rejected_record_is_neither_asked_for_again_nor_gone(warehouse_dsn: str) -> None:
    psa = vendor("halopsa")
    with rig(warehouse_dsn, new_world(companies=6), setup=psa.setup, vendor=psa.name) as running:
        running.run("assets")
        running.simulator.faults.add("odd_record:path=/Asset,key=warranty_end,kind=not_a_date")
        counts = running.run("assets")["assets"]
        assert (counts.rejected, counts.deleted, counts.fetched) == (1, 0, 60)


def test_where_a_sample_shows_that_records_are_hidden_all_of_them_are_asked_for(warehouse_dsn: str) -> None:
    psa, world = vendor("halopsa"), new_world(companies=40, contacts=1000)
    for contact in list(world.contacts.values()):
        world.contacts.add(replace(contact, is_active=contact.id % 5 != 0))
    setup = replace(psa.setup, deletion_guard=DeletionGuard(share=0.5), details_per_night=0)
    with rig(warehouse_dsn, world, setup=setup, vendor=psa.name) as running:
        running.run("contacts")
        before = running.state()
        running.simulator.faults.add("active_only:path=/Users")
        assert running.run("contacts")["contacts"].deleted == 0
        assert running.state() == before
