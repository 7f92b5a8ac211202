"""airflow_settings.yaml as the Astro CLI reads it: each PSA's connection leads to a green preflight."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from include import connectors
from include.model.limits import Lane
from include.sync.connect import open_client
from include.sync.preflight import preflight
from simulator.server import Simulator
from simulator.world import World
from tests.support.astro_cli import Release, connections
from tests.support.rig import Rig, rig

SETTINGS = Path(__file__).parent.parent.parent / "airflow_settings.yaml"
VENDORS = pytest.mark.parametrize("vendor", connectors.NAMES)


@VENDORS
def test_the_settings_file_leads_to_a_green_preflight(
    vendor: str, warehouse_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with rig(warehouse_dsn, World(seed=7, companies=2), vendor=vendor) as running:
        text = yaml.safe_dump(filled_in(running.simulator))
        first, *others = [connections(text, release)[f"psa_{vendor}"] for release in Release]
        assert others == [first, first]
        check(running, first, monkeypatch)


@VENDORS
def test_an_extra_that_is_a_mapping_arrives_in_lower_case_and_is_understood(
    vendor: str, warehouse_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with rig(warehouse_dsn, World(seed=7, companies=2), vendor=vendor) as running:
        written = filled_in(running.simulator)
        for entry in written["airflow"]["connections"]:
            entry["conn_extra"] = json.loads(entry.get("conn_extra", "{}"))
        check(running, connections(yaml.safe_dump(written), Release.KEEPS_MAPPINGS)[f"psa_{vendor}"], monkeypatch)


def filled_in(simulator: Simulator) -> dict[str, Any]:
    """The project's file, with the simulator's values in the fields that it has for this vendor."""
    document: dict[str, Any] = yaml.safe_load(SETTINGS.read_text(encoding="utf-8"))
    entry = next(one for one in document["airflow"]["connections"] if one["conn_id"] == f"psa_{simulator.vendor}")
    address, typed = urlsplit(simulator.url), simulator.connection
    entry |= {"conn_host": address.hostname, "conn_port": address.port, "conn_schema": address.scheme}
    entry |= {f"conn_{name}": typed[name] for name in ("login", "password") if f"conn_{name}" in entry}
    if "conn_extra" in entry:
        assert json.loads(entry["conn_extra"]).keys() <= typed["extra"].keys()
        entry["conn_extra"] = json.dumps(typed["extra"])
    return document


def check(running: Rig, connection: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Preflight raises nothing with this Airflow connection."""
    monkeypatch.setenv("_AIRFLOW_PROCESS_CONTEXT", "server")  # connections may come from the environment
    monkeypatch.setenv(f"AIRFLOW_CONN_PSA_{running.vendor.upper()}", json.dumps(connection))
    sync = running.sync()
    login = partial(open_client, sync.connector, f"psa_{running.vendor}", running.warehouse, Lane.NIGHTLY)
    preflight(running.sync(open_client=login))
