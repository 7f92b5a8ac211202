"""Every vendor's package has the modules that simulator/README.md lists, and no others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from simulator.server import VENDORS

ROOT = Path(__file__).parents[2] / "simulator"


def table(name: str) -> list[list[str]]:
    """The cells of the rows of a table in the README."""
    text = (ROOT / "README.md").read_text(encoding="utf-8").partition(f"<!-- modules: {name} -->\n")[2]
    lines = text.partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def modules(cell: str) -> set[str]:
    return set(re.findall(r"`(\w+)`", cell))


REQUIRED = set().union(*(modules(row[0]) for row in table("required")))
OPTIONAL = {
    vendor: set().union(*(modules(row[0]) for row in table("optional") if vendor in modules(row[1])))
    for vendor in VENDORS
}


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_vendor_has_the_required_modules_and_its_optional_ones(vendor: str) -> None:
    assert {file.stem for file in (ROOT / vendor).iterdir() if file.suffix == ".py"} == REQUIRED | OPTIONAL[vendor]


def test_the_readme_names_every_shared_module() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8").partition("## One vendor")[0]
    assert modules(text) == {file.stem for file in ROOT.glob("*.py")} - {"__init__", "__main__"}


def test_the_templates_for_a_new_vendor_are_the_required_modules() -> None:
    templates = ROOT.parent / "include/tools/templates/simulator/NAME"
    assert {file.name.partition(".")[0] for file in templates.iterdir()} == REQUIRED
