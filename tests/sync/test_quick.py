"""Runs that list what changed, and what vanished, instead of everything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from include.model.errors import HeldBack, ServerError
from include.model.request import DUE, QUICK, Request
from include.model.setup import CompanyChoice, DeletionGuard, Setup
from include.sync.extract import extract
from include.sync.load import load
from include.sync.preflight import preflight
from include.sync.report import report
from include.warehouse.ledger import Ledger
from simulator.daily_changes import apply_daily_changes, edited
from tests.support.attempts import killed
from tests.support.rig import LIMITS, Rig, rig, trigger
from tests.support.truth import differences
from tests.support.truth.connectwise import truth
from tests.support.worlds import new_world

QUICKLY = Request(extent=QUICK)
MOST_REQUESTS = 40


@contextmanager
def tenant(dsn: str, setup: Setup | None = None, **simulator: Any) -> Iterator[Rig]:
    """A tenant of which everything was listed just now."""
    world = new_world(companies=12, tickets=0)
    with rig(dsn, world, setup=setup, **simulator) as running:
        running.run()
        world.now = moment(running)
        yield running


def entry_of(running: Rig, table: str) -> dict[str, Any]:
    """The last run's entry of a table in the ledger."""
    (entry,) = running.rows("sync_runs", f"table_name = '{table}' AND run_id LIKE '%run {running.runs}'")
    return entry


def mark_of(running: Rig, table: str) -> dict[str, Any]:
    (mark,) = running.rows("sync_watermarks", f"table_name = '{table}'")
    return mark


def wrong(running: Rig) -> list[str]:
    expected = truth(running.simulator.world, running.setup)
    return [f"{table} {line}" for table in expected for line in differences(running.rows(table), expected[table])]


def moment(running: Rig) -> datetime:
    """The next whole second: the PSA's dates have no fractions, and what was listed is older."""
    return (running.now() + timedelta(seconds=1)).replace(microsecond=0)


def edit_first(running: Rig, kind: str) -> str:
    table = getattr(running.simulator.world, kind)
    table.add(edited(table[table.ids[0]], at=moment(running)))
    return str(table.ids[0])


def test_a_quick_run_brings_what_changed_and_what_vanished_and_a_second_one_writes_nothing(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn) as running:
        world = running.simulator.world
        apply_daily_changes(world, seed=3, adds={"assets": 2, "contacts": 1}, edits=2, deletes={"assets": 1}, moves=1)
        running.run(request=QUICKLY)
        assert [line for line in wrong(running) if not line.startswith("company_sites")] == []
        assert entry_of(running, "assets")["keys_listed"] == len(world.assets)
        state = running.state()
        running.run(request=QUICKLY)
        assert running.state() == state
        assert entry_of(running, "assets")["keys_listed"] is None
        running.run()
        assert wrong(running) == []


def test_it_asks_only_for_what_changed_and_leaves_long_lists_without_dates_to_the_night(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn) as running:
        edit_first(running, "assets")
        counts = running.run(request=QUICKLY)
        assert counts["assets"].fetched == counts["assets"].updated == 1
        assert counts["contacts"].fetched == counts["company_sites"].fetched == 0
        assert "ticket_statuses" not in counts
        found = report(
            running.warehouse,
            running.sync(run=entry_run(running)).run,
            {"ticket_settings.extract": "skipped"},
            trigger(QUICKLY),
            LIMITS,
        )
        said = " ".join(" ".join(found.lines).split())
        assert found.problems == []
        assert "ticket_settings left to the next full run" in said
        assert said.count("Complete as of") == 1


def test_a_table_is_as_fresh_as_the_listing_that_was_loaded(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn) as running:
        for request in (Request(), QUICKLY):
            running.run(request=request)
            with running.warehouse.session() as connection:
                complete = Ledger(connection, running.sync().run).complete_as_of()
            begun = {
                row["table_name"]: row["started_at"]
                for row in running.rows("sync_runs", f"run_id LIKE '%run {running.runs - 1}'")
            }
            for table in ("companies", "assets", "contacts"):
                assert complete[table] == begun[table], (table, request)


def entry_run(running: Rig) -> Any:
    return replace(running.sync().run, run_id=f"psa_{running.vendor}/run {running.runs - 1}")


