"""What a run says about records that no longer look as they did: fields, types, labels of statuses and types."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import replace

import psycopg
import pytest

from include import connectors
from include.model.errors import PsaError
from include.model.kinds import OF_COMPANIES
from include.model.request import QUICK, Request
from include.model.run import Run
from include.model.setup import MappedField, Setup
from include.sync.detail_report import report_details
from include.sync.drift import MOST_LABELS, sentences
from include.sync.extract import extract
from include.sync.preflight import preflight
from include.sync.report import report
from include.warehouse.seen_shapes import News
from simulator.daily_changes import apply_daily_changes
from simulator.entities import AssetStatus, AssetType
from tests.support.rig import LIMITS, Rig, rig, trigger
from tests.support.truth import vendor
from tests.support.worlds import new_world

# By vendor, a field of assets on the wire, and as its document spells it.
FIELDS = {
    "autotask": ("warrantyExpirationDate", "warrantyExpirationDate"),
    "connectwise": ("serialNumber", "serialNumber"),
    "halopsa": ("warranty_end", "warranty_end"),
    "kaseya_bms": ("serialNumber", "SerialNumber"),
    "syncro": ("asset_serial", "asset_serial"),
}
EVERY_VENDOR = pytest.mark.parametrize("psa", sorted(connectors.NAMES))
ASSETS = Request(kinds=("assets",))


def listed(running: Rig, request: Request = ASSETS) -> list[str]:
    """The notes of drift in the summary of another run, which lists and may not be able to load."""
    run = running.sync(request=request)
    run = replace(run, company=preflight(run))
    for kind in request.planned:
        extract(run, kind)
    return noted(running, run.run, request)


def noted(running: Rig, run: Run, request: Request = ASSETS) -> list[str]:
    lines = report(running.warehouse, run, {}, trigger(request), LIMITS).lines
    joined = "\n".join(lines).replace("\n    ", " ")
    return [line for line in joined.splitlines() if "any more" in line or "first time" in line or "never seen" in line]


def fault(psa: str, name: str, rest: str = "") -> str:
    return f"{name}:path={vendor(psa).lists['assets']},key={FIELDS[psa][0]}{rest}"


@EVERY_VENDOR
def test_a_field_that_no_record_has_any_more_is_noted_once(warehouse_dsn: str, psa: str) -> None:
    with rig(warehouse_dsn, vendor=psa) as running:
        assert listed(running) == listed(running) == []
        on = running.simulator.faults.add(fault(psa, "renamed_key", ",to=somethingElse"))
        (note,) = listed(running)
        assert f"assets: no record has the field {FIELDS[psa][1]} any more" in note
        assert listed(running) == []
        running.simulator.faults.remove(on)
        assert listed(running) == []
        running.simulator.faults.add(fault(psa, "renamed_key", ",to=somethingElse"))
        assert len(listed(running)) == 1


@pytest.mark.parametrize(
    ("psa", "to", "words"),
    [
        ("autotask", "number", "a number"),
        ("connectwise", "object", "an object"),
        ("halopsa", "list", "a list"),
        ("kaseya_bms", "number", "a number"),
        ("syncro", "list", "a list"),
    ],
)
def test_a_field_of_another_type_is_noted_once(warehouse_dsn: str, psa: str, to: str, words: str) -> None:
    with rig(warehouse_dsn, vendor=psa) as running:
        listed(running)
        running.simulator.faults.add(fault(psa, "retyped", f",to={to}"))
        (note,) = listed(running)
        assert f"the field {FIELDS[psa][1]} came as {words} for the first time; before, it was text." in note
        assert listed(running) == []


@EVERY_VENDOR
def test_a_new_label_is_noted_once_and_cleaned(warehouse_dsn: str, psa: str) -> None:
    world = new_world()
    with rig(warehouse_dsn, world, vendor=psa) as running:
        listed(running)
        world.asset_types.add(AssetType(77, "Evil\x1b[2J\nGreen: \u202eall well"))
        some = world.assets[world.assets.ids[3]]
        world.assets.add(replace(some, type_id=77, is_active=True))
        (note,) = listed(running)
        assert "assets.type has values that were never seen before: 'Evil\N{REPLACEMENT CHARACTER}[2J Green:" in note
        assert note.isprintable()
        assert listed(running) == []


def test_many_new_labels_are_counted() -> None:
    (sentence,) = sentences([News("assets", "label", "type", [f"T{n}" for n in range(8)], [])])
    assert sentence == "assets.type has values that were never seen before: 'T0', 'T1', 'T2', 'T3', 'T4' and 3 others."


def test_a_column_with_too_many_labels_is_no_longer_watched(warehouse_dsn: str) -> None:
    world = new_world(companies=60)
    with rig(warehouse_dsn, world) as running:
        listed(running)
        for number, key in enumerate(world.assets.ids[: MOST_LABELS + 5], start=100):
            world.asset_types.add(AssetType(number, f"Type {number}"))
            world.assets.add(replace(world.assets[key], type_id=number))
        assert listed(running) == []
        kinds = [row["kind"] for row in running.rows("seen_shapes") if row["name"] == "type" and row["kind"] != "field"]
        assert "unwatched" in kinds
        assert "label" not in kinds
        assert listed(running) == []


def test_what_people_type_into_a_field_of_their_own_is_no_label(warehouse_dsn: str) -> None:
    setup = Setup(field_map={"assets": {"type": MappedField(field="12")}})
    with rig(warehouse_dsn, setup=setup) as running:
        listed(running)
        assert not [row for row in running.rows("seen_shapes") if row["kind"] == "label" and row["name"] == "type"]


def test_a_run_of_one_company_notes_what_is_new_and_never_what_is_missing(warehouse_dsn: str) -> None:
    world = new_world()
    company = next(
        one for one in world.companies.values() if not one.is_deleted and world.assets.by("company_id").get(one.id)
    )
    request = Request(kinds=("assets",), company=str(company.id))
    with rig(warehouse_dsn, world) as running:
        assert listed(running, request) == []
        assert running.rows("seen_shapes") == []  # it does not show what is usual
        listed(running)
        running.simulator.faults.add(fault("connectwise", "renamed_key", ",to=other"))
        world.asset_types.add(AssetType(77, "Tablet"))
        some = world.assets[world.assets.by("company_id")[company.id][0]]
        world.assets.add(replace(some, type_id=77))
        (note,) = listed(running, request)
        assert "'Tablet'" in note


def test_a_failed_listing_swallows_no_note(warehouse_dsn: str) -> None:
    world = new_world()
    with rig(warehouse_dsn, world) as running:
        listed(running)
        world.asset_types.add(AssetType(77, "Tablet"))
        world.assets.add(replace(world.assets[world.assets.ids[3]], type_id=77))
        on = running.simulator.faults.add(f"early_end:path={vendor('connectwise').lists['assets']},rows=20")
        with pytest.raises(PsaError):
            listed(running)
        running.simulator.faults.remove(on)
        assert len(listed(running)) == 1


def test_a_task_that_lists_again_keeps_the_note_of_its_run(warehouse_dsn: str) -> None:
    world = new_world()
    with rig(warehouse_dsn, world) as running:
        listed(running)
        world.asset_types.add(AssetType(77, "Tablet"))
        world.assets.add(replace(world.assets[world.assets.ids[3]], type_id=77))
        run = running.sync(request=ASSETS)
        for _ in range(2):
            extract(run, "assets")
        assert len(noted(running, run.run)) == 1


def test_a_dry_run_logs_what_is_new_and_leaves_the_note_to_the_next_run(
    warehouse_dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    world = new_world()
    with rig(warehouse_dsn, world) as running:
        listed(running)
        world.asset_types.add(AssetType(77, "Tablet"))
        world.assets.add(replace(world.assets[world.assets.ids[3]], type_id=77))
        caplog.set_level(logging.WARNING)
        assert listed(running, replace(ASSETS, dry_run=True)) == []
        assert "'Tablet'" in caplog.text
        assert len(listed(running)) == 1


@EVERY_VENDOR
def test_a_second_run_over_the_same_records_writes_nothing_about_them(warehouse_dsn: str, psa: str) -> None:
    every = Request()
    with rig(warehouse_dsn, vendor=psa) as running:
        listed(running, every)
        before = running.rows("seen_shapes")
        assert listed(running, every) == []
        assert running.rows("seen_shapes") == before
        assert {row["table_name"] for row in before} >= {"companies", "assets", "contacts", "ticket_statuses"}


def test_details_are_watched_once_all_were_known(warehouse_dsn: str) -> None:
    world, setup = new_world(companies=10), Setup(details_per_night=100_000)
    with rig(warehouse_dsn, world, setup=setup, vendor="kaseya_bms") as running:

        def detailed() -> list[str]:
            running.run("assets")
            run = Run("kaseya_bms", f"psa_kaseya_bms/run {running.runs}")
            assert noted(running, run) == []  # what is new in details is no matter of the first summary
            return report_details(running.warehouse, run, ["assets"], {}, trigger(ASSETS)).lines

        assert "never seen" not in " ".join(detailed())
        world.asset_statuses.add(AssetStatus(77, "Lent out"))
        some = world.assets[world.assets.ids[3]]
        world.assets.add(replace(some, status_id=77, name="Lent", is_active=True))
        with psycopg.connect(warehouse_dsn, autocommit=True) as connection:  # so that they are read again
            connection.execute("DELETE FROM psa.detail_reads")
        assert "Note: assets.status has values that were never seen before: 'Lent out'." in detailed()
        with psycopg.connect(warehouse_dsn, autocommit=True) as connection:
            connection.execute("DELETE FROM psa.detail_reads")
        assert "never seen" not in " ".join(detailed())


@EVERY_VENDOR
def test_ordinary_days_and_other_spellings_of_nothing_are_no_drift(warehouse_dsn: str, psa: str) -> None:
    world, every = new_world(companies=30, tickets=0), Request()
    with rig(warehouse_dsn, world, vendor=psa) as running:
        listed(running, every)
        apply_daily_changes(world, adds=3, edits=20, deletes=3, moves=3)
        running.simulator.faults.add("empty_in_other_forms")
        assert [note for note in listed(running, every) if "never seen" not in note] == []


@EVERY_VENDOR
def test_records_that_are_read_one_by_one_are_no_drift(warehouse_dsn: str, psa: str) -> None:
    """In runs of one company and in quick runs, a connector may ask for single records, which can look different."""
    world, every = new_world(companies=30, tickets=0), Request()
    with rig(warehouse_dsn, world, vendor=psa) as running:
        running.run()
        name = Counter(row["name"] for row in running.rows("companies", "deleted_at IS NULL")).most_common()[-1][0]
        assert listed(running, replace(every, kinds=OF_COMPANIES, company=name)) == []
        world.now = running.now()
        apply_daily_changes(world, adds=0, edits=10, deletes=0)
        assert listed(running, replace(every, extent=QUICK)) == []
