"""The changes of a day: they report exactly the rows that they changed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from simulator.daily_changes import KINDS, apply_daily_changes
from simulator.entities import Asset, Contact
from simulator.world import START, World


def test_as_many_rows_are_added_edited_and_deleted_as_requested() -> None:
    changes = apply_daily_changes(World(companies=20), adds=2, edits={"assets": 5}, deletes=1)
    assert {kind: len(changes.added[kind]) for kind in KINDS} == dict.fromkeys(KINDS, 2)
    assert {kind: len(changes.edited[kind]) for kind in KINDS} == {
        "companies": 0,
        "sites": 0,
        "contacts": 0,
        "assets": 5,
    }
    assert {kind: len(changes.deleted[kind]) for kind in KINDS} == dict.fromkeys(KINDS, 1)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_else_changes(kind: str) -> None:
    world = World(companies=30)
    before = dict(getattr(world, kind))
    changes = apply_daily_changes(world)
    after = getattr(world, kind)
    changed = {*changes.added[kind], *changes.edited[kind], *changes.deleted[kind]}
    assert {id_ for id_ in {*before, *after} if before.get(id_) != after.get(id_)} == changed


def test_an_edit_sets_the_time_of_the_last_update() -> None:
    world = World(companies=10)
    changes = apply_daily_changes(world, adds=0, edits=3, deletes=0)
    for id_ in changes.edited["contacts"]:
        assert START <= world.contacts[id_].updated_at <= world.now


def test_a_deleted_company_is_marked_and_other_deleted_rows_are_removed() -> None:
    world = World(companies=10)
    changes = apply_daily_changes(world, adds=0, edits=0, deletes=1)
    assert world.companies[changes.deleted["companies"][0]].is_deleted
    assert changes.deleted["assets"][0] not in world.assets


def test_a_moved_row_belongs_to_another_company_and_to_no_site_of_the_old_one() -> None:
    world = World(companies=10)
    assets, contacts = dict(world.assets), dict(world.contacts)
    changes = apply_daily_changes(world, adds=0, edits=0, deletes=0, moves=20)
    assert {kind: len(ids) for kind, ids in changes.moved.items()} == {"assets": 20, "contacts": 20}
    moved: list[tuple[Asset | Contact, Asset | Contact]] = [
        *((assets[id_], world.assets[id_]) for id_ in changes.moved["assets"]),
        *((contacts[id_], world.contacts[id_]) for id_ in changes.moved["contacts"]),
    ]
    for before, after in moved:
        assert after.company_id != before.company_id
        assert after.site_id is None or world.sites[after.site_id].company_id == after.company_id
        assert after.updated_at > before.updated_at


def test_no_row_moves_if_there_is_only_one_company() -> None:
    assert not any(apply_daily_changes(World(companies=1), moves=3).moved.values())


def test_new_rows_get_ids_beyond_the_old_ones() -> None:
    world = World(companies=10)
    last = max(world.assets)
    assert min(apply_daily_changes(world, adds=3).added["assets"]) > last


def test_changes_are_deterministic() -> None:
    one, two = World(companies=15), World(companies=15)
    assert apply_daily_changes(one, 4) == apply_daily_changes(two, 4)
    assert one.assets == two.assets


def test_the_clock_advances_by_a_day_each_time() -> None:
    world = World(companies=2)
    apply_daily_changes(world)
    apply_daily_changes(world, 2)
    assert world.now == START + timedelta(days=2)


def test_a_world_without_rows_can_be_changed() -> None:
    changes = apply_daily_changes(World(companies=0), adds=0)
    assert not any(changes.edited.values())


def test_added_rows_are_dated_within_the_day() -> None:
    world = World(seed=3, companies=40)
    before = world.now
    added = apply_daily_changes(world, adds=5, edits=0, deletes=0).added
    dates = [getattr(world, kind)[id_].updated_at for kind, ids in added.items() for id_ in ids]
    dates += [world.companies[id_].created_at for id_ in added["companies"]]
    assert all(before < date <= world.now for date in dates)
