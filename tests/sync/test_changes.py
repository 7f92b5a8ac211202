"""What runs record of their changes gives the tables, and what they log and report of them."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from include import connectors
from include.model.kinds import OF_COMPANIES
from include.model.request import Request
from include.model.run import Run
from include.model.setup import DeletionGuard, MappedField, Setup
from include.sync.extract import extract
from include.sync.load import load
from include.sync.report import report
from simulator.daily_changes import apply_daily_changes
from simulator.world import World
from tests.support.replay import Snapshot, rows
from tests.support.rig import LIMITS, Rig, rig, trigger
from tests.support.truth import differences, vendor
from tests.support.worlds import new_world

NO_GUARD = DeletionGuard(share=1.0, rows=1000)
DRY = Request(dry_run=True)
PAGE = (Path(__file__).parents[2] / "docs/warehouse.md").read_text(encoding="utf-8")


def small_world() -> World:
    return new_world(seed=5, companies=5, sites=6, contacts=8, assets=8, tickets=0)


def other_day(running: Rig, seed: int) -> None:
    apply_daily_changes(running.simulator.world, seed=seed, adds=1, edits=2, deletes=1, moves=1)


def overlapping_runs(running: Rig) -> None:
    """A nightly run, which has read everything when a forced run of one company reads that again and loads it."""
    nightly = running.sync()
    for kind in nightly.request.planned:
        extract(nightly, kind)
    other_day(running, 11)
    company = str(running.simulator.world.companies.ids[0])
    running.run(request=Request(company=company, approved=OF_COMPANIES), is_forced=True)
    for kind in nightly.request.planned:
        load(nightly, kind)


@pytest.mark.parametrize("name", connectors.NAMES)
def test_the_changes_of_some_days_make_the_tables_of_a_snapshot(warehouse_dsn: str, name: str) -> None:
    psa, world = vendor(name), small_world()
    later = replace(psa.setup, details_per_night=100_000, deletion_guard=NO_GUARD)
    with rig(warehouse_dsn, world, setup=replace(later, custom_fields={}), vendor=name) as running:
        running.run()
        snapshot = Snapshot(warehouse_dsn)
        gone = world.assets[world.assets.ids[0]], world.contacts[world.contacts.ids[0]]

        def step(what: object) -> None:
            assert snapshot.replayed(warehouse_dsn) == rows(warehouse_dsn), what

        del world.assets[gone[0].id], world.contacts[gone[1].id]
        overlapping_runs(running)
        step("after two runs over each other")
        running.setup = later
        other_day(running, 2)
        running.run(request=DRY)
        step("after a dry run")
        running.run()
        step("after a run with custom fields")
        world.assets.add(gone[0]), world.contacts.add(replace(gone[1], last_name="Back"))
        other_day(running, 3)
        running.run()
        step("after records came back")
        running.setup = replace(later, custom_fields={})
        running.run()
        step("after a run without custom fields")
        assert {row["change"] for row in running.rows("changes")} == {
            *("first load", "new", "changed", "deleted", "returned")
        }
        expected = psa.truth(world, running.setup)
        assert [line for table in expected for line in differences(running.rows(table), expected[table])] == []


def test_what_details_change_is_recorded_with_their_run(warehouse_dsn: str) -> None:
    psa = vendor("kaseya_bms")
    setup = replace(psa.setup, details_per_night=100_000)
    with rig(warehouse_dsn, small_world(), setup=setup, vendor=psa.name) as running:
        running.run("assets")
        (first, *details) = running.rows("changes")
        assert (first["change"], first["run_id"]) == ("first load", "psa_kaseya_bms/run 1")
        assert {row["change"] for row in details} == {"changed"}
        assert any("custom_fields" in row["columns"] for row in details)


def reported(running: Rig, number: int, request: Request | None = None) -> str:
    run = replace(running.sync().run, run_id=f"psa_{running.vendor}/run {number}")
    return " ".join(" ".join(report(running.warehouse, run, {}, trigger(request), LIMITS).lines).split())


def test_the_summary_has_the_query_for_the_changes_of_the_run(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, small_world()) as running:
        running.run()
        other_day(running, 1)
        running.run(request=DRY)
        running.run()
        running.run()
        for number, request, table in ((2, DRY, "dry_run_changes"), (3, None, "changes")):
            said = reported(running, number, request)
            query = f"SELECT * FROM psa.{table} WHERE run_id = 'psa_connectwise/run {number}';"
            with psycopg.connect(warehouse_dsn) as connection:
                found = connection.execute(query.encode()).fetchall()
            assert f"{len(found)} changes with the values before and after: {query}" in said
        for number in (1, 4):  # the first load, of which the rows are in the tables, and a run in which nothing changed
            assert "psa.changes" not in reported(running, number)


def dry_run_log(running: Rig, caplog: pytest.LogCaptureFixture, *kinds: str) -> list[str]:
    """What the log of a dry run says about single rows, each in one text."""
    caplog.clear()
    with caplog.at_level(logging.DEBUG):
        running.run(request=Request(kinds=kinds, dry_run=True))
    said: list[str] = []
    for record in caplog.records:
        if record.name == "include.sync.change_lines":
            line = record.getMessage()
            begins = line.startswith(("psa.", "    new ", "    changed ", "    deleted "))
            said = [*said, line] if begins else [*said[:-1], f"{said[-1]} {line.strip()}"]
    return said


def test_a_dry_run_logs_the_first_changes_with_values_before_and_after(
    warehouse_dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    world = new_world(seed=5, companies=5, contacts=20, tickets=0)
    with rig(warehouse_dsn, world) as running:
        running.run("contacts")
        first, second, *others = world.contacts.ids
        world.contacts.add(replace(world.contacts[first], title='Head of "IT"', first_name="Zoe"))
        for key in others[:5]:
            del world.contacts[key]
        world.contacts.add(replace(world.contacts[second], id=9999, first_name="New", last_name="Person"))
        was = running.rows("contacts", f"source_id = '{first}'")[0]
        lines = dry_run_log(running, caplog, "contacts")
        assert lines[0] == (
            "psa.contacts: the first changes of each kind; all are in psa.dry_run_changes under run_id "
            "'psa_connectwise/run 2'."
        )
        assert len(lines) == 1 + 1 + 3 + 1
        name = f"Zoe {world.contacts[first].last_name}"
        assert lines[1] == (
            f'    changed {first} "{name}": name "{was["name"]}" → "{name}"; title null → "Head of \\"IT\\""'
        )
        assert all(line.startswith("    deleted ") and ":" not in line for line in lines[2:5])
        assert lines[5].startswith('    new 9999 "New Person": name "New Person"; ')
        assert len(running.rows("dry_run_changes")) == 1 + 5 + 1
        assert running.rows("changes", "change <> 'first load'") == []


def test_no_log_has_a_value_of_a_custom_field_or_text_that_breaks_a_line(
    warehouse_dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    setup = Setup(custom_fields={"assets": {"tag": "10"}}, field_map={"assets": {"notes": MappedField("10")}})
    world = small_world()
    with rig(warehouse_dsn, world, setup=setup) as running:
        running.run("assets")
        key, asset = next(iter(world.assets.items()))
        hostile = "\x1b[31mone\nERROR two\r\x07" + "x" * 5000
        world.assets.add(replace(asset, serial_number=hostile, custom_fields={10: "hush"}))
        world.assets.add(replace(asset, id=9999, custom_fields={10: "hush"}))
        lines = dry_run_log(running, caplog, "assets")
        for row in running.rows("dry_run_changes"):
            assert row["after"]["custom_fields"] == {"tag": "hush"}
            assert row["after"]["notes"] == "hush"
        assert "hush" not in caplog.text
        assert lines[1].startswith(f"    changed {key} ")
        assert "notes, which a custom field fills; custom fields tag" in lines[1]
        assert '"\\u001b[31mone\\nERROR two' in lines[1]
        assert "xxx…" in lines[1]
        assert len(lines[1]) < 500
        assert lines[2].startswith("    new 9999 ")
        assert lines[2].endswith(" more columns")


def asked(running: Rig, question: str) -> list[dict[str, Any]]:
    """What the query says that the page has below a question."""
    (query,) = re.findall(rf"^{question}:\n\n```sql\n(.*?)```$", PAGE, re.MULTILINE | re.DOTALL)
    with psycopg.connect(running.dsn, row_factory=dict_row) as connection:
        return connection.execute(query.encode()).fetchall()


def test_the_queries_of_the_page_answer_their_questions(warehouse_dsn: str) -> None:
    world = new_world(seed=5, companies=5, tickets=0)
    with rig(warehouse_dsn, world) as running:
        (history,) = re.findall(r"source_id = '(\d+)'\nORDER", PAGE)
        asset = world.assets.add(replace(world.assets[world.assets.ids[0]], id=int(history), warranty_expires_on=None))
        others = [one for one in world.assets.values() if one.warranty_expires_on]
        running.run()
        assert asked(running, "What changed last night")[0]["change"] == "first load"
        world.assets.add(replace(asset, name="Renamed"))
        running.run("assets", run=Run("connectwise", "forced", kind="Force Sync"))
        for one in others[:3]:
            world.assets.add(replace(one, warranty_expires_on=None))
        del world.assets[asset.id]
        running.run()
        world.assets.add(others[0])  # has its date again
        del world.assets[others[1].id]
        running.run()
        found = asked(running, "The history of this asset")
        assert [(row["change"], row["run_kind"]) for row in found] == [
            ("changed", "Force Sync"),
            ("deleted", "Nightly sync"),
        ]
        assert found[0]["after"]["name"] == "Renamed"
        (lost,) = asked(running, "Who lost their warranty date, and has had none since")
        assert (lost["name"], lost["was"][:10]) == (others[2].name, str(others[2].warranty_expires_on)[:10])
        last_night = asked(running, "What changed last night")
        assert {row["run_id"] for row in last_night if row["change"] != "first load"} == {
            *("psa_connectwise/run 3", "psa_connectwise/run 4"),
        }
