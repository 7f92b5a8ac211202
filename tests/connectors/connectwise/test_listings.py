"""Listings of ConnectWise: requests, filters, and lists below a parent."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from include.connectors import load
from include.connectors.common.setup import discover
from include.connectors.contract import ReadContext, Stream
from include.model.errors import FormError, NotFound, RightsError, ShapeError
from include.model.kinds import KINDS
from include.model.page import Page
from include.model.request import Request
from include.model.scope import EVERYTHING, Scope
from include.model.setup import CompanyChoice, Setup
from include.sync.extract import extract
from include.sync.preflight import preflight
from tests.connectors.connectwise.scripted import client
from tests.support.rig import rig
from tests.support.scripted_server import Asked, Said
from tests.support.vendor_specs import check_request
from tests.support.vendor_specs import load as load_spec
from tests.support.worlds import new_world

SPECS = os.environ.get("PSA_VENDOR_SPECS")
needs_specs = pytest.mark.skipif(not SPECS, reason="PSA_VENDOR_SPECS names no folder with the vendors' descriptions")


def stream(table: str) -> Stream[Any]:
    return next(s for s in load("connectwise").streams if s.table == table)


@needs_specs
def test_every_request_of_a_run_and_of_setup_is_in_the_vendors_description(warehouse_dsn: str) -> None:
    spec = load_spec("connectwise")
    chosen = Setup(
        companies=CompanyChoice(statuses=("Active",), types=("Client",)),
        custom_fields={"assets": {"a": "10"}, "contacts": {"b": "30"}},
    )
    for setup in (Setup(), chosen):
        world = new_world(companies=150)
        with rig(warehouse_dsn, world, setup=setup) as running:
            running.run(request=Request(approved=tuple(KINDS)))
            discover(load("connectwise"), running.client())
            synced = running.rows("companies", "deleted_at IS NULL")[0]["source_id"]
            leaving = world.assets.by("company_id")[int(synced)][0]
            world.assets.add(replace(world.assets[leaving], company_id=next(reversed(world.companies.ids))))
            running.run(request=Request(company=synced))  # asks for the one that left it by its key
            with pytest.raises(FormError):
                running.run(request=Request(company='A "quoted" name that no company has'))
            asked = [(r, r.path.partition("/apis/3.0")[2]) for r in running.simulator.requests if "/apis/3.0" in r.path]
            assert len(asked) > 20
            for request, path in asked:
                check_request(spec, request.method, path, request.query, request.headers)


def test_a_full_run_costs_no_more_than_paging_needs(warehouse_dsn: str) -> None:
    world = new_world(companies=120, assets=3000)
    with rig(warehouse_dsn, world) as running:
        preflight(running.sync())
        before = len(running.simulator.requests)
        run = running.sync()
        for kind in ("statuses", "companies", "sites", "assets", "contacts"):
            extract(run, kind)
        pages = 1 + 1 + (1 + 120) + 4 + 1  # 3,000 assets end on a full page: one more request proves the end
        counts = 5
        logins = 5
        assert len(running.simulator.requests) - before <= pages + counts + logins


def test_addresses_stay_short_whatever_is_filtered(warehouse_dsn: str) -> None:
    world = new_world(companies=400)
    with rig(warehouse_dsn, world, setup=Setup(companies=CompanyChoice(statuses=("Active",)))) as running:
        running.run("assets")
        longest = max(len(json.dumps(r.query)) + len(r.path) for r in running.simulator.requests)
        assert longest < 1900


def ignoring_filters(asked: Asked) -> Any:
    """A server that ignores every filter: it has one company, of the new status and type."""
    is_setup_table = asked.path.removesuffix("/count").endswith(("/statuses", "/types"))
    if asked.path.endswith("/count"):
        return {"count": 2 if is_setup_table else 1}
    if is_setup_table:
        return [{"id": 1, "name": "Old"}, {"id": 2, "name": "New"}]
    return [{"id": 7, "status": {"id": 2}, "types": [{"id": 2}], "company": {"id": 8}}]


def read(
    table: str, answer: Callable[[Asked], Any], setup: Setup | None = None, scope: Scope = EVERYTHING
) -> list[Page]:
    return list(stream(table).read(ReadContext(client(answer)[1], setup or Setup(), scope)))


@pytest.mark.parametrize(
    "setup", [Setup(companies=CompanyChoice(statuses=("Old",))), Setup(companies=CompanyChoice(types=("Old",)))]
)
@pytest.mark.parametrize("table", ["companies", "assets", "company_sites"])
def test_a_server_that_ignores_the_company_filter_is_refused(table: str, setup: Setup) -> None:
    with pytest.raises(ShapeError, match="the filter was ignored"):
        read(table, ignoring_filters, setup)


def test_assets_of_companies_that_were_not_asked_for_are_refused() -> None:
    with pytest.raises(ShapeError, match="/company/configurations delivered records that were filtered out"):
        read("assets", ignoring_filters, Setup(companies=CompanyChoice(statuses=("New",))))


@pytest.mark.parametrize("table", ["companies", "assets", "contacts"])
def test_records_outside_of_the_one_company_of_a_run_are_refused(table: str) -> None:
    with pytest.raises(ShapeError, match="the filter was ignored"):
        read(table, ignoring_filters, scope=Scope(company="9"))


def test_an_invalid_record_of_a_filtered_listing_is_rejected(warehouse_dsn: str) -> None:
    odd = "odd_record:path=/company/configurations,key=company,kind=list"
    with rig(warehouse_dsn, setup=Setup(companies=CompanyChoice(statuses=("Active",))), faults=[odd]) as running:
        counts = running.run("assets")["assets"]
        assert counts.rejected == 1
        assert counts.inserted == counts.fetched - 1


def without_sites(existing: Any) -> Callable[[Asked], Any]:
    """A server with one company, whose sites are answered 404; `existing` is its answer to how many have its id."""

    def answer(asked: Asked) -> Any:
        if asked.path.endswith("/sites"):
            return Said({"code": "NotFound"}, 404)
        if asked.path.endswith("/count"):
            return existing if "conditions" in asked.query else {"count": 1}
        return [{"id": 7}]

    return answer


def test_sites_answered_404_are_kept_if_their_company_exists_and_marked_deleted_if_not() -> None:
    (page,) = read("company_sites", without_sites({"count": 1}))
    assert [reject.scope for reject in page.rejects] == [("company_source_id", "7")]
    assert read("company_sites", without_sites({"count": 0})) == []
    with pytest.raises(NotFound):  # no one can say: the keys may be revoked
        read("company_sites", without_sites(Said({"code": "Unauthorized"}, 403)))


def test_a_board_without_a_usable_id_is_not_passed_over() -> None:
    answer = {"/service/boards/count": {"count": 2}, "/service/boards": [{"id": 3}, {"id": "four", "name": "Board"}]}
    with pytest.raises(ShapeError, match="/service/boards: a record has no usable 'id'"):
        read("ticket_statuses", lambda asked: answer[asked.path])


def test_one_company_whose_sites_may_not_be_read_fails_the_kind(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn) as running:
        running.run("sites")
        before = running.state()
        key = running.rows("company_sites")[0]["company_source_id"]
        running.simulator.faults.add(f"lost_right:path=/company/companies/{key}/sites")
        with pytest.raises(RightsError):
            running.run("sites")
        assert running.state() == before
