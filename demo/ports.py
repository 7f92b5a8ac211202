"""Ports on this machine: which are free, and which program uses one that is not."""

from __future__ import annotations

import socket
from contextlib import suppress

import psutil

from demo.errors import DemoError

ADDRESS = "127.0.0.1"


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port that was just closed counts as free
        with suppress(OSError):
            probe.bind((ADDRESS, port))
            return True
    return False


def free_port(wanted: int = 0) -> int:
    """The wanted port if it is free, else any free port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((ADDRESS, wanted if is_free(wanted) else 0))
        return int(probe.getsockname()[1])


def insist_on(port: int) -> None:
    """Raises DemoError if a port that a person chose is taken."""
    if not is_free(port):
        another = next((near for near in range(port + 1, port + 100) if is_free(near)), free_port())
        raise DemoError(
            f"Port {port}, for Airflow's pages, is taken by {_holder(port)}."
            f"\nChoose another one: PORT={another} make demo"
        )


def _holder(port: int) -> str:
    """The program that listens there, as far as the system shows it."""
    with suppress(psutil.AccessDenied, psutil.NoSuchProcess):
        for connection in psutil.net_connections("tcp"):
            at = getattr(connection.laddr, "port", None)
            if at == port and connection.pid and connection.status == psutil.CONN_LISTEN:
                return f"process {connection.pid}, {psutil.Process(connection.pid).name()}"
    return "another program"
