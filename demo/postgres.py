"""A real Postgres in a folder: started from a wheel's programs, on 127.0.0.1 only, behind a generated password."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO
from urllib.parse import quote

import psutil

from demo import postgres_home
from demo.errors import DemoError
from demo.ports import ADDRESS, free_port
from demo.processes import kill, wait_until_gone

SUPERUSER = "postgres"
START_SECONDS = 60
FAST_SHUTDOWN_SECONDS = 20
IMMEDIATE_SHUTDOWN_SECONDS = 5
BIND_ATTEMPTS = 5

SETTINGS = {
    "listen_addresses": ADDRESS,
    "unix_socket_directories": "",  # every login needs the password, and no path is too long for a socket
    "shared_buffers": "64MB",
    "max_connections": "100",
    "max_wal_senders": "0",
    "wal_level": "minimal",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class EmbeddedPostgres:
    """One server in one folder. Starting it first ends a server that a killed process left running there."""

    def __init__(self, home: Path, *, port: int = 0, version: int = 16, durable: bool = True) -> None:
        """If `port` is taken or 0, another one is used. Not `durable` is faster, but loses data in a power cut."""
        self.port = port
        self._version = version
        self._settings = SETTINGS if durable else {**SETTINGS, **NOT_DURABLE}
        self._durable = durable
        self._account = postgres_home.stand_in()
        self._home = postgres_home.settle(home, self._account)
        self._programs = postgres_home.programs(version, self._home, self._account)
        self._data = self._home / "data"
        self._server: psutil.Popen | None = None

    @property
    def log(self) -> Path:
        return self._home / "postgres.log"

    @property
    def psql(self) -> Path:
        return self._programs / "psql"

    @property
    def password(self) -> str:
        return self._password_file.read_text(encoding="ascii").strip()

    def url(self, database: str = "postgres", *, user: str = SUPERUSER, password: str | None = None) -> str:
        """A URL for libpq and SQLAlchemy; without arguments, the superuser's."""
        secret = self.password if password is None else password
        return f"postgresql://{quote(user, safe='')}:{quote(secret, safe='')}@{ADDRESS}:{self.port}/{database}"

    def start(self) -> None:
        self.stop()
        (self._data / "postmaster.pid").unlink(missing_ok=True)  # no server runs here any more
        self._initialise()
        for _ in range(BIND_ATTEMPTS):
            self.port = free_port(self.port)
            if self._launch():
                return
        raise DemoError(f"Postgres found no free port on {ADDRESS} in {BIND_ATTEMPTS} attempts.")

    def stop(self) -> None:
        """Stops every server that runs in this data folder, whichever process started it."""
        running = _servers_in(self._data)
        numbers = {process.pid for process in running}
        for process in running:
            if process.info["ppid"] not in numbers:
                _shut_down(process)
        if self._server is not None:
            self._server.wait()
            self._server = None

    def __enter__(self) -> EmbeddedPostgres:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _initialise(self) -> None:
        """Creates the data folder under another name first, so that a killed start leaves no half of a database."""
        if self._data.exists():
            found = (self._data / "PG_VERSION").read_text(encoding="ascii").strip()
            if found != str(self._version):
                raise DemoError(f"{self._home} holds the data of Postgres {found}, this is {self._version}.")
            return
        unfinished = self._home / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        self._write_password()
        options = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", f"--username={SUPERUSER}"]
        if not self._durable:
            options.append("--no-sync")
        with self.log.open("wb") as log:
            initdb = self._run("initdb", "-D", str(unfinished), f"--pwfile={self._password_file}", *options, log=log)
            if initdb.wait() != 0:
                raise DemoError(f"Postgres could not create its data folder:\n{self._log_end()}")
        unfinished.rename(self._data)

    def _write_password(self) -> None:
        self._password_file.unlink(missing_ok=True)
        self._password_file.touch(mode=0o600)
        self._password_file.write_text(secrets.token_urlsafe(24), encoding="ascii")
        if self._account is not None:
            os.chown(self._password_file, self._account.uid, self._account.gid)

    def _launch(self) -> bool:
        """False if another program took the port in the meantime."""
        settings = [word for name, value in self._settings.items() for word in ("-c", f"{name}={value}")]
        with self.log.open("wb") as log:
            self._server = self._run("postgres", "-D", str(self._data), "-p", str(self.port), *settings, log=log)
        deadline = time.monotonic() + START_SECONDS
        while not self._is_ready(self._server.pid):
            if self._server.poll() is not None:
                self._server = None
                if "Address already in use" in self._log_end():
                    return False
                raise DemoError(f"Postgres did not start. The end of {self.log}:\n{self._log_end()}")
            if time.monotonic() > deadline:
                self.stop()
                raise DemoError(f"Postgres was not ready after {START_SECONDS} seconds. Its log is {self.log}.")
            time.sleep(0.02)
        return True

    def _is_ready(self, pid: int) -> bool:
        """Postgres writes its state on the eighth line of its lock file."""
        try:
            lines = (self._data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return False
        return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"

    def _run(self, program: str, *arguments: str, log: IO[bytes]) -> psutil.Popen:
        """Runs outside our process group, so that Ctrl-C does not reach it, and without PG* variables."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        lent = self._account
        return psutil.Popen(
            [str(self._programs / program), *arguments],
            cwd=self._home,
            env={**environment, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            user=lent.uid if lent else None,
            group=lent.gid if lent else None,
            extra_groups=() if lent else None,
        )

    def _log_end(self) -> str:
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-10:])

    @property
    def _password_file(self) -> Path:
        return self._home / "password"


def _shut_down(postmaster: psutil.Process) -> None:
    """Fast shutdown (disconnects clients, writes data), then immediate shutdown, then kill."""
    workers: list[psutil.Process] = []
    with suppress(psutil.NoSuchProcess):
        workers = postmaster.children()
    for number, seconds in ((signal.SIGINT, FAST_SHUTDOWN_SECONDS), (signal.SIGQUIT, IMMEDIATE_SHUTDOWN_SECONDS)):
        with suppress(psutil.NoSuchProcess):
            postmaster.send_signal(number)
        if not wait_until_gone([postmaster, *workers], seconds=seconds):
            return
    kill([postmaster, *workers])


def _servers_in(data: Path) -> list[psutil.Process]:
    """Finds servers by their working directory, because process ids are reused."""
    found = []
    for process in psutil.process_iter(["name", "cwd", "ppid"]):
        if str(process.info["name"]).startswith("postgres") and process.info["cwd"] == str(data):
            found.append(process)
    return found