def test_the_watermark_moves_to_the_begin_of_the_listing_less_the_overlap_and_sites_stay_as_complete_as_they_were(
    warehouse_dsn: str,
) -> None:
    with tenant(warehouse_dsn) as running:
        sites = mark_of(running, "company_sites")
        running.run(request=QUICKLY)
        entry, mark = entry_of(running, "assets"), mark_of(running, "assets")
        assert mark["watermark"] == mark["next_since"] == entry["started_at"] - timedelta(days=1)
        assert mark["full_at"] < entry["started_at"]
        after = mark_of(running, "company_sites")
        assert after["watermark"] == sites["watermark"]
        assert after["complete_as_of"] == sites["complete_as_of"]
        assert after["next_since"] > sites["next_since"]


def test_a_failed_run_and_a_dry_run_move_nothing(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn) as running:
        before = running.rows("sync_watermarks")
        running.run(request=replace(QUICKLY, dry_run=True))
        running.simulator.faults.add("server_error:path=/company/configurations")
        with pytest.raises(ServerError):
            extract(running.sync(request=QUICKLY), "assets")
        assert running.rows("sync_watermarks") == before


def test_the_sites_of_companies_that_changed_are_read_and_those_that_vanished_there_are_marked(
    warehouse_dsn: str,
) -> None:
    with tenant(warehouse_dsn) as running:
        world = running.simulator.world
        company = world.companies.ids[0]
        first, *_ = world.sites.by("company_id")[company]
        del world.sites[first]
        counts = running.run("sites", request=replace(QUICKLY, kinds=("sites",)))
        assert counts["company_sites"].deleted == 0
        edit_first(running, "companies")
        counts = running.run("sites", request=replace(QUICKLY, kinds=("sites",)))
        assert counts["company_sites"].deleted == 1
        assert wrong(running)[0].startswith("companies")  # which this run was not asked for


def test_a_record_that_comes_back_with_an_old_date_is_asked_for_by_its_key(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn) as running:
        world = running.simulator.world
        key = world.assets.ids[3]
        asset = world.assets[key]
        del world.assets[key]
        running.run(request=QUICKLY)
        assert wrong(running) == []
        world.assets.add(asset)
        running.run(request=QUICKLY)
        assert wrong(running) == []


def test_of_companies_that_come_into_setup_everything_comes_and_of_others_it_goes(warehouse_dsn: str) -> None:
    world = new_world(companies=12, tickets=0)
    status = world.companies[world.companies.ids[0]].status_id
    setup = Setup(companies=CompanyChoice(statuses=(str(status),)))
    with rig(warehouse_dsn, world, setup=setup) as running:
        running.run()
        inside = [c for c in world.companies.values() if c.status_id == status]
        outside = [c for c in world.companies.values() if c.status_id != status]
        world.companies.add(replace(outside[0], status_id=status, updated_at=moment(running)))
        world.companies.add(replace(inside[0], status_id=outside[0].status_id, updated_at=moment(running)))
        running.run(request=QUICKLY)
        selected = {c.id for c in world.companies.values() if c.status_id == status}
        gone = {c.id for c in world.companies.values() if c.is_deleted}
        assert live(running, "companies") == {str(id_) for id_ in selected - gone}
        for kind in ("assets", "contacts"):
            rows = getattr(world, kind).values()
            assert live(running, kind) == {str(row.id) for row in rows if row.company_id in selected}


def live(running: Rig, table: str) -> set[str]:
    return {row["source_id"] for row in running.rows(table, "deleted_at IS NULL")}


@pytest.mark.parametrize("fault", ["ignored_dates", "empty_dates", "local_dates:hours=-30"])
def test_a_server_that_does_not_honour_the_filter_is_noticed_and_everything_is_listed(
    warehouse_dsn: str, fault: str
) -> None:
    with tenant(warehouse_dsn) as running:
        running.simulator.faults.add(fault)
        key = edit_first(running, "assets")
        counts = running.run(request=QUICKLY)
        assert counts["assets"].fetched == len(running.simulator.world.assets)
        entry = entry_of(running, "assets")
        assert entry["since"] is None
        assert entry["why_full"] in entry["note"]
        assert key in {row["source_id"] for row in running.rows("assets", "name LIKE '%(edited)'")}
        assert mark_of(running, "assets")["full_at"] == entry["started_at"]


