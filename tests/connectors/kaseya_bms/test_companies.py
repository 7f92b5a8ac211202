"""Which companies of Kaseya BMS are read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from include.connectors.kaseya_bms.listings import ASSETS, CONTACTS
from include.model.errors import (
    FormError,
    ShapeError,
)
from include.model.request import Request
from include.model.scope import Scope
from include.model.setup import CompanyChoice, Setup
from tests.connectors.kaseya_bms.scripted import BMS, good, listed, scripted
from tests.support.rig import rig
from tests.support.truth import vendor
from tests.support.worlds import new_world


@pytest.mark.parametrize(
    "setup",
    [
        Setup(companies=CompanyChoice(statuses=("Inactive",))),
        Setup(companies=CompanyChoice(types=("Client",))),
        Setup(companies=CompanyChoice(statuses=("Client",), status_from="type")),
    ],
)
def test_only_the_companies_that_setup_selects_and_their_records_are_synced(warehouse_dsn: str, setup: Setup) -> None:
    world = new_world(companies=40)
    expected = vendor(BMS).truth(world, setup)["companies"]
    wanted = (*setup.companies.statuses, *setup.companies.types)
    types = {str(key) for key, kind in world.company_types.items() if kind.name in wanted}
    chosen = {
        key
        for key, row in expected.items()
        if row["status"] in wanted
        or (setup.companies.types and str(next(iter(world.companies[int(key)].type_ids), 0)) in types)
    }
    without_details = replace(setup, details_per_night=0)
    with rig(warehouse_dsn, world, setup=without_details, vendor=BMS) as running:
        running.run("companies", "sites", "assets", "contacts")
        assert 0 < len(chosen) < len(expected)
        assert {row["source_id"] for row in running.rows("companies")} == chosen
        for table in ("company_sites", "assets", "contacts"):
            owners = {row["company_source_id"] for row in running.rows(table)}
            assert owners
            assert owners <= chosen


def test_one_company_is_asked_for_by_its_key(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, setup=Setup(details_per_night=0), vendor=BMS) as running:
        running.run()
        before, asked = running.state(), len(running.simulator.requests)
        name = running.rows("companies")[0]["name"]
        running.run(request=Request(company=name.upper()))
        assert running.state() == before
        lists = [r for r in running.simulator.requests[asked:] if r.path in (ASSETS, CONTACTS)]
        assert lists
        assert all("Filter.AccountId" in r.query for r in lists)
        with pytest.raises(FormError, match="There is no company"):
            running.run(request=Request(company="no one's"))


def test_a_server_that_ignores_the_filter_by_company_is_refused() -> None:
    def answers(path: str, query: dict[str, str]) -> Any:
        others = [{"id": 1, "isActive": True, "accountId": 8}] if query.get("Filter.IsActive") == "true" else []
        return good(others, totalRecords=len(others)) if path == CONTACTS else None

    api, _ = scripted(answers)
    with pytest.raises(ShapeError, match="the filter was ignored"):
        listed("contacts", api, scope=Scope("7"))
