"""The promises of the sync, on a real Postgres against the simulator."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import psycopg
import pytest

from include.model.errors import ConfigError, HeldBack, RightsError, ServerError, WarehouseError
from include.model.kinds import KINDS
from include.model.request import Request
from include.model.setup import CompanyChoice, DeletionGuard, Setup
from include.sync.extract import extract
from include.sync.load import load
from include.sync.preflight import preflight
from include.sync.report import report
from include.sync.run import Sync
from include.warehouse.staged_tables import table_name
from simulator.daily_changes import apply_daily_changes
from simulator.world import World
from tests.support.rig import LIMITS, Rig, rig, trigger
from tests.support.truth import differences
from tests.support.truth.connectwise import truth
from tests.support.worlds import new_world

ASSET_FIELDS = {"agent": "10", "rack": "11", "bought": "15"}


def wrong(running: Rig, world: World) -> list[str]:
    """All differences between warehouse and world."""
    expected = truth(world, running.setup)
    return [line for table, rows in expected.items() for line in differences(running.rows(table), rows)]


def test_a_second_run_writes_no_row(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn) as running:
        running.run()
        before = running.state()
        counts = running.run()
        assert running.state() == before
        assert all(b.unchanged == b.fetched and b.deleted == 0 for b in counts.values())


def test_postgres_knows_a_table_after_a_load_of_many_rows_and_a_dry_run_renews_nothing(warehouse_dsn: str) -> None:
    """What the first read of new rows costs, most of all with checksums, is not left to the next run."""
    with rig(warehouse_dsn, World(companies=100)) as running:
        for dry_run, known in ((True, {}), (False, {"assets": 1000})):
            running.run(request=Request(kinds=("companies", "assets"), dry_run=dry_run))
            with running.connections.borrow() as connection:
                found = connection.execute(
                    "SELECT relname, reltuples::integer FROM pg_class WHERE reltuples >= 0 "
                    "AND relnamespace = 'psa'::regnamespace AND relname IN ('companies', 'assets')"
                ).fetchall()
            assert dict(found) == known


@pytest.mark.parametrize("seed", range(4))
def test_a_night_of_changes_is_followed(warehouse_dsn: str, seed: int) -> None:
    world = new_world(seed=seed, companies=40)
    with rig(warehouse_dsn, world) as running:
        running.run()
        passed = apply_daily_changes(world, seed=seed, adds=5, edits=7, deletes=3)
        counts = running.run()
        assert wrong(running, world) == []
        assert counts["assets"].inserted == len(passed.added["assets"])
        assert counts["assets"].updated == len(set(passed.edited["assets"]) - set(passed.added["assets"]))
        assert counts["assets"].deleted == len(passed.deleted["assets"])
        assert counts["companies"].deleted == len(passed.deleted["companies"])


def test_a_row_that_comes_back_lives_again(warehouse_dsn: str) -> None:
    world = new_world()
    with rig(warehouse_dsn, world) as running:
        running.run("assets")
        key, asset = next(iter(world.assets.items()))
        del world.assets[key]
        running.run("assets")
        assert [row["source_id"] for row in running.rows("assets", "deleted_at IS NOT NULL")] == [str(key)]
        world.assets.add(asset)
        counts = running.run("assets")["assets"]
        assert (counts.updated, counts.deleted) == (1, 0)
        assert differences(running.rows("assets"), truth(world)["assets"]) == []


def test_the_counts_the_rows_and_the_watermark_move_together(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn) as running:
        running.run("assets")
        (entry,) = running.rows("sync_runs")
        (mark,) = running.rows("sync_watermarks")
        assert entry["state"] == "loaded"
        assert entry["fetched"] == entry["inserted"] == len(running.rows("assets"))
        assert mark["watermark"] == entry["started_at"] - timedelta(days=1)
        assert mark["run_id"] == entry["run_id"]


def states(running: Rig, run: Sync) -> set[str]:
    return {row["state"] for row in running.rows("sync_runs") if row["run_id"] == run.run.run_id}


def test_a_failed_merge_moves_nothing(warehouse_dsn: str) -> None:
    world = new_world()
    with rig(warehouse_dsn, world) as running:
        running.run("ticket_settings")
        before, mark = running.state(), running.rows("sync_watermarks")
        night_of_boards(world)
        with psycopg.connect(warehouse_dsn, autocommit=True) as connection:
            connection.execute("ALTER TABLE psa.ticket_priorities ADD CONSTRAINT mine CHECK (name <> 'Changed')")
        run = running.sync()
        extract(run, "ticket_settings")
        with pytest.raises(WarehouseError, match="constraint mine"):
            load(run, "ticket_settings")
        assert running.state() == before  # the boards were merged first, and are as they were
        assert running.rows("sync_watermarks") == mark
        assert states(running, run) == {"failed"}


def night_of_boards(world: World) -> None:
    board = next(iter(world.boards.values()))
    priority = next(iter(world.priorities.values()))
    world.boards.add(replace(board, name="Changed"))
    world.priorities.add(replace(priority, name="Changed"))


def test_a_failed_load_can_be_repeated_from_what_was_extracted(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn) as running:
        preflight(running.sync())
        with psycopg.connect(warehouse_dsn, autocommit=True) as connection:
            connection.execute("ALTER TABLE psa.assets ADD COLUMN mine text NOT NULL")
            run = running.sync()
            extract(run, "assets")
            with pytest.raises(WarehouseError, match="column mine"):
                load(run, "assets")
            connection.execute("ALTER TABLE psa.assets DROP COLUMN mine")
        asked = len(running.simulator.requests)
        assert load(run, "assets")["assets"].inserted == 200
        assert len(running.simulator.requests) == asked


def test_a_load_that_was_cut_off_after_its_commit_is_not_repeated(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn) as running:
        run = running.sync()
        preflight(run)
        extract(run, "assets")
        load(run, "assets")
        before = running.state()
        assert load(run, "assets") == {}
        assert running.state() == before


def test_staging_emptied_by_a_crash_is_not_merged(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn) as running:
        running.run("assets")
        before = running.state()
        run = running.sync()
        extract(run, "assets")
        with psycopg.connect(warehouse_dsn, autocommit=True) as connection:
            connection.execute(f"TRUNCATE psa_staging.{table_name(run.run, 'assets')}")
        with pytest.raises(WarehouseError, match=r"Of 200 rows staged for psa\.assets, 0 are left"):
            load(run, "assets")
        assert running.state() == before


def test_staging_is_gone_after_the_merge(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn) as running:
        running.run()
        with psycopg.connect(warehouse_dsn) as connection:
            assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'psa_staging'").fetchone() == (
                0,
            )


def test_what_a_dead_run_left_in_staging_is_dropped_after_a_week(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn) as running:
        run = running.sync()
        preflight(run)
        extract(run, "assets")
        with psycopg.connect(warehouse_dsn, autocommit=True) as connection:
            connection.execute("UPDATE psa.sync_runs SET started_at = now() - interval '8 days'")
            preflight(running.sync())
            assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'psa_staging'").fetchone() == (
                0,
            )


def test_the_deletion_guard_holds_a_whole_table_back_until_a_person_approves(warehouse_dsn: str) -> None:
    world = new_world(companies=200)
    with rig(warehouse_dsn, world) as running:
        running.run("companies")
        before = running.state()
        running.simulator.faults.add("narrowed_list:path=/company/companies,rows=3")
        run = running.sync()
        extract(run, "companies")
        assert load(run, "companies")["companies"].held > 100
        assert running.state() == before
        found = report(run.warehouse, run.run, {}, trigger(Request(kinds=("companies",))), LIMITS)
        said = " ".join(" ".join(found.lines).split())
        assert found.problems == []
        assert re.search(
            r"What to do: companies: a person has to decide whether 1\d\d rows may be marked deleted", said
        )
        assert re.search(r"listed 3 records; 1\d\d of the 1\d\d live rows would be marked deleted", said)
        running.run(request=Request(kinds=("companies",), approved=("companies",)))
        assert len(running.rows("companies", "deleted_at IS NULL")) <= 3


def test_an_empty_listing_is_held_back_even_where_few_rows_live(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, new_world(companies=3)) as running:
        running.run("companies")
        running.simulator.faults.add("emptied_list:path=/company/companies")
        run = running.sync()
        extract(run, "companies")
        with pytest.raises(HeldBack, match="listed 0 records"):
            load(run, "companies")


def test_the_deletion_guard_follows_setup(warehouse_dsn: str) -> None:
    world = new_world(companies=100)
    with rig(warehouse_dsn, world, setup=Setup(deletion_guard=DeletionGuard(share=0.5, rows=0))) as running:
        running.run("assets")
        for key in list(world.assets)[:400]:
            del world.assets[key]
        assert running.run("assets")["assets"].deleted == 400


def test_a_column_that_would_be_blanked_everywhere_is_held_back(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn) as running:
        running.run("assets")
        before = running.state()
        running.simulator.faults.add("renamed_key:path=/company/configurations,key=serialNumber,to=serial")
        run = running.sync()
        extract(run, "assets")
        with pytest.raises(HeldBack, match="'serial_number' is filled in"):
            load(run, "assets")
        assert running.state() == before


def test_rows_whose_stamp_was_dropped_are_updated_and_swept_all_the_same(warehouse_dsn: str) -> None:
    world = new_world()
    with rig(warehouse_dsn, world) as running:
        running.run("assets")
        with psycopg.connect(warehouse_dsn, autocommit=True) as connection:
            connection.execute("ALTER TABLE psa.assets DROP COLUMN synced_at CASCADE")
        apply_daily_changes(world, adds=1, edits=3, deletes=2)
        counts = running.run("assets")["assets"]
        assert (counts.updated, counts.deleted) == (3, 2)
        assert differences(running.rows("assets"), truth(world)["assets"]) == []


def test_what_a_broken_listing_had_cost_is_in_the_ledger(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn) as running:
        run = running.sync()
        preflight(run)
        running.simulator.faults.add("server_error:path=/company/configurations")
        with pytest.raises(ServerError):
            extract(run, "assets")
        (entry,) = running.rows("sync_runs")
        assert (entry["state"], entry["requests"], entry["retries"]) == ("failed", 5, 4)


def test_what_every_attempt_had_cost_is_in_the_ledger(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn) as running:
        run = running.sync()
        preflight(run)
        running.simulator.faults.add("server_error:path=/company/configurations")
        with pytest.raises(ServerError):
            extract(run, "assets")
        running.simulator.faults.clear()
        asked = len(running.simulator.requests)
        extract(run, "assets")
        (entry,) = running.rows("sync_runs")
        assert entry["requests"] == 5 + len(running.simulator.requests) - asked
        assert sum(entry["endpoints"].values()) == entry["requests"]


def test_custom_fields_that_would_be_blanked_everywhere_are_held_back(warehouse_dsn: str) -> None:
    world = new_world()
    with rig(warehouse_dsn, world, setup=Setup(custom_fields={"assets": {"100 %": "10"}})) as running:
        running.run("assets")
        for asset in list(world.assets.values()):
            world.assets.add(replace(asset, custom_fields={}))
        run = running.sync()
        extract(run, "assets")
        with pytest.raises(HeldBack, match="'custom field 100 %' is filled in"):
            load(run, "assets")


def test_many_boards_that_may_not_be_read_are_no_reason_for_the_deletion_guard(warehouse_dsn: str) -> None:
    world = new_world(companies=5)
    for key in range(100, 120):
        world.boards.add(replace(next(iter(world.boards.values())), id=key, name=f"Secret {key}"))
    with rig(warehouse_dsn, world, faults=["lost_right:path=/service/boards/1??/statuses"]) as running:
        counts = running.run("ticket_settings")["ticket_statuses"]
        assert (counts.rejected, counts.inserted) == (20, len(world.board_statuses))


def test_a_run_from_the_future_does_not_outrank_those_of_today(warehouse_dsn: str) -> None:
    world = new_world()
    with rig(warehouse_dsn, world) as running:
        running.run("assets", now=lambda: datetime.now(timezone.utc) + timedelta(days=30))
        with psycopg.connect(warehouse_dsn, autocommit=True) as connection:
            connection.execute("UPDATE psa.assets SET synced_at = now()")
        apply_daily_changes(world, adds=1, edits=3, deletes=0)
        assert running.run("assets")["assets"].updated == 3


def test_a_kind_that_failed_after_it_was_loaded_is_red_in_the_summary(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn) as running:
        run = running.sync()
        preflight(run)
        for kind in KINDS:
            extract(run, kind)
            load(run, kind)
        states = {f"{kind}.{step}": "success" for kind in KINDS for step in ("extract", "load")}
        assert report(run.warehouse, run.run, states, trigger(), LIMITS).problems == []
        states |= {"companies.extract": "failed", "companies.load": "upstream_failed"}
        (problem,) = report(run.warehouse, run.run, states, trigger(), LIMITS).problems
        assert problem.startswith("companies holds what an earlier attempt loaded, but companies.extract failed")


def test_choosing_no_custom_fields_any_more_is_not_held_back(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, setup=Setup(custom_fields={"assets": ASSET_FIELDS})) as running:
        running.run("assets")
        running.setup = Setup()
        assert running.run("assets")["assets"].updated == 200


def test_a_rejected_row_is_kept_as_it_was_and_never_swept(warehouse_dsn: str) -> None:
    world = new_world()
    with rig(warehouse_dsn, world) as running:
        running.run("assets")
        before = running.state()
        running.simulator.faults.add("odd_record:path=/company/configurations,key=purchaseDate,kind=not_a_date")
        counts = running.run("assets")["assets"]
        assert (counts.rejected, counts.deleted, counts.updated) == (1, 0, 0)
        assert running.state() == before
        (reject,) = running.rows("sync_rejects")
        assert reject["source_id"] in {str(key) for key in world.assets}
        assert reject["reason"].startswith("purchaseDate: a date expected")


def test_a_record_without_id_stops_the_sweep_and_says_so(warehouse_dsn: str) -> None:
    world = new_world()
    with rig(warehouse_dsn, world) as running:
        running.run("assets")
        del world.assets[next(iter(world.assets))]
        running.simulator.faults.add("missing_id:path=/company/configurations")
        counts = running.run("assets")["assets"]
        assert (counts.rejected, counts.deleted) == (1, 0)
        note = [row["note"] for row in running.rows("sync_runs", "rejected > 0")]
        assert note == ["1 rejected record had no id, so no row was marked deleted: any could be meant."]


def test_a_forbidden_board_keeps_its_statuses(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn) as running:
        running.run("ticket_settings")
        before = running.state()
        board = running.rows("service_boards")[0]["source_id"]
        running.simulator.faults.add(f"forbidden_board:path=/service/boards/{board}/statuses")
        counts = running.run("ticket_settings")["ticket_statuses"]
        assert (counts.rejected, counts.deleted) == (1, 0)
        assert running.state() == before


def test_one_kind_without_rights_does_not_stop_the_others(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, faults=["lost_right:path=/company/configurations"]) as running:
        run = running.sync()
        preflight(run)
        with pytest.raises(RightsError, match="/company/configurations"):
            extract(run, "assets")
        extract(run, "contacts")
        assert load(run, "contacts")["contacts"].inserted == 100


def test_only_companies_of_the_chosen_types_and_what_belongs_to_them_are_synced(warehouse_dsn: str) -> None:
    world = new_world(companies=150)
    kind = next(t for t in world.company_types.values() if 0 < members(world, t.id) < 100)
    with rig(warehouse_dsn, world, setup=Setup(companies=CompanyChoice(types=(kind.name,)))) as running:
        running.run()
        wanted = {str(c.id) for c in world.companies.values() if kind.id in c.type_ids}
        assert {r["source_id"] for r in running.rows("companies")} == wanted
        for table in ("assets", "contacts", "company_sites"):
            assert {r["company_source_id"] for r in running.rows(table)} <= wanted
        assert len(running.rows("assets")) == sum(str(a.company_id) in wanted for a in world.assets.values())


def members(world: World, type_id: int) -> int:
    return sum(type_id in company.type_ids for company in world.companies.values())


def test_birthdays_and_portal_passwords_are_never_asked_for(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn) as running:
        running.run()
        asked = [
            r for r in running.simulator.requests if r.path.endswith(("/contacts", "/configurations", "/companies"))
        ]
        assert asked
        assert all("fields" in r.query for r in asked)
        assert not any(name in r.query["fields"] for r in asked for name in ("birthDay", "portalPassword", "gender"))


def test_an_older_copy_never_overwrites_a_newer_one(warehouse_dsn: str) -> None:
    world = new_world()
    with rig(warehouse_dsn, world) as running:
        preflight(running.sync())
        slow = running.sync()
        extract(slow, "assets")
        apply_daily_changes(world, adds=2, edits=5, deletes=2)
        running.run("assets")
        before = running.state()
        load(slow, "assets")
        assert differences(running.rows("assets"), truth(world)["assets"]) == []
        assert running.state() == before


def test_a_warehouse_that_does_not_exist_is_said_in_words(warehouse_dsn: str) -> None:
    with (
        rig(warehouse_dsn.rsplit("/", 1)[0] + "/nowhere") as running,
        pytest.raises(ConfigError, match=r'database "nowhere" does not exist.*psa_warehouse'),
    ):
        preflight(running.sync())
