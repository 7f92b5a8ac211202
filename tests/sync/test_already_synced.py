"""Work that another run has done since a run was asked for is not done again."""

from __future__ import annotations

import pytest

from include.model.counts import Counts
from include.model.kinds import KINDS
from include.model.request import Request
from include.sync.extract import extract
from include.sync.load import load
from include.sync.preflight import preflight
from include.sync.report import report
from tests.support.rig import LIMITS, rig, trigger
from tests.support.worlds import new_world


@pytest.mark.parametrize("one", [False, True])
def test_a_run_that_another_has_done_meanwhile_reads_nothing(warehouse_dsn: str, one: bool) -> None:
    """Three people press at once, and the second and third come to it when the first is through."""
    world = new_world()
    with rig(warehouse_dsn, world) as running:
        request = Request(company=str(world.companies.ids[0]) if one else None)
        late = running.sync(request=request)
        late = running.sync(request=request, company=preflight(late), asked_at=running.now())
        running.run()
        asked = len(running.simulator.requests)
        for kind in request.planned:
            done = extract(late, kind)
            assert done is not None
            assert "began to list it after this run was asked for" in done
        assert len(running.simulator.requests) == asked
        found = report(late.warehouse, late.run, dict.fromkeys(KINDS, "skipped"), trigger(request), LIMITS)
        assert found.problems == []
        assert {row["fetched"] for row in running.rows("sync_runs", f"run_id = '{late.run.run_id}'")} == {0}


def test_what_another_run_began_before_this_one_was_asked_for_is_read_anew(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn) as running:
        running.run("assets")
        run = running.sync(asked_at=running.now())
        assert extract(run, "assets") is None
        assert load(run, "assets")["assets"] != Counts()


def test_a_run_of_one_company_or_a_dry_run_has_not_done_it_for_a_run_of_all(warehouse_dsn: str) -> None:
    world = new_world()
    with rig(warehouse_dsn, world) as running:
        late = running.sync(asked_at=running.now())
        running.run(request=Request(company=str(world.companies.ids[0])))
        running.run(request=Request(dry_run=True))
        assert extract(late, "assets") is None
