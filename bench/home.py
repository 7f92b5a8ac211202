"""The folder that a bench works in."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from demo import postgres_home, processes


@contextmanager
def bench_home() -> Iterator[Path]:
    """A folder for a Postgres in `postgres` and for Airflow; it is gone at the end, with all processes left behind."""
    home = Path(tempfile.mkdtemp(prefix="psa-bench-"))
    home.chmod(0o711)  # Postgres has an account of its own where it may not run as root
    try:
        yield home
    finally:
        processes.collect_orphans()
        postgres_home.remove(home / "postgres")
        shutil.rmtree(home, ignore_errors=True)
