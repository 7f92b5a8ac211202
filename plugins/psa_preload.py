"""Imports the code of the sync once in the scheduler, where an executor starts tasks as copies of that process.

The LocalExecutor does. Without this, each task of ours spends more CPU on imports than on anything else. A task drops
what was imported as soon as one of the files has changed, so that a new release counts from the next task on.
"""

from __future__ import annotations

import logging
import sys
from importlib import import_module
from pathlib import Path

from airflow.configuration import conf
from airflow.listeners import hookimpl
from airflow.plugins_manager import AirflowPlugin

log = logging.getLogger(__name__)

PACKAGE = "include"
MODULES = (
    "airflow.providers.http.hooks.http",
    "airflow.providers.postgres.hooks.postgres",
    "include.dag_factory",
    "include.sync.context",
    "include.sync.preflight",
    "include.sync.extract",
    "include.sync.load",
    "include.sync.details",
    "include.sync.report",
    "include.sync.detail_report",
    "include.sync.asset_events",
    "include.sync.metrics",
)
_changed_at: dict[str, int] = {}
"""When each imported file of our package was changed."""


@hookimpl
def on_starting(component: object) -> None:
    """Airflow calls this when a component starts, and in each task before it reads the DAG file."""
    if type(component).__name__ == "TaskRunnerMarker":
        if any(_changed(file) != changed_at for file, changed_at in _changed_at.items()):
            _drop()
    elif "scheduler" in sys.argv and "LocalExecutor" in conf.get("core", "executor"):
        _import()


def _import() -> None:
    try:
        for module in MODULES:
            import_module(module)
        connectors = import_module("include.connectors")
        for vendor in connectors.NAMES:
            connectors.load(vendor)
    except Exception:  # each task meets the same error, and reports it in its own log
        log.exception("The code of the sync was not imported ahead, so each task imports it.")
        _drop()
    else:
        files = (getattr(sys.modules[name], "__file__", None) for name in _imported())
        _changed_at.update({file: _changed(file) for file in files if file})


def _changed(file: str) -> int:
    try:
        return Path(file).stat().st_mtime_ns
    except OSError:
        return 0


def _drop() -> None:
    _changed_at.clear()
    for name in _imported():
        del sys.modules[name]


def _imported() -> list[str]:
    return [name for name in sys.modules if name.partition(".")[0] == PACKAGE]


class PsaPreload(AirflowPlugin):
    """Loaded by Airflow's plugin manager."""

    name = "psa_preload"
    listeners = [sys.modules[__name__]]  # noqa: RUF012 - Airflow reads lists
