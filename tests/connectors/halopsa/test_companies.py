"""One company of HaloPSA: found by number or name, and synced alone."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from include.connectors.common.companies import find_company
from include.connectors.halopsa.companies import SEARCH
from include.model.errors import FormError
from include.model.request import Request
from include.model.setup import CompanyChoice, Setup
from simulator.world import World
from tests.connectors.halopsa.scripted import Scripted, context, wrong
from tests.support.rig import rig
from tests.support.truth.halopsa import SETTINGS, truth
from tests.support.worlds import new_world


def test_records_that_left_the_company_are_found_where_they_are_now(warehouse_dsn: str) -> None:
    world, setup = new_world(), replace(SETTINGS, details_per_night=100_000)
    with rig(warehouse_dsn, world, setup=setup, vendor="halopsa") as running:
        running.run()
        key, other = (int(company["source_id"]) for company in running.rows("companies", "deleted_at IS NULL")[1:3])
        for table in (world.assets, world.contacts, world.sites):
            leaving: Any = table[table.by("company_id")[key][-1]]
            table.add(replace(leaving, company_id=other, **({"is_primary": False} if table is world.sites else {})))
        before = len(running.simulator.requests)
        counts = running.run(request=Request(company=str(key)))
        assert [counts[table].deleted for table in ("company_sites", "assets", "contacts")] == [0, 0, 0]
        assert wrong(running, "companies", "assets", "contacts") == []
        assert len(running.simulator.requests) - before < 50


def test_a_company_is_found_by_number_and_by_name_in_any_case(warehouse_dsn: str) -> None:
    world = new_world()
    with rig(warehouse_dsn, world, vendor="halopsa") as running:
        client, find = running.client(), partial(find_company, SEARCH)
        company = world.companies[world.companies.ids[4]]
        assert find(context(client), str(company.id)).name == company.name
        assert find(context(client), company.name.upper()).id == str(company.id)
        with pytest.raises(FormError, match="There is no company 'Unknown & Sons'"):
            find(context(client), "Unknown & Sons")
        with pytest.raises(FormError, match="Setup leaves"):
            inactive = next(c for c in running.simulator.world.companies.values() if not _is_active(world, c))
            find(context(client, Setup(companies=CompanyChoice(statuses=("active",)))), str(inactive.id))


def test_a_whole_name_is_found_behind_many_that_begin_alike() -> None:
    api: Any = Scripted(
        {"/Client": [{"id": n, "name": f"Acme {n}"} for n in range(2, 14)] + [{"id": 99, "name": "ACME"}]}
    )
    assert find_company(SEARCH, context(api), "acme").id == "99"
    with pytest.raises(FormError, match=r"Similar: Acme 2 \(2\), .* Acme 11 \(11\)\."):
        find_company(SEARCH, context(api), "acme inc")


def _is_active(world: World, company: Any) -> bool:
    return truth(world, Setup())["companies"].get(str(company.id), {}).get("status") != "Inactive"
