"""What outlives one demo: the folder `.demo`, its lock, and the secrets that were made up for it."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from demo.errors import DemoError

COMPANIES = 100


@dataclass(frozen=True)
class Secrets:
    """Generated once; the data of a later demo can only be read with those of the first."""

    airflow_database: str
    warehouse_database: str
    login: str
    fernet_key: str
    signing_key: str


@dataclass(frozen=True)
class State:
    """The places inside the state folder."""

    folder: Path

    @property
    def airflow_home(self) -> Path:
        return self.folder / "airflow"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def postgres(self) -> Path:
        return self.folder / "postgres"

    def secrets(self) -> Secrets:
        file = self.folder / "secrets.json"
        if not file.exists():
            fresh = Secrets(
                airflow_database=secrets.token_urlsafe(24),
                warehouse_database=secrets.token_urlsafe(24),
                login=secrets.token_urlsafe(12),
                fernet_key=base64.urlsafe_b64encode(secrets.token_bytes(32)).decode("ascii"),
                signing_key=secrets.token_urlsafe(48),
            )
            write_privately(file, json.dumps(asdict(fresh), indent=2))
        return Secrets(**json.loads(file.read_text(encoding="utf-8")))

    def companies(self, wanted: int | None) -> int:
        """The size of the made-up MSP; one of another size is another MSP, whose rows the brake would hold back."""
        file = self.folder / "companies"
        if not file.exists():
            write_privately(file, str(wanted or COMPANIES))
        known = int(file.read_text(encoding="ascii"))
        if wanted not in (None, known):
            raise DemoError(
                f"The demo here holds an MSP with {known} companies; one with {wanted} would be another MSP.\n"
                f"Go on with this one: make demo. Start over: make clean && make demo COMPANIES={wanted}"
            )
        return known

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One demo per state folder; the lock goes with the process, however it ends."""
        with self._lock_file() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                raise DemoError(f"A demo is already running here (process {file.read().strip()}).") from None
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield

    def _lock_file(self) -> IO[str]:
        try:
            self.folder.mkdir(mode=0o711, exist_ok=True)  # entered, not listed: Postgres may run as another account
            return (self.folder / "lock").open("a+", encoding="ascii")
        except PermissionError:
            raise DemoError(
                f"{self.folder} cannot be written to. Was the first demo here started by another user, perhaps root?"
            ) from None


def write_privately(file: Path, text: str) -> None:
    """Never readable by others, not even for the moment before a chmod; all of it or nothing."""
    unfinished = file.with_name(file.name + ".unfinished")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(file)
