"""A path of an older release fails with a message that names the new one; modules of an installation still import."""

from __future__ import annotations

import importlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

import include

ROOT = Path(__file__).parent.parent
# What docs/installing.md tells an installation to write into an `include/__init__.py` that comes first on the path.
EXTENDED = "from pkgutil import extend_path\n\n__path__ = extend_path(__path__, __name__)\n"


@pytest.mark.parametrize("old", include.MOVED)
def test_a_moved_module_names_its_new_place(old: str) -> None:
    new = include.MOVED[old]
    with pytest.raises(ModuleNotFoundError, match=rf"^{old} is now {new}: see CHANGELOG 0\.4\.0\.$"):
        importlib.import_module(old)
    assert importlib.util.find_spec(new) is not None


def test_importing_a_moved_module_from_its_old_package_names_its_new_place() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"include\.errors is now include\.model\.errors"):
        exec("from include import errors")  # noqa: S102 - as an installation would write it


def test_what_was_a_module_of_a_moved_package_names_the_new_package() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"include\.live is now include\.tickets"):
        importlib.import_module("include.live.service")


@pytest.mark.parametrize("old", ["include.setup", "include.simulator", "include.docs"])
def test_a_moved_command_names_the_new_one(old: str) -> None:
    done = subprocess.run([sys.executable, "-m", old], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"{old} is now {include.MOVED[old]}: see CHANGELOG 0.4.0." in done.stderr


def test_a_module_that_never_was_is_not_found_as_usual() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"^No module named 'include\.nothing'$"):
        importlib.import_module("include.nothing")


@pytest.mark.parametrize(
    ("init", "ours_first"), [(None, True), (None, False), ("", True), (EXTENDED, True), (EXTENDED, False)]
)
def test_an_include_folder_of_the_installation_and_ours_are_importable_together(
    tmp_path: Path, init: str | None, ours_first: bool
) -> None:
    own = tmp_path / "include"
    own.mkdir()
    if init is not None:
        (own / "__init__.py").write_text(init, encoding="utf-8")
    (own / "own_module.py").write_text("ANSWER = 42\n", encoding="utf-8")
    code = "from include.own_module import ANSWER; from include.model.version import __version__; print(ANSWER)"
    path = [str(ROOT), str(tmp_path)] if ours_first else [str(tmp_path), str(ROOT)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path)}
    done = subprocess.run([sys.executable, "-c", code], cwd=own, env=environment, capture_output=True, check=False)
    assert done.stdout.decode().strip() == "42", done.stderr
