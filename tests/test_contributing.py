"""CONTRIBUTING describes the repository as it is: its map, the modules of a connector, sizes, and what is linted."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml

from include import connectors

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
NO_FOLDERS = {"__pycache__", "static", "images", "templates"}


def section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def on_the_map() -> list[str]:
    return re.findall(r"^ {4}(\S+/\S*) +\S", section("The map"), re.MULTILINE)


def expanded(pattern: str) -> list[str]:
    """The paths that a line of the map stands for."""
    if "<vendor>" in pattern:
        return [pattern.replace("<vendor>", vendor) for vendor in connectors.NAMES]
    if "<package>" in pattern:
        packages = [*(one.parent.name for one in ROOT.glob("include/*/__init__.py")), "plugins", "demo", "simulator"]
        return [pattern.replace("<package>", name) for name in packages]
    return [pattern]


def folders(parent: Path) -> list[Path]:
    """The folders of the repository in which there are files."""
    found = [one for one in parent.iterdir() if one.is_dir() and one.name[0] != "." and one.name not in NO_FOLDERS]
    deeper = [below for one in found for below in folders(one)]
    return [one for one in found if any(file.is_file() for file in one.iterdir())] + deeper


def test_the_map_names_only_what_exists() -> None:
    assert [path for pattern in on_the_map() for path in expanded(pattern) if not (ROOT / path).exists()] == []


def test_the_map_names_every_folder() -> None:
    named = {path for pattern in on_the_map() for path in expanded(pattern)}
    existing = {f"{folder.relative_to(ROOT).as_posix()}/" for folder in folders(ROOT)}
    assert existing - named == set()


def test_the_steps_name_every_module_that_all_connectors_have() -> None:
    steps = section("Adding a vendor")
    modules = [{one.stem for one in (ROOT / "include/connectors" / name).glob("*.py")} for name in connectors.NAMES]
    assert [name for name in set.intersection(*modules) - {"__init__"} if f"`{name}`" not in steps] == []


@pytest.mark.parametrize("vendor", connectors.NAMES)
def test_a_vendor_has_about_as_many_lines_as_it_says(vendor: str) -> None:
    least, most = (
        int(figure.replace(",", "")) for figure in re.findall(r"between ([\d,]+) and ([\d,]+) lines", PAGE)[0]
    )
    parts = ("include/connectors/{}/*", "simulator/{}/*", "tests/*/{}/*", "tests/support/truth/{}.py", "docs/{}.md")
    files = [file for part in parts for file in ROOT.glob(part.format(vendor)) if fnmatch(file.name, "*.[pm]*")]
    assert least <= sum(file.read_text(encoding="utf-8").count("\n") for file in files if file.is_file()) <= most


def test_pre_commit_checks_what_make_lint_checks() -> None:
    rule = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\nlint:")[2].partition("\n\n")[0]
    commands = re.findall(r"^\t@\$\(BIN\)/(.+)$", rule, re.MULTILINE)
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"][0]["hooks"]
    assert [hook["entry"].removeprefix(".venv/bin/") for hook in hooks] == [
        command.removesuffix(" .") for command in commands
    ]


def test_the_glossary_is_in_alphabetical_order() -> None:
    words = re.findall(
        r"^\| (?!word|---)([^|]+) \|", (ROOT / "docs/glossary.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert words == sorted(words, key=str.lower)
    assert len(words) > 20
