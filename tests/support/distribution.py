"""Which files one worker runs: those that share an Airflow, of which each worker would start its own."""

from __future__ import annotations

from pathlib import PurePosixPath

from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]  # pytest-xdist has no types

PAGES = PurePosixPath("tests/plugins")
UNDER_FAB = ("test_doors_under_fab.py", "setup_page/test_rights.py", "ticket_page/test_rights.py")
WITH_THEIR_OWN = (
    "test_required_actions.py",
    "status_page/test_red_run.py",
    "ticket_page/test_lists.py",
    "test_preload.py",
    "test_quick_runs.py",
)


class SharedAirflows(LoadFileScheduling):  # type: ignore[misc]
    """Gives out files one by one, but those of the pages that share an Airflow together."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        place = PurePosixPath(file)
        if not place.is_relative_to(PAGES):
            return file
        name = str(place.relative_to(PAGES))
        if name in UNDER_FAB:
            return "the pages under FAB"
        return file if name in WITH_THEIR_OWN else "the pages"
