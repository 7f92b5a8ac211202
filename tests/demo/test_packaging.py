"""The lock: made from the requirements files, and good on any machine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from include.warehouse.schema import OLDEST_SERVER

PROJECT = Path(__file__).parent.parent.parent
LOCK = (PROJECT / "requirements.lock").read_text(encoding="utf-8")


def names(file: str) -> list[tuple[str, str]]:
    """Name and, where the file pins one, version."""
    text = (PROJECT / file).read_text(encoding="utf-8")
    return re.findall(r"^([a-z][a-z0-9-]*)(?:==([\w.]+))?", text, re.MULTILINE)


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_the_lock_has_every_requirement_in_the_version_asked_for(file: str) -> None:
    for name, version in names(file):
        assert re.search(rf"^{name}=={re.escape(version) or '.*'}( |$)", LOCK, re.MULTILINE), f"make lock: {name}"


def test_every_package_has_one_version_for_all_pythons() -> None:
    locked = [name for name, _ in names("requirements.lock")]
    assert len(locked) == len(set(locked))


def test_the_lock_knows_no_machine() -> None:
    assert not re.search(r"://|file:|--index|--extra-index|--find-links|(^|\s)/", LOCK, re.MULTILINE)


def test_the_oldest_promised_postgres_is_the_one_that_is_tested() -> None:
    tested = re.search(r"^OLDEST_POSTGRES := (\d+)$", (PROJECT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert tested
    assert int(tested[1]) == OLDEST_SERVER // 10000
    for page in ("README.md", "docs/installing.md"):
        assert f"Postgres {tested[1]} or later" in (PROJECT / page).read_text(encoding="utf-8")
