"""What a loader is given: where the records are, where they go, and which run it is."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Job:
    """One run of one loader, as its process reads it from its first argument."""

    url: str
    """The address of the PSA."""
    root: str
    """The address below which its listings are."""
    connection: Mapping[str, Any]
    """Login, password and extra of the Airflow connection."""
    headers: Mapping[str, str]
    """What each request needs."""
    listings: Mapping[str, str]
    """By kind, the path of the listing."""
    fields: Mapping[str, str]
    """By kind, the fields that this package asks for."""
    page_size: int
    dsn: str
    """The warehouse: a database of this loader's own."""
    folder: str
    """Where the loader may keep files between its runs."""
    run: str

    def dumped(self) -> str:
        """As the argument of a process."""
        return json.dumps(asdict(self))


def job() -> Job:
    """The job of this process."""
    return Job(**json.loads(sys.argv[1]))
