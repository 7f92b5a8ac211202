"""The world: exact totals, realistic rows, the same for the same seed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from dataclasses import fields, replace
from typing import Any

import pytest

from simulator.entities import Status
from simulator.seeded_random import SeededRandom, shares
from simulator.table import Table
from simulator.world import World
from tests.support.worlds import new_world

DIGEST = """
import hashlib
from simulator.world import World
world = World(seed=11, companies=30)
rows = [row for table in (world.companies, world.sites, world.assets, world.contacts, world.tickets, world.notes)
        for row in table.values()]
print(hashlib.sha256(repr(rows).encode()).hexdigest())
"""


@pytest.mark.parametrize("companies", [0, 1, 7, 1000])
def test_totals_are_exactly_in_proportion(companies: int) -> None:
    world = World(companies=companies)
    counts = [len(table) for table in (world.companies, world.sites, world.assets, world.contacts)]
    assert counts == [companies, 2 * companies, 10 * companies, 5 * companies]


def test_any_total_can_be_overridden() -> None:
    world = World(companies=10, sites=3, assets=1234, contacts=0, tickets=5)
    counts = [len(table) for table in (world.sites, world.assets, world.contacts, world.tickets)]
    assert counts == [3, 1234, 0, 5]


def test_the_same_seed_gives_the_same_world_whatever_the_hash_seed() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", DIGEST],
            env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hash_seed in ("1", "2")
    }
    assert len(digests) == 1


def test_another_seed_gives_another_world() -> None:
    assert World(seed=1, companies=5).companies != World(seed=2, companies=5).companies


def test_every_company_has_a_site_and_some_have_many() -> None:
    world = World(companies=200)
    sizes = [len(world.sites.by("company_id")[id_]) for id_ in world.companies]
    assert min(sizes) == 1
    assert max(sizes) > 5


def test_a_company_has_at_most_one_primary_site() -> None:
    primaries = Counter(site.company_id for site in World(companies=100).sites.values() if site.is_primary)
    assert set(primaries.values()) == {1}


def test_shares_add_up_to_the_total() -> None:
    for total in (0, 1, 99, 10_000):
        assert sum(shares(SeededRandom(1), total, 37)) == total


def test_names_repeat_under_different_ids() -> None:
    names = Counter(company.name for company in World(companies=400, assets=0).companies.values())
    assert names.most_common(1)[0][1] > 1


def test_ids_have_gaps_and_do_not_follow_names() -> None:
    companies = list(World(companies=300).companies.values())
    assert companies[-1].id - companies[0].id > len(companies)
    assert [company.name for company in companies] != sorted(company.name for company in companies)


@pytest.mark.parametrize("alphabet", ["é", "東", "и", "ש", "م", "🎉"])
def test_text_comes_in_many_alphabets(alphabet: str) -> None:
    assert alphabet.casefold() in repr(vars(World(companies=100))).casefold()


def test_every_optional_value_is_missing_somewhere() -> None:
    world = World(companies=200)
    assets, contacts, companies = world.assets.values(), world.contacts.values(), world.companies.values()
    assert any(asset.serial_number is None for asset in assets)
    assert any(asset.status_id is None for asset in assets)
    assert any(asset.contact_id is None for asset in assets)
    assert any(contact.company_id is None for contact in contacts)
    assert any(not contact.emails for contact in contacts)
    assert any(company.website is None for company in companies)


def test_missing_text_is_none_and_never_empty() -> None:
    world = World(companies=100)
    rows: list[Any] = [*world.assets.values(), *world.contacts.values(), *world.companies.values()]
    for row in rows:
        assert "" not in [getattr(row, one.name) for one in fields(row)]


def test_some_rows_refer_to_deleted_statuses() -> None:
    world = World(companies=300)
    assert any(asset.status_id not in world.asset_statuses for asset in world.assets.values() if asset.status_id)
    assert any(company.status_id not in world.statuses for company in world.companies.values() if company.status_id)


def test_some_companies_are_deleted_and_have_the_time_of_it() -> None:
    deleted = [company for company in World(companies=300).companies.values() if company.is_deleted]
    assert deleted
    assert all(company.deleted_at is not None for company in deleted)


def test_some_text_is_longer_than_any_documented_maximum() -> None:
    world = World(companies=500)
    assert max(len(company.name) for company in world.companies.values()) > 50
    assert max(len(asset.name) for asset in world.assets.values()) > 100


def test_assets_have_a_password_field_that_must_not_be_copied() -> None:
    assert [one.type for one in World(companies=1).fields_of("asset")].count("Password") == 1


def test_moments_are_whole_seconds_in_utc() -> None:
    for asset in World(companies=20).assets.values():
        assert asset.updated_at.utcoffset() is not None
        assert (asset.updated_at.microsecond, asset.updated_at.tzname()) == (0, "UTC")


def test_a_tables_indexes_follow_its_changes() -> None:
    table = Table([Status(1, "New"), Status(5, "Old")])
    assert table.by("name")["Old"] == [5]
    table.add(Status(3, "Old"))
    assert (list(table.ids), table.by("name")["Old"]) == ([1, 3, 5], [3, 5])
    del table[5]
    assert (list(table.ids), table.by("name")["Old"]) == ([1, 3], [3])


def test_the_worlds_of_tests_are_the_generated_ones_whatever_another_test_changes() -> None:
    changed = new_world(companies=5)
    changed.companies.add(replace(next(iter(changed.companies.values())), name="changed"))
    del changed.assets[changed.assets.ids[0]]
    generated, given = (vars(world) for world in (World(seed=7, companies=5), new_world(companies=5)))
    assert given == generated
