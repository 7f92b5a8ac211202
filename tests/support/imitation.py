"""A server that knows of Postgres' protocol no more than the login, and claims to be of some version."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

SSL_REQUEST = 80877103
READY = b"Z\0\0\0\5I"


@contextmanager
def imitation(version: str) -> Iterator[str]:
    """The address of one."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_serve, args=(server, version))
        thread.start()
        try:
            yield f"postgresql://any:any@127.0.0.1:{server.getsockname()[1]}/any"
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def _serve(server: socket.socket, version: str) -> None:
    with suppress(OSError):
        while True:
            client, _ = server.accept()
            with client:
                _log_in(client, version)
                while client.recv(1024):  # whatever comes next is "done"
                    client.sendall(_message(b"C", b"SET\0") + READY)


def _log_in(client: socket.socket, version: str) -> None:
    while _startup_code(client) == SSL_REQUEST:
        client.sendall(b"N")
    values = {"server_version": version, "client_encoding": "UTF8", "standard_conforming_strings": "on"}
    parameters = [_message(b"S", f"{name}\0{value}\0".encode()) for name, value in values.items()]
    key = _message(b"K", struct.pack("!ii", 4711, 0))
    client.sendall(_message(b"R", struct.pack("!i", 0)) + b"".join(parameters) + key + READY)


def _startup_code(client: socket.socket) -> int:
    length, code = struct.unpack("!ii", client.recv(8, socket.MSG_WAITALL))
    client.recv(length - 8, socket.MSG_WAITALL)
    return int(code)


def _message(kind: bytes, content: bytes) -> bytes:
    return kind + struct.pack("!i", len(content) + 4) + content