@pytest.mark.parametrize("hours", [14, -12])
def test_a_server_that_reads_dates_in_its_own_zone_leaves_nothing_out(warehouse_dsn: str, hours: int) -> None:
    with tenant(warehouse_dsn) as running:
        running.simulator.faults.add(f"local_dates:hours={hours}")
        edit_first(running, "assets")
        counts = running.run(request=QUICKLY)
        assert counts["assets"].fetched == counts["assets"].updated == 1


def test_without_a_full_listing_with_this_setup_everything_is_listed(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, new_world(companies=3, tickets=0)) as running:
        running.run(request=QUICKLY)
        assert "No full listing" in entry_of(running, "assets")["why_full"]
        assert wrong(running) == []
        running.setup = Setup(custom_fields={"assets": {"rack": "10"}})
        running.run(request=QUICKLY)
        assert "Setup, the connection or the release has changed" in entry_of(running, "assets")["why_full"]
        assert entry_of(running, "contacts")["since"] is not None
        running.run(request=QUICKLY, account=lambda: "another account")
        assert "the connection" in entry_of(running, "contacts")["why_full"]


def test_an_overdue_full_listing_is_done_by_a_quick_run(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn) as running:
        age(running, days=1.4)
        running.run(request=QUICKLY)
        assert entry_of(running, "assets")["since"] is not None
        age(running, days=0.2)
        running.run(request=QUICKLY)
        assert "setup wants that every 1 day" in entry_of(running, "assets")["why_full"]


def age(running: Rig, *, days: float) -> None:
    """Let the last full listing be older."""
    with running.warehouse.session() as connection:
        connection.execute("UPDATE psa.sync_watermarks SET full_at = full_at - %s", [timedelta(days=days)])


def test_where_full_listings_are_days_apart_each_night_between_them_reads_the_sites_of_its_share_of_companies(
    warehouse_dsn: str,
) -> None:
    with tenant(warehouse_dsn, Setup(full_every_days=3)) as running:
        world = running.simulator.world
        read: list[int] = []
        for _ in range(2):
            age(running, days=1)
            read.append(running.run(request=Request(extent=DUE))["company_sites"].fetched)
            assert entry_of(running, "assets")["since"] is not None
            assert entry_of(running, "ticket_statuses")["since"] is None
        assert 0 < sum(read) < len(world.sites)
        age(running, days=1)
        running.run(request=Request(extent=DUE))
        assert entry_of(running, "assets")["since"] is None


def test_a_nightly_run_lists_everything_unless_setup_says_otherwise(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn) as running:
        running.run(request=Request(extent=DUE))
        assert {row["since"] for row in running.rows("sync_runs")} == {None}
        assert {row["why_full"] for row in running.rows("sync_runs")} == {None}


@pytest.mark.parametrize("fault", ["emptied_list:", "narrowed_list:rows=3,"])
def test_a_right_that_was_lost_marks_no_row_deleted(warehouse_dsn: str, fault: str) -> None:
    with tenant(warehouse_dsn) as running:
        running.simulator.faults.add(f"{fault}path=/company/configurations")
        with suppress(HeldBack):
            running.run(request=replace(QUICKLY, kinds=("assets",)))
        assert running.rows("assets", "deleted_at IS NOT NULL") == []


