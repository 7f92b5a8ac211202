"""A real PgBouncer in front of a test's Postgres, with a pool for each mode."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from demo import postgres_home
from demo.ports import ADDRESS, free_port

PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
START_SECONDS = 10
# Pools to one database, by name. The second one has a single session for all clients.
POOLS = {
    "transaction": "pool_mode=transaction pool_size=5",
    "one_session": "pool_mode=transaction pool_size=1",
    "statement": "pool_mode=statement pool_size=5",
    "session": "pool_mode=session pool_size=20",
}


@dataclass(frozen=True)
class PgBouncer:
    """A pooler that runs."""

    port: int

    def dsn(self, pool: str) -> str:
        """The address of one of POOLS."""
        return make_conninfo(host=ADDRESS, port=self.port, dbname=pool, user="anyone", password="any")


@contextmanager
def pgbouncer(dsn: str) -> Iterator[PgBouncer]:
    """PgBouncer in front of the database at `dsn`, to which it logs in by itself."""
    assert PROGRAM
    account, port = postgres_home.stand_in(), free_port(0)  # like Postgres, it refuses to run as root
    with tempfile.TemporaryDirectory(prefix="psa-pgbouncer-") as folder:
        config = Path(folder, "pgbouncer.ini")
        config.write_text(_config(dsn, port), encoding="utf-8")
        if account:
            os.chown(folder, account.uid, account.gid)
            os.chown(config, account.uid, account.gid)
        ids = (account.uid, account.gid) if account else (None, None)
        with subprocess.Popen(
            [PROGRAM, str(config)],
            user=ids[0],
            group=ids[1],
            extra_groups=[] if account else None,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            try:
                running = PgBouncer(port)
                _wait_until_ready(running)
                yield running
            finally:
                process.kill()


def _config(dsn: str, port: int) -> str:
    server = conninfo_to_dict(dsn)
    target = " ".join(f"{name}={server[name]}" for name in ("host", "port", "dbname", "user", "password"))
    pools = "\n".join(f"{name} = {target} {mode}" for name, mode in POOLS.items())
    return (
        f"[databases]\n{pools}\n[pgbouncer]\nlisten_addr = {ADDRESS}\nlisten_port = {port}\nauth_type = any\n"
        "unix_socket_dir =\n"
    )


def _wait_until_ready(running: PgBouncer) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        with suppress(psycopg.OperationalError), psycopg.connect(running.dsn("session")):
            return
        time.sleep(0.02)
    raise AssertionError(f"PgBouncer was not ready after {START_SECONDS} s.")
