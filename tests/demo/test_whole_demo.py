"""`make demo ONCE=1`, for real, in a copy of the project."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.ports import free_port
from demo.processes import marked

PROJECT = Path(__file__).parent.parent.parent
PARTS = ("dags", "demo", "include", "plugins", "simulator")


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Path]:
    """So that a demo that runs in this checkout keeps its port, its data and its peace."""
    for part in PARTS:
        if (PROJECT / part).exists():
            shutil.copytree(PROJECT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT / "airflow_settings.yaml", tmp_path)
    yield tmp_path
    subprocess.run([sys.executable, "-m", "demo.clean"], cwd=tmp_path, check=True)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_the_demo_ends_green_and_leaves_no_process(copy: Path) -> None:
    environment = {**os.environ, "ONCE": "1", "COMPANIES": "10", "PORT": str(free_port())}
    finished = subprocess.run(
        [sys.executable, "-m", "demo"], cwd=copy, env=environment, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert finished.stdout.count("GREEN in ") == len(list((copy / "dags").glob("psa_*.py")))
    assert marked(copy / ".demo") == []
