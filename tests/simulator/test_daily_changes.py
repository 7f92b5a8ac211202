"""A night: what came, changed and went is exactly what it says."""

from __future__ import annotations

from datetime import timedelta

import pytest

from simulator.daily_changes import KINDS, apply_daily_changes
from simulator.entities import Asset, Contact
from simulator.world import START, World


def test_a_night_adds_edits_and_deletes_as_many_as_asked() -> None:
    passed = apply_daily_changes(World(companies=20), adds=2, edits={"assets": 5}, deletes=1)
    assert {kind: len(passed.added[kind]) for kind in KINDS} == dict.fromkeys(KINDS, 2)
    assert {kind: len(passed.edited[kind]) for kind in KINDS} == {
        "companies": 0,
        "sites": 0,
        "contacts": 0,
        "assets": 5,
    }
    assert {kind: len(passed.deleted[kind]) for kind in KINDS} == dict.fromkeys(KINDS, 1)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_else_changes(kind: str) -> None:
    world = World(companies=30)
    before = dict(getattr(world, kind))
    passed = apply_daily_changes(world)
    after = getattr(world, kind)
    touched = {*passed.added[kind], *passed.edited[kind], *passed.deleted[kind]}
    assert {id_ for id_ in {*before, *after} if before.get(id_) != after.get(id_)} == touched


def test_an_edit_moves_the_time_of_the_last_change() -> None:
    world = World(companies=10)
    passed = apply_daily_changes(world, adds=0, edits=3, deletes=0)
    for id_ in passed.edited["contacts"]:
        assert START <= world.contacts[id_].updated_at <= world.now


def test_a_deleted_company_stays_marked_while_other_rows_go_for_good() -> None:
    world = World(companies=10)
    passed = apply_daily_changes(world, adds=0, edits=0, deletes=1)
    assert world.companies[passed.deleted["companies"][0]].is_deleted
    assert passed.deleted["assets"][0] not in world.assets


def test_a_moved_row_belongs_to_another_company_and_stands_at_none_of_the_old_ones_sites() -> None:
    world = World(companies=10)
    machines, people = dict(world.assets), dict(world.contacts)
    passed = apply_daily_changes(world, adds=0, edits=0, deletes=0, moves=20)
    assert {kind: len(ids) for kind, ids in passed.moved.items()} == {"assets": 20, "contacts": 20}
    moved: list[tuple[Asset | Contact, Asset | Contact]] = [
        *((machines[id_], world.assets[id_]) for id_ in passed.moved["assets"]),
        *((people[id_], world.contacts[id_]) for id_ in passed.moved["contacts"]),
    ]
    for before, after in moved:
        assert after.company_id != before.company_id
        assert after.site_id is None or world.sites[after.site_id].company_id == after.company_id
        assert after.updated_at > before.updated_at


def test_nobody_moves_where_there_is_one_company() -> None:
    assert not any(apply_daily_changes(World(companies=1), moves=3).moved.values())


def test_new_rows_get_ids_beyond_the_old_ones() -> None:
    world = World(companies=10)
    last = max(world.assets)
    assert min(apply_daily_changes(world, adds=3).added["assets"]) > last


def test_nights_are_deterministic() -> None:
    one, two = World(companies=15), World(companies=15)
    assert apply_daily_changes(one, 4) == apply_daily_changes(two, 4)
    assert one.assets == two.assets


def test_each_night_is_a_day() -> None:
    world = World(companies=2)
    apply_daily_changes(world)
    apply_daily_changes(world, 2)
    assert world.now == START + timedelta(days=2)


def test_a_world_without_rows_survives_a_night() -> None:
    passed = apply_daily_changes(World(companies=0), adds=0)
    assert not any(passed.edited.values())
