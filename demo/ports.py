"""Ports on this machine: which are free, and who sits on one that is not."""

from __future__ import annotations

import socket
from contextlib import suppress

import psutil

from demo.errors import DemoError

ADDRESS = "127.0.0.1"


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port that was just left counts as free
        with suppress(OSError):
            probe.bind((ADDRESS, port))
            return True
    return False


def free_port(wish: int = 0) -> int:
    """The wish if it is free, else any port that is."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((ADDRESS, wish if is_free(wish) else 0))
        return int(probe.getsockname()[1])


def insist_on(port: int) -> None:
    """For the one port that a person knows and types."""
    if not is_free(port):
        another = next((near for near in range(port + 1, port + 100) if is_free(near)), free_port())
        raise DemoError(
            f"Port {port}, on which Airflow's pages would be, is taken by {_holder(port)}."
            f"\nChoose another one: PORT={another} make demo"
        )


def _holder(port: int) -> str:
    """Who listens there, as far as we may know."""
    with suppress(psutil.AccessDenied, psutil.NoSuchProcess):
        for connection in psutil.net_connections("tcp"):
            at = getattr(connection.laddr, "port", None)
            if at == port and connection.pid and connection.status == psutil.CONN_LISTEN:
                return f"process {connection.pid}, {psutil.Process(connection.pid).name()}"
    return "another program"
