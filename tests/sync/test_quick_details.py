"""Details that a quick run reads: of records that changed, also where their listed columns did not."""

from __future__ import annotations

from dataclasses import replace

from include.model.request import QUICK, Request
from include.model.setup import Setup
from tests.support.rig import Rig, rig
from tests.support.worlds import new_world


def read(running: Rig) -> list[str]:
    """The assets whose details were asked for."""
    paths = (request.path.removeprefix("/api") for request in running.simulator.requests)
    return [path for path in paths if path.startswith("/Asset/")]


def test_details_of_records_that_changed_are_read_again_unless_that_was_done_within_the_overlap(
    warehouse_dsn: str,
) -> None:
    world = new_world(companies=5, assets=20, contacts=5)
    with rig(warehouse_dsn, world, setup=Setup(details_per_night=100), vendor="halopsa") as running:
        running.run()
        first, second = world.assets.ids[:2]
        with running.warehouse.session() as connection:
            connection.execute(
                "UPDATE psa.detail_reads SET asked_at = asked_at - interval '2 days', "
                "read_at = read_at - interval '2 days' WHERE source_id = %s",
                [str(first)],
            )
        for id_ in (first, second):
            world.assets.add(replace(world.assets[id_], notes="Moved to the attic.", updated_at=running.now()))
        running.simulator.requests.clear()
        counts = running.run(request=Request(extent=QUICK))
        assert (counts["assets"].fetched, counts["assets"].updated) == (2, 0)
        assert read(running) == [f"/Asset/{first}"]
        notes = {row["source_id"]: row["notes"] for row in running.rows("assets")}
        assert notes[str(first)] == "Moved to the attic." != notes[str(second)]
        running.simulator.requests.clear()
        running.run(request=Request(extent=QUICK))
        assert read(running) == []
