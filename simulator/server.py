"""The simulator as a server: `with Simulator(World()) as simulator: ...` serves until the block ends."""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

import uvicorn

from simulator.app import App, RecordedRequest, Sleep
from simulator.faults import COMMON_FAULTS, Faults
from simulator.faults.base import Fault
from simulator.messages import VendorApi
from simulator.rate_limit import Budget, Limits
from simulator.ticket_activity import simulate_activity
from simulator.world import World

# Each package beside this module is a vendor, except the faults that all vendors share.
VENDORS = tuple(
    found.name for found in pkgutil.iter_modules([str(Path(__file__).parent)]) if found.ispkg and found.name != "faults"
)


class _Server(uvicorn.Server):
    """Reports when it listens, leaves signals to the program it runs in, and stops at once.

    uvicorn checks ten times a second whether it should stop. That is too slow for tests, which stop hundreds of
    simulators.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self.loop = asyncio.get_running_loop()
        self.stopping = asyncio.Event()
        await super().startup(sockets)
        self.listening.set()

    async def main_loop(self) -> None:
        while not self.stopping.is_set():
            await self.on_tick(0)  # sets the Date header of the responses
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self.stopping.wait(), timeout=1)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for listening in (*self.servers, *(sockets or ())):
            listening.close()
        while self.server_state.connections or self.server_state.tasks:
            for connection in list(self.server_state.connections):
                connection.shutdown()  # now, or after the response in progress
            await asyncio.sleep(0.001)


class Simulator:
    """One vendor's API on one port of this machine; port 0 takes any free one."""

    def __init__(
        self,
        world: World,
        *,
        vendor: str = "connectwise",
        faults: Iterable[Fault | str] = (),
        latency_ms: int = 0,
        rate_limit: int | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        """`clock` counts the windows of the limits, and `sleep` delays responses."""
        api = api_class(vendor)(world)
        self.vendor = vendor
        self.world = world
        self.faults = known_faults(vendor)
        for fault in faults:
            self.faults.add(fault)
        self.budget = Budget(_limited(api.limits, rate_limit), clock=clock)
        self._app = App(api, faults=self.faults, budget=self.budget, latency_seconds=latency_ms / 1000, sleep=sleep)
        self._address = (host, port)
        self.connection: Mapping[str, Any] = api.connection()

    @property
    def requests(self) -> list[RecordedRequest]:
        """All requests so far, in order."""
        return self._app.requests

    @property
    def url(self) -> str:
        """The address it listens on, available inside the `with` block."""
        host, port = self._socket.getsockname()[:2]
        return f"http://{host}:{port}"

    def __enter__(self) -> Simulator:
        self._socket = _bound(self._address)
        config = uvicorn.Config(
            self._app,
            loop="asyncio",
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
        )
        self._server = _Server(config)
        self._thread = threading.Thread(target=self._serve, name="psa-simulator", daemon=True)
        self._thread.start()
        self._server.listening.wait()
        if not self._server.started:
            self._thread.join()
            raise RuntimeError("The simulator could not start. See the traceback of its thread.")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.loop.call_soon_threadsafe(self._app.closing.set)
        self._server.loop.call_soon_threadsafe(self._server.stopping.set)
        self._thread.join()

    def simulate_activity(self, seed: int) -> None:
        """Let one ticket change now, between two requests."""
        at = datetime.now(timezone.utc)
        self._server.loop.call_soon_threadsafe(partial(simulate_activity, self.world, seed, at=at))

    def _serve(self) -> None:
        try:
            self._server.run(sockets=[self._socket])
        finally:
            self._server.listening.set()
            self._socket.close()


def api_class(vendor: str) -> type[VendorApi]:
    """The API class of a vendor, imported when it is needed."""
    api: type[VendorApi] = importlib.import_module(f"simulator.{vendor}").Api
    return api


def known_faults(vendor: str) -> Faults:
    """An empty set of faults that accepts every fault of this vendor."""
    return Faults((*COMMON_FAULTS, *api_class(vendor).faults))


def _limited(limits: Limits, requests: int | None) -> Limits:
    """The vendor's limits, the first of them with this number of requests if one is given."""
    if requests is None:
        return limits
    first, *others = limits.rates
    return replace(limits, rates=(replace(first, requests=requests), *others))


def _bound(address: tuple[str, int]) -> socket.socket:
    """Bind the socket before any thread starts, so that a busy port is an error of the caller."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # asyncio sets NODELAY by proto
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(address)
        bound.listen(128)
    except OSError:
        bound.close()
        raise
    return bound
