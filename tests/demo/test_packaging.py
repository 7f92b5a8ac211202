"""The requirements, the lock that is made from them, and the files that an Astro project has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from include.warehouse.session import OLDEST_SERVER

PROJECT = Path(__file__).parent.parent.parent
LOCK = (PROJECT / "requirements.lock").read_text(encoding="utf-8")
LOCKED = re.findall(r"^([a-z0-9][a-z0-9-]*)==([\w.]+)", LOCK, re.MULTILINE)
INSTALLED = {"dags", "include", "plugins"}


def lines(file: str) -> list[str]:
    """What stands in the file, without comments."""
    text = (PROJECT / file).read_text(encoding="utf-8")
    return [line for line in (re.sub(r"(^|\s)#.*", "", line).strip() for line in text.splitlines()) if line]


def requirements(file: str) -> list[Requirement]:
    return [Requirement(line) for line in lines(file) if not line.startswith("-")]


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_the_lock_has_every_requirement_in_a_version_that_it_allows(file: str) -> None:
    versions = dict(LOCKED)
    asked = {one.name: one.specifier for one in requirements(file)}
    assert [name for name, allowed in asked.items() if not allowed.contains(versions.get(name, "0"))] == [], "make lock"


def test_an_installation_is_asked_for_lowest_versions_and_for_no_exact_one() -> None:
    asked = {one.name: one.specifier for one in requirements("requirements.txt")}
    needed = {
        "apache-airflow",
        "apache-airflow-providers-http",
        "apache-airflow-providers-postgres",
        "requests",
        "pytest",
    }
    assert needed <= asked.keys()
    for name, allowed in asked.items():
        operators = [one.operator for one in allowed]
        assert operators.count(">=") == 1 and set(operators) <= {">=", "<"}, name


def test_the_image_of_an_astro_project_has_airflow_3_3_and_only_what_an_installation_needs() -> None:
    assert [line for line in lines("Dockerfile") if re.fullmatch(r"FROM \S+/runtime:3\.3-\d+", line)]
    assert lines("packages.txt") == []
    left_out = {line.rstrip("/") for line in lines(".dockerignore")}
    assert left_out >= {folder.name for folder in packages() if folder.name not in INSTALLED} | {".*"}
    assert not left_out & {*INSTALLED, "requirements.txt", "packages.txt"}
    assert "airflow_settings.yaml" in left_out


def packages() -> list[Path]:
    """The folders with code."""
    return [folder for folder in PROJECT.iterdir() if folder.name[0] != "." and [*folder.glob("*.py")]]


def test_every_package_has_one_version_for_all_pythons() -> None:
    names = [name for name, _ in LOCKED]
    assert len(names) == len(set(names))


def test_the_lock_knows_no_machine() -> None:
    assert not re.search(r"://|file:|--index|--extra-index|--find-links|(^|\s)/", LOCK, re.MULTILINE)


def test_the_oldest_promised_postgres_is_the_one_that_is_tested() -> None:
    tested = re.search(r"^OLDEST_POSTGRES := (\d+)$", (PROJECT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert tested
    assert int(tested[1]) == OLDEST_SERVER // 10000
    for page in ("README.md", "docs/installing.md"):
        assert f"Postgres {tested[1]} or later" in (PROJECT / page).read_text(encoding="utf-8")