def test_what_changed_is_loaded_while_deletions_wait(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn) as running:
        world = running.simulator.world
        for key in world.assets.ids[: len(world.assets) // 2]:
            del world.assets[key]
        for key in world.assets.ids[:20]:
            world.assets.add(edited(world.assets[key], at=moment(running)))
        counts = running.run(request=replace(QUICKLY, kinds=("assets",)))["assets"]
        assert (counts.updated, counts.deleted) == (20, 0)
        assert counts.held == len(running.rows("held_deletions")) > 20


def test_nothing_is_loaded_where_most_keys_are_others_than_those_that_are_stored(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn) as running:
        world = running.simulator.world
        for key in world.assets.ids[: len(world.assets) * 2 // 3]:
            world.assets.add(replace(world.assets[key], id=key + 100_000))
            del world.assets[key]
        del world.assets[world.assets.ids[-1]]  # the PSA's count differs, so that the keys are listed
        before = running.state()
        with pytest.raises(HeldBack, match="are new or differ from what is stored, as if they were those of another"):
            running.run(request=replace(QUICKLY, kinds=("assets",)))
        assert running.state() == before


def test_a_table_whose_deletions_a_person_approves_is_listed_in_full(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn) as running:
        world = running.simulator.world
        for key in world.assets.ids[: len(world.assets) // 2]:
            del world.assets[key]
        running.run(request=replace(QUICKLY, kinds=("assets",)))
        held = running.rows("held_deletions")
        assert len(held) == len(running.rows("assets")) - len(world.assets)
        running.run(request=replace(QUICKLY, kinds=("contacts",)))
        assert running.rows("held_deletions") == held
        running.run(request=replace(QUICKLY, kinds=("assets",), approved=("assets",)))
        assert entry_of(running, "assets")["since"] is None
        assert [line for line in wrong(running) if line.startswith("assets")] == []


def test_a_further_attempt_asks_for_changes_since_the_same_moment(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn) as running:
        edit_first(running, "assets")
        run = running.sync(request=QUICKLY)
        preflight(run)
        running.simulator.faults.add("server_error:after=3,path=/company/configurations")
        with pytest.raises(ServerError):
            extract(run, "assets")
        since = running.rows("sync_runs", "state = 'failed'")[0]["since"]
        running.simulator.faults.clear()
        other = running.run(request=QUICKLY)
        assert other["assets"].updated == 1
        extract(run, "assets")
        assert running.rows("sync_runs", f"run_id = '{run.run.run_id}'")[0]["since"] == since
        load(run, "assets")
        assert wrong(running) == []


def test_a_full_run_says_how_many_changes_quick_runs_have_missed(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn) as running:
        world = running.simulator.world
        for key in world.assets.ids[:2]:
            world.assets.add(replace(world.assets[key], name=f"Renamed {key}"))
        edit_first(running, "contacts")
        running.run(request=QUICKLY)
        running.run()
        assert "2 rows new or changed that quick runs had missed" in entry_of(running, "assets")["note"]
        assert entry_of(running, "contacts")["note"] is None
        for key in world.assets.ids[:2]:
            world.assets.add(replace(world.assets[key], name=f"Again {key}"))
        running.run()
        assert entry_of(running, "assets")["note"] is None  # no quick run was before


def test_a_worker_may_die_at_any_request_of_a_quick_run(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn, faults=["capped_page:rows=40"]) as running:
        world, dies_at = running.simulator.world, 0
        while dies_at < MOST_REQUESTS:
            edit_first(running, "assets")
            world.assets.pop(world.assets.ids[-1])
            run = running.sync(request=QUICKLY)
            try:
                killed(running, run, "assets", after=dies_at)
            except pytest.fail.Exception:  # it has come to its end
                break
            extract(run, "assets")
            counts = load(run, "assets")["assets"]
            assert (counts.updated, counts.deleted) == (1, 1)
            assert [line for line in wrong(running) if line.startswith("assets")] == []
            dies_at += 1
        assert 5 < dies_at < MOST_REQUESTS


def test_what_a_person_was_asked_about_is_left_to_that_question(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn) as running:
        world = running.simulator.world
        for key in world.assets.ids[: len(world.assets) // 2]:
            del world.assets[key]
        running.run("assets")
        held = running.rows("held_deletions")
        assert held
        running.run(request=QUICKLY)
        assert running.rows("held_deletions") == held
        assert (entry_of(running, "assets")["keys_listed"], entry_of(running, "assets")["deleted"]) == (None, 0)
        assert "an earlier run has asked" in entry_of(running, "assets")["note"]
        del world.assets[world.assets.ids[-1]]
        assert running.run(request=QUICKLY)["assets"].deleted == 1
        assert running.rows("held_deletions") == held
        running.run(request=Request(kinds=("assets",), approved=("assets",)))
        assert [line for line in wrong(running) if line.startswith("assets")] == []


def test_deletions_that_the_psa_reports_and_a_run_has_held_are_left_to_its_question(warehouse_dsn: str) -> None:
    with tenant(warehouse_dsn, Setup(deletion_guard=DeletionGuard(share=0, rows=1))) as running:
        world = running.simulator.world
        for key in world.companies.ids[:3]:
            company = replace(world.companies[key], is_deleted=True, deleted_at=moment(running))
            world.companies.add(replace(company, updated_at=moment(running)))
        running.run(request=QUICKLY)
        held = running.rows("held_deletions")
        assert {row["is_reported"] for row in held} == {True}
        running.run(request=QUICKLY)
        assert running.rows("held_deletions") == held
        assert entry_of(running, "companies")["state"] == "loaded"
