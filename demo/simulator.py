"""A simulator in a process of its own, and the Airflow connection to it."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path

from demo.errors import DemoError
from demo.ports import ADDRESS, free_port
from demo.processes import Components
from demo.settings import Entity

START_SECONDS = 60
LIFE_SECONDS = 5  # the interval at which a ticket changes
ACCOUNT_FIELDS = ("login", "password", "extra")


def start(components: Components, project: Path, vendor: str, *, companies: int) -> Entity:
    """Starts it; returns the fields of the Airflow connection."""
    port = free_port()
    command = [sys.executable, "-m", "simulator", "--vendor", vendor, "--companies", str(companies)]
    command += ["--host", ADDRESS, "--port", str(port), "--life", str(LIFE_SECONDS)]
    component = components.start(f"simulator-{vendor}", command, cwd=project)
    account = _announced(component.log, components)
    return {
        "host": ADDRESS,
        "port": port,
        "schema": "http",
        **account,
    }


def _announced(log: Path, components: Components) -> dict[str, str]:
    """Waits for the account that the simulator prints when it is ready, one `name value` a line."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        components.check()
        found = dict(re.findall(r"^ +(\w+) +(\S.*|)$", log.read_text(encoding="utf-8"), re.MULTILINE))
        if found.keys() >= set(ACCOUNT_FIELDS):
            return found
        time.sleep(0.05)
    raise DemoError(f"The simulator was not ready within {START_SECONDS} seconds. Its log is {log}.")
