"""The embedded Postgres: what it survives, and whom it lets in."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from typing_extensions import LiteralString

from demo import postgres_home
from demo.errors import DemoError
from demo.postgres import EmbeddedPostgres


@pytest.fixture
def home() -> Iterator[Path]:
    """Long, and with a space: both have broken Postgres wrappers before."""
    parent = Path(tempfile.mkdtemp(prefix="psa-postgres-"))
    parent.chmod(0o711)
    home = parent / f"a home, {'very ' * 20}long"
    yield home
    if home.exists():
        server(home).stop()
        postgres_home.remove(home)
    shutil.rmtree(parent)


def server(home: Path, port: int = 0) -> EmbeddedPostgres:
    return EmbeddedPostgres(home, port=port, durable=False)


def processes_in(home: Path) -> list[psutil.Process]:
    data = str(home.resolve() / "data")
    return [process for process in psutil.process_iter(["cwd"]) if process.info["cwd"] == data]


def execute(postgres: EmbeddedPostgres, statement: LiteralString) -> list[tuple[object, ...]]:
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def test_nobody_gets_in_without_the_password(home: Path) -> None:
    with server(home) as postgres, pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(postgres.url(password="guessed"))


def test_it_listens_on_the_loopback_address_only(home: Path) -> None:
    with server(home) as postgres:
        listening = [
            (connection.laddr.ip, connection.laddr.port)
            for process in processes_in(home)
            for connection in process.net_connections("all")
            if connection.status == psutil.CONN_LISTEN
        ]
        assert listening == [("127.0.0.1", postgres.port)]


def test_a_restart_keeps_the_data_and_the_password(home: Path) -> None:
    with server(home) as first:
        password = first.password
        execute(first, "CREATE TABLE kept AS SELECT 7 AS n")
    with server(home) as second:
        assert execute(second, "SELECT n FROM kept") == [(7,)]
        assert second.password == password


def test_stopping_leaves_no_process(home: Path) -> None:
    with server(home):
        assert processes_in(home)
    assert processes_in(home) == []


def test_stopping_does_not_wait_for_clients(home: Path) -> None:
    postgres = server(home)
    postgres.start()
    with psycopg.connect(postgres.url()) as client:
        postgres.stop()
        with pytest.raises(psycopg.OperationalError):
            client.execute("SELECT 1")


def test_a_lock_file_that_names_a_foreign_process_is_stale(home: Path) -> None:
    """Numbers are used again: after a crash, that of the server may belong to anything the same account runs."""
    with server(home):
        pass
    lent = postgres_home.stand_in()
    with subprocess.Popen(["sleep", "1000"], user=lent.uid if lent else None) as foreign:
        try:
            (home / "data" / "postmaster.pid").write_text(f"{foreign.pid}\n{home / 'data'}\n", encoding="utf-8")
            with server(home) as postgres:
                assert execute(postgres, "SELECT 1") == [(1,)]
            assert foreign.poll() is None
        finally:
            foreign.kill()


def test_a_server_that_a_killed_owner_left_behind_is_replaced(home: Path) -> None:
    killed = server(home)
    killed.start()
    left = {process.pid for process in processes_in(home)}
    with server(home) as postgres:
        assert execute(postgres, "SELECT 1") == [(1,)]
        assert left.isdisjoint(process.pid for process in processes_in(home))
    killed.stop()


def test_a_busy_port_is_exchanged_for_a_free_one(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, server(home, port=taken.getsockname()[1]) as postgres:
        assert postgres.port != taken.getsockname()[1]
        assert execute(postgres, "SELECT 1") == [(1,)]


def test_a_first_start_that_was_cut_off_is_begun_anew(home: Path) -> None:
    postgres = server(home)
    (home / "data.unfinished").mkdir()
    (home / "data.unfinished" / "PG_VERSION").write_text("16\n", encoding="ascii")
    with postgres:
        assert execute(postgres, "SELECT 1") == [(1,)]


def test_data_of_another_version_is_refused_in_plain_words(home: Path) -> None:
    postgres = server(home)
    (home / "data").mkdir()
    (home / "data" / "PG_VERSION").write_text("14\n", encoding="ascii")
    with pytest.raises(DemoError, match="holds the data of Postgres 14, this is 16"):
        postgres.start()


def test_a_version_that_is_nowhere_is_refused_in_plain_words(home: Path) -> None:
    with pytest.raises(DemoError, match="brings Postgres 16 and 18, not 9, and /usr/lib/postgresql/9/bin has no other"):
        EmbeddedPostgres(home, version=9)


def test_the_log_says_why_a_start_failed(home: Path) -> None:
    with server(home) as postgres:
        execute(postgres, "ALTER SYSTEM SET shared_preload_libraries = 'no_such_library'")
    with pytest.raises(DemoError, match="no_such_library"):
        server(home).start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends Postgres another account")
def test_a_home_the_lent_account_cannot_reach_moves_and_no_folder_is_opened_up(home: Path) -> None:
    home.parent.chmod(0o700)
    with server(home) as postgres:
        assert execute(postgres, "SELECT 1") == [(1,)]
        assert home.is_symlink()
        assert home.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_home_that_belongs_to_somebody_else_is_refused(home: Path) -> None:
    home.mkdir()
    os.chown(home, 12345, 12345)
    with pytest.raises(DemoError, match="belongs to the account with the id 12345"):
        server(home)
    home.rmdir()
