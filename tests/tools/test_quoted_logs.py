"""The logs that docs/operating.md quotes are what the code logs: the same words, whatever the numbers."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from include.model.errors import PsaError
from include.model.kinds import KINDS
from include.model.request import Request
from include.sync.extract import extract
from include.sync.load import load
from include.sync.preflight import preflight
from include.sync.report import report
from include.sync.run import Sync
from tests.support.rig import LIMITS, Rig, rig, trigger
from tests.support.worlds import new_world

PAGE = (Path(__file__).parent.parent.parent / "docs/operating.md").read_text(encoding="utf-8")
QUOTED = re.findall(r"^```text\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
ONE_COMPANY, RED = (block for block in QUOTED if block.startswith("===="))
NUMBER = re.compile(r"\d[\d,.]*(?<!\.)")
DURATION = re.compile(r"0 min 0 s|0 min|0 s")
ASKED = datetime(2026, 11, 22, 17, 44, 54, tzinfo=timezone.utc)


def words(text: str, names: Mapping[str, str] | None = None) -> str:
    """On one line, with every number as 0, and names replaced."""
    for name, replacement in (names or {}).items():
        text = text.replace(name, replacement)
    line = DURATION.sub("0 s", NUMBER.sub("0", " ".join(text.split())))
    return re.sub(r"psa_connectwise/(manual__\S+|run 0)", "RUN", line)


def attempt(sync: Sync) -> Mapping[str, str]:
    """The states of the tasks, as Airflow would have them."""
    states = {"preflight": "success"}
    for kind in sync.request.planned:
        for name, task in (("extract", extract), ("load", load)):
            states[f"{kind}.{name}"] = "failed"
            with suppress(PsaError):
                task(sync, kind)
                states[f"{kind}.{name}"] = "success"
                continue
            states |= {f"{kind}.load": "upstream_failed"} if name == "extract" else {}
            break
    return states


def lines_of(running: Rig, sync: Sync, states: Mapping[str, str]) -> str:
    run = trigger(
        sync.request,
        run_type="manual",
        company=str(sync.company) if sync.company else None,
        user="admin",
        asked_at=ASKED,
        began_at=ASKED + timedelta(seconds=1),
        reported_at=ASKED + timedelta(seconds=19),
    )
    with running.warehouse.session() as connection:  # or the minute may change in the middle of the run
        connection.execute("UPDATE psa.sync_watermarks SET watermark = %s", [ASKED - timedelta(days=1)])
    return "\n".join(report(running.warehouse, sync.run, states, run, LIMITS).lines)


def test_the_red_run_is_as_its_report_says(empty_dsn: str) -> None:
    with rig(empty_dsn, new_world(companies=5)) as running:
        running.run()
        running.simulator.faults.add("lost_right:path=/company/contacts")
        running.simulator.faults.add("narrowed_list:rows=3,path=/company/configurations")
        sync = running.sync(request=Request(kinds=tuple(KINDS)))
        assert words(lines_of(running, sync, attempt(sync))) == words(RED)


def test_the_run_of_one_company_is_as_its_report_says(empty_dsn: str) -> None:
    with rig(empty_dsn, new_world(companies=5)) as running:
        running.run()
        company = next(one for one in running.simulator.world.companies.values() if not one.is_deleted)
        sync = running.sync(request=Request(kinds=("assets", "contacts"), company=company.name))
        sync = replace(sync, company=preflight(sync))
        names = {company.name: "Summit Credit Union LLC"}
        assert words(lines_of(running, sync, attempt(sync)), names) == words(ONE_COMPANY)


def test_a_missing_right_is_logged_as_quoted(warehouse_dsn: str, caplog: pytest.LogCaptureFixture) -> None:
    (quoted,) = (block for block in QUOTED if "may be read" in block)
    caplog.set_level(logging.INFO)
    with rig(warehouse_dsn, new_world(companies=5), faults=["lost_right:path=/company/contacts"]) as running:
        preflight(running.sync(request=Request(kinds=("assets", "contacts"))))
    assert words(quoted) in words("\n".join(record.getMessage() for record in caplog.records))


def test_an_invalid_time_of_the_last_change_is_logged_as_quoted(
    warehouse_dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    (quoted,) = (block for block in QUOTED if "the time is invalid" in block)
    fault = "odd_record:path=/company/contacts,key=_info,kind=text"
    with rig(warehouse_dsn, new_world(companies=5), faults=[fault]) as running:
        counts = running.run("contacts")["contacts"]
    assert words(quoted) in words("\n".join(record.getMessage() for record in caplog.records))
    assert (counts.rejected, counts.inserted) == (0, counts.fetched)
