"""The DAG files elsewhere: as a bundle in an Airflow that has nothing of us on its path, and in an older Airflow."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from include import connectors

ROOT = Path(__file__).parent.parent.parent
# In a process of its own: this one has `include` on its path.
READ = """
import json, sys, warnings
from pathlib import Path
warnings.simplefilter("ignore")
from airflow.dag_processing.dagbag import BundleDagBag
root = Path(sys.argv[1])
bag = BundleDagBag(dag_folder=str(root), bundle_path=root, bundle_name="psa")
print(json.dumps([sorted(bag.file_last_changed), sorted(bag.dags), bag.import_errors]))
"""


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout, as a link to each file of the repository's root; a virtual environment may be among them."""
    root = tmp_path_factory.mktemp("bundle")
    for place in ROOT.iterdir():
        if place.name not in (".git", ".venv"):
            (root / place.name).symlink_to(place)
    stranger = root / ".venv" / "lib" / "airflow_dag.py"
    stranger.parent.mkdir(parents=True)
    stranger.write_text("raise RuntimeError('an Airflow DAG file of an installed package')\n", encoding="utf-8")
    return root


def test_airflow_reads_the_dag_files_and_nothing_else_and_each_finds_include(bundle: Path, tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    program = [sys.executable, "-c", READ, str(bundle)]
    done = subprocess.run(program, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    files, dags, errors = json.loads(done.stdout.splitlines()[-1])
    names = [f"psa_{vendor}" for vendor in sorted(connectors.NAMES)]
    assert files == [str(bundle / "dags" / f"{name}.py") for name in names]
    assert (dags, errors) == (names, {})


# What these releases of Airflow have of the names that a DAG of ours needs.
OLDER = {"2.11.2": (), "3.2.2": ("DAG", "Asset", "Param", "TriggerRule", "task", "task_group")}


@pytest.mark.parametrize("version", OLDER)
def test_an_older_airflow_is_named_with_the_version_that_is_needed(tmp_path: Path, version: str) -> None:
    package = tmp_path / "airflow"
    package.mkdir()
    (package / "__init__.py").write_text(f"__version__ = {version!r}\n", encoding="utf-8")
    if names := OLDER[version]:
        (package / "sdk.py").write_text("".join(f"{name} = None\n" for name in names), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}
    program = [sys.executable, str(ROOT / "dags" / "psa_syncro.py")]
    done = subprocess.run(program, env=environment, capture_output=True, text=True, check=False)
    last = done.stderr.splitlines()[-1]
    assert last == f"ImportError: PSA Sync needs Airflow 3.3 or later, and found Airflow {version}."
