"""A fake PSA, as a process of its own, and the connection that leads to it."""

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
LIFE_SECONDS = 5  # so often something happens at the help desk
TYPED = ("login", "password", "extra")


def start(components: Components, project: Path, vendor: str, *, companies: int) -> Entity:
    """Returns what to put into the Airflow connection."""
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
    """Once it serves, the simulator prints the account to use, one `name value` a line."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        components.check()
        found = dict(re.findall(r"^ +(\w+) +(\S.*|)$", log.read_text(encoding="utf-8"), re.MULTILINE))
        if found.keys() >= set(TYPED):
            return found
        time.sleep(0.05)
    raise DemoError(f"The simulator was not ready within {START_SECONDS} seconds. Its log is {log}.")
