"""What is compared: this package, and the loaders that a person might use instead."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
ENVIRONMENT = ROOT / ".bench"
"""Where `make bench` installs the other loaders."""
PEERS = "bench.compare.peers"
QUIET: Mapping[str, str] = {"RUNTIME__DLTHUB_TELEMETRY": "false", "NO_PROXY": "127.0.0.1"}


@dataclass(frozen=True)
class Loader:
    """One way to get the records into Postgres."""

    name: str
    """Its name for `--only`."""
    title: str
    modules: tuple[str, ...]
    """The programs that it consists of; each reads what the one before writes. None for a whole Airflow."""
    schema: str = "loaded"
    """Where its tables are."""
    same_fields: bool = True
    """Whether it loads the fields that this package loads, or all."""
    times: float | None = None
    """How many times less CPU this package promises to use."""

    @property
    def is_ours(self) -> bool:
        """Whether it is this package."""
        return self.schema == "psa"

    def commands(self, job: str) -> list[list[str]]:
        """The programs with their job."""
        python = sys.executable if self.is_ours else str(ENVIRONMENT / "bin" / "python")
        return [[python, "-m", module, job] for module in self.modules]


PIPELINE = Loader("pipeline", "this package", ("bench.compare.pipeline",), "psa")
WITHOUT_CHANGES = Loader(
    "without_changes", "this package, changes not recorded", ("bench.compare.without_changes",), "psa"
)
IN_AIRFLOW = Loader("airflow", "this package in Airflow", (), "psa")
ALL: tuple[Loader, ...] = (
    PIPELINE,
    WITHOUT_CHANGES,
    IN_AIRFLOW,
    Loader("dlt_arrow", "dlt, an Arrow resource made by hand", (f"{PEERS}.dlt_arrow",), times=1.5),
    Loader("dlt_arrow_lean", "dlt, the leanest Arrow resource", (f"{PEERS}.dlt_arrow_lean",)),
    Loader("dlt_tuned", "dlt, rest_api tuned", (f"{PEERS}.dlt_tuned",), times=5),
    Loader("dlt_default", "dlt, rest_api as it is", (f"{PEERS}.dlt_default",), same_fields=False, times=25),
    Loader(
        "singer",
        "Singer: a tap, and target-postgres",
        (f"{PEERS}.singer_tap", f"{PEERS}.singer_target"),
        same_fields=False,
        times=25,
    ),
)
BY_NAME = {loader.name: loader for loader in ALL}
