"""A sync of one company: what it reads, what it writes, and above all what it leaves alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from include.connectors.common.companies import find_company
from include.connectors.contract import ReadContext
from include.model.errors import FormError, HeldBack
from include.model.kinds import OF_COMPANIES
from include.model.request import Request
from include.model.setup import CompanyChoice, Setup
from include.model.tables import BY_NAME
from include.sync.extract import extract
from include.sync.load import load
from include.sync.preflight import preflight
from include.sync.run import Sync
from simulator.world import World
from tests.support.rig import LIMITS, Rig, rig, trigger
from tests.support.truth import differences
from tests.support.truth.connectwise import truth
from tests.support.worlds import new_world

HANDFUL = 16


def company_with_assets(world: World, at_least: int = 2) -> Any:
    """A living company that nobody shares a name with."""
    names = [company.name.casefold() for company in world.companies.values()]
    return next(
        company
        for company in world.companies.values()
        if not company.is_deleted
        and names.count(company.name.casefold()) == 1
        and len(world.assets.by("company_id").get(company.id, ())) >= at_least
    )


def asking(running: Rig, company: Any, **changes: Any) -> Sync:
    """A run of one company, past its preflight."""
    run = running.sync(request=Request(company=str(company.id), **changes))
    return replace(run, company=preflight(run))


@pytest.mark.parametrize("by", ["name", "id"])
def test_one_company_is_read_with_a_handful_of_requests_and_the_others_are_left_alone(
    warehouse_dsn: str, by: str
) -> None:
    world = new_world(companies=200)
    with rig(warehouse_dsn, world) as running:
        running.run()
        company = company_with_assets(world)
        theirs, other = world.assets.by("company_id")[company.id][0], next(iter(world.assets.values()))
        assert other.company_id != company.id
        world.assets.add(replace(world.assets[theirs], name="Renamed"))
        world.assets.add(replace(other, name="Renamed as well"))
        before, marks = running.state(), running.rows("sync_watermarks")
        asked = len(running.simulator.requests)
        counts = running.run(request=Request(company=str(getattr(company, by))))
        assert len(running.simulator.requests) - asked <= HANDFUL
        changed = [row for row in running.rows("assets") if row["name"].startswith("Renamed")]
        assert [row["source_id"] for row in changed] == [str(theirs)]
        assert set(counts) == {"companies", "company_sites", "assets", "contacts"}
        assert (counts["assets"].updated, counts["assets"].deleted) == (1, 0)
        assert running.state()["contacts"] == before["contacts"]
        assert running.rows("sync_watermarks") == marks


def test_a_company_that_is_new_arrives_with_all_that_it_has(warehouse_dsn: str) -> None:
    world = new_world()
    with rig(warehouse_dsn, world) as running:
        company = company_with_assets(world)
        running.run(request=Request(company=company.name))
        for table, expected in truth(world).items():
            column = BY_NAME[table].company_column
            theirs = {key: row for key, row in expected.items() if column and row[column] == str(company.id)}
            assert differences(running.rows(table), theirs) == []
            assert bool(theirs) == bool(column)


def test_what_a_company_lost_is_marked_deleted_and_what_moved_away_is_not(warehouse_dsn: str) -> None:
    world = new_world()
    with rig(warehouse_dsn, world) as running:
        running.run()
        company = company_with_assets(world, at_least=3)
        gone, moved, *_ = world.assets.by("company_id")[company.id]
        elsewhere = next(key for key in world.companies if key != company.id)
        world.assets.add(replace(world.assets[moved], company_id=elsewhere, site_id=None, contact_id=None))
        del world.assets[gone]
        counts = running.run(request=Request(kinds=("assets",), company=company.name))["assets"]
        assert (counts.updated, counts.deleted) == (1, 1)
        assert differences(running.rows("assets"), truth(world)["assets"]) == []


def test_the_deletion_guard_judges_the_rows_of_that_company(warehouse_dsn: str) -> None:
    world = new_world()
    with rig(warehouse_dsn, world) as running:
        running.run()
        company = company_with_assets(world)
        for key in tuple(world.assets.by("company_id")[company.id]):
            del world.assets[key]
        before = running.state()
        with pytest.raises(HeldBack, match=f"live rows of company {company.id} would be marked deleted"):
            running.run(request=Request(kinds=("assets",), company=company.name))
        assert running.state() == before
        approved = Request(kinds=("assets",), company=company.name, approved=("assets",))
        assert running.run(request=approved)["assets"].deleted > 0
        assert differences(running.rows("assets"), truth(world)["assets"]) == []


def test_an_older_full_copy_does_not_undo_what_one_company_had_newer(warehouse_dsn: str) -> None:
    world = new_world()
    with rig(warehouse_dsn, world) as running:
        running.run()
        company = company_with_assets(world, at_least=3)
        edited, gone, back = world.assets.by("company_id")[company.id][:3]
        whole = running.sync()
        lost = world.assets[back]
        del world.assets[back]
        extract(whole, "assets")  # lists the company as it was: two that will change, one that is away
        world.assets.add(lost)
        world.assets.add(replace(world.assets[edited], name="Newer"))
        del world.assets[gone]
        running.run(request=Request(kinds=("assets",), company=company.name))
        counts = load(whole, "assets")["assets"]
        assert (counts.inserted, counts.updated, counts.deleted) == (0, 0, 0)
        assert differences(running.rows("assets"), truth(world)["assets"]) == []


def test_an_older_copy_of_one_company_yields_to_a_newer_run_of_all(warehouse_dsn: str) -> None:
    world = new_world()
    with rig(warehouse_dsn, world) as running:
        running.run()
        company = company_with_assets(world)
        older = asking(running, company)
        extract(older, "assets")
        key = world.assets.by("company_id")[company.id][0]
        world.assets.add(replace(world.assets[key], name="Newer"))
        running.run("assets")
        assert load(older, "assets")["assets"].updated == 0
        assert differences(running.rows("assets"), truth(world)["assets"]) == []


def test_a_newer_run_of_one_company_does_not_make_a_run_of_all_look_old(warehouse_dsn: str) -> None:
    world = new_world()
    with rig(warehouse_dsn, world) as running:
        whole = running.sync()
        preflight(whole)
        extract(whole, "assets")
        running.run(request=Request(kinds=("assets",), company=company_with_assets(world).name))
        load(whole, "assets")
        assert differences(running.rows("assets"), truth(world)["assets"]) == []


def test_kinds_that_belong_to_no_company_are_refused_before_anything_is_read(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn) as running:
        with pytest.raises(FormError, match="statuses and ticket_settings belong to no company"):
            running.run(request=Request(kinds=("statuses", "ticket_settings"), company="Acme"))
        assert len(running.simulator.requests) == 0


def test_an_approval_that_nothing_could_use_is_refused(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn) as running, pytest.raises(FormError, match="approved for assets, which this run would not"):
        running.run(request=Request(kinds=("contacts",), approved=("assets",)))


def test_without_preflight_one_company_does_not_become_all(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn) as running:
        running.run("assets")
        run = running.sync(request=Request(kinds=("assets",), company="Acme"))
        with pytest.raises(FormError, match="preflight did not succeed"):
            extract(run, "assets")
        assert extract(run, "contacts") == "contacts: not asked for."


@pytest.mark.parametrize("name", ['Quote "Q" & Sons', "50% off * [Ltd]", "Ünïcode, S.L. (EU)", "back\\slash"])
def test_a_company_is_found_by_any_name_that_a_company_can_have(warehouse_dsn: str, name: str) -> None:
    world = new_world()
    company = company_with_assets(world)
    world.companies.add(replace(company, name=name))
    with rig(warehouse_dsn, world) as running:
        run = asking(running, company)
        found = find_company(run.connector.company_search, ReadContext(running.client(), Setup()), name)
        assert found.id == str(company.id)


def test_a_company_that_is_not_there_is_told_with_similar_ones(warehouse_dsn: str) -> None:
    world = new_world()
    company = company_with_assets(world)
    world.companies.add(replace(company, name="Zanzibar Traders"))
    with rig(warehouse_dsn, world) as running:
        with pytest.raises(FormError, match=rf"Similar: Zanzibar Traders \({company.id}\)\."):
            running.run(request=Request(company="Zanzibar"))
        with pytest.raises(FormError, match=r"There is no company '\?\?\?'\. Nothing was read"):
            running.run(request=Request(company="???"))


def test_a_company_that_setup_leaves_out_is_refused(warehouse_dsn: str) -> None:
    world = new_world()
    status = next(iter(world.statuses.values()))
    company = next(c for c in world.companies.values() if c.status_id != status.id)
    with (
        rig(warehouse_dsn, world, setup=Setup(companies=CompanyChoice(statuses=(status.name,)))) as running,
        pytest.raises(FormError, match=r"Setup leaves .* out"),
    ):
        running.run(request=Request(company=str(company.id)))


def test_the_summary_speaks_of_that_company_alone(warehouse_dsn: str) -> None:
    from include.sync.report import report

    world = new_world()
    with rig(warehouse_dsn, world) as running:
        run = asking(running, company_with_assets(world))
        for kind in OF_COMPANIES:
            extract(run, kind)
            load(run, kind)
        found = report(run.warehouse, run.run, {}, trigger(run.request, company=str(run.company)), LIMITS)
        assert found.problems == []
        text = "\n".join(found.lines)
        assert f"all that connectwise listed of {run.company} is in" in " ".join(text.split())
        assert "ticket_priorities" not in text
