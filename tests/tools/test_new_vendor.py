"""The files of a new vendor: they load, and the tests accept them as far as they go."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import pytest

from include.connectors import NAMES
from include.model.tables import TABLES
from include.model.tickets import Ticket
from include.tools import new_vendor

ROOT = Path(__file__).parent.parent.parent
NAME, TITLE = "example_psa", "Example PSA"
# What is no part of the repository, or too large to be copied for nothing.
LEFT_OUT = (".git", ".venv", ".demo", "*_cache", "__pycache__", "images")
TRIED = (
    "tests/test_architecture.py",
    "tests/test_contributing.py",
    f"tests/connectors/{NAME}",
    "tests/simulator/test_layout.py",
    f"tests/simulator/{NAME}",
    "tests/contract/test_sync.py",
    "tests/contract/test_tickets.py",
)
# Nothing about the other vendors, no test that starts Airflow for each vendor, and of the contract no test that differs
# from others in a filter or a text only.
CHOSEN = f"not ({' or '.join(('parsing', 'finds_what', 'cannot_leave', *NAMES))})"
SENTENCE = "NotImplementedError: Not written yet: see "
# Outside the contract: a vendor has too few lines while its author has written none, and its simulator refuses no one.
NOT_YET = {
    f"test_a_vendor_has_about_as_many_lines_as_it_says[{NAME}]": "assert 5000 <= ",
    "test_a_request_without_credentials_is_refused": SENTENCE,
}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository in which a sixth vendor has just been written."""
    copy = tmp_path_factory.mktemp("checkout") / "copy"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*LEFT_OUT))
    assert new_vendor.main([NAME, "--title", TITLE, "--into", str(copy)]) == 0
    return copy


def python(checkout: Path, *arguments: str) -> str:
    """What a command says in the checkout; it must succeed."""
    done = run(checkout, arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def run(checkout: Path, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment["AIRFLOW__CORE__DAGS_FOLDER"] = str(checkout / "dags")
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)


def modules(name: str, title: str) -> dict[str, str]:
    return {path.as_posix(): text for path, text in new_vendor.files(name, title).items() if path.suffix == ".py"}


def test_the_new_files_are_typed(checkout: Path) -> None:
    # Without the libraries' own types, which are most of what mypy would read.
    quick = ("--cache-dir", os.devnull, "--follow-imports", "silent", "--no-site-packages", "--ignore-missing-imports")
    python(checkout, "-m", "mypy", *quick, *modules(NAME, TITLE))


@pytest.mark.parametrize(
    ("name", "title"), [(NAME, TITLE), ("a", "A"), ("zz_the_longest_name_", "The longest title there can be")]
)
def test_the_new_files_are_formatted_whatever_the_name_is(tmp_path: Path, name: str, title: str) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for path, text in modules(name, title).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    ours = 'lint.isort.known-first-party = ["include", "simulator", "tests"]'  # the rest of them is not in this folder
    python(tmp_path, "-m", "ruff", "check", "--no-cache", "--config", ours)
    python(tmp_path, "-m", "ruff", "format", "--no-cache", "--check")


def test_the_connector_loads_with_every_column_listed_as_not_mapped_yet(checkout: Path) -> None:
    program = (
        f"from include import connectors; one = connectors.load({NAME!r}); print(one.title);"
        "print(*[f'{s.table}.{name}' for s in one.streams for name in s.columns], sep='\\n');"
        "print(*[f'ticket.{name}' for name in one.tickets.columns], sep='\\n')"
    )
    title, *columns = python(checkout, "-c", program).splitlines()
    expected = [f"{table.name}.{name}" for table in TABLES for name in ("source_id", *table.facts)]
    assert title == TITLE
    assert columns == expected + [f"ticket.{name}" for name in Ticket.__dataclass_fields__]
    files = [checkout / f"include/connectors/{NAME}/{module}.py" for module in ("columns", "ticket_columns")]
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    assert sum(line.endswith(': not_available("not mapped yet"),') for line in lines) == len(columns)


def test_the_dag_file_makes_a_dag(checkout: Path) -> None:
    program = f"import runpy; print(runpy.run_path('dags/psa_{NAME}.py')['dag'].dag_id)"
    assert python(checkout, "-c", program).splitlines()[-1] == f"psa_{NAME}"


def test_the_generated_parts_are_complete_after_one_command(checkout: Path) -> None:
    assert f"docs/{NAME}.md was rewritten." in python(checkout, "-m", "include.tools.pages")
    assert python(checkout, "-m", "include.tools.pages", "--check") == ""
    assert f"[{TITLE}](docs/{NAME}.md)" in (checkout / "README.md").read_text(encoding="utf-8")


def test_the_tests_accept_the_new_vendor_as_far_as_it_goes(checkout: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    said = run(checkout, ["-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", "-k", CHOSEN, *TRIED])
    assert report.exists(), said.stdout + said.stderr
    contract: dict[str, str] = {}
    others: dict[str, str] = {}
    for case in ElementTree.parse(report).getroot().iter("testcase"):  # noqa: S314 - pytest has just written it
        outcome = contract if case.attrib["classname"].startswith("tests.contract.") else others
        outcome[case.attrib["name"]] = next(
            (bad.attrib["message"] for bad in case if bad.tag in ("failure", "error")), ""
        )
    assert {name: message[: len(NOT_YET.get(name, ""))] for name, message in others.items() if message} == NOT_YET
    assert {message[: len(SENTENCE)] for message in contract.values()} == {SENTENCE}
    assert len(contract) > 15


def test_the_next_steps_are_those_of_the_guide_for_this_vendor() -> None:
    steps = new_vendor.next_steps((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), NAME)
    assert re.findall(r"^\d\. \*\*(.+?)\*\*", steps, re.MULTILINE) == [
        "The simulator",
        "The truth",
        "The connector",
        "The page",
        "The tests",
        "The DAG",
    ]
    assert f"`simulator/{NAME}/`" in steps
    assert "<vendor>" not in steps
    assert "include.tools.new_vendor" not in steps
    assert steps.endswith("for the page.")


@pytest.mark.parametrize(
    ("name", "title", "said"),
    [
        ("syncro", "Syncro", "there already is a vendor 'syncro'."),
        ("common", "Common", "there already is include/connectors/common, take another name."),
        ("contract", "Contract", "there already is include/connectors/contract.py, take another name."),
        ("warehouse", "Warehouse", "there already is docs/warehouse.md, take another name."),
        ("Acme", "Acme", "'Acme' cannot be the name of a module"),
        ("import", "Import", "'import' cannot be the name of a module"),
        ("../acme", "Acme", "'../acme' cannot be the name of a module"),
        ("acme", 'Acme "PSA"', "'Acme \"PSA\"' cannot be a title"),
    ],
)
def test_a_name_that_cannot_be_a_vendors_is_refused_with_the_reason(
    capsys: pytest.CaptureFixture[str], name: str, title: str, said: str
) -> None:
    assert new_vendor.main([name, "--title", title]) == 1
    assert capsys.readouterr().err.startswith(f"Nothing was written: {said}")


def test_outside_a_checkout_nothing_is_written(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    shutil.copytree(ROOT / "include/connectors", tmp_path / "include/connectors")
    before = sorted(tmp_path.rglob("*"))
    assert new_vendor.main([NAME, "--into", str(tmp_path)]) == 1
    assert "is not a checkout of this project, it has no CONTRIBUTING.md." in capsys.readouterr().err
    assert sorted(tmp_path.rglob("*")) == before


def test_a_second_time_is_refused(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert new_vendor.main([NAME, "--into", str(checkout)]) == 1
    assert "already" in capsys.readouterr().err
