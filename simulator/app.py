"""The ASGI app in front of a vendor's API: rate limits, faults, latency, and a record of all requests."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from simulator.control import ControlRoutes
from simulator.faults import Faults
from simulator.messages import ApiError, Request, Response, VendorApi
from simulator.rate_limit import Budget

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Sleep = Callable[[float], Coroutine[Any, Any, None]]

log = logging.getLogger(__name__)

HIDDEN = "(hidden)"
SECRET_HEADERS = frozenset({"apiintegrationcode", "authorization", "clientid", "cookie", "secret", "username"})


@dataclass(frozen=True)
class RecordedRequest:
    """A request and the status of its response, without secrets."""

    method: str
    path: str
    endpoint: str  # the path as the vendor's API description spells it
    query: dict[str, str]
    headers: dict[str, str]
    body: str  # as text; that of a form is hidden
    status: int
    millis: float


class App:
    """Serves one vendor's API."""

    def __init__(
        self, api: VendorApi, *, faults: Faults, budget: Budget, latency_seconds: float, sleep: Sleep = asyncio.sleep
    ) -> None:
        self.api = api
        self.faults = faults
        self.budget = budget
        self.latency_seconds = latency_seconds
        self._sleep = sleep
        self.requests: list[RecordedRequest] = []
        self.closing = asyncio.Event()
        self._control = ControlRoutes(api, faults, self.requests)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        started = time.perf_counter()
        request = self._request(scope, await _body(receive))
        if self._control.serves(request):
            await _send(self._control.respond(request, client=scope.get("client")), send)
            return
        with self.budget.request(self.api.budget_key(request.endpoint)) as error:
            response = self._respond(request, error)
            self._record(request, response, started)
            if await self._wait(response, receive):
                await _send(response, send)

    def _request(self, scope: MutableMapping[str, Any], body: bytes) -> Request:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        path = scope["path"]
        return Request(
            method=scope["method"],
            path=path,
            endpoint=self.api.endpoint(path),
            query=dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)),
            headers=headers,
            body=body,
            origin=f"{scope['scheme']}://{headers.get('host', 'localhost')}",
        )

    def _respond(self, request: Request, over_limit: ApiError | None) -> Response:
        faults = [] if over_limit else [fault for fault in self.faults if fault.applies_to(request)]
        try:
            if over_limit:
                raise over_limit
            replacement = next(filter(None, (fault.replacement() for fault in faults)), None)
            response = replacement or self.api.respond(request, faults)
        except ApiError as error:
            response = self.api.error_response(error)
        except Exception:
            # A bug of the simulator must not look like a fault that someone switched on.
            log.exception("The simulator itself failed at %s %s.", request.method, request.endpoint)
            response = self.api.error_response(ApiError(500, "The simulator itself failed; its log says why."))
        for fault in faults:
            response = fault.change_response(response)
        return response

    def _record(self, request: Request, response: Response, started: float) -> None:
        headers = {name: HIDDEN if name in SECRET_HEADERS else value for name, value in request.headers.items()}
        self.requests.append(
            RecordedRequest(
                method=request.method,
                path=request.path,
                endpoint=request.endpoint,
                query=dict(request.query),
                headers=headers,
                body=HIDDEN if "form" in headers.get("content-type", "") else request.body.decode(errors="replace"),
                status=response.status,
                millis=(time.perf_counter() - started) * 1000,
            )
        )

    async def _wait(self, response: Response, receive: Receive) -> bool:
        """Wait as long as the response demands. Return False if the client disconnected or the simulator stops."""
        wait_seconds = None if response.never_sent else response.wait_seconds + self.latency_seconds
        if wait_seconds == 0:
            return True
        ends = [asyncio.ensure_future(self.closing.wait()), asyncio.ensure_future(receive())]
        waiting = [] if wait_seconds is None else [asyncio.ensure_future(self._sleep(wait_seconds))]
        await asyncio.wait([*ends, *waiting], return_when=asyncio.FIRST_COMPLETED)
        is_over = not any(task.done() for task in ends)
        for task in (*ends, *waiting):
            task.cancel()
        return is_over


async def _body(receive: Receive) -> bytes:
    parts = []
    more = True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


async def _send(response: Response, send: Send) -> None:
    headers = {"Content-Length": str(len(response.body)), **response.headers}
    await send(
        {
            "type": "http.response.start",
            "status": response.status,
            "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()],
        }
    )
    cut = response.cut_after_bytes
    # If less than the announced length is sent, the server closes the connection. That is the fault.
    await send({"type": "http.response.body", "body": response.body[:cut], "more_body": cut is not None})
