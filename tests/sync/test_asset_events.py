"""What other DAGs learn from the event of a table that was loaded."""

from __future__ import annotations

import json
from datetime import datetime

from include.model.company import Company
from include.model.counts import NUMBERS
from include.model.kinds import KINDS
from include.sync.asset_events import loaded_tables
from include.sync.extract import extract
from include.sync.load import load
from simulator.world import World
from tests.support import truth
from tests.support.rig import rig


def test_an_event_has_the_counts_the_kind_of_run_and_up_to_when_the_table_is_complete(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, World(companies=4)) as running:
        sync = running.sync()
        extract(sync, "assets")
        counts = load(sync, "assets")["assets"]
        assert not load(sync, "assets")  # a further attempt, which has nothing left to do, emits the same event
        said = loaded_tables(sync, KINDS["assets"], "Force Sync")["assets"]
        assert said["counts"] == {name: getattr(counts, name) for name in NUMBERS}
        assert (said["run_id"], said["run_kind"]) == (sync.run.run_id, "Force Sync")
        assert said["company_source_id"] is None
        assert datetime.fromisoformat(said["complete_as_of"] or "") < running.now()
        assert json.loads(json.dumps(said)) == said  # as Airflow stores it


def test_of_a_run_of_one_company_it_names_the_company_and_not_a_time(warehouse_dsn: str) -> None:
    with rig(warehouse_dsn, World(companies=4)) as running:
        companies = truth.vendor(running.vendor).truth(running.simulator.world, running.setup)["companies"]
        sync = running.sync(company=Company(min(companies), "the first"))
        extract(sync, "assets")
        load(sync, "assets")
        said = loaded_tables(sync, KINDS["assets"], "Force Sync")["assets"]
        assert (said["company_source_id"], said["complete_as_of"]) == (min(companies), None)
