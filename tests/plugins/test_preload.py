"""What the scheduler imports ahead for the tasks that are copies of it, and when a task drops it again."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

# The process of a scheduler. Its copies, the tasks, hear of a TaskRunnerMarker.
PROCESS = """
import os, sys
import include.connectors
import psa_preload
from airflow.jobs.job import Job

class TaskRunnerMarker: pass

def state():
    return "ahead" if "include.sync.extract" in sys.modules else "not ahead"

psa_preload.on_starting(Job.__new__(Job))
seen = [state()]
for changed in ("", sys.argv[2]):
    if changed:
        os.utime(changed, (0, 0))
    psa_preload.on_starting(TaskRunnerMarker())
    seen.append(state())
print("; ".join(seen))
"""

# The process of a scheduler, which says what it has not imported of that which tasks import.
NOT_AHEAD = """
import sys
import psa_preload
from airflow.jobs.job import Job

psa_preload.on_starting(Job.__new__(Job))
print([name for name in sys.argv[2:] if name not in sys.modules])
"""


def states(folder: Path, component: str, executor: str = "LocalExecutor") -> list[str]:
    """Whether the sync is imported: after the component's start, in a task, and in a task after a file has changed."""
    shutil.copytree(ROOT / "include", folder / "include", ignore=shutil.ignore_patterns("__pycache__"))
    said = last_line(PROCESS, component, str(folder / "include" / "sync" / "load.py"), root=folder, executor=executor)
    return said.split("; ")


def last_line(program: str, *arguments: str, root: Path, executor: str) -> str:
    """What it prints at last."""
    environment = {
        **os.environ,
        "PYTHONPATH": f"{root}{os.pathsep}{ROOT / 'plugins'}",
        "AIRFLOW__CORE__EXECUTOR": executor,
    }
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, env=environment, cwd=root, capture_output=True, text=True, check=True, timeout=120)
    return done.stdout.splitlines()[-1]


def test_a_scheduler_imports_the_sync_ahead_until_a_file_of_it_has_changed(tmp_path: Path) -> None:
    assert states(tmp_path, "scheduler") == ["ahead", "ahead", "not ahead"]


def test_other_components_and_executors_on_other_machines_import_nothing_ahead(tmp_path: Path) -> None:
    assert states(tmp_path / "one", "dag-processor") == ["not ahead"] * 3
    assert states(tmp_path / "two", "scheduler", "CeleryExecutor") == ["not ahead"] * 3


def test_all_that_tasks_import_is_imported_ahead() -> None:
    files = [ROOT / "include" / "dag_factory" / name for name in ("operators.py", "decide.py")]
    imports = re.compile(r"^ {8}from (include\S+) import ", re.MULTILINE)  # in the body of a task
    used = {name for file in files for name in imports.findall(file.read_text(encoding="utf-8"))}
    assert "include.sync.extract" in used
    assert last_line(NOT_AHEAD, "scheduler", *sorted(used), root=ROOT, executor="LocalExecutor") == "[]"
